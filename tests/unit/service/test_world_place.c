/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "service/net.h"
#include "service/world_place.h"

static char folder[] = "/tmp/att-place-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	att_dir_remove(folder);
	return 0;
}

static void test_kept(void **state)
{
	struct att_world_place p, q;
	char dir[64];
	char path[ATT_PATH_ROOM];
	struct stat st;
	att_err err = { 0 };
	int lock;
	int other;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/./kept", folder);
	assert_int_equal(att_world_place_make(dir, "/nowhere", &p, &lock, NULL), ATT_OK);
	assert_true(p.kept);
	assert_null(strstr(p.dir, "/./")); /* resolved: it means the same from everywhere */
	assert_int_equal(p.pid, getpid());
	att_world_path(&p, ATT_WORLD_PRIVATE, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(att_world_place_make(dir, "/nowhere", &q, &other, &err),
			 ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "running"));
	assert_non_null(strstr(err.msg, "/kept already"));
	att_world_path(&p, ATT_WORLD_CPU, path);
	assert_int_equal(att_file_write(path, (att_bytes){ NULL, 0 }, 0600, NULL), ATT_OK);
	att_world_place_leave(&p);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(access(p.dir, F_OK), 0);
	close(lock);
	assert_int_equal(att_world_place_make(dir, "/nowhere", &p, &lock, NULL), ATT_OK);
	close(lock);
}

static void test_temporary(void **state)
{
	struct att_world_place p, q;
	int lock;
	int other;

	(void)state;
	assert_int_equal(att_world_place_make(NULL, folder, &p, &lock, NULL), ATT_OK);
	assert_false(p.kept);
	/* Another one leaves the first alone, as long as it lives. */
	assert_int_equal(att_world_place_make(NULL, folder, &q, &other, NULL), ATT_OK);
	assert_string_not_equal(p.dir, q.dir);
	assert_int_equal(access(p.dir, F_OK), 0);
	close(lock); /* as if it had been killed */
	att_world_place_leave(&q);
	close(other);
	assert_int_equal(att_world_place_make(NULL, folder, &q, &other, NULL), ATT_OK);
	assert_int_not_equal(access(p.dir, F_OK), 0);
	att_world_place_leave(&q);
	close(other);
	assert_int_not_equal(access(q.dir, F_OK), 0);
}

/* Neither files nor modes of what was there before are a world's to change. */
static void test_somebodys_directory(void **state)
{
	struct att_world_place p;
	char dir[64];
	char path[ATT_PATH_ROOM];
	struct stat st;
	att_err err = { 0 };
	int lock;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/home", folder);
	assert_int_equal(mkdir(dir, 0700), 0);
	/* Empty: it becomes a world's, and stays closed to others. */
	assert_int_equal(att_world_place_make(dir, "/", &p, &lock, NULL), ATT_OK);
	close(lock);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* As if killed before there was a lock. */
	assert_true(att_path_join(path, dir, "private/lock"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(att_world_place_make(dir, "/", &p, &lock, NULL), ATT_OK);
	close(lock);
	assert_int_equal(unlink(path), 0);
	/* Another file, and it is no world's. */
	assert_true(att_path_join(path, dir, "README"));
	assert_int_equal(att_file_write(path, (att_bytes){ NULL, 0 }, 0600, NULL), ATT_OK);
	assert_int_equal(att_world_place_make(dir, "/", &p, &lock, &err), ATT_E_ARG);
	assert_int_equal(lock, -1);
	assert_non_null(strstr(err.msg, "not empty"));
	assert_true(att_path_join(path, dir, "private"));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(chmod(dir, 0750), 0);
	assert_int_equal(att_world_place_make(dir, "/", &p, &lock, &err), ATT_E_ARG);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* Somebody else's private folder does not make a directory a world's. */
static void test_somebodys_private_folder(void **state)
{
	struct att_world_place p;
	char dir[64];
	char path[ATT_PATH_ROOM];
	struct stat st;
	int lock;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/other", folder);
	assert_true(att_path_join(path, dir, "private"));
	assert_int_equal(mkdir(dir, 0775), 0);
	assert_int_equal(chmod(dir, 0775), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_true(att_path_join(path, dir, "private/letter"));
	assert_int_equal(att_file_write(path, (att_bytes){ NULL, 0 }, 0600, NULL), ATT_OK);
	assert_int_equal(att_world_place_make(dir, "/", &p, &lock, NULL), ATT_E_ARG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(att_world_place_make(dir, "/", &p, &lock, NULL), ATT_OK);
	close(lock);
	/* Who could write there could put other sockets in their place. */
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
}

#define STARTERS 4
#define STARTS   400

/* Makes and leaves worlds; how often that failed, or another took one away. */
static int start_often(void)
{
	struct att_world_place p;
	int lock;
	int failures = 0;

	for (int i = 0; i < STARTS; i++) {
		if (att_world_place_make(NULL, folder, &p, &lock, NULL) != ATT_OK) {
			failures++;
			continue;
		}
		failures += access(p.dir, F_OK) != 0;
		att_world_place_leave(&p);
		close(lock);
	}
	return failures > 100 ? 100 : failures;
}

/* Each removes what looks left over, while others are in the middle of being made. */
static void test_many_at_once(void **state)
{
	pid_t starters[STARTERS];

	(void)state;
	for (int i = 0; i < STARTERS; i++) {
		starters[i] = fork();
		assert_true(starters[i] >= 0);
		if (starters[i] == 0)
			_exit(start_often());
	}
	for (int i = 0; i < STARTERS; i++) {
		int status = -1;
		assert_int_equal(waitpid(starters[i], &status, 0), starters[i]);
		assert_int_equal(status, 0);
	}
}

static void test_what_can_not_be(void **state)
{
	struct att_world_place p;
	char dir[160];
	int lock;

	(void)state;
	assert_int_equal(att_world_place_make(NULL, "/nowhere", &p, &lock, NULL), ATT_E_IO);
	assert_int_equal(lock, -1);
	assert_int_equal(att_world_place_make("/nowhere/at/all", "/", &p, &lock, NULL), ATT_E_IO);
	snprintf(dir, sizeof(dir), "%s/%0100d", folder, 0);
	assert_int_equal(att_world_place_make(dir, "/", &p, &lock, NULL), ATT_E_ARG);
	assert_int_equal(lock, -1);
}

static void test_environment(void **state)
{
	const struct att_world_place p = { .dir = "/w", .pccs_url = "http://x/" };
	char value[ATT_PATH_ROOM];
	const char *name;
	unsigned found = 0;
	size_t i;

	(void)state;
	for (i = 0; (name = att_world_env(&p, i, value)); i++) {
		found += strcmp(name, "ATTEST_SIM_CPU") == 0 && strcmp(value, "/w/cpu.sock") == 0;
		found += strcmp(name, "ATTEST_SIM_WORLD") == 0 && strcmp(value, "/w") == 0;
		found += strcmp(name, "QCNL_CONF_PATH") == 0 &&
			 strcmp(value, "/w/sgx_default_qcnl.conf") == 0;
		found += strcmp(name, "PCCS_URL") == 0 && strcmp(value, "http://x/") == 0;
	}
	assert_int_equal(found, 4);
	assert_true(i < 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_temporary),
		cmocka_unit_test(test_somebodys_directory),
		cmocka_unit_test(test_somebodys_private_folder),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_what_can_not_be),
		cmocka_unit_test(test_environment),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
