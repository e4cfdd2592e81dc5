/* SPDX-License-Identifier: Apache-2.0 */
/* Text encodings: what a strict decoder takes is exactly what the encoder writes from the result.
 * UTF-8 is judged by a second decoder, which works with code points instead of table 3-7. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/mem.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_hex(att_bytes in, uint8_t *out)
{
	att_auto_buf att_buf b = { 0 };
	att_err err = { 0 };

	if (att_hex_decode(in, out, in.len / 2, &err) == ATT_OK) {
		att_put_hex(&b, att_bytes_of(out, in.len / 2));
		demand(b.len == in.len);
		for (size_t i = 0; i < in.len; i++)
			demand(b.ptr[i] == (in.ptr[i] >= 'A' && in.ptr[i] <= 'F' ? in.ptr[i] | 0x20
										 : in.ptr[i]));
	} else {
		demand(err.rc == ATT_E_FORMAT);
	}
	att_auto_buf att_buf h = { 0 };
	att_put_hex(&h, in);
	demand(att_hex_decode(att_buf_bytes(&h), out, in.len, NULL) == ATT_OK);
	demand(att_bytes_eq(att_bytes_of(out, in.len), in));
}

static void put_without_space(att_buf *b, att_bytes in)
{
	for (size_t i = 0; i < in.len; i++) {
		if (in.ptr[i] == 0 || !strchr(" \t\r\n", in.ptr[i]))
			att_put_u8(b, in.ptr[i]);
	}
}

static void check_base64(att_bytes in, uint8_t *out)
{
	att_auto_buf att_buf bare = { 0 };
	put_without_space(&bare, in);

	for (unsigned form = 0; form < 3; form++) {
		size_t len = in.len;
		att_rc rc = form == 2 ? att_base64url_decode(in, out, &len, NULL)
				      : att_base64_decode(in, form == 1, out, &len, NULL);
		if (rc != ATT_OK) {
			demand(len == 0);
			continue;
		}
		att_auto_buf att_buf b = { 0 };
		if (form == 2)
			att_put_base64url(&b, att_bytes_of(out, len));
		else
			att_put_base64(&b, att_bytes_of(out, len));
		demand(att_bytes_eq(att_buf_bytes(&b), form == 1 ? att_buf_bytes(&bare) : in));
	}

	att_auto_buf att_buf padded = { 0 };
	att_auto_buf att_buf url = { 0 };
	att_put_base64(&padded, in);
	att_put_base64url(&url, in);
	size_t len = in.len;
	demand(att_base64_decode(att_buf_bytes(&padded), false, out, &len, NULL) == ATT_OK);
	demand(att_bytes_eq(att_bytes_of(out, len), in));
	len = in.len;
	demand(att_base64url_decode(att_buf_bytes(&url), out, &len, NULL) == ATT_OK);
	demand(att_bytes_eq(att_bytes_of(out, len), in));
}

static void check_percent(att_bytes in)
{
	att_auto_buf att_buf b = { 0 };
	att_auto_buf att_buf escaped = { 0 };
	att_auto_buf att_buf back = { 0 };

	if (att_percent_decode(in, &b, NULL) == ATT_OK)
		demand(b.len <= in.len);
	for (size_t i = 0; i < in.len; i++)
		att_putf(&escaped, "%%%02X", in.ptr[i]);
	demand(att_percent_decode(att_buf_bytes(&escaped), &back, NULL) == ATT_OK);
	demand(att_bytes_eq(att_buf_bytes(&back), in));
}

/* By the definition (RFC 3629 section 3): decode, then refuse what has a shorter form or is no
 * character. */
static bool utf8_by_code_points(att_bytes in)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };

	for (size_t i = 0; i < in.len;) {
		uint8_t c = in.ptr[i++];
		if (c < 0x80)
			continue;
		unsigned n = (c & 0xe0) == 0xc0   ? 2
			     : (c & 0xf0) == 0xe0 ? 3
			     : (c & 0xf8) == 0xf0 ? 4
						  : 0;
		if (n == 0)
			return false;
		uint32_t v = c & (0x7fu >> n);
		for (unsigned k = 1; k < n; k++, i++) {
			if (i == in.len || (in.ptr[i] & 0xc0) != 0x80)
				return false;
			v = v << 6 | (in.ptr[i] & 0x3f);
		}
		if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
			return false;
	}
	return true;
}

static void check_time(att_bytes in)
{
	int64_t t;
	int64_t again;
	char text[ATT_TIME_TEXT];
	att_rc strict = att_time_parse(in, true, &t, NULL);

	if (att_time_parse(in, false, &t, NULL) != ATT_OK) {
		demand(strict != ATT_OK && t == 0);
		return;
	}
	att_time_format(t, text);
	demand(att_time_parse(att_bytes_of(text, strlen(text)), true, &again, NULL) == ATT_OK);
	demand(t == again);
	if (strict == ATT_OK)
		demand(att_bytes_eq(in, att_bytes_of(text, strlen(text))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_bytes in = att_bytes_of(data, size);
	att_auto_mem uint8_t *out = malloc(size + 1);
	demand(out != NULL);

	check_hex(in, out);
	check_base64(in, out);
	check_percent(in);
	check_time(in);
	demand(att_utf8_valid(in) == utf8_by_code_points(in));
	return 0;
}
