/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated quoting enclave: it has its attestation key certified by the platform's PCK once,
 * and then signs quotes of claims. Formats: Intel SGX and TDX DCAP quote library APIs. */
#ifndef ATT_PLATFORM_SIM_QUOTE_H
#define ATT_PLATFORM_SIM_QUOTE_H

#include "attest/evidence.h"
#include "platform/sim/pki.h"

enum att_sim_kind {
	ATT_SIM_SGX3,
	ATT_SIM_SGX4,
	ATT_SIM_SGX5,
	ATT_SIM_TDX4,
	ATT_SIM_TDX5,  /* version 5 with the TDX 1.0 body */
	ATT_SIM_TDX15, /* version 5 with the TDX 1.5 body */
	ATT_SIM_KINDS
};

/* "sgx3" and so on; NULL when out of range. Static. */
const char *att_sim_kind_name(enum att_sim_kind kind);
bool att_sim_kind_is_tdx(enum att_sim_kind kind);

/* What the quoting enclaves are, and what QE identities say of them. */
struct att_sim_qe_facts {
	uint8_t mr_signer[32];
	uint64_t attributes;
	uint16_t isv_prod_id;
	uint16_t isv_svn;
};
void att_sim_qe_facts(bool tdx, struct att_sim_qe_facts *out);

#define ATT_SIM_QE_AUTH 32

/* How a quote says which PCK certifies it (Intel DCAP quote format: certification data types). */
enum att_sim_certification {
	ATT_SIM_CERT_CHAIN,     /* type 5: the chain itself; what real platforms send */
	ATT_SIM_CERT_PPID,      /* type 1 */
	ATT_SIM_CERT_PPID_2048, /* type 2 */
	ATT_SIM_CERT_PPID_3072, /* type 3 */
	ATT_SIM_CERT_LEAF,      /* type 4 */
};

/* A quoting enclave with its certified attestation key. Lends the PCK. */
struct att_sim_qe {
	const struct att_sim_pck *pck;
	att_signer *attestation_key;
	uint8_t auth[ATT_SIM_QE_AUTH];
	att_buf report; /* 384 bytes */
	uint8_t report_signature[64];
	uint8_t id[16]; /* user data of the header */
	enum att_sim_certification certification;
};

/* `name` tells seeded attestation keys apart. *out is zero after a failure. */
att_rc att_sim_qe_make(const att_sim_pki *pki, const struct att_sim_pck *pck, bool tdx,
		       const char *name, struct att_sim_qe *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 4, 5);
void att_sim_qe_free(struct att_sim_qe *qe);

/* The same in two steps, for a quoting enclave that is an enclave: first its key, and what its
 * report data must be; then the PCK's signature over the 384 bytes of its report body. */
att_rc att_sim_qe_begin(const att_sim_pki *pki, const struct att_sim_pck *pck, const char *name,
			struct att_sim_qe *out, uint8_t report_data[static 64],
			att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3, 4);
att_rc att_sim_qe_certify(struct att_sim_qe *qe, att_bytes body, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

/* Where the signature by the attestation key begins in quotes of that kind, and their whole
 * length. */
size_t att_sim_quote_signature(enum att_sim_kind kind);
size_t att_sim_quote_len(const struct att_sim_qe *qe, enum att_sim_kind kind);

/* A PPID as a platform encrypts it for the provisioning service (RSA-3072, 384 bytes). What is made
 * here only looks so: the simulated service knows its platform's. ATT_E_UNAVAILABLE. */
#define ATT_SIM_ENCRYPTED_PPID 384
att_rc att_sim_encrypted_ppid(const uint8_t ppid[static 16],
			      uint8_t out[static ATT_SIM_ENCRYPTED_PPID],
			      att_err *err) ATT_MUST_USE;

/* Claims of an enclave or TD on that platform, with recognisable bytes for its measurements. */
void att_sim_claims(enum att_sim_kind kind, const struct att_platform *platform,
		    const uint8_t report_data[static 64], struct att_claims *out);

/* Appends the quote of the claims, which must be of the kind's TEE; the PCK chain is in it
 * (certification data type 5). ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_quote_make(const struct att_sim_qe *qe, enum att_sim_kind kind,
			  const struct att_claims *claims, att_buf *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 3, 4);

#endif
