/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fail_alloc.h"
#include "service/peers.h"

static att_peers *make(unsigned connections, unsigned rate, unsigned burst, unsigned table)
{
	const struct att_peers_limits limits = { connections, rate, burst, table };
	att_peers *p;

	assert_int_equal(att_peers_new(&limits, &p, NULL), ATT_OK);
	return p;
}

static const uint8_t *key(unsigned n)
{
	static uint8_t k[ATT_PEER_KEY];

	k[0] = (uint8_t)n;
	k[3] = (uint8_t)(n >> 8);
	return k;
}

static void test_connections_are_counted(void **state)
{
	att_peers *p = make(2, 0, 0, 8);
	struct att_peer *a = att_peers_enter(p, key(1), 0);

	(void)state;
	assert_non_null(a);
	assert_ptr_equal(att_peers_enter(p, key(1), 0), a);
	assert_null(att_peers_enter(p, key(1), 0));
	assert_non_null(att_peers_enter(p, key(2), 0));
	att_peers_leave(a);
	assert_ptr_equal(att_peers_enter(p, key(1), 0), a);
	assert_int_equal(att_peers_ask(p, a, 0), 0); /* no limit of requests */
	att_peers_free(p);
	att_peers_free(NULL);
}

static void test_bucket(void **state)
{
	att_peers *p = make(0, 2, 3, 8);
	struct att_peer *a = att_peers_enter(p, key(1), 1000);
	struct att_peer *b = att_peers_enter(p, key(2), 1000);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(att_peers_ask(p, a, 1000), 0);
	assert_int_equal(att_peers_ask(p, a, 1000), 1); /* half a second, said in whole ones */
	assert_int_equal(att_peers_ask(p, b, 1000), 0);
	assert_int_equal(att_peers_ask(p, a, 1499), 1);
	assert_int_equal(att_peers_ask(p, a, 1500), 0);
	assert_int_equal(att_peers_ask(p, a, 1500), 1);
	/* However long it waits, it holds no more than it can. */
	for (int i = 0; i < 3; i++)
		assert_int_equal(att_peers_ask(p, a, INT64_C(1) << 60), 0);
	assert_int_equal(att_peers_ask(p, a, INT64_C(1) << 60), 1);
	/* A clock that went back gives nothing. */
	assert_int_equal(att_peers_ask(p, a, 5), 1);
	att_peers_free(p);
}

static void test_coming_again_fills_no_bucket(void **state)
{
	att_peers *p = make(0, 1, 1, 8);
	struct att_peer *a = att_peers_enter(p, key(1), 0);

	(void)state;
	assert_int_equal(att_peers_ask(p, a, 0), 0);
	att_peers_leave(a);
	a = att_peers_enter(p, key(1), 10);
	assert_int_equal(att_peers_ask(p, a, 10), 1);
	att_peers_free(p);
}

static void test_table_is_bounded(void **state)
{
	att_peers *p = make(0, 1, 1, 4);
	struct att_peer *all[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_non_null(all[i] = att_peers_enter(p, key(i * 256 + 7), i));
	assert_null(att_peers_enter(p, key(99), 5)); /* all four are connected */
	att_peers_leave(all[2]);
	att_peers_leave(all[1]);
	/* The one that was heard of longest ago makes room; the others are still known. */
	assert_ptr_equal(att_peers_enter(p, key(99), 5), all[1]);
	assert_ptr_equal(att_peers_enter(p, key(2 * 256 + 7), 6), all[2]);
	for (unsigned i = 0; i < 1000; i++) {
		att_peers_leave(all[2]);
		assert_ptr_equal(att_peers_enter(p, key(1000 + i), 7), all[2]);
	}
	att_peers_free(p);
}

static void test_no_memory(void **state)
{
	const struct att_peers_limits limits = { 1, 1, 1, 4 };
	att_rc rc = ATT_E_NOMEM;

	(void)state;
	for (size_t k = 1; rc != ATT_OK; k++) {
		att_peers *p;
		alloc_watch(k);
		rc = att_peers_new(&limits, &p, NULL);
		alloc_unwatch();
		assert_true(rc == ATT_OK || (rc == ATT_E_NOMEM && !p));
		att_peers_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connections_are_counted),
		cmocka_unit_test(test_bucket),
		cmocka_unit_test(test_coming_again_fills_no_bucket),
		cmocka_unit_test(test_table_is_bounded),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
