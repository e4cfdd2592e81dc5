/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching, as the commands see it: the options that name services, how they become a fetcher, and
 * the one call that only attest-io has. */
#ifndef ATT_CLI_FETCH_H
#define ATT_CLI_FETCH_H

#include "attest/fetch.h"
#include "cli/cli.h"

#define CLI_QCNL_PATH "/etc/sgx_default_qcnl.conf"

enum cli_fetch_option {
	CLI_OPT_PCCS = 800,
	CLI_OPT_PCCS_CA,
	CLI_OPT_OFFLINE,
	CLI_OPT_RETRIES,
	CLI_OPT_TIMEOUT,
	CLI_OPT_CACHE,
	CLI_OPT_NO_CACHE,
	CLI_OPT_UPDATE,
	CLI_OPT_EVALUATION,
};

#define CLI_OPTIONS_SERVICE                                                                       \
	{ .id = CLI_OPT_PCCS,                                                                     \
	  .name = "pccs",                                                                         \
	  .value = "URL",                                                                         \
	  .repeats = true,                                                                        \
	  .help = "ask this service (a PCCS, or Intel's PCS); several are asked in this order" }, \
	    { .id = CLI_OPT_PCCS_CA,                                                              \
	      .name = "pccs-ca",                                                                  \
	      .value = "FILE",                                                                    \
	      .path = true,                                                                       \
	      .help = "trust this CA for the services' TLS (PEM), and the system's no more" },    \
	    { .id = CLI_OPT_OFFLINE, .name = "offline", .help = "never touch the network" },      \
	    { .id = CLI_OPT_RETRIES,                                                              \
	      .name = "retries",                                                                  \
	      .value = "N",                                                                       \
	      .help = "ask all services again so often when none answers, 2 unless told" },       \
	    { .id = CLI_OPT_TIMEOUT,                                                              \
	      .name = "timeout",                                                                  \
	      .value = "SECONDS",                                                                 \
	      .help = "give up fetching after this time, 60 unless told" },                       \
	    { .id = CLI_OPT_CACHE,                                                                \
	      .name = "cache",                                                                    \
	      .value = "FILE",                                                                    \
	      .path = true,                                                                       \
	      .help = "keep what was fetched in this database" },                                 \
	{                                                                                         \
		.id = CLI_OPT_NO_CACHE, .name = "no-cache",                                       \
		.help = "neither use nor keep what was fetched before"                            \
	}

#define CLI_OPTIONS_SET                                                                         \
	{ .id = CLI_OPT_UPDATE,                                                                 \
	  .name = "update",                                                                     \
	  .value = "WHEN",                                                                      \
	  .choices = "standard early",                                                          \
	  .help = "fetch the TCB data set in force, or the one already published for the next " \
		  "TCB recovery" },                                                             \
	{                                                                                       \
		.id = CLI_OPT_EVALUATION, .name = "evaluation-number", .value = "N",            \
		.help = "fetch the TCB data set with this tcbEvaluationDataNumber"              \
	}

struct cli_case;

/* Fetches the case's collateral: all of it, or what a file lacks. Failing to get it is the
 * judgement's affair (collateral_err). CLI_ACCEPTED, or what went wrong, which has been said. */
typedef enum cli_exit (*cli_fetch_call)(struct cli *c, const struct cli_args *a,
					struct cli_case *k);
/* NULL in the program that may not: it returns CLI_ELSEWHERE. table.c, table_io.c. */
extern const cli_fetch_call cli_fetch;
enum cli_exit cli_fetch_case(struct cli *c, const struct cli_args *a, struct cli_case *k);

/* Does the command line itself ask for fetching? Is any service known? */
bool cli_fetch_asked(const struct cli_args *a);
bool cli_fetch_configured(struct cli *c, const struct cli_args *a);
/* Options that exclude each other, and values that are none. */
enum cli_exit cli_fetch_check(struct cli *c, const struct cli_args *a);
/* "early", "standard" or the number that was asked for. After cli_fetch_check. */
struct att_fetch_set cli_fetch_set(const struct cli_args *a);

/* --- attest-io only --- */

/* The machine's. */
extern const struct att_fetch_clock cli_fetch_clock;

/* A fetcher by options, environment and configuration, and the set that they ask for. It is said
 * when a service is not checked. CLI_USAGE (a bad configuration, no service known), CLI_NO_ANSWER;
 * said. */
enum cli_exit cli_fetcher_new(struct cli *c, const struct cli_args *a, const att_roots *roots,
			      att_fetcher **out, struct att_fetch_set *set);
/* Warns when the cache could not be used. */
void cli_fetcher_warn(struct cli *c, att_fetcher *f);

#endif
