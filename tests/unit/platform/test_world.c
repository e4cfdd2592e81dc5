/* SPDX-License-Identifier: Apache-2.0 */
/* Worlds: the same from the same secret, saved and loaded, quotes of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "sim_enclave.h"

#include "attest/verify.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "platform/sim/dial.h"
#include "platform/sim/epid.h"

#define NOW  INT64_C(1750000000)
#define BORN (NOW - 10 * ATT_SIM_DAY)

static const uint8_t report_data[64] = { 1, 2, 3 };

static att_sim_world *world(const char *seed, bool intel_sim, bool processor_ca)
{
	const struct att_sim_world_options o = {
		.seed = seed, .born = BORN, .intel_sim = intel_sim, .processor_ca = processor_ca
	};
	att_sim_world *w;
	att_err err = { 0 };

	if (att_sim_world_new(&o, &w, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	return w;
}

/* Under the root and with the collateral of `with`, which may be the same world at another time. */
static void check_quote(att_sim_world *with, enum att_sim_kind kind, const att_buf *quote)
{
	att_roots *roots = att_roots_new();
	att_evidence *ev;
	att_collateral *c;
	att_verdict *v = NULL;
	att_err err = { 0 };

	assert_int_equal(att_evidence_parse(att_buf_bytes(quote), &ev, NULL), ATT_OK);
	assert_int_equal(att_sim_world_collateral(with, att_sim_kind_is_tdx(kind), NOW, &c, NULL),
			 ATT_OK);
	assert_int_equal(att_roots_add(roots, att_sim_world_root_pem(with), "sim", NULL), ATT_OK);
	const struct att_verify_in in = { .evidence = ev,
					  .collateral = c,
					  .roots = roots,
					  .now = NOW,
					  .bound_data = att_bytes_of(report_data, 3) };
	if (att_verify(&in, NULL, &v, &err) != ATT_OK)
		fail_msg("%s: %s", att_sim_kind_name(kind), err.msg);
	assert_true(att_verdict_simulated(v));
	assert_int_equal(att_verdict_tcb(v)->status, ATT_TCB_UP_TO_DATE);
	const struct att_claims *claims = att_verdict_claims(v);
	if (att_sim_kind_is_tdx(kind)) {
		assert_int_equal(claims->td.mr_td[0], 0x33);
		assert_int_equal(claims->td.has_15, kind == ATT_SIM_TDX15);
	} else {
		assert_int_equal(claims->sgx.mr_enclave[0], 0x11);
		assert_int_equal(claims->sgx.isv_prod_id, 7);
	}
	assert_memory_equal(att_evidence_quote(ev)->user_data, att_sim_world_qe_id(with).ptr, 16);
	att_verdict_free(v);
	att_collateral_free(c);
	att_evidence_free(ev);
	att_roots_free(roots);
}

static void check_verifies(att_sim_world *w, enum att_sim_kind kind)
{
	att_auto_buf att_buf quote = { 0 };

	assert_int_equal(sim_quote(w, kind, report_data, &quote), ATT_OK);
	assert_int_equal(quote.len, att_sim_world_quote_len(w, kind));
	check_quote(w, kind, &quote);
}

static void quotes_verify(void **state)
{
	(void)state;
	for (int form = 0; form < 4; form++) {
		att_sim_world *w = world("quotes", form & 1, form & 2);

		for (int kind = 0; kind < ATT_SIM_KINDS; kind++)
			check_verifies(w, (enum att_sim_kind)kind);
		att_sim_world_free(w);
	}
}

static void reports_of_others_are_refused(void **state)
{
	att_sim_world *w = world("one", false, false), *other = world("two", false, false);
	att_auto_buf att_buf out = { 0 };
	uint8_t report[ATT_SIM_TDREPORT];

	(void)state;
	assert_int_equal(sim_report(other, ATT_SIM_QE, report_data, report), ATT_OK);
	assert_int_equal(att_sim_world_quote(w, ATT_SIM_SGX3, report, &out, NULL), ATT_E_MISMATCH);
	assert_int_equal(sim_report(w, ATT_SIM_EPID_QE, report_data, report), ATT_OK);
	assert_int_equal(att_sim_world_quote(w, ATT_SIM_SGX3, report, &out, NULL), ATT_E_MISMATCH);
	assert_int_equal(sim_report(w, ATT_SIM_QE, report_data, report), ATT_OK);
	report[64] ^= 1;
	assert_int_equal(att_sim_world_quote(w, ATT_SIM_SGX3, report, &out, NULL), ATT_E_MISMATCH);
	report[64] ^= 1;
	assert_int_equal(att_sim_world_quote(w, ATT_SIM_TDX4, report, &out, NULL), ATT_E_ARG);
	assert_int_equal(att_sim_world_quote(w, ATT_SIM_KINDS, report, &out, NULL), ATT_E_ARG);
	assert_int_equal(sim_tdreport(other, report_data, report), ATT_OK);
	assert_int_equal(att_sim_world_td_quote(w, ATT_SIM_TDX4, report, &out, NULL),
			 ATT_E_MISMATCH);
	assert_int_equal(sim_tdreport(w, report_data, report), ATT_OK);
	assert_int_equal(att_sim_world_td_quote(w, ATT_SIM_SGX4, report, &out, NULL), ATT_E_ARG);
	report[512 + 100] ^= 1;
	assert_int_equal(att_sim_world_td_quote(w, ATT_SIM_TDX4, report, &out, NULL),
			 ATT_E_MISMATCH);
	assert_int_equal(out.len, 0);
	att_sim_world_free(w);
	att_sim_world_free(other);
}

/* What the attestation key signs, and what the PCK signed: no ECDSA signature is in it. */
static void signed_bytes(att_sim_world *w, enum att_sim_kind kind, att_buf *out)
{
	att_auto_buf att_buf quote = { 0 };
	att_evidence *ev;

	assert_int_equal(sim_quote(w, kind, report_data, &quote), ATT_OK);
	assert_int_equal(att_evidence_parse(att_buf_bytes(&quote), &ev, NULL), ATT_OK);
	const struct att_quote *q = att_evidence_quote(ev);
	att_put(out, q->signed_part);
	att_put(out, q->attestation_key);
	att_put(out, q->qe_report_raw);
	att_put(out, q->qe_auth_data);
	att_evidence_free(ev);
	assert_int_equal(att_buf_ok(out, NULL), ATT_OK);
}

static void check_same(att_sim_world *a, att_sim_world *b, bool same)
{
	att_auto_buf att_buf in_a = { 0 };
	att_auto_buf att_buf in_b = { 0 };
	const struct att_platform *p = att_sim_world_platform(a), *q = att_sim_world_platform(b);

	signed_bytes(a, ATT_SIM_SGX3, &in_a);
	signed_bytes(a, ATT_SIM_TDX15, &in_a);
	signed_bytes(b, ATT_SIM_SGX3, &in_b);
	signed_bytes(b, ATT_SIM_TDX15, &in_b);
	assert_int_equal(att_bytes_eq(att_buf_bytes(&in_a), att_buf_bytes(&in_b)), same);
	assert_int_equal(memcmp(p->ppid, q->ppid, 16) == 0, same);
	assert_int_equal(memcmp(p->instance_id, q->instance_id, 16) == 0, same);
	for (int qe = 0; qe < ATT_SIM_QUOTING_ENCLAVES; qe++) {
		uint8_t id_a[32], id_b[32];

		att_sim_world_key_id(a, (enum att_sim_quoting)qe, id_a);
		att_sim_world_key_id(b, (enum att_sim_quoting)qe, id_b);
		assert_int_equal(memcmp(id_a, id_b, 32) == 0, same);
	}
}

static void a_seed_is_a_world(void **state)
{
	att_sim_world *a = world("seed", false, false), *b = world("seed", false, false),
		      *c = world("Seed", false, false);

	(void)state;
	check_same(a, b, true);
	check_same(a, c, false);
	att_sim_world_free(a);
	att_sim_world_free(b);
	att_sim_world_free(c);
}

static void saved_and_loaded(void **state)
{
	att_sim_world *a = world("saved", false, true), *b;
	att_auto_buf att_buf saved = { 0 };
	att_auto_buf att_buf again = { 0 };
	att_auto_buf att_buf before = { 0 };
	uint8_t report[ATT_SIM_REPORT];
	att_auto_buf att_buf quote = { 0 };
	char value[ATT_SIM_VALUE_TEXT];

	(void)state;
	assert_int_equal(att_sim_world_set(a, "upstream", "429:7", NULL), ATT_OK);
	att_sim_world_save(a, &saved);
	assert_int_equal(att_sim_world_load(att_buf_bytes(&saved), &b, NULL), ATT_OK);
	assert_false(att_sim_world_platform(b)->platform_ca);
	for (size_t i = 0; att_sim_setting(i); i++) {
		att_sim_world_get(b, i, value);
		if (strcmp(att_sim_setting(i)->name, "upstream") == 0)
			assert_string_equal(value, "429:7");
	}
	check_same(a, b, true);
	/* What was quoted before stays genuine after, though certificates were signed again. */
	assert_int_equal(sim_quote(a, ATT_SIM_SGX4, report_data, &before), ATT_OK);
	check_quote(b, ATT_SIM_SGX4, &before);
	/* A REPORT does not outlive a boot of the platform. */
	assert_int_equal(sim_report(a, ATT_SIM_QE, report_data, report), ATT_OK);
	assert_int_equal(att_sim_world_quote(b, ATT_SIM_SGX3, report, &quote, NULL),
			 ATT_E_MISMATCH);
	att_sim_world_free(a);
	att_sim_world_save(b, &again);
	att_sim_world_free(b);
	assert_int_equal(att_sim_world_load(att_buf_bytes(&again), &b, NULL), ATT_OK);
	att_sim_world_free(b);
}

static void check_load_fails(const att_buf *saved, const char *was, const char *is)
{
	att_auto_buf att_buf text = { 0 };
	att_sim_world *w;

	att_put(&text, att_buf_bytes(saved));
	att_put_u8(&text, 0);
	char *at = strstr((char *)text.ptr, was);
	assert_non_null(at);
	assert_int_equal(strlen(was), strlen(is));
	memcpy(at, is, strlen(is));
	assert_int_equal(att_sim_world_load(att_bytes_of(text.ptr, text.len - 1), &w, NULL),
			 ATT_E_FORMAT);
	assert_null(w);
}

static void what_is_no_saved_world(void **state)
{
	att_sim_world *w = world("bad", true, false);
	att_auto_buf att_buf saved = { 0 };
	static const char *const changes[][2] = {
		{ "world/1", "world/2" },
		{ "\"secret\"", "\"Secret\"" },
		{ "\"born\": 17", "\"born\": -7" },
		{ "\"intel_sim\": true", "\"intel_sim\": 1234" },
		{ "\"processor_ca\": false", "\"processor_cA\": false" },
		{ "\"boots\": 0", "\"boots\": x" },
		{ "\"answers\": 0", "\"answers\": n" },
		{ "\"tcb\": \"current\"", "\"tcb\": \"Current\"" },
		{ "\"tcb\":", "\"tcB\":" },
		{ "\"dial\"", "\"Dial\"" },
	};

	(void)state;
	att_sim_world_save(w, &saved);
	att_sim_world_free(w);
	for (size_t i = 0; i < ATT_COUNT(changes); i++)
		check_load_fails(&saved, changes[i][0], changes[i][1]);
	assert_int_equal(att_sim_world_load(att_bytes_of("[]", 2), &w, NULL), ATT_E_FORMAT);
	assert_int_equal(att_sim_world_load(att_bytes_of(saved.ptr, saved.len / 2), &w, NULL),
			 ATT_E_TRUNCATED);
}

static void no_secret(void **state)
{
	struct att_sim_world_options o = { .born = BORN };
	att_sim_world *w;

	(void)state;
	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_E_ARG);
	assert_null(w);
	o.seed = "";
	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_E_ARG);
	o.seed = NULL;
	o.secret[31] = 1;
	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_OK);
	att_sim_world_free(w);
	att_sim_world_free(NULL);
}

static void report_of_the_quoting_enclave(void **state)
{
	att_sim_world *w = world("qe report", false, false);
	const struct att_secs enclave = sim_enclave();
	uint8_t target[ATT_SIM_TARGET], report[ATT_SIM_REPORT], digest[32];
	uint8_t text[16 + 5] = "nonce 0123456789quote";

	(void)state;
	att_secs_target(&enclave, target);
	assert_int_equal(att_sim_world_qe_report(w, ATT_SIM_QE, text, target,
						 att_bytes_of(text + 16, 5), report, NULL),
			 ATT_OK);
	assert_int_equal(att_sim_report_verify(att_sim_world_cpu(w), &enclave, report, NULL),
			 ATT_OK);
	assert_true(att_sha256_once(att_bytes_of(text, sizeof(text)), digest));
	assert_memory_equal(report + 320, digest, 32);
	assert_true(att_all_zero(att_bytes_of(report + 352, 32)));
	att_sim_world_free(w);
}

/* --- Without memory --- */

struct life {
	att_sim_world *w;
	int64_t now; /* another day each time: nothing is remembered from the last */
	att_buf saved;
};

static att_rc ask(const struct life *l, const char *target)
{
	struct att_http_request request = { 0 };
	struct att_http_response response = { 0 };
	att_rc rc = att_http_request_line(&request, "GET", target, NULL);

	if (rc == ATT_OK)
		rc = att_sim_world_answer(l->w, ATT_SIM_PCCS, &request, l->now, &response, NULL);
	assert_true(rc != ATT_OK || response.status == 200);
	att_http_response_free(&response);
	att_http_request_free(&request);
	return rc;
}

static att_rc make_one(struct life *l, att_err *err)
{
	const struct att_sim_world_options o = { .seed = "memory", .born = BORN };
	att_sim_world *w;
	att_rc rc = att_sim_world_new(&o, &w, err);

	(void)l;
	if (rc == ATT_OK)
		att_sim_world_free(w);
	return rc;
}

static att_rc load_one(struct life *l, att_err *err)
{
	att_sim_world *w;
	att_rc rc = att_sim_world_load(att_buf_bytes(&l->saved), &w, err);

	if (rc == ATT_OK)
		att_sim_world_free(w);
	return rc;
}

static att_rc quote_epid(att_sim_world *w, att_err *err)
{
	uint8_t report[ATT_SIM_REPORT];
	struct att_sim_epid_request request = { .report = report };
	struct att_sim_epid_opened opened;
	att_auto_buf att_buf rl = { 0 };
	att_auto_buf att_buf quote = { 0 };
	att_rc rc = sim_report(w, ATT_SIM_EPID_QE, report_data, report);

	if (rc == ATT_OK)
		rc = att_sim_epid_sigrl(w, 1, NULL, 0, &rl, err);
	request.sigrl = att_buf_bytes(&rl);
	if (rc == ATT_OK)
		rc = att_sim_epid_quote(w, &request, &quote, err);
	return rc == ATT_OK ? att_sim_epid_open(w, att_buf_bytes(&quote), &opened, err) : rc;
}

/* One of each thing that a world is asked for. */
static att_rc use_one(struct life *l, att_err *err)
{
	static const char *const targets[] = {
		"/tdx/certification/v4/tcb?fmspc=0053494d0000",
		"/sgx/certification/v4/qe/identity",
		"/sgx/certification/v4/pckcrl?ca=platform",
		"/sgx/certification/v4/tcbevaluationdatanumbers",
	};
	att_auto_buf att_buf quote = { 0 };
	att_auto_buf att_buf saved = { 0 };
	att_collateral *c = NULL;

	l->now += ATT_SIM_DAY;
	att_rc rc = sim_quote(l->w, ATT_SIM_SGX4, report_data, &quote);
	if (rc == ATT_OK)
		rc = sim_quote(l->w, ATT_SIM_TDX15, report_data, &quote);
	if (rc == ATT_OK)
		rc = quote_epid(l->w, err);
	for (size_t i = 0; rc == ATT_OK && i < ATT_COUNT(targets); i++)
		rc = ask(l, targets[i]);
	if (rc == ATT_OK)
		rc = att_sim_world_collateral(l->w, false, l->now, &c, err);
	att_collateral_free(c);
	if (rc != ATT_OK)
		return rc;
	att_sim_world_save(l->w, &saved);
	return att_buf_ok(&saved, NULL);
}

/* Every step-th allocation of it fails once. */
static void fail_each(att_rc (*run)(struct life *, att_err *), struct life *l, size_t least,
		      size_t step)
{
	alloc_watch(0);
	att_rc rc = run(l, NULL);
	size_t calls = alloc_unwatch();

	assert_int_equal(rc, ATT_OK);
	assert_true(calls >= least);
	for (size_t k = 1; k <= calls; k += step) {
		att_err err = { 0 };

		alloc_watch(k);
		rc = run(l, &err);
		alloc_unwatch();
		if (rc != ATT_E_NOMEM)
			fail_msg("allocation %zu of %zu: %s: %s", k, calls, att_rc_name(rc),
				 err.msg);
	}
}

static void without_memory(void **state)
{
	struct life l = { .w = world("memory", false, false), .now = NOW };

	(void)state;
	att_sim_world_save(l.w, &l.saved);
	fail_each(use_one, &l, 50, 1);
	fail_each(make_one, &l, 50, 2);
	fail_each(load_one, &l, 50, 9); /* most of it is make_one() */
	att_buf_free(&l.saved);
	att_sim_world_free(l.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_verify),
		cmocka_unit_test(reports_of_others_are_refused),
		cmocka_unit_test(a_seed_is_a_world),
		cmocka_unit_test(saved_and_loaded),
		cmocka_unit_test(what_is_no_saved_world),
		cmocka_unit_test(no_secret),
		cmocka_unit_test(report_of_the_quoting_enclave),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
