/* SPDX-License-Identifier: Apache-2.0 */
/* A strict DER cursor (X.690): definite minimal lengths, low tag numbers, no recursion. Built on
 * att_reader, with the same sticky failure: read, then look once with att_reader_end(). */
#ifndef ATT_CODEC_DER_H
#define ATT_CODEC_DER_H

#include "base/reader.h"

#define ATT_DER_BOOLEAN                0x01
#define ATT_DER_INTEGER                0x02
#define ATT_DER_BIT_STRING             0x03
#define ATT_DER_OCTET_STRING           0x04
#define ATT_DER_NULL                   0x05
#define ATT_DER_OID                    0x06
#define ATT_DER_ENUMERATED             0x0a
#define ATT_DER_UTF8_STRING            0x0c
#define ATT_DER_SEQUENCE               0x30
#define ATT_DER_SET                    0x31
#define ATT_DER_UTC_TIME               0x17
#define ATT_DER_GENERALIZED            0x18
#define ATT_DER_CONTEXT(n)             (0x80 | (n))
#define ATT_DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

/* The tag of the next element; 0 at the end or after a failure. */
uint8_t att_der_peek(const att_reader *r);

/* Contents of the next element, which must have the tag. */
att_bytes att_der_get(att_reader *r, uint8_t tag, const char *field);

/* A reader over the contents of the next element (SEQUENCE, SET, explicit tags). */
att_reader att_der_enter(att_reader *r, uint8_t tag, const char *field);

/* Contents of the next element when it has the tag; else false and nothing is consumed. */
bool att_der_optional(att_reader *r, uint8_t tag, att_bytes *out, const char *field);

/* The next element whole, header included; *tag gets its tag. */
att_bytes att_der_element(att_reader *r, uint8_t *tag, const char *field);

/* A non-negative INTEGER or ENUMERATED (by `tag`) that fits 63 bits, minimally encoded. */
int64_t att_der_uint(att_reader *r, uint8_t tag, const char *field);

/* BOOLEAN: 0x00 or 0xff only. */
bool att_der_bool(att_reader *r, const char *field);

/* Contents of a BIT STRING of whole bytes (unused bits must be 0). */
att_bytes att_der_bits(att_reader *r, const char *field);

/* UTCTime (YYMMDDhhmmssZ, 1950 to 2049) or GeneralizedTime (YYYYMMDDhhmmssZ, 2050 on: RFC 5280
 * section 4.1.2.5; earlier years in GeneralizedTime are refused). */
int64_t att_der_time(att_reader *r, const char *field);

#endif
