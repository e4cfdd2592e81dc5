/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral/pck.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/der.h"

/* 1.2.840.113741.1.13.1, what every element's OID starts with */
static const uint8_t sgx_arc[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 };

#define ARC_TCB           2
#define ARC_CONFIGURATION 7
#define TCB_PCE_SVN       17
#define TCB_CPU_SVN       18

/* The last arc of an element's OID under `arc` (0: directly under the extension's own); 0 when the
 * OID does not belong there. */
static uint8_t last_arc(att_bytes oid, uint8_t arc)
{
	size_t depth = sizeof(sgx_arc) + (arc ? 1 : 0);

	if (oid.len != depth + 1 || memcmp(oid.ptr, sgx_arc, sizeof(sgx_arc)) != 0)
		return 0;
	if (arc && oid.ptr[sizeof(sgx_arc)] != arc)
		return 0;
	return oid.ptr[depth];
}

/* Opens the next SEQUENCE { OID, value }; *e stands at the value, *last is the OID's last arc. */
static att_rc open_any(att_reader *seq, uint8_t arc, const char *field, att_reader *e,
		       uint8_t *last, att_err *err)
{
	*e = att_der_enter(seq, ATT_DER_SEQUENCE, field);

	size_t at = att_tell(e);
	att_bytes oid = att_der_get(e, ATT_DER_OID, field);
	att_rc rc = att_reader_ok(e, err);

	if (rc != ATT_OK)
		return rc;
	*last = last_arc(oid, arc);
	if (*last == 0)
		return att_fail_at(err, ATT_E_FORMAT, at, "%s: an OID that does not belong here",
				   field);
	return ATT_OK;
}

static att_rc open_element(att_reader *seq, uint8_t arc, uint8_t want, const char *field,
			   att_reader *e, att_err *err)
{
	uint8_t last = 0;
	size_t at = att_tell(seq);
	att_rc rc = open_any(seq, arc, field, e, &last, err);

	if (rc == ATT_OK && last != want)
		return att_fail_at(err, ATT_E_FORMAT, at,
				   "%s: expected an OID that ends in %d, seen %d", field, want,
				   last);
	return rc;
}

static att_rc read_octets(att_reader *seq, uint8_t arc, uint8_t last, const char *field,
			  uint8_t *out, size_t len, att_err *err)
{
	att_reader e;
	att_rc rc = open_element(seq, arc, last, field, &e, err);

	if (rc != ATT_OK)
		return rc;

	size_t at = att_tell(&e);
	att_bytes v = att_der_get(&e, ATT_DER_OCTET_STRING, field);

	rc = att_reader_end(&e, err);
	if (rc != ATT_OK)
		return rc;
	if (v.len != len)
		return att_fail_at(err, ATT_E_FORMAT, at, "%s: expected %zu bytes, seen %zu", field,
				   len, v.len);
	memcpy(out, v.ptr, len);
	return ATT_OK;
}

static att_rc read_number(att_reader *seq, uint8_t arc, uint8_t last, uint8_t tag,
			  const char *field, int64_t max, int64_t *out, att_err *err)
{
	att_reader e;
	att_rc rc = open_element(seq, arc, last, field, &e, err);

	if (rc != ATT_OK)
		return rc;

	size_t at = att_tell(&e);

	*out = att_der_uint(&e, tag, field);
	rc = att_reader_end(&e, err);
	if (rc == ATT_OK && *out > max)
		return att_fail_at(err, ATT_E_FORMAT, at, "%s: expected at most %d, seen %lld",
				   field, (int)max, (long long)*out);
	return rc;
}

static att_rc read_tcb(att_reader *seq, struct att_platform *p, att_err *err)
{
	att_reader e;
	att_rc rc = open_element(seq, 0, ARC_TCB, "tcb", &e, err);

	if (rc != ATT_OK)
		return rc;

	att_reader tcb = att_der_enter(&e, ATT_DER_SEQUENCE, "tcb");

	rc = att_reader_end(&e, err);
	for (uint8_t i = 0; rc == ATT_OK && i < sizeof(p->components); i++) {
		int64_t svn = 0;

		rc = read_number(&tcb, ARC_TCB, (uint8_t)(i + 1), ATT_DER_INTEGER,
				 "tcb component svn", UINT8_MAX, &svn, err);
		p->components[i] = (uint8_t)svn;
	}
	int64_t pce_svn = 0;

	if (rc == ATT_OK)
		rc = read_number(&tcb, ARC_TCB, TCB_PCE_SVN, ATT_DER_INTEGER, "pcesvn", UINT16_MAX,
				 &pce_svn, err);
	p->pce_svn = (uint16_t)pce_svn;
	if (rc == ATT_OK)
		rc = read_octets(&tcb, ARC_TCB, TCB_CPU_SVN, "cpusvn", p->cpu_svn,
				 sizeof(p->cpu_svn), err);
	return rc == ATT_OK ? att_reader_end(&tcb, err) : rc;
}

/* Members are optional but keep their order, so that none can be there twice. */
static att_rc read_configuration(att_reader *seq, struct att_platform *p, att_err *err)
{
	enum att_tri *const flags[] = { &p->dynamic_platform, &p->cached_keys, &p->smt_enabled };
	att_reader e;
	att_rc rc = open_element(seq, 0, ARC_CONFIGURATION, "configuration", &e, err);

	if (rc != ATT_OK)
		return rc;

	att_reader list = att_der_enter(&e, ATT_DER_SEQUENCE, "configuration");
	uint8_t before = 0;

	rc = att_reader_end(&e, err);
	while (rc == ATT_OK && att_left(&list) > 0) {
		uint8_t last = 0;
		size_t at = att_tell(&list);

		rc = open_any(&list, ARC_CONFIGURATION, "configuration", &e, &last, err);
		if (rc != ATT_OK)
			return rc;
		if (last <= before || last > ATT_COUNT(flags))
			return att_fail_at(
			    err, ATT_E_FORMAT, at,
			    "configuration: member %d is unknown, repeated or out of order", last);
		before = last;
		*flags[last - 1] = att_der_bool(&e, "configuration") ? ATT_TRUE : ATT_FALSE;
		rc = att_reader_end(&e, err);
	}
	return rc == ATT_OK ? att_reader_end(&list, err) : rc;
}

static att_rc read_extension(att_bytes value, struct att_platform *p, att_err *err)
{
	att_reader r = att_reader_of(value);
	att_reader seq = att_der_enter(&r, ATT_DER_SEQUENCE, "sgx extensions");
	int64_t type = 0;
	att_rc rc = att_reader_end(&r, err);

	if (rc == ATT_OK)
		rc = read_octets(&seq, 0, 1, "ppid", p->ppid, sizeof(p->ppid), err);
	if (rc == ATT_OK)
		rc = read_tcb(&seq, p, err);
	if (rc == ATT_OK)
		rc = read_octets(&seq, 0, 3, "pceid", p->pce_id, sizeof(p->pce_id), err);
	if (rc == ATT_OK)
		rc = read_octets(&seq, 0, 4, "fmspc", p->fmspc, sizeof(p->fmspc), err);
	if (rc == ATT_OK)
		rc = read_number(&seq, 0, 5, ATT_DER_ENUMERATED, "sgx type", 2, &type, err);
	if (rc != ATT_OK)
		return rc;
	p->sgx_type = (uint8_t)type;
	/* A PCK certificate of the Processor CA ends here; the Platform CA's has both of these */
	if (att_left(&seq) == 0)
		return att_reader_end(&seq, err);
	rc = read_octets(&seq, 0, 6, "platform instance id", p->instance_id, sizeof(p->instance_id),
			 err);
	if (rc == ATT_OK)
		rc = read_configuration(&seq, p, err);
	p->has_instance_id = true;
	return rc == ATT_OK ? att_reader_end(&seq, err) : rc;
}

att_rc att_pck_ext_parse(att_bytes value, struct att_platform *out, att_err *err)
{
	struct att_platform p = {
		.present = true,
		.dynamic_platform = ATT_UNKNOWN,
		.cached_keys = ATT_UNKNOWN,
		.smt_enabled = ATT_UNKNOWN,
	};
	att_rc rc = read_extension(value, &p, err);

	*out = (struct att_platform){
		.dynamic_platform = ATT_UNKNOWN,
		.cached_keys = ATT_UNKNOWN,
		.smt_enabled = ATT_UNKNOWN,
	};
	if (rc != ATT_OK)
		return att_wrap(err, rc, "sgx extension of the pck certificate");
	*out = p;
	return ATT_OK;
}
