/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/quote.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/reader.h"
#include "evidence/body.h"

#define TEE_SGX 0x00u
#define TEE_TDX 0x81u

#define KEY_ECDSA_P256 2

#define BODY_SGX   1
#define BODY_TD_10 2
#define BODY_TD_15 3

#define CERT_PPID_PLAIN   1
#define CERT_PPID_RSA2048 2
#define CERT_PPID_RSA3072 3
#define CERT_PCK_LEAF     4
#define CERT_PCK_CHAIN    5
#define CERT_QE_REPORT    6
#define CERT_PLATFORM     7

static att_rc header_judge(const struct att_quote *q, att_err *err)
{
	if (q->version == 1 || q->version == 2)
		return att_fail_at(err, ATT_E_UNSUPPORTED, 0,
				   "version is %u (an EPID quote), supported are 3, 4 and 5",
				   q->version);
	if (q->version < 3 || q->version > 5)
		return att_fail_at(err, ATT_E_UNSUPPORTED, 0,
				   "version is %u, supported are 3, 4 and 5", q->version);
	if (q->key_type != KEY_ECDSA_P256)
		return att_fail_at(err, ATT_E_UNSUPPORTED, 2,
				   "attestation key type is %u, supported is 2 (ecdsa p-256)",
				   q->key_type);
	if (q->version == 3 && q->tee_type != 0)
		return att_fail_at(err, ATT_E_FORMAT, 4,
				   "reserved field of version 3 is 0x%" PRIx32 ", must be 0",
				   q->tee_type);
	if (q->tee_type != TEE_SGX && q->tee_type != TEE_TDX)
		return att_fail_at(err, ATT_E_UNSUPPORTED, 4,
				   "tee type is 0x%" PRIx32
				   ", supported are 0x0 (sgx) and 0x81 (tdx)",
				   q->tee_type);
	return ATT_OK;
}

/* Intel SGX DCAP quote library API, "Quote Header". From version 4 on the fields at 8 and 10 are
 * reserved. */
static att_rc header_read(att_reader *r, struct att_quote *q, att_err *err)
{
	q->version = att_le16(r, "version");
	q->key_type = att_le16(r, "att_key_type");
	q->tee_type = att_le32(r, "tee_type");
	uint16_t qe_svn = att_le16(r, "qe_svn");
	uint16_t pce_svn = att_le16(r, "pce_svn");
	att_copy(r, q->qe_vendor_id, sizeof(q->qe_vendor_id), "qe_vendor_id");
	att_copy(r, q->user_data, sizeof(q->user_data), "user_data");

	att_rc rc = att_reader_ok(r, err);
	if (rc != ATT_OK)
		return rc;
	if (q->version == 3) {
		q->qe_svn = qe_svn;
		q->pce_svn = pce_svn;
	}
	return header_judge(q, err);
}

/* Version 5 says which body follows; versions 3 and 4 leave that to the TEE type. */
static att_rc body_type_read(att_reader *r, struct att_quote *q, att_err *err)
{
	if (q->version != 5) {
		q->body_type = q->tee_type == TEE_TDX ? BODY_TD_10 : BODY_SGX;
		return ATT_OK;
	}

	static const uint32_t size_of[] = {
		[BODY_SGX] = ATT_SGX_BODY_LEN,
		[BODY_TD_10] = ATT_TD_BODY_10_LEN,
		[BODY_TD_15] = ATT_TD_BODY_15_LEN,
	};
	size_t at = att_tell(r);
	q->body_type = att_le16(r, "body_type");
	uint32_t size = att_le32(r, "body_size");

	att_rc rc = att_reader_ok(r, err);
	if (rc != ATT_OK)
		return rc;
	if (q->body_type < BODY_SGX || q->body_type > BODY_TD_15)
		return att_fail_at(err, ATT_E_UNSUPPORTED, at,
				   "body type is %u, supported are 1, 2 and 3", q->body_type);
	if ((q->tee_type == TEE_SGX) != (q->body_type == BODY_SGX))
		return att_fail_at(err, ATT_E_FORMAT, at, "body type %u under tee type 0x%" PRIx32,
				   q->body_type, q->tee_type);
	if (size != size_of[q->body_type])
		return att_fail_at(err, ATT_E_FORMAT, at + 2,
				   "body size is %" PRIu32 " bytes, type %u has %" PRIu32, size,
				   q->body_type, size_of[q->body_type]);
	return ATT_OK;
}

static void body_read(att_reader *r, const struct att_quote *q, struct att_claims *claims)
{
	if (q->body_type == BODY_SGX) {
		claims->kind = ATT_KIND_SGX_QUOTE;
		att_sgx_body_read(r, &claims->sgx);
	} else {
		claims->kind = ATT_KIND_TDX_QUOTE;
		att_td_body_read(r, q->body_type == BODY_TD_15, &claims->td);
	}
}

/* Types 1 to 3: which PCK certificate to look up (same document, "QE Certification Data"). Early
 * quotes of type 1, Intel's own sample among them, end before the PCE id. */
static att_rc ppid_read(struct att_quote *q, size_t ppid_len, att_err *err)
{
	size_t len = q->cert_data.len;
	bool early = q->cert_type == CERT_PPID_PLAIN && len == ppid_len + 18;
	if (len != ppid_len + 20 && !early)
		return att_fail_at(err, ATT_E_FORMAT, q->cert_data_offset,
				   "certification data of type %u is %zu bytes, must be %zu",
				   q->cert_type, len, ppid_len + 20);

	att_reader r = att_reader_at(q->cert_data, q->cert_data_offset);
	q->ppid = att_view(&r, ppid_len, "ppid");
	att_copy(&r, q->cert_cpu_svn, sizeof(q->cert_cpu_svn), "cpu_svn");
	q->cert_pce_svn = att_le16(&r, "pce_svn");
	q->has_cert_pce_id = !early;
	if (!early)
		q->cert_pce_id = att_le16(&r, "pce_id");
	return att_reader_end(&r, err);
}

static att_rc cert_data_judge(struct att_quote *q, size_t type_at, att_err *err)
{
	switch (q->cert_type) {
	case CERT_PPID_PLAIN:
		return ppid_read(q, 16, err);
	case CERT_PPID_RSA2048:
		return ppid_read(q, 256, err);
	case CERT_PPID_RSA3072:
		return ppid_read(q, 384, err);
	case CERT_PCK_LEAF:
	case CERT_PCK_CHAIN:
	case CERT_PLATFORM:
		return ATT_OK;
	case CERT_QE_REPORT:
		/* Kept for printing where the format nests; version 3 never does. */
		if (q->version != 3)
			return ATT_OK;
		break;
	default:
		break;
	}
	return att_fail_at(err, ATT_E_UNSUPPORTED, type_at,
			   "certification data type is %u, supported are "
			   "1 to 5 and 7",
			   q->cert_type);
}

/* From the QE report to the certification data: the tail of version 3's signature data, and what
 * certification data of type 6 holds in versions 4 and 5. Consumes r to its end. */
static att_rc qe_part_read(att_reader *r, struct att_quote *q, att_err *err)
{
	size_t report_at = att_tell(r);
	q->qe_report_raw = att_view(r, ATT_SGX_BODY_LEN, "qe_report");
	q->qe_report_signature = att_view(r, 64, "qe_report_signature");
	size_t auth_len = att_le16(r, "qe_auth_data_size");
	q->qe_auth_data = att_view(r, auth_len, "qe_auth_data");
	size_t type_at = att_tell(r);
	q->cert_type = att_le16(r, "certification_data_type");
	size_t cert_len = att_le32(r, "certification_data_size");
	q->cert_data_offset = att_tell(r);
	q->cert_data = att_view(r, cert_len, "certification_data");

	att_rc rc = att_reader_end(r, err);
	if (rc != ATT_OK)
		return rc;

	att_reader report = att_reader_at(q->qe_report_raw, report_at);
	att_sgx_body_read(&report, &q->qe_report);
	rc = att_reader_end(&report, err);
	if (rc != ATT_OK)
		return rc;
	return cert_data_judge(q, type_at, err);
}

static att_rc signature_data_read(att_reader *r, struct att_quote *q, att_err *err)
{
	q->signature = att_view(r, 64, "signature");
	q->attestation_key = att_view(r, 64, "attestation_key");
	if (q->version == 3)
		return qe_part_read(r, q, err);

	size_t type_at = att_tell(r);
	q->outer_cert_type = att_le16(r, "certification_data_type");
	size_t outer_len = att_le32(r, "certification_data_size");

	att_rc rc = att_reader_ok(r, err);
	if (rc != ATT_OK)
		return rc;
	if (q->outer_cert_type != CERT_QE_REPORT)
		return att_fail_at(err, ATT_E_FORMAT, type_at,
				   "outer certification data type is %u, must be 6",
				   q->outer_cert_type);
	att_reader nested = att_sub(r, outer_len, "certification_data");
	rc = att_reader_end(r, err);
	if (rc != ATT_OK)
		return rc;
	rc = qe_part_read(&nested, q, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "qe report certification data");
	return ATT_OK;
}

/* Cloud providers' buffers leave zeros behind the signature data; any other byte is an error. */
static att_rc padding_read(const att_reader *r, struct att_quote *q, att_err *err)
{
	att_bytes rest = att_peek_rest(r);

	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i] != 0)
			return att_fail_at(
			    err, ATT_E_TRAILING, att_tell(r) + i,
			    "byte 0x%02x behind the signature data, only zeros may be there",
			    rest.ptr[i]);
	}
	q->padding = rest.len;
	return ATT_OK;
}

att_rc att_quote_parse(att_bytes in, struct att_quote *q, struct att_claims *claims, att_err *err)
{
	att_reader r = att_reader_of(in);

	*q = (struct att_quote){ 0 };
	*claims = (struct att_claims){ 0 };
	att_rc rc = header_read(&r, q, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "quote header");
	rc = body_type_read(&r, q, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "quote v%u", q->version);
	body_read(&r, q, claims);
	size_t signed_len = att_tell(&r);
	size_t sig_len = att_le32(&r, "signature_data_size");
	att_reader sig = att_sub(&r, sig_len, "signature_data");

	rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "quote v%u", q->version);
	q->signed_part = att_bytes_of(in.ptr, signed_len);
	rc = signature_data_read(&sig, q, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "quote v%u signature data", q->version);
	rc = padding_read(&r, q, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "quote v%u", q->version);
	return ATT_OK;
}
