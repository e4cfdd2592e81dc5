/* SPDX-License-Identifier: Apache-2.0 */
/* Every form of collateral; what was read and can be written reads the same again. */
#include <stdlib.h>
#include <string.h>

#include "attest/collateral.h"
#include "base/buf.h"
#include "base/mem.h"
#include "collateral/crlbytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_crl(int item)
{
	return item == ATT_ITEM_ROOT_CA_CRL || item == ATT_ITEM_PCK_CRL;
}

static void check_back(const att_collateral *c, const char *json)
{
	att_collateral *back = NULL;

	if (att_collateral_parse(att_bytes_of(json, strlen(json)), &back, NULL) != ATT_OK)
		abort();
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		att_bytes a = att_collateral_get(c, (enum att_item)i);
		att_bytes b = att_collateral_get(back, (enum att_item)i);

		if (!is_crl(i) && !att_bytes_eq(a, b))
			abort();
	}
	att_collateral_free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_auto_buf att_buf der = { 0 };
	att_collateral *c = NULL;
	char *json = NULL;
	att_err err;

	if (att_crl_to_der(att_bytes_of(data, size), &der, &err) == ATT_OK && der.len < 2)
		abort();
	if (att_collateral_parse(att_bytes_of(data, size), &c, &err) != ATT_OK) {
		if (c)
			abort();
		return 0;
	}
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		att_auto_buf att_buf crl = { 0 };

		if (is_crl(i) &&
		    att_crl_to_der(att_collateral_get(c, (enum att_item)i), &crl, &err) != ATT_OK &&
		    crl.len != 0)
			abort();
	}
	if (att_collateral_to_json(c, &json, &err) == ATT_OK)
		check_back(c, json);
	free(json);
	att_collateral_free(c);
	return 0;
}
