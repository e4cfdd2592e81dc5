/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/collateral.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/json.h"
#include "platform/sim/levels.h"
#include "platform/sim/quote.h"

#define COMPONENTS   16
#define EVALUATION   17
#define ISSUED       ATT_SIM_DAY
#define NEXT_UPDATE  (30 * ATT_SIM_DAY)
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

/* The members behind "tcb", `steps` levels below the newest; ends the level. */
static void end_level(att_jsonw *w, int64_t now, unsigned steps)
{
	int64_t date = now - (steps + 1) * LEVEL_AGE;

	att_jw_end_object(w);
	member_time(w, "tcbDate", date - date % ATT_SIM_DAY);
	member_str(w, "tcbStatus", steps == 0 ? "UpToDate" : "OutOfDate");
	if (steps > 0) {
		att_jw_name(w, "advisoryIDs");
		att_jw_array(w);
		att_jw_str(w, OLD_ADVISORY);
		att_jw_end_array(w);
	}
	att_jw_end_object(w);
}

static void begin_level(att_jsonw *w)
{
	att_jw_object(w);
	att_jw_name(w, "tcb");
	att_jw_object(w);
}

static void isv_levels(att_jsonw *w, int64_t now, unsigned newest)
{
	att_jw_name(w, "tcbLevels");
	att_jw_array(w);
	for (unsigned steps = 0; steps < 2; steps++) {
		begin_level(w);
		member_int(w, "isvsvn", newest - steps);
		end_level(w, now, steps);
	}
	att_jw_end_array(w);
}

static void platform_levels(att_jsonw *w, const struct att_sim_collateral_of *of)
{
	att_jw_name(w, "tcbLevels");
	att_jw_array(w);
	for (unsigned steps = 0; steps < 2; steps++) {
		uint8_t sgx[COMPONENTS];
		uint8_t tdx[COMPONENTS] = { ATT_SIM_MODULE_SVN, 0,
					    (uint8_t)(ATT_SIM_SEAM_LOADER - steps) };

		memset(sgx, (int)(ATT_SIM_COMPONENT_SVN - steps), sizeof(sgx));
		begin_level(w);
		components(w, "sgxtcbcomponents", sgx, sgx_texts);
		member_int(w, "pcesvn", ATT_SIM_PCE_SVN - steps);
		if (of->tdx)
			components(w, "tdxtcbcomponents", tdx, tdx_texts);
		end_level(w, of->now, steps);
	}
	att_jw_end_array(w);
}

/* Signer, attributes and mask of a TDX module: Intel's are zero too. */
static void module_members(att_jsonw *w)
{
	member_hex(w, "mrsigner", zeros, 48);
	member_hex(w, "attributes", zeros, 8);
	member_hex(w, "attributesMask", all_ones, 8);
}

static void modules(att_jsonw *w, int64_t now)
{
	char id[16] = "TDX_00";

	id[5] = (char)('0' + ATT_SIM_MODULE_VERSION);
	att_jw_name(w, "tdxModule");
	att_jw_object(w);
	module_members(w);
	att_jw_end_object(w);
	att_jw_name(w, "tdxModuleIdentities");
	att_jw_array(w);
	att_jw_object(w);
	member_str(w, "id", id);
	module_members(w);
	isv_levels(w, now, ATT_SIM_MODULE_SVN);
	att_jw_end_object(w);
	att_jw_end_array(w);
}

static void dates(att_jsonw *w, int64_t now)
{
	member_time(w, "issueDate", now - ISSUED);
	member_time(w, "nextUpdate", now + NEXT_UPDATE);
}

void att_sim_put_tcb_info(att_buf *b, const struct att_sim_collateral_of *of)
{
	const struct att_platform *p = of->platform;
	att_jsonw w = att_jsonw_to(b, 0);

	att_jw_object(&w);
	member_str(&w, "id", of->tdx ? "TDX" : "SGX");
	member_int(&w, "version", 3);
	dates(&w, of->now);
	member_hex(&w, "fmspc", p->fmspc, sizeof(p->fmspc));
	member_hex(&w, "pceId", p->pce_id, sizeof(p->pce_id));
	member_int(&w, "tcbType", 0);
	member_int(&w, "tcbEvaluationDataNumber", EVALUATION);
	if (of->tdx)
		modules(&w, of->now);
	platform_levels(&w, of);
	att_jw_end_object(&w);
}

void att_sim_put_qe_identity(att_buf *b, const struct att_sim_collateral_of *of)
{
	struct att_sim_qe_facts qe;
	att_auto_buf att_buf attributes = { 0 };
	att_jsonw w = att_jsonw_to(b, 0);

	att_sim_qe_facts(of->tdx, &qe);
	att_put_le64(&attributes, qe.attributes);
	att_put_zero(&attributes, 8);
	b->failed = b->failed || attributes.failed;
	att_jw_object(&w);
	member_str(&w, "id", of->tdx ? "TD_QE" : "QE");
	member_int(&w, "version", 2);
	dates(&w, of->now);
	member_int(&w, "tcbEvaluationDataNumber", EVALUATION);
	member_hex(&w, "miscselect", zeros, 4);
	member_hex(&w, "miscselectMask", all_ones, 4);
	member_hex(&w, "attributes", attributes.ptr, attributes.len);
	/* XFRM is the machine's affair: Intel's mask leaves it out too. */
	att_jw_name(&w, "attributesMask");
	att_jw_str(&w, "ffffffffffffffff0000000000000000");
	member_hex(&w, "mrsigner", qe.mr_signer, sizeof(qe.mr_signer));
	member_int(&w, "isvprodid", qe.isv_prod_id);
	isv_levels(&w, of->now, qe.isv_svn);
	att_jw_end_object(&w);
}

static att_rc set_buf(att_collateral *c, enum att_item item, const att_buf *b, att_err *err)
{
	att_rc rc = att_buf_ok(b, err);

	return rc == ATT_OK ? att_collateral_set(c, item, att_buf_bytes(b), err) : rc;
}

static att_rc set_chain(att_collateral *c, enum att_item item, const att_sim_pki *pki,
			enum att_sim_authority who, att_err *err)
{
	att_auto_buf att_buf pem = { 0 };

	att_sim_pki_put_chain(pki, who, &pem);
	return set_buf(c, item, &pem, err);
}

static att_rc set_crl(att_collateral *c, enum att_item item, const att_sim_pki *pki,
		      enum att_sim_authority who, int64_t now, att_err *err)
{
	att_auto_buf att_buf der = { 0 };
	att_rc rc = att_sim_pki_crl(pki, who, now, NULL, 0, &der, err);

	return rc == ATT_OK ? set_buf(c, item, &der, err) : rc;
}

/* The text and, as the item behind it, its signature in hex. */
static att_rc set_signed(att_collateral *c, enum att_item item, const att_sim_pki *pki,
			 const att_buf *text, att_err *err)
{
	att_auto_buf att_buf hex = { 0 };
	uint8_t rs[64];
	att_rc rc = set_buf(c, item, text, err);

	if (rc == ATT_OK)
		rc = att_sim_pki_sign_json(pki, att_buf_bytes(text), rs, err);
	if (rc != ATT_OK)
		return rc;
	att_put_hex(&hex, att_bytes_of(rs, sizeof(rs)));
	return set_buf(c, item + 1, &hex, err);
}

static att_rc set_all(att_collateral *c, const att_sim_pki *pki,
		      const struct att_sim_collateral_of *of, att_err *err)
{
	enum att_sim_authority ca =
	    of->platform->platform_ca ? ATT_SIM_PLATFORM_CA : ATT_SIM_PROCESSOR_CA;
	att_auto_buf att_buf tcb_info = { 0 };
	att_auto_buf att_buf identity = { 0 };

	att_sim_put_tcb_info(&tcb_info, of);
	att_sim_put_qe_identity(&identity, of);
	att_rc rc = set_chain(c, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, pki, ca, err);
	if (rc == ATT_OK)
		rc = set_crl(c, ATT_ITEM_ROOT_CA_CRL, pki, ATT_SIM_ROOT, of->now, err);
	if (rc == ATT_OK)
		rc = set_crl(c, ATT_ITEM_PCK_CRL, pki, ca, of->now, err);
	if (rc == ATT_OK)
		rc = set_chain(c, ATT_ITEM_TCB_INFO_ISSUER_CHAIN, pki, ATT_SIM_TCB_SIGNER, err);
	if (rc == ATT_OK)
		rc = set_signed(c, ATT_ITEM_TCB_INFO, pki, &tcb_info, err);
	if (rc == ATT_OK)
		rc = set_chain(c, ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, pki, ATT_SIM_TCB_SIGNER, err);
	if (rc == ATT_OK)
		rc = set_signed(c, ATT_ITEM_QE_IDENTITY, pki, &identity, err);
	return rc;
}

att_rc att_sim_collateral_make(const att_sim_pki *pki, const struct att_sim_collateral_of *of,
			       att_collateral **out, att_err *err)
{
	att_collateral *c = att_collateral_new();

	*out = NULL;
	if (!c)
		return att_fail(err, ATT_E_NOMEM, "simulated collateral: out of memory");
	att_rc rc = set_all(c, pki, of, err);
	if (rc != ATT_OK) {
		att_collateral_free(c);
		return att_wrap(err, rc, "simulated collateral");
	}
	*out = c;
	return ATT_OK;
}
