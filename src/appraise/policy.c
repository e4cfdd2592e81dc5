/* SPDX-License-Identifier: Apache-2.0 */
/* Reading policies: strict, every error with the member's path. */
#include "appraise/policy.h"

#include <string.h>

#include "base/distance.h"
#include "base/error.h"
#include "base/mem.h"
#include "crypto/digest.h"

ATT_DEFINE_CLEANUP(policy, att_policy, att_policy_free)

static const char builtin[] = "{\"version\": 1, \"any_of\": [{\"any_measurement\": true}]}";

void att_policy_free(att_policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++) {
		for (size_t k = 0; k < ATT_M_COUNT; k++)
			free(p->alt[i].term[k].data);
	}
	free(p->alt);
	for (size_t i = 0; i < p->warning_count; i++)
		free(p->warning[i]);
	free(p->warning);
	free(p);
}

static size_t member_named(att_json name)
{
	size_t i = 0;

	while (i < ATT_M_COUNT && !att_json_is(name, att_members[i].name))
		i++;
	return i;
}

static att_rc unknown_member(att_json name, att_err *err)
{
	att_bytes text = { 0 };
	const char *nearest = NULL;
	size_t best = 4;

	if (!att_json_plain(name, &text) || text.len > ATT_WORD_MAX)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(name),
				   "no member has this name");
	for (size_t i = 0; i < ATT_M_COUNT; i++) {
		const char *known = att_members[i].name;
		size_t d = att_distance(text, att_bytes_of(known, strlen(known)));
		if (d < best && d < text.len) {
			best = d;
			nearest = known;
		}
	}
	if (nearest)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(name),
				   "unknown member \"%.*s\"; did you mean \"%s\"?", (int)text.len,
				   (const char *)text.ptr, nearest);
	return att_fail_at(err, ATT_E_FORMAT, att_json_offset(name), "unknown member \"%.*s\"",
			   (int)text.len, (const char *)text.ptr);
}

static att_rc wrong_kind(att_json at, const struct att_member *m, const char *other, att_err *err)
{
	return att_fail_at(err, ATT_E_FORMAT, att_json_offset(at),
			   "%s is a member for %s, but %s makes this alternative one for %s",
			   m->name, m->scope == ATT_SCOPE_SGX ? "sgx" : "tdx", other,
			   m->scope == ATT_SCOPE_SGX ? "tdx" : "sgx");
}

/* The kind an alternative says or implies; members of both kinds can not hold of one piece of
 * evidence. */
static att_rc settle_kind(att_json object, struct att_alternative *a, att_err *err)
{
	const char *by = "kind";

	a->kind = (enum att_scope)a->term[ATT_M_KIND].num;
	for (size_t i = 0; i < ATT_M_COUNT; i++) {
		const struct att_member *m = &att_members[i];
		if (!a->term[i].set || m->scope == ATT_SCOPE_ANY || m->neutral)
			continue;
		if (a->kind == ATT_SCOPE_ANY) {
			a->kind = m->scope;
			by = m->name;
		}
		if (m->scope != a->kind)
			return wrong_kind(att_json_get(object, m->name), m, by, err);
	}
	for (size_t i = 0; i < ATT_M_COUNT; i++) {
		const struct att_member *m = &att_members[i];
		if (a->term[i].set && m->neutral && a->kind != ATT_SCOPE_ANY && m->scope != a->kind)
			return wrong_kind(att_json_get(object, m->name), m, by, err);
	}
	a->term[ATT_M_KIND].num = a->kind;
	return ATT_OK;
}

static att_rc read_alternative(att_json object, struct att_alternative *a, att_err *err)
{
	if (att_json_type_of(object) != ATT_JSON_OBJECT)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(object),
				   "expected an object");
	for (att_json v = att_json_first(object); v.doc; v = att_json_next(object, v)) {
		size_t i = member_named(att_json_name(v));
		if (i == ATT_M_COUNT)
			return unknown_member(att_json_name(v), err);
		att_rc rc = att_members[i].read(&att_members[i], v, &a->term[i], err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "%s", att_members[i].name);
		a->term[i].set = true;
	}
	return settle_kind(object, a, err);
}

static att_rc read_alternatives(att_json list, att_policy *p, att_err *err)
{
	if (att_json_type_of(list) != ATT_JSON_ARRAY)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(list),
				   "any_of: expected a list of alternatives");
	size_t count = att_json_count(list);
	if (count > ATT_ALTERNATIVES_MAX)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(list),
				   "any_of: %zu alternatives, at most %u", count,
				   ATT_ALTERNATIVES_MAX);
	p->alt = calloc(count + 1, sizeof(*p->alt));
	if (!p->alt)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	for (att_json v = att_json_first(list); v.doc; v = att_json_next(list, v)) {
		struct att_alternative *a = &p->alt[p->count];
		p->count++;
		att_rc rc = read_alternative(v, a, err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "any_of[%zu]", p->count - 1);
	}
	return ATT_OK;
}

static att_rc read_policy(att_json root, att_policy *p, att_err *err)
{
	int64_t version = 0;

	if (att_json_type_of(root) != ATT_JSON_OBJECT)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(root), "expected an object");
	for (att_json v = att_json_first(root); v.doc; v = att_json_next(root, v)) {
		att_json name = att_json_name(v);
		if (att_json_is(name, "version") || att_json_is(name, "any_of"))
			continue;
		if (member_named(name) != ATT_M_COUNT)
			return att_fail_at(err, ATT_E_FORMAT, att_json_offset(name),
					   "a policy has the members \"version\" and \"any_of\"; "
					   "this one belongs into an alternative of any_of");
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(name),
				   "a policy has the members \"version\" and \"any_of\" only");
	}
	if (!att_json_get(root, "version").doc || !att_json_get(root, "any_of").doc)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(root),
				   "expected both \"version\" and \"any_of\"");
	if (!att_json_int(att_json_get(root, "version"), 1, 1, &version))
		return att_fail_at(err, ATT_E_FORMAT,
				   att_json_offset(att_json_get(root, "version")),
				   "version: expected 1");
	return read_alternatives(att_json_get(root, "any_of"), p, err);
}

static att_rc identify(att_policy *p, att_bytes text, att_err *err)
{
	if (!att_sha256_once(text, p->id))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-256");
	return ATT_OK;
}

att_rc att_policy_parse(att_bytes json, att_policy **out, att_err *err)
{
	__attribute__((cleanup(policy_cleanup))) att_policy *p = NULL;
	att_auto_json att_json_doc doc = { 0 };

	*out = NULL;
	if (json.len > ATT_POLICY_TEXT_MAX)
		return att_fail(err, ATT_E_FORMAT, "policy is %zu bytes, at most %zu", json.len,
				ATT_POLICY_TEXT_MAX);
	p = calloc(1, sizeof(*p));
	if (!p)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = att_json_parse(json, &doc, err);
	if (rc == ATT_OK)
		rc = read_policy(att_json_root(&doc), p, err);
	if (rc == ATT_OK)
		rc = identify(p, json, err);
	if (rc == ATT_OK)
		rc = att_policy_warn(p, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "policy");
	*out = ATT_STEAL(p);
	return ATT_OK;
}

att_policy *att_policy_builtin(void)
{
	att_policy *p;

	return att_policy_parse(att_bytes_of(builtin, sizeof(builtin) - 1), &p, NULL) == ATT_OK
		   ? p
		   : NULL;
}

/* What a policy demands has changed: its id is then of the canonical text. */
static att_rc identify_again(att_policy *p, att_err *err)
{
	att_auto_mem char *text = NULL;

	att_rc rc = att_policy_to_json(p, &text, err);
	if (rc == ATT_OK)
		rc = identify(p, att_bytes_of(text, strlen(text)), err);
	return rc;
}

att_rc att_policy_allow_status(att_policy *p, enum att_tcb_status s, att_err *err)
{
	uint64_t before = p->extra_status;

	if (att_status_bit(s) == 0)
		return att_fail(err, ATT_E_ARG, "%s can not be allowed",
				att_tcb_status_name(s) ? att_tcb_status_name(s) : "this status");
	p->extra_status |= att_status_bit(s);
	att_rc rc = identify_again(p, err);
	if (rc != ATT_OK)
		p->extra_status = before;
	return rc;
}

att_rc att_policy_allow_simulated(att_policy *p, att_err *err)
{
	bool before = p->extra_simulated;

	p->extra_simulated = true;
	att_rc rc = identify_again(p, err);
	if (rc != ATT_OK)
		p->extra_simulated = before;
	return rc;
}

/* A signer makes many programs, and RTMRs hold what firmware chose to put there: neither says
 * alone what runs. */
bool att_alternative_pins(const struct att_alternative *a)
{
	return a->term[ATT_M_MR_ENCLAVE].set || a->term[ATT_M_MR_TD].set ||
	       (a->term[ATT_M_MR_SIGNER].set && a->term[ATT_M_ISV_PROD_ID].set);
}

struct att_term att_term_of(const att_policy *p, const struct att_alternative *a, size_t i)
{
	struct att_term t = a->term[i];

	if (i == ATT_M_TCB_STATUS) {
		if (!t.set)
			t.bits = att_members[i].fallback;
		t.bits |= p->extra_status;
	}
	if (i == ATT_M_ALLOW_SIMULATED && p->extra_simulated)
		t.num = 1;
	return t;
}

bool att_policy_pins(const att_policy *p)
{
	for (size_t i = 0; i < p->count; i++) {
		if (!att_alternative_pins(&p->alt[i]))
			return false;
	}
	return p->count > 0;
}

void att_policy_id(const att_policy *p, uint8_t out[32])
{
	memcpy(out, p->id, sizeof(p->id));
}

const char *att_policy_warning(const att_policy *p, size_t i)
{
	return i < p->warning_count ? p->warning[i] : NULL;
}
