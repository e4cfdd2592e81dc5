/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tokens.h"

/* The k-th allocation fails: ATT_E_NOMEM, nothing leaked, never ATT_OK, for every k until none
 * is left to fail. The linker wraps the allocator of the library's own code (libcrypto keeps its
 * own). */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static long until_failure = -1; /* allocations that still succeed; -1: all do */
static long living;

static bool refuse(void)
{
	if (until_failure < 0)
		return false;
	return until_failure-- == 0;
}

void *__wrap_malloc(size_t n)
{
	void *p = refuse() ? NULL : __real_malloc(n);
	living += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = refuse() ? NULL : __real_calloc(n, size);
	living += p != NULL;
	return p;
}

void *__wrap_realloc(void *old, size_t n)
{
	void *p = refuse() ? NULL : __real_realloc(old, n);
	living += p && !old;
	return p;
}

void __wrap_free(void *p)
{
	living -= p != NULL;
	__real_free(p);
}

static struct att_verdict verdict;
static struct att_report report;
static att_policy *shared_policy;

static const char policy_text[] =
    "{\"version\":1,\"any_of\":[{\"mr_enclave\":["
    "\"e2e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1\"],"
    "\"isv_prod_id\":[1,2],\"advisories_allowed\":[\"A\"],\"grace\":{\"tcb_status\":\"OutOfDate\","
    "\"for\":\"1d\"},"
    "\"allow_debug\":true},{\"any_measurement\":true,\"allow_debug\":true,\"attributes\":{"
    "\"value\":\"0x5\"}}]}";

static att_rc parse_policy(att_err *err)
{
	att_policy *p = NULL;
	att_rc rc = att_policy_parse(TEXT(policy_text), &p, err);
	assert_int_equal(p != NULL, rc == ATT_OK);
	att_policy_free(p);
	return rc;
}

static att_rc builtin(att_err *err)
{
	att_policy *p = att_policy_builtin();
	att_policy_free(p);
	(void)err;
	return p ? ATT_OK : ATT_E_NOMEM;
}

static att_rc allow(att_err *err)
{
	uint8_t before[32], after[32];
	att_policy *p = att_policy_builtin();

	if (!p)
		return ATT_E_NOMEM;
	att_policy_id(p, before);
	att_rc rc = att_policy_allow_status(p, ATT_TCB_OUT_OF_DATE, err);
	if (rc == ATT_OK)
		rc = att_policy_allow_simulated(p, err);
	att_policy_id(p, after);
	att_policy_free(p);
	if (rc == ATT_OK)
		assert_memory_not_equal(before, after, 32);
	return rc;
}

static att_rc to_json(att_err *err)
{
	char *text = NULL;
	att_rc rc = att_policy_to_json(shared_policy, &text, err);
	assert_int_equal(text != NULL, rc == ATT_OK);
	free(text);
	return rc;
}

static att_rc template(att_err *err)
{
	char *text = NULL;
	att_rc rc = att_policy_template(&verdict.claims, &text, err);
	assert_int_equal(text != NULL, rc == ATT_OK);
	free(text);
	return rc;
}

static att_rc appraise(att_err *err)
{
	att_appraisal *why = NULL;
	att_result *r = NULL;
	att_rc rc = att_appraise(&verdict, shared_policy, &why, &r, err);
	assert_int_equal(why != NULL, rc == ATT_OK);
	assert_int_equal(r != NULL, rc == ATT_OK);
	att_appraisal_free(why);
	att_result_free(r);
	return rc;
}

static att_rc token(att_err *err)
{
	struct att_ear_in in = fixture_ear(ATT_EAR_04, &report, &verdict);
	char *text = NULL;

	in.policy = shared_policy;
	att_rc rc = att_ear_sign(&in, &text, err);
	assert_int_equal(text != NULL, rc == ATT_OK);
	if (rc != ATT_OK)
		return rc;
	att_ear *e = NULL;
	rc = att_ear_parse(TEXT(text), TEXT(PUBLIC_KEY), NOW, false, &e, err);
	assert_int_equal(e != NULL, rc == ATT_OK);
	att_ear_free(e);
	free(text);
	return rc;
}

static void exhaust(const char *what, att_rc (*run)(att_err *))
{
	att_err err = { 0 };
	long k = 0;

	assert_int_equal(run(&err), ATT_OK);
	for (;; k++) {
		long before = living;
		until_failure = k;
		att_rc rc = run(&err);
		bool failed = until_failure < 0;
		until_failure = -1;
		if (living != before)
			fail_msg("%s: allocation %ld failing leaks %ld", what, k, living - before);
		if (!failed) {
			assert_int_equal(rc, ATT_OK);
			break;
		}
		if (rc != ATT_E_NOMEM)
			fail_msg("%s: allocation %ld failing gives %s: %s", what, k,
				 att_rc_name(rc), err.msg);
	}
	assert_true(k > 0);
}

static void every_allocation_may_fail(void **state)
{
	static const struct {
		const char *what;
		att_rc (*run)(att_err *);
	} calls[] = {
		{ "policy_parse", parse_policy },
		{ "policy_builtin", builtin },
		{ "policy_allow", allow },
		{ "policy_to_json", to_json },
		{ "policy_template", template },
		{ "appraise", appraise },
		{ "ear", token },
	};
	(void)state;
	fixture_sgx(&verdict);
	fixture_report(&report, &verdict);
	assert_int_equal(att_policy_parse(TEXT(policy_text), &shared_policy, NULL), ATT_OK);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		exhaust(calls[i].what, calls[i].run);
	att_policy_free(shared_policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_may_fail) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
