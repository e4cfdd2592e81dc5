/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the offline program: they need libattest.so and nothing else. */
#include "cli/cli.h"
#include "cli/fetch.h"

const struct cli_command *const cli_commands[] = {
	&cli_inspect,      &cli_verify,     &cli_policy_init,
	&cli_policy_check, &cli_token,      &cli_collateral_show,
	&cli_help,         &cli_completion, NULL,
};

const cli_fetch_call cli_fetch = NULL; /* attest-io fetches */
