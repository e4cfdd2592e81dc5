/* SPDX-License-Identifier: Apache-2.0 */
/* `attest quote`: evidence of where this process runs, with report data of the caller's. */
#include <stdio.h>
#include <string.h>

#include "attest/attest.h"
#include "attest/attester.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/tree.h"

#define BOUND_MAX   ((size_t)64 << 20)
#define NONCE_MIN   8
#define SECONDS_MAX 3600

enum {
	OPT_ATTESTER = 1,
	OPT_REPORT_DATA,
	OPT_REPORT_DATA_SHA256,
	OPT_NONCE,
	OPT_FORMAT,
	OPT_IMAGE,
	OPT_SIGSTRUCT,
	OPT_CERTIFICATES,
	OPT_TIMEOUT,
	OPT_OUT
};

ATT_DEFINE_CLEANUP(evidence, att_evidence, att_evidence_free)
#define auto_evidence __attribute__((cleanup(evidence_cleanup)))
ATT_DEFINE_CLEANUP(attester, att_attester, att_attester_free)
#define auto_attester __attribute__((cleanup(attester_cleanup)))

static enum cli_exit failed(struct cli *c, att_rc rc, const att_err *err)
{
	cli_error(c, "%s", err->msg);
	return rc == ATT_E_ARG ? CLI_USAGE : CLI_NO_ANSWER;
}

static enum cli_exit read_hex(struct cli *c, const struct cli_args *a, const char *name,
			      const char *hex, size_t min, uint8_t out[ATT_REPORT_DATA])
{
	size_t len = strlen(hex);
	att_err err = { 0 };

	if (len < 2 * min || len > 2 * ATT_REPORT_DATA || len % 2)
		return cli_usage(c, a->command, "--%s is %zu to %d hex digits, not %zu", name,
				 2 * min, 2 * ATT_REPORT_DATA, len);
	if (att_hex_decode(att_bytes_of(hex, len), out, len / 2, &err) != ATT_OK)
		return cli_usage(c, a->command, "--%s: %s", name, err.msg);
	if (len < 2 * ATT_REPORT_DATA)
		cli_note(c, "report data: %zu byte%s, zeros behind", len / 2, len == 2 ? "" : "s");
	return CLI_ACCEPTED;
}

static enum cli_exit read_report_data(struct cli *c, const struct cli_args *a,
				      uint8_t out[ATT_REPORT_DATA])
{
	const char *hex = cli_value(a, OPT_REPORT_DATA);
	const char *path = cli_value(a, OPT_REPORT_DATA_SHA256);
	const char *nonce = cli_value(a, OPT_NONCE);
	att_auto_buf att_buf file = { 0 };
	att_err err = { 0 };

	if (!!hex + !!path + !!nonce != 1)
		return cli_usage(
		    c, a->command,
		    "one of --report-data, --report-data-sha256 and --nonce is needed: "
		    "what the evidence shall be bound to");
	if (hex)
		return read_hex(c, a, "report-data", hex, 1, out);
	if (nonce)
		return read_hex(c, a, "nonce", nonce, NONCE_MIN, out);
	att_rc rc = cli_read(path, BOUND_MAX, &file, &err);
	if (rc == ATT_OK)
		rc = att_hash_sha256(att_buf_bytes(&file), out, &err);
	if (rc != ATT_OK)
		return failed(c, rc, &err);
	cli_note(c, "report data: the SHA-256 of %s, zeros behind it", path);
	return CLI_ACCEPTED;
}

static bool read_seconds(const char *text, unsigned *ms)
{
	unsigned v = 0;

	if (!text)
		return true;
	for (; *text >= '0' && *text <= '9' && v <= SECONDS_MAX; text++)
		v = v * 10 + (unsigned)(*text - '0');
	*ms = v * 1000;
	return *text == 0 && v >= 1 && v <= SECONDS_MAX;
}

static const char *tee_name(const att_evidence *ev)
{
	switch (att_evidence_kind(ev)) {
	case ATT_KIND_SGX_REPORT:
	case ATT_KIND_SGX_QUOTE:
		return "sgx";
	case ATT_KIND_TDX_QUOTE:
		return "tdx";
	case ATT_KIND_SNP_REPORT:
		return "snp";
	}
	return NULL;
}

static void put_base64(struct cli_tree *t, const char *name, att_bytes b)
{
	att_auto_buf att_buf text = { 0 };

	att_put_base64(&text, b);
	att_put_u8(&text, 0);
	if (att_buf_ok(&text, NULL) == ATT_OK && b.len)
		cli_put_str(t, name, (const char *)text.ptr);
	else
		cli_put_null(t, name);
	t->out->failed = t->out->failed || text.failed;
}

/* Evidence that is not parsed here (EPID) has no kind. */
static att_rc put_json(att_buf *b, const struct att_quoted *q,
		       const uint8_t report_data[ATT_REPORT_DATA], att_err *err)
{
	auto_evidence att_evidence *ev = NULL;
	struct cli_tree t;

	att_rc rc = att_evidence_parse(att_bytes_of(q->evidence, q->evidence_len), &ev, err);
	if (rc != ATT_OK && rc != ATT_E_UNSUPPORTED)
		return rc;
	cli_tree_start(&t, b, true);
	cli_put_str(&t, "attester", q->attester);
	cli_put_str(&t, "tee", ev ? tee_name(ev) : NULL);
	cli_put_str(&t, "kind", ev ? att_kind_name(att_evidence_kind(ev)) : NULL);
	cli_put_hex(&t, "report_data", att_bytes_of(report_data, ATT_REPORT_DATA));
	put_base64(&t, "evidence", att_bytes_of(q->evidence, q->evidence_len));
	put_base64(&t, "certificates", att_bytes_of(q->certificates, q->certificates_len));
	cli_tree_finish(&t);
	return ATT_OK;
}

static att_rc put_result(att_buf *b, const struct cli_args *a, const struct att_quoted *q,
			 const uint8_t report_data[ATT_REPORT_DATA], att_err *err)
{
	att_auto_buf att_buf all = { 0 };

	if (cli_output_is(a, "json"))
		return put_json(b, q, report_data, err);
	att_put_mem(&all, q->evidence, q->evidence_len);
	if (cli_given(a, OPT_CERTIFICATES) && q->certificates)
		att_put_mem(&all, q->certificates, q->certificates_len);
	att_rc rc = att_buf_ok(&all, err);
	if (rc != ATT_OK)
		return rc;
	if (cli_output_is(a, "bin")) {
		att_put(b, att_buf_bytes(&all));
		return ATT_OK;
	}
	att_put_hex(b, att_buf_bytes(&all));
	att_put_str(b, "\n");
	return ATT_OK;
}

static enum cli_exit write_out(struct cli *c, const struct cli_args *a, const att_buf *b)
{
	const char *path = cli_value(a, OPT_OUT);
	att_err err = { 0 };

	if (!path)
		return cli_finish(c, b, CLI_ACCEPTED);
	att_rc rc = att_buf_ok(b, &err);
	if (rc == ATT_OK)
		rc = cli_write_atomic(path, att_buf_bytes(b), &err);
	return rc == ATT_OK ? CLI_ACCEPTED : failed(c, rc, &err);
}

static void quoted_clear(struct att_quoted *q)
{
	att_quoted_clear(q);
}

static enum cli_exit run_quote(struct cli *c, const struct cli_args *a)
{
	__attribute__((cleanup(quoted_clear))) struct att_quoted q = { 0 };
	auto_attester att_attester *attester = NULL;
	uint8_t report_data[ATT_REPORT_DATA] = { 0 };
	att_auto_buf att_buf b = { 0 };
	att_err err = { 0 };
	struct att_attester_options options = {
		.format = cli_value(a, OPT_FORMAT),
		.sim_cpu = c->env("ATTEST_SIM_CPU"),
		.signer = c->env("ATTEST_SIM_SIGNER"),
		.image = cli_value(a, OPT_IMAGE),
		.sigstruct = cli_value(a, OPT_SIGSTRUCT),
	};

	if (!read_seconds(cli_value(a, OPT_TIMEOUT), &options.timeout_ms))
		return cli_usage(c, a->command, "--timeout is 1 to %d seconds", SECONDS_MAX);
	if (cli_output_is(a, "bin") && !cli_given(a, OPT_OUT) && c->terminal_out)
		return cli_usage(c, a->command,
				 "evidence is binary, and this is a terminal: use -o hex, -o json, "
				 "--out FILE or a pipe");
	enum cli_exit code = read_report_data(c, a, report_data);
	if (code != CLI_ACCEPTED)
		return code;
	const char *name = cli_value(a, OPT_ATTESTER);
	att_rc rc = att_attester_open(name ? name : "auto", &options, &attester, &err);
	if (rc == ATT_OK)
		rc = att_attester_quote(attester, report_data, &q, &err);
	if (rc == ATT_OK)
		rc = put_result(&b, a, &q, report_data, &err);
	return rc == ATT_OK ? write_out(c, a, &b) : failed(c, rc, &err);
}

static const struct cli_option quote_options[] = {
	{ .id = OPT_REPORT_DATA,
	  .name = "report-data",
	  .value = "HEX",
	  .help = "bind the evidence to these 1 to 64 bytes, zeros behind" },
	{ .id = OPT_REPORT_DATA_SHA256,
	  .name = "report-data-sha256",
	  .value = "FILE",
	  .path = true,
	  .help = "bind it to the SHA-256 of this file" },
	{ .id = OPT_NONCE,
	  .name = "nonce",
	  .value = "HEX",
	  .help = "bind it to this challenge of a verifier: 8 to 64 bytes, zeros behind" },
	{ .id = OPT_ATTESTER,
	  .letter = 'a',
	  .name = "attester",
	  .value = "NAME",
	  .choices = "auto sim aesm occlum gramine tsm tdx-guest sev-guest",
	  .help = "what makes the evidence; auto, which is the default, takes what is there" },
	{ .id = OPT_FORMAT,
	  .name = "format",
	  .value = "KIND",
	  .choices = "sgx3 sgx4 sgx5 tdx4 tdx5 tdx15",
	  .help = "simulated platform: the kind of quote, sgx3 unless told" },
	{ .id = OPT_IMAGE,
	  .name = "image",
	  .value = "FILE",
	  .path = true,
	  .help = "simulated platform: the enclave's image, this program's own unless told" },
	{ .id = OPT_SIGSTRUCT,
	  .name = "sigstruct",
	  .value = "FILE",
	  .path = true,
	  .help = "simulated platform: the SIGSTRUCT of the image" },
	{ .id = OPT_CERTIFICATES,
	  .name = "with-certificates",
	  .help = "SEV-SNP, bin and hex: put the host's certificate table behind the report" },
	{ .id = OPT_TIMEOUT,
	  .name = "timeout",
	  .value = "SECONDS",
	  .help = "give up on a daemon or a busy device after this time, 15 unless told" },
	{ .id = OPT_OUT,
	  .name = "out",
	  .value = "FILE",
	  .path = true,
	  .help = "write to this file, whole or not at all" },
	CLI_OPTION_OUTPUT("bin hex json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_quote = {
	.name = "quote",
	.page = "attest-quote",
	.summary = "make evidence on this machine",
	.about =
	    "Makes a quote (SGX, TDX) or a report (SEV-SNP) with the report data given, as the "
	    "platform hands it out; nothing is verified. Inside `attest sim run` the simulated "
	    "platform makes it, which proves nothing about hardware.",
	.options = quote_options,
	.option_count = ATT_COUNT(quote_options),
	.run = run_quote,
};
