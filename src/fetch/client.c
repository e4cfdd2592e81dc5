/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/client.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "fetch/ask.h"

#define CONNECT_MS  10000u
#define DEADLINE_MS 60000u
#define FIRST_DELAY 1000u
#define DELAY_MAX   32000u
#define KEY_HEADER  "Ocp-Apim-Subscription-Key: "

/* --- Making one --- */

static void free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static bool is_line(const char *s)
{
	for (; *s; s++) {
		if (*s < 0x20 || *s > 0x7e)
			return false;
	}
	return true;
}

static att_rc copy_list(const char *const *list, char ***out, att_err *err)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	if (n > ATT_PCS_CUSTOM_MAX)
		return att_fail(err, ATT_E_ARG, "more than %u custom request options",
				ATT_PCS_CUSTOM_MAX);
	*out = (char **)calloc(n + 1, sizeof(**out));
	if (!*out)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (!is_line(list[i]))
			return att_fail(err, ATT_E_FORMAT,
					"a custom request option has bytes that are not printable");
		(*out)[i] = strdup(list[i]);
		if (!(*out)[i])
			return att_fail(err, ATT_E_NOMEM, "out of memory");
	}
	return ATT_OK;
}

static att_rc read_endpoints(const struct att_pcs_options *o, att_pcs_client *c, att_err *err)
{
	if (o->endpoint_count == 0 || o->endpoint_count > ATT_PCS_ENDPOINTS_MAX)
		return att_fail(err, ATT_E_ARG, "1 to %u endpoints, not %zu", ATT_PCS_ENDPOINTS_MAX,
				o->endpoint_count);
	for (size_t i = 0; i < o->endpoint_count; i++) {
		struct att_pcs_place *e = &c->endpoint[i];
		att_rc rc = att_fetch_base_read(o->endpoints[i].url, &e->base, err);
		if (rc != ATT_OK)
			return rc;
		e->flavour = o->endpoints[i].flavour;
		e->serves = o->endpoints[i].serves;
		e->insecure = o->endpoints[i].insecure;
	}
	c->count = o->endpoint_count;
	return ATT_OK;
}

static att_rc copy_texts(const struct att_pcs_options *o, att_pcs_client *c, att_err *err)
{
	c->root_crl_url = strdup(o->root_crl_url ? o->root_crl_url : ATT_PCS_INTEL_ROOT_CRL);
	if (!c->root_crl_url)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = att_fetch_crl_url_check(c->root_crl_url, err);
	if (rc == ATT_OK)
		rc = copy_list(o->pckcert_headers, &c->pckcert_headers, err);
	if (rc == ATT_OK)
		rc = copy_list(o->pckcert_params, &c->pckcert_params, err);
	if (rc != ATT_OK || !o->api_key)
		return rc;
	if (!is_line(o->api_key))
		return att_fail(err, ATT_E_FORMAT, "the subscription key is not printable");
	size_t room = sizeof(KEY_HEADER) + strlen(o->api_key);
	c->key_header = (char *)malloc(room);
	if (!c->key_header)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	snprintf(c->key_header, room, "%s%s", KEY_HEADER, o->api_key);
	return ATT_OK;
}

static unsigned or_else(unsigned value, unsigned otherwise)
{
	return value ? value : otherwise;
}

att_rc att_pcs_client_new(const struct att_pcs_options *o, att_pcs_client **out, att_err *err)
{
	struct att_exchanger_options x = { .ca_file = o->ca_file,
					   .proxy = o->proxy,
					   .no_proxy = o->no_proxy,
					   .body_max =
					       o->body_max ? o->body_max : ATT_PCS_BODY_MAX };

	*out = NULL;
	if (!o->clock.now_ms || !o->clock.sleep_ms)
		return att_fail(err, ATT_E_ARG, "a client needs a clock");
	att_pcs_client *c = (att_pcs_client *)calloc(1, sizeof(*c));
	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	pthread_mutex_init(&c->lock, NULL);
	att_flights_init(&c->flights);
	c->clock = o->clock;
	c->retries = o->retries;
	c->retry_delay_ms = o->retry_delay_ms;
	c->connect_ms = or_else(o->connect_ms, CONNECT_MS);
	c->deadline_ms = or_else(o->deadline_ms, DEADLINE_MS);
	c->accept = o->accept;
	c->accept_arg = o->accept_arg;
	att_rc rc = read_endpoints(o, c, err);
	if (rc == ATT_OK)
		rc = copy_texts(o, c, err);
	if (rc == ATT_OK)
		rc = att_exchanger_new(&x, &c->exchanger, err);
	if (rc != ATT_OK) {
		att_pcs_client_free(c);
		return rc;
	}
	*out = c;
	return ATT_OK;
}

void att_pcs_client_free(att_pcs_client *c)
{
	if (!c)
		return;
	att_exchanger_free(c->exchanger);
	free(c->root_crl_url);
	if (c->key_header)
		att_wipe(c->key_header, strlen(c->key_header));
	free(c->key_header);
	free_list(c->pckcert_headers);
	free_list(c->pckcert_params);
	att_flights_destroy(&c->flights);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* --- Rounds over the endpoints --- */

/* What an endpoint said, kept while others are asked. */
struct kept {
	bool has;
	att_err err;
	struct att_http_response answer;
};

struct rounds {
	bool done[ATT_PCS_ENDPOINTS_MAX]; /* gave an answer that waiting does not better */
	struct kept definite;             /* the first of those */
	struct kept latest;               /* the last that may be better later */
};

static void keep(struct kept *k, const att_err *why, struct att_http_response *answer)
{
	att_http_response_free(&k->answer);
	k->has = true;
	k->err = *why;
	k->answer = *answer;
	*answer = (struct att_http_response){ 0 };
}

static int64_t read_field(att_pcs_client *c, const int64_t *field)
{
	pthread_mutex_lock(&c->lock);
	int64_t value = *field;
	pthread_mutex_unlock(&c->lock);
	return value;
}

/* One round: endpoints that answered lately first, then those that did not. */
static enum att_ask_end go_round(const struct att_ask *a, struct rounds *k)
{
	att_pcs_client *c = a->c;
	bool suspect[ATT_PCS_ENDPOINTS_MAX];
	int64_t began = c->clock.now_ms(c->clock.arg);

	for (size_t i = 0; i < c->count; i++)
		suspect[i] = read_field(c, &c->endpoint[i].suspect_until) > began;
	for (int last = 0; last < 2; last++) {
		for (size_t i = 0; i < c->count; i++) {
			struct att_pcs_place *e = &c->endpoint[i];
			int64_t now = c->clock.now_ms(c->clock.arg);
			att_err why = { 0 };

			if (k->done[i] || suspect[i] != (last == 1) ||
			    read_field(c, &e->not_before) > now || now >= a->deadline)
				continue;
			enum att_ask_end v = att_ask_one(a, e, &why);
			if (v == ATT_ASK_TAKEN || v == ATT_ASK_NO_MEMORY)
				return v;
			k->done[i] = v == ATT_ASK_NEVER;
			if (v == ATT_ASK_LATER)
				keep(&k->latest, &why, a->out);
			else if (!k->definite.has)
				keep(&k->definite, &why, a->out);
		}
	}
	return ATT_ASK_LATER;
}

/* When the next round begins: after the delay, and not before some endpoint wants to be asked. */
static int64_t next_round(const struct att_ask *a, const struct rounds *k, unsigned round)
{
	att_pcs_client *c = a->c;
	unsigned delay = c->retry_delay_ms ? c->retry_delay_ms : FIRST_DELAY;
	int64_t now = c->clock.now_ms(c->clock.arg);
	int64_t first = INT64_MAX;

	for (unsigned i = 0; !c->retry_delay_ms && i < round && delay < DELAY_MAX; i++)
		delay *= 2;
	for (size_t i = 0; i < c->count; i++) {
		int64_t at = read_field(c, &c->endpoint[i].not_before);
		if (!k->done[i] && at < first)
			first = at;
	}
	return first > now + delay ? first : now + delay;
}

static bool all_done(const struct att_ask *a, const struct rounds *k)
{
	for (size_t i = 0; i < a->c->count; i++) {
		if (!k->done[i])
			return false;
	}
	return true;
}

/* Nobody has answered. What may be better later weighs more than "no" of another endpoint. */
static att_rc give_up(const struct att_ask *a, struct rounds *k, att_err *err)
{
	struct kept *said =
	    k->definite.has && (all_done(a, k) || !k->latest.has) ? &k->definite : &k->latest;

	att_http_response_free(a->out);
	if (!said->has)
		return att_fail(err, ATT_E_UNAVAILABLE,
				"no time is left to ask: the deadline is over, or every "
				"endpoint wants to be left alone for longer");
	*a->out = said->answer;
	said->answer = (struct att_http_response){ 0 };
	att_buf_free(&a->out->body);
	if (err)
		*err = said->err;
	return said->err.rc;
}

static att_rc ask_rounds(const struct att_ask *a, struct rounds *k, att_err *err)
{
	att_pcs_client *c = a->c;

	for (unsigned round = 0;; round++) {
		enum att_ask_end v = go_round(a, k);
		if (v == ATT_ASK_TAKEN)
			return ATT_OK;
		if (v == ATT_ASK_NO_MEMORY) {
			att_http_response_free(a->out);
			return att_fail(err, ATT_E_NOMEM, "out of memory");
		}
		if (all_done(a, k) || round == c->retries)
			return give_up(a, k, err);
		int64_t next = next_round(a, k, round);
		int64_t now = c->clock.now_ms(c->clock.arg);
		if (next >= a->deadline)
			return give_up(a, k, err);
		if (next > now)
			c->clock.sleep_ms(c->clock.arg, (unsigned)(next - now));
	}
}

static att_rc ask(const struct att_ask *a, att_err *err)
{
	struct rounds k = { 0 };
	bool any = false;

	for (size_t i = 0; i < a->c->count; i++) {
		k.done[i] = !att_ask_served(&a->c->endpoint[i], a->r->what);
		any = any || !k.done[i];
	}
	if (!any)
		return att_fail(err, ATT_E_ARG, "no endpoint is configured for %s",
				att_pcs_name(a->r->what));
	att_rc rc = ask_rounds(a, &k, err);
	att_http_response_free(&k.definite.answer);
	att_http_response_free(&k.latest.answer);
	return rc;
}

/* --- The calls --- */

static int64_t deadline_from_now(const att_pcs_client *c)
{
	return c->clock.now_ms(c->clock.arg) + c->deadline_ms;
}

att_rc att_pcs_client_get_by(att_pcs_client *c, const struct att_pcs_request *r, int64_t deadline,
			     struct att_http_response *out, att_fetch_trace *trace, att_err *err)
{
	struct att_ask a = { .c = c, .r = r, .trace = trace, .out = out };
	att_auto_buf att_buf key = { 0 };
	struct att_flight *leader;
	att_err why = { 0 };
	att_rc rc;

	*out = (struct att_http_response){ 0 };
	att_pcs_put_target(&key, r);
	att_put_u8(&key, 0);
	rc = att_buf_ok(&key, err);
	if (rc != ATT_OK)
		return rc;
	if (att_flight_join(&c->flights, (const char *)key.ptr, &leader, out, &rc, &why)) {
		a.deadline = deadline_from_now(c);
		if (deadline < a.deadline)
			a.deadline = deadline;
		rc = ask(&a, &why);
		att_flight_land(&c->flights, leader, out, rc, &why);
	} else {
		att_ask_note_shared(&a, (const char *)key.ptr, rc, &why);
	}
	if (rc != ATT_OK && err)
		*err = why;
	return rc;
}

att_rc att_pcs_client_get(att_pcs_client *c, const struct att_pcs_request *r,
			  struct att_http_response *out, att_fetch_trace *trace, att_err *err)
{
	return att_pcs_client_get_by(c, r, INT64_MAX, out, trace, err);
}

att_rc att_pcs_client_post(att_pcs_client *c, const struct att_pcs_request *r, att_bytes body,
			   struct att_http_response *out, att_fetch_trace *trace, att_err *err)
{
	struct att_pcs_request bare = { .what = r->what, .tdx = r->tdx, .version = r->version };
	struct att_ask a = { .c = c,
			     .r = &bare,
			     .post = true,
			     .body = body,
			     .trace = trace,
			     .out = out,
			     .deadline = deadline_from_now(c) };

	*out = (struct att_http_response){ 0 };
	return ask(&a, err);
}
