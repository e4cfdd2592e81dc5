/* SPDX-License-Identifier: Apache-2.0 */
/* attest: the one place of the command that looks at clock, environment and terminal. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

static bool colours(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if ((no_color && *no_color) || !term || strcmp(term, "dumb") == 0)
		return false;
	return isatty(fileno(stream)) == 1;
}

int main(int argc, char **argv)
{
	const char *sim_root = getenv("ATTEST_SIM_ROOT");
	struct cli c = {
		.out = stdout,
		.err = stderr,
		.colour_out = colours(stdout),
		.colour_err = colours(stderr),
		.now = (int64_t)time(NULL),
		.sim_root = sim_root && *sim_root ? sim_root : NULL,
	};

	return (int)cli_main(&c, argc, argv);
}
