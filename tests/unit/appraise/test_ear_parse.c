/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "appraise/ear.h"
#include "base/buf.h"
#include "base/text.h"
#include "codec/jose.h"
#include "crypto/es256.h"
#include "tokens.h"

#define V04  "\"eat_profile\":\"tag:ietf.org,2026:rats/ear#04\","
#define VER  "\"eat_profile\":\"tag:github.com,2023:veraison/ear\","
#define ID04 "\"ear_verifier_id\":{\"developer\":\"d\",\"build\":\"b\"},"
#define IDV  "\"ear.verifier-id\":{\"developer\":\"d\",\"build\":\"b\"},"
#define T    "\"iat\":1752919277,\"exp\":1752919577,"
#define SUB  "\"submods\":{\"x\":{\"ear_status\":\"affirming\"}}"
#define GOOD "{" V04 ID04 T SUB "}"

static char *signed_token(const char *payload)
{
	att_auto_buf att_buf b = { 0 };
	uint8_t rs[64];

	att_put_jws_input(&b, TEXT(payload));
	assert_int_equal(att_es256_sign(TEXT(SIGN_KEY), att_buf_bytes(&b), rs, NULL), ATT_OK);
	att_put_jws_signature(&b, rs);
	char *s = att_buf_steal_str(&b);
	assert_non_null(s);
	return s;
}

struct row {
	const char *payload;
	att_rc rc;
	const char *says; /* in the error, or the status when it is read */
};

static void run(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		att_ear *e = NULL;
		att_err err = { 0 };
		char *t = signed_token(rows[i].payload);
		att_rc rc = att_ear_parse(TEXT(t), TEXT(PUBLIC_KEY), NOW, false, &e, &err);
		if (rc != rows[i].rc ||
		    !strstr(rc == ATT_OK ? att_ear_status(e) : err.msg, rows[i].says))
			fail_msg("%s\n  %s: %s", rows[i].payload, att_rc_name(rc), err.msg);
		assert_int_equal(e == NULL, rc != ATT_OK);
		att_ear_free(e);
		free(t);
	}
}
#define RUN(rows) run(rows, sizeof(rows) / sizeof((rows)[0]))

static void both_profiles(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ GOOD, ATT_OK, "affirming" },
		{ "{" VER IDV T "\"submods\":{\"x\":{\"ear.status\":\"warning\"}}}", ATT_OK,
		  "warning" },
		/* each with its own names only */
		{ "{" V04 IDV T SUB "}", ATT_E_MISSING, "ear_verifier_id is missing" },
		{ "{" VER IDV T SUB "}", ATT_E_MISSING,
		  "submods, member 1: ear.status is missing" },
		{ "{" V04 ID04 T "\"submods\":{\"x\":{\"ear.status\":\"affirming\"}}}",
		  ATT_E_MISSING, "ear_status is missing" },
		{ "{" ID04 T SUB "}", ATT_E_MISSING, "eat_profile is missing" },
		{ "{\"eat_profile\":\"tag:github.com,2024:confidential-containers/Trustee\"," IDV T
		      SUB "}",
		  ATT_E_UNSUPPORTED, "is not supported" },
		{ "{\"eat_profile\":7," ID04 T SUB "}", ATT_E_UNSUPPORTED, "eat_profile 7" },
		{ "[]", ATT_E_FORMAT, "expected an object" },
		{ "{" V04 ID04 T SUB "} ", ATT_OK, "affirming" },
		{ "{" V04 ID04 T SUB "}{", ATT_E_TRAILING, "result token" },
		{ "{" V04 ID04 T SUB "," SUB "}", ATT_E_FORMAT, "result token" },
		{ "{" V04 ID04 T SUB ",\"more\":{\"is\":[\"fine\"]}}", ATT_OK, "affirming" },
		{ "", ATT_E_TRUNCATED, "result token" },
	};
	RUN(rows);
}

static void verifier_ids(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "{" V04 T SUB "}", ATT_E_MISSING, "ear_verifier_id is missing" },
		{ "{" V04 T SUB ",\"ear_verifier_id\":\"me\"}", ATT_E_FORMAT,
		  "ear_verifier_id: expected" },
		{ "{" V04 T SUB ",\"ear_verifier_id\":{\"developer\":\"d\"}}", ATT_E_FORMAT,
		  "ear_verifier_id: expected" },
		{ "{" V04 T SUB ",\"ear_verifier_id\":{\"developer\":\"\",\"build\":\"b\"}}",
		  ATT_E_FORMAT, "ear_verifier_id" },
		{ "{" V04 T SUB ",\"ear_verifier_id\":{\"developer\":\"d\",\"build\":1}}",
		  ATT_E_FORMAT, "ear_verifier_id" },
	};
	RUN(rows);
}

static void dates(void **state)
{
	(void)state;
#define D(dates) "{" V04 ID04 dates SUB "}"
	static const struct row rows[] = {
		{ D("\"iat\":1752919277,\"exp\":1752919278,"), ATT_OK, "affirming" },
		{ D("\"iat\":1752919277,\"exp\":1752919277,"), ATT_E_EXPIRED,
		  "expired at 2025-07-19T10:01:17Z, now is 2025-07-19T10:01:17Z" },
		{ D("\"iat\":1752919000,\"exp\":1752919276,"), ATT_E_EXPIRED, "expired" },
		{ D("\"iat\":1752919000,\"exp\":0,"), ATT_E_EXPIRED, "exp is 0" },
		{ D("\"iat\":1752919278,\"exp\":1752919577,"), ATT_E_EXPIRED,
		  "issued at 2025-07-19T10:01:18Z" },
		{ D("\"iat\":1752919277,"), ATT_E_MISSING, "exp is missing" },
		{ D("\"exp\":1752919577,"), ATT_E_MISSING, "iat is missing" },
		{ D(T "\"nbf\":1752919277,"), ATT_OK, "affirming" },
		{ D(T "\"nbf\":1752919278,"), ATT_E_EXPIRED,
		  "not valid before 2025-07-19T10:01:18Z" },
		{ D("\"iat\":1752919277.9,\"exp\":1752919278.0,"), ATT_OK, "affirming" },
		{ D("\"iat\":1752919277,\"exp\":1752919277.9,"), ATT_E_EXPIRED, "expired" },
		/* as writers of floating-point numbers put it */
		{ D("\"iat\":1.752919277e9,\"exp\":1.752919278E+9,"), ATT_OK, "affirming" },
		{ D("\"iat\":1752919277e0,\"exp\":17529192789e-1,"), ATT_OK, "affirming" },
		{ D("\"iat\":1.7529192771234e9,\"exp\":17529193e2,"), ATT_OK, "affirming" },
		{ D("\"iat\":0.0,\"exp\":0.17529192779e10,"), ATT_E_EXPIRED,
		  "expired at 2025-07-19T10:01:17Z" },
		{ D("\"iat\":5e-1,\"exp\":5e-2,"), ATT_E_EXPIRED, "exp is 0" },
		{ D("\"iat\":1,\"exp\":17529192789e-20,"), ATT_E_EXPIRED, "exp is 0" },
		{ D("\"iat\":1,\"exp\":1e12,"), ATT_E_FORMAT, "exp: expected seconds" },
		{ D("\"iat\":1,\"exp\":1e30,"), ATT_E_FORMAT, "exp: expected seconds" },
		{ D("\"iat\":1,\"exp\":1e31,"), ATT_E_FORMAT, "exp: expected seconds" },
		{ D("\"iat\":1,\"exp\":1e99999999999999999999,"), ATT_E_FORMAT,
		  "exp: expected seconds" },
		{ D("\"iat\":1,\"exp\":1e-99999999999999999999,"), ATT_E_FORMAT,
		  "exp: expected seconds" },
		{ D("\"iat\":-0.1,\"exp\":1752919577,"), ATT_E_FORMAT, "iat: expected seconds" },
		{ D("\"iat\":-17e8,\"exp\":1752919577,"), ATT_E_FORMAT, "iat: expected seconds" },
		{ D("\"iat\":-1,\"exp\":1752919577,"), ATT_E_FORMAT, "iat: expected seconds" },
		{ D("\"iat\":-1.5,\"exp\":1752919577,"), ATT_E_FORMAT, "iat: expected seconds" },
		{ D("\"iat\":1752919277,\"exp\":\"1752919577\","), ATT_E_FORMAT,
		  "exp: expected seconds" },
		{ D("\"iat\":1752919277,\"exp\":null,"), ATT_E_FORMAT, "exp: expected seconds" },
		{ D("\"iat\":1752919277,\"exp\":253402300800,"), ATT_E_FORMAT,
		  "exp: expected seconds" },
		{ D("\"iat\":1752919277,\"exp\":999999999999,"), ATT_E_FORMAT,
		  "exp: expected seconds" },
		{ D("\"iat\":1752919277,\"exp\":9999999999999,"), ATT_E_FORMAT,
		  "exp: expected seconds" },
		{ D("\"iat\":1752919277,\"exp\":999999999999.5,"), ATT_E_FORMAT,
		  "exp: expected seconds" },
		{ D(T "\"nbf\":true,"), ATT_E_FORMAT, "nbf: expected seconds" },
	};
	RUN(rows);
}

static void archives_may_lack_exp(void **state)
{
	(void)state;
	att_ear *e;
	char *t = signed_token(D("\"iat\":1752919277,"));

	assert_int_equal(att_ear_parse(TEXT(t), TEXT(PUBLIC_KEY), NOW, true, &e, NULL), ATT_OK);
	assert_int_equal(att_ear_expires_at(e), 0);
	assert_false(att_ear_answers(e, TEXT("")));
	assert_false(att_ear_answers(e, TEXT(NONCE)));
	att_ear_free(e);
	free(t);
	/* what it has still holds */
	t = signed_token(D("\"iat\":1752919000,\"exp\":1752919277,"));
	assert_int_equal(att_ear_parse(TEXT(t), TEXT(PUBLIC_KEY), NOW, true, &e, NULL),
			 ATT_E_EXPIRED);
	free(t);
}

static void nonces(void **state)
{
	(void)state;
#define N(nonce) "{" V04 ID04 T "\"eat_nonce\":" nonce "," SUB "}"
#define A44      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	static const struct row rows[] = {
		{ N("\"AAAAAAAA\""), ATT_OK, "affirming" },
		{ N("\"" A44 A44 "\""), ATT_OK, "affirming" },
		{ N("[\"AAAAAAAA\",\"BBBBBBBB\"]"), ATT_OK, "affirming" },
		{ N("\"AAAAAAA\""), ATT_E_FORMAT, "eat_nonce: expected 8 to 88" },
		{ N("\"" A44 A44 "A\""), ATT_E_FORMAT, "eat_nonce" },
		{ N("[]"), ATT_E_FORMAT, "eat_nonce" },
		{ N("[\"AAAAAAAA\",1]"), ATT_E_FORMAT, "eat_nonce" },
		{ N("12345678"), ATT_E_FORMAT, "eat_nonce" },
	};
	RUN(rows);

	/* several nonces answer none; text that is no base64url answers none */
	static const char *const odd[] = { N("[\"MDEyMzQ1Njc4OWFiY2RlZg\",\"BBBBBBBB\"]"),
					   N("\"not base64url\"") };
	for (size_t i = 0; i < 2; i++) {
		att_ear *e;
		char *t = signed_token(odd[i]);
		assert_int_equal(att_ear_parse(TEXT(t), TEXT(PUBLIC_KEY), NOW, false, &e, NULL),
				 ATT_OK);
		assert_false(att_ear_answers(e, TEXT(NONCE)));
		att_ear_free(e);
		free(t);
	}
}

static void submodules(void **state)
{
	(void)state;
#define S(subs) "{" V04 ID04 T "\"submods\":" subs "}"
#define ST(s)   "\"ear_status\":\"" s "\""
#define VEC(v)  ",\"ear_trustworthiness_vector\":{" v "}"
	static const struct row rows[] = {
		{ "{" V04 ID04 "\"iat\":1752919277,\"exp\":1752919577}", ATT_E_MISSING,
		  "submods is missing" },
		{ S("{}"), ATT_E_FORMAT, "submods: expected an object" },
		{ S("[]"), ATT_E_FORMAT, "submods: expected an object" },
		{ S("{\"a\":{\"ear_status\":\"affirming\",\"submods\":{}}}"), ATT_E_UNSUPPORTED,
		  "submods, member 1: submods inside a submodule are not supported" },
		{ S("{\"a\":7}"), ATT_E_FORMAT, "submods, member 1: expected an object" },
		{ S("{\"a\":{" ST("affirming") "},\"b\":{}}"), ATT_E_MISSING,
		  "submods, member 2: ear_status is missing" },
		{ S("{\"a\":{" ST("Affirming") "}}"), ATT_E_FORMAT, "ear_status: expected" },
		{ S("{\"a\":{\"ear_status\":2}}"), ATT_E_FORMAT, "ear_status: expected" },
		/* the worst of all */
		{ S("{\"a\":{" ST("affirming") "},\"b\":{" ST("warning") "}}"), ATT_OK, "warning" },
		{ S("{\"a\":{" ST("none") "},\"b\":{" ST("warning") "}}"), ATT_OK, "none" },
		{ S("{\"a\":{" ST("contraindicated") "},\"b\":{" ST("none") "}}"), ATT_OK,
		  "contraindicated" },
		/* a status may be worse than its vector, never better */
		{ S("{\"a\":{" ST("affirming")
			VEC("\"hardware\":2,\"executables\":31,\"configuration\":-2") "}}"),
		  ATT_OK, "affirming" },
		{ S("{\"a\":{" ST("affirming")
			VEC("\"hardware\":0,\"file-system\":1,\"configuration\":-1") "}}"),
		  ATT_OK, "affirming" },
		{ S("{\"a\":{" ST("affirming") VEC("") "}}"), ATT_OK, "affirming" },
		{ S("{\"a\":{" ST("contraindicated") VEC("\"hardware\":2") "}}"), ATT_OK,
		  "contraindicated" },
		{ S("{\"a\":{" ST("affirming") VEC("\"hardware\":32") "}}"), ATT_E_FORMAT,
		  "ear_status is affirming, better than its vector's warning" },
		{ S("{\"a\":{" ST("affirming") VEC("\"hardware\":-33") "}}"), ATT_E_FORMAT,
		  "better than its vector's warning" },
		{ S("{\"a\":{" ST("affirming") VEC("\"hardware\":2,\"sourced-data\":96") "}}"),
		  ATT_E_FORMAT, "better than its vector's contraindicated" },
		{ S("{\"a\":{" ST("warning") VEC("\"hardware\":-97") "}}"), ATT_E_FORMAT,
		  "better than its vector's contraindicated" },
		{ S("{\"a\":{" ST("none") VEC("\"hardware\":127") "}}"), ATT_E_FORMAT,
		  "better than its vector's contraindicated" },
		{ S("{\"a\":{" ST("warning") VEC("\"hardware\":95,\"runtime-opaque\":-96") "}}"),
		  ATT_OK, "warning" },
		{ S("{\"a\":{" ST("affirming") VEC("\"hardware\":128") "}}"), ATT_E_FORMAT,
		  "hardware: expected a whole number" },
		{ S("{\"a\":{" ST("affirming") VEC("\"hardware\":-129") "}}"), ATT_E_FORMAT,
		  "hardware: expected a whole number" },
		{ S("{\"a\":{" ST("affirming") VEC("\"hardware\":\"2\"") "}}"), ATT_E_FORMAT,
		  "hardware: expected a whole number" },
		{ S("{\"a\":{" ST("affirming") VEC("\"hardwear\":2") "}}"), ATT_E_FORMAT,
		  "eight claims of AR4SI" },
		{ S("{\"a\":{" ST("affirming") ",\"ear_trustworthiness_vector\":[2]}}"),
		  ATT_E_FORMAT, "ear_trustworthiness_vector: expected an object" },
	};
	RUN(rows);
}

static void too_many_submodules(void **state)
{
	(void)state;
	for (int n = 64; n <= 65; n++) {
		char text[8192];
		int at = snprintf(text, sizeof(text), "{" V04 ID04 T "\"submods\":{");
		for (int i = 0; i < n; i++)
			at += snprintf(text + at, 64, "%s\"s%d\":{" ST("affirming") "}",
				       i ? "," : "", i);
		snprintf(text + at, 8, "}}");
		run(&(struct row){ text, n == 64 ? ATT_OK : ATT_E_FORMAT,
				   n == 64 ? "affirming" : "1 to 64 members" },
		    1);
	}
}

static void keys_and_signatures(void **state)
{
	(void)state;
	att_ear *e = (att_ear *)1;
	att_err err = { 0 };
	char *t = signed_token(GOOD);
	char padded[4096];

	assert_int_equal(att_ear_parse(TEXT(t), TEXT(OTHER_KEY), NOW, false, &e, &err),
			 ATT_E_SIGNATURE);
	assert_null(e);
	assert_non_null(strstr(err.msg, "result token: "));
	assert_int_equal(att_ear_parse(TEXT(t), TEXT("no key"), NOW, false, &e, &err), ATT_E_ARG);
	assert_non_null(strstr(err.msg, "public key: "));
	assert_int_equal(att_ear_parse(TEXT(t), att_bytes_of(NULL, 0), NOW, false, &e, NULL),
			 ATT_E_ARG);
	/* a file ends in a line end; nothing may stand before */
	snprintf(padded, sizeof(padded), "%s\r\n", t);
	assert_int_equal(att_ear_parse(TEXT(padded), TEXT(PUBLIC_KEY), NOW, false, &e, NULL),
			 ATT_OK);
	att_ear_free(e);
	snprintf(padded, sizeof(padded), " %s", t);
	assert_int_not_equal(att_ear_parse(TEXT(padded), TEXT(PUBLIC_KEY), NOW, false, &e, NULL),
			     ATT_OK);
	/* alg none with its empty signature, and with the old one */
	char *sig = strrchr(t, '.');
	snprintf(padded, sizeof(padded), "eyJhbGciOiJub25lIn0%.*s.", (int)(sig - strchr(t, '.')),
		 strchr(t, '.'));
	assert_int_equal(att_ear_parse(TEXT(padded), TEXT(PUBLIC_KEY), NOW, false, &e, NULL),
			 ATT_E_UNSUPPORTED);
	snprintf(padded, sizeof(padded), "eyJhbGciOiJub25lIn0%s", strchr(t, '.'));
	assert_int_equal(att_ear_parse(TEXT(padded), TEXT(PUBLIC_KEY), NOW, false, &e, NULL),
			 ATT_E_UNSUPPORTED);
	free(t);
	att_ear_free(NULL);
}

/* Every bit of a token counts, and every byte is needed. */
static void bit_flips_and_truncation(void **state)
{
	(void)state;
	char *t = signed_token(GOOD);
	size_t len = strlen(t);
	att_ear *e;

	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			t[i] = (char)(t[i] ^ (1 << bit));
			if (att_ear_parse(att_bytes_of(t, len), TEXT(PUBLIC_KEY), NOW, true, &e,
					  NULL) == ATT_OK)
				fail_msg("accepted with bit %d of character %zu flipped", bit, i);
			assert_null(e);
			t[i] = (char)(t[i] ^ (1 << bit));
		}
		assert_int_not_equal(
		    att_ear_parse(att_bytes_of(t, i), TEXT(PUBLIC_KEY), NOW, true, &e, NULL),
		    ATT_OK);
	}
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_profiles),
		cmocka_unit_test(verifier_ids),
		cmocka_unit_test(dates),
		cmocka_unit_test(archives_may_lack_exp),
		cmocka_unit_test(nonces),
		cmocka_unit_test(submodules),
		cmocka_unit_test(too_many_submodules),
		cmocka_unit_test(keys_and_signatures),
		cmocka_unit_test(bit_flips_and_truncation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
