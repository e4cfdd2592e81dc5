/* SPDX-License-Identifier: Apache-2.0 */
#include "service/lines.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/net.h"

#define CLIENTS_MAX 16u
#define IDLE_MS     10000
#define SWEEP_MS    1000
#define CHUNK       4096u

struct client {
	att_lines *server;
	att_watch *watch;
	int fd;
	int64_t until; /* milliseconds: the next line's end has to come */
	att_buf in;
};

struct att_lines {
	att_loop *loop;
	int fd;
	att_watch *watch;
	size_t max;
	att_line_handler handler;
	void *ctx;
	att_timer *sweep;
	struct client clients[CLIENTS_MAX];
};

static void hang_up(struct client *c)
{
	if (!c->watch)
		return;
	att_watch_free(c->watch);
	close(c->fd);
	att_buf_free(&c->in);
	*c = (struct client){ .server = c->server };
}

/* Answers what is whole; false: hang up. */
static bool answer_lines(struct client *c)
{
	uint8_t *end;

	while (c->in.len && (end = memchr(c->in.ptr, '\n', c->in.len))) {
		att_auto_buf att_buf answer = { 0 };
		size_t len = (size_t)(end - c->in.ptr);
		if (!c->server->handler(c->server->ctx, att_bytes_of(c->in.ptr, len), &answer) ||
		    answer.failed ||
		    send(c->fd, answer.ptr, answer.len, MSG_NOSIGNAL) != (ssize_t)answer.len)
			return false;
		c->until = att_loop_ms(c->server->loop) + IDLE_MS;
		c->in.len -= len + 1;
		memmove(c->in.ptr, end + 1, c->in.len);
	}
	return c->in.len < c->server->max;
}

static void on_ready(void *ctx, unsigned what)
{
	struct client *c = ctx;
	uint8_t chunk[CHUNK];
	ssize_t n = recv(c->fd, chunk, sizeof(chunk), 0);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		att_put_mem(&c->in, chunk, (size_t)n);
	if (n <= 0 || c->in.failed || !answer_lines(c))
		hang_up(c);
}

static void on_accept(void *ctx, unsigned what)
{
	att_lines *s = ctx;
	att_auto_fd int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	size_t i = 0;

	(void)what;
	while (i < CLIENTS_MAX && s->clients[i].watch)
		i++;
	if (fd < 0 || i == CLIENTS_MAX)
		return;
	struct client *c = &s->clients[i];
	*c = (struct client){ .server = s,
			      .fd = fd,
			      .until = att_loop_ms(s->loop) + IDLE_MS,
			      .in.max = s->max + CHUNK };
	if (att_watch_new(s->loop, fd, on_ready, c, &c->watch, NULL) != ATT_OK)
		return;
	fd = -1;
	if (!att_watch_for(c->watch, ATT_WATCH_READ))
		hang_up(c);
}

static void on_sweep(void *ctx)
{
	att_lines *s = ctx;
	int64_t now = att_loop_ms(s->loop);

	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (s->clients[i].watch && now >= s->clients[i].until)
			hang_up(&s->clients[i]);
	}
	att_timer_set(s->sweep, SWEEP_MS);
}

att_rc att_lines_new(att_loop *l, int fd, size_t max, att_line_handler handler, void *ctx,
		     att_lines **out, att_err *err)
{
	att_auto_fd int owned = fd;

	*out = NULL;
	att_lines *s = calloc(1, sizeof(*s));
	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	*s = (struct att_lines){ .loop = l, .fd = fd, .max = max, .handler = handler, .ctx = ctx };
	owned = -1;
	att_rc rc = att_watch_new(l, fd, on_accept, s, &s->watch, err);
	if (rc == ATT_OK && !att_watch_for(s->watch, ATT_WATCH_READ))
		rc = att_fail(err, ATT_E_IO, "the socket can not be watched");
	if (rc == ATT_OK)
		rc = att_timer_new(l, on_sweep, s, &s->sweep, err);
	if (rc != ATT_OK) {
		att_lines_free(s);
		return rc;
	}
	att_timer_set(s->sweep, SWEEP_MS);
	*out = s;
	return ATT_OK;
}

void att_lines_free(att_lines *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		hang_up(&s->clients[i]);
	att_timer_free(s->sweep);
	att_watch_free(s->watch);
	close(s->fd);
	free(s);
}
