/* SPDX-License-Identifier: Apache-2.0 */
/* What att_cert_parse() and att_crl_parse() accepted, held against OpenSSL's reading of the
 * same bytes. Ours may be stricter; what it accepts, OpenSSL must accept whole and understand
 * alike. */
#ifndef TEST_CRYPTO_AGAINST_OPENSSL_H
#define TEST_CRYPTO_AGAINST_OPENSSL_H

#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/serials.h"
#include "crypto/x509.h"

/* NULL, or what differs. Leaks when it differs: the caller ends the test then. */
#define DIFFERS_IF(condition, what)  \
	do {                         \
		if (condition)       \
			return what; \
	} while (0)

static inline bool same_bytes(att_bytes a, const void *p, int len)
{
	return len >= 0 && a.len == (size_t)len && (len == 0 || memcmp(a.ptr, p, a.len) == 0);
}

/* INTEGER contents against OpenSSL's magnitude. */
static inline bool same_integer(att_bytes contents, const ASN1_INTEGER *i)
{
	if (contents.len > 1 && contents.ptr[0] == 0)
		contents = att_bytes_of(contents.ptr + 1, contents.len - 1);
	return ASN1_STRING_type(i) == V_ASN1_INTEGER &&
	       same_bytes(contents, ASN1_STRING_get0_data(i), ASN1_STRING_length(i));
}

static inline bool same_time(int64_t t, const ASN1_TIME *theirs)
{
	struct tm tm;

	return theirs && ASN1_TIME_to_tm(theirs, &tm) == 1 && (int64_t)timegm(&tm) == t;
}

static inline bool same_name(att_bytes der, att_bytes cn, const X509_NAME *name)
{
	const unsigned char *p;
	size_t len;
	int last = -1;

	if (X509_NAME_get0_der(name, &p, &len) != 1 || !same_bytes(der, p, (int)len))
		return false;
	for (int i = X509_NAME_get_index_by_NID(name, NID_commonName, -1); i >= 0;
	     i = X509_NAME_get_index_by_NID(name, NID_commonName, i))
		last = i;
	if (last < 0)
		return cn.len == 0;
	const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
	return same_bytes(cn, ASN1_STRING_get0_data(text), ASN1_STRING_length(text));
}

static inline bool same_key_id(att_bytes ours, AUTHORITY_KEYID *theirs)
{
	bool same = ours.len == 0 && (!theirs || !theirs->keyid);

	if (theirs && theirs->keyid)
		same = same_bytes(ours, ASN1_STRING_get0_data(theirs->keyid),
				  ASN1_STRING_length(theirs->keyid));
	AUTHORITY_KEYID_free(theirs);
	return same;
}

static inline bool same_encoding(att_bytes ours, unsigned char *der, int len)
{
	bool same = same_bytes(ours, der, len);

	OPENSSL_free(der);
	return same;
}

static inline const char *constraints_differ(X509 *x, const struct att_cert *c)
{
	int critical = 0;
	BASIC_CONSTRAINTS *bc = X509_get_ext_d2i(x, NID_basic_constraints, &critical, NULL);

	DIFFERS_IF((bc != NULL) != c->has_basic_constraints, "basicConstraints presence");
	DIFFERS_IF(!bc && critical != -1, "basicConstraints are unreadable");
	if (bc) {
		long path_len = bc->pathlen ? ASN1_INTEGER_get(bc->pathlen) : -1;
		DIFFERS_IF((bc->ca != 0) != c->is_ca, "cA");
		DIFFERS_IF(path_len != c->path_len, "pathLenConstraint");
		BASIC_CONSTRAINTS_free(bc);
	}
	ASN1_BIT_STRING *ku = X509_get_ext_d2i(x, NID_key_usage, &critical, NULL);
	DIFFERS_IF((ku != NULL) != c->has_key_usage, "keyUsage presence");
	DIFFERS_IF(!ku && critical != -1, "keyUsage is unreadable");
	for (int i = 0; ku && i < 16; i++)
		DIFFERS_IF(ASN1_BIT_STRING_get_bit(ku, i) != (c->key_usage >> i & 1), "keyUsage");
	ASN1_BIT_STRING_free(ku);
	return NULL;
}

static inline const char *extensions_differ(X509 *x, const struct att_cert *c)
{
	const char *what = constraints_differ(x, c);
	DIFFERS_IF(what, what);
	ASN1_OCTET_STRING *skid = X509_get_ext_d2i(x, NID_subject_key_identifier, NULL, NULL);
	DIFFERS_IF((skid != NULL) != (c->skid.len != 0), "subjectKeyIdentifier presence");
	DIFFERS_IF(skid &&
		       !same_bytes(c->skid, ASN1_STRING_get0_data(skid), ASN1_STRING_length(skid)),
		   "subjectKeyIdentifier");
	ASN1_OCTET_STRING_free(skid);
	DIFFERS_IF(
	    !same_key_id(c->akid, X509_get_ext_d2i(x, NID_authority_key_identifier, NULL, NULL)),
	    "authorityKeyIdentifier");

	ASN1_OBJECT *sgx = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
	ASN1_OBJECT *marker = OBJ_txt2obj("2.999.97.116.116.101.115.116.1", 1);
	bool has_sgx = false, has_marker = false, unknown = false;
	for (int i = 0; i < X509_get_ext_count(x); i++) {
		X509_EXTENSION *ext = X509_get_ext(x, i);
		const ASN1_OBJECT *id = X509_EXTENSION_get_object(ext);
		const ASN1_STRING *value = X509_EXTENSION_get_data(ext);
		if (OBJ_cmp(id, sgx) == 0) {
			has_sgx = same_bytes(c->sgx_extension, ASN1_STRING_get0_data(value),
					     ASN1_STRING_length(value));
			DIFFERS_IF(!has_sgx, "SGX extension");
		} else if (OBJ_cmp(id, marker) == 0) {
			has_marker = true;
		} else if (X509_EXTENSION_get_critical(ext) &&
			   OBJ_obj2nid(id) != NID_subject_key_identifier &&
			   !X509_supported_extension(ext)) {
			unknown = true;
		}
		if (X509_get_ext_by_OBJ(x, id, -1) != i)
			return "an extension comes twice";
	}
	ASN1_OBJECT_free(sgx);
	ASN1_OBJECT_free(marker);
	DIFFERS_IF(!has_sgx && c->sgx_extension.len, "SGX extension presence");
	DIFFERS_IF(has_marker != c->sim_marker, "simulation marker");
	DIFFERS_IF(unknown && c->unknown_critical.len == 0, "unknown critical extension");
	return NULL;
}

static inline const char *cert_differs(const struct att_cert *c)
{
	const unsigned char *p = c->der.ptr;
	unsigned char *der = NULL;
	X509 *x = d2i_X509(NULL, &p, (long)c->der.len);
	const ASN1_BIT_STRING *sig;

	DIFFERS_IF(!x, "OpenSSL refuses it");
	DIFFERS_IF(p != c->der.ptr + c->der.len, "OpenSSL leaves bytes");
	DIFFERS_IF(X509_get_version(x) != X509_VERSION_3, "version");
	DIFFERS_IF(X509_get_signature_nid(x) != NID_ecdsa_with_SHA256, "signature algorithm");
	DIFFERS_IF(!same_integer(c->serial, X509_get0_serialNumber(x)), "serial");
	DIFFERS_IF(!same_name(c->issuer, c->issuer_cn, X509_get_issuer_name(x)), "issuer");
	DIFFERS_IF(!same_name(c->subject, c->subject_cn, X509_get_subject_name(x)), "subject");
	DIFFERS_IF(!same_time(c->not_before, X509_get0_notBefore(x)), "notBefore");
	DIFFERS_IF(!same_time(c->not_after, X509_get0_notAfter(x)), "notAfter");
	const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(x);
	DIFFERS_IF(!same_bytes(att_bytes_of(c->point, ATT_P256_POINT), ASN1_STRING_get0_data(key),
			       ASN1_STRING_length(key)),
		   "public key");
	X509_get0_signature(&sig, NULL, x);
	DIFFERS_IF(!same_bytes(c->signature, ASN1_STRING_get0_data(sig), ASN1_STRING_length(sig)),
		   "signature");
	const char *what = extensions_differ(x, c);
	DIFFERS_IF(what, what);
	/* Encoding afresh finds what is no DER. */
	int len = i2d_re_X509_tbs(x, &der);
	DIFFERS_IF(!same_encoding(c->tbs, der, len), "tbsCertificate encoded again");
	X509_free(x);
	return NULL;
}

static inline bool any_revoked(const STACK_OF(X509_REVOKED) * revoked, att_bytes serial)
{
	for (int i = 0; i < sk_X509_REVOKED_num(revoked); i++) {
		if (same_integer(serial,
				 X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, i))))
			return true;
	}
	return false;
}

/* Each serial on the list, and its neighbour, which mostly is not. */
static inline const char *serials_differ(const STACK_OF(X509_REVOKED) * revoked,
					 const struct att_serials *listed)
{
	for (int i = 0; i < sk_X509_REVOKED_num(revoked); i++) {
		const X509_REVOKED *one = sk_X509_REVOKED_value(revoked, i);
		unsigned char *der = NULL;
		int len = i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(one), &der);
		DIFFERS_IF(len < 3, "a revoked serial is unreadable");
		att_bytes contents = att_bytes_of(der + 2, (size_t)len - 2);
		DIFFERS_IF(!att_serials_has(listed, contents), "a revoked serial is not listed");
		der[len - 1] ^= 1;
		DIFFERS_IF(att_serials_has(listed, contents) != any_revoked(revoked, contents),
			   "the serial beside a revoked one");
		OPENSSL_free(der);
	}
	return NULL;
}

static inline const char *entries_differ(X509_CRL *x, const struct att_crl *c)
{
	const STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(x);
	int count = revoked ? sk_X509_REVOKED_num(revoked) : 0;
	struct att_serials listed;

	DIFFERS_IF((size_t)count != c->revoked_count, "number of revoked certificates");
	DIFFERS_IF((count == 0) != (c->revoked.len == 0), "revokedCertificates");
	DIFFERS_IF(att_serials_make(c, &listed, NULL) != ATT_OK, "entries that read no more");
	const char *what = serials_differ(revoked, &listed);
	att_serials_free(&listed);
	return what;
}

static inline const char *crl_differs(const struct att_crl *c)
{
	const unsigned char *p = c->der.ptr;
	unsigned char *der = NULL;
	X509_CRL *x = d2i_X509_CRL(NULL, &p, (long)c->der.len);
	const ASN1_BIT_STRING *sig;

	DIFFERS_IF(!x, "OpenSSL refuses it");
	DIFFERS_IF(p != c->der.ptr + c->der.len, "OpenSSL leaves bytes");
	DIFFERS_IF(X509_CRL_get_version(x) != X509_CRL_VERSION_2, "version");
	DIFFERS_IF(X509_CRL_get_signature_nid(x) != NID_ecdsa_with_SHA256, "signature algorithm");
	DIFFERS_IF(!same_name(c->issuer, c->issuer_cn, X509_CRL_get_issuer(x)), "issuer");
	DIFFERS_IF(!same_time(c->this_update, X509_CRL_get0_lastUpdate(x)), "thisUpdate");
	DIFFERS_IF(!same_time(c->next_update, X509_CRL_get0_nextUpdate(x)), "nextUpdate");
	X509_CRL_get0_signature(x, &sig, NULL);
	DIFFERS_IF(!same_bytes(c->signature, ASN1_STRING_get0_data(sig), ASN1_STRING_length(sig)),
		   "signature");
	uint64_t number = 0;
	ASN1_INTEGER *n = X509_CRL_get_ext_d2i(x, NID_crl_number, NULL, NULL);
	DIFFERS_IF((n != NULL) != c->has_number, "cRLNumber presence");
	DIFFERS_IF(n && (ASN1_INTEGER_get_uint64(&number, n) != 1 || number != c->number),
		   "cRLNumber");
	ASN1_INTEGER_free(n);
	DIFFERS_IF(!same_key_id(c->akid,
				X509_CRL_get_ext_d2i(x, NID_authority_key_identifier, NULL, NULL)),
		   "authorityKeyIdentifier");
	DIFFERS_IF(X509_CRL_get_ext_by_critical(x, 1, -1) >= 0 &&
		       X509_CRL_get_ext_by_NID(x, NID_crl_number, -1) < 0 &&
		       X509_CRL_get_ext_by_NID(x, NID_authority_key_identifier, -1) < 0,
		   "unknown critical extension");
	DIFFERS_IF(X509_CRL_get_ext_by_NID(x, NID_delta_crl, -1) >= 0, "delta CRL");
	DIFFERS_IF(X509_CRL_get_ext_by_NID(x, NID_issuing_distribution_point, -1) >= 0,
		   "partial CRL");
	const char *what = entries_differ(x, c);
	DIFFERS_IF(what, what);
	int len = i2d_re_X509_CRL_tbs(x, &der);
	DIFFERS_IF(!same_encoding(c->tbs, der, len), "tbsCertList encoded again");
	X509_CRL_free(x);
	return NULL;
}

#endif
