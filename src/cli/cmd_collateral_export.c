/* SPDX-License-Identifier: Apache-2.0 */
/* `attest collateral export`: a whole offline bundle, a directory for each platform
 * (doc/collateral.md). */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "cli/collateral_job.h"
#include "cli/tree.h"

ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)
#define auto_collateral __attribute__((cleanup(collateral_cleanup)))

static enum cli_exit export_one(struct cli *c, struct cli_collateral_job *j, struct cli_subject *s,
				const char *to, struct cli_tree *t)
{
	auto_collateral att_collateral *col = NULL;
	att_auto_buf att_buf path = { 0 };
	char name[CLI_SUBJECT_NAME];
	att_err err = { 0 };

	att_rc rc = cli_subject_fetch(j, s, &j->set, &col, &err);
	cli_subject_bundle_name(s, name);
	att_putf(&path, "%s/%s", to, name);
	att_put_u8(&path, 0);
	if (rc == ATT_OK)
		rc = att_buf_ok(&path, &err);
	if (rc == ATT_OK)
		rc = cli_collateral_write((const char *)path.ptr, col, &err);
	cli_object(t, NULL);
	cli_put_str(t, "of", s->name);
	cli_put_str(t, "directory", rc == ATT_OK ? name : NULL);
	cli_put_str(t, "error", rc == ATT_OK ? NULL : err.msg);
	cli_end(t);
	if (rc == ATT_OK)
		return CLI_ACCEPTED;
	cli_error(c, "%s: %s", s->name, err.msg);
	return CLI_NO_ANSWER;
}

static enum cli_exit export_all(struct cli *c, const struct cli_args *a,
				struct cli_collateral_job *j, const char *to, struct cli_tree *t)
{
	enum cli_exit worst = CLI_ACCEPTED;
	enum cli_exit code;

	for (size_t n = 0;; n++) {
		__attribute__((cleanup(cli_subject_free))) struct cli_subject s = { 0 };

		if (!cli_subject_at(c, a, n, &s, &code))
			return worst;
		if (code == CLI_ACCEPTED)
			code = export_one(c, j, &s, to, t);
		if (code == CLI_USAGE)
			return code;
		if (code != CLI_ACCEPTED && worst != CLI_NO_ANSWER)
			worst = code;
	}
}

static enum cli_exit run_export(struct cli *c, const struct cli_args *a)
{
	__attribute__((cleanup(cli_collateral_job_free))) struct cli_collateral_job j = { 0 };
	const char *to = cli_value(a, OPT_TO);
	att_auto_buf att_buf b = { 0 };
	struct cli_tree t = { 0 };

	enum cli_exit code = cli_collateral_begin(c, a, &j);
	if (code != CLI_ACCEPTED)
		return code;
	if (mkdir(to, 0777) != 0 && errno != EEXIST) {
		cli_error(c, "%s: %s", to, strerror(errno));
		return CLI_NO_ANSWER;
	}
	cli_tree_start(&t, &b, cli_output_is(a, "json"));
	cli_put_str(&t, "bundle", to);
	cli_table(&t, "platforms");
	code = export_all(c, a, &j, to, &t);
	cli_end(&t);
	cli_put_bool(&t, "complete", code == CLI_ACCEPTED);
	cli_tree_finish(&t);
	cli_fetcher_warn(c, j.fetcher);
	return code == CLI_USAGE ? code : cli_finish(c, &b, code);
}

static const struct cli_option export_options[] = {
	{ .id = OPT_TO,
	  .name = "to",
	  .value = "DIR",
	  .path = true,
	  .required = true,
	  .help = "the bundle: a directory with one of service answers for each platform" },
	CLI_OPTIONS_PLATFORM,
	CLI_OPTIONS_SET,
	CLI_OPTIONS_SERVICE,
	CLI_OPTIONS_JUDGE,
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_collateral_export = {
	.name = "collateral export",
	.page = "attest-collateral",
	.operand = "QUOTE",
	.operand_min = 0,
	.operand_max = 4096,
	.summary = "fetch a whole offline bundle for quotes and FMSPCs",
	.about =
	    "'attest verify --collateral DIR' finds a quote's platform in the bundle; 'attestd "
	    "pccs' serves it where no network is.\n"
	    "Exit code 0 when the collateral of every platform is in it, 3 when not, 2 when a "
	    "quote is malformed.",
	.options = export_options,
	.option_count = ATT_COUNT(export_options),
	.run = run_export,
};
