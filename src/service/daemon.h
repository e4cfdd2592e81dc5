/* SPDX-License-Identifier: Apache-2.0 */
/* What a service manager and a service say to each other (sd_notify(3), sd_listen_fds(3)): the
 * protocol, without its library. The environment is the program's to read. */
#ifndef ATT_SERVICE_DAEMON_H
#define ATT_SERVICE_DAEMON_H

#include "attest/base.h"

/* Sends `state` ("READY=1", "STOPPING=1", "STATUS=…") to the socket that $NOTIFY_SOCKET names;
 * NULL: nobody wants to know, which is no error. ATT_E_ARG, ATT_E_IO. */
att_rc att_notify(const char *notify_socket, const char *state, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* How many listening sockets were handed over, from descriptor 3 on: $LISTEN_FDS where $LISTEN_PID
 * is this process. 0 where either is NULL, malformed or another's. */
#define ATT_LISTEN_FIRST 3
unsigned att_listen_fds(const char *listen_pid, const char *listen_fds);

/* A client that goes away is an error of one write, not the end of the process. */
void att_ignore_sigpipe(void);

#endif
