/* SPDX-License-Identifier: Apache-2.0 */
/* SIGSTRUCTs: whatever can be read can be signed, and then verifies and says the same. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "platform/enclave/sigstruct.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Seeds are often another SIGSTRUCT with bytes changed: what can not be read is not signed. */
static void sign_again(const struct att_sigstruct *terms)
{
	static att_rsa_signer *key;
	uint8_t bytes[ATT_SIGSTRUCT_LEN];
	struct att_sigstruct seen;

	if (!key && att_rsa_signer_derive(att_bytes_of("fuzz", 4), "", &key, NULL) != ATT_OK)
		abort();
	if (att_sigstruct_sign(terms, key, bytes, NULL) != ATT_OK ||
	    att_sigstruct_verify(att_bytes_of(bytes, sizeof(bytes)), &seen, NULL) != ATT_OK)
		abort();
	if (seen.attributes != terms->attributes || seen.xfrm_mask != terms->xfrm_mask ||
	    seen.misc_select != terms->misc_select || seen.isv_svn != terms->isv_svn ||
	    seen.date != terms->date || memcmp(seen.enclave_hash, terms->enclave_hash, 32) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const att_bytes in = att_bytes_of(data, size);
	struct att_sigstruct parsed, verified;
	att_err err = { 0 };

	att_rc rc = att_sigstruct_parse(in, &parsed, &err);
	if (rc != ATT_OK && (err.rc != rc || !err.msg[0]))
		abort();
	bool genuine = att_sigstruct_verify(in, &verified, NULL) == ATT_OK;
	if (genuine && (rc != ATT_OK || memcmp(&parsed.modulus, &verified.modulus, 384) != 0))
		abort();
	if (rc == ATT_OK)
		sign_again(&parsed);
	return 0;
}
