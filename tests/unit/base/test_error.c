/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/mem.h"

static void names(void **state)
{
	static const struct {
		att_rc rc;
		const char *name;
	} all[] = {
		{ ATT_OK, "ATT_OK" },
		{ ATT_E_NOMEM, "ATT_E_NOMEM" },
		{ ATT_E_ARG, "ATT_E_ARG" },
		{ ATT_E_IO, "ATT_E_IO" },
		{ ATT_E_UNAVAILABLE, "ATT_E_UNAVAILABLE" },
		{ ATT_E_TRUNCATED, "ATT_E_TRUNCATED" },
		{ ATT_E_TRAILING, "ATT_E_TRAILING" },
		{ ATT_E_FORMAT, "ATT_E_FORMAT" },
		{ ATT_E_UNSUPPORTED, "ATT_E_UNSUPPORTED" },
		{ ATT_E_SIGNATURE, "ATT_E_SIGNATURE" },
		{ ATT_E_CHAIN, "ATT_E_CHAIN" },
		{ ATT_E_REVOKED, "ATT_E_REVOKED" },
		{ ATT_E_EXPIRED, "ATT_E_EXPIRED" },
		{ ATT_E_MISMATCH, "ATT_E_MISMATCH" },
		{ ATT_E_MISSING, "ATT_E_MISSING" },
		{ ATT_E_DENIED, "ATT_E_DENIED" },
		{ (att_rc)1, "ATT_E_UNKNOWN" },
		{ (att_rc)-9999, "ATT_E_UNKNOWN" },
	};
	(void)state;

	for (size_t i = 0; i < ATT_COUNT(all); i++)
		assert_string_equal(att_rc_name(all[i].rc), all[i].name);
}

static void version_is_three_numbers(void **state)
{
	(void)state;
	assert_string_equal(att_version(), ATT_VERSION);
	assert_int_equal(strspn(att_version(), "0123456789."), strlen(att_version()));
}

static void null_context_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(att_fail(NULL, ATT_E_FORMAT, "x"), ATT_E_FORMAT);
	assert_int_equal(att_fail_at(NULL, ATT_E_FORMAT, 1, "x"), ATT_E_FORMAT);
	assert_int_equal(att_wrap(NULL, ATT_E_FORMAT, "x"), ATT_E_FORMAT);
}

static void a_failure_never_says_ok(void **state)
{
	att_err err;
	(void)state;

	assert_int_equal(att_fail(&err, ATT_OK, "x"), ATT_E_ARG);
	assert_int_equal(err.rc, ATT_E_ARG);
	assert_int_equal(att_fail_at(&err, ATT_OK, 0, "x"), ATT_E_ARG);
	assert_int_equal(err.rc, ATT_E_ARG);
	assert_int_equal(att_wrap(&err, ATT_OK, "x"), ATT_E_ARG);
	assert_int_equal(err.rc, ATT_E_ARG);
	assert_int_equal(att_fail(NULL, ATT_OK, "x"), ATT_E_ARG);
	assert_int_equal(att_fail_at(NULL, ATT_OK, 0, "x"), ATT_E_ARG);
	assert_int_equal(att_wrap(NULL, ATT_OK, "x"), ATT_E_ARG);
}

static void text_and_offset(void **state)
{
	att_err err;
	(void)state;

	assert_int_equal(att_fail(&err, ATT_E_MISSING, "no %s", "root"), ATT_E_MISSING);
	assert_string_equal(err.msg, "no root");
	assert_true(err.offset == ATT_NO_OFFSET);

	assert_int_equal(att_fail_at(&err, ATT_E_FORMAT, 7, "bad %d", 3), ATT_E_FORMAT);
	assert_string_equal(err.msg, "bad 3 @7");
	assert_int_equal(err.offset, 7);

	att_fail_at(&err, ATT_E_FORMAT, ATT_NO_OFFSET, "bad");
	assert_string_equal(err.msg, "bad");
	assert_true(err.offset == ATT_NO_OFFSET);
}

static void wrapping_keeps_offset_and_takes_the_code(void **state)
{
	att_err err;
	(void)state;

	att_fail_at(&err, ATT_E_TRUNCATED, 564, "truncated in qe_report");
	assert_int_equal(att_wrap(&err, ATT_E_FORMAT, "quote v%d", 3), ATT_E_FORMAT);
	assert_int_equal(att_wrap(&err, ATT_E_FORMAT, "evidence"), ATT_E_FORMAT);
	assert_string_equal(err.msg, "evidence: quote v3: truncated in qe_report @564");
	assert_int_equal(err.rc, ATT_E_FORMAT);
	assert_int_equal(err.offset, 564);
}

static void long_texts_are_cut_and_keep_the_offset(void **state)
{
	char big[1000];
	att_err err;
	(void)state;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	att_fail(&err, ATT_E_FORMAT, "%s", big);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	att_fail_at(&err, ATT_E_FORMAT, SIZE_MAX - 1, "%s", big);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	assert_non_null(strstr(err.msg, "x @18446744073709551614"));
}

/* However long the two texts are: nothing overflows, and the inner one is not pushed out. */
static void wrapping_keeps_the_inner_beginning(void **state)
{
	char outer[300];
	char inner[300];
	(void)state;

	for (size_t o = 0; o < sizeof(outer); o += 7) {
		for (size_t i = 0; i < sizeof(inner); i += 7) {
			memset(outer, 'o', o);
			outer[o] = '\0';
			memset(inner, 'i', i);
			inner[i] = '\0';
			struct {
				att_err err;
				unsigned char guard[16];
			} s;
			memset(&s, 0xa5, sizeof(s));
			att_fail(&s.err, ATT_E_FORMAT, "%s", inner);
			att_wrap(&s.err, ATT_E_FORMAT, "%s", outer);
			for (size_t k = 0; k < sizeof(s.guard); k++)
				assert_int_equal(s.guard[k], 0xa5);
			const char *sep = strstr(s.err.msg, ": ");
			assert_non_null(sep);
			assert_true(strlen(s.err.msg) < sizeof(s.err.msg));
			size_t kept = strlen(sep + 2);
			assert_true(kept == (i < 243 ? i : 243) || kept >= 141);
			assert_int_equal(strspn(sep + 2, "i"), kept);
			if (o + i <= 241) {
				assert_int_equal(sep - s.err.msg, o);
				assert_int_equal(kept, i);
			} else {
				assert_int_equal(strlen(s.err.msg), 243);
			}
		}
	}
}

static void quoted_input_can_not_break_the_line(void **state)
{
	att_err err;
	(void)state;

	att_fail(&err, ATT_E_FORMAT, "member \"%s\"", "a\nb\x1b[2J\x7f");
	assert_string_equal(err.msg, "member \"a?b?[2J?\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(version_is_three_numbers),
		cmocka_unit_test(null_context_is_accepted),
		cmocka_unit_test(a_failure_never_says_ok),
		cmocka_unit_test(text_and_offset),
		cmocka_unit_test(wrapping_keeps_offset_and_takes_the_code),
		cmocka_unit_test(long_texts_are_cut_and_keep_the_offset),
		cmocka_unit_test(wrapping_keeps_the_inner_beginning),
		cmocka_unit_test(quoted_input_can_not_break_the_line),
	};

	return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
