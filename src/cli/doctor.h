/* SPDX-License-Identifier: Apache-2.0 */
/* `attest doctor`: one line for each thing that quoting and verifying need, with what to do about
 * it. Checks look, and change nothing. */
#ifndef ATT_CLI_DOCTOR_H
#define ATT_CLI_DOCTOR_H

#include "attest/attester.h"
#include "attest/evidence.h"
#include "attest/fetch.h"
#include "cli/cli.h"

enum doctor_opt {
	DOCTOR_OPT_ATTESTER = 1,
	DOCTOR_OPT_PCCS,
	DOCTOR_OPT_PCCS_CA,
	DOCTOR_OPT_OFFLINE
};

enum doctor_state {
	DOCTOR_OK,
	DOCTOR_WARN,
	DOCTOR_MISSING,
	DOCTOR_ASIDE, /* not needed here, or not looked at */
};

struct doctor_line {
	enum doctor_state state;
	char id[40];
	char said[256];
	char remedy[256]; /* empty: nothing to do */
};

#define DOCTOR_LINES_MAX 40

struct doctor {
	struct cli *c;
	const struct cli_args *a;
	struct att_attester_options options;
	struct doctor_line lines[DOCTOR_LINES_MAX];
	size_t count;
	/* What earlier checks found, for later ones. */
	att_evidence *evidence; /* NULL: this machine made none that is parsed here */
	bool can_quote;
	char attester[16];
	att_roots *roots;
	att_fetcher *fetcher; /* NULL: no service is known, or none shall be asked */
	att_collateral *collateral;
	char date[40]; /* HTTP Date of a service; empty: none answered */
};

void doctor_say(struct doctor *d, const char *id, enum doctor_state state, const char *remedy,
		const char *fmt, ...) ATT_PRINTF(5, 6);

/* --- Checks, in the order of the table --- */

void doctor_quote(struct doctor *d);
void doctor_interfaces(struct doctor *d);
void doctor_cpu(struct doctor *d);
void doctor_kernel(struct doctor *d);
void doctor_devices(struct doctor *d);
void doctor_aesm(struct doctor *d);
void doctor_services(struct doctor *d);
void doctor_collateral(struct doctor *d);
void doctor_clock(struct doctor *d);

#endif
