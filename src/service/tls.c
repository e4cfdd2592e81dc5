/* SPDX-License-Identifier: Apache-2.0 */
#include "service/tls.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/files.h"

#define PEM_MAX ((size_t)256 << 10)

ATT_DEFINE_CLEANUP(ctx, SSL_CTX, SSL_CTX_free)
ATT_DEFINE_CLEANUP(bio, BIO, BIO_free_all)
ATT_DEFINE_CLEANUP(x509, X509, X509_free)
ATT_DEFINE_CLEANUP(pkey, EVP_PKEY, EVP_PKEY_free)
#define auto_ctx  __attribute__((cleanup(ctx_cleanup)))
#define auto_bio  __attribute__((cleanup(bio_cleanup)))
#define auto_x509 __attribute__((cleanup(x509_cleanup)))
#define auto_pkey __attribute__((cleanup(pkey_cleanup)))

/* What libcrypto thought of it is nobody's later error. */
static att_rc refuse(att_err *err, att_rc rc, const char *what)
{
	ERR_clear_error();
	return att_fail(err, rc, "%s", what);
}

static BIO *bio_of(att_bytes b)
{
	return b.len && b.len <= PEM_MAX ? BIO_new_mem_buf(b.ptr, (int)b.len) : NULL;
}

/* A key under a passphrase is none that a service can use: nobody is there to ask. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static att_rc use_chain(SSL_CTX *ctx, att_bytes pem, att_err *err)
{
	auto_bio BIO *in = bio_of(pem);
	auto_x509 X509 *leaf = in ? PEM_read_bio_X509(in, NULL, no_passphrase, NULL) : NULL;

	if (!leaf || SSL_CTX_use_certificate(ctx, leaf) != 1)
		return refuse(err, ATT_E_FORMAT, "no certificate of a TLS server in PEM");
	X509 *next;
	while ((next = PEM_read_bio_X509(in, NULL, no_passphrase, NULL))) {
		if (SSL_CTX_add0_chain_cert(ctx, next) != 1) {
			X509_free(next);
			return refuse(err, ATT_E_FORMAT,
				      "a certificate chain that can not be used");
		}
	}
	ERR_clear_error();
	return ATT_OK;
}

static att_rc use_key(SSL_CTX *ctx, att_bytes pem, att_err *err)
{
	auto_bio BIO *in = bio_of(pem);
	auto_pkey EVP_PKEY *key =
	    in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;

	if (!key)
		return refuse(err, ATT_E_FORMAT,
			      "no private key in PEM without a passphrase for TLS");
	if (SSL_CTX_use_PrivateKey(ctx, key) != 1 || SSL_CTX_check_private_key(ctx) != 1)
		return refuse(err, ATT_E_MISMATCH,
			      "the private key for TLS is not the certificate's");
	return ATT_OK;
}

att_rc att_tls_new(att_bytes chain, att_bytes key, struct ssl_ctx_st **out, att_err *err)
{
	*out = NULL;
	auto_ctx SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	if (!ctx || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
		return refuse(err, ATT_E_NOMEM, "no TLS context");
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
				     SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* A write that has to wait is made again from the same bytes at another place; buffers of
	 * connections that idle are given back. */
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(ctx, 1);
	/* Tickets are sealed by a key of this process; sessions of TLS 1.2 are not kept. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	att_rc rc = use_chain(ctx, chain, err);
	if (rc == ATT_OK)
		rc = use_key(ctx, key, err);
	if (rc != ATT_OK)
		return rc;
	*out = ATT_STEAL(ctx);
	return ATT_OK;
}

void att_tls_free(struct ssl_ctx_st *tls)
{
	SSL_CTX_free(tls);
}

static att_rc exists(const char *path, att_buf *content, bool *there, att_err *err)
{
	att_rc rc = att_file_read(path, PEM_MAX, content, err);

	*there = rc == ATT_OK;
	return rc == ATT_E_MISSING ? (att_rc)ATT_OK : rc;
}

static att_rc make_files(const char *chain_path, const char *key_path, const char *ca_path,
			 const char *names, int64_t now, att_buf *chain, att_buf *key, att_err *err)
{
	att_auto_buf att_buf ca = { 0 };

	att_rc rc = att_tls_make(names, now, 825, chain, key, &ca, err);
	/* The certificate last: what is there without it is made anew by whoever comes next. */
	if (rc == ATT_OK && ca_path)
		rc = att_file_write(ca_path, att_buf_bytes(&ca), 0644, err);
	if (rc == ATT_OK)
		rc = att_file_write(key_path, att_buf_bytes(key), 0600, err);
	if (rc == ATT_OK)
		rc = att_file_write(chain_path, att_buf_bytes(chain), 0644, err);
	return rc;
}

att_rc att_tls_from_files(const char *chain_path, const char *key_path, const char *ca_path,
			  const char *names, int64_t now, struct ssl_ctx_st **out, att_err *err)
{
	att_auto_buf att_buf chain = { 0 };
	att_auto_buf att_buf key = { 0 };
	bool has_chain = false;
	bool has_key = false;

	*out = NULL;
	att_rc rc = exists(chain_path, &chain, &has_chain, err);
	if (rc == ATT_OK)
		rc = exists(key_path, &key, &has_key, err);
	if (rc == ATT_OK && has_chain && !has_key)
		rc = att_fail(err, ATT_E_MISSING, "%s is there, and its key %s is not", chain_path,
			      key_path);
	if (rc == ATT_OK && !has_chain) {
		att_wipe(key.ptr, key.len);
		key.len = 0;
		rc = make_files(chain_path, key_path, ca_path, names, now, &chain, &key, err);
	}
	if (rc == ATT_OK)
		rc = att_tls_new(att_buf_bytes(&chain), att_buf_bytes(&key), out, err);
	if (key.ptr)
		att_wipe(key.ptr, key.cap);
	return rc;
}
