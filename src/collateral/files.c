/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "attest/collateral.h"
#include "base/mem.h"

/* The answers of PCS and PCCS under the names of their routes (doc/collateral.md). */
static const struct {
	const char *name;
	enum att_item item;
} files[] = {
	{ "tcb.json", ATT_ITEM_TCB_INFO },
	{ "tcbinfo.json", ATT_ITEM_TCB_INFO },
	{ "tcb_issuer_chain.pem", ATT_ITEM_TCB_INFO_ISSUER_CHAIN },
	{ "tcbinfo_issuer_chain.pem", ATT_ITEM_TCB_INFO_ISSUER_CHAIN },
	{ "identity.json", ATT_ITEM_QE_IDENTITY },
	{ "identity_issuer_chain.pem", ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN },
	{ "pckcrl.crl", ATT_ITEM_PCK_CRL },
	{ "pckcrl.der", ATT_ITEM_PCK_CRL },
	{ "pckcrl.hex", ATT_ITEM_PCK_CRL },
	{ "pckcrl.pem", ATT_ITEM_PCK_CRL },
	{ "pckcrl_issuer_chain.pem", ATT_ITEM_PCK_CRL_ISSUER_CHAIN },
	{ "rootcacrl.crl", ATT_ITEM_ROOT_CA_CRL },
	{ "rootcacrl.der", ATT_ITEM_ROOT_CA_CRL },
	{ "rootcacrl.hex", ATT_ITEM_ROOT_CA_CRL },
	{ "rootcacrl.pem", ATT_ITEM_ROOT_CA_CRL },
	{ "pckcert_chain.pem", ATT_ITEM_PCK_CERTIFICATE_CHAIN },
};

static const char *const extensions[] = { ".crl", ".der", ".hex", ".json", ".pem", ".txt" };

static bool is_extension(const char *s)
{
	for (size_t i = 0; i < ATT_COUNT(extensions); i++) {
		if (strcmp(s, extensions[i]) == 0)
			return true;
	}
	return false;
}

bool att_item_of_file(const char *name, enum att_item *item)
{
	for (size_t i = 0; i < ATT_COUNT(files); i++) {
		if (strcmp(name, files[i].name) == 0) {
			*item = files[i].item;
			return true;
		}
	}
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		const char *stem = att_item_name((enum att_item)i);
		size_t len = strlen(stem);

		if (strncmp(name, stem, len) == 0 && is_extension(name + len)) {
			*item = (enum att_item)i;
			return true;
		}
	}
	return false;
}
