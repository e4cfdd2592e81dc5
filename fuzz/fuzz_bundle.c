/* SPDX-License-Identifier: Apache-2.0 */
/* Files that `attest verify --save` made, read back; what is read is judged by nothing here. */
#include "cli/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cli_case k = { 0 };
	att_bytes verdict = { 0 };
	char made_by[32];
	att_err err = { 0 };
	att_bytes text = att_bytes_of(data, size);

	if (cli_bundle_read(text, &k, &verdict, made_by, &err) == ATT_OK) {
		/* What the reader lets through has every member, inside the caps. */
		if (verdict.len < 2 || verdict.ptr[0] != '{' || k.evidence.len > ATT_EVIDENCE_MAX ||
		    k.report_data_len > sizeof(k.report_data) || k.root_count > CLI_ROOTS_MAX ||
		    k.allow_count > CLI_ALLOW_MAX)
			__builtin_trap();
	} else if (err.rc == ATT_OK || !err.msg[0]) {
		__builtin_trap();
	}
	cli_case_free(&k);
	return 0;
}
