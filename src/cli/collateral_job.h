/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that fetch collateral have in common: roots, fetcher, time, whose collateral
 * it is. */
#ifndef ATT_CLI_COLLATERAL_JOB_H
#define ATT_CLI_COLLATERAL_JOB_H

#include "cli/case.h"

/* Options of their own, beside those of fetch.h and OPT_TIME, OPT_ROOT. */
enum cli_collateral_option { OPT_FMSPC = 100, OPT_CA, OPT_TEE, OPT_TO, OPT_SOON, OPT_PCK };

#define CLI_OPTIONS_JUDGE                                                                       \
	{ .id = OPT_TIME,                                                                       \
	  .letter = 't',                                                                        \
	  .name = "time",                                                                       \
	  .value = "TIME",                                                                      \
	  .help = "judge at this time (RFC 3339 or seconds since 1970), not at present" },      \
	{                                                                                       \
		.id = OPT_ROOT, .name = "root", .value = "FILE", .path = true, .repeats = true, \
		.help = "trust this root certificate (PEM or DER), and Intel's no more"         \
	}
#define CLI_OPTIONS_PLATFORM                                                              \
	{ .id = OPT_FMSPC,                                                                \
	  .name = "fmspc",                                                                \
	  .value = "HEX",                                                                 \
	  .repeats = true,                                                                \
	  .help = "of the platforms with this FMSPC (6 bytes), in place of a quote's" },  \
	    { .id = OPT_CA,                                                               \
	      .name = "ca",                                                               \
	      .value = "CA",                                                              \
	      .choices = "processor platform",                                            \
	      .help = "whose PCK certificates are from this CA; processor unless told" }, \
	{                                                                                 \
		.id = OPT_TEE, .name = "tee", .value = "TEE", .choices = "sgx tdx",       \
		.help = "for this kind of TEE; sgx unless told"                           \
	}

/* One platform whose collateral is wanted, and where the word of it came from. */
struct cli_subject {
	const char *name;       /* a file, or the FMSPC as it was given; lent */
	att_evidence *evidence; /* NULL: by its FMSPC */
	struct att_fetch_platform platform;
	bool known; /* platform is; else a service is asked about the quote */
};
void cli_subject_free(struct cli_subject *s);

struct cli_collateral_job {
	struct cli_case k; /* time and roots */
	att_roots *roots;
	att_fetcher *fetcher;
	struct att_fetch_set set;
	att_fetch_trace *trace;
};
void cli_collateral_job_free(struct cli_collateral_job *j);

/* CLI_ACCEPTED, or what went wrong, which has been said. */
enum cli_exit cli_collateral_begin(struct cli *c, const struct cli_args *a,
				   struct cli_collateral_job *j);

/* The n-th subject: operands first, then --fmspc. False behind the last. *code is what went wrong
 * with it, said. */
bool cli_subject_at(struct cli *c, const struct cli_args *a, size_t n, struct cli_subject *out,
		    enum cli_exit *code);

/* Asks a service for the platform of a quote that does not say it. `known` stays as it was. */
att_rc cli_subject_platform(struct cli_collateral_job *j, struct cli_subject *s,
			    att_err *err) ATT_MUST_USE;

/* The collateral of a subject; and its name in a bundle: "sgx-00906ed50000-processor". */
att_rc cli_subject_fetch(struct cli_collateral_job *j, struct cli_subject *s,
			 const struct att_fetch_set *set, att_collateral **out,
			 att_err *err) ATT_MUST_USE;
#define CLI_SUBJECT_NAME 96
void cli_subject_bundle_name(const struct cli_subject *s, char out[static CLI_SUBJECT_NAME]);

/* Writes a directory of service answers (doc/collateral.md); makes it when it is not there. */
att_rc cli_collateral_write(const char *directory, const att_collateral *c,
			    att_err *err) ATT_MUST_USE;

/* What was asked, on standard error, for people. */
void cli_say_trace(struct cli *c, const att_fetch_trace *t);

#endif
