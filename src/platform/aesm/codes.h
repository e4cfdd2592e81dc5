/* SPDX-License-Identifier: Apache-2.0 */
/* The error codes of aesmd (aesm_error_t of Intel SGX PSW) in words: what happened and what to do.
 */
#ifndef ATT_PLATFORM_AESM_CODES_H
#define ATT_PLATFORM_AESM_CODES_H

#include "attest/base.h"

enum att_aesm_error {
	ATT_AESM_SUCCESS = 0,
	ATT_AESM_UNEXPECTED = 1,
	ATT_AESM_PARAMETER = 3,
	ATT_AESM_NETWORK_BUSY = 13,
	ATT_AESM_BUSY = 18,
	ATT_AESM_BACKEND_SERVER_BUSY = 19,
	ATT_AESM_UPDATE_AVAILABLE = 20,
	ATT_AESM_OUT_OF_MEMORY = 21,
	ATT_AESM_SERVICE_UNAVAILABLE = 30,
	ATT_AESM_UNSUPPORTED_ATT_KEY_ID = 38,
	ATT_AESM_INTERFACE_UNAVAILABLE = 40,
	ATT_AESM_ATT_KEY_NOT_INITIALIZED = 42,
	ATT_AESM_INVALID_REPORT = 47,
};
#define ATT_AESM_ERROR_LAST 51u

struct att_aesm_code {
	uint32_t code;
	const char *name; /* without "AESM_" and "_ERROR" */
	const char *cause;
	const char *remedy;
	uint32_t sgx_status; /* what Intel's library makes of it (sgx_status_t) */
};

/* NULL for a number that no release of aesmd has given a meaning (27, and from 52 on). Static. */
const struct att_aesm_code *att_aesm_code(uint32_t code);

/* True for the codes that pass by themselves: ask again. */
bool att_aesm_is_busy(uint32_t code);

/* Fails with "aesmd: WHAT: error N (NAME): cause; remedy". The code is what tells errors apart:
 * ATT_E_ARG (our request was refused), ATT_E_UNSUPPORTED (not on this platform), ATT_E_NOMEM is
 * never returned: aesmd's memory is not ours; all others are ATT_E_UNAVAILABLE. `code` must not be
 * ATT_AESM_SUCCESS. */
att_rc att_aesm_fail(att_err *err, uint32_t code, const char *what) ATT_NONNULL(3);

#endif
