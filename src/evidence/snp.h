/* SPDX-License-Identifier: Apache-2.0 */
/* AMD SEV-SNP: the attestation report, and the certificate table that a host gives with it. */
#ifndef ATT_EVIDENCE_SNP_H
#define ATT_EVIDENCE_SNP_H

#include "attest/evidence.h"

#define ATT_SNP_REPORT_LEN 1184

/* Has it the length, version and signature algorithm of a report? */
bool att_snp_looks(att_bytes in);

/* Parse a binary ATTESTATION_REPORT of versions 2 to 5; `signature` lends from `in`.
 * ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_FORMAT, ATT_E_UNSUPPORTED. */
att_rc att_snp_parse(att_bytes in, struct att_snp_body *body, att_bytes *signature,
		     att_err *err) ATT_MUST_USE;

#endif
