/* SPDX-License-Identifier: Apache-2.0 */
/* What every chain of Intel's PKI must show, beside being readable. */
#include <string.h>

#include "base/mem.h"
#include "verify/run.h"

static bool has_part(att_bytes text, const char *part)
{
	return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static const struct att_cert *issuer_of(const struct att_chain *c, size_t i)
{
	return &c->cert[i + 1 < c->count ? i + 1 : i];
}

static void issuers(struct att_report *r, enum att_check_no ck, const struct att_chain *c,
                    const struct att_chain_role *role)
{
	struct att_record *rec = &r->rec[ck];

	att_set_fixed(&rec->expected, "each issuer is the next subject; key ids agree; subjects of Intel's SGX PKI");
	for (size_t i = 0; i < c->count; i++) {
		const struct att_cert *cert = &c->cert[i], *up = issuer_of(c, i);
		bool ids = cert->akid.len == 0 || up->skid.len == 0 || att_bytes_eq(cert->akid, up->skid);

		if (!has_part(cert->subject_cn, role->names[i])) {
			att_set_text(&rec->seen, "certificate %zu is not a \"%s\"", i + 1, role->names[i]);
			att_failed(r, ck);
			return;
		}
		if (!att_bytes_eq(cert->issuer, up->subject) || !ids) {
			att_set_text(&rec->seen, "certificate %zu: %s is not that of the next", i + 1,
			             ids ? "issuer name" : "authority key id");
			att_failed(r, ck);
			return;
		}
	}
	att_set_fixed(&rec->seen, "they do");
	att_pass(r, ck);
}

/* What is wrong with the i-th certificate in its place, or NULL. */
static const char *misuse(const struct att_chain *c, size_t i, const struct att_chain_role *role)
{
	const struct att_cert *cert = &c->cert[i];
	bool leaf = i == 0 && !role->issues_crls;
	size_t authorities_below = role->issues_crls ? i : (i > 0 ? i - 1 : 0);

	if (cert->unknown_critical.len != 0)
		return "has a critical extension that is not understood";
	if (leaf) {
		if (cert->is_ca)
			return "is an authority's, expected an end entity's";
		if (cert->has_key_usage && !(cert->key_usage & ATT_KU_DIGITAL_SIGNATURE))
			return "may not sign data (key usage)";
		return NULL;
	}
	if (!cert->has_basic_constraints || !cert->is_ca)
		return "is no authority's (basic constraints)";
	if (!cert->has_key_usage || !(cert->key_usage & ATT_KU_KEY_CERT_SIGN))
		return "may not sign certificates (key usage)";
	if (!(cert->key_usage & ATT_KU_CRL_SIGN))
		return "may not sign CRLs (key usage)";
	if (cert->path_len >= 0 && (size_t)cert->path_len < authorities_below)
		return "has more authorities below it than its path length allows";
	return NULL;
}

static void constraints(struct att_report *r, enum att_check_no ck, const struct att_chain *c,
                        const struct att_chain_role *role)
{
	struct att_record *rec = &r->rec[ck];

	att_set_fixed(&rec->expected, "authorities above, end entity below, no unknown critical extension");
	for (size_t i = 0; i < c->count; i++) {
		const char *wrong = misuse(c, i, role);

		if (wrong) {
			att_set_text(&rec->seen, "certificate %zu %s", i + 1, wrong);
			att_failed(r, ck);
			return;
		}
	}
	att_set_fixed(&rec->seen, "so it is");
	att_pass(r, ck);
}

static void signatures(struct att_report *r, enum att_check_no ck, const struct att_chain *c)
{
	struct att_record *rec = &r->rec[ck];

	att_set_fixed(&rec->expected, "every signature holds");
	for (size_t i = 0; i < c->count; i++) {
		if (!c->signed_by_next[i]) {
			att_set_text(&rec->seen, "the signature of certificate %zu does not hold", i + 1);
			att_failed(r, ck);
			return;
		}
	}
	att_set_uint(&rec->seen, c->count);
	att_pass(r, ck);
}

/* The PCK chain must end in a root of the caller's; every other chain in that same root, so that what one root vouches
 * for never speaks about a platform of another. */
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
		att_set_text(&rec->expected, "one of the %zu root keys given", run->in->roots->count);
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

void att_check_chain(struct att_run *run, enum att_check_no base, const struct att_chain *c,
                     const struct att_chain_role *role)
{
	if (!att_held(run->r, base + CHAIN_FORMAT)) {
		for (unsigned i = CHAIN_ISSUERS; i <= CHAIN_DATES; i++)
			(void)ATT_AFTER(run->r, base + i, base + CHAIN_FORMAT);
		return;
	}
	issuers(run->r, base + CHAIN_ISSUERS, c, role);
	constraints(run->r, base + CHAIN_CONSTRAINTS, c, role);
	signatures(run->r, base + CHAIN_SIGNATURES, c);
	root(run, base + CHAIN_ROOT, c);
	dates(run, base + CHAIN_DATES, c);
}

bool att_after_chain(struct att_report *r, enum att_check_no c, enum att_check_no base)
{
	return ATT_AFTER(r, c, base + CHAIN_FORMAT, base + CHAIN_ISSUERS, base + CHAIN_CONSTRAINTS,
	                 base + CHAIN_SIGNATURES, base + CHAIN_ROOT);
}
