/* SPDX-License-Identifier: Apache-2.0 */
/* What each chain of Intel's SGX PKI must look like, beside being readable and signed. */
#include <string.h>

#include "base/mem.h"
#include "verify/chain_role.h"

const struct att_chain_role att_role_pck = {
	.count = 3,
	.names = { "SGX PCK Certificate", "CA", "SGX Root CA" },
};
const struct att_chain_role att_role_crl_issuer = {
	.count = 2,
	.names = { "CA", "SGX Root CA" },
	.issues_crls = true,
};
const struct att_chain_role att_role_signer = {
	.count = 2,
	.names = { "SGX TCB Signing", "SGX Root CA" },
};

bool att_text_has(att_bytes text, const char *part)
{
	return text.len != 0 && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static const struct att_cert *issuer_of(const struct att_chain *c, size_t i)
{
	return &c->cert[i + 1 < c->count ? i + 1 : i];
}

static const char *broken_link(const struct att_chain *c, size_t i,
			       const struct att_chain_role *role)
{
	const struct att_cert *cert = &c->cert[i], *up = issuer_of(c, i);
	const char *part = role->names[i];

	if (!att_text_has(cert->subject_cn, part))
		return "has not the subject this place in the chain wants";
	if (!att_bytes_eq(cert->issuer, up->subject))
		return "was issued by another name than the next one's";
	if (cert->akid.len != 0 && up->skid.len != 0 && !att_bytes_eq(cert->akid, up->skid))
		return "names another authority key id than the next one's";
	return NULL;
}

static const char *misuse_of_leaf(const struct att_cert *cert)
{
	if (cert->is_ca)
		return "is an authority's, expected an end entity's";
	if (cert->has_key_usage && !(cert->key_usage & ATT_KU_DIGITAL_SIGNATURE))
		return "may not sign data (key usage)";
	return NULL;
}

static const char *misuse(const struct att_chain *c, size_t i, const struct att_chain_role *role)
{
	const struct att_cert *cert = &c->cert[i];
	size_t authorities_below = role->issues_crls ? i : (i > 0 ? i - 1 : 0);

	if (cert->unknown_critical.len != 0)
		return "has a critical extension that is not understood";
	if (i == 0 && !role->issues_crls)
		return misuse_of_leaf(cert);
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

void att_chain_judge(struct att_chain *c, const struct att_chain_role *role)
{
	for (size_t i = 0; i < c->count && c->count == role->count; i++) {
		if (!c->link.what)
			c->link = (struct att_fault){ broken_link(c, i, role), i + 1 };
		if (!c->misuse.what)
			c->misuse = (struct att_fault){ misuse(c, i, role), i + 1 };
	}
}
