/* SPDX-License-Identifier: Apache-2.0 */
/* The strict JSON reader (RFC 8259) and writer.
 *
 * The reader makes one flat array of tokens over the caller's text: no recursion, no copies, caps
 * on depth, tokens and members. Refused beyond the grammar: duplicate member names (compared
 * decoded) at any level, invalid UTF-8, lone surrogates, NUL in a string, numbers with more than 64
 * characters, a byte order mark, anything behind the value but white space. Unknown members are the
 * caller's affair. The text must outlive the document. */
#ifndef ATT_CODEC_JSON_H
#define ATT_CODEC_JSON_H

#include "attest/base.h"

#define ATT_JSON_TEXT_MAX    ((size_t)1 << 20)
#define ATT_JSON_TOKENS_MAX  65536u
#define ATT_JSON_DEPTH_MAX   32u
#define ATT_JSON_MEMBERS_MAX 512u

enum att_json_type {
	ATT_JSON_ABSENT = 0, /* what looking up a member that is not there yields */
	ATT_JSON_OBJECT,
	ATT_JSON_ARRAY,
	ATT_JSON_STRING,
	ATT_JSON_NUMBER,
	ATT_JSON_TRUE,
	ATT_JSON_FALSE,
	ATT_JSON_NULL,
};

struct att_json_tok {
	uint32_t start; /* strings: first byte after the quote */
	uint32_t end;   /* strings: the closing quote; else one behind the last byte */
	uint32_t next;  /* index of the token behind this value and all inside it */
	uint32_t type : 4;
	uint32_t escaped : 1;
	uint32_t count : 27; /* members or items */
};

typedef struct att_json_doc {
	att_bytes text;
	struct att_json_tok *tok;
	uint32_t count;
	uint32_t cap;
} att_json_doc;

/* A value inside a document; by value, lends. Zero-initialised means absent. */
typedef struct att_json {
	const att_json_doc *doc;
	uint32_t i;
} att_json;

/* Reads the whole text. `doc` may be a zeroed struct or one used before (its array is used again).
 * Offsets in err are from the start of `text`. ATT_E_FORMAT, ATT_E_TRUNCATED, ATT_E_TRAILING,
 * ATT_E_NOMEM. */
att_rc att_json_parse(att_bytes text, att_json_doc *doc, att_err *err) ATT_MUST_USE;
void att_json_doc_free(att_json_doc *doc);
#define att_auto_json __attribute__((cleanup(att_json_doc_free)))

att_json att_json_root(const att_json_doc *doc);
enum att_json_type att_json_type_of(att_json v);
size_t att_json_count(att_json v);    /* members or items; 0 for scalars */
size_t att_json_offset(att_json v);   /* of its first byte in the text */
att_bytes att_json_slice(att_json v); /* the exact bytes, quotes and braces included */

/* The member's value; absent when there is none or obj is no object. */
att_json att_json_get(att_json obj, const char *name);

/* Iteration: `for (att_json v = att_json_first(c); v.doc; v = att_json_next(c, v))`. For an object
 * v is the value and att_json_name(v) its name token (a string). */
att_json att_json_first(att_json container);
att_json att_json_next(att_json container, att_json v);
att_json att_json_name(att_json member_value);

/* Contents of a string without escapes, as a view; false when v is no string or has escapes. */
bool att_json_plain(att_json v, att_bytes *out) ATT_MUST_USE;

/* Equality of the decoded string with a C string. */
bool att_json_is(att_json v, const char *s);

/* The decoded string with a NUL behind it, malloc'ed; free(). ATT_E_FORMAT when v is no string. */
att_rc att_json_string(att_json v, char **out, size_t *len, att_err *err) ATT_MUST_USE;

/* An integer literal (no fraction, no exponent) inside [min, max]. */
bool att_json_int(att_json v, int64_t min, int64_t max, int64_t *out) ATT_MUST_USE;
bool att_json_bool(att_json v, bool *out) ATT_MUST_USE;

/* Exactly `len` bytes as 2 * len hex digits, either case. */
bool att_json_hex(att_json v, uint8_t *out, size_t len) ATT_MUST_USE;

struct att_buf;

/* The writer. Members and items get their commas; strings are escaped and must be valid UTF-8 (bad
 * bytes become U+FFFD). `indent` spaces per level, 0 for one line. */
typedef struct att_jsonw {
	struct att_buf *out;
	unsigned indent;
	unsigned depth;
	bool first;
	bool after_name;
} att_jsonw;

att_jsonw att_jsonw_to(struct att_buf *out, unsigned indent);
void att_jw_object(att_jsonw *w);
void att_jw_end_object(att_jsonw *w);
void att_jw_array(att_jsonw *w);
void att_jw_end_array(att_jsonw *w);
void att_jw_name(att_jsonw *w, const char *name);
void att_jw_str(att_jsonw *w, const char *s); /* NULL writes null */
void att_jw_strn(att_jsonw *w, att_bytes s);
void att_jw_hex(att_jsonw *w, att_bytes b);
void att_jw_int(att_jsonw *w, int64_t v);
void att_jw_bool(att_jsonw *w, bool v);
void att_jw_null(att_jsonw *w);
void att_jw_time(att_jsonw *w, int64_t t);     /* RFC 3339 */
void att_jw_raw(att_jsonw *w, att_bytes json); /* one finished value, as it is */

#endif
