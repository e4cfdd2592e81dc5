/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the quote generation service: a quote that is found lies inside the answer. */
#include <stdlib.h>

#include "platform/qgs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_bytes quote;

	if (att_qgs_response(att_bytes_of(data, size), &quote, NULL) != ATT_OK)
		return 0;
	if (quote.len == 0 || quote.ptr < data || quote.ptr + quote.len != data + size)
		abort();
	return 0;
}
