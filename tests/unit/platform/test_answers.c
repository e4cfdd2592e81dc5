/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of collateral of the simulated provisioning service, in both flavours, and upstream
 * faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim_ask.h"

#include "codec/json.h"
#include "collateral/tcbinfo.h"
#include "platform/sim/dial.h"

static void read_tcb_info(const struct att_http_response *r, struct att_tcbinfo *t)
{
	att_auto_json att_json_doc doc = { 0 };

	assert_int_equal(att_json_parse(att_buf_bytes(&r->body), &doc, NULL), ATT_OK);
	assert_int_equal(att_tcbinfo_parse(att_json_get(att_json_root(&doc), "tcbInfo"), t, NULL),
			 ATT_OK);
}

static void check_tcb(const struct asking *a, const char *target, const char *header,
		      unsigned version, uint32_t evaluation, enum att_tcb_status own)
{
	struct att_http_response r = ask(a, target);
	struct att_tcbinfo t;
	uint8_t least = 255;

	assert_int_equal(r.status, 200);
	assert_string_equal(att_http_response_header(&r, "Content-Type"), "application/json");
	check_chain(&r, header, "SGX TCB Signing");
	read_tcb_info(&r, &t);
	assert_int_equal(t.version, version);
	assert_int_equal(t.evaluation, evaluation);
	assert_true(t.issue_date < NOW && t.next_update > NOW);
	/* What a platform with component SVNs of 5 gets. */
	for (size_t i = 0; i < t.level_count && least > 5; i++) {
		least = t.levels[i].sgx[0];
		if (least <= 5)
			assert_int_equal(t.levels[i].status, own);
	}
	assert_true(least <= 5);
	att_tcbinfo_free(&t);
	att_http_response_free(&r);
}

#define TCB4  "/sgx/certification/v4/tcb?fmspc=" FMSPC
#define TCB3  "/sgx/certification/v3/tcb?fmspc=" FMSPC
#define TCBX  "/tdx/certification/v4/tcb?fmspc=" FMSPC
#define CHAIN "TCB-Info-Issuer-Chain"

static void tcb_infos(void **state)
{
	(void)state;
	for (int flavour = 0; flavour < 2; flavour++) {
		const struct asking a = { .w = world(), .flavour = (enum att_sim_flavour)flavour };

		check_tcb(&a, TCB4, CHAIN, 3, 17, ATT_TCB_UP_TO_DATE);
		check_tcb(&a, TCB4 "&update=standard", CHAIN, 3, 17, ATT_TCB_UP_TO_DATE);
		check_tcb(&a, TCB4 "&update=early", CHAIN, 3, 18, ATT_TCB_OUT_OF_DATE);
		check_tcb(&a, TCB4 "&tcbEvaluationDataNumber=16", CHAIN, 3, 16, ATT_TCB_UP_TO_DATE);
		check_tcb(&a, TCB4 "&tcbEvaluationDataNumber=18", CHAIN, 3, 18,
			  ATT_TCB_OUT_OF_DATE);
		check_tcb(&a, TCB3, "SGX-" CHAIN, 2, 17, ATT_TCB_UP_TO_DATE);
		check_tcb(&a, TCBX "&update=early", CHAIN, 3, 18, ATT_TCB_OUT_OF_DATE);
		check_tcb(&a, TCBX, CHAIN, 3, 17, ATT_TCB_UP_TO_DATE);
		check_status(&a, TCB4 "&tcbEvaluationDataNumber=15", 410);
		check_status(&a, TCB4 "&tcbEvaluationDataNumber=19", 404);
		check_status(&a, "/sgx/certification/v4/tcb?fmspc=00906ea10000", 404);
		check_status(&a, "/sgx/certification/v4/tcb?fmspc=00906ea1000", 400);
		check_status(&a, "/sgx/certification/v4/tcb", 400);
		check_status(&a, TCB4 "&update=early&tcbEvaluationDataNumber=17", 400);
		check_status(&a, "/sgx/certification/v5/tcb?fmspc=" FMSPC, 404);
		check_status(&a, "/tdx/certification/v3/tcb?fmspc=" FMSPC, 404);
		check_status(&a, "/", 404);
		att_sim_world_free(a.w);
	}
}

static void evaluation_by_dial(void **state)
{
	const struct asking a = { .w = world() };

	(void)state;
	assert_int_equal(att_sim_world_set(a.w, "evaluation", "early", NULL), ATT_OK);
	check_tcb(&a, TCB4, CHAIN, 3, 18, ATT_TCB_OUT_OF_DATE);
	assert_int_equal(att_sim_world_set(a.w, "evaluation", "older", NULL), ATT_OK);
	check_tcb(&a, TCB4 "&update=early", CHAIN, 3, 16, ATT_TCB_UP_TO_DATE);
	check_tcb(&a, TCB4 "&tcbEvaluationDataNumber=17", CHAIN, 3, 17, ATT_TCB_UP_TO_DATE);
	att_sim_world_free(a.w);
}

static void check_identity(const struct asking *a, const char *target, const char *id)
{
	struct att_http_response r = ask(a, target);
	att_auto_json att_json_doc doc = { 0 };

	assert_int_equal(r.status, 200);
	check_chain(&r, "SGX-Enclave-Identity-Issuer-Chain", "SGX TCB Signing");
	assert_int_equal(att_json_parse(att_buf_bytes(&r.body), &doc, NULL), ATT_OK);
	att_json e = att_json_get(att_json_root(&doc), "enclaveIdentity");
	assert_true(att_json_is(att_json_get(e, "id"), id));
	assert_true(att_json_type_of(att_json_get(att_json_root(&doc), "signature")) ==
		    ATT_JSON_STRING);
	att_http_response_free(&r);
}

static void identities(void **state)
{
	(void)state;
	for (int flavour = 0; flavour < 2; flavour++) {
		const struct asking a = { .w = world(), .flavour = (enum att_sim_flavour)flavour };

		check_identity(&a, "/sgx/certification/v4/qe/identity", "QE");
		check_identity(&a, "/sgx/certification/v3/qe/identity", "QE");
		check_identity(&a, "/tdx/certification/v4/qe/identity?update=early", "TD_QE");
		check_identity(&a, "/sgx/certification/v4/qve/identity", "QVE");
		check_identity(&a, "/sgx/certification/v4/qae/identity", "QAE");
		check_status(&a, "/sgx/certification/v4/qe/identity?update=later", 400);
		check_status(&a, "/sgx/certification/v4/qe/identity?tcbEvaluationDataNumber=1",
			     410);
		att_sim_world_free(a.w);
	}
}

static void check_crl(const struct att_http_response *r, const char *type, const char *issuer)
{
	struct att_crl_facts facts;

	assert_int_equal(r->status, 200);
	assert_string_equal(att_http_response_header(r, "Content-Type"), type);
	assert_int_equal(att_crl_read(att_buf_bytes(&r->body), &facts, NULL), ATT_OK);
	assert_non_null(strstr(facts.issuer, issuer));
}

static void crls(void **state)
{
	static const struct {
		enum att_sim_flavour flavour;
		const char *target, *type, *begins, *issuer, *chain;
	} table[] = {
#define CRL  "/sgx/certification/v4/pckcrl?ca="
#define CRL3 "/sgx/certification/v3/pckcrl?ca="
#define DER  "application/pkix-crl"
		{ ATT_SIM_PCS, CRL "platform", PEM, "-----", "PCK Platform CA", "PCK Platform CA" },
		{ ATT_SIM_PCS, CRL "processor&encoding=pem", PEM, "-----", "PCK Processor CA",
		  "PCK Processor CA" },
		{ ATT_SIM_PCS, CRL3 "platform&encoding=der", DER, "\x30", "PCK Platform CA",
		  "PCK Platform CA" },
		{ ATT_SIM_PCCS, CRL "platform", PEM, "3082", "PCK Platform CA", "PCK Platform CA" },
		{ ATT_SIM_PCCS, CRL3 "processor&encoding=der", DER, "\x30", "PCK Processor CA",
		  "PCK Processor CA" },
		{ ATT_SIM_PCCS, "/sgx/certification/v4/rootcacrl", DER, "3082", "Root CA", NULL },
		{ ATT_SIM_PCCS, "/sgx/certification/v3/rootcacrl", DER, "3082", "Root CA", NULL },
		{ ATT_SIM_PCS, "/IntelSGXRootCA.der", DER, "\x30", "Root CA", NULL },
		{ ATT_SIM_PCCS,
		  "/sgx/certification/v4/crl?uri=https%3A%2F%2Fsim.invalid%2FIntelSGXRootCA.der",
		  DER, "\x30", "Root CA", NULL },
		{ ATT_SIM_PCCS,
		  "/sgx/certification/v4/crl?uri=https://sim.invalid/pckcrl?ca%3Dplatform", DER,
		  "\x30", "PCK Platform CA", NULL },
	};
	struct asking a = { .w = world() };

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(table); i++) {
		a.flavour = table[i].flavour;
		struct att_http_response r = ask(&a, table[i].target);

		check_crl(&r, table[i].type, table[i].issuer);
		assert_memory_equal(r.body.ptr, table[i].begins, strlen(table[i].begins));
		if (table[i].chain)
			check_chain(&r, "SGX-PCK-CRL-Issuer-Chain", table[i].chain);
		att_http_response_free(&r);
	}
	a.flavour = ATT_SIM_PCS;
	check_status(&a, "/sgx/certification/v4/rootcacrl", 404);
	check_status(&a, CRL "root", 400);
	check_status(&a, CRL "platform&encoding=hex", 400);
	a.flavour = ATT_SIM_PCCS;
	check_status(&a, "/IntelSGXRootCA.der", 404);
	check_status(&a, "/sgx/certification/v4/crl?uri=https://elsewhere.invalid/a.der", 400);
	att_sim_world_free(a.w);
}

static void the_root_certificate(void **state)
{
	const struct asking a = { .w = world() };
	struct att_http_response r = ask(&a, "/IntelSGXRootCA.cer");
	att_roots *roots = att_roots_new();

	(void)state;
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.ptr[0], 0x30);
	assert_int_equal(att_roots_add(roots, att_buf_bytes(&r.body), "sim", NULL), ATT_OK);
	att_roots_free(roots);
	att_http_response_free(&r);
	att_sim_world_free(a.w);
}

static void lists(void **state)
{
	struct asking a = { .w = world() };
	struct att_http_response r = ask(&a, "/sgx/certification/v4/fmspcs?platform=E5");

	(void)state;
	att_put_u8(&r.body, 0);
	assert_string_equal((const char *)r.body.ptr,
			    "[{\"fmspc\":\"" FMSPC "\",\"platform\":\"E5\"}]");
	att_http_response_free(&r);
	r = ask(&a, "/sgx/certification/v4/fmspcs?platform=E3");
	assert_int_equal(r.status, 200);
	assert_memory_equal(r.body.ptr, "[]", 2);
	att_http_response_free(&r);
	for (int tdx = 0; tdx < 2; tdx++) {
		att_auto_json att_json_doc doc = { 0 };

		r = ask(&a, tdx ? "/tdx/certification/v4/tcbevaluationdatanumbers"
				: "/sgx/certification/v4/tcbevaluationdatanumbers");
		assert_int_equal(r.status, 200);
		check_chain(&r, "TCB-Evaluation-Data-Numbers-Issuer-Chain", "SGX TCB Signing");
		assert_int_equal(att_json_parse(att_buf_bytes(&r.body), &doc, NULL), ATT_OK);
		att_json numbers = att_json_get(att_json_root(&doc), "tcbEvaluationDataNumbers");
		assert_true(att_json_is(att_json_get(numbers, "id"), tdx ? "TDX" : "SGX"));
		assert_int_equal(att_json_count(att_json_get(numbers, "tcbEvalNumbers")), 3);
		att_http_response_free(&r);
	}
	a.flavour = ATT_SIM_PCCS;
	check_status(&a, "/sgx/certification/v4/fmspcs", 404);
	check_status(&a, "/sgx/certification/v4/platforms", 404);
	att_sim_world_free(a.w);
}

static void same_bytes_within_a_day(void **state)
{
	static const char *const targets[] = { TCB4, TCBX, CRL "platform&encoding=der",
					       "/sgx/certification/v4/qe/identity" };
	struct asking a = { .w = world() };

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(targets); i++) {
		a.now = NOW;
		struct att_http_response first = ask(&a, targets[i]);
		a.now = NOW + 60;
		struct att_http_response later = ask(&a, targets[i]);
		a.now = NOW + ATT_SIM_DAY;
		struct att_http_response next_day = ask(&a, targets[i]);

		assert_true(att_bytes_eq(att_buf_bytes(&first.body), att_buf_bytes(&later.body)));
		assert_false(
		    att_bytes_eq(att_buf_bytes(&first.body), att_buf_bytes(&next_day.body)));
		assert_string_not_equal(att_http_response_header(&first, "Request-ID"),
					att_http_response_header(&later, "Request-ID"));
		att_http_response_free(&first);
		att_http_response_free(&later);
		att_http_response_free(&next_day);
	}
	att_sim_world_free(a.w);
}

static void check_fault(const struct asking *a, const char *value, int status,
			const char *retry_after)
{
	assert_int_equal(att_sim_world_set(a->w, "upstream", value, NULL), ATT_OK);
	struct att_http_response r = ask(a, TCB4);
	const char *header = att_http_response_header(&r, "Retry-After");

	assert_int_equal(r.status, status);
	assert_true(r.body.len > 0);
	assert_int_equal(header != NULL, retry_after != NULL);
	if (header && retry_after)
		assert_string_equal(header, retry_after);
	att_http_response_free(&r);
}

static void upstream_faults(void **state)
{
	const struct asking a = { .w = world() };
	struct att_http_response good = ask(&a, TCB4), r;

	(void)state;
	check_fault(&a, "404", 404, NULL);
	check_fault(&a, "429", 429, "1");
	check_fault(&a, "429:30", 429, "30");
	check_fault(&a, "500", 500, NULL);
	check_fault(&a, "503", 503, NULL);
	check_fault(&a, "503:5", 503, "5");
	assert_int_equal(att_sim_world_set(a.w, "upstream", "slow:250", NULL), ATT_OK);
	r = ask(&a, TCB4);
	assert_int_equal(r.delay_ms, 250);
	assert_true(att_bytes_eq(att_buf_bytes(&r.body), att_buf_bytes(&good.body)));
	att_http_response_free(&r);
	assert_int_equal(att_sim_world_set(a.w, "upstream", "half", NULL), ATT_OK);
	r = ask(&a, TCB4);
	assert_int_equal(r.cut_at, good.body.len / 2);
	att_http_response_free(&r);
	assert_int_equal(att_sim_world_set(a.w, "upstream", "garbage", NULL), ATT_OK);
	r = ask(&a, TCB4);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.body.len, 512);
	assert_non_null(att_http_response_header(&r, CHAIN));
	att_http_response_free(&r);
	assert_int_equal(att_sim_world_set(a.w, "upstream", "oversized", NULL), ATT_OK);
	r = ask(&a, TCB4);
	assert_int_equal(r.blank, (size_t)4 << 20);
	assert_true(att_bytes_eq(att_buf_bytes(&r.body), att_buf_bytes(&good.body)));
	att_http_response_free(&r);
	assert_int_equal(att_sim_world_set(a.w, "upstream", "ok", NULL), ATT_OK);
	r = ask(&a, TCB4);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.delay_ms, 0);
	att_http_response_free(&r);
	att_http_response_free(&good);
	att_sim_world_free(a.w);
}

static void version_3_is_deprecated(void **state)
{
	const struct asking a = { .w = world() };
	struct att_http_response r = ask(&a, TCB3);

	(void)state;
	assert_non_null(att_http_response_header(&r, "Warning"));
	att_http_response_free(&r);
	r = ask(&a, TCB4);
	assert_null(att_http_response_header(&r, "Warning"));
	att_http_response_free(&r);
	att_sim_world_free(a.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcb_infos),
		cmocka_unit_test(evaluation_by_dial),
		cmocka_unit_test(identities),
		cmocka_unit_test(crls),
		cmocka_unit_test(the_root_certificate),
		cmocka_unit_test(lists),
		cmocka_unit_test(same_bytes_within_a_day),
		cmocka_unit_test(upstream_faults),
		cmocka_unit_test(version_3_is_deprecated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
