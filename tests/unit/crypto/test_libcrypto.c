/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/libcrypto.h"

static const struct {
	int lib, reason;
	bool memory, missing, bad_point;
} errors[] = {
	{ ERR_LIB_EC, ERR_R_MALLOC_FAILURE, true, false, false },
	{ ERR_LIB_EVP, ERR_R_INTERNAL_ERROR, true, false, false },
	{ ERR_LIB_BN, BN_R_TOO_MANY_TEMPORARY_VARIABLES, true, false, false },
	{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM, false, true, false },
	{ ERR_LIB_EC, EC_R_UNKNOWN_GROUP, false, true, false },
	{ ERR_LIB_EC, EC_R_POINT_IS_NOT_ON_CURVE, false, false, true },
	{ ERR_LIB_EC, EC_R_INVALID_ENCODING, false, false, true },
	{ ERR_LIB_EC, EC_R_COORDINATES_OUT_OF_RANGE, false, false, true },
	{ ERR_LIB_EC, EC_R_BAD_SIGNATURE, false, false, false },
	{ ERR_LIB_RSA, EC_R_POINT_IS_NOT_ON_CURVE, false, false, false },
};

static void each_error_has_its_meaning(void **state)
{
	(void)state;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		ERR_raise(errors[i].lib, errors[i].reason);
		struct att_libcrypto_errors seen = att_libcrypto_errors();
		assert_int_equal(seen.memory, errors[i].memory);
		assert_int_equal(seen.missing, errors[i].missing);
		assert_int_equal(seen.bad_point, errors[i].bad_point);
		assert_int_equal(ERR_peek_error(), 0);
	}
}

static void all_errors_of_the_queue_count(void **state)
{
	(void)state;

	ERR_raise(ERR_LIB_EC, EC_R_POINT_IS_NOT_ON_CURVE);
	ERR_raise(ERR_LIB_EC, ERR_R_MALLOC_FAILURE);
	ERR_raise(ERR_LIB_EC, ERR_R_EC_LIB);
	struct att_libcrypto_errors seen = att_libcrypto_errors();
	assert_true(seen.memory && seen.bad_point && !seen.missing);
	seen = att_libcrypto_errors();
	assert_false(seen.memory || seen.bad_point || seen.missing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_error_has_its_meaning),
		cmocka_unit_test(all_errors_of_the_queue_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
