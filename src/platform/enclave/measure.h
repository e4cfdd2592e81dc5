/* SPDX-License-Identifier: Apache-2.0 */
/* MRENCLAVE: SHA-256 over the records of ECREATE, EADD and EEXTEND (Intel SDM volume 3D, chapter
 * on enclave operation; the SDK's sign tool). Attributes, signer and product are not in it. */
#ifndef ATT_PLATFORM_ENCLAVE_MEASURE_H
#define ATT_PLATFORM_ENCLAVE_MEASURE_H

#include "platform/enclave/image.h"

/* The measurement that the image has after EINIT. ATT_E_NOMEM, ATT_E_UNAVAILABLE (libcrypto);
 * `mrenclave` is as it was unless ATT_OK. */
att_rc att_image_measure(const att_image *image, uint8_t mrenclave[static 32],
			 att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

#endif
