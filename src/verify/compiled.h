/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral made ready: decoded, its signatures checked, then parsed. Immutable once made, shared
 * by reference. It holds facts about bytes only ("this key signed these bytes", "this text reads
 * so"): nothing in it depends on a root, a time or a quote, so it is judged anew at every
 * verification. */
#ifndef ATT_VERIFY_COMPILED_H
#define ATT_VERIFY_COMPILED_H

#include "attest/verify.h"
#include "collateral/tcbinfo.h"
#include "crypto/p256.h"
#include "crypto/serials.h"
#include "crypto/x509.h"

#define ATT_CHAIN_CERTS 3 /* longest chain of the PKI */

/* What a chain must look like: certificates leaf first, and a part of each subject's common
 * name. */
struct att_chain_role {
	size_t count;
	const char *names[ATT_CHAIN_CERTS];
	bool issues_crls; /* its leaf is itself an authority */
};
extern const struct att_chain_role att_role_pck;
extern const struct att_chain_role att_role_crl_issuer;
extern const struct att_chain_role att_role_signer;

/* What is wrong with one certificate of a chain; `what` is NULL when nothing is. Static text. */
struct att_fault {
	const char *what;
	size_t certificate; /* 1: the leaf */
};

/* A chain as it was given: leaf first. */
struct att_chain {
	bool present;
	att_err bad; /* .rc != ATT_OK: could not be read, and why */
	size_t count;
	struct att_cert cert[ATT_CHAIN_CERTS];
	struct att_fault link;                /* names and key ids, for the role it was read for */
	struct att_fault misuse;              /* constraints and usage, likewise */
	bool signed_by_next[ATT_CHAIN_CERTS]; /* the last one: by itself */
	uint8_t *der;                         /* owns what the certificates lend from */
};

struct att_crl_state {
	bool present;
	att_err bad;
	struct att_crl crl;
	struct att_serials revoked;
	bool signature_ok; /* by the certificate of the CRL issuer chain that should have */
	uint8_t *der;
};

/* One signed JSON document. */
struct att_signed_json {
	bool present;
	att_err bad; /* envelope or signature text unreadable */
	bool signature_ok;
	att_err bad_content; /* set when the signature held and the content is wrong */
};

struct att_compiled {
	int refs;          /* atomic */
	char missing[256]; /* names of missing items, "" when complete */
	struct att_chain crl_issuer;
	struct att_chain tcb_signer;
	struct att_chain qe_signer;
	struct att_crl_state root_crl;
	struct att_crl_state pck_crl;
	struct att_signed_json tcb_json;
	struct att_signed_json qe_json;
	struct att_tcbinfo tcb;
	struct att_identity qe;
	uint8_t *text[ATT_ITEM_COUNT]; /* copies of the items, for documents and the PCK chain */
	size_t text_len[ATT_ITEM_COUNT];
};

/* ATT_E_NOMEM or ATT_E_UNAVAILABLE; bad collateral is a fact, no error. */
att_rc att_compile(const att_collateral *c, att_p256 *tools, struct att_compiled **out,
		   att_err *err) ATT_MUST_USE;

/* Another reference / one less; NULL-safe; any thread. */
void att_compiled_ref(struct att_compiled *c);
void att_compiled_unref(struct att_compiled *c);

/* An item's text as it was given; empty when missing. */
att_bytes att_compiled_text(const struct att_compiled *c, enum att_item item);

/* Reads a PEM chain of at most ATT_CHAIN_CERTS certificates and, when there are as many as the role
 * wants, notes what is wrong with names and constraints. Signatures are not looked at. Certificates
 * that `known` (NULL allowed) holds byte for byte are not parsed again. */
att_rc att_chain_read(att_bytes pem, const struct att_chain_role *role,
		      const struct att_compiled *known, struct att_chain *out,
		      att_err *err) ATT_MUST_USE;

/* Fills signed_by_next. A link that `known` (NULL allowed) has checked already, byte for byte, is
 * taken from there. */
void att_chain_check_signatures(struct att_chain *c, const struct att_compiled *known,
				att_p256 *tools);
void att_chain_free(struct att_chain *c);

#endif
