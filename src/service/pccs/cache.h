/* SPDX-License-Identifier: Apache-2.0 */
/* Rendered answers in memory, bounded, the least recently used going first. From any thread. */
#ifndef ATT_SERVICE_PCCS_CACHE_H
#define ATT_SERVICE_PCCS_CACHE_H

#include "collateral/pcs.h"
#include "service/http_server.h"

typedef struct att_pccs_cache att_pccs_cache;

/* At most so many answers, and so many bytes of bodies and keys. NULL: out of memory. */
att_pccs_cache *att_pccs_cache_new(size_t entries, size_t bytes);
void att_pccs_cache_free(att_pccs_cache *c);

/* A reference to the answer for the key, or NULL: there is none, it is over at `now`, or it was
 * made from another generation of the store. *what: the route it answers. */
att_http_answer *att_pccs_cache_get(att_pccs_cache *c, att_bytes key, uint64_t generation,
				    int64_t now, enum att_pcs_what *what) ATT_NONNULL(1, 5);

/* Keeps a reference of its own until `until`; `size` is the body's. Without memory it does
 * nothing. */
void att_pccs_cache_put(att_pccs_cache *c, att_bytes key, uint64_t generation, int64_t until,
			enum att_pcs_what what, att_http_answer *answer, size_t size)
    ATT_NONNULL(1, 6);

#endif
