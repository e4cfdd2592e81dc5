/* SPDX-License-Identifier: Apache-2.0 */
/* Appraisal policies of Intel's quote appraisal (PCCS API document, "appraisalpolicy"): signed by
 * the platform's owner with a key that quote appraisal knows and this service does not, so they
 * are kept and given as they came. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "service/pccs/state.h"

#define POLICY_MAX ((size_t)256 << 10)

/* What a policy is about, by the class id of its environment. */
static const struct {
	const char *id;
	const char *name;
} classes[] = {
	{ "3123ec35-8d38-4ea5-87a5-d6c48b567570", "sgx" },
	{ "9eec018b-7481-4b1c-8e1a-9f7c0c8c777f", "tdx-1.0" },
	{ "f708b97f-0fb2-4e6b-8b03-8a5bcd1221d3", "tdx-1.5" },
};

static const char *class_in(att_json policies)
{
	for (att_json v = att_json_first(policies); v.doc; v = att_json_next(policies, v)) {
		att_json id = att_json_get(att_json_get(v, "environment"), "class_id");
		att_bytes text;
		if (!att_json_plain(id, &text))
			return NULL;
		for (size_t i = 0; i < ATT_COUNT(classes); i++)
			if (text.len == strlen(classes[i].id) &&
			    strncasecmp((const char *)text.ptr, classes[i].id, text.len) == 0)
				return classes[i].name;
	}
	return NULL;
}

/* The policy is a JWS; its payload holds the policies as a text in a member. */
static const char *class_of(const char *jws, att_err *err)
{
	att_auto_json att_json_doc payload = { 0 };
	att_auto_json att_json_doc inner = { 0 };
	const char *name = NULL;
	char *text = NULL;
	size_t text_len = 0;
	const char *dot = strchr(jws, '.');
	size_t len = dot ? strcspn(dot + 1, ".") : 0;
	size_t room = len + 3;

	uint8_t *decoded = malloc(room);
	if (decoded && dot &&
	    att_base64url_decode(att_bytes_of(dot + 1, len), decoded, &room, err) == ATT_OK &&
	    att_json_parse(att_bytes_of(decoded, room), &payload, err) == ATT_OK &&
	    att_json_string(att_json_get(att_json_root(&payload), "policy_payload"), &text,
			    &text_len, err) == ATT_OK &&
	    att_json_parse(att_bytes_of(text, text_len), &inner, err) == ATT_OK)
		name = class_in(att_json_get(att_json_root(&inner), "policy_array"));
	if (!name)
		att_fail(err, ATT_E_FORMAT,
			 "policy: expected a JWS whose policies name a class that is known");
	free(text);
	free(decoded);
	return name;
}

struct policy {
	char *jws;
	char fmspc[13];
	bool is_default;
	char id[2 * ATT_SHA384_LEN + 1];
	const char *class_name;
};

static att_rc read_policy(att_bytes body, struct policy *out, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	uint8_t fmspc[6], hash[ATT_SHA384_LEN];
	size_t len = 0;

	att_rc rc = att_json_parse(body, &doc, err);
	if (rc != ATT_OK)
		return rc;
	att_json root = att_json_root(&doc);
	if (!att_json_hex(att_json_get(root, "fmspc"), fmspc, sizeof(fmspc)))
		return att_fail(err, ATT_E_FORMAT, "fmspc: expected 12 hex digits");
	att_hex_encode(att_bytes_of(fmspc, sizeof(fmspc)), out->fmspc);
	if (!att_json_bool(att_json_get(root, "is_default"), &out->is_default))
		return att_fail(err, ATT_E_FORMAT, "is_default: expected true or false");
	rc = att_json_string(att_json_get(root, "policy"), &out->jws, &len, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "policy");
	if (len > POLICY_MAX)
		return att_fail(err, ATT_E_FORMAT, "policy: %zu bytes, at most %zu", len,
				POLICY_MAX);
	out->class_name = class_of(out->jws, err);
	if (!out->class_name)
		return ATT_E_FORMAT;
	if (!att_sha384(att_bytes_of(out->jws, len), att_bytes_of(NULL, 0), hash))
		return att_fail(err, ATT_E_UNAVAILABLE, "no SHA-384");
	att_hex_encode(att_bytes_of(hash, sizeof(hash)), out->id);
	return ATT_OK;
}

void att_pccs_put_policy(att_pccs *p, att_bytes body, int64_t now, struct att_http_response *out)
{
	struct policy policy = { 0 };
	struct att_pccs_record r = {
		.kind = ATT_PCCS_POLICY, .issued = now, .expires = INT64_MAX, .fetched = now
	};
	att_err err = { 0 };
	bool kept = false;
	int status = 200;

	att_rc rc = read_policy(body, &policy, &err);
	if (rc != ATT_OK) {
		status = rc == ATT_E_NOMEM ? 500 : 400;
	} else {
		/* One default for each FMSPC and class. */
		snprintf(r.key, sizeof(r.key), "%s/%s/%s", policy.fmspc,
			 policy.is_default ? "default" : "other",
			 policy.is_default ? policy.class_name : policy.id);
		memcpy(r.tag, policy.fmspc, sizeof(policy.fmspc));
		r.body = att_bytes_of(policy.jws, strlen(policy.jws));
		rc = att_pccs_put(p, &r, 1, &kept, &err);
		if (rc != ATT_OK)
			status = att_pccs_store_status(rc);
	}
	if (status == 200) {
		out->status = 200;
		att_http_put_header(out, "Content-Type", "text/plain; charset=utf-8");
		att_put_str(&out->body, policy.id);
	} else {
		att_pccs_reply(out, status, &err);
	}
	free(policy.jws);
}

struct gather {
	const char *fmspc;
	att_buf text;
};

static bool visit(void *ctx, const struct att_pccs_record *r)
{
	struct gather *g = ctx;
	static const char prefix[] = "/default/";

	if (strcmp(r->tag, g->fmspc) != 0 ||
	    strncmp(r->key + strlen(r->tag), prefix, sizeof(prefix) - 1) != 0)
		return true;
	if (g->text.len)
		att_put_str(&g->text, ",");
	att_put(&g->text, r->body);
	return true;
}

void att_pccs_get_policy(att_pccs *p, const struct att_pcs_request *r,
			 struct att_http_response *out)
{
	struct gather g = { .fmspc = r->fmspc };
	att_err err = { 0 };
	att_rc rc = p->o.store->ops->list(p->o.store, ATT_PCCS_POLICY, visit, &g, &err);

	if (rc != ATT_OK) {
		att_pccs_reply(out, att_pccs_store_status(rc), &err);
	} else if (g.text.len == 0) {
		att_fail(&err, ATT_E_MISSING, "no default policy for this FMSPC");
		att_pccs_reply(out, 404, &err);
	} else {
		out->status = 200;
		att_http_put_header(out, "Content-Type", "text/plain; charset=utf-8");
		att_put(&out->body, att_buf_bytes(&g.text));
		out->body.failed |= g.text.failed;
	}
	att_buf_free(&g.text);
}
