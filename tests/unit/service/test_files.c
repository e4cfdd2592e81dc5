/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "service/files.h"

static char folder[] = "/tmp/att-files-XXXXXX";
static char file[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/f", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	att_dir_remove(folder);
	return access(folder, F_OK) == 0;
}

static void test_what_is_written_is_read(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct stat st;
	static uint8_t large[10000];

	(void)state;
	memset(large, 7, sizeof(large));
	assert_int_equal(att_file_write(file, att_bytes_of("old", 3), 0644, NULL), ATT_OK);
	assert_int_equal(att_file_write(file, att_bytes_of(large, sizeof(large)), 0600, NULL),
			 ATT_OK);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(att_file_read(file, sizeof(large), &b, NULL), ATT_OK);
	assert_true(att_bytes_eq(att_buf_bytes(&b), att_bytes_of(large, sizeof(large))));
	assert_int_equal(att_file_read(file, sizeof(large) - 1, &b, NULL), ATT_E_FORMAT);
}

static void test_left_by_a_crash(void **state)
{
	char beside[80];
	att_auto_buf att_buf b = { 0 };

	(void)state;
	snprintf(beside, sizeof(beside), "%s.new", file);
	FILE *f = fopen(beside, "w");
	assert_non_null(f);
	fputs("half", f);
	fclose(f);
	assert_int_equal(att_file_write(file, att_bytes_of("whole", 5), 0644, NULL), ATT_OK);
	assert_int_not_equal(access(beside, F_OK), 0);
	assert_int_equal(att_file_read(file, 100, &b, NULL), ATT_OK);
	assert_int_equal(b.len, 5);
}

static void test_what_can_not_be(void **state)
{
	att_auto_buf att_buf b = { 0 };
	char name[80];
	static char long_name[ATT_PATH_ROOM + 8];
	char joined[ATT_PATH_ROOM];
	att_err err = { 0 };

	(void)state;
	snprintf(name, sizeof(name), "%s/none/f", folder);
	assert_int_equal(att_file_read(name, 9, &b, &err), ATT_E_MISSING);
	assert_non_null(strstr(err.msg, name));
	assert_int_equal(att_file_write(name, att_bytes_of("x", 1), 0644, NULL), ATT_E_IO);
	assert_int_equal(att_file_read(folder, 9, &b, NULL), ATT_E_FORMAT);
	snprintf(name, sizeof(name), "%s/fifo", folder);
	assert_int_equal(mkfifo(name, 0600), 0);
	assert_int_equal(att_file_read(name, 9, &b, NULL), ATT_E_FORMAT);
	/* A directory is in the way: nothing is left beside it. */
	assert_int_equal(att_file_write(folder, att_bytes_of("x", 1), 0644, NULL), ATT_E_IO);
	snprintf(name, sizeof(name), "%s.new", folder);
	assert_int_not_equal(access(name, F_OK), 0);
	memset(long_name, 'a', sizeof(long_name) - 1);
	assert_int_equal(att_file_write(long_name, att_bytes_of("x", 1), 0644, NULL), ATT_E_ARG);
	assert_false(att_path_join(joined, "/", long_name));
	assert_true(att_path_join(joined, "/a", "b"));
	assert_string_equal(joined, "/a/b");
}

static void test_directories(void **state)
{
	char dir[64];
	char sub[80];
	char link[80];
	char given[80];
	struct stat st;
	att_err err = { 0 };

	(void)state;
	snprintf(dir, sizeof(dir), "%s/d", folder);
	assert_int_equal(att_dir_make(dir, 0755, NULL), ATT_OK);
	assert_int_equal(att_dir_make(dir, 0700, NULL), ATT_OK);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(att_file_write(file, att_bytes_of("x", 1), 0644, NULL), ATT_OK);
	assert_int_equal(att_dir_make(file, 0700, NULL), ATT_E_IO);
	snprintf(link, sizeof(link), "%s/link", folder);
	assert_int_equal(symlink(dir, link), 0);
	assert_int_equal(att_dir_make(link, 0700, NULL), ATT_E_IO);
	/* Who may give directories away tries one given away; others, the root directory. */
	const char *foreign = geteuid() == 0 ? given : "/";
	snprintf(given, sizeof(given), "%s/given", folder);
	assert_int_equal(mkdir(given, 0700), 0);
	assert_int_equal(chown(given, geteuid() == 0 ? 1 : geteuid(), (gid_t)-1), 0);
	assert_int_equal(att_dir_make(foreign, 0700, &err), ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "belongs to another user"));
	assert_int_equal(rmdir(given), 0);
	/* Removed with all below; what a link names stays. */
	snprintf(sub, sizeof(sub), "%s/s", dir);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(att_dir_make(sub, 0700, NULL), ATT_OK);
		size_t len = strlen(sub);
		snprintf(sub + len, sizeof(sub) - len, "/s");
	}
	snprintf(sub, sizeof(sub), "%s/to", dir);
	assert_int_equal(symlink(file, sub), 0);
	att_dir_remove(link);
	assert_int_equal(access(dir, F_OK), 0);
	att_dir_remove(dir);
	assert_int_not_equal(access(dir, F_OK), 0);
	assert_int_equal(access(file, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_left_by_a_crash),
		cmocka_unit_test(test_what_can_not_be),
		cmocka_unit_test(test_directories),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
