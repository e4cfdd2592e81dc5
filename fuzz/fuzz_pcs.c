/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets: what was read is written, and reads the same. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "collateral/pcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_target(const char *method, const char *target, struct att_http_request *http,
			struct att_pcs_request *r)
{
	return att_http_request_line(http, method, target, NULL) == ATT_OK &&
	       att_pcs_read(http, r, NULL) == ATT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_auto_mem char *target = (char *)att_bytes_dup(att_bytes_of(data, size));
	struct att_http_request http = { 0 };
	struct att_http_request again = { 0 };
	struct att_pcs_request r;
	struct att_pcs_request same;
	att_auto_buf att_buf b = { 0 };

	if (target && read_target("GET", target, &http, &r)) {
		att_pcs_put_target(&b, &r);
		att_put_u8(&b, 0);
		if (!read_target("GET", (const char *)b.ptr, &again, &same) ||
		    same.what != r.what || same.tdx != r.tdx || same.version != r.version ||
		    same.update != r.update || same.evaluation_number != r.evaluation_number ||
		    strcmp(same.fmspc, r.fmspc) != 0 || strcmp(same.qeid, r.qeid) != 0 ||
		    strcmp(same.ca, r.ca) != 0)
			abort();
	}
	att_http_request_free(&http);
	att_http_request_free(&again);
	return 0;
}
