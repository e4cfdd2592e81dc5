/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "collateral/levels.h"

#define MODULE_MASK                                                                 \
	(ATT_STATUS_BIT(ATT_TCB_UP_TO_DATE) | ATT_STATUS_BIT(ATT_TCB_OUT_OF_DATE) | \
	 ATT_STATUS_BIT(ATT_TCB_REVOKED))

struct levels {
	char *text;
	att_json_doc doc;
	struct att_cut cut;
	struct att_level *list;
	size_t count;
	att_err err;
};

static att_rc read_levels(struct levels *l, const char *text)
{
	struct att_room room = { 0 };

	memset(l, 0, sizeof(*l));
	l->text = document(text, NULL, NULL);
	assert_int_equal(att_json_parse(TEXT(l->text), &l->doc, NULL), ATT_OK);

	att_json root = att_json_root(&l->doc);
	att_rc rc = att_room_add_levels(&room, root, &l->err);

	if (rc == ATT_OK)
		rc = att_room_make(&room, &l->cut, &l->err);
	if (rc == ATT_OK)
		rc = att_isv_levels_read(root, MODULE_MASK, &l->cut, &l->list, &l->count, &l->err);
	return rc;
}

static void done(struct levels *l)
{
	free(l->cut.block);
	att_json_doc_free(&l->doc);
	free(l->text);
}

static void in_document_order(void **state)
{
	(void)state;
	struct levels l;

	assert_int_equal(
	    read_levels(
		&l, "[{'tcb':{'isvsvn':2,'new':[]}," DATED(
			"OutOfDate") ",'x':1},"
				     "{'tcb':{'isvsvn':65535}," DATED(
					 "UpToDate") "},"
						     "{'tcb':{'isvsvn':0}," DATED("Revoked") "}]"),
	    ATT_OK);
	assert_int_equal(l.count, 3);
	assert_int_equal(l.list[0].isv_svn, 2);
	assert_int_equal(l.list[0].status, ATT_TCB_OUT_OF_DATE);
	assert_int_equal(l.list[0].date, 1710288000);
	assert_int_equal(l.list[0].advisories.count, 0);
	assert_int_equal(l.list[1].isv_svn, 65535);
	assert_int_equal(l.list[2].status, ATT_TCB_REVOKED);
	done(&l);
}

static void advisories_sorted_once(void **state)
{
	(void)state;
	struct levels l;
	static const char *const sorted[] = { "A", "AB", "B", "B-", "~!" };

	assert_int_equal(
	    read_levels(&l, "[{'tcb':{'isvsvn':2}," DATED(
				"UpToDate") ",'advisoryIDs':"
					    "['B','AB','B','A','~!','AB','B-','A']},"
					    "{'tcb':{'isvsvn':1}," DATED(
						"UpToDate") ",'advisoryIDs':[]},"
							    "{'tcb':{'isvsvn':0}," DATED(
								"UpToDate") ",'advisoryIDs':"
									    "['INTEL-SA-00615']}]"),
	    ATT_OK);
	assert_int_equal(l.list[0].advisories.count, ATT_COUNT(sorted));
	for (size_t i = 0; i < ATT_COUNT(sorted); i++)
		assert_string_equal(l.list[0].advisories.ids[i], sorted[i]);
	assert_int_equal(l.list[1].advisories.count, 0);
	assert_int_equal(l.list[2].advisories.count, 1);
	assert_string_equal(l.list[2].advisories.ids[0], "INTEL-SA-00615");
	done(&l);
}

static void refused(void **state)
{
	(void)state;
	static const struct fault faults[] = {
		{ "{'isvsvn':4}", "{'isvsvn':65536}", "tcbLevels[0]: tcb: isvsvn: expected an" },
		{ "{'isvsvn':4}", "{}", "tcbLevels[0]: tcb: isvsvn is missing" },
		{ "{'isvsvn':4}", "[4]", "tcbLevels[0]: tcb: expected an object" },
		{ "'tcb':{'isvsvn':4},", "", "tcbLevels[0]: tcb is missing" },
		{ "{'isvsvn':2}", "{'isvsvn':4}", "tcbLevels[1] repeats isvsvn 4 of tcbLevels[0]" },
		{ "'tcbDate':'2024-03-13T00:00:00Z',", "", "tcbLevels[0]: tcbDate is missing" },
		{ "13T00", "33T00", "tcbLevels[0]: tcbDate: expected a time" },
		{ "'tcbStatus':'OutOfDate'", "'x':0", "tcbLevels[1]: tcbStatus is missing" },
		{ "OutOfDate", "SWHardeningNeeded", "tcbLevels[1]: tcbStatus: expected" },
		{ "OutOfDate", "Relax", "tcbLevels[1]: tcbStatus: expected" },
		{ "['ID']", "'ID'", "tcbLevels[1]: advisoryIDs: expected an array" },
		{ "['ID']", "null", "tcbLevels[1]: advisoryIDs: expected an array" },
		{ "['ID']", "{'ID':1}", "tcbLevels[1]: advisoryIDs: expected an array" },
		{ "['ID']", "['ID',1]", "tcbLevels[1]: advisoryIDs: expected strings" },
		{ "['ID']", "['']", "advisoryIDs: expected strings of 1 to 64" },
		{ "['ID']", "['A B']", "advisoryIDs: expected strings" },
		{ "['ID']", "['A\\u0042']", "advisoryIDs: expected strings" },
		{ "['ID']", "['\xc3\xa9']", "advisoryIDs: expected strings" },
		{ "['ID']", "['\x7f']", "advisoryIDs: expected strings" },
		{ "['ID']", "['" ZERO_16 ZERO_16 "0']", "advisoryIDs: expected strings" },
	};

	for (size_t i = 0; i < ATT_COUNT(faults); i++) {
		struct levels l;
		char *text = document("[{'tcb':{'isvsvn':4}," DATED(
					  "UpToDate") "},"
						      "{'tcb':{'isvsvn':2}," DATED(
							  "OutOfDate") ","
								       "'advisoryIDs':['ID']}]",
				      faults[i].from, faults[i].to);

		assert_int_equal(read_levels(&l, text), ATT_E_FORMAT);
		assert_says(&l.err, faults[i].says);
		assert_null(l.list);
		assert_int_equal(l.count, 0);
		done(&l);
		free(text);
	}
}

static void longest_advisory(void **state)
{
	(void)state;
	struct levels l;

	assert_int_equal(
	    read_levels(&l, "[{'tcb':{'isvsvn':2}," DATED("UpToDate") ",'advisoryIDs':"
								      "['" ZERO_16 ZERO_16 "']}]"),
	    ATT_OK);
	assert_string_equal(l.list[0].advisories.ids[0], ZERO_16 ZERO_16);
	done(&l);
}

/* `count` levels of isvsvn 0, 1, …; the first has `ids` advisories. */
static char *many(size_t count, size_t ids)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	fputs("[", f);
	for (size_t i = 0; i < count; i++) {
		fprintf(f, "%s{'tcb':{'isvsvn':%zu}," DATED("UpToDate") ",'advisoryIDs':[",
			i ? "," : "", i);
		for (size_t k = 0; i == 0 && k < ids; k++)
			fprintf(f, "%s'ID-%zu'", k ? "," : "", ids - k);
		fputs("]}", f);
	}
	fputs("]", f);
	fclose(f);
	return text;
}

static void caps(void **state)
{
	(void)state;
	static const struct {
		size_t levels;
		size_t ids;
		const char *says;
	} rows[] = {
		{ ATT_LEVELS_MAX, ATT_ADVISORIES_MAX, NULL },
		{ ATT_LEVELS_MAX + 1, 0, "tcbLevels: 129 levels, at most 128" },
		{ 1, ATT_ADVISORIES_MAX + 1, "advisoryIDs: 65 ids, at most 64" },
		{ 0, 0, "tcbLevels is empty" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct levels l;
		char *text = many(rows[i].levels, rows[i].ids);

		assert_int_equal(read_levels(&l, text), rows[i].says ? ATT_E_FORMAT : ATT_OK);
		if (rows[i].says)
			assert_says(&l.err, rows[i].says);
		else
			assert_int_equal(l.list[0].advisories.count, ATT_ADVISORIES_MAX);
		done(&l);
		free(text);
	}
}

static void no_level(void **state)
{
	(void)state;
	static const char *const texts[] = { "[7]", "[null]", "[[]]", "['x']" };

	for (size_t i = 0; i < ATT_COUNT(texts); i++) {
		struct levels l;

		assert_int_equal(read_levels(&l, texts[i]), ATT_E_FORMAT);
		assert_says(&l.err, "tcbLevels[0]: expected an object");
		done(&l);
	}
}

static void what_is_no_array_needs_no_room(void **state)
{
	(void)state;
	struct att_room room = { 0 };
	att_json_doc doc = { 0 };
	char *text = document("{'a':{'advisoryIDs':['x']}}", NULL, NULL);

	assert_int_equal(att_json_parse(TEXT(text), &doc, NULL), ATT_OK);
	assert_int_equal(att_room_add_levels(&room, att_json_root(&doc), NULL), ATT_OK);
	assert_int_equal(att_room_add_levels(&room, (att_json){ 0 }, NULL), ATT_OK);
	assert_int_equal(room.levels + room.ids + room.bytes, 0);
	att_json_doc_free(&doc);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_document_order),
		cmocka_unit_test(advisories_sorted_once),
		cmocka_unit_test(refused),
		cmocka_unit_test(longest_advisory),
		cmocka_unit_test(caps),
		cmocka_unit_test(no_level),
		cmocka_unit_test(what_is_no_array_needs_no_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
