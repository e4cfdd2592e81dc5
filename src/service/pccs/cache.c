/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pccs/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct entry {
	struct entry *next;  /* in its bucket */
	struct entry *newer; /* by use */
	struct entry *older;
	uint64_t hash;
	uint64_t generation;
	int64_t until;
	enum att_pcs_what what;
	att_http_answer *answer;
	size_t size;
	size_t key_len;
	uint8_t key[];
};

struct att_pccs_cache {
	pthread_mutex_t lock;
	size_t entries_max;
	size_t bytes_max;
	size_t entries;
	size_t bytes;
	struct entry *newest;
	struct entry *oldest;
	size_t mask;
	struct entry *bucket[];
};

att_pccs_cache *att_pccs_cache_new(size_t entries, size_t bytes)
{
	size_t buckets = 16;

	while (buckets < entries)
		buckets *= 2;
	att_pccs_cache *c = calloc(1, sizeof(*c) + buckets * sizeof(c->bucket[0]));
	if (!c)
		return NULL;
	c->entries_max = entries;
	c->bytes_max = bytes;
	c->mask = buckets - 1;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

/* FNV-1a: buckets are few and entries bounded, so the worst a chosen key does is cost a walk. */
static uint64_t hash_of(att_bytes key)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ key.ptr[i]) * UINT64_C(0x100000001b3);
	return h;
}

static struct entry **place_of(att_pccs_cache *c, att_bytes key, uint64_t hash)
{
	struct entry **p = &c->bucket[hash & c->mask];

	while (*p && !((*p)->hash == hash && (*p)->key_len == key.len &&
		       memcmp((*p)->key, key.ptr, key.len) == 0))
		p = &(*p)->next;
	return p;
}

static void unlink_use(att_pccs_cache *c, struct entry *e)
{
	*(e->newer ? &e->newer->older : &c->newest) = e->older;
	*(e->older ? &e->older->newer : &c->oldest) = e->newer;
	e->newer = e->older = NULL;
}

static void link_newest(att_pccs_cache *c, struct entry *e)
{
	e->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
}

static void drop(att_pccs_cache *c, struct entry *e)
{
	struct entry **p = &c->bucket[e->hash & c->mask];

	while (*p != e)
		p = &(*p)->next;
	*p = e->next;
	unlink_use(c, e);
	c->entries--;
	c->bytes -= e->size;
	att_http_answer_free(e->answer);
	free(e);
}

void att_pccs_cache_free(att_pccs_cache *c)
{
	if (!c)
		return;
	while (c->oldest)
		drop(c, c->oldest);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

att_http_answer *att_pccs_cache_get(att_pccs_cache *c, att_bytes key, uint64_t generation,
				    int64_t now, enum att_pcs_what *what)
{
	uint64_t hash = hash_of(key);
	att_http_answer *found = NULL;

	pthread_mutex_lock(&c->lock);
	struct entry *e = *place_of(c, key, hash);
	if (e && (e->generation != generation || now >= e->until)) {
		drop(c, e);
	} else if (e) {
		if (c->newest != e) {
			unlink_use(c, e);
			link_newest(c, e);
		}
		*what = e->what;
		found = att_http_answer_ref(e->answer);
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

void att_pccs_cache_put(att_pccs_cache *c, att_bytes key, uint64_t generation, int64_t until,
			enum att_pcs_what what, att_http_answer *answer, size_t size)
{
	uint64_t hash = hash_of(key);
	struct entry *e = calloc(1, sizeof(*e) + key.len);

	size += key.len + sizeof(*e);
	if (!e || size > c->bytes_max) {
		free(e);
		return;
	}
	e->hash = hash;
	e->generation = generation;
	e->until = until;
	e->what = what;
	e->size = size;
	e->key_len = key.len;
	memcpy(e->key, key.ptr, key.len);
	e->answer = att_http_answer_ref(answer);
	pthread_mutex_lock(&c->lock);
	struct entry *old = *place_of(c, key, hash);
	if (old)
		drop(c, old);
	while (c->oldest && (c->entries >= c->entries_max || c->bytes + size > c->bytes_max))
		drop(c, c->oldest);
	e->next = c->bucket[hash & c->mask];
	c->bucket[hash & c->mask] = e;
	link_newest(c, e);
	c->entries++;
	c->bytes += size;
	pthread_mutex_unlock(&c->lock);
}
