/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

#define X4(h)  h h h h
#define X16(h) X4(h) X4(h) X4(h) X4(h)
#define X32(h) X16(h) X16(h)
#define X48(h) X16(h) X16(h) X16(h)
#define X64(h) X16(h) X16(h) X16(h) X16(h)
#define MRE    "\"mr_enclave\":\"" X32("e1") "\""
#define MRTD   "\"mr_td\":\"" X48("7d") "\""
#define A1     "alternative 1: "

struct row {
	const char *members;
	const char *want; /* reasons; NULL: accepted */
};

static void run(const struct att_verdict *v, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fixture_judge(v, rows[i].members, rows[i].want);
}
#define RUN(v, rows) run(v, rows, sizeof(rows) / sizeof((rows)[0]))

static void sgx_measurements(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ MRE, NULL },
		{ "\"mr_enclave\":[\"" X32("00") "\",\"" X32("E1") "\"]", NULL },
		{ "\"mr_enclave\":\"" X32("e2") "\"",
		  A1 "mr_enclave: expected e2e2e2e2e2e2e2e2…, seen e1e1e1e1e1e1e1e1…" },
		{ "\"mr_enclave\":[\"" X32("e2") "\",\"" X32("e3") "\",\"" X32("e4") "\"]",
		  A1 "mr_enclave: expected e2e2e2e2e2e2e2e2… or one of 2 others, seen "
		     "e1e1e1e1e1e1e1e1…" },
		/* alike at the start: whole values, or the two could not be told apart */
		{ "\"mr_enclave\":\"" X16("e1") X4("e1") X4("e1") X4("e1") "e1e1e1e0\"",
		  A1 "mr_enclave: expected " X16("e1") X4("e1") X4("e1")
		      X4("e1") "e1e1e1e0, seen " X32("e1") },
		{ "\"mr_signer\":\"" X32("51") "\",\"isv_prod_id\":7", NULL },
		{ "\"mr_signer\":\"" X32("51") "\",\"isv_prod_id\":[1,7]", NULL },
		{ "\"mr_signer\":\"" X32("52") "\",\"isv_prod_id\":[1,2],\"min_isv_svn\":4",
		  A1 "mr_signer: expected 5252525252525252…, seen 5151515151515151… | " A1
		     "isv_prod_id: expected 1 or one of 1 others, seen 7 | " A1
		     "min_isv_svn: expected at least 4, seen 3" },
		{ MRE ",\"min_isv_svn\":3", NULL },
		{ MRE ",\"isv_prod_id\":8", A1 "isv_prod_id: expected 8, seen 7" },
		{ MRE ",\"isv_ext_prod_id\":\"" X16("00") "\",\"isv_family_id\":\"" X16("00") "\"",
		  NULL },
		{ MRE ",\"isv_family_id\":\"" X16("01") "\"",
		  A1 "isv_family_id: expected " X16("01") ", seen " X16("00") },
		{ MRE ",\"isv_ext_prod_id\":\"" X16("02") "\"",
		  A1 "isv_ext_prod_id: expected " X16("02") ", seen " X16("00") },
		{ MRE ",\"config_id\":\"" X64("00") "\",\"config_svn\":0,\"min_config_svn\":0",
		  NULL },
		{ MRE ",\"config_id\":\"" X64("03") "\"",
		  A1 "config_id: expected 0303030303030303…, seen 0000000000000000…" },
		{ MRE ",\"config_svn\":1", A1 "config_svn: expected 1, seen 0" },
		{ MRE ",\"min_config_svn\":1", A1 "min_config_svn: expected at least 1, seen 0" },
		{ MRE ",\"kind\":\"sgx\"", NULL },
	};
	struct att_verdict v;
	fixture_sgx(&v);
	RUN(&v, rows);
}

static void sgx_attributes(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ MRE ",\"attributes\":\"0x5\",\"xfrm\":\"0xe7\",\"misc_select\":\"0x0\"", NULL },
		{ MRE ",\"attributes\":{\"value\":\"0x4\",\"mask\":\"0x6\"}", NULL },
		{ MRE ",\"attributes\":{\"value\":\"0x84\",\"mask\":\"0x86\"}",
		  A1 "attributes: expected 0x84 under mask 0x86, seen 0x5" },
		{ MRE ",\"xfrm\":\"0xE6\"",
		  A1 "xfrm: expected 0xe6 under mask 0xffffffffffffffff, seen 0xe7" },
		{ MRE ",\"misc_select\":\"0x1\"",
		  A1 "misc_select: expected 0x1 under mask 0xffffffff, seen 0x0" },
	};
	struct att_verdict v;
	fixture_sgx(&v);
	RUN(&v, rows);
}

static void debug_is_refused(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_sgx(&v);
	v.claims.sgx.attributes |= ATT_SGX_DEBUG;
	fixture_judge(
	    &v, MRE,
	    A1 "allow_debug: expected debug mode off, seen a debug enclave: its memory can be "
	       "read and changed from outside");
	fixture_judge(&v, MRE ",\"allow_debug\":false",
		      A1 "allow_debug: expected debug mode off, seen a debug enclave: its memory "
			 "can be read and "
			 "changed from outside");
	fixture_judge(&v, MRE ",\"allow_debug\":true", NULL);
	/* pinning the bit does not allow it */
	fixture_judge(&v, MRE ",\"attributes\":\"0x7\"",
		      A1 "allow_debug: expected debug mode off, seen a debug enclave: its memory "
			 "can be read and "
			 "changed from outside");

	/* TDX module ATTRIBUTES: the whole of byte 0 is for TDs under debug */
	for (int bit = 0; bit < 8; bit++) {
		fixture_tdx(&v);
		v.claims.td.td_attributes |= UINT64_C(1) << bit;
		fixture_judge(
		    &v, MRTD,
		    A1 "allow_debug: expected debug mode off, seen a debug TD: its memory can be "
		       "read and changed from outside");
		fixture_judge(&v, MRTD ",\"allow_debug\":true", NULL);
	}
}

static void privileged_keys_are_refused(void **state)
{
	(void)state;
	struct att_verdict v;
	static const char start[] =
	    A1 "allow_privileged_keys: expected attributes without PROVISION_KEY and "
	       "EINITTOKEN_KEY, seen ";
	static const struct {
		uint64_t bits;
		const char *seen;
	} rows[] = { { 0x10, "PROVISION_KEY" },
		     { 0x20, "EINITTOKEN_KEY" },
		     { 0x30, "PROVISION_KEY and EINITTOKEN_KEY" } };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char want[300];
		fixture_sgx(&v);
		v.claims.sgx.attributes |= rows[i].bits;
		snprintf(want, sizeof(want), "%s%s", start, rows[i].seen);
		fixture_judge(&v, MRE, want);
		fixture_judge(&v, MRE ",\"allow_privileged_keys\":true", NULL);
	}
}

static void tdx_measurements(void **state)
{
	(void)state;
#define M(name, h)        ",\"" name "\":\"" X48(h) "\""
#define R4(a, b, c, d)    M("rtmr0", a) M("rtmr1", b) M("rtmr2", c) M("rtmr3", d)
#define IDS(a, b, c)      M("mr_config_id", a) M("mr_owner", b) M("mr_owner_config", c)
#define SEAM(a, b)        M("mr_seam", a) M("mr_signer_seam", b)
#define NOT(name, h, was) A1 name ": expected " X4(h) X4(h) "…, seen " X4(was) X4(was) "…"
	static const struct row rows[] = {
		{ MRTD, NULL },
		{ "\"kind\":\"tdx\"," MRTD R4("a0", "a1", "a2", "a3"), NULL },
		/* clang-format off */
		{ "\"any_measurement\":false" M("mr_td", "7e") R4("b0", "b1", "b2", "b3"),
		  NOT("mr_td", "7e", "7d") " | " NOT("rtmr0", "b0", "a0") " | "
		  NOT("rtmr1", "b1", "a1") " | " NOT("rtmr2", "b2", "a2") " | "
		  NOT("rtmr3", "b3", "a3") },
		{ MRTD IDS("00", "00", "00") SEAM("00", "00") M("mr_service_td", "00"), NULL },
		{ MRTD IDS("01", "02", "03") SEAM("04", "05"),
		  NOT("mr_config_id", "01", "00") " | " NOT("mr_owner", "02", "00") " | "
		  NOT("mr_owner_config", "03", "00") " | " NOT("mr_seam", "04", "00") " | "
		  NOT("mr_signer_seam", "05", "00") },
		/* clang-format on */
		{ MRTD ",\"td_attributes\":\"0x10000000\",\"xfam\":\"0x600e7\"", NULL },
		{ MRTD ",\"td_attributes\":\"0x0\"",
		  A1 "td_attributes: expected 0x0 under mask 0xffffffffffffffff, seen 0x10000000" },
		{ MRTD ",\"xfam\":{\"value\":\"0x0\",\"mask\":\"0x40000\"}",
		  A1 "xfam: expected 0x0 under mask 0x40000, seen 0x600e7" },
	};
	struct att_verdict v;
	fixture_tdx(&v);
	RUN(&v, rows);
}

static void service_td(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_tdx(&v);
	memset(v.claims.td.mr_service_td, 0x38, 48);
	fixture_judge(&v, MRTD,
		      A1 "allow_service_td: expected no service TD, or mr_service_td pinned, seen "
			 "mr_service_td 3838383838383838…");
	fixture_judge(&v, MRTD ",\"allow_service_td\":true", NULL);
	fixture_judge(&v, MRTD ",\"mr_service_td\":\"" X48("38") "\"", NULL);
	fixture_judge(&v, MRTD ",\"mr_service_td\":\"" X48("39") "\"",
		      A1 "mr_service_td: expected 3939393939393939…, seen 3838383838383838…");
	/* one set byte anywhere is a service TD */
	fixture_tdx(&v);
	v.claims.td.mr_service_td[47] = 1;
	fixture_judge(&v, MRTD,
		      A1 "allow_service_td: expected no service TD, or mr_service_td pinned, seen "
			 "mr_service_td 0000000000000000…");
	fixture_tdx(&v);
	v.claims.td.has_15 = false;
	fixture_judge(&v, MRTD, NULL);
	fixture_judge(
	    &v, MRTD ",\"mr_service_td\":\"" X48("00") "\"",
	    A1 "mr_service_td: expected 0000000000000000…, seen a TDX 1.0 report, which has none");
}

static void migratable(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_tdx(&v);
	v.claims.td.td_attributes |= ATT_TD_MIGRATABLE;
	fixture_judge(
	    &v, MRTD,
	    A1 "allow_migratable: expected a TD that can not be migrated, seen td_attributes "
	       "0x30000000 with MIGRATABLE");
	fixture_judge(&v, MRTD ",\"allow_migratable\":true", NULL);
	fixture_judge(&v, MRTD ",\"td_attributes\":\"0x30000000\"", NULL);
	/* a pin that leaves the bit out does not name it */
	fixture_judge(&v,
		      MRTD ",\"td_attributes\":{\"value\":\"0x10000000\",\"mask\":\"0x10000000\"}",
		      A1 "allow_migratable: expected a TD that can not be migrated, seen "
			 "td_attributes 0x30000000 "
			 "with MIGRATABLE");
}

static void sept_ve_disable(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_tdx(&v);
	fixture_judge(&v, MRTD ",\"require_sept_ve_disable\":true", NULL);
	v.claims.td.td_attributes = UINT64_C(1) << 30;
	fixture_judge(&v, MRTD, NULL);
	fixture_judge(&v, MRTD ",\"require_sept_ve_disable\":false", NULL);
	fixture_judge(&v, MRTD ",\"require_sept_ve_disable\":true",
		      A1 "require_sept_ve_disable: expected td_attributes with SEPT_VE_DISABLE, "
			 "seen 0x40000000");
}

static void report_data(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_sgx(&v);
	fixture_judge(&v, MRE ",\"report_data\":\"" X32("aa") "\"", NULL);
	fixture_judge(&v, MRE ",\"report_data\":\"" X32("aa") X32("00") "\"", NULL);
	/* the rest must be zero */
	fixture_judge(&v, MRE ",\"report_data\":\"" X16("aa") "\"",
		      A1 "report_data: expected " X16("aa") X16("00") X32("00") ", seen " X32("aa")
			  X32("00"));
	fixture_judge(&v, MRE ",\"report_data\":\"bb\"",
		      A1 "report_data: expected bb00000000000000…, seen aaaaaaaaaaaaaaaa…");
	fixture_judge(&v, MRE ",\"report_data_bound\":true",
		      A1 "report_data_bound: expected report data compared with what the caller "
			 "expects, seen no "
			 "expected report data was given");
	fixture_judge(&v, MRE ",\"report_data_bound\":false", NULL);
	v.facts.bound = true;
	fixture_judge(&v, MRE ",\"report_data_bound\":true", NULL);

	fixture_tdx(&v);
	memset(v.claims.td.report_data, 0x5a, 64);
	fixture_judge(&v, MRTD ",\"report_data\":\"" X64("5a") "\"", NULL);
	fixture_judge(&v, MRTD ",\"report_data\":\"5b\"",
		      A1 "report_data: expected 5b00000000000000…, seen 5a5a5a5a5a5a5a5a…");
}

static void kinds(void **state)
{
	(void)state;
	struct att_verdict v;

	fixture_tdx(&v);
	fixture_judge(&v, MRE, A1 "kind: expected sgx, seen tdx");
	fixture_judge(&v, "\"any_measurement\":true", NULL);
	fixture_judge(
	    &v, "\"any_measurement\":true,\"allow_service_td\":true,\"allow_privileged_keys\":true",
	    NULL);
	fixture_sgx(&v);
	fixture_judge(&v, MRTD, A1 "kind: expected tdx, seen sgx");
	fixture_judge(&v, "\"any_measurement\":true,\"kind\":\"tdx\"",
		      A1 "kind: expected tdx, seen sgx");
	fixture_judge(
	    &v,
	    "\"any_measurement\":true,\"allow_service_td\":true,\"require_sept_ve_disable\":true",
	    NULL);
}

/* What does not say what runs is no pin. */
static void nothing_pinned(void **state)
{
	(void)state;
#define NOT_PINNED                                                                             \
	A1 "any_measurement: expected a pinned measurement, or true, seen false, and nothing " \
	   "pinned"
	struct att_verdict v;

	fixture_sgx(&v);
	fixture_judge(&v, "", NOT_PINNED);
	fixture_judge(&v, "\"any_measurement\":false", NOT_PINNED);
	fixture_judge(&v, "\"mr_signer\":\"" X32("51") "\"", NOT_PINNED);
	fixture_judge(&v, "\"isv_prod_id\":7,\"min_isv_svn\":1", NOT_PINNED);
	fixture_judge(&v, "\"mr_signer\":\"" X32("51") "\",\"any_measurement\":true", NULL);
	fixture_tdx(&v);
	fixture_judge(&v, "\"rtmr0\":\"" X48("a0") "\",\"rtmr1\":\"" X48("a1") "\"", NOT_PINNED);
	fixture_judge(&v, "\"mr_seam\":\"" X48("00") "\"", NOT_PINNED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sgx_measurements), cmocka_unit_test(sgx_attributes),
		cmocka_unit_test(debug_is_refused), cmocka_unit_test(privileged_keys_are_refused),
		cmocka_unit_test(tdx_measurements), cmocka_unit_test(service_td),
		cmocka_unit_test(migratable),       cmocka_unit_test(sept_ve_disable),
		cmocka_unit_test(report_data),      cmocka_unit_test(kinds),
		cmocka_unit_test(nothing_pinned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
