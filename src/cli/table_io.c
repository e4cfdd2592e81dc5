/* SPDX-License-Identifier: Apache-2.0 */
/* Every command. This table is linked into attest-io, and stands there in place of table.c. */
#include "cli/cli.h"
#include "cli/fetch.h"

const struct cli_command *const cli_commands[] = {
	&cli_inspect,
	&cli_verify,
	&cli_policy_init,
	&cli_policy_check,
	&cli_token,
	&cli_collateral_show,
	&cli_collateral_fetch,
	&cli_collateral_check,
	&cli_collateral_forecast,
	&cli_collateral_export,
	&cli_quote,
	&cli_doctor,
	&cli_measure,
	&cli_sim_sign,
	&cli_sim_dump,
	&cli_sim_up,
	&cli_sim_run,
	&cli_sim_fault,
	&cli_sim_status,
	&cli_sim_stop,
	&cli_help,
	&cli_completion,
	NULL,
};

const cli_fetch_call cli_fetch = cli_fetch_case;
