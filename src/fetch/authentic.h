/* SPDX-License-Identifier: Apache-2.0 */
/* Is an answer what its signers made, under the caller's roots? Issuer chains and signatures, as
 * verification checks them; dates and revocation are verification's, at the time it is given. */
#ifndef ATT_FETCH_AUTHENTIC_H
#define ATT_FETCH_AUTHENTIC_H

#include "attest/evidence.h"
#include "attest/verify.h"
#include "collateral/pcs.h"

/* What the authentic document says of itself. */
struct att_authentic {
	int64_t issued;
	int64_t expires;
	int64_t evaluation; /* tcbEvaluationDataNumber; -1: it has none */
	int64_t number;     /* cRLNumber; -1: it has none */
	bool unordered;     /* a PCK certificate: a later one replaces no earlier one */
};

/* `answer` is one that att_answer_judge() has passed (CRLs in DER). For pckcert, pckcrl, rootcacrl,
 * tcb, identities and evaluation numbers; ATT_E_UNSUPPORTED for what nobody signs. ATT_E_CHAIN,
 * ATT_E_SIGNATURE, ATT_E_MISMATCH (about something else than was asked for), ATT_E_FORMAT and its
 * like, ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_authenticate(const att_roots *roots, const struct att_pcs_request *r,
			const struct att_http_response *answer, struct att_authentic *out,
			att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3, 4);

/* Did the platform with this PCK certificate (PEM) sign the quote's QE report? Intel's services say
 * of no certificate for which platform it is: the quote does. False also when that can not be
 * told. */
bool att_authentic_signed_by(const att_roots *roots, const struct att_quote *q, att_bytes pck)
    ATT_NONNULL(1, 2);

#endif
