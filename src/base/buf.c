/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

#define FIRST_CAP 256

void att_buf_free(att_buf *b)
{
	free(b->ptr);
	*b = (att_buf){ 0 };
}

static size_t max_of(const att_buf *b)
{
	return b->max ? b->max : ATT_BUF_MAX;
}

/* Room for n more bytes; `spare` of them may lie beyond the cap (the NUL of a text). */
static bool reserve(att_buf *b, size_t n, size_t spare)
{
	size_t max = max_of(b);

	if (b->failed)
		return false;
	if (max > SIZE_MAX / 2 || b->len > max || n > max - b->len) {
		b->failed = true;
		return false;
	}
	size_t need = b->len + n + spare;
	if (need <= b->cap)
		return true;
	size_t cap = b->cap ? b->cap : FIRST_CAP;
	while (cap < need)
		cap *= 2;
	uint8_t *p = realloc(b->ptr, cap);
	if (!p) {
		b->failed = true;
		return false;
	}
	b->ptr = p;
	b->cap = cap;
	return true;
}

void att_put_mem(att_buf *b, const void *p, size_t len)
{
	if (len == 0 || !reserve(b, len, 0))
		return;
	memcpy(b->ptr + b->len, p, len);
	b->len += len;
}

void att_put(att_buf *b, att_bytes in)
{
	att_put_mem(b, in.ptr, in.len);
}

void att_put_str(att_buf *b, const char *s)
{
	att_put_mem(b, s, strlen(s));
}

void att_put_u8(att_buf *b, uint8_t v)
{
	att_put_mem(b, &v, 1);
}

static void put_le(att_buf *b, uint64_t v, size_t n)
{
	uint8_t le[8];

	for (size_t i = 0; i < n; i++)
		le[i] = (uint8_t)(v >> (8 * i));
	att_put_mem(b, le, n);
}

void att_put_le16(att_buf *b, uint16_t v)
{
	put_le(b, v, 2);
}

void att_put_le32(att_buf *b, uint32_t v)
{
	put_le(b, v, 4);
}

void att_put_le64(att_buf *b, uint64_t v)
{
	put_le(b, v, 8);
}

void att_put_be16(att_buf *b, uint16_t v)
{
	const uint8_t be[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	att_put_mem(b, be, sizeof(be));
}

void att_put_zero(att_buf *b, size_t n)
{
	if (n == 0 || !reserve(b, n, 0))
		return;
	memset(b->ptr + b->len, 0, n);
	b->len += n;
}

void att_put_hex(att_buf *b, att_bytes in)
{
	if (in.len > max_of(b) / 2) {
		b->failed = true;
		return;
	}
	if (in.len == 0 || !reserve(b, 2 * in.len, 1))
		return;
	char *text = (char *)b->ptr + b->len;
	att_hex_encode(in, text);
	b->len += 2 * in.len;
}

void att_putf(att_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if (!reserve(b, (size_t)n, 1))
		return;
	va_start(ap, fmt);
	int written = vsnprintf((char *)b->ptr + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	if (written != n)
		b->failed = true;
	else
		b->len += (size_t)n;
}

att_rc att_buf_ok(const att_buf *b, att_err *err)
{
	if (!b->failed)
		return ATT_OK;
	return att_fail(err, ATT_E_NOMEM, "output of %zu bytes can not grow, at most %zu bytes",
			b->len, max_of(b));
}

char *att_buf_steal_str(att_buf *b)
{
	char *text = NULL;

	if (reserve(b, 0, 1)) {
		b->ptr[b->len] = 0;
		text = (char *)ATT_STEAL(b->ptr);
	}
	size_t max = b->max;
	att_buf_free(b);
	b->max = max;
	return text;
}
