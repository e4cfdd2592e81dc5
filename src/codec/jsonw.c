/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/text.h"
#include "codec/json.h"

att_jsonw att_jsonw_to(struct att_buf *out, unsigned indent)
{
	return (att_jsonw){ .out = out, .indent = indent, .first = true };
}

static void new_line(att_jsonw *w)
{
	if (w->indent == 0)
		return;
	att_put_u8(w->out, '\n');
	for (unsigned i = 0; i < w->depth * w->indent; i++)
		att_put_u8(w->out, ' ');
}

/* What stands between the value before and this one. */
static void separate(att_jsonw *w)
{
	if (w->after_name) {
		w->after_name = false;
		return;
	}
	if (!w->first)
		att_put_u8(w->out, ',');
	if (w->depth > 0)
		new_line(w);
	w->first = false;
}

static void open(att_jsonw *w, uint8_t bracket)
{
	separate(w);
	att_put_u8(w->out, bracket);
	w->depth++;
	w->first = true;
}

static void close(att_jsonw *w, uint8_t bracket)
{
	w->depth--;
	if (!w->first)
		new_line(w);
	att_put_u8(w->out, bracket);
	w->first = false;
}

void att_jw_object(att_jsonw *w)
{
	open(w, '{');
}

void att_jw_end_object(att_jsonw *w)
{
	close(w, '}');
}

void att_jw_array(att_jsonw *w)
{
	open(w, '[');
}

void att_jw_end_array(att_jsonw *w)
{
	close(w, ']');
}

static void put_escaped(att_buf *out, uint8_t c)
{
	static const char from[] = "\"\\\b\f\n\r\t";
	static const char to[] = "\"\\bfnrt";
	const char *at = c ? strchr(from, c) : NULL;

	if (at)
		att_putf(out, "\\%c", to[at - from]);
	else
		att_putf(out, "\\u%04x", (unsigned)c);
}

static void put_string(att_buf *out, att_bytes s)
{
	size_t run = 0;

	att_put_u8(out, '"');
	for (size_t i = 0; i < s.len;) {
		uint8_t c = s.ptr[i];
		size_t n = att_utf8_step(s.ptr + i, s.len - i);
		if (n > 0 && c >= 0x20 && c != '"' && c != '\\') {
			i += n;
			continue;
		}
		att_put_mem(out, s.ptr + run, i - run);
		if (n == 0)
			att_put_str(out, "\xef\xbf\xbd");
		else
			put_escaped(out, c);
		run = ++i;
	}
	att_put_mem(out, s.ptr + run, s.len - run);
	att_put_u8(out, '"');
}

void att_jw_name(att_jsonw *w, const char *name)
{
	separate(w);
	put_string(w->out, att_bytes_of(name, strlen(name)));
	att_put_str(w->out, w->indent ? ": " : ":");
	w->after_name = true;
}

void att_jw_strn(att_jsonw *w, att_bytes s)
{
	separate(w);
	if (s.len)
		put_string(w->out, s);
	else
		att_put_str(w->out, "\"\"");
}

void att_jw_str(att_jsonw *w, const char *s)
{
	if (s)
		att_jw_strn(w, att_bytes_of(s, strlen(s)));
	else
		att_jw_null(w);
}

void att_jw_hex(att_jsonw *w, att_bytes b)
{
	separate(w);
	att_put_u8(w->out, '"');
	att_put_hex(w->out, b);
	att_put_u8(w->out, '"');
}

void att_jw_int(att_jsonw *w, int64_t v)
{
	separate(w);
	att_putf(w->out, "%" PRId64, v);
}

void att_jw_bool(att_jsonw *w, bool v)
{
	separate(w);
	att_put_str(w->out, v ? "true" : "false");
}

void att_jw_null(att_jsonw *w)
{
	separate(w);
	att_put_str(w->out, "null");
}

void att_jw_time(att_jsonw *w, int64_t t)
{
	char text[ATT_TIME_TEXT];

	att_time_format(t, text);
	att_jw_str(w, text);
}

void att_jw_raw(att_jsonw *w, att_bytes json)
{
	separate(w);
	att_put(w->out, json);
}
