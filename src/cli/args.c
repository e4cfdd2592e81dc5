/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <getopt.h>
#include <string.h>

#include "base/distance.h"

#define OPTIONS_MAX 40

bool cli_nearest(const char *word, const char *words, char *out, size_t out_len)
{
	size_t best = 3; /* more than two slips is another word */

	for (const char *p = words; *p;) {
		size_t n = strcspn(p, " ");
		if (n < out_len) {
			size_t d =
			    att_distance(att_bytes_of(word, strlen(word)), att_bytes_of(p, n));
			if (d < best && d < n) {
				best = d;
				memcpy(out, p, n);
				out[n] = 0;
			}
		}
		p += n + (p[n] == ' ');
	}
	return best < 3;
}

bool cli_word_in(const char *word, size_t len, const char *words)
{
	for (const char *p = words; *p;) {
		size_t n = strcspn(p, " ");
		if (n == len && memcmp(p, word, n) == 0)
			return true;
		p += n + (p[n] == ' ');
	}
	return false;
}

static void put_option_names(att_buf *b, const struct cli_command *command)
{
	for (size_t i = 0; i < command->option_count; i++)
		att_putf(b, "%s%s", i ? " " : "", command->options[i].name);
}

static void unknown_option(struct cli *c, const struct cli_command *command, const char *arg)
{
	att_auto_buf att_buf names = { 0 };
	char near[ATT_WORD_MAX + 1];
	char word[ATT_WORD_MAX + 1];

	put_option_names(&names, command);
	att_put_u8(&names, 0);
	if (strncmp(arg, "--", 2) == 0 && att_buf_ok(&names, NULL) == ATT_OK) {
		size_t n = strcspn(arg + 2, "=");
		if (n <= ATT_WORD_MAX) {
			memcpy(word, arg + 2, n);
			word[n] = 0;
			if (cli_nearest(word, (const char *)names.ptr, near, sizeof(near))) {
				cli_usage(c, command, "unknown option '--%s'; did you mean '--%s'?",
					  word, near);
				return;
			}
		}
	}
	cli_usage(c, command, "unknown option '%s'", arg);
}

static bool take(struct cli *c, struct cli_args *a, const struct cli_option *o, const char *value)
{
	if (o->value && !o->repeats && cli_given(a, o->id)) {
		cli_usage(c, a->command, "option '--%s' is given twice", o->name);
		return false;
	}
	if (a->count == CLI_SET_MAX) {
		cli_usage(c, a->command, "more than %d options", CLI_SET_MAX);
		return false;
	}
	if (o->choices && value && !cli_word_in(value, strlen(value), o->choices)) {
		char near[ATT_WORD_MAX + 1];
		if (cli_nearest(value, o->choices, near, sizeof(near)))
			cli_usage(c, a->command,
				  "option '--%s' can not be '%s'; did you mean '%s'?", o->name,
				  value, near);
		else
			cli_usage(c, a->command, "option '--%s' is one of: %s; not '%s'", o->name,
				  o->choices, value);
		return false;
	}
	a->set[a->count++] = (struct cli_set){ o, value ? value : "" };
	return true;
}

static size_t make_getopt(const struct cli_command *command, struct option *longs, char *shorts)
{
	size_t n = 0;
	size_t s = 0;

	shorts[s++] = ':';
	for (size_t i = 0; i < command->option_count && n < OPTIONS_MAX; i++) {
		const struct cli_option *o = &command->options[i];
		longs[n++] = (struct option){ o->name, o->value ? required_argument : no_argument,
					      NULL, (int)i + 1000 };
		if (o->letter)
			shorts[s++] = o->letter;
		if (o->letter && o->value)
			shorts[s++] = ':';
	}
	longs[n] = (struct option){ 0 };
	shorts[s] = 0;
	return n;
}

static const struct cli_option *option_of(const struct cli_command *command, int got)
{
	if (got >= 1000 && (size_t)(got - 1000) < command->option_count)
		return &command->options[got - 1000];
	for (size_t i = 0; i < command->option_count; i++) {
		if (command->options[i].letter && command->options[i].letter == got)
			return &command->options[i];
	}
	return NULL;
}

static void say_bad_option(struct cli *c, const struct cli_command *command, int got, char **argv)
{
	const struct cli_option *o = option_of(command, optopt);
	char letter[3] = { '-', (char)optopt, 0 };

	if (got == ':' && o)
		cli_usage(c, command, "option '--%s' needs a value: %s", o->name, o->value);
	else if (o)
		cli_usage(c, command, "option '--%s' takes no value", o->name);
	else if (optopt)
		unknown_option(c, command, letter);
	else
		unknown_option(c, command, argv[optind - 1]);
}

static const struct cli_option *missing_option(const struct cli_args *a)
{
	for (size_t i = 0; i < a->command->option_count; i++) {
		const struct cli_option *o = &a->command->options[i];
		if (o->required && !cli_given(a, o->id))
			return o;
	}
	return NULL;
}

static bool take_operands(struct cli *c, struct cli_args *a, int count, char **operands)
{
	const struct cli_command *command = a->command;

	a->operands = operands;
	a->operand_count = count;
	if (cli_given(a, CLI_OPT_HELP))
		return true;
	if (count > command->operand_max) {
		cli_usage(c, command, "unexpected argument '%s'", operands[command->operand_max]);
		return false;
	}
	if (count < command->operand_min) {
		cli_usage(c, command, "%s is missing", command->operand);
		return false;
	}
	const struct cli_option *o = missing_option(a);
	if (o) {
		cli_usage(c, command, "--%s is missing", o->name);
		return false;
	}
	return true;
}

bool cli_args_parse(struct cli *c, const struct cli_command *command, int argc, char **argv,
		    struct cli_args *out)
{
	struct option longs[OPTIONS_MAX + 1];
	char shorts[2 * OPTIONS_MAX + 2];

	*out = (struct cli_args){ .command = command };
	make_getopt(command, longs, shorts);
	opterr = 0;
	optind = 0; /* GNU: forget an earlier scan */
	for (;;) {
		optopt = 0;
		int got = getopt_long(argc, argv, shorts, longs, NULL);
		if (got == -1)
			break;
		const struct cli_option *o =
		    got == '?' || got == ':' ? NULL : option_of(command, got);
		if (!o) {
			say_bad_option(c, command, got, argv);
			return false;
		}
		if (!take(c, out, o, o->value ? optarg : NULL))
			return false;
	}
	return take_operands(c, out, argc - optind, argv + optind);
}

const char *cli_value_at(const struct cli_args *a, int id, size_t nth)
{
	for (size_t i = 0; i < a->count; i++) {
		if (a->set[i].option->id == id && nth-- == 0)
			return a->set[i].value;
	}
	return NULL;
}

const char *cli_value(const struct cli_args *a, int id)
{
	return cli_value_at(a, id, 0);
}

bool cli_given(const struct cli_args *a, int id)
{
	return cli_value(a, id) != NULL;
}

bool cli_output_is(const struct cli_args *a, const char *form)
{
	const char *given = cli_value(a, CLI_OPT_OUTPUT);

	if (given)
		return strcmp(given, form) == 0;
	for (size_t i = 0; i < a->command->option_count; i++) {
		const struct cli_option *o = &a->command->options[i];
		if (o->id == CLI_OPT_OUTPUT)
			return strcspn(o->choices, " ") == strlen(form) &&
			       strncmp(o->choices, form, strlen(form)) == 0;
	}
	return false;
}
