/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "verify/compiled.h"
#include "verify/report.h"

/* Which check the tests disable in this build (0: none); see tests/mutation. */
#ifndef ATT_MUTATION
#define ATT_MUTATION 0
#endif

struct check_def {
	const char *id;
	bool collateral;
	att_rc rc;
	const char *title;
	const char *clause;
	const char *remedy;
};

#define CLASS_E false
#define CLASS_C true
#define ATT_ROW(sym, id_, cls, rc_, title_, clause_, remedy_) \
	[CK_##sym] = { id_, CLASS_##cls, rc_, title_, clause_, remedy_ },
static const struct check_def checks[CK_COUNT] = { ATT_CHECK_TABLE(ATT_ROW) };
#undef ATT_ROW

const char *att_outcome_name(enum att_outcome o)
{
	static const char *const names[] = { [ATT_PASS] = "pass",
					     [ATT_FAIL] = "fail",
					     [ATT_WARN] = "warn",
					     [ATT_NOT_RUN] = "not-run" };

	return (size_t)o < ATT_COUNT(names) && names[o] ? names[o] : "unknown";
}

/* Texts share one room; when it is full the rest of the report has to do with what its other
 * members say. */
void att_set_text(struct att_report *r, struct att_value *v, const char *fmt, ...)
{
	char *at = r->texts + r->texts_len;
	size_t room = sizeof(r->texts) - r->texts_len;
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(at, room < ATT_TEXT_MAX ? room : ATT_TEXT_MAX, fmt, ap);
	va_end(ap);
	if (n < 0 || room < 2) {
		att_set_fixed(v, "");
		return;
	}
	r->texts_len += strlen(at) + 1;
	att_set_fixed(v, at);
}

static void decide(struct att_report *r, enum att_check_no c, enum att_outcome o)
{
	if (ATT_MUTATION != 0 && (int)c + 1 == ATT_MUTATION && o == ATT_FAIL)
		o = ATT_PASS;
	r->rec[c].outcome = (uint8_t)o;
}

void att_pass(struct att_report *r, enum att_check_no c)
{
	decide(r, c, ATT_PASS);
}

void att_warn(struct att_report *r, enum att_check_no c)
{
	decide(r, c, ATT_WARN);
}

void att_failed(struct att_report *r, enum att_check_no c)
{
	decide(r, c, ATT_FAIL);
}

void att_judge(struct att_report *r, enum att_check_no c, bool ok)
{
	decide(r, c, ok ? ATT_PASS : ATT_FAIL);
}

void att_not_applicable(struct att_report *r, enum att_check_no c)
{
	r->rec[c].outcome = ATT_NOT_RUN;
	r->rec[c].waits_for = CK_COUNT;
}

bool att_blocks(const struct att_report *r, enum att_check_no c)
{
	return r->rec[c].outcome == ATT_FAIL ||
	       (r->rec[c].outcome == ATT_NOT_RUN && r->rec[c].waits_for != CK_COUNT);
}

void att_report_close(struct att_report *r, enum att_check_no first)
{
	for (int c = 0; c < CK_COUNT; c++) {
		if (r->rec[c].outcome != 0)
			continue;
		r->rec[c].outcome = ATT_NOT_RUN;
		r->rec[c].waits_for = (uint8_t)first;
	}
}

void att_report_reset(struct att_report *r, int64_t now)
{
	att_facts_release(&r->facts);
	for (int c = 0; c < CK_COUNT; c++) {
		r->rec[c].outcome = 0;
		r->rec[c].waits_for = CK_COUNT;
		r->rec[c].rc = ATT_OK;
		r->rec[c].mendable = false;
		r->rec[c].expected.kind = ATT_V_NONE;
		r->rec[c].seen.kind = ATT_V_NONE;
	}
	memset(&r->facts, 0, offsetof(struct att_facts, advisories));
	r->facts.time = now;
	r->facts.collateral.tcb_evaluation = -1;
	r->facts.collateral.qe_evaluation = -1;
	r->facts.collateral.root_crl_number = -1;
	r->facts.collateral.pck_crl_number = -1;
	r->shortfall.known = false;
	r->texts_len = 0;
	r->next_free = NULL;
}

void att_facts_copy(struct att_facts *dst, const struct att_facts *src)
{
	memcpy(dst, src,
	       offsetof(struct att_facts, advisories) +
		   src->tcb.advisory_count * sizeof(src->advisories[0]));
	dst->tcb.advisories = dst->advisories;
	att_compiled_ref(dst->compiled);
}

void att_facts_release(struct att_facts *f)
{
	att_compiled_unref(f->compiled);
	f->compiled = NULL;
}

static bool mendable(const struct att_report *r, enum att_check_no c)
{
	return checks[c].collateral || r->rec[c].mendable;
}

enum att_check_no att_report_decisive(const struct att_report *r)
{
	enum att_check_no first = CK_COUNT;

	for (int c = 0; c < CK_COUNT; c++) {
		if (r->rec[c].outcome != ATT_FAIL)
			continue;
		if (!mendable(r, (enum att_check_no)c))
			return (enum att_check_no)c;
		if (first == CK_COUNT)
			first = (enum att_check_no)c;
	}
	return first;
}

static void render(const struct att_value *v, char *out, size_t room)
{
	char from[ATT_TIME_TEXT], to[ATT_TIME_TEXT];

	out[0] = '\0';
	switch ((enum att_value_kind)v->kind) {
	case ATT_V_NONE:
		break;
	case ATT_V_STATIC:
		snprintf(out, room, "%s", v->fixed);
		break;
	case ATT_V_UINT:
		snprintf(out, room, "%llu", (unsigned long long)v->num);
		break;
	case ATT_V_COUNT:
		snprintf(out, room, "%llu %s", (unsigned long long)v->count.num, v->count.unit);
		break;
	case ATT_V_HEX:
		att_hex_encode(att_bytes_of(v->hex, v->len), out);
		break;
	case ATT_V_TIME:
		att_time_format(v->time, from);
		snprintf(out, room, "%s", from);
		break;
	case ATT_V_RANGE:
		att_time_format(v->range.from, from);
		att_time_format(v->range.to, to);
		snprintf(out, room, "%s to %s", from, to);
		break;
	case ATT_V_LEVEL:
		att_time_format(v->level.date, from);
		if (v->level.date != 0)
			snprintf(out, room, "%s (level of %.10s)", v->level.status, from);
		else
			snprintf(out, room, "%s", v->level.status);
		break;
	}
}

/* "tdx component 2 is 3, needs 4: update the SEAM loader" */
static void render_shortfall(const struct att_shortfall *s, const char *general, char *out,
			     size_t room)
{
	const char *what = s->component.type[0] ? s->component.type : s->component.category;

	if (s->index == 16)
		snprintf(out, room,
			 "PCESVN is %u, needs %u: update the platform's PCE and have it "
			 "provisioned again",
			 s->have, s->need);
	else if (what[0])
		snprintf(out, room, "%s component %d is %u, needs %u: update %s",
			 s->tdx ? "tdx" : "sgx", s->index, s->have, s->need, what);
	else
		snprintf(out, room, "%s component %d is %u, needs %u: %s", s->tdx ? "tdx" : "sgx",
			 s->index, s->have, s->need, general);
}

size_t att_report_count(const att_report *r)
{
	(void)r;
	return CK_COUNT;
}

bool att_check_info(size_t i, struct att_check *out)
{
	if (i >= CK_COUNT)
		return false;
	*out = (struct att_check){ .id = checks[i].id,
				   .title = checks[i].title,
				   .clause = checks[i].clause,
				   .rc = checks[i].rc,
				   .collateral = checks[i].collateral,
				   .outcome = ATT_NOT_RUN };
	snprintf(out->remedy, sizeof(out->remedy), "%s", checks[i].remedy);
	return true;
}

void att_report_check(const att_report *r, size_t i, struct att_check *out)
{
	if (!att_check_info(i, out)) {
		*out = (struct att_check){ .id = "", .title = "", .clause = "" };
		return;
	}
	const struct att_record *rec = &r->rec[i];

	out->remedy[0] = '\0';
	out->collateral = mendable(r, (enum att_check_no)i);
	if (rec->rc != ATT_OK)
		out->rc = rec->rc;
	out->outcome = (enum att_outcome)rec->outcome;
	render(&rec->expected, out->expected, sizeof(out->expected));
	render(&rec->seen, out->seen, sizeof(out->seen));
	if (rec->outcome == ATT_NOT_RUN && rec->waits_for < CK_COUNT)
		out->waits_for = checks[rec->waits_for].id;
	if (rec->outcome != ATT_FAIL && rec->outcome != ATT_WARN)
		return;
	if (r->shortfall.known && (i == CK_TCB_SGX || i == CK_TCB_TDX))
		render_shortfall(&r->shortfall, checks[i].remedy, out->remedy, sizeof(out->remedy));
	else
		snprintf(out->remedy, sizeof(out->remedy), "%s", checks[i].remedy);
}

static int check_no(const char *id)
{
	for (int c = 0; c < CK_COUNT; c++)
		if (strcmp(checks[c].id, id) == 0)
			return c;
	return -1;
}

enum att_outcome att_report_outcome(const att_report *r, const char *id)
{
	int c = check_no(id);

	return c < 0 ? (enum att_outcome)0 : (enum att_outcome)r->rec[c].outcome;
}

/* A check that is neither decided nor explained can not count as held, so that a forgotten one
 * refuses. */
bool att_report_authentic(const att_report *r)
{
	for (int c = 0; c < CK_COUNT; c++) {
		bool excused = r->rec[c].outcome == ATT_NOT_RUN && r->rec[c].waits_for == CK_COUNT;

		if (!att_held(r, (enum att_check_no)c) && !excused)
			return false;
	}
	return true;
}

att_rc att_report_rc(const att_report *r)
{
	enum att_check_no c = att_report_decisive(r);

	if (c != CK_COUNT)
		return r->rec[c].rc != ATT_OK ? r->rec[c].rc : checks[c].rc;
	return att_report_authentic(r) ? ATT_OK : ATT_E_UNAVAILABLE;
}

bool att_report_collateral_only(const att_report *r)
{
	enum att_check_no c = att_report_decisive(r);

	return c != CK_COUNT && mendable(r, c);
}

const struct att_tcb *att_report_tcb(const att_report *r)
{
	return &r->facts.tcb;
}

const struct att_collateral_facts *att_report_collateral(const att_report *r)
{
	return &r->facts.collateral;
}

const struct att_platform *att_report_platform(const att_report *r)
{
	return &r->facts.platform;
}

const struct att_root_facts *att_report_root(const att_report *r)
{
	return &r->facts.root;
}

int64_t att_report_time(const att_report *r)
{
	return r->facts.time;
}

bool att_report_bound(const att_report *r)
{
	return r->facts.bound;
}

bool att_report_simulated(const att_report *r)
{
	return r->facts.root.simulated;
}

void att_report_free(att_report *r)
{
	if (!r)
		return;
	att_facts_release(&r->facts);
	free(r);
}

att_rc att_report_of_failure(const char *failed_id, const att_err *why, int64_t now,
			     att_report **out, att_err *err)
{
	*out = NULL;
	int c = check_no(failed_id);
	if (c < 0)
		return att_fail(err, ATT_E_ARG, "no check is named %s", failed_id);
	att_report *r = calloc(1, sizeof(*r));
	if (!r)
		return att_fail(err, ATT_E_NOMEM, "report: out of memory");
	att_report_reset(r, now);
	att_set_fixed(&r->rec[c].expected, "readable");
	att_set_text(r, &r->rec[c].seen, "%s", why->msg);
	r->rec[c].rc = why->rc;
	r->rec[c].outcome = ATT_FAIL;
	att_report_close(r, (enum att_check_no)c);
	*out = r;
	return ATT_OK;
}
