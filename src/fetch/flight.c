/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/flight.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

struct att_flight {
	char *key;
	size_t waiting;
	bool landed;
	/* Lent by the leader, who stays until all have copied. */
	const struct att_http_response *answer;
	const att_err *err;
	att_rc rc;
	struct att_flight *next;
};

void att_flights_init(struct att_flights *f)
{
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->landed, NULL);
	f->first = NULL;
}

void att_flights_destroy(struct att_flights *f)
{
	pthread_cond_destroy(&f->landed);
	pthread_mutex_destroy(&f->lock);
}

static struct att_flight *find(struct att_flights *f, const char *key)
{
	struct att_flight *at = f->first;

	while (at && (at->landed || strcmp(at->key, key) != 0))
		at = at->next;
	return at;
}

static struct att_flight *start(struct att_flights *f, const char *key)
{
	struct att_flight *flight = (struct att_flight *)calloc(1, sizeof(*flight));

	if (!flight)
		return NULL;
	flight->key = strdup(key);
	if (!flight->key) {
		free(flight);
		return NULL;
	}
	flight->next = f->first;
	f->first = flight;
	return flight;
}

static att_rc copy_answer(const struct att_http_response *from, struct att_http_response *to,
			  att_err *err)
{
	to->status = from->status;
	for (size_t i = 0; i < from->header_count; i++)
		att_http_put_header(to, from->headers[i].name, from->headers[i].value);
	att_put(&to->body, att_buf_bytes(&from->body));
	return att_buf_ok(&to->body, err);
}

bool att_flight_join(struct att_flights *f, const char *key, struct att_flight **leader,
		     struct att_http_response *out, att_rc *rc, att_err *err)
{
	*leader = NULL;
	*rc = ATT_OK;
	pthread_mutex_lock(&f->lock);
	struct att_flight *flight = find(f, key);
	if (!flight) {
		*leader = start(f, key);
		pthread_mutex_unlock(&f->lock);
		return true;
	}
	flight->waiting++;
	while (!flight->landed)
		pthread_cond_wait(&f->landed, &f->lock);
	*rc = flight->rc;
	if (*rc != ATT_OK && err)
		*err = *flight->err;
	att_err lack = { 0 };
	if (copy_answer(flight->answer, out, &lack) != ATT_OK) {
		att_http_response_free(out);
		*rc = att_fail(err, ATT_E_NOMEM, "%s", lack.msg);
	}
	flight->waiting--;
	pthread_cond_broadcast(&f->landed);
	pthread_mutex_unlock(&f->lock);
	return false;
}

void att_flight_land(struct att_flights *f, struct att_flight *leader,
		     const struct att_http_response *answer, att_rc rc, const att_err *err)
{
	struct att_flight **at = &f->first;

	if (!leader)
		return;
	pthread_mutex_lock(&f->lock);
	leader->answer = answer;
	leader->err = err;
	leader->rc = rc;
	leader->landed = true;
	pthread_cond_broadcast(&f->landed);
	while (leader->waiting)
		pthread_cond_wait(&f->landed, &f->lock);
	while (*at != leader)
		at = &(*at)->next;
	*at = leader->next;
	pthread_mutex_unlock(&f->lock);
	free(leader->key);
	free(leader);
}
