/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "codec/jose.h"

#define TEXT(s) att_bytes_of((s), strlen(s))

/* header '.' payload '.' signature of 64 times 0x5a */
static char *make_token(const char *header, const char *payload, size_t sig_len)
{
	att_auto_buf att_buf b = { 0 };
	uint8_t sig[80];

	memset(sig, 0x5a, sizeof(sig));
	att_put_base64url(&b, TEXT(header));
	att_put_u8(&b, '.');
	att_put_base64url(&b, TEXT(payload));
	att_put_u8(&b, '.');
	att_put_base64url(&b, att_bytes_of(sig, sig_len));
	char *s = att_buf_steal_str(&b);
	assert_non_null(s);
	return s;
}

static void good(void **state)
{
	(void)state;
	static const char *const headers[] = {
		"{\"alg\":\"ES256\"}",
		"{\"alg\":\"ES256\",\"typ\":\"JWT\"}",
		"{\"typ\":\"eat+jwt\", \"alg\":\"ES256\", \"kid\":\"any\"}",
	};
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		char *t = make_token(headers[i], "{\"a\":1}", 64);
		struct att_jws j;
		att_err err = { 0 };
		assert_int_equal(att_jws_split(TEXT(t), &j, &err), ATT_OK);
		assert_int_equal(j.payload_len, 7);
		assert_string_equal((char *)j.payload, "{\"a\":1}");
		assert_int_equal(j.signature[0], 0x5a);
		assert_int_equal(j.signature[63], 0x5a);
		assert_ptr_equal(j.signing_input.ptr, t);
		assert_int_equal(j.signing_input.len, (size_t)(strrchr(t, '.') - t));
		att_jws_free(&j);
		assert_null(j.payload);
		free(t);
	}
}

static void headers_refused(void **state)
{
	(void)state;
	static const struct {
		const char *header;
		att_rc rc;
		const char *says;
	} rows[] = {
		{ "{}", ATT_E_MISSING, "alg is missing" },
		{ "{\"typ\":\"JWT\"}", ATT_E_MISSING, "alg is missing" },
		{ "{\"alg\":\"none\"}", ATT_E_UNSUPPORTED, "seen \"none\"" },
		{ "{\"alg\":\"None\"}", ATT_E_UNSUPPORTED, "expected \"ES256\"" },
		{ "{\"alg\":\"es256\"}", ATT_E_UNSUPPORTED, "expected \"ES256\"" },
		{ "{\"alg\":\"HS256\"}", ATT_E_UNSUPPORTED, "HS256" },
		{ "{\"alg\":\"RS256\"}", ATT_E_UNSUPPORTED, "RS256" },
		{ "{\"alg\":null}", ATT_E_UNSUPPORTED, "seen null" },
		{ "{\"alg\":[\"ES256\"]}", ATT_E_UNSUPPORTED, "expected" },
		{ "{\"alg\":\"ES256\",\"jwk\":{}}", ATT_E_UNSUPPORTED, "jwk: a key inside" },
		{ "{\"alg\":\"RS384\",\"jwk\":{}}", ATT_E_UNSUPPORTED, "jwk: a key inside" },
		{ "{\"alg\":\"ES256\",\"jku\":\"https://x\"}", ATT_E_UNSUPPORTED, "jku" },
		{ "{\"alg\":\"ES256\",\"x5c\":[]}", ATT_E_UNSUPPORTED, "x5c" },
		{ "{\"alg\":\"ES256\",\"x5u\":\"\"}", ATT_E_UNSUPPORTED, "x5u" },
		{ "{\"alg\":\"ES256\",\"x5t\":\"\"}", ATT_E_UNSUPPORTED, "x5t" },
		{ "{\"alg\":\"ES256\",\"x5t#S256\":\"\"}", ATT_E_UNSUPPORTED, "x5t#S256" },
		{ "{\"alg\":\"ES256\",\"crit\":[\"b64\"]}", ATT_E_UNSUPPORTED, "\"crit\"" },
		{ "{\"alg\":\"ES256\",\"b64\":false}", ATT_E_UNSUPPORTED, "\"b64\"" },
		{ "{\"alg\":\"ES256\",\"zip\":\"DEF\"}", ATT_E_UNSUPPORTED, "\"zip\"" },
		{ "{\"alg\":\"ES256\",\"typ\":\"jose\"}", ATT_E_UNSUPPORTED, "typ" },
		{ "{\"alg\":\"ES256\",\"kid\":7}", ATT_E_FORMAT, "kid" },
		{ "{\"alg\":\"ES256\",\"alg\":\"none\"}", ATT_E_FORMAT, "token header" },
		{ "{\"alg\":\"ES256\",\"\\u0061lg\":\"none\"}", ATT_E_FORMAT, "token header" },
		{ "[\"ES256\"]", ATT_E_FORMAT, "expected an object" },
		{ "{\"alg\":\"ES256\"", ATT_E_TRUNCATED, "token header" },
		{ "{\"alg\":\"ES256\"} {", ATT_E_TRAILING, "token header" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *t = make_token(rows[i].header, "{}", 64);
		struct att_jws j;
		att_err err = { 0 };
		att_rc rc = att_jws_split(TEXT(t), &j, &err);
		if (rc != rows[i].rc || !strstr(err.msg, rows[i].says))
			fail_msg("%s: %s: %s", rows[i].header, att_rc_name(rc), err.msg);
		assert_null(j.payload);
		free(t);
	}
}

static void framing_refused(void **state)
{
	(void)state;
	static const char *const tokens[] = {
		"",
		".",
		"..",
		"...",
		"e30",
		"e30.e30",
		"e30.e30.e30.e30",
		"eyJhbGciOiJFUzI1NiJ9..",
		"eyJhbGciOiJFUzI1NiJ9.e30.",
		"eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
		"eyJhbGciOiJFUzI1NiJ9=.e30.AAAA",
		" eyJhbGciOiJFUzI1NiJ9.e30.AAAA",
	};
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		struct att_jws j;
		att_err err = { 0 };
		if (att_jws_split(TEXT(tokens[i]), &j, &err) == ATT_OK)
			fail_msg("accepted: %s", tokens[i]);
		assert_null(j.payload);
	}

	struct att_jws j;
	for (size_t sig = 62; sig <= 66; sig++) {
		char *t = make_token("{\"alg\":\"ES256\"}", "{}", sig);
		att_rc rc = att_jws_split(TEXT(t), &j, NULL);
		assert_int_equal(rc, sig == 64 ? ATT_OK : ATT_E_FORMAT);
		att_jws_free(&j);
		free(t);
	}
	static char big[ATT_JWS_MAX + 1];
	memset(big, 'A', sizeof(big));
	assert_int_equal(att_jws_split(att_bytes_of(big, sizeof(big)), &j, NULL), ATT_E_FORMAT);
}

/* Characters outside base64url, padding, and bits that decode to nothing: each with its place in
 * the token. */
static void base64url_is_strict(void **state)
{
	(void)state;
	char *t = make_token("{\"alg\":\"ES256\"}", "{\"a\":12}", 64);
	size_t len = strlen(t);
	const char *sig = strrchr(t, '.') + 1;
	size_t last = len - 1;

	for (size_t i = 0; i < len; i++) {
		static const char bad[] = "=+/ \n~";
		char keep = t[i];
		if (keep == '.')
			continue;
		for (size_t k = 0; k < sizeof(bad) - 1; k++) {
			struct att_jws j;
			att_err err = { 0 };
			t[i] = bad[k];
			assert_int_not_equal(att_jws_split(TEXT(t), &j, &err), ATT_OK);
			assert_null(j.payload);
		}
		t[i] = keep;
	}
	/* 64 bytes leave two unused bits in the last character */
	assert_int_equal(strlen(sig), 86);
	t[last] = (char)(t[last] + 1);
	struct att_jws j;
	assert_int_not_equal(att_jws_split(TEXT(t), &j, NULL), ATT_OK);
	free(t);
}

static void what_is_written_splits(void **state)
{
	(void)state;
	att_auto_buf att_buf b = { 0 };
	uint8_t rs[64];
	struct att_jws j;

	for (size_t i = 0; i < sizeof(rs); i++)
		rs[i] = (uint8_t)(i * 3 + 1);
	att_put_jws_input(&b, TEXT("{\"x\":true}"));
	size_t input = b.len;
	att_put_jws_signature(&b, rs);
	assert_int_equal(att_buf_ok(&b, NULL), ATT_OK);
	assert_int_equal(att_jws_split(att_buf_bytes(&b), &j, NULL), ATT_OK);
	assert_int_equal(j.signing_input.len, input);
	assert_memory_equal(j.signature, rs, 64);
	assert_string_equal((char *)j.payload, "{\"x\":true}");
	assert_memory_equal(b.ptr, "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.", 37);
	att_jws_free(&j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(headers_refused),
		cmocka_unit_test(framing_refused),
		cmocka_unit_test(base64url_is_strict),
		cmocka_unit_test(what_is_written_splits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
