/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/ecdsa.h"

#include <string.h>

#include "codec/der.h"
#include "crypto/p256.h"

#define SCALAR_LEN 32

/* One positive, minimal INTEGER of at most 256 bits, left-padded to 32 bytes. */
static bool read_scalar(att_reader *r, uint8_t out[static SCALAR_LEN])
{
	att_bytes v = att_der_get(r, ATT_DER_INTEGER, "scalar");

	if (v.len == 0 || (v.ptr[0] & 0x80) != 0)
		return false;
	if (v.ptr[0] == 0) {
		if (v.len == 1 || (v.ptr[1] & 0x80) == 0)
			return false;
		v = att_bytes_of(v.ptr + 1, v.len - 1);
	}
	if (v.len > SCALAR_LEN)
		return false;
	memset(out, 0, SCALAR_LEN - v.len);
	memcpy(out + SCALAR_LEN - v.len, v.ptr, v.len);
	return true;
}

bool att_ecdsa_der_to_rs(att_bytes der, uint8_t rs[static 64])
{
	att_reader r = att_reader_of(der);
	att_reader seq = att_der_enter(&r, ATT_DER_SEQUENCE, "ECDSA-Sig-Value");

	if (!read_scalar(&seq, rs) || !read_scalar(&seq, rs + SCALAR_LEN))
		return false;
	return att_reader_end(&seq, NULL) == ATT_OK && att_reader_end(&r, NULL) == ATT_OK;
}

static size_t put_scalar(const uint8_t in[static SCALAR_LEN], uint8_t *out)
{
	size_t skip = 0;

	while (skip < SCALAR_LEN - 1 && in[skip] == 0)
		skip++;
	size_t pad = in[skip] >> 7;
	size_t len = SCALAR_LEN - skip + pad;
	out[0] = ATT_DER_INTEGER;
	out[1] = (uint8_t)len;
	out[2] = 0;
	memcpy(out + 2 + pad, in + skip, SCALAR_LEN - skip);
	return 2 + len;
}

size_t att_p256_rs_to_der(const uint8_t rs[static 64], uint8_t der[static 72])
{
	size_t len = put_scalar(rs, der + 2);

	len += put_scalar(rs + SCALAR_LEN, der + 2 + len);
	der[0] = ATT_DER_SEQUENCE;
	der[1] = (uint8_t)len;
	return 2 + len;
}
