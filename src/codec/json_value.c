/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/json.h"
#include "codec/json_string.h"

static const struct att_json_tok *token(att_json v)
{
	return v.doc && v.i < v.doc->count ? &v.doc->tok[v.i] : NULL;
}

static const struct att_json_tok *typed(att_json v, enum att_json_type type)
{
	const struct att_json_tok *t = token(v);

	return t && t->type == type ? t : NULL;
}

static att_bytes contents(att_json v, const struct att_json_tok *t)
{
	return att_bytes_of(v.doc->text.ptr + t->start, t->end - t->start);
}

att_json att_json_root(const att_json_doc *doc)
{
	return doc->count ? (att_json){ .doc = doc } : (att_json){ 0 };
}

enum att_json_type att_json_type_of(att_json v)
{
	const struct att_json_tok *t = token(v);

	return t ? (enum att_json_type)t->type : ATT_JSON_ABSENT;
}

size_t att_json_count(att_json v)
{
	const struct att_json_tok *t = token(v);

	return t ? t->count : 0;
}

size_t att_json_offset(att_json v)
{
	const struct att_json_tok *t = token(v);

	return t ? t->start - (t->type == ATT_JSON_STRING) : 0;
}

att_bytes att_json_slice(att_json v)
{
	const struct att_json_tok *t = token(v);
	if (!t)
		return att_bytes_of(NULL, 0);

	unsigned quote = t->type == ATT_JSON_STRING;
	return att_bytes_of(v.doc->text.ptr + t->start - quote, t->end - t->start + 2 * quote);
}

static bool equals(att_json v, const struct att_json_tok *t, att_bytes s)
{
	att_bytes c = contents(v, t);

	if (!t->escaped)
		return att_bytes_eq(c, s);
	return att_json_equals(c, s);
}

att_json att_json_get(att_json obj, const char *name)
{
	const struct att_json_tok *t = typed(obj, ATT_JSON_OBJECT);
	if (!t)
		return (att_json){ 0 };

	att_bytes wanted = att_bytes_of(name, strlen(name));
	for (uint32_t i = obj.i + 1; i < t->next; i = obj.doc->tok[i + 1].next) {
		if (equals(obj, &obj.doc->tok[i], wanted))
			return (att_json){ .doc = obj.doc, .i = i + 1 };
	}
	return (att_json){ 0 };
}

/* The value at token i, or behind the name at token i, when the container reaches that far. */
static att_json value_at(att_json container, uint32_t i)
{
	const struct att_json_tok *t = token(container);

	if (!t || i >= t->next)
		return (att_json){ 0 };
	return (att_json){ .doc = container.doc, .i = i + (t->type == ATT_JSON_OBJECT) };
}

att_json att_json_first(att_json container)
{
	return value_at(container, container.i + 1);
}

att_json att_json_next(att_json container, att_json v)
{
	const struct att_json_tok *t = token(v);

	return t ? value_at(container, t->next) : (att_json){ 0 };
}

att_json att_json_name(att_json member_value)
{
	if (member_value.i == 0)
		return (att_json){ 0 };
	att_json name = { .doc = member_value.doc, .i = member_value.i - 1 };
	return typed(name, ATT_JSON_STRING) ? name : (att_json){ 0 };
}

bool att_json_plain(att_json v, att_bytes *out)
{
	const struct att_json_tok *t = typed(v, ATT_JSON_STRING);

	*out = att_bytes_of(NULL, 0);
	if (!t || t->escaped)
		return false;
	*out = contents(v, t);
	return true;
}

bool att_json_is(att_json v, const char *s)
{
	const struct att_json_tok *t = typed(v, ATT_JSON_STRING);

	return t && equals(v, t, att_bytes_of(s, strlen(s)));
}

att_rc att_json_string(att_json v, char **out, size_t *len, att_err *err)
{
	const struct att_json_tok *t = typed(v, ATT_JSON_STRING);

	*out = NULL;
	if (len)
		*len = 0;
	if (!t)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "json value is no string");
	att_bytes c = contents(v, t);
	uint8_t *copy = malloc(c.len + 1);
	if (!copy)
		return att_fail(err, ATT_E_NOMEM, "no memory for a json string of %zu bytes",
				c.len);
	size_t n = c.len;
	if (t->escaped)
		n = att_json_unescape(c, copy);
	else
		memcpy(copy, c.ptr, c.len);
	copy[n] = 0;
	*out = (char *)copy;
	if (len)
		*len = n;
	return ATT_OK;
}

bool att_json_int(att_json v, int64_t min, int64_t max, int64_t *out)
{
	const struct att_json_tok *t = typed(v, ATT_JSON_NUMBER);

	*out = 0;
	if (!t)
		return false;
	att_bytes c = contents(v, t);
	bool minus = c.ptr[0] == '-';
	/* Counted below zero, where one more value fits than above. */
	int64_t n = 0;
	for (size_t i = minus; i < c.len; i++) {
		int digit = c.ptr[i] - '0';
		if (digit < 0 || digit > 9)
			return false;
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, digit, &n))
			return false;
	}
	if (!minus && __builtin_sub_overflow(0, n, &n))
		return false;
	if (n < min || n > max)
		return false;
	*out = n;
	return true;
}

bool att_json_bool(att_json v, bool *out)
{
	enum att_json_type type = att_json_type_of(v);

	*out = type == ATT_JSON_TRUE;
	return type == ATT_JSON_TRUE || type == ATT_JSON_FALSE;
}

bool att_json_hex(att_json v, uint8_t *out, size_t len)
{
	att_bytes c;

	return att_json_plain(v, &c) && att_hex_decode(c, out, len, NULL) == ATT_OK;
}
