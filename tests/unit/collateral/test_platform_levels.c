/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "collateral/tcbinfo.h"

struct info {
	char *text;
	att_json_doc doc;
	struct att_tcbinfo t;
	att_err err;
};

static att_rc read_info(struct info *o, const char *head, const char *levels)
{
	char *text = NULL;

	memset(o, 0, sizeof(*o));
	assert_true(asprintf(&text, "{%s,'tcbLevels':[%s]}", head, levels) > 0);
	o->text = document(text, NULL, NULL);
	free(text);
	assert_int_equal(att_json_parse(TEXT(o->text), &o->doc, NULL), ATT_OK);
	return att_tcbinfo_parse(att_json_root(&o->doc), &o->t, &o->err);
}

static void done(struct info *o)
{
	att_tcbinfo_free(&o->t);
	att_json_doc_free(&o->doc);
	free(o->text);
}

#define TDX_HEAD HEAD("TDX") "," TDX_MODULE

static void values(void **state)
{
	(void)state;
	struct info o;

	assert_int_equal(
	    read_info(&o, TDX_HEAD, TDX_LEVEL("2", "255", "65535", "5", "7", "Revoked")), ATT_OK);
	assert_int_equal(o.t.level_count, 1);
	assert_memory_equal(o.t.levels[0].sgx, "\x02\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(o.t.levels[0].tdx, "\x05\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_int_equal(o.t.levels[0].pce_svn, 65535);
	assert_int_equal(o.t.levels[0].status, ATT_TCB_REVOKED);
	done(&o);

	assert_int_equal(read_info(&o, HEAD_V2, LEVEL_V2("1", "2", "13", "UpToDate")), ATT_OK);
	assert_memory_equal(o.t.levels[0].sgx, "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\377", 16);
	assert_int_equal(o.t.levels[0].pce_svn, 13);
	done(&o);
}

static void every_status(void **state)
{
	(void)state;
	static const char *const good[] = {
		"UpToDate",
		"SWHardeningNeeded",
		"ConfigurationNeeded",
		"ConfigurationAndSWHardeningNeeded",
		"OutOfDate",
		"OutOfDateConfigurationNeeded",
		"Revoked",
	};
	static const char *const bad[] = {
		"TDRelaunchAdvised", "TDRelaunchAdvisedConfigurationNeeded", "NotSupported", "",
		"upToDate",
	};
	struct info o;

	for (size_t i = 0; i < ATT_COUNT(good) + ATT_COUNT(bad); i++) {
		bool ok = i < ATT_COUNT(good);
		const char *name = ok ? good[i] : bad[i - ATT_COUNT(good)];
		char *level = document(SGX_LEVEL("1", "1", "1", "STATUS"), "STATUS", name);

		assert_int_equal(read_info(&o, HEAD("SGX"), level), ok ? ATT_OK : ATT_E_FORMAT);
		if (ok)
			assert_string_equal(att_tcb_status_name(o.t.levels[0].status), name);
		else
			assert_says(&o.err, "tcb info: tcbLevels[0]: tcbStatus: expected");
		done(&o);
		free(level);
	}
}

/* Levels are told apart by their dates: tcbDate 1970-01-01T00:00:0NZ is number N of the order. */
#define DATE(n)               "'tcbDate':'1970-01-01T00:00:0" n "Z','tcbStatus':'UpToDate'"
#define T(n, a, b, pce, c, d) "{'tcb':{" SGX(a, b) ",'pcesvn':" pce "," TDX(c, d) "}," DATE(n) "}"
#define S(n, a, b, pce)       "{'tcb':{" SGX(a, b) ",'pcesvn':" pce "}," DATE(n) "}"

static void assert_sorted(const struct info *o, size_t count)
{
	assert_int_equal(o->t.level_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(o->t.levels[i].date, i);
}

static void sorted_descending(void **state)
{
	(void)state;
	struct info o;

	/* SGX: components first, then PCESVN */
	assert_int_equal(
	    read_info(
		&o, HEAD("SGX"),
		S("4", "1", "255", "13") "," S("1", "2", "3", "12") "," S(
		    "0", "2", "3", "13") "," S("5", "0", "0",
					       "65535") "," S("2", "2", "2",
							      "300") "," S("3", "2", "2", "299")),
	    ATT_OK);
	assert_sorted(&o, 6);
	done(&o);

	/* TDX: with equal components and PCESVN the TDX components, with another PCESVN that one */
	assert_int_equal(
	    read_info(
		&o, TDX_HEAD,
		T("3", "2", "2", "13", "4", "255") "," T("1", "2", "2", "14", "0", "0") "," T(
		    "4", "2", "1", "99", "9", "9") "," T("2", "2", "2", "13", "5",
							 "0") "," T("0", "3", "0", "0", "0", "0")),
	    ATT_OK);
	assert_sorted(&o, 5);
	done(&o);

	/* Version 2 */
	assert_int_equal(
	    read_info(
		&o, HEAD_V2,
		"{'tcb':{" TCB_V2("1", "1", "7") "}," DATE("2") "},{'tcb':{" TCB_V2(
		    "1", "2", "5") "}," DATE("0") "},{'tcb':{" TCB_V2("1", "1",
								      "8") "}," DATE("1") "}"),
	    ATT_OK);
	assert_sorted(&o, 3);
	done(&o);
}

static void repeats(void **state)
{
	(void)state;
	struct info o;

	assert_int_equal(
	    read_info(&o, HEAD("SGX"),
		      S("0", "1", "1", "7") "," S("1", "1", "0", "7") "," S("2", "1", "1", "7")),
	    ATT_E_FORMAT);
	assert_says(&o.err, "two levels for the same SVNs");
	done(&o);
	assert_int_equal(
	    read_info(&o, TDX_HEAD,
		      T("0", "1", "1", "7", "3", "3") "," T("1", "1", "1", "7", "3", "3")),
	    ATT_E_FORMAT);
	assert_says(&o.err, "two levels for the same SVNs");
	done(&o);
	/* The TDX components make these two different */
	assert_int_equal(
	    read_info(&o, TDX_HEAD,
		      T("0", "1", "1", "7", "3", "3") "," T("1", "1", "1", "7", "3", "2")),
	    ATT_OK);
	done(&o);
	assert_int_equal(read_info(&o, HEAD("SGX"), ""), ATT_E_FORMAT);
	assert_says(&o.err, "tcb info: tcbLevels is empty");
	done(&o);
}

static void assert_faults(const char *head, const char *level, const struct fault *faults, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct info o;
		char *text = document(level, faults[i].from, faults[i].to);

		assert_int_equal(read_info(&o, head, text), ATT_E_FORMAT);
		assert_says(&o.err, faults[i].says);
		assert_null(o.t.arena);
		done(&o);
		free(text);
	}
}

static void refused_v3(void **state)
{
	(void)state;
	static const struct fault tdx[] = {
		{ "'pcesvn':13,", "", "tcbLevels[0]: tcb: pcesvn is missing" },
		{ "'pcesvn':13", "'pcesvn':65536", "tcb: pcesvn: expected an integer" },
		{ "'pcesvn':13", "'pcesvn':13,'sgxtcbcomp07svn':0",
		  "sgxtcbcomp07svn does not belong in a version 3 TCB info" },
		{ "'sgxtcbcomponents'", "'x'", "tcb: sgxtcbcomponents is missing" },
		{ "'tdxtcbcomponents'", "'x'", "tcb: tdxtcbcomponents is missing" },
		{ "[{'svn':1},", "[", "tcb: sgxtcbcomponents: expected 16 components, seen 15" },
		{ "[{'svn':3},", "[{'svn':3},{'svn':3},",
		  "tcb: tdxtcbcomponents: expected 16 components, seen 17" },
		{ "{'svn':2}", "{'svn':256}",
		  "tcb: sgxtcbcomponents[1]: svn: expected an integer from 0 to 255, seen 256" },
		{ "{'svn':2}", "{'svn':-1}", "sgxtcbcomponents[1]: svn" },
		{ "{'svn':2}", "{'svn':2.0}", "sgxtcbcomponents[1]: svn" },
		{ "{'svn':2}", "{'svn':'2'}", "sgxtcbcomponents[1]: svn" },
		{ "{'svn':2}", "{'SVN':2}", "sgxtcbcomponents[1]: svn is missing" },
		{ "{'svn':2}", "{}", "sgxtcbcomponents[1]: svn is missing" },
		{ "{'svn':2}", "2", "sgxtcbcomponents[1]: expected an object" },
		{ "{'svn':2}", "[2]", "sgxtcbcomponents[1]: expected an object" },
		{ "{'svn':4}", "{'svn':null}", "tdxtcbcomponents[1]: svn" },
		{ "{'svn':2}", "{'svn':2,'category':1}", "category: expected a string, seen 1" },
		{ "{'svn':2}", "{'svn':2,'type':null}", "type: expected a string, seen null" },
	};
	static const struct fault sgx[] = {
		{ "'pcesvn':13", "'pcesvn':13," TDX("0", "0"),
		  "tdxtcbcomponents does not belong in an SGX TCB info" },
		{ "{'sgxtcbcomponents'", "{'sgxtcbcomponents':{},'x'",
		  "sgxtcbcomponents: expected an array, seen an object" },
	};

	assert_faults(TDX_HEAD, TDX_LEVEL("1", "2", "13", "3", "4", "UpToDate"), tdx,
		      ATT_COUNT(tdx));
	assert_faults(HEAD("SGX"), SGX_LEVEL("1", "2", "13", "UpToDate"), sgx, ATT_COUNT(sgx));
}

static void refused_v2(void **state)
{
	(void)state;
	static const struct fault faults[] = {
		{ "'sgxtcbcomp16svn':255,", "", "sgxtcbcomp16svn is missing" },
		{ "'sgxtcbcomp16svn':255", "'sgxtcbcomp16svn':256", "sgxtcbcomp16svn: expected" },
		{ "'sgxtcbcomp01svn':1,", "", "sgxtcbcomp01svn is missing" },
		{ "'pcesvn':9", "'pcesvn':'9'", "pcesvn: expected an integer" },
		{ "'pcesvn':9", "'pcesvn':9," SGX("0", "0"),
		  "sgxtcbcomponents does not belong in a version 2 TCB info" },
		{ "'pcesvn':9", "'pcesvn':9," TDX("0", "0"),
		  "tdxtcbcomponents does not belong in a version 2 TCB info" },
	};

	assert_faults(HEAD_V2, LEVEL_V2("1", "2", "9", "UpToDate"), faults, ATT_COUNT(faults));
}

#define NAMED(n, svn, cat, type)                                                     \
	"{'tcb':{'sgxtcbcomponents':[{'svn':" svn ",'category':" cat ",'type':" type \
	"}," TAIL("0") "],'pcesvn':1," TDX("1", "1") "}," DATE(n) "}"

static void component_texts_of_the_highest_level(void **state)
{
	(void)state;
	struct info o;

	assert_int_equal(
	    read_info(&o, TDX_HEAD,
		      NAMED("1", "2", "'BIOS'", "'low'") "," NAMED(
			  "0", "3", "'OS/VMM'", "'high'") "," NAMED("2", "1", "'x'", "'y'")),
	    ATT_OK);
	assert_string_equal(o.t.sgx_components[0].category, "OS/VMM");
	assert_string_equal(o.t.sgx_components[0].type, "high");
	assert_string_equal(o.t.sgx_components[1].category, "");
	assert_string_equal(o.t.tdx_components[0].type, "");
	done(&o);
}

static void component_texts_left_out(void **state)
{
	(void)state;
	static const struct {
		const char *category;
		const char *kept;
	} rows[] = {
		{ "'12345678901234567890123'", "12345678901234567890123" },
		{ "'123456789012345678901234'", "" },
		{ "'B\\u0049OS'", "" },
		{ "'caf\xc3\xa9'", "" },
		{ "'\x7f'", "" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct info o;
		char *level = document(NAMED("0", "1", "CATEGORY", "'SEAMLDR ACM'"), "CATEGORY",
				       rows[i].category);

		assert_int_equal(read_info(&o, TDX_HEAD, level), ATT_OK);
		assert_string_equal(o.t.sgx_components[0].category, rows[i].kept);
		assert_string_equal(o.t.sgx_components[0].type, "SEAMLDR ACM");
		done(&o);
		free(level);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(every_status),
		cmocka_unit_test(sorted_descending),
		cmocka_unit_test(repeats),
		cmocka_unit_test(refused_v3),
		cmocka_unit_test(refused_v2),
		cmocka_unit_test(component_texts_of_the_highest_level),
		cmocka_unit_test(component_texts_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
