/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence and collateral to verdict. The input is a 4-byte little-endian length, that many
 * bytes of evidence, and collateral in any form. One-shot and remembered verification must
 * agree, every check must be decided or excused, and a verdict must exist exactly when the
 * report says authentic. */
#include <stdlib.h>
#include <string.h>

#include "attest/verify.h"
#include "base/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The time is the input's to choose too: the low bits of its length move it over the years. */
static int64_t time_of(size_t size)
{
	return INT64_C(1500000000) + (int64_t)(size % 64) * 12000000;
}

/* Trusts whatever root the collateral brings, so that inputs reach beyond the first check of a
 * chain. */
static void trust(att_roots *roots, const att_collateral *co)
{
	static const char begin[] = "-----BEGIN CERTIFICATE";
	att_bytes pem = att_collateral_get(co, ATT_ITEM_PCK_CRL_ISSUER_CHAIN);

	for (size_t i = pem.len; i-- > 0;) {
		if (pem.len - i < sizeof(begin) ||
		    memcmp(pem.ptr + i, begin, sizeof(begin) - 1) != 0)
			continue;
		(void)!att_roots_add(roots, att_bytes_of(pem.ptr + i, pem.len - i), "it", NULL);
		return;
	}
}

static void judge(const struct att_verify_in *in, att_verifier *v)
{
	att_report *once = NULL, *again = NULL;
	att_verdict *verdict = NULL, *second = NULL;

	att_rc rc = att_verify(in, &once, &verdict, NULL);
	if (!once || (rc == ATT_OK) != (verdict != NULL) ||
	    att_report_authentic(once) != (verdict != NULL) || att_report_rc(once) != rc)
		abort();
	for (int i = 0; i < 2; i++) {
		if (att_verifier_run(v, in, &again, &second, NULL) != rc ||
		    (second != NULL) != (verdict != NULL))
			abort();
		for (size_t c = 0; c < att_report_count(once); c++) {
			struct att_check a, b;

			att_report_check(once, c, &a);
			att_report_check(again, c, &b);
			if (a.outcome != b.outcome || a.outcome < ATT_PASS)
				abort();
		}
		att_verifier_recycle(v, again, second);
	}
	att_report_free(once);
	att_verdict_free(verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_reader r = att_reader_of(att_bytes_of(data, size));
	uint32_t len = att_le32(&r, "length");
	att_bytes quote = att_view(&r, len, "evidence");
	att_evidence *ev = NULL;
	att_collateral *co = NULL;
	att_verifier *v = NULL;
	att_roots *roots = NULL;

	if (att_reader_ok(&r, NULL) == ATT_OK && att_evidence_parse(quote, &ev, NULL) == ATT_OK &&
	    att_collateral_parse(att_peek_rest(&r), &co, NULL) == ATT_OK) {
		struct att_verify_in in = { ev, co, roots = att_roots_intel(), time_of(size),
					    ATT_UNBOUND };

		if (!roots || att_verifier_new(ATT_VERIFIER_DEFAULTS, &v, NULL) != ATT_OK)
			abort();
		trust(roots, co);
		judge(&in, v);
	}
	att_verifier_free(v);
	att_roots_free(roots);
	att_collateral_free(co);
	att_evidence_free(ev);
	return 0;
}
