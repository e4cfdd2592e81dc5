/* SPDX-License-Identifier: Apache-2.0 */
/* Retries, deadlines, order of endpoints and coalescing, under a clock of the test's and against a
 * server of a few lines. */
#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fetch/client.h"

#define BODY_CRL "3003020105"

/* Answers every connection's one request with the next of its answers; the last stays. */
struct server {
	int fd;
	char url[64];
	const char *const *answers;
	size_t next;
	size_t asked;
	char request[8192];    /* the last one */
	pthread_mutex_t *gate; /* held by a test that wants the answer to wait */
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct server *s = (struct server *)arg;
	char *request = s->request;

	for (;;) {
		int fd = accept(s->fd, NULL, NULL);
		if (fd < 0)
			return NULL;
		size_t n = 0;
		while (n < sizeof(s->request) - 1) {
			ssize_t got = read(fd, request + n, sizeof(s->request) - 1 - n);
			if (got <= 0)
				break;
			n += (size_t)got;
			request[n] = 0;
			if (strstr(request, "\r\n\r\n"))
				break;
		}
		__atomic_add_fetch(&s->asked, 1, __ATOMIC_SEQ_CST);
		if (s->gate) {
			pthread_mutex_lock(s->gate);
			pthread_mutex_unlock(s->gate);
		}
		const char *answer = s->answers[s->next];
		s->next += s->answers[s->next + 1] != NULL;
		(void)!write(fd, answer, strlen(answer));
		close(fd);
	}
}

static void start(struct server *s, const char *const *answers)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	*s = (struct server){ .answers = answers };
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(s->fd >= 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)(void *)&at, len), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)(void *)&at, &len), 0);
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u/", ntohs(at.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

#define ANSWER(status, headers, body) \
	"HTTP/1.1 " status "\r\nConnection: close\r\n" headers "\r\n" body
#define GOOD ANSWER("200 OK", "Content-Type: x\r\n", BODY_CRL)

/* A clock that only moves when somebody sleeps. */
struct fake {
	int64_t now;
	unsigned slept[16];
	size_t sleeps;
};

static int64_t fake_now(void *arg)
{
	return ((struct fake *)arg)->now;
}

static void fake_sleep(void *arg, unsigned ms)
{
	struct fake *f = (struct fake *)arg;

	f->now += ms;
	if (f->sleeps < ATT_COUNT(f->slept))
		f->slept[f->sleeps++] = ms;
}

static const struct att_pcs_request root_crl = { .what = ATT_PCS_ROOT_CA_CRL, .version = 4 };

static att_pcs_client *client_of(struct fake *f, const char *const *urls, size_t count,
				 unsigned retries, unsigned deadline_ms, att_pcs_accept accept)
{
	struct att_pcs_endpoint e[4] = { 0 };
	struct att_pcs_options o = { .endpoints = e,
				     .endpoint_count = count,
				     .clock = { fake_now, fake_sleep, f },
				     .retries = retries,
				     .deadline_ms = deadline_ms,
				     .accept = accept };
	att_pcs_client *c = NULL;

	f->now = 1000000;
	for (size_t i = 0; i < count; i++)
		e[i].url = urls[i];
	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_OK);
	return c;
}

static void backs_off(void **state)
{
	(void)state;
	static const char *const answers[] = { ANSWER("503 Busy", "", ""),
					       ANSWER("502 Bad", "", ""), "", GOOD, NULL };
	struct att_http_response out;
	struct fake f = { 0 };
	struct server s;

	start(&s, answers);
	const char *const urls[] = { s.url };
	att_pcs_client *c = client_of(&f, urls, 1, 5, 60000, NULL);
	att_fetch_trace *t = att_fetch_trace_new();
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, t, NULL), ATT_OK);
	assert_int_equal(out.body.len, 5); /* in DER */
	assert_int_equal(f.sleeps, 3);
	assert_int_equal(f.slept[0], 1000);
	assert_int_equal(f.slept[1], 2000);
	assert_int_equal(f.slept[2], 4000);
	assert_int_equal(att_fetch_trace_count(t), 4);
	assert_int_equal(att_fetch_trace_at(t, 0)->status, 503);
	assert_int_equal(att_fetch_trace_at(t, 2)->status, 0);
	assert_int_equal(att_fetch_trace_at(t, 3)->rc, ATT_OK);
	att_http_response_free(&out);
	att_fetch_trace_free(t);
	att_pcs_client_free(c);
	stop(&s);
}

static void waits_as_it_is_told(void **state)
{
	(void)state;
	static const char *const answers[] = { ANSWER("429 Slow down", "Retry-After: 17\r\n", ""),
					       GOOD, NULL };
	struct att_http_response out;
	struct fake f = { 0 };
	struct server s;

	start(&s, answers);
	const char *const urls[] = { s.url };
	att_pcs_client *c = client_of(&f, urls, 1, 1, 60000, NULL);
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, NULL), ATT_OK);
	assert_int_equal(f.sleeps, 1);
	assert_int_equal(f.slept[0], 17000);
	att_http_response_free(&out);
	att_pcs_client_free(c);
	stop(&s);
}

static void keeps_the_deadline(void **state)
{
	(void)state;
	static const char *const answers[] = { ANSWER("429 Slow down", "Retry-After: 61\r\n", ""),
					       GOOD, NULL };
	struct att_http_response out;
	struct fake f = { 0 };
	struct server s;
	att_err err = { 0 };

	start(&s, answers);
	const char *const urls[] = { s.url };
	att_pcs_client *c = client_of(&f, urls, 1, 9, 60000, NULL);
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, &err), ATT_E_UNAVAILABLE);
	assert_int_equal(out.status, 429);
	assert_string_equal(att_http_response_header(&out, "Retry-After"), "61");
	assert_int_equal(f.sleeps, 0);
	assert_int_equal(s.asked, 1);
	att_http_response_free(&out);
	/* The next request leaves the service alone too. */
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, &err), ATT_E_UNAVAILABLE);
	assert_int_equal(out.status, 0);
	assert_int_equal(s.asked, 1);
	att_http_response_free(&out);
	att_pcs_client_free(c);
	stop(&s);
}

/* One answer must not end what a long-lived program asks for days. */
static void does_not_wait_for_days(void **state)
{
	(void)state;
	static const char *const answers[] = {
		ANSWER("429 Slow down", "Retry-After: 604800\r\n", ""), GOOD, NULL
	};
	struct att_http_response out;
	struct fake f = { 0 };
	struct server s;

	start(&s, answers);
	const char *const urls[] = { s.url };
	att_pcs_client *c = client_of(&f, urls, 1, 0, 60000, NULL);
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, NULL), ATT_E_UNAVAILABLE);
	assert_string_equal(att_http_response_header(&out, "Retry-After"), "604800");
	att_http_response_free(&out);
	f.now += 3599000;
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, NULL), ATT_E_UNAVAILABLE);
	att_http_response_free(&out);
	f.now += 1000;
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, NULL), ATT_OK);
	att_http_response_free(&out);
	att_pcs_client_free(c);
	stop(&s);
}

static void order_of_endpoints(void **state)
{
	(void)state;
	static const char *const no[] = { ANSWER("404 No", "", ""), NULL };
	static const char *const yes[] = { GOOD, NULL };
	struct att_http_response out;
	struct fake f = { 0 };
	struct server first;
	struct server second;

	start(&first, no);
	start(&second, yes);
	const char *const urls[] = { first.url, second.url };
	att_pcs_client *c = client_of(&f, urls, 2, 0, 0, NULL);
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, NULL), ATT_OK);
	assert_int_equal(first.asked, 1);
	att_http_response_free(&out);
	att_pcs_client_free(c);

	/* One that gave no answer is asked last for a while. */
	const char *const dead[] = { "http://127.0.0.1:1/", second.url };
	c = client_of(&f, dead, 2, 0, 0, NULL);
	att_fetch_trace *t = att_fetch_trace_new();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(att_pcs_client_get(c, &root_crl, &out, t, NULL), ATT_OK);
		att_http_response_free(&out);
	}
	assert_int_equal(att_fetch_trace_count(t), 3);
	att_fetch_trace_free(t);
	att_pcs_client_free(c);
	stop(&first);
	stop(&second);
}

static void the_definite_answer_is_told(void **state)
{
	(void)state;
	static const char *const no[] = { ANSWER("404 No", "Request-ID: r7\r\n", ""), NULL };
	static const char *const wrong[] = { ANSWER("200 OK", "", "nonsense"), NULL };
	struct att_http_response out;
	struct fake f = { 0 };
	struct server first;
	struct server second;
	att_err err = { 0 };

	start(&first, no);
	start(&second, wrong);
	const char *const urls[] = { first.url, second.url };
	att_pcs_client *c = client_of(&f, urls, 2, 3, 0, NULL);
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, &err), ATT_E_MISSING);
	assert_int_equal(f.sleeps, 0); /* waiting betters neither */
	assert_int_equal(out.status, 404);
	assert_string_equal(att_http_response_header(&out, "Request-ID"), "r7");
	assert_non_null(strstr(err.msg, "404"));
	att_http_response_free(&out);
	att_pcs_client_free(c);
	stop(&first);
	stop(&second);
}

static att_rc refuse(void *arg, const struct att_pcs_request *r,
		     const struct att_http_response *answer, att_err *err)
{
	(void)arg;
	(void)r;
	(void)answer;
	err->rc = ATT_E_SIGNATURE;
	snprintf(err->msg, sizeof(err->msg), "not ours");
	return ATT_E_SIGNATURE;
}

static void answers_are_judged(void **state)
{
	(void)state;
	static const char *const yes[] = { GOOD, NULL };
	struct att_http_response out;
	struct fake f = { 0 };
	struct server s;
	att_err err = { 0 };

	start(&s, yes);
	const char *const urls[] = { s.url };
	att_pcs_client *c = client_of(&f, urls, 1, 3, 0, refuse);
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, &err), ATT_E_SIGNATURE);
	assert_int_equal(out.body.len, 0);
	assert_int_equal(s.asked, 1);
	att_http_response_free(&out);
	att_pcs_client_free(c);
	stop(&s);
}

/* Elsewhere is where nobody asked to go; the answer there would be a good one. */
static void redirects_are_not_followed(void **state)
{
	(void)state;
	static const char *const yes[] = { GOOD, NULL };
	char redirect[256];
	const char *const elsewhere[] = { redirect, NULL };
	struct att_http_response out;
	struct fake f = { 0 };
	struct server s, other;

	start(&other, yes);
	snprintf(redirect, sizeof(redirect), ANSWER("302 Found", "Location: %s\r\n", ""),
		 other.url);
	start(&s, elsewhere);
	const char *const urls[] = { s.url };
	att_pcs_client *c = client_of(&f, urls, 1, 0, 0, NULL);
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, NULL), ATT_E_IO);
	assert_int_equal(out.body.len, 0);
	assert_int_equal(other.asked, 0);
	att_http_response_free(&out);
	att_pcs_client_free(c);
	stop(&s);
	stop(&other);
}

/* Larger than was allowed, or with bytes in a header that no header has: neither is tried again. */
static void what_is_no_answer(void **state)
{
	(void)state;
	static const char *const answers[] = {
		ANSWER("200 OK", "Content-Type: x\r\n", "300302010530030201053003020105"),
		ANSWER("200 OK", "Content-Type: \x01\r\n", BODY_CRL), NULL
	};
	static const char *const words[] = { "larger than 20 bytes", "not printable" };
	struct att_pcs_endpoint e = { 0 };
	struct fake f = { .now = 1000000 };
	struct att_pcs_options o = { .endpoints = &e,
				     .endpoint_count = 1,
				     .clock = { fake_now, fake_sleep, &f },
				     .retries = 3,
				     .body_max = 20 };
	struct att_http_response out;
	struct server s;
	att_pcs_client *c;

	start(&s, answers);
	e.url = s.url;
	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_OK);
	for (size_t i = 0; i < ATT_COUNT(words); i++) {
		att_err err = { 0 };

		assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, &err), ATT_E_FORMAT);
		assert_non_null(strstr(err.msg, words[i]));
		assert_int_equal(s.asked, i + 1);
		att_http_response_free(&out);
	}
	att_pcs_client_free(c);
	stop(&s);
}

static void *get_one(void *arg)
{
	struct att_http_response out;
	att_rc rc = att_pcs_client_get((att_pcs_client *)arg, &root_crl, &out, NULL, NULL);
	bool good = rc == ATT_OK && out.body.len == 5;

	att_http_response_free(&out);
	return good ? arg : NULL;
}

static void equal_requests_are_asked_once(void **state)
{
	(void)state;
	static const char *const yes[] = { GOOD, NULL };
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	struct fake f = { 0 };
	pthread_t thread[8];
	struct server s;
	void *good;

	start(&s, yes);
	const char *const urls[] = { s.url };
	att_pcs_client *c = client_of(&f, urls, 1, 0, 0, NULL);
	pthread_mutex_lock(&gate);
	s.gate = &gate;
	for (size_t i = 0; i < ATT_COUNT(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, get_one, c), 0);
	while (__atomic_load_n(&s.asked, __ATOMIC_SEQ_CST) == 0)
		sched_yield();
	pthread_mutex_unlock(&gate);
	for (size_t i = 0; i < ATT_COUNT(thread); i++) {
		assert_int_equal(pthread_join(thread[i], &good), 0);
		assert_non_null(good);
	}
	/* Threads that came when all was over asked anew: never more than there are. */
	assert_in_range(s.asked, 1, ATT_COUNT(thread));
	att_pcs_client_free(c);
	stop(&s);
}

static void options_that_are_none(void **state)
{
	(void)state;
	struct fake f = { 0 };
	struct att_pcs_endpoint e = { .url = "http://elsewhere.example/" };
	struct att_pcs_options o = { .endpoints = &e,
				     .endpoint_count = 1,
				     .clock = { fake_now, fake_sleep, &f } };
	att_pcs_client *c;

	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_E_FORMAT);
	assert_null(c);
	e.url = "https://here.example/";
	o.endpoint_count = 0;
	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_E_ARG);
	o.endpoint_count = 1;
	o.root_crl_url = "http://elsewhere.example/root";
	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_E_FORMAT);
	o.root_crl_url = NULL;
	o.api_key = "a\r\nb: c";
	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_E_FORMAT);
	o.api_key = NULL;
	const char *const headers[] = { "a: b\r\nc: d", NULL };
	o.pckcert_headers = headers;
	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_E_FORMAT);
	o.clock.now_ms = NULL;
	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_E_ARG);
}

static void which_endpoint_serves(void **state)
{
	(void)state;
	struct fake f = { 0 };
	struct att_pcs_endpoint e = { .url = "http://localhost:1/", .serves = ATT_PCS_SERVES_PCK };
	struct att_pcs_options o = { .endpoints = &e,
				     .endpoint_count = 1,
				     .clock = { fake_now, fake_sleep, &f } };
	struct att_http_response out;
	att_pcs_client *c;

	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_OK);
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, NULL, NULL), ATT_E_ARG);
	att_http_response_free(&out);
	att_pcs_client_free(c);
}

/* Intel's service has no route for the root's CRL, takes a key for PCK certificates, and knows
 * no qeid. */
static void what_pcs_is_asked(void **state)
{
	(void)state;
	static const char *const answers[] = { GOOD,
					       ANSWER("200 OK",
						      "SGX-PCK-Certificate-Issuer-Chain: x\r\n",
						      "-----BEGIN CERTIFICATE-----\nAAAA"),
					       NULL };
	struct att_pcs_request pck = { .what = ATT_PCS_PCKCERT,
				       .version = 4,
				       .qeid = "ab",
				       .cpusvn = "00112233445566778899aabbccddeeff",
				       .pcesvn = "0d00",
				       .pceid = "0000" };
	char root_url[96];
	struct fake f = { .now = 1000000 };
	struct att_http_response out;
	struct server s;
	att_pcs_client *c;

	start(&s, answers);
	snprintf(root_url, sizeof(root_url), "%sroot.der", s.url);
	struct att_pcs_endpoint e = { .url = s.url, .flavour = ATT_PCS_FLAVOUR_PCS };
	struct att_pcs_options o = { .endpoints = &e,
				     .endpoint_count = 1,
				     .clock = { fake_now, fake_sleep, &f },
				     .root_crl_url = root_url,
				     .api_key = "0123secret" };
	assert_int_equal(att_pcs_client_new(&o, &c, NULL), ATT_OK);
	att_fetch_trace *t = att_fetch_trace_new();
	assert_int_equal(att_pcs_client_get(c, &root_crl, &out, t, NULL), ATT_OK);
	assert_non_null(strstr(s.request, "GET /root.der HTTP/1.1"));
	assert_null(strstr(s.request, "0123secret"));
	att_http_response_free(&out);
	assert_int_equal(att_pcs_client_get(c, &pck, &out, t, NULL), ATT_OK);
	assert_non_null(strstr(s.request, "Ocp-Apim-Subscription-Key: 0123secret"));
	assert_null(strstr(s.request, "qeid"));
	for (size_t i = 0; i < att_fetch_trace_count(t); i++)
		assert_null(strstr(att_fetch_trace_at(t, i)->url, "secret"));
	att_http_response_free(&out);
	att_fetch_trace_free(t);
	att_pcs_client_free(c);
	stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backs_off),
		cmocka_unit_test(waits_as_it_is_told),
		cmocka_unit_test(keeps_the_deadline),
		cmocka_unit_test(does_not_wait_for_days),
		cmocka_unit_test(order_of_endpoints),
		cmocka_unit_test(the_definite_answer_is_told),
		cmocka_unit_test(answers_are_judged),
		cmocka_unit_test(redirects_are_not_followed),
		cmocka_unit_test(what_is_no_answer),
		cmocka_unit_test(equal_requests_are_asked_once),
		cmocka_unit_test(options_that_are_none),
		cmocka_unit_test(which_endpoint_serves),
		cmocka_unit_test(what_pcs_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
