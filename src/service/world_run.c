/* SPDX-License-Identifier: Apache-2.0 */
#include "service/world_run.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/aesm/client.h"
#include "service/namespace.h"
#include "service/reap.h"
#include "service/sandbox.h"
#include "service/world_control.h"
#include "service/world_daemon.h"

#define QCNL_PATH "/etc/sgx_default_qcnl.conf"
#define ENV_MAX   4096u

/* --- The environment --- */

static bool is_named(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

static void free_environment(char **env)
{
	for (char **e = env; env && *e; e++)
		free(*e);
	free(env);
}

static char *entry_of(const char *name, const char *value)
{
	att_auto_buf att_buf b = { 0 };

	att_putf(&b, "%s=%s", name, value);
	return att_buf_steal_str(&b);
}

static bool is_ours(const char *entry, const struct att_world_place *p)
{
	char value[ATT_PATH_ROOM];
	const char *name;

	for (size_t i = 0; (name = att_world_env(p, i, value)); i++) {
		if (is_named(entry, name))
			return true;
	}
	return false;
}

/* The world's variables, then all others that the command would have had. */
static char **make_environment(const struct att_world_place *p, char *const *old)
{
	char **env = calloc(ENV_MAX, sizeof(*env));
	char value[ATT_PATH_ROOM];
	const char *name;
	size_t count = 0;
	bool ok = env;

	while (ok && (name = att_world_env(p, count, value))) {
		env[count] = entry_of(name, value);
		ok = env[count++];
	}
	for (; ok && *old && count + 1 < ENV_MAX; old++) {
		if (is_ours(*old, p))
			continue;
		env[count] = strdup(*old);
		ok = env[count++];
	}
	if (ok)
		return env;
	free_environment(env);
	return NULL;
}

/* --- What the command sees --- */

/* Where a command begins was found before the mounts: by its name it is found behind them. Secrets
 * that are covered would else lie open to a command that begins among them. */
static void step_behind_covers(void)
{
	char here[PATH_MAX];

	if (getcwd(here, sizeof(here)) && chdir(here) != 0)
		(void)!chdir("/");
}

static att_rc hide_secrets(const struct att_world_place *p, att_err *err)
{
	char path[ATT_PATH_ROOM];

	if (!p->kept)
		return ATT_OK;
	att_world_path(p, ATT_WORLD_PRIVATE, path);
	return att_ns_hide(path, err);
}

static att_rc dress(const struct att_world_place *p, att_err *err)
{
	char path[ATT_PATH_ROOM];

	att_world_path(p, ATT_WORLD_QCNL, path);
	att_rc rc = att_ns_graft(path, QCNL_PATH, err);
	if (rc == ATT_OK) {
		att_world_path(p, ATT_WORLD_AESM, path);
		rc = att_ns_graft(path, ATT_AESM_SOCKET, err);
	}
	step_behind_covers();
	return rc;
}

static void warn(const struct att_world_run *r, const char *why, bool bare)
{
	char text[500];

	snprintf(
	    text, sizeof(text),
	    "%s: the command gets the world's environment, but not its standard paths (%s, %s)%s",
	    why, QCNL_PATH, ATT_AESM_SOCKET,
	    bare ? "; and it can read the world's secrets, which nothing covers" : "");
	r->warn(r->ctx, text);
}

/* --- The command's process --- */

/* What would undo the mounts, or look into the world's process. */
static const int dangerous[] = {
	CAP_SYS_ADMIN, CAP_SYS_PTRACE,         CAP_SYS_MODULE,
	CAP_SYS_RAWIO, CAP_DAC_READ_SEARCH,    CAP_PERFMON,
	CAP_BPF,       CAP_CHECKPOINT_RESTORE, -1,
};

/* Never returns. */
static void become_command(const struct att_world_run *r, char **env, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (att_sandbox_drop(dangerous, NULL) != ATT_OK || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 ||
	    getppid() != parent)
		_exit(126);
	execvpe(r->argv[0], r->argv, env);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Between the runner and the command: it outlives a runner that is killed for as long as it takes
 * to kill what the command has started. Never returns. */
static void become_keeper(const struct att_world_run *r, char **env, pid_t runner)
{
	pid_t keeper = getpid();
	pid_t none = -1;

	if (prctl(PR_SET_PDEATHSIG, ATT_REAP_GIVE_UP) != 0 || getppid() != runner ||
	    att_reap_prepare(NULL) != ATT_OK)
		_exit(126);
	pid_t command = fork();
	if (command == 0)
		become_command(r, env, keeper);
	_exit(command < 0 ? 126 : att_reap_wait(command, &none));
}

static att_rc run_command(const struct att_world_run *r, const struct att_world_place *p,
			  pid_t *world, int *status, att_err *err)
{
	char **env = make_environment(p, r->environ_in);
	pid_t runner = getpid();

	if (!env)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = att_reap_prepare(err);
	pid_t keeper = rc == ATT_OK ? fork() : -1;
	if (keeper == 0)
		become_keeper(r, env, runner);
	free_environment(env);
	if (rc != ATT_OK)
		return rc;
	if (keeper < 0)
		return att_fail(err, ATT_E_UNAVAILABLE, "no process: %s", strerror(errno));
	*status = att_reap_wait(keeper, world);
	return ATT_OK;
}

/* --- All together --- */

static att_rc enter_network(const struct att_world_run *r, att_err *err)
{
	if (!r->isolate_net)
		return ATT_OK;
	if (r->world)
		return att_fail(err, ATT_E_ARG,
				"a network of its own needs a world of its own: the one in %.80s "
				"listens outside of it",
				r->world);
	att_rc rc = att_ns_enter(ATT_NS_NETWORK, err);
	return rc == ATT_OK ? rc : att_wrap(err, rc, "--isolate-net");
}

static att_rc find_or_start(const struct att_world_run *r, pid_t *pid,
			    struct att_world_place *place, att_err *err)
{
	struct att_world_options o = r->options;

	*pid = -1;
	if (r->world)
		return att_world_find(r->world, place, err);
	o.abstract = o.abstract || r->isolate_net;
	return att_world_start(&o, false, pid, place, err);
}

att_rc att_world_run(const struct att_world_run *r, int *status, att_err *err)
{
	struct att_world_place place;
	pid_t world = -1;
	att_err why = { 0 };

	*status = 126;
	att_rc rc = enter_network(r, err);
	if (rc == ATT_OK)
		rc = find_or_start(r, &world, &place, err);
	if (rc != ATT_OK)
		return rc;
	/* After the world was started: its own process goes on seeing what it needs. */
	rc = att_ns_enter(ATT_NS_MOUNTS, &why);
	if (rc == ATT_OK)
		rc = hide_secrets(&place, &why);
	bool bare = rc != ATT_OK && place.kept;
	if (rc == ATT_OK)
		rc = dress(&place, &why);
	if (rc != ATT_OK)
		warn(r, why.msg, bare);
	bool ours = world > 0;
	rc = run_command(r, &place, &world, status, err);
	if (world > 0)
		att_world_end(world, &place);
	else if (ours)
		att_world_place_leave(&place);
	return rc;
}
