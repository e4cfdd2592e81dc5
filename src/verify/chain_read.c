/* SPDX-License-Identifier: Apache-2.0 */
/* Reading certificate chains and the facts about their signatures. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/pem.h"
#include "verify/chain_role.h"

void att_chain_free(struct att_chain *c)
{
	free(c->der);
	*c = (struct att_chain){ 0 };
}

static const struct att_cert *among(const struct att_chain *c, att_bytes der)
{
	for (size_t i = 0; i < c->count; i++)
		if (att_bytes_eq(c->cert[i].der, der))
			return &c->cert[i];
	return NULL;
}

/* A certificate of these bytes that was read before: the chains of one collateral share theirs. */
static const struct att_cert *known_cert(const struct att_compiled *k, att_bytes der)
{
	const struct att_cert *c = k ? among(&k->crl_issuer, der) : NULL;

	if (!c && k)
		c = among(&k->tcb_signer, der);
	return c;
}

static att_rc read_cert(att_bytes der, const struct att_compiled *k, struct att_cert *out,
			att_err *err)
{
	const struct att_cert *known = known_cert(k, der);

	if (!known)
		return att_cert_parse(der, out, err);
	att_cert_move(known, der, out);
	return ATT_OK;
}

/* Decodes up to the cap and one more, so that a chain that is too long is told apart from trailing
 * text. */
static att_rc read_certs(att_bytes pem, const struct att_compiled *known, uint8_t *der, size_t room,
			 struct att_chain *c, att_err *err)
{
	att_reader r = att_reader_of(pem);

	for (;;) {
		size_t len = room;
		size_t at = att_tell(&r);
		att_rc rc = att_pem_next(&r, "CERTIFICATE", der, &len, err);
		if (rc == ATT_E_MISSING)
			break;
		if (rc != ATT_OK)
			return att_wrap(err, rc, "certificate %zu", c->count + 1);
		if (c->count == ATT_CHAIN_CERTS)
			return att_fail_at(err, ATT_E_FORMAT, at, "more than %d certificates",
					   ATT_CHAIN_CERTS);
		rc = read_cert(att_bytes_of(der, len), known, &c->cert[c->count], err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "certificate %zu", c->count + 1);
		c->count++;
		der += len;
		room -= len;
	}
	return c->count ? ATT_OK : att_fail(err, ATT_E_FORMAT, "no certificate in it");
}

att_rc att_chain_read(att_bytes pem, const struct att_chain_role *role,
		      const struct att_compiled *known, struct att_chain *out, att_err *err)
{
	size_t room = pem.len / 4 * 3 + 3;

	*out = (struct att_chain){ .present = true };
	if (pem.len > (ATT_CHAIN_CERTS + 1) * 2 * (size_t)ATT_CERT_MAX)
		return att_fail(err, ATT_E_FORMAT, "%zu bytes of certificates, at most %zu",
				pem.len, (ATT_CHAIN_CERTS + 1) * 2 * (size_t)ATT_CERT_MAX);
	out->der = malloc(room);
	if (!out->der)
		return att_fail(err, ATT_E_NOMEM, "chain: out of memory");
	att_rc rc = read_certs(pem, known, out->der, room, out, err);
	if (rc != ATT_OK) {
		att_chain_free(out);
		out->present = true;
		return rc;
	}
	att_chain_judge(out, role);
	return ATT_OK;
}

static bool same(const struct att_cert *a, const struct att_cert *b)
{
	return att_bytes_eq(a->der, b->der);
}

/* Did this chain establish that `issuer` signed `child`? */
static bool knows_link(const struct att_chain *c, const struct att_cert *child,
		       const struct att_cert *issuer)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct att_cert *next = &c->cert[i + 1 < c->count ? i + 1 : i];

		if (c->signed_by_next[i] && same(&c->cert[i], child) && same(next, issuer))
			return true;
	}
	return false;
}

static bool known_link(const struct att_compiled *k, const struct att_cert *child,
		       const struct att_cert *issuer)
{
	return k && (knows_link(&k->crl_issuer, child, issuer) ||
		     knows_link(&k->tcb_signer, child, issuer) ||
		     knows_link(&k->qe_signer, child, issuer));
}

void att_chain_check_signatures(struct att_chain *c, const struct att_compiled *known,
				att_p256 *tools)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct att_cert *next = &c->cert[i + 1 < c->count ? i + 1 : i];

		c->signed_by_next[i] =
		    known_link(known, &c->cert[i], next) ||
		    att_p256_verify(tools, next->point, c->cert[i].tbs, c->cert[i].signature);
	}
}
