/* SPDX-License-Identifier: Apache-2.0 */
/* What libcrypto reports of its failures, as far as it changes what we answer. */
#ifndef ATT_CRYPTO_LIBCRYPTO_H
#define ATT_CRYPTO_LIBCRYPTO_H

#include <stdbool.h>

struct att_libcrypto_errors {
	bool memory;    /* it ran out of memory */
	bool missing;   /* it does not offer the algorithm or curve */
	bool bad_point; /* an encoded point is none of the curve */
};

/* Takes the thread's error queue and leaves it empty. */
struct att_libcrypto_errors att_libcrypto_errors(void);

#endif
