/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/encoding.h"

#include <string.h>

#include "base/error.h"
#include "base/reader.h"
#include "base/text.h"
#include "codec/pem.h"

#define LABEL_MAX 64

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static att_bytes skip_space(att_bytes in)
{
	while (in.len > 0 && is_space(in.ptr[0])) {
		in.ptr++;
		in.len--;
	}
	return in;
}

static bool has_0x(att_bytes in)
{
	return in.len >= 2 && in.ptr[0] == '0' && (in.ptr[1] == 'x' || in.ptr[1] == 'X');
}

/* Hex digits in the text, or 0 when it has anything else but white space. */
static size_t hex_digits(att_bytes in)
{
	size_t n = 0;

	in = skip_space(in);
	for (size_t i = has_0x(in) ? 2 : 0; i < in.len; i++) {
		if (is_hex(in.ptr[i]))
			n++;
		else if (!is_space(in.ptr[i]))
			return 0;
	}
	return n;
}

struct census {
	size_t count; /* characters that are no white space, up to the first `other` */
	bool std;     /* '+', '/' or '=' is among them */
	bool url;     /* '-' or '_' */
	bool other;   /* anything that is in neither alphabet */
};

static struct census take_census(att_bytes in)
{
	struct census c = { 0 };

	for (size_t i = 0; i < in.len; i++) {
		uint8_t ch = in.ptr[i];
		if (is_space(ch))
			continue;
		c.count++;
		if (ch == '+' || ch == '/' || ch == '=') {
			c.std = true;
		} else if (ch == '-' || ch == '_') {
			c.url = true;
		} else if (!is_alphanumeric(ch)) {
			c.other = true;
			break;
		}
	}
	return c;
}

enum att_encoding att_encoding_detect(att_bytes in)
{
	if (att_pem_looks(in))
		return ATT_ENCODING_PEM;
	if (hex_digits(in) > 0)
		return ATT_ENCODING_HEX;
	struct census c = take_census(in);
	if (c.count > 0 && !c.other && !(c.std && c.url))
		return ATT_ENCODING_BASE64;
	return ATT_ENCODING_BINARY;
}

static att_rc hex_decode(att_bytes in, uint8_t *out, size_t *out_len, att_err *err)
{
	size_t digits = hex_digits(in);
	if (digits % 2 != 0)
		return att_fail(err, ATT_E_FORMAT, "odd number of digits, %zu", digits);

	uint8_t pair[2];
	size_t n = 0;
	in = skip_space(in);
	for (size_t i = has_0x(in) ? 2 : 0; i < in.len; i++) {
		if (is_space(in.ptr[i]))
			continue;
		pair[n++ % 2] = in.ptr[i];
		if (n % 2 != 0)
			continue;
		att_rc rc = att_hex_decode(att_bytes_of(pair, 2), out + n / 2 - 1, 1, err);
		if (rc != ATT_OK)
			return rc;
	}
	*out_len = n / 2;
	return ATT_OK;
}

/* base64url has no white space of its own: its groups of four are gathered here. */
static att_rc base64url_decode(att_bytes in, uint8_t *out, size_t *out_len, att_err *err)
{
	uint8_t group[4];
	size_t at[4] = { 0 };
	size_t n = 0, len = 0;

	for (size_t i = 0; i <= in.len; i++) {
		if (i < in.len) {
			if (is_space(in.ptr[i]))
				continue;
			group[n] = in.ptr[i];
			at[n++] = i;
		}
		if (n == 0 || (n < 4 && i < in.len))
			continue;
		size_t got = 3;
		att_rc rc = att_base64url_decode(att_bytes_of(group, n), out + len, &got, err);
		if (rc != ATT_OK)
			return att_fail_at(err, rc, at[0], "bad base64url group of %zu characters",
					   n);
		len += got;
		n = 0;
	}
	*out_len = len;
	return ATT_OK;
}

static att_rc base64_decode(att_bytes in, uint8_t *out, size_t *out_len, att_err *err)
{
	struct census c = take_census(in);

	if (c.url || (!c.std && c.count % 4 != 0))
		return base64url_decode(in, out, out_len, err);
	*out_len = att_encoding_room(in.len);
	return att_base64_decode(in, true, out, out_len, err);
}

/* The label of the first BEGIN line, with NUL. */
static att_rc pem_label(att_bytes in, char label[static LABEL_MAX + 1], att_err *err)
{
	static const char begin[] = "-----BEGIN ";
	static const char dashes[] = "-----";
	att_bytes text = skip_space(in);
	size_t at = in.len - text.len + sizeof(begin) - 1;
	att_reader r = att_reader_at(text, in.len - text.len);

	att_skip(&r, sizeof(begin) - 1, "begin line");
	att_bytes rest = att_peek_rest(&r);
	for (size_t i = 0; i <= LABEL_MAX && i + sizeof(dashes) - 1 <= rest.len; i++) {
		if (memcmp(rest.ptr + i, dashes, sizeof(dashes) - 1) == 0) {
			label[i] = '\0';
			return ATT_OK;
		}
		if (i == LABEL_MAX || rest.ptr[i] < 0x20 || rest.ptr[i] > 0x7e)
			break;
		label[i] = (char)rest.ptr[i];
	}
	return att_fail_at(err, ATT_E_FORMAT, at,
			   "no label of at most %d characters in the begin line", LABEL_MAX);
}

static att_rc pem_decode(att_bytes in, uint8_t *out, size_t *out_len, att_err *err)
{
	char label[LABEL_MAX + 1];

	att_rc rc = pem_label(in, label, err);
	if (rc != ATT_OK)
		return rc;
	att_reader r = att_reader_of(in);
	*out_len = att_encoding_room(in.len);
	rc = att_pem_next(&r, label, out, out_len, err);
	if (rc != ATT_OK)
		return rc;
	att_bytes rest = skip_space(att_peek_rest(&r));
	if (rest.len > 0)
		return att_fail_at(err, ATT_E_TRAILING, in.len - rest.len,
				   "%zu bytes behind the first block", rest.len);
	return ATT_OK;
}

att_rc att_encoding_decode(att_bytes in, enum att_encoding e, uint8_t *out, size_t *out_len,
			   att_err *err)
{
	att_rc rc = ATT_OK;

	switch (e) {
	case ATT_ENCODING_HEX:
		rc = hex_decode(in, out, out_len, err);
		break;
	case ATT_ENCODING_BASE64:
		rc = base64_decode(in, out, out_len, err);
		break;
	case ATT_ENCODING_PEM:
		rc = pem_decode(in, out, out_len, err);
		break;
	case ATT_ENCODING_BINARY:
		if (in.len > 0)
			memcpy(out, in.ptr, in.len);
		*out_len = in.len;
		break;
	}
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s text", att_encoding_name(e));
}
