/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "collateral/pcs.h"

#define PPID96                                                                                     \
	"0123456789abcdefABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef01" \
	"23456789"
#define PPID PPID96 PPID96 PPID96 PPID96 PPID96 PPID96 PPID96 PPID96
#define TCBM "cpusvn=00112233445566778899AABBCCDDEEFF&pcesvn=0D00&pceid=0000"
#define SVNS "cpusvn=00112233445566778899aabbccddeeff&pcesvn=0d00&pceid=0000"

static att_rc read_it(const char *method, const char *target, struct att_pcs_request *out,
		      struct att_http_request *http)
{
	*http = (struct att_http_request){ 0 };
	assert_int_equal(att_http_request_line(http, method, target, NULL), ATT_OK);
	return att_pcs_read(http, out, NULL);
}

/* Intel PCS API documentation and PCCS's: one request a route, and how it is written back. */
static const struct {
	const char *method;
	const char *target;
	enum att_pcs_what what;
	unsigned version;
	bool tdx;
	const char *written; /* NULL: as it was */
	const char *chain;
} routes[] = {
	{ "GET", "/sgx/certification/v4/pckcert?qeid=AB01&" TCBM, ATT_PCS_PCKCERT, 4, false,
	  "/sgx/certification/v4/pckcert?qeid=ab01&" SVNS, "SGX-PCK-Certificate-Issuer-Chain" },
	{ "GET", "/sgx/certification/v3/pckcrl?ca=platform&encoding=pem", ATT_PCS_PCKCRL, 3, false,
	  NULL, "SGX-PCK-CRL-Issuer-Chain" },
	{ "HEAD", "/sgx/certification/v4/pckcrl?ca=processor&encoding=der", ATT_PCS_PCKCRL, 4,
	  false, NULL, "SGX-PCK-CRL-Issuer-Chain" },
	{ "GET", "/sgx/certification/v3/tcb?fmspc=00906ED50000", ATT_PCS_TCB, 3, false,
	  "/sgx/certification/v3/tcb?fmspc=00906ed50000", "SGX-TCB-Info-Issuer-Chain" },
	{ "GET", "/tdx/certification/v4/tcb?fmspc=00906ed50000&update=early", ATT_PCS_TCB, 4, true,
	  NULL, "TCB-Info-Issuer-Chain" },
	{ "GET", "/sgx/certification/v4/tcb?fmspc=00906ed50000&tcbEvaluationDataNumber=17",
	  ATT_PCS_TCB, 4, false, NULL, "TCB-Info-Issuer-Chain" },
	{ "GET", "/sgx/certification/v4/qe/identity?update=standard", ATT_PCS_QE_IDENTITY, 4, false,
	  NULL, "SGX-Enclave-Identity-Issuer-Chain" },
	{ "GET", "/tdx/certification/v4/qe/identity", ATT_PCS_QE_IDENTITY, 4, true, NULL,
	  "SGX-Enclave-Identity-Issuer-Chain" },
	{ "GET", "/sgx/certification/v3/qve/identity", ATT_PCS_QVE_IDENTITY, 3, false, NULL,
	  "SGX-Enclave-Identity-Issuer-Chain" },
	{ "GET", "/sgx/certification/v4/qae/identity", ATT_PCS_QAE_IDENTITY, 4, false, NULL,
	  "SGX-Enclave-Identity-Issuer-Chain" },
	{ "GET", "/sgx/certification/v4/fmspcs?platform=E3", ATT_PCS_FMSPCS, 4, false, NULL, NULL },
	{ "GET", "/tdx/certification/v4/tcbevaluationdatanumbers", ATT_PCS_EVALUATION_NUMBERS, 4,
	  true, NULL, "TCB-Evaluation-Data-Numbers-Issuer-Chain" },
	{ "GET", "/sgx/certification/v4/rootcacrl", ATT_PCS_ROOT_CA_CRL, 4, false, NULL, NULL },
	{ "GET", "/sgx/certification/v4/crl?uri=https%3A%2F%2Fx%2Fy.der", ATT_PCS_CRL, 4, false,
	  NULL, NULL },
	{ "POST", "/sgx/certification/v3/platforms", ATT_PCS_PLATFORMS, 3, false, NULL, NULL },
	{ "GET", "/sgx/certification/v4/platforms?source=reg_na", ATT_PCS_PLATFORMS, 4, false, NULL,
	  NULL },
	{ "PUT", "/sgx/certification/v4/platformcollateral", ATT_PCS_PLATFORM_COLLATERAL, 4, false,
	  NULL, NULL },
	{ "POST", "/sgx/certification/v4/refresh?type=certs&fmspc=all", ATT_PCS_REFRESH, 4, false,
	  NULL, NULL },
	{ "GET", "/sgx/certification/v4/appraisalpolicy?fmspc=00906ed50000",
	  ATT_PCS_APPRAISAL_POLICY, 4, false, NULL, NULL },
	{ "PUT", "/sgx/certification/v4/appraisalpolicy", ATT_PCS_APPRAISAL_POLICY, 4, false, NULL,
	  NULL },
	{ "POST", "/sgx/certification/v4/pckcerts", ATT_PCS_PCKCERTS, 4, false, NULL,
	  "SGX-PCK-Certificate-Issuer-Chain" },
};

static void every_route(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATT_COUNT(routes); i++) {
		struct att_http_request http;
		struct att_pcs_request r;
		att_auto_buf att_buf b = { 0 };

		assert_int_equal(read_it(routes[i].method, routes[i].target, &r, &http), ATT_OK);
		assert_int_equal(r.what, routes[i].what);
		assert_int_equal(r.version, routes[i].version);
		assert_int_equal(r.tdx, routes[i].tdx);
		att_pcs_put_target(&b, &r);
		att_put_u8(&b, 0);
		assert_string_equal((char *)b.ptr,
				    routes[i].written ? routes[i].written : routes[i].target);
		if (routes[i].chain)
			assert_string_equal(att_pcs_chain_header(&r), routes[i].chain);
		else
			assert_null(att_pcs_chain_header(&r));
		att_http_request_free(&http);
	}
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		const char *method;
		const char *target;
		att_rc rc;
	} rows[] = {
		{ "GET", "/", ATT_E_MISSING },
		{ "GET", "/sgx/certification/v4/", ATT_E_MISSING },
		{ "GET", "/sgx/certification/v4/tcb/", ATT_E_MISSING },
		{ "GET", "/sgx/certification/v5/rootcacrl", ATT_E_MISSING },
		{ "GET", "/tdx/certification/v3/tcb?fmspc=00906ed50000", ATT_E_MISSING },
		{ "GET", "/tdx/certification/v4/rootcacrl", ATT_E_MISSING },
		{ "GET", "/sgx/certification/v3/fmspcs", ATT_E_MISSING },
		{ "POST", "/sgx/certification/v4/rootcacrl", ATT_E_UNSUPPORTED },
		{ "DELETE", "/sgx/certification/v4/tcb", ATT_E_UNSUPPORTED },
		{ "GET", "/sgx/certification/v4/tcb", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/tcb?fmspc=", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/crl?uri=", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/tcb?fmspc=00906ed5000", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/tcb?fmspc=00906ed5000g", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/tcb?fmspc=00906ed50000&update=now", ATT_E_FORMAT },
		{ "GET",
		  "/sgx/certification/v4/tcb?fmspc=00906ed50000&update=early&"
		  "tcbEvaluationDataNumber=17",
		  ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/qe/identity?tcbEvaluationDataNumber=0",
		  ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/qe/identity?tcbEvaluationDataNumber=-1",
		  ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/qe/identity?tcbEvaluationDataNumber=4294967297",
		  ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/pckcrl", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/pckcrl?ca=root", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/pckcrl?ca=processor|platform", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/pckcrl?ca=platform&encoding=hex", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/pckcert?" TCBM, ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/pckcert?qeid=abc&" TCBM, ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/pckcert?encrypted_ppid=ab&" TCBM, ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/crl", ATT_E_FORMAT },
		{ "GET", "/sgx/certification/v4/fmspcs?platform=E7", ATT_E_FORMAT },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct att_http_request http;
		struct att_pcs_request r;

		assert_int_equal(read_it(rows[i].method, rows[i].target, &r, &http), rows[i].rc);
		assert_int_equal(r.version, 0);
		att_http_request_free(&http);
	}
}

static void parameters(void **state)
{
	(void)state;
	struct att_http_request http;
	struct att_pcs_request r;

	assert_int_equal(read_it("GET",
				 "/sgx/certification/v4/pckcert?encrypted_ppid=" PPID "&" TCBM
				 "&who=cares",
				 &r, &http),
			 ATT_OK);
	assert_int_equal(strlen(r.encrypted_ppid), 768);
	assert_memory_equal(r.encrypted_ppid, "0123456789abcdefabcdef", 22);
	assert_string_equal(r.pcesvn, "0d00");
	att_http_request_free(&http);

	assert_int_equal(
	    read_it("GET", "/sgx/certification/v4/platforms?source=%5B00906ed50000%5D", &r, &http),
	    ATT_OK);
	assert_string_equal(r.fmspcs, "[00906ed50000]");
	att_http_request_free(&http);

	assert_string_equal(att_pcs_name(ATT_PCS_QE_IDENTITY), "qe/identity");
	assert_string_equal(att_pcs_name(ATT_PCS_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route),
		cmocka_unit_test(refused),
		cmocka_unit_test(parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
