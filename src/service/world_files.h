/* SPDX-License-Identifier: Apache-2.0 */
/* What a world keeps and shows on disk: its secret state, and the files its users need. */
#ifndef ATT_SERVICE_WORLD_FILES_H
#define ATT_SERVICE_WORLD_FILES_H

#include "platform/sim/world.h"
#include "service/world_place.h"

/* What a new world is made of. */
struct att_world_options {
	const char *dir;   /* where it keeps its state; NULL: nowhere */
	const char *tmp;   /* where a world without a directory puts its sockets */
	const char *seed;  /* everything follows from this text; NULL: from chance */
	bool intel_sim;    /* the keys of Intel's simulation mode */
	bool processor_ca; /* certified by the Processor CA */
	bool timed;        /* `time` is given */
	int64_t time;      /* the world's time when it starts, seconds since 1970 */
	bool runs;         /* it goes on from there; else it stands still */
	bool abstract;     /* AESM also under its abstract name */
};

/* The world's state, as it is on disk. Zero is none yet. */
struct att_world_state {
	char path[ATT_PATH_ROOM]; /* empty: it is kept nowhere */
	att_buf last;             /* what is there: a secret */
	bool intel_sim;           /* whose keys the world has */
};
void att_world_state_free(struct att_world_state *s);

/* The world that is in the directory, or a new one. One that is there must be the one that the
 * options ask for: ATT_E_MISMATCH. ATT_E_FORMAT: its state is damaged, which no crash does;
 * ATT_E_IO, ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_world_open(const struct att_world_options *o, const struct att_world_place *p,
		      int64_t now, struct att_world_state *state, att_sim_world **out,
		      att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 4, 5);

/* Writes the state where it changed. ATT_E_IO: the old one is still there. */
att_rc att_world_state_save(struct att_world_state *s, const att_sim_world *w,
			    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* Writes root, qcnl configuration, policies, the developer's signing key, environment and README.
 * `seed` as in the options: the signing key follows from it too. */
att_rc att_world_put_files(const struct att_world_place *p, const att_sim_world *w,
			   const char *seed, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* Makes the directory where programs of this world cache collateral, or empties it: what they kept
 * was of an earlier turn of the dial. ATT_E_IO, ATT_E_UNAVAILABLE. */
att_rc att_world_empty_cache(const struct att_world_place *p, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

#endif
