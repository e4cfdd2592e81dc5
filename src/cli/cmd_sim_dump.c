/* SPDX-License-Identifier: Apache-2.0 */
/* `attest sim dump`: what the structures say that enclaves and processors exchange. */
#include <string.h>

#include "attest/attest.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/show.h"
#include "cli/tree.h"
#include "platform/enclave/sigstruct.h"
#include "platform/sim/secs.h"

#define EINITTOKEN_LEN 304
#define FILE_MAX       4096u

enum { OPT_TYPE = 1 };

ATT_DEFINE_CLEANUP(evidence, att_evidence, att_evidence_free)

#define HEX(t, name, field) cli_put_hex(t, name, att_bytes_of((field), sizeof(field)))

static void put_attributes(struct cli_tree *t, uint64_t attributes, uint64_t xfrm)
{
	cli_show_bits(t, "attributes", ATT_BITS_SGX_ATTRIBUTES, attributes, 8, true);
	cli_show_bits(t, "xfrm", ATT_BITS_XFRM, xfrm, 8, true);
}

/* --- One function a structure --- */

static att_rc show_sigstruct(struct cli_tree *t, att_bytes in, att_err *err)
{
	struct att_sigstruct s;
	att_err why = { 0 };
	uint8_t mr_signer[32];

	att_rc rc = att_sigstruct_verify(in, &s, &why);
	bool genuine = rc == ATT_OK;
	if (rc == ATT_E_SIGNATURE)
		rc = att_sigstruct_parse(in, &s, &why);
	if (rc == ATT_OK)
		rc = att_sigstruct_mr_signer(s.modulus, mr_signer, &why);
	if (rc != ATT_OK) {
		*err = why;
		return rc;
	}
	cli_put_bool(t, "signature_ok", genuine);
	HEX(t, "mr_enclave", s.enclave_hash);
	HEX(t, "mr_signer", mr_signer);
	cli_put_int(t, "isv_prod_id", s.isv_prod_id);
	cli_put_int(t, "isv_svn", s.isv_svn);
	HEX(t, "isv_family_id", s.isv_family_id);
	HEX(t, "isv_ext_prod_id", s.isv_ext_prod_id);
	put_attributes(t, s.attributes, s.xfrm);
	cli_put_flags(t, "attributes_mask", s.attributes_mask);
	cli_put_flags(t, "xfrm_mask", s.xfrm_mask);
	cli_show_bits(t, "misc_select", ATT_BITS_MISC_SELECT, s.misc_select, 4, true);
	cli_put_flags(t, "misc_mask", s.misc_mask);
	cli_put_flags(t, "cet_attributes", s.cet_attributes);
	cli_put_flags(t, "cet_mask", s.cet_mask);
	cli_put_flags(t, "type", s.type);
	cli_put_flags(t, "vendor", s.vendor);
	cli_put_flags(t, "date", s.date);
	cli_put_flags(t, "sw_defined", s.sw_defined);
	HEX(t, "modulus", s.modulus);
	HEX(t, "signature", s.signature);
	return ATT_OK;
}

static att_rc show_report(struct cli_tree *t, att_bytes in, att_err *err)
{
	__attribute__((cleanup(evidence_cleanup))) att_evidence *ev = NULL;
	att_rc rc = att_evidence_parse(in, &ev, err);

	if (rc != ATT_OK)
		return rc;
	const struct att_claims *claims = att_evidence_claims(ev);
	if (claims->kind != ATT_KIND_SGX_REPORT)
		return att_fail(err, ATT_E_FORMAT, "no REPORT");
	cli_show_sgx(t, &claims->sgx, true);
	cli_put_hex(t, "key_id", att_bytes_of(in.ptr + 384, 32));
	cli_put_hex(t, "mac", att_bytes_of(in.ptr + 416, 16));
	return ATT_OK;
}

static att_rc show_target(struct cli_tree *t, att_bytes in, att_err *err)
{
	struct att_sgx_target target;

	(void)err;
	att_sgx_target_read(in.ptr, &target);
	HEX(t, "mr_enclave", target.mr_enclave);
	put_attributes(t, target.attributes, target.xfrm);
	cli_show_bits(t, "misc_select", ATT_BITS_MISC_SELECT, target.misc_select, 4, true);
	HEX(t, "config_id", target.config_id);
	cli_put_int(t, "config_svn", target.config_svn);
	return ATT_OK;
}

static const char *key_name(uint16_t name)
{
	static const char *const names[] = { "EINITTOKEN", "PROVISION", "PROVISION_SEAL", "REPORT",
					     "SEAL" };

	return name < ATT_COUNT(names) ? names[name] : "unknown";
}

static void put_policy(struct cli_tree *t, uint16_t policy)
{
	static const char *const names[] = { "MRENCLAVE", "MRSIGNER",    "NOISVPRODID",
					     "CONFIGID",  "ISVFAMILYID", "ISVEXTPRODID" };

	cli_put_flags(t, "key_policy", policy);
	cli_list(t, "key_policy_bits");
	for (size_t i = 0; i < ATT_COUNT(names); i++)
		if (policy >> i & 1)
			cli_put_str(t, NULL, names[i]);
	cli_end(t);
}

static att_rc show_keyrequest(struct cli_tree *t, att_bytes in, att_err *err)
{
	struct att_sgx_keyrequest r;

	(void)err;
	att_sgx_keyrequest_read(in.ptr, &r);
	cli_put_int(t, "key_name", r.key_name);
	cli_put_str(t, "key", key_name(r.key_name));
	put_policy(t, r.key_policy);
	cli_put_int(t, "isv_svn", r.isv_svn);
	HEX(t, "cpu_svn", r.cpu_svn);
	cli_put_flags(t, "attributes_mask", r.attributes_mask);
	cli_put_flags(t, "xfrm_mask", r.xfrm_mask);
	HEX(t, "key_id", r.key_id);
	cli_put_flags(t, "misc_mask", r.misc_mask);
	cli_put_int(t, "config_svn", r.config_svn);
	cli_put_bool(t, "reserved_zero", r.reserved_zero);
	return ATT_OK;
}

/* Intel SDM volume 3D, "EINITTOKEN". */
static att_rc show_einittoken(struct cli_tree *t, att_bytes in, att_err *err)
{
	att_reader r = att_reader_of(in);

	uint32_t valid = att_le32(&r, "valid");
	att_skip(&r, 44, "reserved1");
	uint64_t attributes = att_le64(&r, "attributes");
	uint64_t xfrm = att_le64(&r, "xfrm");
	att_bytes mr_enclave = att_view(&r, 32, "mr_enclave");
	att_skip(&r, 32, "reserved2");
	att_bytes mr_signer = att_view(&r, 32, "mr_signer");
	att_skip(&r, 32, "reserved3");
	att_bytes cpu_svn = att_view(&r, 16, "cpu_svn_le");
	uint16_t prod_id = att_le16(&r, "isv_prod_id_le");
	uint16_t svn = att_le16(&r, "isv_svn_le");
	att_skip(&r, 24, "reserved4");
	uint32_t misc = att_le32(&r, "masked_misc_select_le");
	uint64_t attributes_le = att_le64(&r, "masked_attributes_le");
	uint64_t xfrm_le = att_le64(&r, "masked_xfrm_le");
	att_bytes key_id = att_view(&r, 32, "key_id");
	att_bytes mac = att_view(&r, 16, "mac");
	att_rc rc = att_reader_end(&r, err);
	if (rc != ATT_OK)
		return rc;
	cli_put_bool(t, "valid", valid & 1);
	put_attributes(t, attributes, xfrm);
	cli_put_hex(t, "mr_enclave", mr_enclave);
	cli_put_hex(t, "mr_signer", mr_signer);
	cli_put_hex(t, "cpu_svn_le", cpu_svn);
	cli_put_int(t, "isv_prod_id_le", prod_id);
	cli_put_int(t, "isv_svn_le", svn);
	cli_put_flags(t, "masked_misc_select_le", misc);
	cli_put_flags(t, "masked_attributes_le", attributes_le);
	cli_put_flags(t, "masked_xfrm_le", xfrm_le);
	cli_put_hex(t, "key_id", key_id);
	cli_put_hex(t, "mac", mac);
	return ATT_OK;
}

static const struct type {
	const char *name;
	size_t len;
	att_rc (*show)(struct cli_tree *t, att_bytes in, att_err *err);
} types[] = {
	{ "sigstruct", ATT_SIGSTRUCT_LEN, show_sigstruct },
	{ "report", ATT_SGX_REPORT_LEN, show_report },
	{ "targetinfo", ATT_SGX_TARGETINFO_LEN, show_target },
	{ "keyrequest", ATT_SGX_KEYREQUEST_LEN, show_keyrequest },
	{ "einittoken", EINITTOKEN_LEN, show_einittoken },
};

/* --- Which one it is --- */

static const struct type *by_name(const char *name)
{
	size_t i = 0;

	while (strcmp(types[i].name, name) != 0)
		i++;
	return &types[i];
}

/* The length says it, but for the two of 512 bytes; NULL when it does not. */
static const struct type *by_length(size_t len)
{
	const struct type *found = NULL;

	for (size_t i = 0; i < ATT_COUNT(types); i++) {
		if (types[i].len != len)
			continue;
		if (found)
			return NULL;
		found = &types[i];
	}
	return found;
}

static enum cli_exit choose(struct cli *c, const struct cli_args *a, size_t len,
			    const struct type **out)
{
	const char *path = a->operands[0], *name = cli_value(a, OPT_TYPE);

	*out = name ? by_name(name) : by_length(len);
	if (!*out && len == ATT_SGX_TARGETINFO_LEN)
		return cli_usage(c, a->command,
				 "%s: 512 bytes are a TARGETINFO or a KEYREQUEST: say which with "
				 "--type",
				 path);
	if (!*out) {
		cli_error(c,
			  "%s: %zu bytes are none of SIGSTRUCT (1808), REPORT (432), TARGETINFO "
			  "and KEYREQUEST (512), EINITTOKEN (304)",
			  path, len);
		return CLI_REFUSED;
	}
	if ((*out)->len != len) {
		cli_error(c, "%s: %zu bytes, and a %s has %zu", path, len, (*out)->name,
			  (*out)->len);
		return CLI_REFUSED;
	}
	return CLI_ACCEPTED;
}

static enum cli_exit run(struct cli *c, const struct cli_args *a)
{
	const char *path = a->operands[0];
	const struct type *type = NULL;
	att_auto_buf att_buf file = { 0 };
	att_auto_buf att_buf text = { 0 };
	struct cli_tree t;
	att_err err = { 0 };

	att_rc rc = cli_read(path, FILE_MAX, &file, &err);
	if (rc != ATT_OK) {
		cli_error(c, "%s", err.msg);
		return rc == ATT_E_FORMAT ? CLI_REFUSED : CLI_NO_ANSWER;
	}
	enum cli_exit code = choose(c, a, file.len, &type);
	if (code != CLI_ACCEPTED || !type)
		return code;
	cli_tree_start(&t, &text, cli_output_is(a, "json"));
	cli_put_str(&t, "structure", type->name);
	rc = type->show(&t, att_buf_bytes(&file), &err);
	if (rc != ATT_OK) {
		cli_error(c, "%s: %s", path, err.msg);
		return rc == ATT_E_NOMEM || rc == ATT_E_UNAVAILABLE ? CLI_NO_ANSWER : CLI_REFUSED;
	}
	cli_tree_finish(&t);
	return cli_finish(c, &text, CLI_ACCEPTED);
}

static const struct cli_option options[] = {
	{ .id = OPT_TYPE,
	  .name = "type",
	  .value = "TYPE",
	  .choices = "sigstruct report targetinfo keyrequest einittoken",
	  .help = "what the file is; else its length says it" },
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_sim_dump = {
	.name = "sim dump",
	.page = "attest-sim",
	.operand = "FILE",
	.operand_min = 1,
	.operand_max = 1,
	.summary = "print a SIGSTRUCT, REPORT, TARGETINFO, KEYREQUEST or EINITTOKEN",
	.about = "Nothing is authenticated but a SIGSTRUCT's own signature; quotes are for "
		 "`attest inspect`.",
	.options = options,
	.option_count = ATT_COUNT(options),
	.run = run,
};
