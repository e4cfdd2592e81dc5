/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "cli/columns.h"

static void put(struct cli_columns *k, const char *name, const char *text)
{
	att_put_str(cli_columns_cell(k, name), text);
	cli_columns_cell_end(k);
}

static void put_two_rows(struct cli_columns *k)
{
	cli_columns_row(k);
	put(k, "item", "a");
	put(k, "words", "-");
	put(k, "state", "expired");
	cli_columns_row(k);
	put(k, "item", "crl chain");
	put(k, "number", "17");
}

/* Wide as the widest cell or the name; what a row lacks is "-"; empty columns are left out. */
static void columns_and_rows(void **state)
{
	struct cli_columns k = { 0 };
	att_auto_buf att_buf out = { 0 };

	(void)state;
	put_two_rows(&k);
	cli_columns_print(&k, 2, &out);
	att_put_u8(&out, 0);
	assert_int_equal(att_buf_ok(&out, NULL), ATT_OK);
	assert_string_equal((const char *)out.ptr, "  item       state    number\n"
						   "  a          expired  -\n"
						   "  crl chain  -        17\n");
	assert_int_equal(k.rows, 0);
}

static void nothing_prints_nothing(void **state)
{
	struct cli_columns k = { 0 };
	att_auto_buf att_buf out = { 0 };

	(void)state;
	cli_columns_print(&k, 0, &out);
	assert_true(out.len == 0 && !out.failed);
}

static void a_column_too_many_fails(void **state)
{
	static char names[CLI_COLUMNS_MAX + 1][12];
	struct cli_columns k = { 0 };
	att_auto_buf att_buf out = { 0 };

	(void)state;
	cli_columns_row(&k);
	for (size_t i = 0; i <= CLI_COLUMNS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "c%zu", i);
		put(&k, names[i], "x");
		assert_true(k.cells.failed == (i == CLI_COLUMNS_MAX));
	}
	cli_columns_print(&k, 0, &out);
	assert_true(out.failed);
}

static void without_memory(void **state)
{
	bool ok = false;

	(void)state;
	for (size_t n = 1; !ok; n++) {
		struct cli_columns k = { 0 };
		att_auto_buf att_buf out = { 0 };

		alloc_watch(n);
		put_two_rows(&k);
		cli_columns_print(&k, 0, &out);
		ok = alloc_unwatch() < n;
		assert_true(out.failed == !ok);
		assert_true(n < 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_and_rows),
		cmocka_unit_test(nothing_prints_nothing),
		cmocka_unit_test(a_column_too_many_fails),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
