/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pccs/renew.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/error.h"

att_rc att_tls_renew(struct ssl_ctx_st *tls, struct ssl_ctx_st *fresh, att_err *err)
{
	STACK_OF(X509) *chain = NULL;

	if (SSL_CTX_get0_chain_certs(fresh, &chain) == 1 &&
	    SSL_CTX_use_cert_and_key(tls, SSL_CTX_get0_certificate(fresh),
				     SSL_CTX_get0_privatekey(fresh), chain, 1) == 1)
		return ATT_OK;
	ERR_clear_error();
	return att_fail(err, ATT_E_UNAVAILABLE, "tls: the new certificate can not be used");
}
