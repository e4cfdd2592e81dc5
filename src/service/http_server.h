/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTP/1.1 server on the loop: framing, limits, TLS; what to answer is a handler's. Everything
 * here is called from the loop's thread, but for what says otherwise.
 *
 * Answers are immutable and counted by reference: one that is sent often is made once, and its
 * bytes go to the socket from where they lie. Writes under TLS raise SIGPIPE where the peer is
 * gone: ignore it (service/daemon.h). */
#ifndef ATT_SERVICE_HTTP_SERVER_H
#define ATT_SERVICE_HTTP_SERVER_H

#include "codec/http.h"
#include "service/loop.h"

struct ssl_ctx_st;

typedef struct att_http_server att_http_server;

/* Zero members mean the figure named. */
struct att_http_limits {
	size_t head_max;               /* bytes of request line and headers: 96 KiB; beyond: 431 */
	size_t body_max;               /* bytes of body: 1 MiB; beyond: 413 */
	unsigned head_ms;              /* from the first byte to the last header: 10000; then 408 */
	unsigned body_ms;              /* for the body: 30000; then 408 */
	unsigned idle_ms;              /* open without a request: 60000; closed */
	unsigned send_ms;              /* to take an answer: 30000; closed */
	unsigned connections;          /* at once: 1024; beyond, the longest idle one is closed */
	unsigned connections_per_peer; /* at once: 256; beyond: closed */
	unsigned requests_per_s;       /* of one peer: no limit; beyond: 429 with Retry-After */
	unsigned requests_burst;       /* that many at once: as many as in a second */
};

/* --- Answers --- */

typedef struct att_http_answer att_http_answer;

/* Renders status line, headers and Content-Length, and takes the body; `r` is left empty. ATT_E_ARG
 * (no status), ATT_E_NOMEM (r->body.failed too). */
att_rc att_http_answer_new(struct att_http_response *r, att_http_answer **out,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
/* One more reference, from any thread. */
att_http_answer *att_http_answer_ref(att_http_answer *a) ATT_NONNULL(1);
/* One reference less, from any thread; NULL is fine. */
void att_http_answer_free(att_http_answer *a);

/* --- Requests to answer --- */

/* Each has to be answered once, with one of the two calls below; then it is gone. The request it
 * came with lives as long. */
typedef struct att_http_reply att_http_reply;

/* Answers, from any thread, at once or later. Takes what is in `r`, which is left empty; an answer
 * that could not be made becomes 500. The response's delay_ms and cut_at are done as it says. */
void att_http_reply_send(att_http_reply *reply, struct att_http_response *r) ATT_NONNULL(1, 2);
/* The same with a prepared answer, which stays the caller's. `extra`: further header fields of this
 * answer alone (a request's number), NULL for none; what is not fit to be one is left out. */
void att_http_reply_answer(att_http_reply *reply, att_http_answer *a,
			   const struct att_http_field *extra, size_t extra_count)
    ATT_NONNULL(1, 2);

/* Who asks: "127.0.0.1", "::1", "unix". Lent. */
const char *att_http_reply_peer(const att_http_reply *reply) ATT_NONNULL(1);
bool att_http_reply_is_tls(const att_http_reply *reply) ATT_NONNULL(1);

/* Called in the loop's thread for each whole request. `request` is lent until the reply is sent. */
typedef void (*att_http_handler)(void *ctx, const struct att_http_request *request,
				 att_http_reply *reply);

/* --- The server --- */

/* The loop has to outlive the server. `limits` NULL: the figures above. ATT_E_NOMEM. */
att_rc att_http_server_new(att_loop *l, const struct att_http_limits *limits,
			   att_http_handler handler, void *ctx, att_http_server **out,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3, 5);
/* Closes everything. Every reply must have been sent: after att_http_server_stop() they have. */
void att_http_server_free(att_http_server *s);

/* Serves what connects to the listening socket (service/net.h), which the server owns from now on,
 * also after a failure; under TLS where `tls` is not NULL (shared by reference). Up to four. */
att_rc att_http_server_listen(att_http_server *s, int fd, struct ssl_ctx_st *tls,
			      att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* Ends gracefully: listens no more, closes what is idle, finishes what runs with "Connection:
 * close", and calls `done` when all is closed. After `ms`, connections are closed as they are;
 * replies that are still owed are waited for. */
void att_http_server_stop(att_http_server *s, unsigned ms, void (*done)(void *ctx), void *ctx)
    ATT_NONNULL(1, 3);

struct att_http_counts {
	uint64_t accepted;
	uint64_t refused;     /* connections closed at once: too many, in all or of a peer */
	uint64_t requests;    /* whole ones that came to the handler */
	uint64_t limited;     /* answered 429 by the rate limit */
	uint64_t malformed;   /* answered 4xx by the framing, TLS handshakes that failed */
	uint64_t timeouts;    /* too slow, or idle too long */
	uint64_t answers[6];  /* by the first digit of their status; [0] is unused */
	uint64_t sent_bytes;  /* of heads and bodies */
	unsigned connections; /* open now */
	unsigned waiting;     /* requests with the handler now */
};
struct att_http_counts att_http_server_counts(const att_http_server *s) ATT_NONNULL(1);

#endif
