/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pccs/upstream.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/mem.h"
#include "fetch/client.h"

/* A client of ours waits meanwhile: better an honest 502 than a long silence. */
#define CONNECT_MS  5000u
#define DEADLINE_MS 15000u
#define RETRIES     1u

struct att_pccs_link {
	att_pcs_client *client;
	struct att_clock clock;
};

static int64_t now_ms(void *arg)
{
	const att_pccs_link *l = arg;

	return l->clock.mono_ms(l->clock.ctx);
}

static void sleep_ms(void *arg, unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	(void)arg;
	nanosleep(&t, NULL);
}

/* scheme://host[:port], from an address that the client has found well formed or will refuse. */
static void host_of(const char *url, char *out, size_t room)
{
	const char *host = strstr(url, "://");
	size_t len = host ? (size_t)(host - url) + 3 + strcspn(host + 3, "/") : strlen(url);

	snprintf(out, room, "%.*s", (int)len, url);
}

/* The version is each request's own: what the address says of it is left out. */
static void without_version(const char *url, char *out, size_t room)
{
	static const char path[] = "/sgx/certification/";
	const char *at = strstr(url, path);

	snprintf(out, room, "%.*s", (int)(at ? (size_t)(at - url) : strlen(url)), url);
}

static const char *given(const char *text)
{
	return text && *text ? text : NULL;
}

att_rc att_pccs_link_new(const struct att_pccs_link_options *options, att_pccs_link **out,
			 att_err *err)
{
	char url[ATT_PCS_URL_MAX + 1], host[ATT_PCS_URL_MAX + 1], crl[ATT_PCS_URL_MAX + 32];

	*out = NULL;
	if (strlen(options->url) > ATT_PCS_URL_MAX)
		return att_fail(err, ATT_E_FORMAT, "upstream: the address is too long");
	att_pccs_link *l = calloc(1, sizeof(*l));
	if (!l)
		return att_fail(err, ATT_E_NOMEM, "upstream: out of memory");
	l->clock = options->clock;
	without_version(options->url, url, sizeof(url));
	host_of(options->url, host, sizeof(host));
	snprintf(crl, sizeof(crl), "%s/IntelSGXRootCA.der", host);
	const struct att_pcs_endpoint endpoint = { .url = url, .flavour = ATT_PCS_FLAVOUR_PCS };
	const struct att_pcs_options o = {
		.endpoints = &endpoint,
		.endpoint_count = 1,
		.clock = { now_ms, sleep_ms, l },
		.ca_file = given(options->ca_file),
		.api_key = given(options->api_key),
		.proxy = given(options->proxy),
		.root_crl_url = strstr(host, ATT_PCS_INTEL_HOST) ? NULL : crl,
		.retries = RETRIES,
		.connect_ms = CONNECT_MS,
		.deadline_ms = DEADLINE_MS,
	};
	att_rc rc = att_pcs_client_new(&o, &l->client, err);
	if (rc != ATT_OK) {
		free(l);
		return att_wrap(err, rc, "upstream");
	}
	*out = l;
	return ATT_OK;
}

void att_pccs_link_free(att_pccs_link *l)
{
	if (!l)
		return;
	att_pcs_client_free(l->client);
	free(l);
}

static att_rc ask(void *ctx, const struct att_pcs_request *r, att_bytes body,
		  struct att_http_response *out, att_err *err)
{
	att_pccs_link *l = ctx;

	return body.len ? att_pcs_client_post(l->client, r, body, out, NULL, err)
			: att_pcs_client_get(l->client, r, out, NULL, err);
}

struct att_pccs_upstream att_pccs_link_upstream(att_pccs_link *l)
{
	return (struct att_pccs_upstream){ ask, l };
}
