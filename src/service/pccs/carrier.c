/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pccs/carrier.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/pccs/cache.h"

#define WORKERS_MAX   64u
#define QUEUE_MAX     4096u
#define QUEUE_MS      15000 /* longer nobody waits to be heard by the upstream */
#define CACHE_ENTRIES 4096u
#define CACHE_BYTES   ((size_t)8 << 20)
/* What is due is looked for about so often; jitter keeps replicas apart. */
#define TICK_MS   INT64_C(60000)
#define JITTER_MS INT64_C(20000)

struct job {
	struct job *next;
	const struct att_http_request *request; /* NULL: refresh */
	att_http_reply *reply;
	bool all;
	bool waits; /* for the upstream */
	int64_t since;
};

struct lane {
	struct job *first;
	struct job **last;
	size_t count;
};

struct att_pccs_carrier {
	struct att_pccs_carrier_options o;
	const att_http_server *server;
	att_pccs_cache *cache;
	att_timer *timer;
	int64_t next_all; /* when the schedule wants everything refreshed */
	uint64_t random;
	att_buf key; /* of the loop's thread */
	uint64_t id_start;
	uint64_t id_count; /* atomic */

	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* What waits for the upstream leaves some threads to the rest: it may not answer at all. */
	struct lane quick;
	struct lane slow;
	unsigned waiting; /* threads busy with the slow lane */
	unsigned waiting_max;
	bool refreshing;
	bool ending;
	unsigned started;
	pthread_t thread[WORKERS_MAX];
};

/* --- Answering --- */

struct request_id {
	char name[12];
	char value[36];
	struct att_http_field field;
};

/* A number for each answer, so that a client's trouble can be found in a trace (PCS: Request-ID).
 * The field lends from *out. */
static void make_id(att_pccs_carrier *c, struct request_id *out)
{
	uint64_t n = __atomic_add_fetch(&c->id_count, 1, __ATOMIC_RELAXED);

	snprintf(out->name, sizeof(out->name), "Request-ID");
	snprintf(out->value, sizeof(out->value), "%016" PRIx64 "%016" PRIx64, c->id_start, n);
	out->field = (struct att_http_field){ out->name, out->value };
}

static void send(att_pccs_carrier *c, att_http_reply *reply, struct att_http_response *r)
{
	struct request_id id;

	make_id(c, &id);
	att_http_put_header(r, id.name, id.value);
	att_http_reply_send(reply, r);
}

/* What is asked, in one form whatever else stands in the request. */
static bool key_of(const struct att_http_request *request, att_buf *key)
{
	struct att_pcs_request r;

	key->len = 0;
	if (strcmp(request->method, "GET") != 0 || att_pcs_read(request, &r, NULL) != ATT_OK)
		return false;
	att_pcs_put_target(key, &r);
	return att_buf_ok(key, NULL) == ATT_OK;
}

/* Sends an answer that may be given again, and keeps it. */
static bool keep(att_pccs_carrier *c, const struct job *job, struct att_http_response *r,
		 uint64_t generation, int64_t until)
{
	att_auto_buf att_buf key = { 0 };
	att_http_answer *answer = NULL;
	struct att_pcs_request what;
	size_t size = r->body.len;
	struct request_id id;

	if (!key_of(job->request, &key) || att_pcs_read(job->request, &what, NULL) != ATT_OK ||
	    att_http_answer_new(r, &answer, NULL) != ATT_OK)
		return false;
	att_pccs_cache_put(c->cache, att_buf_bytes(&key), generation, until, what.what, answer,
			   size);
	make_id(c, &id);
	att_http_reply_answer(job->reply, answer, &id.field, 1);
	att_http_answer_free(answer);
	return true;
}

static void answer_ready(att_pccs_carrier *c, att_http_reply *reply)
{
	struct att_http_response r = { 0 };
	char why[256];

	r.status =
	    att_pccs_ready(c->o.pccs, c->o.clock.now(c->o.clock.ctx), why, sizeof(why)) ? 200 : 503;
	att_http_put_header(&r, "Content-Type", "text/plain; charset=utf-8");
	att_putf(&r.body, "%s\n", why);
	send(c, reply, &r);
}

static void answer(att_pccs_carrier *c, const struct job *job)
{
	struct att_http_response r = { 0 };
	int64_t until = 0;
	int64_t now = c->o.clock.now(c->o.clock.ctx);
	uint64_t generation = att_pccs_generation(c->o.pccs);

	if (strcmp(job->request->path, "/readyz") == 0) {
		answer_ready(c, job->reply);
		return;
	}
	att_pccs_answer(c->o.pccs, job->request, now, &r, &until);
	/* What came in while it was made changed the generation: then it is not kept. */
	if (until <= now || r.status != 200 || !keep(c, job, &r, generation, until))
		send(c, job->reply, &r);
	att_http_response_free(&r);
}

/* --- Threads --- */

static void push(struct lane *l, struct job *job)
{
	job->next = NULL;
	*l->last = job;
	l->last = &job->next;
	l->count++;
}

static struct job *pop(struct lane *l)
{
	struct job *job = l->first;

	if (!job)
		return NULL;
	l->first = job->next;
	if (!l->first)
		l->last = &l->first;
	l->count--;
	return job;
}

static struct job *take(att_pccs_carrier *c)
{
	struct job *job = NULL;

	pthread_mutex_lock(&c->lock);
	while (!job && !c->ending) {
		job = pop(&c->quick);
		if (!job && c->waiting < c->waiting_max) {
			job = pop(&c->slow);
			c->waiting += job != NULL;
		}
		if (!job)
			pthread_cond_wait(&c->wake, &c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return job;
}

static void refuse(att_pccs_carrier *c, att_http_reply *reply)
{
	struct att_http_response r = { .status = 503 };

	att_http_put_header(&r, "Retry-After", "1");
	att_put_str(&r.body, "Server is currently unable to process the request.\n");
	send(c, reply, &r);
}

/* Puts a job that has to wait into the other lane. */
static void put_off(att_pccs_carrier *c, struct job *job)
{
	job->waits = true;
	job->since = c->o.clock.mono_ms(c->o.clock.ctx);
	pthread_mutex_lock(&c->lock);
	bool room = c->slow.count < QUEUE_MAX;
	if (room)
		push(&c->slow, job);
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
	if (room)
		return;
	refuse(c, job->reply);
	free(job);
}

static void end_wait(att_pccs_carrier *c, const struct job *job)
{
	pthread_mutex_lock(&c->lock);
	c->refreshing = c->refreshing && job->request;
	c->waiting--;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

static void do_job(att_pccs_carrier *c, const struct job *job)
{
	if (!job->request)
		att_pccs_refresh(c->o.pccs, c->o.clock.now(c->o.clock.ctx), job->all);
	else if (job->waits && c->o.clock.mono_ms(c->o.clock.ctx) - job->since > QUEUE_MS)
		refuse(c, job->reply);
	else
		answer(c, job);
	if (job->waits)
		end_wait(c, job);
}

static void *work(void *ctx)
{
	att_pccs_carrier *c = ctx;

	for (struct job *job = take(c); job; job = take(c)) {
		if (!job->waits &&
		    att_pccs_waits(c->o.pccs, job->request, c->o.clock.now(c->o.clock.ctx))) {
			put_off(c, job);
			continue;
		}
		do_job(c, job);
		free(job);
	}
	return NULL;
}

static bool enqueue(att_pccs_carrier *c, const struct job *wanted)
{
	struct job *job = malloc(sizeof(*job));
	bool ok = false;

	if (!job)
		return false;
	*job = *wanted;
	job->waits = !job->request;
	struct lane *lane = job->waits ? &c->slow : &c->quick;
	pthread_mutex_lock(&c->lock);
	if (!c->ending && lane->count < QUEUE_MAX && !(c->refreshing && !job->request)) {
		push(lane, job);
		c->refreshing |= !job->request;
		pthread_cond_signal(&c->wake);
		ok = true;
	}
	pthread_mutex_unlock(&c->lock);
	if (!ok)
		free(job);
	return ok;
}

/* --- In the loop's thread --- */

static void put_server_metrics(const att_http_server *server, att_buf *b)
{
	struct att_http_counts n = att_http_server_counts(server);
	const struct {
		const char *name;
		const char *type;
		const char *help;
		uint64_t value;
	} rows[] = {
		{ "http_connections_total", "counter", "Connections accepted.", n.accepted },
		{ "http_refused_total", "counter", "Connections refused.", n.refused },
		{ "http_requests_total", "counter", "Whole requests.", n.requests },
		{ "http_limited_total", "counter", "Requests over the rate limit.", n.limited },
		{ "http_malformed_total", "counter", "Malformed requests.", n.malformed },
		{ "http_timeouts_total", "counter", "Connections too slow.", n.timeouts },
		{ "http_sent_bytes_total", "counter", "Bytes sent.", n.sent_bytes },
		{ "http_connections", "gauge", "Connections open.", n.connections },
		{ "http_waiting", "gauge", "Requests being answered.", n.waiting },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++)
		att_putf(b,
			 "# HELP attest_pccs_%s %s\n# TYPE attest_pccs_%s %s\n"
			 "attest_pccs_%s %" PRIu64 "\n",
			 rows[i].name, rows[i].help, rows[i].name, rows[i].type, rows[i].name,
			 rows[i].value);
}

static bool answer_own(att_pccs_carrier *c, const struct att_http_request *request,
		       att_http_reply *reply)
{
	struct att_http_response r = { .status = 200 };

	if (strcmp(request->path, "/healthz") == 0) {
		att_http_put_header(&r, "Content-Type", "text/plain; charset=utf-8");
		att_put_str(&r.body, "alive\n");
	} else if (strcmp(request->path, "/metrics") == 0) {
		att_http_put_header(&r, "Content-Type", "text/plain; version=0.0.4");
		att_pccs_put_metrics(c->o.pccs, att_loop_now(c->o.loop), &r.body);
		if (c->server)
			put_server_metrics(c->server, &r.body);
	} else {
		return false;
	}
	send(c, reply, &r);
	return true;
}

void att_pccs_carrier_handle(void *ctx, const struct att_http_request *request,
			     att_http_reply *reply)
{
	att_pccs_carrier *c = ctx;
	enum att_pcs_what what = ATT_PCS_COUNT;
	struct request_id id;

	if (key_of(request, &c->key)) {
		att_http_answer *kept = att_pccs_cache_get(c->cache, att_buf_bytes(&c->key),
							   att_pccs_generation(c->o.pccs),
							   att_loop_now(c->o.loop), &what);
		if (kept) {
			make_id(c, &id);
			att_pccs_count_kept(c->o.pccs, what);
			att_http_reply_answer(reply, kept, &id.field, 1);
			att_http_answer_free(kept);
			return;
		}
	} else if (answer_own(c, request, reply)) {
		return;
	}
	if (!enqueue(c, &(struct job){ .request = request, .reply = reply }))
		refuse(c, reply);
}

static int64_t jitter(att_pccs_carrier *c)
{
	/* Any sequence serves; this one is xorshift64. */
	c->random ^= c->random << 13;
	c->random ^= c->random >> 7;
	c->random ^= c->random << 17;
	return (int64_t)(c->random % (2 * JITTER_MS)) - JITTER_MS;
}

static void tick(void *ctx)
{
	att_pccs_carrier *c = ctx;
	int64_t now = att_loop_now(c->o.loop);
	bool all = now >= c->next_all;

	if (enqueue(c, &(struct job){ .all = all }) && all)
		c->next_all = att_cron_next(c->o.schedule, now);
	att_timer_set(c->timer, TICK_MS + jitter(c));
}

/* --- Life --- */

static att_rc start_threads(att_pccs_carrier *c, att_err *err)
{
	sigset_t all, before;

	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (c->started < c->o.workers &&
	       pthread_create(&c->thread[c->started], NULL, work, c) == 0)
		c->started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (c->started < c->o.workers)
		return att_fail(err, ATT_E_UNAVAILABLE, "can not start %u threads", c->o.workers);
	return ATT_OK;
}

static att_rc start(att_pccs_carrier *c, att_err *err)
{
	c->cache = att_pccs_cache_new(CACHE_ENTRIES, CACHE_BYTES);
	if (!c->cache)
		return att_fail(err, ATT_E_NOMEM, "caching service: out of memory");
	att_rc rc = att_timer_new(c->o.loop, tick, c, &c->timer, err);
	if (rc == ATT_OK)
		rc = start_threads(c, err);
	if (rc == ATT_OK)
		att_timer_set(c->timer, TICK_MS / 2 + jitter(c));
	return rc;
}

att_rc att_pccs_carrier_new(const struct att_pccs_carrier_options *options, att_pccs_carrier **out,
			    att_err *err)
{
	*out = NULL;
	att_pccs_carrier *c = calloc(1, sizeof(*c));
	if (!c)
		return att_fail(err, ATT_E_NOMEM, "caching service: out of memory");
	c->o = *options;
	if (c->o.workers == 0 || c->o.workers > WORKERS_MAX)
		c->o.workers = c->o.workers ? WORKERS_MAX : 1;
	c->waiting_max = c->o.workers > 1 ? c->o.workers - (c->o.workers + 3) / 4 : 1;
	c->quick.last = &c->quick.first;
	c->slow.last = &c->slow.first;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->wake, NULL);
	/* Numbers start elsewhere in every process; nothing depends on their being secret. */
	c->id_start = ((uint64_t)c->o.clock.mono_ms(c->o.clock.ctx) ^ (uint64_t)(uintptr_t)c) *
		      UINT64_C(0x9e3779b97f4a7c15);
	c->random = c->id_start | 1;
	c->next_all =
	    c->o.schedule ? att_cron_next(c->o.schedule, att_loop_now(c->o.loop)) : INT64_MAX;
	att_rc rc = start(c, err);
	if (rc != ATT_OK) {
		att_pccs_carrier_free(c);
		return rc;
	}
	*out = c;
	return ATT_OK;
}

void att_pccs_carrier_show(att_pccs_carrier *c, const att_http_server *server)
{
	c->server = server;
}

void att_pccs_carrier_free(att_pccs_carrier *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->ending = true;
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->started; i++)
		pthread_join(c->thread[i], NULL);
	for (struct job *job; (job = pop(&c->quick)) || (job = pop(&c->slow));) {
		if (job->request)
			refuse(c, job->reply);
		free(job);
	}
	att_timer_free(c->timer);
	att_pccs_cache_free(c->cache);
	att_buf_free(&c->key);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
