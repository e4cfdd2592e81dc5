/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded, thread-safe set of things known, found by their whole content: a hash only says where
 * to look. */
#ifndef ATT_VERIFY_CACHE_H
#define ATT_VERIFY_CACHE_H

#include "attest/base.h"

struct att_entry {
	int refs;                             /* atomic */
	att_bytes key;                        /* owned by the entry */
	void (*destroy)(struct att_entry *e); /* when the last reference goes */
};

void att_entry_unref(struct att_entry *e);

struct att_cache;

/* A cache of about `entries` (rounded up to a power of two of at least four). NULL when out of
 * memory. */
struct att_cache *att_cache_new(size_t entries);
void att_cache_free(struct att_cache *c);

/* The entry with this key, with a reference for the caller; NULL when there is none (or c is
 * NULL). */
struct att_entry *att_cache_find(struct att_cache *c, att_bytes key);

/* Adds e (taking a reference of its own), putting another out where there is no room. NULL c:
 * nothing. */
void att_cache_add(struct att_cache *c, struct att_entry *e);

/* Adds an entry that is nothing but its key. ATT_E_NOMEM. NULL c: nothing, and ATT_OK. */
att_rc att_cache_add_key(struct att_cache *c, att_bytes key) ATT_MUST_USE;

#endif
