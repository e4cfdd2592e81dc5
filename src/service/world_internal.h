/* SPDX-License-Identifier: Apache-2.0 */
/* What runs inside the world's process, for the file that starts it. */
#ifndef ATT_SERVICE_WORLD_INTERNAL_H
#define ATT_SERVICE_WORLD_INTERNAL_H

#include "service/world_files.h"

struct att_world_daemon;

/* Everything is open and written, and this process is confined: it can serve and do little else. */
att_rc att_world_daemon_open(const struct att_world_options *o, struct att_world_daemon **out,
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
const struct att_world_place *att_world_daemon_place(const struct att_world_daemon *d)
    ATT_NONNULL(1);
/* Until a signal or a stop over the control socket. */
att_rc att_world_daemon_run(struct att_world_daemon *d, att_err *err) ATT_MUST_USE ATT_NONNULL(1);
void att_world_daemon_close(struct att_world_daemon *d);

#endif
