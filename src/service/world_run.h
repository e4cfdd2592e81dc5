/* SPDX-License-Identifier: Apache-2.0 */
/* A command inside a simulated world. */
#ifndef ATT_SERVICE_WORLD_RUN_H
#define ATT_SERVICE_WORLD_RUN_H

#include "service/world_files.h"

struct att_world_run {
	const char
	    *world; /* directory of a running world; NULL: one of its own, made of `options` */
	struct att_world_options options;
	bool isolate_net;
	char *const *argv;       /* ends in NULL */
	char *const *environ_in; /* what the command gets beside the world's own variables */
	/* Says something that the caller should know, but that stops nothing. */
	void (*warn)(void *ctx, const char *text);
	void *ctx;
};

/* Runs the command with the world's environment and, where the system lets us, its standard paths
 * (Intel's qcnl configuration and AESM socket), the world's secrets out of its sight. Signals are
 * passed on; everything it started is ended with it.
 *
 * `*status` is its exit status, 128 and the signal's number where it was killed, 126 or 127 where
 * it could not be started, as of a shell. This process must have one thread; it is in the
 * namespaces afterwards and should end soon. ATT_E_UNAVAILABLE: no such world, or isolate_net is
 * not possible; ATT_E_ARG: isolate_net with a world that is running; and the errors of
 * att_world_start(). */
att_rc att_world_run(const struct att_world_run *r, int *status, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

#endif
