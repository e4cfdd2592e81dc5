/* SPDX-License-Identifier: Apache-2.0 */
/* The caching service for provisioning collateral: a drop-in for Intel's PCCS. From a request, the
 * store, the upstream and the time to an answer, with no socket in sight; service/pccs/daemon.h
 * carries it. Every call may come from any thread. */
#ifndef ATT_SERVICE_PCCS_PCCS_H
#define ATT_SERVICE_PCCS_PCCS_H

#include "attest/verify.h"
#include "codec/http.h"
#include "collateral/pcs.h"
#include "service/pccs/config.h"
#include "service/pccs/store.h"

/* Who is asked for what is not there: a provisioning service (fetch/client.h) or a test. */
struct att_pccs_upstream {
	/* One request (POST where body is not empty). On failure out->status is that of the answer
	 * that decided, 0 when there was none; Retry-After may be among its headers. CRLs come in
	 * DER. May block; fetch/client.h names the errors. */
	att_rc (*ask)(void *ctx, const struct att_pcs_request *r, att_bytes body,
		      struct att_http_response *out, att_err *err);
	void *ctx;
};

/* Words for the operator. Text from requests and answers is printable ASCII; no secrets. */
typedef void att_pccs_log(void *ctx, enum att_pccs_level level, const char *text);

struct att_pccs_options {
	enum att_pccs_mode mode;
	struct att_pccs_token user;
	struct att_pccs_token admin;
	int64_t refresh_before;            /* seconds */
	att_pccs_store *store;             /* lent */
	const att_roots *roots;            /* lent */
	struct att_pccs_upstream upstream; /* ask NULL: there is none */
	/* The time now, for work that takes long; NULL: the time each call was given. */
	int64_t (*clock)(void *ctx);
	void *clock_ctx;
	att_pccs_log *log;
	void *log_ctx;
};

typedef struct att_pccs att_pccs;

/* ATT_E_NOMEM, and what the store says. */
att_rc att_pccs_new(const struct att_pccs_options *options, int64_t now, att_pccs **out,
		    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);
void att_pccs_free(att_pccs *p);

/* Other tokens from now on (a changed configuration). */
void att_pccs_set_tokens(att_pccs *p, const struct att_pccs_token *user,
			 const struct att_pccs_token *admin) ATT_NONNULL(1, 2, 3);

/* Answers one request; may ask the upstream and wait for it. *keep_until: until when the same
 * request may be given the same answer while att_pccs_generation() stays (0: not at all). */
void att_pccs_answer(att_pccs *p, const struct att_http_request *http, int64_t now,
		     struct att_http_response *out, int64_t *keep_until) ATT_NONNULL(1, 2, 4, 5);

/* Would this request have to wait for the upstream? Where nobody can tell, not. */
bool att_pccs_waits(att_pccs *p, const struct att_http_request *http, int64_t now)
    ATT_NONNULL(1, 2);

/* The upstream is asked no more: the service ends, and nobody shall wait. */
void att_pccs_stop(att_pccs *p) ATT_NONNULL(1);

/* Changes whenever something new is in the store. */
uint64_t att_pccs_generation(const att_pccs *p) ATT_NONNULL(1);

/* Fetches what expires soon, or everything where `all`; returns how many could not be fetched. */
size_t att_pccs_refresh(att_pccs *p, int64_t now, bool all) ATT_NONNULL(1);

/* Puts an upload (platformcollateral's JSON form) into the store, judged as a PUT is. Returns the
 * status that a PUT of it would have. */
int att_pccs_import(att_pccs *p, att_bytes json, int64_t now, att_err *err) ATT_NONNULL(1);

/* The same with the collateral of one platform (its PCK chain aside), as a bundle has it. What can
 * be taken is, also where something else can not: then its status and words come back. */
int att_pccs_import_items(att_pccs *p, const att_collateral *c, int64_t now, att_err *err)
    ATT_NONNULL(1, 2, 4);

/* Is the store usable and the clock not behind? `why` gets the reason when not. */
bool att_pccs_ready(att_pccs *p, int64_t now, char *why, size_t room) ATT_NONNULL(1, 3);

/* Appends Prometheus text. No label comes from a client. */
void att_pccs_put_metrics(att_pccs *p, int64_t now, att_buf *b) ATT_NONNULL(1, 3);

/* Counts an answer that a cache in front gave without asking here. */
void att_pccs_count_kept(att_pccs *p, enum att_pcs_what what) ATT_NONNULL(1);

#endif
