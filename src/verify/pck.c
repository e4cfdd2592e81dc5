/* SPDX-License-Identifier: Apache-2.0 */
/* The PCK chain: where it comes from, what it says, whether the collateral means the same
 * platform. */

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "verify/chain_role.h"
#include "verify/run.h"

/* Longest text of a chain that is remembered; Intel's are below 4 KiB. White space between the
 * certificates is for whoever sends the quote to choose, and all that is remembered has a bound. */
#define REMEMBERED_MAX 6144u

/* Only a chain that ends in a trusted root: others cost their maker nothing, and would put Intel's
 * out. */
static void remember(struct att_run *run)
{
	static const unsigned parts[] = { CHAIN_FORMAT, CHAIN_ISSUERS, CHAIN_CONSTRAINTS,
					  CHAIN_SIGNATURES, CHAIN_ROOT };

	if (!run->pck || !run->pck_is_new || run->pck->entry.key.len > REMEMBERED_MAX)
		return;
	for (size_t i = 0; i < ATT_COUNT(parts); i++)
		if (!att_held(run->r, CK_PCK_CHAIN_FORMAT + parts[i]))
			return;
	att_cache_add(run->pcks, &run->pck->entry);
}

static att_rc pck_of_text(struct att_run *run, att_bytes text, att_err *err)
{
	struct att_entry *e = att_cache_find(run->pcks, text);

	if (e) {
		run->pck = (struct att_pck *)(void *)e;
		return ATT_OK;
	}
	run->pck_is_new = true;
	return att_pck_make(text, run->k, run->tools, &run->pck, err);
}

/* Without what may stand behind the last certificate: quotes count a NUL, files end in a new
 * line. */
static att_bytes trimmed(att_bytes text)
{
	while (text.len > 0 && (text.ptr[text.len - 1] == '\0' || text.ptr[text.len - 1] == '\n'))
		text.len--;
	return text;
}

/* Type 4 carries the leaf only; Intel's chain above it comes with the collateral. */
static att_rc pck_of_leaf(struct att_run *run, att_bytes leaf, att_err *err)
{
	att_auto_buf att_buf text = { 0 };

	att_put(&text, trimmed(leaf));
	att_put_str(&text, "\n");
	att_put(&text, att_compiled_text(run->k, ATT_ITEM_PCK_CRL_ISSUER_CHAIN));
	att_rc rc = att_buf_ok(&text, err);
	return rc == ATT_OK ? pck_of_text(run, att_buf_bytes(&text), err) : rc;
}

/* Reads the chain from where the certification data says it is. */
static att_rc pck_find(struct att_run *run, att_err *err)
{
	const struct att_quote *q = run->quote;
	struct att_report *r = run->r;
	att_bytes given = att_compiled_text(run->k, ATT_ITEM_PCK_CERTIFICATE_CHAIN);

	if (q->cert_type == 5)
		return pck_of_text(run, q->cert_data, err);
	if (q->cert_type == 4)
		return ATT_AFTER(r, CK_PCK_CHAIN_FORMAT, CK_CI_CHAIN_FORMAT)
			   ? pck_of_leaf(run, q->cert_data, err)
			   : ATT_OK;
	if (given.len == 0) {
		if (att_held(r, CK_CO_COMPLETE)) {
			att_set_fixed(
			    &r->rec[CK_CO_COMPLETE].seen,
			    "missing: pck_certificate_chain (this quote carries no certificate)");
			att_failed(r, CK_CO_COMPLETE);
		}
		(void)ATT_AFTER(r, CK_PCK_CHAIN_FORMAT, CK_CO_COMPLETE);
		return ATT_OK;
	}
	return pck_of_text(run, given, err);
}

static void certification_data(struct att_run *run)
{
	uint16_t type = run->quote->cert_type;
	struct att_record *rec = &run->r->rec[CK_Q_CERT];

	att_set_fixed(&rec->expected, "type 1 to 5");
	att_set_uint(&rec->seen, type);
	att_judge(run->r, CK_Q_CERT, type >= 1 && type <= 5);
}

static void chain_format(struct att_run *run)
{
	const struct att_chain *c = &run->pck->chain;
	struct att_record *rec = &run->r->rec[CK_PCK_CHAIN_FORMAT];

	att_set_fixed(&rec->expected, run->quote->cert_type == 4
					  ? "one certificate, completed by pck_crl_issuer_chain"
					  : "3 certificates, leaf first");
	if (c->bad.rc != ATT_OK)
		att_set_text(run->r, &rec->seen, "%s", c->bad.msg);
	else
		att_set_count(&rec->seen, c->count, "certificates");
	att_judge(run->r, CK_PCK_CHAIN_FORMAT,
		  c->bad.rc == ATT_OK && c->count == att_role_pck.count);
}

/* A quote that carries its chain must carry the one the collateral was fetched for. */
static att_rc agrees(struct att_run *run, att_err *err)
{
	att_bytes given = att_compiled_text(run->k, ATT_ITEM_PCK_CERTIFICATE_CHAIN);
	struct att_record *rec = &run->r->rec[CK_PCK_AGREES];
	struct att_chain other;
	att_err bad = { 0 };

	if (given.len == 0 || run->quote->cert_type < 4) {
		att_not_applicable(run->r, CK_PCK_AGREES);
		return ATT_OK;
	}
	if (!ATT_AFTER(run->r, CK_PCK_AGREES, CK_PCK_CHAIN_FORMAT))
		return ATT_OK;
	att_set_fixed(&rec->expected, "the same 3 certificates");
	if (att_bytes_eq(trimmed(given), trimmed(run->pck->entry.key))) {
		att_set_fixed(&rec->seen, "the same text");
		att_pass(run->r, CK_PCK_AGREES);
		return ATT_OK;
	}
	att_rc rc = att_chain_read(given, &att_role_pck, run->k, &other, &bad);
	if (rc == ATT_E_NOMEM)
		return att_fail(err, rc, "PCK chain: out of memory");
	bool equal = rc == ATT_OK && other.count == run->pck->chain.count;
	for (size_t i = 0; equal && i < other.count; i++)
		equal = att_bytes_eq(other.cert[i].der, run->pck->chain.cert[i].der);
	if (rc != ATT_OK)
		att_set_text(run->r, &rec->seen, "pck_certificate_chain: %s", bad.msg);
	else
		att_set_fixed(&rec->seen, equal ? "the same certificates"
						: "this collateral is another platform's");
	att_judge(run->r, CK_PCK_AGREES, equal);
	att_chain_free(&other);
	return ATT_OK;
}

static void extension(struct att_run *run)
{
	struct att_record *rec = &run->r->rec[CK_PCK_EXTENSION];
	const struct att_pck *p = run->pck;

	if (!att_after_chain(run->r, CK_PCK_EXTENSION, CK_PCK_CHAIN_FORMAT))
		return;
	att_set_fixed(&rec->expected, "the elements of a Processor or a Platform certificate");
	if (p->extension_bad.rc != ATT_OK) {
		att_set_text(run->r, &rec->seen, "%s",
			     p->chain.cert[0].sgx_extension.len ? p->extension_bad.msg
								: "no SGX extension");
		att_failed(run->r, CK_PCK_EXTENSION);
		return;
	}
	att_bytes ca = p->chain.cert[1].subject_cn;
	run->r->facts.platform = p->platform;
	run->r->facts.platform.platform_ca = att_text_has(ca, "Platform");
	att_set_fixed(&rec->seen, "complete");
	att_pass(run->r, CK_PCK_EXTENSION);
}

/* Where the chain, or what is above a lone leaf, came with the collateral, other collateral
 * could mend it. */
static void blame_collateral(struct att_run *run)
{
	struct att_record *rec = run->r->rec;

	if (run->quote->cert_type <= 3)
		for (int c = CK_PCK_CHAIN_FORMAT; c <= CK_PCK_EXTENSION; c++)
			rec[c].mendable = true;
	if (run->quote->cert_type == 4 && rec[CK_PCK_CHAIN_ISSUERS].outcome == ATT_FAIL)
		rec[CK_PCK_CHAIN_ISSUERS].mendable = rec[CK_PCK_CHAIN_SIGNATURES].mendable = true;
}

att_rc att_check_pck(struct att_run *run, att_err *err)
{
	certification_data(run);
	bool usable = ATT_AFTER(run->r, CK_PCK_CHAIN_FORMAT, CK_Q_CERT);
	att_rc rc = usable ? pck_find(run, err) : ATT_OK;
	if (rc != ATT_OK)
		return rc;
	if (run->pck)
		chain_format(run);
	att_check_chain(run, CK_PCK_CHAIN_FORMAT, run->pck ? &run->pck->chain : NULL);
	remember(run);
	extension(run);
	blame_collateral(run);
	return agrees(run, err);
}
