/* SPDX-License-Identifier: Apache-2.0 */
/* What --save writes: one JSON document with all that a judgement depended on, and its verdict
 * (doc/bundle.md). Writing, and comparing a verdict with the one stored. */
#include "cli/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/bundle.h"

static void put_base64_member(att_jsonw *w, const char *name, att_bytes bytes)
{
	att_auto_buf att_buf text = { 0 };

	att_jw_name(w, name);
	att_put_base64(&text, bytes);
	w->out->failed |= text.failed;
	att_jw_strn(w, att_buf_bytes(&text));
}

static void put_roots(att_jsonw *w, const struct cli_case *k)
{
	att_jw_name(w, "roots");
	att_jw_object(w);
	att_jw_name(w, "intel");
	att_jw_bool(w, k->intel_root);
	att_jw_name(w, "certificates");
	att_jw_array(w);
	for (size_t i = 0; i < k->root_count; i++) {
		att_jw_object(w);
		att_jw_name(w, "label");
		att_jw_str(w, k->root[i].label);
		put_base64_member(w, "certificate", att_buf_bytes(&k->root[i].certificate));
		att_jw_end_object(w);
	}
	att_jw_end_array(w);
	att_jw_end_object(w);
}

static void put_policy(att_jsonw *w, const struct cli_case *k)
{
	att_jw_name(w, "policy");
	att_jw_object(w);
	if (k->has_policy) {
		put_base64_member(w, "text", att_buf_bytes(&k->policy));
	} else {
		att_jw_name(w, "text");
		att_jw_null(w);
	}
	att_jw_name(w, "allow");
	att_jw_array(w);
	for (size_t i = 0; i < k->allow_count; i++)
		att_jw_str(w, att_tcb_status_name(k->allow[i]));
	att_jw_end_array(w);
	att_jw_name(w, "allow_simulated");
	att_jw_bool(w, k->allow_simulated);
	att_jw_end_object(w);
}

static void put_optional(att_jsonw *w, const struct cli_case *k)
{
	att_jw_name(w, "report_data");
	if (k->report_data_len)
		att_jw_hex(w, att_bytes_of(k->report_data, k->report_data_len));
	else
		att_jw_null(w);
	if (k->has_eventlog) {
		put_base64_member(w, "eventlog", att_buf_bytes(&k->eventlog));
	} else {
		att_jw_name(w, "eventlog");
		att_jw_null(w);
	}
	att_jw_name(w, "defaults_used");
	att_jw_array(w);
	for (unsigned bit = 0; bit < CLI_DEFAULT_COUNT; bit++) {
		if (k->defaults & (1u << bit))
			att_jw_str(w, cli_default_name(bit));
	}
	att_jw_end_array(w);
}

static att_rc verdict_text(const struct cli_case *k, const struct cli_outcome *o, att_buf *out,
			   att_err *err)
{
	struct cli_outcome plain = *o;
	struct cli_case same = *k;

	/* What a saved verdict was compared with is no part of the verdict, nor is where collateral
	 * came from. */
	plain.saved = CLI_SAVED_NONE;
	same.fetched = (struct cli_fetched){ 0 };
	cli_verdict_json(&same, &plain, out, 0);
	return att_buf_ok(out, err);
}

att_rc cli_bundle_write(const struct cli_case *k, const struct cli_outcome *o, att_buf *out,
			att_err *err)
{
	att_auto_mem char *collateral = NULL;
	att_auto_buf att_buf verdict = { 0 };

	att_rc rc = att_collateral_to_json(k->collateral, &collateral, err);
	if (rc == ATT_OK)
		rc = verdict_text(k, o, &verdict, err);
	if (rc != ATT_OK)
		return rc;
	att_jsonw w = att_jsonw_to(out, 1);
	att_jw_object(&w);
	att_jw_name(&w, "format");
	att_jw_str(&w, CLI_BUNDLE_FORMAT);
	att_jw_name(&w, "version");
	att_jw_int(&w, CLI_BUNDLE_VERSION);
	att_jw_name(&w, "made_by");
	att_jw_str(&w, att_version());
	att_jw_name(&w, "time");
	att_jw_time(&w, k->time);
	put_base64_member(&w, "evidence", att_buf_bytes(&k->evidence));
	att_jw_name(&w, "collateral");
	att_jw_raw(&w, att_bytes_of(collateral, strlen(collateral)));
	put_roots(&w, k);
	put_policy(&w, k);
	put_optional(&w, k);
	att_jw_name(&w, "verdict");
	att_jw_raw(&w, att_buf_bytes(&verdict));
	att_jw_end_object(&w);
	att_put_str(out, "\n");
	if (out->len > ATT_JSON_TEXT_MAX)
		return att_fail(err, ATT_E_FORMAT, "%zu bytes, at most %zu can be read again",
				out->len, ATT_JSON_TEXT_MAX);
	return att_buf_ok(out, err);
}

/* Without the white space between tokens: a file that was laid out anew still says the same. */
static void put_compact(att_buf *out, att_bytes json)
{
	bool in_string = false;

	for (size_t i = 0; i < json.len; i++) {
		uint8_t ch = json.ptr[i];
		if (!in_string && (ch == ' ' || ch == '\n' || ch == '\r' || ch == '\t'))
			continue;
		att_put_u8(out, ch);
		if (in_string && ch == '\\' && i + 1 < json.len)
			att_put_u8(out, json.ptr[++i]);
		else if (ch == '"')
			in_string = !in_string;
	}
}

static bool same_value(att_json a, att_json b)
{
	return a.doc && b.doc && att_bytes_eq(att_json_slice(a), att_json_slice(b));
}

/* The words of checks and reasons may change from one version of this program to the next; what
 * was found may not. */
static bool only_words(att_json value)
{
	return att_json_is(att_json_name(value), "checks") ||
	       att_json_is(att_json_name(value), "policy") ||
	       att_json_is(att_json_name(value), "error");
}

static void note_difference(struct cli_outcome *o, att_json stored, att_json fresh)
{
	att_bytes name = { 0 };
	att_bytes was = stored.doc ? att_json_slice(stored) : att_bytes_of("nothing", 7);
	att_bytes now = att_json_slice(fresh);

	o->saved = CLI_SAVED_DIFFERS;
	if (!att_json_plain(att_json_name(fresh), &name))
		return;
	if (was.len > 24 || now.len > 24)
		snprintf(o->difference, sizeof(o->difference), "%.*s", (int)name.len,
			 (const char *)name.ptr);
	else
		snprintf(o->difference, sizeof(o->difference), "%.*s: saved %.*s, now %.*s",
			 (int)name.len, (const char *)name.ptr, (int)was.len, (const char *)was.ptr,
			 (int)now.len, (const char *)now.ptr);
}

static void compare(att_json stored, att_json fresh, bool same_version, struct cli_outcome *o)
{
	static const char *const required[] = { "kind", "authentic", "accepted", "tcb_status",
						"time" };

	o->saved = CLI_SAVED_EQUAL;
	for (att_json v = att_json_first(fresh); v.doc; v = att_json_next(fresh, v)) {
		att_bytes name;
		char text[48];
		if (!att_json_plain(att_json_name(v), &name) || (!same_version && only_words(v)))
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)name.len, (const char *)name.ptr);
		att_json was = att_json_get(stored, text);
		bool may_lack = !same_version;
		for (size_t i = 0; i < ATT_COUNT(required); i++)
			may_lack &= strcmp(text, required[i]) != 0;
		if ((was.doc || !may_lack) && !same_value(was, v)) {
			note_difference(o, was, v);
			return;
		}
	}
	if (same_version && att_json_count(stored) != att_json_count(fresh)) {
		o->saved = CLI_SAVED_DIFFERS;
		snprintf(o->difference, sizeof(o->difference), "it has %zu members, not %zu",
			 att_json_count(stored), att_json_count(fresh));
	}
}

att_rc cli_bundle_compare(att_bytes stored, const char *made_by, const struct cli_case *k,
			  struct cli_outcome *o, att_err *err)
{
	att_auto_buf att_buf fresh = { 0 };
	att_auto_buf att_buf saved = { 0 };
	att_auto_json att_json_doc a = { 0 };
	att_auto_json att_json_doc b = { 0 };

	put_compact(&saved, stored);
	att_rc rc = att_buf_ok(&saved, err);
	if (rc == ATT_OK)
		rc = verdict_text(k, o, &fresh, err);
	if (rc == ATT_OK)
		rc = att_json_parse(att_buf_bytes(&saved), &a, err);
	if (rc == ATT_OK)
		rc = att_json_parse(att_buf_bytes(&fresh), &b, err);
	if (rc != ATT_OK)
		return rc;
	compare(att_json_root(&a), att_json_root(&b), strcmp(made_by, att_version()) == 0, o);
	if (o->saved == CLI_SAVED_EQUAL)
		return ATT_OK;
	/* What the file claims is not what its own evidence gives: it is believed in nothing. */
	o->authentic = false;
	o->accepted = false;
	o->exit = CLI_REFUSED;
	(void)att_fail(&o->why, ATT_E_MISMATCH,
		       "the verdict saved in the file is not this evidence's: %s", o->difference);
	return ATT_OK;
}
