/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_string.h"

#include <string.h>

/* Well-formed is what the reader left of a string: nothing here can run past its end. */
struct walk {
	const uint8_t *p;
	const uint8_t *end;
	uint8_t utf8[4];
	unsigned n;
	unsigned used;
};

static unsigned hex4(const uint8_t *p)
{
	unsigned v = 0;

	for (unsigned i = 0; i < 4; i++) {
		unsigned c = p[i];
		v = v << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return v;
}

static unsigned put_utf8(uint32_t c, uint8_t out[4])
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	unsigned n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (unsigned i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(lead[n] | c);
	return n;
}

/* Decodes the escape at *p, steps over it and returns the number of bytes it stands for. */
static unsigned unescape_one(const uint8_t **p, uint8_t out[4])
{
	static const uint8_t named[256] = {
		['b'] = '\b', ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r',
		['t'] = '\t', ['"'] = '"',  ['\\'] = '\\', ['/'] = '/'
	};
	uint8_t kind = (*p)[1];

	if (kind != 'u') {
		*p += 2;
		out[0] = named[kind];
		return 1;
	}
	uint32_t c = hex4(*p + 2);
	*p += 6;
	if (c >= 0xd800 && c <= 0xdbff) {
		c = 0x10000 + ((c - 0xd800) << 10) + (hex4(*p + 2) - 0xdc00);
		*p += 6;
	}
	return put_utf8(c, out);
}

/* The next decoded byte, -1 at the end. */
static int next_byte(struct walk *w)
{
	if (w->used < w->n)
		return w->utf8[w->used++];
	if (w->p == w->end)
		return -1;
	if (*w->p != '\\')
		return *w->p++;
	w->n = unescape_one(&w->p, w->utf8);
	w->used = 1;
	return w->utf8[0];
}

int att_json_compare(att_bytes a, att_bytes b, bool escaped)
{
	if (!escaped) {
		size_t n = a.len < b.len ? a.len : b.len;
		int c = memcmp(a.ptr, b.ptr, n);
		return c ? c : (a.len > b.len) - (a.len < b.len);
	}
	struct walk wa = { .p = a.ptr, .end = a.ptr + a.len };
	struct walk wb = { .p = b.ptr, .end = b.ptr + b.len };
	for (;;) {
		int ca = next_byte(&wa);
		int cb = next_byte(&wb);
		if (ca != cb)
			return ca - cb;
		if (ca < 0)
			return 0;
	}
}

bool att_json_equals(att_bytes raw, att_bytes bytes)
{
	struct walk w = { .p = raw.ptr, .end = raw.ptr + raw.len };

	for (size_t i = 0; i < bytes.len; i++) {
		if (next_byte(&w) != bytes.ptr[i])
			return false;
	}
	return next_byte(&w) < 0;
}

size_t att_json_unescape(att_bytes raw, uint8_t *out)
{
	const uint8_t *p = raw.ptr;
	const uint8_t *end = raw.ptr + raw.len;
	uint8_t *o = out;

	while (p < end) {
		const uint8_t *escape = memchr(p, '\\', (size_t)(end - p));
		size_t run = (size_t)((escape ? escape : end) - p);

		memcpy(o, p, run);
		o += run;
		p += run;
		if (!escape)
			break;
		uint8_t utf8[4];
		unsigned n = unescape_one(&p, utf8);
		memcpy(o, utf8, n);
		o += n;
	}
	return (size_t)(o - out);
}
