/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

#define H6     "00606a000000"
#define H32    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define H48    H32 "00112233445566778899aabbccddeeff"
#define Z64    "00000000000000000000000000000000000000000000000000000000000000"
#define HEX(n) "expected " n " hex digits"

/* A member as written, and as the canonical form has it (NULL: refused, and the error ends in
 * `says`). */
struct row {
	const char *member;
	const char *canonical;
	const char *says;
};

static void check(const struct row *row)
{
	char text[12000];
	att_policy *p = NULL;
	att_err err = { 0 };

	snprintf(text, sizeof(text), "{\"version\":1,\"any_of\":[{%s}]}", row->member);
	att_rc rc = att_policy_parse(TEXT(text), &p, &err);
	if (!row->canonical) {
		if (rc != ATT_E_FORMAT || !strstr(err.msg, row->says))
			fail_msg("%s\n  %s: %s", row->member, att_rc_name(rc), err.msg);
		assert_true(err.offset < strlen(text));
		return;
	}
	if (rc != ATT_OK)
		fail_msg("%s: %s", row->member, err.msg);
	char *out;
	char flat[12000];
	size_t n = 0;
	assert_int_equal(att_policy_to_json(p, &out, NULL), ATT_OK);
	for (const char *s = out; *s && n < sizeof(flat) - 1; s++) {
		if (*s != ' ' && *s != '\n')
			flat[n++] = *s;
	}
	flat[n] = '\0';
	if (!strstr(flat, row->canonical))
		fail_msg("%s\n  wants %s\n  in %s", row->member, row->canonical, flat);

	/* and back: the canonical text is its own canonical text */
	att_policy *again;
	char *out2;
	assert_int_equal(att_policy_parse(TEXT(out), &again, &err), ATT_OK);
	assert_int_equal(att_policy_to_json(again, &out2, NULL), ATT_OK);
	assert_string_equal(out, out2);
	free(out);
	free(out2);
	att_policy_free(again);
	att_policy_free(p);
}

static void run(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&rows[i]);
}
#define RUN(rows) run(rows, sizeof(rows) / sizeof((rows)[0]))

static void hex(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "\"fmspc\":\"" H6 "\"", "\"fmspc\":[\"" H6 "\"]", NULL },
		{ "\"fmspc\":[\"00606A000000\",\"" H6 "\"]", "\"fmspc\":[\"" H6 "\",\"" H6 "\"]",
		  NULL },
		{ "\"fmspc\":[]", NULL, "fmspc: an empty list matches nothing" },
		{ "\"fmspc\":\"00606a00000\"", NULL,
		  "fmspc: expected 12 hex digits (6 bytes), seen 11 characters" },
		{ "\"fmspc\":\"00606a0000\"", NULL, "seen 10 characters" },
		{ "\"fmspc\":\"00606a00000000\"", NULL, "seen 14 characters" },
		{ "\"fmspc\":\"\"", NULL, "seen 0 characters" },
		{ "\"fmspc\":\"00606a00000g\"", NULL, "fmspc: expected hex digits only" },
		{ "\"fmspc\":\"0x606a000000\"", NULL, "hex digits only" },
		{ "\"fmspc\":[\"" H6 "\",\"" H6 "00\"]", NULL,
		  "fmspc: item 1: expected 12 hex digits" },
		{ "\"fmspc\":[\"" H6 "\",7]", NULL,
		  "fmspc: item 1: expected a string of hex digits" },
		{ "\"fmspc\":[[\"" H6 "\"]]", NULL, "item 0: expected a string of hex digits" },
		{ "\"fmspc\":null", NULL, "expected a string of hex digits" },
		{ "\"fmspc\":{}", NULL, "expected a string of hex digits" },
		{ "\"fmspc\":\"intel\"", NULL, "seen 5 characters" },
		{ "\"mr_enclave\":\"" H48 "\"", NULL, "mr_enclave: " HEX("64") },
		{ "\"mr_td\":\"" H32 "\"", NULL, "mr_td: " HEX("96") },
		{ "\"config_id\":\"" H32 "\"", NULL, "config_id: " HEX("128") },
		{ "\"platform_instance_id\":\"" H6 "\"", NULL, HEX("32") },
		{ "\"roots\":\"intel\"", "\"roots\":[\"intel\"]", NULL },
		{ "\"roots\":[\"a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e\","
		  "\"" H32 "\"]",
		  "\"roots\":[\"intel\",\"" H32 "\"]", NULL },
		{ "\"roots\":\"Intel\"", NULL, "roots: " HEX("64") },
		{ "\"report_data\":\"ab\"", "\"report_data\":[\"ab" Z64 Z64 "00\"]", NULL },
		{ "\"report_data\":\"\"", NULL,
		  "report_data: expected at most 128 hex digits (64 bytes), seen 0" },
		{ "\"report_data\":\"abc\"", NULL, "report_data: expected at most 128" },
		{ "\"report_data\":\"" H48 H32 "\"", NULL, "seen 160 characters" },
	};
	RUN(rows);
}

static void numbers(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "\"isv_prod_id\":0", "\"isv_prod_id\":[0]", NULL },
		{ "\"isv_prod_id\":[1,65535]", "\"isv_prod_id\":[1,65535]", NULL },
		{ "\"isv_prod_id\":65536", NULL,
		  "isv_prod_id: expected a whole number from 0 to 65535" },
		{ "\"isv_prod_id\":[3,-1]", NULL, "isv_prod_id: item 1: expected a whole number" },
		{ "\"isv_prod_id\":1.0", NULL, "whole number" },
		{ "\"isv_prod_id\":1e1", NULL, "whole number" },
		{ "\"isv_prod_id\":\"1\"", NULL, "whole number" },
		{ "\"isv_prod_id\":true", NULL, "whole number" },
		{ "\"isv_prod_id\":[]", NULL, "an empty list matches nothing" },
		{ "\"config_svn\":70000", NULL, "from 0 to 65535" },
		{ "\"min_isv_svn\":65535", "\"min_isv_svn\":65535", NULL },
		{ "\"min_isv_svn\":65536", NULL, "from 0 to 65535" },
		{ "\"min_isv_svn\":[1]", NULL, "whole number" },
		{ "\"min_config_svn\":1", "\"min_config_svn\":1", NULL },
		{ "\"min_tcb_evaluation\":4294967295", "\"min_tcb_evaluation\":4294967295", NULL },
		{ "\"min_tcb_evaluation\":4294967296", NULL, "from 0 to 4294967295" },
		{ "\"min_qe_evaluation\":17", "\"min_qe_evaluation\":17", NULL },
		{ "\"min_qe_evaluation\":99999999999999999999", NULL,
		  "min_qe_evaluation: expected a whole number" },
	};
	RUN(rows);
}

static void bit_fields(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "\"attributes\":\"0x5\"",
		  "\"attributes\":{\"value\":\"0x5\",\"mask\":\"0xffffffffffffffff\"}", NULL },
		{ "\"attributes\":{\"value\":\"0x04\",\"mask\":\"0xFE\"}",
		  "\"attributes\":{\"value\":\"0x4\",\"mask\":\"0xfe\"}", NULL },
		{ "\"attributes\":{\"value\":\"0x0\"}",
		  "\"attributes\":{\"value\":\"0x0\",\"mask\":\"0xffffffffffffffff\"}", NULL },
		{ "\"xfrm\":\"0xffffffffffffffff\"", "\"xfrm\":{\"value\":\"0xffffffffffffffff\",",
		  NULL },
		{ "\"misc_select\":\"0xffffffff\"",
		  "\"misc_select\":{\"value\":\"0xffffffff\",\"mask\":\"0xffffffff\"}", NULL },
		{ "\"misc_select\":\"0x100000000\"", NULL,
		  "misc_select: expected \"0x\" and 1 to 8 hex digits" },
		{ "\"xfam\":\"0x10000000000000000\"", NULL,
		  "1 to 16 hex digits, most significant first" },
		{ "\"xfam\":\"e7\"", NULL, "xfam: expected \"0x\"" },
		{ "\"xfam\":\"0x\"", NULL, "expected \"0x\"" },
		{ "\"xfam\":\"0X1\"", NULL, "expected \"0x\"" },
		{ "\"xfam\":\"0x1g\"", NULL, "expected \"0x\"" },
		{ "\"xfam\":231", NULL, "expected \"0x\"" },
		{ "\"td_attributes\":{}", NULL, "td_attributes: value: expected \"0x\"" },
		{ "\"td_attributes\":{\"mask\":\"0x1\"}", NULL, "value: expected" },
		{ "\"td_attributes\":{\"value\":\"0x1\",\"mask\":1}", NULL, "mask: expected" },
		{ "\"td_attributes\":{\"value\":\"0x1\",\"mask\":\"0x2\"}", NULL,
		  "no bit in value that mask leaves out" },
		{ "\"td_attributes\":{\"value\":\"0x0\",\"mask\":\"0x0\"}", NULL,
		  "a mask with at least one bit" },
		{ "\"td_attributes\":{\"value\":\"0x0\",\"bits\":\"0x0\"}", NULL,
		  "\"value\" and \"mask\" only" },
		{ "\"td_attributes\":[\"0x0\"]", NULL, "expected \"0x\"" },
	};
	RUN(rows);
}

static void flags(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "\"allow_debug\":true", "\"allow_debug\":true", NULL },
		{ "\"allow_debug\":1", NULL, "allow_debug: expected true or false" },
		{ "\"allow_debug\":\"true\"", NULL, "expected true or false" },
		{ "\"allow_debug\":null", NULL, "expected true or false" },
		{ "\"any_measurement\":true", "\"any_measurement\":true", NULL },
		{ "\"smt\":\"off\"", "\"smt\":\"off\"", NULL },
		{ "\"smt\":\"on\"", NULL, "smt: expected \"off\"" },
		{ "\"smt\":false", NULL, "smt: expected \"off\"" },
		{ "\"dynamic_platform\":false", "\"dynamic_platform\":false", NULL },
		{ "\"dynamic_platform\":true", NULL, "dynamic_platform: expected false" },
		{ "\"cached_keys\":false", "\"cached_keys\":false", NULL },
		{ "\"cached_keys\":true", NULL, "cached_keys: expected false" },
		{ "\"cached_keys\":0", NULL, "cached_keys: expected false" },
	};
	RUN(rows);
}

static void name_sets(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "", "\"tcb_status\":[\"UpToDate\"]", NULL },
		{ "\"tcb_status\":\"OutOfDate\"", "\"tcb_status\":[\"OutOfDate\"]", NULL },
		{ "\"tcb_status\":[\"OutOfDate\",\"UpToDate\",\"OutOfDate\"]",
		  "\"tcb_status\":[\"UpToDate\",\"OutOfDate\"]", NULL },
		{ "\"tcb_status\":[]", NULL, "tcb_status: an empty list" },
		{ "\"tcb_status\":[\"UpToDate\",\"Revoked\"]", NULL,
		  "tcb_status: item 1: expected a status that may be accepted; Revoked and "
		  "NotSupported never are" },
		{ "\"tcb_status\":\"NotSupported\"", NULL, "never are" },
		{ "\"tcb_status\":\"uptodate\"", NULL,
		  "tcb_status: expected one of UpToDate, SWHardeningNeeded, " },
		{ "\"tcb_status\":7", NULL, "expected one of" },
		{ "\"sgx_type\":[\"ScalableWithIntegrity\",\"Standard\"]",
		  "\"sgx_type\":[\"Standard\",\"ScalableWithIntegrity\"]", NULL },
		{ "\"sgx_type\":0", NULL,
		  "sgx_type: expected one of Standard, Scalable, ScalableWithIntegrity" },
	};
	RUN(rows);
}

static void durations(void **state)
{
	(void)state;
#define AGE(v) "\"max_collateral_age\":" v
	static const struct row rows[] = {
		{ AGE("86400"), AGE("\"1d\""), NULL },
		{ AGE("\"24h\""), AGE("\"1d\""), NULL },
		{ AGE("\"30d\""), AGE("\"30d\""), NULL },
		{ AGE("\"90m\""), AGE("\"90m\""), NULL },
		{ AGE("\"3600s\""), AGE("\"1h\""), NULL },
		{ AGE("61"), AGE("\"61s\""), NULL },
		{ AGE("3162240000"), AGE("\"36600d\""), NULL },
		{ AGE("3162240001"), NULL, "max_collateral_age: expected a duration above zero" },
		{ AGE("\"36601d\""), NULL, "expected a duration" },
		{ AGE("0"), NULL, "expected a duration" },
		{ AGE("-1"), NULL, "expected a duration" },
		{ AGE("\"0d\""), NULL, "expected a duration" },
		{ AGE("\"d\""), NULL, "expected a duration" },
		{ AGE("\"30\""), NULL, "expected a duration" },
		{ AGE("\"30 d\""), NULL, "expected a duration" },
		{ AGE("\"1w\""), NULL, "expected a duration" },
		{ AGE("\"99999999999d\""), NULL, "expected a duration" },
		{ AGE("\"9999999999d\""), NULL, "expected a duration" },
		{ AGE("1.5"), NULL, "expected a duration" },
		{ AGE("true"), NULL, "expected a duration" },
	};
	RUN(rows);
}

static void dates(void **state)
{
	(void)state;
#define DATE(v) "\"min_tcb_date\":" v
	static const struct row rows[] = {
		{ DATE("\"2024-03-13\""), DATE("\"2024-03-13T00:00:00Z\""), NULL },
		{ DATE("\"2024-03-13T00:00:00Z\""), DATE("\"2024-03-13T00:00:00Z\""), NULL },
		{ DATE("\"2024-03-13T02:00:00+02:00\""), DATE("\"2024-03-13T00:00:00Z\""), NULL },
		{ DATE("\"2024-02-30\""), NULL, "min_tcb_date: expected a date" },
		{ DATE("\"13.03.2024\""), NULL, "expected a date" },
		{ DATE("\"\""), NULL, "expected a date" },
		{ DATE("\"2024-03-13T00:00:00\""), NULL, "expected a date" },
		{ DATE("1710288000"), NULL, "expected a date" },
		{ DATE("\"2024-03-13T00:00:00.000000000000000000000000Z\""), NULL,
		  "expected a date" },
	};
	RUN(rows);
}

static void grace(void **state)
{
	(void)state;
#define G(v) "\"grace\":" v
	static const struct row rows[] = {
		{ G("{\"for\":\"30d\",\"tcb_status\":\"OutOfDate\"}"),
		  G("{\"tcb_status\":[\"OutOfDate\"],\"for\":\"30d\"}"), NULL },
		{ G("\"30d\""), NULL, "grace: expected an object" },
		{ G("{}"), NULL, "grace: expected both \"tcb_status\" and \"for\"" },
		{ G("{\"for\":\"30d\"}"), NULL, "expected both" },
		{ G("{\"tcb_status\":[\"OutOfDate\"]}"), NULL, "expected both" },
		{ G("{\"for\":\"30d\",\"tcb_status\":\"OutOfDate\",\"since\":1}"), NULL,
		  "\"tcb_status\" and \"for\" only" },
		{ G("{\"for\":\"x\",\"tcb_status\":\"OutOfDate\"}"), NULL,
		  "grace: for: expected a duration" },
		{ G("{\"for\":\"1d\",\"tcb_status\":\"Revoked\"}"), NULL,
		  "grace: tcb_status: expected a status that may be accepted" },
		{ G("{\"for\":\"1d\",\"tcb_status\":[]}"), NULL,
		  "grace: tcb_status: an empty list" },
	};
	RUN(rows);
}

static void advisories(void **state)
{
	(void)state;
#define ADV(v) "\"advisories_allowed\":" v
#define A64    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	static const struct row rows[] = {
		{ ADV("[]"), ADV("[]"), NULL },
		{ ADV("\"INTEL-SA-00615\""), ADV("[\"INTEL-SA-00615\"]"), NULL },
		{ ADV("[\"B\",\"A\",\"" A64 "\"]"), ADV("[\"B\",\"A\",\"" A64 "\"]"), NULL },
		{ "\"advisories_refused\":[\"X\"]", "\"advisories_refused\":[\"X\"]", NULL },
		{ ADV("[\"A\",\"" A64 "A\"]"), NULL,
		  "advisories_allowed: item 1: expected an advisory id" },
		{ ADV("[\"\"]"), NULL, "item 0: expected an advisory id" },
		{ ADV("[\"A B\"]"), NULL, "expected an advisory id" },
		{ ADV("[\"\u00e4\"]"), NULL, "expected an advisory id" },
		{ ADV("[7]"), NULL, "expected an advisory id" },
		{ ADV("7"), NULL, "advisories_allowed: expected an advisory id" },
	};
	RUN(rows);
}

static void long_lists(void **state)
{
	(void)state;
	static const char *const members[] = { "fmspc", "isv_prod_id", "tcb_status",
					       "advisories_allowed" };
	static const char *const values[] = { "\"" H6 "\"", "1", "\"UpToDate\"",
					      "\"INTEL-SA-00615\"" };

	for (size_t k = 0; k < 4; k++) {
		for (int n = 64; n <= 65; n++) {
			char text[4096];
			int at = snprintf(text, sizeof(text), "\"%s\":[", members[k]);
			for (int i = 0; i < n; i++)
				at += snprintf(text + at, 32, "%s%s", i ? "," : "", values[k]);
			snprintf(text + at, 8, "]");
			check(&(struct row){ text, n == 64 ? members[k] : NULL,
					     "65 values, at most 64" });
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex),        cmocka_unit_test(numbers),
		cmocka_unit_test(bit_fields), cmocka_unit_test(flags),
		cmocka_unit_test(name_sets),  cmocka_unit_test(durations),
		cmocka_unit_test(dates),      cmocka_unit_test(grace),
		cmocka_unit_test(advisories), cmocka_unit_test(long_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
