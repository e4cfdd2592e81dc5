/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence.h"

#include "base/error.h"
#include "base/reader.h"
#include "evidence/body.h"
#include "evidence/encoding.h"
#include "evidence/quote.h"
#include "evidence/snp.h"

#define REPORT_LEN 432

/* TDX module ABI specification, "ATTRIBUTES": any bit of the group TUD (TD under debug, with the
 * bits for profiling: 7:0) makes a TD untrusted, not only the one named DEBUG. */
#define TD_UNDER_DEBUG UINT64_C(0xff)

/* Intel SDM volume 3D, "REPORT": what the MAC covers is the body alone. */
static att_rc report_parse(struct att_evidence *ev, att_err *err)
{
	att_reader r = att_reader_of(ev->bytes);

	att_sgx_body_read(&r, &ev->claims.sgx);
	ev->report_key_id = att_view(&r, 32, "key_id");
	ev->report_mac = att_view(&r, 16, "mac");
	ev->claims.kind = ATT_KIND_SGX_REPORT;
	return att_reader_end(&r, err);
}

/* A REPORT has no magic, and the length of a quote that lost its signature. Hardware leaves the
 * reserved bytes of a REPORT zero; in a quote, attributes and measurements lie there. */
static bool is_report(att_bytes in)
{
	if (in.len != REPORT_LEN)
		return false;
	att_reader r = att_reader_of(in);
	struct att_sgx_body body;
	att_sgx_body_read(&r, &body);
	return body.reserved_zero;
}

/* The form in which a report and the host's certificates travel together: one behind the other. */
static att_rc snp_parse(struct att_evidence *ev, att_err *err)
{
	size_t len = ev->bytes.len < ATT_SNP_REPORT_LEN ? ev->bytes.len : ATT_SNP_REPORT_LEN;

	att_rc rc = att_snp_parse(att_bytes_of(ev->bytes.ptr, len), &ev->claims.snp,
				  &ev->snp_signature, err);
	if (rc != ATT_OK)
		return rc;
	ev->claims.kind = ATT_KIND_SNP_REPORT;
	att_bytes rest = att_bytes_of(ev->bytes.ptr + len, ev->bytes.len - len);
	ev->has_snp_certs = rest.len > 0;
	return ev->has_snp_certs ? att_snp_certs_parse(rest, &ev->snp_certs, err) : ATT_OK;
}

static void hold_nothing(struct att_evidence *ev)
{
	*ev = (struct att_evidence){ .buf = ev->buf, .cap = ev->cap };
}

static att_rc make_room(struct att_evidence *ev, size_t room, att_err *err)
{
	if (room <= ev->cap)
		return ATT_OK;
	free(ev->buf);
	ev->cap = 0;
	ev->buf = malloc(room);
	if (!ev->buf)
		return att_fail(err, ATT_E_NOMEM, "no memory for %zu bytes of evidence", room);
	ev->cap = room;
	return ATT_OK;
}

static att_rc fill(struct att_evidence *ev, att_bytes in, att_err *err)
{
	ev->encoding = att_encoding_detect(in);
	size_t len = 0;
	att_rc rc = att_encoding_decode(in, ev->encoding, ev->buf, &len, err);
	if (rc != ATT_OK)
		return rc;
	ev->bytes = att_bytes_of(ev->buf, len);
	if (is_report(ev->bytes))
		rc = report_parse(ev, err);
	else if (att_snp_looks(ev->bytes))
		rc = snp_parse(ev, err);
	else
		rc = att_quote_parse(ev->bytes, &ev->quote, &ev->claims, err);
	if (rc != ATT_OK)
		return rc;
	ev->kind = ev->claims.kind;
	return ATT_OK;
}

static att_rc refuse_large(att_bytes in, att_err *err)
{
	if (in.len > ATT_EVIDENCE_MAX)
		return att_fail(err, ATT_E_FORMAT, "evidence is %zu bytes, at most %zu are read",
				in.len, ATT_EVIDENCE_MAX);
	return ATT_OK;
}

att_rc att_evidence_reparse(att_evidence *ev, att_bytes in, att_err *err)
{
	hold_nothing(ev);
	att_rc rc = refuse_large(in, err);
	if (rc != ATT_OK)
		return rc;
	rc = make_room(ev, att_encoding_room(in.len), err);
	if (rc != ATT_OK)
		return rc;
	rc = fill(ev, in, err);
	if (rc != ATT_OK)
		hold_nothing(ev);
	return rc;
}

att_rc att_evidence_parse(att_bytes in, att_evidence **out, att_err *err)
{
	att_auto_evidence *ev = NULL;

	*out = NULL;
	att_rc rc = refuse_large(in, err);
	if (rc != ATT_OK)
		return rc;
	ev = calloc(1, sizeof(*ev));
	if (!ev)
		return att_fail(err, ATT_E_NOMEM, "no memory for evidence");
	rc = att_evidence_reparse(ev, in, err);
	if (rc != ATT_OK)
		return rc;
	*out = ATT_STEAL(ev);
	return ATT_OK;
}

void att_evidence_free(att_evidence *ev)
{
	if (!ev)
		return;
	free(ev->buf);
	free(ev);
}

enum att_kind att_evidence_kind(const att_evidence *ev)
{
	return ev->kind;
}

enum att_encoding att_evidence_encoding(const att_evidence *ev)
{
	return ev->encoding;
}

att_bytes att_evidence_bytes(const att_evidence *ev)
{
	return ev->bytes;
}

const struct att_quote *att_evidence_quote(const att_evidence *ev)
{
	bool quote = ev->kind == ATT_KIND_SGX_QUOTE || ev->kind == ATT_KIND_TDX_QUOTE;

	return quote ? &ev->quote : NULL;
}

const struct att_claims *att_evidence_claims(const att_evidence *ev)
{
	return &ev->claims;
}

att_bytes att_evidence_report_key_id(const att_evidence *ev)
{
	return ev->report_key_id;
}

att_bytes att_evidence_report_mac(const att_evidence *ev)
{
	return ev->report_mac;
}

att_bytes att_evidence_snp_signature(const att_evidence *ev)
{
	return ev->snp_signature;
}

const struct att_snp_certs *att_evidence_snp_certs(const att_evidence *ev)
{
	return ev->has_snp_certs ? &ev->snp_certs : NULL;
}

const char *att_kind_name(enum att_kind kind)
{
	switch (kind) {
	case ATT_KIND_SGX_REPORT:
		return "sgx-report";
	case ATT_KIND_SGX_QUOTE:
		return "sgx-quote";
	case ATT_KIND_TDX_QUOTE:
		return "tdx-quote";
	case ATT_KIND_SNP_REPORT:
		return "snp-report";
	}
	return "unknown";
}

const char *att_encoding_name(enum att_encoding e)
{
	switch (e) {
	case ATT_ENCODING_BINARY:
		return "binary";
	case ATT_ENCODING_HEX:
		return "hex";
	case ATT_ENCODING_BASE64:
		return "base64";
	case ATT_ENCODING_PEM:
		return "pem";
	}
	return "unknown";
}

bool att_claims_debug(const struct att_claims *c)
{
	if (c->kind == ATT_KIND_TDX_QUOTE)
		return (c->td.td_attributes & TD_UNDER_DEBUG) != 0;
	if (c->kind == ATT_KIND_SNP_REPORT)
		return (c->snp.policy & ATT_SNP_DEBUG) != 0;
	return (c->sgx.attributes & ATT_SGX_DEBUG) != 0;
}
