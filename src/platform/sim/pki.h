/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated platform's certificate authorities: Intel's SGX PKI in shape and names, under a
 * root that says of itself that it is simulated (crypto/x509.h, att_sim_marker_oid). */
#ifndef ATT_PLATFORM_SIM_PKI_H
#define ATT_PLATFORM_SIM_PKI_H

#include "attest/verify.h"
#include "crypto/issue.h"

#define ATT_SIM_DAY INT64_C(86400)

/* Where keys come from: hashes of the seed, or chance where it is empty. */
#define ATT_SIM_SEED_MAX 64
struct att_sim_seed {
	char text[ATT_SIM_SEED_MAX + 1];
};

enum att_sim_authority {
	ATT_SIM_ROOT,
	ATT_SIM_PROCESSOR_CA,
	ATT_SIM_PLATFORM_CA,
	ATT_SIM_TCB_SIGNER,
	ATT_SIM_AUTHORITIES
};

typedef struct att_sim_pki att_sim_pki;

/* Makes the authorities; their certificates are valid from a year before `now` to twenty after.
 * ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_pki_new(const struct att_sim_seed *seed, int64_t now, att_sim_pki **out,
		       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);
void att_sim_pki_free(att_sim_pki *pki);

/* One certificate as a PEM block, lent. */
att_bytes att_sim_pki_pem(const att_sim_pki *pki, enum att_sim_authority who);

/* Appends the PEM of `who` and of the root above it. */
void att_sim_pki_put_chain(const att_sim_pki *pki, enum att_sim_authority who, att_buf *pem);

/* Appends the CRL of the root or of a PCK CA in DER: fresh at `now`, for thirty days. */
att_rc att_sim_pki_crl(const att_sim_pki *pki, enum att_sim_authority who, int64_t now,
		       const uint64_t *revoked, size_t revoked_count, att_buf *der,
		       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 6);

/* The same on the caller's terms; terms->issuer is not looked at. */
att_rc att_sim_pki_crl_of(const att_sim_pki *pki, enum att_sim_authority who,
			  const struct att_issue_crl *terms, att_buf *der,
			  att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3, 4);

/* Where that CRL is said to be, as the certificates below it say. Static. */
const char *att_sim_pki_crl_url(enum att_sim_authority who);

/* The serial number of its certificate. */
uint64_t att_sim_pki_serial(const att_sim_pki *pki, enum att_sim_authority who);

/* The TCB signing key's signature: r, s. */
att_rc att_sim_pki_sign_json(const att_sim_pki *pki, att_bytes text, uint8_t rs[static 64],
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);

/* A processor's PCK: its key and the chain that certifies it. */
struct att_sim_pck {
	att_signer *key;
	struct att_platform platform;
	uint64_t serial;
	att_buf chain;   /* PEM: PCK, PCK CA, root */
	size_t leaf_len; /* of the PCK certificate at its beginning */
};

/* Certifies a new key for the platform, by the Platform CA when platform->platform_ca. `name` tells
 * seeded keys apart. *out is zero after a failure. */
att_rc att_sim_pck_make(const att_sim_pki *pki, const struct att_platform *platform,
			const char *name, struct att_sim_pck *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 3, 4);
void att_sim_pck_free(struct att_sim_pck *pck);

/* A key for whatever else signs (attestation keys): from the PKI's seed, or random. */
att_rc att_sim_pki_key(const att_sim_pki *pki, const char *name, att_signer **out,
		       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

#endif
