/* SPDX-License-Identifier: Apache-2.0 */
/* What `attest measure` found out about one image, and how it is shown. */
#ifndef ATT_CLI_MEASURE_H
#define ATT_CLI_MEASURE_H

#include "cli/cli.h"
#include "cli/tree.h"
#include "platform/enclave/explain.h"
#include "platform/enclave/sigstruct.h"

/* One SIGSTRUCT beside an image, or in it. */
struct cli_signed {
	const char *path; /* NULL: it stands in the image */
	struct att_sigstruct sigstruct;
	uint8_t mr_signer[32];
	bool signature_ok; /* its signature holds under its own key */
	bool matches;      /* it signs this measurement */
};

struct cli_measured {
	const char *path;
	att_buf file;
	att_image *image;
	uint8_t mr_enclave[32];
	struct cli_signed by[2];
	size_t by_count;
};

/* The members of one image, into the open object; with `explain` its regions. ATT_E_NOMEM,
 * ATT_E_UNAVAILABLE. */
att_rc cli_show_measured(struct cli_tree *t, const struct cli_measured *m, bool explain,
			 att_err *err) ATT_MUST_USE;

/* The members of a comparison. */
void cli_show_difference(struct cli_tree *t, const struct att_image_diff *d);

#endif
