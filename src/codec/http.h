/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP requests and answers as values: what a service decides on and what it decides, with no
 * socket in sight. The services are pure functions from one to the other; service/http_server.h
 * carries them, and tests call them without a network. */
#ifndef ATT_CODEC_HTTP_H
#define ATT_CODEC_HTTP_H

#include "attest/base.h"
#include "base/buf.h"

#define ATT_HTTP_HEADERS_MAX 32u
#define ATT_HTTP_PARAMS_MAX  16u

struct att_http_field {
	char *name;  /* a header's as it was written; a parameter's decoded */
	char *value; /* printable ASCII; a parameter's percent-decoded */
};

/* Owned by whoever carries it; zero is a valid, empty request. */
struct att_http_request {
	char method[8]; /* "GET", "POST", "PUT", "DELETE", "HEAD" */
	char *path;     /* "/sgx/certification/v4/tcb": before '?', not decoded, begins with '/' */
	struct att_http_field params[ATT_HTTP_PARAMS_MAX];
	size_t param_count;
	struct att_http_field headers[ATT_HTTP_HEADERS_MAX];
	size_t header_count;
	att_bytes body; /* lent by the carrier */
};
void att_http_request_free(struct att_http_request *r);

/* Sets method, path and parameters from a request line's method and target. Refuses: more than
 * ATT_HTTP_PARAMS_MAX parameters, a parameter given twice, control bytes (decoded ones too), bad
 * percent-encoding, a target that does not begin with '/' or is longer than 64 KiB (encrypted PPIDs
 * and manifests travel in it). ATT_E_FORMAT, ATT_E_NOMEM. */
att_rc att_http_request_line(struct att_http_request *r, const char *method, const char *target,
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);
/* Adds one header. ATT_E_FORMAT (too many, bytes that may not be in one), ATT_E_NOMEM. */
att_rc att_http_request_header(struct att_http_request *r, const char *name, const char *value,
			       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* The parameter's value (names are case-sensitive) or the header's (names are not); NULL when it is
 * not there. Lent. */
const char *att_http_param(const struct att_http_request *r, const char *name) ATT_NONNULL(1, 2);
const char *att_http_header(const struct att_http_request *r, const char *name) ATT_NONNULL(1, 2);

/* Zero is a valid answer to fill; status 0 means that nothing was decided. */
struct att_http_response {
	int status;
	struct att_http_field headers[ATT_HTTP_HEADERS_MAX];
	size_t header_count;
	att_buf body;
	/* What only a simulated upstream does on purpose: */
	unsigned delay_ms; /* answers this much later */
	size_t cut_at;     /* closes the connection after so many bytes of body; 0: does not */
	size_t blank;      /* so many spaces follow the body, and belong to it */
};
void att_http_response_free(struct att_http_response *r);

/* Adds a header. A failure (no memory, too many, a value with control bytes) is sticky in
 * r->body.failed, as with the buffer's own writes; look once with att_buf_ok(). */
void att_http_put_header(struct att_http_response *r, const char *name, const char *value)
    ATT_NONNULL(1, 2, 3);
/* The header's value; NULL when it is not there. Lent. */
const char *att_http_response_header(const struct att_http_response *r, const char *name)
    ATT_NONNULL(1, 2);

/* The reason phrase of RFC 9110 section 15 (and of PCCS's own 460 to 462); "Unknown" otherwise. */
const char *att_http_reason(int status);

/* Appends text with everything but RFC 3986's unreserved characters percent-encoded. */
void att_http_put_percent(att_buf *b, att_bytes text);

#endif
