/* SPDX-License-Identifier: Apache-2.0 */
/* `attest policy init` and `attest policy check`. */
#include <string.h>

#include "attest/attest.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/load.h"
#include "cli/tree.h"
#include "cli/verify.h"

ATT_DEFINE_CLEANUP(evidence, att_evidence, att_evidence_free)
#define auto_evidence __attribute__((cleanup(evidence_cleanup)))
ATT_DEFINE_CLEANUP(policy, att_policy, att_policy_free)
#define auto_policy __attribute__((cleanup(policy_cleanup)))

enum { OPT_FROM = 1 };

static enum cli_exit run_init(struct cli *c, const struct cli_args *a)
{
	const char *from = cli_value(a, OPT_FROM);
	auto_evidence att_evidence *ev = NULL;
	att_auto_mem char *text = NULL;
	att_auto_buf att_buf b = { 0 };
	att_err err = { 0 };

	enum cli_exit code = cli_load_evidence(c, from, &ev);
	if (code != CLI_ACCEPTED)
		return code;
	const struct att_claims *claims = att_evidence_claims(ev);
	if (att_policy_template(claims, &text, &err) != ATT_OK) {
		cli_error(c, "%s: %s", from, err.msg);
		return CLI_NO_ANSWER;
	}
	cli_note(c, "this pins what %s says; nothing was verified: read it before you use it",
		 from);
	if (att_claims_debug(claims))
		cli_warning(c,
			    "%s comes from a debug %s, which policies refuse unless they allow it",
			    from, claims->kind == ATT_KIND_TDX_QUOTE ? "TD" : "enclave");
	att_put_str(&b, text);
	if (b.len && b.ptr[b.len - 1] != '\n')
		att_put_str(&b, "\n");
	return cli_finish(c, &b, CLI_ACCEPTED);
}

static const struct cli_option init_options[] = {
	{ .id = OPT_FROM,
	  .name = "from",
	  .required = true,
	  .value = "FILE",
	  .path = true,
	  .help = "pin the measurements of this quote, REPORT or saved file (required)" },
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_policy_init = {
	.name = "policy init",
	.page = "attest-policy",
	.summary = "print a policy that pins the measurements of given evidence",
	.about = "The policy goes to standard output, as JSON in either form. The evidence is not "
		 "verified: "
		 "take it from a source you trust, or verify it first.",
	.options = init_options,
	.option_count = ATT_COUNT(init_options),
	.run = run_init,
};

static void invalid_json(const att_err *why, att_buf *b)
{
	att_jsonw w = att_jsonw_to(b, 2);

	att_jw_object(&w);
	att_jw_name(&w, "valid");
	att_jw_bool(&w, false);
	att_jw_name(&w, "error");
	cli_jw_safe(&w, att_bytes_of(why->msg, strlen(why->msg)));
	att_jw_name(&w, "offset");
	if (why->offset != SIZE_MAX)
		att_jw_int(&w, (int64_t)why->offset);
	else
		att_jw_null(&w);
	att_jw_end_object(&w);
	att_put_str(b, "\n");
}

static void valid_json(const att_policy *p, const char *canonical, att_buf *b)
{
	att_jsonw w = att_jsonw_to(b, 2);
	uint8_t id[32];
	const char *text;

	att_policy_id(p, id);
	att_jw_object(&w);
	att_jw_name(&w, "valid");
	att_jw_bool(&w, true);
	att_jw_name(&w, "pins");
	att_jw_bool(&w, att_policy_pins(p));
	att_jw_name(&w, "id");
	att_jw_hex(&w, att_bytes_of(id, sizeof(id)));
	att_jw_name(&w, "warnings");
	att_jw_array(&w);
	for (size_t i = 0; (text = att_policy_warning(p, i)) != NULL; i++)
		cli_jw_safe(&w, att_bytes_of(text, strlen(text)));
	att_jw_end_array(&w);
	att_jw_name(&w, "canonical");
	size_t len = strlen(canonical);
	while (len && canonical[len - 1] == '\n')
		len--;
	att_jw_raw(&w, att_bytes_of(canonical, len));
	att_jw_end_object(&w);
	att_put_str(b, "\n");
}

static void valid_text(const att_policy *p, const char *path, att_buf *b)
{
	uint8_t id[32];
	const char *text;

	att_policy_id(p, id);
	cli_put_safe(b, att_bytes_of(path, strlen(path)));
	att_putf(b, ": valid, %s\n",
		 att_policy_pins(p) ? "pins measurements" : "pins no measurement");
	att_put_str(b, "id ");
	att_put_hex(b, att_bytes_of(id, sizeof(id)));
	att_put_str(b, "\n");
	for (size_t i = 0; (text = att_policy_warning(p, i)) != NULL; i++) {
		att_put_str(b, "warning: ");
		cli_put_safe(b, att_bytes_of(text, strlen(text)));
		att_put_str(b, "\n");
	}
}

static enum cli_exit show_valid(struct cli *c, const char *path, const att_policy *p, bool json)
{
	att_auto_mem char *canonical = NULL;
	att_auto_buf att_buf b = { 0 };
	att_err err = { 0 };

	if (att_policy_to_json(p, &canonical, &err) != ATT_OK) {
		cli_error(c, "%s: %s", path, err.msg);
		return CLI_NO_ANSWER;
	}
	if (json)
		valid_json(p, canonical, &b);
	else
		valid_text(p, path, &b);
	return cli_finish(c, &b, CLI_ACCEPTED);
}

static enum cli_exit run_check(struct cli *c, const struct cli_args *a)
{
	const char *path = a->operands[0];
	auto_policy att_policy *p = NULL;
	att_auto_buf att_buf text = { 0 };
	att_auto_buf att_buf b = { 0 };
	att_err err = { 0 };
	bool json = cli_output_is(a, "json");

	att_rc rc = cli_read(path, CLI_POLICY_MAX, &text, &err);
	if (rc == ATT_OK)
		rc = att_policy_parse(att_buf_bytes(&text), &p, &err);
	if (rc == ATT_OK)
		return show_valid(c, path, p, json);
	if (rc == ATT_E_IO || rc == ATT_E_NOMEM) {
		cli_error(c, "%s", err.msg);
		return CLI_NO_ANSWER;
	}
	cli_error(c, "%s: %s", path, err.msg);
	if (json)
		invalid_json(&err, &b);
	return cli_finish(c, &b, CLI_USAGE);
}

static const struct cli_option check_options[] = {
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_policy_check = {
	.name = "policy check",
	.page = "attest-policy",
	.operand = "FILE",
	.operand_min = 1,
	.operand_max = 1,
	.summary =
	    "check a policy; as JSON, print its canonical form with every default written out",
	.about = "A policy that can not be read as one gives exit code 1.",
	.options = check_options,
	.option_count = ATT_COUNT(check_options),
	.run = run_check,
};
