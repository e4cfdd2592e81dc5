/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "service/files.h"
#include "service/tls.h"

#define NOW INT64_C(1750000000)

static char folder[] = "/tmp/att-tls-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	att_dir_remove(folder);
	return 0;
}

struct made {
	att_buf chain;
	att_buf key;
	att_buf ca;
};

static void make(struct made *m)
{
	*m = (struct made){ 0 };
	assert_int_equal(
	    att_tls_make("localhost 127.0.0.1 ::1", NOW, 30, &m->chain, &m->key, &m->ca, NULL),
	    ATT_OK);
}

static void drop(struct made *m)
{
	att_buf_free(&m->chain);
	att_buf_free(&m->key);
	att_buf_free(&m->ca);
}

static X509 *first(const att_buf *pem)
{
	BIO *in = BIO_new_mem_buf(pem->ptr, (int)pem->len);
	X509 *cert = PEM_read_bio_X509(in, NULL, NULL, NULL);

	BIO_free(in);
	assert_non_null(cert);
	return cert;
}

/* Does libcrypto accept the leaf under the authority, strictly, at that time and for that name? */
static bool accepted(const struct made *m, const char *host, const char *ip, int64_t when)
{
	X509 *leaf = first(&m->chain);
	X509 *ca = first(&m->ca);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	assert_int_equal(X509_STORE_add_cert(store, ca), 1);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, NULL), 1);
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
	X509_VERIFY_PARAM_set_time(param, (time_t)when);
	if (host)
		X509_VERIFY_PARAM_set1_host(param, host, 0);
	if (ip)
		X509_VERIFY_PARAM_set1_ip_asc(param, ip);
	bool ok = X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(leaf);
	X509_free(ca);
	return ok;
}

static void test_made_certificate(void **state)
{
	struct made m;

	(void)state;
	make(&m);
	assert_true(accepted(&m, "localhost", NULL, NOW));
	assert_true(accepted(&m, NULL, "127.0.0.1", NOW));
	assert_true(accepted(&m, NULL, "::1", NOW + 29 * 86400));
	assert_false(accepted(&m, "example.org", NULL, NOW));
	assert_false(accepted(&m, NULL, "127.0.0.2", NOW));
	assert_false(accepted(&m, "localhost", NULL, NOW + 31 * 86400));
	assert_false(accepted(&m, "localhost", NULL, NOW - 2 * 86400));
	drop(&m);
}

static void test_names(void **state)
{
	static const char *const bad[] = {
		"", "   ", "a,DNS:b", "a/b", "a\nb", "1 2 3 4 5 6 7 8 9",
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		struct made m = { 0 };
		assert_int_equal(att_tls_make(bad[i], NOW, 1, &m.chain, &m.key, &m.ca, NULL),
				 ATT_E_ARG);
		assert_int_equal(m.chain.len + m.key.len + m.ca.len, 0);
		drop(&m);
	}
}

static void test_context(void **state)
{
	struct made one, two;
	struct ssl_ctx_st *tls;
	att_bytes none = { NULL, 0 };

	(void)state;
	make(&one);
	make(&two);
	att_bytes chain = att_buf_bytes(&one.chain);
	att_bytes key = att_buf_bytes(&one.key);
	assert_int_equal(att_tls_new(chain, key, &tls, NULL), ATT_OK);
	assert_int_equal(SSL_CTX_get_min_proto_version(tls), TLS1_2_VERSION);
	att_tls_free(tls);
	assert_int_equal(att_tls_new(chain, att_buf_bytes(&two.key), &tls, NULL), ATT_E_MISMATCH);
	assert_null(tls);
	assert_int_equal(att_tls_new(chain, chain, &tls, NULL), ATT_E_FORMAT);
	assert_int_equal(att_tls_new(key, key, &tls, NULL), ATT_E_FORMAT);
	assert_int_equal(att_tls_new(none, key, &tls, NULL), ATT_E_FORMAT);
	assert_int_equal(att_tls_new(chain, none, &tls, NULL), ATT_E_FORMAT);
	att_tls_free(NULL);
	drop(&one);
	drop(&two);
}

static void test_files(void **state)
{
	char chain[80], key[80], ca[80];
	struct ssl_ctx_st *tls;
	att_auto_buf att_buf before = { 0 }, after = { 0 };
	struct stat st;
	att_err err = { 0 };

	(void)state;
	snprintf(chain, sizeof(chain), "%s/chain", folder);
	snprintf(key, sizeof(key), "%s/key", folder);
	snprintf(ca, sizeof(ca), "%s/ca", folder);
	assert_int_equal(att_tls_from_files(chain, key, ca, "localhost", NOW, &tls, NULL), ATT_OK);
	att_tls_free(tls);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(access(ca, F_OK), 0);
	/* The next start has the same. */
	assert_int_equal(att_file_read(chain, 9999, &before, NULL), ATT_OK);
	assert_int_equal(att_tls_from_files(chain, key, ca, "localhost", NOW, &tls, NULL), ATT_OK);
	att_tls_free(tls);
	assert_int_equal(att_file_read(chain, 9999, &after, NULL), ATT_OK);
	assert_true(att_bytes_eq(att_buf_bytes(&before), att_buf_bytes(&after)));
	/* A crash between key and chain is mended; a chain whose key is lost is not. */
	unlink(chain);
	assert_int_equal(att_tls_from_files(chain, key, NULL, "localhost", NOW, &tls, NULL),
			 ATT_OK);
	att_tls_free(tls);
	unlink(key);
	assert_int_equal(att_tls_from_files(chain, key, ca, "localhost", NOW, &tls, &err),
			 ATT_E_MISSING);
	assert_non_null(strstr(err.msg, key));
	unlink(chain);
	assert_int_equal(att_tls_from_files("/nowhere/chain", "/nowhere/key", NULL, "localhost",
					    NOW, &tls, NULL),
			 ATT_E_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_certificate),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
