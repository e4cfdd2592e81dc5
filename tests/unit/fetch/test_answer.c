/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fetch/answer.h"

#define ZEROS      "0000000000000000000000000000000000000000000000000000000000000000"
#define TCB(inner) "{\"tcbInfo\":{" inner "},\"signature\":\"" ZEROS ZEROS "\"}"
#define QE(inner)  "{\"enclaveIdentity\":{" inner "},\"signature\":\"" ZEROS ZEROS "\"}"

static const struct att_pcs_request tcb_request = {
	.what = ATT_PCS_TCB, .version = 4, .fmspc = "00906ed50000", .evaluation_number = 17
};

static att_rc judge(const struct att_pcs_request *r, int status, const char *chain,
		    const char *body, size_t len, att_buf *left, att_err *err)
{
	struct att_http_response a = { .status = status };
	const char *name = att_pcs_chain_header(r);

	if (chain && name)
		att_http_put_header(&a, name, chain);
	att_put_mem(&a.body, body, len);
	att_rc rc = att_answer_judge(r, &a, err);
	if (left)
		att_put(left, att_buf_bytes(&a.body));
	if (rc != ATT_OK)
		assert_int_equal(a.body.len, 0);
	assert_int_equal(a.status, status);
	att_http_response_free(&a);
	return rc;
}

/* Intel PCS API documentation, PCCS's own statuses, and Intel's QPL (dcap 5.3). */
static void statuses(void **state)
{
	(void)state;
	static const struct {
		int status;
		att_rc rc;
		bool later;
	} rows[] = {
		{ 400, ATT_E_ARG, false },        { 401, ATT_E_DENIED, false },
		{ 403, ATT_E_DENIED, false },     { 404, ATT_E_MISSING, false },
		{ 410, ATT_E_EXPIRED, false },    { 429, ATT_E_UNAVAILABLE, true },
		{ 460, ATT_E_MISMATCH, false },   { 461, ATT_E_MISSING, false },
		{ 462, ATT_E_MISSING, false },    { 500, ATT_E_UNAVAILABLE, true },
		{ 502, ATT_E_UNAVAILABLE, true }, { 503, ATT_E_UNAVAILABLE, true },
		{ 504, ATT_E_UNAVAILABLE, true }, { 302, ATT_E_IO, false },
		{ 204, ATT_E_IO, false },         { 418, ATT_E_IO, false },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_err err = { 0 };

		assert_int_equal(judge(&tcb_request, rows[i].status, "x", "{}", 2, NULL, &err),
				 rows[i].rc);
		assert_int_equal(att_answer_may_improve(rows[i].status), rows[i].later);
		assert_int_equal(err.msg[0], '0' + rows[i].status / 100);
	}
}

static void documents(void **state)
{
	(void)state;
	static const struct att_pcs_request qe = { .what = ATT_PCS_QE_IDENTITY, .version = 4 };
	static const struct att_pcs_request td = { .what = ATT_PCS_QE_IDENTITY,
						   .version = 4,
						   .tdx = true };
	static const struct {
		const struct att_pcs_request *r;
		const char *text;
		att_rc rc;
	} rows[] = {
		{ &tcb_request,
		  TCB("\"id\":\"SGX\",\"fmspc\":\"00906ED50000\",\"tcbEvaluationDataNumber\":17"),
		  ATT_OK },
		{ &tcb_request,
		  TCB("\"id\":\"SGX\",\"fmspc\":\"00906ED50000\",\"tcbEvaluationDataNumber\":18"),
		  ATT_E_MISMATCH },
		{ &tcb_request,
		  TCB("\"id\":\"TDX\",\"fmspc\":\"00906ED50000\",\"tcbEvaluationDataNumber\":17"),
		  ATT_E_MISMATCH },
		{ &tcb_request,
		  TCB("\"id\":\"SGX\",\"fmspc\":\"00906ED50001\",\"tcbEvaluationDataNumber\":17"),
		  ATT_E_MISMATCH },
		{ &tcb_request, TCB("\"id\":\"SGX\""), ATT_E_MISMATCH },
		{ &tcb_request, "{\"tcbInfo\":{}}", ATT_E_FORMAT },
		{ &tcb_request, "{\"tcbInfo\":[],\"signature\":\"\"}", ATT_E_FORMAT },
		{ &tcb_request, "[]", ATT_E_FORMAT },
		{ &tcb_request, "nothing", ATT_E_FORMAT },
		{ &qe, QE("\"id\":\"QE\""), ATT_OK },
		{ &qe, QE("\"id\":\"TD_QE\""), ATT_E_MISMATCH },
		{ &td, QE("\"id\":\"TD_QE\""), ATT_OK },
		{ &td, QE("\"id\":\"QE\""), ATT_E_MISMATCH },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++)
		assert_int_equal(
		    judge(rows[i].r, 200, "x", rows[i].text, strlen(rows[i].text), NULL, NULL),
		    rows[i].rc);
	/* A signature that nobody can follow to a root. */
	assert_int_equal(
	    judge(&qe, 200, NULL, QE("\"id\":\"QE\""), sizeof(QE("\"id\":\"QE\"")) - 1, NULL, NULL),
	    ATT_E_FORMAT);
	assert_int_equal(judge(&qe, 200, "x", "", 0, NULL, NULL), ATT_E_FORMAT);
}

static void crls_become_der(void **state)
{
	(void)state;
	static const struct att_pcs_request r = { .what = ATT_PCS_ROOT_CA_CRL, .version = 4 };
	static const char *const good[] = {
		"0\003\002\001\005", "3003020105", "3003020105\n",
		"-----BEGIN X509 CRL-----\nMAMCAQU=\n-----END X509 CRL-----\n"
	};

	for (size_t i = 0; i < ATT_COUNT(good); i++) {
		att_auto_buf att_buf left = { 0 };

		assert_int_equal(judge(&r, 200, NULL, good[i], strlen(good[i]), &left, NULL),
				 ATT_OK);
		assert_int_equal(left.len, 5);
		assert_memory_equal(left.ptr, "0\003\002\001\005", 5);
	}
	assert_int_equal(judge(&r, 200, NULL, "nobody", 6, NULL, NULL), ATT_E_FORMAT);
	assert_int_equal(judge(&r, 200, NULL, "30030201", 8, NULL, NULL), ATT_E_FORMAT);
}

static void certificates(void **state)
{
	(void)state;
	static const struct att_pcs_request r = { .what = ATT_PCS_PCKCERT, .version = 4 };
	static const char pem[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

	assert_int_equal(judge(&r, 200, "x", pem, strlen(pem), NULL, NULL), ATT_OK);
	assert_int_equal(judge(&r, 200, "x", "0\003\002\001\005", 5, NULL, NULL), ATT_E_FORMAT);
}

static void retry_after(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		const char *date;
		int64_t seconds;
	} rows[] = {
		{ NULL, NULL, -1 },
		{ "", NULL, -1 },
		{ "0", NULL, 0 },
		{ "120", NULL, 120 },
		{ "99999999999999999999", NULL, 604800 },
		{ "soon", NULL, -1 },
		{ "-5", NULL, -1 },
		{ "Wed, 21 Oct 2015 07:28:30 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", 30 },
		{ "Wed, 21 Oct 2015 07:27:00 GMT", "Wed, 21 Oct 2015 07:28:00 GMT", 0 },
		{ "Wed, 21 Oct 2015 07:28:30 GMT", NULL, -1 },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct att_http_response a = { .status = 429 };

		if (rows[i].value)
			att_http_put_header(&a, "Retry-After", rows[i].value);
		if (rows[i].date)
			att_http_put_header(&a, "Date", rows[i].date);
		assert_int_equal(att_answer_retry_after(&a), rows[i].seconds);
		att_http_response_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses),        cmocka_unit_test(documents),
		cmocka_unit_test(crls_become_der), cmocka_unit_test(certificates),
		cmocka_unit_test(retry_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
