/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th allocation fails, for every k until none is left to fail: the answer is ATT_E_NOMEM,
 * never ATT_OK with something missing, and nothing leaks.
 *
 * The linker sends the library's own allocations here (--wrap), so that sanitizers and valgrind
 * keep malloc for themselves; libcrypto's come through its own hooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include "base/mem.h"
#include "journey.h"
#include "platform/sim/machine.h"

#define NOW        INT64_C(1750000000)
#define FAULTS_MAX 20000u /* more allocations than any journey makes */

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

/* Of one kind of allocations: how many there were since the watch began, and which is to fail. */
struct watch {
	size_t count;
	size_t fail_at; /* the first is 1; 0: none */
	size_t failed;
	bool on;
};

static struct watch ours, theirs;
static long ours_live; /* blocks of the library's that are not freed yet */

static bool refused(struct watch *w)
{
	if (!w->on || ++w->count != w->fail_at)
		return false;
	w->failed++;
	return true;
}

void *__wrap_malloc(size_t n)
{
	void *p = refused(&ours) ? NULL : __real_malloc(n);

	ours_live += p != NULL;
	return p;
}

void *__wrap_calloc(size_t count, size_t n)
{
	void *p = refused(&ours) ? NULL : __real_calloc(count, n);

	ours_live += p != NULL;
	return p;
}

void *__wrap_realloc(void *old, size_t n)
{
	void *p = refused(&ours) ? NULL : __real_realloc(old, n);

	ours_live += p != NULL && old == NULL;
	return p;
}

void __wrap_free(void *p)
{
	ours_live -= p != NULL;
	__real_free(p);
}

static void *crypto_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return refused(&theirs) ? NULL : __real_malloc(n);
}

static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return refused(&theirs) ? NULL : __real_realloc(p, n);
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	__real_free(p);
}

static struct journey sgx, tdx;

static void prepare(const att_sim_machine *m, enum att_sim_kind kind, struct journey *j)
{
	att_collateral *c = NULL;
	char *json = NULL;

	assert_int_equal(att_sim_machine_quote(m, kind, 0, &j->quote, NULL), ATT_OK);
	assert_int_equal(att_sim_machine_collateral(m, att_sim_kind_is_tdx(kind), &c, NULL),
			 ATT_OK);
	assert_int_equal(att_collateral_to_json(c, &json, NULL), ATT_OK);
	att_put_str(&j->collateral, json);
	att_put(&j->root, att_sim_pki_pem(att_sim_machine_pki(m), ATT_SIM_ROOT));
	assert_int_equal(att_buf_ok(&j->root, NULL), ATT_OK);
	j->now = NOW;
	free(json);
	att_collateral_free(c);
}

static int setup(void **state)
{
	static const struct att_sim_options options = {
		.seed = { "fault tests" }, .now = NOW, .platform_ca = true, .cpus = 1
	};
	att_sim_machine *m = NULL;

	(void)state;
	assert_int_equal(att_sim_machine_new(&options, &m, NULL), ATT_OK);
	prepare(m, ATT_SIM_SGX3, &sgx);
	prepare(m, ATT_SIM_TDX15, &tdx);
	att_sim_machine_free(m);
	return 0;
}

static void forget(struct journey *j)
{
	att_buf_free(&j->quote);
	att_buf_free(&j->collateral);
	att_buf_free(&j->root);
}

static int teardown(void **state)
{
	(void)state;
	forget(&sgx);
	forget(&tdx);
	return 0;
}

static bool right(const struct outcome *o)
{
	return o->rc == ATT_OK && o->accepted && o->status == ATT_TCB_UP_TO_DATE;
}

/* libcrypto may do without what it did not get, and it does not always say what it lacked; but
 * evidence or collateral may never be blamed for it. */
static bool excused(const struct watch *w, const struct outcome *o)
{
	return w == &theirs && (o->rc == ATT_E_UNAVAILABLE || right(o));
}

/* Makes each allocation of the watched kind fail in turn. */
static void every_failure(void (*walk)(const struct journey *, struct outcome *),
			  const struct journey *j, struct watch *w)
{
	struct outcome o;

	/* What is made once in a process is made now. */
	walk(j, &o);
	assert_true(right(&o));
	for (size_t k = 1; k < FAULTS_MAX; k++) {
		long live = ours_live;

		*w = (struct watch){ .fail_at = k, .on = true };
		walk(j, &o);
		w->on = false;
		if (o.broken)
			fail_msg("allocation %zu: %s", k, o.broken);
		if (ours_live != live)
			fail_msg("allocation %zu: %ld blocks leak", k, ours_live - live);
		if (w->failed == 0) {
			assert_true(right(&o));
			assert_true(k > 10);
			return;
		}
		if (o.rc != ATT_E_NOMEM && !excused(w, &o))
			fail_msg("allocation %zu: %s", k, att_rc_name(o.rc));
	}
	fail_msg("%u allocations and no end", FAULTS_MAX);
}

static void the_librarys_own_once(void **state)
{
	(void)state;
	every_failure(journey_once, &sgx, &ours);
	every_failure(journey_once, &tdx, &ours);
}

static void the_librarys_own_with_a_verifier(void **state)
{
	(void)state;
	every_failure(journey_verifier, &sgx, &ours);
	every_failure(journey_verifier, &tdx, &ours);
}

static void libcryptos_once(void **state)
{
	(void)state;
	every_failure(journey_once, &tdx, &theirs);
}

static void libcryptos_with_a_verifier(void **state)
{
	(void)state;
	every_failure(journey_verifier, &sgx, &theirs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_librarys_own_once),
		cmocka_unit_test(the_librarys_own_with_a_verifier),
		cmocka_unit_test(libcryptos_once),
		cmocka_unit_test(libcryptos_with_a_verifier),
	};

	if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
