/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the k-th allocation of the code under test fail. Hidden symbols: only what is linked into
 * the test program calls these, the C library, cmocka and a sanitizer's run time do not. Include
 * once. */
#ifndef ATT_TESTS_FAILING_MALLOC_H
#define ATT_TESTS_FAILING_MALLOC_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Allocations that still succeed before one fails; negative: none fails. */
static long allocations_left = -1;

static bool allocation_fails(void)
{
	return allocations_left >= 0 && allocations_left-- == 0;
}

void *malloc(size_t size)
{
	static void *(*next)(size_t);

	if (!next) {
		void *symbol = dlsym(RTLD_NEXT, "malloc");
		memcpy(&next, &symbol, sizeof(next));
	}
	return allocation_fails() ? NULL : next(size);
}

void *realloc(void *p, size_t size)
{
	static void *(*next)(void *, size_t);

	if (!next) {
		void *symbol = dlsym(RTLD_NEXT, "realloc");
		memcpy(&next, &symbol, sizeof(next));
	}
	return allocation_fails() ? NULL : next(p, size);
}

#endif
