/* SPDX-License-Identifier: Apache-2.0 */
/* Where a running simulated world is: its directory, sockets, files and addresses; what a command
 * needs to know of it. */
#ifndef ATT_SERVICE_WORLD_PLACE_H
#define ATT_SERVICE_WORLD_PLACE_H

#include "attest/base.h"
#include "base/buf.h"
#include "service/files.h"

#define ATT_WORLD_URL 96u

/* Plain values: it travels from the world's process to the one that started it. */
struct att_world_place {
	char dir[ATT_PATH_ROOM]; /* absolute */
	bool kept; /* the directory is the user's and stays; else it goes at the end */
	int pid;   /* of the world's process */
	char pccs_url[ATT_WORLD_URL];     /* the caching service's API, up to the version's slash */
	char pccs_tls_url[ATT_WORLD_URL]; /* the same under TLS */
	char pcs_url[ATT_WORLD_URL];      /* Intel's service's API */
	char pcs_tls_url[ATT_WORLD_URL];
};

/* The names in a world's directory. */
#define ATT_WORLD_CPU     "cpu.sock"
#define ATT_WORLD_AESM    "aesm.socket"
#define ATT_WORLD_CONTROL "control.sock"
#define ATT_WORLD_ROOT    "root.pem"
#define ATT_WORLD_CA      "pccs-ca.pem"
#define ATT_WORLD_QCNL    "sgx_default_qcnl.conf"
#define ATT_WORLD_SIGNER  "signer.pem"
#define ATT_WORLD_POLICY  "policy"
#define ATT_WORLD_CACHE   "cache"
#define ATT_WORLD_ENV     "env"
#define ATT_WORLD_README  "README"
#define ATT_WORLD_PRIVATE "private" /* 0700: what only the world's process may read */

/* Makes the directory `dir`, or a new one below `tmp` where `dir` is NULL, and takes its lock: one
 * process a world. Also removes what worlds that were killed left below `tmp`. `*lock` is the lock,
 * kept as long as it is open. ATT_E_UNAVAILABLE (the world is running; another user's), ATT_E_ARG
 * (too long for socket addresses), ATT_E_IO. */
att_rc att_world_place_make(const char *dir, const char *tmp, struct att_world_place *out,
			    int *lock, att_err *err) ATT_MUST_USE ATT_NONNULL(2, 3, 4);

/* The end: sockets go, and the whole directory where it is not kept. */
void att_world_place_leave(const struct att_world_place *p) ATT_NONNULL(1);

/* "DIR/NAME". */
void att_world_path(const struct att_world_place *p, const char *name,
		    char out[static ATT_PATH_ROOM]) ATT_NONNULL(1, 2);

/* Environment variable i of a process that lives in this world; NULL behind the last. */
const char *att_world_env(const struct att_world_place *p, size_t i,
			  char value[static ATT_PATH_ROOM]) ATT_NONNULL(1);

#endif
