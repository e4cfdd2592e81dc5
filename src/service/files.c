/* SPDX-License-Identifier: Apache-2.0 */
#include "service/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/net.h"

#define TREE_DEPTH 16

static att_rc failed(att_err *err, const char *what, const char *path)
{
	return att_fail(err, errno == ENOENT ? ATT_E_MISSING : ATT_E_IO, "can not %s %s: %s", what,
			path, strerror(errno));
}

bool att_path_join(char out[static ATT_PATH_ROOM], const char *dir, const char *name)
{
	int n = snprintf(out, ATT_PATH_ROOM, "%s/%s", dir, name);

	return n > 0 && (size_t)n < ATT_PATH_ROOM;
}

att_rc att_file_read(const char *path, size_t max, att_buf *out, att_err *err)
{
	/* Not blocking: a FIFO is refused below, and must not hold us up before. */
	att_auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint8_t chunk[4096];
	struct stat st;
	size_t total = 0;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0)
		return failed(err, "open", path);
	if (!S_ISREG(st.st_mode))
		return att_fail(err, ATT_E_FORMAT, "%s is no regular file", path);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		total += (size_t)n;
		if (total > max)
			break;
		att_put_mem(out, chunk, (size_t)n);
	}
	att_wipe(chunk, sizeof(chunk));
	if (n < 0)
		return failed(err, "read", path);
	if (total > max)
		return att_fail(err, ATT_E_FORMAT, "%s is longer than %zu bytes", path, max);
	return att_buf_ok(out, err);
}

static bool write_all(int fd, att_bytes content)
{
	while (content.len) {
		ssize_t n = write(fd, content.ptr, content.len);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			content = att_bytes_of(content.ptr + n, content.len - (size_t)n);
	}
	return true;
}

/* The directory's entry has to be on disk too. */
static void sync_directory(const char *path)
{
	char dir[ATT_PATH_ROOM];
	const char *slash = strrchr(path, '/');
	int n = slash ? snprintf(dir, sizeof(dir), "%.*s/", (int)(slash - path), path)
		      : snprintf(dir, sizeof(dir), ".");

	if (n < 0 || (size_t)n >= sizeof(dir))
		return;
	att_auto_fd int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fsync(fd);
}

att_rc att_file_write(const char *path, att_bytes content, unsigned mode, att_err *err)
{
	char beside[ATT_PATH_ROOM];
	int n = snprintf(beside, sizeof(beside), "%s.new", path);

	if (n < 0 || (size_t)n >= sizeof(beside))
		return att_fail(err, ATT_E_ARG, "a path of %zu bytes is too long", strlen(path));
	/* One that a crash left behind is nobody's. */
	unlink(beside);
	att_auto_fd int fd =
	    open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
	if (fd < 0)
		return att_fail(err, ATT_E_IO, "can not make %s: %s", beside, strerror(errno));
	if (!write_all(fd, content) || fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0 ||
	    rename(beside, path) != 0) {
		int why = errno;
		unlink(beside);
		return att_fail(err, ATT_E_IO, "can not write %s: %s", path, strerror(why));
	}
	sync_directory(path);
	return ATT_OK;
}

att_rc att_dir_make(const char *path, unsigned mode, att_err *err)
{
	struct stat st;

	if (mkdir(path, (mode_t)mode) != 0 && errno != EEXIST)
		return att_fail(err, ATT_E_IO, "can not make the directory %s: %s", path,
				strerror(errno));
	att_auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return att_fail(err, ATT_E_IO, "can not open the directory %s: %s", path,
				strerror(errno));
	if (st.st_uid != geteuid())
		return att_fail(err, ATT_E_UNAVAILABLE, "%s belongs to another user", path);
	if ((st.st_mode & 07777) != mode && fchmod(fd, (mode_t)mode) != 0)
		return att_fail(err, ATT_E_IO, "can not set the mode of %s: %s", path,
				strerror(errno));
	return ATT_OK;
}

/* Removes what is in the directory, level by level, from an explicit stack. Owns `fd`. */
static void empty(int fd)
{
	DIR *stack[TREE_DEPTH] = { fdopendir(fd) };
	char names[TREE_DEPTH][NAME_MAX + 1];
	int depth = stack[0] ? 0 : -1;

	if (depth < 0)
		close(fd);
	while (depth >= 0) {
		struct dirent *e = readdir(stack[depth]);
		if (!e) {
			closedir(stack[depth--]);
			if (depth >= 0)
				unlinkat(dirfd(stack[depth]), names[depth], AT_REMOVEDIR);
			continue;
		}
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
		    unlinkat(dirfd(stack[depth]), e->d_name, 0) == 0 || depth + 1 == TREE_DEPTH)
			continue;
		int sub = openat(dirfd(stack[depth]), e->d_name,
				 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub < 0)
			continue;
		snprintf(names[depth], sizeof(names[depth]), "%s", e->d_name);
		stack[depth + 1] = fdopendir(sub);
		if (stack[depth + 1])
			depth++;
		else
			close(sub);
	}
}

void att_dir_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		empty(fd);
	rmdir(path);
}
