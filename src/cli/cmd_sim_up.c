/* SPDX-License-Identifier: Apache-2.0 */
/* `attest sim up`: a simulated world that stays until it is told to stop. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "cli/sim.h"
#include "cli/tree.h"

enum { OPT_DETACH = SIM_OPT_OWN };

static void put_place(struct cli_tree *t, const struct att_world_place *p)
{
	char path[ATT_PATH_ROOM];
	const char *name;

	cli_put_str(t, "world", p->dir);
	cli_put_int(t, "pid", p->pid);
	cli_put_bool(t, "kept", p->kept);
	att_world_path(p, ATT_WORLD_ROOT, path);
	cli_put_str(t, "root", path);
	att_world_path(p, ATT_WORLD_POLICY, path);
	cli_put_str(t, "policies", path);
	cli_put_str(t, "pccs_url", p->pccs_url);
	cli_put_str(t, "pccs_tls_url", p->pccs_tls_url);
	cli_put_str(t, "pcs_url", p->pcs_url);
	cli_put_str(t, "pcs_tls_url", p->pcs_tls_url);
	att_world_path(p, ATT_WORLD_CA, path);
	cli_put_str(t, "tls_authority", path);
	cli_object(t, "environment");
	for (size_t i = 0; (name = att_world_env(p, i, path)); i++)
		cli_put_str(t, name, path);
	cli_end(t);
}

static enum cli_exit show(struct cli *c, const struct cli_args *a, const struct att_world_place *p)
{
	att_auto_buf att_buf b = { 0 };
	struct cli_tree t;
	bool json = cli_output_is(a, "json");

	cli_tree_start(&t, &b, json);
	put_place(&t, p);
	cli_tree_finish(&t);
	if (!json)
		att_putf(&b,
			 "\nA simulated world: its evidence proves nothing about hardware.\n"
			 "  work in it                    . %s/%s\n"
			 "  the same, at standard paths   attest sim run --world %s -- COMMAND\n"
			 "  let things go wrong (--list)  attest sim fault --world %s NAME=VALUE\n"
			 "  end it                        attest sim stop --world %s\n",
			 p->dir, ATT_WORLD_ENV, p->dir, p->dir, p->dir);
	return cli_finish(c, &b, CLI_ACCEPTED);
}

static sigset_t ends(void)
{
	static const int all[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ATT_COUNT(all); i++)
		sigaddset(&set, all[i]);
	return set;
}

/* Until the world ends, by a signal to either of us or by `attest sim stop`. */
static enum cli_exit stay(struct cli *c, pid_t pid, const struct att_world_place *p)
{
	sigset_t set = ends();
	int status = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		int signo = 0;
		if (sigwait(&set, &signo) != 0 || signo == SIGCHLD)
			continue;
		att_world_end(pid, p);
		return CLI_ACCEPTED;
	}
	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status) == 0 ? CLI_ACCEPTED : CLI_NO_ANSWER;
	att_world_place_leave(p);
	cli_error(c, "the world's process was killed by signal %d", WTERMSIG(status));
	return CLI_NO_ANSWER;
}

static enum cli_exit run_up(struct cli *c, const struct cli_args *a)
{
	struct att_world_options o = { 0 };
	struct att_world_place place;
	att_err err = { 0 };
	pid_t pid;
	bool detached = cli_given(a, OPT_DETACH);
	sigset_t set = ends();

	enum cli_exit code = sim_world_options(c, a, &o);
	if (code != CLI_ACCEPTED)
		return code;
	o.dir = a->operand_count ? a->operands[0] : NULL;
	/* None may fall between the start and the waiting; the world's process begins afresh. */
	if (!detached)
		sigprocmask(SIG_BLOCK, &set, NULL);
	att_rc rc = att_world_start(&o, detached, &pid, &place, &err);
	if (rc != ATT_OK)
		return sim_failed(c, rc, &err);
	code = show(c, a, &place);
	if (code != CLI_ACCEPTED) {
		att_world_end(pid, &place);
		return code;
	}
	if (detached)
		return CLI_ACCEPTED;
	fflush(c->out);
	return stay(c, pid, &place);
}

static const struct cli_option options[] = {
	SIM_OPTIONS_WORLD,
	{ .id = OPT_DETACH,
	  .letter = 'd',
	  .name = "detach",
	  .help = "return when the world is there, and leave it running" },
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_sim_up = {
	.name = "sim up",
	.operand = "DIR",
	.operand_max = 1,
	.page = "attest-sim",
	.summary = "start a simulated world",
	.about = "Simulated processor, AESM socket, PCS and PCCS API in one process that keeps the "
		 "secrets. With DIR the world is kept there and comes back with the next start; "
		 "without, nothing remains of it.",
	.options = options,
	.option_count = ATT_COUNT(options),
	.run = run_up,
};
