/* SPDX-License-Identifier: Apache-2.0 */
/* SNP reports and certificate tables: a report that is read says of its bytes what they are, and a
 * table's entries lie inside it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "evidence/snp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void table(att_bytes in)
{
	struct att_snp_certs t;

	if (att_snp_certs_parse(in, &t, NULL) != ATT_OK)
		return;
	if (t.count > ATT_SNP_CERTS_MAX || t.len > in.len)
		abort();
	for (size_t i = 0; i < t.count; i++)
		if (t.cert[i].data.ptr < in.ptr ||
		    t.cert[i].data.len > (size_t)(in.ptr + t.len - t.cert[i].data.ptr))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_bytes in = att_bytes_of(data, size), signature;
	struct att_snp_body b;

	table(in);
	if (att_snp_parse(in, &b, &signature, NULL) != ATT_OK)
		return 0;
	if (size != ATT_SNP_REPORT_LEN || signature.ptr != data + 0x2a0 ||
	    memcmp(b.report_data, data + 0x50, sizeof(b.report_data)) != 0 ||
	    memcmp(b.launch_tcb.raw, data + 0x1f0, sizeof(b.launch_tcb.raw)) != 0)
		abort();
	return 0;
}
