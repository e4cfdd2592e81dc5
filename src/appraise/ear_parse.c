/* SPDX-License-Identifier: Apache-2.0 */
/* Reading result tokens: the signature first, then the claims, strictly. */
#include <string.h>

#include "appraise/ear.h"
#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/jose.h"
#include "codec/json.h"
#include "crypto/es256.h"

#define SUBMODS_MAX  64u
#define DATE_MAX     INT64_C(253402300799) /* the year 9999 ends */
#define NONCE_MIN    8u                    /* RFC 9711 section 4.1: characters of JSON text */
#define NONCE_MAX    88u
#define VERIFIER_MAX 1024u

struct att_ear {
	enum att_ear_profile profile;
	enum att_ear_tier worst;
	int64_t iat;
	int64_t exp;
	uint8_t *payload;
	size_t len;
	char nonce[NONCE_MAX + 1]; /* as in the token, base64url; empty: none, or several */
};

ATT_DEFINE_CLEANUP(ear, att_ear, att_ear_free)

void att_ear_free(att_ear *e)
{
	if (!e)
		return;
	free(e->payload);
	free(e);
}

static att_rc bad(att_json v, att_err *err, const char *name, const char *expected)
{
	return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v), "%s: expected %s", name,
			   expected);
}

static att_rc missing(att_err *err, const char *name)
{
	return att_fail(err, ATT_E_MISSING, "%s is missing", name);
}

#define EXPONENT_MAX 30

/* The whole part of a JSON number in any of its forms, found without floating point: digits are
 * taken as if there were no point, as many as stand before the place where point and exponent
 * put it. */
static bool whole_part(att_bytes text, int64_t *out)
{
	int before = 0, exponent = 0, sign = 1;
	bool point = false;
	size_t i = 0;

	for (; i < text.len && text.ptr[i] != 'e' && text.ptr[i] != 'E'; i++) {
		if (text.ptr[i] == '.')
			point = true;
		else if (!point)
			before++;
	}
	size_t mantissa = i++;
	if (i < text.len && (text.ptr[i] == '+' || text.ptr[i] == '-'))
		sign = text.ptr[i++] == '-' ? -1 : 1;
	for (; i < text.len && exponent <= EXPONENT_MAX; i++)
		exponent = exponent * 10 + (text.ptr[i] - '0');
	before += sign * exponent;
	if (text.ptr[0] == '-' || exponent > EXPONENT_MAX)
		return false;
	*out = 0;
	for (i = 0; before > 0; before--) {
		if (i < mantissa && text.ptr[i] == '.')
			i++;
		*out = *out * 10 + (i < mantissa ? text.ptr[i++] - '0' : 0);
		if (*out > DATE_MAX)
			return false;
	}
	return true;
}

/* RFC 7519 section 2, NumericDate: seconds, perhaps with a fraction, which is cut off. */
static att_rc read_date(att_json claims, const char *name, int64_t *out, bool *there, att_err *err)
{
	att_json v = att_json_get(claims, name);

	*there = v.doc != NULL;
	if (!*there)
		return ATT_OK;
	if (att_json_type_of(v) != ATT_JSON_NUMBER || !whole_part(att_json_slice(v), out))
		return bad(v, err, name, "seconds since 1970");
	return ATT_OK;
}

static att_rc out_of_date(att_err *err, const char *what, int64_t date, int64_t now)
{
	char then[ATT_TIME_TEXT], present[ATT_TIME_TEXT];

	att_time_format(date, then);
	att_time_format(now, present);
	return att_fail(err, ATT_E_EXPIRED, "%s %s, now is %s", what, then, present);
}

static att_rc read_dates(att_json claims, int64_t now, bool allow_no_exp, att_ear *e, att_err *err)
{
	bool has_iat, has_exp, has_nbf;
	int64_t nbf = 0;

	att_rc rc = read_date(claims, "iat", &e->iat, &has_iat, err);
	if (rc == ATT_OK)
		rc = read_date(claims, "exp", &e->exp, &has_exp, err);
	if (rc == ATT_OK)
		rc = read_date(claims, "nbf", &nbf, &has_nbf, err);
	if (rc != ATT_OK)
		return rc;
	if (!has_iat)
		return missing(err, "iat");
	if (!has_exp && !allow_no_exp)
		return missing(err, "exp");
	if (has_exp && e->exp == 0)
		return att_fail(err, ATT_E_EXPIRED, "exp is 0");
	if (has_exp && now >= e->exp)
		return out_of_date(err, "expired at", e->exp, now);
	if (e->iat > now)
		return out_of_date(err, "issued at", e->iat, now);
	if (has_nbf && nbf > now)
		return out_of_date(err, "not valid before", nbf, now);
	return ATT_OK;
}

static bool text_within(att_json v, size_t min, size_t max, att_bytes *out)
{
	return att_json_plain(v, out) && out->len >= min && out->len <= max;
}

/* RFC 9711 section 4.1: one nonce, or a list of them. */
static att_rc read_nonce(att_json claims, att_ear *e, att_err *err)
{
	static const char expected[] = "8 to 88 characters, or a list of such texts";
	att_json v = att_json_get(claims, "eat_nonce");
	att_bytes text;

	if (!v.doc)
		return ATT_OK;
	if (att_json_type_of(v) != ATT_JSON_ARRAY) {
		if (!text_within(v, NONCE_MIN, NONCE_MAX, &text))
			return bad(v, err, "eat_nonce", expected);
		memcpy(e->nonce, text.ptr, text.len);
		return ATT_OK;
	}
	if (att_json_count(v) == 0)
		return bad(v, err, "eat_nonce", expected);
	for (att_json i = att_json_first(v); i.doc; i = att_json_next(v, i)) {
		if (!text_within(i, NONCE_MIN, NONCE_MAX, &text))
			return bad(i, err, "eat_nonce", expected);
	}
	return ATT_OK;
}

static att_rc read_verifier(att_json claims, const struct att_ear_names *n, att_err *err)
{
	static const char *const parts[] = { "developer", "build" };
	att_json id = att_json_get(claims, n->verifier);
	att_bytes text;

	if (!id.doc)
		return missing(err, n->verifier);
	for (size_t i = 0; i < ATT_COUNT(parts); i++) {
		if (!text_within(att_json_get(id, parts[i]), 1, VERIFIER_MAX, &text))
			return bad(id, err, n->verifier,
				   "an object with the texts developer and build");
	}
	return ATT_OK;
}

static att_rc read_tier(att_json submod, const struct att_ear_names *n, enum att_ear_tier *out,
			att_err *err)
{
	att_json v = att_json_get(submod, n->status);

	if (!v.doc)
		return missing(err, n->status);
	for (size_t i = 0; i < ATT_TIER_COUNT; i++) {
		if (att_json_is(v, att_ear_tiers[i])) {
			*out = (enum att_ear_tier)i;
			return ATT_OK;
		}
	}
	return bad(v, err, n->status, "none, affirming, warning or contraindicated");
}

/* The worst tier a vector states; *stated is false when it states none. */
static att_rc read_vector(att_json vector, const char *name, enum att_ear_tier *worst, bool *stated,
			  att_err *err)
{
	*worst = ATT_TIER_AFFIRMING;
	*stated = false;
	if (att_json_type_of(vector) != ATT_JSON_OBJECT)
		return bad(vector, err, name, "an object");
	for (att_json v = att_json_first(vector); v.doc; v = att_json_next(vector, v)) {
		int64_t value = 0;
		size_t i = 0;
		while (i < ATT_EAR_CLAIM_COUNT &&
		       !att_json_is(att_json_name(v), att_ear_claim_names[i]))
			i++;
		if (i == ATT_EAR_CLAIM_COUNT)
			return bad(att_json_name(v), err, name, "the eight claims of AR4SI only");
		if (!att_json_int(v, -128, 127, &value))
			return bad(v, err, att_ear_claim_names[i],
				   "a whole number from -128 to 127");
		enum att_ear_tier tier = att_ear_tier_of((int)value);
		if (tier == ATT_TIER_NONE)
			continue;
		*stated = true;
		if (tier > *worst)
			*worst = tier;
	}
	return ATT_OK;
}

static att_rc read_submod(att_json submod, const struct att_ear_names *n, enum att_ear_tier *tier,
			  att_err *err)
{
	enum att_ear_tier worst = ATT_TIER_AFFIRMING;
	bool stated = false;

	if (att_json_type_of(submod) != ATT_JSON_OBJECT)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(submod),
				   "expected an object");
	/* A worse result below would not be looked at. */
	if (att_json_get(submod, "submods").doc)
		return att_fail_at(err, ATT_E_UNSUPPORTED, att_json_offset(submod),
				   "submods inside a submodule are not supported");
	att_rc rc = read_tier(submod, n, tier, err);
	att_json vector = att_json_get(submod, n->vector);
	if (rc == ATT_OK && vector.doc)
		rc = read_vector(vector, n->vector, &worst, &stated, err);
	if (rc == ATT_OK && stated && *tier < worst)
		rc = att_fail_at(err, ATT_E_FORMAT, att_json_offset(submod),
				 "%s is %s, better than its vector's %s", n->status,
				 att_ear_tiers[*tier], att_ear_tiers[worst]);
	return rc;
}

static att_rc read_submods(att_json claims, const struct att_ear_names *n, att_ear *e, att_err *err)
{
	att_json submods = att_json_get(claims, "submods");
	size_t i = 0;

	if (!submods.doc)
		return missing(err, "submods");
	size_t count = att_json_count(submods);
	if (att_json_type_of(submods) != ATT_JSON_OBJECT || count == 0 || count > SUBMODS_MAX)
		return bad(submods, err, "submods", "an object of 1 to 64 members");
	e->worst = ATT_TIER_AFFIRMING;
	for (att_json v = att_json_first(submods); v.doc; v = att_json_next(submods, v), i++) {
		enum att_ear_tier tier = ATT_TIER_CONTRAINDICATED;
		att_rc rc = read_submod(v, n, &tier, err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "submods, member %zu", i + 1);
		if (tier > e->worst)
			e->worst = tier;
	}
	return ATT_OK;
}

static att_rc read_profile(att_json claims, att_ear *e, att_err *err)
{
	static const enum att_ear_profile known[] = { ATT_EAR_04, ATT_EAR_VERAISON };
	att_json v = att_json_get(claims, "eat_profile");

	if (!v.doc)
		return missing(err, "eat_profile");
	for (size_t i = 0; i < ATT_COUNT(known); i++) {
		if (att_json_is(v, att_ear_names_of(known[i])->profile)) {
			e->profile = known[i];
			return ATT_OK;
		}
	}
	att_bytes seen = att_json_slice(v);
	return att_fail_at(err, ATT_E_UNSUPPORTED, att_json_offset(v),
			   "eat_profile %.*s is not supported",
			   (int)(seen.len < 100 ? seen.len : 100), (const char *)seen.ptr);
}

static att_rc read_claims(att_json claims, int64_t now, bool allow_no_exp, att_ear *e, att_err *err)
{
	if (att_json_type_of(claims) != ATT_JSON_OBJECT)
		return att_fail(err, ATT_E_FORMAT, "expected an object");
	att_rc rc = read_profile(claims, e, err);
	if (rc != ATT_OK)
		return rc;
	const struct att_ear_names *n = att_ear_names_of(e->profile);
	rc = read_dates(claims, now, allow_no_exp, e, err);
	if (rc == ATT_OK)
		rc = read_nonce(claims, e, err);
	if (rc == ATT_OK)
		rc = read_verifier(claims, n, err);
	if (rc == ATT_OK)
		rc = read_submods(claims, n, e, err);
	return rc;
}

att_rc att_ear_read(att_bytes payload, int64_t now, bool allow_no_exp, att_ear **out, att_err *err)
{
	__attribute__((cleanup(ear_cleanup))) att_ear *e = NULL;
	att_auto_json att_json_doc doc = { 0 };

	*out = NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = att_json_parse(payload, &doc, err);
	if (rc == ATT_OK)
		rc = read_claims(att_json_root(&doc), now, allow_no_exp, e, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "result token");
	e->payload = att_bytes_dup(payload);
	e->len = payload.len;
	if (!e->payload)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	*out = ATT_STEAL(e);
	return ATT_OK;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Tokens in files end in a line end. */
static att_bytes trim(att_bytes t)
{
	while (t.len && is_space(t.ptr[t.len - 1]))
		t.len--;
	return t;
}

/* A key that is none is the caller's mistake, not the token's. */
static att_rc check_key(att_bytes public_key, att_err *err)
{
	uint8_t point[65];

	att_rc rc = att_es256_point(public_key, point, err);
	if (rc == ATT_OK || rc == ATT_E_NOMEM || rc == ATT_E_UNAVAILABLE)
		return rc;
	return att_wrap(err, ATT_E_ARG, "public key");
}

att_rc att_ear_parse(att_bytes jwt, att_bytes public_key, int64_t now, bool allow_no_exp,
		     att_ear **out, att_err *err)
{
	att_auto_jws struct att_jws j = { 0 };

	*out = NULL;
	att_rc rc = check_key(public_key, err);
	if (rc != ATT_OK)
		return rc;
	rc = att_jws_split(trim(jwt), &j, err);
	if (rc == ATT_OK)
		rc = att_es256_verify(public_key, j.signing_input, j.signature, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "result token");
	return att_ear_read(att_bytes_of(j.payload, j.payload_len), now, allow_no_exp, out, err);
}

enum att_ear_profile att_ear_profile_of(const att_ear *e)
{
	return e->profile;
}

const char *att_ear_status(const att_ear *e)
{
	return att_ear_tiers[e->worst];
}

bool att_ear_answers(const att_ear *e, att_bytes nonce)
{
	uint8_t mine[NONCE_MAX];
	size_t len = sizeof(mine);

	if (e->nonce[0] == '\0' || att_base64url_decode(att_bytes_of(e->nonce, strlen(e->nonce)),
							mine, &len, NULL) != ATT_OK)
		return false;
	return att_bytes_eq(att_bytes_of(mine, len), nonce);
}

att_bytes att_ear_claims(const att_ear *e)
{
	return att_bytes_of(e->payload, e->len);
}

int64_t att_ear_issued_at(const att_ear *e)
{
	return e->iat;
}

int64_t att_ear_expires_at(const att_ear *e)
{
	return e->exp;
}
