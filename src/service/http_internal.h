/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the HTTP server know of each other. */
#ifndef ATT_SERVICE_HTTP_INTERNAL_H
#define ATT_SERVICE_HTTP_INTERNAL_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>

#include "codec/http_wire.h"
#include "service/http_server.h"
#include "service/peers.h"

/* --- Answers (http_answer.c) --- */

struct att_http_answer {
	atomic_uint refs;
	int status;
	unsigned delay_ms;
	size_t cut_at;
	size_t blank;
	att_buf head; /* without the empty line */
	att_buf body;
};

/* --- Connections (http_conn.c) --- */

enum att_conn_state {
	ATT_CONN_HANDSHAKE, /* of TLS */
	ATT_CONN_READ,      /* a request comes in */
	ATT_CONN_ANSWER,    /* the handler has it */
	ATT_CONN_DELAY,     /* an answer that waits on purpose */
	ATT_CONN_SEND,
	ATT_CONN_LINGER, /* all is sent; what still comes is thrown away, so that it arrives */
	ATT_CONN_CLOSED,
};

struct att_http_reply {
	struct att_task task; /* first: the task is the reply */
	struct att_conn *conn;
	att_http_answer *answer;
	att_buf extra; /* header lines */
};

struct att_conn {
	att_http_server *server;
	struct att_conn *next;
	struct att_conn **link; /* what points here */
	enum att_conn_state state;
	int fd;
	SSL *ssl;
	att_watch *watch;
	att_timer *delay;
	struct att_peer *peer;
	char peer_name[48];
	int64_t deadline; /* milliseconds; of the present state */
	bool running;     /* att_conn_run() is on the stack */
	bool readable;    /* reading may give something */
	bool owed;        /* the handler has not answered yet */
	bool posted;      /* `again` is with the loop */
	struct att_task again;

	/* The request. */
	att_buf in;
	size_t head_seen;
	size_t head_len; /* 0 while the head is not whole */
	size_t used;     /* of `in`, by head and body, once both are whole */
	struct att_http_head head;
	struct att_http_request request;
	struct att_http_chunks chunks;
	att_buf body; /* of a chunked request */
	bool large;   /* counted in the server's `large` */
	struct att_http_reply reply;

	/* The answer. */
	att_http_answer *answer;
	att_buf tail; /* the rest of the head */
	size_t sent;
	bool close_after;
	bool unread; /* the peer may still be sending what nobody reads */
};

/* Takes over an accepted socket. False: no memory; the socket is then closed. */
bool att_conn_open(att_http_server *s, int fd, SSL_CTX *tls, struct att_peer *peer,
		   const char *peer_name) ATT_MUST_USE ATT_NONNULL(1);
/* Goes on as far as it can without waiting. The connection may be gone afterwards. */
void att_conn_run(struct att_conn *c) ATT_NONNULL(1);
/* Closes the socket; the connection itself stays while the handler owes an answer. */
void att_conn_close(struct att_conn *c) ATT_NONNULL(1);
/* Is it between two requests? */
bool att_conn_idle(const struct att_conn *c) ATT_NONNULL(1);
/* What a deadline that passed brings. */
void att_conn_late(struct att_conn *c) ATT_NONNULL(1);

/* --- Bytes in and out (http_io.c) --- */

enum att_io { ATT_IO_DONE, ATT_IO_READ, ATT_IO_WRITE, ATT_IO_END };

/* DONE: something was read (appended to c->in), sent, agreed; READ, WRITE: wait for that; END: the
 * peer is gone or talks nonsense. */
enum att_io att_io_handshake(struct att_conn *c) ATT_NONNULL(1);
enum att_io att_io_read(struct att_conn *c) ATT_NONNULL(1);
enum att_io att_io_send(struct att_conn *c, const struct iovec *v, int count, size_t total)
    ATT_NONNULL(1, 2);
/* Says that nothing more comes. */
void att_io_finish(struct att_conn *c) ATT_NONNULL(1);
/* Are there bytes that no event will tell of? */
bool att_io_pending(const struct att_conn *c) ATT_NONNULL(1);

/* --- The server (http_server.c) --- */

#define ATT_HTTP_LISTENERS 4u
#define ATT_HTTP_SCRATCH   ((size_t)16 << 10)
#define ATT_HTTP_DATE      40u

struct att_listener {
	att_http_server *server;
	int fd;
	SSL_CTX *tls;
	att_watch *watch;
};

struct att_http_server {
	att_loop *loop;
	struct att_http_limits limits;
	att_http_handler handler;
	void *ctx;
	_Atomic uintptr_t thread; /* the loop's: whether a reply comes from there */
	att_peers *peers;
	att_timer *sweep;
	struct att_conn *conns;
	struct att_listener listeners[ATT_HTTP_LISTENERS];
	size_t listener_count;
	unsigned large;           /* connections with a large body */
	att_http_answer *failure; /* sent where no other can be made */
	bool paused;              /* no descriptors left: the next sweep tries again */
	bool stopping;
	void (*done)(void *ctx);
	void *done_ctx;
	struct att_task done_task;
	int64_t stop_at;
	struct att_http_counts counts;
	int64_t date_of;
	char date[ATT_HTTP_DATE]; /* the header line of that second */
	att_buf blanks;           /* spaces, for all answers that end in them */
	uint8_t scratch[ATT_HTTP_SCRATCH];
};

/* A connection is gone for good. */
void att_http_server_closed(att_http_server *s) ATT_NONNULL(1);
/* "Date: …" with its line end; lent until the next call. */
const char *att_http_server_date(att_http_server *s) ATT_NONNULL(1);

#endif
