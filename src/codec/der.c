/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/der.h"

#include "base/civil.h"

#define TAG_NUMBER  0x1f /* all ones: the tag number is in the next bytes (X.690 8.1.2.4) */
#define LENGTH_LONG 0x80
#define LENGTH_MAX  4

/* Blames the element that begins at `start`, unless something failed before. */
static void reject(att_reader *r, const att_reader *start, const char *field)
{
	if (r->bad_field)
		return;
	*r = *start;
	att_reader_mark(r, field);
}

/* X.690 section 8.1.3, with the restrictions of section 10.1: definite and in the fewest bytes. */
static size_t length(att_reader *r, const att_reader *start, const char *field)
{
	uint8_t first = att_u8(r, field);
	if (first < LENGTH_LONG)
		return first;

	unsigned n = first & 0x7f;
	if (n == 0 || n > LENGTH_MAX) {
		reject(r, start, field);
		return 0;
	}
	uint32_t len = 0;
	for (unsigned i = 0; i < n; i++)
		len = len << 8 | att_u8(r, field);
	if (len < LENGTH_LONG || len >> (8 * (n - 1)) == 0) {
		reject(r, start, field);
		return 0;
	}
	return len;
}

/* Tag and length of the next element. */
static uint8_t header(att_reader *r, size_t *len, const char *field)
{
	att_reader start = *r;
	uint8_t tag = att_u8(r, field);

	if (tag == 0 || (tag & TAG_NUMBER) == TAG_NUMBER)
		reject(r, &start, field);
	*len = length(r, &start, field);
	return tag;
}

uint8_t att_der_peek(const att_reader *r)
{
	att_bytes rest = att_peek_rest(r);

	return rest.len ? rest.ptr[0] : 0;
}

/* Steps over the header of the next element, which must have the tag. */
static size_t enter(att_reader *r, uint8_t tag, const char *field)
{
	att_reader start = *r;
	size_t len;

	if (header(r, &len, field) != tag)
		reject(r, &start, field);
	return r->bad_field ? 0 : len;
}

att_bytes att_der_get(att_reader *r, uint8_t tag, const char *field)
{
	size_t len = enter(r, tag, field);

	return att_view(r, len, field);
}

att_reader att_der_enter(att_reader *r, uint8_t tag, const char *field)
{
	size_t len = enter(r, tag, field);

	return att_sub(r, len, field);
}

bool att_der_optional(att_reader *r, uint8_t tag, att_bytes *out, const char *field)
{
	*out = att_bytes_of(NULL, 0);
	if (att_der_peek(r) != tag)
		return false;
	*out = att_der_get(r, tag, field);
	return !r->bad_field;
}

att_bytes att_der_element(att_reader *r, uint8_t *tag, const char *field)
{
	att_reader start = *r;
	size_t len;

	*tag = header(r, &len, field);
	att_skip(r, len, field);
	if (r->bad_field) {
		*tag = 0;
		return att_bytes_of(NULL, 0);
	}
	return att_view(&start, att_tell(r) - att_tell(&start), field);
}

int64_t att_der_uint(att_reader *r, uint8_t tag, const char *field)
{
	att_reader start = *r;
	att_bytes c = att_der_get(r, tag, field);
	if (r->bad_field)
		return 0;

	/* X.690 section 8.3.2: the first nine bits are not all equal. */
	bool padded = c.len > 1 && c.ptr[0] == 0 && c.ptr[1] < 0x80;
	if (c.len == 0 || c.len > 8 || c.ptr[0] >= 0x80 || padded) {
		reject(r, &start, field);
		return 0;
	}
	uint64_t v = 0;
	for (size_t i = 0; i < c.len; i++)
		v = v << 8 | c.ptr[i];
	return (int64_t)v;
}

bool att_der_bool(att_reader *r, const char *field)
{
	att_reader start = *r;
	att_bytes c = att_der_get(r, ATT_DER_BOOLEAN, field);

	if (c.len != 1 || (c.ptr[0] != 0 && c.ptr[0] != 0xff)) {
		reject(r, &start, field);
		return false;
	}
	return c.ptr[0] == 0xff;
}

att_bytes att_der_bits(att_reader *r, const char *field)
{
	att_reader start = *r;
	att_bytes c = att_der_get(r, ATT_DER_BIT_STRING, field);

	if (c.len == 0 || c.ptr[0] != 0) {
		reject(r, &start, field);
		return att_bytes_of(NULL, 0);
	}
	return att_bytes_of(c.ptr + 1, c.len - 1);
}

static int digits(att_reader *c, unsigned n)
{
	int v = 0;

	for (unsigned i = 0; i < n; i++) {
		uint8_t d = att_u8(c, "digit");
		if (d < '0' || d > '9')
			att_reader_mark(c, "digit");
		v = v * 10 + (d - '0');
	}
	return v;
}

int64_t att_der_time(att_reader *r, const char *field)
{
	att_reader start = *r;
	uint8_t tag = att_der_peek(r);
	bool utc = tag == ATT_DER_UTC_TIME;
	att_reader c = att_der_enter(r, utc ? ATT_DER_UTC_TIME : ATT_DER_GENERALIZED, field);

	int year = digits(&c, utc ? 2 : 4);
	int month = digits(&c, 2);
	int day = digits(&c, 2);
	int hour = digits(&c, 2);
	int min = digits(&c, 2);
	int sec = digits(&c, 2);
	bool zulu = att_u8(&c, "zone") == 'Z';
	if (utc)
		year += year < 50 ? 2000 : 1900;

	int64_t t = 0;
	bool good = att_reader_end(&c, NULL) == ATT_OK && zulu && (utc || year >= 2050) &&
		    att_civil_to_time(year, month, day, hour, min, sec, &t);
	if (!good) {
		reject(r, &start, field);
		return 0;
	}
	return t;
}
