/* SPDX-License-Identifier: Apache-2.0 */
#include "service/reap.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/files.h"

static const int passed_on[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };

static sigset_t watched(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ATT_COUNT(passed_on); i++)
		sigaddset(&set, passed_on[i]);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, ATT_REAP_GIVE_UP);
	return set;
}

att_rc att_reap_prepare(att_err *err)
{
	sigset_t set = watched();

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0 ||
	    sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return att_fail(err, ATT_E_UNAVAILABLE, "can not watch over a command: %s",
				strerror(errno));
	return ATT_OK;
}

static int code_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Collects who has ended; true when the command has. */
static bool collect(pid_t command, pid_t *spared, int *status)
{
	int ended = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &ended, WNOHANG)) > 0) {
		if (pid == *spared)
			*spared = -1;
		if (pid == command) {
			*status = ended;
			return true;
		}
	}
	return false;
}

/* The parent of a process, from its stat line: "PID (NAME) STATE PPID ...". */
static pid_t parent_of(const char *pid)
{
	char path[ATT_PATH_ROOM];
	att_auto_buf att_buf b = { 0 };
	long parent = 0;

	if (snprintf(path, sizeof(path), "/proc/%s/stat", pid) >= (int)sizeof(path) ||
	    att_file_read(path, 4096, &b, NULL) != ATT_OK)
		return 0;
	att_put_u8(&b, 0);
	const char *end = b.failed ? NULL : strrchr((const char *)b.ptr, ')');
	if (end && strlen(end) > 4)
		parent = strtol(end + 4, NULL, 10);
	return (pid_t)parent;
}

/* Kills our children but for `spared`; how many there were. */
static unsigned kill_children(pid_t spared)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	unsigned count = 0;

	while (d && (e = readdir(d))) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
		if (pid <= 0 || pid == spared || parent_of(e->d_name) != getpid())
			continue;
		/* It is ours and not collected: the number can not be another's by now. */
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		count++;
	}
	if (d)
		closedir(d);
	return count;
}

static void pass_on(pid_t command, const siginfo_t *info)
{
	if (info->si_signo == ATT_REAP_GIVE_UP)
		kill(command, SIGKILL);
	/* What the terminal sends, it sends to the command too. */
	else if (info->si_signo != SIGCHLD && info->si_code <= 0)
		kill(command, info->si_signo);
}

int att_reap_wait(pid_t command, pid_t *spared)
{
	sigset_t set = watched();
	siginfo_t info;
	int status = 0;

	while (!collect(command, spared, &status)) {
		if (sigwaitinfo(&set, &info) > 0)
			pass_on(command, &info);
	}
	while (kill_children(*spared))
		;
	return code_of(status);
}
