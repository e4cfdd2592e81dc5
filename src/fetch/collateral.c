/* SPDX-License-Identifier: Apache-2.0 */
/* From a quote, or what is known of its platform, to the requests, and from answers to
 * collateral. */
#include <stdio.h>
#include <string.h>

#include "attest/inspect.h"
#include "base/civil.h"
#include "base/error.h"
#include "base/text.h"
#include "codec/json.h"
#include "collateral/items.h"
#include "fetch/fetcher.h"

#define QE_ID_LEN          16
#define ENCRYPTED_PPID_LEN 384 /* what Intel's service decrypts: RSA-3072 */

/* --- Of which platform --- */

static bool platform_of_pem(att_bytes pem, struct att_fetch_platform *out)
{
	struct att_cert_facts cert[ATT_CERTS_MAX];
	size_t count;

	if (att_certs_read(pem, cert, &count, NULL) != ATT_OK || !cert[0].has_platform)
		return false;
	memcpy(out->fmspc, cert[0].platform.fmspc, sizeof(out->fmspc));
	out->platform_ca = strstr(cert[0].issuer, "Platform") != NULL;
	return true;
}

bool att_fetch_platform_of(const att_evidence *evidence, struct att_fetch_platform *out)
{
	const struct att_quote *q = att_evidence_quote(evidence);

	*out = (struct att_fetch_platform){ 0 };
	if (!q || (q->cert_type != 4 && q->cert_type != 5))
		return false;
	out->tdx = att_evidence_kind(evidence) == ATT_KIND_TDX_QUOTE;
	return platform_of_pem(q->cert_data, out);
}

/* The two bytes of a little-endian number, as PCS writes PCESVN and PCE-ID. */
static void put_le_hex(uint16_t v, char out[static 5])
{
	uint8_t bytes[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

	att_hex_encode(att_bytes_of(bytes, sizeof(bytes)), out);
}

/* The request for the PCK certificate of a quote that only names it (certification data of types 1
 * to 3; Intel SGX DCAP quote library API, table of certification data). */
static att_rc pckcert_request(const struct att_quote *q, struct att_pcs_request *r, att_err *err)
{
	*r = (struct att_pcs_request){ .what = ATT_PCS_PCKCERT, .version = 4 };
	if (q->cert_type < 1 || q->cert_type > 3)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"certification data of type %u name no platform that a service "
				"could be asked about",
				q->cert_type);
	att_hex_encode(att_bytes_of(q->user_data, QE_ID_LEN), r->qeid);
	att_hex_encode(att_bytes_of(q->cert_cpu_svn, sizeof(q->cert_cpu_svn)), r->cpusvn);
	put_le_hex(q->cert_pce_svn, r->pcesvn);
	put_le_hex(q->has_cert_pce_id ? q->cert_pce_id : 0, r->pceid);
	if (q->cert_type == 3 && q->ppid.len == ENCRYPTED_PPID_LEN)
		att_hex_encode(q->ppid, r->encrypted_ppid);
	return ATT_OK;
}

/* --- Items --- */

static att_rc set(att_collateral *c, enum att_item item, const att_buf *bytes, att_err *err)
{
	att_rc rc = att_collateral_set(c, item, att_buf_bytes(bytes), err);

	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", att_item_name(item));
}

struct part {
	enum att_pcs_what what;
	enum att_item chain; /* ATT_ITEM_COUNT: it has none */
	enum att_item body;
};

static const struct part parts[] = {
	{ ATT_PCS_PCKCRL, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, ATT_ITEM_PCK_CRL },
	{ ATT_PCS_ROOT_CA_CRL, ATT_ITEM_COUNT, ATT_ITEM_ROOT_CA_CRL },
	{ ATT_PCS_TCB, ATT_ITEM_TCB_INFO_ISSUER_CHAIN, ATT_ITEM_TCB_INFO },
	{ ATT_PCS_QE_IDENTITY, ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, ATT_ITEM_QE_IDENTITY },
};

static struct att_pcs_request request_of(const struct part *p,
					 const struct att_fetch_platform *platform,
					 const struct att_fetch_set *set_of)
{
	static const enum att_pcs_update updates[] = {
		[ATT_FETCH_UPDATE_DEFAULT] = ATT_PCS_UPDATE_NONE,
		[ATT_FETCH_UPDATE_STANDARD] = ATT_PCS_UPDATE_STANDARD,
		[ATT_FETCH_UPDATE_EARLY] = ATT_PCS_UPDATE_EARLY,
	};
	struct att_pcs_request r = { .what = p->what, .version = 4 };

	if (p->what == ATT_PCS_PCKCRL)
		snprintf(r.ca, sizeof(r.ca), "%s",
			 platform->platform_ca ? "platform" : "processor");
	if (p->what == ATT_PCS_TCB)
		att_hex_encode(att_bytes_of(platform->fmspc, sizeof(platform->fmspc)), r.fmspc);
	if (p->what == ATT_PCS_TCB || p->what == ATT_PCS_QE_IDENTITY) {
		r.tdx = platform->tdx;
		r.update = updates[set_of->update];
		r.evaluation_number = set_of->evaluation_number;
	}
	return r;
}

/* The numbers that there are, behind an error about one that there is not. */
static void offer_numbers(const struct att_fetch_call *call, bool tdx, att_err *err)
{
	struct att_fetch_number number[ATT_FETCH_NUMBERS_MAX];
	char list[80] = { 0 };
	size_t count;
	size_t n = 0;

	if (att_fetch_numbers(call->f, tdx, call->now, number, &count, call->trace, NULL) != ATT_OK)
		return;
	for (size_t i = 0; i < count && n + 12 < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%u", i ? ", " : "",
				      number[i].number);
	att_err told = *err;
	(void)att_fail(err, told.rc, "%.150s; offered are %s", told.msg, list);
}

static att_rc fetch_part(const struct att_fetch_call *call, const struct part *p,
			 const struct att_pcs_request *r, att_collateral *c, att_err *err)
{
	struct att_store_entry e;
	att_err why = { 0 };

	att_rc rc = att_fetch_get(call, r, &e, &why);
	if (rc == ATT_OK && p->chain != ATT_ITEM_COUNT)
		rc = set(c, p->chain, &e.chain, &why);
	if (rc == ATT_OK)
		rc = set(c, p->body, &e.body, &why);
	att_store_entry_free(&e);
	if (r->evaluation_number && (rc == ATT_E_MISSING || rc == ATT_E_EXPIRED))
		offer_numbers(call, r->tdx, &why);
	if (rc != ATT_OK && err)
		*err = why;
	return rc;
}

/* `whole`: the first failure ends it. */
static att_rc fetch_parts(const struct att_fetch_call *call,
			  const struct att_fetch_platform *platform,
			  const struct att_fetch_set *set_of, bool whole, att_collateral *c,
			  att_err *err)
{
	att_rc first = ATT_OK;

	if (set_of->evaluation_number && set_of->update != ATT_FETCH_UPDATE_DEFAULT)
		return att_fail(err, ATT_E_ARG,
				"an evaluation number and an update exclude each other");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct att_pcs_request r = request_of(&parts[i], platform, set_of);
		att_rc rc = fetch_part(call, &parts[i], &r, c, first == ATT_OK ? err : NULL);
		if (rc != ATT_OK && (whole || rc == ATT_E_NOMEM))
			return rc;
		first = first == ATT_OK ? rc : first;
	}
	return first;
}

/* As much as there is when `whole` is false, beside the first failure. */
static att_rc fetch_all(const struct att_fetch_call *call,
			const struct att_fetch_platform *platform,
			const struct att_fetch_set *set_of, bool whole, att_collateral **out,
			att_err *err)
{
	att_auto_collateral att_collateral *c = att_collateral_new();

	*out = NULL;
	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = fetch_parts(call, platform, set_of, whole, c, err);
	if (rc == ATT_OK || (!whole && rc != ATT_E_NOMEM))
		*out = ATT_STEAL(c);
	return rc;
}

att_rc att_fetch_for(att_fetcher *f, const struct att_fetch_platform *platform,
		     const struct att_fetch_set *set_of, int64_t now, att_collateral **out,
		     att_fetch_trace *trace, att_err *err)
{
	struct att_fetch_call call = att_fetch_begin(f, now, trace);

	return fetch_all(&call, platform, set_of, true, out, err);
}

att_rc att_fetch_some(att_fetcher *f, const struct att_fetch_platform *platform,
		      const struct att_fetch_set *set_of, int64_t now, att_collateral **out,
		      att_fetch_trace *trace, att_err *err)
{
	struct att_fetch_call call = att_fetch_begin(f, now, trace);

	return fetch_all(&call, platform, set_of, false, out, err);
}

/* --- The PCK chain of a quote that does not carry it --- */

static att_rc set_pck_chain(att_collateral *c, att_bytes leaf, att_bytes chain, att_err *err)
{
	att_auto_collateral att_collateral *decoded = att_collateral_new();
	att_auto_buf att_buf pem = { 0 };

	if (!decoded)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	/* The setter undoes the header's percent-encoding. */
	att_rc rc = att_collateral_set(decoded, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, chain, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "issuer chain of the PCK certificate");
	while (leaf.len && leaf.ptr[leaf.len - 1] == 0)
		leaf.len--;
	att_put(&pem, leaf);
	att_put_str(&pem, "\n");
	att_put(&pem, att_collateral_get(decoded, ATT_ITEM_PCK_CRL_ISSUER_CHAIN));
	rc = att_buf_ok(&pem, err);
	return rc == ATT_OK ? set(c, ATT_ITEM_PCK_CERTIFICATE_CHAIN, &pem, err) : rc;
}

static att_rc fetch_pck(const struct att_fetch_call *asked, const struct att_quote *q,
			att_collateral *c, struct att_fetch_platform *platform, att_err *err)
{
	struct att_fetch_call call = *asked;
	struct att_pcs_request r;
	struct att_store_entry e;

	call.quote = q;
	att_rc rc = pckcert_request(q, &r, err);
	if (rc != ATT_OK)
		return rc;
	rc = att_fetch_get(&call, &r, &e, err);
	if (rc != ATT_OK)
		return rc;
	if (!platform_of_pem(att_buf_bytes(&e.body), platform))
		rc = att_fail(err, ATT_E_FORMAT, "pckcert: the certificate names no FMSPC");
	else
		rc = set_pck_chain(c, att_buf_bytes(&e.body), att_buf_bytes(&e.chain), err);
	att_store_entry_free(&e);
	return rc;
}

/* Tells the platform, and fetches the chain into `c` where the quote only names it. */
static att_rc find_platform(const struct att_fetch_call *call, const att_evidence *evidence,
			    att_collateral *c, struct att_fetch_platform *out, att_err *err)
{
	const struct att_quote *q = att_evidence_quote(evidence);

	if (!q)
		return att_fail(
		    err, ATT_E_UNSUPPORTED,
		    "a %s is checked on its own platform: there is nothing to fetch for it",
		    att_kind_name(att_evidence_kind(evidence)));
	if (att_fetch_platform_of(evidence, out))
		return ATT_OK;
	if (q->cert_type == 4 || q->cert_type == 5)
		return att_fail(err, ATT_E_FORMAT,
				"the quote's PCK certificate can not be read: no FMSPC to ask for");
	out->tdx = att_evidence_kind(evidence) == ATT_KIND_TDX_QUOTE;
	return fetch_pck(call, q, c, out, err);
}

att_rc att_fetch_pck(att_fetcher *f, const att_evidence *evidence, int64_t now,
		     struct att_fetch_platform *platform, att_collateral **chain,
		     att_fetch_trace *trace, att_err *err)
{
	struct att_fetch_call call = att_fetch_begin(f, now, trace);
	att_auto_collateral att_collateral *c = att_collateral_new();

	*chain = NULL;
	*platform = (struct att_fetch_platform){ 0 };
	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = find_platform(&call, evidence, c, platform, err);
	if (rc == ATT_OK && att_collateral_get(c, ATT_ITEM_PCK_CERTIFICATE_CHAIN).len)
		*chain = ATT_STEAL(c);
	return rc;
}

att_rc att_fetch_collateral(att_fetcher *f, const att_evidence *evidence,
			    const struct att_fetch_set *set_of, int64_t now, att_collateral **out,
			    att_fetch_trace *trace, att_err *err)
{
	struct att_fetch_call call = att_fetch_begin(f, now, trace);
	att_auto_collateral att_collateral *c = att_collateral_new();
	const struct att_quote *q = att_evidence_quote(evidence);
	struct att_fetch_platform platform = { 0 };

	*out = NULL;
	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = find_platform(&call, evidence, c, &platform, err);
	if (rc == ATT_OK)
		rc = fetch_parts(&call, &platform, set_of, true, c, err);
	/* Type 4 is the certificate alone: the CRL's issuer is its issuer too. */
	if (rc == ATT_OK && q->cert_type == 4)
		rc = set_pck_chain(c, q->cert_data,
				   att_collateral_get(c, ATT_ITEM_PCK_CRL_ISSUER_CHAIN), err);
	if (rc == ATT_OK)
		*out = ATT_STEAL(c);
	return rc;
}

/* --- Evaluation numbers --- */

static bool read_date(att_json object, const char *name, int64_t *out)
{
	att_bytes text;

	return att_json_plain(att_json_get(object, name), &text) &&
	       att_time_parse(text, true, out, NULL) == ATT_OK;
}

static int descending(const void *a, const void *b)
{
	uint32_t x = ((const struct att_fetch_number *)a)->number;
	uint32_t y = ((const struct att_fetch_number *)b)->number;

	return x < y ? 1 : x > y ? -1 : 0;
}

static att_rc read_numbers(att_bytes text, struct att_fetch_number *out, size_t *count,
			   att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };

	*count = 0;
	att_rc rc = att_json_parse(text, &doc, err);
	if (rc != ATT_OK)
		return rc;
	att_json list = att_json_get(att_json_get(att_json_root(&doc), "tcbEvaluationDataNumbers"),
				     "tcbEvalNumbers");
	if (att_json_type_of(list) != ATT_JSON_ARRAY ||
	    att_json_count(list) > ATT_FETCH_NUMBERS_MAX)
		return att_fail(err, ATT_E_FORMAT, "tcbEvalNumbers: expected a list of at most %u",
				ATT_FETCH_NUMBERS_MAX);
	for (att_json v = att_json_first(list); v.doc; v = att_json_next(list, v)) {
		struct att_fetch_number *n = &out[*count];
		int64_t number = 0;
		if (!att_json_int(att_json_get(v, "tcbEvaluationDataNumber"), 1, INT32_MAX,
				  &number) ||
		    !read_date(v, "tcbRecoveryEventDate", &n->recovery_event) ||
		    !read_date(v, "tcbDate", &n->tcb_date))
			return att_fail(
			    err, ATT_E_FORMAT,
			    "tcbEvalNumbers: expected a number and two dates in item %zu", *count);
		n->number = (uint32_t)number;
		++*count;
	}
	qsort(out, *count, sizeof(*out), descending);
	return ATT_OK;
}

att_rc att_fetch_numbers(att_fetcher *f, bool tdx, int64_t now,
			 struct att_fetch_number out[ATT_FETCH_NUMBERS_MAX], size_t *count,
			 att_fetch_trace *trace, att_err *err)
{
	struct att_fetch_call call = att_fetch_begin(f, now, trace);
	struct att_pcs_request r = { .what = ATT_PCS_EVALUATION_NUMBERS, .version = 4, .tdx = tdx };
	struct att_store_entry e;

	*count = 0;
	att_rc rc = att_fetch_get(&call, &r, &e, err);
	if (rc == ATT_OK)
		rc = read_numbers(att_buf_bytes(&e.body), out, count, err);
	att_store_entry_free(&e);
	return rc;
}
