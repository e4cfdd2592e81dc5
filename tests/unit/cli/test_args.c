/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cli/cli.h"

enum { ROOT = 1, TIME, FORCE };

static const struct cli_option options[] = {
	{ .id = ROOT, .name = "root", .value = "FILE", .help = "h", .repeats = true },
	{ .id = TIME, .letter = 't', .name = "time", .value = "T", .help = "h", .required = true },
	{ .id = FORCE, .letter = 'f', .name = "force", .help = "h" },
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

static const struct cli_command command = {
	.name = "try",
	.operand = "FILE",
	.operand_min = 1,
	.operand_max = 1,
	.page = "attest",
	.summary = "s",
	.options = options,
	.option_count = ATT_COUNT(options),
};

/* Parses `line`, words with blanks between; what was said goes to said. */
static char said[512];
static char words[256];
static char *argv[16];

static bool parse(const char *line, struct cli_args *out)
{
	struct cli c = { .err = fmemopen(said, sizeof(said), "w") };
	int argc = 0;

	assert_non_null(c.err);
	assert_true(strlen(line) < sizeof(words));
	strncpy(words, line, sizeof(words) - 1);
	for (char *next = words, *word; (word = strsep(&next, " ")) != NULL;)
		argv[argc++] = word;
	argv[argc] = NULL;
	said[0] = 0;

	bool ok = cli_args_parse(&c, &command, argc, argv, out);
	fclose(c.err);
	return ok;
}

static void options_and_operands_in_any_order(void **state)
{
	struct cli_args a;

	(void)state;
	assert_true(parse("try --root one x.dat -t 5 --root=two -f", &a));
	assert_int_equal(a.operand_count, 1);
	assert_string_equal(a.operands[0], "x.dat");
	assert_string_equal(cli_value(&a, TIME), "5");
	assert_string_equal(cli_value_at(&a, ROOT, 0), "one");
	assert_string_equal(cli_value_at(&a, ROOT, 1), "two");
	assert_null(cli_value_at(&a, ROOT, 2));
	assert_true(cli_given(&a, FORCE));
	assert_string_equal(cli_value(&a, FORCE), "");
	assert_string_equal(said, "");
}

static void behind_two_dashes_all_are_operands(void **state)
{
	struct cli_args a;

	(void)state;
	assert_true(parse("try -t 5 -- -f", &a));
	assert_string_equal(a.operands[0], "-f");
	assert_false(cli_given(&a, FORCE));
}

static void the_first_form_is_the_default(void **state)
{
	struct cli_args a;

	(void)state;
	assert_true(parse("try -t 5 x", &a));
	assert_true(cli_output_is(&a, "text"));
	assert_false(cli_output_is(&a, "json"));
	assert_false(cli_output_is(&a, "tex"));
	assert_true(parse("try -t 5 x -o json", &a));
	assert_true(cli_output_is(&a, "json"));
	assert_false(cli_output_is(&a, "text"));
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *line;
		const char *say;
	} all[] = {
		{ "try x", "time" },
		{ "try -t 5", "FILE" },
		{ "try -t 5 x y", "y" },
		{ "try -t 5 x -t 6", "option '--time' is given twice" },
		{ "try -t 5 x --forse", "did you mean '--force'" },
		{ "try -t 5 x --nothing-like-it", "unknown option '--nothing-like-it'" },
		{ "try -t 5 x -o jsn", "did you mean 'json'" },
		{ "try -t 5 x -o yaml", "is one of: text json; not 'yaml'" },
		{ "try x -t", "time" },
		{ "try -t 5 x --force=1", "force" },
	};
	struct cli_args a;

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		assert_false(parse(all[i].line, &a));
		if (!strstr(said, all[i].say))
			fail_msg("%s: said: %s", all[i].line, said);
	}
}

static void a_hint_is_near(void **state)
{
	char near[16];

	(void)state;
	assert_true(cli_nearest("verfy", "inspect verify token", near, sizeof(near)));
	assert_string_equal(near, "verify");
	assert_false(cli_nearest("frobnicate", "inspect verify token", near, sizeof(near)));
	/* Two slips in a word of two letters are another word. */
	assert_false(cli_nearest("xy", "ab", near, sizeof(near)));
	/* A word that does not fit is no hint. */
	char small[4];
	assert_false(cli_nearest("verfy", "verify", small, sizeof(small)));
	assert_false(cli_nearest("verify", "", near, sizeof(near)));
}

static void words_are_whole(void **state)
{
	(void)state;
	assert_true(cli_word_in("json", 4, "text json ear"));
	assert_true(cli_word_in("ear", 3, "text json ear"));
	assert_false(cli_word_in("jso", 3, "text json ear"));
	assert_false(cli_word_in("json ear", 8, "text json ear"));
	assert_false(cli_word_in("", 0, "text"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_operands_in_any_order),
		cmocka_unit_test(behind_two_dashes_all_are_operands),
		cmocka_unit_test(the_first_form_is_the_default),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(a_hint_is_near),
		cmocka_unit_test(words_are_whole),
	};

	return cmocka_run_group_tests_name("cli/args", tests, NULL, NULL);
}
