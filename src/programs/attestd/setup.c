/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/attestd/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/files.h"

#define SMALL_FILE_MAX ((size_t)64 << 10)
#define WORKERS        8

bool setup_is_url(const char *store)
{
	return strncmp(store, "postgresql://", 13) == 0 || strncmp(store, "postgres://", 11) == 0;
}

static void note(void *ctx, const char *text)
{
	(void)ctx;
	attestd_log("pccs", ATT_PCCS_LOG_WARN, text);
}

static att_rc read_config(struct setup *s, att_err *err)
{
	const char *path = cli_value(s->args, OPT_CONFIG);
	att_auto_buf att_buf text = { 0 };

	att_pccs_config_default(&s->config);
	if (!path)
		return ATT_OK;
	att_rc rc = att_file_read(path, ATT_PCCS_CONFIG_MAX, &text, err);
	if (rc == ATT_OK)
		rc = att_pccs_config_read(att_buf_bytes(&text), &s->config, note, NULL, err);
	if (text.ptr)
		att_wipe(text.ptr, text.len);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", path);
}

static att_rc set_text(const struct setup *s, int option, char *out, size_t room, att_err *err)
{
	const char *value = cli_value(s->args, option);

	if (!value)
		return ATT_OK;
	if (strlen(value) >= room)
		return att_fail(err, ATT_E_ARG, "an option's value is longer than %zu characters",
				room - 1);
	memcpy(out, value, strlen(value) + 1);
	return ATT_OK;
}

/* Whoever lists processes sees their arguments. */
static att_rc no_password(const struct setup *s, att_err *err)
{
	const char *url = cli_value(s->args, OPT_STORE);

	if (!url || !setup_is_url(url))
		return ATT_OK;
	const char *authority = strstr(url, "://") + 3;
	size_t user = strcspn(authority, "@/?");
	if ((authority[user] == '@' && memchr(authority, ':', user)) || strstr(url, "password="))
		return att_fail(err, ATT_E_ARG,
				"--store: no password on the command line: put the URL into the "
				"configuration file (Store), or use a pgpass file");
	return ATT_OK;
}

static att_rc read_options(struct setup *s, att_err *err)
{
	struct att_pccs_config *c = &s->config;
	const struct {
		int option;
		char *out;
		size_t room;
	} texts[] = {
		{ OPT_STORE, c->store, sizeof(c->store) },
		{ OPT_UPSTREAM, c->uri, sizeof(c->uri) },
		{ OPT_UPSTREAM_CA, c->upstream_ca, sizeof(c->upstream_ca) },
		{ OPT_TLS_CERT, c->tls_certificate, sizeof(c->tls_certificate) },
		{ OPT_TLS_KEY, c->tls_key, sizeof(c->tls_key) },
		{ OPT_BUNDLE, c->bundle, sizeof(c->bundle) },
	};
	static const char *const levels[] = { "error", "warn", "info", "debug" };
	const char *mode = cli_value(s->args, OPT_FILL_MODE);
	const char *level = cli_value(s->args, OPT_LOG_LEVEL);
	const char *workers = cli_value(s->args, OPT_WORKERS);
	char *end = NULL;
	att_rc rc = no_password(s, err);

	for (size_t i = 0; rc == ATT_OK && i < ATT_COUNT(texts); i++)
		rc = set_text(s, texts[i].option, texts[i].out, texts[i].room, err);
	if (rc == ATT_OK && mode && !att_pccs_mode_of(mode, &c->mode))
		rc = att_fail(err, ATT_E_ARG, "--fill-mode: expected LAZY, REQ or OFFLINE");
	for (size_t i = 0; level && i < ATT_COUNT(levels); i++)
		if (strcmp(level, levels[i]) == 0)
			c->level = (enum att_pccs_level)i;
	s->workers = workers ? strtol(workers, &end, 10) : WORKERS;
	if (rc == ATT_OK && (s->workers < 1 || s->workers > 64 || (end && *end)))
		rc = att_fail(err, ATT_E_ARG, "--workers: expected a number from 1 to 64");
	s->http = cli_given(s->args, OPT_HTTP);
	return rc;
}

/* The first line of a file, without what surrounds it. */
static att_rc read_line(const char *path, char *out, size_t room, bool required, att_err *err)
{
	att_auto_buf att_buf text = { 0 };
	att_rc rc = att_file_read(path, SMALL_FILE_MAX, &text, err);

	if (rc == ATT_E_MISSING && !required)
		return ATT_OK;
	if (rc != ATT_OK)
		return rc;
	size_t len = 0;
	while (len < text.len && text.ptr[len] > ' ')
		len++;
	if (len >= room)
		rc = att_fail(err, ATT_E_FORMAT, "%s: longer than %zu characters", path, room - 1);
	else
		snprintf(out, room, "%.*s", (int)len, (const char *)text.ptr);
	att_wipe(text.ptr, text.len);
	return rc;
}

static att_rc read_hash(const char *path, const char *member, struct att_pccs_config *c,
			att_err *err)
{
	char hash[2 * ATT_PCCS_TOKEN_HASH + 1] = "";
	char json[sizeof(hash) + 64];

	att_rc rc = read_line(path, hash, sizeof(hash), false, err);
	if (rc != ATT_OK || !hash[0])
		return rc;
	int n = snprintf(json, sizeof(json), "{\"%s\":\"%s\"}", member, hash);
	rc = att_pccs_config_read(att_bytes_of((const uint8_t *)json, (size_t)n), c, note, NULL,
				  err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", path);
}

/* systemd.exec(5), "LoadCredential": a directory of files that only this service can read. */
static att_rc read_credentials(struct setup *s, att_err *err)
{
	const char *dir = s->cli->env("CREDENTIALS_DIRECTORY");
	struct att_pccs_config *c = &s->config;
	char path[ATT_PATH_ROOM];
	att_rc rc = ATT_OK;

	if (c->api_key_file[0])
		rc = read_line(c->api_key_file, c->api_key, sizeof(c->api_key), true, err);
	if (rc == ATT_OK && dir && att_path_join(path, dir, "api-key"))
		rc = read_line(path, c->api_key, sizeof(c->api_key), false, err);
	if (rc == ATT_OK && dir && att_path_join(path, dir, "user-token-hash"))
		rc = read_hash(path, "UserTokenHash", c, err);
	if (rc == ATT_OK && dir && att_path_join(path, dir, "admin-token-hash"))
		rc = read_hash(path, "AdminTokenHash", c, err);
	return rc;
}

/* Where nothing is said: beside the store, or in the service's state directory. */
static att_rc fill_paths(struct setup *s, att_err *err)
{
	struct att_pccs_config *c = &s->config;
	const char *dir = s->cli->env("STATE_DIRECTORY");
	char base[ATT_PCCS_PATH_MAX];

	if (!c->store[0])
		snprintf(c->store, sizeof(c->store), "%s/pccs.db", dir ? dir : STATE_DIRECTORY);
	if (setup_is_url(c->store)) {
		snprintf(base, sizeof(base), "%s/pccs", dir ? dir : STATE_DIRECTORY);
	} else {
		snprintf(base, sizeof(base), "%s", c->store);
		char *dot = strrchr(base, '.');
		if (dot && !strchr(dot, '/'))
			*dot = 0;
	}
	if (strlen(base) + 8 > sizeof(c->tls_key))
		return att_fail(err, ATT_E_ARG, "--store: the path is too long");
	if (!c->tls_certificate[0] != !c->tls_key[0])
		return att_fail(err, ATT_E_ARG, "--tls-cert and --tls-key go together");
	if (!c->tls_certificate[0]) {
		snprintf(c->tls_certificate, sizeof(c->tls_certificate), "%.1000s.crt", base);
		snprintf(c->tls_key, sizeof(c->tls_key), "%.1000s.key", base);
	}
	return ATT_OK;
}

att_rc setup_read(struct setup *s, att_err *err)
{
	att_rc rc = read_config(s, err);

	if (rc == ATT_OK)
		rc = read_options(s, err);
	if (rc == ATT_OK)
		rc = read_credentials(s, err);
	if (rc == ATT_OK)
		rc = fill_paths(s, err);
	return rc;
}

static att_rc add_root(att_roots *roots, const char *path, att_err *err)
{
	att_auto_buf att_buf text = { 0 };
	att_rc rc = att_file_read(path, SMALL_FILE_MAX, &text, err);

	if (rc == ATT_OK)
		rc = att_roots_add(roots, att_buf_bytes(&text), "configured", err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", path);
}

att_rc setup_roots(const struct setup *s, att_roots **out, att_err *err)
{
	bool own = s->config.root[0] || cli_given(s->args, OPT_ROOT);
	att_rc rc = ATT_OK;

	*out = own ? att_roots_new() : att_roots_intel();
	if (!*out)
		return att_fail(err, ATT_E_NOMEM, "roots: out of memory");
	if (s->config.root[0] && !cli_given(s->args, OPT_ROOT))
		rc = add_root(*out, s->config.root, err);
	for (size_t i = 0; rc == ATT_OK && cli_value_at(s->args, OPT_ROOT, i); i++)
		rc = add_root(*out, cli_value_at(s->args, OPT_ROOT, i), err);
	return rc;
}
