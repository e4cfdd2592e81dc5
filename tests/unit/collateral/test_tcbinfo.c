/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "collateral/tcbinfo.h"

#define TDX_INFO                                                                         \
	"{" HEAD("TDX") "," TDX_MODULE "," TDX_IDENTITIES ",'tcbLevels':[" TDX_LEVEL(    \
	    "2", "2", "13", "5", "0", "UpToDate") "," TDX_LEVEL("2", "2", "5", "3", "0", \
								"OutOfDate") "]}"
#define SGX_INFO "{" HEAD("SGX") ",'tcbLevels':[" SGX_LEVEL("2", "2", "13", "UpToDate") "]}"
#define V2_INFO  "{" HEAD_V2 ",'tcbLevels':[" LEVEL_V2("2", "2", "13", "UpToDate") "]}"

struct info {
	char *text;
	att_json_doc doc;
	struct att_tcbinfo t;
	att_err err;
};

static att_rc read_text(struct info *o, const char *base, const char *from, const char *to)
{
	memset(o, 0, sizeof(*o));
	o->text = document(base, from, to);
	assert_int_equal(att_json_parse(TEXT(o->text), &o->doc, NULL), ATT_OK);
	return att_tcbinfo_parse(att_json_root(&o->doc), &o->t, &o->err);
}

static void done(struct info *o)
{
	att_tcbinfo_free(&o->t);
	assert_null(o->t.arena);
	assert_null(o->t.levels);
	att_json_doc_free(&o->doc);
	free(o->text);
}

static void tdx(void **state)
{
	(void)state;
	struct info o;

	assert_int_equal(read_text(&o, TDX_INFO, NULL, NULL), ATT_OK);
	assert_int_equal(o.t.version, 3);
	assert_true(o.t.tdx);
	assert_int_equal(o.t.issue_date, 1750328163);
	assert_int_equal(o.t.next_update, 1752920163);
	assert_memory_equal(o.t.fmspc, "\xb0\xc0\x6f\0\0\0", 6);
	assert_memory_equal(o.t.pce_id, "\1\2", 2);
	assert_int_equal(o.t.evaluation, 17);
	assert_int_equal(o.t.level_count, 2);
	assert_int_equal(o.t.levels[0].pce_svn, 13);
	assert_int_equal(o.t.module.id[0], 0);
	assert_int_equal(o.t.module.level_count, 0);
	assert_memory_equal(o.t.module.attributes_mask, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_int_equal(o.t.module_count, 2);
	assert_string_equal(o.t.modules[0].id, "TDX_03");
	assert_int_equal(o.t.modules[0].version, 3);
	assert_int_equal(o.t.modules[0].level_count, 1);
	assert_int_equal(o.t.modules[0].levels[0].isv_svn, 3);

	const struct att_tdx_module *m = &o.t.modules[1];

	assert_string_equal(m->id, "TDX_01");
	assert_int_equal(m->mr_signer[0], 0x11);
	assert_int_equal(m->mr_signer[47], 0x22);
	assert_memory_equal(m->attributes, "\1\2\3\4\5\6\7\10", 8);
	assert_int_equal(m->attributes_mask[7], 0);
	assert_int_equal(m->level_count, 2);
	assert_int_equal(m->levels[1].isv_svn, 2);
	assert_int_equal(m->levels[1].status, ATT_TCB_OUT_OF_DATE);
	assert_string_equal(m->levels[1].advisories.ids[0], "INTEL-SA-00837");
	done(&o);
}

static void sgx_and_version_2(void **state)
{
	(void)state;
	struct info o;

	assert_int_equal(read_text(&o, SGX_INFO, NULL, NULL), ATT_OK);
	assert_int_equal(o.t.version, 3);
	assert_false(o.t.tdx);
	assert_int_equal(o.t.module_count, 0);
	done(&o);
	assert_int_equal(read_text(&o, V2_INFO, NULL, NULL), ATT_OK);
	assert_int_equal(o.t.version, 2);
	assert_false(o.t.tdx);
	assert_memory_equal(o.t.fmspc, "\x00\x60\x6a\0\0\0", 6);
	done(&o);
}

static void tolerated(void **state)
{
	(void)state;
	static const struct fault changes[] = {
		{ "'tcbType':0,", "'tcbType':0,'future':{'tcbLevels':[]},", NULL },
		{ "'TDX_03'", "'tdx_0a'", NULL },
		{ "'TDX_03'", "'TDX_FF'", NULL },
		{ TDX_IDENTITIES ",", "", NULL },
		{ "'tcbEvaluationDataNumber':17", "'tcbEvaluationDataNumber':0", NULL },
		{ "'tcbEvaluationDataNumber':17", "'tcbEvaluationDataNumber':4294967295", NULL },
	};

	for (size_t i = 0; i < ATT_COUNT(changes); i++) {
		struct info o;

		assert_int_equal(read_text(&o, TDX_INFO, changes[i].from, changes[i].to), ATT_OK);
		done(&o);
	}

	struct info o;

	assert_int_equal(read_text(&o, TDX_INFO, "'TDX_03'", "'tdx_0a'"), ATT_OK);
	assert_string_equal(o.t.modules[0].id, "TDX_0A");
	assert_int_equal(o.t.modules[0].version, 10);
	done(&o);
}

static void assert_faults(const char *base, const struct fault *faults, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct info o;

		assert_int_equal(read_text(&o, base, faults[i].from, faults[i].to), ATT_E_FORMAT);
		assert_int_equal(o.err.rc, ATT_E_FORMAT);
		assert_says(&o.err, "tcb info: ");
		assert_says(&o.err, faults[i].says);
		assert_null(o.t.arena);
		done(&o);
	}
}

static void head_refused(void **state)
{
	(void)state;
	static const struct fault faults[] = {
		{ "'id':'TDX',", "", "id is missing" },
		{ "'id':'TDX'", "'id':'tdx'", "id: expected SGX or TDX, seen \"tdx\"" },
		{ "'id':'TDX'", "'id':7", "id: expected SGX or TDX, seen 7" },
		{ "'id':'TDX'", "'id':'SGX'", "tdxModule does not belong in an SGX TCB info" },
		{ "'version':3,", "", "version is missing" },
		{ "'version':3", "'version':4",
		  "version: expected an integer from 2 to 3, seen 4" },
		{ "'version':3", "'version':1", "version: expected" },
		{ "'version':3", "'version':'3'", "version: expected" },
		{ "'version':3", "'version':2", "id does not belong in a version 2 TCB info" },
		{ "'issueDate':'2025-06-19T10:16:03Z',", "", "issueDate is missing" },
		{ "2025-06-19T10:16:03Z", "2025-06-19 10:16:03Z", "issueDate: expected a time" },
		{ "2025-06-19T10:16:03Z", "2025-06-19T10:16:03.5Z", "issueDate: expected a time" },
		{ "'nextUpdate'", "'nextupdate'", "nextUpdate is missing" },
		{ "2025-07-19T10:16:03Z", "2025-07-32T10:16:03Z", "nextUpdate: expected a time" },
		{ "'fmspc':'B0C06F000000',", "", "fmspc is missing" },
		{ "B0C06F000000", "B0C06F0000", "fmspc: expected 12 hex digits" },
		{ "B0C06F000000", "B0C06F00000000", "fmspc: expected 12 hex digits" },
		{ "'pceId':'0102',", "", "pceId is missing" },
		{ "'0102'", "'010'", "pceId: expected 4 hex digits" },
		{ "'tcbType':0,", "", "tcbType is missing" },
		{ "'tcbType':0", "'tcbType':1", "tcbType: expected 0, seen 1" },
		{ "'tcbEvaluationDataNumber':17,", "", "tcbEvaluationDataNumber is missing" },
		{ "Number':17", "Number':-1", "tcbEvaluationDataNumber: expected an integer" },
		{ "Number':17", "Number':4294967296", "tcbEvaluationDataNumber: expected" },
		{ "Number':17", "Number':17.0", "tcbEvaluationDataNumber: expected" },
		{ "'tcbLevels':[{'tcb':{'sgx", "'x':[{'tcb':{'sgx", "tcbLevels is missing" },
		{ "'tcbLevels':[{'tcb':{'sgx", "'tcbLevels':7,'x':[{'tcb':{'sgx",
		  "tcbLevels: expected an array, seen 7" },
		{ "'tcbLevels':[{'tcb':{'sgx", "'tcbLevels':[],'x':[{'tcb':{'sgx",
		  "tcbLevels is empty" },
	};
	static const struct fault v2[] = {
		{ "'version':2", "'version':2,'id':'SGX'", "id does not belong in a version 2" },
		{ "'version':2", "'version':3", "id is missing" },
		{ "'version':2", "'version':2," TDX_MODULE, "tdxModule does not belong in an SGX" },
		{ "'version':2", "'version':2,'tdxModuleIdentities':[]",
		  "tdxModuleIdentities does not belong in an SGX" },
	};
	static const struct fault sgx[] = {
		{ "'tcbType':0", "'tcbType':0,'tdxModuleIdentities':[]",
		  "tdxModuleIdentities does not belong in an SGX" },
	};

	assert_faults(TDX_INFO, faults, ATT_COUNT(faults));
	assert_faults(V2_INFO, v2, ATT_COUNT(v2));
	assert_faults(SGX_INFO, sgx, ATT_COUNT(sgx));
	assert_faults("[]", (const struct fault[]){ { NULL, NULL, "expected an object" } }, 1);
}

static void modules_refused(void **state)
{
	(void)state;
	static const struct fault faults[] = {
		{ TDX_MODULE ",", "", "tdxModule is missing" },
		{ TDX_MODULE, "'tdxModule':[]", "tdxModule: expected an object, seen an array" },
		{ "'tdxModule':{'mrsigner'", "'tdxModule':{'x'", "tdxModule: mrsigner is missing" },
		{ "'0000000000000000'", "'00000000000000'",
		  "tdxModule: attributes: expected 16 hex digits" },
		{ "'attributesMask'", "'x'", "tdxModule: attributesMask is missing" },
		{ "'tdxModuleIdentities':[", "'tdxModuleIdentities':[],'x':[",
		  "tdxModuleIdentities is empty" },
		{ "'tdxModuleIdentities':[", "'tdxModuleIdentities':null,'x':[",
		  "tdxModuleIdentities: expected an array, seen null" },
		{ "'tdxModuleIdentities':[", "'tdxModuleIdentities':[1,",
		  "tdxModuleIdentities[0]: expected an object" },
		{ "'id':'TDX_03',", "", "tdxModuleIdentities[0]: id is missing" },
		{ "'TDX_03'", "'TDX_3'", "tdxModuleIdentities[0]: id: expected TDX_ and two hex" },
		{ "'TDX_03'", "'TDX_003'", "id: expected TDX_ and two hex digits" },
		{ "'TDX_03'", "'TDX-03'", "id: expected TDX_ and two hex digits" },
		{ "'TDX_03'", "'SGX_03'", "id: expected TDX_ and two hex digits" },
		{ "'TDX_03'", "'TXX_03'", "id: expected TDX_ and two hex digits" },
		{ "'TDX_03'", "'TDY_03'", "id: expected TDX_ and two hex digits" },
		{ "'TDX_03'", "'TDX_0g'", "id: expected TDX_ and two hex digits" },
		{ "'TDX_03'", "'TDX_\\u00303'", "id: expected a string without escapes" },
		{ "'TDX_03'", "'tdx_01'", "tdxModuleIdentities: TDX_01 is there twice" },
		{ "'mrsigner':'11", "'mrsigner':'1",
		  "tdxModuleIdentities[1]: mrsigner: expected 96 hex digits" },
		{ "'0102030405060708'", "'01020304050607'", "[1]: attributes: expected 16 hex" },
		{ "{'isvsvn':2}", "{'isvsvn':4}", "[1]: tcbLevels[1] repeats isvsvn 4" },
		{ "{'isvsvn':3}", "{'isvsvn':-3}", "[0]: tcbLevels[0]: tcb: isvsvn: expected" },
		{ "'OutOfDate'", "'SWHardeningNeeded'", "[1]: tcbLevels[1]: tcbStatus: expected" },
		{ "'OutOfDate'", "'ConfigurationNeeded'",
		  "[1]: tcbLevels[1]: tcbStatus: expected" },
		{ "'tcbLevels':[{'tcb':{'isvsvn':3}", "'tcbLevels':[],'x':[{'tcb':{'isvsvn':3}",
		  "tdxModuleIdentities[0]: tcbLevels is empty" },
		{ "'tcbLevels':[{'tcb':{'isvsvn':3}", "'tcbLevels':{},'x':[{'tcb':{'isvsvn':3}",
		  "tdxModuleIdentities[0]: tcbLevels: expected an array" },
		{ "'tcbLevels':[{'tcb':{'isvsvn':3}", "'x':[{'tcb':{'isvsvn':3}",
		  "tdxModuleIdentities[0]: tcbLevels is missing" },
	};

	assert_faults(TDX_INFO, faults, ATT_COUNT(faults));
}

static char *modules(size_t count)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	fputs("{" HEAD("TDX") "," TDX_MODULE ",'tdxModuleIdentities':[", f);
	for (size_t i = 0; i < count; i++)
		fprintf(
		    f,
		    "%s{'id':'TDX_%02zx','mrsigner':'" ZERO_48 "','attributes':'0000000000000000',"
		    "'attributesMask':'FFFFFFFFFFFFFFFF','tcbLevels':[{'tcb':{'isvsvn':3}," DATED(
			"UpToDate") "}]}",
		    i ? "," : "", i);
	fputs("],'tcbLevels':[" TDX_LEVEL("2", "2", "13", "5", "0", "UpToDate") "]}", f);
	fclose(f);
	return text;
}

static void caps(void **state)
{
	(void)state;
	struct info o;
	char *most = modules(ATT_MODULES_MAX);
	char *more = modules(ATT_MODULES_MAX + 1);

	assert_int_equal(read_text(&o, most, NULL, NULL), ATT_OK);
	assert_int_equal(o.t.module_count, ATT_MODULES_MAX);
	assert_string_equal(o.t.modules[31].id, "TDX_1F");
	done(&o);
	assert_int_equal(read_text(&o, more, NULL, NULL), ATT_E_FORMAT);
	assert_says(&o.err, "tdxModuleIdentities: 33 modules, at most 32");
	done(&o);
	free(most);
	free(more);
}

static void nothing(void **state)
{
	(void)state;
	struct att_tcbinfo t;
	att_err err = { 0 };

	memset(&t, 0xff, sizeof(t));
	assert_int_equal(att_tcbinfo_parse((att_json){ 0 }, &t, &err), ATT_E_FORMAT);
	assert_null(t.arena);
	assert_null(t.levels);
	att_tcbinfo_free(&t);
	att_tcbinfo_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tdx),
		cmocka_unit_test(sgx_and_version_2),
		cmocka_unit_test(tolerated),
		cmocka_unit_test(head_refused),
		cmocka_unit_test(modules_refused),
		cmocka_unit_test(caps),
		cmocka_unit_test(nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
