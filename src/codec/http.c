/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/http.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"

#define TARGET_MAX      ((size_t)64 << 10)
#define HEADER_NAME_MAX ((size_t)256)
#define VALUE_MAX       ((size_t)64 << 10)

static void free_fields(struct att_http_field *f, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(f[i].name);
		free(f[i].value);
	}
}

void att_http_request_free(struct att_http_request *r)
{
	if (!r)
		return;
	free(r->path);
	free_fields(r->params, r->param_count);
	free_fields(r->headers, r->header_count);
	*r = (struct att_http_request){ 0 };
}

void att_http_response_free(struct att_http_response *r)
{
	if (!r)
		return;
	free_fields(r->headers, r->header_count);
	att_buf_free(&r->body);
	*r = (struct att_http_response){ 0 };
}

/* RFC 9110 section 5.6.2, tchar. */
static bool is_token(att_bytes s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.len; i++) {
		uint8_t ch = s.ptr[i];
		bool letter = (ch | 0x20) >= 'a' && (ch | 0x20) <= 'z';
		bool digit = ch >= '0' && ch <= '9';
		if (!letter && !digit && (ch == 0 || !strchr(others, ch)))
			return false;
	}
	return s.len > 0;
}

static bool is_printable(att_bytes s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7e)
			return false;
	}
	return true;
}

static att_bytes text_of(const char *s)
{
	return att_bytes_of(s, strlen(s));
}

static char *dup_text(att_bytes s)
{
	return (char *)att_bytes_dup(s);
}

/* One side of a parameter, decoded. */
static att_rc unpercent_text(att_bytes in, char **out, att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	att_rc rc = att_percent_decode(in, &b, err);

	if (rc != ATT_OK)
		return rc;
	if (!is_printable(att_buf_bytes(&b)))
		return att_fail(err, ATT_E_FORMAT,
				"a parameter holds a byte that is not printable ASCII");
	*out = dup_text(att_buf_bytes(&b));
	return *out ? ATT_OK : att_fail(err, ATT_E_NOMEM, "out of memory");
}

static att_rc add_param(struct att_http_request *r, att_bytes pair, att_err *err)
{
	att_auto_mem char *name = NULL;
	att_auto_mem char *value = NULL;
	const uint8_t *equals = memchr(pair.ptr, '=', pair.len);
	size_t name_len = equals ? (size_t)(equals - pair.ptr) : pair.len;
	size_t skip = equals ? name_len + 1 : pair.len;

	if (r->param_count == ATT_HTTP_PARAMS_MAX)
		return att_fail(err, ATT_E_FORMAT, "more than %u parameters", ATT_HTTP_PARAMS_MAX);
	att_rc rc = unpercent_text(att_bytes_of(pair.ptr, name_len), &name, err);
	if (rc == ATT_OK)
		rc = unpercent_text(att_bytes_of(pair.ptr + skip, pair.len - skip), &value, err);
	if (!name || !value)
		return rc;
	if (!*name)
		return att_fail(err, ATT_E_FORMAT, "a parameter without a name");
	if (att_http_param(r, name))
		return att_fail(err, ATT_E_FORMAT, "parameter %.40s is given twice", name);
	r->params[r->param_count++] = (struct att_http_field){ ATT_STEAL(name), ATT_STEAL(value) };
	return ATT_OK;
}

/* RFC 3986 section 3.4 by the custom of forms: NAME=VALUE, '&' between. Empty pieces are passed
 * over. */
static att_rc add_params(struct att_http_request *r, att_bytes query, att_err *err)
{
	while (query.len) {
		const uint8_t *amp = memchr(query.ptr, '&', query.len);
		size_t n = amp ? (size_t)(amp - query.ptr) : query.len;
		att_rc rc = n ? add_param(r, att_bytes_of(query.ptr, n), err) : (att_rc)ATT_OK;
		if (rc != ATT_OK)
			return rc;
		n += amp ? 1 : 0;
		query = att_bytes_of(query.ptr + n, query.len - n);
	}
	return ATT_OK;
}

static att_rc read_target(struct att_http_request *r, const char *target, att_err *err)
{
	att_bytes all = text_of(target);

	if (all.len > TARGET_MAX)
		return att_fail(err, ATT_E_FORMAT, "a target of %zu bytes, at most %zu", all.len,
				TARGET_MAX);
	if (all.len == 0 || *target != '/')
		return att_fail(err, ATT_E_FORMAT, "a target that does not begin with '/'");
	for (size_t i = 0; i < all.len; i++) {
		if (all.ptr[i] <= 0x20 || all.ptr[i] > 0x7e || all.ptr[i] == '#')
			return att_fail_at(err, ATT_E_FORMAT, i, "byte 0x%02x in a target",
					   all.ptr[i]);
	}
	size_t path_len = strcspn(target, "?");
	r->path = dup_text(att_bytes_of(all.ptr, path_len));
	if (!r->path)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	if (path_len == all.len)
		return ATT_OK;
	return add_params(r, att_bytes_of(all.ptr + path_len + 1, all.len - path_len - 1), err);
}

att_rc att_http_request_line(struct att_http_request *r, const char *method, const char *target,
			     att_err *err)
{
	att_bytes m = text_of(method);

	if (m.len >= sizeof(r->method) || !is_token(m))
		return att_fail(err, ATT_E_FORMAT, "no method of a request");
	free(r->path);
	r->path = NULL;
	free_fields(r->params, r->param_count);
	r->param_count = 0;
	memcpy(r->method, method, m.len + 1);
	return read_target(r, target, err);
}

/* RFC 9110 section 5.5: visible characters, blanks and tabs between; what is beyond ASCII is
 * nothing that any of our services understands. */
static bool is_value(att_bytes s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((s.ptr[i] < 0x20 && s.ptr[i] != '\t') || s.ptr[i] > 0x7e)
			return false;
	}
	return s.len <= VALUE_MAX;
}

static att_rc make_field(struct att_http_field *f, const char *name, const char *value,
			 att_err *err)
{
	att_bytes n = text_of(name);
	att_bytes v = text_of(value);

	if (n.len > HEADER_NAME_MAX || !is_token(n))
		return att_fail(err, ATT_E_FORMAT, "no name of a header");
	if (!is_value(v))
		return att_fail(err, ATT_E_FORMAT,
				"header %.40s is too long or holds a byte it may not", name);
	f->name = dup_text(n);
	f->value = dup_text(v);
	if (f->name && f->value)
		return ATT_OK;
	free_fields(f, 1);
	*f = (struct att_http_field){ 0 };
	return att_fail(err, ATT_E_NOMEM, "out of memory");
}

att_rc att_http_request_header(struct att_http_request *r, const char *name, const char *value,
			       att_err *err)
{
	if (r->header_count == ATT_HTTP_HEADERS_MAX)
		return att_fail(err, ATT_E_FORMAT, "more than %u headers", ATT_HTTP_HEADERS_MAX);
	att_rc rc = make_field(&r->headers[r->header_count], name, value, err);
	r->header_count += rc == ATT_OK;
	return rc;
}

static const char *find_field(const struct att_http_field *f, size_t count, const char *name,
			      int (*compare)(const char *, const char *))
{
	for (size_t i = 0; i < count; i++) {
		if (compare(f[i].name, name) == 0)
			return f[i].value;
	}
	return NULL;
}

const char *att_http_param(const struct att_http_request *r, const char *name)
{
	return find_field(r->params, r->param_count, name, strcmp);
}

const char *att_http_header(const struct att_http_request *r, const char *name)
{
	return find_field(r->headers, r->header_count, name, strcasecmp);
}

const char *att_http_response_header(const struct att_http_response *r, const char *name)
{
	return find_field(r->headers, r->header_count, name, strcasecmp);
}

void att_http_put_header(struct att_http_response *r, const char *name, const char *value)
{
	if (r->header_count == ATT_HTTP_HEADERS_MAX ||
	    make_field(&r->headers[r->header_count], name, value, NULL) != ATT_OK)
		r->body.failed = true;
	else
		r->header_count++;
}

static const struct reason {
	int status;
	const char *phrase;
} reasons[] = {
	{ 100, "Continue" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" }, /* RFC 6585 section 4 */
	{ 431, "Request Header Fields Too Large" },
	{ 460, "Integrity Check Failed" }, /* PCCS's own, as the next two */
	{ 461, "Platform Unknown" },
	{ 462, "Certificates Unavailable" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
};

const char *att_http_reason(int status)
{
	for (size_t i = 0; i < ATT_COUNT(reasons); i++) {
		if (reasons[i].status == status)
			return reasons[i].phrase;
	}
	return "Unknown";
}

void att_http_put_percent(att_buf *b, att_bytes text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		uint8_t ch = text.ptr[i];
		bool letter = (ch | 0x20) >= 'a' && (ch | 0x20) <= 'z';
		bool digit = ch >= '0' && ch <= '9';
		if (letter || digit || (ch && strchr("-._~", ch))) {
			att_put_u8(b, ch);
			continue;
		}
		att_put_u8(b, '%');
		att_put_u8(b, (uint8_t)digits[ch >> 4]);
		att_put_u8(b, (uint8_t)digits[ch & 15]);
	}
}
