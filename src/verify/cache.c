/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "verify/cache.h"

#define WAYS         4u
#define SHARDS       16u
#define WORDS_HASHED 32u

struct set {
	struct att_entry *way[WAYS];
	unsigned turn;
};

struct att_cache {
	pthread_mutex_t lock[SHARDS];
	size_t mask;
	struct set *sets;
};

static void att_entry_ref(struct att_entry *e)
{
	__atomic_add_fetch(&e->refs, 1, __ATOMIC_RELAXED);
}

void att_entry_unref(struct att_entry *e)
{
	if (e && __atomic_sub_fetch(&e->refs, 1, __ATOMIC_ACQ_REL) == 0)
		e->destroy(e);
}

/* Where to look, no more: whoever makes keys collide only makes the cache forget. Some 32 words
 * of a key count: certificates differ all over, and hashing all of 3.5 KB would cost a percent
 * of a verification. */
static uint64_t place(att_bytes key)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = key.len;
	size_t step = key.len / WORDS_HASHED < 8 ? 8 : key.len / WORDS_HASHED;

	for (size_t i = 0; i + 8 <= key.len; i += step) {
		uint64_t w;

		memcpy(&w, key.ptr + i, sizeof(w));
		h = (h ^ w) * odd;
		h ^= h >> 29;
	}
	for (size_t i = key.len < 8 ? 0 : key.len - 8; i < key.len; i++)
		h = (h ^ key.ptr[i]) * odd;
	return h ^ (h >> 32);
}

struct att_cache *att_cache_new(size_t entries)
{
	size_t sets = 1;

	while (sets * WAYS < entries)
		sets *= 2;
	struct att_cache *c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->sets = calloc(sets, sizeof(*c->sets));
	if (!c->sets) {
		free(c);
		return NULL;
	}
	c->mask = sets - 1;
	for (unsigned i = 0; i < SHARDS; i++)
		pthread_mutex_init(&c->lock[i], NULL);
	return c;
}

void att_cache_free(struct att_cache *c)
{
	if (!c)
		return;
	for (size_t s = 0; s <= c->mask; s++)
		for (unsigned w = 0; w < WAYS; w++)
			att_entry_unref(c->sets[s].way[w]);
	for (unsigned i = 0; i < SHARDS; i++)
		pthread_mutex_destroy(&c->lock[i]);
	free(c->sets);
	free(c);
}

struct att_entry *att_cache_find(struct att_cache *c, att_bytes key)
{
	struct att_entry *found = NULL;

	if (!c)
		return NULL;
	size_t at = (size_t)place(key) & c->mask;
	pthread_mutex_lock(&c->lock[at % SHARDS]);
	for (unsigned w = 0; w < WAYS && !found; w++) {
		struct att_entry *e = c->sets[at].way[w];

		if (e && att_bytes_eq(e->key, key))
			found = e;
	}
	if (found)
		att_entry_ref(found);
	pthread_mutex_unlock(&c->lock[at % SHARDS]);
	return found;
}

void att_cache_add(struct att_cache *c, struct att_entry *e)
{
	if (!c)
		return;
	size_t at = (size_t)place(e->key) & c->mask;
	struct set *s = &c->sets[at];
	struct att_entry *out = NULL;
	bool there = false;

	pthread_mutex_lock(&c->lock[at % SHARDS]);
	for (unsigned w = 0; w < WAYS; w++)
		there = there || (s->way[w] && att_bytes_eq(s->way[w]->key, e->key));
	if (!there) {
		att_entry_ref(e);
		out = s->way[s->turn];
		s->way[s->turn] = e;
		s->turn = (s->turn + 1) % WAYS;
	}
	pthread_mutex_unlock(&c->lock[at % SHARDS]);
	att_entry_unref(out);
}

static void destroy_key(struct att_entry *e)
{
	free(e);
}

att_rc att_cache_add_key(struct att_cache *c, att_bytes key)
{
	if (!c)
		return ATT_OK;
	struct att_entry *e = malloc(sizeof(*e) + key.len);
	if (!e)
		return ATT_E_NOMEM;
	memcpy(e + 1, key.ptr, key.len);
	*e = (struct att_entry){ .refs = 1,
				 .key = att_bytes_of(e + 1, key.len),
				 .destroy = destroy_key };
	att_cache_add(c, e);
	att_entry_unref(e);
	return ATT_OK;
}
