/* SPDX-License-Identifier: Apache-2.0 */
/* Which services, by options, environment and /etc/sgx_default_qcnl.conf; with the program's
 * clock. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mem.h"
#include "cli/fetch.h"
#include "cli/file.h"
#include "fetch/qcnl.h"

#define RETRIES       2u
#define PATH_MAX_OURS 4096u

static int64_t now_ms(void *arg)
{
	struct timespec t;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void sleep_ms(void *arg, unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	(void)arg;
	while (nanosleep(&t, &t) != 0 && errno == EINTR)
		continue;
}

const struct att_fetch_clock cli_fetch_clock = { now_ms, sleep_ms, NULL };

/* What the services are, while the fetcher copies it. */
struct services {
	struct att_fetch_endpoint endpoint[ATT_FETCH_ENDPOINTS_MAX];
	size_t count;
	struct att_qcnl qcnl; /* form 0: no file was read */
	char path[PATH_MAX_OURS];
};

static void services_free(struct services *s)
{
	att_qcnl_free(&s->qcnl);
}

static void add(struct services *s, const char *url, enum att_fetch_serves serves, bool insecure)
{
	if (url && s->count < ATT_FETCH_ENDPOINTS_MAX)
		s->endpoint[s->count++] = (struct att_fetch_endpoint){ .url = url,
								       .serves = serves,
								       .insecure = insecure };
}

static const char *qcnl_path(struct cli *c)
{
	const char *path = c->env ? c->env("QCNL_CONF_PATH") : NULL;

	return path ? path : CLI_QCNL_PATH;
}

static enum cli_exit read_qcnl(struct cli *c, struct services *s)
{
	const char *path = qcnl_path(c);
	att_auto_buf att_buf text = { 0 };
	att_err err = { 0 };

	att_rc rc = cli_read(path, ATT_QCNL_MAX, &text, &err);
	if (rc != ATT_OK) {
		cli_error(c, "%s", err.msg);
		return CLI_NO_ANSWER;
	}
	rc = att_qcnl_parse(att_buf_bytes(&text), &s->qcnl, &err);
	if (rc != ATT_OK) {
		cli_error(c, "%s: %s", path, err.msg);
		return rc == ATT_E_NOMEM ? CLI_NO_ANSWER : CLI_USAGE;
	}
	if (s->qcnl.unknown[0])
		cli_warning(c, "%s: unknown key %s", path, s->qcnl.unknown);
	return CLI_ACCEPTED;
}

/* As Intel's library asks: PCK certificates of local_pck_url and then of pccs_url, the rest of
 * collateral_service where it is given. */
static void add_qcnl(struct cli *c, struct services *s)
{
	const struct att_qcnl *q = &s->qcnl;
	bool insecure = !q->use_secure_cert;
	const char *url = q->pccs_url ? q->pccs_url : ATT_QCNL_DEFAULT_URL;

	add(s, q->local_pck_url, ATT_FETCH_SERVES_PCK, insecure);
	add(s, url, q->collateral_service ? ATT_FETCH_SERVES_PCK : ATT_FETCH_SERVES_ALL, insecure);
	add(s, q->collateral_service, ATT_FETCH_SERVES_COLLATERAL, insecure);
	if (insecure)
		cli_warning(c,
			    "%s says use_secure_cert false: nobody checks which service answers; "
			    "what it answers is checked all the same",
			    qcnl_path(c));
}

static enum cli_exit gather(struct cli *c, const struct cli_args *a, struct services *s)
{
	const char *url = c->env ? c->env("PCCS_URL") : NULL;

	for (size_t i = 0; cli_value_at(a, CLI_OPT_PCCS, i); i++) {
		if (i == ATT_FETCH_ENDPOINTS_MAX)
			return cli_usage(c, a->command, "more than %u services",
					 ATT_FETCH_ENDPOINTS_MAX);
		add(s, cli_value_at(a, CLI_OPT_PCCS, i), ATT_FETCH_SERVES_ALL, false);
	}
	if (!s->count)
		add(s, url, ATT_FETCH_SERVES_ALL, false);
	if (s->count)
		return CLI_ACCEPTED;
	if (!cli_fetch_configured(c, a))
		return cli_usage(c, a->command,
				 "no service is known: name one with --pccs URL, PCCS_URL, or "
				 "in " CLI_QCNL_PATH);
	enum cli_exit rc = read_qcnl(c, s);
	if (rc == CLI_ACCEPTED)
		add_qcnl(c, s);
	return rc;
}

/* Where Intel's library would look, with a name of ours; the directory is made, for us alone. */
static const char *cache_path(struct cli *c, const struct cli_args *a, struct services *s)
{
	static const struct {
		const char *variable;
		const char *below;
	} places[] = { { "AZDCAP_CACHE", "" }, { "XDG_CACHE_HOME", "" }, { "HOME", "/.cache" } };
	const char *given = cli_value(a, CLI_OPT_CACHE);

	if (given || cli_given(a, CLI_OPT_NO_CACHE))
		return given;
	for (size_t i = 0; i < ATT_COUNT(places); i++) {
		const char *base = c->env ? c->env(places[i].variable) : NULL;
		if (!base || base[0] != '/' || strlen(base) > sizeof(s->path) - 64)
			continue;
		int n = snprintf(s->path, sizeof(s->path), "%s%s", base, places[i].below);
		(void)mkdir(s->path, 0700);
		snprintf(s->path + n, sizeof(s->path) - (size_t)n, "/attest");
		(void)mkdir(s->path, 0700);
		snprintf(s->path + n, sizeof(s->path) - (size_t)n, "/attest/collateral.db");
		return s->path;
	}
	return NULL;
}

static unsigned positive(int64_t value, unsigned otherwise)
{
	return value >= 0 ? (unsigned)value : otherwise;
}

/* Zero hours mean what they say, but zero is the library's word for its own default. */
static int64_t hours(int64_t value)
{
	return value < 0 ? 0 : value == 0 ? -1 : value;
}

static void set_limits(const struct cli_args *a, const struct services *s,
		       struct att_fetch_options *o)
{
	const char *retries = cli_value(a, CLI_OPT_RETRIES);
	const char *timeout = cli_value(a, CLI_OPT_TIMEOUT);

	o->retries = RETRIES;
	if (s->qcnl.form) {
		o->retries = positive(s->qcnl.retry_times, RETRIES);
		o->retry_delay_ms = 1000 * positive(s->qcnl.retry_delay, 0);
		o->collateral_hours = hours(s->qcnl.verify_collateral_cache_expire_hours);
		o->pck_hours = hours(s->qcnl.pck_cache_expire_hours);
		o->cache_only = s->qcnl.local_cache_only;
		o->pckcert_headers = (const char *const *)s->qcnl.headers;
		o->pckcert_params = (const char *const *)s->qcnl.params;
	}
	if (retries)
		o->retries = (unsigned)strtoul(retries, NULL, 10);
	if (timeout) {
		double ms = 1000 * strtod(timeout, NULL);
		o->deadline_ms = ms < 1 ? 1 : (unsigned)ms;
	}
	o->cache_only = o->cache_only || cli_given(a, CLI_OPT_OFFLINE);
}

static const char *either(struct cli *c, const char *a, const char *b)
{
	const char *value = c->env ? c->env(a) : NULL;

	return value || !c->env ? value : c->env(b);
}

static struct att_fetch_set the_set(const struct cli_args *a, const struct services *s)
{
	struct att_fetch_set set = cli_fetch_set(a);

	if (!set.evaluation_number && !set.update && s->qcnl.update)
		set.update = s->qcnl.update == ATT_QCNL_UPDATE_EARLY ? ATT_FETCH_UPDATE_EARLY
								     : ATT_FETCH_UPDATE_STANDARD;
	return set;
}

enum cli_exit cli_fetcher_new(struct cli *c, const struct cli_args *a, const att_roots *roots,
			      att_fetcher **out, struct att_fetch_set *set)
{
	__attribute__((cleanup(services_free))) struct services s = { 0 };
	att_err err = { 0 };

	*out = NULL;
	enum cli_exit code = cli_given(a, CLI_OPT_OFFLINE) ? CLI_ACCEPTED : gather(c, a, &s);
	if (code != CLI_ACCEPTED)
		return code;
	struct att_fetch_options o = { .endpoints = s.endpoint,
				       .endpoint_count = s.count,
				       .clock = cli_fetch_clock,
				       .roots = roots,
				       .ca_file = cli_value(a, CLI_OPT_PCCS_CA),
				       .api_key = c->env ? c->env("PCS_API_KEY") : NULL,
				       .proxy = either(c, "https_proxy", "HTTPS_PROXY"),
				       .no_proxy = either(c, "no_proxy", "NO_PROXY"),
				       .cache_path = cache_path(c, a, &s) };
	set_limits(a, &s, &o);
	*set = the_set(a, &s);
	att_rc rc = att_fetcher_new(&o, out, &err);
	if (rc == ATT_OK)
		return CLI_ACCEPTED;
	cli_error(c, "%s", err.msg);
	return rc == ATT_E_FORMAT || rc == ATT_E_ARG ? CLI_USAGE : CLI_NO_ANSWER;
}

void cli_fetcher_warn(struct cli *c, att_fetcher *f)
{
	att_err e = att_fetcher_cache(f);

	if (e.rc != ATT_OK)
		cli_warning(c, "%s; going on without it", e.msg);
}
