/* SPDX-License-Identifier: Apache-2.0 */
#include "service/peers.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

struct att_peer {
	uint8_t key[ATT_PEER_KEY];
	struct att_peer *next; /* with the same hash, or unused */
	unsigned connections;
	int64_t tokens; /* thousandths of a request */
	int64_t seen_ms;
};

struct att_peers {
	struct att_peers_limits limits;
	size_t rows;
	struct att_peer **row;
	struct att_peer *all;
	unsigned fresh; /* entries of `all` that were never used start here */
};

att_rc att_peers_new(const struct att_peers_limits *limits, att_peers **out, att_err *err)
{
	*out = NULL;
	att_peers *p = calloc(1, sizeof(*p));
	if (!p)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	p->limits = *limits;
	if (p->limits.burst == 0)
		p->limits.burst = p->limits.requests_per_s;
	p->rows = 64;
	while (p->rows < p->limits.table)
		p->rows *= 2;
	p->row = calloc(p->rows, sizeof(struct att_peer *));
	p->all = calloc(p->limits.table, sizeof(*p->all));
	if (!p->row || !p->all) {
		att_peers_free(p);
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	}
	*out = p;
	return ATT_OK;
}

void att_peers_free(att_peers *p)
{
	if (!p)
		return;
	free(p->row);
	free(p->all);
	free(p);
}

/* FNV-1a. */
static struct att_peer **row_of(att_peers *p, const uint8_t *key)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < ATT_PEER_KEY; i++)
		h = (h ^ key[i]) * 16777619u;
	return &p->row[(h ^ h >> 16) & (p->rows - 1)];
}

/* The entry of the peer that has been away for longest; NULL when all are connected. */
static struct att_peer *forget_one(att_peers *p)
{
	struct att_peer *oldest = NULL;

	for (unsigned i = 0; i < p->limits.table; i++) {
		struct att_peer *e = &p->all[i];
		if (!e->connections && (!oldest || e->seen_ms < oldest->seen_ms))
			oldest = e;
	}
	if (oldest) {
		struct att_peer **link = row_of(p, oldest->key);
		while (*link && *link != oldest)
			link = &(*link)->next;
		if (*link)
			*link = oldest->next;
	}
	return oldest;
}

static struct att_peer *add(att_peers *p, const uint8_t *key, int64_t now_ms)
{
	struct att_peer *e = p->fresh < p->limits.table ? &p->all[p->fresh++] : forget_one(p);

	if (!e)
		return NULL;
	struct att_peer **row = row_of(p, key);
	*e = (struct att_peer){ .next = *row,
				.tokens = (int64_t)p->limits.burst * 1000,
				.seen_ms = now_ms };
	memcpy(e->key, key, ATT_PEER_KEY);
	*row = e;
	return e;
}

struct att_peer *att_peers_enter(att_peers *p, const uint8_t key[static ATT_PEER_KEY],
				 int64_t now_ms)
{
	struct att_peer *e = *row_of(p, key);

	while (e && memcmp(e->key, key, ATT_PEER_KEY) != 0)
		e = e->next;
	if (!e)
		e = add(p, key, now_ms);
	if (!e || (p->limits.connections && e->connections >= p->limits.connections))
		return NULL;
	e->connections++;
	return e;
}

void att_peers_leave(struct att_peer *peer)
{
	peer->connections--;
}

unsigned att_peers_ask(att_peers *p, struct att_peer *peer, int64_t now_ms)
{
	int64_t full = (int64_t)p->limits.burst * 1000;
	int64_t rate = p->limits.requests_per_s; /* thousandths a millisecond */
	int64_t passed = now_ms - peer->seen_ms;

	if (!rate)
		return 0;
	/* So long an absence fills any bucket, and the product below stays small. */
	if (passed > full / rate + 1)
		passed = full / rate + 1;
	if (passed > 0) {
		peer->tokens += passed * rate;
		peer->seen_ms = now_ms;
	}
	if (peer->tokens > full)
		peer->tokens = full;
	if (peer->tokens < 1000)
		return (unsigned)((1000 - peer->tokens + rate * 1000 - 1) / (rate * 1000));
	peer->tokens -= 1000;
	return 0;
}
