/* SPDX-License-Identifier: Apache-2.0 */
/* `attest sim run`: a command in a simulated world. */
#include <limits.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/sim.h"
#include "service/world_run.h"

enum { OPT_ISOLATE_NET = SIM_OPT_OWN };

static void say(void *ctx, const char *text)
{
	cli_warning(ctx, "%s", text);
}

/* What only a world of one's own can be. */
static const struct cli_option *made_option(const struct cli_args *a)
{
	for (size_t i = 0; i < a->count; i++) {
		int id = a->set[i].option->id;
		if (id >= SIM_OPT_SEED && id <= SIM_OPT_ABSTRACT)
			return a->set[i].option;
	}
	return NULL;
}

static enum cli_exit run_run(struct cli *c, const struct cli_args *a)
{
	struct att_world_run r = { .world = cli_value(a, SIM_OPT_WORLD),
				   .isolate_net = cli_given(a, OPT_ISOLATE_NET),
				   .argv = a->operands,
				   .environ_in = environ,
				   .warn = say,
				   .ctx = c };
	const struct cli_option *made = made_option(a);
	att_err err = { 0 };
	int status;

	if (r.world && made)
		return cli_usage(c, a->command, "--%s makes a world, and --world has one",
				 made->name);
	if (!r.world && c->env("ATTEST_SIM_WORLD"))
		cli_note(c,
			 "this is a new world; --world %s is the one that ATTEST_SIM_WORLD names",
			 c->env("ATTEST_SIM_WORLD"));
	enum cli_exit code = sim_world_options(c, a, &r.options);
	if (code != CLI_ACCEPTED)
		return code;
	att_rc rc = att_world_run(&r, &status, &err);
	if (rc != ATT_OK)
		return sim_failed(c, rc, &err);
	if (status == 127)
		cli_note(c, "%s: not found, or it ended with status 127 itself", a->operands[0]);
	if (status == 126)
		cli_note(c, "%s: can not be run, or it ended with status 126 itself",
			 a->operands[0]);
	return (enum cli_exit)status; /* the command's own words, not ours */
}

static const struct cli_option options[] = {
	{ .id = SIM_OPT_WORLD,
	  .letter = 'w',
	  .name = "world",
	  .value = "DIR",
	  .path = true,
	  .help =
	      "in the world that runs there, not in one of its own; that ATTEST_SIM_WORLD names "
	      "it is not enough" },
	SIM_OPTIONS_WORLD,
	{ .id = OPT_ISOLATE_NET,
	  .name = "isolate-net",
	  .help = "a network with the world and nothing else; implies --abstract" },
	CLI_OPTION_HELP,
};

const struct cli_command cli_sim_run = {
	.name = "sim run",
	.operand = "COMMAND",
	.runs_command = true,
	.operand_min = 1,
	.operand_max = INT_MAX,
	.page = "attest-sim",
	.summary = "run a command in a simulated world",
	.about = "The command finds AESM's socket and Intel's qcnl configuration at their standard "
		 "paths, in a private mount namespace; the host is not changed. Without --world it "
		 "gets a world of its own, of which nothing remains. Its exit code is returned.",
	.options = options,
	.option_count = ATT_COUNT(options),
	.run = run_run,
};
