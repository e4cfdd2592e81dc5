/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and CRLs in the shape of Intel's SGX PKI (Intel SGX PCK certificate and CRL profile
 * specification), issued by keys of the caller's. For simulated platforms: not in libattest.so. */
#ifndef ATT_CRYPTO_ISSUE_H
#define ATT_CRYPTO_ISSUE_H

#include "attest/base.h"
#include "base/buf.h"
#include "crypto/sign.h"

#define ATT_KEY_ID 20

/* A name and a key: who a certificate is for, or who issues. The rest of every name is that of
 * Intel's certificates, which clients look at. */
struct att_issue_party {
	const char *common_name;
	const att_signer *key;
	uint8_t key_id[ATT_KEY_ID];
};

struct att_issue_cert {
	const struct att_issue_party *subject;
	const struct att_issue_party *issuer; /* the subject itself: self-signed */
	uint64_t serial;                      /* above 0 */
	int64_t not_before;
	int64_t not_after;
	bool ca;
	unsigned path_len;       /* of a CA */
	const char *crl_url;     /* where the issuer's CRL would be; at most 251 bytes */
	att_bytes sgx_extension; /* DER; empty: none */
	bool sim_marker;
};

/* Appends one certificate in DER. ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_issue_cert(const struct att_issue_cert *c, att_buf *der, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

struct att_issue_crl {
	const struct att_issue_party *issuer;
	int64_t this_update;
	int64_t next_update;
	uint64_t number;
	const uint64_t *revoked; /* serial numbers, revoked at this_update */
	size_t revoked_count;
};

/* Appends one CRL in DER. Errors as above. */
att_rc att_issue_crl(const struct att_issue_crl *c, att_buf *der, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

/* A key id: the first 20 bytes of the SHA-256 of the public point, behind the mark of simulated
 * keys where `simulated`. */
att_rc att_issue_key_id(const att_signer *key, bool simulated, uint8_t out[static ATT_KEY_ID],
			att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);

#endif
