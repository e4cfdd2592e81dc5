/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/case.h"
#include "cli/file.h"

#include <string.h>

#include "base/mem.h"

struct job {
	struct cli_case k;
	struct cli_record record;
	struct cli_outcome o;
	struct cli_ear ear;
	att_buf result;
};

static void job_free(struct job *j)
{
	cli_case_free(&j->k);
	att_buf_free(&j->record.text);
	cli_outcome_free(&j->o);
	att_buf_free(&j->result);
}

static void say_policy_warnings(struct cli *c, const struct cli_case *k,
				const struct cli_outcome *o)
{
	const char *text;

	for (size_t i = 0; k->has_policy && (text = att_policy_warning(o->policy, i)) != NULL; i++)
		cli_warning(c, "policy: %s", text);
}

static enum cli_exit save(struct cli *c, const char *path, struct job *j)
{
	att_auto_buf att_buf text = { 0 };
	att_err err = { 0 };

	if (!j->o.evidence || !j->k.collateral || j->k.eventlog_err.rc != ATT_OK ||
	    j->o.saved == CLI_SAVED_DIFFERS) {
		cli_warning(c, "%s: not written: only what could be read and judged is saved",
			    path);
		return j->o.exit;
	}
	att_rc rc = cli_bundle_write(&j->k, &j->o, &text, &err);
	if (rc == ATT_OK)
		rc = cli_write_atomic(path, att_buf_bytes(&text), &err);
	if (rc == ATT_OK)
		return j->o.exit;
	cli_error(c, "--save: %s", err.msg);
	return CLI_NO_ANSWER;
}

static enum cli_exit show(struct cli *c, const struct cli_args *a, struct job *j)
{
	if (cli_output_is(a, "ear"))
		return cli_ear_print(c, &j->ear, &j->o, &j->result);
	if (cli_output_is(a, "json")) {
		cli_verdict_json(&j->k, &j->o, &j->result, 2);
		att_put_str(&j->result, "\n");
	} else {
		cli_verdict_text(c, &j->k, &j->o, cli_given(a, OPT_VERBOSE), &j->result);
	}
	return j->o.exit;
}

static enum cli_exit compare_saved(struct cli *c, struct job *j)
{
	att_err err = { 0 };

	if (!j->record.present)
		return CLI_ACCEPTED;
	if (!j->record.replay) {
		j->o.saved = j->record.verdict.len ? CLI_SAVED_NOT_COMPARED : CLI_SAVED_NONE;
		return CLI_ACCEPTED;
	}
	if (cli_bundle_compare(j->record.verdict, j->record.made_by, &j->k, &j->o, &err) == ATT_OK)
		return CLI_ACCEPTED;
	cli_error(c, "saved verdict: %s", err.msg);
	return CLI_NO_ANSWER;
}

/* The file's name in front, unless the message begins with it. */
static void say_why(struct cli *c, const char *path, const char *why)
{
	if (strncmp(why, path, strlen(path)) == 0)
		cli_error(c, "%s", why);
	else
		cli_error(c, "%s: %s", path, why);
}

static enum cli_exit run(struct cli *c, const struct cli_args *a, struct job *j)
{
	enum cli_exit rc = cli_ear_options(c, a, &j->ear);

	if (rc == CLI_ACCEPTED)
		rc = cli_case_gather(c, a, &j->k, &j->record);
	if (rc != CLI_ACCEPTED)
		return rc;
	rc = cli_judge(c, &j->k, &j->o);
	if (rc == CLI_ACCEPTED)
		rc = compare_saved(c, j);
	if (rc != CLI_ACCEPTED)
		return rc;
	say_policy_warnings(c, &j->k, &j->o);
	rc = show(c, a, j);
	if (rc == j->o.exit && cli_given(a, OPT_SAVE))
		rc = save(c, cli_value(a, OPT_SAVE), j);
	if (rc != j->o.exit)
		return rc; /* half of what was asked for is no answer */
	if (j->record.roots_left && !cli_given(a, OPT_ROOT))
		cli_note(c, "the file brings roots of its own, which were not used: --own-roots "
			    "replays it under them, --root names yours");
	if (!j->o.accepted)
		say_why(c, a->operands[0], j->o.why.msg);
	return cli_finish(c, &j->result, rc);
}

static enum cli_exit run_verify(struct cli *c, const struct cli_args *a)
{
	__attribute__((cleanup(job_free))) struct job j = { 0 };

	return run(c, a, &j);
}

static const struct cli_option verify_options[] = {
	{ .id = OPT_COLLATERAL,
	  .letter = 'c',
	  .name = "collateral",
	  .value = "FILE|DIR",
	  .path = true,
	  .help =
	      "what the quote is judged with: a JSON file, a directory of service answers, Open "
	      "Enclave endorsements" },
	CLI_OPTIONS_SERVICE,
	CLI_OPTIONS_SET,
	{ .id = OPT_TIME,
	  .letter = 't',
	  .name = "time",
	  .value = "TIME",
	  .help = "judge at this time (RFC 3339 or seconds since 1970), not at present; 'now' for "
		  "a saved "
		  "file" },
	{ .id = OPT_POLICY,
	  .letter = 'p',
	  .name = "policy",
	  .value = "FILE",
	  .path = true,
	  .help = "accept what this policy accepts, in place of the built-in one" },
	{ .id = OPT_REPORT_DATA,
	  .name = "report-data",
	  .value = "HEX",
	  .help = "expect this report data: 1 to 64 bytes, zeros behind" },
	{ .id = OPT_REPORT_DATA_SHA256,
	  .name = "report-data-sha256",
	  .value = "FILE",
	  .path = true,
	  .help = "expect the SHA-256 of this file as report data" },
	{ .id = OPT_ALLOW,
	  .name = "allow",
	  .value = "STATUS",
	  .repeats = true,
	  .help = "also accept this TCB status",
	  .choices =
	      "UpToDate SWHardeningNeeded ConfigurationNeeded ConfigurationAndSWHardeningNeeded "
	      "TDRelaunchAdvised TDRelaunchAdvisedConfigurationNeeded OutOfDate "
	      "OutOfDateConfigurationNeeded" },
	{ .id = OPT_ALLOW_SIMULATED,
	  .name = "allow-simulated",
	  .help = "also accept a simulated platform (its root must be given)" },
	{ .id = OPT_ROOT,
	  .name = "root",
	  .value = "FILE",
	  .path = true,
	  .repeats = true,
	  .help = "trust this root certificate (PEM or DER), and Intel's no more" },
	{ .id = OPT_OWN_ROOTS,
	  .name = "own-roots",
	  .help = "a saved file alone: trust the root certificates that it brings itself" },
	{ .id = OPT_EVENTLOG,
	  .name = "eventlog",
	  .value = "FILE",
	  .path = true,
	  .help = "replay this TDX event log (CCEL) against RTMR0 to RTMR2" },
	{ .id = OPT_SAVE,
	  .name = "save",
	  .value = "FILE",
	  .path = true,
	  .help = "write evidence, collateral, time, policy and verdict to a file that verifies "
		  "again" },
	{ .id = OPT_SIGN_KEY,
	  .name = "sign-key",
	  .value = "FILE",
	  .path = true,
	  .help = "P-256 private key (PEM) for -o ear" },
	{ .id = OPT_EAR_PROFILE,
	  .name = "ear-profile",
	  .value = "PROFILE",
	  .choices = "04 veraison",
	  .help = "spelling of the token's claims" },
	{ .id = OPT_NONCE,
	  .name = "nonce",
	  .value = "HEX",
	  .help = "nonce of the token: 8 to 64 bytes; required by -o ear" },
	{ .id = OPT_EAR_LIFETIME,
	  .name = "ear-lifetime",
	  .value = "SECONDS",
	  .help = "the token expires after this time, 300 unless told" },
	{ .id = OPT_VERBOSE,
	  .letter = 'v',
	  .name = "verbose",
	  .help = "list every check, with the source of its rule" },
	CLI_OPTION_OUTPUT("text json ear"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_verify = {
	.name = "verify",
	.page = "attest-verify",
	.operand = "FILE",
	.operand_min = 1,
	.operand_max = 1,
	.summary = "verify an SGX or TDX quote and judge it by a policy",
	.about =
	    "FILE is a quote in binary, hex, base64 or PEM ('-': standard input), or a file that "
	    "--save made. Such a file alone is judged by its own collateral, time and policy, and "
	    "must give the verdict saved in it; options override what it states. Roots it brings "
	    "itself are used with --own-roots only. With --collateral, its evidence alone is "
	    "used.\n"
	    "Collateral that is not given is fetched, where a service is known: from --pccs, "
	    "PCCS_URL, or the qcnl configuration (QCNL_CONF_PATH, " CLI_QCNL_PATH "). Else, and "
	    "with --offline, nothing touches the network.\n"
	    "Without --policy the built-in one holds: authentic, UpToDate, no debug, any "
	    "measurement.",
	.options = verify_options,
	.option_count = ATT_COUNT(verify_options),
	.run = run_verify,
};
