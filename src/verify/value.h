/* SPDX-License-Identifier: Apache-2.0 */
/* What was expected and what was seen, kept as values until somebody reads them. The setters are
 * inline: a verification calls them some hundred and fifty times. */
#ifndef ATT_VERIFY_VALUE_H
#define ATT_VERIFY_VALUE_H

#include <string.h>

#include "attest/base.h"
#include "attest/verify.h"

enum att_value_kind {
	ATT_V_NONE,
	ATT_V_STATIC,
	ATT_V_UINT,
	ATT_V_COUNT,
	ATT_V_HEX,
	ATT_V_TIME,
	ATT_V_RANGE,
	ATT_V_LEVEL
};

struct att_value {
	uint8_t kind; /* enum att_value_kind */
	uint8_t len;  /* ATT_V_HEX */
	union {
		const char *fixed;
		uint64_t num;
		struct {
			uint64_t num;
			const char *unit;
		} count;
		int64_t time;
		struct {
			int64_t from, to;
		} range;
		struct {
			const char *status;
			int64_t date;
		} level;
		uint8_t hex[48];
	};
};

static inline void att_set_fixed(struct att_value *v, const char *s)
{
	v->kind = ATT_V_STATIC;
	v->fixed = s;
}

static inline void att_set_uint(struct att_value *v, uint64_t n)
{
	v->kind = ATT_V_UINT;
	v->num = n;
}

/* "3 certificates"; unit is static. */
static inline void att_set_count(struct att_value *v, uint64_t n, const char *unit)
{
	v->kind = ATT_V_COUNT;
	v->count.num = n;
	v->count.unit = unit;
}

/* At most 48 bytes are kept. */
static inline void att_set_hex(struct att_value *v, const void *p, size_t len)
{
	v->kind = ATT_V_HEX;
	v->len = (uint8_t)(len < sizeof(v->hex) ? len : sizeof(v->hex));
	memcpy(v->hex, p, v->len);
}

static inline void att_set_time(struct att_value *v, int64_t t)
{
	v->kind = ATT_V_TIME;
	v->time = t;
}

static inline void att_set_range(struct att_value *v, int64_t from, int64_t to)
{
	v->kind = ATT_V_RANGE;
	v->range.from = from;
	v->range.to = to;
}

/* Date 0: there is none. */
static inline void att_set_level(struct att_value *v, enum att_tcb_status s, int64_t date)
{
	v->kind = ATT_V_LEVEL;
	v->level.status = att_tcb_status_name(s);
	v->level.date = date;
}

#endif
