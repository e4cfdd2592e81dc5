/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/error.h"

#define SHOWN_MAX 40

static const char *type_name(enum att_json_type t)
{
	switch (t) {
	case ATT_JSON_OBJECT:
		return "an object";
	case ATT_JSON_ARRAY:
		return "an array";
	case ATT_JSON_STRING:
		return "a string";
	case ATT_JSON_NUMBER:
		return "a number";
	case ATT_JSON_TRUE:
		return "true";
	case ATT_JSON_FALSE:
		return "false";
	case ATT_JSON_NULL:
		return "null";
	case ATT_JSON_ABSENT:
		break;
	}
	return "nothing";
}

/* The value itself when it is short and plain ASCII, else what kind of value it is: messages go to
 * terminals. */
static void show(att_json v, char out[static SHOWN_MAX])
{
	enum att_json_type t = att_json_type_of(v);
	att_bytes s = att_json_slice(v);
	bool plain = (t == ATT_JSON_STRING || t == ATT_JSON_NUMBER) && s.len < SHOWN_MAX;

	for (size_t i = 0; plain && i < s.len; i++)
		plain = s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f;
	if (!plain) {
		snprintf(out, SHOWN_MAX, "%s", type_name(t));
		return;
	}
	memcpy(out, s.ptr, s.len);
	out[s.len] = '\0';
}

/* Documents keep their order, so the search starts behind the member found last. */
static size_t find_name(att_json name, const struct att_field_name *names, size_t count,
			size_t hint)
{
	att_bytes text;
	bool plain = att_json_plain(name, &text);

	for (size_t k = 0; k < count; k++) {
		size_t i = hint + k < count ? hint + k : hint + k - count;

		if (plain
			? text.len == names[i].len && memcmp(text.ptr, names[i].text, text.len) == 0
			: att_json_is(name, names[i].text))
			return i;
	}
	return count;
}

void att_fields_open(struct att_fields *f, att_json object, const struct att_field_name *names,
		     size_t count, att_err *err)
{
	f->object = object;
	f->names = names;
	f->rc = ATT_OK;
	f->err = err;
	memset(f->value, 0, count * sizeof(f->value[0]));

	if (att_json_type_of(object) != ATT_JSON_OBJECT) {
		f->rc =
		    att_fail_at(err, ATT_E_FORMAT, att_json_offset(object),
				"expected an object, seen %s", type_name(att_json_type_of(object)));
		return;
	}
	size_t hint = 0;

	for (att_json v = att_json_first(object); v.doc; v = att_json_next(object, v)) {
		size_t i = find_name(att_json_name(v), names, count, hint);

		if (i == count)
			continue;
		f->value[i] = v;
		hint = i + 1 < count ? i + 1 : 0;
	}
}

void att_field_bad(struct att_fields *f, size_t i, const char *expected)
{
	if (f->rc != ATT_OK)
		return;
	if (!att_field_has(f, i)) {
		f->rc = att_fail_at(f->err, ATT_E_FORMAT, att_json_offset(f->object),
				    "%s is missing", f->names[i].text);
		return;
	}
	char seen[SHOWN_MAX];

	show(f->value[i], seen);
	f->rc = att_fail_at(f->err, ATT_E_FORMAT, att_json_offset(f->value[i]),
			    "%s: expected %s, seen %s", f->names[i].text, expected, seen);
}

void att_field_forbid(struct att_fields *f, size_t i, const char *kind)
{
	if (f->rc == ATT_OK && att_field_has(f, i))
		f->rc = att_fail_at(f->err, ATT_E_FORMAT, att_json_offset(f->value[i]),
				    "%s does not belong in %s", f->names[i].text, kind);
}

int64_t att_field_int(struct att_fields *f, size_t i, int64_t min, int64_t max)
{
	int64_t v = 0;

	if (f->rc != ATT_OK)
		return 0;
	if (att_json_int(f->value[i], min, max, &v))
		return v;

	char expected[80];

	if (min == max)
		snprintf(expected, sizeof(expected), "%" PRId64, min);
	else
		snprintf(expected, sizeof(expected), "an integer from %" PRId64 " to %" PRId64, min,
			 max);
	att_field_bad(f, i, expected);
	return 0;
}

void att_field_hex(struct att_fields *f, size_t i, uint8_t *out, size_t len)
{
	if (f->rc == ATT_OK && att_json_hex(f->value[i], out, len))
		return;
	memset(out, 0, len);
	if (f->rc != ATT_OK)
		return;

	char expected[40];

	snprintf(expected, sizeof(expected), "%zu hex digits", 2 * len);
	att_field_bad(f, i, expected);
}

att_bytes att_field_text(struct att_fields *f, size_t i)
{
	att_bytes text = { 0 };

	if (f->rc == ATT_OK && !att_json_plain(f->value[i], &text))
		att_field_bad(f, i, "a string without escapes");
	return f->rc == ATT_OK ? text : (att_bytes){ 0 };
}

int64_t att_field_time(struct att_fields *f, size_t i)
{
	att_bytes text = att_field_text(f, i);
	int64_t t = 0;

	if (f->rc == ATT_OK && att_time_parse(text, true, &t, NULL) != ATT_OK)
		att_field_bad(f, i, "a time as YYYY-MM-DDThh:mm:ssZ");
	return f->rc == ATT_OK ? t : 0;
}

static att_json typed(struct att_fields *f, size_t i, enum att_json_type type)
{
	if (f->rc == ATT_OK && att_json_type_of(f->value[i]) != type)
		att_field_bad(f, i, type_name(type));
	return f->rc == ATT_OK ? f->value[i] : (att_json){ 0 };
}

att_json att_field_array(struct att_fields *f, size_t i)
{
	return typed(f, i, ATT_JSON_ARRAY);
}

att_json att_field_object(struct att_fields *f, size_t i)
{
	return typed(f, i, ATT_JSON_OBJECT);
}

enum att_tcb_status att_field_status(struct att_fields *f, size_t i, uint32_t allowed)
{
	att_bytes text = att_field_text(f, i);

	if (f->rc != ATT_OK)
		return ATT_TCB_NONE;

	enum att_tcb_status s = att_tcb_status_of((const char *)text.ptr, text.len);

	if (s != ATT_TCB_NONE && (allowed & ATT_STATUS_BIT(s)) != 0)
		return s;
	att_field_bad(f, i, "a TCB status that Intel defines here");
	return ATT_TCB_NONE;
}

att_rc att_fields_ok(const struct att_fields *f)
{
	return f->rc;
}
