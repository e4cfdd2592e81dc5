/* SPDX-License-Identifier: Apache-2.0 */
/* The options of `attest verify`, and how they become a case. */
#ifndef ATT_CLI_CASE_H
#define ATT_CLI_CASE_H

#include "cli/fetch.h"
#include "cli/verify.h"

enum cli_verify_option {
	OPT_COLLATERAL = 1,
	OPT_TIME,
	OPT_POLICY,
	OPT_REPORT_DATA,
	OPT_REPORT_DATA_SHA256,
	OPT_ALLOW,
	OPT_ALLOW_SIMULATED,
	OPT_OWN_ROOTS,
	OPT_ROOT,
	OPT_EVENTLOG,
	OPT_SAVE,
	OPT_SIGN_KEY,
	OPT_EAR_PROFILE,
	OPT_NONCE,
	OPT_EAR_LIFETIME,
	OPT_VERBOSE,
};

/* What FILE was, when --save had made it. */
struct cli_record {
	bool present;
	bool replay;     /* nothing on the command line says otherwise: judged as it was */
	bool roots_left; /* it brings roots of its own, which were not used */
	att_buf text;
	att_bytes verdict; /* lent by text */
	char made_by[32];
};

/* Fills the case from options, files and FILE. CLI_ACCEPTED, or what went wrong, which has been
 * said. Evidence and collateral that can not be read are no error here: the case says so, and the
 * judgement reports it. */
enum cli_exit cli_case_gather(struct cli *c, const struct cli_args *a, struct cli_case *k,
			      struct cli_record *record);

/* The steps that other commands share: --time; --root and the simulated root. As above. */
enum cli_exit cli_gather_time(struct cli *c, const struct cli_args *a, struct cli_case *k);
enum cli_exit cli_gather_roots(struct cli *c, const struct cli_args *a, struct cli_case *k);

/* `attest verify -o ear`: one token about the outcome. */
struct cli_ear {
	enum att_ear_profile profile;
	uint8_t nonce[64];
	size_t nonce_len;
	int64_t lifetime;
	const char *key_path;
};

enum cli_exit cli_ear_options(struct cli *c, const struct cli_args *a, struct cli_ear *out);
enum cli_exit cli_ear_print(struct cli *c, const struct cli_ear *e, const struct cli_outcome *o,
			    att_buf *b);

#endif
