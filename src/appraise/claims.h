/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of one enclave or TD as JSON, the same wherever they are printed. */
#ifndef ATT_APPRAISE_CLAIMS_H
#define ATT_APPRAISE_CLAIMS_H

#include "attest/evidence.h"
#include "codec/json.h"

/* Writes one object: byte fields as hex in memory order, bit fields as "0x…" (most significant
 * digit first, as policies take them), and `debug`. doc/result-tokens.md lists the members. */
void att_jw_claims(att_jsonw *w, const struct att_claims *c);

#endif
