/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "collateral/tcbinfo.h"

struct identity {
	char *text;
	att_json_doc doc;
	struct att_identity t;
	att_err err;
};

static att_rc read_text(struct identity *o, const char *base, const char *from, const char *to)
{
	memset(o, 0, sizeof(*o));
	o->text = document(base, from, to);
	assert_int_equal(att_json_parse(TEXT(o->text), &o->doc, NULL), ATT_OK);
	return att_identity_parse(att_json_root(&o->doc), &o->t, &o->err);
}

static void done(struct identity *o)
{
	att_identity_free(&o->t);
	assert_null(o->t.arena);
	assert_null(o->t.levels);
	att_json_doc_free(&o->doc);
	free(o->text);
}

static void values(void **state)
{
	(void)state;
	struct identity o;

	assert_int_equal(read_text(&o, IDENTITY, NULL, NULL), ATT_OK);
	assert_int_equal(o.t.id, ATT_IDENTITY_TD_QE);
	assert_int_equal(o.t.issue_date, 1750329147);
	assert_int_equal(o.t.next_update, 1752921147);
	assert_int_equal(o.t.evaluation, 17);
	assert_memory_equal(o.t.misc_select, "\1\2\3\4", 4);
	assert_memory_equal(o.t.misc_select_mask, "\xff\xff\xff\xfe", 4);
	assert_int_equal(o.t.attributes[0], 0x11);
	assert_int_equal(o.t.attributes_mask[0], 0xfb);
	assert_int_equal(o.t.mr_signer[31], 0xc5);
	assert_int_equal(o.t.isv_prod_id, 2);
	assert_int_equal(o.t.level_count, 2);
	assert_int_equal(o.t.levels[0].isv_svn, 4);
	assert_int_equal(o.t.levels[1].status, ATT_TCB_OUT_OF_DATE);
	assert_int_equal(o.t.levels[1].date, 1636502400);
	assert_int_equal(o.t.levels[1].advisories.count, 2);
	assert_string_equal(o.t.levels[1].advisories.ids[0], "INTEL-SA-00477");
	done(&o);
}

static void ids_and_statuses(void **state)
{
	(void)state;
	static const struct {
		const char *from;
		const char *to;
		att_rc rc;
	} rows[] = {
		{ "'TD_QE'", "'QE'", ATT_OK },
		{ "'TD_QE'", "'QVE'", ATT_OK },
		{ "'TD_QE'", "'td_qe'", ATT_E_FORMAT },
		{ "'TD_QE'", "'QAE'", ATT_OK },
		{ "'TD_QE'", "'PCE'", ATT_E_FORMAT },
		{ "'TD_QE'", "2", ATT_E_FORMAT },
		{ "'OutOfDate'", "'UpToDate'", ATT_OK },
		{ "'OutOfDate'", "'ConfigurationNeeded'", ATT_OK },
		{ "'OutOfDate'", "'OutOfDateConfigurationNeeded'", ATT_OK },
		{ "'OutOfDate'", "'Revoked'", ATT_OK },
		{ "'OutOfDate'", "'SWHardeningNeeded'", ATT_E_FORMAT },
		{ "'OutOfDate'", "'ConfigurationAndSWHardeningNeeded'", ATT_E_FORMAT },
		{ "'OutOfDate'", "'TDRelaunchAdvised'", ATT_E_FORMAT },
		{ "'OutOfDate'", "'NotSupported'", ATT_E_FORMAT },
		{ "'OutOfDate'", "''", ATT_E_FORMAT },
		{ "'isvprodid':2", "'isvprodid':2,'new':[[]]", ATT_OK },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct identity o;

		assert_int_equal(read_text(&o, IDENTITY, rows[i].from, rows[i].to), rows[i].rc);
		done(&o);
	}
	assert_string_equal(att_identity_id_name(ATT_IDENTITY_QE), "QE");
	assert_string_equal(att_identity_id_name(ATT_IDENTITY_QVE), "QVE");
	assert_string_equal(att_identity_id_name(ATT_IDENTITY_TD_QE), "TD_QE");
	assert_string_equal(att_identity_id_name(ATT_IDENTITY_QAE), "QAE");
	assert_null(att_identity_id_name((enum att_identity_id)0));
}

static void refused(void **state)
{
	(void)state;
	static const struct fault faults[] = {
		{ "'id':'TD_QE',", "", "id is missing" },
		{ "'version':2,", "", "version is missing" },
		{ "'version':2", "'version':3", "version: expected 2, seen 3" },
		{ "'version':2", "'version':1", "version: expected 2, seen 1" },
		{ "'issueDate':'2025-06-19T10:32:27Z',", "", "issueDate is missing" },
		{ "10:32:27Z", "10:32:60Z", "issueDate: expected a time" },
		{ "'nextUpdate'", "'x'", "nextUpdate is missing" },
		{ "'tcbEvaluationDataNumber':17,", "", "tcbEvaluationDataNumber is missing" },
		{ "Number':17", "Number':-1", "tcbEvaluationDataNumber: expected" },
		{ "'miscselect'", "'x'", "miscselect is missing" },
		{ "'01020304'", "'010203'", "miscselect: expected 8 hex digits" },
		{ "'01020304'", "'0102030405'", "miscselect: expected 8 hex digits" },
		{ "'miscselectMask'", "'x'", "miscselectMask is missing" },
		{ "'FFFFFFFE'", "'FFFFFF'", "miscselectMask: expected 8 hex digits" },
		{ "'attributes'", "'x'", "attributes is missing" },
		{ "'1100", "'11", "attributes: expected 32 hex digits" },
		{ "'attributesMask'", "'x'", "attributesMask is missing" },
		{ "'FBFF", "'FB", "attributesMask: expected 32 hex digits" },
		{ "'mrsigner'", "'x'", "mrsigner is missing" },
		{ "'DC9E", "'DC", "mrsigner: expected 64 hex digits" },
		{ "'isvprodid':2,", "", "isvprodid is missing" },
		{ "'isvprodid':2", "'isvprodid':65536", "isvprodid: expected an integer" },
		{ "'tcbLevels'", "'x'", "tcbLevels is missing" },
		{ "'tcbLevels':[", "'tcbLevels':[],'x':[", "tcbLevels is empty" },
		{ "'tcbLevels':[", "'tcbLevels':{},'x':[", "tcbLevels: expected an array" },
		{ "{'isvsvn':2}", "{'isvsvn':4}", "tcbLevels[1] repeats isvsvn 4" },
		{ "{'isvsvn':2}", "{}", "tcbLevels[1]: tcb: isvsvn is missing" },
	};

	for (size_t i = 0; i < ATT_COUNT(faults); i++) {
		struct identity o;

		assert_int_equal(read_text(&o, IDENTITY, faults[i].from, faults[i].to),
				 ATT_E_FORMAT);
		assert_says(&o.err, "enclave identity: ");
		assert_says(&o.err, faults[i].says);
		assert_null(o.t.arena);
		done(&o);
	}
	att_identity_free(NULL);
}

/* `count` more levels in front of the document's two. */
static char *more_levels(size_t count)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	fputs("'tcbLevels':[", f);
	for (size_t i = 0; i < count; i++)
		fprintf(f, "{'tcb':{'isvsvn':%zu}," DATED("UpToDate") "},", i + 10);
	fclose(f);
	return text;
}

static void caps(void **state)
{
	(void)state;
	struct identity o;
	char *most = more_levels(ATT_LEVELS_MAX - 2);
	char *more = more_levels(ATT_LEVELS_MAX - 1);

	assert_int_equal(read_text(&o, IDENTITY, "'tcbLevels':[", most), ATT_OK);
	assert_int_equal(o.t.level_count, ATT_LEVELS_MAX);
	done(&o);
	assert_int_equal(read_text(&o, IDENTITY, "'tcbLevels':[", more), ATT_E_FORMAT);
	assert_says(&o.err, "tcbLevels: 129 levels, at most 128");
	done(&o);
	free(most);
	free(more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(ids_and_statuses),
		cmocka_unit_test(refused),
		cmocka_unit_test(caps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
