/* SPDX-License-Identifier: Apache-2.0 */
/* attest, and attest-io: the one place of the command that looks at clock, environment and
 * terminal.
 *
 * `attest` holds the offline commands and loads libattest.so only; everything else it hands,
 * arguments unchanged, to attest-io, which stands beside it in a build tree and in
 * ../libexec/attest where installed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"

static bool colours(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if ((no_color && *no_color) || !term || strcmp(term, "dumb") == 0)
		return false;
	return isatty(fileno(stream)) == 1;
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

#ifdef ATT_IO
static const bool is_io = true;

static void hand_over(char **argv)
{
	(void)argv;
}

static bool is_ours(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return true;
}
#else
static const bool is_io = false;

/* Where attest-io may be, beside this executable or as installed; tried in this order. */
static const char *const io_places[] = { "attest-io", "../libexec/attest/attest-io" };

/* Returns only when attest-io can not be started. */
static void hand_over(char **argv)
{
	char self[4096];
	char path[sizeof(self) + 64];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len <= 0)
		return;
	self[len] = 0;
	char *slash = strrchr(self, '/');
	if (!slash)
		return;
	for (size_t i = 0; i < sizeof(io_places) / sizeof(io_places[0]); i++) {
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - self), self, io_places[i]);
		execv(path, argv);
	}
}

/* Help and completion tell of every command, so the program that has all of them answers. */
static bool is_ours(int argc, char **argv)
{
	int used;

	if (argc < 2 || strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return true;
	const struct cli_command *command = cli_command_find(argc - 1, argv + 1, &used);
	return command && command != &cli_help && command != &cli_completion;
}
#endif

int main(int argc, char **argv)
{
	struct cli c = {
		.out = stdout,
		.err = stderr,
		.colour_out = colours(stdout),
		.colour_err = colours(stderr),
		.terminal_out = isatty(STDOUT_FILENO) == 1,
		.now = (int64_t)time(NULL),
		.sim_root = environment("ATTEST_SIM_ROOT"),
		.env = environment,
		.io = is_io,
	};

	if (!is_ours(argc, argv))
		hand_over(argv);
	enum cli_exit code = cli_main(&c, argc, argv);
	if (code != CLI_ELSEWHERE)
		return (int)code;
	hand_over(argv);
	fprintf(stderr, "attest: this needs attest-io, which can not be started: %s\n",
		strerror(errno));
	return CLI_NO_ANSWER;
}
