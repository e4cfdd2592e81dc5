/* SPDX-License-Identifier: Apache-2.0 */
/* Result codes, the error context and byte views: what every other header needs.
 *
 * The headers are for C11 and C++11, gcc and clang. Every att_..._free() takes NULL. */
#ifndef ATTEST_BASE_H
#define ATTEST_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ATT_API          __attribute__((visibility("default")))
#define ATT_MUST_USE     __attribute__((warn_unused_result))
#define ATT_NONNULL(...) __attribute__((nonnull(__VA_ARGS__)))
#define ATT_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Whether something could be established. How good a platform is says enum att_tcb_status. */
typedef enum att_rc {
	ATT_OK = 0,
	ATT_E_NOMEM = -1,
	ATT_E_ARG = -2,
	ATT_E_IO = -3,
	ATT_E_UNAVAILABLE = -4,
	ATT_E_TRUNCATED = -10,
	ATT_E_TRAILING = -11,
	ATT_E_FORMAT = -12,
	ATT_E_UNSUPPORTED = -13,
	ATT_E_SIGNATURE = -20,
	ATT_E_CHAIN = -21,
	ATT_E_REVOKED = -22,
	ATT_E_EXPIRED = -23,
	ATT_E_MISMATCH = -24,
	ATT_E_MISSING = -25,
	ATT_E_DENIED = -30,
} att_rc;

/* Filled when a call fails. Caller-owned; every function that takes one accepts NULL.
 * `offset` is absolute in the caller's input, SIZE_MAX where no byte is to blame. */
typedef struct att_err {
	att_rc rc;
	size_t offset;
	char msg[244];
} att_err;

/* A borrowed view of bytes. Never owns; valid as long as what it was taken from. */
typedef struct att_bytes {
	const uint8_t *ptr;
	size_t len;
} att_bytes;

/* A view of `len` bytes at `ptr`; `ptr` may be NULL when `len` is 0. */
static inline att_bytes att_bytes_of(const void *ptr, size_t len)
{
	att_bytes view = { (const uint8_t *)ptr, len };
	return view;
}

/* The symbolic name of a code ("ATT_E_MISSING"); "ATT_E_UNKNOWN" for any other value. Static. */
ATT_API const char *att_rc_name(att_rc rc);

/* The library's version, "MAJOR.MINOR.PATCH". Static. */
ATT_API const char *att_version(void);

#ifdef __cplusplus
}
#endif
#endif
