/* SPDX-License-Identifier: Apache-2.0 */
/* The emulation in front of libc: as a library that is loaded first, or linked into a test program.
 * Paths of trusted platforms never reach the real machine. */
#include "emulate.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS 1024

static struct {
	struct emu_file *file;
	size_t offset;
} fds[FDS];

#define REAL(type, name, ...)             \
	static type (*real)(__VA_ARGS__); \
	if (!real)                        \
	real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define SHOWN __attribute__((visibility("default")))

__attribute__((constructor)) static void start(void)
{
	emu_reset();
}

static int fail(int minus_errno)
{
	errno = -minus_errno;
	return -1;
}

/* A signal arrives during the first calls of each kind. */
static int interrupted(const char *kind)
{
	char name[32];

	snprintf(name, sizeof(name), "signal.%s", kind);
	return emu_fault(name);
}

static int open_emulated(const char *path, int flags)
{
	struct emu_file *f;
	int e = interrupted("open");

	if (e == 0)
		e = emu_open(path, flags, &f);
	if (e)
		return fail(e);
	int fd = memfd_create("emulated", MFD_CLOEXEC);
	if (fd < 0 || fd >= FDS)
		abort();
	fds[fd].file = f;
	fds[fd].offset = 0;
	return fd;
}

static struct emu_file *file_of(int fd)
{
	return fd >= 0 && fd < FDS ? fds[fd].file : NULL;
}

#define OPEN(name)                                                                              \
	SHOWN int name(const char *path, int flags, ...);                                       \
	SHOWN int name(const char *path, int flags, ...)                                        \
	{                                                                                       \
		REAL(int, name, const char *, int, ...);                                        \
		va_list ap;                                                                     \
		va_start(ap, flags);                                                            \
		unsigned mode = flags & O_CREAT ? va_arg(ap, unsigned) : 0;                     \
		va_end(ap);                                                                     \
		return emu_claims(path) ? open_emulated(path, flags) : real(path, flags, mode); \
	}
OPEN(open)
OPEN(open64)

#define OPEN_2(name)                                                                      \
	SHOWN int name(const char *path, int flags);                                      \
	SHOWN int name(const char *path, int flags)                                       \
	{                                                                                 \
		REAL(int, name, const char *, int);                                       \
		return emu_claims(path) ? open_emulated(path, flags) : real(path, flags); \
	}
OPEN_2(__open_2)
OPEN_2(__open64_2)

#define OPENAT(name)                                                        \
	SHOWN int name(int dir, const char *path, int flags, ...);          \
	SHOWN int name(int dir, const char *path, int flags, ...)           \
	{                                                                   \
		REAL(int, name, int, const char *, int, ...);               \
		va_list ap;                                                 \
		va_start(ap, flags);                                        \
		unsigned mode = flags & O_CREAT ? va_arg(ap, unsigned) : 0; \
		va_end(ap);                                                 \
		return emu_claims(path) ? open_emulated(path, flags)        \
					: real(dir, path, flags, mode);     \
	}
OPENAT(openat)
OPENAT(openat64)

#define STAT(name, type)                                      \
	SHOWN int name(const char *path, struct type *st);    \
	SHOWN int name(const char *path, struct type *st)     \
	{                                                     \
		REAL(int, name, const char *, struct type *); \
		if (!emu_claims(path))                        \
			return real(path, st);                \
		int e = emu_stat(path, (struct stat *)st);    \
		return e ? fail(e) : 0;                       \
	}
STAT(stat, stat)
STAT(stat64, stat64)

SHOWN int access(const char *path, int how)
{
	REAL(int, access, const char *, int);
	struct stat st;

	if (!emu_claims(path))
		return real(path, how);
	int e = emu_stat(path, &st);
	return e ? fail(e) : 0;
}

SHOWN int mkdir(const char *path, mode_t mode)
{
	REAL(int, mkdir, const char *, mode_t);

	if (!emu_claims(path))
		return real(path, mode);
	int e = interrupted("mkdir");
	if (e == 0)
		e = emu_mkdir(path);
	return e ? fail(e) : 0;
}

SHOWN int rmdir(const char *path)
{
	REAL(int, rmdir, const char *);

	if (!emu_claims(path))
		return real(path);
	int e = interrupted("rmdir");
	if (e == 0)
		e = emu_rmdir(path);
	return e ? fail(e) : 0;
}

static ssize_t read_emulated(int fd, void *buf, size_t n)
{
	int e = interrupted("read");
	ssize_t got = e ? e : emu_read(fds[fd].file, buf, n, fds[fd].offset);

	if (got < 0)
		return fail((int)got);
	fds[fd].offset += (size_t)got;
	return got;
}

SHOWN ssize_t read(int fd, void *buf, size_t n)
{
	REAL(ssize_t, read, int, void *, size_t);

	return file_of(fd) ? read_emulated(fd, buf, n) : real(fd, buf, n);
}

SHOWN ssize_t __read_chk(int fd, void *buf, size_t n, size_t room);
SHOWN ssize_t __read_chk(int fd, void *buf, size_t n, size_t room)
{
	REAL(ssize_t, __read_chk, int, void *, size_t, size_t);

	return file_of(fd) ? read_emulated(fd, buf, n) : real(fd, buf, n, room);
}

SHOWN ssize_t write(int fd, const void *buf, size_t n)
{
	REAL(ssize_t, write, int, const void *, size_t);
	struct emu_file *f = file_of(fd);

	if (!f)
		return real(fd, buf, n);
	int e = interrupted("write");
	ssize_t put = e ? e : emu_write(f, buf, n);
	return put < 0 ? fail((int)put) : put;
}

SHOWN int close(int fd)
{
	REAL(int, close, int);
	struct emu_file *f = file_of(fd);
	int e = 0;

	if (f) {
		fds[fd].file = NULL;
		e = emu_flush(f);
		emu_close(f);
	}
	int rc = real(fd);
	return e ? fail(e) : rc;
}

SHOWN int ioctl(int fd, unsigned long request, ...)
{
	REAL(int, ioctl, int, unsigned long, ...);
	struct emu_file *f = file_of(fd);
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);
	if (!f)
		return real(fd, request, arg);
	int e = interrupted("ioctl");
	if (e == 0)
		e = emu_ioctl(f, request, arg);
	return e ? fail(e) : 0;
}

SHOWN time_t time(time_t *out)
{
	REAL(time_t, time, time_t *);
	const char *played = getenv("EMULATE_TIME");

	if (!played)
		return real(out);
	time_t t = (time_t)strtoll(played, NULL, 10);
	if (out)
		*out = t;
	return t;
}

/* --- Sockets to the host of a virtual machine --- */

SHOWN int socket(int domain, int type, int protocol)
{
	REAL(int, socket, int, int, int);

	if (domain != AF_VSOCK)
		return real(domain, type, protocol);
	return emu_has("vsock") ? open_emulated(EMU_VSOCK, O_RDWR) : fail(-EAFNOSUPPORT);
}

SHOWN int connect(int fd, const struct sockaddr *to, socklen_t len)
{
	REAL(int, connect, int, const struct sockaddr *, socklen_t);

	if (!file_of(fd))
		return real(fd, to, len);
	int e = emu_fault("vsock.connect");
	return e ? fail(e) : 0;
}

SHOWN int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	REAL(int, setsockopt, int, int, int, const void *, socklen_t);

	return file_of(fd) ? 0 : real(fd, level, name, value, len);
}

SHOWN ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	REAL(ssize_t, send, int, const void *, size_t, int);

	return file_of(fd) ? write(fd, buf, n) : real(fd, buf, n, flags);
}

SHOWN ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	REAL(ssize_t, recv, int, void *, size_t, int);

	return file_of(fd) ? read_emulated(fd, buf, n) : real(fd, buf, n, flags);
}

SHOWN ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags);
SHOWN ssize_t __recv_chk(int fd, void *buf, size_t n, size_t room, int flags)
{
	REAL(ssize_t, __recv_chk, int, void *, size_t, size_t, int);

	return file_of(fd) ? read_emulated(fd, buf, n) : real(fd, buf, n, room, flags);
}
