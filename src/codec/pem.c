/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pem.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"

#define LINE_BYTES 48 /* 64 characters (RFC 7468 section 2) */

static bool is_eol(uint8_t c)
{
	return c == '\n' || c == '\r';
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || is_eol(c);
}

static size_t space_before(att_bytes in)
{
	size_t i = 0;

	while (i < in.len && is_space(in.ptr[i]))
		i++;
	return i;
}

static att_bytes behind(att_bytes in, size_t n)
{
	return att_bytes_of(in.ptr + n, in.len - n);
}

static bool starts_with(att_bytes in, const char *s, size_t len)
{
	return in.len >= len && memcmp(in.ptr, s, len) == 0;
}

/* Length of "-----WHAT LABEL-----" when `in` starts with it, else 0. */
static size_t boundary(att_bytes in, const char *what, const char *label)
{
	const char *part[3] = { what, label, "-----" };
	size_t n = 0;

	for (unsigned i = 0; i < 3; i++) {
		size_t len = strlen(part[i]);
		if (!starts_with(behind(in, n), part[i], len))
			return 0;
		n += len;
	}
	return n;
}

/* Nothing but white space and, where C programs wrote a string, its NUL. */
static bool only_space(att_bytes in)
{
	size_t i = in.len ? space_before(in) : 0;

	return i == in.len || (i + 1 == in.len && in.ptr[i] == 0);
}

static att_rc next_block(att_reader *r, const char *label, uint8_t *out, size_t *room, att_err *err)
{
	att_bytes all = att_peek_rest(r);
	size_t base = att_tell(r);

	if (only_space(all)) {
		att_skip(r, all.len, "pem");
		return att_fail(err, ATT_E_MISSING, "no further %s block", label);
	}
	size_t begin = space_before(all);
	size_t n = boundary(behind(all, begin), "-----BEGIN ", label);
	size_t body = begin + n;
	if (n == 0 || (body < all.len && !is_space(all.ptr[body])))
		return att_fail_at(err, ATT_E_FORMAT, base + begin,
				   "expected a line -----BEGIN %s-----", label);

	/* '-' is no base64 digit: the first one ends the text. */
	const uint8_t *dash = body < all.len ? memchr(all.ptr + body, '-', all.len - body) : NULL;
	if (!dash)
		return att_fail_at(err, ATT_E_TRUNCATED, base + all.len,
				   "expected a line -----END %s-----", label);
	size_t end = (size_t)(dash - all.ptr);
	n = boundary(behind(all, end), "-----END ", label);
	if (n == 0 || !is_eol(all.ptr[end - 1]))
		return att_fail_at(err, ATT_E_FORMAT, base + end,
				   "expected a line -----END %s-----", label);

	att_err e;
	size_t len = *room;
	att_bytes text = att_bytes_of(all.ptr + body, end - body);
	if (att_base64_decode(text, true, out, &len, &e) != ATT_OK)
		return att_fail_at(err, ATT_E_FORMAT, base + body + e.offset,
				   "%s block is no base64 text of at most %zu bytes", label, *room);
	att_skip(r, end + n, "pem");
	*room = len;
	return ATT_OK;
}

att_rc att_pem_next(att_reader *r, const char *label, uint8_t *out, size_t *out_len, att_err *err)
{
	size_t len = *out_len;

	*out_len = 0;
	att_rc rc = att_reader_ok(r, err);
	if (rc == ATT_OK)
		rc = next_block(r, label, out, &len, err);
	if (rc == ATT_OK)
		*out_len = len;
	return rc;
}

bool att_pem_looks(att_bytes in)
{
	static const char begin[] = "-----BEGIN ";

	return in.len && starts_with(behind(in, space_before(in)), begin, sizeof(begin) - 1);
}

void att_put_pem(struct att_buf *b, const char *label, att_bytes der)
{
	att_putf(b, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; i < der.len; i += LINE_BYTES) {
		size_t n = der.len - i < LINE_BYTES ? der.len - i : LINE_BYTES;
		att_put_base64(b, att_bytes_of(der.ptr + i, n));
		att_put_u8(b, '\n');
	}
	att_putf(b, "-----END %s-----\n", label);
}
