/* SPDX-License-Identifier: Apache-2.0 */
/* Configurations of Intel's quote provider library, both forms. */
#include <stdlib.h>
#include <string.h>

#include "fetch/qcnl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct att_qcnl q;
	att_err err = { 0 };

	att_rc rc = att_qcnl_parse(att_bytes_of(data, size), &q, &err);
	if (rc != ATT_OK && (q.pccs_url || q.form || !err.msg[0]))
		abort();
	if (rc == ATT_OK && q.pccs_url && strncmp(q.pccs_url, "http", 4) != 0)
		abort();
	att_qcnl_free(&q);
	return 0;
}
