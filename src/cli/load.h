/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence for sub-commands that only look: a quote, a REPORT, or the evidence inside a saved
 * file. */
#ifndef ATT_CLI_LOAD_H
#define ATT_CLI_LOAD_H

#include "attest/evidence.h"
#include "cli/cli.h"

/* CLI_ACCEPTED, or what went wrong, which has been said: CLI_REFUSED when it is malformed,
 * CLI_NO_ANSWER when it can not be read. */
enum cli_exit cli_load_evidence(struct cli *c, const char *path, att_evidence **out);

#endif
