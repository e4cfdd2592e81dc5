/* SPDX-License-Identifier: Apache-2.0 */
/* The quote generation service: a quote that is found in an answer lies inside it; the port in its
 * configuration. */
#include <stdlib.h>

#include "platform/qgs.h"
#include "platform/qgs_vsock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_bytes quote;

	(void)att_qgs_port_of(att_bytes_of(data, size));
	if (att_qgs_response(att_bytes_of(data, size), &quote, NULL) != ATT_OK)
		return 0;
	if (quote.len == 0 || quote.ptr < data || quote.ptr + quote.len != data + size)
		abort();
	return 0;
}
