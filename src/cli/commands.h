/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a sub-command by its one or two words. */
#ifndef ATT_CLI_COMMANDS_H
#define ATT_CLI_COMMANDS_H

#include "cli/cli.h"

/* The command named by the first words; `*used` of them. NULL when there is none. */
const struct cli_command *cli_command_find(int argc, char **argv, int *used);

/* Says that there is no such command and what may have been meant. */
enum cli_exit cli_unknown_command(struct cli *c, int argc, char **argv);

/* The commands of a group ("policy"), a line each; false when there is no such group. */
bool cli_put_group(att_buf *b, const char *group);

#endif
