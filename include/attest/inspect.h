/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into evidence and collateral without judging them: what certificates, CRLs, TCB info and
 * identities say of themselves, for printing. Nothing here is authenticated. */
#ifndef ATTEST_INSPECT_H
#define ATTEST_INSPECT_H

#include "attest/base.h"
#include "attest/collateral.h"
#include "attest/verify.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ATT_CERTS_MAX 8

/* One certificate of Intel's profile. Names are text from outside: escape them before printing. */
struct att_cert_facts {
	char subject[72]; /* commonName; cut off when longer */
	char issuer[72];
	uint8_t serial[20];
	size_t serial_len;
	int64_t not_before;
	int64_t not_after;
	uint8_t sha256[32]; /* of the certificate's DER */
	bool is_ca;
	int path_len;      /* -1 when absent */
	bool simulated;    /* carries attest's mark of simulated platforms */
	bool has_platform; /* carries the SGX extension */
	struct att_platform platform;
};

/* Reads PEM blocks "CERTIFICATE", one to ATT_CERTS_MAX, or the DER of one certificate, into `out`;
 * `*count` of them. ATT_E_FORMAT and its like (err->offset is in `in` or in a certificate's DER),
 * ATT_E_UNSUPPORTED (another algorithm or curve), ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
ATT_API att_rc att_certs_read(att_bytes in, struct att_cert_facts out[ATT_CERTS_MAX], size_t *count,
			      att_err *err) ATT_MUST_USE ATT_NONNULL(2, 3);

struct att_crl_facts {
	char issuer[72]; /* commonName; cut off when longer */
	int64_t this_update;
	int64_t next_update;
	int64_t number; /* -1 when absent */
	size_t revoked; /* certificates listed */
};

/* Reads one CRL in DER, PEM or hex. Errors as above. */
ATT_API att_rc att_crl_read(att_bytes in, struct att_crl_facts *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

struct att_tcb_info_facts {
	int version; /* 2 or 3 */
	bool tdx;
	int64_t issue_date;
	int64_t next_update;
	uint8_t fmspc[6];
	uint8_t pce_id[2];
	int64_t evaluation; /* tcbEvaluationDataNumber */
	size_t levels;
	size_t modules;      /* tdxModuleIdentities */
	bool with_signature; /* a service's answer: the signature is in the same text */
};

/* Reads a TCB info, the signed text or the service's answer around it. ATT_E_FORMAT and its like,
 * ATT_E_NOMEM. */
ATT_API att_rc att_tcb_info_read(att_bytes in, struct att_tcb_info_facts *out,
				 att_err *err) ATT_MUST_USE ATT_NONNULL(2);

struct att_identity_facts {
	const char *id; /* "QE", "TD_QE", "QVE"; static */
	int64_t issue_date;
	int64_t next_update;
	int64_t evaluation;
	uint8_t mr_signer[32];
	uint16_t isv_prod_id;
	size_t levels;
	bool with_signature; /* a service's answer: the signature is in the same text */
};

/* Reads an enclave identity, the signed text or the service's answer around it. Errors as above. */
ATT_API att_rc att_identity_read(att_bytes in, struct att_identity_facts *out,
				 att_err *err) ATT_MUST_USE ATT_NONNULL(2);

/* SHA-256, for callers that bind report data to a hash. ATT_E_UNAVAILABLE when libcrypto fails. */
ATT_API att_rc att_hash_sha256(att_bytes in, uint8_t out[32], att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

#ifdef __cplusplus
}
#endif
#endif
