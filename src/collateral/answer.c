/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "collateral/tcbinfo.h"

#define SIGNATURE_LEN 64

att_rc att_answer_split(const att_json_doc *doc, const char *name, bool *found, att_json *object,
			uint8_t signature[static 64], att_err *err)
{
	att_json root = att_json_root(doc);
	att_json body = att_json_get(root, name);

	*found = false;
	*object = (att_json){ 0 };
	memset(signature, 0, SIGNATURE_LEN);
	if (!body.doc)
		return ATT_OK;
	if (att_json_type_of(body) != ATT_JSON_OBJECT)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(body),
				   "%s: expected an object", name);

	att_json sig = att_json_get(root, "signature");

	if (!sig.doc)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(root),
				   "signature is missing beside %s", name);
	if (!att_json_hex(sig, signature, SIGNATURE_LEN))
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(sig),
				   "signature beside %s: expected %d hex digits", name,
				   2 * SIGNATURE_LEN);
	*object = body;
	*found = true;
	return ATT_OK;
}
