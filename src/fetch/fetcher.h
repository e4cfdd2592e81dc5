/* SPDX-License-Identifier: Apache-2.0 */
/* The fetcher: a client and a cache, joined by what both may hold: authentic documents that never
 * go back. */
#ifndef ATT_FETCH_FETCHER_H
#define ATT_FETCH_FETCHER_H

#include <pthread.h>

#include "attest/fetch.h"
#include "fetch/client.h"
#include "fetch/store.h"

struct att_fetcher {
	att_pcs_client *client; /* NULL: nothing is ever asked */
	att_store *store;       /* NULL: there is no cache */
	const att_roots *roots;
	struct att_pcs_clock clock;
	char roots_id[17]; /* entries under other roots are no business of ours */
	unsigned deadline_ms;
	int64_t collateral_hours;
	int64_t pck_hours;
	bool cache_only;
	pthread_mutex_t lock;
	att_err cache_err;
	int64_t cache_again; /* a cache that failed is left alone until then */
};

/* One call of the API: its time, its deadline, its trace. */
struct att_fetch_call {
	att_fetcher *f;
	int64_t now;
	int64_t deadline;
	att_fetch_trace *trace;
	const struct att_quote *quote; /* whose PCK certificate is asked for; NULL: nobody's */
};
struct att_fetch_call att_fetch_begin(att_fetcher *f, int64_t now, att_fetch_trace *trace);

/* An authentic answer to the request, from cache or network. `out` is to be freed. */
att_rc att_fetch_get(const struct att_fetch_call *call, const struct att_pcs_request *r,
		     struct att_store_entry *out, att_err *err) ATT_MUST_USE;

#endif
