/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "against_openssl.h"
#include "base/mem.h"
#include "der_maker.h"
#include "fixtures.h"

static att_bytes unhex(const char *hex, uint8_t *out, size_t room)
{
	size_t len = strlen(hex) / 2;

	assert_true(len <= room);
	assert_int_equal(att_hex_decode(att_bytes_of(hex, 2 * len), out, len, NULL), ATT_OK);
	return att_bytes_of(out, len);
}

static bool lists(const struct att_crl *c, const char *serial)
{
	uint8_t bytes[32];
	struct att_serials s;

	assert_int_equal(att_serials_make(c, &s, NULL), ATT_OK);
	bool listed = att_serials_has(&s, unhex(serial, bytes, sizeof(bytes)));
	att_serials_free(&s);
	return listed;
}

static void reads_an_empty_list(void **state)
{
	(void)state;
	uint8_t der[4096], root_der[4096];
	struct att_cert root;
	struct att_crl c;
	att_p256 *t = NULL;

	assert_int_equal(att_crl_parse(unhex(FIXTURE_ROOT_CRL, der, sizeof(der)), &c, NULL),
			 ATT_OK);
	assert_int_equal(c.this_update, 1750327200); /* 2025-06-19T10:00:00Z */
	assert_int_equal(c.next_update, 1781863200); /* 2026-06-19T10:00:00Z */
	assert_true(c.has_number && c.number == 1);
	assert_int_equal(c.revoked_count, 0);
	assert_int_equal(c.revoked.len, 0);
	assert_false(lists(&c, "01"));
	assert_int_equal(
	    att_cert_parse(unhex(FIXTURE_ROOT, root_der, sizeof(root_der)), &root, NULL), ATT_OK);
	assert_true(att_bytes_eq(c.issuer, root.subject));
	assert_true(att_bytes_eq(c.issuer_cn, root.subject_cn));
	assert_true(att_bytes_eq(c.akid, root.skid));
	assert_int_equal(att_p256_new(&t, NULL), ATT_OK);
	assert_true(att_p256_verify(t, root.point, c.tbs, c.signature));
	att_p256_free(t);
}

static void reads_a_list(void **state)
{
	(void)state;
	uint8_t der[4096];
	struct att_crl c;

	assert_int_equal(att_crl_parse(unhex(FIXTURE_CA_CRL, der, sizeof(der)), &c, NULL), ATT_OK);
	assert_int_equal(c.next_update, 2699604000); /* 2055-07-19T10:00:00Z, a GeneralizedTime */
	assert_true(c.has_number && c.number == 4711);
	assert_int_equal(c.revoked_count, 3);
	assert_true(lists(&c, "6fc34e5023e728923435d61aa4b83c618166ad35"));
	assert_true(lists(&c, "00efae6e9715fca13b87e333e8261ed6d990a926ad"));
	assert_true(lists(&c, "01"));
	/* Contents are compared, not numbers; a beginning or an end is not a match. */
	assert_false(lists(&c, "efae6e9715fca13b87e333e8261ed6d990a926ad"));
	assert_false(lists(&c, "6fc34e5023e728923435d61aa4b83c618166ad"));
	assert_false(lists(&c, "6fc34e5023e728923435d61aa4b83c618166ad36"));
	assert_false(lists(&c, "0001"));
	assert_false(lists(&c, "02"));
	assert_false(lists(&c, ""));
}

/* --- One rule, one refusal --- */

enum part {
	VERSION,
	ALGORITHM,
	ISSUER,
	THIS_UPDATE,
	NEXT_UPDATE,
	REVOKED,
	EXTENSIONS,
	BEHIND,
	OUTER,
	SIGNATURE,
	PARTS
};

#define TIME     "170d3138303532313130303030305a"
#define EXT_AKID "300d0603551d23040630048002aabb"
#define EXT_NUM  "300a0603551d140403020105"

static const char *const usual[PARTS] = {
	[VERSION] = "020101",
	[ALGORITHM] = ECDSA_WITH_SHA256,
	[ISSUER] = NAME_A,
	[THIS_UPDATE] = TIME,
	[NEXT_UPDATE] = "170d3333303532313130303030305a",
	[REVOKED] = "30143012020105" TIME,
	[EXTENSIONS] = "a01d301b" EXT_AKID EXT_NUM,
	[BEHIND] = "",
	[OUTER] = ECDSA_WITH_SHA256,
	[SIGNATURE] = SOME_SIGNATURE,
};

static void make(att_buf *out, enum part which, const char *hex)
{
	att_auto_buf att_buf tbs = { 0 };
	const char *part[PARTS];

	memcpy(part, usual, sizeof(part));
	if (which < PARTS)
		part[which] = hex;
	for (enum part i = VERSION; i <= BEHIND; i++)
		put_hex_bytes(&tbs, part[i]);
	put_signed(out, &tbs, part[OUTER], part[SIGNATURE]);
	assert_int_equal(att_buf_ok(out, NULL), ATT_OK);
}

/* Parses a copy of exactly that size; what is accepted must please OpenSSL too. */
static att_rc parse(att_bytes der, att_err *err)
{
	struct att_crl c;
	uint8_t *copy = malloc(der.len);

	assert_non_null(copy);
	memcpy(copy, der.ptr, der.len);
	att_rc rc = att_crl_parse(att_bytes_of(copy, der.len), &c, err);
	if (rc == ATT_OK) {
		const char *what = crl_differs(&c);
		if (what)
			fail_msg("OpenSSL differs: %s", what);
	} else {
		assert_null(c.der.ptr);
		assert_int_equal(c.revoked_count, 0);
	}
	free(copy);
	return rc;
}

static const struct {
	const char *what;
	enum part part;
	const char *hex;
	att_rc rc;
} part_cases[] = {
	{ "nothing changed", PARTS, "", ATT_OK },
	{ "v1 by default", VERSION, "", ATT_E_FORMAT },
	{ "v1", VERSION, "020100", ATT_E_FORMAT },
	{ "v3", VERSION, "020102", ATT_E_FORMAT },
	{ "inner ecdsa-with-SHA384", ALGORITHM, "300a06082a8648ce3d040303", ATT_E_UNSUPPORTED },
	{ "outer ecdsa-with-SHA384", OUTER, "300a06082a8648ce3d040303", ATT_E_UNSUPPORTED },
	{ "inner with NULL parameters", ALGORITHM, "300c06082a8648ce3d0403020500", ATT_E_FORMAT },
	{ "issuer empty", ISSUER, "3000", ATT_E_TRUNCATED },
	{ "thisUpdate missing", THIS_UPDATE, "", ATT_E_FORMAT },
	{ "thisUpdate on February 30", THIS_UPDATE, "170d3138303233303130303030305a",
	  ATT_E_FORMAT },
	{ "nextUpdate missing", NEXT_UPDATE, "", ATT_E_FORMAT },
	{ "nextUpdate in GeneralizedTime before 2050", NEXT_UPDATE,
	  "180f32303333303532313130303030305a", ATT_E_FORMAT },
	{ "nobody revoked", REVOKED, "", ATT_OK },
	{ "nobody revoked, list present", REVOKED, "3000", ATT_E_TRUNCATED },
	{ "list is a SET", REVOKED, "31143012020105" TIME, ATT_E_FORMAT },
	{ "two revoked", REVOKED, "30283012020105" TIME "3012020106" TIME, ATT_OK },
	{ "one revoked twice", REVOKED, "30283012020105" TIME "3012020105" TIME, ATT_OK },
	{ "entry is a SET", REVOKED, "30143112020105" TIME, ATT_E_FORMAT },
	{ "entry empty", REVOKED, "30023000", ATT_E_TRUNCATED },
	{ "serial 0", REVOKED, "30143012020100" TIME, ATT_E_FORMAT },
	{ "serial negative", REVOKED, "301430120201ff" TIME, ATT_E_FORMAT },
	{ "serial padded without need", REVOKED, "3015301302020005" TIME, ATT_E_FORMAT },
	{ "serial of 21 bytes", REVOKED,
	  "302830260215010000000000000000000000000000000000000000" TIME, ATT_E_FORMAT },
	{ "date missing", REVOKED, "30053003020105", ATT_E_TRUNCATED },
	{ "date wrong", REVOKED, "30143012020105170d3138303532313130303030305b", ATT_E_FORMAT },
	{ "entry with empty extensions", REVOKED, "30163014020105" TIME "3000", ATT_E_FORMAT },
	{ "extensions absent", EXTENSIONS, "", ATT_OK },
	{ "extensions empty", EXTENSIONS, "a0023000", ATT_E_FORMAT },
	{ "extensions without their list", EXTENSIONS, "a000", ATT_E_TRUNCATED },
	{ "extensions with something behind", EXTENSIONS, "a013300f" EXT_AKID "0500",
	  ATT_E_FORMAT },
	{ "extensions under [1]", EXTENSIONS, "a11d301b" EXT_AKID EXT_NUM, ATT_E_FORMAT },
	{ "key id twice", EXTENSIONS, "a020301e" EXT_AKID EXT_AKID, ATT_E_FORMAT },
	{ "something behind the extensions", BEHIND, "0500", ATT_E_TRAILING },
	{ "signature with s = 0", SIGNATURE, "003006020101020100", ATT_E_FORMAT },
	{ "signature with unused bits", SIGNATURE, "013006020101020102", ATT_E_FORMAT },
};

static void each_part(void **state)
{
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(part_cases); i++) {
		att_auto_buf att_buf der = { 0 };
		att_err err = { 0 };
		make(&der, part_cases[i].part, part_cases[i].hex);
		att_rc rc = parse(att_buf_bytes(&der), &err);
		if (rc != part_cases[i].rc)
			fail_msg("%s: %s %s", part_cases[i].what, att_rc_name(rc), err.msg);
		if (rc == ATT_OK)
			continue;
		assert_int_equal(err.rc, rc);
		assert_int_equal(strncmp(err.msg, "CRL: ", 5), 0);
		if (err.offset > der.len)
			fail_msg("%s: offset %zu of %zu", part_cases[i].what, err.offset, der.len);
	}
}

#define CRITICAL       "0101ff"
#define OID_NUMBER     "551d14"
#define OID_REASON     "551d15"
#define OID_INVALIDITY "551d18"
#define OID_DELTA      "551d1b"
#define OID_IDP        "551d1c"
#define OID_ISSUER     "551d1d"
#define OID_AKID       "551d23"

struct ext_case {
	const char *what;
	struct ext_hex ext;
	att_rc rc;
};

static const struct ext_case list_cases[] = {
	{ "number", { OID_NUMBER, "", "020105" }, ATT_OK },
	{ "number critical", { OID_NUMBER, CRITICAL, "020105" }, ATT_OK },
	{ "number 0", { OID_NUMBER, "", "020100" }, ATT_OK },
	{ "number of 63 bits", { OID_NUMBER, "", "02087fffffffffffffff" }, ATT_OK },
	{ "number of 64 bits", { OID_NUMBER, "", "020900ffffffffffffffff" }, ATT_E_FORMAT },
	{ "number negative", { OID_NUMBER, "", "0201ff" }, ATT_E_FORMAT },
	{ "number padded", { OID_NUMBER, "", "02020005" }, ATT_E_FORMAT },
	{ "number with a byte behind", { OID_NUMBER, "", "02010500" }, ATT_E_FORMAT },
	{ "number no INTEGER", { OID_NUMBER, "", "0a0105" }, ATT_E_FORMAT },
	{ "key id", { OID_AKID, "", "30038001aa" }, ATT_OK },
	{ "key id with a byte behind", { OID_AKID, "", "30038001aa00" }, ATT_E_FORMAT },
	{ "critical FALSE spelled out", { OID_NUMBER, "010100", "020105" }, ATT_E_FORMAT },
	{ "delta CRL", { OID_DELTA, CRITICAL, "020101" }, ATT_E_FORMAT },
	{ "delta CRL, not critical", { OID_DELTA, "", "020101" }, ATT_E_FORMAT },
	{ "partial CRL", { OID_IDP, CRITICAL, "3000" }, ATT_E_FORMAT },
	{ "partial CRL, not critical", { OID_IDP, "", "3000" }, ATT_E_FORMAT },
	{ "unknown", { "2b06", "", "00" }, ATT_OK },
	{ "unknown critical", { "2b06", CRITICAL, "00" }, ATT_E_FORMAT },
};

static void each_extension_of_the_list(void **state)
{
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(list_cases); i++) {
		att_auto_buf att_buf der = { 0 }, tbs = { 0 }, exts = { 0 }, list = { 0 };
		att_err err = { 0 };
		for (enum part p = VERSION; p < EXTENSIONS; p++)
			put_hex_bytes(&tbs, usual[p]);
		put_extension(&exts, &list_cases[i].ext);
		put_element(&list, 0x30, &exts);
		put_element(&tbs, 0xa0, &list);
		put_signed(&der, &tbs, ECDSA_WITH_SHA256, SOME_SIGNATURE);
		att_rc rc = parse(att_buf_bytes(&der), &err);
		if (rc != list_cases[i].rc)
			fail_msg("%s: %s %s", list_cases[i].what, att_rc_name(rc), err.msg);
	}
}

static const struct ext_case entry_cases[] = {
	{ "reason unspecified", { OID_REASON, "", "0a0100" }, ATT_OK },
	{ "reason key compromise", { OID_REASON, "", "0a0101" }, ATT_OK },
	{ "reason critical", { OID_REASON, CRITICAL, "0a0101" }, ATT_OK },
	{ "reason hold", { OID_REASON, "", "0a0106" }, ATT_OK },
	{ "reason 7 is not defined", { OID_REASON, "", "0a0107" }, ATT_E_FORMAT },
	{ "reason removeFromCRL", { OID_REASON, "", "0a0108" }, ATT_E_FORMAT },
	{ "reason AA compromise", { OID_REASON, "", "0a010a" }, ATT_OK },
	{ "reason 11 is not defined", { OID_REASON, "", "0a010b" }, ATT_E_FORMAT },
	{ "reason no ENUMERATED", { OID_REASON, "", "020101" }, ATT_E_FORMAT },
	{ "reason with a byte behind", { OID_REASON, "", "0a010100" }, ATT_E_FORMAT },
	{ "reason empty", { OID_REASON, "", "" }, ATT_E_TRUNCATED },
	{ "invalidity date", { OID_INVALIDITY, "", "180f32303138303532313130303030305a" }, ATT_OK },
	{ "another issuer", { OID_ISSUER, CRITICAL, "3000" }, ATT_E_FORMAT },
	{ "another issuer, not critical", { OID_ISSUER, "", "3000" }, ATT_E_FORMAT },
	{ "unknown", { "2b06", "", "00" }, ATT_OK },
	{ "unknown critical", { "2b06", CRITICAL, "00" }, ATT_E_FORMAT },
};

static void make_entry(att_buf *der, const struct ext_hex *ext, size_t count)
{
	att_auto_buf att_buf tbs = { 0 }, exts = { 0 }, entry = { 0 }, list = { 0 };

	for (size_t i = 0; i < count; i++)
		put_extension(&exts, &ext[i]);
	put_hex_bytes(&entry, "020105" TIME);
	put_element(&entry, 0x30, &exts);
	put_element(&list, 0x30, &entry);
	for (enum part p = VERSION; p < REVOKED; p++)
		put_hex_bytes(&tbs, usual[p]);
	put_element(&tbs, 0x30, &list);
	put_hex_bytes(&tbs, usual[EXTENSIONS]);
	put_signed(der, &tbs, ECDSA_WITH_SHA256, SOME_SIGNATURE);
}

static void each_extension_of_an_entry(void **state)
{
	(void)state;
	struct ext_hex twice[] = { { OID_REASON, "", "0a0101" }, { OID_REASON, "", "0a0101" } };

	for (size_t i = 0; i < ATT_COUNT(entry_cases); i++) {
		att_auto_buf att_buf der = { 0 };
		att_err err = { 0 };
		make_entry(&der, &entry_cases[i].ext, 1);
		att_rc rc = parse(att_buf_bytes(&der), &err);
		if (rc != entry_cases[i].rc)
			fail_msg("%s: %s %s", entry_cases[i].what, att_rc_name(rc), err.msg);
	}
	att_auto_buf att_buf der = { 0 };
	make_entry(&der, twice, 2);
	assert_int_equal(parse(att_buf_bytes(&der), NULL), ATT_E_FORMAT);
}

/* --- Every CRL against OpenSSL, cut and changed everywhere --- */

static const char *const all[] = { FIXTURE_ROOT_CRL, FIXTURE_CA_CRL };

static void openssl_agrees(void **state)
{
	(void)state;
	uint8_t der[4096];

	for (size_t i = 0; i < ATT_COUNT(all); i++)
		assert_int_equal(parse(unhex(all[i], der, sizeof(der)), NULL), ATT_OK);
}

static void every_cut_is_refused(void **state)
{
	(void)state;
	uint8_t der[4096];
	struct att_crl c;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		size_t len = unhex(all[i], der, sizeof(der)).len;
		for (size_t n = 1; n < len; n++)
			assert_int_equal(parse(att_bytes_of(der, n), NULL), ATT_E_TRUNCATED);
		der[len] = 0;
		assert_int_equal(parse(att_bytes_of(der, len + 1), NULL), ATT_E_TRAILING);
	}
	assert_int_equal(att_crl_parse(att_bytes_of(NULL, 0), &c, NULL), ATT_E_TRUNCATED);
}

static void every_bit_is_read_as_openssl_does(void **state)
{
	(void)state;
	uint8_t der[4096];
	size_t len = unhex(FIXTURE_CA_CRL, der, sizeof(der)).len;
	size_t accepted = 0;

	for (size_t i = 0; i < 8 * len; i++) {
		der[i / 8] ^= (uint8_t)(1u << (i % 8));
		accepted += parse(att_bytes_of(der, len), NULL) == ATT_OK;
		der[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	assert_true(accepted > 0 && accepted < 8 * len);
}

static void at_most_one_mebibyte(void **state)
{
	(void)state;
	uint8_t *big = calloc(1, ATT_CRL_MAX + 1);
	struct att_crl c;
	att_err err;

	assert_non_null(big);
	assert_int_equal(att_crl_parse(att_bytes_of(big, ATT_CRL_MAX + 1), &c, &err), ATT_E_FORMAT);
	assert_string_equal(err.msg, "CRL is 1048577 bytes, at most 1048576");
	free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_an_empty_list),
		cmocka_unit_test(reads_a_list),
		cmocka_unit_test(each_part),
		cmocka_unit_test(each_extension_of_the_list),
		cmocka_unit_test(each_extension_of_an_entry),
		cmocka_unit_test(openssl_agrees),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(every_bit_is_read_as_openssl_does),
		cmocka_unit_test(at_most_one_mebibyte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
