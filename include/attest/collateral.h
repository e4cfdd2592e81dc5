/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral: what verifying a quote needs beside the quote. Bytes as they were received; nothing
 * is trusted or even looked at before att_verify() has checked it. */
#ifndef ATTEST_COLLATERAL_H
#define ATTEST_COLLATERAL_H

#include "attest/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum att_item {
	ATT_ITEM_PCK_CRL_ISSUER_CHAIN,     /* PEM: PCK CA, root */
	ATT_ITEM_ROOT_CA_CRL,              /* DER, PEM or hex */
	ATT_ITEM_PCK_CRL,                  /* DER, PEM or hex */
	ATT_ITEM_TCB_INFO_ISSUER_CHAIN,    /* PEM: TCB signer, root */
	ATT_ITEM_TCB_INFO,                 /* the signed text, or {"tcbInfo":…,"signature":…} */
	ATT_ITEM_TCB_INFO_SIGNATURE,       /* 128 hex digits; not with the answer form */
	ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, /* PEM: TCB signer, root */
	ATT_ITEM_QE_IDENTITY, /* the signed text, or {"enclaveIdentity":…,"signature":…} */
	ATT_ITEM_QE_IDENTITY_SIGNATURE,
	ATT_ITEM_PCK_CERTIFICATE_CHAIN, /* PEM: PCK, PCK CA, root; needed when the quote has none */
	ATT_ITEM_COUNT
};

#define ATT_COLLATERAL_MAX ((size_t)2 << 20) /* of one file or blob, and of all items */

typedef struct att_collateral att_collateral;

ATT_API att_collateral *att_collateral_new(void); /* empty; NULL when out of memory */
ATT_API void att_collateral_free(att_collateral *c);

/* The member name of an item in the JSON form ("pck_crl_issuer_chain"); NULL when out of range. */
ATT_API const char *att_item_name(enum att_item item);

/* Copies `bytes` in as the item, in place of what was there; an empty view removes it. One NUL at
 * the end of a text (Intel's sizes count it) and white space behind a signature are dropped; a
 * chain that is percent-encoded, as a service's header carries it, is decoded.
 * ATT_E_ARG, ATT_E_FORMAT (too large, bad percent-encoding), ATT_E_NOMEM. */
ATT_API att_rc att_collateral_set(att_collateral *c, enum att_item item, att_bytes bytes,
				  att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* The item's bytes, lent; empty when it is not there. */
ATT_API att_bytes att_collateral_get(const att_collateral *c, enum att_item item) ATT_NONNULL(1);

/* Where the collateral came from: "json", "oe-endorsements", "qve-flat", "qve", "items". Static. */
ATT_API const char *att_collateral_form(const att_collateral *c) ATT_NONNULL(1);

/* Reads one blob: the JSON form (doc/collateral.md), Open Enclave's SGX endorsements
 * (oe_endorsements_t), or the flat form of Intel's C structure that Open Enclave uses for TDX;
 * detected.
 * ATT_E_FORMAT, ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_UNSUPPORTED (version), ATT_E_NOMEM.
 * A missing item is no error here: verification names it. */
ATT_API att_rc att_collateral_parse(att_bytes in, att_collateral **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* Intel's sgx_ql_qve_collateral_t (sgx_ql_lib_common.h), field by field; sizes count the NUL. */
struct att_qve_collateral {
	uint32_t version; /* 1, 3, 0x00010003 or 4 */
	uint32_t tee_type;
	char *pck_crl_issuer_chain;
	uint32_t pck_crl_issuer_chain_size;
	char *root_ca_crl;
	uint32_t root_ca_crl_size;
	char *pck_crl;
	uint32_t pck_crl_size;
	char *tcb_info_issuer_chain;
	uint32_t tcb_info_issuer_chain_size;
	char *tcb_info;
	uint32_t tcb_info_size;
	char *qe_identity_issuer_chain;
	uint32_t qe_identity_issuer_chain_size;
	char *qe_identity;
	uint32_t qe_identity_size;
};

/* Copies from Intel's structure. ATT_E_UNSUPPORTED (version, tee_type), ATT_E_ARG (a size without a
 * pointer), ATT_E_NOMEM. */
ATT_API att_rc att_collateral_from_qve(const struct att_qve_collateral *in, att_collateral **out,
				       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* A directory of service answers: which file name holds which item ("tcb.json", "pckcrl.der", ...).
 * False when the name is none of them. doc/collateral.md has the table. */
ATT_API bool att_item_of_file(const char *name, enum att_item *item) ATT_NONNULL(1, 2);

/* Writes the JSON form; CRLs in hex. `*out` is malloc'ed, NUL behind it.
 * ATT_E_NOMEM, ATT_E_FORMAT (an item that is no text, or more than the reader takes). */
ATT_API att_rc att_collateral_to_json(const att_collateral *c, char **out,
				      att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

#ifdef __cplusplus
}
#endif
#endif
