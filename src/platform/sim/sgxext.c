/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/sgxext.h"

#include "base/mem.h"
#include "codec/der.h"

/* 1.2.840.113741.1.13.1, what every element's OID starts with */
static const uint8_t sgx_arc[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 };

#define ARC_TOP           0
#define ARC_TCB           2
#define ARC_CONFIGURATION 7
#define TCB_PCE_SVN       17
#define TCB_CPU_SVN       18

static void put_tlv(att_buf *b, uint8_t tag, att_bytes content)
{
	att_put_u8(b, tag);
	if (content.len >= 0x100) {
		att_put_u8(b, 0x82);
		att_put_be16(b, (uint16_t)content.len);
	} else {
		if (content.len >= 0x80)
			att_put_u8(b, 0x81);
		att_put_u8(b, (uint8_t)content.len);
	}
	att_put(b, content);
}

/* SEQUENCE { OID, value }; the OID ends in `arc`, unless that is ARC_TOP, and `last`. */
static void put_element(att_buf *b, uint8_t arc, uint8_t last, uint8_t tag, att_bytes value)
{
	att_auto_buf att_buf oid = { 0 };
	att_auto_buf att_buf pair = { 0 };

	att_put_mem(&oid, sgx_arc, sizeof(sgx_arc));
	if (arc != ARC_TOP)
		att_put_u8(&oid, arc);
	att_put_u8(&oid, last);
	put_tlv(&pair, ATT_DER_OID, att_buf_bytes(&oid));
	put_tlv(&pair, tag, value);
	put_tlv(b, ATT_DER_SEQUENCE, att_buf_bytes(&pair));
	b->failed = b->failed || oid.failed || pair.failed;
}

/* A number of at most 16 bits, in the fewest bytes whose first is below 0x80. */
static void put_number(att_buf *b, uint8_t arc, uint8_t last, uint8_t tag, uint16_t v)
{
	const uint8_t wide[] = { 0, (uint8_t)(v >> 8), (uint8_t)v };
	size_t skip = v < 0x80 ? 2 : v < 0x8000 ? 1 : 0;

	put_element(b, arc, last, tag, att_bytes_of(wide + skip, sizeof(wide) - skip));
}

static void put_tcb(att_buf *b, const struct att_platform *p)
{
	att_auto_buf att_buf tcb = { 0 };

	for (uint8_t i = 0; i < sizeof(p->components); i++)
		put_number(&tcb, ARC_TCB, (uint8_t)(i + 1), ATT_DER_INTEGER, p->components[i]);
	put_number(&tcb, ARC_TCB, TCB_PCE_SVN, ATT_DER_INTEGER, p->pce_svn);
	put_element(&tcb, ARC_TCB, TCB_CPU_SVN, ATT_DER_OCTET_STRING,
		    att_bytes_of(p->cpu_svn, sizeof(p->cpu_svn)));
	put_element(b, ARC_TOP, ARC_TCB, ATT_DER_SEQUENCE, att_buf_bytes(&tcb));
	b->failed = b->failed || tcb.failed;
}

static void put_configuration(att_buf *b, const struct att_platform *p)
{
	const enum att_tri flags[] = { p->dynamic_platform, p->cached_keys, p->smt_enabled };
	att_auto_buf att_buf list = { 0 };

	for (uint8_t i = 0; i < ATT_COUNT(flags); i++) {
		const uint8_t value = flags[i] == ATT_TRUE ? 0xff : 0;

		if (flags[i] != ATT_UNKNOWN)
			put_element(&list, ARC_CONFIGURATION, (uint8_t)(i + 1), ATT_DER_BOOLEAN,
				    att_bytes_of(&value, 1));
	}
	put_element(b, ARC_TOP, ARC_CONFIGURATION, ATT_DER_SEQUENCE, att_buf_bytes(&list));
	b->failed = b->failed || list.failed;
}

void att_sim_put_sgx_extension(att_buf *b, const struct att_platform *p)
{
	att_auto_buf att_buf all = { 0 };

	put_element(&all, ARC_TOP, 1, ATT_DER_OCTET_STRING, att_bytes_of(p->ppid, sizeof(p->ppid)));
	put_tcb(&all, p);
	put_element(&all, ARC_TOP, 3, ATT_DER_OCTET_STRING,
		    att_bytes_of(p->pce_id, sizeof(p->pce_id)));
	put_element(&all, ARC_TOP, 4, ATT_DER_OCTET_STRING,
		    att_bytes_of(p->fmspc, sizeof(p->fmspc)));
	put_number(&all, ARC_TOP, 5, ATT_DER_ENUMERATED, p->sgx_type);
	if (p->has_instance_id) {
		put_element(&all, ARC_TOP, 6, ATT_DER_OCTET_STRING,
			    att_bytes_of(p->instance_id, sizeof(p->instance_id)));
		put_configuration(&all, p);
	}
	put_tlv(b, ATT_DER_SEQUENCE, att_buf_bytes(&all));
	b->failed = b->failed || all.failed;
}
