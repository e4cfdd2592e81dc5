/* SPDX-License-Identifier: Apache-2.0 */
/* The members of one JSON object: found in one pass over it, then read one per statement with a
 * sticky failure, as att_reader does for bytes. Nothing that was read may be used before
 * att_fields_ok() said ATT_OK. Values must be written without escapes: Intel's never have any. */
#ifndef ATT_COLLATERAL_FIELDS_H
#define ATT_COLLATERAL_FIELDS_H

#include "attest/base.h"
#include "attest/verify.h"
#include "codec/json.h"

#define ATT_FIELDS_MAX 20

struct att_field_name {
	const char *text;
	size_t len;
};
#define ATT_FIELD(s)               \
	{                          \
		(s), sizeof(s) - 1 \
	}

struct att_fields {
	att_json object;
	const struct att_field_name *names;
	att_json value[ATT_FIELDS_MAX]; /* absent where the object has no such member */
	att_rc rc;
	att_err *err;
};

/* Finds the members; others are passed over. Fails when `object` is no object. `names` (at most
 * ATT_FIELDS_MAX, in the usual order of the document) must live as long as f. */
void att_fields_open(struct att_fields *f, att_json object, const struct att_field_name *names,
		     size_t count, att_err *err);

static inline bool att_field_has(const struct att_fields *f, size_t i)
{
	return f->value[i].doc != NULL;
}

/* "NAME is missing", or "NAME: expected EXPECTED, seen VALUE" with its offset. */
void att_field_bad(struct att_fields *f, size_t i, const char *expected);

/* The member must not be there: it belongs to another kind of document ("a version 2 TCB info"). */
void att_field_forbid(struct att_fields *f, size_t i, const char *kind);

int64_t att_field_int(struct att_fields *f, size_t i, int64_t min, int64_t max);
void att_field_hex(struct att_fields *f, size_t i, uint8_t *out, size_t len);
int64_t att_field_time(struct att_fields *f, size_t i);
att_bytes att_field_text(struct att_fields *f, size_t i);
att_json att_field_array(struct att_fields *f, size_t i);
att_json att_field_object(struct att_fields *f, size_t i);

/* A tcbStatus out of the set `allowed`, a mask of ATT_STATUS_BIT. */
#define ATT_STATUS_BIT(s) (1u << (s))
enum att_tcb_status att_field_status(struct att_fields *f, size_t i, uint32_t allowed);

att_rc att_fields_ok(const struct att_fields *f) ATT_MUST_USE;

#endif
