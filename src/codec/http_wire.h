/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 as bytes (RFC 9112), the server's side: how long is what the peer sent, what does
 * it say. Stricter than the RFC where laxness is how requests are smuggled: no white space before
 * ':', no folded lines, one Content-Length, and never beside Transfer-Encoding. */
#ifndef ATT_CODEC_HTTP_WIRE_H
#define ATT_CODEC_HTTP_WIRE_H

#include "codec/http.h"

/* Length of the head at the start of `in`, its empty line included; 0 while it is not whole.
 * `*seen` starts at 0 and is handed back when more has come: no line is looked at twice. */
size_t att_http_head_len(att_bytes in, size_t *seen) ATT_NONNULL(2);

enum att_http_framing { ATT_HTTP_NO_BODY, ATT_HTTP_LENGTH, ATT_HTTP_CHUNKED };

struct att_http_head {
	enum att_http_framing framing;
	uint64_t length; /* of ATT_HTTP_LENGTH */
	bool old;        /* HTTP/1.0 */
	bool keep_alive;
	bool expects_continue;
	int status; /* after a failure: what to answer */
};

/* Reads a whole head (att_http_head_len() bytes) into a zero `r`; frees nothing of it after a
 * failure. ATT_E_FORMAT (400, or 431 for too many headers), ATT_E_UNSUPPORTED (501: a method or
 * transfer coding that we do not have; 505: another version), ATT_E_NOMEM (500). */
att_rc att_http_head_parse(att_bytes head, struct att_http_request *r, struct att_http_head *out,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(2, 3);

/* A chunked body on its way in. Zero is the beginning. */
struct att_http_chunks {
	int state;
	uint64_t left; /* of the present chunk */
	unsigned digits;
	size_t overhead; /* bytes of extensions and trailers so far */
	bool done;
};

/* Takes what it can of `in` and says how much in `*used`; data is appended to `body`, which may
 * grow to `max` bytes. Sets c->done behind the last line. ATT_E_FORMAT; ATT_E_ARG (larger than
 * max), ATT_E_NOMEM. */
att_rc att_http_chunks_take(struct att_http_chunks *c, att_bytes in, size_t max, att_buf *body,
			    size_t *used, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 4, 5);

/* Appends status line, the response's headers and Content-Length, without the empty line behind
 * them: the carrier adds what it has to say ("Connection: close") and ends the head. */
void att_http_put_head(att_buf *b, const struct att_http_response *r, size_t body_len)
    ATT_NONNULL(1, 2);

#endif
