/* SPDX-License-Identifier: Apache-2.0 */
/* malloc and calloc of this test program, of which the k-th call can be made to fail, counted. */
#ifndef ATT_TESTS_FAIL_ALLOC_H
#define ATT_TESTS_FAIL_ALLOC_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Visible, so that libcrypto comes here too. A sanitizer's runtime calls malloc before it is ready
 * for code that it has instrumented. */
#define ALLOC_PLAIN __attribute__((no_sanitize("address", "undefined")))
#define ALLOC_SEAM  __attribute__((visibility("default"))) ALLOC_PLAIN

static bool alloc_counting;
static size_t alloc_count;
static size_t alloc_fail_at; /* the first call is 1; 0: none fails */

ALLOC_PLAIN static bool alloc_refused(void)
{
	return alloc_counting && ++alloc_count == alloc_fail_at;
}

ALLOC_SEAM void *malloc(size_t n)
{
	static void *(*real)(size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "malloc");
	return alloc_refused() ? NULL : real(n);
}

ALLOC_SEAM void *calloc(size_t count, size_t n)
{
	static void *(*real)(size_t, size_t);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "calloc");
	return alloc_refused() ? NULL : real(count, n);
}

static void alloc_watch(size_t fail_at)
{
	alloc_count = 0;
	alloc_fail_at = fail_at;
	alloc_counting = true;
}

/* How many calls there were since alloc_watch(). */
static size_t alloc_unwatch(void)
{
	alloc_counting = false;
	return alloc_count;
}

#endif
