/* SPDX-License-Identifier: Apache-2.0 */
/* Files that sub-commands look into, and what is said when that fails. */
#ifndef ATT_CLI_LOAD_H
#define ATT_CLI_LOAD_H

#include "attest/evidence.h"
#include "cli/cli.h"

/* Says it, with the path where the message has none, and returns the exit code: CLI_NO_ANSWER when
 * the file could not be read or written, CLI_REFUSED when what it holds is wrong. */
enum cli_exit cli_failed(struct cli *c, const char *path, att_rc rc, const att_err *err);

/* Evidence for sub-commands that only look: a quote, a REPORT, or the evidence inside a saved
 * file. CLI_ACCEPTED, or what went wrong, which has been said: CLI_REFUSED when it is malformed,
 * CLI_NO_ANSWER when it can not be read. */
enum cli_exit cli_load_evidence(struct cli *c, const char *path, att_evidence **out);

#endif
