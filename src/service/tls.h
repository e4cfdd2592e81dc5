/* SPDX-License-Identifier: Apache-2.0 */
/* The server side of TLS: an SSL_CTX from a certificate and a key, and a certificate for those who
 * have none. TLS 1.2 at least, no compression, no renegotiation. */
#ifndef ATT_SERVICE_TLS_H
#define ATT_SERVICE_TLS_H

#include "attest/base.h"
#include "base/buf.h"

struct ssl_ctx_st;

/* A certificate chain (leaf first) and its private key, in PEM. Errors name what is wrong with
 * which of them. *out is freed with att_tls_free(). ATT_E_FORMAT, ATT_E_MISMATCH (not the
 * certificate's key), ATT_E_NOMEM. */
att_rc att_tls_new(att_bytes chain, att_bytes key, struct ssl_ctx_st **out,
		   att_err *err) ATT_MUST_USE ATT_NONNULL(3);
void att_tls_free(struct ssl_ctx_st *tls);

/* Makes a P-256 key, a certificate for `names` (host names and addresses, blanks between), valid
 * from a day before `now` for `days`, and the authority that issued it, whose key is forgotten:
 * nothing else can ever be issued under it. Appends PEM: `chain` is leaf and authority, `key` the
 * leaf's (wipe it), `ca` the authority alone, for clients to trust. ATT_E_NOMEM, ATT_E_UNAVAILABLE,
 * ATT_E_ARG (names). */
att_rc att_tls_make(const char *names, int64_t now, unsigned days, att_buf *chain, att_buf *key,
		    att_buf *ca, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 4, 5, 6);

/* As att_tls_new(), from two files; where neither exists they are made with att_tls_make() (key
 * mode 0600, written atomically). One alone is an error. `ca_path`: where the authority of a made
 * one goes; NULL: nowhere. Also ATT_E_IO. */
att_rc att_tls_from_files(const char *chain_path, const char *key_path, const char *ca_path,
			  const char *names, int64_t now, struct ssl_ctx_st **out,
			  att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 4, 6);

#endif
