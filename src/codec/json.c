/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON text into tokens (RFC 8259). One pass; what the text nests lies on a stack of
 * ATT_JSON_DEPTH_MAX token indexes. A member is two tokens, the name's and the value's. */
#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "codec/json_string.h"

#define TOKENS_FIRST   512u
#define NUMBER_MAX     64
#define PAIRWISE_MAX   32u
#define NAME_SHOWN_MAX 40

enum expect { VALUE, FIRST_ITEM, NAME, FIRST_NAME, AFTER_VALUE };

struct parser {
	const uint8_t *text;
	const uint8_t *p;
	const uint8_t *end;
	att_json_doc *doc;
	att_err *err;
	uint32_t depth;
	uint32_t open[ATT_JSON_DEPTH_MAX];
};

/* Bytes that end the fast run inside a string: quote, backslash, control characters, not ASCII. */
static const uint8_t string_stop[256] = {
	[0 ... 0x1f] = 1,
	['"'] = 1,
	['\\'] = 1,
	[0x80 ... 0xff] = 1,
};

/* What may stand behind a backslash, but for 'u'. */
static const uint8_t escape_char[256] = {
	['"'] = 1, ['\\'] = 1, ['/'] = 1, ['b'] = 1, ['f'] = 1, ['n'] = 1, ['r'] = 1, ['t'] = 1,
};

/* Do the eight bytes at p belong to a fast run? No is not certain, yes is: of bytes below 0x80, the
 * first that is less than n shows by its top bit when n is taken from each. */
static inline bool eight_in_run(const uint8_t *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = ones << 7;
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	uint64_t control = w - ones * 0x20;
	uint64_t quote = (w ^ (ones * '"')) - ones;
	uint64_t backslash = (w ^ (ones * '\\')) - ones;
	return ((w | control | quote | backslash) & tops) == 0;
}

static size_t offset_of(const struct parser *ps, const uint8_t *p)
{
	return (size_t)(p - ps->text);
}

static att_rc ends_early(const struct parser *ps)
{
	return att_fail_at(ps->err, ATT_E_TRUNCATED, offset_of(ps, ps->end),
			   "json text ends early");
}

static att_rc expected(const struct parser *ps, const char *what)
{
	if (ps->p == ps->end)
		return ends_early(ps);
	return att_fail_at(ps->err, ATT_E_FORMAT, offset_of(ps, ps->p), "json: expected %s", what);
}

static inline void skip_space(struct parser *ps)
{
	const uint8_t *p = ps->p;

	while (p < ps->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	ps->p = p;
}

static att_rc grow(struct parser *ps)
{
	att_json_doc *doc = ps->doc;

	if (doc->count >= ATT_JSON_TOKENS_MAX)
		return att_fail_at(ps->err, ATT_E_FORMAT, offset_of(ps, ps->p),
				   "json text has more than %u tokens", ATT_JSON_TOKENS_MAX);
	uint32_t cap = doc->cap ? 2 * doc->cap : TOKENS_FIRST;
	struct att_json_tok *tok = realloc(doc->tok, cap * sizeof(*tok));
	if (!tok)
		return att_fail(ps->err, ATT_E_NOMEM, "no memory for %u json tokens", cap);
	doc->tok = tok;
	doc->cap = cap;
	return ATT_OK;
}

/* Appends the token of [start, end). */
static inline att_rc push(struct parser *ps, enum att_json_type type, const uint8_t *start,
			  const uint8_t *end, bool escaped)
{
	att_json_doc *doc = ps->doc;

	if (doc->count == doc->cap) {
		att_rc rc = grow(ps);
		if (rc != ATT_OK)
			return rc;
	}
	uint32_t i = doc->count++;
	doc->tok[i] = (struct att_json_tok){
		.start = (uint32_t)(start - ps->text),
		.end = (uint32_t)(end - ps->text),
		.next = i + 1,
		.type = type & 15,
		.escaped = escaped,
	};
	return ATT_OK;
}

static bool read_hex4(const uint8_t *p, const uint8_t *end, unsigned *out)
{
	uint8_t be[2] = { 0 };

	if (end - p < 4 || att_hex_decode(att_bytes_of(p, 4), be, sizeof(be), NULL) != ATT_OK)
		return false;
	*out = (unsigned)be[0] << 8 | be[1];
	return true;
}

/* The escape at ps->p, which is its backslash (RFC 8259 section 7). */
static att_rc read_escape(struct parser *ps)
{
	const uint8_t *p = ps->p + 1;

	if (p == ps->end)
		return ends_early(ps);
	if (*p != 'u') {
		if (!escape_char[*p])
			return expected(ps, "an escape of RFC 8259");
		ps->p = p + 1;
		return ATT_OK;
	}
	unsigned unit;
	if (!read_hex4(p + 1, ps->end, &unit))
		return ps->end - p < 5 ? ends_early(ps)
				       : expected(ps, "four hex digits behind \\u");
	if (unit == 0)
		return expected(ps, "no NUL in a string");
	p += 5;
	if (unit >= 0xd800 && unit <= 0xdfff) {
		unsigned low;
		bool pair = unit <= 0xdbff && ps->end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
			    read_hex4(p + 2, ps->end, &low) && low >= 0xdc00 && low <= 0xdfff;
		if (!pair)
			return expected(ps, "a pair of surrogates");
		p += 6;
	}
	ps->p = p;
	return ATT_OK;
}

/* The string whose opening quote is at ps->p. */
static att_rc read_string(struct parser *ps)
{
	const uint8_t *start = ++ps->p;
	bool escaped = false;

	for (;;) {
		const uint8_t *p = ps->p;
		while (ps->end - p >= 8 && eight_in_run(p))
			p += 8;
		while (p < ps->end && !string_stop[*p])
			p++;
		ps->p = p;
		if (p == ps->end)
			return ends_early(ps);
		if (*p == '"')
			break;
		if (*p == '\\') {
			escaped = true;
			att_rc rc = read_escape(ps);
			if (rc != ATT_OK)
				return rc;
			continue;
		}
		size_t n = *p < 0x20 ? 0 : att_utf8_step(p, (size_t)(ps->end - p));
		if (n == 0)
			return expected(ps, *p < 0x20 ? "no control character in a string"
						      : "valid UTF-8");
		ps->p += n;
	}
	att_rc rc = push(ps, ATT_JSON_STRING, start, ps->p, escaped);
	ps->p++;
	return rc;
}

static bool is_digit(const struct parser *ps, const uint8_t *p)
{
	return p < ps->end && *p >= '0' && *p <= '9';
}

/* At least one digit at ps->p. */
static att_rc read_digits(struct parser *ps)
{
	if (!is_digit(ps, ps->p))
		return expected(ps, "a digit");
	while (is_digit(ps, ps->p))
		ps->p++;
	return ATT_OK;
}

static att_rc read_number(struct parser *ps)
{
	const uint8_t *start = ps->p;
	att_rc rc = ATT_OK;

	if (*ps->p == '-')
		ps->p++;
	if (ps->p < ps->end && *ps->p == '0') {
		ps->p++;
		if (is_digit(ps, ps->p))
			return expected(ps, "no digit behind a leading zero");
	} else {
		rc = read_digits(ps);
	}
	if (rc == ATT_OK && ps->p < ps->end && *ps->p == '.') {
		ps->p++;
		rc = read_digits(ps);
	}
	if (rc == ATT_OK && ps->p < ps->end && (*ps->p == 'e' || *ps->p == 'E')) {
		ps->p++;
		if (ps->p < ps->end && (*ps->p == '+' || *ps->p == '-'))
			ps->p++;
		rc = read_digits(ps);
	}
	if (rc != ATT_OK)
		return rc;
	if (ps->p - start > NUMBER_MAX)
		return att_fail_at(ps->err, ATT_E_FORMAT, offset_of(ps, start),
				   "json number has %zu characters, at most %d",
				   (size_t)(ps->p - start), NUMBER_MAX);
	return push(ps, ATT_JSON_NUMBER, start, ps->p, false);
}

static att_rc read_word(struct parser *ps, const char *word, enum att_json_type type)
{
	size_t len = strlen(word);
	size_t left = (size_t)(ps->end - ps->p);

	if (memcmp(ps->p, word, left < len ? left : len) != 0)
		return expected(ps, "a value");
	if (left < len)
		return ends_early(ps);
	ps->p += len;
	return push(ps, type, ps->p - len, ps->p, false);
}

static att_rc open_container(struct parser *ps, enum att_json_type type)
{
	if (ps->depth == ATT_JSON_DEPTH_MAX)
		return att_fail_at(ps->err, ATT_E_FORMAT, offset_of(ps, ps->p),
				   "json text is nested deeper than %u", ATT_JSON_DEPTH_MAX);
	att_rc rc = push(ps, type, ps->p, ps->p, false);
	if (rc != ATT_OK)
		return rc;
	ps->open[ps->depth++] = ps->doc->count - 1;
	ps->p++;
	return ATT_OK;
}

static struct att_json_tok *container(const struct parser *ps)
{
	return &ps->doc->tok[ps->open[ps->depth - 1]];
}

/* A value, or only the beginning of an array or object; says what must come next. */
static att_rc read_value(struct parser *ps, enum expect *next)
{
	if (ps->depth > 0)
		container(ps)->count++;
	*next = AFTER_VALUE;
	switch (*ps->p) {
	case '{':
		*next = FIRST_NAME;
		return open_container(ps, ATT_JSON_OBJECT);
	case '[':
		*next = FIRST_ITEM;
		return open_container(ps, ATT_JSON_ARRAY);
	case '"':
		return read_string(ps);
	case 't':
		return read_word(ps, "true", ATT_JSON_TRUE);
	case 'f':
		return read_word(ps, "false", ATT_JSON_FALSE);
	case 'n':
		return read_word(ps, "null", ATT_JSON_NULL);
	case '-':
	case '0' ... '9':
		return read_number(ps);
	}
	return expected(ps, "a value");
}

static att_rc read_name(struct parser *ps)
{
	if (*ps->p != '"')
		return expected(ps, "a member name");
	if (container(ps)->count == ATT_JSON_MEMBERS_MAX)
		return att_fail_at(ps->err, ATT_E_FORMAT, offset_of(ps, ps->p),
				   "json object has more than %u members", ATT_JSON_MEMBERS_MAX);
	att_rc rc = read_string(ps);
	if (rc != ATT_OK)
		return rc;
	skip_space(ps);
	if (ps->p == ps->end || *ps->p != ':')
		return expected(ps, "':' behind a member name");
	ps->p++;
	return ATT_OK;
}

static att_bytes raw(const struct parser *ps, const struct att_json_tok *t)
{
	return att_bytes_of(ps->text + t->start, t->end - t->start);
}

static att_rc duplicate(const struct parser *ps, uint32_t a, uint32_t b)
{
	const struct att_json_tok *later = &ps->doc->tok[a > b ? a : b];
	att_bytes name = raw(ps, later);
	size_t shown = name.len < NAME_SHOWN_MAX ? name.len : NAME_SHOWN_MAX;

	return att_fail_at(ps->err, ATT_E_FORMAT, later->start, "json member \"%.*s\" stands twice",
			   (int)shown, (const char *)name.ptr);
}

static int compare_names(const struct parser *ps, uint32_t a, uint32_t b)
{
	const struct att_json_tok *ta = &ps->doc->tok[a];
	const struct att_json_tok *tb = &ps->doc->tok[b];

	return att_json_compare(raw(ps, ta), raw(ps, tb), ta->escaped || tb->escaped);
}

/* Restores the heap below `root`: the greatest name of name[0..n) on top. */
static void sift(const struct parser *ps, uint32_t *name, uint32_t root, uint32_t n)
{
	for (uint32_t child; (child = 2 * root + 1) < n; root = child) {
		if (child + 1 < n && compare_names(ps, name[child], name[child + 1]) < 0)
			child++;
		if (compare_names(ps, name[root], name[child]) >= 0)
			return;
		uint32_t t = name[root];
		name[root] = name[child];
		name[child] = t;
	}
}

/* Heap sort: no input makes it quadratic, and it needs no memory. */
static att_rc unique_by_sorting(const struct parser *ps, uint32_t *name, uint32_t n)
{
	for (uint32_t i = n / 2; i-- > 0;)
		sift(ps, name, i, n);
	for (uint32_t i = n; i-- > 1;) {
		uint32_t t = name[0];
		name[0] = name[i];
		name[i] = t;
		sift(ps, name, 0, i);
	}
	for (uint32_t i = 1; i < n; i++) {
		if (compare_names(ps, name[i - 1], name[i]) == 0)
			return duplicate(ps, name[i - 1], name[i]);
	}
	return ATT_OK;
}

/* Equal names have equal marks; names of one object seldom share one. */
static uint64_t mark_of(att_bytes name)
{
	uint64_t head = 0;
	uint64_t tail = 0;

	if (name.len >= 8) {
		memcpy(&head, name.ptr, 8);
		memcpy(&tail, name.ptr + name.len - 8, 8);
	} else {
		for (size_t i = 0; i < name.len; i++)
			head = head << 8 | name.ptr[i];
	}
	return (head * 31 + tail) * 31 + name.len;
}

static att_rc unique_by_pairs(const struct parser *ps, const uint32_t *name, uint32_t n)
{
	uint64_t mark[PAIRWISE_MAX];

	for (uint32_t i = 0; i < n; i++) {
		mark[i] = mark_of(raw(ps, &ps->doc->tok[name[i]]));
		for (uint32_t k = 0; k < i; k++) {
			if (mark[k] == mark[i] && compare_names(ps, name[k], name[i]) == 0)
				return duplicate(ps, name[k], name[i]);
		}
	}
	return ATT_OK;
}

/* RFC 8259 section 4 leaves open what a repeated name means; here nothing may hang on it. */
static att_rc check_names(const struct parser *ps, uint32_t object)
{
	const struct att_json_tok *tok = ps->doc->tok;
	uint32_t n = tok[object].count;
	uint32_t name[ATT_JSON_MEMBERS_MAX];
	bool escaped = false;

	if (n < 2)
		return ATT_OK;
	for (uint32_t i = 0, at = object + 1; i < n; i++) {
		name[i] = at;
		escaped |= tok[at].escaped;
		at = tok[at + 1].next;
	}
	if (n <= PAIRWISE_MAX && !escaped)
		return unique_by_pairs(ps, name, n);
	return unique_by_sorting(ps, name, n);
}

static att_rc close_container(struct parser *ps)
{
	uint32_t i = ps->open[--ps->depth];
	struct att_json_tok *t = &ps->doc->tok[i];

	ps->p++;
	t->end = (uint32_t)offset_of(ps, ps->p);
	t->next = ps->doc->count;
	return t->type == ATT_JSON_OBJECT ? check_names(ps, i) : ATT_OK;
}

/* A comma or the end of what is open. */
static att_rc read_after_value(struct parser *ps, enum expect *next)
{
	bool object = container(ps)->type == ATT_JSON_OBJECT;

	if (*ps->p == ',') {
		ps->p++;
		*next = object ? NAME : VALUE;
		return ATT_OK;
	}
	if (*ps->p != (object ? '}' : ']'))
		return expected(ps, object ? "',' or '}'" : "',' or ']'");
	return close_container(ps);
}

/* One step at ps->p, which is before the end and no white space. */
static att_rc step(struct parser *ps, enum expect *next)
{
	bool closes =
	    (*next == FIRST_ITEM && *ps->p == ']') || (*next == FIRST_NAME && *ps->p == '}');

	if (closes) {
		*next = AFTER_VALUE;
		return close_container(ps);
	}
	switch (*next) {
	case FIRST_NAME:
	case NAME:
		*next = VALUE;
		return read_name(ps);
	case AFTER_VALUE:
		return read_after_value(ps, next);
	case FIRST_ITEM:
	case VALUE:
		break;
	}
	return read_value(ps, next);
}

static att_rc read_text(struct parser *ps)
{
	enum expect next = VALUE;

	do {
		skip_space(ps);
		if (ps->p == ps->end)
			return ends_early(ps);
		att_rc rc = step(ps, &next);
		if (rc != ATT_OK)
			return rc;
	} while (next != AFTER_VALUE || ps->depth > 0);

	skip_space(ps);
	if (ps->p < ps->end)
		return att_fail_at(ps->err, ATT_E_TRAILING, offset_of(ps, ps->p),
				   "%zu bytes behind the json value", (size_t)(ps->end - ps->p));
	return ATT_OK;
}

att_rc att_json_parse(att_bytes text, att_json_doc *doc, att_err *err)
{
	doc->text = text;
	doc->count = 0;
	if (text.len > ATT_JSON_TEXT_MAX)
		return att_fail(err, ATT_E_FORMAT, "json text is %zu bytes, at most %zu", text.len,
				ATT_JSON_TEXT_MAX);
	if (text.len == 0)
		return att_fail_at(err, ATT_E_TRUNCATED, 0, "json text is empty");
	struct parser ps = {
		.text = text.ptr, .p = text.ptr, .end = text.ptr + text.len, .doc = doc, .err = err
	};
	att_rc rc = read_text(&ps);
	if (rc != ATT_OK)
		doc->count = 0;
	return rc;
}

void att_json_doc_free(att_json_doc *doc)
{
	free(doc->tok);
	*doc = (att_json_doc){ 0 };
}
