/* SPDX-License-Identifier: Apache-2.0 */
/* PEM blocks from any text. What was decoded is written as PEM again and must read back the same; a
 * block that is taken is never taken for one of another label. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_rewrite(const char *label, att_bytes der)
{
	att_auto_buf att_buf b = { 0 };
	att_auto_mem uint8_t *out = malloc(der.len + 1);

	att_put_pem(&b, label, der);
	demand(out && att_buf_ok(&b, NULL) == ATT_OK);
	att_reader r = att_reader_of(att_buf_bytes(&b));
	size_t len = der.len;
	demand(att_pem_next(&r, label, out, &len, NULL) == ATT_OK);
	demand(att_bytes_eq(att_bytes_of(out, len), der));
	len = der.len;
	demand(att_pem_next(&r, label, out, &len, NULL) == ATT_E_MISSING);
}

static void read_all(att_bytes in, const char *label, const char *other)
{
	att_auto_mem uint8_t *out = malloc(in.len + 1);
	att_reader r = att_reader_of(in);
	demand(out != NULL);

	for (;;) {
		att_reader before = r;
		att_err err = { 0 };
		size_t len = in.len;
		att_rc rc = att_pem_next(&r, label, out, &len, &err);
		if (rc != ATT_OK) {
			demand(len == 0 && err.rc == rc && strlen(err.msg) < sizeof(err.msg));
			demand(rc == ATT_E_MISSING ? att_left(&r) == 0
						   : att_tell(&r) == att_tell(&before));
			demand(err.offset == SIZE_MAX || err.offset <= in.len);
			return;
		}
		demand(att_tell(&r) > att_tell(&before));
		demand(att_pem_looks(att_peek_rest(&before)));
		check_rewrite(label, att_bytes_of(out, len));
		if (len > 0) {
			att_reader small = before;
			len--;
			demand(att_pem_next(&small, label, out, &len, NULL) == ATT_E_FORMAT);
		}
		len = in.len;
		demand(att_pem_next(&before, other, out, &len, NULL) == ATT_E_FORMAT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_bytes in = att_bytes_of(data, size);

	read_all(in, "CERTIFICATE", "X509 CRL");
	read_all(in, "X509 CRL", "CERTIFICATE");
	return 0;
}
