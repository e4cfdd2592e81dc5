/* SPDX-License-Identifier: Apache-2.0 */
/* The collateral of a world's platform as one object: what a client of the standard update
 * gathers. */
#include "base/error.h"
#include "base/mem.h"
#include "platform/sim/world_internal.h"

ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)

static att_rc set(att_collateral *c, enum att_item item, const att_buf *b, att_err *err)
{
	att_rc rc = att_buf_ok(b, err);

	return rc == ATT_OK ? att_collateral_set(c, item, att_buf_bytes(b), err) : rc;
}

static att_rc set_crls(att_sim_world *w, int64_t now, att_collateral *c, att_err *err)
{
	enum att_sim_authority ca = att_sim_world_ca(w);
	att_auto_buf att_buf root = { 0 };
	att_auto_buf att_buf pck = { 0 };
	att_auto_buf att_buf chain = { 0 };
	att_rc rc = att_sim_issue_crl(w, ATT_SIM_ROOT, now, &root, err);

	if (rc == ATT_OK)
		rc = set(c, ATT_ITEM_ROOT_CA_CRL, &root, err);
	if (rc == ATT_OK)
		rc = att_sim_issue_crl(w, ca, now, &pck, err);
	if (rc == ATT_OK)
		rc = set(c, ATT_ITEM_PCK_CRL, &pck, err);
	att_sim_put_crl_chain(w, ca, &chain);
	return rc == ATT_OK ? set(c, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, &chain, err) : rc;
}

static att_rc set_texts(att_sim_world *w, bool tdx, int64_t now, att_collateral *c, att_err *err)
{
	uint32_t edition = att_sim_edition(w, false);
	att_auto_buf att_buf tcb_info = { 0 };
	att_auto_buf att_buf identity = { 0 };
	att_auto_buf att_buf chain = { 0 };
	att_rc rc = att_sim_issue_tcb_info(w, tdx, 3, edition, now, &tcb_info, err);

	if (rc == ATT_OK)
		rc = set(c, ATT_ITEM_TCB_INFO, &tcb_info, err);
	if (rc == ATT_OK)
		rc = att_sim_issue_identity(w, tdx ? ATT_SIM_ID_TD_QE : ATT_SIM_ID_QE, edition, now,
					    &identity, err);
	if (rc == ATT_OK)
		rc = set(c, ATT_ITEM_QE_IDENTITY, &identity, err);
	att_sim_put_signer_chain(w, &chain);
	if (rc == ATT_OK)
		rc = set(c, ATT_ITEM_TCB_INFO_ISSUER_CHAIN, &chain, err);
	return rc == ATT_OK ? set(c, ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, &chain, err) : rc;
}

att_rc att_sim_world_collateral(att_sim_world *w, bool tdx, int64_t now, att_collateral **out,
				att_err *err)
{
	__attribute__((cleanup(collateral_cleanup))) att_collateral *c = att_collateral_new();

	*out = NULL;
	if (!c)
		return att_fail(err, ATT_E_NOMEM, "simulated collateral: out of memory");
	att_rc rc = set_crls(w, now, c, err);
	if (rc == ATT_OK)
		rc = set_texts(w, tdx, now, c, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "simulated collateral");
	*out = ATT_STEAL(c);
	return ATT_OK;
}
