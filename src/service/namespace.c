/* SPDX-License-Identifier: Apache-2.0 */
#include "service/namespace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/net.h"

static att_rc refused(att_err *err, const char *what)
{
	return att_fail(err, ATT_E_UNAVAILABLE, "%s: %s", what, strerror(errno));
}

/* --- Entering --- */

static bool write_map(const char *path, const char *text)
{
	att_auto_fd int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* user_namespaces(7): whoever has no privilege may map itself alone, and only once it can no longer
 * drop groups. */
static att_rc map_self(uid_t uid, gid_t gid, att_err *err)
{
	char uids[48];
	char gids[48];

	snprintf(uids, sizeof(uids), "%u %u 1\n", uid, uid);
	snprintf(gids, sizeof(gids), "%u %u 1\n", gid, gid);
	if (!write_map("/proc/self/setgroups", "deny") || !write_map("/proc/self/uid_map", uids) ||
	    !write_map("/proc/self/gid_map", gids))
		return refused(err, "a user namespace can not be mapped");
	return ATT_OK;
}

/* By ioctl: a message to netlink would be longer. */
static att_rc loopback_up(att_err *err)
{
	struct ifreq r = { .ifr_name = "lo" };
	att_auto_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &r) != 0)
		return refused(err, "no loopback interface");
	r.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &r) == 0 ? (att_rc)ATT_OK
						: refused(err, "the loopback interface stays down");
}

att_rc att_ns_enter(unsigned kinds, att_err *err)
{
	int flags =
	    (kinds & ATT_NS_MOUNTS ? CLONE_NEWNS : 0) | (kinds & ATT_NS_NETWORK ? CLONE_NEWNET : 0);
	uid_t uid = geteuid();
	gid_t gid = getegid();
	att_rc rc = ATT_OK;

	if (unshare(flags) != 0) {
		if (unshare(flags | CLONE_NEWUSER) != 0)
			return refused(err, "namespaces are refused here");
		rc = map_self(uid, gid, err);
	}
	if (rc == ATT_OK && kinds & ATT_NS_MOUNTS &&
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		rc = refused(err, "mounts are refused here");
	if (rc == ATT_OK && kinds & ATT_NS_NETWORK)
		rc = loopback_up(err);
	return rc;
}

/* --- Grafting --- */

static att_rc bind_at(const char *source, const char *path, att_err *err)
{
	if (mount(source, path, NULL, MS_BIND | MS_REC, NULL) == 0)
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE, "can not mount at %s: %s", path, strerror(errno));
}

static att_rc mount_empty(const char *path, mode_t mode, att_err *err)
{
	char options[32];

	snprintf(options, sizeof(options), "mode=%o,size=4m", mode & 07777);
	if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, options) == 0)
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE, "can not mount at %s: %s", path, strerror(errno));
}

static bool make_file(const char *path)
{
	att_auto_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd >= 0;
}

/* Entry `name` of the covered directory, shown in the one that covers it. One that can not be shown
 * is left out. */
static void show_entry(int covered, const char *dir, const char *name)
{
	char from[PATH_MAX];
	char to[PATH_MAX];
	char target[PATH_MAX];
	struct stat st;

	if (snprintf(from, sizeof(from), "/proc/self/fd/%d/%s", covered, name) >=
		(int)sizeof(from) ||
	    snprintf(to, sizeof(to), "%s/%s", dir, name) >= (int)sizeof(to) ||
	    fstatat(covered, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlinkat(covered, name, target, sizeof(target) - 1);
		if (n > 0) {
			target[n] = 0;
			(void)!symlink(target, to);
		}
		return;
	}
	bool made = S_ISDIR(st.st_mode) ? mkdir(to, 0700) == 0 : make_file(to);
	if (made && bind_at(from, to, NULL) != ATT_OK)
		(void)(S_ISDIR(st.st_mode) ? rmdir(to) : unlink(to));
}

/* Covers a directory by a tmpfs that shows the same. What lies beneath is still reached through a
 * descriptor that was opened before. */
static att_rc cover(const char *dir, att_err *err)
{
	att_auto_fd int covered = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	struct dirent *e;

	if (covered < 0 || fstat(covered, &st) != 0)
		return refused(err, dir);
	DIR *d = fdopendir(dup(covered));
	if (!d)
		return refused(err, dir);
	att_rc rc = mount_empty(dir, st.st_mode, err);
	while (rc == ATT_OK && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			show_entry(covered, dir, e->d_name);
	}
	closedir(d);
	return rc;
}

/* Splits an absolute path into the deepest part that exists, resolved, and the rest. */
static bool split(const char *path, char real[static PATH_MAX], const char **rest)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return false;
	memcpy(part, path, len + 1);
	while (len > 1 && !realpath(part, real)) {
		while (len > 1 && part[len - 1] != '/')
			len--;
		len -= len > 1;
		part[len] = 0;
	}
	*rest = path + len;
	return len > 1;
}

att_rc att_ns_graft(const char *source, const char *path, att_err *err)
{
	char at[PATH_MAX];
	const char *rest;

	if (!split(path, at, &rest))
		return att_fail(err, ATT_E_UNAVAILABLE, "%s can not be made here", path);
	if (!*rest)
		return bind_at(source, at, err);
	att_rc rc = cover(at, err);
	while (rc == ATT_OK && *rest) {
		size_t len = strlen(at);
		size_t step = 1 + strcspn(rest + 1, "/");
		if (len + step >= sizeof(at))
			return att_fail(err, ATT_E_UNAVAILABLE, "%s is too long", path);
		memcpy(at + len, rest, step);
		at[len + step] = 0;
		rest += step;
		if (*rest ? mkdir(at, 0755) != 0 : !make_file(at))
			rc = refused(err, at);
	}
	return rc == ATT_OK ? bind_at(source, at, err) : rc;
}

att_rc att_ns_hide(const char *path, att_err *err)
{
	return mount_empty(path, 0700, err);
}
