/* SPDX-License-Identifier: Apache-2.0 */
/* The socket side of a simulated aesmd: AF_UNIX stream listeners on an event loop, one request a
 * connection. Whoever connects can cost itself a connection, nothing else: lengths are capped
 * before memory is taken, time and the number of connections are limited. */
#ifndef ATT_SERVICE_AESM_SERVER_H
#define ATT_SERVICE_AESM_SERVER_H

#include "platform/aesm/server.h"
#include "service/loop.h"

struct att_aesm_listen {
	const char *path;     /* a stale socket there is replaced; NULL: none */
	const char *abstract; /* an abstract name, without its NUL; NULL: none */
	unsigned connections; /* at one time; 0: 64. More wait in the listen queue */
	unsigned timeout_ms;  /* of a whole connection; 0: 15000 */
};

typedef struct att_aesm_service att_aesm_service;

/* Listens; the socket at `path` gets mode 0777, as aesmd's has: who may use it, the mode of its
 * directory says. Borrows the loop and the server.
 * ATT_E_ARG (no name, or one too long for a socket address), ATT_E_UNAVAILABLE (somebody listens
 * there, no permission), ATT_E_IO, ATT_E_NOMEM. */
att_rc att_aesm_service_new(att_loop *loop, struct att_aesm_server *server,
			    const struct att_aesm_listen *options, att_aesm_service **out,
			    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3, 4);

/* Closes listeners and connections and removes the socket at `path`. */
void att_aesm_service_free(att_aesm_service *s);

/* Requests answered, and connections dropped without an answer. */
void att_aesm_service_counts(const att_aesm_service *s, uint64_t *answered, uint64_t *dropped)
    ATT_NONNULL(1, 2, 3);

#endif
