/* SPDX-License-Identifier: Apache-2.0 */
/* Documents while memory runs out: an answer that is whole, or a server error; never an answer that
 * blames the collateral, and nothing leaks. The routes themselves are in test_routes.c. */
#include "../fail_alloc.h"

static bool watched;
#define PCCS_BEFORE_ASK (alloc_counting = false)
#define PCCS_AFTER_ASK  (alloc_counting = watched)
#include "pccs_fixture.h"

static void out_of_memory(const char *target, bool fmspc)
{
	size_t k = 1;

	for (bool failed = true; failed; k++) {
		assert_int_equal(set_up(NULL), 0);
		char *text = fmspc ? fmspc_query(target) : strdup(target);
		struct att_http_request request = { 0 };
		assert_int_equal(att_http_request_line(&request, "GET", text, NULL), ATT_OK);
		free(text);
		watched = true;
		alloc_watch(k);
		att_pccs_answer(f->p, &request, f->now, &f->r, &f->until);
		failed = alloc_unwatch() >= k;
		watched = false;
		int status = f->r.status;
		att_http_request_free(&request);
		if (status != 200 && status != 500 && status != 502 && status != 503)
			fail_msg("%s, allocation %zu: %d\n%s", target, k, status, f->words);
		if (!failed)
			assert_int_equal(status, 200);
		assert_int_equal(tear_down(NULL), 0);
	}
	assert_true(k > 3);
}

static void signed_documents(void **state)
{
	(void)state;
	out_of_memory(V4 "tcb?fmspc=", true);
}

static void revocation_lists(void **state)
{
	(void)state;
	out_of_memory(V4 "pckcrl?ca=processor", false);
	out_of_memory(V4 "rootcacrl", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_documents),
		cmocka_unit_test(revocation_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
