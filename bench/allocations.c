/* SPDX-License-Identifier: Apache-2.0 */
/* The linker sends the allocations of what is linked statically here: the library's own. Those of
 * libcrypto, which is shared, are not seen. */
#include <stdlib.h>

#include "verify.h"

#define OPERATIONS 1024

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);

/* One thread counts; the others only see that it does not. */
static _Thread_local size_t allocations;

void *__wrap_malloc(size_t n)
{
	allocations++;
	return __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
	allocations++;
	return __real_calloc(count, n);
}

void *__wrap_realloc(void *p, size_t n)
{
	allocations++;
	return __real_realloc(p, n);
}

double bench_allocations(struct bench_warm *w)
{
	size_t before = allocations;

	if (!bench_warm_run(w, OPERATIONS))
		return -1;
	return (double)(allocations - before) / OPERATIONS;
}
