/* SPDX-License-Identifier: Apache-2.0 */
#include "enclaves.h"

#include "crypto/digest.h"
#include "platform/enclave/sigstruct.h"

static uint8_t good[ATT_SIGSTRUCT_LEN];

static att_bytes whole(const uint8_t *b)
{
	return att_bytes_of(b, ATT_SIGSTRUCT_LEN);
}

static int setup(void **state)
{
	struct att_sigstruct s = terms_of_11();

	(void)state;
	s.type = 0x80000000;
	s.vendor = 0x8086;
	s.date = 0x20261121;
	s.sw_defined = 0x01020304;
	s.misc_select = 1;
	s.cet_attributes = 2;
	s.cet_mask = 3;
	memset(s.isv_family_id, 0xfa, sizeof(s.isv_family_id));
	memset(s.isv_ext_prod_id, 0xef, sizeof(s.isv_ext_prod_id));
	sign_terms(&s, "sigstruct", good);
	return 0;
}

static void its_fields_stand_where_the_sdm_has_them(void **state)
{
	static const uint8_t header[] = { 6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0 };
	struct att_sigstruct s;

	(void)state;
	assert_int_equal(att_sigstruct_parse(whole(good), &s, NULL), ATT_OK);
	assert_memory_equal(good, header, sizeof(header));
	assert_memory_equal(good + 128, s.modulus, 384);
	assert_int_equal(good[512], 3);
	assert_memory_equal(good + 516, s.signature, 384);
	assert_int_equal(good[908], 2);
	assert_int_equal(good[909], 3);
	assert_int_equal(good[912], 0xfa);
	assert_int_equal(good[928], ATT_SGX_ATTR_MODE64);
	assert_int_equal(good[944], 0xfd);
	assert_int_equal(good[960], 0x11);
	assert_int_equal(good[1008], 0xef);
	assert_int_equal(good[1024], 7);
	assert_int_equal(good[1026], 3);
	assert_memory_equal(good + 1040, s.q1, 384);
	assert_memory_equal(good + 1424, s.q2, 384);
	assert_int_equal(s.type, 0x80000000);
	assert_int_equal(s.vendor, 0x8086);
	assert_int_equal(s.date, 0x20261121);
	assert_int_equal(s.sw_defined, 0x01020304);
	assert_int_equal(s.misc_mask, 0xffffffff);
	assert_int_equal(s.isv_prod_id, 7);
	assert_int_equal(s.isv_svn, 3);
}

static void other_fixed_bytes_are_refused(void **state)
{
	static const struct {
		size_t at;
		size_t field_at;
		const char *field;
	} cases[] = {
		{ 0, 0, "header" },          { 11, 0, "header" },
		{ 16, 16, "vendor" },        { 24, 24, "header2" },
		{ 39, 24, "header2" },       { 44, 44, "reserved1" },
		{ 127, 44, "reserved1" },    { 512, 512, "exponent" },
		{ 515, 512, "exponent" },    { 910, 910, "reserved2" },
		{ 992, 992, "reserved3" },   { 1007, 992, "reserved3" },
		{ 1028, 1028, "reserved4" }, { 1039, 1028, "reserved4" },
	};
	uint8_t b[ATT_SIGSTRUCT_LEN];
	struct att_sigstruct s;

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(cases); i++) {
		att_err err = { 0 };

		memcpy(b, good, sizeof(b));
		b[cases[i].at] ^= 0x40;
		assert_int_equal(att_sigstruct_parse(whole(b), &s, &err), ATT_E_FORMAT);
		assert_non_null(strstr(err.msg, cases[i].field));
		assert_int_equal(err.offset, cases[i].field_at);
		assert_int_equal(att_sigstruct_verify(whole(b), &s, NULL), ATT_E_FORMAT);
	}
}

static void it_has_one_length(void **state)
{
	uint8_t longer[ATT_SIGSTRUCT_LEN + 1] = { 0 };
	struct att_sigstruct s;

	(void)state;
	memcpy(longer, good, sizeof(good));
	for (size_t len = 0; len < ATT_SIGSTRUCT_LEN; len += 13)
		assert_int_equal(att_sigstruct_parse(att_bytes_of(good, len), &s, NULL),
				 ATT_E_TRUNCATED);
	assert_int_equal(att_sigstruct_parse(att_bytes_of(longer, sizeof(longer)), &s, NULL),
			 ATT_E_TRAILING);
}

static void its_signature_holds(void **state)
{
	struct att_sigstruct s;
	uint8_t signer[32], expected[32];

	(void)state;
	assert_int_equal(att_sigstruct_verify(whole(good), &s, NULL), ATT_OK);
	assert_int_equal(att_sigstruct_mr_signer(s.modulus, signer, NULL), ATT_OK);
	assert_true(att_sha256_once(att_bytes_of(good + 128, 384), expected));
	assert_memory_equal(signer, expected, 32);
}

/* A byte of each field; those outside of what is signed are modulus, signature and quotients. */
static void no_byte_may_change(void **state)
{
	static const size_t places[] = { 12,   20,   40,   128,  511,  516,  899,  900, 904,
					 908,  909,  912,  928,  936,  944,  952,  960, 991,
					 1008, 1024, 1026, 1027, 1040, 1423, 1424, 1807 };
	uint8_t b[ATT_SIGSTRUCT_LEN];
	struct att_sigstruct s;

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(places); i++) {
		memcpy(b, good, sizeof(b));
		b[places[i]] ^= 1;
		assert_int_equal(att_sigstruct_verify(whole(b), &s, NULL), ATT_E_SIGNATURE);
	}
}

static void quotients_are_checked(void **state)
{
	uint8_t b[ATT_SIGSTRUCT_LEN];
	struct att_sigstruct s;
	att_err err = { 0 };

	(void)state;
	memcpy(b, good, sizeof(b));
	b[1040] ^= 1;
	assert_int_equal(att_sigstruct_verify(whole(b), &s, &err), ATT_E_SIGNATURE);
	assert_non_null(strstr(err.msg, "q1"));
	memcpy(b, good, sizeof(b));
	b[1424] ^= 1;
	assert_int_equal(att_sigstruct_verify(whole(b), &s, &err), ATT_E_SIGNATURE);
	assert_non_null(strstr(err.msg, "q2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_fields_stand_where_the_sdm_has_them),
		cmocka_unit_test(other_fixed_bytes_are_refused),
		cmocka_unit_test(it_has_one_length),
		cmocka_unit_test(its_signature_holds),
		cmocka_unit_test(no_byte_may_change),
		cmocka_unit_test(quotients_are_checked),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
