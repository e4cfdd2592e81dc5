/* SPDX-License-Identifier: Apache-2.0 */
/* `attest collateral fetch`: one platform's collateral, as JSON or as a directory. */
#include <string.h>

#include "base/mem.h"
#include "cli/collateral_job.h"
#include "cli/file.h"

ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)
#define auto_collateral __attribute__((cleanup(collateral_cleanup)))

static enum cli_exit fail(struct cli *c, const att_err *err)
{
	cli_error(c, "%s", err->msg);
	return CLI_NO_ANSWER;
}

static enum cli_exit deliver(struct cli *c, const struct cli_args *a, const att_collateral *col)
{
	const char *to = cli_value(a, OPT_TO);
	att_auto_mem char *json = NULL;
	att_auto_buf att_buf b = { 0 };
	att_err err = { 0 };

	if (to)
		return cli_collateral_write(to, col, &err) == ATT_OK ? CLI_ACCEPTED : fail(c, &err);
	if (att_collateral_to_json(col, &json, &err) != ATT_OK)
		return fail(c, &err);
	att_put_str(&b, json);
	if (b.len && b.ptr[b.len - 1] != '\n')
		att_put_str(&b, "\n");
	return cli_finish(c, &b, CLI_ACCEPTED);
}

static enum cli_exit run_fetch(struct cli *c, const struct cli_args *a)
{
	__attribute__((cleanup(cli_collateral_job_free))) struct cli_collateral_job j = { 0 };
	__attribute__((cleanup(cli_subject_free))) struct cli_subject s = { 0 };
	auto_collateral att_collateral *col = NULL;
	att_err err = { 0 };

	enum cli_exit code = cli_collateral_begin(c, a, &j);
	if (code != CLI_ACCEPTED)
		return code;
	if (a->operand_count + (cli_value_at(a, OPT_FMSPC, 0) != NULL) +
		(cli_value_at(a, OPT_FMSPC, 1) != NULL) >
	    1)
		return cli_usage(c, a->command,
				 "one platform at a time; 'attest collateral export' "
				 "takes several");
	(void)cli_subject_at(c, a, 0, &s, &code);
	if (code != CLI_ACCEPTED)
		return code;
	att_rc rc = cli_subject_fetch(&j, &s, &j.set, &col, &err);
	cli_say_trace(c, j.trace);
	cli_fetcher_warn(c, j.fetcher);
	return rc == ATT_OK ? deliver(c, a, col) : fail(c, &err);
}

static const struct cli_option fetch_options[] = {
	CLI_OPTIONS_PLATFORM,
	{ .id = OPT_TO,
	  .name = "to",
	  .value = "DIR",
	  .path = true,
	  .help = "write the services' answers to this directory, in place of JSON to standard "
		  "output" },
	CLI_OPTIONS_SET,
	CLI_OPTIONS_SERVICE,
	CLI_OPTIONS_JUDGE,
	CLI_OPTION_HELP,
};

const struct cli_command cli_collateral_fetch = {
	.name = "collateral fetch",
	.page = "attest-collateral",
	.operand = "QUOTE",
	.operand_min = 0,
	.operand_max = 1,
	.summary = "fetch the collateral of a quote, or of an FMSPC",
	.about = "What is written was authenticated under the roots; its dates were not judged. "
		 "Standard error says what was asked, where, and what came back.\n"
		 "Exit code 0 when everything was got, 3 when not.",
	.options = fetch_options,
	.option_count = ATT_COUNT(fetch_options),
	.run = run_fetch,
};
