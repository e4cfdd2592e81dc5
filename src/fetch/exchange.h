/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP exchange over libcurl, on connections that are kept. */
#ifndef ATT_FETCH_EXCHANGE_H
#define ATT_FETCH_EXCHANGE_H

#include "attest/base.h"
#include "codec/http.h"

typedef struct att_exchanger att_exchanger;

struct att_exchanger_options {
	const char *ca_file;
	const char *proxy;
	const char *no_proxy;
	size_t body_max;
};

/* Thread-safe. The options are copied. ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_exchanger_new(const struct att_exchanger_options *options, att_exchanger **out,
			 att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
void att_exchanger_free(att_exchanger *x);

struct att_exchange {
	const char *url;
	const char *const *headers; /* "Name: value"; NULL-terminated, or NULL */
	bool post;
	att_bytes body; /* of a POST, sent as JSON */
	bool insecure;
	bool direct; /* through no proxy */
	unsigned connect_ms;
	unsigned timeout_ms; /* of the whole exchange */
};

/* What kept an answer from coming. */
enum att_exchange_failure {
	ATT_EXCHANGE_ANSWERED = 0,
	ATT_EXCHANGE_UNREACHED, /* no connection, or it broke: may be better later */
	ATT_EXCHANGE_SLOW,      /* time was over */
	ATT_EXCHANGE_UNTRUSTED, /* its certificate, or TLS itself */
	ATT_EXCHANGE_BAD,       /* no HTTP, too large, bytes that may not be in a header */
	ATT_EXCHANGE_MEMORY,
};

/* Asks once. ATT_OK with status, headers that matter and body in `out` (zero, or freed) whatever
 * the status. ATT_E_IO, ATT_E_UNAVAILABLE (time), ATT_E_FORMAT, ATT_E_NOMEM by *failure. Redirects
 * are not followed. */
att_rc att_exchange(att_exchanger *x, const struct att_exchange *e, struct att_http_response *out,
		    enum att_exchange_failure *failure, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 3, 4);

#endif
