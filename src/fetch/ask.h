/* SPDX-License-Identifier: Apache-2.0 */
/* One request of one endpoint; and the client as its parts see it. */
#ifndef ATT_FETCH_ASK_H
#define ATT_FETCH_ASK_H

#include <pthread.h>

#include "fetch/client.h"
#include "fetch/exchange.h"
#include "fetch/flight.h"
#include "fetch/url.h"

#define ATT_PCS_CUSTOM_MAX 16u /* custom headers, and parameters */

struct att_pcs_place {
	struct att_fetch_base base;
	enum att_pcs_flavour flavour;
	enum att_pcs_serves serves;
	bool insecure;
	/* Under the client's lock: */
	int64_t not_before; /* Retry-After */
	int64_t suspect_until;
};

struct att_pcs_client {
	struct att_pcs_place endpoint[ATT_PCS_ENDPOINTS_MAX];
	size_t count;
	struct att_pcs_clock clock;
	char *root_crl_url;
	char *key_header;
	char **pckcert_headers; /* NULL-terminated */
	char **pckcert_params;
	unsigned retries;
	unsigned retry_delay_ms;
	unsigned connect_ms;
	unsigned deadline_ms;
	att_pcs_accept accept;
	void *accept_arg;
	att_exchanger *exchanger;
	pthread_mutex_t lock;
	struct att_flights flights;
};

/* What is being asked, until it is answered or given up. */
struct att_ask {
	att_pcs_client *c;
	const struct att_pcs_request *r;
	bool post;
	att_bytes body;
	int64_t deadline;
	att_fetch_trace *trace;
	struct att_http_response *out;
};

enum att_ask_end { ATT_ASK_TAKEN, ATT_ASK_LATER, ATT_ASK_NEVER, ATT_ASK_NO_MEMORY };

/* Asks `e` once, notes it in the trace, and remembers of the endpoint that it did not answer, or
 * wants to be left alone. *err says why when it is not taken. */
enum att_ask_end att_ask_one(const struct att_ask *a, struct att_pcs_place *e, att_err *err);

/* Does the endpoint answer such requests at all? */
bool att_ask_served(const struct att_pcs_place *e, enum att_pcs_what what);

/* Notes that another thread's answer was used. */
void att_ask_note_shared(const struct att_ask *a, const char *target, att_rc rc,
			 const att_err *err);

#endif
