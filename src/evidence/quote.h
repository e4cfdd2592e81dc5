/* SPDX-License-Identifier: Apache-2.0 */
/* The quote's own layout; no encodings, no ownership. */
#ifndef ATT_EVIDENCE_QUOTE_H
#define ATT_EVIDENCE_QUOTE_H

#include "attest/evidence.h"

/* Parse a binary quote of version 3, 4 or 5. The views in `q` lend from `in`; `claims` gets the
 * attested body. The QE vendor id is reported, not judged.
 *
 * ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_FORMAT, ATT_E_UNSUPPORTED. */
att_rc att_quote_parse(att_bytes in, struct att_quote *q, struct att_claims *claims,
		       att_err *err) ATT_MUST_USE;

#endif
