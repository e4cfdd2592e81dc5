/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever our reader of CRLs accepts, OpenSSL must accept whole and understand alike. */
#include <stdio.h>
#include <stdlib.h>

#include "../tests/unit/crypto/against_openssl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct att_crl c;

	if (att_crl_parse(att_bytes_of(data, size), &c, NULL) != ATT_OK)
		return 0;
	const char *what = crl_differs(&c);
	if (what) {
		fprintf(stderr, "OpenSSL differs: %s\n", what);
		abort();
	}
	return 0;
}
