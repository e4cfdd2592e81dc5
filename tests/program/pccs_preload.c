/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded (and compiled) by tests of attestd: a clock that the test moves, and death at a
 * counted call.
 *
 * PCCS_CLOCK=FILE: eight bytes, a count of seconds that the clocks are ahead by.
 * PCCS_DIE_AT=N: at the N-th call of write, pwrite64, fsync, fdatasync, ftruncate, sendto and the
 * like that changes a file or speaks to a database, the process kills itself before making it. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *ahead;
static long die_at = -1;
static long calls;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void start(void)
{
	const char *clock_file = getenv("PCCS_CLOCK");
	const char *at = getenv("PCCS_DIE_AT");

	if (at)
		die_at = atol(at);
	int fd = clock_file ? open(clock_file, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	void *p = mmap(NULL, sizeof(*ahead), PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		ahead = p;
	close(fd);
}

/* What never goes back is ahead by the most there was. */
static int64_t furthest(void)
{
	static int64_t most;
	int64_t now = *ahead;

	if (now > __atomic_load_n(&most, __ATOMIC_RELAXED))
		__atomic_store_n(&most, now, __ATOMIC_RELAXED);
	return __atomic_load_n(&most, __ATOMIC_RELAXED);
}

int clock_gettime(clockid_t which, struct timespec *t)
{
	static __typeof__(&clock_gettime) real;

	if (!real)
		real = REAL(clock_gettime);
	int rc = real(which, t);
	if (rc == 0 && ahead)
		t->tv_sec += which == CLOCK_REALTIME ? *ahead : furthest();
	return rc;
}

time_t time(time_t *out)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}

static void step(void)
{
	if (die_at >= 0 && __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) == die_at)
		kill(getpid(), SIGKILL);
}

#define COUNTED(type, name, params, args)      \
	type name params                       \
	{                                      \
		static __typeof__(&name) real; \
                                               \
		if (!real)                     \
			real = REAL(name);     \
		step();                        \
		return real args;              \
	}

COUNTED(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o))
COUNTED(ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o))
COUNTED(int, fsync, (int fd), (fd))
COUNTED(int, fdatasync, (int fd), (fd))
COUNTED(int, ftruncate, (int fd, off_t n), (fd, n))
COUNTED(int, ftruncate64, (int fd, off64_t n), (fd, n))
COUNTED(int, unlink, (const char *path), (path))
COUNTED(ssize_t, send, (int fd, const void *b, size_t n, int flags), (fd, b, n, flags))
COUNTED(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n))
