/* SPDX-License-Identifier: Apache-2.0 */
/* The socket of a simulated aesmd, with our client and with clients that behave badly. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../platform/aesm_backend.h"
#include "platform/aesm/frame.h"
#include "service/aesm_server.h"

struct world {
	char folder[32];
	char path[64];
	char name[64];
	struct fake fake;
	struct att_aesm_backend backend;
	struct att_aesm_server server;
	att_loop *loop;
	att_aesm_service *service;
	pthread_t thread;
	bool running;
	struct att_aesm_client client;
	struct att_aesm_key_id key;
};

static void *run(void *arg)
{
	struct world *w = arg;

	assert_int_equal(att_loop_run(w->loop, NULL), ATT_OK);
	return NULL;
}

static void start(struct world *w, struct att_aesm_listen listen)
{
	att_err err = { 0 };

	listen.path = w->path;
	if (att_aesm_service_new(w->loop, &w->server, &listen, &w->service, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(pthread_create(&w->thread, NULL, run, w), 0);
	w->running = true;
}

static void stop(struct world *w)
{
	if (!w->running)
		return;
	att_loop_stop(w->loop);
	pthread_join(w->thread, NULL);
	w->running = false;
}

static int set_up(void **state)
{
	struct world *w = test_calloc(1, sizeof(*w));

	snprintf(w->folder, sizeof(w->folder), "/tmp/attest-aesm-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->path, sizeof(w->path), "%s/aesm.socket", w->folder);
	snprintf(w->name, sizeof(w->name), "attest-test-%s", w->folder + 17);
	w->backend = fake_backend(&w->fake);
	w->server =
	    (struct att_aesm_server){ .backend = &w->backend, .preferred = ATT_AESM_ECDSA_P256 };
	w->client = (struct att_aesm_client){ .path = w->path };
	assert_int_equal(att_aesm_key_id_make(ATT_AESM_ECDSA_P256, &w->key, NULL), ATT_OK);
	assert_int_equal(att_loop_new(NULL, &w->loop, NULL), ATT_OK);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	stop(w);
	att_aesm_service_free(w->service);
	att_loop_free(w->loop);
	assert_int_equal(rmdir(w->folder), 0); /* the socket is gone */
	test_free(w);
	return 0;
}

static int dial(const struct world *w)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, w->path, strlen(w->path));
	assert_int_equal(connect(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* True when the server closed the connection without a word. */
static bool closed_silently(int fd)
{
	uint8_t byte;
	ssize_t n = recv(fd, &byte, 1, 0);
	bool closed = n == 0 || (n < 0 && errno == ECONNRESET);

	close(fd);
	return closed;
}

static void quote(struct world *w)
{
	static const uint8_t report[ATT_AESM_REPORT];
	uint32_t size;
	att_auto_buf att_buf b = { 0 };
	att_err err = { 0 };

	if (att_aesm_get_quote_size_ex(&w->client, &w->key, &size, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(att_aesm_get_quote_ex(&w->client, &w->key, report, size, NULL, &b, NULL),
			 ATT_OK);
	assert_int_equal(b.len, FAKE_QUOTE_LEN);
}

static void a_client_gets_its_quote(void **state)
{
	struct world *w = *state;
	struct stat st;
	uint64_t answered, dropped;

	start(w, (struct att_aesm_listen){ 0 });
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0777);
	quote(w);
	stop(w);
	att_aesm_service_counts(w->service, &answered, &dropped);
	assert_int_equal(answered, 5); /* size: 42, probe, init, size; quote */
	assert_int_equal(dropped, 0);
}

static void the_abstract_name_comes_first(void **state)
{
	struct world *w = *state;
	const char *path = w->path;

	w->client.abstract = w->name;
	start(w, (struct att_aesm_listen){ .abstract = w->name });
	w->client.path = "/nowhere";
	quote(w);
	w->client.path = path;
	w->client.abstract = "attest-test-nobody-listens-here";
	quote(w);
}

static void the_abstract_name_alone(void **state)
{
	struct world *w = *state;
	const struct att_aesm_listen listen = { .abstract = w->name };

	assert_int_equal(att_aesm_service_new(w->loop, &w->server, &listen, &w->service, NULL),
			 ATT_OK);
	assert_int_not_equal(access(w->path, F_OK), 0);
}

static void bad_clients_cost_their_connection(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} rows[] = {
		{ "\0\0\0\0", 4 },
		{ "\xff\xff\xff\xff", 4 },
		{ "GET / HTTP/1.1\r\n\r\n", 18 },
		{ "\x03\0\0\0\xf8\x01\0", 7 },
		{ "\x04\0\0\0\x0a\0\x62\0", 8 },
	};
	struct world *w = *state;
	uint64_t answered, dropped;

	start(w, (struct att_aesm_listen){ 0 });
	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		int fd = dial(w);
		assert_int_equal(send(fd, rows[i].bytes, rows[i].len, MSG_NOSIGNAL), rows[i].len);
		assert_true(closed_silently(fd));
	}
	/* Gone in the middle of its request. */
	int fd = dial(w);
	assert_int_equal(send(fd, "\x03\0", 2, MSG_NOSIGNAL), 2);
	shutdown(fd, SHUT_WR);
	assert_true(closed_silently(fd));
	quote(w);
	stop(w);
	att_aesm_service_counts(w->service, &answered, &dropped);
	assert_int_equal(dropped, ATT_COUNT(rows) + 1);
}

static void a_request_may_come_byte_by_byte(void **state)
{
	static const char ask[] = "\x05\0\0\0\x62\x03\x48\x98\x75";
	struct world *w = *state;
	uint8_t answer[32];

	start(w, (struct att_aesm_listen){ 0 });
	int fd = dial(w);
	for (size_t i = 0; i < sizeof(ask) - 1; i++)
		assert_int_equal(send(fd, ask + i, 1, MSG_NOSIGNAL), 1);
	assert_int_equal(recv(fd, answer, 10, MSG_WAITALL), 10);
	assert_memory_equal(answer, "\x06\0\0\0\x62\x04\x08\0\x10\x03", 10);
	assert_true(closed_silently(fd)); /* one request a connection */
}

static void idlers_are_let_go(void **state)
{
	struct world *w = *state;

	start(w, (struct att_aesm_listen){ .timeout_ms = 20 });
	int fd = dial(w);
	assert_true(closed_silently(fd));
	quote(w);
}

/* With room for one connection the others wait, and come when it has ended. */
static void connections_are_counted(void **state)
{
	struct world *w = *state;

	start(w, (struct att_aesm_listen){ .connections = 1, .timeout_ms = 100 });
	int idle = dial(w);
	uint8_t byte;
	quote(w);
	assert_int_equal(recv(idle, &byte, 1, MSG_DONTWAIT), 0); /* it had ended before */
	assert_true(closed_silently(idle));
}

static void a_place_that_is_taken(void **state)
{
	struct world *w = *state;
	const struct att_aesm_listen listen = { .path = w->path }, none = { 0 };
	char too_long[200];
	const struct att_aesm_listen far = { .path = too_long };
	att_aesm_service *second = NULL;

	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = 0;
	start(w, (struct att_aesm_listen){ 0 });
	assert_int_equal(att_aesm_service_new(w->loop, &w->server, &listen, &second, NULL),
			 ATT_E_UNAVAILABLE);
	assert_null(second);
	assert_int_equal(att_aesm_service_new(w->loop, &w->server, &none, &second, NULL),
			 ATT_E_ARG);
	assert_int_equal(att_aesm_service_new(w->loop, &w->server, &far, &second, NULL), ATT_E_ARG);
	quote(w);
}

static void a_stale_socket_is_replaced(void **state)
{
	struct world *w = *state;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, w->path, strlen(w->path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
	start(w, (struct att_aesm_listen){ 0 });
	quote(w);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_gets_its_quote),         TEST(the_abstract_name_comes_first),
		TEST(the_abstract_name_alone),         TEST(bad_clients_cost_their_connection),
		TEST(a_request_may_come_byte_by_byte), TEST(idlers_are_let_go),
		TEST(connections_are_counted),         TEST(a_place_that_is_taken),
		TEST(a_stale_socket_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
