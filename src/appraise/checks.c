/* SPDX-License-Identifier: Apache-2.0 */
/* Checks on what runs in the TEE: measurements, attributes, report data, debug. */
#include "appraise/checks.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* Intel SDM vol. 3D, table 35-3: keys that platform services (provisioning, launch) are made
 * for. */
#define SGX_PROVISION_KEY  (UINT64_C(1) << 4)
#define SGX_EINITTOKEN_KEY (UINT64_C(1) << 5)

/* Digits shown of a long value; the whole is in the claims. */
#define SHOWN_BYTES 8u

bool att_expect(struct att_reason *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->expected, sizeof(why->expected), fmt, ap);
	va_end(ap);
	return false;
}

bool att_seen(struct att_reason *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->seen, sizeof(why->seen), fmt, ap);
	va_end(ap);
	return false;
}

/* Copies a field of the claims; alignment is the compiler's affair. */
static uint64_t field_of(const struct att_member *m, const struct att_subject *s)
{
	const uint8_t *p = (const uint8_t *)s->claims + m->offset;
	uint16_t n16;
	uint32_t n32;
	uint64_t n64;

	switch (m->width) {
	case sizeof(n16):
		memcpy(&n16, p, sizeof(n16));
		return n16;
	case sizeof(n32):
		memcpy(&n32, p, sizeof(n32));
		return n32;
	default:
		memcpy(&n64, p, sizeof(n64));
		return n64;
	}
}

bool att_check_kind(const struct att_member *m, const struct att_term *t,
		    const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	(void)t;
	if (s->alt->kind == ATT_SCOPE_ANY ||
	    s->alt->kind == (s->td ? ATT_SCOPE_TDX : ATT_SCOPE_SGX))
		return true;
	att_expect(why, "%s", s->alt->kind == ATT_SCOPE_SGX ? "sgx" : "tdx");
	return att_seen(why, "%s", s->td ? "tdx" : "sgx");
}

/* A value as far as it helps to tell it from another: whole when both start alike. */
static void format_hex(att_bytes b, bool whole, char out[static 136])
{
	if (b.len > 64)
		b.len = 64;
	if (whole || b.len <= 2 * SHOWN_BYTES) {
		att_hex_encode(b, out);
		return;
	}
	att_hex_encode(att_bytes_of(b.ptr, SHOWN_BYTES), out);
	memcpy(out + 2 * SHOWN_BYTES, "…", sizeof("…"));
}

bool att_check_hex(const struct att_member *m, const struct att_term *t,
		   const struct att_subject *s, struct att_reason *why)
{
	att_bytes seen = att_bytes_of((const uint8_t *)s->claims + m->offset, m->width);
	att_bytes first = att_bytes_of(t->data, m->width);
	char text[136];

	bool there = !m->bytes || m->bytes(s, &seen, why);
	for (size_t i = 0; there && i < t->count; i++) {
		if (memcmp(t->data + i * m->width, seen.ptr, m->width) == 0)
			return true;
	}
	bool alike = there && memcmp(first.ptr, seen.ptr,
				     m->width < SHOWN_BYTES ? m->width : SHOWN_BYTES) == 0;
	if (m->alias && memcmp(first.ptr, m->alias_bytes, m->width) == 0)
		snprintf(text, sizeof(text), "%s", m->alias);
	else
		format_hex(first, alike, text);
	if (t->count > 1)
		att_expect(why, "%s or one of %zu others", text, t->count - 1);
	else
		att_expect(why, "%s", text);
	if (there) {
		format_hex(seen, alike, text);
		att_seen(why, "%s", text);
	}
	return false;
}

bool att_check_uints(const struct att_member *m, const struct att_term *t,
		     const struct att_subject *s, struct att_reason *why)
{
	uint64_t seen = field_of(m, s);
	int64_t n = 0;

	for (size_t i = t->count; i > 0; i--) {
		memcpy(&n, t->data + (i - 1) * sizeof(n), sizeof(n));
		if ((uint64_t)n == seen)
			return true;
	}
	if (t->count > 1)
		att_expect(why, "%" PRId64 " or one of %zu others", n, t->count - 1);
	else
		att_expect(why, "%" PRId64, n);
	return att_seen(why, "%" PRIu64, seen);
}

bool att_check_min(const struct att_member *m, const struct att_term *t,
		   const struct att_subject *s, struct att_reason *why)
{
	int64_t seen = 0;
	bool there = true;

	if (m->number)
		there = m->number(s, &seen, why);
	else
		seen = (int64_t)field_of(m, s);
	if (there && seen >= t->num)
		return true;
	att_expect(why, "at least %" PRId64, t->num);
	return there ? att_seen(why, "%" PRId64, seen) : false;
}

bool att_check_masked(const struct att_member *m, const struct att_term *t,
		      const struct att_subject *s, struct att_reason *why)
{
	uint64_t seen = field_of(m, s);

	if ((seen & t->mask) == t->bits)
		return true;
	att_expect(why, "0x%" PRIx64 " under mask 0x%" PRIx64, t->bits, t->mask);
	return att_seen(why, "0x%" PRIx64, seen);
}

bool att_check_any_measurement(const struct att_member *m, const struct att_term *t,
			       const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	if (t->num || att_alternative_pins(s->alt))
		return true;
	att_expect(why, "a pinned measurement, or true");
	return att_seen(why, "false, and nothing pinned");
}

bool att_check_debug(const struct att_member *m, const struct att_term *t,
		     const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	if (t->num || !att_claims_debug(s->claims))
		return true;
	att_expect(why, "debug mode off");
	return att_seen(why, "a debug %s: its memory can be read and changed from outside",
			s->td ? "TD" : "enclave");
}

bool att_check_privileged_keys(const struct att_member *m, const struct att_term *t,
			       const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	if (t->num || !s->sgx || !(s->sgx->attributes & (SGX_PROVISION_KEY | SGX_EINITTOKEN_KEY)))
		return true;
	att_expect(why, "attributes without PROVISION_KEY and EINITTOKEN_KEY");
	return att_seen(
	    why, "%s%s%s", s->sgx->attributes & SGX_PROVISION_KEY ? "PROVISION_KEY" : "",
	    (s->sgx->attributes & SGX_PROVISION_KEY) && (s->sgx->attributes & SGX_EINITTOKEN_KEY)
		? " and "
		: "",
	    s->sgx->attributes & SGX_EINITTOKEN_KEY ? "EINITTOKEN_KEY" : "");
}

/* Both kinds of claims have it, at different places. */
bool att_get_report_data(const struct att_subject *s, att_bytes *out, struct att_reason *why)
{
	(void)why;
	*out = s->td ? att_bytes_of(s->td->report_data, sizeof(s->td->report_data))
		     : att_bytes_of(s->sgx->report_data, sizeof(s->sgx->report_data));
	return true;
}

bool att_get_service_td(const struct att_subject *s, att_bytes *out, struct att_reason *why)
{
	if (!s->td || !s->td->has_15)
		return att_seen(why, "a TDX 1.0 report, which has none");
	*out = att_bytes_of(s->td->mr_service_td, sizeof(s->td->mr_service_td));
	return true;
}

/* A service TD can act on its TD's secrets (migration): one that nobody named is refused. */
bool att_check_service_td(const struct att_member *m, const struct att_term *t,
			  const struct att_subject *s, struct att_reason *why)
{
	struct att_reason none;
	att_bytes seen;
	char text[136];

	(void)m;
	if (t->num || s->alt->term[ATT_M_MR_SERVICE_TD].set ||
	    !att_get_service_td(s, &seen, &none) || att_all_zero(seen))
		return true;
	format_hex(seen, false, text);
	att_expect(why, "no service TD, or mr_service_td pinned");
	return att_seen(why, "mr_service_td %s", text);
}

/* Pinning td_attributes with the bit demanded names it too. */
bool att_check_migratable(const struct att_member *m, const struct att_term *t,
			  const struct att_subject *s, struct att_reason *why)
{
	const struct att_term *pin = &s->alt->term[ATT_M_TD_ATTRIBUTES];

	(void)m;
	if (t->num || !s->td || !(s->td->td_attributes & ATT_TD_MIGRATABLE) ||
	    (pin->set && pin->bits & ATT_TD_MIGRATABLE))
		return true;
	att_expect(why, "a TD that can not be migrated");
	return att_seen(why, "td_attributes 0x%" PRIx64 " with MIGRATABLE", s->td->td_attributes);
}

bool att_check_sept_ve_disable(const struct att_member *m, const struct att_term *t,
			       const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	if (!t->num || !s->td || s->td->td_attributes & ATT_TD_SEPT_VE_DISABLE)
		return true;
	att_expect(why, "td_attributes with SEPT_VE_DISABLE");
	return att_seen(why, "0x%" PRIx64, s->td->td_attributes);
}

bool att_check_bound(const struct att_member *m, const struct att_term *t,
		     const struct att_subject *s, struct att_reason *why)
{
	(void)m;
	if (!t->num || att_verdict_bound(s->verdict))
		return true;
	att_expect(why, "report data compared with what the caller expects");
	return att_seen(why, "no expected report data was given");
}
