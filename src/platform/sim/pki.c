/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/pki.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/pem.h"
#include "platform/sim/sgxext.h"

#define VALID_BEFORE (365 * ATT_SIM_DAY)
#define VALID_AFTER  (20 * 365 * ATT_SIM_DAY)
#define CRL_BEFORE   ATT_SIM_DAY
#define CRL_AFTER    (30 * ATT_SIM_DAY)

struct authority {
	struct att_issue_party party;
	att_signer *key;
	att_buf pem;
};

struct att_sim_pki {
	struct att_sim_seed seed;
	int64_t not_before;
	int64_t not_after;
	struct authority is[ATT_SIM_AUTHORITIES];
};

/* Names as Intel's (PCK profile 1.3): clients look for parts of them. The CRL addresses are of a
 * domain that never resolves (RFC 2606 section 2). */
static const struct {
	const char *name;
	const char *crl_url; /* of the CRL it issues */
	bool ca;
	unsigned path_len;
} authorities[ATT_SIM_AUTHORITIES] = {
	[ATT_SIM_ROOT] = { "Intel SGX Root CA", "https://sim.invalid/IntelSGXRootCA.der", true, 1 },
	[ATT_SIM_PROCESSOR_CA] = { "Intel SGX PCK Processor CA",
				   "https://sim.invalid/pckcrl?ca=processor", true, 0 },
	[ATT_SIM_PLATFORM_CA] = { "Intel SGX PCK Platform CA",
				  "https://sim.invalid/pckcrl?ca=platform", true, 0 },
	[ATT_SIM_TCB_SIGNER] = { "Intel SGX TCB Signing", "", false, 0 },
};

att_rc att_sim_pki_key(const att_sim_pki *pki, const char *name, att_signer **out, att_err *err)
{
	size_t len = strlen(pki->seed.text);

	if (len == 0)
		return att_signer_generate(out, err);
	return att_signer_derive(att_bytes_of(pki->seed.text, len), name, out, err);
}

/* A serial number that no two keys share: the end of the key id. */
static uint64_t serial_of(const struct att_issue_party *p)
{
	uint64_t serial = 0;

	for (size_t i = ATT_KEY_ID - 8; i < ATT_KEY_ID; i++)
		serial = serial << 8 | p->key_id[i];
	return serial | 1;
}

static att_rc certify(const struct att_sim_pki *pki, const struct att_issue_cert *cert,
		      att_buf *pem, att_err *err)
{
	struct att_issue_cert c = *cert;
	att_auto_buf att_buf der = { 0 };

	c.serial = serial_of(c.subject);
	c.not_before = pki->not_before;
	c.not_after = pki->not_after;
	att_rc rc = att_issue_cert(&c, &der, err);
	if (rc != ATT_OK)
		return rc;
	att_put_pem(pem, "CERTIFICATE", att_buf_bytes(&der));
	return att_buf_ok(pem, err);
}

static att_rc make_authority(struct att_sim_pki *pki, enum att_sim_authority who, att_err *err)
{
	struct authority *a = &pki->is[who];
	const struct att_issue_party *root = &pki->is[ATT_SIM_ROOT].party;
	att_rc rc = att_sim_pki_key(pki, authorities[who].name, &a->key, err);

	if (rc != ATT_OK)
		return rc;
	a->party.common_name = authorities[who].name;
	a->party.key = a->key;
	rc = att_issue_key_id(a->key, who == ATT_SIM_ROOT, a->party.key_id, err);
	if (rc != ATT_OK)
		return rc;
	const struct att_issue_cert cert = {
		.subject = &a->party,
		.issuer = root,
		.ca = authorities[who].ca,
		.path_len = authorities[who].path_len,
		.crl_url = authorities[ATT_SIM_ROOT].crl_url,
		.sim_marker = who == ATT_SIM_ROOT,
	};
	return certify(pki, &cert, &a->pem, err);
}

ATT_DEFINE_CLEANUP(pki, att_sim_pki, att_sim_pki_free)

att_rc att_sim_pki_new(const struct att_sim_seed *seed, int64_t now, att_sim_pki **out,
		       att_err *err)
{
	*out = NULL;
	__attribute__((cleanup(pki_cleanup))) att_sim_pki *pki = calloc(1, sizeof(*pki));

	if (!pki)
		return att_fail(err, ATT_E_NOMEM, "simulated PKI: out of memory");
	pki->seed = *seed;
	pki->not_before = now - VALID_BEFORE;
	pki->not_after = now + VALID_AFTER;
	for (int who = 0; who < ATT_SIM_AUTHORITIES; who++) {
		att_rc rc = make_authority(pki, (enum att_sim_authority)who, err);

		if (rc != ATT_OK)
			return att_wrap(err, rc, "%s", authorities[who].name);
	}
	*out = ATT_STEAL(pki);
	return ATT_OK;
}

void att_sim_pki_free(att_sim_pki *pki)
{
	if (!pki)
		return;
	for (int who = 0; who < ATT_SIM_AUTHORITIES; who++) {
		att_signer_free(pki->is[who].key);
		att_buf_free(&pki->is[who].pem);
	}
	free(pki);
}

att_bytes att_sim_pki_pem(const att_sim_pki *pki, enum att_sim_authority who)
{
	return att_buf_bytes(&pki->is[who].pem);
}

void att_sim_pki_put_chain(const att_sim_pki *pki, enum att_sim_authority who, att_buf *pem)
{
	att_put(pem, att_sim_pki_pem(pki, who));
	att_put(pem, att_sim_pki_pem(pki, ATT_SIM_ROOT));
}

att_rc att_sim_pki_crl_of(const att_sim_pki *pki, enum att_sim_authority who,
			  const struct att_issue_crl *terms, att_buf *der, att_err *err)
{
	struct att_issue_crl crl = *terms;

	crl.issuer = &pki->is[who].party;
	return att_issue_crl(&crl, der, err);
}

att_rc att_sim_pki_crl(const att_sim_pki *pki, enum att_sim_authority who, int64_t now,
		       const uint64_t *revoked, size_t revoked_count, att_buf *der, att_err *err)
{
	const struct att_issue_crl terms = {
		.this_update = now - CRL_BEFORE,
		.next_update = now + CRL_AFTER,
		.number = 1,
		.revoked = revoked,
		.revoked_count = revoked_count,
	};

	return att_sim_pki_crl_of(pki, who, &terms, der, err);
}

const char *att_sim_pki_crl_url(enum att_sim_authority who)
{
	return authorities[who].crl_url;
}

uint64_t att_sim_pki_serial(const att_sim_pki *pki, enum att_sim_authority who)
{
	return serial_of(&pki->is[who].party);
}

att_rc att_sim_pki_sign_json(const att_sim_pki *pki, att_bytes text, uint8_t rs[static 64],
			     att_err *err)
{
	return att_signer_sign(pki->is[ATT_SIM_TCB_SIGNER].key, text, rs, err);
}

static att_rc certify_pck(const att_sim_pki *pki, const char *name, struct att_sim_pck *pck,
			  att_err *err)
{
	enum att_sim_authority ca =
	    pck->platform.platform_ca ? ATT_SIM_PLATFORM_CA : ATT_SIM_PROCESSOR_CA;
	struct att_issue_party subject = { .common_name = "Intel SGX PCK Certificate" };
	att_auto_buf att_buf extension = { 0 };

	att_sim_put_sgx_extension(&extension, &pck->platform);
	att_rc rc = att_buf_ok(&extension, err);
	if (rc == ATT_OK)
		rc = att_sim_pki_key(pki, name, &pck->key, err);
	if (rc == ATT_OK)
		rc = att_issue_key_id(pck->key, false, subject.key_id, err);
	if (rc != ATT_OK)
		return rc;
	subject.key = pck->key;
	pck->serial = serial_of(&subject);
	const struct att_issue_cert cert = {
		.subject = &subject,
		.issuer = &pki->is[ca].party,
		.crl_url = authorities[ca].crl_url,
		.sgx_extension = att_buf_bytes(&extension),
	};
	rc = certify(pki, &cert, &pck->chain, err);
	if (rc != ATT_OK)
		return rc;
	pck->leaf_len = pck->chain.len;
	att_sim_pki_put_chain(pki, ca, &pck->chain);
	return att_buf_ok(&pck->chain, err);
}

att_rc att_sim_pck_make(const att_sim_pki *pki, const struct att_platform *platform,
			const char *name, struct att_sim_pck *out, att_err *err)
{
	*out = (struct att_sim_pck){ .platform = *platform };
	att_rc rc = certify_pck(pki, name, out, err);

	if (rc == ATT_OK)
		return ATT_OK;
	att_sim_pck_free(out);
	return att_wrap(err, rc, "simulated PCK certificate");
}

void att_sim_pck_free(struct att_sim_pck *pck)
{
	att_signer_free(pck->key);
	att_buf_free(&pck->chain);
	*pck = (struct att_sim_pck){ 0 };
}
