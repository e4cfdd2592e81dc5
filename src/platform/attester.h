/* SPDX-License-Identifier: Apache-2.0 */
/* What an attester is to the table of attesters: one file and one row each. */
#ifndef ATT_PLATFORM_ATTESTER_H
#define ATT_PLATFORM_ATTESTER_H

#include "attest/attester.h"

struct att_attester_ops {
	const char *name;
	const char *what; /* one line for people: which platform, which interface */
	/* Is the interface there? Cheap, opens nothing for good; says in err what is missing. */
	att_rc (*probe)(const struct att_attester_options *options, att_err *err);
	/* `*state` is the attester's own; NULL is fine. */
	att_rc (*open)(const struct att_attester_options *options, void **state, att_err *err);
	att_rc (*quote)(void *state, const uint8_t report_data[ATT_REPORT_DATA],
			struct att_quoted *out, att_err *err);
	void (*close)(void *state);
};

/* In the order in which "auto" tries them; ends in NULL. */
extern const struct att_attester_ops *const att_attesters[];

extern const struct att_attester_ops att_attester_sim;
extern const struct att_attester_ops att_attester_aesm;
extern const struct att_attester_ops att_attester_occlum;
extern const struct att_attester_ops att_attester_gramine;
extern const struct att_attester_ops att_attester_tsm;
extern const struct att_attester_ops att_attester_tdx_guest;
extern const struct att_attester_ops att_attester_sev_guest;

/* Where an SGX report for a given target comes from on this platform: what "aesm" needs beside the
 * daemon. Tried in order: the simulated CPU, Occlum's device, Gramine's files. */
struct att_report_source {
	const char *name;
	att_rc (*probe)(const struct att_attester_options *options, att_err *err);
	/* EREPORT with this target info (512 bytes) and report data; 432 bytes out. */
	att_rc (*report)(const struct att_attester_options *options, const uint8_t target[512],
			 const uint8_t report_data[ATT_REPORT_DATA], uint8_t report[432],
			 att_err *err);
};
extern const struct att_report_source att_report_source_sim;
extern const struct att_report_source att_report_source_occlum;
extern const struct att_report_source att_report_source_gramine;

#endif
