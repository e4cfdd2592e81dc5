/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fail_alloc.h"
#include "service/world_control.h"

static att_bytes text(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static att_rc parse(const char *line, struct att_control *c)
{
	*c = (struct att_control){ 0 };
	return att_control_parse(text(line), c, NULL);
}

static void test_requests(void **state)
{
	struct att_control c;
	att_auto_buf att_buf line = { 0 };

	(void)state;
	assert_int_equal(parse("{\"do\":\"status\"}", &c), ATT_OK);
	assert_int_equal(c.what, ATT_CONTROL_STATUS);
	assert_int_equal(parse("{\"do\":\"stop\"}", &c), ATT_OK);
	assert_int_equal(c.what, ATT_CONTROL_STOP);
	assert_int_equal(parse("{\"set\":{\"tcb\":\"revoked\",\"pck\":\"revoked\"},\"reset\":true,"
			       "\"do\":\"fault\"}",
			       &c),
			 ATT_OK);
	assert_int_equal(c.what, ATT_CONTROL_FAULT);
	assert_true(c.reset);
	assert_int_equal(c.set_count, 2);
	assert_string_equal(c.set[1].name, "pck");
	assert_string_equal(c.set[1].value, "revoked");
	att_control_write(&c, &line);
	att_control_free(&c);
	assert_true(att_bytes_eq(att_buf_bytes(&line),
				 text("{\"do\":\"fault\",\"reset\":true,\"set\":{\"tcb\":"
				      "\"revoked\",\"pck\":\"revoked\"}}\n")));
}

static void test_no_requests(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"null",
		"{\"do\":1}",
		"{\"do\":\"dance\"}",
		"{\"do\":\"status\",\"x\":1}",
		"{\"do\":\"fault\",\"x\":true}",
		"{\"do\":\"status\",\"reset\":true}",
		"{\"do\":\"stop\",\"set\":{\"tcb\":\"revoked\"}}",
		"{\"do\":\"fault\",\"set\":[]}",
		"{\"do\":\"fault\",\"set\":{\"tcb\":1}}",
		"{\"do\":\"fault\",\"reset\":1}",
		"{\"do\":\"fault\",\"do\":\"fault\"}",
		"{\"do\":\"status\"}x",
	};
	struct att_control c;

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		assert_int_equal(parse(bad[i], &c), ATT_E_FORMAT);
		assert_int_equal(c.set_count, 0);
	}
	static char long_line[ATT_CONTROL_LINE_MAX + 2];
	memset(long_line, ' ', sizeof(long_line) - 1);
	memcpy(long_line, "{\"do\":\"stop\"}", 13);
	assert_int_equal(parse(long_line, &c), ATT_E_FORMAT);
	long_line[sizeof(long_line) - 2] = 0;
	assert_int_equal(parse(long_line, &c), ATT_OK);
}

static void test_too_many_settings(void **state)
{
	struct att_control c;
	att_auto_buf att_buf line = { 0 };

	(void)state;
	att_put_str(&line, "{\"do\":\"fault\",\"set\":{\"x\":\"y\"");
	for (unsigned i = 0; i < ATT_CONTROL_SET_MAX; i++)
		att_putf(&line, ",\"x%u\":\"y\"", i);
	att_put_str(&line, "}}");
	att_put_u8(&line, 0);
	assert_int_equal(parse((const char *)line.ptr, &c), ATT_E_FORMAT);
	assert_int_equal(c.set_count, 0);
}

static att_sim_world *make_world(void)
{
	const struct att_sim_world_options o = { .born = 1750000000, .seed = "test" };
	att_sim_world *w;

	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_OK);
	return w;
}

static const struct att_world_place place = { .dir = "/a\"b", .pid = 42, .pccs_url = "http://x/" };
static const struct att_world_status status = { .place = &place,
						.now = 1750000000,
						.api_requests = 3 };

/* The answer's text, NUL behind it. */
static const char *answer(att_sim_world *w, const char *line, bool *turned, bool *stop)
{
	static char out[4096];
	att_auto_buf att_buf b = { 0 };

	assert_int_equal(att_control_answer(text(line), w, &status, &b, turned, stop, NULL),
			 ATT_OK);
	assert_true(b.len < sizeof(out) && b.len > 1 && b.ptr[b.len - 1] == '\n');
	memcpy(out, b.ptr, b.len);
	out[b.len - 1] = 0;
	return out;
}

static void test_answers(void **state)
{
	att_sim_world *w = make_world();
	bool turned, stop;

	(void)state;
	const char *out = answer(w, "{\"do\":\"status\"}", &turned, &stop);
	assert_true(!turned && !stop);
	assert_non_null(strstr(out, "\"ok\":true"));
	assert_non_null(strstr(out, "\"dir\":\"/a\\\"b\""));
	assert_non_null(strstr(out, "\"pid\":42"));
	assert_non_null(strstr(out, "\"time\":\"2025-06-15T15:06:40Z\""));
	assert_non_null(strstr(out, "\"trouble\":null"));
	assert_non_null(strstr(out, "\"tcb\":\"current\""));
	assert_null(strstr(out, "secret"));
	out = answer(w, "{\"do\":\"fault\",\"set\":{\"tcb\":\"revoked\"}}", &turned, &stop);
	assert_true(turned && !stop);
	assert_non_null(strstr(out, "\"tcb\":\"revoked\""));
	/* All or none: also what was turned before the bad one is put back. */
	out = answer(
	    w, "{\"do\":\"fault\",\"reset\":true,\"set\":{\"pck\":\"revoked\",\"tcb\":\"x\"}}",
	    &turned, &stop);
	assert_false(turned);
	assert_non_null(strstr(out, "\"ok\":false"));
	assert_non_null(strstr(out, "\"rc\":\"ATT_E_ARG\""));
	out = answer(w, "{\"do\":\"status\"}", &turned, &stop);
	assert_non_null(strstr(out, "\"tcb\":\"revoked\""));

	assert_null(strstr(out, "\"pck\":\"revoked\""));
	answer(w, "{\"do\":\"stop\"}", &turned, &stop);
	assert_true(stop);
	out = answer(w, "garbage", &turned, &stop);
	assert_true(!stop && !turned);
	assert_non_null(strstr(out, "\"rc\":\"ATT_E_FORMAT\""));
	att_sim_world_free(w);
}

static void test_no_memory(void **state)
{
	att_rc rc = ATT_E_NOMEM;

	(void)state;
	for (size_t k = 1; rc != ATT_OK; k++) {
		struct att_control c = { 0 };
		alloc_watch(k);
		rc = att_control_parse(text("{\"do\":\"fault\",\"set\":{\"a\":\"b\"}}"), &c, NULL);
		alloc_unwatch();
		assert_true(rc == ATT_OK || rc == ATT_E_NOMEM);
		att_control_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),          cmocka_unit_test(test_no_requests),
		cmocka_unit_test(test_too_many_settings), cmocka_unit_test(test_answers),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
