/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/inspect.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/pem.h"
#include "collateral/crlbytes.h"
#include "collateral/pck.h"
#include "collateral/tcbinfo.h"
#include "crypto/digest.h"
#include "crypto/x509.h"

static void copy_name(char out[static 72], att_bytes name)
{
	size_t n = name.len < 71 ? name.len : 71;

	if (n)
		memcpy(out, name.ptr, n);
	out[n] = 0;
}

static att_rc fill_cert(att_bytes der, struct att_cert_facts *out, att_err *err)
{
	struct att_cert cert;

	*out = (struct att_cert_facts){ 0 };
	att_rc rc = att_cert_parse(der, &cert, err);
	if (rc != ATT_OK)
		return rc;
	copy_name(out->subject, cert.subject_cn);
	copy_name(out->issuer, cert.issuer_cn);
	/* A zero in front keeps the INTEGER positive; it is no part of the number. */
	if (cert.serial.len > 1 && cert.serial.ptr[0] == 0)
		cert.serial = att_bytes_of(cert.serial.ptr + 1, cert.serial.len - 1);
	if (cert.serial.len > sizeof(out->serial))
		return att_fail(err, ATT_E_FORMAT, "serial number of %zu bytes, at most %zu",
				cert.serial.len, sizeof(out->serial));
	memcpy(out->serial, cert.serial.ptr, cert.serial.len);
	out->serial_len = cert.serial.len;
	out->not_before = cert.not_before;
	out->not_after = cert.not_after;
	out->is_ca = cert.is_ca;
	out->path_len = cert.path_len;
	out->simulated = att_cert_simulated(&cert);
	if (!att_sha256_once(der, out->sha256))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto gives no SHA-256");
	if (cert.sgx_extension.len == 0)
		return ATT_OK;
	out->has_platform = true;
	rc = att_pck_ext_parse(cert.sgx_extension, &out->platform, err);
	out->platform.platform_ca = strcmp(out->issuer, "Intel SGX PCK Platform CA") == 0;
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "SGX extension");
}

static att_rc read_blocks(att_bytes in, uint8_t *der, struct att_cert_facts *out, size_t *count,
			  att_err *err)
{
	att_reader r = att_reader_of(in);

	for (;;) {
		size_t len = in.len;
		size_t at = att_tell(&r);
		att_rc rc = att_pem_next(&r, "CERTIFICATE", der, &len, err);
		if (rc == ATT_E_MISSING)
			break;
		if (rc == ATT_OK && *count == ATT_CERTS_MAX)
			return att_fail_at(err, ATT_E_FORMAT, at, "more than %d certificates",
					   ATT_CERTS_MAX);
		if (rc == ATT_OK)
			rc = fill_cert(att_bytes_of(der, len), &out[*count], err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "certificate %zu", *count + 1);
		(*count)++;
	}
	return *count ? ATT_OK : att_fail(err, ATT_E_FORMAT, "no certificate in it");
}

att_rc att_certs_read(att_bytes in, struct att_cert_facts out[ATT_CERTS_MAX], size_t *count,
		      att_err *err)
{
	*count = 0;
	if (in.len > 2 * ATT_CERTS_MAX * (size_t)ATT_CERT_MAX)
		return att_fail(err, ATT_E_FORMAT, "%zu bytes of certificates, at most %zu", in.len,
				2 * ATT_CERTS_MAX * (size_t)ATT_CERT_MAX);
	if (in.len == 0)
		return att_fail(err, ATT_E_FORMAT, "no certificate in it");
	if (in.ptr[0] == 0x30) {
		att_rc rc = fill_cert(in, &out[0], err);
		*count = rc == ATT_OK;
		return rc;
	}
	att_auto_mem uint8_t *der = malloc(in.len);
	if (!der)
		return att_fail(err, ATT_E_NOMEM, "certificates: out of memory");
	att_rc rc = read_blocks(in, der, out, count, err);
	if (rc != ATT_OK)
		*count = 0;
	return rc;
}

att_rc att_crl_read(att_bytes in, struct att_crl_facts *out, att_err *err)
{
	att_auto_buf att_buf der = { 0 };
	struct att_crl crl;

	*out = (struct att_crl_facts){ 0 };
	att_rc rc = att_crl_to_der(in, &der, err);
	if (rc == ATT_OK)
		rc = att_crl_parse(att_buf_bytes(&der), &crl, err);
	if (rc != ATT_OK)
		return rc;
	copy_name(out->issuer, crl.issuer_cn);
	out->this_update = crl.this_update;
	out->next_update = crl.next_update;
	out->number = crl.has_number ? (int64_t)crl.number : -1;
	out->revoked = crl.revoked_count;
	return ATT_OK;
}

/* The object named `name` in a service's answer, or the whole document. */
static att_rc signed_object(att_bytes in, const char *name, att_json_doc *doc, att_json *object,
			    bool *answer, att_err *err)
{
	uint8_t signature[64];

	att_rc rc = att_json_parse(in, doc, err);
	if (rc == ATT_OK)
		rc = att_answer_split(doc, name, answer, object, signature, err);
	if (rc == ATT_OK && !*answer)
		*object = att_json_root(doc);
	return rc;
}

att_rc att_tcb_info_read(att_bytes in, struct att_tcb_info_facts *out, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	struct att_tcbinfo info;
	att_json object;
	bool answer = false;

	*out = (struct att_tcb_info_facts){ 0 };
	att_rc rc = signed_object(in, "tcbInfo", &doc, &object, &answer, err);
	if (rc == ATT_OK)
		rc = att_tcbinfo_parse(object, &info, err);
	if (rc != ATT_OK)
		return rc;
	out->version = info.version;
	out->tdx = info.tdx;
	out->issue_date = info.issue_date;
	out->next_update = info.next_update;
	memcpy(out->fmspc, info.fmspc, sizeof(out->fmspc));
	memcpy(out->pce_id, info.pce_id, sizeof(out->pce_id));
	out->evaluation = info.evaluation;
	out->levels = info.level_count;
	out->modules = info.module_count;
	out->with_signature = answer;
	att_tcbinfo_free(&info);
	return ATT_OK;
}

att_rc att_identity_read(att_bytes in, struct att_identity_facts *out, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	struct att_identity identity;
	att_json object;
	bool answer = false;

	*out = (struct att_identity_facts){ 0 };
	att_rc rc = signed_object(in, "enclaveIdentity", &doc, &object, &answer, err);
	if (rc == ATT_OK)
		rc = att_identity_parse(object, &identity, err);
	if (rc != ATT_OK)
		return rc;
	out->id = att_identity_id_name(identity.id);
	out->issue_date = identity.issue_date;
	out->next_update = identity.next_update;
	out->evaluation = identity.evaluation;
	memcpy(out->mr_signer, identity.mr_signer, sizeof(out->mr_signer));
	out->isv_prod_id = identity.isv_prod_id;
	out->levels = identity.level_count;
	out->with_signature = answer;
	att_identity_free(&identity);
	return ATT_OK;
}

att_rc att_hash_sha256(att_bytes in, uint8_t out[32], att_err *err)
{
	if (!att_sha256_once(in, out))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto gives no SHA-256");
	return ATT_OK;
}
