/* SPDX-License-Identifier: Apache-2.0 */
/* One connection: request in, answer out, and again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/http_internal.h"

#define LINGER_MS 2000
#define STEPS_MAX 128                /* before others have their turn */
#define KEEP_IN   ((size_t)16 << 10) /* an input buffer that grew beyond is given back */
#define NEVER     INT64_MAX
/* Larger bodies may come in so many at a time: all connections together would take gigabytes. */
#define LARGE     ((size_t)64 << 10)
#define LARGE_MAX 32u

static void set_deadline(struct att_conn *c, unsigned ms)
{
	c->deadline = att_loop_ms(c->server->loop) + ms;
}

bool att_conn_idle(const struct att_conn *c)
{
	return c->state == ATT_CONN_READ && c->in.len == 0;
}

static void drop_request(struct att_conn *c)
{
	c->server->large -= c->large;
	c->large = false;
	att_http_request_free(&c->request);
	c->head = (struct att_http_head){ 0 };
	c->chunks = (struct att_http_chunks){ 0 };
	att_buf_free(&c->body);
	c->body = (att_buf){ .max = c->server->limits.body_max };
	c->head_len = c->head_seen = c->used = 0;
}

static void destroy(struct att_conn *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	att_http_server *s = c->server;
	drop_request(c);
	att_buf_free(&c->body);
	att_buf_free(&c->in);
	att_buf_free(&c->tail);
	att_buf_free(&c->reply.extra);
	att_http_answer_free(c->answer);
	att_timer_free(c->delay);
	free(c);
	att_http_server_closed(s);
}

/* The socket goes; the connection itself when nobody stands on it any more. */
static void hang_up(struct att_conn *c)
{
	if (c->state == ATT_CONN_CLOSED)
		return;
	c->state = ATT_CONN_CLOSED;
	c->deadline = NEVER;
	att_watch_free(c->watch);
	SSL_free(c->ssl);
	close(c->fd);
	c->watch = NULL;
	c->ssl = NULL;
	c->server->counts.connections--;
	if (c->peer)
		att_peers_leave(c->peer);
}

static void wait_for(struct att_conn *c, unsigned what)
{
	if (!att_watch_for(c->watch, what))
		hang_up(c);
}

void att_conn_close(struct att_conn *c)
{
	hang_up(c);
	if (!c->owed && !c->running && !c->posted)
		destroy(c);
}

/* --- Answering --- */

/* What the head says of this very answer. */
static void put_tail(struct att_conn *c)
{
	c->tail.len = 0;
	att_put_str(&c->tail, att_http_server_date(c->server));
	if (c->reply.extra.len)
		att_put(&c->tail, att_buf_bytes(&c->reply.extra));
	if (c->close_after)
		att_put_str(&c->tail, "Connection: close\r\n");
	else if (c->head.old)
		att_put_str(&c->tail, "Connection: keep-alive\r\n");
	att_put_str(&c->tail, "\r\n");
	att_buf_free(&c->reply.extra);
}

static void start_sending(struct att_conn *c)
{
	c->close_after = c->close_after || !c->head.keep_alive || c->server->stopping;
	put_tail(c);
	c->state = ATT_CONN_SEND;
	c->sent = 0;
	set_deadline(c, c->server->limits.send_ms);
	c->server->counts.answers[c->answer->status / 100]++;
	if (c->tail.failed)
		hang_up(c);
}

static void on_delay(void *ctx)
{
	struct att_conn *c = ctx;

	if (c->state == ATT_CONN_DELAY) {
		start_sending(c);
		att_conn_run(c);
	}
}

/* The spaces that answers end in lie in memory once; they move while there are more of them, so
 * nobody keeps a pointer. */
static bool make_blanks(att_buf *b, size_t len)
{
	size_t at = b->len;

	if (at >= len)
		return true;
	att_put_zero(b, len - at);
	if (b->failed) {
		b->failed = false; /* the next one may find memory */
		return false;
	}
	memset(b->ptr + at, ' ', len - at);
	return true;
}

/* Takes the answer over. */
static void answer_with(struct att_conn *c, att_http_answer *a)
{
	c->answer = a;
	if (!make_blanks(&c->server->blanks, a->blank)) {
		hang_up(c);
		return;
	}
	if (!a->delay_ms) {
		start_sending(c);
		return;
	}
	if (!c->delay && att_timer_new(c->server->loop, on_delay, c, &c->delay, NULL) != ATT_OK) {
		hang_up(c);
		return;
	}
	c->state = ATT_CONN_DELAY;
	c->deadline = NEVER;
	att_timer_set(c->delay, a->delay_ms);
}

/* An answer of our own, without a body. */
static void answer_status(struct att_conn *c, int status, const char *retry_after)
{
	struct att_http_response r = { .status = status };
	att_http_answer *a = NULL;

	if (retry_after)
		att_http_put_header(&r, "Retry-After", retry_after);
	if (att_http_answer_new(&r, &a, NULL) != ATT_OK)
		a = att_http_answer_ref(c->server->failure);
	att_http_response_free(&r);
	answer_with(c, a);
}

/* The framing is wrong, too large or too slow: nothing of this connection is read any more. */
static void refuse(struct att_conn *c, int status)
{
	c->server->counts.malformed += status != 408;
	c->close_after = true;
	c->unread = true;
	answer_status(c, status, NULL);
}

/* --- Replies of the handler --- */

/* In the loop's thread. */
static void complete(struct att_task *task)
{
	struct att_http_reply *reply = (struct att_http_reply *)task;
	struct att_conn *c = reply->conn;
	att_http_answer *a = ATT_STEAL(reply->answer);

	c->owed = false;
	c->server->counts.waiting--;
	if (c->state == ATT_CONN_CLOSED) {
		att_http_answer_free(a);
		att_conn_close(c);
		return;
	}
	answer_with(c, a);
	att_conn_run(c);
}

static void hand_back(att_http_reply *reply, att_http_answer *a)
{
	att_http_server *s = reply->conn->server;

	reply->answer = a;
	reply->task.run = complete;
	if (atomic_load_explicit(&s->thread, memory_order_relaxed) == (uintptr_t)pthread_self())
		complete(&reply->task);
	else
		att_loop_post(s->loop, &reply->task);
}

void att_http_reply_send(att_http_reply *reply, struct att_http_response *r)
{
	att_http_answer *a = NULL;

	if (att_http_answer_new(r, &a, NULL) != ATT_OK)
		a = att_http_answer_ref(reply->conn->server->failure);
	att_http_response_free(r);
	hand_back(reply, a);
}

void att_http_reply_answer(att_http_reply *reply, att_http_answer *a,
			   const struct att_http_field *extra, size_t extra_count)
{
	struct att_http_response fields = { 0 };

	for (size_t i = 0; i < extra_count; i++)
		att_http_put_header(&fields, extra[i].name, extra[i].value);
	for (size_t i = 0; i < fields.header_count; i++)
		att_putf(&reply->extra, "%s: %s\r\n", fields.headers[i].name,
			 fields.headers[i].value);
	att_http_response_free(&fields);
	if (reply->extra.failed)
		att_buf_free(&reply->extra);
	hand_back(reply, att_http_answer_ref(a));
}

const char *att_http_reply_peer(const att_http_reply *reply)
{
	return reply->conn->peer_name;
}

bool att_http_reply_is_tls(const att_http_reply *reply)
{
	return reply->conn->ssl != NULL;
}

/* --- Reading a request --- */

static void dispatch(struct att_conn *c)
{
	att_http_server *s = c->server;
	unsigned wait = c->peer ? att_peers_ask(s->peers, c->peer, att_loop_ms(s->loop)) : 0;

	if (wait) {
		char seconds[16];
		snprintf(seconds, sizeof(seconds), "%u", wait);
		s->counts.limited++;
		answer_status(c, 429, seconds);
		return;
	}
	s->counts.requests++;
	s->counts.waiting++;
	c->state = ATT_CONN_ANSWER;
	c->deadline = NEVER;
	c->owed = true;
	c->reply.conn = c;
	atomic_store_explicit(&s->thread, (uintptr_t)pthread_self(), memory_order_relaxed);
	s->handler(s->ctx, &c->request, &c->reply);
}

/* False: it could not be said, and the connection is closed. */
static bool say_continue(struct att_conn *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const struct iovec v = { (void *)(uintptr_t)text, sizeof(text) - 1 };

	c->sent = 0;
	if (att_io_send(c, &v, 1, v.iov_len) == ATT_IO_DONE)
		return true;
	hang_up(c);
	return false;
}

/* May the body be so long? When not, it was refused. */
static bool has_room(struct att_conn *c, uint64_t len)
{
	if (len <= LARGE || c->large)
		return true;
	if (c->server->large == LARGE_MAX) {
		c->server->counts.refused++;
		c->close_after = c->unread = true;
		answer_status(c, 503, "1");
		return false;
	}
	c->large = true;
	c->server->large++;
	return true;
}

/* False: more has to come, or it was refused. */
static bool read_head(struct att_conn *c)
{
	const struct att_http_limits *limits = &c->server->limits;
	att_bytes in = att_buf_bytes(&c->in);
	size_t len = att_http_head_len(in, &c->head_seen);

	if ((len ? len : in.len) > limits->head_max) {
		refuse(c, 431);
		return false;
	}
	if (!len)
		return false;
	c->head_len = len;
	if (att_http_head_parse(att_bytes_of(in.ptr, len), &c->request, &c->head, NULL) != ATT_OK) {
		refuse(c, c->head.status);
		return false;
	}
	if (c->head.framing == ATT_HTTP_LENGTH && c->head.length > limits->body_max) {
		refuse(c, 413);
		return false;
	}
	if (c->head.framing == ATT_HTTP_LENGTH && !has_room(c, c->head.length))
		return false;
	set_deadline(c, limits->body_ms);
	return !c->head.expects_continue || in.len != len || say_continue(c);
}

static bool read_chunks(struct att_conn *c)
{
	size_t used = 0;
	att_bytes in = att_bytes_of(c->in.ptr + c->head_len, c->in.len - c->head_len);
	att_rc rc =
	    att_http_chunks_take(&c->chunks, in, c->server->limits.body_max, &c->body, &used, NULL);

	if (rc != ATT_OK) {
		refuse(c, rc == ATT_E_ARG ? 413 : rc == ATT_E_NOMEM ? 500 : 400);
		return false;
	}
	memmove(c->in.ptr + c->head_len, c->in.ptr + c->head_len + used, in.len - used);
	c->in.len -= used;
	c->used = c->head_len;
	c->request.body = att_buf_bytes(&c->body);
	return has_room(c, c->body.len) && c->chunks.done;
}

/* Has the whole request come? It may have been refused too. */
static bool read_request(struct att_conn *c)
{
	if (!c->head_len && !read_head(c))
		return false;
	if (c->head.framing == ATT_HTTP_CHUNKED)
		return read_chunks(c);
	size_t length = (size_t)c->head.length;
	if (c->in.len - c->head_len < length)
		return false;
	c->request.body = att_bytes_of(c->in.ptr + c->head_len, length);
	c->used = c->head_len + length;
	return true;
}

/* --- Steps: each says whether there is another to take at once --- */

static bool step_handshake(struct att_conn *c)
{
	enum att_io io = att_io_handshake(c);

	if (io == ATT_IO_DONE) {
		c->state = ATT_CONN_READ;
		c->readable = true;
		set_deadline(c, c->server->limits.idle_ms);
		return true;
	}
	if (io == ATT_IO_END) {
		c->server->counts.malformed++;
		hang_up(c);
	} else {
		wait_for(c, io == ATT_IO_READ ? ATT_WATCH_READ : ATT_WATCH_WRITE);
	}
	return false;
}

static bool step_read(struct att_conn *c)
{
	if (c->in.len && read_request(c))
		dispatch(c);
	if (c->state != ATT_CONN_READ)
		return true;
	if (!c->readable) {
		wait_for(c, ATT_WATCH_READ);
		return false;
	}
	bool first = c->in.len == 0;
	enum att_io io = att_io_read(c);
	if (io == ATT_IO_END) {
		hang_up(c);
		return false;
	}
	c->readable = io == ATT_IO_DONE && att_io_pending(c);
	if (io == ATT_IO_DONE && first)
		set_deadline(c, c->server->limits.head_ms);
	if (io == ATT_IO_WRITE)
		wait_for(c, ATT_WATCH_WRITE);
	return io != ATT_IO_WRITE;
}

/* The answer is out. */
static void sent_all(struct att_conn *c)
{
	att_http_server *s = c->server;
	bool cut = c->answer->cut_at && c->answer->cut_at < c->answer->body.len;

	s->counts.sent_bytes += c->sent;
	att_http_answer_free(ATT_STEAL(c->answer));
	if (cut) {
		hang_up(c);
		return;
	}
	if (c->close_after) {
		att_io_finish(c);
		if (!c->unread) {
			hang_up(c);
			return;
		}
		c->state = ATT_CONN_LINGER;
		set_deadline(c, LINGER_MS);
		return;
	}
	size_t left = c->in.len - c->used;
	if (left)
		memmove(c->in.ptr, c->in.ptr + c->used, left);
	c->in.len = left;
	if (!left && c->in.cap > KEEP_IN) {
		size_t max = c->in.max;
		att_buf_free(&c->in);
		c->in = (att_buf){ .max = max };
	}
	drop_request(c);
	c->state = ATT_CONN_READ;
	c->readable = att_io_pending(c);
	set_deadline(c, left ? s->limits.head_ms : s->limits.idle_ms);
}

static bool step_send(struct att_conn *c)
{
	const att_http_answer *a = c->answer;
	bool bare = strcmp(c->request.method, "HEAD") == 0;
	size_t body = a->cut_at && a->cut_at < a->body.len ? a->cut_at : a->body.len;
	const struct iovec v[] = { { a->head.ptr, a->head.len },
				   { c->tail.ptr, c->tail.len },
				   { a->body.ptr, bare ? 0 : body },
				   { c->server->blanks.ptr, bare || a->cut_at ? 0 : a->blank } };
	size_t total = v[0].iov_len + v[1].iov_len + v[2].iov_len + v[3].iov_len;
	enum att_io io = att_io_send(c, v, ATT_COUNT(v), total);

	if (io == ATT_IO_DONE) {
		sent_all(c);
		return true;
	}
	if (io == ATT_IO_END)
		hang_up(c);
	else
		wait_for(c, io == ATT_IO_WRITE ? ATT_WATCH_WRITE : ATT_WATCH_READ);
	return false;
}

static bool step_linger(struct att_conn *c)
{
	ssize_t n = read(c->fd, c->server->scratch, ATT_HTTP_SCRATCH);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		wait_for(c, ATT_WATCH_READ);
	else
		hang_up(c);
	return false;
}

static bool step(struct att_conn *c)
{
	switch (c->state) {
	case ATT_CONN_HANDSHAKE:
		return step_handshake(c);
	case ATT_CONN_READ:
		return step_read(c);
	case ATT_CONN_SEND:
		return step_send(c);
	case ATT_CONN_LINGER:
		return step_linger(c);
	case ATT_CONN_ANSWER:
	case ATT_CONN_DELAY:
		wait_for(c, 0);
		return false;
	case ATT_CONN_CLOSED:
	default:
		return false;
	}
}

static void run_again(struct att_task *task)
{
	struct att_conn *c =
	    (struct att_conn *)((uint8_t *)task - offsetof(struct att_conn, again));

	c->posted = false;
	att_conn_run(c);
}

void att_conn_run(struct att_conn *c)
{
	bool more = true;

	if (c->running)
		return;
	c->running = true;
	for (int i = 0; more && i < STEPS_MAX; i++)
		more = step(c);
	c->running = false;
	if (c->state == ATT_CONN_CLOSED) {
		att_conn_close(c);
	} else if (more && !c->posted) {
		c->posted = true;
		c->again.run = run_again;
		att_loop_post(c->server->loop, &c->again);
	}
}

void att_conn_late(struct att_conn *c)
{
	c->server->counts.timeouts += c->state != ATT_CONN_LINGER;
	if (c->state != ATT_CONN_READ || c->in.len == 0) {
		att_conn_close(c);
		return;
	}
	refuse(c, 408);
	att_conn_run(c);
}

/* --- Opening --- */

static void on_ready(void *ctx, unsigned what)
{
	struct att_conn *c = ctx;

	(void)what;
	c->readable = true;
	att_conn_run(c);
}

bool att_conn_open(att_http_server *s, int fd, SSL_CTX *tls, struct att_peer *peer,
		   const char *peer_name)
{
	struct att_conn *c = calloc(1, sizeof(*c));
	bool ok = c && att_watch_new(s->loop, fd, on_ready, c, &c->watch, NULL) == ATT_OK;

	if (ok && tls) {
		c->ssl = SSL_new(tls);
		ok = c->ssl && SSL_set_fd(c->ssl, fd) == 1;
	}
	if (!ok) {
		if (c) {
			att_watch_free(c->watch);
			SSL_free(c->ssl);
		}
		free(c);
		close(fd);
		return false;
	}
	c->server = s;
	c->fd = fd;
	c->peer = peer;
	c->state = tls ? ATT_CONN_HANDSHAKE : ATT_CONN_READ;
	c->in.max = s->limits.head_max + s->limits.body_max + 2 * ATT_HTTP_SCRATCH;
	c->body.max = s->limits.body_max;
	snprintf(c->peer_name, sizeof(c->peer_name), "%s", peer_name);
	set_deadline(c, tls ? s->limits.head_ms : s->limits.idle_ms);
	c->next = s->conns;
	c->link = &s->conns;
	if (c->next)
		c->next->link = &c->next;
	s->conns = c;
	s->counts.connections++;
	c->readable = true;
	att_conn_run(c);
	return true;
}
