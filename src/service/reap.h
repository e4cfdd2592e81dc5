/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a command and for all that it started, as the first process of a container does. */
#ifndef ATT_SERVICE_REAP_H
#define ATT_SERVICE_REAP_H

#include <signal.h>
#include <sys/types.h>

#include "attest/base.h"

/* Before the command is forked: its orphans become ours, and signals wait to be passed on.
 * ATT_E_UNAVAILABLE. */
att_rc att_reap_prepare(att_err *err) ATT_MUST_USE;

/* To whoever waits: the command is to be killed, as if it had ended. No terminal sends it, and
 * nobody else has a use for it. */
#define ATT_REAP_GIVE_UP SIGPWR

/* Passes signals on until the command ends, then kills and collects all other children but
 * `*spared`, which becomes -1 if it ended by itself and was collected. Returns the command's exit
 * status, or 128 and the number of the signal that killed it. */
int att_reap_wait(pid_t command, pid_t *spared) ATT_NONNULL(2);

#endif
