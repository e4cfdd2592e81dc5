/* SPDX-License-Identifier: Apache-2.0 */
/* What `attestd pccs` is told: options over configuration file over defaults, and the files and
 * credentials that they name. */
#ifndef ATT_PROGRAMS_ATTESTD_SETUP_H
#define ATT_PROGRAMS_ATTESTD_SETUP_H

#include "attest/verify.h"
#include "programs/attestd/attestd.h"
#include "service/pccs/pccs.h"

enum {
	OPT_CONFIG = 1,
	OPT_LISTEN,
	OPT_STORE,
	OPT_UPSTREAM,
	OPT_UPSTREAM_CA,
	OPT_ROOT,
	OPT_FILL_MODE,
	OPT_TLS_CERT,
	OPT_TLS_KEY,
	OPT_HTTP,
	OPT_BUNDLE,
	OPT_USER,
	OPT_WORKERS,
	OPT_LOG_LEVEL,
	OPT_NO_SANDBOX,
};

#define STATE_DIRECTORY "/var/lib/attestd"

struct setup {
	struct cli *cli;
	const struct cli_args *args;
	struct att_pccs_config config;
	int64_t workers;
	bool http;
};

/* Reads everything; also again, at SIGHUP. Errors name the option or the file. */
att_rc setup_read(struct setup *s, att_err *err) ATT_MUST_USE;

/* The roots to trust: those given, else Intel's. */
att_rc setup_roots(const struct setup *s, att_roots **out, att_err *err) ATT_MUST_USE;

/* Puts what is in the directory into the store: `attest collateral export` made it (one directory a
 * platform), or it holds uploads of PCCS's administration tool (*.json). What can not be taken is
 * said and passed over. ATT_E_IO: there is no such directory. `dir` "": nothing to do. */
att_rc bundle_import(const char *dir, att_pccs *p, att_err *err) ATT_MUST_USE;

/* Is the store a PostgreSQL URL? */
bool setup_is_url(const char *store);

#endif
