/* SPDX-License-Identifier: Apache-2.0 */
#include "enclaves.h"

#include "cpu_quoter.h"
#include "cpu_thread.h"
#include "platform/sim/cpu_client.h"
#include "platform/sim/tdx_measure.h"

static uint8_t sigstruct[ATT_SIGSTRUCT_LEN];
static att_buf image;

static int setup(void **state)
{
	att_rsa_signer *key = author("client");
	struct att_sigstruct terms;

	(void)state;
	put_image(&image, 0x90);
	att_sigstruct_defaults(&terms);
	assert_int_equal(
	    att_sigstruct_sign_image(att_buf_bytes(&image), &terms, key, sigstruct, NULL), ATT_OK);
	att_rsa_signer_free(key);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	att_buf_free(&image);
	return 0;
}

static att_sim_client *client_of(struct cpu_thread *t)
{
	att_sim_client *c = NULL;

	assert_int_equal(att_sim_client_over(cpu_thread_pair(t), 5000, &c, NULL), ATT_OK);
	return c;
}

static void end(struct cpu_thread *t, att_sim_client *c)
{
	att_sim_client_free(c);
	cpu_thread_end(t);
}

static att_bytes signature(void)
{
	return att_bytes_of(sigstruct, sizeof(sigstruct));
}

static void an_enclave_from_launch_to_quote(void **state)
{
	uint8_t target[ATT_SGX_TARGETINFO_LEN], data[64] = { 0xda }, report[ATT_SGX_REPORT_LEN];
	struct att_sgx_keyrequest r = { .key_name = ATT_SGX_KEY_SEAL };
	uint8_t request[ATT_SGX_KEYREQUEST_LEN], key[16] = { 0 };
	att_auto_buf att_buf quote = { 0 };
	struct cpu_thread t;
	struct att_secs e;
	uint32_t code = 9;
	att_sim_client *c = client_of(&t);

	(void)state;
	assert_int_equal(
	    att_sim_client_launch(c, att_buf_bytes(&image), signature(), NULL, &e, NULL), ATT_OK);
	assert_memory_equal(e.mr_enclave, sigstruct + 960, 32);
	att_secs_target(&e, target);
	assert_int_equal(att_sim_client_ereport(c, target, data, report, NULL), ATT_OK);
	assert_int_equal(report[320], 0xda);
	assert_int_equal(att_sim_client_verify_report(c, report, NULL), ATT_OK);
	report[0] ^= 1;
	assert_int_equal(att_sim_client_verify_report(c, report, NULL), ATT_E_MISMATCH);
	att_sgx_keyrequest_write(&r, request);
	assert_int_equal(att_sim_client_egetkey(c, request, key, &code, NULL), ATT_OK);
	assert_int_equal(code, ATT_SGX_SUCCESS);
	assert_false(att_all_zero(att_bytes_of(key, sizeof(key))));
	assert_int_equal(att_sim_client_qe_target(c, target, NULL), ATT_OK);
	assert_int_equal(target[0], 0x9e);
	assert_int_equal(att_sim_client_quote(c, ATT_SIM_SGX4, data, &quote, NULL), ATT_OK);
	assert_int_equal(quote.len, 1 + ATT_SGX_REPORT_LEN);
	end(&t, c);
}

/* What the processor says of a refusal is what the caller hears. */
static void refusals_are_told(void **state)
{
	struct att_sgx_keyrequest r = { .key_name = ATT_SGX_KEY_PROVISION };
	uint8_t request[ATT_SGX_KEYREQUEST_LEN], key[16];
	struct att_sim_ask ask = { .attributes_given = true };
	struct cpu_thread t;
	uint32_t code = 0;
	att_err err = { 0 };
	att_sim_client *c = client_of(&t);

	(void)state;
	att_sgx_keyrequest_write(&r, request);
	assert_int_equal(att_sim_client_egetkey(c, request, key, &code, &err), ATT_E_DENIED);
	assert_non_null(strstr(err.msg, "no enclave"));
	assert_int_equal(
	    att_sim_client_launch(c, att_buf_bytes(&image), signature(), &ask, NULL, &err),
	    ATT_E_ARG);
	assert_non_null(strstr(err.msg, "MODE64BIT"));
	assert_int_equal(
	    att_sim_client_launch(c, att_buf_bytes(&image), signature(), NULL, NULL, NULL), ATT_OK);
	assert_int_equal(att_sim_client_egetkey(c, request, key, &code, &err), ATT_E_DENIED);
	assert_int_equal(code, ATT_SGX_INVALID_ATTRIBUTE);
	assert_int_equal(
	    att_sim_client_launch(c, att_bytes_of(NULL, 0), signature(), NULL, NULL, &err),
	    ATT_E_FORMAT);
	assert_non_null(strstr(err.msg, "0 bytes"));
	end(&t, c);
}

/* Parts of a TD are filled up to pages. */
static void a_td_from_launch_to_quote(void **state)
{
	struct att_sim_td_ask ask = { .xfam = 3, .parts = 1, .gpa = { 0x1000 } };
	const att_bytes part = att_bytes_of("kernel", 6);
	uint8_t page[ATT_TDX_PAGE] = "kernel", mr_td[48], data[64] = { 7 },
		report[ATT_TDREPORT_LEN];
	att_auto_buf att_buf quote = { 0 };
	struct att_sim_td_identity is;
	struct att_td_body td;
	struct cpu_thread t;
	att_mrtd *m = NULL;
	att_err err = { 0 };
	att_sim_client *c = client_of(&t);

	(void)state;
	assert_int_equal(att_sim_client_td_launch(c, &ask, &part, &is, NULL), ATT_OK);
	assert_int_equal(att_mrtd_new(&m, NULL), ATT_OK);
	assert_int_equal(att_mrtd_image(m, 0x1000, att_bytes_of(page, sizeof(page)), NULL), ATT_OK);
	assert_int_equal(att_mrtd_finish(m, mr_td, NULL), ATT_OK);
	att_mrtd_free(m);
	assert_memory_equal(is.mr_td, mr_td, 48);
	assert_int_equal(att_sim_client_rtmr_extend(c, 3, mr_td, NULL), ATT_OK);
	assert_int_equal(att_sim_client_rtmr_extend(c, 4, mr_td, &err), ATT_E_ARG);
	assert_non_null(strstr(err.msg, "RTMR 4"));
	assert_int_equal(att_sim_client_tdreport(c, data, report, NULL), ATT_OK);
	assert_int_equal(att_sim_tdreport_verify(t.cpu, report, &td, NULL), ATT_OK);
	assert_int_equal(td.report_data[0], 7);
	assert_false(att_all_zero(att_bytes_of(td.rtmr[3], 48)));
	assert_int_equal(att_sim_client_quote(c, ATT_SIM_TDX5, data, &quote, NULL), ATT_OK);
	assert_int_equal(quote.len, 1 + ATT_TDREPORT_LEN);
	ask.parts = 0;
	assert_int_equal(att_sim_client_td_launch(c, &ask, &part, NULL, NULL), ATT_E_ARG);
	ask.parts = ATT_SIM_FDS_MAX + 1;
	assert_int_equal(att_sim_client_td_launch(c, &ask, &part, NULL, NULL), ATT_E_ARG);
	end(&t, c);
}

static void nobody_there(void **state)
{
	char long_path[200];
	att_sim_client *c = NULL;
	att_err err = { 0 };

	(void)state;
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = 0;
	assert_int_equal(att_sim_client_connect(long_path, 0, &c, &err), ATT_E_ARG);
	assert_non_null(strstr(err.msg, "199 bytes"));
	assert_int_equal(att_sim_client_connect("", 0, &c, &err), ATT_E_ARG);
	assert_int_equal(att_sim_client_connect("/nonexistent/cpu", 0, &c, &err),
			 ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "attest sim up"));
	assert_null(c);
	att_sim_client_free(NULL);
}

/* A peer that answers one request with these bytes, or hangs up. */
static att_rc answered_with(att_bytes reply, att_err *err)
{
	uint8_t target[ATT_SGX_TARGETINFO_LEN];
	att_sim_client *c = NULL;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(att_sim_client_over(pair[0], 50, &c, NULL), ATT_OK);
	if (reply.len)
		assert_int_equal(send(pair[1], reply.ptr, reply.len, 0), reply.len);
	else if (reply.ptr)
		assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
	att_rc rc = att_sim_client_qe_target(c, target, err);
	/* After a failed exchange, nothing is asked any more. */
	if (rc == ATT_E_IO)
		assert_int_equal(att_sim_client_qe_target(c, target, NULL), ATT_E_IO);
	att_sim_client_free(c);
	close(pair[1]);
	return rc;
}

static void a_reply_has_a_limit(void **state)
{
	static uint8_t reply[ATT_SIM_MESSAGE_MAX + 1] = { 1, 0x84 };
	att_err err = { 0 };

	(void)state;
	assert_int_equal(answered_with(att_bytes_of(reply, sizeof(reply)), &err), ATT_E_FORMAT);
	assert_non_null(strstr(err.msg, "a reply of 65537 bytes"));
}

static void peers_that_are_no_processor(void **state)
{
	static const uint8_t other_op[8] = { 1, 0x83 }, nothing_read[8] = { 1, 0x80 },
			     short_body[9] = { 1, 0x84 },
			     refused[12] = { 1, 0x80, 2, 0, 0, 0, 0, 0, 't', 'e', 'x', 't' };
	att_err err = { 0 };

	(void)state;
	assert_int_equal(answered_with(att_bytes_of("garbage!", 8), &err), ATT_E_FORMAT);
	assert_int_equal(answered_with(att_bytes_of("\1", 1), &err), ATT_E_TRUNCATED);
	assert_int_equal(answered_with(att_bytes_of(other_op, 8), &err), ATT_E_FORMAT);
	assert_non_null(strstr(err.msg, "operation 3"));
	assert_int_equal(answered_with(att_bytes_of(nothing_read, 8), &err), ATT_E_FORMAT);
	assert_int_equal(answered_with(att_bytes_of(short_body, 9), &err), ATT_E_FORMAT);
	assert_non_null(strstr(err.msg, "1 bytes, expected 512"));
	assert_int_equal(answered_with(att_bytes_of(refused, 12), &err), ATT_E_ARG);
	assert_string_equal(err.msg, "text");
	assert_int_equal(answered_with(att_bytes_of("", 0), &err), ATT_E_IO);
	assert_non_null(strstr(err.msg, "hung up"));
	assert_int_equal(answered_with(att_bytes_of(NULL, 0), &err), ATT_E_IO);
	assert_non_null(strstr(err.msg, "within 50 ms"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_enclave_from_launch_to_quote),
		cmocka_unit_test(refusals_are_told),
		cmocka_unit_test(a_td_from_launch_to_quote),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(a_reply_has_a_limit),
		cmocka_unit_test(peers_that_are_no_processor),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
