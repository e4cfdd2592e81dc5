/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include <string.h>

#define GROUP_COLUMN 12

const struct cli_command *cli_command_find(int argc, char **argv, int *used)
{
	for (size_t i = 0; argc > 0 && cli_commands[i]; i++) {
		const char *name = cli_commands[i]->name;
		size_t first = strcspn(name, " ");
		*used = name[first] ? 2 : 1;
		if (argc < *used || strlen(argv[0]) != first || memcmp(argv[0], name, first) != 0)
			continue;
		if (*used == 1 || strcmp(argv[1], name + first + 1) == 0)
			return cli_commands[i];
	}
	return NULL;
}

/* The second words of the commands that begin with `group`. */
static size_t put_group(att_buf *b, const char *group)
{
	size_t n = 0;

	for (size_t i = 0; cli_commands[i]; i++) {
		const char *name = cli_commands[i]->name;
		size_t first = strcspn(name, " ");
		if (name[first] && strlen(group) == first && memcmp(name, group, first) == 0)
			att_putf(b, "%s%s", n++ ? " " : "", name + first + 1);
	}
	att_put_u8(b, 0);
	return n;
}

static void put_first_words(att_buf *b)
{
	for (size_t i = 0; cli_commands[i]; i++) {
		const char *name = cli_commands[i]->name;
		att_putf(b, "%s%.*s", i ? " " : "", (int)strcspn(name, " "), name);
	}
	att_put_u8(b, 0);
}

enum cli_exit cli_unknown_command(struct cli *c, int argc, char **argv)
{
	att_auto_buf att_buf words = { 0 };
	att_auto_buf att_buf first = { 0 };
	char near[64];

	size_t n = put_group(&words, argv[0]);
	put_first_words(&first);
	if (att_buf_ok(&words, NULL) != ATT_OK || att_buf_ok(&first, NULL) != ATT_OK)
		return cli_usage(c, NULL, "out of memory");
	if (n && (argc < 2 || argv[1][0] == '-'))
		return cli_usage(c, NULL, "'attest %s' needs one of: %s", argv[0],
				 (char *)words.ptr);
	if (n)
		return cli_usage(c, NULL, "unknown command '%s %s'; 'attest %s' has: %s", argv[0],
				 argv[1], argv[0], (char *)words.ptr);
	if (cli_nearest(argv[0], (char *)first.ptr, near, sizeof(near)))
		return cli_usage(c, NULL, "unknown command '%s'; did you mean '%s'?", argv[0],
				 near);
	return cli_usage(c, NULL, "unknown command '%s'", argv[0]);
}

static bool is_one_of(const char *arg, const char *a, const char *b)
{
	return strcmp(arg, a) == 0 || strcmp(arg, b) == 0;
}

bool cli_put_group(att_buf *b, const char *group)
{
	bool any = false;

	for (size_t i = 0; cli_commands[i]; i++) {
		const char *name = cli_commands[i]->name;
		size_t first = strcspn(name, " ");
		if (!name[first] || strlen(group) != first || memcmp(name, group, first) != 0)
			continue;
		if (!any)
			att_putf(b, "Usage: attest %s COMMAND [ARGUMENT]...\n\nCommands:\n", group);
		att_putf(b, "  %-*s", GROUP_COLUMN - 2, name + first + 1);
		cli_put_wrapped(b, GROUP_COLUMN, GROUP_COLUMN, cli_commands[i]->summary);
		any = true;
	}
	if (any)
		att_putf(b, "\n`attest help %s COMMAND` has the options of each.\n", group);
	return any;
}

enum cli_exit cli_main(struct cli *c, int argc, char **argv)
{
	att_auto_buf att_buf text = { 0 };
	struct cli_args args;
	int used;

	if (argc < 2)
		return cli_usage(c, NULL, "a command is missing");
	if (is_one_of(argv[1], "--version", "-V")) {
		att_putf(&text, "attest %s\n", att_version());
		return cli_finish(c, &text, CLI_ACCEPTED);
	}
	if (is_one_of(argv[1], "--help", "-h")) {
		cli_put_overview(&text);
		return cli_finish(c, &text, CLI_ACCEPTED);
	}
	if (argv[1][0] == '-')
		return cli_usage(c, NULL, "unknown option '%s'", argv[1]);
	const struct cli_command *command = cli_command_find(argc - 1, argv + 1, &used);
	if (!command) {
		if (argc > 2 && is_one_of(argv[2], "--help", "-h") && cli_put_group(&text, argv[1]))
			return cli_finish(c, &text, CLI_ACCEPTED);
		return cli_unknown_command(c, argc - 1, argv + 1);
	}
	if (!cli_args_parse(c, command, argc - used, argv + used, &args))
		return CLI_USAGE;
	if (cli_given(&args, CLI_OPT_HELP)) {
		cli_put_help(&text, command);
		return cli_finish(c, &text, CLI_ACCEPTED);
	}
	return command->run(c, &args);
}
