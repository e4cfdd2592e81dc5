/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/http_wire.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"

#define CHUNK_DIGITS_MAX   8u
#define CHUNK_OVERHEAD_MAX ((size_t)8 << 10)

/* Lines end in CR LF; a bare LF is taken for one too (RFC 9112 section 2.2). */
size_t att_http_head_len(att_bytes in, size_t *seen)
{
	size_t at = *seen;

	while (at < in.len) {
		const uint8_t *lf = memchr(in.ptr + at, '\n', in.len - at);
		if (!lf)
			return 0;
		size_t next = (size_t)(lf - in.ptr) + 1;
		size_t len = next - 1 - at;
		bool empty = len == 0 || (len == 1 && in.ptr[at] == '\r');
		if (empty && at != 0)
			return next;
		*seen = at = next;
	}
	return 0;
}

static att_rc refuse(struct att_http_head *out, int status, att_rc rc, att_err *err,
		     const char *what)
{
	out->status = status;
	return att_fail(err, rc, "%s", what);
}

/* The next line without its end; false behind the last. */
static bool next_line(att_bytes *rest, att_bytes *line)
{
	const uint8_t *lf = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;

	if (!lf)
		return false;
	size_t len = (size_t)(lf - rest->ptr);
	*line = att_bytes_of(rest->ptr, len);
	if (len && line->ptr[len - 1] == '\r')
		line->len--;
	*rest = att_bytes_of(lf + 1, rest->len - len - 1);
	return true;
}

/* Takes the text up to the first blank off the line. */
static att_bytes next_word(att_bytes *line)
{
	const uint8_t *blank = line->len ? memchr(line->ptr, ' ', line->len) : NULL;
	size_t len = blank ? (size_t)(blank - line->ptr) : line->len;
	att_bytes word = att_bytes_of(line->ptr, len);
	size_t skip = blank ? len + 1 : len;

	*line = att_bytes_of(line->ptr + skip, line->len - skip);
	return word;
}

static bool equals(att_bytes a, const char *b)
{
	return a.len == strlen(b) && memcmp(a.ptr, b, a.len) == 0;
}

static bool has_nul(att_bytes b)
{
	return b.len && memchr(b.ptr, 0, b.len);
}

static bool is_method(const char *method)
{
	static const char *const ours[] = { "GET", "HEAD", "POST", "PUT", "DELETE" };

	for (size_t i = 0; i < ATT_COUNT(ours); i++) {
		if (strcmp(ours[i], method) == 0)
			return true;
	}
	return false;
}

static att_rc read_request_line(att_bytes line, struct att_http_request *r,
				struct att_http_head *out, att_err *err)
{
	char method[sizeof(r->method)] = { 0 };
	att_bytes m = next_word(&line);
	att_bytes target = next_word(&line);

	if (!m.len || !target.len || has_nul(m) || has_nul(target))
		return refuse(out, 400, ATT_E_FORMAT, err, "no request line");
	if (!equals(line, "HTTP/1.1") && !equals(line, "HTTP/1.0")) {
		bool http = line.len == 8 && memcmp(line.ptr, "HTTP/", 5) == 0;
		return refuse(out, http ? 505 : 400, http ? ATT_E_UNSUPPORTED : ATT_E_FORMAT, err,
			      "no version of HTTP that is spoken here");
	}
	out->old = line.ptr[7] == '0';
	out->keep_alive = !out->old;
	if (m.len < sizeof(method))
		memcpy(method, m.ptr, m.len);
	if (!is_method(method))
		return refuse(out, 501, ATT_E_UNSUPPORTED, err, "a method that is not known here");
	att_auto_mem char *text = (char *)att_bytes_dup(target);
	if (!text)
		return refuse(out, 500, ATT_E_NOMEM, err, "out of memory");
	att_rc rc = att_http_request_line(r, method, text, err);
	if (rc != ATT_OK)
		out->status = rc == ATT_E_NOMEM ? 500 : 400;
	return rc;
}

static att_bytes trim(att_bytes b)
{
	while (b.len && (b.ptr[0] == ' ' || b.ptr[0] == '\t'))
		b = att_bytes_of(b.ptr + 1, b.len - 1);
	while (b.len && (b.ptr[b.len - 1] == ' ' || b.ptr[b.len - 1] == '\t'))
		b.len--;
	return b;
}

static att_rc read_header(att_bytes line, struct att_http_request *r, struct att_http_head *out,
			  att_err *err)
{
	const uint8_t *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;

	if (!colon || has_nul(line))
		return refuse(out, 400, ATT_E_FORMAT, err, "a header line without ':'");
	if (r->header_count == ATT_HTTP_HEADERS_MAX)
		return refuse(out, 431, ATT_E_FORMAT, err, "too many headers");
	size_t len = (size_t)(colon - line.ptr);
	att_auto_mem char *name = (char *)att_bytes_dup(att_bytes_of(line.ptr, len));
	att_auto_mem char *value =
	    (char *)att_bytes_dup(trim(att_bytes_of(colon + 1, line.len - len - 1)));
	if (!name || !value)
		return refuse(out, 500, ATT_E_NOMEM, err, "out of memory");
	att_rc rc = att_http_request_header(r, name, value, err);
	if (rc != ATT_OK)
		out->status = rc == ATT_E_NOMEM ? 500 : 400;
	return rc;
}

/* Digits alone: no sign, no blank, no list. */
static bool read_length(const char *text, uint64_t *out)
{
	uint64_t v = 0;
	size_t len = strlen(text);

	if (len == 0 || len > 18)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(text[i] - '0');
	}
	*out = v;
	return true;
}

/* Does a list header (commas between) hold this word? */
static bool lists(const char *value, const char *word)
{
	size_t want = strlen(word);

	while (*value) {
		value += strspn(value, " \t,");
		size_t len = strcspn(value, " \t,");
		if (len == want && strncasecmp(value, word, len) == 0)
			return true;
		value += len;
	}
	return false;
}

static unsigned count_header(const struct att_http_request *r, const char *name)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->header_count; i++)
		n += strcasecmp(r->headers[i].name, name) == 0;
	return n;
}

/* RFC 9112 section 6: how long the body is, or that the request can not be trusted. */
static att_rc read_framing(const struct att_http_request *r, struct att_http_head *out,
			   att_err *err)
{
	const char *length = att_http_header(r, "Content-Length");
	const char *coding = att_http_header(r, "Transfer-Encoding");
	const char *connection = att_http_header(r, "Connection");
	const char *expect = att_http_header(r, "Expect");

	if (count_header(r, "Content-Length") + count_header(r, "Transfer-Encoding") > 1)
		return refuse(out, 400, ATT_E_FORMAT, err, "more than one length of the body");
	if (count_header(r, "Host") > 1)
		return refuse(out, 400, ATT_E_FORMAT, err, "more than one host");
	/* A proxy before us may have passed such a message on without reading it (section 6.1). */
	if (coding && out->old)
		return refuse(out, 400, ATT_E_FORMAT, err, "a transfer coding in HTTP/1.0");
	if (coding && strcasecmp(coding, "chunked") != 0)
		return refuse(out, 501, ATT_E_UNSUPPORTED, err,
			      "a transfer coding that is not known here");
	if (length && !read_length(length, &out->length))
		return refuse(out, 400, ATT_E_FORMAT, err, "no length of the body");
	if (coding)
		out->framing = ATT_HTTP_CHUNKED;
	else if (out->length)
		out->framing = ATT_HTTP_LENGTH;
	if (expect && strcasecmp(expect, "100-continue") != 0)
		return refuse(out, 417, ATT_E_UNSUPPORTED, err, "an unknown expectation");
	out->expects_continue = expect && !out->old && out->framing != ATT_HTTP_NO_BODY;
	if (connection && lists(connection, "close"))
		out->keep_alive = false;
	else if (connection && lists(connection, "keep-alive"))
		out->keep_alive = true;
	return ATT_OK;
}

att_rc att_http_head_parse(att_bytes head, struct att_http_request *r, struct att_http_head *out,
			   att_err *err)
{
	att_bytes line;

	*out = (struct att_http_head){ 0 };
	/* One empty line before the request line is passed over (RFC 9112 section 2.2). */
	do {
		if (!next_line(&head, &line))
			return refuse(out, 400, ATT_E_FORMAT, err, "no request line");
	} while (line.len == 0);
	att_rc rc = read_request_line(line, r, out, err);
	while (rc == ATT_OK && next_line(&head, &line) && line.len)
		rc = read_header(line, r, out, err);
	return rc == ATT_OK ? read_framing(r, out, err) : rc;
}

/* --- Chunked bodies (RFC 9112 section 7.1): every line ends in CR LF and nothing else --- */

enum {
	SIZE,
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,
	TRAILER_TEXT,
	TRAILER_LF,
	LAST_LF
};

static att_rc bad_chunk(att_err *err, const char *what)
{
	return att_fail(err, ATT_E_FORMAT, "a chunked body with %s", what);
}

static int hex_digit(uint8_t ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

static att_rc end_size(struct att_http_chunks *c, size_t max, const att_buf *body, att_err *err)
{
	if (c->left > max || body->len > max - (size_t)c->left)
		return att_fail(err, ATT_E_ARG, "a body of more than %zu bytes", max);
	c->digits = 0;
	c->state = c->left ? DATA : TRAILER;
	return ATT_OK;
}

static att_rc take_size(struct att_http_chunks *c, uint8_t ch, att_err *err)
{
	int digit = hex_digit(ch);

	if (digit >= 0) {
		if (++c->digits > CHUNK_DIGITS_MAX)
			return bad_chunk(err, "a size of too many digits");
		c->left = c->left << 4 | (uint64_t)digit;
		return ATT_OK;
	}
	if (!c->digits || (ch != '\r' && ch != ';' && ch != ' ' && ch != '\t'))
		return bad_chunk(err, "a size that is no number");
	c->state = ch == '\r' ? SIZE_LF : EXTENSION;
	return ATT_OK;
}

static att_rc take_trailer(struct att_http_chunks *c, uint8_t ch, att_err *err)
{
	bool wants_lf = c->state == TRAILER_LF || c->state == LAST_LF;

	if (wants_lf != (ch == '\n'))
		return bad_chunk(err, wants_lf ? "a stray CR" : "a stray LF");
	c->done = c->state == LAST_LF;
	if (wants_lf)
		c->state = TRAILER;
	else if (ch != '\r')
		c->state = TRAILER_TEXT;
	else
		c->state = c->state == TRAILER ? LAST_LF : TRAILER_LF;
	return ATT_OK;
}

/* One byte of anything but data. */
static att_rc take_byte(struct att_http_chunks *c, uint8_t ch, size_t max, const att_buf *body,
			att_err *err)
{
	if (++c->overhead > CHUNK_OVERHEAD_MAX + 8 * body->len)
		return bad_chunk(err, "more framing than data");
	switch (c->state) {
	case SIZE:
		return take_size(c, ch, err);
	case EXTENSION:
		if (ch == '\r')
			c->state = SIZE_LF;
		return ch == '\n' ? bad_chunk(err, "a stray LF") : (att_rc)ATT_OK;
	case SIZE_LF:
		return ch == '\n' ? end_size(c, max, body, err) : bad_chunk(err, "a stray CR");
	case DATA_CR:
	case DATA_LF:
		if (ch != (c->state == DATA_CR ? '\r' : '\n'))
			return bad_chunk(err, "data longer than its size");
		c->state = c->state == DATA_CR ? DATA_LF : SIZE;
		return ATT_OK;
	default:
		return take_trailer(c, ch, err);
	}
}

att_rc att_http_chunks_take(struct att_http_chunks *c, att_bytes in, size_t max, att_buf *body,
			    size_t *used, att_err *err)
{
	size_t i = 0;
	att_rc rc = ATT_OK;

	while (rc == ATT_OK && i < in.len && !c->done) {
		if (c->state != DATA) {
			rc = take_byte(c, in.ptr[i++], max, body, err);
			continue;
		}
		size_t n = in.len - i < c->left ? in.len - i : (size_t)c->left;
		att_put_mem(body, in.ptr + i, n);
		rc = att_buf_ok(body, err);
		i += n;
		c->left -= n;
		if (c->left == 0)
			c->state = DATA_CR;
	}
	*used = i;
	return rc;
}

void att_http_put_head(att_buf *b, const struct att_http_response *r, size_t body_len)
{
	att_putf(b, "HTTP/1.1 %d %s\r\n", r->status, att_http_reason(r->status));
	for (size_t i = 0; i < r->header_count; i++)
		att_putf(b, "%s: %s\r\n", r->headers[i].name, r->headers[i].value);
	if (r->status >= 200 && r->status != 204 && r->status != 304)
		att_putf(b, "Content-Length: %zu\r\n", body_len);
}
