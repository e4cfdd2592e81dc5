/* SPDX-License-Identifier: Apache-2.0 */
/* One walk, two forms: what a sub-command shows, as JSON or as an indented tree with the same
 * names. Text from outside is escaped to printable ASCII in both. */
#ifndef ATT_CLI_TREE_H
#define ATT_CLI_TREE_H

#include "attest/base.h"
#include "attest/verify.h"
#include "base/buf.h"
#include "cli/columns.h"
#include "codec/json.h"

#define CLI_TREE_DEPTH 12

struct cli_tree {
	att_buf *out;
	bool json;
	att_jsonw w;
	unsigned depth;
	bool list[CLI_TREE_DEPTH];
	size_t index[CLI_TREE_DEPTH];
	unsigned table; /* the depth of a table's rows; 0: none is open */
	struct cli_columns columns;
};

/* Starts the root object; cli_tree_finish ends it and the text. */
void cli_tree_start(struct cli_tree *t, att_buf *out, bool json);
void cli_tree_finish(struct cli_tree *t);

/* `name` is NULL inside a list. */
void cli_object(struct cli_tree *t, const char *name);
void cli_list(struct cli_tree *t, const char *name);
/* A list of objects that hold no others: as text, columns and rows. */
void cli_table(struct cli_tree *t, const char *name);
void cli_end(struct cli_tree *t);

void cli_put_str(struct cli_tree *t, const char *name, const char *s); /* NULL: null, "-" */
void cli_put_hex(struct cli_tree *t, const char *name, att_bytes b);
void cli_put_int(struct cli_tree *t, const char *name, int64_t v);
/* Addresses and flags, written as policies write them: "0x205". */
void cli_put_flags(struct cli_tree *t, const char *name, uint64_t v);
void cli_put_bool(struct cli_tree *t, const char *name, bool v);
void cli_put_time(struct cli_tree *t, const char *name, int64_t v); /* 0: unknown, null */
void cli_put_tri(struct cli_tree *t, const char *name, enum att_tri v);
void cli_put_null(struct cli_tree *t, const char *name);

/* The same on a bare JSON writer, for shapes that have no text form here. */
void cli_jw_safe(att_jsonw *w, att_bytes s);
void cli_jw_time(att_jsonw *w, int64_t t);

#endif
