/* SPDX-License-Identifier: Apache-2.0 */
/* Levels of a TCB info, versions 2 and 3 (Intel PCS API, "TCB info" schemas). */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "collateral/levels.h"

#define SVNS 16

#define PLATFORM_STATUSES                                                                   \
	(ATT_STATUS_BIT(ATT_TCB_UP_TO_DATE) | ATT_STATUS_BIT(ATT_TCB_SW_HARDENING_NEEDED) | \
	 ATT_STATUS_BIT(ATT_TCB_CONFIGURATION_NEEDED) |                                     \
	 ATT_STATUS_BIT(ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED) |                    \
	 ATT_STATUS_BIT(ATT_TCB_OUT_OF_DATE) |                                              \
	 ATT_STATUS_BIT(ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED) |                         \
	 ATT_STATUS_BIT(ATT_TCB_REVOKED))

enum { SGX_COMPONENTS, PCE_SVN, TDX_COMPONENTS, COMP_01, TCB_COUNT = COMP_01 + SVNS };

static const struct att_field_name tcb_names[TCB_COUNT] = {
	ATT_FIELD("sgxtcbcomponents"), ATT_FIELD("pcesvn"),          ATT_FIELD("tdxtcbcomponents"),
	ATT_FIELD("sgxtcbcomp01svn"),  ATT_FIELD("sgxtcbcomp02svn"), ATT_FIELD("sgxtcbcomp03svn"),
	ATT_FIELD("sgxtcbcomp04svn"),  ATT_FIELD("sgxtcbcomp05svn"), ATT_FIELD("sgxtcbcomp06svn"),
	ATT_FIELD("sgxtcbcomp07svn"),  ATT_FIELD("sgxtcbcomp08svn"), ATT_FIELD("sgxtcbcomp09svn"),
	ATT_FIELD("sgxtcbcomp10svn"),  ATT_FIELD("sgxtcbcomp11svn"), ATT_FIELD("sgxtcbcomp12svn"),
	ATT_FIELD("sgxtcbcomp13svn"),  ATT_FIELD("sgxtcbcomp14svn"), ATT_FIELD("sgxtcbcomp15svn"),
	ATT_FIELD("sgxtcbcomp16svn"),
};

enum { SVN, CATEGORY, TYPE, COMPONENT_COUNT };

static const struct att_field_name component_names[COMPONENT_COUNT] = {
	ATT_FIELD("svn"),
	ATT_FIELD("category"),
	ATT_FIELD("type"),
};

/* Most components are {"svn":N}, and a TCB info has hundreds of them. */
static bool is_bare_svn(att_json component, int64_t *svn)
{
	att_json v = att_json_first(component);
	att_bytes name;

	return att_json_type_of(component) == ATT_JSON_OBJECT && att_json_count(component) == 1 &&
	       att_json_plain(att_json_name(v), &name) && name.len == 3 && name.ptr[0] == 's' &&
	       name.ptr[1] == 'v' && name.ptr[2] == 'n' && att_json_int(v, 0, UINT8_MAX, svn);
}

static att_rc component_read(att_json component, uint8_t *svn, att_err *err)
{
	struct att_fields f;
	int64_t bare;

	if (is_bare_svn(component, &bare)) {
		*svn = (uint8_t)bare;
		return ATT_OK;
	}

	att_fields_open(&f, component, component_names, COMPONENT_COUNT, err);
	*svn = (uint8_t)att_field_int(&f, SVN, 0, UINT8_MAX);
	for (size_t i = CATEGORY; i <= TYPE; i++) {
		if (att_field_has(&f, i) && att_json_type_of(f.value[i]) != ATT_JSON_STRING)
			att_field_bad(&f, i, "a string");
	}
	return att_fields_ok(&f);
}

static att_rc components_read(att_json array, const char *name, uint8_t out[static SVNS],
			      att_err *err)
{
	size_t i = 0;

	if (att_json_count(array) != SVNS)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(array),
				   "%s: expected %d components, seen %zu", name, SVNS,
				   att_json_count(array));
	for (att_json v = att_json_first(array); v.doc; v = att_json_next(array, v), i++) {
		att_rc rc = component_read(v, &out[i], err);

		if (rc != ATT_OK)
			return att_wrap(err, rc, "%s[%zu]", name, i);
	}
	return ATT_OK;
}

/* Only short, printable ASCII: these texts end up in remedies on a terminal. */
static void take_text(att_json v, char *out, size_t room)
{
	att_bytes text;

	out[0] = '\0';
	if (!att_json_plain(v, &text) || text.len >= room)
		return;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < 0x20 || text.ptr[i] >= 0x7f)
			return;
	}
	memcpy(out, text.ptr, text.len);
	out[text.len] = '\0';
}

static void take_texts(att_json array, struct att_component out[static SVNS])
{
	size_t i = 0;

	for (att_json v = att_json_first(array); v.doc && i < SVNS;
	     v = att_json_next(array, v), i++) {
		take_text(att_json_get(v, "category"), out[i].category, sizeof(out[i].category));
		take_text(att_json_get(v, "type"), out[i].type, sizeof(out[i].type));
	}
}

/* Above zero when a is the higher level. Intel's order (SGX DCAP QVL, comparison of TcbLevel): SGX
 * components; then TDX components where both have the same PCESVN, PCESVN otherwise. */
static int compare(const struct att_level *a, const struct att_level *b, bool tdx)
{
	int d = memcmp(a->sgx, b->sgx, SVNS);

	if (d != 0)
		return d;
	if (tdx && a->pce_svn == b->pce_svn)
		return memcmp(a->tdx, b->tdx, SVNS);
	return (a->pce_svn > b->pce_svn) - (a->pce_svn < b->pce_svn);
}

static att_rc tcb_v2_read(struct att_fields *f, struct att_level *out)
{
	att_field_forbid(f, SGX_COMPONENTS, "a version 2 TCB info");
	att_field_forbid(f, TDX_COMPONENTS, "a version 2 TCB info");
	for (size_t i = 0; i < SVNS; i++)
		out->sgx[i] = (uint8_t)att_field_int(f, COMP_01 + i, 0, UINT8_MAX);
	out->pce_svn = (uint16_t)att_field_int(f, PCE_SVN, 0, UINT16_MAX);
	return att_fields_ok(f);
}

static att_rc tcb_v3_read(struct att_fields *f, bool tdx, struct att_level *out)
{
	att_json sgx = att_field_array(f, SGX_COMPONENTS);
	att_json tdx_array = { 0 };

	for (size_t i = 0; i < SVNS; i++)
		att_field_forbid(f, COMP_01 + i, "a version 3 TCB info");
	out->pce_svn = (uint16_t)att_field_int(f, PCE_SVN, 0, UINT16_MAX);
	if (tdx)
		tdx_array = att_field_array(f, TDX_COMPONENTS);
	else
		att_field_forbid(f, TDX_COMPONENTS, "an SGX TCB info");

	att_rc rc = att_fields_ok(f);

	if (rc == ATT_OK)
		rc = components_read(sgx, "sgxtcbcomponents", out->sgx, f->err);
	if (rc == ATT_OK && tdx)
		rc = components_read(tdx_array, "tdxtcbcomponents", out->tdx, f->err);
	return rc;
}

/* `top`: the highest level so far, NULL at the first. */
static att_rc level_read(att_json v, struct att_cut *cut, struct att_tcbinfo *t,
			 struct att_level *out, const struct att_level *top, att_err *err)
{
	att_json tcb;
	att_rc rc = att_level_read(v, PLATFORM_STATUSES, cut, out, &tcb, err);

	if (rc != ATT_OK)
		return rc;

	struct att_fields f;

	att_fields_open(&f, tcb, tcb_names, TCB_COUNT, err);
	rc = t->version == 2 ? tcb_v2_read(&f, out) : tcb_v3_read(&f, t->tdx, out);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "tcb");
	if (t->version == 3 && (!top || compare(out, top, t->tdx) > 0)) {
		take_texts(f.value[SGX_COMPONENTS], t->sgx_components);
		take_texts(f.value[TDX_COMPONENTS], t->tdx_components);
	}
	return ATT_OK;
}

/* Documents list their levels in descending order already, so that this is one pass over them. */
static void sort_levels(struct att_level *list, size_t n, bool tdx)
{
	for (size_t i = 1; i < n; i++) {
		if (compare(&list[i], &list[i - 1], tdx) <= 0)
			continue;

		struct att_level one = list[i];
		size_t at = i;

		for (; at > 0 && compare(&one, &list[at - 1], tdx) > 0; at--)
			list[at] = list[at - 1];
		list[at] = one;
	}
}

att_rc att_platform_levels_read(att_json levels, struct att_cut *cut, struct att_tcbinfo *t,
				att_err *err)
{
	struct att_level *list = cut->levels;
	const struct att_level *top = NULL;
	size_t n = 0;

	for (att_json v = att_json_first(levels); v.doc; v = att_json_next(levels, v)) {
		att_rc rc = level_read(v, cut, t, &list[n], top, err);

		if (rc != ATT_OK)
			return att_wrap(err, rc, "tcbLevels[%zu]", n);
		if (!top || compare(&list[n], top, t->tdx) > 0)
			top = &list[n];
		n++;
	}
	if (n == 0)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(levels),
				   "tcbLevels is empty");
	sort_levels(list, n, t->tdx);
	for (size_t i = 1; i < n; i++) {
		if (compare(&list[i], &list[i - 1], t->tdx) == 0)
			return att_fail_at(err, ATT_E_FORMAT, att_json_offset(levels),
					   "tcbLevels: two levels for the same SVNs");
	}
	cut->levels += n;
	t->levels = list;
	t->level_count = n;
	return ATT_OK;
}
