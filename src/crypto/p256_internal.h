/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of p256.c reach beyond its contract. */
#ifndef ATT_CRYPTO_P256_INTERNAL_H
#define ATT_CRYPTO_P256_INTERNAL_H

#include "crypto/p256.h"

/* A new context per verification from now on, as after a failed self-test. */
void att_p256_use_fresh_contexts(att_p256 *t);
bool att_p256_uses_fresh_contexts(const att_p256 *t);

/* The self-test with the tools as they are. */
bool att_p256_self_test(att_p256 *t) ATT_MUST_USE;

#endif
