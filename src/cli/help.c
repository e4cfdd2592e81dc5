/* SPDX-License-Identifier: Apache-2.0 */
/* --help, the overview, and `attest help`, which also prints the tables themselves as JSON. */
#include "cli/cli.h"

#include <string.h>

#include "base/mem.h"
#include "cli/commands.h"
#include "codec/json.h"

#define HELP_COLUMN     30
#define HELP_WIDTH      79
#define OVERVIEW_COLUMN 22

void cli_put_wrapped(att_buf *b, size_t at, size_t indent, const char *text)
{
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, " \n");
		if (at > indent && at + 1 + n > HELP_WIDTH) {
			att_putf(b, "\n%*s", (int)indent, "");
			at = indent;
		} else if (at > indent) {
			att_put_str(b, " ");
			at++;
		}
		att_put_mem(b, p, n);
		at += n;
		p += n;
		if (*p == '\n') {
			att_putf(b, "\n%*s", (int)indent, "");
			at = indent;
		}
		p += *p != 0;
	}
	att_put_str(b, "\n");
}

static void put_option(att_buf *b, const struct cli_option *o)
{
	att_auto_buf att_buf left = { 0 };
	att_auto_buf att_buf right = { 0 };

	if (o->letter)
		att_putf(&left, "  -%c, --%s", o->letter, o->name);
	else
		att_putf(&left, "      --%s", o->name);
	if (o->value)
		att_putf(&left, "=%s", o->value);
	att_put_str(&right, o->help);
	if (o->choices) {
		att_put_str(&right, ": ");
		for (const char *p = o->choices; *p; p++)
			att_put_str(&right, *p == ' ' ? ", " : (const char[]){ *p, 0 });
	}
	if (o->repeats)
		att_put_str(&right, " (may repeat)");
	att_put_u8(&right, 0);
	if (att_buf_ok(&left, NULL) != ATT_OK || att_buf_ok(&right, NULL) != ATT_OK) {
		b->failed = true;
		return;
	}
	att_put(b, att_buf_bytes(&left));
	size_t at = left.len;
	if (at + 2 > HELP_COLUMN) {
		att_put_str(b, "\n");
		at = 0;
	}
	att_putf(b, "%*s", (int)(HELP_COLUMN - at), "");
	cli_put_wrapped(b, HELP_COLUMN, HELP_COLUMN, (const char *)right.ptr);
}

/* One synopsis. */
static void put_usage(att_buf *b, const struct cli_command *command)
{
	att_putf(b, "%s %s", command->program ? command->program : "attest", command->name);
	if (command->operand && !command->runs_command)
		att_putf(b, command->operand_min ? " %s%s" : " [%s]%s", command->operand,
			 command->operand_max > 1 ? "..." : "");
	for (size_t i = 0; i < command->option_count; i++) {
		const struct cli_option *o = &command->options[i];
		if (o->required)
			att_putf(b, " --%s=%s", o->name, o->value);
	}
	att_put_str(b, " [OPTION]...");
	if (command->runs_command)
		att_putf(b, " -- %s [ARGUMENT]...", command->operand);
}

void cli_put_help(att_buf *b, const struct cli_command *command)
{
	att_put_str(b, "Usage: ");
	put_usage(b, command);
	att_put_str(b, "\n\n");
	cli_put_wrapped(b, 0, 0, command->summary);
	att_put_str(b, "\nOptions:\n");
	for (size_t i = 0; i < command->option_count; i++)
		put_option(b, &command->options[i]);
	if (command->about) {
		att_put_str(b, "\n");
		cli_put_wrapped(b, 0, 0, command->about);
	}
	att_putf(b, "\nManual: man %s\n", command->page);
}

void cli_put_overview(att_buf *b)
{
	att_put_str(
	    b, "Usage: attest COMMAND [ARGUMENT]...\n\n"
	       "Makes and verifies evidence of trusted execution environments.\n\nCommands:\n");
	for (size_t i = 0; cli_commands[i]; i++) {
		att_putf(b, "  %-*s", OVERVIEW_COLUMN - 2, cli_commands[i]->name);
		cli_put_wrapped(b, OVERVIEW_COLUMN, OVERVIEW_COLUMN, cli_commands[i]->summary);
	}
	att_put_str(
	    b, "\nOptions:\n"
	       "  -h, --help        print this help, or that of the command behind it, and exit\n"
	       "  -V, --version     print the version and exit\n\n"
	       "Exit codes:\n"
	       "  0  accepted (or done)\n"
	       "  1  wrong usage, malformed policy\n"
	       "  2  the evidence is malformed or fails a check\n"
	       "  3  no answer: collateral is missing, bad or out of date, or I/O failed\n"
	       "  4  authentic, but denied by the policy\n\n"
	       "Environment:\n"
	       "  PCCS_URL, QCNL_CONF_PATH   where collateral is fetched from\n"
	       "  ATTEST_SIM_ROOT            file with one more root, of a simulated platform\n"
	       "  ATTEST_SIM_WORLD, ATTEST_SIM_CPU, ATTEST_SIM_SIGNER, ATTEST_SIM_AESM\n"
	       "                             a simulated world, as `attest sim up` prints them\n"
	       "  NO_COLOR                   no colours, also on a terminal\n");
}

static void choices_json(att_jsonw *w, const char *words)
{
	att_jw_array(w);
	for (const char *p = words; p && *p;) {
		size_t n = strcspn(p, " ");
		att_jw_strn(w, att_bytes_of(p, n));
		p += n + (p[n] == ' ');
	}
	att_jw_end_array(w);
}

static void option_json(att_jsonw *w, const struct cli_option *o)
{
	const char letter[2] = { o->letter, 0 };

	att_jw_object(w);
	att_jw_name(w, "name");
	att_jw_str(w, o->name);
	att_jw_name(w, "letter");
	att_jw_str(w, o->letter ? letter : NULL);
	att_jw_name(w, "value");
	att_jw_str(w, o->value);
	att_jw_name(w, "choices");
	choices_json(w, o->choices);
	att_jw_name(w, "required");
	att_jw_bool(w, o->required);
	att_jw_name(w, "repeats");
	att_jw_bool(w, o->repeats);
	att_jw_name(w, "help");
	att_jw_str(w, o->help);
	att_jw_end_object(w);
}

static void command_json(att_jsonw *w, const struct cli_command *command)
{
	att_jw_object(w);
	att_jw_name(w, "name");
	att_jw_str(w, command->name);
	att_jw_name(w, "operand");
	att_jw_str(w, command->operand);
	att_jw_name(w, "operand_choices");
	choices_json(w, command->operand_choices);
	att_jw_name(w, "page");
	att_jw_str(w, command->page);
	att_jw_name(w, "summary");
	att_jw_str(w, command->summary);
	att_jw_name(w, "options");
	att_jw_array(w);
	for (size_t i = 0; i < command->option_count; i++)
		option_json(w, &command->options[i]);
	att_jw_end_array(w);
	att_jw_end_object(w);
}

static void help_json(att_buf *b, const struct cli_command *only)
{
	att_jsonw w = att_jsonw_to(b, 2);

	att_jw_object(&w);
	att_jw_name(&w, "version");
	att_jw_str(&w, att_version());
	att_jw_name(&w, "commands");
	att_jw_array(&w);
	for (size_t i = 0; cli_commands[i]; i++) {
		if (!only || only == cli_commands[i])
			command_json(&w, cli_commands[i]);
	}
	att_jw_end_array(&w);
	att_jw_end_object(&w);
	att_put_str(b, "\n");
}

static enum cli_exit run_help(struct cli *c, const struct cli_args *a)
{
	att_auto_buf att_buf b = { 0 };
	const struct cli_command *command = NULL;

	if (a->operand_count) {
		int used;
		command = cli_command_find(a->operand_count, a->operands, &used);
		if (!command && a->operand_count == 1 && !cli_output_is(a, "json") &&
		    cli_put_group(&b, a->operands[0]))
			return cli_finish(c, &b, CLI_ACCEPTED);
		if (!command)
			return cli_unknown_command(c, a->operand_count, a->operands);
	}
	if (cli_output_is(a, "json"))
		help_json(&b, command);
	else if (command)
		cli_put_help(&b, command);
	else
		cli_put_overview(&b);
	return cli_finish(c, &b, CLI_ACCEPTED);
}

static const struct cli_option help_options[] = {
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_help = {
	.name = "help",
	.page = "attest",
	.operand = "COMMAND",
	.operand_max = 2,
	.summary = "print help on a command; as JSON, every command and option there is",
	.options = help_options,
	.option_count = ATT_COUNT(help_options),
	.run = run_help,
};
