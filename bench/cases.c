/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "platform/sim/machine.h"

#define FILE_MAX      ((size_t)1 << 20)
#define GENERATED_NOW INT64_C(1750000000)

/* Real quotes, each with a time when its collateral was current, and what it says. */
static const struct {
	const char *name;
	int64_t now;
	enum att_tcb_status status;
} real[] = {
	{ "dcapqvl_sgx_v3", 1752919277, ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED },
	{ "dcapqvl_tdx_v4", 1752919234, ATT_TCB_UP_TO_DATE },
};

static bool read_file(const char *dir, const char *name, const char *file, att_buf *out)
{
	char path[4096], chunk[4096];

	snprintf(path, sizeof(path), "%s/dcap/cases/%s/%s", dir, name, file);
	FILE *f = fopen(path, "rb");
	if (!f)
		return false;
	for (size_t n; (n = fread(chunk, 1, sizeof(chunk), f)) > 0 && out->len < FILE_MAX;)
		att_put_mem(out, chunk, n);
	bool ok = !ferror(f) && out->len > 0 && !out->failed;
	fclose(f);
	return ok;
}

/* Changes a bit of the report data, the end of what is signed: parsing and everything before the
 * quote's signature go as with the right one. */
static bool tamper(const att_buf *quote, att_buf *out)
{
	att_evidence *ev = NULL;

	if (att_evidence_parse(att_buf_bytes(quote), &ev, NULL) != ATT_OK)
		return false;
	size_t at = att_evidence_quote(ev)->signed_part.len - 1;
	const struct att_claims *c = att_evidence_claims(ev);
	if (c->kind == ATT_KIND_TDX_QUOTE && c->td.has_15)
		at -= sizeof(c->td.tee_tcb_svn2) + sizeof(c->td.mr_service_td);
	att_evidence_free(ev);
	att_put(out, att_buf_bytes(quote));
	if (out->failed)
		return false;
	out->ptr[at] ^= 1;
	return true;
}

bool bench_case_real(const char *vectors, bool tdx, struct bench_case *out)
{
	*out = (struct bench_case){ .tdx = tdx,
				    .count = 1,
				    .now = real[tdx].now,
				    .status = real[tdx].status,
				    .roots = att_roots_intel() };
	if (out->roots && vectors &&
	    read_file(vectors, real[tdx].name, "quote.dat", &out->quote[0]) &&
	    read_file(vectors, real[tdx].name, "collateral.json", &out->collateral) &&
	    tamper(&out->quote[0], &out->tampered[0]))
		return true;
	fprintf(stderr, "bench: no real %s quote (ATTEST_VECTORS): only generated ones\n",
		tdx ? "TDX" : "SGX");
	bench_case_free(out);
	return false;
}

static bool generate(const att_sim_machine *m, struct bench_case *out)
{
	att_collateral *c = NULL;
	char *json = NULL;

	for (unsigned n = 0; n < BENCH_GENERATED; n++, out->count++) {
		if (att_sim_machine_quote(m, out->tdx ? ATT_SIM_TDX4 : ATT_SIM_SGX3, n,
					  &out->quote[n], NULL) != ATT_OK ||
		    !tamper(&out->quote[n], &out->tampered[n]))
			return false;
	}
	bool ok = att_sim_machine_collateral(m, out->tdx, &c, NULL) == ATT_OK &&
		  att_collateral_to_json(c, &json, NULL) == ATT_OK;
	att_collateral_free(c);
	if (!ok)
		return false;
	att_put_str(&out->collateral, json);
	free(json);
	out->roots = att_roots_new();
	return out->roots &&
	       att_roots_add(out->roots, att_sim_pki_pem(att_sim_machine_pki(m), ATT_SIM_ROOT),
			     "simulated", NULL) == ATT_OK;
}

bool bench_case_generated(bool tdx, struct bench_case *out)
{
	static const struct att_sim_options options = {
		.seed = { "bench" }, .now = GENERATED_NOW, .platform_ca = true, .cpus = BENCH_PCKS
	};
	att_sim_machine *m = NULL;
	att_err err = { 0 };

	*out =
	    (struct bench_case){ .tdx = tdx, .now = GENERATED_NOW, .status = ATT_TCB_UP_TO_DATE };
	bool ok = att_sim_machine_new(&options, &m, &err) == ATT_OK && generate(m, out);
	att_sim_machine_free(m);
	if (ok)
		return true;
	fprintf(stderr, "bench: nothing could be generated: %s\n", err.msg);
	bench_case_free(out);
	return false;
}

void bench_case_free(struct bench_case *c)
{
	for (size_t i = 0; i < BENCH_GENERATED; i++) {
		att_buf_free(&c->quote[i]);
		att_buf_free(&c->tampered[i]);
	}
	att_buf_free(&c->collateral);
	att_roots_free(c->roots);
	*c = (struct bench_case){ 0 };
}
