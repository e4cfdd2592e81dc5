/* SPDX-License-Identifier: Apache-2.0 */
/* `attest sim fault`, `attest sim status`, `attest sim stop`: what is said to a running world. */
#include <string.h>

#include "base/mem.h"
#include "cli/sim.h"
#include "cli/tree.h"
#include "service/world_control.h"

enum { OPT_LIST = SIM_OPT_OWN, OPT_RESET };

#define LIST_COLUMN 15

static void control_cleanup(struct att_control *c)
{
	att_control_free(c);
}
#define auto_control __attribute__((cleanup(control_cleanup)))

/* --- Asking --- */

static enum cli_exit ask(struct cli *c, const struct cli_args *a, const struct att_control *what,
			 att_buf *answer)
{
	const char *world = sim_world(c, a);
	att_err err = { 0 };

	if (!world)
		return cli_usage(c, a->command,
				 "which world? --world DIR names it, or ATTEST_SIM_WORLD");
	att_rc rc = att_world_ask(world, what, answer, &err);
	return rc == ATT_OK ? CLI_ACCEPTED : sim_failed(c, rc, &err);
}

static void put_scalar(struct cli_tree *t, const char *name, att_json v)
{
	att_auto_mem char *text = NULL;
	int64_t number;
	bool flag;

	if (att_json_int(v, INT64_MIN, INT64_MAX, &number))
		cli_put_int(t, name, number);
	else if (att_json_bool(v, &flag))
		cli_put_bool(t, name, flag);
	else if (att_json_string(v, &text, NULL, NULL) == ATT_OK)
		cli_put_str(t, name, text);
	else
		cli_put_null(t, name);
}

/* The members of an object of scalars. */
static bool put_members(struct cli_tree *t, att_json object)
{
	for (att_json v = att_json_first(object); v.doc; v = att_json_next(object, v)) {
		att_auto_mem char *name = NULL;
		if (att_json_string(att_json_name(v), &name, NULL, NULL) != ATT_OK)
			return false;
		put_scalar(t, name, v);
	}
	return true;
}

/* What the world answered: how it is, if it was asked that, and how its dial stands. */
static enum cli_exit show(struct cli *c, const struct cli_args *a, const att_buf *answer)
{
	att_auto_json att_json_doc doc = { 0 };
	att_auto_buf att_buf b = { 0 };
	struct cli_tree t;
	att_err err = { 0 };

	att_rc rc = att_json_parse(att_buf_bytes(answer), &doc, &err);
	if (rc != ATT_OK)
		return sim_failed(c, rc, &err);
	cli_tree_start(&t, &b, cli_output_is(a, "json"));
	bool ok = put_members(&t, att_json_get(att_json_root(&doc), "world"));
	cli_object(&t, "dial");
	ok = ok && put_members(&t, att_json_get(att_json_root(&doc), "dial"));
	cli_end(&t);
	cli_tree_finish(&t);
	b.failed = b.failed || !ok;
	return cli_finish(c, &b, CLI_ACCEPTED);
}

/* --- fault --- */

static void list_json(att_buf *b)
{
	const struct att_sim_setting *s;
	struct cli_tree t;

	cli_tree_start(&t, b, true);
	cli_list(&t, "settings");
	for (size_t i = 0; (s = att_sim_setting(i)); i++) {
		cli_object(&t, NULL);
		cli_put_str(&t, "name", s->name);
		cli_put_str(&t, "values", s->values);
		cli_put_str(&t, "help", s->help);
		cli_put_str(&t, "verify_says", s->expected);
		cli_end(&t);
	}
	cli_end(&t);
	cli_tree_finish(&t);
}

static void put_setting(att_buf *b, const struct att_sim_setting *s)
{
	att_auto_buf att_buf text = { 0 };

	/* "current|outdated" as words, so that a line can end between them */
	for (const char *p = s->values; *p; p++)
		att_put_str(&text, *p == '|' ? " | " : (const char[]){ *p, 0 });
	att_putf(&text, "\n%s [%s]", s->help, s->expected);
	att_put_u8(&text, 0);
	if (att_buf_ok(&text, NULL) != ATT_OK) {
		b->failed = true;
		return;
	}
	att_putf(b, "%-*s", LIST_COLUMN, s->name);
	cli_put_wrapped(b, LIST_COLUMN, LIST_COLUMN, (const char *)text.ptr);
}

static void list_text(att_buf *b)
{
	const struct att_sim_setting *s;

	att_putf(b, "%-*sVALUE | ..., the first of them what a world starts with\n", LIST_COLUMN,
		 "NAME");
	att_putf(b, "%-*swhat it stands for [what `attest verify` then says]\n\n", LIST_COLUMN, "");
	for (size_t i = 0; (s = att_sim_setting(i)); i++)
		put_setting(b, s);
}

static enum cli_exit list(struct cli *c, const struct cli_args *a)
{
	att_auto_buf att_buf b = { 0 };

	if (cli_output_is(a, "json"))
		list_json(&b);
	else
		list_text(&b);
	return cli_finish(c, &b, CLI_ACCEPTED);
}

static enum cli_exit read_settings(struct cli *c, const struct cli_args *a,
				   struct att_control *what)
{
	for (int i = 0; i < a->operand_count; i++) {
		const char *equals = strchr(a->operands[i], '=');
		if (!equals || equals == a->operands[i])
			return cli_usage(c, a->command, "'%s' is not of the form NAME=VALUE",
					 a->operands[i]);
		size_t at = what->set_count++;
		what->set[at].name = strndup(a->operands[i], (size_t)(equals - a->operands[i]));
		what->set[at].value = strdup(equals + 1);
		if (!what->set[at].name || !what->set[at].value) {
			cli_error(c, "out of memory");
			return CLI_NO_ANSWER;
		}
	}
	return CLI_ACCEPTED;
}

static enum cli_exit run_fault(struct cli *c, const struct cli_args *a)
{
	auto_control struct att_control what = { .what = ATT_CONTROL_FAULT,
						 .reset = cli_given(a, OPT_RESET) };
	att_auto_buf att_buf answer = { 0 };

	if (cli_given(a, OPT_LIST))
		return list(c, a);
	if (!what.reset && a->operand_count == 0)
		return cli_usage(
		    c, a->command,
		    "what is to be turned? NAME=VALUE, --reset, or --list to see what there is");
	enum cli_exit code = read_settings(c, a, &what);
	if (code == CLI_ACCEPTED)
		code = ask(c, a, &what, &answer);
	return code == CLI_ACCEPTED ? show(c, a, &answer) : code;
}

static const struct cli_option fault_options[] = {
	SIM_OPTION_WORLD,
	{ .id = OPT_LIST,
	  .letter = 'l',
	  .name = "list",
	  .help = "list the settings, their values, "
		  "and what they stand for" },
	{ .id = OPT_RESET,
	  .name = "reset",
	  .help = "turn everything back first to how a world starts" },
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_sim_fault = {
	.name = "sim fault",
	.operand = "NAME=VALUE",
	.operand_max = ATT_CONTROL_SET_MAX,
	.page = "attest-sim",
	.summary = "turn the dial of a running simulated world",
	.about =
	    "Several settings are turned together, or none of them. Prints how the dial stands.",
	.options = fault_options,
	.option_count = ATT_COUNT(fault_options),
	.run = run_fault,
};

/* --- status, stop --- */

static enum cli_exit run_status(struct cli *c, const struct cli_args *a)
{
	const struct att_control what = { .what = ATT_CONTROL_STATUS };
	att_auto_buf att_buf answer = { 0 };

	enum cli_exit code = ask(c, a, &what, &answer);
	return code == CLI_ACCEPTED ? show(c, a, &answer) : code;
}

static const struct cli_option status_options[] = {
	SIM_OPTION_WORLD,
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_sim_status = {
	.name = "sim status",
	.page = "attest-sim",
	.summary = "print the state of a running simulated world, and how its dial stands",
	.options = status_options,
	.option_count = ATT_COUNT(status_options),
	.run = run_status,
};

static enum cli_exit run_stop(struct cli *c, const struct cli_args *a)
{
	const struct att_control what = { .what = ATT_CONTROL_STOP };
	att_auto_buf att_buf answer = { 0 };

	return ask(c, a, &what, &answer);
}

static const struct cli_option stop_options[] = {
	SIM_OPTION_WORLD,
	CLI_OPTION_HELP,
};

const struct cli_command cli_sim_stop = {
	.name = "sim stop",
	.page = "attest-sim",
	.summary = "end a running simulated world",
	.options = stop_options,
	.option_count = ATT_COUNT(stop_options),
	.run = run_stop,
};
