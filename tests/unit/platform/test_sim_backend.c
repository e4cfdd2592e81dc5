/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated world through the AESM server: what a client gets is a quote of that world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim_enclave.h"

#include "attest/evidence.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "platform/aesm/frame.h"
#include "platform/aesm/sim_backend.h"
#include "platform/sim/dial.h"
#include "platform/sim/epid.h"

#define BORN INT64_C(1750000000)

struct fixture {
	att_sim_world *world;
	struct att_aesm_backend backend;
	struct att_aesm_server server;
	struct att_aesm_response answer;
	struct att_aesm_key_id ecdsa;
	uint8_t report[ATT_SIM_REPORT];
};

static const uint8_t report_data[64] = { 5, 4, 3 };

static int set_up(void **state)
{
	static const struct att_sim_world_options o = { .seed = "aesm", .born = BORN };
	struct fixture *f = test_calloc(1, sizeof(*f));

	assert_int_equal(att_sim_world_new(&o, &f->world, NULL), ATT_OK);
	att_aesm_sim_backend(f->world, &f->backend);
	f->server =
	    (struct att_aesm_server){ .backend = &f->backend, .preferred = ATT_AESM_ECDSA_P256 };
	assert_int_equal(att_aesm_key_id_make(ATT_AESM_ECDSA_P256, &f->ecdsa, NULL), ATT_OK);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	att_aesm_response_clear(&f->answer);
	att_sim_world_free(f->world);
	test_free(f);
	return 0;
}

static uint32_t ask(struct fixture *f, const struct att_aesm_request *q)
{
	att_auto_buf att_buf in = { 0 };
	att_auto_buf att_buf out = { 0 };
	att_bytes body;

	att_aesm_response_clear(&f->answer);
	assert_int_equal(att_aesm_request_put(q, &in, NULL), ATT_OK);
	assert_int_equal(att_aesm_answer(&f->server, att_buf_bytes(&in), &out, NULL), ATT_OK);
	assert_int_equal(att_aesm_frame_parse(att_buf_bytes(&out), &body, NULL), ATT_OK);
	assert_int_equal(att_aesm_response_decode(body, &f->answer, NULL), ATT_OK);
	assert_int_equal(att_aesm_response_check(&f->answer, NULL), ATT_OK);
	return f->answer.error;
}

static att_bytes key(const struct fixture *f)
{
	return att_bytes_of(f->ecdsa.bytes, sizeof(f->ecdsa.bytes));
}

static uint32_t init_ex(struct fixture *f)
{
	struct att_aesm_request q = { .call = ATT_AESM_INIT_QUOTE_EX };

	q.init_quote_ex.att_key_id = key(f);
	q.init_quote_ex.b_pub_key_id = att_aesm_number(1);
	q.init_quote_ex.buf_size = att_aesm_number(32);
	return ask(f, &q);
}

static uint32_t quote_size(struct fixture *f)
{
	struct att_aesm_request q = { .call = ATT_AESM_QUOTE_SIZE_EX };

	q.quote_size_ex.att_key_id = key(f);
	return ask(f, &q);
}

static uint32_t quote_ex(struct fixture *f, uint64_t size, att_bytes info)
{
	struct att_aesm_request q = { .call = ATT_AESM_GET_QUOTE_EX };

	q.get_quote_ex.report = att_bytes_of(f->report, sizeof(f->report));
	q.get_quote_ex.att_key_id = key(f);
	q.get_quote_ex.buf_size = att_aesm_number(size);
	q.get_quote_ex.qe_report_info = info;
	return ask(f, &q);
}

/* The report is for the target that init quote ex named, and the quote is of the report; what the
 * quoting enclave vouches for is SHA-256 of nonce and quote. */
static void an_enclave_is_quoted(void **state)
{
	struct fixture *f = *state;
	uint8_t target[ATT_SIM_TARGET], hash[32];
	uint8_t info[ATT_AESM_QE_REPORT_INFO] = { 0xaa, 0xbb };
	att_auto_buf att_buf hashed = { 0 };
	att_evidence *ev;

	assert_int_equal(init_ex(f), ATT_AESM_SUCCESS);
	att_sim_world_target(f->world, ATT_SIM_QE, target);
	assert_memory_equal(f->answer.init_quote_ex.target_info.ptr, target, sizeof(target));
	assert_int_equal(sim_report(f->world, ATT_SIM_QE, report_data, f->report), ATT_OK);
	assert_int_equal(quote_size(f), ATT_AESM_SUCCESS);
	uint64_t size = f->answer.quote_size_ex.quote_size.value;
	assert_int_equal(quote_ex(f, size, att_bytes_of(info, sizeof(info))), ATT_AESM_SUCCESS);
	const att_bytes quote = f->answer.get_quote_ex.quote;
	assert_int_equal(quote.len, size);
	assert_int_equal(att_evidence_parse(quote, &ev, NULL), ATT_OK);
	assert_memory_equal(att_evidence_claims(ev)->sgx.report_data, report_data, 64);
	att_evidence_free(ev);
	att_put_mem(&hashed, info, ATT_AESM_NONCE);
	att_put(&hashed, quote);
	assert_true(att_sha256_once(att_buf_bytes(&hashed), hash));
	assert_memory_equal(f->answer.get_quote_ex.qe_report_info.ptr + 528 + 320, hash, 32);
}

static void foreign_reports_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(init_ex(f), ATT_AESM_SUCCESS);
	assert_int_equal(quote_ex(f, 8192, (att_bytes){ 0 }), ATT_AESM_INVALID_REPORT);
	assert_int_equal(sim_report(f->world, ATT_SIM_EPID_QE, report_data, f->report), ATT_OK);
	assert_int_equal(quote_ex(f, 8192, (att_bytes){ 0 }), ATT_AESM_INVALID_REPORT);
	assert_int_equal(sim_report(f->world, ATT_SIM_QE, report_data, f->report), ATT_OK);
	f->report[431] ^= 1;
	assert_int_equal(quote_ex(f, 8192, (att_bytes){ 0 }), ATT_AESM_INVALID_REPORT);
	f->report[431] ^= 1;
	assert_int_equal(quote_ex(f, 8192, (att_bytes){ 0 }), ATT_AESM_SUCCESS);
}

static void epid_quotes_can_be_opened(void **state)
{
	struct fixture *f = *state;
	const struct att_aesm_request init = { .call = ATT_AESM_INIT_QUOTE };
	struct att_aesm_request q = { .call = ATT_AESM_GET_QUOTE };
	static const uint8_t spid[16] = { 0x5d };
	struct att_sim_epid_opened opened;
	uint32_t group = att_sim_epid_group(f->world);

	assert_int_equal(ask(f, &init), ATT_AESM_SUCCESS);
	const uint8_t *gid = f->answer.init_quote.gid.ptr;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(gid[i], group >> 8 * i & 0xff);
	assert_int_equal(sim_report(f->world, ATT_SIM_EPID_QE, report_data, f->report), ATT_OK);
	q.get_quote.report = att_bytes_of(f->report, sizeof(f->report));
	q.get_quote.spid = att_bytes_of(spid, sizeof(spid));
	q.get_quote.quote_type = att_aesm_number(1);
	q.get_quote.buf_size = att_aesm_number(2048);
	assert_int_equal(ask(f, &q), ATT_AESM_SUCCESS);
	assert_int_equal(att_sim_epid_open(f->world, f->answer.get_quote.quote, &opened, NULL),
			 ATT_OK);
	assert_true(opened.linkable);
	assert_memory_equal(opened.basename, spid, 16);
	assert_memory_equal(opened.body.report_data, report_data, 64);
	q.get_quote.sig_rl = att_bytes_of(f->report, 200); /* no SigRL */
	assert_int_equal(ask(f, &q), ATT_AESM_PARAMETER);
	q.get_quote.sig_rl = (att_bytes){ 0 };
	f->report[0] ^= 1;
	assert_int_equal(ask(f, &q), ATT_AESM_PARAMETER);
}

static void the_dial_is_heard(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(att_sim_world_set(f->world, "aesm", "busy", NULL), ATT_OK);
	assert_int_equal(init_ex(f), ATT_AESM_BUSY);
	assert_int_equal(att_sim_world_set(f->world, "aesm", "44", NULL), ATT_OK);
	assert_int_equal(init_ex(f), 44);
	assert_int_equal(att_sim_world_set(f->world, "aesm", "42", NULL), ATT_OK);
	assert_int_equal(init_ex(f), ATT_AESM_SUCCESS);
	assert_int_equal(quote_size(f), ATT_AESM_SUCCESS);
	assert_int_equal(att_sim_world_set(f->world, "aesm", "ok", NULL), ATT_OK);
	assert_int_equal(quote_size(f), ATT_AESM_SUCCESS);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_enclave_is_quoted),
		TEST(foreign_reports_are_refused),
		TEST(epid_quotes_can_be_opened),
		TEST(the_dial_is_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
