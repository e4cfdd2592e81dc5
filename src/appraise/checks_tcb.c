/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on the platform: TCB status and dates, advisories, collateral, hardware, root. */
#include <string.h>

#include "appraise/checks.h"
#include "base/civil.h"

uint64_t att_status_bit(enum att_tcb_status s)
{
	return s > ATT_TCB_NONE && s < ATT_TCB_REVOKED ? UINT64_C(1) << (s - ATT_TCB_UP_TO_DATE)
						       : 0;
}

static const struct att_tcb_part *part_of(const struct att_tcb *tcb, size_t i)
{
	return i == 0 ? &tcb->platform : i == 1 ? &tcb->module : &tcb->qe;
}

#define PARTS 3u

static const char *const part_names[PARTS] = { "platform", "module", "QE" };

/* When the first level came out that is newer than what the platform has: the earliest over the
 * parts whose own status is not accepted anyway; over all of them where convergence alone made
 * the status. 0: no part has a newer level. */
static int64_t outdated_since(const struct att_tcb *tcb, uint64_t accepted)
{
	int64_t blamed = 0, any = 0;

	for (size_t i = 0; i < PARTS; i++) {
		const struct att_tcb_part *p = part_of(tcb, i);
		if (p->status == ATT_TCB_NONE || p->newer_date == 0)
			continue;
		if (any == 0 || p->newer_date < any)
			any = p->newer_date;
		if (att_status_bit(p->status) & accepted)
			continue;
		if (blamed == 0 || p->newer_date < blamed)
			blamed = p->newer_date;
	}
	return blamed ? blamed : any;
}

/* True when grace covers the status; else why->seen says what kept it from doing so. */
static bool grace_covers(const struct att_term *grace, uint64_t accepted,
			 const struct att_subject *s, struct att_reason *why)
{
	const char *status = att_tcb_status_name(s->tcb->status);
	char since_text[ATT_TIME_TEXT], period[ATT_DURATION_TEXT];

	if (!grace->set || !(grace->bits & att_status_bit(s->tcb->status)))
		return att_seen(why, "%s", status ? status : "none");
	int64_t since = outdated_since(s->tcb, accepted);
	if (since == 0)
		return att_seen(why, "%s, and no newer level to count grace from", status);
	int64_t now = att_verdict_time(s->verdict);
	if (now - since <= grace->num)
		return true;
	att_time_format(since, since_text);
	att_duration_format(grace->num, period);
	return att_seen(why, "%s, and the grace of %s since %s is over", status, period,
			since_text);
}

bool att_check_tcb_status(const struct att_member *m, const struct att_term *t,
			  const struct att_subject *s, struct att_reason *why)
{
	uint64_t accepted = t->bits;
	char names[300];

	if (accepted & att_status_bit(s->tcb->status))
		return true;
	if (grace_covers(&s->alt->term[ATT_M_GRACE], accepted, s, why))
		return true;
	att_names_format(m->names, accepted, names, sizeof(names));
	return att_expect(why, "%s", names);
}

bool att_check_min_tcb_date(const struct att_member *m, const struct att_term *t,
			    const struct att_subject *s, struct att_reason *why)
{
	char text[ATT_TIME_TEXT];
	const char *who = NULL;
	int64_t oldest = 0;

	(void)m;
	for (size_t i = 0; i < PARTS; i++) {
		const struct att_tcb_part *p = part_of(s->tcb, i);
		if (p->status != ATT_TCB_NONE && (!who || p->date < oldest)) {
			oldest = p->date;
			who = part_names[i];
		}
	}
	if (who && oldest != 0 && oldest >= t->num)
		return true;
	att_time_format(t->num, text);
	att_expect(why, "%s or later", text);
	if (!who || oldest == 0)
		return att_seen(why, "no TCB date");
	att_time_format(oldest, text);
	return att_seen(why, "%s (%s)", text, who);
}

static bool listed(const struct att_term *t, const char *id)
{
	size_t at = 0;

	for (const char *s = att_term_text(t, &at); s; s = att_term_text(t, &at)) {
		if (strcmp(s, id) == 0)
			return true;
	}
	return false;
}

/* The verdict's advisories whose being in the list is `in`, as many as fit. Returns how many
 * there are. */
static size_t advisories_where(const struct att_term *t, const struct att_tcb *tcb, bool in,
			       struct att_reason *why)
{
	size_t count = 0, at = 0;

	for (size_t i = 0; i < tcb->advisory_count; i++) {
		const char *id = tcb->advisories[i];
		if (listed(t, id) != in)
			continue;
		size_t len = strlen(id);
		if (at + len + 32 < sizeof(why->seen)) {
			if (at) {
				memcpy(why->seen + at, ", ", 2);
				at += 2;
			}
			memcpy(why->seen + at, id, len + 1);
			at += len;
		} else if (why->seen[at] == '\0' && at + 6 < sizeof(why->seen)) {
			memcpy(why->seen + at, ", …", sizeof(", …"));
		}
		count++;
	}
	return count;
}

bool att_check_advisories_allowed(const struct att_member *m, const struct att_term *t,
				  const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	if (advisories_where(t, s->tcb, false, why) == 0)
		return true;
	return att_expect(why, "no advisory outside the list of %zu", t->count);
}

bool att_check_advisories_refused(const struct att_member *m, const struct att_term *t,
				  const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	if (advisories_where(t, s->tcb, true, why) == 0)
		return true;
	return att_expect(why, "no advisory of the list of %zu", t->count);
}

bool att_get_tcb_evaluation(const struct att_subject *s, int64_t *out, struct att_reason *why)
{
	*out = att_verdict_collateral(s->verdict)->tcb_evaluation;
	return *out >= 0 ? true : att_seen(why, "unknown");
}

bool att_get_qe_evaluation(const struct att_subject *s, int64_t *out, struct att_reason *why)
{
	*out = att_verdict_collateral(s->verdict)->qe_evaluation;
	return *out >= 0 ? true : att_seen(why, "unknown");
}

/* The root CA CRL is left out: Intel issues it about once a year, so that any useful limit would
 * refuse it. */
bool att_check_collateral_age(const struct att_member *m, const struct att_term *t,
			      const struct att_subject *s, struct att_reason *why)
{
	const struct att_collateral_facts *c = att_verdict_collateral(s->verdict);
	const struct {
		const char *name;
		int64_t issued;
	} items[] = {
		{ "TCB info", c->tcb_info_issue },
		{ "QE identity", c->qe_identity_issue },
		{ "PCK CRL", c->pck_crl_this_update },
	};
	char text[ATT_TIME_TEXT], limit[ATT_DURATION_TEXT];
	size_t oldest = 0;

	(void)m;
	for (size_t i = 1; i < sizeof(items) / sizeof(items[0]); i++) {
		if (items[i].issued < items[oldest].issued)
			oldest = i;
	}
	int64_t issued = items[oldest].issued;
	if (issued != 0 && att_verdict_time(s->verdict) - issued <= t->num)
		return true;
	att_duration_format(t->num, limit);
	att_expect(why, "at most %s old", limit);
	if (issued == 0)
		return att_seen(why, "%s without a date", items[oldest].name);
	att_time_format(issued, text);
	return att_seen(why, "%s of %s", items[oldest].name, text);
}

bool att_get_fmspc(const struct att_subject *s, att_bytes *out, struct att_reason *why)
{
	if (!s->platform->present)
		return att_seen(why, "no PCK certificate");
	*out = att_bytes_of(s->platform->fmspc, sizeof(s->platform->fmspc));
	return true;
}

bool att_get_instance_id(const struct att_subject *s, att_bytes *out, struct att_reason *why)
{
	if (!s->platform->present || !s->platform->has_instance_id)
		return att_seen(why, "none in the PCK certificate");
	*out = att_bytes_of(s->platform->instance_id, sizeof(s->platform->instance_id));
	return true;
}

bool att_get_root(const struct att_subject *s, att_bytes *out, struct att_reason *why)
{
	const struct att_root_facts *root = att_verdict_root(s->verdict);

	if (!root->present)
		return att_seen(why, "no root");
	*out = att_bytes_of(root->key_sha256, sizeof(root->key_sha256));
	return true;
}

bool att_check_sgx_type(const struct att_member *m, const struct att_term *t,
			const struct att_subject *s, struct att_reason *why)
{
	size_t known = 0;
	char names[100];

	while (m->names[known])
		known++;
	uint8_t type = s->platform->sgx_type;
	bool there = s->platform->present && type < known;
	if (there && t->bits >> type & 1)
		return true;
	att_names_format(m->names, t->bits, names, sizeof(names));
	att_expect(why, "%s", names);
	if (!s->platform->present)
		return att_seen(why, "no PCK certificate");
	return there ? att_seen(why, "%s", m->names[type]) : att_seen(why, "type %u", type);
}

/* A demand that the certificate does not speak of (a Processor CA's has no such fields) is not
 * met. */
static bool must_be_false(enum att_tri seen, const char *expected, const char *otherwise,
			  struct att_reason *why)
{
	if (seen == ATT_FALSE)
		return true;
	att_expect(why, "%s", expected);
	return att_seen(why, "%s",
			seen == ATT_TRUE ? otherwise : "unknown: the PCK certificate does not say");
}

static enum att_tri known(const struct att_subject *s, enum att_tri t)
{
	return s->platform->present ? t : ATT_UNKNOWN;
}

bool att_check_smt(const struct att_member *m, const struct att_term *t,
		   const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	(void)t;
	return must_be_false(known(s, s->platform->smt_enabled), "off", "on", why);
}

bool att_check_dynamic_platform(const struct att_member *m, const struct att_term *t,
				const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	(void)t;
	return must_be_false(known(s, s->platform->dynamic_platform), "false", "true", why);
}

bool att_check_cached_keys(const struct att_member *m, const struct att_term *t,
			   const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	(void)t;
	return must_be_false(known(s, s->platform->cached_keys), "false", "true", why);
}

bool att_check_simulated(const struct att_member *m, const struct att_term *t,
			 const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	if (t->num || !att_verdict_simulated(s->verdict))
		return true;
	att_expect(why, "a real platform");
	return att_seen(why, "a simulated one");
}
