/* SPDX-License-Identifier: Apache-2.0 */
/* A connection's bytes, as the server reads them: head, then body by length or in chunks. The first
 * byte says in which pieces they come. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "codec/http_wire.h"

#define BODY_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_body(const struct att_http_head *h, att_bytes rest, size_t step)
{
	struct att_http_chunks c = { 0 };
	att_auto_buf att_buf body = { 0 };

	while (h->framing == ATT_HTTP_CHUNKED && rest.len && !c.done) {
		size_t used = 0;
		size_t n = rest.len < step ? rest.len : step;
		att_rc rc = att_http_chunks_take(&c, att_bytes_of(rest.ptr, n), BODY_MAX, &body,
						 &used, NULL);
		if (rc != ATT_OK)
			return;
		if (used > n || body.len > BODY_MAX || (used < n && !c.done))
			abort();
		rest = att_bytes_of(rest.ptr + used, rest.len - used);
	}
}

/* What is written and read again says the same. */
static void check_percent(const struct att_http_request *r)
{
	for (size_t i = 0; i < r->param_count; i++) {
		att_auto_buf att_buf once = { 0 };
		att_auto_buf att_buf back = { 0 };
		att_bytes value = att_bytes_of(r->params[i].value, strlen(r->params[i].value));
		att_http_put_percent(&once, value);
		if (att_percent_decode(att_buf_bytes(&once), &back, NULL) != ATT_OK ||
		    !att_bytes_eq(att_buf_bytes(&back), value))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct att_http_request r = { 0 };
	struct att_http_head h;
	size_t seen = 0;
	size_t len = 0;

	if (size == 0)
		return 0;
	size_t step = 1 + (size_t)data[0] % 64;
	att_bytes in = att_bytes_of(data + 1, size - 1);
	for (size_t have = 0; !len && have < in.len;) {
		have = in.len - have < step ? in.len : have + step;
		len = att_http_head_len(att_bytes_of(in.ptr, have), &seen);
	}
	if (!len)
		return 0;
	if (att_http_head_parse(att_bytes_of(in.ptr, len), &r, &h, NULL) == ATT_OK) {
		check_percent(&r);
		read_body(&h, att_bytes_of(in.ptr + len, in.len - len), step);
	} else if (h.status < 400) {
		abort();
	}
	att_http_request_free(&r);
	return 0;
}
