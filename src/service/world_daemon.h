/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated world that runs: one process that holds the world's secrets, and everything that
 * speaks for it over sockets. */
#ifndef ATT_SERVICE_WORLD_DAEMON_H
#define ATT_SERVICE_WORLD_DAEMON_H

#include <sys/types.h>

#include "service/world_files.h"

/* Starts the world in a process of its own and waits until it serves. Its sockets, once made, are
 * in `*place`. Attached, it ends with the process that started it; detached, it stands by itself.
 *
 * The new process is forked from this one, which must have one thread only. SIGTERM ends it: state
 * saved, sockets gone, a temporary directory removed. ATT_E_UNAVAILABLE, ATT_E_IO and the errors
 * of att_world_open(). */
att_rc att_world_start(const struct att_world_options *o, bool detached, pid_t *pid,
		       struct att_world_place *place, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 3, 4);

/* Ends an attached world and waits for it; cleans up after one that was killed. */
void att_world_end(pid_t pid, const struct att_world_place *place) ATT_NONNULL(2);

#endif
