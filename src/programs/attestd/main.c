/* SPDX-License-Identifier: Apache-2.0 */
/* attestd SERVICE [OPTION]...: one process a service. The one place of the program that looks at
 * the environment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/civil.h"
#include "programs/attestd/attestd.h"

const struct cli_command *const cli_commands[] = { &attestd_pccs, &cli_completion, NULL };

#define LINE_ROOM 1024

/* Quotes and backslashes escaped; the text has no control characters. */
static void put_quoted(char *line, size_t *at, const char *text)
{
	for (; *text && *at + 4 < LINE_ROOM; text++) {
		if (*text == '"' || *text == '\\')
			line[(*at)++] = '\\';
		line[(*at)++] = *text;
	}
}

void attestd_log(const char *service, enum att_pccs_level level, const char *text)
{
	static const char *const levels[] = { "error", "warn", "info", "debug" };
	char line[LINE_ROOM], when[ATT_TIME_TEXT];

	att_time_format((int64_t)time(NULL), when);
	size_t at = (size_t)snprintf(line, sizeof(line), "time=%s level=%s service=%s msg=\"", when,
				     levels[level], service);
	put_quoted(line, &at, text);
	line[at++] = '"';
	line[at++] = '\n';
	/* One write a line: threads do not mix theirs. Nobody can be told that it failed. */
	if (write(STDERR_FILENO, line, at) < 0)
		return;
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static enum cli_exit overview(struct cli *c)
{
	att_auto_buf att_buf text = { 0 };

	att_put_str(&text, "Usage: attestd SERVICE [OPTION]...\n\nServices, and completion:\n");
	for (size_t i = 0; cli_commands[i]; i++)
		att_putf(&text, "  %-12s%s\n", cli_commands[i]->name, cli_commands[i]->summary);
	att_put_str(&text, "\nOptions:\n"
			   "  -h, --help        print this help, or that of the service before it\n"
			   "  -V, --version     print the version and exit\n\n"
			   "Manual: man attestd\n");
	return cli_finish(c, &text, CLI_ACCEPTED);
}

static bool is(const char *arg, const char *letter, const char *word)
{
	return strcmp(arg, letter) == 0 || strcmp(arg, word) == 0;
}

static enum cli_exit run(struct cli *c, int argc, char **argv)
{
	att_auto_buf att_buf text = { 0 };
	struct cli_args args;

	if (argc < 2)
		return cli_usage(c, NULL, "a service is missing");
	if (is(argv[1], "-h", "--help"))
		return overview(c);
	if (is(argv[1], "-V", "--version")) {
		att_putf(&text, "attestd %s\n", att_version());
		return cli_finish(c, &text, CLI_ACCEPTED);
	}
	for (size_t i = 0; cli_commands[i]; i++) {
		if (strcmp(argv[1], cli_commands[i]->name) != 0)
			continue;
		if (!cli_args_parse(c, cli_commands[i], argc - 1, argv + 1, &args))
			return CLI_USAGE;
		if (!cli_given(&args, CLI_OPT_HELP))
			return cli_commands[i]->run(c, &args);
		cli_put_help(&text, cli_commands[i]);
		return cli_finish(c, &text, CLI_ACCEPTED);
	}
	return cli_usage(c, NULL, "unknown service '%s'", argv[1]);
}

int main(int argc, char **argv)
{
	struct cli c = {
		.out = stdout,
		.err = stderr,
		.now = (int64_t)time(NULL),
		.env = environment,
		.io = true,
		.program = "attestd",
	};

	return (int)run(&c, argc, argv);
}
