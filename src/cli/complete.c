/* SPDX-License-Identifier: Apache-2.0 */
/* Shell completion, made from the command table: for each shell, one generator. */
#include "cli/cli.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json.h"

static void put_words(att_buf *b, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		att_putf(b, "%s%s", i ? " " : "", words[i]);
}

/* First words, each once; `group` NULL. Else the second words of the group. */
static size_t command_words(const char *group, size_t group_len, const char **out, char store[][24])
{
	size_t n = 0;

	for (size_t i = 0; cli_commands[i] && n < 24; i++) {
		const char *name = cli_commands[i]->name;
		size_t first = strcspn(name, " ");
		const char *word = name;
		size_t len = first;
		if (group) {
			if (!name[first] || first != group_len || memcmp(name, group, first) != 0)
				continue;
			word = name + first + 1;
			len = strlen(word);
		}
		if (n && strlen(out[n - 1]) == len && memcmp(out[n - 1], word, len) == 0)
			continue;
		memcpy(store[n], word, len);
		store[n][len] = 0;
		out[n] = store[n];
		n++;
	}
	return n;
}

static void put_command_words(att_buf *b, const char *group, size_t group_len)
{
	const char *words[24];
	char store[24][24];

	put_words(b, words, command_words(group, group_len, words, store));
}

/* --- bash --- */

static void bash_options(att_buf *b, const struct cli_command *command)
{
	att_putf(b, "\t'%s')\n\t\tcase $prev in\n", command->name);
	for (size_t i = 0; i < command->option_count; i++) {
		const struct cli_option *o = &command->options[i];
		if (!o->value)
			continue;
		att_putf(b, "\t\t--%s", o->name);
		if (o->letter)
			att_putf(b, "|-%c", o->letter);
		if (o->choices)
			att_putf(b, ") COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n",
				 o->choices);
		else if (o->path)
			att_put_str(b, ") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
		else
			att_put_str(b, ") return ;;\n");
	}
	att_put_str(b, "\t\tesac\n\t\twords='");
	for (size_t i = 0; i < command->option_count; i++)
		att_putf(b, "%s--%s", i ? " " : "", command->options[i].name);
	att_put_str(b, "'\n");
	if (command->operand_choices)
		att_putf(b, "\t\toperands='%s'\n", command->operand_choices);
	att_put_str(b, "\t\t;;\n");
}

static void put_bash(att_buf *b, const char *program)
{
	att_putf(b, "# bash completion of %s; made by `%s completion bash`\n_%s()\n{\n", program,
		 program, program);
	att_put_str(b, "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		       "\tlocal command=${COMP_WORDS[1]} words='' operands='' at=1\n"
		       "\tCOMPREPLY=()\n"
		       "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W '");
	put_command_words(b, NULL, 0);
	att_put_str(b, " --help --version' -- \"$cur\"))\n\t\treturn\n\tfi\n\tcase $command in\n");
	for (size_t i = 0; cli_commands[i]; i++) {
		const char *name = cli_commands[i]->name;
		size_t first = strcspn(name, " ");
		bool seen = i > 0 && strncmp(cli_commands[i - 1]->name, name, first + 1) == 0;
		if (!name[first] || seen)
			continue;
		att_putf(b,
			 "\t%.*s)\n\t\tif [ \"$COMP_CWORD\" -eq 2 ]; "
			 "then\n\t\t\tCOMPREPLY=($(compgen -W '",
			 (int)first, name);
		put_command_words(b, name, first);
		att_put_str(b, "' -- \"$cur\"))\n\t\t\treturn\n\t\tfi\n"
			       "\t\tcommand=\"$command ${COMP_WORDS[2]}\"\n\t\tat=2\n\t\t;;\n");
	}
	att_put_str(b, "\tesac\n\tcase $command in\n");
	for (size_t i = 0; cli_commands[i]; i++)
		bash_options(b, cli_commands[i]);
	att_put_str(b, "\tesac\n\tif [[ $cur == -* ]]; then\n"
		       "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		       "\telif [ -n \"$operands\" ] && [ \"$COMP_CWORD\" -gt \"$at\" ]; then\n"
		       "\t\tCOMPREPLY=($(compgen -W \"$operands\" -- \"$cur\"))\n"
		       "\telse\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\tfi\n}\n");
	att_putf(b, "complete -o filenames -F _%s %s\n", program, program);
}

/* --- zsh --- */

/* Text inside single quotes and brackets of an _arguments specification. */
static void put_zsh_text(att_buf *b, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\'')
			att_put_str(b, "'\\''");
		else if (*p == ']' || *p == '[' || *p == ':' || *p == '\\')
			att_putf(b, "\\%c", *p);
		else
			att_put_u8(b, (uint8_t)*p);
	}
}

static void zsh_option(att_buf *b, const struct cli_option *o)
{
	att_put_str(b, " \\\n\t\t\t'");
	if (o->repeats)
		att_put_str(b, "*");
	att_putf(b, "--%s%s[", o->name, o->value ? "=" : "");
	put_zsh_text(b, o->help);
	att_put_str(b, "]");
	if (o->value) {
		att_put_str(b, ":");
		put_zsh_text(b, o->value);
		if (o->choices)
			att_putf(b, ":(%s)", o->choices);
		else
			att_put_str(b, o->path ? ":_files" : ": ");
	}
	att_put_str(b, "'");
}

static void zsh_command(att_buf *b, const struct cli_command *command)
{
	att_putf(b, "\t'%s')\n\t\t_arguments", command->name);
	for (size_t i = 0; i < command->option_count; i++)
		zsh_option(b, &command->options[i]);
	if (command->operand_choices)
		att_putf(b, " \\\n\t\t\t'1:%s:(%s)'", command->operand, command->operand_choices);
	else if (command->operand)
		att_putf(b, " \\\n\t\t\t'%s:%s:_files'", command->operand_max > 1 ? "*" : "1",
			 command->operand);
	att_put_str(b, "\n\t\t;;\n");
}

static void put_zsh(att_buf *b, const char *program)
{
	att_putf(b, "#compdef %s\n# zsh completion of %s; made by `%s completion zsh`\n_%s()\n{\n",
		 program, program, program, program);
	att_put_str(b, "\tlocal command=${words[2]}\n"
		       "\tif (( CURRENT == 2 )); then\n\t\tcompadd -- ");
	put_command_words(b, NULL, 0);
	att_put_str(b, " --help --version\n\t\treturn\n\tfi\n\tcase $command in\n");
	for (size_t i = 0; cli_commands[i]; i++) {
		const char *name = cli_commands[i]->name;
		size_t first = strcspn(name, " ");
		bool seen = i > 0 && strncmp(cli_commands[i - 1]->name, name, first + 1) == 0;
		if (!name[first] || seen)
			continue;
		att_putf(b, "\t%.*s)\n\t\tif (( CURRENT == 3 )); then\n\t\t\tcompadd -- ",
			 (int)first, name);
		put_command_words(b, name, first);
		att_put_str(b, "\n\t\t\treturn\n\t\tfi\n\t\tcommand=\"$command ${words[3]}\"\n"
			       "\t\tshift words; (( CURRENT-- ))\n\t\t;;\n");
	}
	att_put_str(b, "\tesac\n\tshift words; (( CURRENT-- ))\n\tcase $command in\n");
	for (size_t i = 0; cli_commands[i]; i++)
		zsh_command(b, cli_commands[i]);
	att_putf(b,
		 "\tesac\n}\nif [ \"$funcstack[1]\" = _%s ]; then\n\t_%s \"$@\"\nelse\n"
		 "\tcompdef _%s %s\nfi\n",
		 program, program, program, program);
}

/* --- fish --- */

static void put_fish_text(att_buf *b, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\'' || *p == '\\')
			att_put_str(b, "\\");
		att_put_u8(b, (uint8_t)*p);
	}
}

static void fish_condition(att_buf *b, const char *program, const char *name)
{
	size_t first = strcspn(name, " ");

	att_putf(b, "complete -c %s -n '__fish_seen_subcommand_from %.*s", program, (int)first,
		 name);
	if (name[first])
		att_putf(b, "; and __fish_seen_subcommand_from %s", name + first + 1);
	att_put_str(b, "'");
}

static void fish_command(att_buf *b, const char *program, const struct cli_command *command)
{
	for (size_t i = 0; i < command->option_count; i++) {
		const struct cli_option *o = &command->options[i];
		fish_condition(b, program, command->name);
		att_putf(b, " -l %s", o->name);
		if (o->letter)
			att_putf(b, " -s %c", o->letter);
		if (o->choices)
			att_putf(b, " -x -a '%s'", o->choices);
		else if (o->value)
			att_put_str(b, o->path ? " -r -F" : " -x");
		att_put_str(b, " -d '");
		put_fish_text(b, o->help);
		att_put_str(b, "'\n");
	}
	if (command->operand_choices) {
		fish_condition(b, program, command->name);
		att_putf(b, " -f -a '%s'\n", command->operand_choices);
	}
}

static void put_fish(att_buf *b, const char *program)
{
	att_putf(b,
		 "# fish completion of %s; made by `%s completion fish`\n"
		 "complete -c %s -n __fish_use_subcommand -f -a '",
		 program, program, program);
	put_command_words(b, NULL, 0);
	att_putf(b,
		 "'\ncomplete -c %s -n __fish_use_subcommand -f -l help -s h\n"
		 "complete -c %s -n __fish_use_subcommand -f -l version -s V\n",
		 program, program);
	for (size_t i = 0; cli_commands[i]; i++) {
		const char *name = cli_commands[i]->name;
		size_t first = strcspn(name, " ");
		bool seen = i > 0 && strncmp(cli_commands[i - 1]->name, name, first + 1) == 0;
		if (!name[first] || seen)
			continue;
		att_putf(b,
			 "complete -c %s -n '__fish_seen_subcommand_from %.*s; and not "
			 "__fish_seen_subcommand_from ",
			 program, (int)first, name);
		put_command_words(b, name, first);
		att_put_str(b, "' -f -a '");
		put_command_words(b, name, first);
		att_put_str(b, "'\n");
	}
	for (size_t i = 0; cli_commands[i]; i++)
		fish_command(b, program, cli_commands[i]);
}

static const struct {
	const char *name;
	void (*put)(att_buf *b, const char *program);
} shells[] = {
	{ "bash", put_bash },
	{ "zsh", put_zsh },
	{ "fish", put_fish },
};

static enum cli_exit run_completion(struct cli *c, const struct cli_args *a)
{
	att_auto_buf att_buf script = { 0 };
	att_auto_buf att_buf b = { 0 };

	for (size_t i = 0; i < ATT_COUNT(shells); i++) {
		if (strcmp(shells[i].name, a->operands[0]) != 0)
			continue;
		shells[i].put(&script, c->program ? c->program : "attest");
		if (!cli_output_is(a, "json"))
			return cli_finish(c, &script, CLI_ACCEPTED);
		att_jsonw w = att_jsonw_to(&b, 2);
		att_jw_object(&w);
		att_jw_name(&w, "shell");
		att_jw_str(&w, shells[i].name);
		att_jw_name(&w, "script");
		att_jw_strn(&w, att_buf_bytes(&script));
		att_jw_end_object(&w);
		att_put_str(&b, "\n");
		b.failed |= script.failed;
		return cli_finish(c, &b, CLI_ACCEPTED);
	}
	return cli_usage(c, a->command, "no completion for '%s', only: %s", a->operands[0],
			 a->command->operand_choices);
}

static const struct cli_option completion_options[] = {
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_completion = {
	.name = "completion",
	.page = "attest",
	.operand = "SHELL",
	.operand_choices = "bash zsh fish",
	.operand_min = 1,
	.operand_max = 1,
	.summary = "print a completion script for a shell",
	.about = "SHELL is bash, zsh or fish. In bash: eval \"$(attest completion bash)\"",
	.options = completion_options,
	.option_count = ATT_COUNT(completion_options),
	.run = run_completion,
};
