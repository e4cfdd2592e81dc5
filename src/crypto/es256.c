/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/es256.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/json.h"
#include "crypto/ecdsa.h"
#include "crypto/libcrypto.h"
#include "crypto/p256.h"

#define KEY_TEXT_MAX   65536u
#define COORDINATE     32
#define COORDINATE_B64 43 /* characters of base64url without padding */

ATT_DEFINE_CLEANUP(bio, BIO, BIO_free_all)
ATT_DEFINE_CLEANUP(pkey, EVP_PKEY, EVP_PKEY_free)
ATT_DEFINE_CLEANUP(x509, X509, X509_free)
ATT_DEFINE_CLEANUP(md_ctx, EVP_MD_CTX, EVP_MD_CTX_free)
ATT_DEFINE_CLEANUP(bignum, BIGNUM, BN_free)
ATT_DEFINE_CLEANUP(p256, att_p256, att_p256_free)
#define AUTO(name) __attribute__((cleanup(name##_cleanup)))

enum form { FORM_NONE, FORM_JWK, FORM_CERTIFICATE, FORM_PUBLIC, FORM_PRIVATE, FORM_ENCRYPTED };

static const struct {
	const char *begin;
	enum form form;
} labels[] = {
	{ "-----BEGIN CERTIFICATE-----", FORM_CERTIFICATE },
	{ "-----BEGIN PUBLIC KEY-----", FORM_PUBLIC },
	{ "-----BEGIN PRIVATE KEY-----", FORM_PRIVATE },
	{ "-----BEGIN EC PRIVATE KEY-----", FORM_PRIVATE },
	{ "-----BEGIN ENCRYPTED PRIVATE KEY-----", FORM_ENCRYPTED },
};

static bool is_json_object(att_bytes text)
{
	size_t i = 0;

	while (i < text.len && (text.ptr[i] == ' ' || (text.ptr[i] >= '\t' && text.ptr[i] <= '\r')))
		i++;
	return i < text.len && text.ptr[i] == '{';
}

static size_t occurrences(att_bytes text, const char *word)
{
	size_t n = 0, len = strlen(word);
	const uint8_t *at;

	while (text.len >= len && (at = memmem(text.ptr, text.len, word, len)) != NULL) {
		size_t behind = (size_t)(at - text.ptr) + len;
		text = att_bytes_of(text.ptr + behind, text.len - behind);
		n++;
	}
	return n;
}

/* Which key the text holds. Two are refused: nobody could say which one counts. */
static att_rc find_form(att_bytes text, enum form *out, att_err *err)
{
	size_t found = 0;

	*out = FORM_NONE;
	if (text.len > KEY_TEXT_MAX)
		return att_fail(err, ATT_E_FORMAT, "key text is %zu bytes, at most %u", text.len,
				KEY_TEXT_MAX);
	if (is_json_object(text)) {
		*out = FORM_JWK;
		return ATT_OK;
	}
	for (size_t i = 0; i < ATT_COUNT(labels); i++) {
		size_t n = occurrences(text, labels[i].begin);
		if (n)
			*out = labels[i].form;
		found += n;
	}
	if (found == 0)
		return att_fail(err, ATT_E_FORMAT, "expected a key in PEM or a JWK, seen neither");
	if (found > 1)
		return att_fail(err, ATT_E_FORMAT, "expected one key, seen %zu", found);
	if (*out == FORM_ENCRYPTED)
		return att_fail(err, ATT_E_FORMAT, "key is encrypted, expected a plain one");
	return ATT_OK;
}

/* No pass phrase is ever asked for: encrypted keys are refused. */
static int no_pass_phrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static att_rc fail_libcrypto(att_err *err, att_rc otherwise, const char *what)
{
	if (att_libcrypto_errors().memory)
		return att_fail(err, ATT_E_NOMEM, "out of memory for a key");
	return att_fail(err, otherwise, "%s", what);
}

/* The key of a text in PEM; its curve is not looked at. */
static att_rc decode_pem(att_bytes text, enum form form, EVP_PKEY **out, att_err *err)
{
	AUTO(bio) BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);

	*out = NULL;
	if (!bio)
		return fail_libcrypto(err, ATT_E_NOMEM, "out of memory for a key");
	if (form == FORM_CERTIFICATE) {
		AUTO(x509) X509 *cert = PEM_read_bio_X509(bio, NULL, no_pass_phrase, NULL);
		if (!cert)
			return fail_libcrypto(err, ATT_E_FORMAT, "certificate can not be decoded");
		*out = X509_get_pubkey(cert);
	} else if (form == FORM_PUBLIC) {
		*out = PEM_read_bio_PUBKEY(bio, NULL, no_pass_phrase, NULL);
	} else {
		*out = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL);
	}
	if (!*out)
		return fail_libcrypto(err, ATT_E_FORMAT, "key can not be decoded");
	return ATT_OK;
}

/* P-256 by its name: a curve spelled out in parameters is none that RFC 5480 section 2.1.1
 * allows, even when libcrypto finds it to be the same. */
static att_rc require_p256(EVP_PKEY *key, att_err *err)
{
	char group[32];
	int spelled_out = 1;

	if (EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	    strcmp(group, "prime256v1") == 0 &&
	    EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
				   &spelled_out) == 1 &&
	    !spelled_out)
		return ATT_OK;
	return fail_libcrypto(err, ATT_E_UNSUPPORTED,
			      "expected a P-256 key that names its curve, seen another");
}

static bool coordinate(EVP_PKEY *key, const char *name, uint8_t out[static COORDINATE])
{
	AUTO(bignum) BIGNUM *v = NULL;

	return EVP_PKEY_get_bn_param(key, name, &v) == 1 &&
	       BN_bn2binpad(v, out, COORDINATE) == COORDINATE;
}

static att_rc point_of_pem(att_bytes text, enum form form, uint8_t point[static ATT_P256_POINT],
			   att_err *err)
{
	AUTO(pkey) EVP_PKEY *key = NULL;

	att_rc rc = decode_pem(text, form, &key, err);
	if (rc != ATT_OK)
		return rc;
	rc = require_p256(key, err);
	if (rc != ATT_OK)
		return rc;
	point[0] = 0x04;
	if (!coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, point + 1) ||
	    !coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, point + 1 + COORDINATE))
		/* A decoded key has its point; what can lack is room for a copy. */
		return fail_libcrypto(err, ATT_E_NOMEM, "out of memory for a key");
	return ATT_OK;
}

/* One coordinate of a JWK: exactly 32 bytes (RFC 7518 section 6.2.1.2). */
static att_rc jwk_coordinate(att_json jwk, const char *name, uint8_t out[static COORDINATE],
			     att_err *err)
{
	att_json v = att_json_get(jwk, name);
	uint8_t raw[COORDINATE + 3];
	size_t len = sizeof(raw);
	att_bytes text;

	if (!att_json_plain(v, &text) || text.len != COORDINATE_B64 ||
	    att_base64url_decode(text, raw, &len, NULL) != ATT_OK || len != COORDINATE)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "JWK member %s is no base64url of %d bytes", name, COORDINATE);
	memcpy(out, raw, COORDINATE);
	return ATT_OK;
}

static att_rc point_of_jwk(att_bytes text, uint8_t point[static ATT_P256_POINT], att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };

	att_rc rc = att_json_parse(text, &doc, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "JWK");
	att_json jwk = att_json_root(&doc);
	if (!att_json_is(att_json_get(jwk, "kty"), "EC") ||
	    !att_json_is(att_json_get(jwk, "crv"), "P-256"))
		return att_fail(err, ATT_E_UNSUPPORTED, "JWK is not of kty EC with crv P-256");
	/* What the key may be used for, where it says so (RFC 7517 sections 4.2 and 4.4). */
	att_json use = att_json_get(jwk, "use"), alg = att_json_get(jwk, "alg");
	if ((use.doc && !att_json_is(use, "sig")) || (alg.doc && !att_json_is(alg, "ES256")))
		return att_fail(err, ATT_E_UNSUPPORTED, "JWK is not for signatures with ES256");
	if (att_json_get(jwk, "d").doc)
		return att_fail(err, ATT_E_FORMAT, "expected a public key, seen a private JWK");
	point[0] = 0x04;
	rc = jwk_coordinate(jwk, "x", point + 1, err);
	if (rc != ATT_OK)
		return rc;
	return jwk_coordinate(jwk, "y", point + 1 + COORDINATE, err);
}

static att_rc read_point(att_bytes key, uint8_t point[static ATT_P256_POINT], att_err *err)
{
	enum form form;

	att_rc rc = find_form(key, &form, err);
	if (rc != ATT_OK)
		return rc;
	if (form == FORM_JWK)
		return point_of_jwk(key, point, err);
	if (form == FORM_PRIVATE)
		return att_fail(err, ATT_E_FORMAT, "expected a public key, seen a private one");
	ERR_clear_error();
	return point_of_pem(key, form, point, err);
}

att_rc att_es256_point(att_bytes key, uint8_t point[static 65], att_err *err)
{
	uint8_t found[ATT_P256_POINT];

	memset(point, 0, ATT_P256_POINT);
	att_rc rc = read_point(key, found, err);
	if (rc != ATT_OK)
		return rc;
	AUTO(p256) att_p256 *tools = NULL;
	rc = att_p256_new(&tools, err);
	if (rc != ATT_OK)
		return rc;
	if (!att_p256_on_curve(tools, found)) {
		if (att_p256_failed(tools))
			return att_fail(err, ATT_E_NOMEM, "out of memory for a key");
		return att_fail(err, ATT_E_FORMAT, "key is no point on P-256");
	}
	memcpy(point, found, ATT_P256_POINT);
	return ATT_OK;
}

att_rc att_es256_verify(att_bytes public_key, att_bytes msg, const uint8_t rs[static 64],
			att_err *err)
{
	uint8_t point[ATT_P256_POINT];

	att_rc rc = read_point(public_key, point, err);
	if (rc != ATT_OK)
		return rc;
	AUTO(p256) att_p256 *tools = NULL;
	rc = att_p256_new(&tools, err);
	if (rc != ATT_OK)
		return rc;
	if (att_p256_verify_raw(tools, point, msg, rs))
		return ATT_OK;
	if (att_p256_failed(tools))
		return att_fail(err, ATT_E_NOMEM, "out of memory for a signature");
	return att_fail(err, ATT_E_SIGNATURE, "the signature is not of this key over these bytes");
}

att_rc att_es256_sign(att_bytes private_pem, att_bytes msg, uint8_t rs[static 64], att_err *err)
{
	AUTO(pkey) EVP_PKEY *key = NULL;
	enum form form;

	memset(rs, 0, 64);
	att_rc rc = find_form(private_pem, &form, err);
	if (rc != ATT_OK)
		return rc;
	if (form != FORM_PRIVATE)
		return att_fail(err, ATT_E_FORMAT, "expected a private key in PEM");
	ERR_clear_error();
	rc = decode_pem(private_pem, form, &key, err);
	if (rc != ATT_OK)
		return rc;
	rc = require_p256(key, err);
	if (rc != ATT_OK)
		return rc;
	AUTO(md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	/* Zeros are no signature: libcrypto out of memory can say yes and have written nothing. */
	uint8_t der[72] = { 0 };
	size_t len = sizeof(der);
	if (!ctx || EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, key, NULL) != 1 ||
	    EVP_DigestSign(ctx, der, &len, msg.ptr, msg.len) != 1)
		return fail_libcrypto(err, ATT_E_UNAVAILABLE, "libcrypto can not sign");
	uint8_t made[64];
	if (!att_ecdsa_der_to_rs(att_bytes_of(der, len), made))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto made no ECDSA-Sig-Value");
	memcpy(rs, made, sizeof(made));
	return ATT_OK;
}
