/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jose.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/json.h"

#define JWS_HEADER     "{\"alg\":\"ES256\",\"typ\":\"JWT\"}"
#define JWS_HEADER_MAX 4096u

/* A token that brings its own key proves nothing (RFC 7515 section 10.7): these are named in the
 * refusal. */
static const char *const embedded_keys[] = { "jwk", "jku", "x5c", "x5u", "x5t", "x5t#S256" };

static att_rc refuse_embedded_keys(att_json header, att_err *err)
{
	for (size_t i = 0; i < ATT_COUNT(embedded_keys); i++) {
		if (att_json_get(header, embedded_keys[i]).doc)
			return att_fail(err, ATT_E_UNSUPPORTED,
					"%s: a key inside the token proves nothing",
					embedded_keys[i]);
	}
	return ATT_OK;
}

static att_rc check_alg(att_json header, att_err *err)
{
	att_json alg = att_json_get(header, "alg");
	if (!alg.doc)
		return att_fail(err, ATT_E_MISSING, "alg is missing, expected ES256");
	if (att_json_is(alg, "ES256"))
		return ATT_OK;
	att_bytes seen = att_json_slice(alg);
	return att_fail(err, ATT_E_UNSUPPORTED, "alg: expected \"ES256\", seen %.*s",
			(int)(seen.len < 32 ? seen.len : 32), (const char *)seen.ptr);
}

static att_rc check_header(att_json header, att_err *err)
{
	if (att_json_type_of(header) != ATT_JSON_OBJECT)
		return att_fail(err, ATT_E_FORMAT, "expected an object");
	att_rc rc = refuse_embedded_keys(header, err);
	if (rc == ATT_OK)
		rc = check_alg(header, err);
	if (rc != ATT_OK)
		return rc;
	for (att_json v = att_json_first(header); v.doc; v = att_json_next(header, v)) {
		att_json name = att_json_name(v);
		if (att_json_is(name, "alg"))
			continue;
		if (att_json_is(name, "typ")) {
			if (att_json_is(v, "JWT") || att_json_is(v, "eat+jwt"))
				continue;
			return att_fail(err, ATT_E_UNSUPPORTED,
					"typ: expected \"JWT\" or \"eat+jwt\"");
		}
		if (att_json_is(name, "kid")) {
			if (att_json_type_of(v) == ATT_JSON_STRING)
				continue;
			return att_fail(err, ATT_E_FORMAT, "kid: expected a string");
		}
		att_bytes seen = att_json_slice(name);
		return att_fail(err, ATT_E_UNSUPPORTED, "member %.*s is not understood",
				(int)(seen.len < 64 ? seen.len : 64), (const char *)seen.ptr);
	}
	return ATT_OK;
}

/* One part, decoded into malloc'ed memory with a NUL behind it. */
static att_rc decode_part(att_bytes whole, att_bytes part, size_t max, uint8_t **out, size_t *len,
			  att_err *err)
{
	size_t room = 3 * (part.len / 4) + 3;
	att_auto_mem uint8_t *p = NULL;

	if (part.len > max)
		return att_fail(err, ATT_E_FORMAT, "%zu characters, at most %zu", part.len, max);
	p = malloc(room + 1);
	if (!p)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = att_base64url_decode(part, p, &room, err);
	if (rc != ATT_OK) {
		if (err && err->offset != ATT_NO_OFFSET)
			err->offset += (size_t)(part.ptr - whole.ptr);
		return rc;
	}
	p[room] = 0;
	*out = ATT_STEAL(p);
	*len = room;
	return ATT_OK;
}

static att_rc read_header(att_bytes whole, att_bytes part, att_err *err)
{
	att_auto_mem uint8_t *text = NULL;
	att_auto_json att_json_doc doc = { 0 };
	size_t len = 0;

	att_rc rc = decode_part(whole, part, JWS_HEADER_MAX, &text, &len, err);
	if (rc == ATT_OK)
		rc = att_json_parse(att_bytes_of(text, len), &doc, err);
	if (rc == ATT_OK)
		rc = check_header(att_json_root(&doc), err);
	if (rc == ATT_OK)
		return ATT_OK;
	if (err)
		err->offset = ATT_NO_OFFSET; /* what was counted is the decoded text */
	return att_wrap(err, rc, "token header");
}

static att_rc read_signature(att_bytes whole, att_bytes part, uint8_t out[static 64], att_err *err)
{
	att_auto_mem uint8_t *raw = NULL;
	size_t len = 0;

	att_rc rc = decode_part(whole, part, JWS_HEADER_MAX, &raw, &len, err);
	if (rc == ATT_OK && len == 64) {
		memcpy(out, raw, 64);
		return ATT_OK;
	}
	if (rc == ATT_OK)
		rc = att_fail(err, ATT_E_FORMAT, "expected 64 bytes (r and s), seen %zu", len);
	return att_wrap(err, rc, "token signature");
}

/* The part up to the next dot (or the end); `*rest` is what follows the dot, with a NULL pointer
 * when there was none. */
static att_bytes next_part(att_bytes in, att_bytes *rest)
{
	const uint8_t *dot = in.len ? memchr(in.ptr, '.', in.len) : NULL;

	if (!dot) {
		*rest = att_bytes_of(NULL, 0);
		return in;
	}
	size_t len = (size_t)(dot - in.ptr);
	*rest = att_bytes_of(dot + 1, in.len - len - 1);
	return att_bytes_of(in.ptr, len);
}

att_rc att_jws_split(att_bytes compact, struct att_jws *out, att_err *err)
{
	struct att_jws j = { 0 };
	att_bytes rest;

	*out = j;
	if (compact.len > ATT_JWS_MAX)
		return att_fail(err, ATT_E_FORMAT, "token is %zu bytes, at most %zu", compact.len,
				ATT_JWS_MAX);
	att_bytes header = next_part(compact, &rest);
	att_bytes payload = rest.ptr ? next_part(rest, &rest) : rest;
	att_bytes signature = rest.ptr ? next_part(rest, &rest) : rest;
	if (!signature.ptr || rest.ptr)
		return att_fail(err, ATT_E_FORMAT,
				"token: expected three parts with dots between (JWS compact form)");

	att_rc rc = read_header(compact, header, err);
	if (rc == ATT_OK)
		rc = read_signature(compact, signature, j.signature, err);
	if (rc != ATT_OK)
		return rc;
	rc = decode_part(compact, payload, ATT_JWS_MAX, &j.payload, &j.payload_len, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "token payload");
	j.signing_input = att_bytes_of(compact.ptr, header.len + 1 + payload.len);
	*out = j;
	return ATT_OK;
}

void att_jws_free(struct att_jws *j)
{
	free(j->payload);
	*j = (struct att_jws){ 0 };
}

void att_put_jws_input(att_buf *b, att_bytes payload)
{
	att_put_base64url(b, att_bytes_of(JWS_HEADER, strlen(JWS_HEADER)));
	att_put_u8(b, '.');
	att_put_base64url(b, payload);
}

void att_put_jws_signature(att_buf *b, const uint8_t rs[static 64])
{
	att_put_u8(b, '.');
	att_put_base64url(b, att_bytes_of(rs, 64));
}
