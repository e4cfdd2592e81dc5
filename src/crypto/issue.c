/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/issue.h"

#include <stdio.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/sign_internal.h"
#include "crypto/x509.h"

#define X509_V3    2
#define X509_CRL_2 1
#define URL_ROOM   256 /* "URI:" in front, NUL behind */

#define AUTO(name) __attribute__((cleanup(name##_cleanup)))
ATT_DEFINE_CLEANUP(x509, X509, X509_free)
ATT_DEFINE_CLEANUP(crl, X509_CRL, X509_CRL_free)
ATT_DEFINE_CLEANUP(revoked, X509_REVOKED, X509_REVOKED_free)
ATT_DEFINE_CLEANUP(name, X509_NAME, X509_NAME_free)
ATT_DEFINE_CLEANUP(extension, X509_EXTENSION, X509_EXTENSION_free)
ATT_DEFINE_CLEANUP(object, ASN1_OBJECT, ASN1_OBJECT_free)
ATT_DEFINE_CLEANUP(octets, ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)
ATT_DEFINE_CLEANUP(integer, ASN1_INTEGER, ASN1_INTEGER_free)
ATT_DEFINE_CLEANUP(enumerated, ASN1_ENUMERATED, ASN1_ENUMERATED_free)
ATT_DEFINE_CLEANUP(asn1_time, ASN1_TIME, ASN1_TIME_free)
ATT_DEFINE_CLEANUP(akid, AUTHORITY_KEYID, AUTHORITY_KEYID_free)

/* 1.2.840.113741.1.13.1 */
static const uint8_t sgx_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 };

static bool add_name(X509_NAME *name, int nid, const char *text)
{
	return X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1,
					  -1, 0) == 1;
}

/* PCK profile 1.3.1: the members of every name, in this order. */
static X509_NAME *make_name(const char *common_name)
{
	AUTO(name) X509_NAME *name = X509_NAME_new();

	if (!name || !add_name(name, NID_commonName, common_name) ||
	    !add_name(name, NID_organizationName, "Intel Corporation") ||
	    !add_name(name, NID_localityName, "Santa Clara") ||
	    !add_name(name, NID_stateOrProvinceName, "CA") ||
	    !add_name(name, NID_countryName, "US"))
		return NULL;
	return ATT_STEAL(name);
}

static ASN1_OCTET_STRING *octets_of(att_bytes in)
{
	AUTO(octets) ASN1_OCTET_STRING *o = ASN1_OCTET_STRING_new();

	return o && ASN1_OCTET_STRING_set(o, in.ptr, (int)in.len) == 1 ? ATT_STEAL(o) : NULL;
}

static AUTHORITY_KEYID *akid_of(const struct att_issue_party *issuer)
{
	AUTO(akid) AUTHORITY_KEYID *a = AUTHORITY_KEYID_new();

	if (!a)
		return NULL;
	a->keyid = octets_of(att_bytes_of(issuer->key_id, ATT_KEY_ID));
	return a->keyid ? ATT_STEAL(a) : NULL;
}

/* An extension in the words of OpenSSL's configuration ("critical,keyCertSign"). */
static bool add_worded(X509 *x, int nid, const char *words)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, NULL, NULL, NULL, NULL, 0);
	X509V3_set_ctx_nodb(&ctx);
	AUTO(extension) X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, &ctx, nid, words);
	return e && X509_add_ext(x, e, -1) == 1;
}

/* An extension that libcrypto does not know, by the contents of its OID. */
static bool add_foreign(X509 *x, att_bytes oid, att_bytes value)
{
	uint8_t der[2 + 126];
	const uint8_t *at = der;

	if (oid.len > sizeof(der) - 2)
		return false;
	der[0] = V_ASN1_OBJECT;
	der[1] = (uint8_t)oid.len;
	memcpy(der + 2, oid.ptr, oid.len);
	AUTO(object) ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &at, (long)(2 + oid.len));
	AUTO(octets) ASN1_OCTET_STRING *octets = octets_of(value);
	if (!object || !octets)
		return false;
	AUTO(extension)
	X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, object, 0, octets);
	return e && X509_add_ext(x, e, -1) == 1;
}

static bool add_key_ids(X509 *x, const struct att_issue_cert *c)
{
	AUTO(akid) AUTHORITY_KEYID *akid = akid_of(c->issuer);
	AUTO(octets)
	ASN1_OCTET_STRING *skid = octets_of(att_bytes_of(c->subject->key_id, ATT_KEY_ID));

	return akid && skid &&
	       X509_add1_ext_i2d(x, NID_authority_key_identifier, akid, 0, 0) == 1 &&
	       X509_add1_ext_i2d(x, NID_subject_key_identifier, skid, 0, 0) == 1;
}

static bool add_extensions(X509 *x, const struct att_issue_cert *c)
{
	static const uint8_t null[] = { V_ASN1_NULL, 0 };
	char words[48] = "critical,CA:FALSE", url[URL_ROOM];
	int len = snprintf(url, sizeof(url), "URI:%s", c->crl_url);

	if (len < 0 || (size_t)len >= sizeof(url))
		return false;
	if (c->ca)
		snprintf(words, sizeof(words), "critical,CA:TRUE,pathlen:%u", c->path_len);
	if (!add_key_ids(x, c) || !add_worded(x, NID_crl_distribution_points, url) ||
	    !add_worded(x, NID_key_usage,
			c->ca ? "critical,keyCertSign,cRLSign"
			      : "critical,digitalSignature,nonRepudiation") ||
	    !add_worded(x, NID_basic_constraints, words))
		return false;
	if (c->sgx_extension.len &&
	    !add_foreign(x, att_bytes_of(sgx_oid, sizeof(sgx_oid)), c->sgx_extension))
		return false;
	return !c->sim_marker ||
	       add_foreign(x, att_bytes_of(att_sim_marker_oid, att_sim_marker_oid_len),
			   att_bytes_of(null, sizeof(null)));
}

static bool fill(X509 *x, const struct att_issue_cert *c)
{
	AUTO(name) X509_NAME *subject = make_name(c->subject->common_name);
	AUTO(name) X509_NAME *issuer = make_name(c->issuer->common_name);

	return subject && issuer && X509_set_version(x, X509_V3) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), c->serial) == 1 &&
	       X509_set_subject_name(x, subject) == 1 && X509_set_issuer_name(x, issuer) == 1 &&
	       ASN1_TIME_set(X509_getm_notBefore(x), (time_t)c->not_before) &&
	       ASN1_TIME_set(X509_getm_notAfter(x), (time_t)c->not_after) &&
	       X509_set_pubkey(x, c->subject->key->key) == 1 && add_extensions(x, c);
}

/* Takes what i2d made. */
static att_rc append(att_buf *der, uint8_t *text, int len, const char *what, att_err *err)
{
	if (len <= 0)
		return att_issue_failed(err, what);
	att_put_mem(der, text, (size_t)len);
	OPENSSL_free(text);
	return att_buf_ok(der, err);
}

att_rc att_issue_cert(const struct att_issue_cert *c, att_buf *der, att_err *err)
{
	AUTO(x509) X509 *x = X509_new();
	uint8_t *text = NULL;

	if (!x || !fill(x, c) || X509_sign(x, c->issuer->key->key, EVP_sha256()) <= 0)
		return att_issue_failed(err, "make a certificate");
	int len = i2d_X509(x, &text); /* before `text` is read: arguments have no order */
	return append(der, text, len, "encode a certificate", err);
}

static bool add_revoked(X509_CRL *crl, uint64_t serial, int64_t when)
{
	AUTO(revoked) X509_REVOKED *r = X509_REVOKED_new();
	AUTO(integer) ASN1_INTEGER *number = ASN1_INTEGER_new();
	AUTO(asn1_time) ASN1_TIME *date = ASN1_TIME_set(NULL, (time_t)when);
	AUTO(enumerated) ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

	if (!r || !number || !date || !reason || ASN1_INTEGER_set_uint64(number, serial) != 1 ||
	    ASN1_ENUMERATED_set(reason, CRL_REASON_KEY_COMPROMISE) != 1 ||
	    X509_REVOKED_set_serialNumber(r, number) != 1 ||
	    X509_REVOKED_set_revocationDate(r, date) != 1 ||
	    X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, reason, 0, 0) != 1 ||
	    X509_CRL_add0_revoked(crl, r) != 1)
		return false;
	(void)ATT_STEAL(r);
	return true;
}

static bool fill_crl(X509_CRL *crl, const struct att_issue_crl *c)
{
	AUTO(name) X509_NAME *issuer = make_name(c->issuer->common_name);
	AUTO(asn1_time) ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)c->this_update);
	AUTO(asn1_time) ASN1_TIME *to = ASN1_TIME_set(NULL, (time_t)c->next_update);
	AUTO(integer) ASN1_INTEGER *number = ASN1_INTEGER_new();
	AUTO(akid) AUTHORITY_KEYID *akid = akid_of(c->issuer);

	if (!issuer || !from || !to || !number || !akid ||
	    ASN1_INTEGER_set_uint64(number, c->number) != 1 ||
	    X509_CRL_set_version(crl, X509_CRL_2) != 1 ||
	    X509_CRL_set_issuer_name(crl, issuer) != 1 ||
	    X509_CRL_set1_lastUpdate(crl, from) != 1 || X509_CRL_set1_nextUpdate(crl, to) != 1 ||
	    X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) != 1 ||
	    X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, akid, 0, 0) != 1)
		return false;
	for (size_t i = 0; i < c->revoked_count; i++) {
		if (!add_revoked(crl, c->revoked[i], c->this_update))
			return false;
	}
	return X509_CRL_sort(crl) == 1;
}

att_rc att_issue_crl(const struct att_issue_crl *c, att_buf *der, att_err *err)
{
	AUTO(crl) X509_CRL *crl = X509_CRL_new();
	uint8_t *text = NULL;

	if (!crl || !fill_crl(crl, c) || X509_CRL_sign(crl, c->issuer->key->key, EVP_sha256()) <= 0)
		return att_issue_failed(err, "make a CRL");
	int len = i2d_X509_CRL(crl, &text); /* before `text` is read: arguments have no order */
	return append(der, text, len, "encode a CRL", err);
}

att_rc att_issue_key_id(const att_signer *key, bool simulated, uint8_t out[static ATT_KEY_ID],
			att_err *err)
{
	uint8_t digest[ATT_SHA256_LEN];
	size_t prefix = simulated ? strlen(ATT_SIM_KEYID_PREFIX) : 0;

	if (!att_sha256_once(att_bytes_of(key->point, ATT_P256_POINT), digest))
		return att_issue_failed(err, "hash a key");
	memcpy(out, ATT_SIM_KEYID_PREFIX, prefix);
	memcpy(out + prefix, digest, ATT_KEY_ID - prefix);
	return ATT_OK;
}
