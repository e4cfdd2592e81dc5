/* SPDX-License-Identifier: Apache-2.0 */
/* How good is the platform: TDX module, SGX and TDX level, relaunch, convergence. */
#include <string.h>

#include "base/mem.h"
#include "verify/run.h"
#include "verify/tcb.h"

/* What level matching found; indices into the TCB info's levels. */
struct found {
	size_t sgx;
	size_t tdx;
	const struct att_tdx_module *module; /* NULL when tee_tcb_svn[1] is 0 */
};

static void take(struct att_tcb_part *part, const struct att_level *levels, size_t at)
{
	const struct att_level *l = &levels[at];

	*part = (struct att_tcb_part){ .status = l->status,
				       .date = l->date,
				       .newer_date = att_newer_date(levels, at),
				       .advisories = l->advisories.ids,
				       .advisory_count = l->advisories.count };
}

static void judge_status(struct att_report *r, enum att_check_no ck, enum att_tcb_status s,
			 int64_t date)
{
	struct att_record *rec = &r->rec[ck];

	att_set_fixed(&rec->expected, "UpToDate");
	att_set_level(&rec->seen, s, date);
	rec->rc = s == ATT_TCB_NOT_SUPPORTED ? ATT_E_UNSUPPORTED : ATT_E_REVOKED;
	if (s == ATT_TCB_REVOKED || s == ATT_TCB_NOT_SUPPORTED)
		att_failed(r, ck);
	else if (s == ATT_TCB_UP_TO_DATE)
		att_pass(r, ck);
	else
		att_warn(r, ck);
}

static void qe_level(struct att_run *run)
{
	const struct att_identity *id = &run->k->qe;
	struct att_tcb_part *part = &run->r->facts.tcb.qe;

	if (!ATT_AFTER(run->r, CK_QE_LEVEL, CK_QI_KIND, CK_QE_SIGNER, CK_QE_PRODID,
		       CK_QR_SIGNATURE))
		return;
	size_t at = att_level_of_svn(id->levels, id->level_count, run->quote->qe_report.isv_svn);
	if (at == ATT_NO_LEVEL)
		part->status = ATT_TCB_NOT_SUPPORTED;
	else
		take(part, id->levels, at);
	/* "Anything else is ISVSVN_OUT_OF_DATE" (QVL verifyQuote, step 8). */
	if (at != ATT_NO_LEVEL && part->status != ATT_TCB_UP_TO_DATE &&
	    part->status != ATT_TCB_REVOKED)
		part->status = ATT_TCB_OUT_OF_DATE;
	judge_status(run->r, CK_QE_LEVEL, part->status, part->date);
	if (run->r->rec[CK_QE_LEVEL].outcome != ATT_PASS)
		att_set_text(run->r, &run->r->rec[CK_QE_LEVEL].seen,
			     "%s: isvsvn is %u, newest level is %u",
			     att_tcb_status_name(part->status), run->quote->qe_report.isv_svn,
			     id->levels[0].isv_svn);
}

static void module_identity(struct att_run *run, struct found *f)
{
	const struct att_td_body *td = &run->claims->td;
	struct att_record *rec = &run->r->rec[CK_TM_IDENTITY];

	if (td->tee_tcb_svn[1] == 0) {
		att_not_applicable(run->r, CK_TM_IDENTITY);
		att_set_fixed(&rec->seen,
			      "module version 0: judged by the platform's TDX components");
		return;
	}
	att_set_count(&rec->expected, td->tee_tcb_svn[1], "is listed as a module version");
	f->module = att_module_of(&run->k->tcb, td->tee_tcb_svn[1]);
	att_set_fixed(&rec->seen, f->module ? f->module->id : "not in the TCB info");
	att_judge(run->r, CK_TM_IDENTITY, f->module != NULL);
}

static void module_fields(struct att_run *run, const struct att_tdx_module *m)
{
	const struct att_td_body *td = &run->claims->td;
	struct att_report *r = run->r;

	att_set_hex(&r->rec[CK_TM_SIGNER].expected, m->mr_signer, sizeof(m->mr_signer));
	att_set_hex(&r->rec[CK_TM_SIGNER].seen, td->mr_signer_seam, sizeof(td->mr_signer_seam));
	att_judge(r, CK_TM_SIGNER,
		  memcmp(m->mr_signer, td->mr_signer_seam, sizeof(m->mr_signer)) == 0);
	/* Intel QVL ignores attributesMask: all zero, and equal. */
	att_set_hex(&r->rec[CK_TM_ATTRIBUTES].expected, m->attributes, sizeof(m->attributes));
	att_set_hex(&r->rec[CK_TM_ATTRIBUTES].seen, td->seam_attributes,
		    sizeof(td->seam_attributes));
	att_judge(r, CK_TM_ATTRIBUTES,
		  att_all_zero(att_bytes_of(td->seam_attributes, sizeof(td->seam_attributes))) &&
		      memcmp(m->attributes, td->seam_attributes, sizeof(m->attributes)) == 0);
}

static void module(struct att_run *run, struct found *f)
{
	static const enum att_check_no all[] = { CK_TM_IDENTITY, CK_TM_SIGNER, CK_TM_ATTRIBUTES,
						 CK_TM_LEVEL };
	struct att_report *r = run->r;
	struct att_tcb_part *part = &r->facts.tcb.module;

	if (run->claims->kind != ATT_KIND_TDX_QUOTE) {
		for (size_t i = 0; i < ATT_COUNT(all); i++)
			att_not_applicable(r, all[i]);
		return;
	}
	bool ready = true;
	for (size_t i = 0; i < ATT_COUNT(all); i++)
		ready = ATT_AFTER(r, all[i], CK_TI_KIND, CK_Q_SIGNATURE) && ready;
	if (!ready)
		return;
	module_identity(run, f);
	bool known = r->rec[CK_TM_IDENTITY].outcome != ATT_FAIL;
	if (known)
		module_fields(run, f->module ? f->module : &run->k->tcb.module);
	if (!f->module) {
		for (size_t i = 1; i < ATT_COUNT(all) && !known; i++)
			(void)ATT_AFTER(r, all[i], CK_TM_IDENTITY);
		if (known)
			att_not_applicable(r, CK_TM_LEVEL);
		return;
	}
	size_t at = att_level_of_svn(f->module->levels, f->module->level_count,
				     run->claims->td.tee_tcb_svn[0]);
	if (at == ATT_NO_LEVEL)
		part->status = ATT_TCB_NOT_SUPPORTED;
	else
		take(part, f->module->levels, at);
	judge_status(r, CK_TM_LEVEL, part->status, part->date);
	if (r->rec[CK_TM_LEVEL].outcome != ATT_PASS)
		att_set_text(r, &r->rec[CK_TM_LEVEL].seen,
			     "%s: module svn is %u, newest level is %u",
			     att_tcb_status_name(part->status), run->claims->td.tee_tcb_svn[0],
			     f->module->levels[0].isv_svn);
}

/* The first component in which the platform is below a level; false when it is below in none. */
static bool shortfall(struct att_run *run, const struct att_level *want, bool tdx)
{
	const struct att_platform *p = &run->r->facts.platform;
	const uint8_t *have = tdx ? run->claims->td.tee_tcb_svn : p->components;
	const uint8_t *need = tdx ? want->tdx : want->sgx;
	struct att_shortfall *s = &run->r->shortfall;

	for (int i = tdx && have[1] > 0 ? 2 : 0; i < 16; i++) {
		if (have[i] >= need[i])
			continue;
		*s = (struct att_shortfall){ .known = true,
					     .tdx = tdx,
					     .index = i,
					     .have = have[i],
					     .need = need[i],
					     .component = tdx ? run->k->tcb.tdx_components[i]
							      : run->k->tcb.sgx_components[i] };
		return true;
	}
	if (tdx || p->pce_svn >= want->pce_svn)
		return false;
	*s = (struct att_shortfall){
		.known = true, .index = 16, .have = p->pce_svn, .need = want->pce_svn
	};
	return true;
}

static void search(const struct att_run *run, struct found *f)
{
	const struct att_tcbinfo *t = &run->k->tcb;
	bool tdx = run->claims->kind == ATT_KIND_TDX_QUOTE;

	for (size_t i = 0; i < t->level_count; i++) {
		if (!att_level_reached_sgx(&t->levels[i], &run->r->facts.platform))
			continue;
		if (f->sgx == ATT_NO_LEVEL)
			f->sgx = i;
		if (!tdx)
			return;
		if (att_level_reached_tdx(&t->levels[i], run->claims->td.tee_tcb_svn)) {
			f->tdx = i;
			return;
		}
	}
}

static void name_shortfall(struct att_report *r, struct att_value *v)
{
	const struct att_shortfall *s = &r->shortfall;

	if (s->index == 16)
		att_set_text(r, v, "NotSupported: PCESVN is %u, the lowest level needs %u", s->have,
			     s->need);
	else
		att_set_text(r, v, "NotSupported: %s component %d is %u, the lowest level needs %u",
			     s->tdx ? "tdx" : "sgx", s->index, s->have, s->need);
}

/* One level's row. Without a match the lowest level says what is missing, with one that is not
 * current the highest. */
static void judge_level(struct att_run *run, enum att_check_no ck, size_t at, bool tdx)
{
	const struct att_tcbinfo *t = &run->k->tcb;
	struct att_record *rec = &run->r->rec[ck];
	bool none = at == ATT_NO_LEVEL;
	enum att_tcb_status s = none ? ATT_TCB_NOT_SUPPORTED : t->levels[at].status;

	judge_status(run->r, ck, s, none ? 0 : t->levels[at].date);
	if (s == ATT_TCB_UP_TO_DATE || run->r->shortfall.known)
		return;
	if (shortfall(run, &t->levels[none ? t->level_count - 1 : 0], tdx) && none)
		name_shortfall(run->r, &rec->seen);
}

static void levels(struct att_run *run, struct found *f)
{
	struct att_report *r = run->r;
	struct att_tcb_part *part = &r->facts.tcb.platform;
	bool tdx = run->claims->kind == ATT_KIND_TDX_QUOTE;

	bool sgx_ready = ATT_AFTER(r, CK_TCB_SGX, CK_TI_KIND, CK_TI_FMSPC, CK_TI_PCEID);
	bool tdx_ready =
	    tdx && ATT_AFTER(r, CK_TCB_TDX, CK_TI_KIND, CK_TI_FMSPC, CK_TI_PCEID, CK_Q_SIGNATURE);
	if (!tdx)
		att_not_applicable(r, CK_TCB_TDX);
	if (!sgx_ready)
		return;
	search(run, f);
	/* For a TD the TDX level decides, so it explains first. */
	if (tdx_ready) {
		judge_level(run, CK_TCB_TDX, f->tdx, f->sgx != ATT_NO_LEVEL);
		part->status = ATT_TCB_NOT_SUPPORTED;
	}
	judge_level(run, CK_TCB_SGX, f->sgx, false);
	/* Of a TD the SGX level only has to exist: the TDX level's status is what counts (dcap.md
	 * 3.6). */
	if (tdx && f->sgx != ATT_NO_LEVEL && !att_held(r, CK_TCB_SGX))
		att_warn(r, CK_TCB_SGX);
	if (tdx && !tdx_ready)
		return;
	size_t decides = tdx ? f->tdx : f->sgx;
	if (decides == ATT_NO_LEVEL)
		part->status = ATT_TCB_NOT_SUPPORTED;
	else
		take(part, run->k->tcb.levels, decides);
}

/* Would a relaunch mend an out-of-date TD? TDX 1.5 reports say what module runs now (dcap.md 3.6,
 * "TD relaunch"). */
static bool relaunch_helps(struct att_run *run, const struct found *f,
			   enum att_tcb_status converged, bool *unknown)
{
	const struct att_td_body *td = &run->claims->td;
	const struct att_tcb *tcb = &run->r->facts.tcb;
	const struct att_level *newest = &run->k->tcb.levels[0];
	enum att_tcb_status sgx = run->k->tcb.levels[f->sgx].status;
	const uint8_t *now = td->tee_tcb_svn2;

	*unknown = false;
	bool sgx_good = sgx == ATT_TCB_UP_TO_DATE || sgx == ATT_TCB_SW_HARDENING_NEEDED ||
			sgx == ATT_TCB_CONFIGURATION_NEEDED ||
			sgx == ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED;
	bool old = converged == ATT_TCB_OUT_OF_DATE ||
		   converged == ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
	if (tcb->qe.status != ATT_TCB_UP_TO_DATE || !sgx_good || !old ||
	    tcb->module.status != ATT_TCB_OUT_OF_DATE)
		return false;
	if (now[1] == 0)
		return now[0] >= newest->tdx[0] && now[2] >= newest->tdx[2];
	const struct att_tdx_module *m = att_module_of(&run->k->tcb, now[1]);
	*unknown = m == NULL;
	return m && now[0] >= m->levels[0].isv_svn && now[2] >= newest->tdx[2];
}

static enum att_tcb_status relaunch(struct att_run *run, const struct found *f,
				    enum att_tcb_status s)
{
	struct att_record *rec = &run->r->rec[CK_TCB_RELAUNCH];
	bool unknown;

	if (run->claims->kind != ATT_KIND_TDX_QUOTE || !run->claims->td.has_15) {
		att_not_applicable(run->r, CK_TCB_RELAUNCH);
		return s;
	}
	bool helps = relaunch_helps(run, f, s, &unknown);
	att_set_fixed(&rec->expected, "no");
	if (unknown) {
		att_set_text(run->r, &rec->seen,
			     "the module now running, TDX_%02X, is not in the TCB info",
			     run->claims->td.tee_tcb_svn2[1]);
		att_failed(run->r, CK_TCB_RELAUNCH);
		return s;
	}
	att_set_fixed(&rec->seen, helps ? "yes: the module now running is current" : "no");
	if (!helps) {
		att_pass(run->r, CK_TCB_RELAUNCH);
		return s;
	}
	att_warn(run->r, CK_TCB_RELAUNCH);
	bool configuration = att_status_needs_configuration(run->k->tcb.levels[f->sgx].status) ||
			     att_status_needs_configuration(s);
	return configuration ? ATT_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
			     : ATT_TCB_TD_RELAUNCH_ADVISED;
}

static void add_advisories(struct att_facts *f, const struct att_tcb_part *part)
{
	for (size_t i = 0; i < part->advisory_count; i++) {
		const char *id = part->advisories[i];
		size_t at = f->tcb.advisory_count;

		while (at > 0 && strcmp(f->advisories[at - 1], id) > 0)
			at--;
		if (at > 0 && strcmp(f->advisories[at - 1], id) == 0)
			continue;
		memmove(&f->advisories[at + 1], &f->advisories[at],
			(f->tcb.advisory_count - at) * sizeof(id));
		f->advisories[at] = id;
		f->tcb.advisory_count++;
	}
	f->tcb.advisories = f->advisories;
}

/* Intel QVL's order: level and module, then relaunch, then the QE; Revoked ends it (dcap.md
 * 3.6). */
static void converge(struct att_run *run, const struct found *f)
{
	struct att_report *r = run->r;
	struct att_tcb *tcb = &r->facts.tcb;
	bool tdx = run->claims->kind == ATT_KIND_TDX_QUOTE;
	bool ready = ATT_AFTER(r, CK_TCB_STATUS, CK_QE_LEVEL) || tcb->qe.status != ATT_TCB_NONE;

	if (att_blocks(r, CK_TM_IDENTITY))
		ready = ATT_AFTER(r, CK_TCB_STATUS, CK_TM_IDENTITY);
	if (!ready || tcb->platform.status == ATT_TCB_NONE) {
		(void)ATT_AFTER(r, CK_TCB_RELAUNCH, CK_TCB_STATUS);
		if (ready)
			(void)ATT_AFTER(r, CK_TCB_STATUS, tdx ? CK_TCB_TDX : CK_TCB_SGX);
		return;
	}
	enum att_tcb_status s = tcb->platform.status;
	if (tcb->module.status != ATT_TCB_NONE)
		s = att_converge(s, tcb->module.status);
	if (s == ATT_TCB_REVOKED || s == ATT_TCB_NOT_SUPPORTED)
		att_not_applicable(r, CK_TCB_RELAUNCH);
	else
		s = relaunch(run, f, s);
	if (!tdx || s != ATT_TCB_REVOKED)
		s = att_converge(s, tcb->qe.status);
	tcb->status = s;
	judge_status(r, CK_TCB_STATUS, s, 0);
}

void att_check_tcb(struct att_run *run)
{
	struct found f = { .sgx = ATT_NO_LEVEL, .tdx = ATT_NO_LEVEL };

	qe_level(run);
	module(run, &f);
	levels(run, &f);
	converge(run, &f);
	add_advisories(&run->r->facts, &run->r->facts.tcb.platform);
	add_advisories(&run->r->facts, &run->r->facts.tcb.module);
	add_advisories(&run->r->facts, &run->r->facts.tcb.qe);
}
