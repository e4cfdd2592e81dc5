/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "service/sandbox.h"

/* What a confined process finds, as bits of its exit status: it can print nothing. */
enum {
	ENTERED = 1,
	SOCKETS = 2,
	FILES = 4,
	EXECUTES = 8,
	TRACES = 16,
	DUMPS = 32,
	CAN_READ = 64,
};

static int look(const struct att_sandbox *s)
{
	static char *const argv[] = { NULL };
	int found = 0;
	char byte;
	int ends[2];

	if (pipe(ends) != 0 || att_sandbox_enter(s, NULL) != ATT_OK)
		return 0;
	found |= ENTERED;
	found |= socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? SOCKETS : 0;
	found |= open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0 ? FILES : 0;
	found |= write(ends[1], "x", 1) == 1 && read(ends[0], &byte, 1) == 1 ? CAN_READ : 0;
	if (!s->no_call_filter) {
		found |= execv("/bin/true", argv) == -1 && errno == ENOSYS ? 0 : EXECUTES;
		found |= ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 ? TRACES : 0;
		return found;
	}
	found |= prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 ? DUMPS : 0;
	return found;
}

/* In a child: nothing of this can be undone. */
static int in_sandbox(const struct att_sandbox *s, int (*see)(const struct att_sandbox *s))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		_exit(see(s));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_calls(void **state)
{
	const struct att_sandbox bare = { 0 };
	const struct att_sandbox files = { .may = ATT_SANDBOX_FILES };
	const struct att_sandbox net = { .may = ATT_SANDBOX_CONNECT | ATT_SANDBOX_THREADS };
	const struct att_sandbox open_ = { .no_call_filter = true };

	(void)state;
	assert_int_equal(in_sandbox(&bare, look), ENTERED | CAN_READ);
	assert_int_equal(in_sandbox(&files, look), ENTERED | CAN_READ | FILES);
	assert_int_equal(in_sandbox(&net, look), ENTERED | CAN_READ | SOCKETS);
	assert_int_equal(in_sandbox(&open_, look), ENTERED | CAN_READ | SOCKETS | FILES);
}

static int see_limits(const struct att_sandbox *s)
{
	struct rlimit files, core;

	return att_sandbox_enter(s, NULL) == ATT_OK && getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	       files.rlim_cur == 64 && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0 &&
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
	       prctl(PR_CAPBSET_READ, 0, 0, 0, 0) != 1;
}

static int see_user(const struct att_sandbox *s)
{
	return att_sandbox_enter(s, NULL) == ATT_OK && getuid() != 0 && geteuid() == getuid() &&
	       getgid() != 0 && getgroups(0, NULL) == 0 && setuid(0) != 0;
}

static int refuses(const struct att_sandbox *s)
{
	att_err err = { 0 };

	return att_sandbox_enter(s, &err) == ATT_E_ARG && strstr(err.msg, s->user);
}

static void test_limits_and_user(void **state)
{
	const struct att_sandbox limits = { .files = 64, .no_call_filter = true };
	const struct att_sandbox nobody = { .user = "nobody", .no_call_filter = true };
	const struct att_sandbox unknown = { .user = "no-such-user" };

	(void)state;
	assert_int_equal(in_sandbox(&unknown, refuses), 1);
	/* Only root can give its user and its bounding set up. */
	if (geteuid() != 0)
		return;
	assert_int_equal(in_sandbox(&limits, see_limits), 1);
	assert_int_equal(in_sandbox(&nobody, see_user), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_limits_and_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
