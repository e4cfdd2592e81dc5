/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/der.h"
#include "crypto/x509_parts.h"

#define VERSION_3    2
#define KEY_USAGES   9
#define PATH_LEN_MAX 255

/* 2.999.97.116.116.101.115.116.1: below the arc that ITU-T X.660 keeps for examples, since a
 * simulated root is one. Small arcs only: certificate libraries in the field refuse a whole
 * certificate for one arc of more than 28 bits, as those made from a UUID (2.25) have. */
const uint8_t att_sim_marker_oid[] = {
	0x88, 0x37, 0x61, 0x74, 0x74, 0x65, 0x73, 0x74, 0x01,
};
const size_t att_sim_marker_oid_len = sizeof(att_sim_marker_oid);

/* SEQUENCE { id-ecPublicKey, prime256v1 } (RFC 5480 section 2.1.1) */
static const uint8_t ec_p256[] = {
	0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
};

static void read_authority_key_id(att_reader *value, struct att_cert *c)
{
	c->akid = att_x509_key_id(value);
}

static void read_subject_key_id(att_reader *value, struct att_cert *c)
{
	c->skid = att_der_get(value, ATT_DER_OCTET_STRING, "subjectKeyIdentifier");
	if (c->skid.len == 0)
		att_reader_mark(value, "subjectKeyIdentifier");
}

/* A named bit list: at least one bit, none beyond those defined, trailing zero bits left out (X.690
 * section 11.2.2, RFC 5280 section 4.2.1.3). */
static void read_key_usage(att_reader *value, struct att_cert *c)
{
	att_bytes v = att_der_get(value, ATT_DER_BIT_STRING, "keyUsage");

	c->has_key_usage = true;
	if (v.len < 2 || v.len > 3 || v.ptr[0] > 7) {
		att_reader_mark(value, "keyUsage");
		return;
	}
	size_t bits = 8 * (v.len - 1) - v.ptr[0];
	unsigned last = v.ptr[v.len - 1];
	if (bits > KEY_USAGES || (last & ((2u << v.ptr[0]) - 1)) != 1u << v.ptr[0])
		att_reader_mark(value, "keyUsage");
	for (size_t i = 0; i < bits; i++) {
		if (v.ptr[1 + i / 8] & (0x80u >> (i % 8)))
			c->key_usage = (uint16_t)(c->key_usage | 1u << i);
	}
}

static void read_basic_constraints(att_reader *value, struct att_cert *c)
{
	att_reader seq = att_der_enter(value, ATT_DER_SEQUENCE, "basicConstraints");

	c->has_basic_constraints = true;
	if (att_der_peek(&seq) == ATT_DER_BOOLEAN) {
		c->is_ca = att_der_bool(&seq, "basicConstraints cA");
		if (!c->is_ca)
			att_reader_mark(&seq, "basicConstraints cA");
	}
	/* Only a CA may have one (RFC 5280 section 4.2.1.9). */
	if (c->is_ca && att_der_peek(&seq) == ATT_DER_INTEGER) {
		int64_t len = att_der_uint(&seq, ATT_DER_INTEGER, "pathLenConstraint");
		if (len > PATH_LEN_MAX)
			att_reader_mark(&seq, "pathLenConstraint");
		else
			c->path_len = (int)len;
	}
	att_x509_leave(value, &seq, "basicConstraints");
}

/* Revocation lists come with the collateral, never from where a certificate points. */
static void skip_distribution_points(att_reader *value, struct att_cert *c)
{
	(void)c;
	att_der_get(value, ATT_DER_SEQUENCE, "cRLDistributionPoints");
}

static void read_sgx_extension(att_reader *value, struct att_cert *c)
{
	c->sgx_extension = att_peek_rest(value);
	att_der_get(value, ATT_DER_SEQUENCE, "SGX extension");
}

static const struct known {
	struct att_oid oid;
	bool understood; /* enough to meet a critical one */
	void (*read)(att_reader *value, struct att_cert *c);
} known[] = {
	{ { 3, { 0x55, 0x1d, 0x23 } }, true, read_authority_key_id },
	{ { 3, { 0x55, 0x1d, 0x0e } }, true, read_subject_key_id },
	{ { 3, { 0x55, 0x1d, 0x0f } }, true, read_key_usage },
	{ { 3, { 0x55, 0x1d, 0x13 } }, true, read_basic_constraints },
	{ { 3, { 0x55, 0x1d, 0x1f } }, false, skip_distribution_points },
	{ { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 } },
	  true,
	  read_sgx_extension },
};

/* Reads one extension into c; what is wrong in it becomes a failure of `list`. */
static void read_extension(struct att_x509_ext *ext, struct att_cert *c, att_reader *list)
{
	const struct known *k = NULL;

	for (size_t i = 0; i < ATT_COUNT(known) && !k; i++) {
		if (att_oid_is(&known[i].oid, ext->oid))
			k = &known[i];
	}
	if (k) {
		k->read(&ext->inside, c);
		att_x509_leave(list, &ext->inside, "extension value");
	}
	bool marker =
	    att_bytes_eq(ext->oid, att_bytes_of(att_sim_marker_oid, att_sim_marker_oid_len));
	c->sim_marker = c->sim_marker || marker;
	bool understood = marker || (k && k->understood);
	if (ext->critical && !understood && c->unknown_critical.len == 0)
		c->unknown_critical = ext->oid;
}

static void read_extensions(att_reader *tbs, struct att_cert *c)
{
	att_reader wrapper = att_der_enter(tbs, ATT_DER_CONTEXT_CONSTRUCTED(3), "extensions");
	struct att_x509_exts exts;
	struct att_x509_ext ext;

	att_x509_exts_enter(&wrapper, &exts);
	while (att_x509_ext_next(&exts, &ext))
		read_extension(&ext, c, &exts.list);
	att_x509_leave(&wrapper, &exts.list, "extensions");
	att_x509_leave(tbs, &wrapper, "extensions");
}

static att_rc read_public_key(att_reader *tbs, struct att_cert *c, att_err *err)
{
	size_t at = att_tell(tbs);
	att_reader spki = att_der_enter(tbs, ATT_DER_SEQUENCE, "subjectPublicKeyInfo");
	uint8_t tag;
	att_bytes algorithm = att_der_element(&spki, &tag, "public key algorithm");
	att_bytes point = att_der_bits(&spki, "subjectPublicKey");

	att_x509_leave(tbs, &spki, "subjectPublicKeyInfo");
	att_rc rc = att_reader_ok(tbs, err);
	if (rc != ATT_OK)
		return rc;
	if (tag != ATT_DER_SEQUENCE)
		return att_fail_at(err, ATT_E_FORMAT, at, "bad public key algorithm");
	if (!att_bytes_eq(algorithm, att_bytes_of(ec_p256, sizeof(ec_p256))))
		return att_fail_at(err, ATT_E_UNSUPPORTED, at,
				   "public key is not of id-ecPublicKey with prime256v1");
	if (point.len != ATT_P256_POINT || point.ptr[0] != 0x04)
		return att_fail_at(err, ATT_E_FORMAT, at,
				   "public key is no uncompressed point of %d bytes",
				   ATT_P256_POINT);
	memcpy(c->point, point.ptr, ATT_P256_POINT);
	return ATT_OK;
}

/* TBSCertificate (RFC 5280 section 4.1), without the unique identifiers that nobody uses. */
static att_rc read_tbs(att_reader *tbs, struct att_cert *c, att_err *err)
{
	att_reader version = att_der_enter(tbs, ATT_DER_CONTEXT_CONSTRUCTED(0), "version");
	if (att_der_uint(&version, ATT_DER_INTEGER, "version") != VERSION_3)
		att_reader_mark(&version, "version: expected v3");
	att_x509_leave(tbs, &version, "version");
	c->serial = att_x509_serial(tbs, "serialNumber");
	att_rc rc = att_x509_algorithm(tbs, err);
	if (rc != ATT_OK)
		return rc;
	c->issuer = att_x509_name(tbs, &c->issuer_cn, "issuer");
	att_reader validity = att_der_enter(tbs, ATT_DER_SEQUENCE, "validity");
	c->not_before = att_der_time(&validity, "notBefore");
	c->not_after = att_der_time(&validity, "notAfter");
	att_x509_leave(tbs, &validity, "validity");
	c->subject = att_x509_name(tbs, &c->subject_cn, "subject");
	rc = read_public_key(tbs, c, err);
	if (rc != ATT_OK)
		return rc;
	read_extensions(tbs, c);
	return att_reader_end(tbs, err);
}

att_rc att_cert_parse(att_bytes der, struct att_cert *out, att_err *err)
{
	struct att_cert c = { .der = der, .path_len = -1 };
	struct att_x509_signed whole;

	*out = (struct att_cert){ 0 };
	if (der.len > ATT_CERT_MAX)
		return att_fail(err, ATT_E_FORMAT, "certificate is %zu bytes, at most %u", der.len,
				ATT_CERT_MAX);
	att_rc rc = att_x509_signed(der, &whole, err);
	if (rc == ATT_OK) {
		c.tbs = whole.tbs;
		c.signature = whole.signature;
		rc = read_tbs(&whole.inside, &c, err);
	}
	if (rc != ATT_OK)
		return att_wrap(err, rc, "certificate");
	*out = c;
	return ATT_OK;
}

bool att_cert_simulated(const struct att_cert *c)
{
	size_t len = strlen(ATT_SIM_KEYID_PREFIX);

	return c->sim_marker ||
	       (c->skid.len >= len && memcmp(c->skid.ptr, ATT_SIM_KEYID_PREFIX, len) == 0);
}

void att_cert_move(const struct att_cert *same, att_bytes der, struct att_cert *out)
{
	*out = *same;
	att_bytes *const views[] = {
		&out->tbs,     &out->signature,     &out->serial,           &out->issuer,
		&out->subject, &out->issuer_cn,     &out->subject_cn,       &out->skid,
		&out->akid,    &out->sgx_extension, &out->unknown_critical,
	};

	out->der = der;
	for (size_t i = 0; i < ATT_COUNT(views); i++)
		if (views[i]->len != 0)
			views[i]->ptr = der.ptr + (views[i]->ptr - same->der.ptr);
}
