/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and CRLs of the profile that Intel's SGX PKI uses (RFC 5280 with P-256 and
 * SHA-256 only), read without decoding keys: d2i_X509 costs more than two signature
 * verifications. Strict DER; every field of the profile is checked, every other shape is
 * refused. Views lend from the DER given. Nothing here checks a signature, a date or a chain:
 * that is verify/. */
#ifndef ATT_CRYPTO_X509_H
#define ATT_CRYPTO_X509_H

#include "attest/base.h"
#include "crypto/p256.h"

#define ATT_CERT_MAX   8192u /* DER bytes of one certificate */
#define ATT_CRL_MAX    ((size_t)1 << 20)
#define ATT_SERIAL_MAX 20u

/* keyUsage bits as in RFC 5280 section 4.2.1.3 (bit 0 is digitalSignature). */
#define ATT_KU_DIGITAL_SIGNATURE (1u << 0)
#define ATT_KU_KEY_CERT_SIGN     (1u << 5)
#define ATT_KU_CRL_SIGN          (1u << 6)

struct att_cert {
	att_bytes der;
	att_bytes tbs;       /* signed bytes, header included */
	att_bytes signature; /* ECDSA-Sig-Value */
	att_bytes serial;    /* INTEGER contents; positive, at most 20 bytes */
	att_bytes issuer;    /* Name, whole DER element */
	att_bytes subject;
	att_bytes issuer_cn; /* the last commonName's text; empty when there is none */
	att_bytes subject_cn;
	int64_t not_before;
	int64_t not_after;
	uint8_t point[ATT_P256_POINT];
	att_bytes skid;          /* subjectKeyIdentifier contents; empty when absent */
	att_bytes akid;          /* authorityKeyIdentifier keyIdentifier; empty when absent */
	att_bytes sgx_extension; /* 1.2.840.113741.1.13.1 value; empty when absent */
	att_bytes
	    unknown_critical; /* OID contents of the first critical extension not understood */
	bool has_basic_constraints;
	bool is_ca;
	int path_len; /* -1 when absent */
	bool has_key_usage;
	uint16_t key_usage;
	bool sim_marker; /* attest's "simulated" extension is present */
};

/* v3, ecdsa-with-SHA256 (inner and outer equal), id-ecPublicKey with prime256v1 and an
 * uncompressed point, each extension at most once. ATT_E_FORMAT (DER, profile),
 * ATT_E_UNSUPPORTED (algorithm, curve), ATT_E_TRUNCATED, ATT_E_TRAILING; offsets from the start
 * of `der`. */
att_rc att_cert_parse(att_bytes der, struct att_cert *out, att_err *err) ATT_MUST_USE;

/* The same certificate elsewhere: *out becomes what att_cert_parse would read from `der`, whose
 * bytes equal same->der. */
void att_cert_move(const struct att_cert *same, att_bytes der, struct att_cert *out);

struct att_crl {
	att_bytes der;
	att_bytes tbs;
	att_bytes signature;
	att_bytes issuer;
	att_bytes issuer_cn;
	int64_t this_update;
	int64_t next_update;
	bool has_number;
	uint64_t number; /* cRLNumber; refused when over 63 bits */
	att_bytes akid;
	att_bytes revoked; /* contents of revokedCertificates; empty when none */
	size_t revoked_count;
};

/* v2, ecdsa-with-SHA256, nextUpdate required, at most ATT_CRL_MAX bytes; unknown critical
 * extensions (of the list or of an entry: indirect CRLs, removeFromCRL) are refused. Every
 * entry is checked here. */
att_rc att_crl_parse(att_bytes der, struct att_crl *out, att_err *err) ATT_MUST_USE;

/* attest's marker of simulated roots (doc/architecture.md): a non-critical extension, and the
 * key-id prefix for roots whose clients can not bear the extension. */
extern const uint8_t att_sim_marker_oid[];
extern const size_t att_sim_marker_oid_len;
#define ATT_SIM_KEYID_PREFIX "attest-sim"

/* True when the certificate carries the marker or its key id starts with the prefix. */
bool att_cert_simulated(const struct att_cert *c);

#endif
