/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "cli/cli.h"

#define NAME_WIDTH 24

static bool is_safe(att_bytes s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < 0x20 || s.ptr[i] >= 0x7f || s.ptr[i] == '\\')
			return false;
	}
	return true;
}

void cli_jw_safe(att_jsonw *w, att_bytes s)
{
	att_auto_buf att_buf safe = { 0 };

	if (is_safe(s)) {
		att_jw_strn(w, s);
		return;
	}
	cli_put_safe(&safe, s);
	if (att_buf_ok(&safe, NULL) != ATT_OK)
		w->out->failed = true;
	att_jw_strn(w, att_buf_bytes(&safe));
}

void cli_jw_time(att_jsonw *w, int64_t t)
{
	if (t)
		att_jw_time(w, t);
	else
		att_jw_null(w);
}

/* Begins one line of text, with indentation and name, or the number of the item in its list; or a
 * cell of a table. Returns where its value goes. */
static att_buf *begin(struct cli_tree *t, const char *name)
{
	if (t->json) {
		if (name)
			att_jw_name(&t->w, name);
		return t->out;
	}
	if (t->table)
		return cli_columns_cell(&t->columns, name);
	att_putf(t->out, "%*s", (int)(2 * (t->depth - 1)), "");
	if (name)
		att_putf(t->out, "%-*s ", NAME_WIDTH, name);
	else
		att_putf(t->out, "[%zu] ", t->index[t->depth - 1]++);
	return t->out;
}

static void end_line(struct cli_tree *t)
{
	if (t->table)
		cli_columns_cell_end(&t->columns);
	else
		att_put_str(t->out, "\n");
}

static void line(struct cli_tree *t, const char *name, const char *value)
{
	att_put_str(begin(t, name), value);
	end_line(t);
}

static void open_level(struct cli_tree *t, bool list)
{
	/* The walks are written out in this layer: their depth is known, no input can deepen it. */
	if (t->depth >= CLI_TREE_DEPTH) {
		t->out->failed = true;
		return;
	}
	t->list[t->depth] = list;
	t->index[t->depth] = 0;
	t->depth++;
}

void cli_tree_start(struct cli_tree *t, att_buf *out, bool json)
{
	*t = (struct cli_tree){ .out = out, .json = json };
	t->w = att_jsonw_to(out, 2);
	if (json)
		att_jw_object(&t->w);
	open_level(t, false);
}

void cli_tree_finish(struct cli_tree *t)
{
	if (t->json) {
		att_jw_end_object(&t->w);
		att_put_str(t->out, "\n");
	}
	cli_columns_free(&t->columns);
	t->depth = 0;
}

void cli_object(struct cli_tree *t, const char *name)
{
	if (t->table) {
		cli_columns_row(&t->columns);
		open_level(t, false);
		return;
	}
	begin(t, name);
	if (t->json)
		att_jw_object(&t->w);
	else
		att_put_str(t->out, "\n");
	open_level(t, false);
}

void cli_list(struct cli_tree *t, const char *name)
{
	begin(t, name);
	if (t->json)
		att_jw_array(&t->w);
	else
		att_put_str(t->out, "\n");
	open_level(t, true);
}

void cli_table(struct cli_tree *t, const char *name)
{
	cli_list(t, name);
	if (!t->json)
		t->table = t->depth;
}

void cli_end(struct cli_tree *t)
{
	if (t->table == t->depth) {
		cli_columns_print(&t->columns, 2 * (t->depth - 1), t->out);
		t->table = 0;
	}
	t->depth--;
	if (t->json && t->list[t->depth])
		att_jw_end_array(&t->w);
	else if (t->json)
		att_jw_end_object(&t->w);
}

static void put_text(struct cli_tree *t, const char *name, att_bytes s)
{
	att_buf *value = begin(t, name);

	if (t->json) {
		cli_jw_safe(&t->w, s);
		return;
	}
	cli_put_safe(value, s);
	end_line(t);
}

void cli_put_str(struct cli_tree *t, const char *name, const char *s)
{
	if (s)
		put_text(t, name, att_bytes_of(s, strlen(s)));
	else
		cli_put_null(t, name);
}

void cli_put_hex(struct cli_tree *t, const char *name, att_bytes b)
{
	att_buf *value = begin(t, name);

	if (t->json) {
		att_jw_hex(&t->w, b);
		return;
	}
	att_put_hex(value, b);
	if (!b.len)
		att_put_str(value, "(empty)");
	end_line(t);
}

void cli_put_int(struct cli_tree *t, const char *name, int64_t v)
{
	att_buf *value = begin(t, name);

	if (t->json) {
		att_jw_int(&t->w, v);
		return;
	}
	att_putf(value, "%lld", (long long)v);
	end_line(t);
}

void cli_put_flags(struct cli_tree *t, const char *name, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, v);
	cli_put_str(t, name, text);
}

void cli_put_bool(struct cli_tree *t, const char *name, bool v)
{
	if (!t->json) {
		line(t, name, v ? "yes" : "no");
		return;
	}
	begin(t, name);
	att_jw_bool(&t->w, v);
}

void cli_put_time(struct cli_tree *t, const char *name, int64_t v)
{
	char text[ATT_TIME_TEXT];

	if (v == 0) {
		cli_put_null(t, name);
		return;
	}
	att_time_format(v, text);
	cli_put_str(t, name, text);
}

void cli_put_tri(struct cli_tree *t, const char *name, enum att_tri v)
{
	if (v == ATT_UNKNOWN)
		cli_put_null(t, name);
	else
		cli_put_bool(t, name, v == ATT_TRUE);
}

void cli_put_null(struct cli_tree *t, const char *name)
{
	if (!t->json) {
		line(t, name, "-");
		return;
	}
	begin(t, name);
	att_jw_null(&t->w);
}
