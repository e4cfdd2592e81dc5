/* SPDX-License-Identifier: Apache-2.0 */
/* Refreshing: what expires soon, or everything, without any client asking. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/pccs/state.h"

/* Keys of what is due, each with a NUL behind it: a listing must not call the store. */
struct due {
	att_pccs *p;
	int64_t now;
	bool all;
	const char *fmspcs; /* of platforms: "A,B", NULL for all */
	att_buf keys;
};

/* Half of a short life, the configured time of a long one. */
static bool is_due(const struct due *d, const struct att_pccs_record *r)
{
	int64_t before = d->p->o.refresh_before;
	int64_t half = r->expires - r->fetched > 0 ? (r->expires - r->fetched) / 2 : 0;

	return d->all || d->now >= r->expires - (before < half ? before : half);
}

static bool visit_document(void *ctx, const struct att_pccs_record *r)
{
	struct due *d = ctx;

	if (is_due(d, r))
		att_put(&d->keys, att_bytes_of(r->key, strlen(r->key) + 1));
	return true;
}

static bool visit_platform(void *ctx, const struct att_pccs_record *r)
{
	struct due *d = ctx;

	if (!d->fmspcs || strstr(d->fmspcs, r->tag))
		att_put(&d->keys, att_bytes_of(r->key, strlen(r->key) + 1));
	return true;
}

/* A document's key is the request that fetches it. */
static bool request_of(const char *key, struct att_pcs_request *out)
{
	struct att_http_request http = { 0 };
	bool ok = att_http_request_line(&http, "GET", key, NULL) == ATT_OK &&
		  att_pcs_read(&http, out, NULL) == ATT_OK;

	att_http_request_free(&http);
	return ok;
}

static bool refresh_document(att_pccs *p, const char *key, int64_t now)
{
	struct att_pccs_record doc = { 0 };
	struct att_pcs_request r;
	att_err err = { 0 };
	bool stale;

	bool ok = request_of(key, &r) &&
		  att_pccs_document(p, &r, ASK_ALWAYS, now, &doc, &stale, &err) == 200;
	att_pccs_record_free(&doc);
	return ok;
}

static bool refresh_platform(att_pccs *p, const char *key, int64_t now)
{
	att_auto_record struct att_pccs_record r = { 0 };
	att_auto_json att_json_doc doc = { 0 };
	struct att_pccs_platform_id id;
	att_err err = { 0 };

	return p->o.store->ops->get(p->o.store, ATT_PCCS_PLATFORM, key, &r, &err) == ATT_OK &&
	       att_json_parse(r.body, &doc, &err) == ATT_OK &&
	       att_pccs_platform_read(att_json_root(&doc), false, &id, &err) == ATT_OK &&
	       att_pccs_fetch_platform(p, &id, now, &err) == 200;
}

static size_t refresh_keys(att_pccs *p, const att_buf *keys, int64_t now,
			   bool (*one)(att_pccs *p, const char *key, int64_t now))
{
	size_t failed = 0;

	for (size_t at = 0; at < keys->len && !__atomic_load_n(&p->ending, __ATOMIC_RELAXED);) {
		const char *key = (const char *)keys->ptr + at;
		bool ok = one(p, key, p->o.clock ? p->o.clock(p->o.clock_ctx) : now);
		att_pccs_count(p, ok ? COUNT_REFRESHED : COUNT_REFRESH_FAILED);
		failed += !ok;
		at += strlen(key) + 1;
	}
	return failed;
}

static size_t refresh(att_pccs *p, const char *kind, struct due *d, att_pccs_visit *visit,
		      bool (*one)(att_pccs *p, const char *key, int64_t now))
{
	att_err err = { 0 };
	size_t failed = 0;
	att_rc rc = p->o.store->ops->list(p->o.store, kind, visit, d, &err);

	if (rc != ATT_OK || d->keys.failed) {
		att_pccs_count(p, COUNT_STORE_FAILED);
		att_pccs_say(p, ATT_PCCS_LOG_ERROR, "refresh: %s",
			     rc != ATT_OK ? err.msg : "out of memory");
		failed = 1;
	} else {
		failed = refresh_keys(p, &d->keys, d->now, one);
	}
	att_buf_free(&d->keys);
	return failed;
}

size_t att_pccs_refresh(att_pccs *p, int64_t now, bool all)
{
	struct due d = { .p = p, .now = now, .all = all };

	if (p->o.mode == ATT_PCCS_OFFLINE)
		return 0;
	return refresh(p, ATT_PCCS_DOCUMENT, &d, visit_document, refresh_document);
}

void att_pccs_refresh_now(att_pccs *p, const struct att_pcs_request *r, int64_t now,
			  struct att_http_response *out)
{
	struct due d = { .p = p, .now = now };
	att_err err = { 0 };
	size_t failed;

	if (p->o.mode == ATT_PCCS_OFFLINE) {
		att_fail(&err, ATT_E_UNAVAILABLE, "nothing is fetched in OFFLINE mode");
		att_pccs_reply(out, 503, &err);
		return;
	}
	if (r->type && strcmp(r->type, "certs") != 0) {
		att_fail(&err, ATT_E_ARG, "type: expected certs");
		att_pccs_reply(out, 400, &err);
		return;
	}
	if (r->type) {
		d.fmspcs =
		    r->fmspcs && r->fmspcs[0] && strcmp(r->fmspcs, "all") != 0 ? r->fmspcs : NULL;
		failed = refresh(p, ATT_PCCS_PLATFORM, &d, visit_platform, refresh_platform);
	} else {
		failed = att_pccs_refresh(p, now, true);
	}
	if (failed)
		att_fail(&err, ATT_E_UNAVAILABLE, "%zu entries could not be refreshed", failed);
	att_pccs_reply(out, failed ? 503 : 200, &err);
}
