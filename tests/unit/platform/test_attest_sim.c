/* SPDX-License-Identifier: Apache-2.0 */
#include "enclaves.h"

#include "cpu_quoter.h"
#include "cpu_thread.h"
#include "platform/attester.h"

static struct cpu_thread cpu;
static char image_path[80], sig_path[80], key_path[80];
static att_buf image;

static void write_file(const char *path, att_bytes in)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(in.ptr, 1, in.len, f), in.len);
	fclose(f);
}

static int setup(void **state)
{
	att_auto_buf att_buf pem = { 0 };
	att_rsa_signer *key = author("attester");

	(void)state;
	cpu_thread_listen(&cpu);
	put_image(&image, 0x90);
	snprintf(image_path, sizeof(image_path), "%s/image", cpu.folder);
	snprintf(sig_path, sizeof(sig_path), "%s/image.sig", cpu.folder);
	snprintf(key_path, sizeof(key_path), "%s/key", cpu.folder);
	write_file(image_path, att_buf_bytes(&image));
	assert_int_equal(att_rsa_signer_to_pem(key, &pem, NULL), ATT_OK);
	write_file(key_path, att_buf_bytes(&pem));
	att_rsa_signer_free(key);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(image_path);
	unlink(sig_path);
	unlink(key_path);
	cpu_thread_end(&cpu);
	att_buf_free(&image);
	return 0;
}

static struct att_attester_options options(void)
{
	return (struct att_attester_options){ .sim_cpu = cpu.path, .image = image_path };
}

/* The quote (here: kind and REPORT) that these options give. */
static att_rc quote(const struct att_attester_options *o, struct att_quoted *q, att_err *err)
{
	uint8_t data[64] = { 0xda };
	void *state = NULL;

	*q = (struct att_quoted){ 0 };
	att_rc rc = att_attester_sim.open(o, &state, err);
	if (rc == ATT_OK)
		rc = att_attester_sim.quote(state, data, q, err);
	att_attester_sim.close(state);
	return rc;
}

static void mr_signer_of(const char *name, uint8_t out[static 32])
{
	uint8_t modulus[ATT_RSA3072_LEN];
	att_rsa_signer *key = author(name);

	att_rsa_signer_modulus(key, modulus);
	assert_int_equal(att_sigstruct_mr_signer(modulus, out, NULL), ATT_OK);
	att_rsa_signer_free(key);
}

static void a_world_must_be_announced(void **state)
{
	struct att_attester_options o = { 0 };
	att_err err = { 0 };

	(void)state;
	assert_int_equal(att_attester_sim.probe(&o, &err), ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "ATTEST_SIM_CPU"));
	o.sim_cpu = "/nonexistent/cpu";
	assert_int_equal(att_attester_sim.probe(&o, &err), ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "/nonexistent/cpu"));
	o.sim_cpu = cpu.path;
	assert_int_equal(att_attester_sim.probe(&o, &err), ATT_OK);
}

static void a_given_key_signs(void **state)
{
	struct att_attester_options o = options();
	struct att_quoted q;
	uint8_t signer[32];

	(void)state;
	o.signer = key_path;
	o.format = "sgx5";
	assert_int_equal(quote(&o, &q, NULL), ATT_OK);
	assert_int_equal(q.evidence_len, 1 + ATT_SGX_REPORT_LEN);
	assert_int_equal(q.evidence[0], ATT_SIM_SGX5);
	const uint8_t *report = q.evidence + 1;
	mr_signer_of("attester", signer);
	assert_memory_equal(report + 128, signer, 32);
	assert_int_equal(report[48], ATT_SGX_ATTR_INIT | ATT_SGX_ATTR_MODE64);
	assert_int_equal(report[256], 1);
	assert_int_equal(report[258], 1);
	assert_int_equal(report[320], 0xda);
	att_quoted_clear(&q);
}

/* Nobody's key is the same for all, and no one's. */
static void without_a_key_everybodys_signs(void **state)
{
	const struct att_attester_options o = options();
	struct att_quoted a, b;
	uint8_t signer[32];

	(void)state;
	assert_int_equal(quote(&o, &a, NULL), ATT_OK);
	assert_int_equal(quote(&o, &b, NULL), ATT_OK);
	assert_int_equal(a.evidence[0], ATT_SIM_SGX3);
	assert_memory_equal(a.evidence, b.evidence, a.evidence_len);
	mr_signer_of("attester", signer);
	assert_memory_not_equal(a.evidence + 1 + 128, signer, 32);
	att_quoted_clear(&a);
	att_quoted_clear(&b);
}

static void a_sigstruct_goes_before_keys(void **state)
{
	struct att_attester_options o = options();
	struct att_sigstruct terms;
	uint8_t bytes[ATT_SIGSTRUCT_LEN];
	att_rsa_signer *key = author("another");
	struct att_quoted q;
	att_err err = { 0 };

	(void)state;
	att_sigstruct_defaults(&terms);
	terms.isv_svn = 9;
	assert_int_equal(att_sigstruct_sign_image(att_buf_bytes(&image), &terms, key, bytes, NULL),
			 ATT_OK);
	write_file(sig_path, att_bytes_of(bytes, sizeof(bytes)));
	o.signer = key_path;
	assert_int_equal(quote(&o, &q, NULL), ATT_OK); /* beside the image */
	assert_int_equal(q.evidence[1 + 258], 9);
	att_quoted_clear(&q);
	terms.isv_svn = 10;
	memset(terms.enclave_hash, 7, sizeof(terms.enclave_hash));
	assert_int_equal(att_sigstruct_sign(&terms, key, bytes, NULL), ATT_OK);
	write_file(sig_path, att_bytes_of(bytes, sizeof(bytes)));
	assert_int_equal(quote(&o, &q, &err), ATT_E_MISMATCH);
	assert_non_null(strstr(err.msg, "ENCLAVEHASH"));
	o.sigstruct = "/nonexistent/sig";
	assert_int_equal(quote(&o, &q, &err), ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "/nonexistent/sig"));
	unlink(sig_path);
	att_rsa_signer_free(key);
}

/* This very test program. */
static void a_process_is_its_own_image(void **state)
{
	struct att_attester_options o = { .sim_cpu = cpu.path };
	struct att_quoted q;

	(void)state;
	o.signer = key_path;
	assert_int_equal(quote(&o, &q, NULL), ATT_OK);
	assert_false(att_all_zero(att_bytes_of(q.evidence + 1 + 64, 32)));
	att_quoted_clear(&q);
}

static void a_td_is_quoted_too(void **state)
{
	struct att_attester_options o = options();
	struct att_td_body td;
	struct att_quoted q;

	(void)state;
	o.format = "tdx15";
	assert_int_equal(quote(&o, &q, NULL), ATT_OK);
	assert_int_equal(q.evidence_len, 1 + ATT_TDREPORT_LEN);
	assert_int_equal(att_sim_tdreport_verify(cpu.cpu, q.evidence + 1, &td, NULL), ATT_OK);
	assert_int_equal(td.report_data[0], 0xda);
	assert_int_equal(td.td_attributes, ATT_TD_SEPT_VE_DISABLE);
	att_quoted_clear(&q);
}

static void what_can_not_be(void **state)
{
	struct att_attester_options o = options();
	struct att_quoted q;
	att_err err = { 0 };

	(void)state;
	o.format = "sgx6";
	assert_int_equal(quote(&o, &q, &err), ATT_E_ARG);
	assert_non_null(strstr(err.msg, "'sgx6'"));
	o = options();
	o.image = "/nonexistent/image";
	assert_int_equal(quote(&o, &q, &err), ATT_E_UNAVAILABLE);
	o = options();
	o.signer = image_path;
	assert_int_equal(quote(&o, &q, &err), ATT_E_FORMAT);
	assert_non_null(strstr(err.msg, image_path));
	o = options();
	o.image = key_path;
	assert_int_not_equal(quote(&o, &q, &err), ATT_OK);
	assert_null(q.evidence);
}

static void it_reports_for_the_daemon(void **state)
{
	const struct att_attester_options o = options();
	uint8_t target[512], data[64] = { 0xda }, report[432];

	(void)state;
	att_secs_target(&cpu.echo.qe, target);
	assert_int_equal(att_report_source_sim.probe(&o, NULL), ATT_OK);
	assert_int_equal(att_report_source_sim.report(&o, target, data, report, NULL), ATT_OK);
	assert_int_equal(att_sim_report_verify(cpu.cpu, &cpu.echo.qe, report, NULL), ATT_OK);
	assert_int_equal(report[320], 0xda);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_world_must_be_announced),
		cmocka_unit_test(a_given_key_signs),
		cmocka_unit_test(without_a_key_everybodys_signs),
		cmocka_unit_test(a_sigstruct_goes_before_keys),
		cmocka_unit_test(a_process_is_its_own_image),
		cmocka_unit_test(a_td_is_quoted_too),
		cmocka_unit_test(what_can_not_be),
		cmocka_unit_test(it_reports_for_the_daemon),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
