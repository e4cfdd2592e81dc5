/* SPDX-License-Identifier: Apache-2.0 */
/* Enclave identities, bare and as a service's answer. */
#include <stdlib.h>

#include "collateral/tcbinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_auto_json att_json_doc doc = { 0 };
	struct att_identity t;
	uint8_t signature[64];
	att_json object;
	bool found;
	att_err err;

	if (att_json_parse(att_bytes_of(data, size), &doc, &err) != ATT_OK ||
	    att_answer_split(&doc, "enclaveIdentity", &found, &object, signature, &err) != ATT_OK)
		return 0;
	if (att_identity_parse(found ? object : att_json_root(&doc), &t, &err) == ATT_OK &&
	    (!att_identity_id_name(t.id) || t.level_count == 0))
		abort();
	att_identity_free(&t);
	return 0;
}
