/* SPDX-License-Identifier: Apache-2.0 */
/* The world's process: forked, told apart from its parent, waited for. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/daemon.h"
#include "service/net.h"
#include "service/world_daemon.h"
#include "service/world_internal.h"

/* What the new process says once: where it is, or why it is not. */
struct first_word {
	att_rc rc;
	att_err err;
	struct att_world_place place;
};

/* The signals' dispositions and mask that a program was started with are not a service's. */
static void fresh_signals(void)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int i = 1; i < 32; i++)
		sigaction(i, &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	att_ignore_sigpipe();
}

/* Standard streams of a terminal or a pipe would be held open by whoever outlives its parent. */
static void leave_streams(void)
{
	att_auto_fd int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; null >= 0 && i < 3; i++)
		dup2(null, i);
}

static void close_others(int keep)
{
	long max = sysconf(_SC_OPEN_MAX);

	if ((keep == 3 || close_range(3, (unsigned)keep - 1, 0) == 0) &&
	    close_range((unsigned)keep + 1, ~0u, 0) == 0)
		return;
	for (int fd = 3; fd < max && fd < 4096; fd++) {
		if (fd != keep)
			close(fd);
	}
}

static int serve(const struct att_world_options *o, int pipe_fd)
{
	struct first_word word = { 0 };
	struct att_world_daemon *d = NULL;

	word.rc = att_world_daemon_open(o, &d, &word.err);
	if (d)
		word.place = *att_world_daemon_place(d);
	bool heard = write(pipe_fd, &word, sizeof(word)) == (ssize_t)sizeof(word);
	close(pipe_fd);
	att_rc rc = d && heard ? att_world_daemon_run(d, NULL) : word.rc;
	att_world_daemon_close(d);
	return rc == ATT_OK ? 0 : 1;
}

/* Never returns. */
static void child(const struct att_world_options *o, bool detached, pid_t parent, int pipe_fd)
{
	fresh_signals();
	umask(022);
	setsid();
	if (!detached && (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent))
		_exit(1);
	leave_streams();
	close_others(pipe_fd);
	_exit(serve(o, pipe_fd));
}

/* Above the standard streams, which the new process lets go: one that was started without them
 * gets their numbers for whatever it opens. */
static int above_streams(int fd)
{
	int above = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	close(fd);
	return above;
}

static att_rc read_word(int fd, struct first_word *word, att_err *err)
{
	uint8_t *at = (uint8_t *)word;
	size_t have = 0;

	while (have < sizeof(*word)) {
		ssize_t n = read(fd, at + have, sizeof(*word) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return att_fail(err, ATT_E_UNAVAILABLE,
					"the world's process ended before it served");
		have += (size_t)n;
	}
	if (word->rc != ATT_OK && err)
		*err = word->err;
	return word->rc;
}

att_rc att_world_start(const struct att_world_options *o, bool detached, pid_t *pid,
		       struct att_world_place *place, att_err *err)
{
	struct first_word word = { 0 };
	int ends[2];
	pid_t parent = getpid();

	*pid = -1;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return att_fail(err, ATT_E_UNAVAILABLE, "no pipe: %s", strerror(errno));
	att_auto_fd int from = above_streams(ends[0]);
	att_auto_fd int to = above_streams(ends[1]);
	if (from < 0 || to < 0)
		return att_fail(err, ATT_E_UNAVAILABLE, "no descriptor left: %s", strerror(errno));
	pid_t new = fork();
	if (new < 0)
		return att_fail(err, ATT_E_UNAVAILABLE, "no process: %s", strerror(errno));
	if (new == 0)
		child(o, detached, parent, to);
	att_fd_cleanup(&to);
	att_rc rc = read_word(from, &word, err);
	if (rc != ATT_OK) {
		kill(new, SIGKILL);
		waitpid(new, NULL, 0);
		return rc;
	}
	*place = word.place;
	*pid = new;
	return ATT_OK;
}

void att_world_end(pid_t pid, const struct att_world_place *place)
{
	int status = 0;

	kill(pid, SIGTERM);
	kill(pid, SIGCONT); /* a stopped one would never hear of it */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		att_world_place_leave(place);
}
