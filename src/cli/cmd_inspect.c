/* SPDX-License-Identifier: Apache-2.0 */
/* `attest inspect`: the tree of a quote, of a REPORT, of an SNP report. Nothing is verified, and
 * the output says so. */
#include <stdio.h>

#include "attest/attest.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/show.h"

ATT_DEFINE_CLEANUP(evidence, att_evidence, att_evidence_free)
#define auto_evidence __attribute__((cleanup(evidence_cleanup)))

#define HEX(t, name, field) cli_put_hex(t, name, att_bytes_of((field), sizeof(field)))

static const char *cert_type_name(uint16_t type)
{
	static const char *const names[] = { "unknown",
					     "PPID, plain, and TCB",
					     "PPID, encrypted with RSA-2048-OAEP, and TCB",
					     "PPID, encrypted with RSA-3072-OAEP, and TCB",
					     "PCK certificate",
					     "PCK certificate chain",
					     "QE report certification data",
					     "platform manifest" };

	return type < ATT_COUNT(names) ? names[type] : names[0];
}

static void show_certificate(struct cli_tree *t, const struct att_cert_facts *cert)
{
	cli_object(t, NULL);
	cli_put_str(t, "subject", cert->subject);
	cli_put_str(t, "issuer", cert->issuer);
	cli_put_hex(t, "serial", att_bytes_of(cert->serial, cert->serial_len));
	cli_put_time(t, "not_before", cert->not_before);
	cli_put_time(t, "not_after", cert->not_after);
	cli_put_bool(t, "ca", cert->is_ca);
	if (cert->path_len >= 0)
		cli_put_int(t, "path_length", cert->path_len);
	else
		cli_put_null(t, "path_length");
	HEX(t, "sha256", cert->sha256);
	cli_put_bool(t, "simulated", cert->simulated);
	if (cert->has_platform) {
		cli_object(t, "sgx_extension");
		cli_show_platform(t, &cert->platform);
		cli_end(t);
	} else {
		cli_put_null(t, "sgx_extension");
	}
	cli_end(t);
}

/* Why the certificates can not be read, if they can not; the tree says it too. */
static att_rc show_certificates(struct cli_tree *t, const struct att_quote *q)
{
	struct att_cert_facts cert[ATT_CERTS_MAX];
	att_err err = { 0 };
	size_t count = 0;

	if (q->cert_type != 4 && q->cert_type != 5) {
		cli_put_null(t, "certificates");
		cli_put_null(t, "certificates_error");
		return ATT_OK;
	}
	att_rc rc = att_certs_read(q->cert_data, cert, &count, &err);
	cli_list(t, "certificates");
	for (size_t i = 0; i < count; i++)
		show_certificate(t, &cert[i]);
	cli_end(t);
	cli_put_str(t, "certificates_error", rc == ATT_OK ? NULL : err.msg);
	return rc;
}

static att_rc show_certification(struct cli_tree *t, const struct att_quote *q)
{
	bool names_pck = q->cert_type >= 1 && q->cert_type <= 3;

	cli_object(t, "certification_data");
	if (q->outer_cert_type)
		cli_put_int(t, "outer_type", q->outer_cert_type);
	else
		cli_put_null(t, "outer_type");
	cli_put_int(t, "type", q->cert_type);
	cli_put_str(t, "type_name", cert_type_name(q->cert_type));
	cli_put_int(t, "offset", (int64_t)q->cert_data_offset);
	cli_put_int(t, "size", (int64_t)q->cert_data.len);
	if (names_pck) {
		cli_object(t, "pck_name");
		cli_put_hex(t, "ppid", q->ppid);
		HEX(t, "cpu_svn", q->cert_cpu_svn);
		cli_put_int(t, "pce_svn", q->cert_pce_svn);
		cli_put_int(t, "pce_id", q->cert_pce_id);
		cli_end(t);
	} else {
		cli_put_null(t, "pck_name");
	}
	att_rc rc = show_certificates(t, q);
	cli_end(t);
	return rc;
}

static void show_header(struct cli_tree *t, const struct att_quote *q)
{
	cli_object(t, "header");
	cli_put_int(t, "version", q->version);
	cli_put_int(t, "attestation_key_type", q->key_type);
	cli_put_int(t, "tee_type", q->tee_type);
	if (q->version == 3) {
		cli_put_int(t, "qe_svn", q->qe_svn);
		cli_put_int(t, "pce_svn", q->pce_svn);
	} else {
		cli_put_null(t, "qe_svn");
		cli_put_null(t, "pce_svn");
	}
	HEX(t, "qe_vendor_id", q->qe_vendor_id);
	HEX(t, "user_data", q->user_data);
	cli_put_int(t, "body_type", q->body_type);
	cli_end(t);
}

static att_rc show_quote(struct cli_tree *t, const att_evidence *ev)
{
	const struct att_quote *q = att_evidence_quote(ev);

	show_header(t, q);
	cli_object(t, "body");
	cli_show_claims(t, att_evidence_claims(ev), true);
	cli_end(t);
	cli_object(t, "signature_data");
	cli_put_hex(t, "signature", q->signature);
	cli_put_hex(t, "attestation_key", q->attestation_key);
	cli_object(t, "qe_report");
	cli_show_sgx(t, &q->qe_report, true);
	cli_end(t);
	cli_put_hex(t, "qe_report_signature", q->qe_report_signature);
	cli_put_int(t, "qe_auth_data_size", (int64_t)q->qe_auth_data.len);
	cli_put_hex(
	    t, "qe_auth_data",
	    att_bytes_of(q->qe_auth_data.ptr, q->qe_auth_data.len < 64 ? q->qe_auth_data.len : 64));
	att_rc rc = show_certification(t, q);
	cli_end(t);
	cli_put_int(t, "padding", (int64_t)q->padding);
	return rc;
}

static void show_report(struct cli_tree *t, const att_evidence *ev)
{
	cli_object(t, "body");
	cli_show_claims(t, att_evidence_claims(ev), true);
	cli_end(t);
	cli_put_hex(t, "key_id", att_evidence_report_key_id(ev));
	cli_put_hex(t, "mac", att_evidence_report_mac(ev));
}

static void put_guid(struct cli_tree *t, const char *name, const uint8_t g[static 16])
{
	char hex[33], text[37];

	att_hex_encode(att_bytes_of(g, 16), hex);
	snprintf(text, sizeof(text), "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
		 hex + 20);
	cli_put_str(t, name, text);
}

/* The table is the host's word; what it holds is named and hashed, not read. */
static att_rc show_snp_certs(struct cli_tree *t, const struct att_snp_certs *table)
{
	if (!table) {
		cli_put_null(t, "certificates");
		return ATT_OK;
	}
	cli_list(t, "certificates");
	for (size_t i = 0; i < table->count; i++) {
		const struct att_snp_cert *c = &table->cert[i];
		uint8_t hash[32];
		att_rc rc = att_hash_sha256(c->data, hash, NULL);
		if (rc != ATT_OK)
			return rc;
		cli_object(t, NULL);
		cli_put_str(t, "name", c->name);
		put_guid(t, "guid", c->guid);
		cli_put_int(t, "offset", (int64_t)c->offset);
		cli_put_int(t, "size", (int64_t)c->data.len);
		HEX(t, "sha256", hash);
		cli_end(t);
	}
	cli_end(t);
	return ATT_OK;
}

static att_rc show_snp_report(struct cli_tree *t, const att_evidence *ev)
{
	att_bytes rs = att_evidence_snp_signature(ev);

	cli_object(t, "body");
	cli_show_claims(t, att_evidence_claims(ev), true);
	cli_end(t);
	cli_object(t, "signature");
	cli_put_hex(t, "r", att_bytes_of(rs.ptr, rs.len / 2));
	cli_put_hex(t, "s", att_bytes_of(rs.ptr + rs.len / 2, rs.len / 2));
	cli_end(t);
	return show_snp_certs(t, att_evidence_snp_certs(ev));
}

static att_rc show(struct cli_tree *t, const att_evidence *ev)
{
	att_rc rc = ATT_OK;

	cli_put_bool(t, "verified", false);
	cli_put_str(t, "kind", att_kind_name(att_evidence_kind(ev)));
	cli_put_str(t, "read_as", att_encoding_name(att_evidence_encoding(ev)));
	cli_put_int(t, "size", (int64_t)att_evidence_bytes(ev).len);
	if (att_evidence_quote(ev))
		rc = show_quote(t, ev);
	else if (att_evidence_kind(ev) == ATT_KIND_SNP_REPORT)
		rc = show_snp_report(t, ev);
	else
		show_report(t, ev);
	return rc;
}

static enum cli_exit run_inspect(struct cli *c, const struct cli_args *a)
{
	const char *path = a->operands[0];
	auto_evidence att_evidence *ev = NULL;
	att_auto_buf att_buf b = { 0 };
	struct cli_tree t;

	enum cli_exit code = cli_load_evidence(c, path, &ev);
	if (code != CLI_ACCEPTED)
		return code;
	bool json = cli_output_is(a, "json");
	if (!json)
		att_putf(&b, "Nothing below was verified: it is what the file says.\n");
	cli_tree_start(&t, &b, json);
	att_rc rc = show(&t, ev);
	cli_tree_finish(&t);
	if (rc == ATT_E_NOMEM || rc == ATT_E_UNAVAILABLE) {
		cli_error(c, "%s: certificates: out of memory", path);
		return CLI_NO_ANSWER;
	}
	if (rc != ATT_OK)
		cli_error(c, "%s: its certificates can not be read (certificates_error says why)",
			  path);
	return cli_finish(c, &b, rc == ATT_OK ? CLI_ACCEPTED : CLI_REFUSED);
}

static const struct cli_option inspect_options[] = {
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_inspect = {
	.name = "inspect",
	.page = "attest-inspect",
	.operand = "FILE",
	.operand_min = 1,
	.operand_max = 1,
	.summary = "print the tree of a quote or REPORT, without verifying anything",
	.about =
	    "FILE is a quote, an SGX REPORT or an SEV-SNP report (its certificate table behind "
	    "it or not) in binary, hex, base64 or PEM ('-': standard input), or a file that "
	    "`attest verify --save` made.",
	.options = inspect_options,
	.option_count = ATT_COUNT(inspect_options),
	.run = run_inspect,
};
