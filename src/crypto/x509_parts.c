/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509_parts.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/der.h"
#include "crypto/ecdsa.h"
#include "crypto/x509.h"

#define DER_PRINTABLE_STRING 0x13
#define DER_IA5_STRING       0x16

const struct att_oid att_oid_authority_key_id = { 3, { 0x55, 0x1d, 0x23 } };
static const struct att_oid oid_common_name = { 3, { 0x55, 0x04, 0x03 } };

/* SEQUENCE { OID 1.2.840.10045.4.3.2 } */
static const uint8_t ecdsa_with_sha256[] = {
	0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
};

bool att_oid_is(const struct att_oid *oid, att_bytes contents)
{
	return contents.len == oid->len && memcmp(contents.ptr, oid->bytes, oid->len) == 0;
}

void att_x509_leave(att_reader *outer, const att_reader *inner, const char *field)
{
	if (outer->bad_field)
		return;
	if (inner->bad_field) {
		outer->bad_field = inner->bad_field;
		outer->bad_offset = inner->bad_offset;
		outer->bad_want = inner->bad_want;
	} else if (att_left(inner)) {
		att_reader_mark(outer, field);
		outer->bad_offset = att_tell(inner);
	}
}

att_rc att_x509_algorithm(att_reader *r, att_err *err)
{
	size_t at = att_tell(r);
	uint8_t tag;
	att_bytes whole = att_der_element(r, &tag, "signature algorithm");

	att_rc rc = att_reader_ok(r, err);
	if (rc != ATT_OK)
		return rc;
	if (att_bytes_eq(whole, att_bytes_of(ecdsa_with_sha256, sizeof(ecdsa_with_sha256))))
		return ATT_OK;
	att_reader again = att_reader_at(whole, at);
	att_reader id = att_der_enter(&again, ATT_DER_SEQUENCE, "signature algorithm");
	att_bytes oid = att_der_get(&id, ATT_DER_OID, "signature algorithm");
	rc = att_reader_ok(&id, err);
	if (rc != ATT_OK)
		return rc;
	if (att_bytes_eq(oid, att_bytes_of(ecdsa_with_sha256 + 4, sizeof(ecdsa_with_sha256) - 4)))
		return att_fail_at(err, ATT_E_FORMAT, at,
				   "ecdsa-with-SHA256 has parameters, expected none");
	return att_fail_at(err, ATT_E_UNSUPPORTED, at,
			   "signature algorithm is not ecdsa-with-SHA256");
}

att_rc att_x509_signed(att_bytes der, struct att_x509_signed *out, att_err *err)
{
	att_reader r = att_reader_of(der);
	att_reader outer = att_der_enter(&r, ATT_DER_SEQUENCE, "signed object");
	size_t tbs_at = att_tell(&outer);
	uint8_t tag;

	out->tbs = att_der_element(&outer, &tag, "signed part");
	att_rc rc = att_reader_ok(&outer, err);
	if (rc != ATT_OK)
		return rc;
	rc = att_x509_algorithm(&outer, err);
	if (rc != ATT_OK)
		return rc;
	size_t signature_at = att_tell(&outer);
	out->signature = att_der_bits(&outer, "signature");
	rc = att_reader_end(&outer, err);
	if (rc != ATT_OK)
		return rc;
	rc = att_reader_end(&r, err);
	if (rc != ATT_OK)
		return rc;
	uint8_t rs[64];
	if (!att_ecdsa_der_to_rs(out->signature, rs))
		return att_fail_at(
		    err, ATT_E_FORMAT, signature_at,
		    "signature is no ECDSA-Sig-Value of two positive 256 bit integers");
	att_reader tbs = att_reader_at(out->tbs, tbs_at);
	out->inside = att_der_enter(&tbs, ATT_DER_SEQUENCE, "signed part");
	return att_reader_ok(&out->inside, err);
}

static bool serial_ok(att_bytes v)
{
	if (v.len == 0 || (v.ptr[0] & 0x80) != 0)
		return false;
	if (v.ptr[0] != 0)
		return v.len <= ATT_SERIAL_MAX;
	return v.len > 1 && (v.ptr[1] & 0x80) != 0 && v.len <= ATT_SERIAL_MAX + 1;
}

att_bytes att_x509_serial(att_reader *r, const char *field)
{
	att_bytes v = att_der_get(r, ATT_DER_INTEGER, field);

	if (!serial_ok(v))
		att_reader_mark(r, field);
	return v;
}

/* Contents of an OBJECT IDENTIFIER, each component in its shortest form (X.690 section 8.19.2). */
static att_bytes read_oid(att_reader *r, const char *field)
{
	att_bytes v = att_der_get(r, ATT_DER_OID, field);
	bool start = true;

	for (size_t i = 0; i < v.len; i++) {
		if (start && v.ptr[i] == 0x80)
			att_reader_mark(r, field);
		start = (v.ptr[i] & 0x80) == 0;
	}
	if (v.len == 0 || !start)
		att_reader_mark(r, field);
	return v;
}

/* Is it text that can be shown and compared: some, valid, without control characters? */
static bool text_ok(uint8_t tag, att_bytes text)
{
	bool ascii = true;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return false;
		ascii = ascii && text.ptr[i] < 0x80;
	}
	if (text.len == 0)
		return false;
	switch (tag) {
	case ATT_DER_UTF8_STRING:
		return ascii || att_utf8_valid(text);
	case DER_PRINTABLE_STRING:
	case DER_IA5_STRING:
		return ascii;
	default:
		return false;
	}
}

att_bytes att_x509_name(att_reader *r, att_bytes *cn, const char *field)
{
	size_t at = att_tell(r);
	uint8_t tag;
	att_bytes whole = att_der_element(r, &tag, field);
	att_reader again = att_reader_at(whole, at);
	att_reader name = att_der_enter(&again, ATT_DER_SEQUENCE, field);

	*cn = (att_bytes){ 0 };
	do {
		att_reader rdn = att_der_enter(&name, ATT_DER_SET, field);
		att_reader attribute = att_der_enter(&rdn, ATT_DER_SEQUENCE, field);
		att_bytes type = read_oid(&attribute, field);
		tag = att_der_peek(&attribute);
		att_bytes text = att_der_get(&attribute, tag, field);
		if (!text_ok(tag, text))
			att_reader_mark(&attribute, field);
		att_x509_leave(&rdn, &attribute, field);
		att_x509_leave(&name, &rdn, field);
		if (att_oid_is(&oid_common_name, type))
			*cn = text;
	} while (att_left(&name));
	att_x509_leave(r, &name, field);
	return whole;
}

void att_x509_exts_enter(att_reader *r, struct att_x509_exts *exts)
{
	exts->list = att_der_enter(r, ATT_DER_SEQUENCE, "extensions");
	exts->count = 0;
	if (att_left(&exts->list) == 0)
		att_reader_mark(&exts->list, "extensions");
}

bool att_x509_ext_next(struct att_x509_exts *exts, struct att_x509_ext *ext)
{
	att_reader *list = &exts->list;

	if (att_left(list) == 0)
		return false;
	att_reader one = att_der_enter(list, ATT_DER_SEQUENCE, "extension");
	ext->oid = read_oid(&one, "extension id");
	/* DEFAULT FALSE: DER leaves the default out (X.690 section 11.5). */
	ext->critical = false;
	if (att_der_peek(&one) == ATT_DER_BOOLEAN) {
		ext->critical = att_der_bool(&one, "extension critical");
		if (!ext->critical)
			att_reader_mark(&one, "extension critical");
	}
	ext->inside = att_der_enter(&one, ATT_DER_OCTET_STRING, "extension value");
	ext->value = att_peek_rest(&ext->inside);
	att_x509_leave(list, &one, "extension");
	for (size_t i = 0; i < exts->count; i++) {
		if (att_bytes_eq(exts->seen[i], ext->oid))
			att_reader_mark(list, "extension: it comes twice");
	}
	if (exts->count == ATT_X509_EXTS_MAX)
		att_reader_mark(list, "extensions: more than 32");
	if (list->bad_field)
		return false;
	exts->seen[exts->count++] = ext->oid;
	return true;
}

att_bytes att_x509_key_id(att_reader *value)
{
	att_reader seq = att_der_enter(value, ATT_DER_SEQUENCE, "authorityKeyIdentifier");
	att_bytes id = { 0 }, unused;

	if (att_der_optional(&seq, ATT_DER_CONTEXT(0), &id, "keyIdentifier") && id.len == 0)
		att_reader_mark(&seq, "keyIdentifier");
	/* authorityCertIssuer and authorityCertSerialNumber come both or not at all. */
	bool issuer =
	    att_der_optional(&seq, ATT_DER_CONTEXT_CONSTRUCTED(1), &unused, "authorityCertIssuer");
	bool serial =
	    att_der_optional(&seq, ATT_DER_CONTEXT(2), &unused, "authorityCertSerialNumber");
	if (issuer != serial)
		att_reader_mark(&seq, "authorityCertIssuer");
	att_x509_leave(value, &seq, "authorityKeyIdentifier");
	return id;
}
