/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral/crlbytes.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "base/text.h"
#include "codec/der.h"
#include "codec/pem.h"

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static att_rc put_sequence(att_bytes in, att_buf *der, att_err *err)
{
	att_reader r = att_reader_of(in);
	uint8_t tag = 0;
	att_bytes all = att_der_element(&r, &tag, "crl");
	att_rc rc = att_reader_ok(&r, err);

	if (rc != ATT_OK)
		return rc;
	if (tag != ATT_DER_SEQUENCE)
		return att_fail_at(err, ATT_E_FORMAT, 0,
				   "crl: expected a SEQUENCE, seen tag 0x%02x", tag);
	if (att_left(&r) == 1 && att_peek_rest(&r).ptr[0] == '\0')
		att_skip(&r, 1, "crl");
	rc = att_reader_end(&r, err);
	if (rc != ATT_OK)
		return rc;

	size_t before = der->len;

	att_put(der, all);
	rc = att_buf_ok(der, err);
	if (rc != ATT_OK)
		der->len = before;
	return rc;
}

static att_rc from_pem(att_bytes in, uint8_t *out, size_t *len, att_err *err)
{
	att_reader r = att_reader_of(in);
	att_rc rc = att_pem_next(&r, "X509 CRL", out, len, err);

	if (rc != ATT_OK)
		return rc;

	uint8_t none[1];
	size_t room = 0;

	rc = att_pem_next(&r, "X509 CRL", none, &room, NULL);
	if (rc != ATT_E_MISSING)
		return att_fail_at(err, ATT_E_TRAILING, att_tell(&r),
				   "crl: text after the PEM block");
	return ATT_OK;
}

static att_rc from_hex(att_bytes in, uint8_t *out, size_t *len, att_err *err)
{
	size_t start = 0;

	if (in.len > 0 && in.ptr[in.len - 1] == '\0')
		in.len--;
	while (in.len > 0 && is_space(in.ptr[in.len - 1]))
		in.len--;
	while (start < in.len && is_space(in.ptr[start]))
		start++;

	att_rc rc = att_hex_decode(att_bytes_of(in.ptr + start, in.len - start), out,
				   (in.len - start) / 2, err);

	*len = (in.len - start) / 2;
	return rc;
}

att_rc att_crl_to_der(att_bytes in, att_buf *der, att_err *err)
{
	if (in.len == 0)
		return att_fail_at(err, ATT_E_TRUNCATED, 0, "crl is empty");
	if (in.ptr[0] == ATT_DER_SEQUENCE)
		return put_sequence(in, der, err);

	/* Both texts are longer than what they say */
	att_auto_mem uint8_t *bytes = malloc(in.len);
	size_t len = in.len;

	if (!bytes)
		return att_fail(err, ATT_E_NOMEM, "out of memory");

	bool pem = att_pem_looks(in);
	att_rc rc = pem ? from_pem(in, bytes, &len, err) : from_hex(in, bytes, &len, err);

	if (rc != ATT_OK)
		return att_wrap(err, rc, pem ? "crl in PEM" : "crl, neither DER nor PEM, as hex");
	return put_sequence(att_bytes_of(bytes, len), der, err);
}
