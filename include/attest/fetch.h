/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching collateral from provisioning and caching services (Intel's PCS, PCCS), with a cache. Part
 * of libattest-io: nothing in libattest.so touches a network. What is fetched is authenticated under
 * the caller's roots before it is given back or kept; whether it is in date is att_verify()'s
 * affair at the time the caller names. */
#ifndef ATTEST_FETCH_H
#define ATTEST_FETCH_H

#include "attest/base.h"
#include "attest/collateral.h"
#include "attest/evidence.h"
#include "attest/verify.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- The trace: every request and every answer --- */

#define ATT_FETCH_STEPS_MAX 256u

enum att_fetch_source {
	ATT_FETCH_NETWORK = 1,
	ATT_FETCH_CACHE,  /* answered without asking */
	ATT_FETCH_SHARED, /* another thread asked the same at this time */
};
/* "network", "cache", "shared". Static. */
ATT_API const char *att_fetch_source_name(enum att_fetch_source s);

struct att_fetch_step {
	char what[40]; /* "tcb", "pckcrl": the route */
	char url[512]; /* cut off when longer; long parameters are shortened */
	enum att_fetch_source source;
	int status;          /* of HTTP; 0 when there was no answer */
	att_rc rc;           /* ATT_OK: taken */
	char words[244];     /* what came of it, for people */
	char request_id[80]; /* Request-ID of the answer, or empty */
	char error_code[80]; /* Error-Code, PCS's own word, or empty */
	char warning[160];   /* Warning: a deprecation, or empty */
	int64_t retry_after; /* seconds; -1: not said */
	int64_t took_ms;
	size_t size; /* bytes of the body */
};

typedef struct att_fetch_trace att_fetch_trace;

ATT_API att_fetch_trace *att_fetch_trace_new(void); /* NULL when out of memory */
ATT_API void att_fetch_trace_free(att_fetch_trace *t);
ATT_API size_t att_fetch_trace_count(const att_fetch_trace *t) ATT_NONNULL(1);
ATT_API size_t att_fetch_trace_dropped(const att_fetch_trace *t) ATT_NONNULL(1);
/* The i-th step; NULL beyond the last. Lent. */
ATT_API const struct att_fetch_step *att_fetch_trace_at(const att_fetch_trace *t, size_t i)
    ATT_NONNULL(1);

#ifdef __cplusplus
}
#endif
#endif
