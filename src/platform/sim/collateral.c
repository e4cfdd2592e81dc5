/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/collateral.h"

#include "base/error.h"
#include "platform/sim/texts.h"

#define EVALUATION  17
#define ISSUED      ATT_SIM_DAY
#define NEXT_UPDATE (30 * ATT_SIM_DAY)

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

static void put_texts(const struct att_sim_collateral_of *of, att_buf *tcb_info, att_buf *identity)
{
	struct att_sim_tcb_info t = {
		.issue = { of->now - ISSUED, of->now + NEXT_UPDATE, EVALUATION },
		.platform = of->platform,
		.version = 3,
		.tdx = of->tdx,
	};
	struct att_sim_identity qe = {
		.issue = t.issue,
		.enclave = of->tdx ? ATT_SIM_ID_TD_QE : ATT_SIM_ID_QE,
	};

	att_sim_levels_usual(of->now, &t.levels);
	t.module_levels = qe.levels = t.levels;
	att_sim_put_tcb_info(tcb_info, &t);
	att_sim_put_identity(identity, &qe);
}

static att_rc set_all(att_collateral *c, const att_sim_pki *pki,
		      const struct att_sim_collateral_of *of, att_err *err)
{
	enum att_sim_authority ca =
	    of->platform->platform_ca ? ATT_SIM_PLATFORM_CA : ATT_SIM_PROCESSOR_CA;
	att_auto_buf att_buf tcb_info = { 0 };
	att_auto_buf att_buf identity = { 0 };

	put_texts(of, &tcb_info, &identity);
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
