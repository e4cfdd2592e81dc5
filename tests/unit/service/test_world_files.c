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
#include "service/world_files.h"

#define NOW INT64_C(1750000000)

static char folder[] = "/tmp/att-world-XXXXXX";

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

static struct att_world_place place_in(const char *name)
{
	struct att_world_place p = { .kept = true, .pccs_url = "http://127.0.0.1:1/" };
	char private[ATT_PATH_ROOM];

	snprintf(p.dir, sizeof(p.dir), "%s/%s", folder, name);
	assert_int_equal(att_dir_make(p.dir, 0755, NULL), ATT_OK);
	att_world_path(&p, ATT_WORLD_PRIVATE, private);
	assert_int_equal(att_dir_make(private, 0700, NULL), ATT_OK);
	return p;
}

static att_rc open_world(const struct att_world_options *o, const struct att_world_place *p,
			 struct att_world_state *s, att_sim_world **w, att_err *err)
{
	*s = (struct att_world_state){ 0 };
	return att_world_open(o, p, NOW, s, w, err);
}

static void test_state(void **state)
{
	struct att_world_place p = place_in("a");
	struct att_world_options o = { .dir = p.dir };
	struct att_world_state s;
	att_sim_world *w;
	att_auto_buf att_buf root = { 0 };
	struct stat st;
	att_err err = { 0 };

	(void)state;
	assert_int_equal(open_world(&o, &p, &s, &w, NULL), ATT_OK);
	assert_int_equal(stat(s.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(s.intel_sim);
	ino_t written = st.st_ino;
	/* Nothing changed: nothing is written. */
	assert_int_equal(att_world_state_save(&s, w, NULL), ATT_OK);
	assert_int_equal(stat(s.path, &st), 0);
	assert_int_equal(st.st_ino, written);
	att_put(&root, att_sim_world_root_pem(w));
	att_sim_world_free(w);
	att_world_state_free(&s);
	/* Other options than it was made of. */
	o.seed = "x";
	assert_int_equal(open_world(&o, &p, &s, &w, &err), ATT_E_MISMATCH);
	assert_null(w);
	assert_non_null(strstr(err.msg, "seed"));
	att_world_state_free(&s);
	o.seed = NULL;
	o.intel_sim = true;
	assert_int_equal(open_world(&o, &p, &s, &w, NULL), ATT_E_MISMATCH);
	att_world_state_free(&s);
	/* Damaged. */
	char path[ATT_PATH_ROOM];
	att_world_path(&p, ATT_WORLD_PRIVATE "/state.json", path);
	assert_int_equal(att_file_write(path, att_bytes_of("{", 1), 0600, NULL), ATT_OK);
	o.intel_sim = false;
	assert_int_equal(open_world(&o, &p, &s, &w, NULL), ATT_E_FORMAT);
	att_world_state_free(&s);
}

static void test_seeded(void **state)
{
	struct att_world_place p = place_in("b");
	struct att_world_options o = {
		.dir = p.dir, .seed = "x", .timed = true, .time = NOW, .intel_sim = true
	};
	struct att_world_state s;
	att_sim_world *w;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(open_world(&o, &p, &s, &w, NULL), ATT_OK);
		assert_true(s.intel_sim);
		att_sim_world_free(w);
		att_world_state_free(&s);
	}
}

static void test_kept_nowhere(void **state)
{
	struct att_world_place p = place_in("c");
	struct att_world_options o = { 0 };
	struct att_world_state s;
	att_sim_world *w;

	(void)state;
	p.kept = false;
	assert_int_equal(open_world(&o, &p, &s, &w, NULL), ATT_OK);
	assert_int_equal(att_world_state_save(&s, w, NULL), ATT_OK);
	assert_string_equal(s.path, "");
	assert_int_equal(s.last.len, 0);
	att_sim_world_free(w);
	att_world_state_free(&s);
}

static void read_back(const struct att_world_place *p, const char *name, att_buf *b)
{
	char path[ATT_PATH_ROOM];

	b->len = 0;
	att_world_path(p, name, path);
	assert_int_equal(att_file_read(path, 65536, b, NULL), ATT_OK);
	att_put_u8(b, 0);
}

static void test_files(void **state)
{
	struct att_world_place p = place_in("it's");
	struct att_world_options o = { .dir = p.dir, .seed = "x", .timed = true, .time = NOW };
	struct att_world_state s;
	att_sim_world *w;
	att_auto_buf att_buf b = { 0 };
	att_auto_buf att_buf signer = { 0 };
	char path[ATT_PATH_ROOM];
	struct stat st;

	(void)state;
	assert_int_equal(open_world(&o, &p, &s, &w, NULL), ATT_OK);
	assert_int_equal(att_world_put_files(&p, w, "x", NULL), ATT_OK);
	read_back(&p, ATT_WORLD_ENV, &b);
	assert_non_null(strstr((char *)b.ptr, "/it'\\''s/cpu.sock'\n"));
	assert_non_null(strstr((char *)b.ptr, "export PCCS_URL='http://127.0.0.1:1/'\n"));
	read_back(&p, ATT_WORLD_QCNL, &b);
	assert_non_null(strstr((char *)b.ptr, "\"pccs_url\": \"http://127.0.0.1:1/\""));
	read_back(&p, ATT_WORLD_POLICY "/any.json", &b);
	assert_non_null(strstr((char *)b.ptr, "\"allow_simulated\": true"));
	read_back(&p, ATT_WORLD_POLICY "/signer.json", &b);
	assert_non_null(strstr((char *)b.ptr, "\"mr_signer\": \""));
	read_back(&p, ATT_WORLD_SIGNER, &signer);
	att_world_path(&p, ATT_WORLD_SIGNER, path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* The developer's key stays, and one that is none is said. */
	assert_int_equal(att_world_put_files(&p, w, NULL, NULL), ATT_OK);
	read_back(&p, ATT_WORLD_SIGNER, &b);
	assert_true(att_bytes_eq(att_buf_bytes(&b), att_buf_bytes(&signer)));
	assert_int_equal(att_file_write(path, att_bytes_of("x", 1), 0600, NULL), ATT_OK);
	assert_int_equal(att_world_put_files(&p, w, NULL, NULL), ATT_E_FORMAT);
	att_sim_world_free(w);
	att_world_state_free(&s);
}

static void test_cache(void **state)
{
	struct att_world_place p = place_in("d");
	char path[ATT_PATH_ROOM];

	(void)state;
	assert_int_equal(att_world_empty_cache(&p, NULL), ATT_OK);
	att_world_path(&p, ATT_WORLD_CACHE "/x", path);
	assert_int_equal(att_file_write(path, att_bytes_of("x", 1), 0600, NULL), ATT_OK);
	assert_int_equal(att_world_empty_cache(&p, NULL), ATT_OK);
	assert_int_not_equal(access(path, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_state),        cmocka_unit_test(test_seeded),
		cmocka_unit_test(test_kept_nowhere), cmocka_unit_test(test_files),
		cmocka_unit_test(test_cache),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
