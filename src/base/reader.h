/* SPDX-License-Identifier: Apache-2.0 */
/* The one cursor over wire bytes. A read past the end sets a sticky failure and yields zeros (or an
 * empty view); parsers read one field per statement in wire order and look once, at the end, with
 * att_reader_end(). Nothing that was read may be used before that call said ATT_OK. */
#ifndef ATT_BASE_READER_H
#define ATT_BASE_READER_H

#include "attest/base.h"

typedef struct att_reader {
	const uint8_t *p;
	const uint8_t *end;
	size_t base;           /* absolute offset of *p in the caller's input */
	const char *bad_field; /* first field that failed, static text; NULL while all went well */
	size_t bad_offset;
	size_t bad_want; /* bytes the failed read wanted; 0 for a field that was marked */
} att_reader;

att_reader att_reader_of(att_bytes in);

/* A reader whose first byte has absolute offset `base` in what the caller gave. */
att_reader att_reader_at(att_bytes in, size_t base);

uint8_t att_u8(att_reader *r, const char *field);
uint16_t att_le16(att_reader *r, const char *field);
uint32_t att_le32(att_reader *r, const char *field);
uint64_t att_le64(att_reader *r, const char *field);

/* A borrowed view of the next n bytes; empty after a failure. */
att_bytes att_view(att_reader *r, size_t n, const char *field);

/* Copies the next n bytes to dst; zeros dst after a failure. */
void att_copy(att_reader *r, void *dst, size_t n, const char *field);

void att_skip(att_reader *r, size_t n, const char *field);

/* A reader over the next n bytes, which this one steps over. After a failure the new reader carries
 * the failure too. */
att_reader att_sub(att_reader *r, size_t n, const char *field);

/* Bytes left; 0 after a failure. */
size_t att_left(const att_reader *r);

/* The remaining bytes without consuming them. */
att_bytes att_peek_rest(const att_reader *r);

/* Absolute offset of the next byte. */
size_t att_tell(const att_reader *r);

/* Marks the field as bad from outside (a value that can not be, a nested failure). */
void att_reader_mark(att_reader *r, const char *field);

/* ATT_OK when every read was inside the input; else ATT_E_TRUNCATED, "truncated in FIELD @OFFSET".
 * A field that att_reader_mark() marked is ATT_E_FORMAT, "bad FIELD @OFFSET". */
att_rc att_reader_ok(const att_reader *r, att_err *err) ATT_MUST_USE;

/* As att_reader_ok, and nothing may be left: else ATT_E_TRAILING, "N bytes after the end
 * @OFFSET". */
att_rc att_reader_end(const att_reader *r, att_err *err) ATT_MUST_USE;

#endif
