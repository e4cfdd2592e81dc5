/* SPDX-License-Identifier: Apache-2.0 */
#include "enclaves.h"

#include "platform/enclave/measure.h"

static void the_default_terms(void **state)
{
	struct att_sigstruct s;

	(void)state;
	att_sigstruct_defaults(&s);
	assert_int_equal(s.attributes, ATT_SGX_ATTR_MODE64);
	assert_int_equal(s.xfrm, 3);
	assert_false(s.attributes_mask & ATT_SGX_ATTR_DEBUG);
	assert_true((s.attributes_mask | ATT_SGX_ATTR_DEBUG) == UINT64_MAX);
	assert_true(s.xfrm_mask == UINT64_MAX);
	assert_int_equal(s.isv_svn, 0);
}

static void an_image_is_signed_for_what_it_measures(void **state)
{
	att_auto_buf att_buf image = { 0 };
	uint8_t bytes[ATT_SIGSTRUCT_LEN], mr_enclave[32];
	struct att_sigstruct terms, signed_terms;
	att_rsa_signer *key = author("image");
	att_image *parsed = NULL;

	(void)state;
	put_image(&image, 0x90);
	att_sigstruct_defaults(&terms);
	terms.isv_svn = 9;
	assert_int_equal(att_sigstruct_sign_image(att_buf_bytes(&image), &terms, key, bytes, NULL),
			 ATT_OK);
	assert_int_equal(
	    att_sigstruct_verify(att_bytes_of(bytes, sizeof(bytes)), &signed_terms, NULL), ATT_OK);
	assert_int_equal(att_image_parse(att_buf_bytes(&image), &parsed, NULL), ATT_OK);
	assert_int_equal(att_image_measure(parsed, mr_enclave, NULL), ATT_OK);
	assert_memory_equal(signed_terms.enclave_hash, mr_enclave, 32);
	assert_memory_equal(terms.enclave_hash, mr_enclave, 32);
	assert_int_equal(signed_terms.isv_svn, 9);
	att_image_free(parsed);
	att_rsa_signer_free(key);
}

static void what_is_no_image_is_not_signed(void **state)
{
	uint8_t bytes[ATT_SIGSTRUCT_LEN];
	struct att_sigstruct terms;
	att_rsa_signer *key = author("image");

	(void)state;
	att_sigstruct_defaults(&terms);
	assert_int_not_equal(
	    att_sigstruct_sign_image(att_bytes_of("text", 4), &terms, key, bytes, NULL), ATT_OK);
	att_rsa_signer_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_terms),
		cmocka_unit_test(an_image_is_signed_for_what_it_measures),
		cmocka_unit_test(what_is_no_image_is_not_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
