/* SPDX-License-Identifier: Apache-2.0 */
/* The one writer: a growing byte buffer with a sticky failure, checked once at the end. */
#ifndef ATT_BASE_BUF_H
#define ATT_BASE_BUF_H

#include "attest/base.h"

typedef struct att_buf {
	uint8_t *ptr;
	size_t len;
	size_t cap;
	size_t max; /* a write beyond this fails; 0 means ATT_BUF_MAX */
	bool failed;
} att_buf;

#define ATT_BUF_MAX ((size_t)8 << 20)

/* `att_auto_buf att_buf b = { 0 };` frees on every return. */
void att_buf_free(att_buf *b);
#define att_auto_buf __attribute__((cleanup(att_buf_free)))

void att_put(att_buf *b, att_bytes in);
void att_put_mem(att_buf *b, const void *p, size_t len);
void att_put_str(att_buf *b, const char *s);
void att_put_u8(att_buf *b, uint8_t v);
void att_put_le16(att_buf *b, uint16_t v);
void att_put_le32(att_buf *b, uint32_t v);
void att_put_le64(att_buf *b, uint64_t v);
void att_put_be16(att_buf *b, uint16_t v);
void att_put_zero(att_buf *b, size_t n);
void att_put_hex(att_buf *b, att_bytes in); /* lower case */
void att_putf(att_buf *b, const char *fmt, ...) ATT_PRINTF(2, 3);

/* ATT_OK, or ATT_E_NOMEM when some write failed. */
att_rc att_buf_ok(const att_buf *b, att_err *err) ATT_MUST_USE;

static inline att_bytes att_buf_bytes(const att_buf *b)
{
	return att_bytes_of(b->ptr, b->len);
}

/* The text with a NUL behind it, owned by the caller, or NULL after a failed write; empties b. */
char *att_buf_steal_str(att_buf *b) ATT_MUST_USE;

#endif
