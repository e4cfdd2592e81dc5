/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of `attest sim` that speak to worlds share. */
#ifndef ATT_CLI_SIM_H
#define ATT_CLI_SIM_H

#include "cli/cli.h"
#include "service/world_daemon.h"

/* Options of a world that is made; a command's own begin at SIM_OPT_OWN. */
enum {
	SIM_OPT_SEED = 1,
	SIM_OPT_TIME,
	SIM_OPT_CLOCK,
	SIM_OPT_PROFILE,
	SIM_OPT_CA,
	SIM_OPT_ABSTRACT,
	SIM_OPT_WORLD,
	SIM_OPT_OWN,
};

#define SIM_OPTIONS_WORLD                                                                     \
	{ .id = SIM_OPT_SEED,                                                                 \
	  .name = "seed",                                                                     \
	  .value = "TEXT",                                                                    \
	  .help = "make all keys from this text: the same world again, and no secret" },      \
	    { .id = SIM_OPT_TIME,                                                             \
	      .letter = 't',                                                                  \
	      .name = "time",                                                                 \
	      .value = "TIME",                                                                \
	      .help = "the world's time, RFC 3339 or seconds since 1970; the present unless " \
		      "told" },                                                               \
	    { .id = SIM_OPT_CLOCK,                                                            \
	      .name = "clock",                                                                \
	      .value = "HOW",                                                                 \
	      .choices = "still running",                                                     \
	      .help = "whether the time given stands still, which it does unless told" },     \
	    { .id = SIM_OPT_PROFILE,                                                          \
	      .name = "profile",                                                              \
	      .value = "KEYS",                                                                \
	      .choices = "random intel",                                                      \
	      .help = "keys of the processor: its own, or those of Intel's simulation mode; " \
		      "intel where SGX_MODE=SIM is set" },                                    \
	    { .id = SIM_OPT_CA,                                                               \
	      .name = "pck-ca",                                                               \
	      .value = "CA",                                                                  \
	      .choices = "platform processor",                                                \
	      .help = "who certifies the PCK, platform unless told" },                        \
	{                                                                                     \
		.id = SIM_OPT_ABSTRACT, .name = "abstract",                                   \
		.help = "AESM also under its abstract name, which Gramine tries first"        \
	}

#define SIM_OPTION_WORLD                                                                           \
	{                                                                                          \
		.id = SIM_OPT_WORLD, .letter = 'w', .name = "world", .value = "DIR", .path = true, \
		.help = "the world that runs there; ATTEST_SIM_WORLD names it otherwise"           \
	}

/* Reads what SIM_OPTIONS_WORLD gave; texts are lent. */
enum cli_exit sim_world_options(struct cli *c, const struct cli_args *a,
				struct att_world_options *out);

/* The running world that is meant, NULL where none is. Lent. */
const char *sim_world(struct cli *c, const struct cli_args *a);

/* Says it; returns the exit code. */
enum cli_exit sim_failed(struct cli *c, att_rc rc, const att_err *err);

#endif
