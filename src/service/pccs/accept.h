/* SPDX-License-Identifier: Apache-2.0 */
/* What may enter the store: documents, CRLs and certificates that are authentic under the caller's
 * roots, in date, and what was asked for. The checks are those of verification (src/verify): chain,
 * names, constraints, signatures, revocation of the signer; signatures before content. */
#ifndef ATT_SERVICE_PCCS_ACCEPT_H
#define ATT_SERVICE_PCCS_ACCEPT_H

#include "attest/verify.h"
#include "base/buf.h"
#include "collateral/pcs.h"

/* How far an issuer's clock may be ahead of ours. */
#define ATT_PCCS_CLOCK_SLACK INT64_C(300)

struct att_pccs_trust {
	const att_roots *roots;
	int64_t now;
	att_bytes root_crl; /* DER, accepted before; empty while there is none */
};

/* When an accepted thing was issued and how long it serves; what orders it (service/pccs/store.h).
 * `issued` is filled as soon as a signature over it held, also when it then is refused because our
 * clock is behind it. */
struct att_pccs_dates {
	int64_t number; /* tcbEvaluationDataNumber or CRL number */
	int64_t issued;
	int64_t expires; /* of the document or of the first certificate of its chain to end */
};

/* All answer ATT_OK, or why not: ATT_E_FORMAT and its like, ATT_E_CHAIN (does not end in a root of
 * ours, names, constraints), ATT_E_SIGNATURE, ATT_E_REVOKED, ATT_E_MISMATCH (another FMSPC, CA,
 * TEE, version), ATT_E_EXPIRED (over), ATT_E_UNAVAILABLE (issued in the future: our clock is
 * behind), ATT_E_NOMEM. `chain` is PEM. */

/* The answers of the routes tcb, qe/identity, qve/identity, qae/identity and
 * tcbevaluationdatanumbers, for the request that they answer. */
att_rc att_pccs_accept_json(const struct att_pccs_trust *t, const struct att_pcs_request *r,
			    att_bytes body, att_bytes chain, struct att_pccs_dates *out,
			    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 5);

/* A PCK CA's CRL in DER; `ca` is "processor" or "platform". */
att_rc att_pccs_accept_pck_crl(const struct att_pccs_trust *t, const char *ca, att_bytes der,
			       att_bytes chain, struct att_pccs_dates *out,
			       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 5);

/* The root's CRL in DER: signed by one of our roots. */
att_rc att_pccs_accept_root_crl(const struct att_pccs_trust *t, att_bytes der,
				struct att_pccs_dates *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 3);

/* One PCK certificate (PEM) with its issuer chain (PEM: PCK CA, root), for a platform with this PCE
 * id. Fills *platform. `pck_crl`: the CA's CRL in DER, accepted before; empty while there is none.
 * Not established: that it is the certificate of the platform that asked, whose PPID only the
 * provisioning service can decrypt. */
att_rc att_pccs_accept_pck(const struct att_pccs_trust *t, att_bytes pem, att_bytes chain,
			   att_bytes pck_crl, const uint8_t pce_id[static 2],
			   struct att_platform *platform, struct att_pccs_dates *out,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 5, 6, 7);

/* The list that the route fmspcs answers is signed by nobody: only its form is looked at. */
att_rc att_pccs_accept_fmspcs(att_bytes body, att_err *err) ATT_MUST_USE;

#endif
