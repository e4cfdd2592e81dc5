/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "collateral/items.h"

const enum att_item att_qve_items[ATT_QVE_ITEMS] = {
	ATT_ITEM_PCK_CRL_ISSUER_CHAIN,  ATT_ITEM_ROOT_CA_CRL, ATT_ITEM_PCK_CRL,
	ATT_ITEM_TCB_INFO_ISSUER_CHAIN, ATT_ITEM_TCB_INFO,    ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN,
	ATT_ITEM_QE_IDENTITY,
};

bool att_qve_tee_ok(uint32_t tee_type)
{
	return tee_type == 0 || tee_type == 0x81;
}

/* Intel's quote verification accepts 1, 3.0, 3.1 and 4.0 (spec of sgx_qve_verify_quote) */
static bool version_ok(uint32_t version)
{
	return version == 1 || version == 3 || version == 0x00010003 || version == 4;
}

static att_rc take_members(const struct att_qve_collateral *in, att_collateral *c, att_err *err)
{
	const struct {
		const char *ptr;
		uint32_t size;
	} members[ATT_QVE_ITEMS] = {
		{ in->pck_crl_issuer_chain, in->pck_crl_issuer_chain_size },
		{ in->root_ca_crl, in->root_ca_crl_size },
		{ in->pck_crl, in->pck_crl_size },
		{ in->tcb_info_issuer_chain, in->tcb_info_issuer_chain_size },
		{ in->tcb_info, in->tcb_info_size },
		{ in->qe_identity_issuer_chain, in->qe_identity_issuer_chain_size },
		{ in->qe_identity, in->qe_identity_size },
	};

	for (size_t i = 0; i < ATT_QVE_ITEMS; i++) {
		enum att_item item = att_qve_items[i];

		if (!members[i].ptr && members[i].size > 0)
			return att_fail(err, ATT_E_ARG, "%s has a size of %u bytes and no pointer",
					att_item_name(item), members[i].size);

		att_rc rc =
		    att_collateral_set(c, item, att_bytes_of(members[i].ptr, members[i].size), err);

		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

att_rc att_collateral_from_qve(const struct att_qve_collateral *in, att_collateral **out,
			       att_err *err)
{
	*out = NULL;
	if (!version_ok(in->version))
		return att_fail(err, ATT_E_UNSUPPORTED,
				"collateral version: expected 1, 3, 0x10003 or 4, seen 0x%x",
				in->version);
	if (!att_qve_tee_ok(in->tee_type))
		return att_fail(err, ATT_E_UNSUPPORTED,
				"collateral tee_type: expected 0 or 0x81, seen 0x%x", in->tee_type);

	att_auto_collateral att_collateral *c = att_collateral_new();

	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	c->form = "qve";

	att_rc rc = take_members(in, c, err);

	if (rc != ATT_OK)
		return att_wrap(err, rc, "collateral");
	*out = ATT_STEAL(c);
	return ATT_OK;
}
