/* SPDX-License-Identifier: Apache-2.0 */
/* The report under construction. Outcomes are recorded as values and put into words when somebody
 * reads them, so that a verification formats nothing. */
#ifndef ATT_VERIFY_REPORT_H
#define ATT_VERIFY_REPORT_H

#include "attest/verify.h"
#include "collateral/tcbinfo.h"
#include "verify/checks.h"
#include "verify/value.h"

struct att_compiled;

#define ATT_TEXT_MAX  200u  /* of one text, NUL included */
#define ATT_TEXTS_MAX 6144u /* of all texts of a report */

struct att_record {
	uint8_t outcome;   /* enum att_outcome; 0 while undecided */
	uint8_t waits_for; /* check number; CK_COUNT: it does not apply */
	bool mendable;     /* better collateral could mend this failure, whatever the table says */
	att_rc rc;         /* ATT_OK: the table's */
	struct att_value expected;
	struct att_value seen;
};

#define ATT_UNION_MAX (3 * ATT_ADVISORIES_MAX)

/* What reports and verdicts share. */
struct att_facts {
	struct att_tcb tcb;
	struct att_collateral_facts collateral;
	struct att_platform platform;
	struct att_root_facts root;
	int64_t time;
	bool bound;
	struct att_compiled *compiled;         /* a reference: advisory texts live there */
	const char *advisories[ATT_UNION_MAX]; /* last: only the first tcb.advisory_count are set */
};

/* The component that keeps the platform from a better level. */
struct att_shortfall {
	bool known;
	bool tdx;  /* of tee_tcb_svn, else of the PCK certificate */
	int index; /* 0 to 15; 16: PCESVN */
	unsigned have;
	unsigned need;
	struct att_component component;
};

struct att_report {
	struct att_record rec[CK_COUNT];
	struct att_facts facts;
	struct att_shortfall shortfall;
	size_t texts_len;
	struct att_report *next_free; /* in a verifier's pool */
	char texts[ATT_TEXTS_MAX]; /* of failures, put into words at once; last: rarely touched */
};

struct att_verdict {
	struct att_claims claims;
	struct att_facts facts;
	struct att_verdict *next_free;
};

/* Empties a report for a new verification. */
void att_report_reset(struct att_report *r, int64_t now);

/* Copies facts, taking a reference and keeping lent pointers inside the copy. */
void att_facts_copy(struct att_facts *dst, const struct att_facts *src);
void att_facts_release(struct att_facts *f);

/* Puts a value into words at once, which only failures may cost; the other setters are in value.h.
 * Texts of a report share one room (ATT_TEXTS_MAX). */
void att_set_text(struct att_report *r, struct att_value *v, const char *fmt, ...) ATT_PRINTF(3, 4);

/* What was found, decided once expected and seen are set. */
void att_pass(struct att_report *r, enum att_check_no c);
void att_warn(struct att_report *r, enum att_check_no c);
void att_failed(struct att_report *r, enum att_check_no c);
void att_judge(struct att_report *r, enum att_check_no c, bool ok);

/* Does not apply to this evidence. */
void att_not_applicable(struct att_report *r, enum att_check_no c);

/* True when the check failed, or could not run for lack of input (what does not apply blocks
 * nothing). */
bool att_blocks(const struct att_report *r, enum att_check_no c);

/* True when the check ran and did not fail. */
static inline bool att_held(const struct att_report *r, enum att_check_no c)
{
	return r->rec[c].outcome == ATT_PASS || r->rec[c].outcome == ATT_WARN;
}

/* True when all of the n checks held; else c becomes not-run, waiting for the first that did
 * not. */
static inline bool att_after(struct att_report *r, enum att_check_no c, size_t n,
			     const enum att_check_no *needs)
{
	for (size_t i = 0; i < n; i++) {
		if (att_held(r, needs[i]))
			continue;
		r->rec[c].outcome = ATT_NOT_RUN;
		r->rec[c].waits_for = (uint8_t)needs[i];
		return false;
	}
	return true;
}
#define ATT_AFTER(r, c, ...)                                                                      \
	att_after(r, c, sizeof((enum att_check_no[]){ __VA_ARGS__ }) / sizeof(enum att_check_no), \
		  (const enum att_check_no[]){ __VA_ARGS__ })

/* Marks what nobody decided as waiting for `first` (used when a verification can not go on). */
void att_report_close(struct att_report *r, enum att_check_no first);

/* The failed check that decides: the first that collateral can not mend, else the first. CK_COUNT:
 * none. */
enum att_check_no att_report_decisive(const struct att_report *r);

#endif
