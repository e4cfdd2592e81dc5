/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict as JSON: doc/verdict.schema.json is its contract. */
#include "cli/verify.h"

#include <string.h>

#include "cli/show.h"
#include "cli/tree.h"

static void put_name_str(att_jsonw *w, const char *name, const char *value)
{
	att_jw_name(w, name);
	if (value)
		cli_jw_safe(w, att_bytes_of(value, strlen(value)));
	else
		att_jw_null(w);
}

static void put_name_bool(att_jsonw *w, const char *name, bool value)
{
	att_jw_name(w, name);
	att_jw_bool(w, value);
}

static void put_name_time(att_jsonw *w, const char *name, int64_t value)
{
	att_jw_name(w, name);
	cli_jw_time(w, value);
}

static void put_name_number(att_jsonw *w, const char *name, int64_t value)
{
	att_jw_name(w, name);
	if (value < 0)
		att_jw_null(w);
	else
		att_jw_int(w, value);
}

static void put_strings(att_jsonw *w, const char *name, const char *const *list, size_t count)
{
	att_jw_name(w, name);
	att_jw_array(w);
	for (size_t i = 0; i < count; i++)
		cli_jw_safe(w, att_bytes_of(list[i], strlen(list[i])));
	att_jw_end_array(w);
}

static void put_part(att_jsonw *w, const char *name, const struct att_tcb_part *part)
{
	att_jw_name(w, name);
	if (part->status == ATT_TCB_NONE) {
		att_jw_null(w);
		return;
	}
	att_jw_object(w);
	put_name_str(w, "status", att_tcb_status_name(part->status));
	put_name_time(w, "date", part->date);
	put_name_time(w, "newer_date", part->newer_date);
	put_strings(w, "advisories", part->advisories, part->advisory_count);
	att_jw_end_object(w);
}

static void put_tcb(att_jsonw *w, const struct att_tcb *tcb)
{
	put_name_str(w, "tcb_status", att_tcb_status_name(tcb->status));
	put_strings(w, "advisory_ids", tcb->advisories, tcb->advisory_count);
	att_jw_name(w, "tcb");
	att_jw_object(w);
	put_part(w, "platform", &tcb->platform);
	put_part(w, "module", &tcb->module);
	put_part(w, "qe", &tcb->qe);
	att_jw_end_object(w);
}

static void put_collateral(att_jsonw *w, const struct att_collateral_facts *f)
{
	att_jw_name(w, "collateral");
	att_jw_object(w);
	put_name_time(w, "earliest_issue", f->earliest_issue);
	put_name_time(w, "latest_issue", f->latest_issue);
	put_name_time(w, "earliest_expiration", f->earliest_expiration);
	put_name_time(w, "latest_expiration", f->latest_expiration);
	put_name_time(w, "tcb_info_issue", f->tcb_info_issue);
	put_name_time(w, "tcb_info_next_update", f->tcb_info_next_update);
	put_name_time(w, "qe_identity_issue", f->qe_identity_issue);
	put_name_time(w, "qe_identity_next_update", f->qe_identity_next_update);
	put_name_time(w, "root_crl_this_update", f->root_crl_this_update);
	put_name_time(w, "pck_crl_this_update", f->pck_crl_this_update);
	put_name_number(w, "tcb_evaluation_number", f->tcb_evaluation);
	put_name_number(w, "qe_evaluation_number", f->qe_evaluation);
	put_name_number(w, "root_crl_number", f->root_crl_number);
	put_name_number(w, "pck_crl_number", f->pck_crl_number);
	att_jw_end_object(w);
}

/* Claims leave this command only when they are authentic: `attest inspect` prints what evidence
 * merely says. */
static void put_claims(att_jsonw *w, const struct cli_outcome *o)
{
	att_jw_name(w, "claims");
	if (!o->authentic) {
		att_jw_null(w);
		return;
	}
	struct cli_tree t = { .out = w->out, .json = true, .w = *w, .depth = 1 };
	att_jw_object(&t.w);
	cli_show_claims(&t, att_verdict_claims(o->verdict), false);
	att_jw_end_object(&t.w);
	*w = t.w;
}

static void put_platform(att_jsonw *w, const struct cli_outcome *o)
{
	const struct att_platform *p = att_report_platform(o->report);

	att_jw_name(w, "platform");
	if (!o->authentic || !p->present) {
		att_jw_null(w);
		return;
	}
	struct cli_tree t = { .out = w->out, .json = true, .w = *w, .depth = 1 };
	att_jw_object(&t.w);
	cli_show_platform(&t, p);
	att_jw_end_object(&t.w);
	*w = t.w;
}

static void put_root(att_jsonw *w, const struct att_root_facts *r)
{
	att_jw_name(w, "root");
	if (!r->present) {
		att_jw_null(w);
		return;
	}
	att_jw_object(w);
	put_name_str(w, "label", r->label);
	att_jw_name(w, "key_sha256");
	att_jw_hex(w, att_bytes_of(r->key_sha256, sizeof(r->key_sha256)));
	put_name_bool(w, "simulated", r->simulated);
	att_jw_end_object(w);
}

static const char *text_or_null(const char *s)
{
	return s[0] ? s : NULL;
}

static void put_checks(att_jsonw *w, const struct cli_outcome *o)
{
	struct att_check check;

	att_jw_name(w, "checks");
	att_jw_array(w);
	for (size_t i = 0; cli_outcome_check(o, i, &check); i++) {
		att_jw_object(w);
		put_name_str(w, "id", check.id);
		put_name_str(w, "title", check.title);
		put_name_str(w, "result", att_outcome_name(check.outcome));
		put_name_str(w, "severity", check.collateral ? "collateral" : "evidence");
		put_name_str(w, "expected", text_or_null(check.expected));
		put_name_str(w, "seen", text_or_null(check.seen));
		put_name_str(w, "clause", check.clause);
		put_name_str(w, "remedy", text_or_null(check.remedy));
		put_name_str(w, "waits_for", check.outcome == ATT_NOT_RUN ? check.waits_for : NULL);
		att_jw_end_object(w);
	}
	att_jw_end_array(w);
}

static void put_policy(att_jsonw *w, const struct cli_case *k, const struct cli_outcome *o)
{
	uint8_t id[32];
	const att_appraisal *a = o->appraisal;

	att_jw_name(w, "policy");
	att_jw_object(w);
	put_name_str(w, "source", k->has_policy ? "file" : "builtin");
	att_jw_name(w, "id");
	att_policy_id(o->policy, id);
	att_jw_hex(w, att_bytes_of(id, sizeof(id)));
	put_name_str(w, "decision", !a ? "not-evaluated" : o->accepted ? "accepted" : "denied");
	att_jw_name(w, "alternative");
	if (o->accepted)
		att_jw_int(w, att_appraisal_alternative(a));
	else
		att_jw_null(w);
	att_jw_name(w, "reasons");
	att_jw_array(w);
	for (size_t i = 0; a && !o->accepted && i < att_appraisal_count(a); i++) {
		const char *reason = att_appraisal_reason(a, i);
		cli_jw_safe(w, att_bytes_of(reason, strlen(reason)));
	}
	att_jw_end_array(w);
	att_jw_end_object(w);
}

static void put_defaults(att_jsonw *w, unsigned defaults)
{
	att_jw_name(w, "defaults_used");
	att_jw_array(w);
	for (unsigned bit = 0; bit < CLI_DEFAULT_COUNT; bit++) {
		if (defaults & (1u << bit))
			att_jw_str(w, cli_default_name(bit));
	}
	att_jw_end_array(w);
}

static void put_saved(att_jsonw *w, const struct cli_outcome *o)
{
	static const char *const words[] = { NULL, "equal", "differs", "not-compared" };

	att_jw_name(w, "saved_verdict");
	if (o->saved == CLI_SAVED_NONE) {
		att_jw_null(w);
		return;
	}
	att_jw_object(w);
	put_name_str(w, "result", words[o->saved]);
	put_name_str(w, "difference", text_or_null(o->difference));
	att_jw_end_object(w);
}

void cli_verdict_json(const struct cli_case *k, const struct cli_outcome *o, att_buf *b,
		      unsigned indent)
{
	att_jsonw w = att_jsonw_to(b, indent);

	att_jw_object(&w);
	put_name_str(&w, "kind",
		     o->evidence ? att_kind_name(att_evidence_kind(o->evidence)) : NULL);
	put_name_bool(&w, "authentic", o->authentic);
	put_name_bool(&w, "accepted", o->accepted);
	put_name_str(&w, "error", o->accepted ? NULL : o->why.msg);
	att_jw_name(&w, "time");
	att_jw_time(&w, k->time);
	put_tcb(&w, att_report_tcb(o->report));
	put_collateral(&w, att_report_collateral(o->report));
	cli_fetched_json(&k->fetched, &w);
	put_claims(&w, o);
	put_platform(&w, o);
	put_root(&w, att_report_root(o->report));
	put_name_bool(&w, "simulated", att_report_simulated(o->report));
	put_name_bool(&w, "bound", att_report_bound(o->report));
	put_name_bool(&w, "pinned", o->appraisal && att_appraisal_pinned(o->appraisal));
	put_defaults(&w, k->defaults);
	put_policy(&w, k, o);
	put_checks(&w, o);
	att_jw_name(&w, "eventlog");
	cli_log_json(&o->log, &w);
	put_saved(&w, o);
	att_jw_end_object(&w);
}
