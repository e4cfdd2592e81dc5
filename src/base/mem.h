/* SPDX-License-Identifier: Apache-2.0 */
/* Ownership helpers: cleanup attributes, hand-over, wiping; comparison of views. */
#ifndef ATT_BASE_MEM_H
#define ATT_BASE_MEM_H

#include <stdlib.h>

#include "attest/base.h"

/* Frees a malloc'ed local on every return: `att_auto_mem uint8_t *p = NULL;` */
static inline void att_mem_cleanup(void *p)
{
	free(*(void **)p);
}
#define att_auto_mem __attribute__((cleanup(att_mem_cleanup)))

/* Hands a cleanup-guarded pointer over: its value, leaving NULL behind. */
#define ATT_STEAL(p)                             \
	({                                       \
		__typeof__(p) att_stolen_ = (p); \
		(p) = NULL;                      \
		att_stolen_;                     \
	})

/* Declares `att_auto_NAME`-style cleanup for a pointer type with a NULL-safe free function. */
#define ATT_DEFINE_CLEANUP(name, type, free_fn)     \
	static inline void name##_cleanup(type **p) \
	{                                           \
		free_fn(*p);                        \
	}

#define ATT_COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Overwrites a secret; never optimised away. */
void att_wipe(void *p, size_t len);

/* Equality of two public views (length and bytes). Not constant time. */
bool att_bytes_eq(att_bytes a, att_bytes b);

/* True when all bytes are zero (an empty view is). */
bool att_all_zero(att_bytes b);

/* A malloc'ed copy of b with one NUL behind it; NULL when out of memory. */
uint8_t *att_bytes_dup(att_bytes b) ATT_MUST_USE;

#endif
