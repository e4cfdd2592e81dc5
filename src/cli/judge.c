/* SPDX-License-Identifier: Apache-2.0 */
/* From a case to its outcome: parse, verify, replay, appraise. Reads nothing but the case. */
#include "cli/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

ATT_DEFINE_CLEANUP(roots, att_roots, att_roots_free)
#define auto_roots __attribute__((cleanup(roots_cleanup)))
ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)
#define auto_collateral __attribute__((cleanup(collateral_cleanup)))

const char *cli_default_name(unsigned bit)
{
	static const char *const names[CLI_DEFAULT_COUNT] = { "intel_root", "present_time",
							      "unbound_report_data",
							      "builtin_policy" };

	return bit < CLI_DEFAULT_COUNT ? names[bit] : NULL;
}

void cli_case_free(struct cli_case *k)
{
	att_buf_free(&k->evidence);
	att_collateral_free(k->collateral);
	for (size_t i = 0; i < k->root_count; i++)
		att_buf_free(&k->root[i].certificate);
	att_buf_free(&k->policy);
	att_buf_free(&k->eventlog);
	free(k->fetched.steps);
	*k = (struct cli_case){ 0 };
}

void cli_outcome_free(struct cli_outcome *o)
{
	att_evidence_free(o->evidence);
	att_report_free(o->report);
	att_verdict_free(o->verdict);
	att_policy_free(o->policy);
	att_appraisal_free(o->appraisal);
	att_eventlog_free(o->log.log);
	*o = (struct cli_outcome){ 0 };
}

static att_rc make_policy(const struct cli_case *k, att_policy **out, att_err *err)
{
	if (k->has_policy) {
		att_rc rc = att_policy_parse(att_buf_bytes(&k->policy), out, err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "%s",
					k->policy_path ? k->policy_path : "saved file");
	} else {
		*out = att_policy_builtin();
	}
	if (!*out)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	for (size_t i = 0; i < k->allow_count; i++) {
		att_rc rc = att_policy_allow_status(*out, k->allow[i], err);
		if (rc != ATT_OK)
			return rc;
	}
	return k->allow_simulated ? att_policy_allow_simulated(*out, err) : ATT_OK;
}

att_rc cli_case_roots(const struct cli_case *k, att_roots **out, att_err *err)
{
	*out = k->intel_root ? att_roots_intel() : att_roots_new();
	if (!*out)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	for (size_t i = 0; i < k->root_count; i++) {
		att_rc rc = att_roots_add(*out, att_buf_bytes(&k->root[i].certificate),
					  k->root[i].label, err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "root %s", k->root[i].label);
	}
	return ATT_OK;
}

static att_rc verify(const struct cli_case *k, const att_roots *roots,
		     const att_collateral *collateral, struct cli_outcome *o, att_err *err)
{
	struct att_verify_in in = {
		.evidence = o->evidence,
		.collateral = collateral,
		.roots = roots,
		.now = k->time,
		.bound_data = k->report_data_len ? att_bytes_of(k->report_data, k->report_data_len)
						 : ATT_UNBOUND,
	};

	return att_verify(&in, &o->report, &o->verdict, err);
}

/* Collateral that can not be read gives no answer, unless the evidence fails by itself: what can
 * be checked without collateral is checked, and that failure is the weightier one. */
static att_rc verify_without(const struct cli_case *k, const att_roots *roots,
			     struct cli_outcome *o, att_err *err)
{
	auto_collateral att_collateral *empty = att_collateral_new();

	if (!empty)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = verify(k, roots, empty, o, err);
	if (!o->report || !att_report_collateral_only(o->report))
		return rc;
	att_report_free(o->report);
	o->report = NULL;
	rc = att_report_of_failure("collateral.format", &k->collateral_err, k->time, &o->report,
				   err);
	if (rc == ATT_OK)
		*err = k->collateral_err;
	return rc == ATT_OK ? k->collateral_err.rc : rc;
}

static att_rc verify_case(const struct cli_case *k, const att_roots *roots, struct cli_outcome *o,
			  att_err *err)
{
	att_err why = k->evidence_err;

	if (why.rc == ATT_OK &&
	    att_evidence_parse(att_buf_bytes(&k->evidence), &o->evidence, &why) != ATT_OK) {
		if (why.rc == ATT_E_NOMEM)
			return att_fail(err, ATT_E_NOMEM, "out of memory");
		(void)att_wrap(&why, why.rc, "evidence");
	}
	if (!o->evidence) {
		att_rc rc =
		    att_report_of_failure("evidence.format", &why, k->time, &o->report, err);
		if (rc == ATT_OK)
			*err = why;
		return rc == ATT_OK ? why.rc : rc;
	}
	return k->collateral ? verify(k, roots, k->collateral, o, err)
			     : verify_without(k, roots, o, err);
}

/* What a check that needs authentic evidence waits for: the first that failed. */
static void name_first_failure(struct cli_outcome *o)
{
	struct att_check check;

	for (size_t i = 0; i < att_report_count(o->report); i++) {
		att_report_check(o->report, i, &check);
		if (check.outcome != ATT_FAIL)
			continue;
		snprintf(o->log.waits_for, sizeof(o->log.waits_for), "%s", check.id);
		return;
	}
}

static att_rc judge_log(const struct cli_case *k, struct cli_outcome *o, att_err *err)
{
	if (!k->has_eventlog)
		return ATT_OK;
	name_first_failure(o);
	att_rc rc = cli_log_judge(&o->log, &k->eventlog_err, att_buf_bytes(&k->eventlog),
				  o->verdict ? att_verdict_claims(o->verdict) : NULL, err);
	if (rc != ATT_OK || !o->log.refused || !o->authentic)
		return rc;
	/* The quote is genuine, the log is not what it measured: what was given does not hold
	 * together. */
	o->authentic = false;
	if (o->log.first_mismatch < 0) {
		o->why = o->log.err;
		(void)att_wrap(&o->why, o->why.rc, "event log");
	} else {
		(void)att_fail(&o->why, ATT_E_MISMATCH,
			       "event log: RTMR%d replays to another value than the quote's",
			       o->log.first_mismatch);
	}
	return ATT_OK;
}

static att_rc appraise(struct cli_outcome *o)
{
	att_rc rc = att_appraise(o->verdict, o->policy, &o->appraisal, NULL, &o->why);

	o->accepted = rc == ATT_OK;
	if (rc != ATT_E_DENIED)
		return rc;
	const char *reason = o->appraisal ? att_appraisal_reason(o->appraisal, 0) : NULL;
	if (reason)
		(void)att_fail(&o->why, ATT_E_DENIED, "denied by policy: %s", reason);
	return ATT_OK;
}

static enum cli_exit exit_code(const struct cli_case *k, const struct cli_outcome *o)
{
	bool unread_log = k->eventlog_err.rc == ATT_E_IO;

	if (o->accepted)
		return CLI_ACCEPTED;
	if (o->authentic)
		return CLI_DENIED;
	if (k->evidence_err.rc == ATT_E_IO)
		return CLI_NO_ANSWER;
	if (o->log.refused && !unread_log)
		return CLI_REFUSED;
	if (att_report_authentic(o->report))
		return CLI_NO_ANSWER;
	return att_report_collateral_only(o->report) ? CLI_NO_ANSWER : CLI_REFUSED;
}

static bool beside_sgx(const struct cli_case *k, const struct cli_outcome *o)
{
	return k->has_eventlog && o->evidence &&
	       att_evidence_kind(o->evidence) != ATT_KIND_TDX_QUOTE;
}

enum cli_exit cli_judge(struct cli *c, const struct cli_case *k, struct cli_outcome *o)
{
	auto_roots att_roots *roots = NULL;
	att_err err = { 0 };

	att_rc rc = make_policy(k, &o->policy, &err);
	if (rc == ATT_OK)
		rc = cli_case_roots(k, &roots, &err);
	if (rc != ATT_OK) {
		cli_error(c, "%s", err.msg);
		return rc == ATT_E_NOMEM || rc == ATT_E_UNAVAILABLE ? CLI_NO_ANSWER : CLI_USAGE;
	}
	rc = verify_case(k, roots, o, &o->why);
	if (!o->report) {
		cli_error(c, "%s", o->why.msg);
		return CLI_NO_ANSWER;
	}
	if (beside_sgx(k, o)) {
		cli_error(c, "an event log goes with a TDX quote; this is an %s",
			  att_kind_name(att_evidence_kind(o->evidence)));
		return CLI_USAGE;
	}
	o->authentic = rc == ATT_OK && o->verdict && att_report_authentic(o->report);
	rc = judge_log(k, o, &err);
	if (rc == ATT_OK && o->authentic)
		rc = appraise(o);
	if (rc != ATT_OK) {
		cli_error(c, "%s", err.msg[0] ? err.msg : o->why.msg);
		return CLI_NO_ANSWER;
	}
	o->exit = exit_code(k, o);
	return CLI_ACCEPTED;
}

bool cli_outcome_check(const struct cli_outcome *o, size_t i, struct att_check *out)
{
	size_t count = att_report_count(o->report);

	if (i >= count)
		return cli_log_check(&o->log, i - count, out);
	att_report_check(o->report, i, out);
	return true;
}
