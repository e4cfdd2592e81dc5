/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/enclave/sigstruct.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "crypto/digest.h"

#define INTEL_VENDOR 0x8086u
#define EXPONENT     3u

/* What is signed: bytes 0 to 127, and 900 to 1027. */
#define SIGNED_HEAD     128u
#define SIGNED_BODY_AT  900u
#define SIGNED_BODY_LEN 128u

static const uint8_t header[12] = { 0x06, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 0x01, 0 };
static const uint8_t header2[16] = {
	0x01, 0x01, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 0x01, 0, 0, 0
};

/* Blames the field's first byte. */
static void blame(att_reader *r, att_reader before, const char *field)
{
	att_reader_mark(&before, field);
	*r = before;
}

static void fixed(att_reader *r, const uint8_t *value, size_t len, const char *field)
{
	att_reader before = *r;
	att_bytes seen = att_view(r, len, field);

	if (seen.len == len && !att_bytes_eq(seen, att_bytes_of(value, len)))
		blame(r, before, field);
}

static void zeros(att_reader *r, size_t len, const char *field)
{
	att_reader before = *r;

	if (!att_all_zero(att_view(r, len, field)))
		blame(r, before, field);
}

/* One of two values. */
static uint32_t one_of(att_reader *r, uint32_t a, uint32_t b, const char *field)
{
	att_reader before = *r;
	uint32_t v = att_le32(r, field);

	if (!r->bad_field && v != a && v != b)
		blame(r, before, field);
	return v;
}

/* Intel SDM volume 3D, "SIGSTRUCT", in the order of the table. */
static void read_fields(att_reader *r, struct att_sigstruct *s)
{
	fixed(r, header, sizeof(header), "header");
	s->type = att_le32(r, "type");
	s->vendor = one_of(r, 0, INTEL_VENDOR, "vendor");
	s->date = att_le32(r, "date");
	fixed(r, header2, sizeof(header2), "header2");
	s->sw_defined = att_le32(r, "swdefined");
	zeros(r, 84, "reserved1");
	att_copy(r, s->modulus, sizeof(s->modulus), "modulus");
	s->exponent = one_of(r, EXPONENT, EXPONENT, "exponent");
	att_copy(r, s->signature, sizeof(s->signature), "signature");
	s->misc_select = att_le32(r, "miscselect");
	s->misc_mask = att_le32(r, "miscmask");
	s->cet_attributes = att_u8(r, "cet_attributes");
	s->cet_mask = att_u8(r, "cet_attributes_mask");
	zeros(r, 2, "reserved2");
	att_copy(r, s->isv_family_id, sizeof(s->isv_family_id), "isvfamilyid");
	s->attributes = att_le64(r, "attributes.flags");
	s->xfrm = att_le64(r, "attributes.xfrm");
	s->attributes_mask = att_le64(r, "attributemask.flags");
	s->xfrm_mask = att_le64(r, "attributemask.xfrm");
	att_copy(r, s->enclave_hash, sizeof(s->enclave_hash), "enclavehash");
	zeros(r, 16, "reserved3");
	att_copy(r, s->isv_ext_prod_id, sizeof(s->isv_ext_prod_id), "isvextprodid");
	s->isv_prod_id = att_le16(r, "isvprodid");
	s->isv_svn = att_le16(r, "isvsvn");
	zeros(r, 12, "reserved4");
	att_copy(r, s->q1, sizeof(s->q1), "q1");
	att_copy(r, s->q2, sizeof(s->q2), "q2");
}

att_rc att_sigstruct_parse(att_bytes in, struct att_sigstruct *out, att_err *err)
{
	att_reader r = att_reader_of(in);

	*out = (struct att_sigstruct){ 0 };
	read_fields(&r, out);
	att_rc rc = att_reader_end(&r, err);
	if (rc == ATT_OK)
		return ATT_OK;
	*out = (struct att_sigstruct){ 0 };
	return att_wrap(err, rc, "SIGSTRUCT");
}

static void signed_parts(const uint8_t *bytes, att_bytes parts[2])
{
	parts[0] = att_bytes_of(bytes, SIGNED_HEAD);
	parts[1] = att_bytes_of(bytes + SIGNED_BODY_AT, SIGNED_BODY_LEN);
}

static att_rc verify(att_bytes in, const struct att_sigstruct *s, att_err *err)
{
	uint8_t q1[ATT_RSA3072_LEN], q2[ATT_RSA3072_LEN];
	att_bytes parts[2];

	signed_parts(in.ptr, parts);
	att_rc rc = att_rsa3072_verify(s->modulus, parts, 2, s->signature, err);
	if (rc == ATT_OK)
		rc = att_rsa3072_quotients(s->modulus, s->signature, q1, q2, err);
	if (rc != ATT_OK)
		return rc;
	if (memcmp(q1, s->q1, sizeof(q1)) != 0)
		return att_fail(err, ATT_E_SIGNATURE, "q1 is not that of signature and modulus");
	if (memcmp(q2, s->q2, sizeof(q2)) != 0)
		return att_fail(err, ATT_E_SIGNATURE, "q2 is not that of signature and modulus");
	return ATT_OK;
}

att_rc att_sigstruct_verify(att_bytes in, struct att_sigstruct *out, att_err *err)
{
	att_rc rc = att_sigstruct_parse(in, out, err);

	if (rc != ATT_OK)
		return rc;
	rc = verify(in, out, err);
	if (rc == ATT_OK)
		return ATT_OK;
	*out = (struct att_sigstruct){ 0 };
	return att_wrap(err, rc, "SIGSTRUCT");
}

att_rc att_sigstruct_mr_signer(const uint8_t modulus[static ATT_RSA3072_LEN],
			       uint8_t mr_signer[static 32], att_err *err)
{
	if (!att_sha256_once(att_bytes_of(modulus, ATT_RSA3072_LEN), mr_signer))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-256");
	return ATT_OK;
}

static void write_fields(const struct att_sigstruct *s, const uint8_t *modulus,
			 const uint8_t *signature, const uint8_t *q1, const uint8_t *q2, att_buf *b)
{
	att_put_mem(b, header, sizeof(header));
	att_put_le32(b, s->type);
	att_put_le32(b, s->vendor);
	att_put_le32(b, s->date);
	att_put_mem(b, header2, sizeof(header2));
	att_put_le32(b, s->sw_defined);
	att_put_zero(b, 84);
	att_put_mem(b, modulus, ATT_RSA3072_LEN);
	att_put_le32(b, EXPONENT);
	att_put_mem(b, signature, ATT_RSA3072_LEN);
	att_put_le32(b, s->misc_select);
	att_put_le32(b, s->misc_mask);
	att_put_u8(b, s->cet_attributes);
	att_put_u8(b, s->cet_mask);
	att_put_zero(b, 2);
	att_put_mem(b, s->isv_family_id, sizeof(s->isv_family_id));
	att_put_le64(b, s->attributes);
	att_put_le64(b, s->xfrm);
	att_put_le64(b, s->attributes_mask);
	att_put_le64(b, s->xfrm_mask);
	att_put_mem(b, s->enclave_hash, sizeof(s->enclave_hash));
	att_put_zero(b, 16);
	att_put_mem(b, s->isv_ext_prod_id, sizeof(s->isv_ext_prod_id));
	att_put_le16(b, s->isv_prod_id);
	att_put_le16(b, s->isv_svn);
	att_put_zero(b, 12);
	att_put_mem(b, q1, ATT_RSA3072_LEN);
	att_put_mem(b, q2, ATT_RSA3072_LEN);
}

att_rc att_sigstruct_sign(const struct att_sigstruct *terms, const att_rsa_signer *signer,
			  uint8_t out[static ATT_SIGSTRUCT_LEN], att_err *err)
{
	static const uint8_t none[ATT_RSA3072_LEN];
	uint8_t modulus[ATT_RSA3072_LEN], signature[ATT_RSA3072_LEN];
	uint8_t q1[ATT_RSA3072_LEN], q2[ATT_RSA3072_LEN];
	att_auto_buf att_buf b = { 0 };
	att_bytes parts[2];

	att_rsa_signer_modulus(signer, modulus);
	write_fields(terms, modulus, none, none, none, &b);
	att_rc rc = att_buf_ok(&b, err);
	if (rc != ATT_OK)
		return rc;
	signed_parts(b.ptr, parts);
	rc = att_rsa_signer_sign(signer, parts, 2, signature, err);
	if (rc == ATT_OK)
		rc = att_rsa3072_quotients(modulus, signature, q1, q2, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "SIGSTRUCT");
	b.len = 0;
	write_fields(terms, modulus, signature, q1, q2, &b);
	rc = att_buf_ok(&b, err);
	if (rc == ATT_OK)
		memcpy(out, b.ptr, ATT_SIGSTRUCT_LEN);
	return rc;
}
