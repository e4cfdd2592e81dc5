/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/distance.h"

static size_t between(const char *a, const char *b)
{
	return att_distance(att_bytes_of(a, strlen(a)), att_bytes_of(b, strlen(b)));
}

static void counts_the_slips(void **state)
{
	(void)state;
	assert_int_equal(between("", ""), 0);
	assert_int_equal(between("verify", "verify"), 0);
	assert_int_equal(between("verfy", "verify"), 1);
	assert_int_equal(between("verrify", "verify"), 1);
	assert_int_equal(between("verifi", "verify"), 1);
	assert_int_equal(between("vreify", "verify"), 2);
	assert_int_equal(between("kitten", "sitting"), 3);
	assert_int_equal(between("", "mr_td"), 5);
	assert_int_equal(between("mr_td", ""), 5);
	assert_int_equal(between("abc", "xyz"), 3);
}

static void is_the_same_both_ways(void **state)
{
	(void)state;
	assert_int_equal(between("mr_signer", "mr_enclave"), between("mr_enclave", "mr_signer"));
	assert_int_equal(between("sitting", "kitten"), 3);
}

static void long_words_are_far_from_all(void **state)
{
	char word[ATT_WORD_MAX + 2];

	(void)state;
	memset(word, 'a', sizeof(word));
	word[ATT_WORD_MAX] = 0;
	assert_int_equal(between(word, word), 0);
	assert_int_equal(between(word, ""), ATT_WORD_MAX);
	assert_int_equal(between("", word), ATT_WORD_MAX);
	word[ATT_WORD_MAX] = 'a';
	word[ATT_WORD_MAX + 1] = 0;
	assert_true(between(word, "a") == SIZE_MAX);
	assert_true(between("a", word) == SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_the_slips),
		cmocka_unit_test(is_the_same_both_ways),
		cmocka_unit_test(long_words_are_far_from_all),
	};

	return cmocka_run_group_tests_name("base/distance", tests, NULL, NULL);
}
