/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to the part that answers it; who may ask; what is counted. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"
#include "service/pccs/state.h"

enum who { ANYBODY, USER, ADMIN };

static enum who who_may(enum att_pcs_what what, bool reading)
{
	switch (what) {
	case ATT_PCS_PLATFORMS:
		return reading ? ADMIN : USER;
	case ATT_PCS_APPRAISAL_POLICY:
		return reading ? ANYBODY : ADMIN;
	case ATT_PCS_PLATFORM_COLLATERAL:
	case ATT_PCS_REFRESH:
		return ADMIN;
	default:
		return ANYBODY;
	}
}

static bool has_token(att_pccs *p, const struct att_http_request *http, enum who who)
{
	const char *token = att_http_header(http, who == ADMIN ? "admin-token" : "user-token");

	pthread_rwlock_rdlock(&p->tokens);
	bool ok = att_pccs_token_is(who == ADMIN ? &p->o.admin : &p->o.user, token);
	pthread_rwlock_unlock(&p->tokens);
	return ok;
}

static void dispatch(att_pccs *p, const struct att_http_request *http,
		     const struct att_pcs_request *r, bool reading, int64_t now,
		     struct att_http_response *out, int64_t *keep_until)
{
	switch (r->what) {
	case ATT_PCS_PCKCERT:
		att_pccs_get_pckcert(p, r, now, out, keep_until);
		return;
	case ATT_PCS_PLATFORMS:
		if (reading)
			att_pccs_get_platforms(p, r, strcmp(http->method, "GET") == 0, out);
		else
			att_pccs_post_platforms(p, http->body, now, out);
		return;
	case ATT_PCS_PLATFORM_COLLATERAL:
		att_pccs_put_collateral(p, http->body, now, out);
		return;
	case ATT_PCS_REFRESH:
		att_pccs_refresh_now(p, r, now, out);
		return;
	case ATT_PCS_APPRAISAL_POLICY:
		if (reading)
			att_pccs_get_policy(p, r, out);
		else
			att_pccs_put_policy(p, http->body, now, out);
		return;
	default:
		att_pccs_get_document(p, r, now, out, keep_until);
	}
}

/* PCS's own routes that a cache does not have; its POST of pckcert too. */
static bool is_ours(const struct att_pcs_request *r, bool reading)
{
	if (r->what == ATT_PCS_PCKCERT)
		return reading;
	return r->what != ATT_PCS_PCKCERTS && r->what != ATT_PCS_PCKCERTS_CONFIG;
}

static void answer(att_pccs *p, const struct att_http_request *http, struct att_pcs_request *r,
		   int64_t now, struct att_http_response *out, int64_t *keep_until, bool *known)
{
	att_err err = { 0 };
	bool reading = strcmp(http->method, "GET") == 0 || strcmp(http->method, "HEAD") == 0;
	att_rc rc = att_pcs_read(http, r, &err);

	*known = rc == ATT_OK;
	if (rc != ATT_OK) {
		att_pccs_reply(out,
			       rc == ATT_E_MISSING       ? 404
			       : rc == ATT_E_UNSUPPORTED ? 405
							 : 400,
			       &err);
		return;
	}
	if (!is_ours(r, reading)) {
		att_fail(&err, ATT_E_UNSUPPORTED, "ask the provisioning service itself for this");
		att_pccs_reply(out, r->what == ATT_PCS_PCKCERT ? 405 : 404, &err);
		return;
	}
	enum who who = who_may(r->what, reading);
	if (who != ANYBODY && !has_token(p, http, who)) {
		att_fail(&err, ATT_E_DENIED, "the header %s is missing or wrong",
			 who == ADMIN ? "admin-token" : "user-token");
		att_pccs_reply(out, 401, &err);
		return;
	}
	dispatch(p, http, r, reading, now, out, keep_until);
}

static void count_answer(att_pccs *p, bool known, enum att_pcs_what what, int status)
{
	int class = status / 100 < STATUS_CLASSES ? status / 100 : 0;

	__atomic_add_fetch(known ? &p->answers[what][class] : &p->other[class], 1,
			   __ATOMIC_RELAXED);
}

void att_pccs_answer(att_pccs *p, const struct att_http_request *http, int64_t now,
		     struct att_http_response *out, int64_t *keep_until)
{
	struct att_pcs_request r = { 0 };
	bool known = false;

	*keep_until = 0;
	answer(p, http, &r, now, out, keep_until, &known);
	if (out->body.failed) {
		att_http_response_free(out);
		*out = (struct att_http_response){ 0 };
		att_pccs_reply(out, 500, NULL);
		*keep_until = 0;
	}
	int64_t hold = __atomic_load_n(&p->hold_until, __ATOMIC_RELAXED);
	if (out->status == 503 && hold > now) {
		char text[24];
		snprintf(text, sizeof(text), "%lld", (long long)(hold - now));
		att_http_put_header(out, "Retry-After", text);
	}
	count_answer(p, known, r.what, out->status);
}

bool att_pccs_waits(att_pccs *p, const struct att_http_request *http, int64_t now)
{
	bool reading = strcmp(http->method, "GET") == 0 || strcmp(http->method, "HEAD") == 0;
	struct att_pcs_request r;

	if (p->o.mode == ATT_PCCS_OFFLINE || !p->o.upstream.ask ||
	    __atomic_load_n(&p->ending, __ATOMIC_RELAXED) ||
	    now < __atomic_load_n(&p->hold_until, __ATOMIC_RELAXED) ||
	    att_pcs_read(http, &r, NULL) != ATT_OK || !is_ours(&r, reading))
		return false;
	switch (r.what) {
	case ATT_PCS_REFRESH:
		return true;
	case ATT_PCS_PLATFORMS:
		return !reading;
	case ATT_PCS_PLATFORM_COLLATERAL:
	case ATT_PCS_APPRAISAL_POLICY:
		return false;
	case ATT_PCS_PCKCERT:
		return p->o.mode == ATT_PCCS_LAZY && att_pccs_pckcert_waits(p, &r, now);
	default:
		return p->o.mode == ATT_PCCS_LAZY && att_pccs_document_waits(p, &r, now);
	}
}

void att_pccs_stop(att_pccs *p)
{
	__atomic_store_n(&p->ending, true, __ATOMIC_RELAXED);
}

void att_pccs_count_kept(att_pccs *p, enum att_pcs_what what)
{
	att_pccs_count(p, COUNT_KEPT);
	count_answer(p, true, what, 200);
}

uint64_t att_pccs_generation(const att_pccs *p)
{
	return __atomic_load_n(&p->generation, __ATOMIC_ACQUIRE);
}

/* --- Life --- */

att_rc att_pccs_new(const struct att_pccs_options *options, int64_t now, att_pccs **out,
		    att_err *err)
{
	*out = NULL;
	struct att_pccs *p = calloc(1, sizeof(*p));
	if (!p)
		return att_fail(err, ATT_E_NOMEM, "caching service: out of memory");
	p->o = *options;
	att_rc rc = p->o.store->ops->newest(p->o.store, &p->newest, err);
	if (rc != ATT_OK) {
		free(p);
		return rc;
	}
	pthread_rwlock_init(&p->tokens, NULL);
	if (p->newest > now + ATT_PCCS_CLOCK_SLACK)
		att_pccs_say(p, ATT_PCCS_LOG_ERROR,
			     "the clock is behind the newest date of issue in the store: nothing "
			     "new is taken until it is set right");
	*out = p;
	return ATT_OK;
}

void att_pccs_free(att_pccs *p)
{
	if (!p)
		return;
	pthread_rwlock_destroy(&p->tokens);
	free(p);
}

void att_pccs_set_tokens(att_pccs *p, const struct att_pccs_token *user,
			 const struct att_pccs_token *admin)
{
	pthread_rwlock_wrlock(&p->tokens);
	p->o.user = *user;
	p->o.admin = *admin;
	pthread_rwlock_unlock(&p->tokens);
}

static bool clock_behind(const att_pccs *p, int64_t now)
{
	return __atomic_load_n(&p->newest, __ATOMIC_RELAXED) > now + ATT_PCCS_CLOCK_SLACK;
}

bool att_pccs_ready(att_pccs *p, int64_t now, char *why, size_t room)
{
	int64_t newest;
	att_err err = { 0 };

	if (p->o.store->ops->newest(p->o.store, &newest, &err) != ATT_OK) {
		snprintf(why, room, "%s", err.msg);
		return false;
	}
	if (clock_behind(p, now)) {
		snprintf(why, room, "the clock is behind a verified date of issue");
		return false;
	}
	snprintf(why, room, "ready");
	return true;
}

/* --- Metrics --- */

static void put_answers(const char *route, const uint64_t *by_class, att_buf *b)
{
	for (int i = 1; i < STATUS_CLASSES; i++) {
		uint64_t n = __atomic_load_n(&by_class[i], __ATOMIC_RELAXED);
		if (n)
			att_putf(b,
				 "attest_pccs_answers_total{route=\"%s\",class=\"%dxx\"} %" PRIu64
				 "\n",
				 route, i, n);
	}
}

void att_pccs_put_metrics(att_pccs *p, int64_t now, att_buf *b)
{
	static const struct {
		const char *name;
		const char *help;
	} names[COUNTS] = {
		[COUNT_ASKED] = { "upstream_requests", "Requests to the provisioning service." },
		[COUNT_ASK_FAILED] = { "upstream_failures", "Of them, without an answer to use." },
		[COUNT_REFUSED] = { "refused", "Collateral that was not authentic." },
		[COUNT_ROLLBACK] = { "rollbacks", "Authentic collateral older than the stored." },
		[COUNT_STALE] = { "stale_answers", "Expired collateral given." },
		[COUNT_STORE_FAILED] = { "store_failures", "Failed calls of the store." },
		[COUNT_KEPT] = { "memory_answers", "Answers given from memory." },
		[COUNT_REFRESHED] = { "refreshes", "Entries refreshed." },
		[COUNT_REFRESH_FAILED] = { "refresh_failures", "Entries not refreshed." },
	};

	for (size_t i = 0; i < COUNTS; i++)
		att_putf(b,
			 "# HELP attest_pccs_%s_total %s\n# TYPE attest_pccs_%s_total counter\n"
			 "attest_pccs_%s_total %" PRIu64 "\n",
			 names[i].name, names[i].help, names[i].name, names[i].name,
			 __atomic_load_n(&p->count[i], __ATOMIC_RELAXED));
	att_put_str(b, "# HELP attest_pccs_answers_total Answers by route and status class.\n"
		       "# TYPE attest_pccs_answers_total counter\n");
	for (int i = 0; i < ATT_PCS_COUNT; i++)
		put_answers(att_pcs_name((enum att_pcs_what)i), p->answers[i], b);
	put_answers("none", p->other, b);
	int64_t newest = __atomic_load_n(&p->newest, __ATOMIC_RELAXED);
	att_putf(b,
		 "# HELP attest_pccs_newest_issue_seconds Newest verified date of issue.\n"
		 "# TYPE attest_pccs_newest_issue_seconds gauge\n"
		 "attest_pccs_newest_issue_seconds %" PRId64 "\n"
		 "# HELP attest_pccs_clock_behind Whether the clock is behind it.\n"
		 "# TYPE attest_pccs_clock_behind gauge\nattest_pccs_clock_behind %d\n",
		 newest < 0 ? 0 : newest, clock_behind(p, now));
}
