/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of named cells, set in columns as wide as their widest cell. */
#ifndef ATT_CLI_COLUMNS_H
#define ATT_CLI_COLUMNS_H

#include "base/buf.h"

#define CLI_COLUMNS_MAX 16

/* All zero is an empty one. */
struct cli_columns {
	const char *name[CLI_COLUMNS_MAX]; /* in the order in which they came up; static */
	size_t count;
	size_t rows;
	att_buf cells;
};

/* Begins a row; a cell of it, whose text the caller appends to the buffer returned; and its end. */
void cli_columns_row(struct cli_columns *k);
att_buf *cli_columns_cell(struct cli_columns *k, const char *name);
void cli_columns_cell_end(struct cli_columns *k);

/* Prints names and rows, indented; leaves `k` empty. Columns in which every cell is "-" are left
 * out, and so are the names of none. */
void cli_columns_print(struct cli_columns *k, unsigned indent, att_buf *out);

void cli_columns_free(struct cli_columns *k);

#endif
