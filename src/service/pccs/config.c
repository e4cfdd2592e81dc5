/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pccs/config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "crypto/mac.h"

enum type { TEXT, NUMBER, HASH, MODE, LEVEL, SCHEDULE, UNUSED };

/* One member. UNUSED ones are known of Intel's service and mean nothing here: `help` says why. */
struct member {
	const char *name;
	enum type type;
	size_t at;
	size_t room; /* of TEXT */
	int64_t max; /* of NUMBER */
	const char *help;
};

#define AT(m)             offsetof(struct att_pccs_config, m)
#define TEXT_OF(m)        TEXT, AT(m), sizeof(((struct att_pccs_config *)NULL)->m), 0, NULL
#define NUMBER_OF(m, max) NUMBER, AT(m), 0, (max), NULL

static const struct member members[] = {
	{ "HTTPS_PORT", NUMBER_OF(port, 65535) },
	{ "hosts", TEXT_OF(hosts) },
	{ "uri", TEXT_OF(uri) },
	{ "ApiKey", TEXT_OF(api_key) },
	{ "proxy", TEXT_OF(proxy) },
	{ "RefreshSchedule", SCHEDULE, AT(schedule), 0, 0, NULL },
	{ "UserTokenHash", HASH, AT(user), 0, 0, NULL },
	{ "AdminTokenHash", HASH, AT(admin), 0, 0, NULL },
	{ "MaxRequestBodySize", NUMBER_OF(body_max, INT64_C(64) << 20) },
	{ "HeadersTimeoutSeconds", NUMBER_OF(headers_seconds, 3600) },
	{ "RequestTimeoutSeconds", NUMBER_OF(request_seconds, 3600) },
	{ "KeepAliveTimeoutSeconds", NUMBER_OF(keep_alive_seconds, 3600) },
	{ "CachingFillMode", MODE, AT(mode), 0, 0, NULL },
	{ "LogLevel", LEVEL, AT(level), 0, 0, NULL },
	{ "OPENSSL_FIPS_MODE", UNUSED, 0, 0, 0, "the system's OpenSSL configuration decides" },
	{ "DB_CONFIG", UNUSED, 0, 0, 0, "the store is named by Store or --store" },
	{ "sqlite", UNUSED, 0, 0, 0, "its database is another program's; Store names ours" },
	{ "mysql", UNUSED, 0, 0, 0, "replicas share a PostgreSQL database (Store)" },
	{ "Store", TEXT_OF(store) },
	{ "TlsCertificate", TEXT_OF(tls_certificate) },
	{ "TlsKey", TEXT_OF(tls_key) },
	{ "Root", TEXT_OF(root) },
	{ "UpstreamCa", TEXT_OF(upstream_ca) },
	{ "OfflineBundle", TEXT_OF(bundle) },
	{ "ApiKeyFile", TEXT_OF(api_key_file) },
	{ "RequestsPerSecond", NUMBER_OF(rate, 1000000) },
	{ "Connections", NUMBER_OF(connections, 65536) },
	{ "RefreshBeforeSeconds", NUMBER_OF(refresh_before, 90 * INT64_C(86400)) },
};

static const char *const modes[] = { "LAZY", "REQ", "OFFLINE" };

/* Of winston, which Intel's service logs with, to ours. */
static const struct {
	const char *name;
	enum att_pccs_level level;
} levels[] = {
	{ "error", ATT_PCCS_LOG_ERROR },   { "warn", ATT_PCCS_LOG_WARN },
	{ "info", ATT_PCCS_LOG_INFO },     { "http", ATT_PCCS_LOG_INFO },
	{ "verbose", ATT_PCCS_LOG_DEBUG }, { "debug", ATT_PCCS_LOG_DEBUG },
	{ "silly", ATT_PCCS_LOG_DEBUG },
};

void att_pccs_config_default(struct att_pccs_config *c)
{
	*c = (struct att_pccs_config){
		.port = 8081,
		.hosts = "127.0.0.1",
		.uri = "https://api.trustedservices.intel.com/sgx/certification/v4/",
		.body_max = 2 << 20,
		.mode = ATT_PCCS_LAZY,
		.level = ATT_PCCS_LOG_INFO,
		.refresh_before = 7 * INT64_C(86400),
	};
}

bool att_pccs_mode_of(const char *name, enum att_pccs_mode *out)
{
	for (size_t i = 0; i < ATT_COUNT(modes); i++) {
		if (strcasecmp(name, modes[i]) == 0) {
			*out = (enum att_pccs_mode)i;
			return true;
		}
	}
	return false;
}

const char *att_pccs_mode_name(enum att_pccs_mode mode)
{
	return modes[mode];
}

bool att_pccs_token_is(const struct att_pccs_token *t, const char *token)
{
	uint8_t hash[ATT_PCCS_TOKEN_HASH];

	if (!t->set || !token)
		return false;
	if (!att_sha512_once(att_bytes_of(token, strlen(token)), hash))
		return false;
	return att_mac_equal(hash, t->hash, sizeof(hash));
}

static const struct member *member_of(att_json name)
{
	for (size_t i = 0; i < ATT_COUNT(members); i++)
		if (att_json_is(name, members[i].name))
			return &members[i];
	return NULL;
}

static att_rc set_text(const struct member *m, att_json v, void *field, att_err *err)
{
	char *text = NULL;
	size_t len = 0;
	att_rc rc = att_json_string(v, &text, &len, err);

	if (rc == ATT_E_NOMEM)
		return rc;
	if (rc != ATT_OK)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v), "%s: expected a text",
				   m->name);
	if (len >= m->room || strlen(text) != len)
		rc = att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				 "%s: expected at most %zu characters, seen %zu", m->name,
				 m->room - 1, len);
	else
		memcpy(field, text, len + 1);
	att_wipe(text, len);
	free(text);
	return rc;
}

/* An empty hash stands in the file that Intel ships: no token is set then. */
static att_rc set_hash(const struct member *m, att_json v, struct att_pccs_token *t, att_err *err)
{
	t->set = false;
	if (att_json_is(v, ""))
		return ATT_OK;
	if (!att_json_hex(v, t->hash, sizeof(t->hash)))
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "%s: expected the SHA-512 of the token in %d hex digits",
				   m->name, 2 * ATT_PCCS_TOKEN_HASH);
	t->set = true;
	return ATT_OK;
}

static att_rc set_schedule(const struct member *m, att_json v, struct att_pccs_config *c,
			   att_err *err)
{
	char text[256];
	att_bytes plain;

	if (!att_json_plain(v, &plain) || plain.len >= sizeof(text))
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "%s: expected a schedule in cron's form", m->name);
	memcpy(text, plain.ptr, plain.len);
	text[plain.len] = 0;
	att_rc rc = att_cron_parse(text, &c->schedule, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "%s", m->name);
	c->has_schedule = true;
	return ATT_OK;
}

static att_rc set_word(const struct member *m, att_json v, struct att_pccs_config *c, att_err *err)
{
	if (m->type == MODE) {
		for (size_t i = 0; i < ATT_COUNT(modes); i++) {
			if (att_json_is(v, modes[i])) {
				c->mode = (enum att_pccs_mode)i;
				return ATT_OK;
			}
		}
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "%s: expected LAZY, REQ or OFFLINE", m->name);
	}
	for (size_t i = 0; i < ATT_COUNT(levels); i++) {
		if (att_json_is(v, levels[i].name)) {
			c->level = levels[i].level;
			return ATT_OK;
		}
	}
	return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
			   "%s: expected error, warn, info or debug", m->name);
}

static att_rc set_number(const struct member *m, att_json v, int64_t *out, att_err *err)
{
	if (!att_json_int(v, 0, m->max, out))
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "%s: expected a number from 0 to %lld", m->name,
				   (long long)m->max);
	return ATT_OK;
}

static att_rc set(const struct member *m, att_json v, struct att_pccs_config *c,
		  att_pccs_note *note, void *ctx, att_err *err)
{
	char text[160];
	void *field = (char *)c + m->at;

	switch (m->type) {
	case TEXT:
		return set_text(m, v, field, err);
	case NUMBER:
		return set_number(m, v, field, err);
	case HASH:
		return set_hash(m, v, field, err);
	case SCHEDULE:
		return set_schedule(m, v, c, err);
	case MODE:
	case LEVEL:
		return set_word(m, v, c, err);
	case UNUSED:
		break;
	}
	snprintf(text, sizeof(text), "%s has no meaning here: %s", m->name, m->help);
	note(ctx, text);
	return ATT_OK;
}

/* Overwrites comments with blanks, so that offsets stay what they are in the file. */
static void blank_comments(uint8_t *text, size_t len)
{
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		if (in_string && text[i] == '\\') {
			i++;
		} else if (text[i] == '"') {
			in_string = !in_string;
		} else if (!in_string && text[i] == '/' && i + 1 < len && text[i + 1] == '/') {
			while (i < len && text[i] != '\n')
				text[i++] = ' ';
		} else if (!in_string && text[i] == '/' && i + 1 < len && text[i + 1] == '*') {
			size_t end = i + 2;
			while (end + 1 < len && !(text[end] == '*' && text[end + 1] == '/'))
				end++;
			end = end + 2 < len ? end + 2 : len;
			while (i < end)
				text[i++] = ' ';
			i--;
		}
	}
}

/* A comma before a closing bracket, as the file that Intel ships has one. Comments are blank. */
static void blank_last_commas(uint8_t *text, size_t len)
{
	bool in_string = false;
	size_t comma = len;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = text[i];
		if (in_string && c == '\\') {
			i++;
		} else if (c == '"') {
			in_string = !in_string;
			comma = len;
		} else if (!in_string && c == ',') {
			comma = i;
		} else if (!in_string && (c == '}' || c == ']') && comma < len) {
			text[comma] = ' ';
			comma = len;
		} else if (!in_string && c > ' ') {
			comma = len;
		}
	}
}

static void note_unknown(att_json name, att_pccs_note *note, void *ctx)
{
	char text[120];
	att_bytes plain;

	if (att_json_plain(name, &plain) && plain.len < 64)
		snprintf(text, sizeof(text), "unknown member \"%.*s\" is passed over",
			 (int)plain.len, (const char *)plain.ptr);
	else
		snprintf(text, sizeof(text), "an unknown member is passed over");
	note(ctx, text);
}

static att_rc read_members(att_json root, struct att_pccs_config *c, att_pccs_note *note, void *ctx,
			   att_err *err)
{
	if (att_json_type_of(root) != ATT_JSON_OBJECT)
		return att_fail(err, ATT_E_FORMAT, "expected a JSON object");
	for (att_json v = att_json_first(root); v.doc; v = att_json_next(root, v)) {
		const struct member *m = member_of(att_json_name(v));
		att_rc rc = ATT_OK;

		if (m)
			rc = set(m, v, c, note, ctx, err);
		else
			note_unknown(att_json_name(v), note, ctx);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

att_rc att_pccs_config_read(att_bytes text, struct att_pccs_config *c, att_pccs_note *note,
			    void *ctx, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };

	if (text.len > ATT_PCCS_CONFIG_MAX)
		return att_fail(err, ATT_E_FORMAT, "configuration: %zu bytes, at most %zu",
				text.len, ATT_PCCS_CONFIG_MAX);
	uint8_t *copy = att_bytes_dup(text);
	if (!copy)
		return att_fail(err, ATT_E_NOMEM, "configuration: out of memory");
	blank_comments(copy, text.len);
	blank_last_commas(copy, text.len);
	att_rc rc = att_json_parse(att_bytes_of(copy, text.len), &doc, err);
	if (rc == ATT_OK)
		rc = read_members(att_json_root(&doc), c, note, ctx, err);
	att_wipe(copy, text.len);
	free(copy);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "configuration");
}
