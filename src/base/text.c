/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"

/* Digit tables hold DIGIT | value; 0 is what no alphabet has. */
#define DIGIT 0x80
#define VALUE 0x3f
#define SPACE 0x40
#define PAD   0x41

#define D(v) (DIGIT | (v))

static const uint8_t hex_digit[256] = {
	['0'] = D(0),  ['1'] = D(1),  ['2'] = D(2),  ['3'] = D(3),  ['4'] = D(4),  ['5'] = D(5),
	['6'] = D(6),  ['7'] = D(7),  ['8'] = D(8),  ['9'] = D(9),  ['a'] = D(10), ['b'] = D(11),
	['c'] = D(12), ['d'] = D(13), ['e'] = D(14), ['f'] = D(15), ['A'] = D(10), ['B'] = D(11),
	['C'] = D(12), ['D'] = D(13), ['E'] = D(14), ['F'] = D(15),
};

/* The 62 characters that base64 and base64url share. */
/* clang-format off */
#define ALPHANUMERIC                                                                               \
	['A'] = D(0),  ['B'] = D(1),  ['C'] = D(2),  ['D'] = D(3),  ['E'] = D(4),  ['F'] = D(5),   \
	['G'] = D(6),  ['H'] = D(7),  ['I'] = D(8),  ['J'] = D(9),  ['K'] = D(10), ['L'] = D(11),  \
	['M'] = D(12), ['N'] = D(13), ['O'] = D(14), ['P'] = D(15), ['Q'] = D(16), ['R'] = D(17),  \
	['S'] = D(18), ['T'] = D(19), ['U'] = D(20), ['V'] = D(21), ['W'] = D(22), ['X'] = D(23),  \
	['Y'] = D(24), ['Z'] = D(25), ['a'] = D(26), ['b'] = D(27), ['c'] = D(28), ['d'] = D(29),  \
	['e'] = D(30), ['f'] = D(31), ['g'] = D(32), ['h'] = D(33), ['i'] = D(34), ['j'] = D(35),  \
	['k'] = D(36), ['l'] = D(37), ['m'] = D(38), ['n'] = D(39), ['o'] = D(40), ['p'] = D(41),  \
	['q'] = D(42), ['r'] = D(43), ['s'] = D(44), ['t'] = D(45), ['u'] = D(46), ['v'] = D(47),  \
	['w'] = D(48), ['x'] = D(49), ['y'] = D(50), ['z'] = D(51), ['0'] = D(52), ['1'] = D(53),  \
	['2'] = D(54), ['3'] = D(55), ['4'] = D(56), ['5'] = D(57), ['6'] = D(58), ['7'] = D(59),  \
	['8'] = D(60), ['9'] = D(61)
/* clang-format on */

static const uint8_t base64_digit[256] = {
	ALPHANUMERIC,   ['+'] = D(62),  ['/'] = D(63),  [' '] = SPACE,
	['\t'] = SPACE, ['\r'] = SPACE, ['\n'] = SPACE, ['='] = PAD,
};

static const uint8_t base64url_digit[256] = { ALPHANUMERIC, ['-'] = D(62), ['_'] = D(63) };

static const char base64_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void att_hex_encode(att_bytes in, char *out)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < in.len; i++) {
		*out++ = digit[in.ptr[i] >> 4];
		*out++ = digit[in.ptr[i] & 15];
	}
	*out = '\0';
}

att_rc att_hex_decode(att_bytes in, uint8_t *out, size_t out_len, att_err *err)
{
	if (in.len % 2 != 0)
		return att_fail(err, ATT_E_FORMAT, "hex text has an odd number of digits, %zu",
				in.len);
	if (out_len != in.len / 2)
		return att_fail(err, ATT_E_FORMAT, "hex text has %zu digits, expected %zu", in.len,
				2 * out_len);
	for (size_t i = 0; i < out_len; i++) {
		uint8_t hi = hex_digit[in.ptr[2 * i]];
		uint8_t lo = hex_digit[in.ptr[2 * i + 1]];
		if (!(hi & lo & DIGIT))
			return att_fail_at(err, ATT_E_FORMAT, 2 * i + (hi & DIGIT ? 1 : 0),
					   "expected a hex digit");
		out[i] = (uint8_t)((hi & 15) << 4 | (lo & 15));
	}
	return ATT_OK;
}

struct base64 {
	const uint8_t *digit;
	bool skip_ws;
	bool padded;
	att_bytes in;
	size_t i;
	uint8_t *out;
	size_t len;
	size_t room;
};

/* Whole groups of four digits; stops at anything else. */
static void decode_groups(struct base64 *b)
{
	size_t groups = (b->in.len - b->i) / 4;
	size_t fit = (b->room - b->len) / 3;

	if (groups > fit)
		groups = fit;
	if (groups == 0)
		return;
	const uint8_t *d = b->digit;
	const uint8_t *p = b->in.ptr + b->i;
	uint8_t *o = b->out + b->len;
	for (; groups > 0; groups--, p += 4, o += 3) {
		unsigned c0 = d[p[0]], c1 = d[p[1]], c2 = d[p[2]], c3 = d[p[3]];
		if (!(c0 & c1 & c2 & c3 & DIGIT))
			break;
		unsigned v =
		    (c0 & VALUE) << 18 | (c1 & VALUE) << 12 | (c2 & VALUE) << 6 | (c3 & VALUE);
		o[0] = (uint8_t)(v >> 16);
		o[1] = (uint8_t)(v >> 8);
		o[2] = (uint8_t)v;
	}
	b->i = (size_t)(p - b->in.ptr);
	b->len = (size_t)(o - b->out);
}

static att_rc put_group(struct base64 *b, uint32_t acc, unsigned digits, att_err *err)
{
	unsigned bytes = digits - 1;

	acc <<= 6 * (4 - digits);
	if (acc & (0xffffffu >> (8 * bytes)))
		return att_fail_at(err, ATT_E_FORMAT, b->i, "unused base64 bits are not zero");
	if (bytes > b->room - b->len)
		return att_fail_at(err, ATT_E_FORMAT, b->i,
				   "base64 text decodes to more than %zu bytes", b->room);
	for (unsigned k = 0; k < bytes; k++)
		b->out[b->len++] = (uint8_t)(acc >> (16 - 8 * k));
	return ATT_OK;
}

static void skip_space(struct base64 *b)
{
	while (b->skip_ws && b->i < b->in.len && b->digit[b->in.ptr[b->i]] == SPACE)
		b->i++;
}

/* What follows the last digit: the group's padding and nothing else. */
static att_rc decode_tail(struct base64 *b, uint32_t acc, unsigned digits, att_err *err)
{
	unsigned pads = 0;

	for (skip_space(b); b->padded && b->i < b->in.len; skip_space(b)) {
		if (b->digit[b->in.ptr[b->i]] != PAD)
			break;
		b->i++;
		pads++;
	}
	if (b->i < b->in.len)
		return att_fail_at(err, ATT_E_FORMAT, b->i, "expected a base64 digit");
	unsigned want = b->padded && digits > 1 ? 4 - digits : 0;
	if (digits == 1 || pads != want)
		return att_fail_at(err, ATT_E_FORMAT, b->i,
				   "base64 text ends with %u digits and %u padding characters",
				   digits, pads);
	return digits ? put_group(b, acc, digits, err) : ATT_OK;
}

static att_rc decode(struct base64 *b, att_err *err)
{
	uint32_t acc = 0;
	unsigned digits = 0;

	while (b->i < b->in.len) {
		if (digits == 0) {
			decode_groups(b);
			if (b->i == b->in.len)
				break;
		}
		uint8_t c = b->digit[b->in.ptr[b->i]];
		if (!(c & DIGIT)) {
			if (c != SPACE || !b->skip_ws)
				break;
			b->i++;
			continue;
		}
		acc = acc << 6 | (c & VALUE);
		b->i++;
		if (++digits == 4) {
			att_rc rc = put_group(b, acc, digits, err);
			if (rc != ATT_OK)
				return rc;
			acc = 0;
			digits = 0;
		}
	}
	return decode_tail(b, acc, digits, err);
}

static att_rc decode_into(struct base64 *b, size_t *out_len, att_err *err)
{
	b->room = *out_len;
	*out_len = 0;
	att_rc rc = decode(b, err);
	if (rc == ATT_OK)
		*out_len = b->len;
	return rc;
}

att_rc att_base64_decode(att_bytes in, bool skip_ws, uint8_t *out, size_t *out_len, att_err *err)
{
	struct base64 b = {
		.digit = base64_digit, .skip_ws = skip_ws, .padded = true, .in = in, .out = out
	};

	return decode_into(&b, out_len, err);
}

att_rc att_base64url_decode(att_bytes in, uint8_t *out, size_t *out_len, att_err *err)
{
	struct base64 b = { .digit = base64url_digit, .in = in, .out = out };

	return decode_into(&b, out_len, err);
}

static void encode(att_buf *b, att_bytes in, const char *chars, bool pad)
{
	for (size_t i = 0; i < in.len; i += 3) {
		size_t n = in.len - i < 3 ? in.len - i : 3;
		uint32_t v = (uint32_t)in.ptr[i] << 16;
		if (n > 1)
			v |= (uint32_t)in.ptr[i + 1] << 8;
		if (n > 2)
			v |= in.ptr[i + 2];
		char group[4] = { '=', '=', '=', '=' };
		for (size_t k = 0; k <= n; k++)
			group[k] = chars[v >> (18 - 6 * k) & 63];
		att_put_mem(b, group, pad ? 4 : n + 1);
	}
}

void att_put_base64(struct att_buf *b, att_bytes in)
{
	encode(b, in, base64_chars, true);
}

void att_put_base64url(struct att_buf *b, att_bytes in)
{
	encode(b, in, base64url_chars, false);
}

att_rc att_percent_decode(att_bytes in, struct att_buf *b, att_err *err)
{
	size_t i = 0;

	while (i < in.len) {
		const uint8_t *stop = memchr(in.ptr + i, '%', in.len - i);
		size_t n = stop ? (size_t)(stop - in.ptr) - i : in.len - i;
		att_put_mem(b, in.ptr + i, n);
		i += n;
		if (!stop)
			break;
		uint8_t hi = in.len - i > 2 ? hex_digit[in.ptr[i + 1]] : 0;
		uint8_t lo = in.len - i > 2 ? hex_digit[in.ptr[i + 2]] : 0;
		if (!(hi & lo & DIGIT))
			return att_fail_at(err, ATT_E_FORMAT, i,
					   "'%%' is not followed by two hex digits");
		att_put_u8(b, (uint8_t)((hi & 15) << 4 | (lo & 15)));
		i += 3;
	}
	return att_buf_ok(b, err);
}

/* Unicode 15.0, table 3-7. */
size_t att_utf8_step(const uint8_t *p, size_t left)
{
	uint8_t c = p[0];

	if (c < 0x80)
		return 1;
	size_t n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (c < 0xc2 || c > 0xf4 || left < n)
		return 0;
	uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	uint8_t high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t k = 2; k < n; k++) {
		if ((p[k] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

bool att_utf8_valid(att_bytes b)
{
	for (size_t i = 0; i < b.len;) {
		size_t n = att_utf8_step(b.ptr + i, b.len - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}
