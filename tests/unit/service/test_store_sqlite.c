/* SPDX-License-Identifier: Apache-2.0 */
/* What is SQLite's alone; what every store does is in tests/program/pccs_store.c. */
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

#include "service/pccs/store.h"

#define NOW INT64_C(1750000000)

static char folder[] = "/tmp/attest-pccs-XXXXXX";
static char path[128];
static char moved[4096];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/pccs.db", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	char command[256];

	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static att_pccs_store *open_store(void)
{
	att_pccs_store *s = NULL;
	att_err err = { 0 };

	if (att_pccs_sqlite_open(path, NOW, moved, &s, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	return s;
}

static att_rc put(att_pccs_store *s, const char *body, att_err *err)
{
	struct att_pccs_record r = { .kind = "document", .key = "k", .expires = NOW };
	bool kept = false;

	r.body = att_bytes_of(body, strlen(body));
	return s->ops->put(s, &r, 1, &kept, err);
}

static void it_is_there_again(void **state)
{
	(void)state;
	struct att_pccs_record r;
	struct stat st;

	att_pccs_store *s = open_store();
	assert_int_equal(put(s, "text", NULL), ATT_OK);
	att_pccs_store_close(s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	s = open_store();
	assert_string_equal(moved, "");
	assert_int_equal(s->ops->get(s, "document", "k", &r, NULL), ATT_OK);
	assert_int_equal(r.body.len, 4);
	assert_memory_equal(r.body.ptr, "text", 4);
	att_pccs_record_free(&r);
	att_pccs_store_close(s);
}

static void overwrite(const char *with, long at)
{
	FILE *f = fopen(path, "r+b");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(with, 1, strlen(with), f), strlen(with));
	assert_int_equal(fclose(f), 0);
}

static void a_damaged_file_is_moved_aside(void **state)
{
	(void)state;
	struct att_pccs_record r;

	att_pccs_store *s = open_store();
	assert_int_equal(put(s, "text", NULL), ATT_OK);
	att_pccs_store_close(s);
	overwrite("this is no database any more", 0);
	s = open_store();
	assert_true(strncmp(moved, path, strlen(path)) == 0);
	assert_non_null(strstr(moved, ".damaged-2025-06-15T15:06:40Z"));
	assert_int_equal(access(moved, R_OK), 0);
	assert_int_equal(s->ops->get(s, "document", "k", &r, NULL), ATT_E_MISSING);
	assert_int_equal(put(s, "anew", NULL), ATT_OK);
	att_pccs_store_close(s);
}

static void another_programs_file_stays(void **state)
{
	(void)state;
	att_pccs_store *s = open_store();
	att_err err = { 0 };

	att_pccs_store_close(s);
	overwrite("\xff\xff", 68); /* application_id (SQLite file format, section 1.3) */
	assert_int_equal(att_pccs_sqlite_open(path, NOW, moved, &s, &err), ATT_E_UNSUPPORTED);
	assert_null(s);
	assert_non_null(strstr(err.msg, "another program's"));
	assert_string_equal(moved, "");
}

static void a_newer_schema_stays(void **state)
{
	(void)state;
	att_pccs_store *s = open_store();
	att_err err = { 0 };

	att_pccs_store_close(s);
	overwrite("\x01", 60); /* user_version, big endian */
	assert_int_equal(att_pccs_sqlite_open(path, NOW, moved, &s, &err), ATT_E_UNSUPPORTED);
	assert_non_null(strstr(err.msg, "schema version"));
}

static void no_such_folder(void **state)
{
	(void)state;
	att_pccs_store *s;
	att_err err = { 0 };

	assert_int_equal(att_pccs_sqlite_open("/nonexistent/x.db", NOW, moved, &s, &err), ATT_E_IO);
	assert_non_null(strstr(err.msg, "No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_there_again, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_moved_aside, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(another_programs_file_stays, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(a_newer_schema_stays, make_folder, remove_folder),
		cmocka_unit_test(no_such_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
