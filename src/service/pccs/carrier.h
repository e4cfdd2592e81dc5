/* SPDX-License-Identifier: Apache-2.0 */
/* Carries the caching service on the HTTP server: answers from memory in the loop's thread, the
 * rest in a few threads that may wait for the store and the upstream; refreshing by schedule. */
#ifndef ATT_SERVICE_PCCS_CARRIER_H
#define ATT_SERVICE_PCCS_CARRIER_H

#include "service/http_server.h"
#include "service/pccs/pccs.h"

struct att_pccs_carrier_options {
	att_pccs *pccs;                  /* lent */
	att_loop *loop;                  /* lent */
	struct att_clock clock;          /* the loop's */
	unsigned workers;                /* threads; at least 1 */
	const struct att_cron *schedule; /* NULL: only what expires soon is refreshed */
};

typedef struct att_pccs_carrier att_pccs_carrier;

/* ATT_E_NOMEM, ATT_E_UNAVAILABLE (threads). */
att_rc att_pccs_carrier_new(const struct att_pccs_carrier_options *options, att_pccs_carrier **out,
			    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* Waits for what its threads are doing, then ends them. Requests still queued get 503. */
void att_pccs_carrier_free(att_pccs_carrier *c);

/* An att_http_handler, with the carrier as its context. Beside PCCS's routes: /healthz (the process
 * lives), /readyz (the store answers and the clock is right), /metrics. */
void att_pccs_carrier_handle(void *ctx, const struct att_http_request *request,
			     att_http_reply *reply);

/* The server whose counters /metrics shows; NULL: none. */
void att_pccs_carrier_show(att_pccs_carrier *c, const att_http_server *server) ATT_NONNULL(1);

#endif
