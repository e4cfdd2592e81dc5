/* SPDX-License-Identifier: Apache-2.0 */
/* PCK certificates and registration at the simulated provisioning service. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim_ask.h"

#include "codec/json.h"

/* "…/WHAT?encrypted_ppid=…&cpusvn=…&pcesvn=…&pceid=0000" */
static char *pck_target(const att_sim_world *w, const char *what, uint8_t flip, uint8_t svn)
{
	uint8_t ppid[ATT_SIM_ENCRYPTED_PPID], cpu_svn[16];
	att_buf b = { 0 };

	assert_int_equal(att_sim_world_encrypted_ppid(w, ppid, NULL), ATT_OK);
	ppid[0] ^= flip;
	memset(cpu_svn, svn, sizeof(cpu_svn));
	att_putf(&b, "/sgx/certification/v4/%s?encrypted_ppid=", what);
	att_put_hex(&b, att_bytes_of(ppid, sizeof(ppid)));
	att_put_str(&b, "&cpusvn=");
	att_put_hex(&b, att_bytes_of(cpu_svn, sizeof(cpu_svn)));
	att_put_str(&b, "&pcesvn=0d00&pceid=0000");
	return att_buf_steal_str(&b);
}

static void check_pck(const struct asking *a, const char *target)
{
	struct att_http_response r = ask(a, target);
	struct att_cert_facts facts[ATT_CERTS_MAX];
	size_t count;

	assert_int_equal(r.status, 200);
	assert_string_equal(att_http_response_header(&r, "Content-Type"), PEM);
	assert_string_equal(att_http_response_header(&r, "SGX-FMSPC"), FMSPC);
	assert_string_equal(att_http_response_header(&r, "SGX-TCBm"),
			    "05050505050505050505050505050505"
			    "0d00");
	assert_string_equal(att_http_response_header(&r, "SGX-PCK-Certificate-CA-Type"),
			    "platform");
	check_chain(&r, "SGX-PCK-Certificate-Issuer-Chain", "PCK Platform CA");
	assert_int_equal(att_certs_read(att_buf_bytes(&r.body), facts, &count, NULL), ATT_OK);
	assert_int_equal(count, 1);
	assert_non_null(strstr(facts[0].subject, "SGX PCK Certificate"));
	att_http_response_free(&r);
}

#define KEY .header = "Ocp-Apim-Subscription-Key", .value = "0123456789abcdef"

static void pck_certificates(void **state)
{
	att_sim_world *w = world();
	const struct asking pcs = { .w = w, KEY }, no_key = { .w = w };
	const struct asking pccs = { .w = w, .flavour = ATT_SIM_PCCS };
	att_auto_mem char *own = pck_target(w, "pckcert", 0, 5);
	att_auto_mem char *newer = pck_target(w, "pckcert", 0, 6);
	att_auto_mem char *older = pck_target(w, "pckcert", 0, 4);
	att_auto_mem char *other = pck_target(w, "pckcert", 1, 5);
	att_auto_buf att_buf by_id = { 0 };

	(void)state;
	check_pck(&pcs, own);
	check_pck(&pcs, newer);
	check_pck(&pccs, own);
	check_status(&no_key, own, 401);
	check_status(&pcs, older, 404);
	check_status(&pccs, older, 462);
	check_status(&pcs, other, 404);
	check_status(&pccs, other, 461);
	check_status(&pcs, "/sgx/certification/v4/pckcert?cpusvn=00", 400);
	att_put_str(&by_id, "/sgx/certification/v4/pckcert?qeid=");
	att_put_hex(&by_id, att_sim_world_qe_id(w));
	att_put_str(&by_id, "&cpusvn=05050505050505050505050505050505&pcesvn=0e00&pceid=0000");
	att_put_u8(&by_id, 0);
	assert_int_equal(att_buf_ok(&by_id, NULL), ATT_OK);
	check_pck(&pccs, (const char *)by_id.ptr);
	check_status(&pcs, (const char *)by_id.ptr, 404);
	att_sim_world_free(w);
}

static void pck_lists(void **state)
{
	const struct asking a = { .w = world(), KEY };

	(void)state;
	for (int config = 0; config < 2; config++) {
		att_auto_mem char *target =
		    pck_target(a.w, config ? "pckcerts/config" : "pckcerts", 0, 5);
		struct att_http_response r = ask(&a, target);
		att_auto_json att_json_doc doc = { 0 };
		att_auto_mem char *cert = NULL;

		assert_int_equal(r.status, 200);
		assert_int_equal(att_json_parse(att_buf_bytes(&r.body), &doc, NULL), ATT_OK);
		att_json first = att_json_first(att_json_root(&doc));
		att_json tcb = att_json_get(first, "tcb");
		assert_int_equal(att_json_count(att_json_get(tcb, "sgxtcbcomponents")), 16);
		assert_int_equal(att_json_string(att_json_get(first, "cert"), &cert, NULL, NULL),
				 ATT_OK);
		assert_memory_equal(cert, "-----BEGIN%20CERTIFICATE-----%0A", 32);
		att_json second = att_json_next(att_json_root(&doc), first);
		assert_true(att_json_is(att_json_get(second, "cert"), "Not available"));
		att_http_response_free(&r);
	}
	att_auto_mem char *target = pck_target(a.w, "pckcerts", 0, 5);

	check_status(&(struct asking){ .w = a.w, .flavour = ATT_SIM_PCCS }, target, 404);
	att_sim_world_free(a.w);
}

static void posted_manifests(void **state)
{
	static const struct {
		const char *body;
		int status;
	} bodies[] = {
#define TCB "\"cpusvn\":\"05050505050505050505050505050505\",\"pcesvn\":\"0D00\",\"pceid\":\"0000\""
		{ "{\"platformManifest\":\"00aAff\"," TCB "}", 200 },
		{ "{\"platformManifest\":\"\"," TCB "}", 400 },
		{ "{\"platformManifest\":\"0g\"," TCB "}", 400 },
		{ "{\"platformManifest\":\"00\",\"pceid\":\"0000\"}", 400 },
		{ "{" TCB "}", 400 },
		{ "not json", 400 },
		{ "{\"platformManifest\":\"00\",\"cpusvn\":\"04040404040404040404040404040404\","
		  "\"pcesvn\":\"0d00\",\"pceid\":\"0000\"}",
		  404 },
		{ "{\"platformManifest\":\"00\",\"cpusvn\":\"zz050505050505050505050505050505\","
		  "\"pcesvn\":\"0d00\",\"pceid\":\"0000\"}",
		  404 },
		{ "{\"platformManifest\":\"00\",\"cpusvn\":\"05050505050505050505050505050505\","
		  "\"pcesvn\":\"0c00\",\"pceid\":\"0000\"}",
		  404 },
	};
	struct asking a = { .w = world(), .method = "POST", KEY };

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(bodies); i++) {
		a.body = bodies[i].body;
		check_status(&a, "/sgx/certification/v4/pckcert", bodies[i].status);
	}
	a.body = "{\"platformManifest\":\"00\",\"pceid\":\"0000\"}";
	check_status(&a, "/sgx/certification/v4/pckcerts", 200);
	a.method = "PUT";
	check_status(&a, "/sgx/certification/v4/pckcert", 405);
	att_sim_world_free(a.w);
}

static void registration(void **state)
{
	struct asking a = { .w = world(),
			    .method = "POST",
			    .header = "Content-Type",
			    .value = "application/octet-stream",
			    .body = "manifest" };
	struct att_http_response r = ask(&a, "/sgx/registration/v1/platform");
	char ppid[33];

	(void)state;
	assert_int_equal(r.status, 201);
	att_hex_encode(att_bytes_of(att_sim_world_platform(a.w)->ppid, 16), ppid);
	assert_int_equal(r.body.len, 32);
	assert_memory_equal(r.body.ptr, ppid, 32);
	att_http_response_free(&r);
	check_status(&a, "/sgx/registration/v1/package", 401);
	check_status(&a, "/sgx/registration/v1/other", 404);
	a.body = "";
	check_status(&a, "/sgx/registration/v1/platform", 400);
	a.value = "text/plain";
	check_status(&a, "/sgx/registration/v1/platform", 415);
	a.method = "GET";
	check_status(&a, "/sgx/registration/v1/platform", 405);
	att_sim_world_free(a.w);
}

static void packages(void **state)
{
	struct att_http_request request = { 0 };
	struct att_http_response r = { 0 };
	att_sim_world *w = world();

	(void)state;
	assert_int_equal(
	    att_http_request_line(&request, "POST", "/sgx/registration/v1/package", NULL), ATT_OK);
	assert_int_equal(
	    att_http_request_header(&request, "Content-Type", "application/octet-stream", NULL),
	    ATT_OK);
	assert_int_equal(att_http_request_header(&request, "ocp-apim-subscription-key", "k", NULL),
			 ATT_OK);
	request.body = att_bytes_of("package", 7);
	assert_int_equal(att_sim_world_answer(w, ATT_SIM_PCS, &request, NOW, &r, NULL), ATT_OK);
	assert_int_equal(r.status, 200);
	assert_string_equal(att_http_response_header(&r, "Certificate-Count"), "1");
	assert_memory_equal(r.body.ptr, "-----BEGIN", 10);
	att_http_response_free(&r);
	att_http_request_free(&request);
	att_sim_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pck_certificates), cmocka_unit_test(pck_lists),
		cmocka_unit_test(posted_manifests), cmocka_unit_test(registration),
		cmocka_unit_test(packages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
