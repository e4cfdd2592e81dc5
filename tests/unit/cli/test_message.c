/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"

/* What a terminal would obey, or take for another character, is written as digits. */
static void text_from_outside_is_harmless(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} all[] = {
		{ "plain ~ text", 12, "plain ~ text" },
		{ "\033[31mred", 8, "\\x1b[31mred" },
		{ "a\nb\r\t", 5, "a\\x0ab\\x0d\\x09" },
		{ "a\0b", 3, "a\\x00b" },
		{ "\x7f\x80\xff", 3, "\\x7f\\x80\\xff" },
		{ "\xc2\x9b"
		  "31m",
		  5, "\\xc2\\x9b31m" },               /* the one-byte CSI, in UTF-8 */
		{ "\\x1b", 4, "\\x5cx1b" },           /* an escape can not be feigned */
		{ "91dd\xe2\x80\xa6", 7, "91dd..." }, /* the library's own mark of an omission */
		{ "\xe2\x80", 2, "\\xe2\\x80" },
		{ "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		att_auto_buf att_buf b = { 0 };

		cli_put_safe(&b, att_bytes_of(all[i].in, all[i].len));
		att_put_u8(&b, 0);
		assert_int_equal(att_buf_ok(&b, NULL), ATT_OK);
		assert_string_equal((const char *)b.ptr, all[i].out);
	}
}

static void a_message_is_one_line(void **state)
{
	char text[256] = "";
	struct cli c = { .err = fmemopen(text, sizeof(text), "w") };

	(void)state;
	assert_non_null(c.err);
	cli_error(&c, "%s", "two\nlines \033[2J");
	fclose(c.err);
	assert_string_equal(text, "attest: error: two\\x0alines \\x1b[2J\n");
}

static void colour_only_where_it_is_wanted(void **state)
{
	char text[256] = "";
	struct cli c = { .err = fmemopen(text, sizeof(text), "w"), .colour_err = true };

	(void)state;
	assert_non_null(c.err);
	cli_error(&c, "no");
	fclose(c.err);
	assert_string_equal(text, "attest: \033[31merror: \033[0mno\n");
}

/* A result that did not arrive is no answer, whatever it was. */
static void a_lost_result_is_no_answer(void **state)
{
	char text[256] = "";
	att_auto_buf att_buf b = { 0 };
	struct cli c = { .out = fopen("/dev/full", "w"), .err = fmemopen(text, sizeof(text), "w") };

	(void)state;
	assert_non_null(c.out);
	assert_non_null(c.err);
	att_put_str(&b, "accepted\n");
	assert_int_equal(cli_finish(&c, &b, CLI_ACCEPTED), CLI_NO_ANSWER);
	fclose(c.out);
	fclose(c.err);
	assert_non_null(strstr(text, "attest: error: "));
}

static void a_result_that_lacks_memory_is_no_answer(void **state)
{
	char text[256] = "", out[16] = "";
	att_auto_buf att_buf b = { .max = 4 };
	struct cli c = { .out = fmemopen(out, sizeof(out), "w"),
			 .err = fmemopen(text, sizeof(text), "w") };

	(void)state;
	att_put_str(&b, "accepted\n");
	assert_int_equal(cli_finish(&c, &b, CLI_ACCEPTED), CLI_NO_ANSWER);
	fclose(c.out);
	fclose(c.err);
	assert_string_equal(out, "");
	assert_non_null(strstr(text, "attest: error: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_from_outside_is_harmless),
		cmocka_unit_test(a_message_is_one_line),
		cmocka_unit_test(colour_only_where_it_is_wanted),
		cmocka_unit_test(a_lost_result_is_no_answer),
		cmocka_unit_test(a_result_that_lacks_memory_is_no_answer),
	};

	return cmocka_run_group_tests_name("cli/message", tests, NULL, NULL);
}
