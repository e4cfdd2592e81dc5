/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/enclave/sign_image.h"

#include "base/error.h"
#include "base/mem.h"
#include "platform/enclave/measure.h"

ATT_DEFINE_CLEANUP(image, att_image, att_image_free)

void att_sigstruct_defaults(struct att_sigstruct *terms)
{
	*terms = (struct att_sigstruct){
		.misc_mask = UINT32_MAX,
		.attributes = ATT_SGX_ATTR_MODE64,
		.xfrm = ATT_SGX_XFRM_LEGACY,
		.attributes_mask = ~ATT_SGX_ATTR_DEBUG,
		.xfrm_mask = UINT64_MAX,
	};
}

att_rc att_sigstruct_sign_image(att_bytes file, struct att_sigstruct *terms,
				const att_rsa_signer *signer, uint8_t out[static ATT_SIGSTRUCT_LEN],
				att_err *err)
{
	__attribute__((cleanup(image_cleanup))) att_image *image = NULL;
	att_rc rc = att_image_parse(file, &image, err);

	if (rc == ATT_OK)
		rc = att_image_measure(image, terms->enclave_hash, err);
	return rc == ATT_OK ? att_sigstruct_sign(terms, signer, out, err) : rc;
}
