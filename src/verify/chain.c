/* SPDX-License-Identifier: Apache-2.0 */
/* What every chain of Intel's PKI must show, beside being readable. */
#include <string.h>

#include "verify/run.h"

static void faultless(struct att_report *r, enum att_check_no ck, const char *expected,
		      const struct att_fault *f)
{
	struct att_record *rec = &r->rec[ck];

	att_set_fixed(&rec->expected, expected);
	if (f->what)
		att_set_text(r, &rec->seen, "certificate %zu %s", f->certificate, f->what);
	else
		att_set_fixed(&rec->seen, "so it is");
	att_judge(r, ck, !f->what);
}

static void signatures(struct att_report *r, enum att_check_no ck, const struct att_chain *c)
{
	struct att_record *rec = &r->rec[ck];

	att_set_fixed(&rec->expected, "every signature holds");
	for (size_t i = 0; i < c->count; i++) {
		if (!c->signed_by_next[i]) {
			att_set_text(r, &rec->seen,
				     "the signature of certificate %zu does not hold", i + 1);
			att_failed(r, ck);
			return;
		}
	}
	att_set_uint(&rec->seen, c->count);
	att_pass(r, ck);
}

/* The PCK chain must end in a root of the caller's; every other chain in that same root, so that
 * what one root vouches for never speaks about a platform of another. */
static void root(struct att_run *run, enum att_check_no ck, const struct att_chain *c)
{
	struct att_record *rec = &run->r->rec[ck];
	const struct att_cert *top = &c->cert[c->count - 1];

	if (ck != CK_PCK_ROOT && !ATT_AFTER(run->r, ck, CK_PCK_ROOT))
		return;
	att_set_hex(&rec->seen, top->point + 1, 32);
	if (ck != CK_PCK_ROOT) {
		const struct att_chain *pck = &run->pck->chain;
		const struct att_cert *same = &pck->cert[pck->count - 1];

		att_set_hex(&rec->expected, same->point + 1, 32);
		att_judge(run->r, ck, memcmp(same->point, top->point, ATT_P256_POINT) == 0);
		return;
	}
	const struct att_root *found = att_roots_find(run->in->roots, top);
	if (!found) {
		att_set_text(run->r, &rec->expected, "one of the %zu root keys given",
			     run->in->roots->count);
		att_failed(run->r, ck);
		return;
	}
	att_set_hex(&rec->expected, found->point + 1, 32);
	att_pass(run->r, ck);
	run->r->facts.root = found->facts;
	run->r->facts.root.simulated |= att_cert_simulated(top);
}

static void dates(struct att_run *run, enum att_check_no ck, const struct att_chain *c)
{
	struct att_record *rec = &run->r->rec[ck];
	int64_t from = c->cert[0].not_before, to = c->cert[0].not_after;

	for (size_t i = 1; i < c->count; i++) {
		from = c->cert[i].not_before > from ? c->cert[i].not_before : from;
		to = c->cert[i].not_after < to ? c->cert[i].not_after : to;
	}
	att_set_range(&rec->expected, from, to);
	att_set_time(&rec->seen, run->in->now);
	att_judge(run->r, ck, run->in->now >= from && run->in->now <= to);
}

void att_check_chain(struct att_run *run, enum att_check_no base, const struct att_chain *c)
{
	if (!att_held(run->r, base + CHAIN_FORMAT)) {
		for (unsigned i = CHAIN_ISSUERS; i <= CHAIN_DATES; i++)
			(void)ATT_AFTER(run->r, base + i, base + CHAIN_FORMAT);
		return;
	}
	faultless(run->r, base + CHAIN_ISSUERS,
		  "each issuer is the next subject, key ids agree, names of the SGX PKI", &c->link);
	faultless(run->r, base + CHAIN_CONSTRAINTS,
		  "authorities above, end entity below, no unknown critical extension", &c->misuse);
	signatures(run->r, base + CHAIN_SIGNATURES, c);
	root(run, base + CHAIN_ROOT, c);
	dates(run, base + CHAIN_DATES, c);
}

bool att_after_chain(struct att_report *r, enum att_check_no c, enum att_check_no base)
{
	return ATT_AFTER(r, c, base + CHAIN_FORMAT, base + CHAIN_ISSUERS, base + CHAIN_CONSTRAINTS,
			 base + CHAIN_SIGNATURES, base + CHAIN_ROOT);
}
