/* SPDX-License-Identifier: Apache-2.0 */
#include "service/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

/* Names, because not every machine has every call: what it has not is passed over. */
static const char *const always[] = {
	"accept",
	"accept4",
	"brk",
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"close",
	"close_range",
	"dup",
	"dup2",
	"dup3",
	"epoll_create",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"eventfd",
	"eventfd2",
	"exit",
	"exit_group",
	"fcntl",
	"fdatasync",
	"flock",
	"fstat",
	"fstatfs",
	"fsync",
	"futex",
	"getcwd",
	"getdents64",
	"getegid",
	"geteuid",
	"getgid",
	"getpeername",
	"getpid",
	"getppid",
	"getrandom",
	"getsockname",
	"getsockopt",
	"gettid",
	"gettimeofday",
	"getuid",
	"kill",
	"lseek",
	"lstat",
	"madvise",
	"membarrier",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"nanosleep",
	"newfstatat",
	"pipe",
	"pipe2",
	"poll",
	"ppoll",
	"pread64",
	"pselect6",
	"pwrite64",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"restart_syscall",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigtimedwait",
	"sched_getaffinity",
	"sched_yield",
	"select",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"set_robust_list",
	"setsockopt",
	"shutdown",
	"sigaltstack",
	"signalfd4",
	"stat",
	"statx",
	"tgkill",
	"time",
	"timerfd_create",
	"timerfd_settime",
	"uname",
	"wait4",
	"write",
	"writev",
	"access",
	"faccessat",
	"faccessat2",
	"prlimit64",
	"getrlimit",
	"getrusage",
	"sysinfo",
};

static const char *const for_files[] = {
	"chmod",    "fallocate", "fchmod",   "fchmodat",  "fchown",    "ftruncate",
	"link",     "linkat",    "mkdir",    "mkdirat",   "open",      "openat",
	"openat2",  "rename",    "renameat", "renameat2", "rmdir",     "sync_file_range",
	"truncate", "umask",     "unlink",   "unlinkat",  "utimensat", "fadvise64",
	"pwritev",  "preadv",    "statfs",
};

static const char *const to_connect[] = { "bind", "connect", "listen", "socket", "socketpair" };

static const char *const for_threads[] = {
	"clone",
	"clone3",
	"prctl",
	"sched_get_priority_max",
	"sched_get_priority_min",
	"sched_getparam",
	"sched_getscheduler",
	"sched_setaffinity",
	"set_tid_address",
};

static att_rc failed(att_err *err, const char *what)
{
	return att_fail(err, ATT_E_UNAVAILABLE, "can not %s: %s", what, strerror(errno));
}

static bool allow(scmp_filter_ctx filter, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int nr = seccomp_syscall_resolve_name(names[i]);
		if (nr >= 0 && seccomp_rule_add(filter, SCMP_ACT_ALLOW, nr, 0) != 0)
			return false;
	}
	return true;
}

static att_rc filter_calls(unsigned may, att_err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	bool ok = filter && allow(filter, always, ATT_COUNT(always));

	if (ok && may & ATT_SANDBOX_FILES)
		ok = allow(filter, for_files, ATT_COUNT(for_files));
	if (ok && may & ATT_SANDBOX_CONNECT)
		ok = allow(filter, to_connect, ATT_COUNT(to_connect));
	if (ok && may & ATT_SANDBOX_THREADS)
		ok = allow(filter, for_threads, ATT_COUNT(for_threads));
	int rc = ok ? seccomp_load(filter) : -ENOMEM;
	if (filter)
		seccomp_release(filter);
	if (rc == 0)
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE, "the filter of system calls is refused: %s",
			strerror(-rc));
}

att_rc att_sandbox_hide(att_err *err)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return failed(err, "hide this process from debuggers");
	return ATT_OK;
}

static bool is_listed(const int *list, int cap)
{
	if (!list)
		return true;
	while (*list >= 0 && *list != cap)
		list++;
	return *list == cap;
}

/* Through the system call: libc has no wrapper, and libcap would be one more library. */
att_rc att_sandbox_drop(const int *list, att_err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &head, data) != 0)
		return failed(err, "read this process's capabilities");
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		uint32_t keep = ~(UINT32_C(1) << (cap & 31));
		if (!is_listed(list, cap))
			continue;
		/* Without CAP_SETPCAP the bounding set stays; no_new_privs then guards it. */
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1 &&
		    prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0 && errno != EPERM)
			return failed(err, "give capabilities up");
		data[cap >> 5].effective &= keep;
		data[cap >> 5].permitted &= keep;
		data[cap >> 5].inheritable &= keep;
	}
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, data) != 0)
		return failed(err, "give capabilities up");
	return ATT_OK;
}

static att_rc become(const char *user, att_err *err)
{
	errno = 0;
	const struct passwd *pw = getpwnam(user);
	if (!pw)
		return att_fail(err, ATT_E_ARG, "there is no user %.64s", user);
	if (setgroups(0, NULL) != 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return failed(err, "become another user");
	return ATT_OK;
}

static att_rc limit(__rlimit_resource_t what, rlim_t value, att_err *err)
{
	struct rlimit now;

	if (getrlimit(what, &now) != 0)
		return failed(err, "read a limit");
	struct rlimit want = { value, value };
	if (now.rlim_max != RLIM_INFINITY && want.rlim_max > now.rlim_max)
		want.rlim_cur = want.rlim_max = now.rlim_max;
	return setrlimit(what, &want) == 0 ? (att_rc)ATT_OK : failed(err, "set a limit");
}

att_rc att_sandbox_enter(const struct att_sandbox *s, att_err *err)
{
	att_rc rc = ATT_OK;

	if (s->files)
		rc = limit(RLIMIT_NOFILE, s->files, err);
	if (rc == ATT_OK && s->memory)
		rc = limit(RLIMIT_AS, s->memory, err);
	if (rc == ATT_OK && s->user)
		rc = become(s->user, err);
	if (rc == ATT_OK)
		rc = att_sandbox_drop(NULL, err);
	if (rc == ATT_OK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		rc = failed(err, "forgo new privileges");
	if (rc == ATT_OK)
		rc = att_sandbox_hide(err);
	if (rc == ATT_OK && !s->no_call_filter)
		rc = filter_calls(s->may, err);
	return rc;
}
