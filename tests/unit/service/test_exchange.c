/* SPDX-License-Identifier: Apache-2.0 */
/* The fetching client's TLS (fetch/exchange.c) against a server with a made certificate, which is
 * of this layer. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fetch/exchange.h"
#include "service/files.h"
#include "service/net.h"
#include "service/tls.h"

/* The client goes by the system's clock: valid for as long as anybody may run this. */
#define MADE INT64_C(1600000000)
#define DAYS 36500u

static char folder[] = "/tmp/att-exchange-XXXXXX";

struct server {
	struct ssl_ctx_st *tls;
	int fd;
	unsigned port;
	pthread_t thread;
	char ca[64];
};

static struct server server;

static void serve_one(int fd)
{
	static const char answer[] =
	    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
	SSL *ssl = SSL_new(server.tls);
	char request[4096];

	if (ssl && SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1 &&
	    SSL_read(ssl, request, sizeof(request)) > 0)
		(void)SSL_write(ssl, answer, sizeof(answer) - 1);
	SSL_free(ssl);
	close(fd);
}

static void *serve(void *arg)
{
	int fd;

	while ((fd = accept(server.fd, NULL, NULL)) >= 0)
		serve_one(fd);
	return arg;
}

static int start(void **state)
{
	att_auto_buf att_buf chain = { 0 }, key = { 0 }, ca = { 0 };

	(void)state;
	/* A client that does not trust us goes while we write. */
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(folder) ||
	    att_tls_make("localhost", MADE, DAYS, &chain, &key, &ca, NULL) != ATT_OK ||
	    att_tls_new(att_buf_bytes(&chain), att_buf_bytes(&key), &server.tls, NULL) != ATT_OK ||
	    att_net_listen("127.0.0.1:0", &server.fd, NULL) != ATT_OK ||
	    fcntl(server.fd, F_SETFL, 0) != 0) /* a thread waits in accept() */
		return -1;
	snprintf(server.ca, sizeof(server.ca), "%s/ca.pem", folder);
	server.port = att_net_port(server.fd);
	return att_file_write(server.ca, att_buf_bytes(&ca), 0600, NULL) == ATT_OK
		   ? pthread_create(&server.thread, NULL, serve, NULL)
		   : -1;
}

static int stop(void **state)
{
	(void)state;
	shutdown(server.fd, SHUT_RDWR);
	pthread_join(server.thread, NULL);
	close(server.fd);
	att_tls_free(server.tls);
	att_dir_remove(folder);
	return 0;
}

static void who_is_trusted(void **state)
{
	static const struct {
		const char *host;
		bool ca;
		bool insecure;
		enum att_exchange_failure end;
	} rows[] = {
		{ "localhost", true, false, ATT_EXCHANGE_ANSWERED },
		{ "localhost", false, false, ATT_EXCHANGE_UNTRUSTED },
		{ "127.0.0.1", true, false, ATT_EXCHANGE_UNTRUSTED }, /* another name */
		{ "localhost", false, true, ATT_EXCHANGE_ANSWERED },
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		const struct att_exchanger_options o = { .ca_file = rows[i].ca ? server.ca : NULL,
							 .body_max = 100 };
		char url[64];
		const struct att_exchange e = { .url = url,
						.insecure = rows[i].insecure,
						.connect_ms = 20000,
						.timeout_ms = 20000 };
		struct att_http_response out = { 0 };
		enum att_exchange_failure failure;
		att_exchanger *x;

		snprintf(url, sizeof(url), "https://%s:%u/", rows[i].host, server.port);
		assert_int_equal(att_exchanger_new(&o, &x, NULL), ATT_OK);
		att_rc rc = att_exchange(x, &e, &out, &failure, NULL);
		assert_int_equal(failure, rows[i].end);
		assert_int_equal(rc, rows[i].end == ATT_EXCHANGE_ANSWERED ? ATT_OK : ATT_E_IO);
		assert_int_equal(out.body.len, rc == ATT_OK ? 2 : 0);
		att_http_response_free(&out);
		att_exchanger_free(x);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_is_trusted) };

	return cmocka_run_group_tests(tests, start, stop);
}
