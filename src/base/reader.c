/* SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

#include <string.h>

#include "base/error.h"

att_reader att_reader_of(att_bytes in)
{
	return att_reader_at(in, 0);
}

att_reader att_reader_at(att_bytes in, size_t base)
{
	const uint8_t *end = in.len ? in.ptr + in.len : in.ptr;

	return (att_reader){ .p = in.ptr, .end = end, .base = base };
}

size_t att_left(const att_reader *r)
{
	return r->bad_field ? 0 : (size_t)(r->end - r->p);
}

static void fail(att_reader *r, const char *field, size_t want)
{
	if (r->bad_field)
		return;
	r->bad_field = field;
	r->bad_offset = r->base;
	r->bad_want = want;
}

/* The next n > 0 bytes, or NULL after marking the failure. */
static const uint8_t *take(att_reader *r, size_t n, const char *field)
{
	if (n > att_left(r)) {
		fail(r, field, n);
		return NULL;
	}
	const uint8_t *p = r->p;
	r->p += n;
	r->base += n;
	return p;
}

uint8_t att_u8(att_reader *r, const char *field)
{
	const uint8_t *p = take(r, 1, field);

	return p ? p[0] : 0;
}

uint16_t att_le16(att_reader *r, const char *field)
{
	const uint8_t *p = take(r, 2, field);

	if (!p)
		return 0;
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t att_le32(att_reader *r, const char *field)
{
	const uint8_t *p = take(r, 4, field);

	return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
		       (uint32_t)p[3] << 24
		 : 0;
}

uint64_t att_le64(att_reader *r, const char *field)
{
	const uint8_t *p = take(r, 8, field);
	uint64_t v = 0;

	for (unsigned i = 0; p && i < 8; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

att_bytes att_view(att_reader *r, size_t n, const char *field)
{
	const uint8_t *p = n ? take(r, n, field) : NULL;

	return p ? att_bytes_of(p, n) : att_bytes_of(NULL, 0);
}

void att_copy(att_reader *r, void *dst, size_t n, const char *field)
{
	if (n == 0)
		return;
	const uint8_t *p = take(r, n, field);
	if (p)
		memcpy(dst, p, n);
	else
		memset(dst, 0, n);
}

void att_skip(att_reader *r, size_t n, const char *field)
{
	if (n)
		take(r, n, field);
}

att_reader att_sub(att_reader *r, size_t n, const char *field)
{
	size_t base = r->base;
	att_bytes in = att_view(r, n, field);
	att_reader sub = att_reader_at(in, base);

	sub.bad_field = r->bad_field;
	sub.bad_offset = r->bad_offset;
	sub.bad_want = r->bad_want;
	return sub;
}

att_bytes att_peek_rest(const att_reader *r)
{
	size_t left = att_left(r);

	return left ? att_bytes_of(r->p, left) : att_bytes_of(NULL, 0);
}

size_t att_tell(const att_reader *r)
{
	return r->base;
}

void att_reader_mark(att_reader *r, const char *field)
{
	fail(r, field, 0);
}

att_rc att_reader_ok(const att_reader *r, att_err *err)
{
	if (!r->bad_field)
		return ATT_OK;
	if (r->bad_want == 0)
		return att_fail_at(err, ATT_E_FORMAT, r->bad_offset, "bad %s", r->bad_field);
	return att_fail_at(err, ATT_E_TRUNCATED, r->bad_offset, "truncated in %s", r->bad_field);
}

att_rc att_reader_end(const att_reader *r, att_err *err)
{
	att_rc rc = att_reader_ok(r, err);
	if (rc != ATT_OK)
		return rc;
	size_t left = att_left(r);
	if (left)
		return att_fail_at(err, ATT_E_TRAILING, r->base, "%zu byte%s after the end", left,
				   left == 1 ? "" : "s");
	return ATT_OK;
}
