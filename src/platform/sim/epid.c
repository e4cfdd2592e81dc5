/* SPDX-License-Identifier: Apache-2.0 */
/* EPID-shaped quotes. Layout: Intel SGX SDK, sgx_quote_t and se_encrypted_sign_t. In the place of
 * Intel's RSA-encrypted key stands a block from which only the world can derive the key; in the
 * place of the EPID signature, ECDSA by the platform's member key. */
#include "platform/sim/epid.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/gcm.h"
#include "evidence/body.h"
#include "platform/sim/epid_internal.h"
#include "platform/sim/levels.h"

#define VERSION     2
#define BODY        432 /* header and report body: what is signed */
#define KEY_BLOCK   256
#define BASIC       352 /* B, K, T, c, sx, sf, sa, sb */
#define PAYLOAD     (BASIC + 8)
#define SIGNED_HEAD (3 * ATT_EPID_HALF) /* B, K, T: the rest of BASIC holds r, s and filler */
#define QUOTE_MAX   (1116 + ATT_EPID_SIGRL_MAX * ATT_EPID_PROOF)

uint32_t att_sim_epid_group(const att_sim_world *w)
{
	return w->epid_group;
}

att_rc att_sim_epid_expand(const att_sim_world *w, const char *label, att_bytes context,
			   uint8_t *out, size_t len, att_err *err)
{
	for (uint8_t i = 0; i < len / 32; i++) {
		att_auto_buf att_buf numbered = { 0 };

		att_put_u8(&numbered, i);
		att_put(&numbered, context);
		att_rc rc = att_buf_ok(&numbered, err);
		if (rc == ATT_OK)
			rc = att_sim_world_derive(w, label, att_buf_bytes(&numbered),
						  out + (size_t)i * 32, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

att_rc att_sim_epid_k(const att_sim_world *w, const uint8_t b[static ATT_EPID_HALF],
		      uint8_t k[static ATT_EPID_HALF], att_err *err)
{
	return att_sim_epid_expand(w, "EPID K", att_bytes_of(b, ATT_EPID_HALF), k, ATT_EPID_HALF,
				   err);
}

/* B follows from the basename alone, so that one basename is one pseudonym. */
static att_rc make_b(const uint8_t basename[static 32], uint8_t b[static ATT_EPID_HALF],
		     att_err *err)
{
	uint8_t text[33];

	memcpy(text + 1, basename, 32);
	for (uint8_t i = 0; i < 2; i++) {
		text[0] = i;
		if (!att_sha256_once(att_bytes_of(text, sizeof(text)), b + (size_t)i * 32))
			return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-256");
	}
	return ATT_OK;
}

/* Key and IV for the payload; the block is never the same twice, so neither are they. */
static att_rc payload_key(const att_sim_world *w, const uint8_t block[static KEY_BLOCK],
			  uint8_t key[static 32], uint8_t iv[static 32], att_err *err)
{
	const att_bytes context = att_bytes_of(block, KEY_BLOCK);
	att_rc rc = att_sim_world_derive(w, "EPID payload key", context, key, err);

	return rc == ATT_OK ? att_sim_world_derive(w, "EPID payload IV", context, iv, err) : rc;
}

static att_rc put_body(att_sim_world *w, const struct att_sim_epid_request *q,
		       uint8_t basename[static 32], att_buf *out, att_err *err)
{
	bool sim = w->options.intel_sim;
	att_auto_buf att_buf counter = { 0 };

	att_put_le64(&counter, w->epid_count++);
	att_rc rc = att_buf_ok(&counter, err);
	if (rc == ATT_OK)
		rc = att_sim_world_derive(w, "EPID basename", att_buf_bytes(&counter), basename,
					  err);
	if (rc != ATT_OK)
		return rc;
	memcpy(basename, q->spid, 16);
	if (q->linkable)
		memset(basename + 16, 0, 16);
	att_put_le16(out, VERSION);
	att_put_le16(out, q->linkable);
	att_put_le32(out, w->epid_group);
	att_put_le16(out, sim ? ATT_EPID_SIM_SVN : ATT_SIM_QE_SVN);
	att_put_le16(out, sim ? ATT_EPID_SIM_SVN : ATT_SIM_PCE_SVN);
	att_put_le32(out, sim ? ATT_EPID_SIM_XEID : 0);
	att_put_mem(out, basename, 32);
	att_put_mem(out, q->report, ATT_SGX_BODY_LEN);
	return att_buf_ok(out, err);
}

/* What ECDSA signs: the quote's body, B, K, T, and what answers the SigRL. */
static att_rc signed_text(att_bytes body, att_bytes head, att_bytes tail, att_buf *out,
			  att_err *err)
{
	att_put(out, body);
	att_put(out, head);
	att_put(out, tail);
	return att_buf_ok(out, err);
}

static att_rc put_proofs(const att_sim_world *w, const struct att_sim_sigrl *rl, att_buf *tail,
			 att_err *err)
{
	att_rc rc = ATT_OK;

	epid_put_be32(tail, rl->version);
	epid_put_be32(tail, rl->count);
	for (uint32_t i = 0; rc == ATT_OK && i < rl->count; i++)
		rc = att_sim_epid_put_proof(
		    w,
		    att_bytes_of(rl->entries.ptr + (size_t)i * ATT_EPID_PSEUDONYM,
				 ATT_EPID_PSEUDONYM),
		    tail, err);
	return rc == ATT_OK ? att_buf_ok(tail, err) : rc;
}

/* BasicSignature, SigRL version, count, proofs: in the clear. */
static att_rc put_payload(const att_sim_world *w, att_bytes body, const uint8_t basename[static 32],
			  const struct att_sim_sigrl *rl, att_buf *out, att_err *err)
{
	uint8_t basic[BASIC], *b = basic, *k = b + ATT_EPID_HALF, *t = k + ATT_EPID_HALF,
			      *rs = t + ATT_EPID_HALF, *filler = rs + 64;
	att_auto_buf att_buf tail = { 0 };
	att_auto_buf att_buf text = { 0 };
	att_rc rc = make_b(basename, b, err);

	if (rc == ATT_OK)
		rc = att_sim_epid_k(w, b, k, err);
	if (rc == ATT_OK)
		rc = att_sim_epid_expand(w, "EPID T", body, t, ATT_EPID_HALF, err);
	if (rc == ATT_OK)
		rc = att_sim_epid_expand(w, "EPID filler", body, filler, BASIC - SIGNED_HEAD - 64,
					 err);
	if (rc == ATT_OK)
		rc = put_proofs(w, rl, &tail, err);
	if (rc == ATT_OK)
		rc = signed_text(body, att_bytes_of(basic, SIGNED_HEAD), att_buf_bytes(&tail),
				 &text, err);
	if (rc == ATT_OK)
		rc = att_signer_sign(w->epid_member, att_buf_bytes(&text), rs, err);
	if (rc != ATT_OK)
		return rc;
	att_put_mem(out, basic, sizeof(basic));
	att_put(out, att_buf_bytes(&tail));
	return att_buf_ok(out, err);
}

/* The encrypted signature behind the body. */
static att_rc put_signature(const att_sim_world *w, att_bytes body, att_buf *payload, att_buf *out,
			    att_err *err)
{
	uint8_t block[KEY_BLOCK], key[32], iv[32], key_hash[32], tag[ATT_GCM_TAG];
	att_rc rc = att_sim_epid_expand(w, "EPID key block", body, block, sizeof(block), err);

	if (rc == ATT_OK)
		rc = payload_key(w, block, key, iv, err);
	if (rc != ATT_OK)
		return rc;
	bool ok = att_sha256_once(att_bytes_of(key, ATT_GCM_KEY), key_hash) &&
		  att_gcm_seal(key, iv, att_buf_bytes(payload), payload->ptr, tag);
	att_wipe(key, sizeof(key));
	if (!ok)
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not encrypt");
	att_put_le32(out, (uint32_t)(KEY_BLOCK + 32 + ATT_GCM_IV + 4 + payload->len + ATT_GCM_TAG));
	att_put_mem(out, block, sizeof(block));
	att_put_mem(out, key_hash, sizeof(key_hash));
	att_put_mem(out, iv, ATT_GCM_IV);
	att_put_le32(out, (uint32_t)payload->len);
	att_put(out, att_buf_bytes(payload));
	att_put_mem(out, tag, sizeof(tag));
	return att_buf_ok(out, err);
}

att_rc att_sim_epid_quote(att_sim_world *w, const struct att_sim_epid_request *request,
			  att_buf *out, att_err *err)
{
	struct att_sim_sigrl rl = { 0 };
	uint8_t basename[32];
	att_auto_buf att_buf body = { 0 };
	att_auto_buf att_buf payload = { 0 };
	att_rc rc = att_sim_world_check_report(w, ATT_SIM_EPID_QE, request->report, err);

	if (rc == ATT_OK && request->sigrl.len > 0)
		rc = att_sim_epid_sigrl_read(w, request->sigrl, &rl, err);
	if (rc == ATT_OK)
		rc = put_body(w, request, basename, &body, err);
	if (rc == ATT_OK)
		rc = put_payload(w, att_buf_bytes(&body), basename, &rl, &payload, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "EPID-shaped quote");
	att_put(out, att_buf_bytes(&body));
	rc = put_signature(w, att_buf_bytes(&body), &payload, out, err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "EPID-shaped quote");
}

/* --- Opening --- */

struct parts {
	att_bytes body;
	uint16_t version;
	uint16_t sign_type;
	att_bytes block;
	att_bytes key_hash;
	att_bytes iv;
	att_bytes payload;
	att_bytes tag;
};

/* Zeros behind the end are the buffer's that AESM was asked to fill. */
static att_rc read_parts(att_bytes quote, struct parts *p, struct att_sim_epid_opened *o,
			 att_err *err)
{
	att_reader r = att_reader_of(quote);

	p->version = att_le16(&r, "version");
	p->sign_type = att_le16(&r, "sign_type");
	o->group = att_le32(&r, "epid_group_id");
	att_skip(&r, 2 + 2 + 4, "qe_svn, pce_svn, xeid");
	att_copy(&r, o->basename, sizeof(o->basename), "basename");
	att_sgx_body_read(&r, &o->body);
	uint32_t len = att_le32(&r, "signature_len");
	att_reader s = att_sub(&r, len, "signature");
	p->block = att_view(&s, KEY_BLOCK, "encrypted_key");
	p->key_hash = att_view(&s, 32, "key_hash");
	p->iv = att_view(&s, ATT_GCM_IV, "iv");
	uint32_t payload_len = att_le32(&s, "payload_size");
	p->payload = att_view(&s, payload_len, "payload");
	p->tag = att_view(&s, ATT_GCM_TAG, "tag");
	att_rc rc = att_reader_end(&s, err);
	if (rc == ATT_OK)
		rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return rc;
	if (!att_all_zero(att_peek_rest(&r)))
		return att_fail_at(err, ATT_E_TRAILING, att_tell(&r), "bytes behind the signature");
	if (p->version != VERSION || p->sign_type > 1)
		return att_fail(err, ATT_E_FORMAT,
				"version %u, signature type %u: expected 2, and 0 or 1", p->version,
				p->sign_type);
	if (payload_len < PAYLOAD || (payload_len - PAYLOAD) % ATT_EPID_PROOF)
		return att_fail(err, ATT_E_FORMAT,
				"payload of %u bytes, expected 360 and 160 a proof", payload_len);
	p->body = att_bytes_of(quote.ptr, BODY);
	o->linkable = p->sign_type == 1;
	return ATT_OK;
}

static att_rc decrypt(const att_sim_world *w, const struct parts *p, uint8_t *out, att_err *err)
{
	uint8_t key[32], iv[32], key_hash[32];
	att_rc rc = payload_key(w, p->block.ptr, key, iv, err);

	if (rc != ATT_OK)
		return rc;
	bool ours = att_sha256_once(att_bytes_of(key, ATT_GCM_KEY), key_hash) &&
		    memcmp(key_hash, p->key_hash.ptr, sizeof(key_hash)) == 0 &&
		    memcmp(iv, p->iv.ptr, ATT_GCM_IV) == 0 &&
		    att_gcm_open(key, iv, p->payload, p->tag.ptr, out);
	att_wipe(key, sizeof(key));
	if (ours)
		return ATT_OK;
	return att_fail(err, ATT_E_SIGNATURE, "not encrypted by this world's quoting enclave");
}

static att_rc check_member(const att_sim_world *w, const struct parts *p, att_bytes payload,
			   att_err *err)
{
	att_auto_buf att_buf text = { 0 };
	uint8_t point[ATT_P256_POINT];
	att_p256 *tools;
	att_rc rc = signed_text(p->body, att_bytes_of(payload.ptr, SIGNED_HEAD),
				att_bytes_of(payload.ptr + BASIC, payload.len - BASIC), &text, err);

	if (rc == ATT_OK)
		rc = att_p256_new(&tools, err);
	if (rc != ATT_OK)
		return rc;
	att_signer_point(w->epid_member, point);
	bool good =
	    att_p256_verify_raw(tools, point, att_buf_bytes(&text), payload.ptr + SIGNED_HEAD);
	bool failed = att_p256_failed(tools);
	att_p256_free(tools);
	if (failed)
		return att_fail(err, ATT_E_NOMEM, "libcrypto is out of memory");
	return good ? ATT_OK
		    : att_fail(err, ATT_E_SIGNATURE, "not signed by this world's platform");
}

static att_rc read_payload(att_bytes payload, struct att_sim_epid_opened *o, att_err *err)
{
	att_reader r = att_reader_of(payload);

	att_copy(&r, o->pseudonym, sizeof(o->pseudonym), "B, K");
	att_skip(&r, BASIC - sizeof(o->pseudonym), "T, c, sx, sf, sa, sb");
	o->sigrl_version = epid_be32(&r, "rl_ver");
	o->sigrl_count = epid_be32(&r, "rl_num");
	for (size_t left = att_left(&r) / ATT_EPID_PROOF; left > 0; left--) {
		att_skip(&r, ATT_EPID_PROOF - 1, "proof");
		o->revoked = att_u8(&r, "proof") == 1 || o->revoked;
	}
	return att_reader_end(&r, err);
}

att_rc att_sim_epid_open(const att_sim_world *w, att_bytes quote, struct att_sim_epid_opened *out,
			 att_err *err)
{
	struct parts p = { 0 };
	att_auto_mem uint8_t *payload = NULL;

	*out = (struct att_sim_epid_opened){ 0 };
	if (quote.len > QUOTE_MAX + 4096)
		return att_fail(err, ATT_E_FORMAT, "quote of %zu bytes, at most %u", quote.len,
				QUOTE_MAX + 4096);
	att_rc rc = read_parts(quote, &p, out, err);
	if (rc == ATT_OK) {
		payload = malloc(p.payload.len);
		rc = payload ? decrypt(w, &p, payload, err)
			     : att_fail(err, ATT_E_NOMEM, "out of memory");
	}
	const att_bytes clear = att_bytes_of(payload, p.payload.len);
	if (rc == ATT_OK)
		rc = check_member(w, &p, clear, err);
	if (rc == ATT_OK)
		rc = read_payload(clear, out, err);
	if (rc == ATT_OK)
		return ATT_OK;
	*out = (struct att_sim_epid_opened){ 0 };
	return att_wrap(err, rc, "EPID-shaped quote");
}
