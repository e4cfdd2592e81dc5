/* SPDX-License-Identifier: Apache-2.0 */
/* Every command. This table is linked into attest-io, and stands there in place of table.c. */
#include "cli/cli.h"

const struct cli_command *const cli_commands[] = {
	&cli_inspect,      &cli_verify,  &cli_policy_init,
	&cli_policy_check, &cli_token,   &cli_collateral_show,
	&cli_quote,        &cli_measure, &cli_help,
	&cli_completion,   NULL,
};
