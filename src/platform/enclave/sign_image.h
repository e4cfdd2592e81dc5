/* SPDX-License-Identifier: Apache-2.0 */
/* Signing what an image measures as. */
#ifndef ATT_PLATFORM_ENCLAVE_SIGN_IMAGE_H
#define ATT_PLATFORM_ENCLAVE_SIGN_IMAGE_H

#include "platform/enclave/sigstruct.h"

/* The terms that a SIGSTRUCT begins with here: 64 bits, x87 and SSE, everything fixed but DEBUG,
 * which is left to the loader as Intel's sign tool does by default; product 0, SVN 0, no date. */
void att_sigstruct_defaults(struct att_sigstruct *terms) ATT_NONNULL(1);

/* Signs the terms for the measurement of the image file, which overwrites terms->enclave_hash.
 * What att_image_parse() and att_image_measure() say; ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sigstruct_sign_image(att_bytes image, struct att_sigstruct *terms,
				const att_rsa_signer *signer, uint8_t out[static ATT_SIGSTRUCT_LEN],
				att_err *err) ATT_MUST_USE ATT_NONNULL(2, 3);

#endif
