/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of what comes in pieces. */
#ifndef ATT_CRYPTO_SHA256_H
#define ATT_CRYPTO_SHA256_H

#include "attest/base.h"

typedef struct att_sha256_stream att_sha256_stream;

/* NULL when out of memory, or when libcrypto has no SHA-256. */
att_sha256_stream *att_sha256_stream_new(void) ATT_MUST_USE;
void att_sha256_stream_free(att_sha256_stream *s);

/* Takes the next bytes. A failure of libcrypto is kept, and att_sha256_stream_end() says it. */
void att_sha256_stream_put(att_sha256_stream *s, att_bytes in);

/* The digest of all that was put since the last call, and a new beginning. False when libcrypto
 * failed; then out is as it was. */
bool att_sha256_stream_end(att_sha256_stream *s, uint8_t out[static 32]) ATT_MUST_USE;

#endif
