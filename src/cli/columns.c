/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/columns.h"

#include <string.h>

#include "base/mem.h"

#define GAP 2

/* `cells` holds the number of a column, its text and a NUL for each cell; this before each row. */
#define ROW CLI_COLUMNS_MAX

void cli_columns_free(struct cli_columns *k)
{
	att_buf_free(&k->cells);
	*k = (struct cli_columns){ 0 };
}

void cli_columns_row(struct cli_columns *k)
{
	att_put_u8(&k->cells, ROW);
	k->rows++;
}

att_buf *cli_columns_cell(struct cli_columns *k, const char *name)
{
	size_t i = 0;

	while (i < k->count && strcmp(k->name[i], name) != 0)
		i++;
	if (i == CLI_COLUMNS_MAX) {
		k->cells.failed = true;
		return &k->cells;
	}
	if (i == k->count)
		k->name[k->count++] = name;
	att_put_u8(&k->cells, (uint8_t)i);
	return &k->cells;
}

void cli_columns_cell_end(struct cli_columns *k)
{
	att_put_u8(&k->cells, 0);
}

/* The cell at *at, and *at moved behind it. */
static const char *next(const struct cli_columns *k, size_t *at, size_t *column)
{
	*column = k->cells.ptr[(*at)++];
	if (*column == ROW)
		return NULL;
	const char *text = (const char *)k->cells.ptr + *at;
	*at += strlen(text) + 1;
	return text;
}

/* 0: nothing stands in that column. */
static void measure(const struct cli_columns *k, size_t width[static CLI_COLUMNS_MAX])
{
	size_t column;

	memset(width, 0, CLI_COLUMNS_MAX * sizeof(*width));
	for (size_t at = 0; at < k->cells.len;) {
		const char *text = next(k, &at, &column);
		if (text && strcmp(text, "-") != 0 && strlen(text) > width[column])
			width[column] = strlen(text);
	}
	for (size_t i = 0; i < k->count; i++)
		if (width[i] && width[i] < strlen(k->name[i]))
			width[i] = strlen(k->name[i]);
}

static void print_row(const char *cell[], const size_t width[], size_t count, unsigned indent,
		      att_buf *out)
{
	int gap = (int)indent;

	for (size_t i = 0; i < count; i++) {
		if (!width[i])
			continue;
		const char *text = cell[i] ? cell[i] : "-";
		att_putf(out, "%*s%s", gap, "", text);
		gap = (int)(width[i] - strlen(text)) + GAP;
	}
	att_put_str(out, "\n");
}

void cli_columns_print(struct cli_columns *k, unsigned indent, att_buf *out)
{
	size_t width[CLI_COLUMNS_MAX];
	size_t column;

	if (k->cells.failed)
		out->failed = true;
	if (k->rows && !k->cells.failed) {
		measure(k, width);
		print_row(k->name, width, k->count, indent, out);
		for (size_t at = 1; at <= k->cells.len;) {
			const char *cell[CLI_COLUMNS_MAX] = { NULL };
			const char *text;
			while (at < k->cells.len && (text = next(k, &at, &column)) != NULL)
				cell[column] = text;
			print_row(cell, width, k->count, indent, out);
			at += at == k->cells.len;
		}
	}
	cli_columns_free(k);
}
