/* SPDX-License-Identifier: Apache-2.0 */
/* `attest verify`: gather what the judgement depends on, judge, show, save. */
#ifndef ATT_CLI_VERIFY_H
#define ATT_CLI_VERIFY_H

#include "attest/attest.h"
#include "attest/fetch.h"
#include "base/buf.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "codec/json.h"

#define CLI_POLICY_MAX   ((size_t)256 << 10)
#define CLI_KEY_MAX      ((size_t)16 << 10)
#define CLI_BOUND_MAX    ((size_t)4 << 20) /* of the file that --report-data-sha256 hashes */
#define CLI_ROOTS_MAX    16
#define CLI_ALLOW_MAX    8
#define CLI_EVENTS_SHOWN 4096u

/* Where the caller said nothing; named in the output. */
enum cli_default {
	CLI_DEFAULT_ROOT = 1 << 0,
	CLI_DEFAULT_TIME = 1 << 1,
	CLI_DEFAULT_UNBOUND = 1 << 2,
	CLI_DEFAULT_POLICY = 1 << 3,
};
#define CLI_DEFAULT_COUNT 4
/* "intel_root", "present_time", "unbound_report_data", "builtin_policy" by bit number. */
const char *cli_default_name(unsigned bit);

struct cli_root {
	char label[64];
	att_buf certificate; /* as given, PEM or DER */
};

/* What was asked of services for one case: no part of what is judged. */
struct cli_fetched {
	bool any;
	struct att_fetch_step *steps;
	size_t count;
};
void cli_fetched_json(const struct cli_fetched *f, att_jsonw *w);
void cli_fetched_text(const struct cli_fetched *f, att_buf *b);

/* Everything one judgement depends on, and nothing else but the last member: what --save writes
 * down. */
struct cli_case {
	att_buf evidence;           /* as given, in any encoding */
	att_err evidence_err;       /* rc set: could not be read */
	att_collateral *collateral; /* NULL: could not be read (collateral_err) */
	att_err collateral_err;
	int64_t time;
	bool intel_root;
	struct cli_root root[CLI_ROOTS_MAX];
	size_t root_count;
	uint8_t report_data[64];
	size_t report_data_len;  /* 0: unbound */
	bool has_policy;         /* false: the built-in one */
	att_buf policy;          /* its text */
	const char *policy_path; /* lent; NULL: a saved file brought it */
	enum att_tcb_status allow[CLI_ALLOW_MAX];
	size_t allow_count;
	bool allow_simulated;
	bool has_eventlog;
	att_buf eventlog;
	att_err eventlog_err; /* rc set: could not be read */
	unsigned defaults;    /* enum cli_default */
	struct cli_fetched fetched;
};

void cli_case_free(struct cli_case *k);

/* --- One event log against the quote (eventlog.c) --- */

struct cli_register {
	uint8_t replayed[48];
	uint8_t quoted[48];
	enum att_outcome outcome;
	size_t last_event; /* index of the last event extended into it; SIZE_MAX: none */
};

struct cli_log {
	bool given;
	att_eventlog *log; /* NULL: malformed (err) */
	att_err err;
	struct cli_register reg[4];
	bool refused;       /* malformed, or RTMR0 to 2 differ */
	int first_mismatch; /* register, or -1 */
	char waits_for[64]; /* not authentic: the check that failed first */
};

/* Replays the log against authenticated claims; `claims` is NULL when there are none. `unread`
 * says why the log could not be read, if it could not. */
att_rc cli_log_judge(struct cli_log *l, const att_err *unread, att_bytes text,
		     const struct att_claims *claims, att_err *err) ATT_MUST_USE;
/* Its checks, in the form of the report's. False when i is too large. */
bool cli_log_check(const struct cli_log *l, size_t i, struct att_check *out);
void cli_log_json(const struct cli_log *l, att_jsonw *w);
void cli_log_text(const struct cli_log *l, att_buf *b);

/* --- What came of it (judge.c) --- */

enum cli_saved { CLI_SAVED_NONE, CLI_SAVED_EQUAL, CLI_SAVED_DIFFERS, CLI_SAVED_NOT_COMPARED };

struct cli_outcome {
	att_evidence *evidence; /* NULL: could not be parsed */
	att_report *report;
	att_verdict *verdict; /* NULL: not authentic */
	att_policy *policy;
	att_appraisal *appraisal;
	struct cli_log log;
	bool authentic; /* the report's word, and the event log's where one was given */
	bool accepted;
	enum cli_exit exit;
	att_err why;          /* the line for people unless accepted */
	enum cli_saved saved; /* FILE was made by --save: against the verdict in it */
	char difference[96];  /* first member that differs */
};

void cli_outcome_free(struct cli_outcome *o);

/* The roots that the case trusts. ATT_E_FORMAT and its like, ATT_E_NOMEM. */
att_rc cli_case_roots(const struct cli_case *k, att_roots **out, att_err *err) ATT_MUST_USE;

/* Judges the case. CLI_ACCEPTED when it was judged, whatever came of it: then there is a report
 * and o->exit. Else what went wrong, which has been said: CLI_USAGE (malformed policy or root,
 * event log beside SGX evidence), CLI_NO_ANSWER (out of memory). */
enum cli_exit cli_judge(struct cli *c, const struct cli_case *k, struct cli_outcome *o);

/* All checks, the report's and the event log's. False when i is too large. */
bool cli_outcome_check(const struct cli_outcome *o, size_t i, struct att_check *out);

/* --- Shown (verify_json.c, verify_text.c, verify_ear.c) --- */

void cli_verdict_json(const struct cli_case *k, const struct cli_outcome *o, att_buf *b,
		      unsigned indent);
void cli_verdict_text(const struct cli *c, const struct cli_case *k, const struct cli_outcome *o,
		      bool verbose, att_buf *b);

/* --- Saved (bundle.c, bundle_read.c) --- */

/* Does the text look like a file that --save made? */
bool cli_bundle_looks(att_bytes text);
/* The whole file's text. ATT_E_FORMAT when it would be too large to be read again, ATT_E_NOMEM. */
att_rc cli_bundle_write(const struct cli_case *k, const struct cli_outcome *o, att_buf *out,
			att_err *err) ATT_MUST_USE;
/* Reads it back; `*verdict` (lent from `text`) is the verdict stored in it and `made_by` who
 * wrote it. */
att_rc cli_bundle_read(att_bytes text, struct cli_case *k, att_bytes *verdict,
		       char made_by[static 32], att_err *err) ATT_MUST_USE;
/* Sets o->saved and o->difference: does what was judged now equal what was stored? */
att_rc cli_bundle_compare(att_bytes stored, const char *made_by, const struct cli_case *k,
			  struct cli_outcome *o, att_err *err) ATT_MUST_USE;

#endif
