/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "verify/cache.h"

static int alive;

struct item {
	struct att_entry e;
	uint8_t key[40];
};

static void destroy(struct att_entry *e)
{
	alive--;
	free(e);
}

static struct item *item(unsigned n)
{
	struct item *i = calloc(1, sizeof(*i));

	assert_non_null(i);
	memcpy(i->key, &n, sizeof(n));
	i->e = (struct att_entry){ .refs = 1,
				   .key = att_bytes_of(i->key, sizeof(i->key)),
				   .destroy = destroy };
	alive++;
	return i;
}

static void finds_by_content(void **state)
{
	struct att_cache *c = att_cache_new(16);
	struct item *a = item(1);
	uint8_t same[40] = { 1 }, other[40] = { 2 };

	(void)state;
	assert_null(att_cache_find(c, a->e.key));
	att_cache_add(c, &a->e);
	struct att_entry *found = att_cache_find(c, att_bytes_of(same, sizeof(same)));
	assert_ptr_equal(found, &a->e);
	att_entry_unref(found);
	assert_null(att_cache_find(c, att_bytes_of(other, sizeof(other))));
	assert_null(att_cache_find(c, att_bytes_of(same, sizeof(same) - 1)));
	att_entry_unref(&a->e);
	assert_int_equal(alive, 1);
	att_cache_free(c);
	assert_int_equal(alive, 0);
}

static void stays_bounded(void **state)
{
	struct att_cache *c = att_cache_new(8);

	(void)state;
	for (unsigned n = 0; n < 1000; n++) {
		struct item *i = item(n);

		att_cache_add(c, &i->e);
		struct att_entry *found = att_cache_find(c, i->e.key);
		assert_ptr_equal(found, &i->e);
		att_entry_unref(found);
		att_entry_unref(&i->e);
		assert_true(alive <= 8);
	}
	att_cache_free(c);
	assert_int_equal(alive, 0);
}

static void the_same_key_is_kept_once(void **state)
{
	struct att_cache *c = att_cache_new(16);

	(void)state;
	for (int n = 0; n < 5; n++) {
		struct item *i = item(7);

		att_cache_add(c, &i->e);
		att_entry_unref(&i->e);
	}
	assert_int_equal(alive, 1);
	att_cache_free(c);
}

static void no_cache_is_a_cache_that_knows_nothing(void **state)
{
	struct item *i = item(1);

	(void)state;
	att_cache_add(NULL, &i->e);
	assert_null(att_cache_find(NULL, i->e.key));
	att_entry_unref(&i->e);
	att_entry_unref(NULL);
	att_cache_free(NULL);
	assert_int_equal(alive, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_content),
		cmocka_unit_test(stays_bounded),
		cmocka_unit_test(the_same_key_is_kept_once),
		cmocka_unit_test(no_cache_is_a_cache_that_knows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
