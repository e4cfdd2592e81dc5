/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "codec/json.h"
#include "../fail_alloc.h"

static const char sample[] =
    " {\"id\": \"SGX\", \"n\\u0061me\": \"a\\tb\", \"list\": [1, \"x\", [2, 3], "
    "{\"in\": null}], \"yes\": true, \"no\": false, \"empty\": {}} ";

struct fixture {
	att_json_doc doc;
	att_json root;
};

static int set_up(void **state)
{
	static struct fixture f;

	if (att_json_parse(att_bytes_of(sample, sizeof(sample) - 1), &f.doc, NULL) != ATT_OK)
		return -1;
	f.root = att_json_root(&f.doc);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	att_json_doc_free(&f->doc);
	return 0;
}

static void assert_slice(att_json v, const char *want)
{
	att_bytes s = att_json_slice(v);

	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.ptr, want, s.len);
	assert_int_equal(att_json_offset(v), s.ptr - (const uint8_t *)sample);
}

static void members_by_name(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(att_json_type_of(f->root), ATT_JSON_OBJECT);
	assert_int_equal(att_json_count(f->root), 6);
	assert_slice(att_json_get(f->root, "id"), "\"SGX\"");
	assert_slice(att_json_get(f->root, "name"), "\"a\\tb\"");
	assert_slice(att_json_get(f->root, "list"), "[1, \"x\", [2, 3], {\"in\": null}]");
	assert_slice(att_json_get(f->root, "yes"), "true");
	assert_slice(att_json_get(f->root, "empty"), "{}");
	assert_int_equal(att_json_type_of(att_json_get(f->root, "in")), ATT_JSON_ABSENT);
	assert_int_equal(att_json_type_of(att_json_get(f->root, "i")), ATT_JSON_ABSENT);
	assert_int_equal(att_json_type_of(att_json_get(f->root, "")), ATT_JSON_ABSENT);
	assert_int_equal(att_json_type_of(att_json_get(f->root, "n\\u0061me")), ATT_JSON_ABSENT);
	assert_int_equal(att_json_type_of(att_json_get(f->root, "nam")), ATT_JSON_ABSENT);
	assert_int_equal(att_json_type_of(att_json_get(f->root, "names")), ATT_JSON_ABSENT);
	assert_int_equal(att_json_type_of(att_json_get(att_json_get(f->root, "list"), "in")),
			 ATT_JSON_ABSENT);
}

static void iteration(void **state)
{
	static const char *const names[] = { "id", "name", "list", "yes", "no", "empty" };
	struct fixture *f = *state;
	size_t n = 0;

	for (att_json v = att_json_first(f->root); v.doc; v = att_json_next(f->root, v))
		assert_true(att_json_is(att_json_name(v), names[n++]));
	assert_int_equal(n, 6);

	static const enum att_json_type types[] = { ATT_JSON_NUMBER, ATT_JSON_STRING,
						    ATT_JSON_ARRAY, ATT_JSON_OBJECT };
	att_json list = att_json_get(f->root, "list");
	assert_int_equal(att_json_count(list), 4);
	n = 0;
	for (att_json v = att_json_first(list); v.doc; v = att_json_next(list, v))
		assert_int_equal(att_json_type_of(v), types[n++]);
	assert_int_equal(n, 4);

	assert_null(att_json_first(att_json_get(f->root, "empty")).doc);
	assert_null(att_json_first(att_json_get(f->root, "yes")).doc);
	assert_null(att_json_name(f->root).doc);
	assert_null(att_json_name(att_json_first(list)).doc);
}

static void absence_is_harmless(void **state)
{
	att_json none = { 0 };
	att_bytes view;
	int64_t n = 1;
	bool b = true;
	char *text = NULL;
	size_t len = 1;
	att_err err;
	(void)state;

	assert_int_equal(att_json_type_of(none), ATT_JSON_ABSENT);
	assert_int_equal(att_json_count(none), 0);
	assert_int_equal(att_json_offset(none), 0);
	assert_int_equal(att_json_slice(none).len, 0);
	assert_null(att_json_get(none, "x").doc);
	assert_null(att_json_first(none).doc);
	assert_null(att_json_next(none, none).doc);
	assert_null(att_json_name(none).doc);
	assert_false(att_json_plain(none, &view));
	assert_false(att_json_is(none, ""));
	assert_false(att_json_int(none, 0, 9, &n));
	assert_true(n == 0);
	assert_false(att_json_bool(none, &b));
	assert_false(b);
	assert_false(att_json_hex(none, NULL, 0));
	assert_int_equal(att_json_string(none, &text, &len, &err), ATT_E_FORMAT);
	assert_null(text);
	assert_int_equal(len, 0);
}

static void strings(void **state)
{
	struct fixture *f = *state;
	att_bytes view;

	assert_true(att_json_plain(att_json_get(f->root, "id"), &view));
	assert_int_equal(view.len, 3);
	assert_memory_equal(view.ptr, "SGX", 3);
	assert_false(att_json_plain(att_json_get(f->root, "name"), &view));
	assert_int_equal(view.len, 0);
	assert_false(att_json_plain(att_json_get(f->root, "yes"), &view));

	assert_true(att_json_is(att_json_get(f->root, "id"), "SGX"));
	assert_false(att_json_is(att_json_get(f->root, "id"), "SG"));
	assert_false(att_json_is(att_json_get(f->root, "id"), "SGXX"));
	assert_true(att_json_is(att_json_get(f->root, "name"), "a\tb"));
	assert_false(att_json_is(att_json_get(f->root, "name"), "a\\tb"));
	assert_false(att_json_is(att_json_get(f->root, "yes"), "true"));

	att_auto_mem char *plain = NULL;
	size_t len;
	assert_int_equal(att_json_string(att_json_get(f->root, "id"), &plain, &len, NULL), ATT_OK);
	assert_string_equal(plain, "SGX");
	assert_int_equal(len, 3);
	att_auto_mem char *escaped = NULL;
	assert_int_equal(att_json_string(att_json_get(f->root, "name"), &escaped, NULL, NULL),
			 ATT_OK);
	assert_string_equal(escaped, "a\tb");
	att_auto_mem char *no = NULL;
	att_err err;
	assert_int_equal(att_json_string(att_json_get(f->root, "yes"), &no, &len, &err),
			 ATT_E_FORMAT);
	assert_null(no);
	assert_int_equal(err.offset, att_json_offset(att_json_get(f->root, "yes")));
}

static void a_string_without_memory(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t len = 1;
	att_err err;

	alloc_watch(1);
	att_rc rc = att_json_string(att_json_get(f->root, "id"), &text, &len, &err);
	alloc_unwatch();
	assert_int_equal(rc, ATT_E_NOMEM);
	assert_null(text);
	assert_int_equal(len, 0);
}

static void booleans(void **state)
{
	struct fixture *f = *state;
	bool b = false;

	assert_true(att_json_bool(att_json_get(f->root, "yes"), &b));
	assert_true(b);
	assert_true(att_json_bool(att_json_get(f->root, "no"), &b));
	assert_false(b);
	assert_false(att_json_bool(att_json_get(f->root, "id"), &b));
}

static void integers(void **state)
{
	static const struct {
		const char *text;
		int64_t min;
		int64_t max;
		bool good;
		int64_t value;
	} all[] = {
		{ "0", 0, 0, true, 0 },
		{ "-0", 0, 0, true, 0 },
		{ "255", 0, 255, true, 255 },
		{ "256", 0, 255, false, 0 },
		{ "-1", 0, 255, false, 0 },
		{ "-1", -1, 255, true, -1 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, false, 0 },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, false, 0 },
		{ "18446744073709551616", INT64_MIN, INT64_MAX, false, 0 },
		{ "18446744073709551617", 0, 255, false, 0 },
		{ "92233720368547758070", INT64_MIN, INT64_MAX, false, 0 },
		{ "1.0", INT64_MIN, INT64_MAX, false, 0 },
		{ "1e2", INT64_MIN, INT64_MAX, false, 0 },
		{ "1E2", INT64_MIN, INT64_MAX, false, 0 },
		{ "\"1\"", INT64_MIN, INT64_MAX, false, 0 },
		{ "true", INT64_MIN, INT64_MAX, false, 0 },
		{ "null", INT64_MIN, INT64_MAX, false, 0 },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_auto_json att_json_doc doc = { 0 };
		att_bytes in = att_bytes_of(all[i].text, strlen(all[i].text));
		assert_int_equal(att_json_parse(in, &doc, NULL), ATT_OK);
		int64_t n = 77;
		bool good = att_json_int(att_json_root(&doc), all[i].min, all[i].max, &n);
		if (good != all[i].good || n != all[i].value)
			fail_msg("%s", all[i].text);
	}
}

static void hex(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} all[] = {
		{ "\"00aAfF\"", true },   { "\"00aAf\"", false },
		{ "\"00aAfF0\"", false }, { "\"00aAfF00\"", false },
		{ "\"\"", false },        { "\"00aAfg\"", false },
		{ "\"0x0aAf\"", false },  { "\"\\u00300aAfF\"", false },
		{ "123456", false },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_auto_json att_json_doc doc = { 0 };
		att_bytes in = att_bytes_of(all[i].text, strlen(all[i].text));
		assert_int_equal(att_json_parse(in, &doc, NULL), ATT_OK);
		uint8_t out[3];
		assert_int_equal(att_json_hex(att_json_root(&doc), out, sizeof(out)), all[i].good);
		if (all[i].good)
			assert_memory_equal(out, "\x00\xaa\xff", 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_by_name),
		cmocka_unit_test(iteration),
		cmocka_unit_test(absence_is_harmless),
		cmocka_unit_test(strings),
		cmocka_unit_test(a_string_without_memory),
		cmocka_unit_test(booleans),
		cmocka_unit_test(integers),
		cmocka_unit_test(hex),
	};

	return cmocka_run_group_tests_name("codec/json_value", tests, set_up, tear_down);
}
