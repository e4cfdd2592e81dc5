/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sim.h"

#include <string.h>

#include "cli/file.h"

enum cli_exit sim_world_options(struct cli *c, const struct cli_args *a,
				struct att_world_options *out)
{
	const char *tmp = c->env("TMPDIR");
	const char *mode = c->env("SGX_MODE");
	const char *time = cli_value(a, SIM_OPT_TIME);
	const char *clock = cli_value(a, SIM_OPT_CLOCK);
	const char *profile = cli_value(a, SIM_OPT_PROFILE);
	const char *ca = cli_value(a, SIM_OPT_CA);
	att_err err = { 0 };

	*out = (struct att_world_options){ .tmp = tmp ? tmp : "/tmp",
					   .seed = cli_value(a, SIM_OPT_SEED),
					   .timed = time != NULL,
					   .runs = clock && strcmp(clock, "running") == 0,
					   .processor_ca = ca && strcmp(ca, "processor") == 0,
					   .abstract = cli_given(a, SIM_OPT_ABSTRACT) };
	out->intel_sim = profile ? strcmp(profile, "intel") == 0 : mode && strcmp(mode, "SIM") == 0;
	if (clock && !time)
		return cli_usage(c, a->command, "--clock says how --time goes on: give that too");
	if (time && cli_time(time, &out->time, &err) != ATT_OK)
		return cli_usage(c, a->command, "--time: %s", err.msg);
	if (out->seed && !*out->seed)
		return cli_usage(c, a->command, "--seed is empty");
	return CLI_ACCEPTED;
}

const char *sim_world(struct cli *c, const struct cli_args *a)
{
	const char *world = cli_value(a, SIM_OPT_WORLD);

	return world ? world : c->env("ATTEST_SIM_WORLD");
}

enum cli_exit sim_failed(struct cli *c, att_rc rc, const att_err *err)
{
	cli_error(c, "%s", err->msg);
	return rc == ATT_E_ARG || rc == ATT_E_MISMATCH ? CLI_USAGE : CLI_NO_ANSWER;
}
