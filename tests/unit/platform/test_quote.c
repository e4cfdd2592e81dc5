/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "platform/sim/levels.h"
#include "platform/sim/quote.h"

#define NOW INT64_C(1750000000)

struct world {
	att_sim_pki *pki;
	struct att_sim_pck pck;
	att_p256 *tools;
	uint8_t report_data[64];
};

static int setup(void **state)
{
	static struct world w;
	static const struct att_sim_seed seed = { "quote tests" };
	const struct att_platform p = { .present = true,
					.pce_svn = 0x0102,
					.dynamic_platform = ATT_UNKNOWN,
					.cached_keys = ATT_UNKNOWN,
					.smt_enabled = ATT_UNKNOWN };

	assert_int_equal(att_sim_pki_new(&seed, NOW, &w.pki, NULL), ATT_OK);
	assert_int_equal(att_sim_pck_make(w.pki, &p, "PCK", &w.pck, NULL), ATT_OK);
	assert_int_equal(att_p256_new(&w.tools, NULL), ATT_OK);
	memset(w.report_data, 0x5a, sizeof(w.report_data));
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	att_sim_pck_free(&w->pck);
	att_sim_pki_free(w->pki);
	att_p256_free(w->tools);
	return 0;
}

static att_evidence *quote(struct world *w, enum att_sim_kind kind, struct att_claims *claims)
{
	att_auto_buf att_buf b = { 0 };
	struct att_sim_qe qe;
	att_evidence *ev = NULL;
	att_err err = { 0 };

	assert_int_equal(
	    att_sim_qe_make(w->pki, &w->pck, att_sim_kind_is_tdx(kind), "key", &qe, NULL), ATT_OK);
	att_sim_claims(kind, &w->pck.platform, w->report_data, claims);
	assert_int_equal(att_sim_quote_make(&qe, kind, claims, &b, NULL), ATT_OK);
	att_sim_qe_free(&qe);
	if (att_evidence_parse(att_buf_bytes(&b), &ev, &err) != ATT_OK)
		fail_msg("%s: %s", att_sim_kind_name(kind), err.msg);
	return ev;
}

static void check_signatures(struct world *w, const struct att_quote *q)
{
	uint8_t point[ATT_P256_POINT] = { 0x04 }, digest[ATT_SHA256_LEN];

	memcpy(point + 1, q->attestation_key.ptr, ATT_P256_POINT - 1);
	assert_true(att_p256_verify_raw(w->tools, point, q->signed_part, q->signature.ptr));
	att_signer_point(w->pck.key, point);
	assert_true(
	    att_p256_verify_raw(w->tools, point, q->qe_report_raw, q->qe_report_signature.ptr));
	assert_true(att_sha256_2(w->tools, q->attestation_key, q->qe_auth_data, digest));
	assert_memory_equal(q->qe_report.report_data, digest, sizeof(digest));
	assert_true(att_all_zero(att_bytes_of(q->qe_report.report_data + 32, 32)));
}

static void every_kind(void **state)
{
	static const struct {
		const char *name;
		uint16_t version;
		uint32_t tee;
		uint16_t body_type;
		size_t signed_len;
	} want[ATT_SIM_KINDS] = {
		{ "sgx3", 3, 0, 1, 432 },    { "sgx4", 4, 0, 1, 432 },
		{ "sgx5", 5, 0, 1, 438 },    { "tdx4", 4, 0x81, 2, 632 },
		{ "tdx5", 5, 0x81, 2, 638 }, { "tdx15", 5, 0x81, 3, 702 },
	};
	struct world *w = *state;

	for (int kind = 0; kind < ATT_SIM_KINDS; kind++) {
		struct att_claims claims;
		att_evidence *ev = quote(w, (enum att_sim_kind)kind, &claims);
		const struct att_quote *q = att_evidence_quote(ev);

		assert_string_equal(att_sim_kind_name((enum att_sim_kind)kind), want[kind].name);
		assert_int_equal(att_sim_kind_is_tdx((enum att_sim_kind)kind), want[kind].tee != 0);
		assert_int_equal(q->version, want[kind].version);
		assert_int_equal(q->tee_type, want[kind].tee);
		assert_int_equal(q->body_type, want[kind].body_type);
		assert_int_equal(q->signed_part.len, want[kind].signed_len);
		assert_int_equal(q->cert_type, 5);
		assert_int_equal(q->padding, 0);
		assert_int_equal(q->cert_data.len, w->pck.chain.len + 1);
		assert_memory_equal(q->cert_data.ptr, w->pck.chain.ptr, w->pck.chain.len);
		assert_int_equal(q->pce_svn, want[kind].version == 3 ? 0x0102 : 0);
		check_signatures(w, q);
		att_evidence_free(ev);
	}
}

static void claims_come_through(void **state)
{
	struct world *w = *state;
	struct att_claims claims;
	att_evidence *ev = quote(w, ATT_SIM_SGX4, &claims);
	const struct att_claims *seen = att_evidence_claims(ev);

	assert_int_equal(seen->kind, ATT_KIND_SGX_QUOTE);
	assert_memory_equal(seen->sgx.mr_enclave, claims.sgx.mr_enclave, 32);
	assert_memory_equal(seen->sgx.mr_signer, claims.sgx.mr_signer, 32);
	assert_memory_equal(seen->sgx.report_data, w->report_data, 64);
	assert_false(att_claims_debug(seen));
	assert_true(seen->sgx.reserved_zero);
	att_evidence_free(ev);
	ev = quote(w, ATT_SIM_TDX15, &claims);
	seen = att_evidence_claims(ev);
	assert_int_equal(seen->kind, ATT_KIND_TDX_QUOTE);
	assert_memory_equal(seen->td.mr_td, claims.td.mr_td, 48);
	assert_memory_equal(seen->td.rtmr, claims.td.rtmr, sizeof(claims.td.rtmr));
	assert_memory_equal(seen->td.report_data, w->report_data, 64);
	assert_true(seen->td.has_15);
	assert_false(att_claims_debug(seen));
	att_evidence_free(ev);
}

static void quoting_enclaves(void **state)
{
	struct att_sim_qe_facts facts;

	(void)state;
	att_sim_qe_facts(false, &facts);
	assert_int_equal(facts.isv_prod_id, 1);
	assert_int_equal(facts.isv_svn, ATT_SIM_QE_SVN);
	assert_int_equal(facts.attributes & ATT_SGX_DEBUG, 0);
	att_sim_qe_facts(true, &facts);
	assert_int_equal(facts.isv_prod_id, 2);
	assert_int_equal(facts.isv_svn, ATT_SIM_TD_QE_SVN);
}

static void kinds_end(void **state)
{
	(void)state;
	assert_null(att_sim_kind_name(ATT_SIM_KINDS));
}

static void no_room(void **state)
{
	struct world *w = *state;
	att_auto_buf att_buf b = { .max = 1000 };
	struct att_sim_qe qe;
	struct att_claims claims;

	assert_int_equal(att_sim_qe_make(w->pki, &w->pck, false, "key", &qe, NULL), ATT_OK);
	att_sim_claims(ATT_SIM_SGX3, &w->pck.platform, w->report_data, &claims);
	assert_int_equal(att_sim_quote_make(&qe, ATT_SIM_SGX3, &claims, &b, NULL), ATT_E_NOMEM);
	att_sim_qe_free(&qe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),       cmocka_unit_test(claims_come_through),
		cmocka_unit_test(quoting_enclaves), cmocka_unit_test(kinds_end),
		cmocka_unit_test(no_room),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
