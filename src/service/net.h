/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets, from how people write them. */
#ifndef ATT_SERVICE_NET_H
#define ATT_SERVICE_NET_H

#include "attest/base.h"

#define ATT_NET_NAME 128u

/* Listens at `where`, not blocking, closed on exec:
 *   "127.0.0.1:8081", "[::1]:8081"  TCP, port 0 for any free one; names are not looked up
 *   "unix:PATH"                     a stream socket; a stale socket file there is replaced, a live
 *                                   one is an error; anything else at PATH is left alone
 *   "fd:N"                          a listening socket inherited under that number
 * ATT_E_ARG (not of that form), ATT_E_UNAVAILABLE (in use, no permission), ATT_E_IO. */
att_rc att_net_listen(const char *where, int *fd, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* A Unix socket of any type (SOCK_STREAM, SOCK_SEQPACKET) at `path`, with that mode. As above. */
att_rc att_net_listen_unix(const char *path, int type, unsigned mode, int *fd,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 4);
/* In the abstract namespace, the name NUL-padded to the full length of an address. */
att_rc att_net_listen_abstract(const char *name, int type, int *fd, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 3);

/* Connects to the Unix socket at `path`, blocking. ATT_E_UNAVAILABLE, ATT_E_ARG (too long). */
att_rc att_net_connect_unix(const char *path, int type, int *fd, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 3);

/* The address a socket listens at: "127.0.0.1:40321", "unix:PATH". */
void att_net_name(int fd, char out[static ATT_NET_NAME]);
/* Its TCP port; 0 where there is none. */
unsigned att_net_port(int fd);

/* Closes what *fd is, when it is at least 0: `att_auto_fd int fd = -1;` */
void att_fd_cleanup(int *fd);
#define att_auto_fd __attribute__((cleanup(att_fd_cleanup)))

#endif
