/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the caching service, what its upstream answers, its configuration and schedules. The
 * first byte chooses; a line is the target, the rest body and answer. The store takes everything
 * and gives back the last that was put. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/pccs/pccs.h"

#define NOW INT64_C(1750000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct att_pccs_record last;
static att_bytes answer_text;
static uint8_t chosen;

static att_rc store_get(att_pccs_store *s, const char *kind, const char *key,
			struct att_pccs_record *out, att_err *err)
{
	(void)s;
	*out = (struct att_pccs_record){ 0 };
	if (strcmp(kind, last.kind) != 0 || strcmp(key, last.key) != 0)
		return att_fail(err, ATT_E_MISSING, "none");
	*out = last;
	return att_pccs_record_own(out, last.body, last.chain, err);
}

static att_rc store_put(att_pccs_store *s, const struct att_pccs_record *r, size_t count,
			bool *kept, att_err *err)
{
	(void)s;
	for (size_t i = 0; i < count; i++) {
		struct att_pccs_record copy = r[i];
		if (att_pccs_record_own(&copy, r[i].body, r[i].chain, err) != ATT_OK)
			return ATT_E_NOMEM;
		att_pccs_record_free(&last);
		last = copy;
		kept[i] = true;
	}
	return ATT_OK;
}

static att_rc store_remove(att_pccs_store *s, const char *kind, const char *key, att_err *err)
{
	(void)s;
	(void)err;
	if (strcmp(kind, last.kind) == 0 && strcmp(key, last.key) == 0)
		att_pccs_record_free(&last);
	return ATT_OK;
}

static att_rc store_list(att_pccs_store *s, const char *kind, att_pccs_visit *visit, void *ctx,
			 att_err *err)
{
	(void)s;
	(void)err;
	if (strcmp(kind, last.kind) == 0)
		visit(ctx, &last);
	return ATT_OK;
}

static att_rc store_newest(att_pccs_store *s, int64_t *issued, att_err *err)
{
	(void)s;
	(void)err;
	*issued = INT64_MIN;
	return ATT_OK;
}

static void store_close(att_pccs_store *s)
{
	(void)s;
}

static const struct att_pccs_store_ops ops = { "fuzz",     store_get,    store_put,  store_remove,
					       store_list, store_newest, store_close };

static att_rc ask(void *ctx, const struct att_pcs_request *r, att_bytes body,
		  struct att_http_response *out, att_err *err)
{
	(void)ctx;
	(void)body;
	(void)err;
	out->status = chosen & 0x40 ? 503 : 200;
	if (att_pcs_chain_header(r))
		att_http_put_header(out, att_pcs_chain_header(r), "-----BEGIN%20CERTIFICATE-----");
	if (chosen & 0x40)
		att_http_put_header(out, "Retry-After", "1");
	att_put(&out->body, answer_text);
	return ATT_OK;
}

static void ignore(void *ctx, enum att_pccs_level level, const char *text)
{
	(void)ctx;
	(void)level;
	(void)text;
}

static void ignore_note(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static void request(att_pccs *p, const char *target, att_bytes body)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };
	struct att_http_request http = { 0 };
	struct att_http_response out = { 0 };
	int64_t until;

	if (att_http_request_line(&http, methods[chosen & 3], target, NULL) == ATT_OK &&
	    att_http_request_header(&http, "user-token", "t", NULL) == ATT_OK &&
	    att_http_request_header(&http, "admin-token", "t", NULL) == ATT_OK) {
		http.body = body;
		att_pccs_answer(p, &http, NOW, &out, &until);
		if (out.status < 200 || out.status > 599)
			abort();
	}
	att_http_request_free(&http);
	att_http_response_free(&out);
}

static void configuration(const char *line, att_bytes rest)
{
	struct att_pccs_config c;
	struct att_cron cron;

	att_pccs_config_default(&c);
	if (att_pccs_config_read(rest, &c, ignore_note, NULL, NULL) == ATT_OK && c.port > 65535)
		abort();
	if (att_cron_parse(line, &cron, NULL) == ATT_OK && att_cron_next(&cron, NOW) <= NOW)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* SHA-512("t") */
	static const char hash[] =
	    "{\"UserTokenHash\":\"99f97d455d5d62b24f3a942a1abc3fa8863fc0ce2037f52f09bd785b22b800d4"
	    "f2e7b2b614cb600ffc2a4fe24679845b24886d69bb776fcfa46e54d188889c6f\"}";
	static struct att_pccs_store store = { &ops };
	static att_roots *roots;
	static struct att_pccs_config config;
	att_pccs *p = NULL;

	if (!roots) {
		roots = att_roots_intel();
		att_pccs_config_default(&config);
		if (!roots || att_pccs_config_read(att_bytes_of(hash, sizeof(hash) - 1), &config,
						   ignore_note, NULL, NULL) != ATT_OK)
			abort();
	}
	if (size < 2)
		return 0;
	chosen = data[0];
	const uint8_t *end = memchr(data + 1, '\n', size - 1);
	size_t len = end ? (size_t)(end - data) - 1 : size - 1;
	char *line = strndup((const char *)data + 1, len);
	answer_text = att_bytes_of(data + 1 + len + (end != NULL), size - 1 - len - (end != NULL));
	const struct att_pccs_options o = { .mode = (enum att_pccs_mode)((chosen >> 2) % 3),
					    .user = config.user,
					    .admin = config.user,
					    .refresh_before = 86400,
					    .store = &store,
					    .roots = roots,
					    .upstream = { ask, NULL },
					    .log = ignore };
	if (line && att_pccs_new(&o, NOW, &p, NULL) == ATT_OK) {
		configuration(line, answer_text);
		request(p, line, answer_text);
		request(p, line, answer_text);
		(void)att_pccs_refresh(p, NOW, true);
	}
	att_pccs_free(p);
	att_pccs_record_free(&last);
	free(line);
	return 0;
}
