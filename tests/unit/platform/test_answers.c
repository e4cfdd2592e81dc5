/* SPDX-License-Identifier: Apache-2.0 */
/* Every route of the simulated provisioning service, in both flavours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attest/inspect.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/json.h"
#include "collateral/tcbinfo.h"
#include "platform/sim/dial.h"

#define NOW   INT64_C(1750000000)
#define FMSPC "0053494d0000"

static att_sim_world *world(void)
{
	const struct att_sim_world_options o = { .seed = "answers", .born = NOW };
	att_sim_world *w;

	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_OK);
	return w;
}

struct asking {
	att_sim_world *w;
	enum att_sim_flavour flavour;
	const char *method; /* NULL: GET */
	const char *header; /* one, and its value */
	const char *value;
	const char *body;
	int64_t now; /* 0: NOW */
};

static struct att_http_response ask(const struct asking *a, const char *target)
{
	struct att_http_request request = { 0 };
	struct att_http_response response = { 0 };
	att_err err = { 0 };

	assert_int_equal(
	    att_http_request_line(&request, a->method ? a->method : "GET", target, NULL), ATT_OK);
	if (a->header)
		assert_int_equal(att_http_request_header(&request, a->header, a->value, NULL),
				 ATT_OK);
	if (a->body)
		request.body = att_bytes_of(a->body, strlen(a->body));
	if (att_sim_world_answer(a->w, a->flavour, &request, a->now ? a->now : NOW, &response,
				 &err) != ATT_OK)
		fail_msg("%s: %s", target, err.msg);
	assert_non_null(att_http_response_header(&response, "Request-ID"));
	att_http_request_free(&request);
	return response;
}

static void check_status(const struct asking *a, const char *target, int status)
{
	struct att_http_response r = ask(a, target);

	if (r.status != status)
		fail_msg("%s: %d, expected %d", target, r.status, status);
	if (status >= 400 && a->flavour == ATT_SIM_PCS) {
		assert_non_null(att_http_response_header(&r, "Error-Code"));
		assert_non_null(att_http_response_header(&r, "Error-Message"));
	}
	if (status >= 400 && a->flavour == ATT_SIM_PCCS)
		assert_true(r.body.len > 0);
	att_http_response_free(&r);
}

/* The chain in the header: that many certificates, the first of that name. */
static void check_chain(const struct att_http_response *r, const char *header, const char *name)
{
	const char *value = att_http_response_header(r, header);
	struct att_cert_facts facts[ATT_CERTS_MAX];
	att_auto_buf att_buf pem = { 0 };
	size_t count;

	assert_non_null(value);
	assert_null(strpbrk(value, "+ \n"));
	assert_int_equal(att_http_unpercent(att_bytes_of(value, strlen(value)), &pem, NULL),
			 ATT_OK);
	assert_int_equal(att_certs_read(att_buf_bytes(&pem), facts, &count, NULL), ATT_OK);
	assert_int_equal(count, 2);
	assert_non_null(strstr(facts[0].subject, name));
	assert_non_null(strstr(facts[1].subject, "SGX Root CA"));
}

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
#define PEM  "application/x-pem-file"
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
	assert_true(r.body.len >= (size_t)4 << 20);
	assert_memory_equal(r.body.ptr, good.body.ptr, good.body.len);
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
		cmocka_unit_test(pck_certificates),
		cmocka_unit_test(pck_lists),
		cmocka_unit_test(posted_manifests),
		cmocka_unit_test(registration),
		cmocka_unit_test(packages),
		cmocka_unit_test(same_bytes_within_a_day),
		cmocka_unit_test(upstream_faults),
		cmocka_unit_test(version_3_is_deprecated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
