/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-384 of what comes in pieces. */
#ifndef ATT_CRYPTO_SHA384_H
#define ATT_CRYPTO_SHA384_H

#include "attest/base.h"

typedef struct att_sha384_stream att_sha384_stream;

/* NULL when out of memory, or when libcrypto has no SHA-384. */
att_sha384_stream *att_sha384_stream_new(void) ATT_MUST_USE;
void att_sha384_stream_free(att_sha384_stream *s);

/* Takes the next bytes. False when libcrypto fails. */
bool att_sha384_stream_put(att_sha384_stream *s, att_bytes in) ATT_MUST_USE;

/* The digest of all that was put; only att_sha384_stream_free() may follow. False when libcrypto
 * fails; then out is as it was. */
bool att_sha384_stream_end(att_sha384_stream *s, uint8_t out[static 48]) ATT_MUST_USE;

#endif
