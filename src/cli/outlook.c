/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/outlook.h"

#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "verify/tcb.h"

ATT_DEFINE_CLEANUP(report, att_report, att_report_free)
#define auto_report __attribute__((cleanup(report_cleanup)))

static void join(const char *const *advisories, size_t count, char *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < count && n + 1 < room; i++) {
		int more = snprintf(out + n, room - n, "%s%s", i ? " " : "", advisories[i]);
		n += more > 0 ? (size_t)more : 0;
	}
}

att_rc cli_outlook_of_quote(const att_evidence *evidence, const att_collateral *collateral,
			    const att_roots *roots, int64_t now, struct cli_outlook *out,
			    att_err *err)
{
	auto_report att_report *report = NULL;
	struct att_verify_in in = { .evidence = evidence,
				    .collateral = collateral,
				    .roots = roots,
				    .now = now,
				    .bound_data = ATT_UNBOUND };

	att_rc rc = att_verify(&in, &report, NULL, err);
	if (!report)
		return rc;
	const struct att_tcb *tcb = att_report_tcb(report);
	out->status = tcb->status;
	out->evaluation = att_report_collateral(report)->tcb_evaluation;
	out->newer_date = tcb->module.newer_date > tcb->platform.newer_date
			      ? tcb->module.newer_date
			      : tcb->platform.newer_date;
	join(tcb->advisories, tcb->advisory_count, out->advisories, sizeof(out->advisories));
	return tcb->status == ATT_TCB_NONE ? rc : ATT_OK;
}

static void match(const struct att_tcbinfo *info, const struct att_platform *p,
		  struct cli_outlook *out)
{
	out->evaluation = info->evaluation;
	out->status = ATT_TCB_NOT_SUPPORTED;
	for (size_t i = 0; i < info->level_count; i++) {
		const struct att_level *l = &info->levels[i];

		if (!att_level_reached_sgx(l, p))
			continue;
		out->status = l->status;
		out->newer_date = att_newer_date(info->levels, i);
		join(l->advisories.ids, l->advisories.count, out->advisories,
		     sizeof(out->advisories));
		return;
	}
}

att_rc cli_outlook_of_platform(const struct att_platform *platform,
			       const att_collateral *collateral, int64_t now,
			       struct cli_outlook *out, att_err *err)
{
	att_bytes text = att_collateral_get(collateral, ATT_ITEM_TCB_INFO);
	att_auto_json att_json_doc doc = { 0 };
	uint8_t signature[64];
	struct att_tcbinfo info;
	att_json object;
	bool answer = false;

	if (!text.len)
		return att_fail(err, ATT_E_MISSING, "there is no TCB info");
	att_rc rc = att_json_parse(text, &doc, err);
	if (rc == ATT_OK)
		rc = att_answer_split(&doc, "tcbInfo", &answer, &object, signature, err);
	if (rc == ATT_OK)
		rc = att_tcbinfo_parse(answer ? object : att_json_root(&doc), &info, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "TCB info");
	if (now < info.issue_date || now > info.next_update)
		rc = att_fail(err, ATT_E_EXPIRED, "the TCB info is not in date at that time");
	else
		match(&info, platform, out);
	att_tcbinfo_free(&info);
	return rc;
}
