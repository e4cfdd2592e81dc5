/* SPDX-License-Identifier: Apache-2.0 */
/* `attest collateral show`: which items are there, and what they say of themselves. */
#include <string.h>

#include "attest/attest.h"
#include "attest/inspect.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/tree.h"

ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)
#define auto_collateral __attribute__((cleanup(collateral_cleanup)))

#define HEX(t, name, field) cli_put_hex(t, name, att_bytes_of((field), sizeof(field)))

/* What the walk found out on its way. */
struct show {
	struct cli_tree t;
	bool tcb_info_signed;
	bool qe_identity_signed;
	size_t bad; /* items that can not be read */
	size_t missing;
};

static bool failed(struct show *s, att_rc rc, const att_err *err)
{
	cli_put_str(&s->t, "error", rc == ATT_OK ? NULL : err->msg);
	s->bad += rc != ATT_OK;
	return rc != ATT_OK;
}

static void show_chain(struct show *s, att_bytes text)
{
	struct att_cert_facts cert[ATT_CERTS_MAX];
	att_err err = { 0 };
	size_t count = 0;

	att_rc rc = att_certs_read(text, cert, &count, &err);
	if (failed(s, rc, &err))
		return;
	cli_list(&s->t, "certificates");
	for (size_t i = 0; i < count; i++) {
		cli_object(&s->t, NULL);
		cli_put_str(&s->t, "subject", cert[i].subject);
		cli_put_str(&s->t, "issuer", cert[i].issuer);
		cli_put_time(&s->t, "not_before", cert[i].not_before);
		cli_put_time(&s->t, "not_after", cert[i].not_after);
		if (cert[i].has_platform)
			HEX(&s->t, "fmspc", cert[i].platform.fmspc);
		else
			cli_put_null(&s->t, "fmspc");
		cli_end(&s->t);
	}
	cli_end(&s->t);
}

static void show_crl(struct show *s, att_bytes text)
{
	struct att_crl_facts crl;
	att_err err = { 0 };

	att_rc rc = att_crl_read(text, &crl, &err);
	if (failed(s, rc, &err))
		return;
	cli_put_str(&s->t, "issuer", crl.issuer);
	cli_put_time(&s->t, "this_update", crl.this_update);
	cli_put_time(&s->t, "next_update", crl.next_update);
	if (crl.number >= 0)
		cli_put_int(&s->t, "number", crl.number);
	else
		cli_put_null(&s->t, "number");
	cli_put_int(&s->t, "revoked", (int64_t)crl.revoked);
}

static void show_tcb_info(struct show *s, att_bytes text)
{
	struct att_tcb_info_facts info;
	att_err err = { 0 };

	att_rc rc = att_tcb_info_read(text, &info, &err);
	if (failed(s, rc, &err))
		return;
	s->tcb_info_signed = info.with_signature;
	cli_put_int(&s->t, "version", info.version);
	cli_put_str(&s->t, "tee", info.tdx ? "TDX" : "SGX");
	HEX(&s->t, "fmspc", info.fmspc);
	HEX(&s->t, "pce_id", info.pce_id);
	cli_put_time(&s->t, "issue_date", info.issue_date);
	cli_put_time(&s->t, "next_update", info.next_update);
	cli_put_int(&s->t, "evaluation_number", info.evaluation);
	cli_put_int(&s->t, "levels", (int64_t)info.levels);
	cli_put_int(&s->t, "modules", (int64_t)info.modules);
}

static void show_identity(struct show *s, att_bytes text)
{
	struct att_identity_facts id;
	att_err err = { 0 };

	att_rc rc = att_identity_read(text, &id, &err);
	if (failed(s, rc, &err))
		return;
	s->qe_identity_signed = id.with_signature;
	cli_put_str(&s->t, "id", id.id);
	cli_put_time(&s->t, "issue_date", id.issue_date);
	cli_put_time(&s->t, "next_update", id.next_update);
	cli_put_int(&s->t, "evaluation_number", id.evaluation);
	HEX(&s->t, "mr_signer", id.mr_signer);
	cli_put_int(&s->t, "isv_prod_id", id.isv_prod_id);
	cli_put_int(&s->t, "levels", (int64_t)id.levels);
}

static void show_signature(struct show *s, att_bytes text)
{
	cli_put_null(&s->t, "error");
	cli_put_int(&s->t, "digits", (int64_t)text.len);
}

static void (*const show_item[ATT_ITEM_COUNT])(struct show *s, att_bytes text) = {
	[ATT_ITEM_PCK_CRL_ISSUER_CHAIN] = show_chain,
	[ATT_ITEM_ROOT_CA_CRL] = show_crl,
	[ATT_ITEM_PCK_CRL] = show_crl,
	[ATT_ITEM_TCB_INFO_ISSUER_CHAIN] = show_chain,
	[ATT_ITEM_TCB_INFO] = show_tcb_info,
	[ATT_ITEM_TCB_INFO_SIGNATURE] = show_signature,
	[ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN] = show_chain,
	[ATT_ITEM_QE_IDENTITY] = show_identity,
	[ATT_ITEM_QE_IDENTITY_SIGNATURE] = show_signature,
	[ATT_ITEM_PCK_CERTIFICATE_CHAIN] = show_chain,
};

/* An item may be absent when another carries it, or the quote may. */
static bool needed(const struct show *s, enum att_item item)
{
	if (item == ATT_ITEM_TCB_INFO_SIGNATURE)
		return !s->tcb_info_signed;
	if (item == ATT_ITEM_QE_IDENTITY_SIGNATURE)
		return !s->qe_identity_signed;
	return item != ATT_ITEM_PCK_CERTIFICATE_CHAIN;
}

static void show_items(struct show *s, const att_collateral *col)
{
	cli_object(&s->t, "items");
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		enum att_item item = (enum att_item)i;
		att_bytes text = att_collateral_get(col, item);
		if (text.len == 0) {
			cli_put_null(&s->t, att_item_name(item));
			continue;
		}
		cli_object(&s->t, att_item_name(item));
		cli_put_int(&s->t, "size", (int64_t)text.len);
		show_item[i](s, text);
		cli_end(&s->t);
	}
	cli_end(&s->t);
}

static void show_missing(struct cli *c, struct show *s, const att_collateral *col)
{
	cli_list(&s->t, "missing");
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		enum att_item item = (enum att_item)i;
		if (att_collateral_get(col, item).len || !needed(s, item))
			continue;
		s->missing++;
		cli_put_str(&s->t, NULL, att_item_name(item));
		cli_error(c, "the item %s is missing", att_item_name(item));
	}
	cli_end(&s->t);
}

static enum cli_exit run_show(struct cli *c, const struct cli_args *a)
{
	auto_collateral att_collateral *col = NULL;
	att_auto_buf att_buf b = { 0 };
	struct show s = { 0 };
	att_err err = { 0 };

	att_rc rc = cli_read_collateral(a->operands[0], &col, &err);
	if (rc == ATT_E_ARG)
		return cli_usage(c, a->command, "%s", err.msg);
	if (rc != ATT_OK) {
		cli_error(c, "%s", err.msg);
		return CLI_NO_ANSWER;
	}
	bool json = cli_output_is(a, "json");
	if (!json)
		att_put_str(&b, "Nothing below was verified: it is what the files say.\n");
	cli_tree_start(&s.t, &b, json);
	cli_put_bool(&s.t, "verified", false);
	cli_put_str(&s.t, "form", att_collateral_form(col));
	show_items(&s, col);
	show_missing(c, &s, col);
	cli_put_bool(&s.t, "complete", s.missing == 0 && s.bad == 0);
	cli_tree_finish(&s.t);
	if (s.bad)
		cli_error(c, "%zu of the items can not be read", s.bad);
	return cli_finish(c, &b, s.missing || s.bad ? CLI_NO_ANSWER : CLI_ACCEPTED);
}

static const struct cli_option show_options[] = {
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_collateral_show = {
	.name = "collateral show",
	.page = "attest-collateral",
	.operand = "FILE|DIR",
	.operand_min = 1,
	.operand_max = 1,
	.summary = "print what is in collateral and what is missing, without verifying anything",
	.about = "Exit code 0 when every item is there and can be read, 3 when not.",
	.options = show_options,
	.option_count = ATT_COUNT(show_options),
	.run = run_show,
};
