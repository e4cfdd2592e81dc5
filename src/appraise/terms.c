/* SPDX-License-Identifier: Apache-2.0 */
/* How the values of policy members are read from JSON and written back. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "appraise/policy.h"
#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"

#define DAY          INT64_C(86400)
#define DURATION_MAX (INT64_C(100) * 366 * DAY)

static att_rc bad(att_json v, att_err *err, const char *expected)
{
	return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v), "expected %s", expected);
}

/* The values of a member that takes one or a list of them. */
static att_json first_of(att_json v)
{
	return att_json_type_of(v) == ATT_JSON_ARRAY ? att_json_first(v) : v;
}

static att_json next_of(att_json list, att_json v)
{
	if (att_json_type_of(list) == ATT_JSON_ARRAY)
		return att_json_next(list, v);
	return (att_json){ 0 };
}

/* How many values there are; 0 is an error unless `empty_ok`. */
static att_rc count_of(att_json v, bool empty_ok, size_t *out, att_err *err)
{
	*out = 1;
	if (att_json_type_of(v) != ATT_JSON_ARRAY)
		return ATT_OK;
	*out = att_json_count(v);
	if (*out == 0 && !empty_ok)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "an empty list matches nothing");
	if (*out > ATT_TERM_VALUES_MAX)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v), "%zu values, at most %u",
				   *out, ATT_TERM_VALUES_MAX);
	return ATT_OK;
}

static att_rc item(att_json list, size_t i, att_rc rc, att_err *err)
{
	return att_json_type_of(list) == ATT_JSON_ARRAY ? att_wrap(err, rc, "item %zu", i) : rc;
}

static att_rc room(struct att_term *t, size_t count, size_t width, att_err *err)
{
	t->data = calloc(count + 1, width);
	if (!t->data)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	t->size = count * width;
	t->count = count;
	return ATT_OK;
}

att_rc att_read_kind(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	(void)m;
	if (att_json_is(v, "sgx"))
		t->num = ATT_SCOPE_SGX;
	else if (att_json_is(v, "tdx"))
		t->num = ATT_SCOPE_TDX;
	else
		return bad(v, err, "\"sgx\" or \"tdx\"");
	return ATT_OK;
}

void att_write_kind(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	(void)m;
	att_jw_str(w, t->num == ATT_SCOPE_SGX ? "sgx" : "tdx");
}

static att_rc read_hex(const struct att_member *m, att_json v, uint8_t *out, att_err *err)
{
	att_bytes text;

	if (m->alias && att_json_is(v, m->alias)) {
		memcpy(out, m->alias_bytes, m->width);
		return ATT_OK;
	}
	if (!att_json_plain(v, &text))
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "expected a string of hex digits");
	size_t len = text.len / 2;
	bool fits = m->pad ? len >= 1 && len <= m->width : len == m->width;
	if (text.len % 2 || !fits)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "expected %s%zu hex digits (%zu bytes), seen %zu characters",
				   m->pad ? "at most " : "", 2 * m->width, m->width, text.len);
	if (!att_json_hex(v, out, len))
		return bad(v, err, "hex digits only");
	return ATT_OK;
}

att_rc att_read_hex(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	size_t count, i = 0;

	att_rc rc = count_of(v, false, &count, err);
	if (rc == ATT_OK)
		rc = room(t, count, m->width, err);
	for (att_json e = first_of(v); rc == ATT_OK && e.doc; e = next_of(v, e), i++) {
		rc = read_hex(m, e, t->data + i * m->width, err);
		if (rc != ATT_OK)
			rc = item(v, i, rc, err);
	}
	return rc;
}

void att_write_hex(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	att_jw_array(w);
	for (size_t i = 0; i < t->count; i++) {
		const uint8_t *p = t->data + i * m->width;
		if (m->alias && memcmp(p, m->alias_bytes, m->width) == 0)
			att_jw_str(w, m->alias);
		else
			att_jw_hex(w, att_bytes_of(p, m->width));
	}
	att_jw_end_array(w);
}

/* The largest number that fits the member's field. */
static int64_t limit(const struct att_member *m)
{
	return m->width >= sizeof(int64_t) ? INT64_MAX : (INT64_C(1) << (8 * m->width)) - 1;
}

static att_rc read_uint(const struct att_member *m, att_json v, int64_t *out, att_err *err)
{
	if (!att_json_int(v, 0, limit(m), out))
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
				   "expected a whole number from 0 to %" PRId64, limit(m));
	return ATT_OK;
}

att_rc att_read_uints(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	size_t count, i = 0;

	att_rc rc = count_of(v, false, &count, err);
	if (rc == ATT_OK)
		rc = room(t, count, sizeof(int64_t), err);
	for (att_json e = first_of(v); rc == ATT_OK && e.doc; e = next_of(v, e), i++) {
		int64_t n = 0;
		rc = read_uint(m, e, &n, err);
		if (rc != ATT_OK)
			rc = item(v, i, rc, err);
		memcpy(t->data + i * sizeof(n), &n, sizeof(n));
	}
	return rc;
}

void att_write_uints(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	(void)m;
	att_jw_array(w);
	for (size_t i = 0; i < t->count; i++) {
		int64_t n;
		memcpy(&n, t->data + i * sizeof(n), sizeof(n));
		att_jw_int(w, n);
	}
	att_jw_end_array(w);
}

att_rc att_read_min(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	return read_uint(m, v, &t->num, err);
}

void att_write_min(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	(void)m;
	att_jw_int(w, t->num);
}

/* "0x" and 1 to 2 * width digits, most significant first. The prefix tells a number, whose bits
 * have places, from the memory-order bytes that measurements are. */
static att_rc read_bits(const struct att_member *m, att_json v, uint64_t *out, att_err *err)
{
	att_bytes text;

	*out = 0;
	if (att_json_plain(v, &text) && text.len >= 3 && text.len <= 2 + 2 * m->width &&
	    text.ptr[0] == '0' && text.ptr[1] == 'x') {
		size_t i = 2;
		for (; i < text.len; i++) {
			static const char digits[] = "0123456789abcdef0123456789ABCDEF";
			const char *d = text.ptr[i] ? strchr(digits, text.ptr[i]) : NULL;
			if (!d)
				break;
			*out = *out << 4 | (uint64_t)((d - digits) & 15);
		}
		if (i == text.len)
			return ATT_OK;
	}
	return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
			   "expected \"0x\" and 1 to %zu hex digits, most significant first",
			   2 * m->width);
}

static uint64_t all_bits(const struct att_member *m)
{
	return m->width >= sizeof(uint64_t) ? UINT64_MAX : (UINT64_C(1) << (8 * m->width)) - 1;
}

att_rc att_read_masked(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	t->mask = all_bits(m);
	if (att_json_type_of(v) != ATT_JSON_OBJECT)
		return read_bits(m, v, &t->bits, err);
	for (att_json e = att_json_first(v); e.doc; e = att_json_next(v, e)) {
		if (!att_json_is(att_json_name(e), "value") &&
		    !att_json_is(att_json_name(e), "mask"))
			return bad(e, err, "the members \"value\" and \"mask\" only");
	}
	att_rc rc = read_bits(m, att_json_get(v, "value"), &t->bits, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "value");
	if (att_json_get(v, "mask").doc)
		rc = read_bits(m, att_json_get(v, "mask"), &t->mask, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "mask");
	if (t->mask == 0)
		return bad(v, err, "a mask with at least one bit");
	if (t->bits & ~t->mask)
		return bad(v, err, "no bit in value that mask leaves out");
	return ATT_OK;
}

static void write_bits(uint64_t n, att_jsonw *w)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, n);
	att_jw_str(w, text);
}

void att_write_masked(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	(void)m;
	att_jw_object(w);
	att_jw_name(w, "value");
	write_bits(t->bits, w);
	att_jw_name(w, "mask");
	write_bits(t->mask, w);
	att_jw_end_object(w);
}

att_rc att_read_flag(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	bool b = false;

	(void)m;
	if (!att_json_bool(v, &b))
		return bad(v, err, "true or false");
	t->num = b;
	return ATT_OK;
}

void att_write_flag(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	(void)m;
	att_jw_bool(w, t->num != 0);
}

void att_names_format(const char *const *names, uint64_t bits, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; names[i]; i++) {
		if (!(bits >> i & 1))
			continue;
		int n = snprintf(out + at, size - at, "%s%s", at ? ", " : "", names[i]);
		if (n < 0 || (size_t)n >= size - at)
			return;
		at += (size_t)n;
	}
}

static att_rc read_names(const char *const *names, att_json v, uint64_t *bits, att_err *err)
{
	size_t count, i = 0;
	char all[220];

	*bits = 0;
	att_rc rc = count_of(v, false, &count, err);
	for (att_json e = first_of(v); rc == ATT_OK && e.doc; e = next_of(v, e), i++) {
		size_t k = 0;
		while (names[k] && !att_json_is(e, names[k]))
			k++;
		if (names[k]) {
			*bits |= UINT64_C(1) << k;
			continue;
		}
		if (names == att_status_names &&
		    (att_json_is(e, "Revoked") || att_json_is(e, "NotSupported"))) {
			rc = bad(
			    e, err,
			    "a status that may be accepted; Revoked and NotSupported never are");
		} else {
			att_names_format(names, UINT64_MAX, all, sizeof(all));
			rc = att_fail_at(err, ATT_E_FORMAT, att_json_offset(e),
					 "expected one of %s", all);
		}
		rc = item(v, i, rc, err);
	}
	return rc;
}

static void write_names(const char *const *names, uint64_t bits, att_jsonw *w)
{
	att_jw_array(w);
	for (size_t i = 0; names[i]; i++) {
		if (bits >> i & 1)
			att_jw_str(w, names[i]);
	}
	att_jw_end_array(w);
}

att_rc att_read_names(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	return read_names(m->names, v, &t->bits, err);
}

void att_write_names(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	write_names(m->names, t->bits, w);
}

/* A whole RFC 3339 time, or a date that stands for its first second in UTC. */
att_rc att_read_date(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	static const char midnight[] = "T00:00:00Z";
	att_bytes text;
	char whole[40];

	(void)m;
	if (!att_json_plain(v, &text) || text.len > 39)
		return bad(v, err, "a date (\"2024-03-13\") or RFC 3339 time");
	memcpy(whole, text.ptr, text.len);
	size_t len = text.len;
	if (len == 10) {
		memcpy(whole + len, midnight, sizeof(midnight) - 1);
		len += sizeof(midnight) - 1;
	}
	if (att_time_parse(att_bytes_of(whole, len), false, &t->num, NULL) != ATT_OK)
		return bad(v, err, "a date (\"2024-03-13\") or RFC 3339 time");
	return ATT_OK;
}

void att_write_date(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	(void)m;
	att_jw_time(w, t->num);
}

static const struct {
	char unit;
	int64_t seconds;
} units[] = { { 'd', DAY }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

static att_rc read_duration(att_json v, int64_t *out, att_err *err)
{
	static const char expected[] =
	    "a duration above zero and up to 100 years: \"30d\", \"12h\", "
	    "\"90m\", \"45s\" or a number of seconds";
	att_bytes text;
	int64_t n = 0;

	if (att_json_type_of(v) == ATT_JSON_NUMBER) {
		if (!att_json_int(v, 1, DURATION_MAX, out))
			return bad(v, err, expected);
		return ATT_OK;
	}
	if (!att_json_plain(v, &text) || text.len < 2 || text.len > 11)
		return bad(v, err, expected);
	for (size_t i = 0; i < text.len - 1; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return bad(v, err, expected);
		n = n * 10 + (text.ptr[i] - '0');
	}
	for (size_t i = 0; i < ATT_COUNT(units); i++) {
		if (text.ptr[text.len - 1] != units[i].unit)
			continue;
		if (n < 1 || n > DURATION_MAX / units[i].seconds)
			break;
		*out = n * units[i].seconds;
		return ATT_OK;
	}
	return bad(v, err, expected);
}

void att_duration_format(int64_t seconds, char out[static ATT_DURATION_TEXT])
{
	size_t i = 0;

	while (i < ATT_COUNT(units) - 1 && seconds % units[i].seconds)
		i++;
	snprintf(out, ATT_DURATION_TEXT, "%" PRId64 "%c", seconds / units[i].seconds,
		 units[i].unit);
}

att_rc att_read_duration(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	(void)m;
	return read_duration(v, &t->num, err);
}

void att_write_duration(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	char text[ATT_DURATION_TEXT];

	(void)m;
	att_duration_format(t->num, text);
	att_jw_str(w, text);
}

att_rc att_read_grace(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	if (att_json_type_of(v) != ATT_JSON_OBJECT)
		return bad(v, err, "an object with \"tcb_status\" and \"for\"");
	for (att_json e = att_json_first(v); e.doc; e = att_json_next(v, e)) {
		if (!att_json_is(att_json_name(e), "tcb_status") &&
		    !att_json_is(att_json_name(e), "for"))
			return bad(e, err, "the members \"tcb_status\" and \"for\" only");
	}
	att_json status = att_json_get(v, "tcb_status");
	att_json period = att_json_get(v, "for");
	if (!status.doc || !period.doc)
		return bad(v, err, "both \"tcb_status\" and \"for\"");
	att_rc rc = read_names(m->names, status, &t->bits, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "tcb_status");
	rc = read_duration(period, &t->num, err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "for");
}

void att_write_grace(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	att_jw_object(w);
	att_jw_name(w, "tcb_status");
	write_names(m->names, t->bits, w);
	att_jw_name(w, "for");
	att_write_duration(m, t, w);
	att_jw_end_object(w);
}

static bool is_advisory(att_bytes text)
{
	if (text.len < 1 || text.len > ATT_ADVISORY_ID_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
			return false;
	}
	return true;
}

att_rc att_read_texts(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	size_t count, i = 0;

	(void)m;
	att_rc rc = count_of(v, true, &count, err);
	if (rc == ATT_OK)
		rc = room(t, count, ATT_ADVISORY_ID_MAX + 1, err);
	t->size = 0;
	for (att_json e = first_of(v); rc == ATT_OK && e.doc; e = next_of(v, e), i++) {
		att_bytes text;
		if (!att_json_plain(e, &text) || !is_advisory(text)) {
			rc = bad(e, err, "an advisory id like \"INTEL-SA-00615\"");
			return item(v, i, rc, err);
		}
		memcpy(t->data + t->size, text.ptr, text.len);
		t->size += text.len + 1;
	}
	return rc;
}

const char *att_term_text(const struct att_term *t, size_t *at)
{
	if (*at >= t->size)
		return NULL;
	const char *s = (const char *)t->data + *at;
	*at += strlen(s) + 1;
	return s;
}

void att_write_texts(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	size_t at = 0;

	(void)m;
	att_jw_array(w);
	for (const char *s = att_term_text(t, &at); s; s = att_term_text(t, &at))
		att_jw_str(w, s);
	att_jw_end_array(w);
}

att_rc att_read_off(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	(void)m;
	(void)t;
	return att_json_is(v, "off") ? ATT_OK : bad(v, err, "\"off\", the only demand there is");
}

void att_write_off(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	(void)m;
	(void)t;
	att_jw_str(w, "off");
}

att_rc att_read_false(const struct att_member *m, att_json v, struct att_term *t, att_err *err)
{
	bool b = true;

	(void)m;
	(void)t;
	return att_json_bool(v, &b) && !b ? ATT_OK : bad(v, err, "false, the only demand there is");
}

void att_write_false(const struct att_member *m, const struct att_term *t, att_jsonw *w)
{
	(void)m;
	(void)t;
	att_jw_bool(w, false);
}
