/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral/tcbinfo.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "collateral/levels.h"

/* Intel SGX DCAP QVL, TdxModuleCheck: a module is up to date, out of date or revoked. */
#define MODULE_STATUSES                                                             \
	(ATT_STATUS_BIT(ATT_TCB_UP_TO_DATE) | ATT_STATUS_BIT(ATT_TCB_OUT_OF_DATE) | \
	 ATT_STATUS_BIT(ATT_TCB_REVOKED))

enum {
	ID,
	VERSION,
	ISSUE_DATE,
	NEXT_UPDATE,
	FMSPC,
	PCE_ID,
	TCB_TYPE,
	EVALUATION,
	MODULE,
	MODULES,
	LEVELS,
	INFO_COUNT,
};

static const struct att_field_name info_names[INFO_COUNT] = {
	[ID] = ATT_FIELD("id"),
	[VERSION] = ATT_FIELD("version"),
	[ISSUE_DATE] = ATT_FIELD("issueDate"),
	[NEXT_UPDATE] = ATT_FIELD("nextUpdate"),
	[FMSPC] = ATT_FIELD("fmspc"),
	[PCE_ID] = ATT_FIELD("pceId"),
	[TCB_TYPE] = ATT_FIELD("tcbType"),
	[EVALUATION] = ATT_FIELD("tcbEvaluationDataNumber"),
	[MODULE] = ATT_FIELD("tdxModule"),
	[MODULES] = ATT_FIELD("tdxModuleIdentities"),
	[LEVELS] = ATT_FIELD("tcbLevels"),
};

enum { M_ID, M_MR_SIGNER, M_ATTRIBUTES, M_ATTRIBUTES_MASK, M_LEVELS, MODULE_COUNT };

static const struct att_field_name module_names[MODULE_COUNT] = {
	[M_ID] = ATT_FIELD("id"),
	[M_MR_SIGNER] = ATT_FIELD("mrsigner"),
	[M_ATTRIBUTES] = ATT_FIELD("attributes"),
	[M_ATTRIBUTES_MASK] = ATT_FIELD("attributesMask"),
	[M_LEVELS] = ATT_FIELD("tcbLevels"),
};

/* "TDX_XX", XX the module's version in hex, in either case (QVL compares in upper case). */
static void read_module_id(struct att_fields *f, struct att_tdx_module *m)
{
	att_bytes id = att_field_text(f, M_ID);

	if (f->rc != ATT_OK)
		return;
	if (id.len != 6 || (id.ptr[0] | 0x20) != 't' || (id.ptr[1] | 0x20) != 'd' ||
	    (id.ptr[2] | 0x20) != 'x' || id.ptr[3] != '_' ||
	    att_hex_decode(att_bytes_of(id.ptr + 4, 2), &m->version, 1, NULL) != ATT_OK) {
		att_field_bad(f, M_ID, "TDX_ and two hex digits");
		return;
	}
	snprintf(m->id, sizeof(m->id), "TDX_%02X", m->version);
}

static void read_module_values(struct att_fields *f, struct att_tdx_module *m)
{
	att_field_hex(f, M_MR_SIGNER, m->mr_signer, sizeof(m->mr_signer));
	att_field_hex(f, M_ATTRIBUTES, m->attributes, sizeof(m->attributes));
	att_field_hex(f, M_ATTRIBUTES_MASK, m->attributes_mask, sizeof(m->attributes_mask));
}

static att_rc read_module(att_json v, struct att_tdx_module *m, att_err *err)
{
	struct att_fields f;

	att_fields_open(&f, v, module_names, MODULE_COUNT, err);
	read_module_values(&f, m);
	return att_fields_ok(&f);
}

static att_rc read_module_identity(att_json v, struct att_cut *cut, struct att_tdx_module *m,
				   att_err *err)
{
	struct att_fields f;

	att_fields_open(&f, v, module_names, MODULE_COUNT, err);
	read_module_id(&f, m);
	read_module_values(&f, m);

	att_json levels = att_field_array(&f, M_LEVELS);
	att_rc rc = att_fields_ok(&f);

	if (rc != ATT_OK)
		return rc;
	return att_isv_levels_read(levels, MODULE_STATUSES, cut, &m->levels, &m->level_count, err);
}

static att_rc read_modules(att_json array, struct att_cut *cut, struct att_tcbinfo *t, att_err *err)
{
	struct att_tdx_module *list = cut->modules;
	size_t n = 0;

	for (att_json v = att_json_first(array); v.doc; v = att_json_next(array, v)) {
		att_rc rc = read_module_identity(v, cut, &list[n], err);

		if (rc != ATT_OK)
			return att_wrap(err, rc, "tdxModuleIdentities[%zu]", n);
		for (size_t i = 0; i < n; i++) {
			if (list[i].version == list[n].version)
				return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
						   "tdxModuleIdentities: %s is there twice",
						   list[n].id);
		}
		n++;
	}
	if (n == 0)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(array),
				   "tdxModuleIdentities is empty");
	t->modules = list;
	t->module_count = n;
	return ATT_OK;
}

static att_rc make_room(const struct att_fields *f, struct att_cut *cut, att_err *err)
{
	struct att_room room = { 0 };
	att_json modules = f->value[MODULES];
	att_rc rc = att_room_add_levels(&room, f->value[LEVELS], err);

	if (rc != ATT_OK)
		return rc;
	if (att_json_count(modules) > ATT_MODULES_MAX)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(modules),
				   "tdxModuleIdentities: %zu modules, at most %u",
				   att_json_count(modules), ATT_MODULES_MAX);
	room.modules = att_json_count(modules);
	for (att_json v = att_json_first(modules); v.doc; v = att_json_next(modules, v)) {
		rc = att_room_add_levels(&room, att_json_get(v, "tcbLevels"), err);
		if (rc != ATT_OK)
			return rc;
	}
	return att_room_make(&room, cut, err);
}

static void read_id(struct att_fields *f, struct att_tcbinfo *t)
{
	if (t->version == 2) {
		att_field_forbid(f, ID, "a version 2 TCB info");
		return;
	}
	t->tdx = att_json_is(f->value[ID], "TDX");
	if (!t->tdx && !att_json_is(f->value[ID], "SGX"))
		att_field_bad(f, ID, "SGX or TDX");
}

static att_rc read_head(struct att_fields *f, struct att_tcbinfo *t)
{
	t->version = (int)att_field_int(f, VERSION, 2, 3);
	read_id(f, t);
	t->issue_date = att_field_time(f, ISSUE_DATE);
	t->next_update = att_field_time(f, NEXT_UPDATE);
	att_field_hex(f, FMSPC, t->fmspc, sizeof(t->fmspc));
	att_field_hex(f, PCE_ID, t->pce_id, sizeof(t->pce_id));
	att_field_int(f, TCB_TYPE, 0, 0);
	t->evaluation = att_field_int(f, EVALUATION, 0, UINT32_MAX);
	att_field_array(f, LEVELS);
	if (t->tdx) {
		att_field_object(f, MODULE);
		if (att_field_has(f, MODULES))
			att_field_array(f, MODULES);
	} else {
		att_field_forbid(f, MODULE, "an SGX TCB info");
		att_field_forbid(f, MODULES, "an SGX TCB info");
	}
	return att_fields_ok(f);
}

static att_rc read_info(struct att_fields *f, struct att_tcbinfo *t, att_err *err)
{
	struct att_cut cut;
	att_rc rc = read_head(f, t);

	if (rc == ATT_OK)
		rc = make_room(f, &cut, err);
	if (rc != ATT_OK)
		return rc;
	t->arena = cut.block;
	if (t->tdx) {
		rc = read_module(f->value[MODULE], &t->module, err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "tdxModule");
	}
	if (att_field_has(f, MODULES)) {
		rc = read_modules(f->value[MODULES], &cut, t, err);
		if (rc != ATT_OK)
			return rc;
	}
	return att_platform_levels_read(f->value[LEVELS], &cut, t, err);
}

att_rc att_tcbinfo_parse(att_json info, struct att_tcbinfo *out, att_err *err)
{
	struct att_tcbinfo t = { 0 };
	struct att_fields f;

	*out = t;
	att_fields_open(&f, info, info_names, INFO_COUNT, err);

	att_rc rc = read_info(&f, &t, err);

	if (rc != ATT_OK) {
		att_tcbinfo_free(&t);
		return att_wrap(err, rc, "tcb info");
	}
	*out = t;
	return ATT_OK;
}

void att_tcbinfo_free(struct att_tcbinfo *t)
{
	if (!t)
		return;
	free(t->arena);
	*t = (struct att_tcbinfo){ 0 };
}
