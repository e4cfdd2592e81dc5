/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/libcrypto.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

/* The big number pool reports a lack of memory in its own words, and layers above may report
 * nothing but an internal error. */
static bool means_no_memory(int lib, int reason)
{
	return reason == ERR_R_MALLOC_FAILURE || reason == ERR_R_INTERNAL_ERROR ||
	       (lib == ERR_LIB_BN && reason == BN_R_TOO_MANY_TEMPORARY_VARIABLES);
}

static bool means_not_offered(int lib, int reason)
{
	return reason == ERR_R_UNSUPPORTED ||
	       (lib == ERR_LIB_EVP && reason == EVP_R_UNSUPPORTED_ALGORITHM) ||
	       (lib == ERR_LIB_EC && reason == EC_R_UNKNOWN_GROUP);
}

static bool means_bad_point(int lib, int reason)
{
	return lib == ERR_LIB_EC &&
	       (reason == EC_R_POINT_IS_NOT_ON_CURVE || reason == EC_R_INVALID_ENCODING ||
		reason == EC_R_COORDINATES_OUT_OF_RANGE);
}

struct att_libcrypto_errors att_libcrypto_errors(void)
{
	struct att_libcrypto_errors seen = { 0 };

	for (unsigned long e = ERR_get_error(); e != 0; e = ERR_get_error()) {
		int lib = ERR_GET_LIB(e), reason = ERR_GET_REASON(e);
		seen.memory = seen.memory || means_no_memory(lib, reason);
		seen.missing = seen.missing || means_not_offered(lib, reason);
		seen.bad_point = seen.bad_point || means_bad_point(lib, reason);
	}
	return seen;
}
