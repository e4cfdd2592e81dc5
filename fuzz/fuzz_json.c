/* SPDX-License-Identifier: Apache-2.0 */
/* The strict JSON reader against jansson (duplicates rejected, any value at the top, nothing behind
 * it). Both take a text or both refuse it, and what both take holds the same values; every other
 * outcome aborts, but for these differences, which are wanted:
 *
 * - we refuse, jansson takes: nesting deeper than ATT_JSON_DEPTH_MAX, an object of more than
 *   ATT_JSON_MEMBERS_MAX members, more than ATT_JSON_TOKENS_MAX tokens, a number of more than 64
 *   characters, a text of more than ATT_JSON_TEXT_MAX bytes; one NUL directly behind a number or a
 *   word, which jansson 2.14 loses (without it the two must agree);
 * - we take, jansson refuses: an integer outside 64 bits or a real outside double (whoever looks at
 *   the value refuses it: att_json_int() has a range).
 *
 * NUL in a string is refused by both. What was read is also written again with our writer, and
 * jansson must find it equal. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define JANSSON_FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)

struct size {
	size_t depth;
	size_t tokens;
	size_t members;
};

static void demand(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "json: %s\n", what);
	abort();
}

/* How large jansson's value is in our terms. */
static void measure(json_t *value, size_t depth, struct size *s)
{
	const char *name;
	json_t *v;
	size_t i;

	s->tokens++;
	if (!json_is_object(value) && !json_is_array(value))
		return;
	depth++;
	if (depth > s->depth)
		s->depth = depth;
	if (json_object_size(value) > s->members)
		s->members = json_object_size(value);
	s->tokens += json_object_size(value);
	json_object_foreach(value, name, v) measure(v, depth, s);
	json_array_foreach(value, i, v) measure(v, depth, s);
}

static bool long_number(const uint8_t *data, size_t size)
{
	size_t run = 0;

	for (size_t i = 0; i < size && run <= 64; i++)
		run = data[i] && strchr("+-.0123456789eE", data[i]) ? run + 1 : 0;
	return run > 64;
}

static bool beyond_our_caps(json_t *value, const uint8_t *data, size_t size)
{
	struct size s = { 0 };

	measure(value, 0, &s);
	return s.depth > ATT_JSON_DEPTH_MAX || s.tokens > ATT_JSON_TOKENS_MAX ||
	       s.members > ATT_JSON_MEMBERS_MAX || size > ATT_JSON_TEXT_MAX ||
	       long_number(data, size);
}

static void compare_string(att_json ours, json_t *theirs, att_jsonw *w)
{
	att_auto_mem char *text = NULL;
	size_t len;
	att_bytes plain;

	demand(att_json_string(ours, &text, &len, NULL) == ATT_OK, "string can not be decoded");
	demand(len == json_string_length(theirs) &&
		   memcmp(text, json_string_value(theirs), len) == 0,
	       "strings differ");
	demand(att_json_is(ours, text), "string is not itself");
	if (att_json_plain(ours, &plain))
		demand(att_bytes_eq(plain, att_bytes_of(text, len)), "plain string differs");
	att_jw_strn(w, att_bytes_of(text, len));
}

static void compare_number(att_json ours, json_t *theirs, att_jsonw *w)
{
	att_bytes slice = att_json_slice(ours);
	int64_t n;
	bool integer = att_json_int(ours, INT64_MIN, INT64_MAX, &n);

	demand(integer == json_is_integer(theirs), "integer or real");
	if (integer) {
		demand(n == json_integer_value(theirs), "integers differ");
		att_jw_int(w, n);
		return;
	}
	char text[80];
	demand(slice.len < sizeof(text), "number is long");
	snprintf(text, sizeof(text), "%.*s", (int)slice.len, (const char *)slice.ptr);
	/* Equality of bits; no number of JSON is a NaN. */
	double a = strtod(text, NULL);
	double b = json_real_value(theirs);
	demand(memcmp(&a, &b, sizeof(a)) == 0, "reals differ");
	att_jw_raw(w, slice);
}

/* Our nesting has a cap, so this recursion has one. */
static void compare(att_json ours, json_t *theirs, att_jsonw *w)
{
	size_t n = 0;

	switch (att_json_type_of(ours)) {
	case ATT_JSON_OBJECT:
		demand(json_object_size(theirs) == att_json_count(ours), "member counts differ");
		att_jw_object(w);
		for (att_json v = att_json_first(ours); v.doc; v = att_json_next(ours, v), n++) {
			att_auto_mem char *name = NULL;
			demand(att_json_string(att_json_name(v), &name, NULL, NULL) == ATT_OK,
			       "name can not be decoded");
			json_t *member = json_object_get(theirs, name);
			demand(json_is_object(theirs) && member, "member is not theirs");
			demand(att_json_get(ours, name).i == v.i, "look-up finds another member");
			att_jw_name(w, name);
			compare(v, member, w);
		}
		demand(n == att_json_count(ours), "member count");
		att_jw_end_object(w);
		return;
	case ATT_JSON_ARRAY:
		demand(json_is_array(theirs), "array");
		demand(json_array_size(theirs) == att_json_count(ours), "item counts differ");
		att_jw_array(w);
		for (att_json v = att_json_first(ours); v.doc; v = att_json_next(ours, v))
			compare(v, json_array_get(theirs, n++), w);
		demand(n == att_json_count(ours), "item count");
		att_jw_end_array(w);
		return;
	case ATT_JSON_STRING:
		demand(json_is_string(theirs), "string");
		compare_string(ours, theirs, w);
		return;
	case ATT_JSON_NUMBER:
		demand(json_is_number(theirs), "number");
		compare_number(ours, theirs, w);
		return;
	case ATT_JSON_TRUE:
	case ATT_JSON_FALSE:
		demand(json_typeof(theirs) ==
			   (att_json_type_of(ours) == ATT_JSON_TRUE ? JSON_TRUE : JSON_FALSE),
		       "boolean");
		att_jw_bool(w, json_is_true(theirs));
		return;
	case ATT_JSON_NULL:
		demand(json_is_null(theirs), "null");
		att_jw_null(w);
		return;
	case ATT_JSON_ABSENT:
		break;
	}
	demand(false, "a value is absent");
}

static void compare_documents(const att_json_doc *doc, json_t *theirs)
{
	att_auto_buf att_buf b = { 0 };
	att_jsonw w = att_jsonw_to(&b, doc->count % 3);

	compare(att_json_root(doc), theirs, &w);
	demand(att_buf_ok(&b, NULL) == ATT_OK, "writing fails");
	json_error_t error;
	json_t *again = json_loadb((const char *)b.ptr, b.len, JANSSON_FLAGS, &error);
	demand(again && json_equal(again, theirs), "what we write is not what we read");
	json_decref(again);
}

/* Takes the NUL at `at` out of the text when it is one that jansson loses. */
static bool drop_nul(uint8_t *text, size_t *size, size_t at)
{
	if (at == 0 || at >= *size || text[at] != 0 || text[at - 1] == 0 ||
	    !strchr("0123456789el", text[at - 1]))
		return false;
	memmove(text + at, text + at + 1, *size - at - 1);
	--*size;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_auto_json att_json_doc doc = { 0 };
	att_auto_mem uint8_t *text = att_bytes_dup(att_bytes_of(data, size));
	att_err err = { 0 };
	json_error_t error;

	demand(text != NULL, "no memory");
	att_rc rc = att_json_parse(att_bytes_of(data, size), &doc, &err);
	json_t *theirs = json_loadb((const char *)data, size, JANSSON_FLAGS, &error);
	while (rc != ATT_OK && theirs && drop_nul(text, &size, err.offset))
		rc = att_json_parse(att_bytes_of(text, size), &doc, &err);
	if (rc == ATT_OK && theirs) {
		compare_documents(&doc, theirs);
	} else if (rc == ATT_OK) {
		demand(json_error_code(&error) == json_error_numeric_overflow, error.text);
	} else if (theirs) {
		demand(rc == ATT_E_FORMAT && beyond_our_caps(theirs, text, size), err.msg);
	} else {
		demand(err.rc == rc && strlen(err.msg) < sizeof(err.msg), "error context");
		demand(err.offset == SIZE_MAX || err.offset <= size, "offset is outside the text");
	}
	json_decref(theirs);
	return 0;
}
