/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fetch/store.h"

static char folder[64];
static char path[128];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/attest-store-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/cache.db", folder);
	return 0;
}

static int remove_folder(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	char name[160];

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
	return rmdir(folder);
}

static struct att_store_entry entry(int64_t evaluation, int64_t number, int64_t issued, size_t size)
{
	struct att_store_entry e = { .facts = { .issued = issued,
						.expires = issued + 1000,
						.evaluation = evaluation,
						.number = number },
				     .stored = issued + 1 };

	att_put_str(&e.chain, "chain");
	att_put_zero(&e.body, size);
	return e;
}

static att_rc put(att_store *s, const char *key, int64_t evaluation, int64_t number, int64_t issued,
		  size_t size, att_err *err)
{
	struct att_store_entry e = entry(evaluation, number, issued, size);
	att_rc rc = att_store_put(s, key, &e, err);

	att_store_entry_free(&e);
	return rc;
}

static bool has(att_store *s, const char *key, int64_t now)
{
	struct att_store_entry e;
	att_rc rc = att_store_get(s, key, now, &e, NULL);

	att_store_entry_free(&e);
	return rc == ATT_OK;
}

static void kept_and_read(void **state)
{
	(void)state;
	struct att_store_entry e;
	att_store *s;
	struct stat st;

	assert_int_equal(att_store_open(path, 0, &s, NULL), ATT_OK);
	assert_int_equal(att_store_get(s, "a", 0, &e, NULL), ATT_E_MISSING);
	assert_int_equal(put(s, "a", 17, -1, 1000, 10, NULL), ATT_OK);
	att_store_close(s);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(att_store_open(path, 0, &s, NULL), ATT_OK);
	assert_int_equal(att_store_get(s, "a", 0, &e, NULL), ATT_OK);
	assert_int_equal(e.facts.evaluation, 17);
	assert_int_equal(e.facts.number, -1);
	assert_int_equal(e.facts.issued, 1000);
	assert_int_equal(e.facts.expires, 2000);
	assert_int_equal(e.stored, 1001);
	assert_int_equal(e.body.len, 10);
	assert_memory_equal(e.chain.ptr, "chain", 5);
	att_store_entry_free(&e);
	att_store_close(s);
}

static void never_back(void **state)
{
	(void)state;
	att_store *s;
	att_err err = { 0 };

	assert_int_equal(att_store_open(path, 0, &s, NULL), ATT_OK);
	assert_int_equal(put(s, "a", 17, 5, 1000, 1, NULL), ATT_OK);
	assert_int_equal(put(s, "a", 16, 5, 2000, 1, &err), ATT_E_MISMATCH);
	assert_non_null(strstr(err.msg, "evaluation number"));
	assert_int_equal(put(s, "a", 17, 4, 2000, 1, &err), ATT_E_MISMATCH);
	assert_non_null(strstr(err.msg, "CRL number"));
	assert_int_equal(put(s, "a", 17, 5, 999, 1, &err), ATT_E_MISMATCH);
	assert_non_null(strstr(err.msg, "date of issue"));
	assert_int_equal(put(s, "a", 17, 5, 1000, 1, NULL), ATT_OK);
	assert_int_equal(put(s, "a", 18, 6, 1001, 1, NULL), ATT_OK);
	assert_int_equal(put(s, "b", 1, 1, 1, 1, NULL), ATT_OK);
	att_store_close(s);
}

static void bounded(void **state)
{
	(void)state;
	att_store *s;

	assert_int_equal(att_store_open(path, 10000, &s, NULL), ATT_OK);
	assert_int_equal(put(s, "a", 1, 1, 10000, 3000, NULL), ATT_OK);
	assert_int_equal(put(s, "b", 1, 1, 20000, 3000, NULL), ATT_OK);
	assert_true(has(s, "a", 30000)); /* used: b is the one unused for longest */
	assert_int_equal(put(s, "c", 1, 1, 5, 3000, NULL), ATT_OK);
	assert_true(has(s, "a", 30000));
	assert_false(has(s, "b", 30000));
	assert_true(has(s, "c", 30000));
	assert_int_equal(put(s, "d", 1, 1, 1, 9999, NULL), ATT_E_FORMAT);
	assert_true(has(s, "a", 30000));
	att_store_close(s);
}

static void no_database(void **state)
{
	(void)state;
	static const char text[] = "this was never a database, and is longer than its header is";
	att_store *s;
	att_err err = { 0 };
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (int i = 0; i < 100; i++)
		fputs(text, f);
	fclose(f);
	assert_int_equal(att_store_open(path, 0, &s, &err), ATT_E_FORMAT);
	assert_null(s);
	assert_non_null(strstr(err.msg, "remove it"));
	assert_int_equal(att_store_open("/nonexistent/cache.db", 0, &s, &err), ATT_E_IO);
	assert_non_null(strstr(err.msg, "/nonexistent/cache.db"));
}

static void shared(void **state)
{
	(void)state;
	att_store *s;
	att_store *other;
	struct att_store_entry e = entry(1, 1, 1, 1);
	att_err err = { 0 };

	assert_int_equal(att_store_open(path, 0, &s, NULL), ATT_OK);
	assert_int_equal(att_store_open(path, 0, &other, NULL), ATT_OK);
	assert_int_equal(att_store_put(s, "a", &e, NULL), ATT_OK);
	assert_true(has(other, "a", 0));
	assert_int_equal(att_store_put(other, "b", &e, &err), ATT_OK);
	assert_true(has(s, "b", 0));
	att_store_entry_free(&e);
	att_store_close(s);
	att_store_close(other);
	att_store_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kept_and_read, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(never_back, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(bounded, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(no_database, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(shared, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
