/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "attest/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every view must lie inside the evidence's own bytes. */
static void inside(att_bytes v, att_bytes all)
{
	if (v.len == 0)
		return;
	if (v.ptr < all.ptr || v.len > all.len || v.ptr > all.ptr + (all.len - v.len))
		abort();
}

static void check(const att_evidence *ev)
{
	att_bytes all = att_evidence_bytes(ev);
	const struct att_quote *q = att_evidence_quote(ev);

	if (att_evidence_claims(ev)->kind != att_evidence_kind(ev))
		abort();
	inside(att_evidence_report_key_id(ev), all);
	inside(att_evidence_report_mac(ev), all);
	if (!q)
		return;
	inside(q->signed_part, all);
	inside(q->signature, all);
	inside(q->attestation_key, all);
	inside(q->qe_report_raw, all);
	inside(q->qe_report_signature, all);
	inside(q->qe_auth_data, all);
	inside(q->cert_data, all);
	inside(q->ppid, all);
	if (q->signature.len != 64 || q->attestation_key.len != 64 || q->qe_report_raw.len != 384)
		abort();
	if (q->padding > all.len)
		abort();
}

/* A second parse into the same object, of the decoded bytes, must say the same. */
static void parse_again(att_evidence *ev)
{
	att_bytes all = att_evidence_bytes(ev);
	enum att_kind kind = att_evidence_kind(ev);
	uint8_t *copy = malloc(all.len);

	if (!copy)
		abort();
	memcpy(copy, all.ptr, all.len);
	att_bytes in = att_bytes_of(copy, all.len);
	if (att_evidence_reparse(ev, in, NULL) != ATT_OK || att_evidence_kind(ev) != kind)
		abort();
	check(ev);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_evidence *ev = NULL;
	att_err err;
	att_rc rc = att_evidence_parse(att_bytes_of(data, size), &ev, &err);

	if (rc != ATT_OK) {
		if (ev || err.rc != rc)
			abort();
		return 0;
	}
	check(ev);
	parse_again(ev);
	att_evidence_free(ev);
	return 0;
}
