/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/p256.h"

#include <stdatomic.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/ecdsa.h"
#include "crypto/libcrypto.h"
#include "crypto/p256_internal.h"

struct att_p256 {
	EVP_PKEY *key;
	EVP_PKEY_CTX *verify;
	EVP_MD_CTX *digest;
	uint8_t point[ATT_P256_POINT]; /* what `key` holds, when point_known */
	bool point_known;
	bool fresh_contexts;
	bool failed;
};

/* The generator (SEC 2 section 2.4.2): the living key needs some valid point to begin with. */
static const uint8_t generator[ATT_P256_POINT] = {
	0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5,
	0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4,
	0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
	0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
	0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};

/* Two keys that signed one digest once; their private halves were thrown away. */
static const uint8_t test_point_a[ATT_P256_POINT] = {
	0x04, 0xb9, 0x3e, 0xa5, 0x08, 0x22, 0xa4, 0x4e, 0x50, 0xbb, 0xfb, 0x3e, 0x07,
	0x32, 0xf2, 0xfe, 0x46, 0x29, 0x2e, 0xc3, 0xa7, 0xd0, 0x02, 0x04, 0x4c, 0x34,
	0x59, 0xaf, 0xee, 0xd0, 0x7a, 0x02, 0xb8, 0xa7, 0x34, 0x79, 0xb8, 0x09, 0xb0,
	0xbb, 0x49, 0x2b, 0x78, 0xf9, 0x6e, 0xb2, 0xf4, 0xde, 0xce, 0xf5, 0xc9, 0xbb,
	0x9d, 0x25, 0x08, 0xa1, 0x48, 0x4e, 0xad, 0x68, 0x98, 0xf5, 0x19, 0x2d, 0x6d,
};
static const uint8_t test_point_b[ATT_P256_POINT] = {
	0x04, 0xb6, 0x08, 0xa4, 0xb5, 0x58, 0x2a, 0x37, 0x13, 0x68, 0x90, 0x09, 0x44,
	0x82, 0x24, 0x97, 0x72, 0x6a, 0x93, 0x7f, 0x14, 0x16, 0xfc, 0x70, 0xbf, 0x3e,
	0xb9, 0x0e, 0xaa, 0x5c, 0x56, 0x20, 0x36, 0x2c, 0x3a, 0xb6, 0x1c, 0x7c, 0x33,
	0x7c, 0xf5, 0x3d, 0xa4, 0x3b, 0xba, 0x52, 0x7a, 0x6b, 0x4a, 0xd9, 0xe4, 0x66,
	0x7d, 0xc2, 0xea, 0xaa, 0xdc, 0x6d, 0x0a, 0x2e, 0xfe, 0x54, 0x77, 0xa7, 0xce,
};
static const uint8_t test_digest[ATT_SHA256_LEN] = {
	0xba, 0xb9, 0xca, 0x55, 0x1d, 0xd1, 0x21, 0x04, 0x79, 0x2e, 0xea,
	0xd2, 0x6b, 0x7b, 0x6b, 0x68, 0x5e, 0x89, 0xcd, 0x80, 0x3b, 0xcb,
	0xa1, 0xce, 0x5f, 0x87, 0x06, 0x68, 0xfa, 0x71, 0x16, 0x98,
};
static const uint8_t test_signature_a[] = {
	0x30, 0x45, 0x02, 0x21, 0x00, 0xa7, 0x56, 0x47, 0x1a, 0x35, 0x8f, 0xa7, 0x4c, 0x24, 0x01,
	0x8a, 0x30, 0xc6, 0xbb, 0xfe, 0x82, 0xb3, 0x19, 0x3f, 0xf1, 0x98, 0xf6, 0xa6, 0x81, 0xb4,
	0x7d, 0x90, 0xc1, 0x80, 0xc1, 0x4b, 0x16, 0x02, 0x20, 0x09, 0x90, 0x57, 0x13, 0x30, 0x88,
	0xcf, 0x9a, 0x47, 0x8d, 0x31, 0x65, 0xf9, 0x71, 0x80, 0x1e, 0xb0, 0x32, 0x0a, 0x74, 0x90,
	0x8f, 0x0d, 0x67, 0x7e, 0x71, 0x68, 0x71, 0xfd, 0x8d, 0xe4, 0x14,
};
static const uint8_t test_signature_b[] = {
	0x30, 0x44, 0x02, 0x20, 0x54, 0x02, 0xd8, 0xbf, 0x87, 0xc4, 0x66, 0xa2, 0x07, 0x5d,
	0xcb, 0xad, 0x9b, 0x18, 0xe3, 0x22, 0x27, 0x4a, 0x7c, 0x5c, 0x77, 0xa0, 0xe6, 0xf3,
	0xb4, 0x27, 0xe6, 0x5d, 0x3f, 0x20, 0xed, 0xb2, 0x02, 0x20, 0x24, 0x8a, 0x2f, 0xd9,
	0x1c, 0xfb, 0xd9, 0x4b, 0x1e, 0x40, 0x85, 0x28, 0x40, 0xf8, 0x9c, 0x9a, 0x29, 0x4c,
	0x41, 0x41, 0xe4, 0x8c, 0x0b, 0xf2, 0x11, 0xbf, 0x37, 0x9a, 0x8e, 0x78, 0xc0, 0x9c,
};

/* Whether the self-test passed with a kept context in this process. It is no configuration and
 * no state that callers could see: an idempotent fact about the libcrypto that is loaded, found
 * again by whoever looks, and five verifications dear. Only a pass is kept: a failure may be
 * one of memory. */
static atomic_bool kept_context_proven;

/* Why the tools could not be made. With constants for input, what libcrypto offers can fail for
 * nothing but memory. */
static att_rc fail_setup(att_err *err, const char *what)
{
	struct att_libcrypto_errors seen = att_libcrypto_errors();

	if (seen.missing && !seen.memory)
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no %s", what);
	return att_fail(err, ATT_E_NOMEM, "out of memory for %s", what);
}

static att_rc make_key(EVP_PKEY **out, att_err *err)
{
	char group[] = "P-256";
	uint8_t point[ATT_P256_POINT];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};

	memcpy(point, generator, sizeof(point));
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	bool ok = ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
		  EVP_PKEY_fromdata(ctx, out, EVP_PKEY_PUBLIC_KEY, params) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok ? ATT_OK : fail_setup(err, "ECDSA with P-256");
}

static EVP_PKEY_CTX *new_verify_context(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	if (ctx && EVP_PKEY_verify_init(ctx) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static att_rc make_digest(EVP_MD_CTX **out, att_err *err)
{
	EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);

	*out = EVP_MD_CTX_new();
	bool ok = sha256 && *out && EVP_DigestInit_ex2(*out, sha256, NULL) == 1;
	EVP_MD_free(sha256);
	return ok ? ATT_OK : fail_setup(err, "SHA-256");
}

/* Moves the living key to the point. After a failure the key may still hold the old point, so
 * nothing is known of it until the next success. */
static bool set_point(att_p256 *t, const uint8_t point[static ATT_P256_POINT])
{
	if (t->point_known && memcmp(t->point, point, ATT_P256_POINT) == 0)
		return true;
	t->point_known = false;
	if (point[0] != POINT_CONVERSION_UNCOMPRESSED)
		return false;
	ERR_clear_error();
	if (EVP_PKEY_set1_encoded_public_key(t->key, point, ATT_P256_POINT) != 1) {
		struct att_libcrypto_errors seen = att_libcrypto_errors();
		if (seen.memory || !seen.bad_point)
			t->failed = true;
		return false;
	}
	memcpy(t->point, point, ATT_P256_POINT);
	t->point_known = true;
	return true;
}

/* 1: verified; 0: not this key's signature; negative: libcrypto could not tell. */
static int run_verify(att_p256 *t, const uint8_t digest[static ATT_SHA256_LEN], att_bytes der)
{
	if (!t->fresh_contexts)
		return EVP_PKEY_verify(t->verify, der.ptr, der.len, digest, ATT_SHA256_LEN);
	EVP_PKEY_CTX *ctx = new_verify_context(t->key);
	if (!ctx)
		return -1;
	int r = EVP_PKEY_verify(ctx, der.ptr, der.len, digest, ATT_SHA256_LEN);
	EVP_PKEY_CTX_free(ctx);
	return r;
}

bool att_p256_verify_digest(att_p256 *t, const uint8_t point[static ATT_P256_POINT],
			    const uint8_t digest[static ATT_SHA256_LEN], att_bytes der)
{
	uint8_t rs[64];

	/* What is no strict DER never reaches libcrypto, so an error there is none of the input. */
	if (!att_ecdsa_der_to_rs(der, rs) || !set_point(t, point))
		return false;
	int r = run_verify(t, digest, der);
	if (r == 1)
		return true;
	if (r < 0)
		t->failed = true;
	ERR_clear_error();
	return false;
}

bool att_p256_self_test(att_p256 *t)
{
	att_bytes a = att_bytes_of(test_signature_a, sizeof(test_signature_a));
	att_bytes b = att_bytes_of(test_signature_b, sizeof(test_signature_b));
	uint8_t other_digest[ATT_SHA256_LEN], off_curve[ATT_P256_POINT];

	memcpy(other_digest, test_digest, sizeof(other_digest));
	other_digest[0] ^= 1;
	memcpy(off_curve, test_point_a, sizeof(off_curve));
	off_curve[ATT_P256_POINT - 1] ^= 1;
	return att_p256_verify_digest(t, test_point_a, test_digest, a) &&
	       !att_p256_verify_digest(t, test_point_b, test_digest, a) &&
	       att_p256_verify_digest(t, test_point_b, test_digest, b) &&
	       att_p256_verify_digest(t, test_point_a, test_digest, a) &&
	       !att_p256_verify_digest(t, test_point_a, other_digest, a) &&
	       !att_p256_verify_digest(t, off_curve, test_digest, a) &&
	       att_p256_verify_digest(t, test_point_a, test_digest, a);
}

/* Finds out whether the context may be kept; fresh ones must pass the same test. */
static att_rc prove(att_p256 *t, att_err *err)
{
	if (atomic_load_explicit(&kept_context_proven, memory_order_relaxed))
		return ATT_OK;
	if (att_p256_self_test(t)) {
		atomic_store_explicit(&kept_context_proven, true, memory_order_relaxed);
		return ATT_OK;
	}
	att_p256_use_fresh_contexts(t);
	if (!att_p256_self_test(t)) {
		if (t->failed)
			return att_fail(err, ATT_E_NOMEM, "out of memory for ECDSA with P-256");
		return att_fail(err, ATT_E_UNAVAILABLE,
				"libcrypto fails the self-test of ECDSA with P-256");
	}
	t->failed = false;
	return ATT_OK;
}

ATT_DEFINE_CLEANUP(att_p256, att_p256, att_p256_free)

att_rc att_p256_new(att_p256 **out, att_err *err)
{
	*out = NULL;
	__attribute__((cleanup(att_p256_cleanup))) att_p256 *t = calloc(1, sizeof(*t));
	if (!t)
		return att_fail(err, ATT_E_NOMEM, "out of memory for ECDSA with P-256");
	ERR_clear_error();
	att_rc rc = make_key(&t->key, err);
	if (rc != ATT_OK)
		return rc;
	t->verify = new_verify_context(t->key);
	if (!t->verify)
		return fail_setup(err, "ECDSA with P-256");
	rc = make_digest(&t->digest, err);
	if (rc != ATT_OK)
		return rc;
	rc = prove(t, err);
	if (rc != ATT_OK)
		return rc;
	*out = ATT_STEAL(t);
	return ATT_OK;
}

att_rc att_p256_like(const att_p256 *model, att_p256 **out, att_err *err)
{
	*out = NULL;
	__attribute__((cleanup(att_p256_cleanup))) att_p256 *t = calloc(1, sizeof(*t));
	if (!t)
		return att_fail(err, ATT_E_NOMEM, "out of memory for ECDSA with P-256");
	ERR_clear_error();
	t->key = EVP_PKEY_dup(model->key);
	t->verify = t->key ? new_verify_context(t->key) : NULL;
	if (!t->verify)
		return fail_setup(err, "ECDSA with P-256");
	t->fresh_contexts = model->fresh_contexts;
	att_rc rc = make_digest(&t->digest, err);
	if (rc != ATT_OK)
		return rc;
	*out = ATT_STEAL(t);
	return ATT_OK;
}

void att_p256_free(att_p256 *t)
{
	if (!t)
		return;
	EVP_PKEY_CTX_free(t->verify);
	EVP_PKEY_free(t->key);
	EVP_MD_CTX_free(t->digest);
	free(t);
}

void att_p256_use_fresh_contexts(att_p256 *t)
{
	t->fresh_contexts = true;
	t->point_known = false;
}

bool att_p256_uses_fresh_contexts(const att_p256 *t)
{
	return t->fresh_contexts;
}

bool att_p256_failed(att_p256 *t)
{
	bool failed = t->failed;

	t->failed = false;
	return failed;
}

bool att_sha256(att_p256 *t, att_bytes in, uint8_t out[static ATT_SHA256_LEN])
{
	return att_sha256_2(t, in, (att_bytes){ 0 }, out);
}

bool att_sha256_2(att_p256 *t, att_bytes a, att_bytes b, uint8_t out[static ATT_SHA256_LEN])
{
	if (EVP_DigestInit_ex2(t->digest, NULL, NULL) == 1 &&
	    EVP_DigestUpdate(t->digest, a.ptr, a.len) == 1 &&
	    EVP_DigestUpdate(t->digest, b.ptr, b.len) == 1 &&
	    EVP_DigestFinal_ex(t->digest, out, NULL) == 1)
		return true;
	memset(out, 0, ATT_SHA256_LEN);
	t->failed = true;
	ERR_clear_error();
	return false;
}

bool att_p256_on_curve(att_p256 *t, const uint8_t point[static ATT_P256_POINT])
{
	return set_point(t, point);
}

bool att_p256_verify(att_p256 *t, const uint8_t point[static ATT_P256_POINT], att_bytes msg,
		     att_bytes der)
{
	uint8_t digest[ATT_SHA256_LEN];

	return att_sha256(t, msg, digest) && att_p256_verify_digest(t, point, digest, der);
}

bool att_p256_verify_raw(att_p256 *t, const uint8_t point[static ATT_P256_POINT], att_bytes msg,
			 const uint8_t rs[static 64])
{
	uint8_t der[72];
	size_t len = att_p256_rs_to_der(rs, der);

	return att_p256_verify(t, point, msg, att_bytes_of(der, len));
}
