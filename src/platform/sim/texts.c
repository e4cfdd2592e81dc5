/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/texts.h"

#include <stdio.h>
#include <string.h>

#include "codec/json.h"
#include "platform/sim/levels.h"
#include "platform/sim/pki.h"
#include "platform/sim/quote.h"

#define COMPONENTS   16
#define LEVEL_AGE    (180 * ATT_SIM_DAY)
#define OLD_ADVISORY "SIM-SA-00001"

static const uint8_t all_ones[16] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};
static const uint8_t zeros[48];

/* What updates a component, in Intel's words; most components have none. */
struct component_text {
	const char *category;
	const char *type;
};
static const struct component_text sgx_texts[COMPONENTS] = {
	{ "BIOS", "Early Microcode Update" },
	{ "OS/VMM", "SGX Late Microcode Update" },
	{ "OS/VMM", "TXT SINIT" },
	{ "BIOS", NULL },
};
static const struct component_text tdx_texts[COMPONENTS] = {
	{ "OS/VMM", "TDX Module" },
	{ "OS/VMM", "TDX Module" },
	{ "OS/VMM", "TDX Late Microcode Update" },
};

static const struct {
	const char *id;
	unsigned prod_id;
	unsigned svn;
} enclaves[] = {
	[ATT_SIM_ID_QE] = { "QE", ATT_SIM_QE_PROD_ID, ATT_SIM_QE_SVN },
	[ATT_SIM_ID_TD_QE] = { "TD_QE", ATT_SIM_TD_QE_PROD_ID, ATT_SIM_TD_QE_SVN },
	[ATT_SIM_ID_QVE] = { "QVE", ATT_SIM_QVE_PROD_ID, ATT_SIM_QVE_SVN },
	[ATT_SIM_ID_QAE] = { "QAE", ATT_SIM_QAE_PROD_ID, ATT_SIM_QAE_SVN },
};

void att_sim_levels_usual(int64_t now, struct att_sim_levels *out)
{
	int64_t first = now - LEVEL_AGE, second = now - 2 * LEVEL_AGE;

	*out = (struct att_sim_levels){
		.at = { { 0, ATT_TCB_UP_TO_DATE, first - first % ATT_SIM_DAY },
			{ -1, ATT_TCB_OUT_OF_DATE, second - second % ATT_SIM_DAY } },
		.count = 2,
	};
}

static void member_int(att_jsonw *w, const char *name, int64_t v)
{
	att_jw_name(w, name);
	att_jw_int(w, v);
}

static void member_str(att_jsonw *w, const char *name, const char *s)
{
	att_jw_name(w, name);
	att_jw_str(w, s);
}

static void member_time(att_jsonw *w, const char *name, int64_t t)
{
	att_jw_name(w, name);
	att_jw_time(w, t);
}

static void member_hex(att_jsonw *w, const char *name, const void *p, size_t len)
{
	att_jw_name(w, name);
	att_jw_hex(w, att_bytes_of(p, len));
}

static void head(att_jsonw *w, const char *id, int version, const struct att_sim_issue *issue)
{
	att_jw_object(w);
	if (id)
		member_str(w, "id", id);
	member_int(w, "version", version);
	member_time(w, "issueDate", issue->issued);
	member_time(w, "nextUpdate", issue->next_update);
}

static void components(att_jsonw *w, const char *name, const uint8_t svn[static COMPONENTS],
		       const struct component_text text[static COMPONENTS])
{
	att_jw_name(w, name);
	att_jw_array(w);
	for (int i = 0; i < COMPONENTS; i++) {
		att_jw_object(w);
		member_int(w, "svn", svn[i]);
		if (text[i].category)
			member_str(w, "category", text[i].category);
		if (text[i].type)
			member_str(w, "type", text[i].type);
		att_jw_end_object(w);
	}
	att_jw_end_array(w);
}

static void components_v2(att_jsonw *w, const uint8_t svn[static COMPONENTS])
{
	for (int i = 0; i < COMPONENTS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "sgxtcbcomp%02dsvn", i + 1);
		member_int(w, name, svn[i]);
	}
}

static void begin_level(att_jsonw *w)
{
	att_jw_object(w);
	att_jw_name(w, "tcb");
	att_jw_object(w);
}

/* The members behind "tcb". */
static void end_level(att_jsonw *w, const struct att_sim_level *level)
{
	att_jw_end_object(w);
	member_time(w, "tcbDate", level->date);
	member_str(w, "tcbStatus", att_tcb_status_name(level->status));
	if (level->status != ATT_TCB_UP_TO_DATE) {
		att_jw_name(w, "advisoryIDs");
		att_jw_array(w);
		att_jw_str(w, OLD_ADVISORY);
		att_jw_end_array(w);
	}
	att_jw_end_object(w);
}

static void isv_levels(att_jsonw *w, unsigned own, const struct att_sim_levels *levels)
{
	att_jw_name(w, "tcbLevels");
	att_jw_array(w);
	for (size_t i = 0; i < levels->count; i++) {
		begin_level(w);
		member_int(w, "isvsvn", (int64_t)own + levels->at[i].above);
		end_level(w, &levels->at[i]);
	}
	att_jw_end_array(w);
}

static void platform_levels(att_jsonw *w, const struct att_sim_tcb_info *t)
{
	att_jw_name(w, "tcbLevels");
	att_jw_array(w);
	for (size_t i = 0; i < t->levels.count; i++) {
		const struct att_sim_level *level = &t->levels.at[i];
		uint8_t sgx[COMPONENTS];
		uint8_t tdx[COMPONENTS] = { ATT_SIM_MODULE_SVN, 0,
					    (uint8_t)(ATT_SIM_SEAM_LOADER + level->above) };

		memset(sgx, ATT_SIM_COMPONENT_SVN + level->above, sizeof(sgx));
		begin_level(w);
		if (t->version == 2)
			components_v2(w, sgx);
		else
			components(w, "sgxtcbcomponents", sgx, sgx_texts);
		member_int(w, "pcesvn", ATT_SIM_PCE_SVN + level->above);
		if (t->tdx)
			components(w, "tdxtcbcomponents", tdx, tdx_texts);
		end_level(w, level);
	}
	att_jw_end_array(w);
}

/* Signer, attributes and mask of a TDX module: Intel's are zero too. */
static void module_members(att_jsonw *w, bool other_signer)
{
	uint8_t signer[48] = { other_signer ? 0x5a : 0 };

	member_hex(w, "mrsigner", signer, sizeof(signer));
	member_hex(w, "attributes", zeros, 8);
	member_hex(w, "attributesMask", all_ones, 8);
}

static void modules(att_jsonw *w, const struct att_sim_tcb_info *t)
{
	char id[16];

	snprintf(id, sizeof(id), "TDX_%02X", ATT_SIM_MODULE_VERSION + (t->module_unknown ? 1u : 0));
	att_jw_name(w, "tdxModule");
	att_jw_object(w);
	module_members(w, t->module_other_signer);
	att_jw_end_object(w);
	att_jw_name(w, "tdxModuleIdentities");
	att_jw_array(w);
	att_jw_object(w);
	member_str(w, "id", id);
	module_members(w, t->module_other_signer);
	isv_levels(w, ATT_SIM_MODULE_SVN, &t->module_levels);
	att_jw_end_object(w);
	att_jw_end_array(w);
}

void att_sim_put_tcb_info(att_buf *b, const struct att_sim_tcb_info *t)
{
	const struct att_platform *p = t->platform;
	att_jsonw w = att_jsonw_to(b, 0);

	if (t->version == 2)
		head(&w, NULL, 2, &t->issue);
	else
		head(&w, t->tdx ? "TDX" : "SGX", 3, &t->issue);
	member_hex(&w, "fmspc", p->fmspc, sizeof(p->fmspc));
	member_hex(&w, "pceId", p->pce_id, sizeof(p->pce_id));
	member_int(&w, "tcbType", 0);
	member_int(&w, "tcbEvaluationDataNumber", t->issue.evaluation);
	if (t->tdx)
		modules(&w, t);
	platform_levels(&w, t);
	att_jw_end_object(&w);
}

void att_sim_put_identity(att_buf *b, const struct att_sim_identity *t)
{
	struct att_sim_qe_facts qe;
	att_auto_buf att_buf attributes = { 0 };
	att_jsonw w = att_jsonw_to(b, 0);

	att_sim_qe_facts(t->enclave == ATT_SIM_ID_TD_QE, &qe);
	qe.mr_signer[0] ^= t->other_signer ? 0xff : 0;
	att_put_le64(&attributes, qe.attributes);
	att_put_zero(&attributes, 8);
	b->failed = b->failed || attributes.failed;
	head(&w, enclaves[t->enclave].id, 2, &t->issue);
	member_int(&w, "tcbEvaluationDataNumber", t->issue.evaluation);
	member_hex(&w, "miscselect", zeros, 4);
	member_hex(&w, "miscselectMask", all_ones, 4);
	member_hex(&w, "attributes", attributes.ptr, attributes.len);
	/* XFRM is the machine's affair: Intel's mask leaves it out too. */
	att_jw_name(&w, "attributesMask");
	att_jw_str(&w, "ffffffffffffffff0000000000000000");
	member_hex(&w, "mrsigner", qe.mr_signer, sizeof(qe.mr_signer));
	member_int(&w, "isvprodid", enclaves[t->enclave].prod_id);
	isv_levels(&w, enclaves[t->enclave].svn, &t->levels);
	att_jw_end_object(&w);
}

void att_sim_put_evaluation_numbers(att_buf *b, bool tdx, const struct att_sim_issue *issue,
				    const struct att_sim_recovery *recoveries, size_t count)
{
	att_jsonw w = att_jsonw_to(b, 0);

	head(&w, tdx ? "TDX" : "SGX", 1, issue);
	att_jw_name(&w, "tcbEvalNumbers");
	att_jw_array(&w);
	for (size_t i = 0; i < count; i++) {
		att_jw_object(&w);
		member_int(&w, "tcbEvaluationDataNumber", recoveries[i].evaluation);
		member_time(&w, "tcbRecoveryEventDate", recoveries[i].date);
		member_time(&w, "tcbDate", recoveries[i].date);
		att_jw_end_object(&w);
	}
	att_jw_end_array(&w);
	att_jw_end_object(&w);
}
