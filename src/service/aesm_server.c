/* SPDX-License-Identifier: Apache-2.0 */
#include "service/aesm_server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/aesm/frame.h"
#include "service/net.h"

#define CONNECTIONS 64u
#define TIMEOUT_MS  15000u
#define LISTENERS   2u
#define PIECE       4096u
#define SOCKET_MODE 0777u
#define REST_MS     100 /* of the listeners, when the process has no descriptor left */

struct listener {
	att_aesm_service *service;
	int fd;
	att_watch *watch;
};

struct connection {
	struct connection *next, *prev;
	att_aesm_service *service;
	int fd;
	att_watch *watch;
	att_timer *timer;
	att_buf in; /* the request's frame, as far as it has come */
	att_buf out;
	size_t sent;
};

struct att_aesm_service {
	att_loop *loop;
	struct att_aesm_server *server;
	unsigned limit;
	unsigned timeout_ms;
	struct listener listeners[LISTENERS];
	att_timer *rest;
	char *path;
	struct connection *first;
	unsigned open;
	uint64_t answered;
	uint64_t dropped;
};

/* Listeners rest while there are as many connections as there may be. */
static void watch_listeners(att_aesm_service *s, unsigned what)
{
	bool watched = true;

	for (size_t i = 0; i < LISTENERS; i++)
		if (s->listeners[i].watch)
			watched = att_watch_for(s->listeners[i].watch, what) && watched;
	if (!watched)
		att_timer_set(s->rest, REST_MS);
}

static void listen_again(att_aesm_service *s)
{
	watch_listeners(s, s->open < s->limit ? ATT_WATCH_READ : 0);
}

static void rested(void *ctx)
{
	listen_again(ctx);
}

static void rest(att_aesm_service *s)
{
	watch_listeners(s, 0);
	att_timer_set(s->rest, REST_MS);
}

static void free_connection(struct connection *c)
{
	att_watch_free(c->watch);
	att_timer_free(c->timer);
	if (c->fd >= 0)
		close(c->fd);
	att_buf_free(&c->in);
	att_buf_free(&c->out);
	free(c);
}

static void end(struct connection *c)
{
	att_aesm_service *s = c->service;

	if (c->prev)
		c->prev->next = c->next;
	else
		s->first = c->next;
	if (c->next)
		c->next->prev = c->prev;
	s->open--;
	listen_again(s);
	free_connection(c);
}

static void drop(struct connection *c)
{
	c->service->dropped++;
	end(c);
}

static void timed_out(void *ctx)
{
	drop(ctx);
}

/* How many bytes of the request are still to come; false when its header announces what can not
 * be. */
static bool missing(const struct connection *c, size_t *n)
{
	size_t body = 0;

	if (c->in.len < ATT_AESM_HEADER) {
		*n = ATT_AESM_HEADER - c->in.len;
		return true;
	}
	if (att_aesm_header(c->in.ptr, &body, NULL) != ATT_OK)
		return false;
	*n = ATT_AESM_HEADER + body - c->in.len;
	return true;
}

static void send_answer(struct connection *c)
{
	ssize_t n =
	    send(c->fd, c->out.ptr + c->sent, c->out.len - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			drop(c);
		return;
	}
	c->sent += (size_t)n;
	if (c->sent == c->out.len) {
		c->service->answered++;
		end(c);
	}
}

static void answer(struct connection *c)
{
	if (att_aesm_answer(c->service->server, att_buf_bytes(&c->in), &c->out, NULL) != ATT_OK ||
	    !att_watch_for(c->watch, ATT_WATCH_WRITE)) {
		drop(c);
		return;
	}
	att_buf_free(&c->in);
	send_answer(c);
}

static void receive(struct connection *c)
{
	uint8_t piece[PIECE];
	size_t want;

	if (!missing(c, &want)) {
		drop(c);
		return;
	}
	ssize_t n = recv(c->fd, piece, want < PIECE ? want : PIECE, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop(c);
		return;
	}
	att_put_mem(&c->in, piece, (size_t)n);
	if (c->in.failed || !missing(c, &want))
		drop(c);
	else if (want == 0)
		answer(c);
}

static void ready(void *ctx, unsigned what)
{
	struct connection *c = ctx;

	(void)what;
	if (c->out.len)
		send_answer(c);
	else
		receive(c);
}

/* Owns fd from here on. */
static bool begin(att_aesm_service *s, int fd)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return false;
	}
	c->service = s;
	c->fd = fd;
	c->in.max = ATT_AESM_HEADER + ATT_AESM_BODY_MAX;
	if (att_watch_new(s->loop, fd, ready, c, &c->watch, NULL) != ATT_OK ||
	    att_timer_new(s->loop, timed_out, c, &c->timer, NULL) != ATT_OK ||
	    !att_watch_for(c->watch, ATT_WATCH_READ)) {
		free_connection(c);
		return false;
	}
	att_timer_set(c->timer, s->timeout_ms);
	c->next = s->first;
	if (s->first)
		s->first->prev = c;
	s->first = c;
	s->open++;
	listen_again(s);
	return true;
}

/* One connection a turn, so that many who come do not keep those waiting who are here. */
static void somebody_comes(void *ctx, unsigned what)
{
	struct listener *l = ctx;
	att_aesm_service *s = l->service;

	(void)what;
	int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0 && !begin(s, fd))
		s->dropped++;
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
		rest(s);
}

static att_rc start_listener(att_aesm_service *s, size_t i, att_err *err)
{
	struct listener *l = &s->listeners[i];
	att_rc rc = att_watch_new(s->loop, l->fd, somebody_comes, l, &l->watch, err);

	if (rc == ATT_OK && !att_watch_for(l->watch, ATT_WATCH_READ))
		rc = att_fail(err, ATT_E_IO, "the AESM socket can not be watched");
	return rc;
}

static att_rc listen_at_path(att_aesm_service *s, const char *path, att_err *err)
{
	char *copy = strdup(path);

	if (!copy)
		return att_fail(err, ATT_E_NOMEM, "AESM service: out of memory");
	att_rc rc = att_net_listen_unix(path, SOCK_STREAM, SOCKET_MODE, &s->listeners[0].fd, err);
	if (rc != ATT_OK) {
		free(copy);
		return rc;
	}
	s->path = copy;
	return start_listener(s, 0, err);
}

static att_rc listen_everywhere(att_aesm_service *s, const struct att_aesm_listen *o, att_err *err)
{
	att_rc rc = ATT_OK;

	if (o->path)
		rc = listen_at_path(s, o->path, err);
	if (rc != ATT_OK || !o->abstract)
		return rc;
	rc = att_net_listen_abstract(o->abstract, SOCK_STREAM, &s->listeners[1].fd, err);
	return rc == ATT_OK ? start_listener(s, 1, err) : rc;
}

att_rc att_aesm_service_new(att_loop *loop, struct att_aesm_server *server,
			    const struct att_aesm_listen *options, att_aesm_service **out,
			    att_err *err)
{
	*out = NULL;
	if (!options->path && !options->abstract)
		return att_fail(err, ATT_E_ARG, "AESM service: neither a path nor a name");
	att_aesm_service *s = calloc(1, sizeof(*s));
	if (!s)
		return att_fail(err, ATT_E_NOMEM, "AESM service: out of memory");
	*s = (att_aesm_service){
		.loop = loop,
		.server = server,
		.limit = options->connections ? options->connections : CONNECTIONS,
		.timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS,
		.listeners = { { .service = s, .fd = -1 }, { .service = s, .fd = -1 } },
	};
	att_rc rc = att_timer_new(loop, rested, s, &s->rest, err);
	if (rc == ATT_OK)
		rc = listen_everywhere(s, options, err);
	if (rc != ATT_OK) {
		att_aesm_service_free(s);
		return att_wrap(err, rc, "AESM service");
	}
	*out = s;
	return ATT_OK;
}

void att_aesm_service_free(att_aesm_service *s)
{
	if (!s)
		return;
	while (s->first) {
		struct connection *c = s->first;
		s->first = c->next;
		free_connection(c);
	}
	for (size_t i = 0; i < LISTENERS; i++) {
		att_watch_free(s->listeners[i].watch);
		if (s->listeners[i].fd >= 0)
			close(s->listeners[i].fd);
	}
	att_timer_free(s->rest);
	if (s->path)
		unlink(s->path);
	free(s->path);
	free(s);
}

void att_aesm_service_counts(const att_aesm_service *s, uint64_t *answered, uint64_t *dropped)
{
	*answered = s->answered;
	*dropped = s->dropped;
}
