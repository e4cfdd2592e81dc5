/* SPDX-License-Identifier: Apache-2.0 */
/* The evidence object: its decoded bytes, and what they say. */
#ifndef ATT_EVIDENCE_EVIDENCE_H
#define ATT_EVIDENCE_EVIDENCE_H

#include "attest/evidence.h"
#include "base/mem.h"

struct att_evidence {
	enum att_kind kind; /* 0 while the object holds nothing */
	enum att_encoding encoding;
	att_bytes bytes; /* lends from buf, as all views below */
	struct att_claims claims;
	struct att_quote quote; /* all zero for a REPORT */
	att_bytes report_key_id;
	att_bytes report_mac;
	att_bytes snp_signature;
	bool has_snp_certs;
	struct att_snp_certs snp_certs;
	uint8_t *buf;
	size_t cap;
};

ATT_DEFINE_CLEANUP(att_evidence, att_evidence, att_evidence_free)
#define att_auto_evidence __attribute__((cleanup(att_evidence_cleanup))) att_evidence

#endif
