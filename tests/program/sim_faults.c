/* SPDX-License-Identifier: Apache-2.0 */
/* sim_faults DIR: a world for test_faults.py, without a network. Reads lines "FOLDER SETTING VALUE"
 * from standard input; for each, with that setting alone turned, writes quote.dat and
 * collateral.json to DIR/FOLDER/KIND for every kind of quote, and once DIR/root.pem. The collateral
 * is what the service answers to a client's requests. Without DIR: lists "SETTING VALUES". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "platform/sim/cpu.h"
#include "platform/sim/dial.h"

#define NOW   INT64_C(1750000000)
#define FMSPC "0053494d0000"

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "sim_faults: %s failed\n", what);
	exit(1);
}

static void write_file(const char *folder, const char *name, att_bytes bytes)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "wb");
	must(f && fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len && fclose(f) == 0, path);
}

/* EREPORT of an enclave that was launched as the dial has it, or TDREPORT of such a TD. */
static void quote(att_sim_world *w, enum att_sim_kind kind, att_buf *out)
{
	static const uint8_t report_data[64] = "sim_faults";
	att_sim_cpu *cpu = att_sim_world_cpu(w);
	struct att_secs enclave = { .attributes = 0x05, .xfrm = 0x03, .isv_prod_id = 1 };
	struct att_td_body td = { .td_attributes = ATT_TD_SEPT_VE_DISABLE, .xfam = 0xe7 };
	uint8_t target[ATT_SIM_TARGET], report[ATT_SIM_TDREPORT];
	att_rc rc;

	if (att_sim_kind_is_tdx(kind)) {
		td.td_attributes |= att_sim_cpu_debug(cpu) ? ATT_TD_DEBUG : 0;
		rc = att_sim_tdreport(cpu, &td, report_data, report, NULL);
		must(rc == ATT_OK, "att_sim_tdreport");
		rc = att_sim_world_td_quote(w, kind, report, out, NULL);
		must(rc == ATT_OK, "att_sim_world_td_quote");
		return;
	}
	enclave.attributes |= att_sim_cpu_debug(cpu) ? ATT_SGX_DEBUG : 0;
	memset(enclave.mr_enclave, 0x11, sizeof(enclave.mr_enclave));
	memset(enclave.mr_signer, 0x22, sizeof(enclave.mr_signer));
	att_sim_world_target(w, ATT_SIM_QE, target);
	rc = att_sim_ereport(cpu, &enclave, target, report_data, report, NULL);
	must(rc == ATT_OK, "att_sim_ereport");
	rc = att_sim_world_quote(w, kind, report, out, NULL);
	must(rc == ATT_OK, "att_sim_world_quote");
}

/* One request of a client; what it answers becomes `item`, its issuer chain `chain_item`. */
static void fetch(att_sim_world *w, const char *target, const char *header, att_collateral *c,
		  enum att_item item, enum att_item chain_item)
{
	struct att_http_request request = { 0 };
	struct att_http_response r = { 0 };
	att_auto_buf att_buf pem = { 0 };

	must(att_http_request_line(&request, "GET", target, NULL) == ATT_OK, target);
	must(att_sim_world_answer(w, ATT_SIM_PCCS, &request, NOW, &r, NULL) == ATT_OK, target);
	must(r.status == 200, target);
	must(att_collateral_set(c, item, att_buf_bytes(&r.body), NULL) == ATT_OK, target);
	if (header) {
		const char *chain = att_http_response_header(&r, header);

		must(chain && att_percent_decode(att_bytes_of(chain, strlen(chain)), &pem, NULL) ==
				  ATT_OK,
		     header);
		must(att_collateral_set(c, chain_item, att_buf_bytes(&pem), NULL) == ATT_OK,
		     header);
	}
	att_http_response_free(&r);
	att_http_request_free(&request);
}

static void collateral(att_sim_world *w, bool tdx, const char *folder)
{
	att_collateral *c = att_collateral_new();
	char *json;

	must(c, "att_collateral_new");
	fetch(w, "/sgx/certification/v4/rootcacrl", NULL, c, ATT_ITEM_ROOT_CA_CRL, ATT_ITEM_COUNT);
	fetch(w, "/sgx/certification/v4/pckcrl?ca=platform", "SGX-PCK-CRL-Issuer-Chain", c,
	      ATT_ITEM_PCK_CRL, ATT_ITEM_PCK_CRL_ISSUER_CHAIN);
	fetch(w,
	      tdx ? "/tdx/certification/v4/tcb?fmspc=" FMSPC
		  : "/sgx/certification/v4/tcb?fmspc=" FMSPC,
	      "TCB-Info-Issuer-Chain", c, ATT_ITEM_TCB_INFO, ATT_ITEM_TCB_INFO_ISSUER_CHAIN);
	fetch(w, tdx ? "/tdx/certification/v4/qe/identity" : "/sgx/certification/v4/qe/identity",
	      "SGX-Enclave-Identity-Issuer-Chain", c, ATT_ITEM_QE_IDENTITY,
	      ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN);
	must(att_collateral_to_json(c, &json, NULL) == ATT_OK, "att_collateral_to_json");
	write_file(folder, "collateral.json", att_bytes_of(json, strlen(json)));
	free(json);
	att_collateral_free(c);
}

static void one_case(att_sim_world *w, const char *dir, const char *name)
{
	char folder[2048], of_kind[2080];

	snprintf(folder, sizeof(folder), "%s/%s", dir, name);
	must(mkdir(folder, 0777) == 0, folder);
	for (int k = 0; k < ATT_SIM_KINDS; k++) {
		enum att_sim_kind kind = (enum att_sim_kind)k;
		att_auto_buf att_buf b = { 0 };

		snprintf(of_kind, sizeof(of_kind), "%s/%s", folder, att_sim_kind_name(kind));
		must(mkdir(of_kind, 0777) == 0, of_kind);
		quote(w, kind, &b);
		write_file(of_kind, "quote.dat", att_buf_bytes(&b));
		collateral(w, att_sim_kind_is_tdx(kind), of_kind);
	}
}

static void list(void)
{
	for (size_t i = 0; att_sim_setting(i); i++)
		printf("%s %s\n", att_sim_setting(i)->name, att_sim_setting(i)->values);
}

int main(int argc, char **argv)
{
	const struct att_sim_world_options o = { .seed = "faults", .born = NOW - ATT_SIM_DAY };
	att_sim_world *w;
	char folder[128], setting[64], value[64];

	if (argc != 2) {
		list();
		return argc == 1 ? 0 : 1;
	}
	must(att_sim_world_new(&o, &w, NULL) == ATT_OK, "att_sim_world_new");
	write_file(argv[1], "root.pem", att_sim_world_root_pem(w));
	while (scanf("%127s %63s %63s", folder, setting, value) == 3) {
		att_sim_world_reset(w);
		must(att_sim_world_set(w, setting, value, NULL) == ATT_OK, setting);
		one_case(w, argv[1], folder);
	}
	att_sim_world_free(w);
	return 0;
}
