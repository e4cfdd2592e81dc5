/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate for a server that has none, and the authority above it (RFC 5280). */
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/tls.h"

#define NAMES_MAX 8u
#define DAY       INT64_C(86400)

ATT_DEFINE_CLEANUP(bio, BIO, BIO_free_all)
ATT_DEFINE_CLEANUP(x509, X509, X509_free)
ATT_DEFINE_CLEANUP(pkey, EVP_PKEY, EVP_PKEY_free)
ATT_DEFINE_CLEANUP(ext, X509_EXTENSION, X509_EXTENSION_free)
#define auto_bio  __attribute__((cleanup(bio_cleanup)))
#define auto_x509 __attribute__((cleanup(x509_cleanup)))
#define auto_pkey __attribute__((cleanup(pkey_cleanup)))
#define auto_ext  __attribute__((cleanup(ext_cleanup)))

struct profile {
	const char *common_name;
	const char *constraints;
	const char *key_usage;
	const char *extended; /* NULL: none */
	const char *names;    /* subjectAltName; NULL: none */
};

static bool add_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	auto_ext X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	return ext && X509_add_ext(cert, ext, -1) == 1;
}

static bool add_extensions(X509 *cert, X509 *issuer, const struct profile *p)
{
	return add_ext(cert, issuer, NID_basic_constraints, p->constraints) &&
	       add_ext(cert, issuer, NID_key_usage, p->key_usage) &&
	       add_ext(cert, issuer, NID_subject_key_identifier, "hash") &&
	       add_ext(cert, issuer, NID_authority_key_identifier, "keyid:always") &&
	       (!p->extended || add_ext(cert, issuer, NID_ext_key_usage, p->extended)) &&
	       (!p->names || add_ext(cert, issuer, NID_subject_alt_name, p->names));
}

/* 64 random bits, positive (RFC 5280 section 4.1.2.2). */
static bool set_serial(X509 *cert)
{
	uint64_t serial = 0;

	return RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1 | 1) == 1;
}

static bool set_name(X509 *cert, const char *common_name)
{
	X509_NAME *name = X509_get_subject_name(cert);

	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)common_name, -1, -1, 0) == 1;
}

/* A certificate for `key`, issued by `issuer`, or by itself where that is NULL. */
static X509 *make(const struct profile *p, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
		  int64_t from, int64_t to)
{
	auto_x509 X509 *cert = X509_new();

	if (!cert || X509_set_version(cert, X509_VERSION_3) != 1 || !set_serial(cert) ||
	    !set_name(cert, p->common_name) || X509_set_pubkey(cert, key) != 1 ||
	    !ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from) ||
	    !ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)to))
		return NULL;
	X509 *by = issuer ? issuer : cert;
	if (X509_set_issuer_name(cert, X509_get_subject_name(by)) != 1 ||
	    !add_extensions(cert, by, p) || X509_sign(cert, issuer_key, EVP_sha256()) == 0)
		return NULL;
	return ATT_STEAL(cert);
}

static void put_bio(BIO *bio, att_buf *out)
{
	char *text = NULL;
	long len = BIO_get_mem_data(bio, &text);

	if (len > 0)
		att_put_mem(out, text, (size_t)len);
	else
		out->failed = true;
}

static void put_cert(X509 *cert, att_buf *out)
{
	auto_bio BIO *bio = BIO_new(BIO_s_mem());

	if (bio && PEM_write_bio_X509(bio, cert) == 1)
		put_bio(bio, out);
	else
		out->failed = true;
}

static void put_key(EVP_PKEY *key, att_buf *out)
{
	auto_bio BIO *bio = BIO_new(BIO_s_secmem());

	if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		put_bio(bio, out);
	else
		out->failed = true;
}

static bool is_address(const char *name, size_t len)
{
	return len && (memchr(name, ':', len) || strspn(name, "0123456789.") >= len);
}

/* "DNS:localhost,IP:127.0.0.1" of "localhost 127.0.0.1". */
static att_rc alt_names(const char *names, att_buf *out, att_err *err)
{
	unsigned count = 0;

	for (const char *p = names; *p;) {
		size_t len = strcspn(p, " ");
		if (len && (len > 253 || ++count > NAMES_MAX ||
			    strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-:*") < len))
			return att_fail(err, ATT_E_ARG, "no names for a certificate: %.60s", names);
		if (len)
			att_putf(out, "%s%s:%.*s", count > 1 ? "," : "",
				 is_address(p, len) ? "IP" : "DNS", (int)len, p);
		p += len;
		p += strspn(p, " ");
	}
	if (!count)
		return att_fail(err, ATT_E_ARG, "a certificate needs a name");
	att_put_u8(out, 0);
	return att_buf_ok(out, err);
}

att_rc att_tls_make(const char *names, int64_t now, unsigned days, att_buf *chain, att_buf *key,
		    att_buf *ca, att_err *err)
{
	att_auto_buf att_buf alt = { 0 };
	int64_t from = now - DAY;
	int64_t to = now + (int64_t)days * DAY;

	att_rc rc = alt_names(names, &alt, err);
	if (rc != ATT_OK)
		return rc;
	const struct profile authority = { .common_name = "attest self-made authority",
					   .constraints = "critical,CA:TRUE,pathlen:0",
					   .key_usage = "critical,keyCertSign,cRLSign" };
	const struct profile server = { .common_name = "attest self-made certificate",
					.constraints = "critical,CA:FALSE",
					.key_usage = "critical,digitalSignature",
					.extended = "serverAuth",
					.names = (const char *)alt.ptr };
	auto_pkey EVP_PKEY *ca_key = EVP_EC_gen("P-256");
	auto_pkey EVP_PKEY *own_key = EVP_EC_gen("P-256");
	auto_x509 X509 *root = ca_key ? make(&authority, ca_key, NULL, ca_key, from, to) : NULL;
	auto_x509 X509 *leaf =
	    root && own_key ? make(&server, own_key, root, ca_key, from, to) : NULL;
	ERR_clear_error();
	if (!leaf)
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not make a certificate");
	put_cert(leaf, chain);
	put_cert(root, chain);
	put_cert(root, ca);
	put_key(own_key, key);
	rc = att_buf_ok(chain, err);
	if (rc == ATT_OK)
		rc = att_buf_ok(key, err);
	return rc == ATT_OK ? att_buf_ok(ca, err) : rc;
}
