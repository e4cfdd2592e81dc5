/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates were made with Python's cryptography for this test; their keys were thrown
 * away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "verify/roots.h"

static const char authority[] = "-----BEGIN CERTIFICATE-----\n"
				"MIIBaDCCAQ6gAwIBAgICA+gwCgYIKoZIzj0EAwIwGzEZMBcGA1UEAwwQVGVzdCBT\n"
				"R1ggUm9vdCBDQTAeFw0yMDAxMDEwMDAwMDBaFw00MDAxMDEwMDAwMDBaMBsxGTAX\n"
				"BgNVBAMMEFRlc3QgU0dYIFJvb3QgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
				"AARak5Jx1pi/LoE8xSdDFMiTgqU5ddTuEhVYiXkzOc/C+GXjkO5KeUsMWAH7FfHw\n"
				"uVfJ4aIepCNk8fqp45+svjexo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB\n"
				"/wQEAwIBBjAdBgNVHQ4EFgQUBo9x06wk/isfO8dGlpespze4/pQwCgYIKoZIzj0E\n"
				"AwIDSAAwRQIgKit1qAmy+VpA4pd3/69GFaqfDM7ij/T8VSo82Ltn41cCIQCZaikU\n"
				"IHXgU06alIK9z40boCjhmst4lZ//NBmNEauAZA==\n"
				"-----END CERTIFICATE-----\n";

/* SHA-256 of its SubjectPublicKeyInfo. */
static const char authority_key[] =
    "04083a72d4c0627135fbc98eeac08946b1ef8935bd28013a8d113718d3b67cce";

/* Basic constraints: no authority. */
static const char end_entity[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBZTCCAQugAwIBAgICA+gwCgYIKoZIzj0EAwIwGzEZMBcGA1UEAwwQVGVzdCBT\n"
    "R1ggUm9vdCBDQTAeFw0yMDAxMDEwMDAwMDBaFw00MDAxMDEwMDAwMDBaMBsxGTAX\n"
    "BgNVBAMMEFRlc3QgU0dYIFJvb3QgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AASOSNM5rYUoeHXRgZBSSoMeKWna6oD7RgRZq1hzrN5RQTnYFh5JQARcZLjYoYlj\n"
    "nr9Bdwv0QXbjOvDAAdAL0OXXoz8wPTAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQE\n"
    "AwIHgDAdBgNVHQ4EFgQUwbhCq47arRsjtcPoXa+M73uXRacwCgYIKoZIzj0EAwID\n"
    "SAAwRQIhANoGSlF7S13nje+VS58NKJ2zSlZP20gZLTD+PyYH0tbjAiAAqXBn6wy0\n"
    "dlM70JDWjwV5fbTafY2sXLDZpinhouZnrQ==\n"
    "-----END CERTIFICATE-----\n";

/* Issued by another name. */
static const char issued[] = "-----BEGIN CERTIFICATE-----\n"
			     "MIIBXDCCAQOgAwIBAgICA+gwCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFT3RoZXIw\n"
			     "HhcNMjAwMTAxMDAwMDAwWhcNNDAwMTAxMDAwMDAwWjAbMRkwFwYDVQQDDBBUZXN0\n"
			     "IFNHWCBSb290IENBMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaO1RCoTN5bw3\n"
			     "7KWwQCk0Jzqol526FrDaxMoQCFFcI20sb1bk3OScgNFjOHijRAo1qHNNWVg7Dw2U\n"
			     "ruVTMSQ9u6NCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwHQYD\n"
			     "VR0OBBYEFH7cyLQ6rk6e57R9UQh67CTXeR/wMAoGCCqGSM49BAMCA0cAMEQCIBNq\n"
			     "ImrPzW3m72B3lU3kKsydQotUH27aq9MZFF8hHCwTAiAMy4jNtkDvDwc1h+izHChe\n"
			     "p/emnnR9LzPQosv/UQVH0w==\n"
			     "-----END CERTIFICATE-----\n";

static att_bytes text(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static void intel_is_the_published_key(void **state)
{
	att_roots *r = att_roots_intel();
	char hex[65];

	(void)state;
	assert_non_null(r);
	assert_int_equal(att_roots_count(r), 1);
	att_hex_encode(att_bytes_of(r->root[0].point, 9), hex);
	assert_string_equal(hex, "040ba9c4c0c0c86193");
	assert_string_equal(r->root[0].facts.label, "intel");
	assert_false(r->root[0].facts.simulated);
	att_roots_free(r);
}

static void an_authority_is_found_by_its_key(void **state)
{
	att_roots *r = att_roots_new();
	struct att_cert c = { 0 };
	char hex[65];

	(void)state;
	assert_int_equal(att_roots_count(r), 0);
	assert_null(att_roots_find(r, &c));
	assert_int_equal(att_roots_add(r, text(authority), "mine", NULL), ATT_OK);
	att_hex_encode(att_bytes_of(r->root[0].facts.key_sha256, 32), hex);
	assert_string_equal(hex, authority_key);
	memcpy(c.point, r->root[0].point, sizeof(c.point));
	assert_ptr_equal(att_roots_find(r, &c), &r->root[0]);
	c.point[64] ^= 1;
	assert_null(att_roots_find(r, &c));
	att_roots_free(r);
}

static void what_is_no_root_is_refused(void **state)
{
	static const struct {
		const char *pem;
		const char *says;
	} rows[] = {
		{ end_entity, "not a certificate authority's" },
		{ issued, "not self-issued" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		  "root certificate" },
		{ "", "root certificate" },
		{ "nonsense", "root certificate" },
	};
	att_roots *r = att_roots_new();
	char two[4096];
	att_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(att_roots_add(r, text(rows[i].pem), "x", &err) != ATT_OK);
		assert_non_null(strstr(err.msg, rows[i].says));
	}
	memcpy(two, authority, sizeof(authority) - 1);
	memcpy(two + sizeof(authority) - 1, authority, sizeof(authority));
	assert_int_equal(att_roots_add(r, text(two), "x", &err), ATT_E_TRAILING);
	memset(two, 'l', 64);
	two[64] = '\0';
	assert_int_equal(att_roots_add(r, text(authority), two, &err), ATT_E_ARG);
	assert_int_equal(att_roots_count(r), 0);
	att_roots_free(r);
}

static void there_is_a_limit(void **state)
{
	att_roots *r = att_roots_new();

	(void)state;
	for (unsigned i = 0; i < ATT_ROOTS_MAX; i++)
		assert_int_equal(att_roots_add(r, text(authority), "x", NULL), ATT_OK);
	assert_int_equal(att_roots_add(r, text(authority), "x", NULL), ATT_E_ARG);
	att_roots_free(r);
	att_roots_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intel_is_the_published_key),
		cmocka_unit_test(an_authority_is_found_by_its_key),
		cmocka_unit_test(what_is_no_root_is_refused),
		cmocka_unit_test(there_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
