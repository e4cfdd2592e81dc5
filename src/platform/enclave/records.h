/* SPDX-License-Identifier: Apache-2.0 */
/* The records that MRENCLAVE is the digest of (Intel SDM volume 3D: ECREATE, EADD, EEXTEND): 64
 * bytes each, a chunk's content behind its EEXTEND. */
#ifndef ATT_PLATFORM_ENCLAVE_RECORDS_H
#define ATT_PLATFORM_ENCLAVE_RECORDS_H

#include "crypto/sha256.h"
#include "platform/enclave/image.h"

void att_record_ecreate(att_sha256_stream *s, const att_image *image);

/* EADD of the page and EEXTEND of every measured chunk, whose bytes are hashed where they stand. */
void att_record_page(att_sha256_stream *s, const struct att_image_page *page);

/* The error when a stream failed: ATT_E_UNAVAILABLE. */
att_rc att_record_failed(att_err *err);

#endif
