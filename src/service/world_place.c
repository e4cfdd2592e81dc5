/* SPDX-License-Identifier: Apache-2.0 */
#include "service/world_place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/net.h"

#define PREFIX "attest-sim."
#define LOCK   "lock"

#define ATTEMPTS 8

/* "/aesm.socket" and the NUL have to fit into a socket's address behind it. */
#define DIR_MAX 90u

void att_world_path(const struct att_world_place *p, const char *name,
		    char out[static ATT_PATH_ROOM])
{
	if (!att_path_join(out, p->dir, name))
		out[0] = 0;
}

const char *att_world_env(const struct att_world_place *p, size_t i,
			  char value[static ATT_PATH_ROOM])
{
	const struct {
		const char *name;
		const char *file; /* in the directory; NULL: `value` */
		const char *value;
	} all[] = {
		{ "ATTEST_SIM_WORLD", NULL, p->dir },
		{ "ATTEST_SIM_CPU", ATT_WORLD_CPU, NULL },
		{ "ATTEST_SIM_ROOT", ATT_WORLD_ROOT, NULL },
		{ "ATTEST_SIM_SIGNER", ATT_WORLD_SIGNER, NULL },
		{ "ATTEST_SIM_AESM", ATT_WORLD_AESM, NULL },
		{ "ATTEST_SIM_PCS_URL", NULL, p->pcs_url },
		{ "QCNL_CONF_PATH", ATT_WORLD_QCNL, NULL },
		{ "PCCS_URL", NULL, p->pccs_url },
		{ "SGX_AESM_ADDR", NULL, "1" },
		/* Simulated collateral stays out of the user's own cache. */
		{ "AZDCAP_CACHE", ATT_WORLD_CACHE, NULL },
	};

	if (i >= ATT_COUNT(all))
		return NULL;
	if (all[i].file)
		att_world_path(p, all[i].file, value);
	else
		snprintf(value, ATT_PATH_ROOM, "%s", all[i].value);
	return all[i].name;
}

/* --- The lock: whoever holds it is the world --- */

/* `dir` has the lock; it is the world's directory or one in it. */
static att_rc take_lock(const char *world, const char *dir, int *lock, att_err *err)
{
	char path[ATT_PATH_ROOM];
	struct stat st;

	if (!att_path_join(path, dir, LOCK))
		return att_fail(err, ATT_E_ARG, "the directory's name is too long");
	att_auto_fd int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return att_fail(err, ATT_E_IO, "can not make %s: %s", path, strerror(errno));
	/* The lock of a file that has gone meanwhile is nobody's. */
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &st) != 0 || st.st_nlink == 0)
		return att_fail(err, ATT_E_UNAVAILABLE,
				"a world is running in %s already (`attest sim stop` ends it)",
				world);
	*lock = fd;
	fd = -1;
	return ATT_OK;
}

/* Removes a world's directory of ours whose process is gone: its lock is free. One without a lock
 * is being made. The lock is held meanwhile, so that whoever has just made it sees it taken. */
static void remove_if_left_over(const char *dir)
{
	char path[ATT_PATH_ROOM];
	struct stat st;

	if (lstat(dir, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    !att_path_join(path, dir, LOCK))
		return;
	att_auto_fd int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		att_dir_remove(dir);
}

static void remove_left_over(const char *tmp)
{
	char path[ATT_PATH_ROOM];
	DIR *d = opendir(tmp);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) == 0 &&
		    att_path_join(path, tmp, e->d_name))
			remove_if_left_over(path);
	}
	if (d)
		closedir(d);
}

static att_rc make_temporary(const char *tmp, struct att_world_place *p, int *lock, att_err *err)
{
	att_rc rc = ATT_E_UNAVAILABLE;

	remove_left_over(tmp);
	/* Another one that starts may take a directory whose lock is not yet held for left over. */
	for (int i = 0; rc == ATT_E_UNAVAILABLE && i < ATTEMPTS; i++) {
		if (!att_path_join(p->dir, tmp, PREFIX "XXXXXX") || !mkdtemp(p->dir))
			return att_fail(err, ATT_E_IO, "can not make a directory in %s: %s", tmp,
					strerror(errno));
		rc = take_lock(p->dir, p->dir, lock, err);
	}
	/* Programs of other users may be run against the world's sockets. */
	if (rc == ATT_OK && chmod(p->dir, 0755) != 0)
		rc = att_fail(err, ATT_E_IO, "can not open %s to others", p->dir);
	if (rc != ATT_OK)
		att_dir_remove(p->dir);
	return rc;
}

/* Has the directory nothing but, perhaps, `except`? */
static bool is_empty(const char *dir, const char *except)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	bool empty = d;

	while (empty && (e = readdir(d)))
		empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
			strcmp(e->d_name, except) == 0;
	if (d)
		closedir(d);
	return empty;
}

/* A world overwrites files, empties folders, and decides who may look in: not in somebody's home.
 * What a start left that was killed before it had its lock is a world's too. */
static att_rc check_kept(const char *dir, const char *private, att_err *err)
{
	char path[ATT_PATH_ROOM];
	struct stat st;

	if (att_path_join(path, private, LOCK) && lstat(path, &st) == 0)
		return ATT_OK;
	if (is_empty(dir, ATT_WORLD_PRIVATE) &&
	    (is_empty(private, ".") || (lstat(private, &st) != 0 && errno == ENOENT)))
		return ATT_OK;
	return att_fail(err, ATT_E_ARG,
			"%.80s is no world's directory and not empty: a world overwrites files; "
			"name a new directory or an empty one",
			dir);
}

static att_rc make_kept(const char *dir, struct att_world_place *p, int *lock, att_err *err)
{
	char path[PATH_MAX];
	char private[ATT_PATH_ROOM];
	struct stat st;

	if (mkdir(dir, 0755) != 0 && errno != EEXIST)
		return att_fail(err, ATT_E_IO, "can not make the directory %s: %s", dir,
				strerror(errno));
	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
		return att_fail(err, ATT_E_IO, "%s is no directory", dir);
	if (!realpath(dir, path) || strlen(path) > DIR_MAX)
		return att_fail(err, ATT_E_ARG,
				"the world's directory must have a path of at most %u bytes, for "
				"its sockets: %.80s",
				DIR_MAX, dir);
	snprintf(p->dir, sizeof(p->dir), "%s", path);
	att_world_path(p, ATT_WORLD_PRIVATE, private);
	att_rc rc = check_kept(p->dir, private, err);
	if (rc == ATT_OK)
		rc = att_dir_make(p->dir, st.st_mode & 07777 & ~(mode_t)022, err);
	if (rc == ATT_OK)
		rc = att_dir_make(private, 0700, err);
	return rc == ATT_OK ? take_lock(p->dir, private, lock, err) : rc;
}

att_rc att_world_place_make(const char *dir, const char *tmp, struct att_world_place *out,
			    int *lock, att_err *err)
{
	*out = (struct att_world_place){ .kept = dir != NULL, .pid = (int)getpid() };
	*lock = -1;
	return dir ? make_kept(dir, out, lock, err) : make_temporary(tmp, out, lock, err);
}

void att_world_place_leave(const struct att_world_place *p)
{
	static const char *const sockets[] = { ATT_WORLD_CPU, ATT_WORLD_AESM, ATT_WORLD_CONTROL };
	char path[ATT_PATH_ROOM];

	if (!p->kept) {
		att_dir_remove(p->dir);
		return;
	}
	for (size_t i = 0; i < ATT_COUNT(sockets); i++) {
		att_world_path(p, sockets[i], path);
		unlink(path);
	}
}
