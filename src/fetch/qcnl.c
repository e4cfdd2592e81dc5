/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/qcnl.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"
#include "codec/json.h"

#define NUMBER_MAX  1000000
#define URL_MAX     512u
#define VALUE_SHOWN 40

void att_qcnl_free(struct att_qcnl *q)
{
	if (!q)
		return;
	free(q->pccs_url);
	free(q->collateral_service);
	free(q->pccs_api_version);
	free(q->local_pck_url);
	for (size_t i = 0; i < ATT_QCNL_CUSTOM_MAX; i++) {
		free(q->headers[i]);
		free(q->params[i]);
	}
	*q = (struct att_qcnl){ 0 };
}

enum id {
	PCCS_URL,
	COLLATERAL_SERVICE,
	LOCAL_PCK_URL,
	PCCS_API_VERSION,
	USE_SECURE_CERT,
	LOCAL_CACHE_ONLY,
	RETRY_TIMES,
	RETRY_DELAY,
	PCK_CACHE_EXPIRE_HOURS,
	VERIFY_COLLATERAL_CACHE_EXPIRE_HOURS,
	TCB_UPDATE_TYPE,
	KEYS
};

/* Every key by its name in both forms. */
static const struct {
	const char *json;
	const char *plain;
} keys[KEYS] = {
	[PCCS_URL] = { "pccs_url", "PCCS_URL" },
	[COLLATERAL_SERVICE] = { "collateral_service", "COLLATERAL_SERVICE" },
	[LOCAL_PCK_URL] = { "local_pck_url", "LOCAL_PCK_URL" },
	[PCCS_API_VERSION] = { "pccs_api_version", "PCCS_API_VERSION" },
	[USE_SECURE_CERT] = { "use_secure_cert", "USE_SECURE_CERT" },
	[LOCAL_CACHE_ONLY] = { "local_cache_only", "LOCAL_CACHE_ONLY" },
	[RETRY_TIMES] = { "retry_times", "RETRY_TIMES" },
	[RETRY_DELAY] = { "retry_delay", "RETRY_DELAY" },
	[PCK_CACHE_EXPIRE_HOURS] = { "pck_cache_expire_hours", "PCK_CACHE_EXPIRE_HOURS" },
	[VERIFY_COLLATERAL_CACHE_EXPIRE_HOURS] = { "verify_collateral_cache_expire_hours",
						   "VERIFY_COLLATERAL_CACHE_EXPIRE_HOURS" },
	[TCB_UPDATE_TYPE] = { "tcb_update_type", "TCB_UPDATE_TYPE" },
};

#define CUSTOM_OPTIONS "custom_request_options"

/* --- Values, as text --- */

static bool is_word(att_bytes v, const char *word)
{
	return v.len == strlen(word) && strncasecmp((const char *)v.ptr, word, v.len) == 0;
}

static att_rc wrong(att_err *err, const char *name, const char *expected, att_bytes seen)
{
	return att_fail(err, ATT_E_FORMAT, "%s: expected %s, seen '%.*s'", name, expected,
			(int)(seen.len < VALUE_SHOWN ? seen.len : VALUE_SHOWN),
			seen.len ? (const char *)seen.ptr : "");
}

static att_rc set_text(char **field, const char *name, att_bytes v, att_err *err)
{
	if (v.len == 0)
		return ATT_OK; /* as if the key were not there */
	if (v.len >= URL_MAX)
		return att_fail(err, ATT_E_FORMAT, "%s: %zu bytes, at most %u", name, v.len,
				URL_MAX - 1);
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] <= 0x20 || v.ptr[i] > 0x7e)
			return att_fail(err, ATT_E_FORMAT,
					"%s: blanks and bytes beyond ASCII are not allowed in it",
					name);
	}
	free(*field);
	*field = (char *)att_bytes_dup(v);
	return *field ? ATT_OK : att_fail(err, ATT_E_NOMEM, "out of memory");
}

static bool begins(att_bytes v, const char *start)
{
	return v.len >= strlen(start) && memcmp(v.ptr, start, strlen(start)) == 0;
}

static att_rc set_url(char **field, const char *name, att_bytes v, att_err *err)
{
	if (v.len && !begins(v, "https://") && !begins(v, "http://"))
		return wrong(err, name, "an address that begins with https://", v);
	return set_text(field, name, v, err);
}

static att_rc set_number(int64_t *field, const char *name, att_bytes v, att_err *err)
{
	int64_t n = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] < '0' || v.ptr[i] > '9')
			return wrong(err, name, "a number", v);
		n = 10 * n + (v.ptr[i] - '0');
		if (n > NUMBER_MAX)
			return wrong(err, name, "a number up to 1000000", v);
	}
	if (v.len == 0)
		return wrong(err, name, "a number", v);
	*field = n;
	return ATT_OK;
}

static att_rc set_bool(bool *field, const char *name, att_bytes v, att_err *err)
{
	*field = is_word(v, "true");
	if (*field || is_word(v, "false"))
		return ATT_OK;
	return wrong(err, name, "true or false", v);
}

static att_rc set_update(enum att_qcnl_update *field, const char *name, att_bytes v, att_err *err)
{
	if (v.len == 0)
		return ATT_OK;
	*field = is_word(v, "early")      ? ATT_QCNL_UPDATE_EARLY
		 : is_word(v, "standard") ? ATT_QCNL_UPDATE_STANDARD
					  : ATT_QCNL_UPDATE_NONE;
	if (*field != ATT_QCNL_UPDATE_NONE)
		return ATT_OK;
	return wrong(err, name, "early or standard", v);
}

static att_rc set_value(struct att_qcnl *q, enum id id, const char *name, att_bytes v, att_err *err)
{
	switch (id) {
	case PCCS_URL:
		return set_url(&q->pccs_url, name, v, err);
	case COLLATERAL_SERVICE:
		return set_url(&q->collateral_service, name, v, err);
	case LOCAL_PCK_URL:
		return set_url(&q->local_pck_url, name, v, err);
	case PCCS_API_VERSION:
		return set_text(&q->pccs_api_version, name, v, err);
	case USE_SECURE_CERT:
		return set_bool(&q->use_secure_cert, name, v, err);
	case LOCAL_CACHE_ONLY:
		return set_bool(&q->local_cache_only, name, v, err);
	case RETRY_TIMES:
		return set_number(&q->retry_times, name, v, err);
	case RETRY_DELAY:
		return set_number(&q->retry_delay, name, v, err);
	case PCK_CACHE_EXPIRE_HOURS:
		return set_number(&q->pck_cache_expire_hours, name, v, err);
	case VERIFY_COLLATERAL_CACHE_EXPIRE_HOURS:
		return set_number(&q->verify_collateral_cache_expire_hours, name, v, err);
	default:
		return set_update(&q->update, name, v, err);
	}
}

static void note_unknown(struct att_qcnl *q, att_bytes name)
{
	if (q->unknown[0])
		return;
	snprintf(q->unknown, sizeof(q->unknown), "%.*s", (int)(name.len < 63 ? name.len : 63),
		 (const char *)name.ptr);
}

static struct att_qcnl empty(enum att_qcnl_form form)
{
	return (struct att_qcnl){ .form = form,
				  .use_secure_cert = true,
				  .retry_times = -1,
				  .retry_delay = -1,
				  .pck_cache_expire_hours = -1,
				  .verify_collateral_cache_expire_hours = -1 };
}

/* --- JSON --- */

enum place { PLAIN, STRING, LINE_COMMENT, BLOCK_COMMENT };

/* Where one is behind the byte `c`, which `next` follows; *both when next belongs to it. */
static enum place step(enum place at, uint8_t c, uint8_t next, bool *both)
{
	*both = false;
	switch (at) {
	case PLAIN:
		*both = c == '/' && (next == '/' || next == '*');
		if (*both)
			return next == '/' ? LINE_COMMENT : BLOCK_COMMENT;
		return c == '"' ? STRING : PLAIN;
	case STRING:
		*both = c == '\\';
		return c == '"' ? PLAIN : STRING;
	case LINE_COMMENT:
		return c == '\n' ? PLAIN : LINE_COMMENT;
	default:
		*both = c == '*' && next == '/';
		return *both ? PLAIN : BLOCK_COMMENT;
	}
}

/* Blanks in place of comments, so that offsets and lines stay. */
static att_rc blank_comments(att_bytes text, att_buf *out, att_err *err)
{
	enum place at = PLAIN;
	bool both;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t next = i + 1 < text.len ? text.ptr[i + 1] : 0;
		enum place before = at;
		at = step(at, text.ptr[i], next, &both);
		bool comment = before >= LINE_COMMENT || at >= LINE_COMMENT;
		att_put_u8(out, comment && text.ptr[i] != '\n' ? ' ' : text.ptr[i]);
		if (both && i + 1 < text.len) {
			att_put_u8(out, comment ? ' ' : next);
			i++;
		}
	}
	return att_buf_ok(out, err);
}

/* A value as the text that the other form has; numbers and booleans may be quoted. */
static att_rc json_text(att_json v, const char *name, char **out, size_t *len, att_err *err)
{
	enum att_json_type type = att_json_type_of(v);
	att_bytes raw = att_json_slice(v);

	if (type == ATT_JSON_STRING)
		return att_json_string(v, out, len, err);
	if (type != ATT_JSON_NUMBER && type != ATT_JSON_TRUE && type != ATT_JSON_FALSE)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "%s: expected a string, a number or true or false", name);
	*out = (char *)att_bytes_dup(raw);
	*len = raw.len;
	return *out ? ATT_OK : att_fail(err, ATT_E_NOMEM, "out of memory");
}

static att_rc read_custom(att_json object, const char *separator, char **list, att_err *err)
{
	size_t n = 0;

	if (!object.doc)
		return ATT_OK;
	if (att_json_type_of(object) != ATT_JSON_OBJECT)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(object),
				   CUSTOM_OPTIONS ": expected an object of names and values");
	for (att_json v = att_json_first(object); v.doc; v = att_json_next(object, v)) {
		att_auto_mem char *name = NULL;
		att_auto_mem char *value = NULL;
		att_auto_buf att_buf line = { 0 };
		size_t len;

		if (n == ATT_QCNL_CUSTOM_MAX)
			return att_fail(err, ATT_E_FORMAT,
					CUSTOM_OPTIONS ": more than %u of a kind",
					ATT_QCNL_CUSTOM_MAX);
		att_rc rc = att_json_string(att_json_name(v), &name, &len, err);
		if (rc == ATT_OK)
			rc = json_text(v, CUSTOM_OPTIONS, &value, &len, err);
		if (rc != ATT_OK)
			return rc;
		att_putf(&line, "%s%s%s", name, separator, value);
		list[n] = att_buf_steal_str(&line);
		if (!list[n++])
			return att_fail(err, ATT_E_NOMEM, "out of memory");
	}
	return ATT_OK;
}

static att_rc read_custom_options(att_json options, struct att_qcnl *q, att_err *err)
{
	att_json get_cert = att_json_get(options, "get_cert");

	if (att_json_type_of(options) != ATT_JSON_OBJECT ||
	    (get_cert.doc && att_json_type_of(get_cert) != ATT_JSON_OBJECT))
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(options),
				   CUSTOM_OPTIONS ": expected an object");
	att_rc rc = read_custom(att_json_get(get_cert, "headers"), ": ", q->headers, err);
	if (rc == ATT_OK)
		rc = read_custom(att_json_get(get_cert, "params"), "=", q->params, err);
	return rc;
}

static att_rc read_member(att_json member, struct att_qcnl *q, att_err *err)
{
	att_json name = att_json_name(member);

	if (att_json_is(name, CUSTOM_OPTIONS))
		return read_custom_options(member, q, err);
	for (size_t i = 0; i < ATT_COUNT(keys); i++) {
		att_auto_mem char *text = NULL;
		size_t len = 0;

		if (!att_json_is(name, keys[i].json))
			continue;
		att_rc rc = json_text(member, keys[i].json, &text, &len, err);
		if (rc == ATT_OK)
			rc = set_value(q, (enum id)i, keys[i].json, att_bytes_of(text, len), err);
		return rc;
	}
	att_bytes plain;
	if (att_json_plain(name, &plain))
		note_unknown(q, plain);
	return ATT_OK;
}

static att_rc read_json(const att_json_doc *doc, struct att_qcnl *q, att_err *err)
{
	att_json root = att_json_root(doc);

	for (att_json v = att_json_first(root); v.doc; v = att_json_next(root, v)) {
		att_rc rc = read_member(v, q, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

/* --- KEY=VALUE --- */

static att_bytes trim(att_bytes s)
{
	while (s.len && strchr(" \t\r", s.ptr[0]) && s.ptr[0]) {
		s.ptr++;
		s.len--;
	}
	while (s.len && s.ptr[s.len - 1] && strchr(" \t\r", s.ptr[s.len - 1]))
		s.len--;
	if (s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"')
		return att_bytes_of(s.ptr + 1, s.len - 2);
	return s;
}

static att_rc read_line(att_bytes line, struct att_qcnl *q, att_err *err)
{
	const uint8_t *hash = (const uint8_t *)memchr(line.ptr, '#', line.len);

	if (hash)
		line.len = (size_t)(hash - line.ptr);
	line = trim(line);
	if (line.len == 0)
		return ATT_OK;
	const uint8_t *equals = (const uint8_t *)memchr(line.ptr, '=', line.len);
	if (!equals)
		return wrong(err, "configuration", "KEY=VALUE", line);
	size_t at = (size_t)(equals - line.ptr);
	att_bytes name = trim(att_bytes_of(line.ptr, at));
	att_bytes value = trim(att_bytes_of(equals + 1, line.len - at - 1));
	for (size_t i = 0; i < ATT_COUNT(keys); i++) {
		if (is_word(name, keys[i].plain))
			return set_value(q, (enum id)i, keys[i].plain, value, err);
	}
	note_unknown(q, name);
	return ATT_OK;
}

static att_rc read_lines(att_bytes text, struct att_qcnl *q, att_err *err)
{
	for (unsigned line = 1; text.len; line++) {
		const uint8_t *end = (const uint8_t *)memchr(text.ptr, '\n', text.len);
		size_t n = end ? (size_t)(end - text.ptr) : text.len;
		att_rc rc = read_line(att_bytes_of(text.ptr, n), q, err);
		if (rc == ATT_E_NOMEM)
			return rc;
		if (rc != ATT_OK)
			return att_wrap(err, rc, "line %u", line);
		n += end ? 1 : 0;
		text = att_bytes_of(text.ptr + n, text.len - n);
	}
	return ATT_OK;
}

static unsigned line_of(att_bytes text, size_t offset)
{
	unsigned line = 1;

	for (size_t i = 0; i < offset && i < text.len; i++)
		line += text.ptr[i] == '\n';
	return line;
}

static bool looks_json(att_bytes text)
{
	size_t i = 0;

	while (i < text.len && strchr(" \t\r\n", text.ptr[i]) && text.ptr[i])
		i++;
	return i < text.len && text.ptr[i] == '{';
}

att_rc att_qcnl_parse(att_bytes text, struct att_qcnl *out, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	att_auto_buf att_buf clean = { 0 };
	struct att_qcnl q = { 0 };
	att_err why = { 0 };

	*out = (struct att_qcnl){ 0 };
	if (text.len > ATT_QCNL_MAX)
		return att_fail(err, ATT_E_FORMAT, "%zu bytes, at most %zu", text.len,
				ATT_QCNL_MAX);
	att_rc rc = blank_comments(text, &clean, err);
	if (rc != ATT_OK)
		return rc;
	bool json = looks_json(att_buf_bytes(&clean));
	q = empty(json ? ATT_QCNL_JSON : ATT_QCNL_KEY_VALUE);
	if (json) {
		rc = att_json_parse(att_buf_bytes(&clean), &doc, &why);
		if (rc == ATT_OK)
			rc = read_json(&doc, &q, &why);
		if (rc != ATT_OK && rc != ATT_E_NOMEM && why.offset != ATT_NO_OFFSET)
			rc = att_wrap(&why, ATT_E_FORMAT, "line %u", line_of(text, why.offset));
	} else {
		rc = read_lines(text, &q, &why);
	}
	if (rc != ATT_OK) {
		att_qcnl_free(&q);
		if (err)
			*err = why;
		return rc == ATT_E_NOMEM ? rc : ATT_E_FORMAT;
	}
	*out = q;
	return ATT_OK;
}
