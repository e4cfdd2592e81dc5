/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the k-th allocation of the code under test fail. Hidden symbols: only what is linked into
 * the test program calls these; the C library, cmocka, libcrypto and a sanitizer's run time do
 * not. Include once. */
#ifndef ATT_TESTS_FAIL_ALLOC_H
#define ATT_TESTS_FAIL_ALLOC_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static bool alloc_counting;
static size_t alloc_count;
static size_t alloc_fail_at; /* the first call is 1; 0: none fails */

static bool alloc_refused(void)
{
	return alloc_counting && ++alloc_count == alloc_fail_at;
}

static void alloc_next(const char *name, void *fn, size_t size)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(fn, &symbol, size);
}

void *malloc(size_t size)
{
	static void *(*next)(size_t);

	if (!next)
		alloc_next("malloc", &next, sizeof(next));
	return alloc_refused() ? NULL : next(size);
}

void *calloc(size_t count, size_t size)
{
	static void *(*next)(size_t, size_t);

	if (!next)
		alloc_next("calloc", &next, sizeof(next));
	return alloc_refused() ? NULL : next(count, size);
}

void *realloc(void *p, size_t size)
{
	static void *(*next)(void *, size_t);

	if (!next)
		alloc_next("realloc", &next, sizeof(next));
	return alloc_refused() ? NULL : next(p, size);
}

/* From here on calls are counted, and the fail_at-th of them fails. */
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
