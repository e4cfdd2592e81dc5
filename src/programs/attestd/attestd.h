/* SPDX-License-Identifier: Apache-2.0 */
/* What the services of attestd share: the table's rows, log lines. */
#ifndef ATT_PROGRAMS_ATTESTD_H
#define ATT_PROGRAMS_ATTESTD_H

#include "cli/cli.h"
#include "service/pccs/config.h"

extern const struct cli_command attestd_pccs;

/* One line on standard error: time, level, service and words, each "name=value". `text` is
 * printable ASCII. From any thread. */
void attestd_log(const char *service, enum att_pccs_level level, const char *text);

#endif
