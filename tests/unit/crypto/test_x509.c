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

/* --- Real shapes: a chain in Intel's profile --- */

static att_bytes unhex(const char *hex, uint8_t *out, size_t room)
{
	size_t len = strlen(hex) / 2;

	assert_true(len <= room);
	assert_int_equal(att_hex_decode(att_bytes_of(hex, 2 * len), out, len, NULL), ATT_OK);
	return att_bytes_of(out, len);
}

static void is_text(att_bytes b, const char *text)
{
	assert_int_equal(b.len, strlen(text));
	assert_memory_equal(b.ptr, text, b.len);
}

static void reads_a_root(void **state)
{
	(void)state;
	uint8_t der[ATT_CERT_MAX],
	    serial[] = { 0x22, 0x65, 0x0c, 0xd6, 0x5a, 0x9d, 0x34, 0x89, 0xf3, 0x83,
			 0xb4, 0x95, 0x52, 0xbf, 0x50, 0x1b, 0x39, 0x27, 0x06, 0xac };
	struct att_cert c;
	att_err err;

	assert_int_equal(att_cert_parse(unhex(FIXTURE_ROOT, der, sizeof(der)), &c, &err), ATT_OK);
	is_text(c.subject_cn, "attest test root");
	is_text(c.issuer_cn, "attest test root");
	assert_true(att_bytes_eq(c.issuer, c.subject));
	assert_true(att_bytes_eq(c.serial, att_bytes_of(serial, sizeof(serial))));
	assert_true(att_bytes_eq(c.skid, c.akid));
	assert_int_equal(c.skid.len, 20);
	assert_int_equal(c.not_before, 1526896800); /* 2018-05-21T10:00:00Z */
	assert_int_equal(c.not_after, 2871759600);  /* 2060-12-31T23:00:00Z, a GeneralizedTime */
	assert_true(c.has_basic_constraints && c.is_ca && c.path_len == 1);
	assert_true(c.has_key_usage);
	assert_int_equal(c.key_usage, ATT_KU_KEY_CERT_SIGN | ATT_KU_CRL_SIGN);
	assert_int_equal(c.sgx_extension.len, 0);
	assert_int_equal(c.unknown_critical.len, 0);
	assert_false(c.sim_marker);
	assert_false(att_cert_simulated(&c));
}

static void reads_a_leaf(void **state)
{
	(void)state;
	uint8_t der[ATT_CERT_MAX], one = 1;
	struct att_cert c;
	att_err err;

	assert_int_equal(att_cert_parse(unhex(FIXTURE_LEAF, der, sizeof(der)), &c, &err), ATT_OK);
	is_text(c.subject_cn, "attest test leaf \xc3\xa9");
	is_text(c.issuer_cn, "attest test CA");
	assert_true(att_bytes_eq(c.serial, att_bytes_of(&one, 1)));
	assert_true(c.has_basic_constraints);
	assert_false(c.is_ca);
	assert_int_equal(c.path_len, -1);
	assert_int_equal(c.key_usage, ATT_KU_DIGITAL_SIGNATURE | 1u << 1);
	assert_int_equal(c.sgx_extension.len, 32);
	assert_int_equal(c.sgx_extension.ptr[0], 0x30);
}

static void reads_the_edges(void **state)
{
	(void)state;
	uint8_t der[ATT_CERT_MAX];
	struct att_cert c;
	att_err err;

	assert_int_equal(att_cert_parse(unhex(FIXTURE_ODD, der, sizeof(der)), &c, &err), ATT_OK);
	assert_int_equal(c.not_before, 946681200); /* 1999-12-31T23:00:00Z */
	assert_int_equal(c.not_after, 2524608000); /* 2050-01-01T00:00:00Z */
	assert_int_equal(c.key_usage, 1u << 4 | 1u << 8);
	assert_false(c.has_basic_constraints);
	assert_int_equal(c.path_len, -1);
	/* 1.3.6.1.4.1.99999.1, the first of two */
	assert_int_equal(c.unknown_critical.len, 9);
	assert_int_equal(c.unknown_critical.ptr[8], 1);
}

static void a_chain_verifies(void **state)
{
	(void)state;
	static const char *const chain[] = { FIXTURE_ROOT, FIXTURE_ROOT, FIXTURE_CA, FIXTURE_LEAF };
	uint8_t der[4][ATT_CERT_MAX];
	struct att_cert c[4];
	att_p256 *t = NULL;

	assert_int_equal(att_p256_new(&t, NULL), ATT_OK);
	for (size_t i = 0; i < ATT_COUNT(chain); i++) {
		assert_int_equal(
		    att_cert_parse(unhex(chain[i], der[i], sizeof(der[i])), &c[i], NULL), ATT_OK);
		if (i == 0)
			continue;
		assert_true(att_bytes_eq(c[i].issuer, c[i - 1].subject));
		assert_true(att_bytes_eq(c[i].akid, c[i - 1].skid));
		assert_true(att_p256_verify(t, c[i - 1].point, c[i].tbs, c[i].signature));
		assert_int_equal(att_p256_verify(t, c[i].point, c[i].tbs, c[i].signature), i == 1);
	}
	att_p256_free(t);
}

static bool same_view(att_bytes a, att_bytes b)
{
	return a.len == b.len && (a.len == 0 || a.ptr == b.ptr);
}

static void moving_is_reading_again(void **state)
{
	static const char *const fixtures[] = { FIXTURE_ROOT, FIXTURE_CA, FIXTURE_LEAF,
						FIXTURE_SIM_ROOT, FIXTURE_ODD };
	uint8_t here[ATT_CERT_MAX], there[ATT_CERT_MAX];
	struct att_cert c, moved, read;

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(fixtures); i++) {
		att_bytes der = unhex(fixtures[i], here, sizeof(here));
		assert_int_equal(att_cert_parse(der, &c, NULL), ATT_OK);
		memcpy(there, here, der.len);
		der.ptr = there;
		assert_int_equal(att_cert_parse(der, &read, NULL), ATT_OK);
		att_cert_move(&c, der, &moved);
		assert_true(same_view(moved.der, read.der) && same_view(moved.tbs, read.tbs));
		assert_true(same_view(moved.signature, read.signature));
		assert_true(same_view(moved.serial, read.serial));
		assert_true(same_view(moved.issuer, read.issuer));
		assert_true(same_view(moved.subject, read.subject));
		assert_true(same_view(moved.issuer_cn, read.issuer_cn));
		assert_true(same_view(moved.subject_cn, read.subject_cn));
		assert_true(same_view(moved.skid, read.skid) && same_view(moved.akid, read.akid));
		assert_true(same_view(moved.sgx_extension, read.sgx_extension));
		assert_true(same_view(moved.unknown_critical, read.unknown_critical));
		assert_memory_equal(moved.point, read.point, sizeof(read.point));
		assert_true(moved.not_before == read.not_before && moved.is_ca == read.is_ca &&
			    moved.path_len == read.path_len && moved.key_usage == read.key_usage &&
			    moved.not_after == read.not_after &&
			    moved.sim_marker == read.sim_marker);
	}
}

static void simulated_roots(void **state)
{
	(void)state;
	uint8_t der[ATT_CERT_MAX];
	struct att_cert c;

	assert_int_equal(att_cert_parse(unhex(FIXTURE_SIM_ROOT, der, sizeof(der)), &c, NULL),
			 ATT_OK);
	assert_true(c.sim_marker);
	assert_true(att_cert_simulated(&c));
	/* Either mark suffices. */
	c.sim_marker = false;
	assert_true(att_cert_simulated(&c));
	c.skid = att_bytes_of("attest-sim", 10);
	assert_true(att_cert_simulated(&c));
	c.skid = att_bytes_of("attest-si", 9);
	assert_false(att_cert_simulated(&c));
	c.skid = att_bytes_of("Attest-sim 1", 12);
	assert_false(att_cert_simulated(&c));
	c.sim_marker = true;
	assert_true(att_cert_simulated(&c));
}

/* --- One rule, one refusal --- */

enum part {
	VERSION,
	SERIAL,
	ALGORITHM,
	ISSUER,
	VALIDITY,
	SUBJECT,
	KEY,
	BEHIND,
	OUTER,
	SIGNATURE,
	PARTS
};

#define NOT_BEFORE "170d3138303532313130303030305a"
#define NOT_AFTER  "170d3333303532313130303030305a"
#define POINT                                                              \
	"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" \
	"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
#define EC_P256 "301306072a8648ce3d020106082a8648ce3d030107"

static const char *const usual[PARTS] = {
	[VERSION] = "a003020102",
	[SERIAL] = "020101",
	[ALGORITHM] = ECDSA_WITH_SHA256,
	[ISSUER] = NAME_A,
	[VALIDITY] = "301e" NOT_BEFORE NOT_AFTER,
	[SUBJECT] = NAME_A,
	[KEY] = "3059" EC_P256 "03420004" POINT,
	[BEHIND] = "",
	[OUTER] = ECDSA_WITH_SHA256,
	[SIGNATURE] = SOME_SIGNATURE,
};

#define CRITICAL "0101ff"
#define OID_SKID "551d0e"
#define OID_KU   "551d0f"
#define OID_BC   "551d13"
#define OID_CDP  "551d1f"
#define OID_AKID "551d23"
#define OID_SGX  "2a864886f84d010d01"

static const struct ext_hex usual_ext = { OID_SKID, "", "0402aabb" };

static void make(att_buf *out, enum part which, const char *hex, const struct ext_hex *ext,
		 size_t ext_count)
{
	att_auto_buf att_buf tbs = { 0 }, exts = { 0 }, list = { 0 };
	const char *part[PARTS];

	memcpy(part, usual, sizeof(part));
	if (which < PARTS)
		part[which] = hex;
	for (enum part i = VERSION; i <= KEY; i++)
		put_hex_bytes(&tbs, part[i]);
	for (size_t i = 0; i < ext_count; i++)
		put_extension(&exts, &ext[i]);
	put_element(&list, 0x30, &exts);
	put_element(&tbs, 0xa3, &list);
	put_hex_bytes(&tbs, part[BEHIND]);
	put_signed(out, &tbs, part[OUTER], part[SIGNATURE]);
	assert_int_equal(att_buf_ok(out, NULL), ATT_OK);
}

/* Parses a copy of exactly that size; what is accepted must please OpenSSL too. */
static att_rc parse(const att_buf *der, att_err *err)
{
	struct att_cert c;
	uint8_t *copy = malloc(der->len);

	assert_non_null(copy);
	memcpy(copy, der->ptr, der->len);
	att_rc rc = att_cert_parse(att_bytes_of(copy, der->len), &c, err);
	if (rc == ATT_OK) {
		const char *what = cert_differs(&c);
		if (what)
			fail_msg("OpenSSL differs: %s", what);
	} else {
		assert_null(c.der.ptr);
		assert_int_equal(c.point[0], 0);
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
	{ "v2", VERSION, "a003020101", ATT_E_FORMAT },
	{ "v1 by default", VERSION, "", ATT_E_FORMAT },
	{ "v4", VERSION, "a003020103", ATT_E_FORMAT },
	{ "two versions", VERSION, "a006020102020102", ATT_E_FORMAT },
	{ "serial of 20 bytes", SERIAL, "02147f00000000000000000000000000000000000000", ATT_OK },
	{ "serial of 20 bytes with padding", SERIAL,
	  "021500ff00000000000000000000000000000000000000", ATT_OK },
	{ "serial of 21 bytes", SERIAL, "02150100000000000000000000000000000000000000ff",
	  ATT_E_FORMAT },
	{ "serial of 21 bytes with padding", SERIAL,
	  "021600ff0000000000000000000000000000000000000000", ATT_E_FORMAT },
	{ "serial 0", SERIAL, "020100", ATT_E_FORMAT },
	{ "serial -1", SERIAL, "0201ff", ATT_E_FORMAT },
	{ "serial padded without need", SERIAL, "02020001", ATT_E_FORMAT },
	{ "serial empty", SERIAL, "0200", ATT_E_FORMAT },
	{ "serial missing", SERIAL, "", ATT_E_FORMAT },
	{ "inner ecdsa-with-SHA384", ALGORITHM, "300a06082a8648ce3d040303", ATT_E_UNSUPPORTED },
	{ "outer ecdsa-with-SHA384", OUTER, "300a06082a8648ce3d040303", ATT_E_UNSUPPORTED },
	{ "outer sha256WithRSA", OUTER, "300d06092a864886f70d01010b0500", ATT_E_UNSUPPORTED },
	{ "inner with NULL parameters", ALGORITHM, "300c06082a8648ce3d0403020500", ATT_E_FORMAT },
	{ "outer with NULL parameters", OUTER, "300c06082a8648ce3d0403020500", ATT_E_FORMAT },
	{ "algorithm is a SET", ALGORITHM, "310a06082a8648ce3d040302", ATT_E_FORMAT },
	{ "algorithm is empty", ALGORITHM, "3000", ATT_E_TRUNCATED },
	{ "algorithm missing", ALGORITHM, "", ATT_E_FORMAT },
	{ "issuer empty", ISSUER, "3000", ATT_E_TRUNCATED },
	{ "issuer is a SET", ISSUER, "310c310a300806035504030c0141", ATT_E_FORMAT },
	{ "subject empty", SUBJECT, "3000", ATT_E_TRUNCATED },
	{ "empty relative name", SUBJECT, "30023100", ATT_E_TRUNCATED },
	{ "two attributes in one relative name", SUBJECT,
	  "30163114300806035504030c0141300806035504030c0142", ATT_E_FORMAT },
	{ "attribute without a value", SUBJECT, "3009310730050603550403", ATT_E_TRUNCATED },
	{ "attribute with two values", SUBJECT, "300f310d300b06035504030c01410c0142",
	  ATT_E_FORMAT },
	{ "empty text", SUBJECT, "300b3109300706035504030c00", ATT_E_FORMAT },
	{ "NUL in text", SUBJECT, "300e310c300a06035504030c03410042", ATT_E_FORMAT },
	{ "line end in text", SUBJECT, "300c310a300806035504030c010a", ATT_E_FORMAT },
	{ "DEL in text", SUBJECT, "300c310a300806035504030c017f", ATT_E_FORMAT },
	{ "invalid UTF-8", SUBJECT, "300c310a300806035504030c01ff", ATT_E_FORMAT },
	{ "UTF-8", SUBJECT, "300d310b300906035504030c02c3a9", ATT_OK },
	{ "PrintableString beyond ASCII", SUBJECT, "300d310b300906035504031302c3a9", ATT_E_FORMAT },
	{ "IA5String", SUBJECT, "300c310a30080603550403160141", ATT_OK },
	{ "BMPString", SUBJECT, "300d310b300906035504031e020041", ATT_E_FORMAT },
	{ "attribute type in overlong form", SUBJECT, "300d310b30090604550480030c0141",
	  ATT_E_FORMAT },
	{ "attribute type cut short", SUBJECT, "300c310a300806035504830c0141", ATT_E_FORMAT },
	{ "attribute type empty", SUBJECT, "30093107300506000c0141", ATT_E_FORMAT },
	{ "notAfter missing", VALIDITY, "300f" NOT_BEFORE, ATT_E_TRUNCATED },
	{ "a third time", VALIDITY, "302d" NOT_BEFORE NOT_AFTER NOT_AFTER, ATT_E_FORMAT },
	{ "month 13", VALIDITY, "301e170d3138313332313130303030305a" NOT_AFTER, ATT_E_FORMAT },
	{ "no zone", VALIDITY, "301d170c313830353231313030303030" NOT_AFTER, ATT_E_FORMAT },
	{ "GeneralizedTime before 2050", VALIDITY,
	  "3020" NOT_BEFORE "180f32303333303532313130303030305a", ATT_E_FORMAT },
	{ "GeneralizedTime from 2050", VALIDITY,
	  "3020" NOT_BEFORE "180f32303530303532313130303030305a", ATT_OK },
	{ "validity is a SET", VALIDITY, "311e" NOT_BEFORE NOT_AFTER, ATT_E_FORMAT },
	{ "secp384r1", KEY, "3056301006072a8648ce3d020106052b8104002203420004" POINT,
	  ATT_E_UNSUPPORTED },
	{ "rsaEncryption", KEY, "3012300d06092a864886f70d0101010500030100", ATT_E_UNSUPPORTED },
	{ "parameters absent", KEY, "304f300906072a8648ce3d020103420004" POINT, ATT_E_UNSUPPORTED },
	{ "compressed point", KEY,
	  "3039" EC_P256 "0322000302"
	  "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2",
	  ATT_E_FORMAT },
	{ "hybrid point", KEY, "3059" EC_P256 "03420006" POINT, ATT_E_FORMAT },
	{ "point of 66 bytes", KEY, "305a" EC_P256 "03430004" POINT "00", ATT_E_FORMAT },
	{ "point at infinity", KEY, "3019" EC_P256 "03020000", ATT_E_FORMAT },
	{ "point with unused bits", KEY, "3059" EC_P256 "03420104" POINT, ATT_E_FORMAT },
	{ "something behind the point", KEY, "305b" EC_P256 "03420004" POINT "0500", ATT_E_FORMAT },
	{ "key algorithm is a SET", KEY,
	  "3059311306072a8648ce3d020106082a8648ce3d03010703420004" POINT, ATT_E_FORMAT },
	{ "key missing", KEY, "", ATT_E_FORMAT },
	{ "unique identifier", KEY, "3059" EC_P256 "03420004" POINT "810200ff", ATT_E_FORMAT },
	{ "something behind the extensions", BEHIND, "0500", ATT_E_TRAILING },
	{ "signature with unused bits", SIGNATURE, "013006020101020102", ATT_E_FORMAT },
	{ "signature empty", SIGNATURE, "00", ATT_E_FORMAT },
	{ "signature without contents", SIGNATURE, "", ATT_E_FORMAT },
	{ "signature with r = 0", SIGNATURE, "003006020100020102", ATT_E_FORMAT },
	{ "signature negative", SIGNATURE, "003006020181020102", ATT_E_FORMAT },
	{ "signature with a byte behind", SIGNATURE, "00300602010102010200", ATT_E_FORMAT },
};

static void each_part(void **state)
{
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(part_cases); i++) {
		att_auto_buf att_buf der = { 0 };
		att_err err = { 0 };
		make(&der, part_cases[i].part, part_cases[i].hex, &usual_ext, 1);
		att_rc rc = parse(&der, &err);
		if (rc != part_cases[i].rc)
			fail_msg("%s: %s %s", part_cases[i].what, att_rc_name(rc), err.msg);
		if (rc == ATT_OK)
			continue;
		assert_int_equal(err.rc, rc);
		assert_int_equal(strncmp(err.msg, "certificate: ", 13), 0);
		if (err.offset > der.len)
			fail_msg("%s: %s, offset %zu of %zu", part_cases[i].what, err.msg,
				 err.offset, der.len);
	}
}

static const struct {
	const char *what;
	struct ext_hex ext;
	att_rc rc;
	bool unknown;
} ext_cases[] = {
	{ "key id", { OID_SKID, "", "0401aa" }, ATT_OK, false },
	{ "key id critical", { OID_SKID, CRITICAL, "0401aa" }, ATT_OK, false },
	{ "critical FALSE spelled out", { OID_SKID, "010100", "0401aa" }, ATT_E_FORMAT, false },
	{ "critical 1", { OID_SKID, "010101", "0401aa" }, ATT_E_FORMAT, false },
	{ "critical of two bytes", { OID_SKID, "0102ffff", "0401aa" }, ATT_E_FORMAT, false },
	{ "critical twice", { OID_SKID, CRITICAL CRITICAL, "0401aa" }, ATT_E_FORMAT, false },
	{ "key id empty", { OID_SKID, "", "0400" }, ATT_E_FORMAT, false },
	{ "key id with a byte behind", { OID_SKID, "", "0401aa00" }, ATT_E_FORMAT, false },
	{ "key id no OCTET STRING", { OID_SKID, "", "0201aa" }, ATT_E_FORMAT, false },
	{ "key id without value", { OID_SKID, "", "" }, ATT_E_TRUNCATED, false },
	{ "OID empty", { "", "", "0500" }, ATT_E_FORMAT, false },
	{ "OID in overlong form", { "55801d0e", "", "0500" }, ATT_E_FORMAT, false },
	{ "OID cut short", { "551d8e", "", "0500" }, ATT_E_FORMAT, false },
	{ "usage of one bit", { OID_KU, "", "03020780" }, ATT_OK, false },
	{ "usage of nine bits", { OID_KU, "", "0303070080" }, ATT_OK, false },
	{ "usage of ten bits", { OID_KU, "", "0303060040" }, ATT_E_FORMAT, false },
	{ "usage of three bytes", { OID_KU, "", "030400000001" }, ATT_E_FORMAT, false },
	{ "usage with zero bits behind", { OID_KU, "", "03020680" }, ATT_E_FORMAT, false },
	{ "usage with unused bits set", { OID_KU, "", "030207c0" }, ATT_E_FORMAT, false },
	{ "usage without a bit", { OID_KU, "", "030100" }, ATT_E_FORMAT, false },
	{ "usage of zeros", { OID_KU, "", "03020000" }, ATT_E_FORMAT, false },
	{ "usage with 8 unused bits", { OID_KU, "", "03020880" }, ATT_E_FORMAT, false },
	{ "usage empty", { OID_KU, "", "0300" }, ATT_E_FORMAT, false },
	{ "usage no BIT STRING", { OID_KU, "", "04020780" }, ATT_E_FORMAT, false },
	{ "constraints of no CA", { OID_BC, "", "3000" }, ATT_OK, false },
	{ "constraints of a CA", { OID_BC, "", "30030101ff" }, ATT_OK, false },
	{ "constraints with a length", { OID_BC, "", "30060101ff020100" }, ATT_OK, false },
	{ "constraints FALSE spelled out", { OID_BC, "", "3003010100" }, ATT_E_FORMAT, false },
	{ "constraints: length of no CA", { OID_BC, "", "3003020100" }, ATT_E_FORMAT, false },
	{ "constraints: length 255", { OID_BC, "", "30070101ff020200ff" }, ATT_OK, false },
	{ "constraints: length 256", { OID_BC, "", "30070101ff02020100" }, ATT_E_FORMAT, false },
	{ "constraints: length -1", { OID_BC, "", "30060101ff0201ff" }, ATT_E_FORMAT, false },
	{ "constraints: more inside", { OID_BC, "", "30080101ff0201000500" }, ATT_E_FORMAT, false },
	{ "constraints: more behind", { OID_BC, "", "30000500" }, ATT_E_FORMAT, false },
	{ "issuer's key id", { OID_AKID, "", "30038001aa" }, ATT_OK, false },
	{ "issuer's key id absent", { OID_AKID, "", "3000" }, ATT_OK, false },
	{ "issuer's key id empty", { OID_AKID, "", "30028000" }, ATT_E_FORMAT, false },
	{ "issuer's name without serial", { OID_AKID, "", "3002a100" }, ATT_E_FORMAT, false },
	{ "issuer's serial without name", { OID_AKID, "", "3003820101" }, ATT_E_FORMAT, false },
	{ "issuer's key id after the serial",
	  { OID_AKID, "", "30068201018001aa" },
	  ATT_E_FORMAT,
	  false },
	{ "distribution points", { OID_CDP, "", "3000" }, ATT_OK, false },
	{ "distribution points critical", { OID_CDP, CRITICAL, "3000" }, ATT_OK, true },
	{ "distribution points no SEQUENCE", { OID_CDP, "", "3100" }, ATT_E_FORMAT, false },
	{ "SGX extension", { OID_SGX, "", "3000" }, ATT_OK, false },
	{ "SGX extension critical", { OID_SGX, CRITICAL, "3000" }, ATT_OK, false },
	{ "SGX extension no SEQUENCE", { OID_SGX, "", "0400" }, ATT_E_FORMAT, false },
	{ "SGX extension with a byte behind", { OID_SGX, "", "300000" }, ATT_E_FORMAT, false },
	{ "unknown", { "2b06", "", "01" }, ATT_OK, false },
	{ "unknown critical", { "2b06", CRITICAL, "01" }, ATT_OK, true },
	{ "name constraints critical", { "551d1e", CRITICAL, "3000" }, ATT_OK, true },
};

static void each_extension(void **state)
{
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(ext_cases); i++) {
		att_auto_buf att_buf der = { 0 };
		att_err err = { 0 };
		make(&der, PARTS, NULL, &ext_cases[i].ext, 1);
		att_rc rc = parse(&der, &err);
		if (rc != ext_cases[i].rc)
			fail_msg("%s: %s %s", ext_cases[i].what, att_rc_name(rc), err.msg);
		struct att_cert c;
		rc = att_cert_parse(att_buf_bytes(&der), &c, NULL);
		if (rc == ATT_OK && (c.unknown_critical.len != 0) != ext_cases[i].unknown)
			fail_msg("%s: understood or not", ext_cases[i].what);
	}
}

static void extensions_come_once(void **state)
{
	(void)state;
	struct ext_hex twice[] = { { OID_BC, "", "3000" },
				   { OID_SKID, "", "0401aa" },
				   { OID_BC, "", "3000" } };
	struct ext_hex unknown_twice[] = { { "2b06", "", "" }, { "2b06", "", "" } };
	att_auto_buf att_buf a = { 0 }, b = { 0 }, none = { 0 };
	att_err err;

	make(&a, PARTS, NULL, twice, 2);
	assert_int_equal(parse(&a, &err), ATT_OK);
	a.len = 0;
	make(&a, PARTS, NULL, twice, 3);
	assert_int_equal(parse(&a, &err), ATT_E_FORMAT);
	make(&b, PARTS, NULL, unknown_twice, 2);
	assert_int_equal(parse(&b, &err), ATT_E_FORMAT);
	make(&none, PARTS, NULL, NULL, 0);
	assert_int_equal(parse(&none, &err), ATT_E_FORMAT);
}

static void at_most_32_extensions(void **state)
{
	(void)state;
	char oids[33][5];
	struct ext_hex many[33];

	for (size_t i = 0; i < ATT_COUNT(many); i++) {
		assert_int_equal(snprintf(oids[i], sizeof(oids[i]), "2b%02zx", i + 1), 4);
		many[i] = (struct ext_hex){ oids[i], "", "" };
	}
	for (size_t n = 32; n <= 33; n++) {
		att_auto_buf att_buf der = { 0 };
		att_err err;
		make(&der, PARTS, NULL, many, n);
		assert_int_equal(parse(&der, &err), n == 32 ? ATT_OK : ATT_E_FORMAT);
	}
}

/* --- Every certificate against OpenSSL, cut and changed everywhere --- */

static const char *const all[] = { FIXTURE_ROOT, FIXTURE_CA, FIXTURE_LEAF, FIXTURE_SIM_ROOT,
				   FIXTURE_ODD };

static void openssl_agrees(void **state)
{
	(void)state;
	uint8_t der[ATT_CERT_MAX];

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_bytes in = unhex(all[i], der, sizeof(der));
		att_buf view = { .ptr = der, .len = in.len };
		assert_int_equal(parse(&view, NULL), ATT_OK);
	}
}

static void every_cut_is_refused(void **state)
{
	(void)state;
	uint8_t der[ATT_CERT_MAX];

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		size_t len = unhex(all[i], der, sizeof(der)).len;
		for (size_t n = 1; n < len; n++) {
			att_buf view = { .ptr = der, .len = n };
			assert_int_equal(parse(&view, NULL), ATT_E_TRUNCATED);
		}
		der[len] = 0;
		att_buf longer = { .ptr = der, .len = len + 1 };
		assert_int_equal(parse(&longer, NULL), ATT_E_TRAILING);
	}
	struct att_cert c;
	assert_int_equal(att_cert_parse(att_bytes_of(NULL, 0), &c, NULL), ATT_E_TRUNCATED);
}

static void every_bit_is_read_as_openssl_does(void **state)
{
	(void)state;
	uint8_t der[ATT_CERT_MAX];
	size_t len = unhex(FIXTURE_LEAF, der, sizeof(der)).len;
	att_buf view = { .ptr = der, .len = len };
	size_t accepted = 0;

	for (size_t i = 0; i < 8 * len; i++) {
		der[i / 8] ^= (uint8_t)(1u << (i % 8));
		accepted += parse(&view, NULL) == ATT_OK;
		der[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	assert_true(accepted > 0 && accepted < 8 * len);
}

static void at_most_8192_bytes(void **state)
{
	(void)state;
	uint8_t *big = calloc(1, ATT_CERT_MAX + 1);
	struct att_cert c;
	att_err err;

	assert_non_null(big);
	assert_int_equal(att_cert_parse(att_bytes_of(big, ATT_CERT_MAX + 1), &c, &err),
			 ATT_E_FORMAT);
	assert_string_equal(err.msg, "certificate is 8193 bytes, at most 8192");
	free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_root),
		cmocka_unit_test(reads_a_leaf),
		cmocka_unit_test(reads_the_edges),
		cmocka_unit_test(a_chain_verifies),
		cmocka_unit_test(moving_is_reading_again),
		cmocka_unit_test(simulated_roots),
		cmocka_unit_test(each_part),
		cmocka_unit_test(each_extension),
		cmocka_unit_test(extensions_come_once),
		cmocka_unit_test(at_most_32_extensions),
		cmocka_unit_test(openssl_agrees),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(every_bit_is_read_as_openssl_does),
		cmocka_unit_test(at_most_8192_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
