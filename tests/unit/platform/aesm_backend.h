/* SPDX-License-Identifier: Apache-2.0 */
/* A platform for tests of the AESM server: it signs nothing, and says what it was asked. */
#ifndef ATT_TESTS_AESM_BACKEND_H
#define ATT_TESTS_AESM_BACKEND_H

#include <string.h>

#include "base/mem.h"
#include "platform/aesm/server.h"

#define FAKE_QUOTE_LEN 4734u
#define FAKE_EPID_LEN  1116u

struct fake {
	uint32_t forced;      /* answered to every call */
	uint32_t forced_for;  /* how often; 0: always */
	uint32_t quote_error; /* of quoting alone */
	unsigned quotes;
	bool linkable;
	uint8_t spid[ATT_AESM_SPID];
	size_t sig_rl_len;
	uint8_t nonce[ATT_AESM_NONCE];
	uint8_t target[ATT_AESM_TARGET_INFO];
	size_t vouched_len;
};

static inline uint32_t fake_forced(void *ctx, enum att_aesm_call call)
{
	struct fake *f = ctx;
	uint32_t e = f->forced;

	(void)call;
	if (f->forced_for && --f->forced_for == 0)
		f->forced = 0;
	return e;
}

static inline uint32_t fake_target(void *ctx, bool epid, uint8_t target[ATT_AESM_TARGET_INFO])
{
	(void)ctx;
	memset(target, epid ? 0xe1 : 0xec, ATT_AESM_TARGET_INFO);
	return ATT_AESM_SUCCESS;
}

static inline uint32_t fake_key_id(void *ctx, uint8_t id[32])
{
	(void)ctx;
	memset(id, 0x22, 32);
	return ATT_AESM_SUCCESS;
}

static inline uint32_t fake_quote_size(void *ctx, uint32_t *size)
{
	(void)ctx;
	*size = FAKE_QUOTE_LEN;
	return ATT_AESM_SUCCESS;
}

/* 432 bytes of the report, a length, and a signature of one byte repeated. */
static inline void fake_put(att_buf *out, const uint8_t *report, size_t len, uint8_t byte)
{
	att_put_mem(out, report, 432);
	att_put_le32(out, (uint32_t)len - 436);
	for (size_t i = 436; i < len; i++)
		att_put_u8(out, byte);
}

static inline uint32_t fake_quote(void *ctx, const uint8_t report[ATT_AESM_REPORT], att_buf *out)
{
	struct fake *f = ctx;

	f->quotes++;
	fake_put(out, report, FAKE_QUOTE_LEN, 0x51);
	return f->quote_error;
}

static inline uint32_t fake_group(void *ctx, uint8_t gid[ATT_AESM_GID], uint32_t *extended)
{
	(void)ctx;
	memcpy(gid, "\xc5\x0b\0\0", 4);
	*extended = 3;
	return ATT_AESM_SUCCESS;
}

static inline uint32_t fake_epid_quote(void *ctx, const struct att_aesm_epid_ask *ask, att_buf *out)
{
	struct fake *f = ctx;
	size_t entries = ask->sig_rl.len > 80 ? (ask->sig_rl.len - 80) / 128 : 0;

	f->quotes++;
	f->linkable = ask->linkable;
	memcpy(f->spid, ask->spid, sizeof(f->spid));
	f->sig_rl_len = ask->sig_rl.len;
	fake_put(out, ask->report, FAKE_EPID_LEN + 160 * entries, 0x52);
	return f->quote_error;
}

static inline uint32_t fake_qe_report(void *ctx, bool epid, const uint8_t nonce[ATT_AESM_NONCE],
				      const uint8_t target[ATT_AESM_TARGET_INFO], att_bytes quote,
				      uint8_t report[ATT_AESM_REPORT])
{
	struct fake *f = ctx;

	memcpy(f->nonce, nonce, sizeof(f->nonce));
	memcpy(f->target, target, sizeof(f->target));
	f->vouched_len = quote.len;
	memset(report, epid ? 0x71 : 0x7c, ATT_AESM_REPORT);
	return ATT_AESM_SUCCESS;
}

static inline struct att_aesm_backend fake_backend(struct fake *f)
{
	return (struct att_aesm_backend){
		.ctx = f,
		.forced = fake_forced,
		.target = fake_target,
		.key_id = fake_key_id,
		.quote_size = fake_quote_size,
		.quote = fake_quote,
		.group = fake_group,
		.epid_quote = fake_epid_quote,
		.qe_report = fake_qe_report,
	};
}

#endif
