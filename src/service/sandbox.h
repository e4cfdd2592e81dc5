/* SPDX-License-Identifier: Apache-2.0 */
/* What a service gives up before it serves: other users' rights, capabilities, new privileges, core
 * dumps, being looked at by a debugger, and every system call it has no use for. */
#ifndef ATT_SERVICE_SANDBOX_H
#define ATT_SERVICE_SANDBOX_H

#include "attest/base.h"

#define ATT_SANDBOX_FILES   1u /* opens, writes, renames and removes files */
#define ATT_SANDBOX_CONNECT 2u /* opens sockets and connects them */
#define ATT_SANDBOX_THREADS 4u /* starts threads */

struct att_sandbox {
	const char *user; /* becomes this user with its group, and no other groups; NULL: stays */
	unsigned files;   /* limit of open descriptors; 0: stays */
	size_t memory;    /* limit of address space in bytes; 0: stays */
	unsigned may;     /* what of the above it goes on doing */
	bool no_call_filter; /* leaves system calls as they are */
};

/* All or an error, after which the process should end. Cannot be undone; for the calling thread and
 * those it will start, so call it before there are others. A system call that is not on the list
 * fails with ENOSYS. ATT_E_ARG (no such user), ATT_E_UNAVAILABLE. */
att_rc att_sandbox_enter(const struct att_sandbox *s, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* The parts that need no confinement: no core dump, no debugger, from this moment on. For processes
 * that hold a secret. ATT_E_UNAVAILABLE. */
att_rc att_sandbox_hide(att_err *err) ATT_MUST_USE;

/* Takes capabilities for good from this process and what it will execute: out of the bounding set
 * too. `list` ends in -1; NULL: all of them. ATT_E_UNAVAILABLE. */
att_rc att_sandbox_drop(const int *list, att_err *err) ATT_MUST_USE;

#endif
