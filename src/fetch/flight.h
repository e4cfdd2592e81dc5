/* SPDX-License-Identifier: Apache-2.0 */
/* Equal requests at the same time: one asks, the others wait for what it gets. */
#ifndef ATT_FETCH_FLIGHT_H
#define ATT_FETCH_FLIGHT_H

#include <pthread.h>

#include "codec/http.h"

struct att_flight;

struct att_flights {
	pthread_mutex_t lock;
	pthread_cond_t landed;
	struct att_flight *first;
};

void att_flights_init(struct att_flights *f);
void att_flights_destroy(struct att_flights *f); /* none may be under way */

/* Joins the flight for `key`. True when the caller is its first and has to ask, and then to call
 * att_flight_land. False when another asked: then *rc, *err and `out` are what it got. *leader is
 * NULL without memory for a flight: the caller asks alone. */
bool att_flight_join(struct att_flights *f, const char *key, struct att_flight **leader,
		     struct att_http_response *out, att_rc *rc, att_err *err) ATT_MUST_USE;

/* Gives copies of the outcome to all who wait. NULL-safe in `leader`. */
void att_flight_land(struct att_flights *f, struct att_flight *leader,
		     const struct att_http_response *answer, att_rc rc, const att_err *err);

#endif
