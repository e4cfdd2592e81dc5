/* SPDX-License-Identifier: Apache-2.0 */
/* The client against a peer that plays a script: each connection is one row of it. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "base/mem.h"
#include "platform/aesm/client.h"
#include "platform/aesm/frame.h"

/* What the peer sends, in pieces: a short read at every one. */
struct act {
	const char *bytes;
	size_t len;
	size_t piece; /* bytes at a time; 0: all at once */
	bool silent;  /* keeps the connection open and says nothing */
};
#define SAY(text)                                      \
	{                                              \
		.bytes = text, .len = sizeof(text) - 1 \
	}
#define SAY_BY(text, n)                                              \
	{                                                            \
		.bytes = text, .len = sizeof(text) - 1, .piece = (n) \
	}
#define ERROR_ANSWER(code) SAY("\x05\0\0\0\x8a\x01\x02\x08" code)

struct peer {
	const struct act *acts;
	size_t count;
	size_t next;
	unsigned pauses;
	unsigned last_pause;
	pthread_t thread;
	pthread_t client;
	bool running;
	bool interrupt; /* signals the client between pieces */
	int fd;
	const struct act *act;
	uint8_t request[1024];
	size_t request_len;
};

static void ignored(int signo)
{
	(void)signo;
}

static void play(struct peer *p)
{
	const struct act *a = p->act;

	for (size_t done = 0; done < a->len;) {
		size_t n = a->piece && a->len - done > a->piece ? a->piece : a->len - done;
		if (p->interrupt)
			pthread_kill(p->client, SIGUSR1);
		if (send(p->fd, a->bytes + done, n, MSG_NOSIGNAL) < 0)
			return;
		done += n;
	}
}

static void *serve(void *arg)
{
	struct peer *p = arg;
	uint8_t header[4];
	size_t len;

	if (recv(p->fd, header, 4, MSG_WAITALL) == 4) {
		len = header[0] | (size_t)header[1] << 8;
		p->request_len = len < sizeof(p->request) ? len : sizeof(p->request);
		if (recv(p->fd, p->request, p->request_len, MSG_WAITALL) != (ssize_t)p->request_len)
			p->request_len = 0;
		play(p);
	}
	if (p->act->silent)
		recv(p->fd, header, 1, 0); /* until the client goes */
	close(p->fd);
	return NULL;
}

static void join(struct peer *p)
{
	if (p->running)
		pthread_join(p->thread, NULL);
	p->running = false;
}

static att_rc connect_peer(void *ctx, int *fd, att_err *err)
{
	struct peer *p = ctx;
	int pair[2];

	(void)err;
	join(p);
	assert_true(p->next < p->count);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	p->act = &p->acts[p->next++];
	p->fd = pair[1];
	p->client = pthread_self();
	assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
	p->running = true;
	*fd = pair[0];
	return ATT_OK;
}

static void count_pause(void *ctx, unsigned ms)
{
	struct peer *p = ctx;

	p->pauses++;
	p->last_pause = ms;
}

static struct att_aesm_client client_of(struct peer *p)
{
	return (struct att_aesm_client){
		.timeout_ms = 5000, .ctx = p, .pause = count_pause, .connect = connect_peer
	};
}

/* Extended group 7, by one connection. */
static att_rc group_by(struct peer *p, uint32_t *group, att_err *err)
{
	const struct att_aesm_client c = client_of(p);
	att_rc rc = att_aesm_extended_group(&c, group, err);

	join(p);
	return rc;
}

#define GROUP_7 "\x06\0\0\0\x62\x04\x08\x00\x10\x07"

static void answers_come_in_any_pieces(void **state)
{
	(void)state;
	for (size_t piece = 0; piece < sizeof(GROUP_7); piece++) {
		const struct act act = SAY_BY(GROUP_7, piece);
		struct peer p = { .acts = &act, .count = 1 };
		uint32_t group = 0;

		assert_int_equal(group_by(&p, &group, NULL), ATT_OK);
		assert_int_equal(group, 7);
		assert_int_equal(p.request_len, 5);
		assert_memory_equal(p.request, "\x62\x03\x48\x88\x27", 5); /* 5000 ms */
	}
}

static void signals_disturb_nothing(void **state)
{
	const struct sigaction on = { .sa_handler =
					  ignored }; /* no SA_RESTART: poll() gets EINTR */
	struct sigaction before;
	const struct act act = SAY_BY(GROUP_7, 1);
	struct peer p = { .acts = &act, .count = 1, .interrupt = true };
	uint32_t group = 0;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &on, &before), 0);
	assert_int_equal(group_by(&p, &group, NULL), ATT_OK);
	sigaction(SIGUSR1, &before, NULL);
	assert_int_equal(group, 7);
}

static void bad_answers(void **state)
{
	static const struct {
		struct act act;
		att_rc rc;
		const char *says;
	} rows[] = {
		{ SAY(""), ATT_E_UNAVAILABLE, "without an answer" },
		{ SAY("\x06\0"), ATT_E_TRUNCATED, "ends after 2 bytes, expected 4" },
		{ SAY("\x06\0\0\0\x62\x04"), ATT_E_TRUNCATED, "ends after 6 bytes, expected 10" },
		{ SAY("\0\0\0\0"), ATT_E_FORMAT, "0 bytes" },
		{ SAY("\xff\xff\xff\xff"), ATT_E_FORMAT, "4294967295 bytes" },
		{ SAY("HTTP/1.1 400 Bad Request\r\n"), ATT_E_FORMAT, "1347703880 bytes" },
		{ SAY("\x04\0\0\0\xff\xff\xff\xff"), ATT_E_FORMAT, "protocol buffers" },
		{ SAY("\x02\0\0\0\xf8\x01"), ATT_E_FORMAT, "" },
		{ SAY("\x02\0\0\0\x62\0"), ATT_E_FORMAT, "required" },
		{ SAY("\x04\0\0\0\x62\x02\x08\0"), ATT_E_FORMAT, "no x_group_id" },
		{ SAY("\x05\0\0\0\xaa\x01\x02\x08\0"), ATT_E_FORMAT, "answers" },
		{ SAY("\x05\0\0\0\xa2\x01\x02\x08\0"), ATT_E_UNSUPPORTED, "does not know" },
		{ SAY("\x04\0\0\0\x62\x02\x08\x1e"), ATT_E_UNAVAILABLE, "SERVICE_UNAVAILABLE" },
		{ SAY("\x04\0\0\0\x62\x02\x08\x03"), ATT_E_ARG, "PARAMETER" },
		{ SAY("\x04\0\0\0\x62\x02\x08\x7f"), ATT_E_UNAVAILABLE, "error 127" },
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct peer p = { .acts = &rows[i].act, .count = 1 };
		uint32_t group = 0;
		att_err err = { 0 };

		att_rc rc = group_by(&p, &group, &err);
		if (rc != rows[i].rc || !strstr(err.msg, rows[i].says))
			fail_msg("row %zu: %s: %s", i, att_rc_name(rc), err.msg);
		assert_int_equal(group, 0);
	}
}

static void a_silent_daemon_costs_the_time_limit(void **state)
{
	const struct act act = { .bytes = "", .silent = true };
	struct peer p = { .acts = &act, .count = 1 };
	struct att_aesm_client c = client_of(&p);
	uint32_t group;
	att_err err = { 0 };

	(void)state;
	c.timeout_ms = 20;
	assert_int_equal(att_aesm_extended_group(&c, &group, &err), ATT_E_UNAVAILABLE);
	join(&p);
	assert_non_null(strstr(err.msg, "no answer within 20 ms"));
}

static void busy_is_asked_again(void **state)
{
	static const struct act acts[] = { SAY("\x04\0\0\0\x62\x02\x08\x12"),
					   SAY("\x04\0\0\0\x62\x02\x08\x13"),
					   SAY("\x04\0\0\0\x62\x02\x08\x0d"), SAY(GROUP_7) };
	struct peer p = { .acts = acts, .count = 4 };
	uint32_t group;

	(void)state;
	assert_int_equal(group_by(&p, &group, NULL), ATT_OK);
	assert_int_equal(group, 7);
	assert_int_equal(p.pauses, 3);
	assert_int_equal(p.last_pause, 4 * ATT_AESM_PAUSE_MS);
}

static void busy_for_ever_is_given_up(void **state)
{
	static const struct act acts[] = { SAY("\x04\0\0\0\x62\x02\x08\x12"),
					   SAY("\x04\0\0\0\x62\x02\x08\x12"),
					   SAY("\x04\0\0\0\x62\x02\x08\x12") };
	struct peer p = { .acts = acts, .count = 3 };
	struct att_aesm_client c = client_of(&p);
	uint32_t group;
	att_err err = { 0 };

	(void)state;
	c.tries = 3;
	assert_int_equal(att_aesm_extended_group(&c, &group, &err), ATT_E_UNAVAILABLE);
	join(&p);
	assert_int_equal(p.pauses, 2);
	assert_int_equal(p.next, 3);
	assert_non_null(strstr(err.msg, "BUSY"));
}

#define SIZE_42   SAY("\x05\0\0\0\x82\x01\x02\x08\x2a")
#define SIZE_4734 SAY("\x08\0\0\0\x82\x01\x05\x08\0\x10\xfe\x24")

static void a_key_not_initialised_is(void **state)
{
	/* Field 15: error 0, target info 512 bytes, size 1, one byte of id. */
	static char init[12 + 512 + 5];
	static const char probe[] = "\x06\0\0\0\x7a\x04\x08\0\x18\x01";
	char *at = init;
	(void)state;

	memcpy(at, "\x0d\x02\0\0\x7a\x8a\x04\x08\0\x12\x80\x04", 12);
	at += 12 + 512;
	memcpy(at, "\x18\x01\x22\x01\x77", 5);
	const struct act acts[] = {
		SIZE_42,
		{ .bytes = probe, .len = sizeof(probe) - 1 },
		{ .bytes = init, .len = sizeof(init) },
		SIZE_4734,
	};
	struct peer p = { .acts = acts, .count = 4 };
	const struct att_aesm_client c = client_of(&p);
	const struct att_aesm_key_id key = { 0 };
	uint32_t size;
	att_err err = { 0 };

	if (att_aesm_get_quote_size_ex(&c, &key, &size, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	join(&p);
	assert_int_equal(size, 4734);
	assert_int_equal(p.next, 4);
}

static void a_key_that_stays_uninitialised_is_an_error(void **state)
{
	static const struct act acts[] = { SIZE_42, SAY("\x04\0\0\0\x7a\x02\x08\x2a") };
	struct peer p = { .acts = acts, .count = 2 };
	const struct att_aesm_client c = client_of(&p);
	const struct att_aesm_key_id key = { 0 };
	uint32_t size;
	att_err err = { 0 };

	(void)state;
	assert_int_equal(att_aesm_get_quote_size_ex(&c, &key, &size, &err), ATT_E_UNAVAILABLE);
	join(&p);
	assert_non_null(strstr(err.msg, "ATT_KEY_NOT_INITIALIZED"));
}

static void without_memory_it_says_so(void **state)
{
	static const struct act act = SAY(GROUP_7);
	uint32_t group;
	att_rc rc = ATT_E_NOMEM;

	(void)state;
	for (size_t k = 1; rc != ATT_OK; k++) {
		struct peer p = { .acts = &act, .count = 1 };
		const struct att_aesm_client c = client_of(&p);

		alloc_watch(k);
		rc = att_aesm_extended_group(&c, &group, NULL);
		bool failed = alloc_unwatch() >= k;
		join(&p);
		assert_int_equal(rc, failed ? ATT_E_NOMEM : ATT_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_in_any_pieces),
		cmocka_unit_test(signals_disturb_nothing),
		cmocka_unit_test(bad_answers),
		cmocka_unit_test(a_silent_daemon_costs_the_time_limit),
		cmocka_unit_test(busy_is_asked_again),
		cmocka_unit_test(busy_for_ever_is_given_up),
		cmocka_unit_test(a_key_not_initialised_is),
		cmocka_unit_test(a_key_that_stays_uninitialised_is_an_error),
		cmocka_unit_test(without_memory_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
