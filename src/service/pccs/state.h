/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the caching service share. */
#ifndef ATT_SERVICE_PCCS_STATE_H
#define ATT_SERVICE_PCCS_STATE_H

#include <pthread.h>

#include "codec/json.h"
#include "service/pccs/accept.h"
#include "service/pccs/pccs.h"

/* Status codes of PCCS beyond HTTP's (Intel PCCS API document, "status codes"). */
#define PCCS_INTEGRITY        460
#define PCCS_PLATFORM_UNKNOWN 461
#define PCCS_NOT_AVAILABLE    462

enum att_pccs_count {
	COUNT_ASKED,        /* requests to the upstream */
	COUNT_ASK_FAILED,   /* without an answer that could be taken */
	COUNT_REFUSED,      /* answers or uploads that were not authentic */
	COUNT_ROLLBACK,     /* authentic and older than what is in the store */
	COUNT_STALE,        /* expired answers given because there was nothing newer */
	COUNT_STORE_FAILED, /* calls of the store that failed */
	COUNT_KEPT,         /* answers that came from memory */
	COUNT_REFRESHED,
	COUNT_REFRESH_FAILED,
	COUNTS
};

#define STATUS_CLASSES 6

struct att_pccs {
	struct att_pccs_options o;
	pthread_rwlock_t tokens;
	uint64_t generation; /* atomic, as all below */
	int64_t newest;      /* newest date of issue that was verified */
	int64_t hold_until;  /* the upstream wants to be left alone till then */
	bool ending;         /* it is asked no more */
	uint64_t count[COUNTS];
	uint64_t answers[ATT_PCS_COUNT][STATUS_CLASSES];
	uint64_t other[STATUS_CLASSES]; /* requests that are none of the routes' */
};

/* --- reply.c --- */

void att_pccs_say(att_pccs *p, enum att_pccs_level level, const char *fmt, ...) ATT_PRINTF(3, 4);
void att_pccs_count(att_pccs *p, enum att_pccs_count what);

/* Fills a reply of plain text; the error's words where there are any. */
void att_pccs_reply(struct att_http_response *out, int status, const att_err *err);
void att_pccs_reply_json(struct att_http_response *out, att_buf *body);
/* Adds an issuer chain, percent-encoded as headers carry it. */
void att_pccs_put_chain(struct att_http_response *out, const char *header, att_bytes pem);

/* The reply's status for a store that failed. */
int att_pccs_store_status(att_rc rc);

/* --- documents.c --- */

/* May the upstream be asked, when the store has no valid record? */
enum att_pccs_ask { ASK_NEVER, ASK_IF_NEEDED, ASK_ALWAYS };

/* Finds the document that answers the request: from the store, else from upstream, which is
 * verified and put there. Returns 200 and fills *out, or the status to answer. *stale: it is over,
 * and nothing newer was to be had. */
int att_pccs_document(att_pccs *p, const struct att_pcs_request *r, enum att_pccs_ask ask,
		      int64_t now, struct att_pccs_record *out, bool *stale, att_err *err);

/* What the requests for one document have in common, and the document's key. False: too long. */
bool att_pccs_document_key(const struct att_pcs_request *r, struct att_pcs_request *common,
			   char key[static ATT_PCCS_KEY_MAX + 1]);

/* Is the upstream asked when this is? (LAZY) */
bool att_pccs_document_waits(att_pccs *p, const struct att_pcs_request *r, int64_t now);

void att_pccs_get_document(att_pccs *p, const struct att_pcs_request *r, int64_t now,
			   struct att_http_response *out, int64_t *keep_until);

/* The request that `crl?uri=` stands for. False: the address is not on the list. */
bool att_pccs_crl_of_uri(const char *uri, struct att_pcs_request *out);

/* Fills roots, time and the root's CRL; *root_crl owns the latter. */
void att_pccs_trust_now(att_pccs *p, int64_t now, struct att_pccs_trust *t,
			struct att_pccs_record *root_crl);

/* Judges one document and makes its record (which lends body and chain). Returns 200, 460, 503. */
int att_pccs_judge(att_pccs *p, const struct att_pccs_trust *t, const struct att_pcs_request *r,
		   att_bytes body, att_bytes chain, struct att_pccs_record *out, att_err *err);

/* Puts records, says what went wrong, and tells the caches. kept[i] as the store has it. */
att_rc att_pccs_put(att_pccs *p, const struct att_pccs_record *r, size_t count, bool *kept,
		    att_err *err);

/* One request to the upstream: 200, or the status to answer. */
int att_pccs_ask_upstream(att_pccs *p, const struct att_pcs_request *r, att_bytes body, int64_t now,
			  struct att_http_response *out, att_err *err);

/* The chain in an answer's header, decoded. */
att_rc att_pccs_chain_of(const struct att_http_response *answer, const char *header, att_buf *pem,
			 att_err *err) ATT_MUST_USE;

/* --- platform.c: a platform and its certificates --- */

#define PLATFORM_CERTS_MAX 64u
#define PLATFORM_TCBS_MAX  32u
#define QE_ID_MAX          260u
#define MANIFEST_MAX       ((size_t)256 << 10) /* hex digits */

/* A platform as requests and registrations name it; hex texts in lower case, lent. */
struct att_pccs_platform_id {
	att_bytes qe_id;
	att_bytes pce_id;
	att_bytes cpu_svn; /* empty: not given */
	att_bytes pce_svn;
	att_bytes enc_ppid;
	att_bytes manifest;
};

/* Reads one platform object of `platforms` and `platformcollateral`. */
att_rc att_pccs_platform_read(att_json v, bool needs_tcb, struct att_pccs_platform_id *out,
			      att_err *err) ATT_MUST_USE;
bool att_pccs_platform_key(const struct att_pccs_platform_id *id,
			   char key[static ATT_PCCS_KEY_MAX + 1]);

/* Makes a platform's record from the certificates of `pckcerts` (an array of {tcbm, cert}). All are
 * judged. *text owns the record's body. Returns 200, 460 or 462. */
int att_pccs_platform_make(att_pccs *p, const struct att_pccs_trust *t,
			   const struct att_pccs_platform_id *id, att_json certs, att_bytes chain,
			   att_buf *text, struct att_pccs_record *out, att_err *err);

/* The best certificate of a platform's record for a raw TCB. */
struct att_pccs_choice {
	char *pem; /* owned */
	char tcbm[37];
	char fmspc[13];
	bool platform_ca;
	bool seen;  /* this raw TCB was asked for before */
	bool exact; /* the certificate's TCB is the raw one */
};
/* 200 or 404. `tcb_info` empty: none is at hand. */
int att_pccs_platform_choose(const struct att_pccs_record *r, const char *cpu_svn,
			     const char *pce_svn, att_bytes tcb_info, struct att_pccs_choice *out,
			     att_err *err);

/* --- platforms.c, put.c, policy.c, refresh.c --- */

/* Is the upstream asked when this certificate is? (LAZY) */
bool att_pccs_pckcert_waits(att_pccs *p, const struct att_pcs_request *r, int64_t now);

void att_pccs_get_pckcert(att_pccs *p, const struct att_pcs_request *r, int64_t now,
			  struct att_http_response *out, int64_t *keep_until);
void att_pccs_post_platforms(att_pccs *p, att_bytes body, int64_t now,
			     struct att_http_response *out);
/* `take`: what is listed of the queue leaves it. */
void att_pccs_get_platforms(att_pccs *p, const struct att_pcs_request *r, bool take,
			    struct att_http_response *out);
/* Fetches a platform's certificates anew: 200, or the status to answer. */
int att_pccs_fetch_platform(att_pccs *p, const struct att_pccs_platform_id *id, int64_t now,
			    att_err *err);
void att_pccs_put_collateral(att_pccs *p, att_bytes body, int64_t now,
			     struct att_http_response *out);
void att_pccs_put_policy(att_pccs *p, att_bytes body, int64_t now, struct att_http_response *out);
void att_pccs_get_policy(att_pccs *p, const struct att_pcs_request *r,
			 struct att_http_response *out);
void att_pccs_refresh_now(att_pccs *p, const struct att_pcs_request *r, int64_t now,
			  struct att_http_response *out);

#endif
