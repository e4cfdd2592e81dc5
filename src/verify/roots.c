/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "codec/pem.h"
#include "crypto/digest.h"
#include "verify/roots.h"

/* The public key of "Intel SGX Root CA" (self-signed, 2018-05-21 to 2049-12-31; Intel publishes it
 * as Intel_SGX_Provisioning_Certification_RootCA). */
static const uint8_t intel_root_point[ATT_P256_POINT] = {
	0x04, 0x0b, 0xa9, 0xc4, 0xc0, 0xc0, 0xc8, 0x61, 0x93, 0xa3, 0xfe, 0x23, 0xd6,
	0xb0, 0x2c, 0xda, 0x10, 0xa8, 0xbb, 0xd4, 0xe8, 0x8e, 0x48, 0xb4, 0x45, 0x85,
	0x61, 0xa3, 0x6e, 0x70, 0x55, 0x25, 0xf5, 0x67, 0x91, 0x8e, 0x2e, 0xdc, 0x88,
	0xe4, 0x0d, 0x86, 0x0b, 0xd0, 0xcc, 0x4e, 0xe2, 0x6a, 0xac, 0xc9, 0x88, 0xe5,
	0x05, 0xa9, 0x53, 0x55, 0x8c, 0x45, 0x3f, 0x6b, 0x09, 0x04, 0xae, 0x73, 0x94,
};

/* SubjectPublicKeyInfo of an uncompressed P-256 point up to the point (RFC 5480 section 2). */
static const uint8_t spki_prefix[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
};

static bool add(struct att_roots *r, const uint8_t point[static ATT_P256_POINT], const char *label,
		bool simulated)
{
	struct att_root *root = &r->root[r->count];
	uint8_t spki[sizeof(spki_prefix) + ATT_P256_POINT];

	memcpy(spki, spki_prefix, sizeof(spki_prefix));
	memcpy(spki + sizeof(spki_prefix), point, ATT_P256_POINT);
	memcpy(root->point, point, ATT_P256_POINT);
	root->facts = (struct att_root_facts){ .present = true, .simulated = simulated };
	strncpy(root->facts.label, label, sizeof(root->facts.label) - 1);
	if (!att_sha256_once(att_bytes_of(spki, sizeof(spki)), root->facts.key_sha256))
		return false;
	r->count++;
	return true;
}

att_roots *att_roots_new(void)
{
	struct att_roots *r = calloc(1, sizeof(*r));

	if (r && att_p256_new(&r->tools, NULL) != ATT_OK) {
		free(r);
		return NULL;
	}
	return r;
}

void att_roots_free(att_roots *r)
{
	if (!r)
		return;
	att_p256_free(r->tools);
	free(r);
}

att_roots *att_roots_intel(void)
{
	struct att_roots *r = att_roots_new();

	if (r && !add(r, intel_root_point, "intel", false)) {
		att_roots_free(r);
		return NULL;
	}
	return r;
}

size_t att_roots_count(const att_roots *r)
{
	return r->count;
}

static att_rc on_curve(struct att_roots *r, const struct att_cert *c, att_err *err)
{
	if (att_p256_on_curve(r->tools, c->point))
		return ATT_OK;
	if (att_p256_failed(r->tools))
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	return att_fail(err, ATT_E_FORMAT, "its key is not on P-256");
}

static att_rc to_der(att_bytes in, uint8_t *der, size_t *len, att_err *err)
{
	att_reader r = att_reader_of(in);
	uint8_t more[1];
	size_t more_len = sizeof(more);

	att_rc rc = att_pem_next(&r, "CERTIFICATE", der, len, err);
	if (rc != ATT_OK)
		return rc;
	if (att_pem_next(&r, "CERTIFICATE", more, &more_len, NULL) != ATT_E_MISSING)
		return att_fail_at(err, ATT_E_TRAILING, att_tell(&r), "more than one certificate");
	return ATT_OK;
}

att_rc att_roots_add(att_roots *r, att_bytes certificate, const char *label, att_err *err)
{
	uint8_t der[ATT_CERT_MAX];
	size_t len = sizeof(der);
	struct att_cert c;

	if (r->count == ATT_ROOTS_MAX)
		return att_fail(err, ATT_E_ARG, "more than %u roots", ATT_ROOTS_MAX);
	if (strlen(label) >= sizeof(r->root[0].facts.label))
		return att_fail(err, ATT_E_ARG, "label of %zu bytes, at most 63", strlen(label));
	if (att_pem_looks(certificate)) {
		att_rc rc = to_der(certificate, der, &len, err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "root certificate");
		certificate = att_bytes_of(der, len);
	}
	att_rc rc = att_cert_parse(certificate, &c, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "root certificate");
	if (!c.has_basic_constraints || !c.is_ca)
		return att_fail(err, ATT_E_FORMAT,
				"root certificate: is not a certificate authority's");
	if (!att_bytes_eq(c.issuer, c.subject))
		return att_fail(err, ATT_E_FORMAT, "root certificate: is not self-issued");
	rc = on_curve(r, &c, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "root certificate");
	if (!add(r, c.point, label, att_cert_simulated(&c)))
		return att_fail(err, ATT_E_UNAVAILABLE, "root certificate: no SHA-256");
	return ATT_OK;
}

const struct att_root *att_roots_find(const struct att_roots *r, const struct att_cert *c)
{
	for (size_t i = 0; i < r->count; i++)
		if (memcmp(r->root[i].point, c->point, ATT_P256_POINT) == 0)
			return &r->root[i];
	return NULL;
}
