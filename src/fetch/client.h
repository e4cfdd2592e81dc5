/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to provisioning services (Intel's PCS) and caching services (PCCS): several endpoints in
 * order, TLS checked, retries, deadlines, caps. What is answered here is authenticated by nobody:
 * that is the caller's affair, through att_pcs_accept.
 *
 * A client is thread-safe. Equal requests under way at the same time are asked once; connections
 * are kept. The environment and the clock are the program's: it hands them in. */
#ifndef ATT_FETCH_CLIENT_H
#define ATT_FETCH_CLIENT_H

#include "attest/base.h"
#include "collateral/pcs.h"
#include "fetch/trace.h"

#define ATT_PCS_ENDPOINTS_MAX 8u
#define ATT_PCS_URL_MAX       512u
#define ATT_PCS_BODY_MAX      ((size_t)1 << 20)

/* Where Intel's service and the root's revocation list are (Intel PCS API documentation). */
#define ATT_PCS_INTEL_URL      "https://api.trustedservices.intel.com/sgx/certification/v4/"
#define ATT_PCS_INTEL_HOST     "api.trustedservices.intel.com"
#define ATT_PCS_INTEL_ROOT_CRL "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"

/* PCCS knows each platform (qeid) and has the routes rootcacrl and crl; PCS has neither, and takes
 * a subscription key. */
enum att_pcs_flavour { ATT_PCS_FLAVOUR_PCCS, ATT_PCS_FLAVOUR_PCS };

/* A qcnl file names one service for PCK certificates and may name another for collateral. */
enum att_pcs_serves { ATT_PCS_SERVES_ALL, ATT_PCS_SERVES_PCK, ATT_PCS_SERVES_COLLATERAL };

struct att_pcs_endpoint {
	/* "https://HOST[:PORT][/PREFIX][/sgx/certification/v3|v4][/]": what stands behind the
	 * host up to "/sgx/certification" is put before every target; a version there is the one
	 * that is asked for. http:// is refused unless the host is this machine's loopback. */
	const char *url;
	enum att_pcs_flavour flavour;
	enum att_pcs_serves serves;
	bool insecure; /* USE_SECURE_CERT=FALSE: whose certificate it is, nobody checks */
};

/* Monotonic milliseconds, and sleeping: real ones by the program, others by tests. */
struct att_pcs_clock {
	int64_t (*now_ms)(void *arg);
	void (*sleep_ms)(void *arg, unsigned ms);
	void *arg;
};

/* Judges an answer with status 200 before it is taken: when it refuses, the next endpoint is asked.
 * May be called by several threads. */
typedef att_rc (*att_pcs_accept)(void *arg, const struct att_pcs_request *r,
				 const struct att_http_response *answer, att_err *err);

/* Copied by att_pcs_client_new. Zero is each member's default, but for endpoints and clock. */
struct att_pcs_options {
	const struct att_pcs_endpoint *endpoints; /* asked in this order */
	size_t endpoint_count;
	struct att_pcs_clock clock;
	const char *ca_file;      /* PEM: trusted for TLS, and the system's no more */
	const char *api_key;      /* Ocp-Apim-Subscription-Key, to PCS only; never traced */
	const char *proxy;        /* NULL: none */
	const char *no_proxy;     /* as curl's NO_PROXY */
	const char *root_crl_url; /* for PCS; NULL: ATT_PCS_INTEL_ROOT_CRL */
	/* custom_request_options of a qcnl file, for pckcert: "name: value" headers and
	 * "name=value" parameters, NULL-terminated arrays; NULL: none. */
	const char *const *pckcert_headers;
	const char *const *pckcert_params;
	unsigned retries;        /* further rounds over the endpoints after the first */
	unsigned retry_delay_ms; /* 0: from 1 s, doubled at each round, at most 32 s */
	unsigned connect_ms;     /* 0: 10 s */
	unsigned deadline_ms;    /* of one request with all its retries; 0: 60 s */
	size_t body_max;         /* 0: ATT_PCS_BODY_MAX */
	att_pcs_accept accept;   /* NULL: every one */
	void *accept_arg;
};

typedef struct att_pcs_client att_pcs_client;

/* ATT_E_ARG (no endpoint or too many, no clock), ATT_E_FORMAT (an URL; http:// elsewhere than to
 * the loopback), ATT_E_NOMEM, ATT_E_UNAVAILABLE (libcurl). */
att_rc att_pcs_client_new(const struct att_pcs_options *options, att_pcs_client **out,
			  att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
/* No request may be under way. */
void att_pcs_client_free(att_pcs_client *c);

/* Asks the endpoints until one answers 200. `r->version` is overruled by the version in an
 * endpoint's URL. CRLs (pckcrl, rootcacrl, crl) are given back in DER however they were sent;
 * ATT_PCS_ROOT_CA_CRL is asked of the distribution point where the endpoint is a PCS.
 *
 * `*out` is filled in any case (free it): on failure with status and headers of the answer that
 * decided, without a body; status 0 when there was none. Of the headers those that matter are kept:
 * issuer chains (still percent-encoded), SGX-*, Request-ID, Retry-After, Warning, Error-Code,
 * Error-Message, Content-Type, Date. `trace` may be NULL.
 *
 * By status (Intel PCS, PCCS and QPL documentation): 400 ATT_E_ARG; 404, 461, 462 ATT_E_MISSING;
 * 410 ATT_E_EXPIRED; 460 ATT_E_MISMATCH; 401, 403 ATT_E_DENIED; 429, 500, 502, 503, 504
 * ATT_E_UNAVAILABLE, after the retries; redirects, which are not followed, and others ATT_E_IO. No
 * answer at all: ATT_E_IO; deadline over: ATT_E_UNAVAILABLE; too large or not of the form that the
 * route answers: ATT_E_FORMAT; what `accept` said. ATT_E_NOMEM. */
att_rc att_pcs_client_get(att_pcs_client *c, const struct att_pcs_request *r,
			  struct att_http_response *out, att_fetch_trace *trace,
			  att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* The same, done by `deadline` (of the client's clock) if the client's own is not sooner. */
att_rc att_pcs_client_get_by(att_pcs_client *c, const struct att_pcs_request *r, int64_t deadline,
			     struct att_http_response *out, att_fetch_trace *trace,
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 4);

/* POST with a JSON body (pckcert and pckcerts with a platform manifest); not coalesced. */
att_rc att_pcs_client_post(att_pcs_client *c, const struct att_pcs_request *r, att_bytes body,
			   struct att_http_response *out, att_fetch_trace *trace,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 4);

#endif
