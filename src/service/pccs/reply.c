/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "service/pccs/state.h"

void att_pccs_say(att_pccs *p, enum att_pccs_level level, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *c = text; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	p->o.log(p->o.log_ctx, level, text);
}

void att_pccs_count(att_pccs *p, enum att_pccs_count what)
{
	__atomic_add_fetch(&p->count[what], 1, __ATOMIC_RELAXED);
}

/* PCCS's own words (Intel PCCS API document), which people search for. */
static const struct {
	int status;
	const char *words;
} words[] = {
	{ 200, "Operation successful." },
	{ 400, "Invalid request parameters." },
	{ 401, "Authentication failed." },
	{ 404, "No cache data for this platform." },
	{ 405, "The route has no such method." },
	{ 410, "The requested resource is no longer available." },
	{ 413, "The request body is too large." },
	{ 460, "The integrity of the data can't be verified." },
	{ 461, "The platform was not found in the cache." },
	{ 462, "Certificates are not available for certain TCBs." },
	{ 500, "Internal server error occurred." },
	{ 502, "Unable to retrieve the collateral from the Intel SGX PCS." },
	{ 503, "Server is currently unable to process the request." },
};

void att_pccs_reply(struct att_http_response *out, int status, const att_err *err)
{
	out->status = status;
	att_http_put_header(out, "Content-Type", "text/plain; charset=utf-8");
	for (size_t i = 0; i < ATT_COUNT(words); i++)
		if (words[i].status == status)
			att_put_str(&out->body, words[i].words);
	if (status == 200 || !err || err->rc == ATT_OK)
		return;
	att_put_str(&out->body, " (");
	for (const char *c = err->msg; *c; c++)
		att_put_u8(&out->body, *c < 0x20 || *c > 0x7e ? '?' : (uint8_t)*c);
	att_put_str(&out->body, ")\n");
}

void att_pccs_reply_json(struct att_http_response *out, att_buf *body)
{
	out->status = 200;
	att_http_put_header(out, "Content-Type", "application/json");
	att_put(&out->body, att_buf_bytes(body));
	out->body.failed |= body->failed;
}

void att_pccs_put_chain(struct att_http_response *out, const char *header, att_bytes pem)
{
	att_auto_buf att_buf text = { 0 };

	if (pem.len == 0)
		return;
	att_http_put_percent(&text, pem);
	att_put_u8(&text, 0);
	if (text.failed) {
		out->body.failed = true;
		return;
	}
	att_http_put_header(out, header, (const char *)text.ptr);
}

int att_pccs_store_status(att_rc rc)
{
	return rc == ATT_E_UNAVAILABLE ? 503 : 500;
}
