/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"

#define CHUNK       65536
#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static void close_fd(int *fd)
{
	if (*fd > STDERR_FILENO)
		close(*fd);
}
#define auto_fd __attribute__((cleanup(close_fd)))

static void close_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)
#define auto_collateral __attribute__((cleanup(collateral_cleanup)))

static const char *shown_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static att_rc io_error(att_err *err, const char *path)
{
	return att_fail(err, ATT_E_IO, "%s: %s", path, strerror(errno));
}

static att_rc read_fd(int fd, const char *path, size_t max, att_buf *out, att_err *err)
{
	uint8_t chunk[CHUNK];

	out->max = max + 1;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_error(err, path);
		if (n == 0)
			break;
		if ((size_t)n > max - out->len)
			return att_fail(err, ATT_E_FORMAT, "%s: larger than %zu bytes", path, max);
		att_put_mem(out, chunk, (size_t)n);
	}
	att_wipe(chunk, sizeof(chunk)); /* it may have held a signing key */
	return att_buf_ok(out, err);
}

att_rc cli_read(const char *path, size_t max, att_buf *out, att_err *err)
{
	if (strcmp(path, "-") == 0)
		return read_fd(STDIN_FILENO, shown_name(path), max, out, err);
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return io_error(err, path);
	return read_fd(fd, path, max, out, err);
}

static att_rc write_all(int fd, const char *path, att_bytes text, att_err *err)
{
	size_t done = 0;

	while (done < text.len) {
		ssize_t n = write(fd, text.ptr + done, text.len - done);
		if (n < 0 && errno != EINTR)
			return io_error(err, path);
		if (n > 0)
			done += (size_t)n;
	}
	return fsync(fd) == 0 ? ATT_OK : io_error(err, path);
}

/* A temporary file is its owner's alone; this makes it like any other. */
static att_rc open_to_all(int fd, const char *path, att_err *err)
{
	mode_t mask = umask(0);

	umask(mask);
	return fchmod(fd, 0644 & ~mask) == 0 ? ATT_OK : io_error(err, path);
}

/* The rename itself must reach the disk too. Not every file system can flush a directory: then
 * its word is all there is. */
static void flush_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	att_auto_mem char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	if (!folder)
		return;
	auto_fd int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && fsync(fd) != 0)
		errno = 0;
}

att_rc cli_write_atomic(const char *path, att_bytes text, att_err *err)
{
	att_auto_buf att_buf name = { 0 };

	att_putf(&name, "%s.XXXXXX", path);
	att_put_u8(&name, 0);
	att_rc rc = att_buf_ok(&name, err);
	if (rc != ATT_OK)
		return rc;
	char *temporary = (char *)name.ptr;
	auto_fd int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return io_error(err, path);
	rc = open_to_all(fd, path, err);
	if (rc == ATT_OK)
		rc = write_all(fd, path, text, err);
	if (rc == ATT_OK && rename(temporary, path) != 0)
		rc = io_error(err, path);
	if (rc != ATT_OK) {
		unlink(temporary);
		return rc;
	}
	flush_directory(path);
	return ATT_OK;
}

att_rc cli_write_key(const char *path, att_bytes pem, att_err *err)
{
	auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return io_error(err, path);
	att_rc rc = write_all(fd, path, pem, err);
	if (rc == ATT_OK)
		flush_directory(path);
	else
		unlink(path);
	return rc;
}

/* A directory is read by the names in it, whoever made them: what would wait for a writer, or never
 * end, is no answer of a service. */
static att_rc read_regular(const char *path, att_buf *out, att_err *err)
{
	struct stat st;

	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0)
		return io_error(err, path);
	if (S_ISREG(st.st_mode))
		return read_fd(fd, path, ATT_COLLATERAL_MAX, out, err);
	return att_fail(err, ATT_E_IO, "%s: is no regular file", path);
}

static att_rc add_file(att_collateral *c, const char *folder, const char *name, enum att_item item,
		       att_err *err)
{
	att_auto_buf att_buf path = { 0 };
	att_auto_buf att_buf text = { 0 };

	att_putf(&path, "%s/%s", folder, name);
	att_put_u8(&path, 0);
	att_rc rc = att_buf_ok(&path, err);
	if (rc == ATT_OK)
		rc = read_regular((const char *)path.ptr, &text, err);
	if (rc == ATT_OK && text.len == 0)
		return att_fail(err, ATT_E_FORMAT, "%s/%s: empty", folder, name);
	if (rc == ATT_OK)
		rc = att_collateral_set(c, item, att_buf_bytes(&text), err);
	return rc;
}

static att_rc twice(const char *folder, enum att_item item, const char *a, const char *b,
		    att_err *err)
{
	bool swap = strcmp(a, b) > 0;

	return att_fail(err, ATT_E_ARG, "%s: %s and %s both hold the item %s; keep one", folder,
			swap ? b : a, swap ? a : b, att_item_name(item));
}

static att_rc read_directory(DIR *d, const char *folder, att_collateral *c, att_err *err)
{
	char from[ATT_ITEM_COUNT][NAME_MAX + 1] = { { 0 } };

	for (;;) {
		errno = 0;
		const struct dirent *e = readdir(d);
		if (!e)
			return errno ? io_error(err, folder) : ATT_OK;
		enum att_item item;
		if (!att_item_of_file(e->d_name, &item))
			continue;
		if (from[item][0])
			return twice(folder, item, from[item], e->d_name, err);
		snprintf(from[item], sizeof(from[item]), "%s", e->d_name);
		att_rc rc = add_file(c, folder, e->d_name, item, err);
		if (rc != ATT_OK)
			return rc;
	}
}

att_rc cli_read_collateral(const char *path, att_collateral **out, att_err *err)
{
	auto_collateral att_collateral *c = NULL;
	att_auto_buf att_buf text = { 0 };
	__attribute__((cleanup(close_dir))) DIR *d = strcmp(path, "-") == 0 ? NULL : opendir(path);

	*out = NULL;
	if (!d) {
		att_rc rc = cli_read(path, ATT_COLLATERAL_MAX, &text, err);
		if (rc != ATT_OK)
			return rc;
		rc = att_collateral_parse(att_buf_bytes(&text), out, err);
		return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", shown_name(path));
	}
	c = att_collateral_new();
	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = read_directory(d, path, c, err);
	if (rc == ATT_OK)
		*out = ATT_STEAL(c);
	return rc;
}

static bool fits(const char *seen, const char *name)
{
	size_t n = strlen(seen);
	size_t m = strlen(name);

	return name[0] == '-' ? n > m && strcmp(seen + n - m, name) == 0 : strcmp(seen, name) == 0;
}

bool cli_find_folder(const char *parent, const char *name, att_buf *out)
{
	__attribute__((cleanup(close_dir))) DIR *d =
	    strcmp(parent, "-") == 0 ? NULL : opendir(parent);
	const struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d)) != NULL) {
		if (!fits(e->d_name, name))
			continue;
		att_putf(out, "%s/%s", parent, e->d_name);
		att_put_u8(out, 0);
		return att_buf_ok(out, NULL) == ATT_OK && stat((const char *)out->ptr, &st) == 0 &&
		       S_ISDIR(st.st_mode);
	}
	return false;
}

bool cli_open_to_others(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

att_rc cli_time(const char *text, int64_t *out, att_err *err)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || text[digits] != 0)
		return att_time_parse(att_bytes_of(text, strlen(text)), false, out, err);
	int64_t t = 0;
	for (size_t i = 0; i < digits; i++) {
		t = t * 10 + (text[i] - '0');
		if (t > LAST_SECOND)
			return att_fail(err, ATT_E_FORMAT, "time is beyond the year 9999");
	}
	*out = t;
	return ATT_OK;
}
