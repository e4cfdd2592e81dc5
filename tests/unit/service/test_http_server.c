/* SPDX-License-Identifier: Apache-2.0 */
/* The server over real sockets, with a clock that the test turns: what is malformed, too large, too
 * slow or too much costs a connection and nothing else. */
#include "http_rig.h"

static void test_answers(void **state)
{
	struct fixture *f = start(NULL, false);
	att_auto_fd int fd = dial(f);

	(void)state;
	say(fd, "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n");
	const char *text = hear(f, fd, "127.0.0.1");
	assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(text, "Content-Length: 23\r\n"));
	assert_non_null(strstr(text, "Date: Sun, 15 Jun 2025 15:06:40 GMT\r\n"));
	assert_non_null(strstr(text, "GET /a 0 from 127.0.0.1"));
	/* The same connection again: a body by length, one in chunks, two requests at once. */
	say(fd, "PUT /b HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
	hear(f, fd, "PUT /b 5 from 127.0.0.1");
	say(fd, "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg");
	settle(f);
	say(fd, "\r\n0\r\n\r\n");
	hear(f, fd, "POST /c 7 from 127.0.0.1");
	say(fd, "GET /d HTTP/1.1\r\n\r\nGET /e HTTP/1.1\r\n\r\n");
	hear(f, fd, "GET /e 0 from 127.0.0.1");
	/* HEAD says the length and sends nothing. */
	say(fd, "HEAD /shared HTTP/1.1\r\n\r\nGET /f HTTP/1.1\r\n\r\n");
	text = hear(f, fd, "GET /f 0");
	assert_non_null(strstr(text, "Content-Length: 6\r\n"));
	assert_non_null(strstr(text, "Request-ID: 42\r\n"));
	assert_null(strstr(text, "Bad:"));
	assert_null(strstr(text, "shared"));
	say(fd, "GET /shared HTTP/1.1\r\nConnection: close\r\n\r\n");
	text = hear(f, fd, NULL);
	assert_non_null(strstr(text, "Connection: close\r\n\r\nshared"));
	assert_int_equal(att_http_server_counts(f->server).requests, 8);
	assert_int_equal(att_http_server_counts(f->server).answers[2], 8);
	assert_int_equal(att_http_server_counts(f->server).connections, 0);
	finish(f);
}

static void test_old_clients(void **state)
{
	struct fixture *f = start(NULL, false);

	(void)state;
	assert_non_null(strstr(ask(f, "GET / HTTP/1.0\r\n\r\n", NULL), "Connection: close\r\n"));
	assert_non_null(
	    strstr(ask(f, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / 0"),
		   "Connection: keep-alive\r\n"));
	assert_non_null(
	    strstr(ask(f, "POST / HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
		       "Continue"),
		   "HTTP/1.1 100 Continue\r\n\r\n"));
	finish(f);
}

static void test_malformed(void **state)
{
	static const struct {
		const char *request;
		const char *status;
	} all[] = {
		{ "nonsense\r\n\r\n", " 400 " },
		{ "\x16\x03\x01\x02\r\n\r\n", " 400 " },
		{ "GET / HTTP/3.0\r\n\r\n", " 505 " },
		{ "PATCH / HTTP/1.1\r\n\r\n", " 501 " },
		{ "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", " 400 " },
		{ "POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", " 413 " },
		{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", " 413 " },
		{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\n", " 400 " },
		{ "GET /nothing HTTP/1.1\r\nConnection: close\r\n\r\n", " 500 " },
	};
	const struct att_http_limits limits = { .body_max = 100 };
	struct fixture *f = start(&limits, false);

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(all); i++)
		assert_non_null(strstr(ask(f, all[i].request, NULL), all[i].status));
	assert_int_equal(att_http_server_counts(f->server).malformed, ATT_COUNT(all) - 1);
	finish(f);
}

static void test_long_heads(void **state)
{
	const struct att_http_limits limits = { .head_max = 1000 };
	struct fixture *f = start(&limits, false);
	char text[1200];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	memcpy(text, "GET /", 5);
	assert_non_null(strstr(ask(f, text, NULL), " 431 "));
	memcpy(text + 1150, " HTTP/1.1\r\n\r\n", 14);
	assert_non_null(strstr(ask(f, text, NULL), " 431 "));
	memcpy(text + 900, " HTTP/1.1\r\n\r\n", 14);
	assert_non_null(strstr(ask(f, text, "GET /aaa"), " 200 "));
	finish(f);
}

static void test_slow_clients(void **state)
{
	struct fixture *f = start(NULL, false);
	att_auto_fd int idle = dial(f);
	att_auto_fd int head = dial(f);
	att_auto_fd int body = dial(f);

	(void)state;
	say(head, "GET / HT");
	say(body, "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n1234");
	pass(f, 9000);
	/* One more byte does not give more time. */
	say(head, "T");
	pass(f, 1500);
	assert_non_null(strstr(hear(f, head, NULL), " 408 "));
	assert_false(readable(body));
	pass(f, 20000);
	assert_non_null(strstr(hear(f, body, NULL), " 408 "));
	assert_false(readable(idle));
	pass(f, 30000);
	assert_string_equal(hear(f, idle, NULL), "");
	assert_int_equal(att_http_server_counts(f->server).timeouts, 3);
	finish(f);
}

static void test_client_that_does_not_read(void **state)
{
	struct fixture *f = start(NULL, false);
	att_auto_fd int fd = dial(f);
	int small = 4096;

	(void)state;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	say(fd, "GET /large HTTP/1.1\r\n\r\n");
	pass(f, 29000);
	assert_int_equal(att_http_server_counts(f->server).connections, 1);
	pass(f, 2000);
	assert_int_equal(att_http_server_counts(f->server).connections, 0);
	finish(f);
}

static void test_delay_and_cut(void **state)
{
	struct fixture *f = start(NULL, false);
	att_auto_fd int fd = dial(f);

	(void)state;
	say(fd, "GET /late HTTP/1.1\r\n\r\n");
	pass(f, 4500);
	assert_false(readable(fd));
	pass(f, 1000);
	hear(f, fd, "GET /late");
	say(fd, "GET /cut HTTP/1.1\r\n\r\n");
	const char *text = hear(f, fd, NULL);
	assert_non_null(strstr(text, "Content-Length: 25\r\n"));
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\nGET");
	finish(f);
}

/* Where all are busy, nobody makes room. */
static void test_nobody_idle(void **state)
{
	const struct att_http_limits limits = { .connections = 2, .connections_per_peer = 8 };
	struct fixture *f = start(&limits, false);
	int fd[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		fd[i] = dial(f);
		say(fd[i], "GET / HT");
		settle(f);
	}
	assert_int_equal(att_http_server_counts(f->server).connections, 2);
	assert_int_equal(att_http_server_counts(f->server).refused, 1);
	for (int i = 0; i < 2; i++) {
		say(fd[i], "TP/1.1\r\n\r\n");
		hear(f, fd[i], " 200 OK");
	}
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	finish(f);
}

/* What they end in lies in memory once, and grows with the longest. */
static void test_blank_ends(void **state)
{
	static const unsigned lengths[] = { 2, 300, 0, 40 };
	struct fixture *f = start(NULL, false);
	char request[64], length[64], end[400];

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(lengths); i++) {
		unsigned n = lengths[i];
		int path = snprintf(request, sizeof(request), "GET /blank%u", n);
		int body = path + (int)strlen(" 0 from 127.0.0.1");

		snprintf(request + path, sizeof(request) - (size_t)path, " HTTP/1.1\r\n\r\n");
		snprintf(length, sizeof(length), "Content-Length: %u\r\n", (unsigned)body + n);
		snprintf(end, sizeof(end), " from 127.0.0.1%*s", (int)n, "");
		const char *text = ask(f, request, end);
		assert_non_null(strstr(text, length));
		text = strstr(text, "\r\n\r\n") + 4;
		assert_int_equal(strlen(text), (unsigned)body + n);
		assert_string_equal(text + strlen(text) - strlen(end), end);
	}
	finish(f);
}

static void test_too_many_connections(void **state)
{
	const struct att_http_limits limits = { .connections = 3, .connections_per_peer = 8 };
	struct fixture *f = start(&limits, false);
	int fd[4];

	(void)state;
	for (int i = 0; i < 3; i++) {
		fd[i] = dial(f);
		pass(f, 250);
	}
	say(fd[0], "GET /hold HTTP/1.1\r\n\r\n");
	settle(f);
	/* The longest idle one makes room; who is being served does not. */
	fd[3] = dial(f);
	settle(f);
	assert_string_equal(hear(f, fd[1], NULL), "");
	say(fd[3], "GET / HTTP/1.1\r\n\r\n");
	hear(f, fd[3], "GET / 0");
	assert_int_equal(att_http_server_counts(f->server).connections, 3);
	struct att_http_response r = { .status = 200 };
	att_http_reply_send(f->held, &r);
	hear(f, fd[0], " 200 OK");
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	finish(f);
}

static void test_too_many_of_one_peer(void **state)
{
	const struct att_http_limits limits = { .connections_per_peer = 2,
						.requests_per_s = 1,
						.requests_burst = 2 };
	struct fixture *f = start(&limits, false);
	att_auto_fd int one = dial(f);
	att_auto_fd int two = dial(f);
	att_auto_fd int three = dial(f);

	(void)state;
	assert_string_equal(hear(f, three, NULL), "");
	say(one, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
	settle(f);
	say(two, "GET / HTTP/1.1\r\n\r\n");
	assert_non_null(strstr(hear(f, two, "\r\n\r\n"), "Retry-After: 1\r\n"));
	pass(f, 1000);
	say(two, "GET /again HTTP/1.1\r\n\r\n");
	hear(f, two, "GET /again");
	assert_int_equal(att_http_server_counts(f->server).refused, 1);
	assert_int_equal(att_http_server_counts(f->server).limited, 1);
	finish(f);
}

static void *reply_from_thread(void *arg)
{
	struct att_http_response r = { .status = 404 };

	att_put_str(&r.body, "by a thread");
	att_http_reply_send(arg, &r);
	return NULL;
}

/* Bodies that fill the memory are few at a time, whoever sends them. */
static void test_large_bodies(void **state)
{
	static const char large[] =
	    "POST /a HTTP/1.1\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n";
	static const char chunked[] = "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
	struct fixture *f = start(NULL, false);
	char *chunk = calloc(1, 65552);
	int fd[33];

	(void)state;
	for (size_t i = 0; i < 32; i++) {
		say(fd[i] = dial(f), large);
		assert_non_null(hear(f, fd[i], "100 Continue"));
	}
	say(fd[32] = dial(f), large);
	assert_non_null(strstr(hear(f, fd[32], "503"), "Retry-After: 1"));
	close(fd[32]);
	say(fd[32] = dial(f), chunked);
	memset(chunk, 'x', 7 + 65537);
	memcpy(chunk, "10001\r\n", 7);
	say(fd[32], chunk);
	assert_non_null(strstr(hear(f, fd[32], "503"), "503"));
	close(fd[32]);
	/* A place that is free is given again. */
	close(fd[0]);
	say(fd[32] = dial(f), chunked);
	say(fd[32], chunk);
	say(fd[32], "\r\n0\r\n\r\n");
	assert_non_null(strstr(hear(f, fd[32], "/b 65537"), "200 OK"));
	for (size_t i = 1; i < 33; i++)
		close(fd[i]);
	free(chunk);
	finish(f);
}

/* Clients by IPv4 of a socket of IPv6 are no single peer. */
static void test_peers_of_both_families(void **state)
{
	const struct att_http_limits limits = { .connections_per_peer = 1 };
	struct fixture *f = start(&limits, false);
	int fd;

	(void)state;
	assert_int_equal(att_net_listen("[::]:0", &fd, NULL), ATT_OK);
	unsigned port = att_net_port(fd);
	assert_int_equal(att_http_server_listen(f->server, fd, NULL, NULL), ATT_OK);
	static const char *const from[] = { "127.0.0.1", "127.0.0.2", "127.0.0.1" };
	int peer[3];
	for (int i = 0; i < 3; i++) {
		say(peer[i] = dial_from(port, from[i]), "GET / HTTP/1.1\r\n\r\n");
		assert_int_equal(strstr(hear(f, peer[i], from[i]), "200 OK") != NULL, i < 2);
	}
	assert_int_equal(att_http_server_counts(f->server).refused, 1);
	for (int i = 0; i < 3; i++)
		close(peer[i]);
	finish(f);
}

static void test_replies_from_threads(void **state)
{
	struct fixture *f = start(NULL, false);
	att_auto_fd int fd = dial(f);
	pthread_t thread;

	(void)state;
	for (int i = 0; i < 20; i++) {
		say(fd, "GET /hold HTTP/1.1\r\n\r\n");
		for (f->held = NULL; !f->held;)
			att_loop_turn(f->loop);
		assert_int_equal(att_http_server_counts(f->server).waiting, 1);
		assert_int_equal(pthread_create(&thread, NULL, reply_from_thread, f->held), 0);
		assert_non_null(strstr(hear(f, fd, "by a thread"), " 404 "));
		pthread_join(thread, NULL);
	}
	finish(f);
}

static void on_stopped(void *ctx)
{
	((struct fixture *)ctx)->stopped++;
}

static void test_graceful_stop(void **state)
{
	struct fixture *f = start(NULL, false);
	att_auto_fd int busy = dial(f);
	att_auto_fd int idle = dial(f);
	struct att_http_response r = { .status = 200 };

	(void)state;
	say(busy, "GET /hold HTTP/1.1\r\n\r\n");
	while (!f->held)
		att_loop_turn(f->loop);
	settle(f);
	att_http_server_stop(f->server, 5000, on_stopped, f);
	assert_string_equal(hear(f, idle, NULL), "");
	assert_int_equal(f->stopped, 0);
	att_http_reply_send(f->held, &r);
	assert_non_null(strstr(hear(f, busy, NULL), "Connection: close\r\n"));
	settle(f);
	assert_int_equal(f->stopped, 1);
	finish(f);
}

/* Time is up: the connection goes, the reply may still come. */
static void test_hard_stop(void **state)
{
	struct fixture *f = start(NULL, false);
	att_auto_fd int busy = dial(f);
	struct att_http_response r = { .status = 200 };

	(void)state;
	say(busy, "GET /hold HTTP/1.1\r\n\r\n");
	while (!f->held)
		att_loop_turn(f->loop);
	att_http_server_stop(f->server, 1000, on_stopped, f);
	pass(f, 1500);
	assert_string_equal(hear(f, busy, NULL), "");
	assert_int_equal(f->stopped, 0);
	att_http_reply_send(f->held, &r);
	settle(f);
	assert_int_equal(f->stopped, 1);
	finish(f);
}

/* A client of TLS on the same loop's turns. */
static SSL *tls_dial(struct fixture *f, SSL_CTX *ctx, int *fd, int max_version)
{
	SSL *ssl = SSL_new(ctx);
	int rc = -1;

	*fd = dial(f);
	SSL_set_max_proto_version(ssl, max_version);
	SSL_set_fd(ssl, *fd);
	SSL_set_connect_state(ssl);
	assert_int_equal(fcntl(*fd, F_SETFL, O_NONBLOCK), 0);
	for (int i = 0; i < TURNS && rc != 1; i++) {
		rc = SSL_do_handshake(ssl);
		if (rc != 1 && SSL_get_error(ssl, rc) != SSL_ERROR_WANT_READ)
			break;
		att_loop_turn(f->loop);
	}
	if (rc == 1)
		return ssl;
	SSL_free(ssl);
	close(*fd);
	return NULL;
}

static size_t tls_hear(struct fixture *f, SSL *ssl, char *text, size_t room, size_t want)
{
	size_t len = 0;

	for (int i = 0; i < 20 * TURNS && len < want; i++) {
		int n = SSL_read(ssl, text + len, (int)(room - len));
		if (n > 0)
			len += (size_t)n;
		att_loop_turn(f->loop);
	}
	return len;
}

static void test_tls(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	static char text[5 << 20];
	struct fixture *f = start(NULL, true);
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	int fd;

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(versions); i++) {
		SSL *ssl = tls_dial(f, ctx, &fd, versions[i]);
		assert_non_null(ssl);
		static const char two[] = "GET /a HTTP/1.1\r\n\r\nGET /large HTTP/1.1\r\n\r\n";
		assert_int_equal(SSL_write(ssl, two, sizeof(two) - 1), sizeof(two) - 1);
		size_t len = tls_hear(f, ssl, text, sizeof(text), (size_t)4 << 20);
		assert_true(len > (size_t)4 << 20);
		assert_non_null(strstr(text, "GET /a 0 from 127.0.0.1"));
		assert_non_null(strstr(text, "GET /large 0 from 127.0.0.1"));
		SSL_free(ssl);
		close(fd);
	}
	/* Older ones are refused, and plain HTTP is no handshake. */
	SSL_CTX_set_security_level(ctx, 0);
	assert_null(tls_dial(f, ctx, &fd, TLS1_1_VERSION));
	ask(f, "GET / HTTP/1.1\r\n\r\n", NULL);
	settle(f);
	assert_int_equal(att_http_server_counts(f->server).malformed, 2);
	SSL_CTX_free(ctx);
	finish(f);
}

static void test_answer_errors(void **state)
{
	struct att_http_response r = { .status = 99 };
	att_http_answer *a;

	(void)state;
	assert_int_equal(att_http_answer_new(&r, &a, NULL), ATT_E_ARG);
	assert_null(a);
	r.status = 200;
	r.body.failed = true;
	assert_int_equal(att_http_answer_new(&r, &a, NULL), ATT_E_NOMEM);
	att_http_response_free(&r);
	att_http_answer_free(NULL);
}

static int ignore_sigpipe(void **state)
{
	(void)state;
	att_ignore_sigpipe();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_old_clients),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_long_heads),
		cmocka_unit_test(test_slow_clients),
		cmocka_unit_test(test_client_that_does_not_read),
		cmocka_unit_test(test_delay_and_cut),
		cmocka_unit_test(test_blank_ends),
		cmocka_unit_test(test_too_many_connections),
		cmocka_unit_test(test_nobody_idle),
		cmocka_unit_test(test_too_many_of_one_peer),
		cmocka_unit_test(test_peers_of_both_families),
		cmocka_unit_test(test_large_bodies),
		cmocka_unit_test(test_replies_from_threads),
		cmocka_unit_test(test_graceful_stop),
		cmocka_unit_test(test_hard_stop),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_answer_errors),
	};

	return cmocka_run_group_tests(tests, ignore_sigpipe, NULL);
}
