/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes byte by byte from the format's tables (offsets and lengths written out here), so that the
 * parser is held against the tables and not against itself. Every byte that means nothing to the
 * parser is a function of its offset. */
#ifndef ATT_TESTS_QUOTE_MAKER_H
#define ATT_TESTS_QUOTE_MAKER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define QUOTE_ROOM 4096

struct quote_recipe {
	unsigned version;
	unsigned key_type;
	uint32_t tee_type;
	unsigned body_type;  /* version 5 only */
	uint32_t body_size;  /* version 5 only: what the quote says */
	size_t body_len;     /* what it has */
	unsigned outer_type; /* versions 4 and 5 */
	unsigned cert_type;
	size_t cert_len;
	size_t auth_len;
	int sig_len_delta; /* what the length fields say too much */
	int outer_len_delta;
	int auth_len_delta;
	int cert_len_delta;
	size_t padding;
};

struct quote_bytes {
	uint8_t b[QUOTE_ROOM];
	size_t len;
	size_t body_at;
	size_t sig_len_at;
	size_t outer_type_at; /* 0 in version 3 */
	size_t report_at;
	size_t auth_len_at;
	size_t cert_type_at;
	size_t cert_at;
	size_t sig_end;
};

static inline uint8_t noise(size_t at)
{
	return (uint8_t)(at * 151 + at / 256 * 7 + 1) | 1;
}

static inline void put_le(struct quote_bytes *q, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		q->b[q->len++] = (uint8_t)(v >> (8 * i));
}

static inline void put_noise(struct quote_bytes *q, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		q->b[q->len] = noise(q->len);
		q->len++;
	}
}

static inline void set_le(struct quote_bytes *q, size_t at, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		q->b[at + i] = (uint8_t)(v >> (8 * i));
}

/* An SGX report body: noise, with zeros in the reserved fields. */
static inline void put_sgx_body(struct quote_bytes *q)
{
	static const struct {
		size_t off, len;
	} reserved[] = { { 20, 12 }, { 96, 32 }, { 160, 32 }, { 262, 42 } };
	size_t at = q->len;

	put_noise(q, 384);
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		memset(q->b + at + reserved[i].off, 0, reserved[i].len);
}

static inline struct quote_recipe recipe(unsigned version, unsigned body_type)
{
	static const uint32_t len_of[] = { 0, 384, 584, 648 };

	return (struct quote_recipe){
		.version = version,
		.key_type = 2,
		.tee_type = body_type == 1 ? 0 : 0x81,
		.body_type = body_type,
		.body_size = len_of[body_type],
		.body_len = len_of[body_type],
		.outer_type = 6,
		.cert_type = 5,
		.cert_len = 90,
		.auth_len = 32,
	};
}

static inline void put_qe_part(struct quote_bytes *q, const struct quote_recipe *r)
{
	q->report_at = q->len;
	put_sgx_body(q);
	put_noise(q, 64);
	q->auth_len_at = q->len;
	put_le(q, (uint64_t)((int64_t)r->auth_len + r->auth_len_delta), 2);
	put_noise(q, r->auth_len);
	q->cert_type_at = q->len;
	put_le(q, r->cert_type, 2);
	put_le(q, (uint64_t)((int64_t)r->cert_len + r->cert_len_delta), 4);
	q->cert_at = q->len;
	put_noise(q, r->cert_len);
}

static inline struct quote_bytes make_quote(const struct quote_recipe *r)
{
	struct quote_bytes q = { .len = 0 };

	put_le(&q, r->version, 2);
	put_le(&q, r->key_type, 2);
	put_le(&q, r->tee_type, 4);
	put_noise(&q, 2 + 2 + 16 + 20);
	if (r->version == 5) {
		put_le(&q, r->body_type, 2);
		put_le(&q, r->body_size, 4);
	}
	q.body_at = q.len;
	if (r->body_len == 384)
		put_sgx_body(&q);
	else
		put_noise(&q, r->body_len);
	q.sig_len_at = q.len;
	put_le(&q, 0, 4);
	put_noise(&q, 64 + 64);
	size_t outer_len_at = 0;
	if (r->version != 3) {
		q.outer_type_at = q.len;
		put_le(&q, r->outer_type, 2);
		outer_len_at = q.len;
		put_le(&q, 0, 4);
	}
	put_qe_part(&q, r);
	q.sig_end = q.len;
	if (outer_len_at)
		set_le(&q, outer_len_at,
		       (uint64_t)((int64_t)(q.len - outer_len_at - 4) + r->outer_len_delta), 4);
	set_le(&q, q.sig_len_at, (uint64_t)((int64_t)(q.len - q.sig_len_at - 4) + r->sig_len_delta),
	       4);
	q.len += r->padding;
	return q;
}

#endif
