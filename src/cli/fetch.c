/* SPDX-License-Identifier: Apache-2.0 */
/* What the options and the trace of fetching say; nothing here fetches. */
#include "cli/fetch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/tree.h"
#include "cli/verify.h"

#define TIMEOUT_MAX 3600

bool cli_fetch_asked(const struct cli_args *a)
{
	return cli_given(a, CLI_OPT_PCCS) || cli_given(a, CLI_OPT_UPDATE) ||
	       cli_given(a, CLI_OPT_EVALUATION);
}

bool cli_fetch_configured(struct cli *c, const struct cli_args *a)
{
	if (cli_given(a, CLI_OPT_PCCS))
		return true;
	if (c->env && (c->env("PCCS_URL") || c->env("QCNL_CONF_PATH")))
		return true;
	return access(CLI_QCNL_PATH, F_OK) == 0;
}

static bool whole_number(const char *text, long max)
{
	char *end;
	long n = text[0] >= '0' && text[0] <= '9' ? strtol(text, &end, 10) : -1;

	return n >= 0 && n <= max && !*end;
}

static bool seconds(const char *text)
{
	char *end;
	double s = text[0] >= '0' && text[0] <= '9' ? strtod(text, &end) : -1;

	return s > 0 && s <= TIMEOUT_MAX && !*end && !strpbrk(text, "xXeEpP");
}

enum cli_exit cli_fetch_check(struct cli *c, const struct cli_args *a)
{
	const char *number = cli_value(a, CLI_OPT_EVALUATION);
	const char *retries = cli_value(a, CLI_OPT_RETRIES);
	const char *timeout = cli_value(a, CLI_OPT_TIMEOUT);

	if (cli_given(a, CLI_OPT_OFFLINE) && cli_given(a, CLI_OPT_PCCS))
		return cli_usage(c, a->command, "--offline and --pccs exclude each other");
	if (cli_given(a, CLI_OPT_CACHE) && cli_given(a, CLI_OPT_NO_CACHE))
		return cli_usage(c, a->command, "--cache and --no-cache exclude each other");
	if (number && cli_given(a, CLI_OPT_UPDATE))
		return cli_usage(c, a->command,
				 "--update and --evaluation-number exclude each other");
	if (number && (!whole_number(number, 999999999) || number[0] == '0'))
		return cli_usage(c, a->command, "--evaluation-number '%s': expected a number",
				 number);
	if (retries && !whole_number(retries, 100))
		return cli_usage(c, a->command, "--retries '%s': expected a number up to 100",
				 retries);
	if (timeout && !seconds(timeout))
		return cli_usage(c, a->command, "--timeout '%s': expected seconds, up to %d",
				 timeout, TIMEOUT_MAX);
	return CLI_ACCEPTED;
}

struct att_fetch_set cli_fetch_set(const struct cli_args *a)
{
	const char *number = cli_value(a, CLI_OPT_EVALUATION);
	const char *update = cli_value(a, CLI_OPT_UPDATE);
	struct att_fetch_set set = { 0 };

	if (number)
		set.evaluation_number = (uint32_t)strtoul(number, NULL, 10);
	if (update)
		set.update = strcmp(update, "early") == 0 ? ATT_FETCH_UPDATE_EARLY
							  : ATT_FETCH_UPDATE_STANDARD;
	return set;
}

/* --- What was fetched, shown --- */

static const char *source_name(enum att_fetch_source s)
{
	static const char *const names[] = { [ATT_FETCH_NETWORK] = "network",
					     [ATT_FETCH_CACHE] = "cache",
					     [ATT_FETCH_SHARED] = "shared" };

	return names[s];
}

static void put_str(att_jsonw *w, const char *name, const char *value)
{
	att_jw_name(w, name);
	if (value[0])
		cli_jw_safe(w, att_bytes_of(value, strlen(value)));
	else
		att_jw_null(w);
}

static void put_int(att_jsonw *w, const char *name, int64_t value)
{
	att_jw_name(w, name);
	att_jw_int(w, value);
}

static void put_step(att_jsonw *w, const struct att_fetch_step *s)
{
	att_jw_object(w);
	put_str(w, "what", s->what);
	put_str(w, "url", s->url);
	put_str(w, "source", source_name(s->source));
	put_int(w, "status", s->status);
	att_jw_name(w, "taken");
	att_jw_bool(w, s->rc == ATT_OK);
	put_str(w, "words", s->words);
	put_str(w, "request_id", s->request_id);
	put_str(w, "error_code", s->error_code);
	put_str(w, "warning", s->warning);
	att_jw_name(w, "retry_after");
	if (s->retry_after >= 0)
		att_jw_int(w, s->retry_after);
	else
		att_jw_null(w);
	put_int(w, "took_ms", s->took_ms);
	put_int(w, "size", (int64_t)s->size);
	att_jw_end_object(w);
}

void cli_fetched_json(const struct cli_fetched *f, att_jsonw *w)
{
	if (!f->any)
		return;
	att_jw_name(w, "fetched");
	att_jw_array(w);
	for (size_t i = 0; i < f->count; i++)
		put_step(w, &f->steps[i]);
	att_jw_end_array(w);
}

static void put_safe(att_buf *b, const char *text)
{
	cli_put_safe(b, att_bytes_of(text, strlen(text)));
}

void cli_fetched_text(const struct cli_fetched *f, att_buf *b)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct att_fetch_step *s = &f->steps[i];

		att_put_str(b, i == 0 ? "Fetched     " : "            ");
		bool kept = s->source == ATT_FETCH_CACHE && s->rc == ATT_OK;
		put_safe(b, s->what);
		if (kept)
			att_put_str(b, " "); /* its words say whence, and why from there */
		else
			att_putf(b, " from the %s", source_name(s->source));
		put_safe(b, kept ? s->words : "");
		att_put_str(b, ": ");
		put_safe(b, s->url);
		if (s->source == ATT_FETCH_NETWORK)
			att_putf(b, " (%lld ms)", (long long)s->took_ms);
		if (s->rc != ATT_OK) {
			att_put_str(b, "\n              not taken: ");
			put_safe(b, s->words);
		}
		if (s->warning[0]) {
			att_put_str(b, "\n              the service warns: ");
			put_safe(b, s->warning);
		}
		att_put_str(b, "\n");
	}
}
