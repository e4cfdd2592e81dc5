/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "collateral/levels.h"

/* Intel SGX DCAP QVL, Verifiers/TcbStatus.h: an enclave has no software hardening of its own. */
#define IDENTITY_STATUSES                                                                    \
	(ATT_STATUS_BIT(ATT_TCB_UP_TO_DATE) | ATT_STATUS_BIT(ATT_TCB_CONFIGURATION_NEEDED) | \
	 ATT_STATUS_BIT(ATT_TCB_OUT_OF_DATE) |                                               \
	 ATT_STATUS_BIT(ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED) |                          \
	 ATT_STATUS_BIT(ATT_TCB_REVOKED))

enum {
	ID,
	VERSION,
	ISSUE_DATE,
	NEXT_UPDATE,
	EVALUATION,
	MISC_SELECT,
	MISC_SELECT_MASK,
	ATTRIBUTES,
	ATTRIBUTES_MASK,
	MR_SIGNER,
	ISV_PROD_ID,
	LEVELS,
	IDENTITY_COUNT,
};

static const struct att_field_name names[IDENTITY_COUNT] = {
	[ID] = ATT_FIELD("id"),
	[VERSION] = ATT_FIELD("version"),
	[ISSUE_DATE] = ATT_FIELD("issueDate"),
	[NEXT_UPDATE] = ATT_FIELD("nextUpdate"),
	[EVALUATION] = ATT_FIELD("tcbEvaluationDataNumber"),
	[MISC_SELECT] = ATT_FIELD("miscselect"),
	[MISC_SELECT_MASK] = ATT_FIELD("miscselectMask"),
	[ATTRIBUTES] = ATT_FIELD("attributes"),
	[ATTRIBUTES_MASK] = ATT_FIELD("attributesMask"),
	[MR_SIGNER] = ATT_FIELD("mrsigner"),
	[ISV_PROD_ID] = ATT_FIELD("isvprodid"),
	[LEVELS] = ATT_FIELD("tcbLevels"),
};

const char *att_identity_id_name(enum att_identity_id id)
{
	switch (id) {
	case ATT_IDENTITY_QE:
		return "QE";
	case ATT_IDENTITY_QVE:
		return "QVE";
	case ATT_IDENTITY_TD_QE:
		return "TD_QE";
	case ATT_IDENTITY_QAE:
		return "QAE";
	}
	return NULL;
}

static enum att_identity_id read_id(struct att_fields *f)
{
	for (enum att_identity_id id = ATT_IDENTITY_QE; id <= ATT_IDENTITY_QAE; id++) {
		if (att_json_is(f->value[ID], att_identity_id_name(id)))
			return id;
	}
	att_field_bad(f, ID, "QE, QVE, TD_QE or QAE");
	return 0;
}

static att_rc read_identity(struct att_fields *f, struct att_identity *t, att_err *err)
{
	t->id = read_id(f);
	att_field_int(f, VERSION, 2, 2);
	t->issue_date = att_field_time(f, ISSUE_DATE);
	t->next_update = att_field_time(f, NEXT_UPDATE);
	t->evaluation = att_field_int(f, EVALUATION, 0, UINT32_MAX);
	att_field_hex(f, MISC_SELECT, t->misc_select, sizeof(t->misc_select));
	att_field_hex(f, MISC_SELECT_MASK, t->misc_select_mask, sizeof(t->misc_select_mask));
	att_field_hex(f, ATTRIBUTES, t->attributes, sizeof(t->attributes));
	att_field_hex(f, ATTRIBUTES_MASK, t->attributes_mask, sizeof(t->attributes_mask));
	att_field_hex(f, MR_SIGNER, t->mr_signer, sizeof(t->mr_signer));
	t->isv_prod_id = (uint16_t)att_field_int(f, ISV_PROD_ID, 0, UINT16_MAX);

	att_json levels = att_field_array(f, LEVELS);
	struct att_room room = { 0 };
	struct att_cut cut;
	att_rc rc = att_fields_ok(f);

	if (rc == ATT_OK)
		rc = att_room_add_levels(&room, levels, err);
	if (rc == ATT_OK)
		rc = att_room_make(&room, &cut, err);
	if (rc != ATT_OK)
		return rc;
	t->arena = cut.block;
	return att_isv_levels_read(levels, IDENTITY_STATUSES, &cut, &t->levels, &t->level_count,
				   err);
}

att_rc att_identity_parse(att_json identity, struct att_identity *out, att_err *err)
{
	struct att_identity t = { 0 };
	struct att_fields f;

	*out = t;
	att_fields_open(&f, identity, names, IDENTITY_COUNT, err);

	att_rc rc = read_identity(&f, &t, err);

	if (rc != ATT_OK) {
		att_identity_free(&t);
		return att_wrap(err, rc, "enclave identity");
	}
	*out = t;
	return ATT_OK;
}

void att_identity_free(struct att_identity *t)
{
	if (!t)
		return;
	free(t->arena);
	*t = (struct att_identity){ 0 };
}
