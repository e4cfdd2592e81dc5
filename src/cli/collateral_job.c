/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/collateral_job.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/file.h"
#include "cli/load.h"

void cli_subject_free(struct cli_subject *s)
{
	att_evidence_free(s->evidence);
	*s = (struct cli_subject){ 0 };
}

void cli_collateral_job_free(struct cli_collateral_job *j)
{
	att_fetcher_free(j->fetcher);
	att_fetch_trace_free(j->trace);
	att_roots_free(j->roots);
	cli_case_free(&j->k);
}

enum cli_exit cli_collateral_begin(struct cli *c, const struct cli_args *a,
				   struct cli_collateral_job *j)
{
	att_err err = { 0 };

	j->k.time = c->now;
	enum cli_exit code = cli_fetch_check(c, a);
	if (code == CLI_ACCEPTED && a->operand_count == 0 && !cli_given(a, OPT_FMSPC) &&
	    !cli_given(a, OPT_PCK))
		code = cli_usage(c, a->command, "whose collateral? name a quote, or --fmspc HEX");
	if (code == CLI_ACCEPTED)
		code = cli_gather_time(c, a, &j->k);
	if (code == CLI_ACCEPTED)
		code = cli_gather_roots(c, a, &j->k);
	if (code != CLI_ACCEPTED)
		return code;
	att_rc rc = cli_case_roots(&j->k, &j->roots, &err);
	if (rc != ATT_OK) {
		cli_error(c, "%s", err.msg);
		return rc == ATT_E_NOMEM || rc == ATT_E_UNAVAILABLE ? CLI_NO_ANSWER : CLI_USAGE;
	}
	j->trace = att_fetch_trace_new();
	if (!j->trace) {
		cli_error(c, "out of memory");
		return CLI_NO_ANSWER;
	}
	return cli_fetcher_new(c, a, j->roots, &j->fetcher, &j->set);
}

static enum cli_exit read_fmspc(struct cli *c, const struct cli_args *a, const char *hex,
				struct cli_subject *s)
{
	const char *ca = cli_value(a, OPT_CA);
	const char *tee = cli_value(a, OPT_TEE);
	att_err err = { 0 };

	s->name = hex;
	if (att_hex_decode(att_bytes_of(hex, strlen(hex)), s->platform.fmspc,
			   sizeof(s->platform.fmspc), &err) != ATT_OK)
		return cli_usage(c, a->command, "--fmspc '%s': expected 12 hex digits", hex);
	s->platform.platform_ca = ca && strcmp(ca, "platform") == 0;
	s->platform.tdx = tee && strcmp(tee, "tdx") == 0;
	s->known = true;
	return CLI_ACCEPTED;
}

bool cli_subject_at(struct cli *c, const struct cli_args *a, size_t n, struct cli_subject *out,
		    enum cli_exit *code)
{
	size_t files = (size_t)a->operand_count;

	*out = (struct cli_subject){ 0 };
	*code = CLI_ACCEPTED;
	if (n >= files) {
		const char *hex = cli_value_at(a, OPT_FMSPC, n - files);
		if (hex)
			*code = read_fmspc(c, a, hex, out);
		return hex != NULL;
	}
	out->name = a->operands[n];
	*code = cli_load_evidence(c, out->name, &out->evidence);
	if (*code == CLI_ACCEPTED)
		out->known = att_fetch_platform_of(out->evidence, &out->platform);
	return true;
}

att_rc cli_subject_platform(struct cli_collateral_job *j, struct cli_subject *s, att_err *err)
{
	att_collateral *chain = NULL;

	if (s->known)
		return ATT_OK;
	att_rc rc =
	    att_fetch_pck(j->fetcher, s->evidence, j->k.time, &s->platform, &chain, j->trace, err);
	att_collateral_free(chain);
	return rc;
}

att_rc cli_subject_fetch(struct cli_collateral_job *j, struct cli_subject *s,
			 const struct att_fetch_set *set, att_collateral **out, att_err *err)
{
	*out = NULL;
	if (!s->evidence)
		return att_fetch_for(j->fetcher, &s->platform, set, j->k.time, out, j->trace, err);
	att_rc rc = cli_subject_platform(j, s, err);
	if (rc != ATT_OK)
		return rc;
	return att_fetch_collateral(j->fetcher, s->evidence, set, j->k.time, out, j->trace, err);
}

void cli_subject_bundle_name(const struct cli_subject *s, char out[static CLI_SUBJECT_NAME])
{
	const struct att_quote *q = s->evidence ? att_evidence_quote(s->evidence) : NULL;
	char fmspc[13];
	char qe_id[33] = { 0 };

	att_hex_encode(att_bytes_of(s->platform.fmspc, sizeof(s->platform.fmspc)), fmspc);
	if (q && !s->known)
		att_hex_encode(att_bytes_of(q->user_data, 16), qe_id);
	snprintf(out, CLI_SUBJECT_NAME, "%s-%s-%s%s%s", s->platform.tdx ? "tdx" : "sgx", fmspc,
		 s->platform.platform_ca ? "platform" : "processor", qe_id[0] ? "-" : "", qe_id);
}

static const struct {
	enum att_item item;
	const char *file;
} files[] = {
	{ ATT_ITEM_TCB_INFO, "tcb.json" },
	{ ATT_ITEM_TCB_INFO_ISSUER_CHAIN, "tcb_issuer_chain.pem" },
	{ ATT_ITEM_QE_IDENTITY, "identity.json" },
	{ ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, "identity_issuer_chain.pem" },
	{ ATT_ITEM_PCK_CRL, "pckcrl.der" },
	{ ATT_ITEM_PCK_CRL_ISSUER_CHAIN, "pckcrl_issuer_chain.pem" },
	{ ATT_ITEM_ROOT_CA_CRL, "rootcacrl.der" },
	{ ATT_ITEM_PCK_CERTIFICATE_CHAIN, "pckcert_chain.pem" },
};

att_rc cli_collateral_write(const char *directory, const att_collateral *c, att_err *err)
{
	if (mkdir(directory, 0777) != 0 && errno != EEXIST)
		return att_fail(err, ATT_E_IO, "%s: %s", directory, strerror(errno));
	for (size_t i = 0; i < ATT_COUNT(files); i++) {
		att_bytes text = att_collateral_get(c, files[i].item);
		att_auto_buf att_buf path = { 0 };

		if (!text.len)
			continue;
		att_putf(&path, "%s/%s", directory, files[i].file);
		att_put_u8(&path, 0);
		att_rc rc = att_buf_ok(&path, err);
		if (rc == ATT_OK)
			rc = cli_write_atomic((const char *)path.ptr, text, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

void cli_say_trace(struct cli *c, const att_fetch_trace *t)
{
	const struct att_fetch_step *s;

	for (size_t i = 0; (s = att_fetch_trace_at(t, i)) != NULL; i++) {
		if (s->rc == ATT_OK)
			cli_note(c, "%s: %s, %s", s->what, s->url, s->words);
		else
			cli_warning(c, "%s: %s: %s", s->what, s->url, s->words);
	}
}
