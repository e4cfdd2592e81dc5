/* SPDX-License-Identifier: Apache-2.0 */
/* The SGX extension of PCK certificates. */
#include <stdlib.h>

#include "collateral/pck.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct att_platform p;
	att_err err;
	att_rc rc = att_pck_ext_parse(att_bytes_of(data, size), &p, &err);

	if (p.present != (rc == ATT_OK) || p.sgx_type > 2 || p.platform_ca)
		abort();
	return 0;
}
