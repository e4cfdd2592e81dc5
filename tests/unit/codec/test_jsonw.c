/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/json.h"

static void write_sample(att_jsonw *w)
{
	att_jw_object(w);
	att_jw_name(w, "text");
	att_jw_str(w, "a");
	att_jw_name(w, "none");
	att_jw_str(w, NULL);
	att_jw_name(w, "list");
	att_jw_array(w);
	att_jw_int(w, -1);
	att_jw_int(w, INT64_MIN);
	att_jw_bool(w, true);
	att_jw_bool(w, false);
	att_jw_null(w);
	att_jw_array(w);
	att_jw_end_array(w);
	att_jw_object(w);
	att_jw_end_object(w);
	att_jw_end_array(w);
	att_jw_name(w, "hex");
	att_jw_hex(w, att_bytes_of("\x0a\xff", 2));
	att_jw_name(w, "time");
	att_jw_time(w, 0);
	att_jw_name(w, "raw");
	att_jw_raw(w, att_bytes_of("[ 1]", 4));
	att_jw_end_object(w);
}

static void one_line(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	att_jsonw w = att_jsonw_to(&b, 0);
	write_sample(&w);
	att_auto_mem char *text = att_buf_steal_str(&b);
	assert_string_equal(text,
			    "{\"text\":\"a\",\"none\":null,\"list\":[-1,-9223372036854775808,true,"
			    "false,null,[],{}],\"hex\":\"0aff\","
			    "\"time\":\"1970-01-01T00:00:00Z\",\"raw\":[ 1]}");
}

static void indented(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	att_jsonw w = att_jsonw_to(&b, 2);
	write_sample(&w);
	att_auto_mem char *text = att_buf_steal_str(&b);
	assert_string_equal(text, "{\n"
				  "  \"text\": \"a\",\n"
				  "  \"none\": null,\n"
				  "  \"list\": [\n"
				  "    -1,\n"
				  "    -9223372036854775808,\n"
				  "    true,\n"
				  "    false,\n"
				  "    null,\n"
				  "    [],\n"
				  "    {}\n"
				  "  ],\n"
				  "  \"hex\": \"0aff\",\n"
				  "  \"time\": \"1970-01-01T00:00:00Z\",\n"
				  "  \"raw\": [ 1]\n"
				  "}");
}

static void scalars_at_the_top(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	att_jsonw w = att_jsonw_to(&b, 2);
	att_jw_strn(&w, att_bytes_of(NULL, 0));
	att_auto_mem char *text = att_buf_steal_str(&b);
	assert_string_equal(text, "\"\"");
}

static void escapes(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} all[] = {
		{ "\"\\/\b\f\n\r\t", 8, "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
		{ "\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"" },
		{ "\xc3\xa4\xe2\x82\xac", 5, "\"\xc3\xa4\xe2\x82\xac\"" },
		{ "a\xff"
		  "b",
		  3,
		  "\"a\xef\xbf\xbd"
		  "b\"" },
		{ "\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_auto_buf att_buf b = { 0 };
		att_jsonw w = att_jsonw_to(&b, 0);
		att_jw_strn(&w, att_bytes_of(all[i].in, all[i].len));
		att_auto_mem char *text = att_buf_steal_str(&b);
		assert_string_equal(text, all[i].out);
	}
}

static void names_are_escaped(void **state)
{
	att_auto_buf att_buf b = { 0 };
	(void)state;

	att_jsonw w = att_jsonw_to(&b, 0);
	att_jw_object(&w);
	att_jw_name(&w, "a\"b");
	att_jw_null(&w);
	att_jw_end_object(&w);
	att_auto_mem char *text = att_buf_steal_str(&b);
	assert_string_equal(text, "{\"a\\\"b\":null}");
}

/* Whatever is written as a string, the reader reads back (NUL, which it refuses, apart). */
static void the_reader_reads_it_back(void **state)
{
	char all[127];
	(void)state;

	for (unsigned i = 0; i < sizeof(all); i++)
		all[i] = (char)(i + 1);
	att_auto_buf att_buf b = { 0 };
	att_jsonw w = att_jsonw_to(&b, 0);
	att_jw_strn(&w, att_bytes_of(all, sizeof(all)));
	att_auto_json att_json_doc doc = { 0 };
	assert_int_equal(att_json_parse(att_buf_bytes(&b), &doc, NULL), ATT_OK);
	att_auto_mem char *text = NULL;
	size_t len;
	assert_int_equal(att_json_string(att_json_root(&doc), &text, &len, NULL), ATT_OK);
	assert_int_equal(len, sizeof(all));
	assert_memory_equal(text, all, len);
}

static void a_full_buffer_is_seen_at_the_end(void **state)
{
	att_auto_buf att_buf b = { .max = 20 };
	(void)state;

	att_jsonw w = att_jsonw_to(&b, 2);
	write_sample(&w);
	assert_int_equal(att_buf_ok(&b, NULL), ATT_E_NOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line),
		cmocka_unit_test(indented),
		cmocka_unit_test(scalars_at_the_top),
		cmocka_unit_test(escapes),
		cmocka_unit_test(names_are_escaped),
		cmocka_unit_test(the_reader_reads_it_back),
		cmocka_unit_test(a_full_buffer_is_seen_at_the_end),
	};

	return cmocka_run_group_tests_name("codec/jsonw", tests, NULL, NULL);
}
