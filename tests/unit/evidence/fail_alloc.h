/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the k-th allocation of a source file fail: a test includes this, then the source file
 * itself, whose object the linker then leaves in its archive. Symbols are not interposed:
 * sanitizers and valgrind want malloc for themselves. */
#ifndef ATT_TESTS_FAIL_ALLOC_H
#define ATT_TESTS_FAIL_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static bool alloc_counting;
static size_t alloc_count;
static size_t alloc_fail_at; /* the first call is 1; 0: none fails */

static bool alloc_refused(void)
{
	return alloc_counting && ++alloc_count == alloc_fail_at;
}

static void *alloc_malloc(size_t n)
{
	return alloc_refused() ? NULL : malloc(n);
}

static void *alloc_calloc(size_t count, size_t n)
{
	return alloc_refused() ? NULL : calloc(count, n);
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

#define malloc alloc_malloc
#define calloc alloc_calloc

#endif
