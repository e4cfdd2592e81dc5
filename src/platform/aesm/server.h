/* SPDX-License-Identifier: Apache-2.0 */
/* What aesmd answers, without its socket: a request in, a response out, over a platform that can
 * quote. Behaves as aesmd of Intel SGX PSW 2.x: what it checks, in which order it lists its keys,
 * how it pads quotes; what it has no use for here (launch tokens, white lists, registration) it
 * answers as a daemon without that plugin. */
#ifndef ATT_PLATFORM_AESM_SERVER_H
#define ATT_PLATFORM_AESM_SERVER_H

#include "platform/aesm/keyid.h"

struct att_aesm_epid_ask {
	const uint8_t *report; /* 432 bytes */
	bool linkable;
	const uint8_t *spid; /* 16 bytes */
	att_bytes sig_rl;    /* empty: none */
};

/* The platform. Functions return an error code of aesmd; what they append or fill counts only with
 * ATT_AESM_SUCCESS. Absent functions answer ATT_AESM_INTERFACE_UNAVAILABLE. */
struct att_aesm_backend {
	void *ctx;
	/* An error to answer this call with, whatever it asks; 0: none. NULL: never. 42 means that
	 * the ECDSA key was lost, once: quoting answers 42 until it is initialised again. */
	uint32_t (*forced)(void *ctx, enum att_aesm_call call);
	/* TARGETINFO of the quoting enclave. */
	uint32_t (*target)(void *ctx, bool epid, uint8_t target[ATT_AESM_TARGET_INFO]);
	/* The id of the ECDSA attestation key. */
	uint32_t (*key_id)(void *ctx, uint8_t id[32]);
	uint32_t (*quote_size)(void *ctx, uint32_t *size);
	uint32_t (*quote)(void *ctx, const uint8_t report[ATT_AESM_REPORT], att_buf *out);
	/* EPID: the group (little endian) and its extension, and a quote. */
	uint32_t (*group)(void *ctx, uint8_t gid[ATT_AESM_GID], uint32_t *extended);
	uint32_t (*epid_quote)(void *ctx, const struct att_aesm_epid_ask *ask, att_buf *out);
	/* The quoting enclave's report for `target` over SHA-256(nonce || quote). */
	uint32_t (*qe_report)(void *ctx, bool epid, const uint8_t nonce[ATT_AESM_NONCE],
			      const uint8_t target[ATT_AESM_TARGET_INFO], att_bytes quote,
			      uint8_t report[ATT_AESM_REPORT]);
};

struct att_aesm_server {
	const struct att_aesm_backend *backend; /* lent */
	enum att_aesm_algorithm preferred;      /* when several keys match: as in /etc/aesmd.conf */
	bool initialised;                       /* the ECDSA key, by init quote ex */
	bool lost;                              /* 42 was forced, and has had its effect */
};

/* Appends the frame that answers a frame. Any failure means: close the connection without a word,
 * which is what aesmd does with a request it can not read. ATT_E_FORMAT, ATT_E_TRUNCATED,
 * ATT_E_TRAILING, ATT_E_NOMEM. Nothing is appended then. */
att_rc att_aesm_answer(struct att_aesm_server *s, att_bytes frame, att_buf *out,
		       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);

#endif
