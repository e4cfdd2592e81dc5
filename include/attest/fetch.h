/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching collateral from provisioning and caching services (Intel's PCS, PCCS), with a cache.
 * Part of libattest-io: nothing in libattest.so touches a network. What is fetched is authenticated
 * under the caller's roots before it is given back or kept; whether it is in date is att_verify()'s
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

/* --- The fetcher --- */

#define ATT_FETCH_ENDPOINTS_MAX 8u
#define ATT_FETCH_NUMBERS_MAX   64u

enum att_fetch_serves {
	ATT_FETCH_SERVES_ALL,
	ATT_FETCH_SERVES_PCK,        /* PCK certificates only */
	ATT_FETCH_SERVES_COLLATERAL, /* everything else */
};

/* One service: "https://HOST:PORT/sgx/certification/v4/". Intel's own is told by its host, every
 * other is a PCCS. http:// is refused but to the loopback. */
struct att_fetch_endpoint {
	const char *url;
	enum att_fetch_serves serves;
	bool insecure; /* its TLS certificate is not checked; what it answers still is */
};

/* Monotonic milliseconds and sleeping, from the program. */
struct att_fetch_clock {
	int64_t (*now_ms)(void *arg);
	void (*sleep_ms)(void *arg, unsigned ms);
	void *arg;
};

/* Everything is copied but the roots. Zero or NULL is the default of each member that is not said
 * to be required. */
struct att_fetch_options {
	const struct att_fetch_endpoint *endpoints; /* in the order in which they are asked */
	size_t endpoint_count;
	struct att_fetch_clock clock; /* required */
	const att_roots *roots;       /* required; must outlive the fetcher */
	const char *ca_file;          /* PEM: trusted for TLS, and the system's no more */
	const char *api_key;          /* Intel's subscription key */
	const char *proxy;
	const char *no_proxy;
	const char *root_crl_url;           /* where Intel's service has no route for it */
	const char *const *pckcert_headers; /* "name: value", NULL-terminated */
	const char *const *pckcert_params;  /* "name=value", NULL-terminated */
	unsigned retries;
	unsigned retry_delay_ms;  /* 0: from one second, doubled */
	unsigned connect_ms;      /* 0: 10 s */
	unsigned deadline_ms;     /* of one call below, whatever it asks; 0: 60 s */
	const char *cache_path;   /* NULL: nothing is kept */
	int64_t cache_max;        /* bytes; 0: 32 MiB */
	int64_t collateral_hours; /* so long nothing is asked again; 0: 168, below: never */
	int64_t pck_hours;        /* the same for PCK certificates */
	bool cache_only;          /* the network is never touched */
};

typedef struct att_fetcher att_fetcher;

/* A cache that can not be used is no error: att_fetcher_cache() says why, and fetching goes on
 * without. ATT_E_ARG (no clock, no roots, no endpoint without cache_only), ATT_E_FORMAT (an
 * address), ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
ATT_API att_rc att_fetcher_new(const struct att_fetch_options *options, att_fetcher **out,
			       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
/* No call may be under way. */
ATT_API void att_fetcher_free(att_fetcher *f);

/* What the cache last failed with; ATT_OK while it works, or there is none. By value. */
ATT_API att_err att_fetcher_cache(att_fetcher *f) ATT_NONNULL(1);

enum att_fetch_update {
	ATT_FETCH_UPDATE_DEFAULT,
	ATT_FETCH_UPDATE_STANDARD,
	ATT_FETCH_UPDATE_EARLY
};

/* Which of the TCB evaluation sets that a service offers (Intel PCS API: update,
 * tcbEvaluationDataNumber). */
struct att_fetch_set {
	enum att_fetch_update update;
	uint32_t evaluation_number; /* 0: not pinned; excludes update */
};

/* Whose collateral. */
struct att_fetch_platform {
	uint8_t fmspc[6];
	bool platform_ca; /* PCK certificate issued by the Platform CA, else the Processor CA */
	bool tdx;
};

/* Fetches what verifying the quote needs: its PCK chain where it has none (certification data of
 * types 1 to 4), then as att_fetch_for. A REPORT, or a quote whose platform can not be told, is
 * ATT_E_UNSUPPORTED or ATT_E_FORMAT. */
ATT_API att_rc att_fetch_collateral(att_fetcher *f, const att_evidence *evidence,
				    const struct att_fetch_set *set, int64_t now,
				    att_collateral **out, att_fetch_trace *trace,
				    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3, 5);

/* PCK CRL, root CRL, TCB info and QE identity of a platform, each from the cache when it is there
 * and fresh enough at `now`, else from the first endpoint with an answer that is authentic and not
 * older than what was seen before; when none has one, what the cache holds and is still in date.
 * `trace` (may be NULL) gets every step.
 *
 * Errors name the request that failed: ATT_E_MISSING (nobody has it), ATT_E_EXPIRED (an evaluation
 * number that is over), ATT_E_UNAVAILABLE, ATT_E_IO, ATT_E_DENIED, ATT_E_FORMAT, ATT_E_SIGNATURE,
 * ATT_E_CHAIN, ATT_E_MISMATCH (of another platform, or gone back to older), ATT_E_NOMEM. */
ATT_API att_rc att_fetch_for(att_fetcher *f, const struct att_fetch_platform *platform,
			     const struct att_fetch_set *set, int64_t now, att_collateral **out,
			     att_fetch_trace *trace, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 3, 5);

/* The same for checking services: goes on after a request that failed. `*out` has what there was,
 * the error is that of the first failure. */
ATT_API att_rc att_fetch_some(att_fetcher *f, const struct att_fetch_platform *platform,
			      const struct att_fetch_set *set, int64_t now, att_collateral **out,
			      att_fetch_trace *trace, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 3, 5);

struct att_fetch_number {
	uint32_t number;
	int64_t recovery_event; /* tcbRecoveryEventDate: when the weakness was made public */
	int64_t tcb_date;       /* tcbDate: of the newest level */
};

/* The evaluation numbers that a service offers, authenticated, descending; `*count` of them. A
 * PCCS has no such route: ATT_E_MISSING. */
ATT_API att_rc att_fetch_numbers(att_fetcher *f, bool tdx, int64_t now,
				 struct att_fetch_number out[ATT_FETCH_NUMBERS_MAX], size_t *count,
				 att_fetch_trace *trace, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 4, 5);

/* As att_fetch_collateral does first: the quote's platform, and its PCK chain as an item of
 * `*chain` when the quote does not carry one whole (else NULL). */
ATT_API att_rc att_fetch_pck(att_fetcher *f, const att_evidence *evidence, int64_t now,
			     struct att_fetch_platform *platform, att_collateral **chain,
			     att_fetch_trace *trace, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 4, 5);

/* Of which platform is the quote? From its PCK certificate; false when it carries none. */
ATT_API bool att_fetch_platform_of(const att_evidence *evidence, struct att_fetch_platform *out)
    ATT_NONNULL(1, 2);

#ifdef __cplusplus
}
#endif
#endif
