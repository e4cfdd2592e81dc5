/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/device.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define CHUNK 4096

int att_sys_open(const char *path, int flags, int *fd)
{
	do {
		*fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
	} while (*fd < 0 && errno == EINTR);
	return *fd < 0 ? errno : 0;
}

void att_sys_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int att_sys_ioctl(int fd, unsigned long request, void *arg)
{
	int rc;

	do {
		rc = ioctl(fd, request, arg);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? errno : 0;
}

int att_sys_read_file(const char *path, size_t max, att_buf *out)
{
	uint8_t chunk[CHUNK];
	att_auto_fd int fd = -1;
	size_t got = 0;

	int e = att_sys_open(path, O_RDONLY, &fd);
	if (e)
		return e;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (n == 0)
			return att_buf_ok(out, NULL) == ATT_OK ? 0 : ENOMEM;
		if ((size_t)n > max - got)
			return EFBIG;
		got += (size_t)n;
		att_put_mem(out, chunk, (size_t)n);
	}
}

int att_sys_write_file(const char *path, att_bytes in)
{
	att_auto_fd int fd = -1;
	ssize_t n;

	int e = att_sys_open(path, O_WRONLY, &fd);
	if (e)
		return e;
	do {
		n = write(fd, in.ptr, in.len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	if ((size_t)n != in.len)
		return EIO;
	/* configfs hands a binary attribute over when its file is closed, and says here what it
	 * thinks of it. */
	e = close(fd) == 0 || errno == EINTR ? 0 : errno;
	fd = -1;
	return e;
}

int att_sys_mkdir(const char *path)
{
	int rc;

	do {
		rc = mkdir(path, 0700);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? errno : 0;
}

int att_sys_rmdir(const char *path)
{
	int rc;

	do {
		rc = rmdir(path);
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? errno : 0;
}

bool att_sys_there(const char *path, unsigned type)
{
	struct stat st;

	return stat(path, &st) == 0 && (type == 0 || (st.st_mode & S_IFMT) == type);
}

static att_rc rc_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
	case ENOTDIR:
	case ENOTTY:
	case EBUSY:
	case EAGAIN:
	case ETIMEDOUT:
		return ATT_E_UNAVAILABLE;
	case ENOMEM:
		return ATT_E_NOMEM;
	case EFBIG:
		return ATT_E_FORMAT;
	default:
		return ATT_E_IO;
	}
}

att_rc att_sys_fail(att_err *err, int error, const char *what, const char *remedy)
{
	char text[128];

	/* The GNU form: it may leave `text` alone and give a constant. */
	const char *said = strerror_r(error, text, sizeof(text));

	return att_fail(err, rc_of(error), "%s: %s%s%s", what, said, remedy ? "; " : "",
			remedy ? remedy : "");
}

struct att_pause att_pause_within(unsigned limit_ms)
{
	return (struct att_pause){ .limit_ms = limit_ms ? limit_ms : 15000, .next_ms = 1 };
}

bool att_pause(struct att_pause *p)
{
	if (p->spent_ms >= p->limit_ms)
		return false;
	unsigned left = p->limit_ms - p->spent_ms;
	unsigned ms = p->next_ms < left ? p->next_ms : left;
	(void)poll(NULL, 0, (int)ms);
	p->spent_ms += ms;
	p->next_ms = p->next_ms < 1000 ? 2 * p->next_ms : 1000;
	return true;
}
