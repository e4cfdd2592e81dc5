/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"
#include "service/http_internal.h"
#include "service/net.h"

#define SWEEP_MS     250
#define ACCEPT_BATCH 64

/* --- The clock's line in every head (RFC 9110 section 6.6.1) --- */

const char *att_http_server_date(att_http_server *s)
{
	static const char days[] = "ThuFriSatSunMonTueWed";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char iso[ATT_TIME_TEXT];
	int64_t now = att_loop_now(s->loop);

	if (now == s->date_of && s->date[0])
		return s->date;
	att_time_format(now, iso);
	s->date_of = now;
	unsigned month = (unsigned)(iso[5] - '0') * 10 + (unsigned)(iso[6] - '0');
	if (now < 0 || month < 1 || month > 12)
		return "";
	snprintf(s->date, sizeof(s->date), "Date: %.3s, %.2s %.3s %.4s %.8s GMT\r\n",
		 days + 3 * (now / 86400 % 7), iso + 8, months + 3 * (month - 1), iso, iso + 11);
	return s->date;
}

/* --- Accepting --- */

struct peer {
	uint8_t key[ATT_PEER_KEY];
	char name[48];
	bool counted;
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage room;
};

static struct peer peer_of(const union address *a, socklen_t len)
{
	struct peer p = { .name = "unix", .counted = true };

	if (a->any.sa_family == AF_INET)
		memcpy(p.key, &a->v4.sin_addr, sizeof(a->v4.sin_addr));
	else if (a->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr))
		memcpy(p.key, &a->v6.sin6_addr.s6_addr[12], sizeof(a->v4.sin_addr));
	else if (a->any.sa_family == AF_INET6)
		memcpy(p.key, &a->v6.sin6_addr, 8);
	else
		p.counted = false;
	if (p.counted &&
	    getnameinfo(&a->any, len, p.name, sizeof(p.name), NULL, 0, NI_NUMERICHOST) != 0)
		snprintf(p.name, sizeof(p.name), "unknown");
	return p;
}

/* Makes room for one more by closing who has been idle for longest. */
static bool evict_idle(att_http_server *s)
{
	struct att_conn *oldest = NULL;

	for (struct att_conn *c = s->conns; c; c = c->next) {
		if (att_conn_idle(c) && !c->running && (!oldest || c->deadline < oldest->deadline))
			oldest = c;
	}
	if (oldest)
		att_conn_close(oldest);
	return oldest != NULL;
}

static void accepted(struct att_listener *l, int fd, const union address *a, socklen_t len)
{
	att_http_server *s = l->server;
	struct peer who = peer_of(a, len);
	struct att_peer *peer = NULL;
	int on = 1;

	s->counts.accepted++;
	if (who.counted) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		peer = att_peers_enter(s->peers, who.key, att_loop_ms(s->loop));
	}
	bool room = s->counts.connections < s->limits.connections || evict_idle(s);
	if ((who.counted && !peer) || !room) {
		s->counts.refused++;
		if (peer)
			att_peers_leave(peer);
		close(fd);
		return;
	}
	if (!att_conn_open(s, fd, l->tls, peer, who.name)) {
		s->counts.refused++;
		if (peer)
			att_peers_leave(peer);
	}
}

/* Out of descriptors: what waits in the backlog would wake us for ever. */
static void pause_listeners(att_http_server *s, bool paused)
{
	s->paused = paused;
	for (size_t i = 0; i < s->listener_count; i++) {
		if (!att_watch_for(s->listeners[i].watch, paused ? 0 : ATT_WATCH_READ))
			s->paused = true;
	}
}

static void on_accept(void *ctx, unsigned what)
{
	struct att_listener *l = ctx;

	(void)what;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		union address a = { 0 };
		socklen_t len = sizeof(a);
		int fd = accept4(l->fd, &a.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			accepted(l, fd, &a, len);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			pause_listeners(l->server, true);
		else if (errno == ECONNABORTED || errno == EINTR)
			continue;
		return;
	}
}

/* --- Deadlines --- */

static void on_sweep(void *ctx)
{
	att_http_server *s = ctx;
	int64_t now = att_loop_ms(s->loop);
	struct att_conn *next = NULL;

	for (struct att_conn *c = s->conns; c; c = next) {
		next = c->next;
		if (s->stopping && (now >= s->stop_at || att_conn_idle(c)))
			att_conn_close(c);
		else if (now >= c->deadline)
			att_conn_late(c);
	}
	if (s->paused)
		pause_listeners(s, false);
	att_timer_set(s->sweep, SWEEP_MS);
}

/* --- The server --- */

static unsigned or_default(unsigned value, unsigned other)
{
	return value ? value : other;
}

static void fill_limits(struct att_http_limits *l)
{
	l->head_max = l->head_max ? l->head_max : (size_t)96 << 10;
	l->body_max = l->body_max ? l->body_max : (size_t)1 << 20;
	l->head_ms = or_default(l->head_ms, 10000);
	l->body_ms = or_default(l->body_ms, 30000);
	l->idle_ms = or_default(l->idle_ms, 60000);
	l->send_ms = or_default(l->send_ms, 30000);
	l->connections = or_default(l->connections, 1024);
	l->connections_per_peer = or_default(l->connections_per_peer, 256);
}

static att_rc make_parts(att_http_server *s, att_err *err)
{
	struct att_http_response failure = { .status = 500 };
	const struct att_peers_limits peers = { .connections = s->limits.connections_per_peer,
						.requests_per_s = s->limits.requests_per_s,
						.burst = s->limits.requests_burst,
						.table = 2 * s->limits.connections };

	att_rc rc = att_peers_new(&peers, &s->peers, err);
	if (rc == ATT_OK)
		rc = att_timer_new(s->loop, on_sweep, s, &s->sweep, err);
	return rc == ATT_OK ? att_http_answer_new(&failure, &s->failure, err) : rc;
}

att_rc att_http_server_new(att_loop *l, const struct att_http_limits *limits,
			   att_http_handler handler, void *ctx, att_http_server **out, att_err *err)
{
	*out = NULL;
	att_http_server *s = calloc(1, sizeof(*s));
	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	s->loop = l;
	s->handler = handler;
	s->ctx = ctx;
	if (limits)
		s->limits = *limits;
	fill_limits(&s->limits);
	att_rc rc = make_parts(s, err);
	if (rc != ATT_OK) {
		att_http_server_free(s);
		return rc;
	}
	att_timer_set(s->sweep, SWEEP_MS);
	*out = s;
	return ATT_OK;
}

static void close_listeners(att_http_server *s)
{
	for (size_t i = 0; i < s->listener_count; i++) {
		struct att_listener *l = &s->listeners[i];
		att_watch_free(l->watch);
		SSL_CTX_free(l->tls);
		close(l->fd);
	}
	s->listener_count = 0;
}

void att_http_server_free(att_http_server *s)
{
	if (!s)
		return;
	s->done = NULL;
	close_listeners(s);
	struct att_conn *next = NULL;
	for (struct att_conn *c = s->conns; c; c = next) {
		next = c->next;
		att_conn_close(c);
	}
	att_timer_free(s->sweep);
	att_peers_free(s->peers);
	att_http_answer_free(s->failure);
	att_buf_free(&s->blanks);
	free(s);
}

att_rc att_http_server_listen(att_http_server *s, int fd, struct ssl_ctx_st *tls, att_err *err)
{
	att_auto_fd int owned = fd;

	if (s->listener_count == ATT_HTTP_LISTENERS || s->stopping)
		return att_fail(err, ATT_E_ARG, "this server listens at %u places at most",
				ATT_HTTP_LISTENERS);
	struct att_listener *l = &s->listeners[s->listener_count];
	*l = (struct att_listener){ .server = s, .fd = fd, .tls = tls };
	att_rc rc = att_watch_new(s->loop, fd, on_accept, l, &l->watch, err);
	if (rc != ATT_OK)
		return rc;
	if (!att_watch_for(l->watch, ATT_WATCH_READ)) {
		att_watch_free(l->watch);
		return att_fail(err, ATT_E_IO, "the socket can not be watched");
	}
	if (tls)
		SSL_CTX_up_ref(tls);
	s->listener_count++;
	owned = -1;
	return ATT_OK;
}

/* Told from the loop, where nobody stands on what the callee may free. */
static void tell_done(struct att_task *t)
{
	att_http_server *s =
	    (att_http_server *)((uint8_t *)t - offsetof(att_http_server, done_task));
	void (*done)(void *ctx) = s->done;

	s->done = NULL;
	if (done)
		done(s->done_ctx);
}

void att_http_server_closed(att_http_server *s)
{
	if (!s->stopping || s->conns || !s->done || s->done_task.run)
		return;
	s->done_task.run = tell_done;
	att_loop_post(s->loop, &s->done_task);
}

void att_http_server_stop(att_http_server *s, unsigned ms, void (*done)(void *ctx), void *ctx)
{
	struct att_conn *next = NULL;

	s->stopping = true;
	s->done = done;
	s->done_ctx = ctx;
	s->stop_at = att_loop_ms(s->loop) + ms;
	close_listeners(s);
	for (struct att_conn *c = s->conns; c; c = next) {
		next = c->next;
		if (att_conn_idle(c) && !c->running)
			att_conn_close(c);
	}
	att_http_server_closed(s);
}

struct att_http_counts att_http_server_counts(const att_http_server *s)
{
	return s->counts;
}
