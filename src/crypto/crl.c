/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509.h"

#include "base/error.h"
#include "codec/der.h"
#include "crypto/x509_parts.h"

#define VERSION_2              1
#define REASON_UNUSED          7
#define REASON_REMOVE_FROM_CRL 8
#define REASON_MAX             10

static const struct att_oid oid_crl_number = { 3, { 0x55, 0x1d, 0x14 } };
static const struct att_oid oid_reason = { 3, { 0x55, 0x1d, 0x15 } };
static const struct att_oid oid_invalidity_date = { 3, { 0x55, 0x1d, 0x18 } };

/* What changes the meaning of a whole list or entry. RFC 5280 wants these critical (sections
 * 5.2.4, 5.2.5 and 5.3.3); one that is not would still make a partial list look complete, so
 * they are refused always. */
static const struct att_oid oid_delta_indicator = { 3, { 0x55, 0x1d, 0x1b } };
static const struct att_oid oid_distribution_point = { 3, { 0x55, 0x1d, 0x1c } };
static const struct att_oid oid_certificate_issuer = { 3, { 0x55, 0x1d, 0x1d } };

static void read_entry_extension(struct att_x509_ext *ext, att_reader *list)
{
	if (att_oid_is(&oid_reason, ext->oid)) {
		int64_t reason = att_der_uint(&ext->inside, ATT_DER_ENUMERATED, "reasonCode");
		/* A base CRL removes nothing (RFC 5280 section 5.3.1). */
		if (reason == REASON_UNUSED || reason == REASON_REMOVE_FROM_CRL ||
		    reason > REASON_MAX)
			att_reader_mark(&ext->inside, "reasonCode");
		att_x509_leave(list, &ext->inside, "reasonCode");
	} else if (att_oid_is(&oid_certificate_issuer, ext->oid)) {
		att_reader_mark(list, "entry: it is of another issuer");
	} else if (ext->critical && !att_oid_is(&oid_invalidity_date, ext->oid)) {
		att_reader_mark(list, "entry: critical extension not understood");
	}
}

static void read_entry(att_reader *revoked)
{
	att_reader entry = att_der_enter(revoked, ATT_DER_SEQUENCE, "revoked certificate");

	att_x509_serial(&entry, "userCertificate");
	att_der_time(&entry, "revocationDate");
	if (att_left(&entry)) {
		struct att_x509_exts exts;
		struct att_x509_ext ext;
		att_x509_exts_enter(&entry, &exts);
		while (att_x509_ext_next(&exts, &ext))
			read_entry_extension(&ext, &exts.list);
		att_x509_leave(&entry, &exts.list, "crlEntryExtensions");
	}
	att_x509_leave(revoked, &entry, "revoked certificate");
}

static void read_revoked(att_reader *tbs, struct att_crl *c)
{
	att_reader revoked = att_der_enter(tbs, ATT_DER_SEQUENCE, "revokedCertificates");

	c->revoked = att_peek_rest(&revoked);
	/* Absent when there are none (RFC 5280 section 5.1.2.6). */
	do {
		read_entry(&revoked);
		c->revoked_count++;
	} while (att_left(&revoked));
	att_x509_leave(tbs, &revoked, "revokedCertificates");
}

static void read_list_extension(struct att_x509_ext *ext, struct att_crl *c, att_reader *list)
{
	if (att_oid_is(&oid_crl_number, ext->oid)) {
		c->has_number = true;
		c->number = (uint64_t)att_der_uint(&ext->inside, ATT_DER_INTEGER, "cRLNumber");
		att_x509_leave(list, &ext->inside, "cRLNumber");
	} else if (att_oid_is(&att_oid_authority_key_id, ext->oid)) {
		c->akid = att_x509_key_id(&ext->inside);
		att_x509_leave(list, &ext->inside, "authorityKeyIdentifier");
	} else if (att_oid_is(&oid_delta_indicator, ext->oid)) {
		att_reader_mark(list, "extension: it makes this a delta CRL");
	} else if (att_oid_is(&oid_distribution_point, ext->oid)) {
		att_reader_mark(list, "extension: it makes this a partial or indirect CRL");
	} else if (ext->critical) {
		att_reader_mark(list, "extension: critical and not understood");
	}
}

static void read_extensions(att_reader *tbs, struct att_crl *c)
{
	att_reader wrapper = att_der_enter(tbs, ATT_DER_CONTEXT_CONSTRUCTED(0), "crlExtensions");
	struct att_x509_exts exts;
	struct att_x509_ext ext;

	att_x509_exts_enter(&wrapper, &exts);
	while (att_x509_ext_next(&exts, &ext))
		read_list_extension(&ext, c, &exts.list);
	att_x509_leave(&wrapper, &exts.list, "crlExtensions");
	att_x509_leave(tbs, &wrapper, "crlExtensions");
}

/* TBSCertList (RFC 5280 section 5.1). */
static att_rc read_tbs(att_reader *tbs, struct att_crl *c, att_err *err)
{
	if (att_der_uint(tbs, ATT_DER_INTEGER, "version") != VERSION_2)
		att_reader_mark(tbs, "version: expected v2");
	att_rc rc = att_x509_algorithm(tbs, err);
	if (rc != ATT_OK)
		return rc;
	c->issuer = att_x509_name(tbs, &c->issuer_cn, "issuer");
	c->this_update = att_der_time(tbs, "thisUpdate");
	c->next_update = att_der_time(tbs, "nextUpdate");
	if (att_der_peek(tbs) == ATT_DER_SEQUENCE)
		read_revoked(tbs, c);
	if (att_left(tbs))
		read_extensions(tbs, c);
	return att_reader_end(tbs, err);
}

att_rc att_crl_parse(att_bytes der, struct att_crl *out, att_err *err)
{
	struct att_crl c = { .der = der };
	struct att_x509_signed whole;

	*out = (struct att_crl){ 0 };
	if (der.len > ATT_CRL_MAX)
		return att_fail(err, ATT_E_FORMAT, "CRL is %zu bytes, at most %zu", der.len,
				ATT_CRL_MAX);
	att_rc rc = att_x509_signed(der, &whole, err);
	if (rc == ATT_OK) {
		c.tbs = whole.tbs;
		c.signature = whole.signature;
		rc = read_tbs(&whole.inside, &c, err);
	}
	if (rc != ATT_OK)
		return att_wrap(err, rc, "CRL");
	*out = c;
	return ATT_OK;
}
