/* SPDX-License-Identifier: Apache-2.0 */
/* What issue.c needs of a signer beyond its contract. */
#ifndef ATT_CRYPTO_SIGN_INTERNAL_H
#define ATT_CRYPTO_SIGN_INTERNAL_H

#include <openssl/types.h>

#include "crypto/sign.h"

struct att_signer {
	EVP_PKEY *key;
	uint8_t point[ATT_P256_POINT];
};

/* Reports that libcrypto could not do it, and empties its queue of errors. */
att_rc att_issue_failed(att_err *err, const char *what);

#endif
