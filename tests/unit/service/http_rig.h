/* SPDX-License-Identifier: Apache-2.0 */
/* A server with a handler for each thing to try, the clock it runs on, and clients over real
 * sockets. */
#ifndef TESTS_UNIT_SERVICE_HTTP_RIG_H
#define TESTS_UNIT_SERVICE_HTTP_RIG_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "clock.h"
#include "service/daemon.h"
#include "service/http_server.h"
#include "service/net.h"
#include "service/tls.h"

#define TURNS 2000

struct fixture {
	struct test_time time;
	att_loop *loop;
	att_http_server *server;
	unsigned port;
	struct ssl_ctx_st *tls;
	att_http_reply *held; /* a request that /hold keeps */
	att_http_answer *shared;
	unsigned stopped;
};

static void answer_later(struct fixture *f, att_http_reply *reply)
{
	f->held = reply;
}

static void handler(void *ctx, const struct att_http_request *r, att_http_reply *reply)
{
	struct fixture *f = ctx;
	struct att_http_response a = { .status = 200 };
	const struct att_http_field extra[] = {
		{ (char *)(uintptr_t) "Request-ID", (char *)(uintptr_t) "42" },
		{ (char *)(uintptr_t) "Bad", (char *)(uintptr_t) "a\r\nb" }
	};

	if (strcmp(r->path, "/hold") == 0) {
		answer_later(f, reply);
		return;
	}
	if (strcmp(r->path, "/shared") == 0) {
		att_http_reply_answer(reply, f->shared, extra, 2);
		return;
	}
	att_http_put_header(&a, "Content-Type", "text/plain");
	att_putf(&a.body, "%s %s %zu from %s", r->method, r->path, r->body.len,
		 att_http_reply_peer(reply));
	if (strcmp(r->path, "/nothing") == 0)
		a.status = 0;
	if (strcmp(r->path, "/cut") == 0)
		a.cut_at = 3;
	if (strncmp(r->path, "/blank", 6) == 0)
		a.blank = strtoul(r->path + 6, NULL, 10);
	if (strcmp(r->path, "/late") == 0)
		a.delay_ms = 5000;
	if (strcmp(r->path, "/large") == 0)
		att_put_zero(&a.body, (size_t)4 << 20);
	att_http_reply_send(reply, &a);
}

static struct fixture *start(const struct att_http_limits *limits, bool tls)
{
	struct fixture *f = calloc(1, sizeof(*f));
	att_auto_buf att_buf chain = { 0 }, key = { 0 }, ca = { 0 };
	struct att_http_response shared = { .status = 200 };
	int fd;

	assert_non_null(f);
	f->time = (struct test_time){ .now = 1750000000, .ms = 1000000 };
	struct att_clock clock = test_clock(&f->time);
	assert_int_equal(att_loop_new(&clock, &f->loop, NULL), ATT_OK);
	assert_int_equal(att_http_server_new(f->loop, limits, handler, f, &f->server, NULL),
			 ATT_OK);
	att_put_str(&shared.body, "shared");
	assert_int_equal(att_http_answer_new(&shared, &f->shared, NULL), ATT_OK);
	if (tls) {
		assert_int_equal(att_tls_make("localhost", 1750000000, 9, &chain, &key, &ca, NULL),
				 ATT_OK);
		assert_int_equal(
		    att_tls_new(att_buf_bytes(&chain), att_buf_bytes(&key), &f->tls, NULL), ATT_OK);
	}
	assert_int_equal(att_net_listen("127.0.0.1:0", &fd, NULL), ATT_OK);
	f->port = att_net_port(fd);
	assert_int_equal(att_http_server_listen(f->server, fd, f->tls, NULL), ATT_OK);
	return f;
}

static void finish(struct fixture *f)
{
	att_http_server_free(f->server);
	att_http_answer_free(f->shared);
	att_tls_free(f->tls);
	att_loop_free(f->loop);
	free(f);
}

static int dial_from(unsigned port, const char *address)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(inet_pton(AF_INET, address, &a.sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	a.sin_port = htons((uint16_t)port);
	assert_int_equal(inet_pton(AF_INET, "127.0.0.1", &a.sin_addr), 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static int dial(const struct fixture *f)
{
	return dial_from(f->port, "127.0.0.1");
}

static void say(int fd, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 1) == 1;
}

/* Turns the loop until `want` is in what came, or the server hung up. Returns the text. */
static const char *hear(struct fixture *f, int fd, const char *want)
{
	static char text[8192];
	size_t len = 0;

	memset(text, 0, sizeof(text));
	for (int i = 0; i < TURNS; i++) {
		att_loop_turn(f->loop);
		if (!readable(fd))
			continue;
		ssize_t n = recv(fd, text + len, sizeof(text) - 1 - len, 0);
		if (n <= 0 || len + (size_t)n >= sizeof(text) - 1)
			return text;
		len += (size_t)n;
		if (want && strstr(text, want))
			return text;
	}
	fail_msg("'%s' did not come, but '%s'", want ? want : "the end", text);
	return text;
}

static void settle(struct fixture *f)
{
	for (int i = 0; i < 50; i++)
		att_loop_turn(f->loop);
}

/* Lets time pass, with turns in between as a running loop has them. */
static void pass(struct fixture *f, int64_t ms)
{
	settle(f);
	for (int64_t until = f->time.ms + ms; f->time.ms < until;) {
		f->time.ms += 250;
		att_loop_turn(f->loop);
	}
	settle(f);
}

/* One request on a connection of its own. */
static const char *ask(struct fixture *f, const char *request, const char *want)
{
	att_auto_fd int fd = dial(f);

	say(fd, request);
	return hear(f, fd, want);
}

#endif
