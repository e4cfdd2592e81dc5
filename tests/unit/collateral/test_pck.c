/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "base/buf.h"
#include "collateral/pck.h"

/* What to put into an extension, and what to do wrong. */
struct plan {
	bool platform;
	uint8_t swap_with;     /* element 1 to 7 that changes places with the next; 0 none */
	uint8_t twice;         /* element that is there twice */
	uint8_t without;       /* element that is left out */
	uint8_t long_octets;   /* element whose OCTET STRING is a byte longer */
	uint8_t tag_of;        /* element whose value has another tag */
	const char *component; /* contents of component 3's INTEGER, one or more bytes */
	size_t component_len;
	const char *pce_svn;
	size_t pce_svn_len;
	uint8_t components; /* of the TCB; 0 means 16 */
	uint8_t sgx_type;
	const char *flags; /* configuration: pairs of arc and BOOLEAN content */
	bool wrong_arc;
	bool after_value; /* a NULL behind the PPID inside its element */
};

static void put_tlv(att_buf *b, uint8_t tag, att_bytes content)
{
	att_put_u8(b, tag);
	if (content.len < 0x80) {
		att_put_u8(b, (uint8_t)content.len);
	} else {
		att_put_u8(b, 0x82);
		att_put_be16(b, (uint16_t)content.len);
	}
	att_put(b, content);
}

/* SEQUENCE { OID 1.2.840.113741.1.13.1.arc[.sub], value } */
static void put_element(att_buf *b, uint8_t arc, uint8_t sub, att_bytes value, bool wrong)
{
	att_auto_buf att_buf oid = { 0 };
	att_auto_buf att_buf in = { 0 };

	att_put_mem(&oid, "\x2a\x86\x48\x86\xf8\x4d\x01\x0d", 8);
	att_put_u8(&oid, wrong ? 2 : 1);
	att_put_u8(&oid, arc);
	if (sub)
		att_put_u8(&oid, sub);
	put_tlv(&in, 0x06, att_buf_bytes(&oid));
	att_put(&in, value);
	put_tlv(b, 0x30, att_buf_bytes(&in));
}

static void put_octets(att_buf *b, const struct plan *p, uint8_t arc, uint8_t sub, uint8_t fill,
		       size_t len)
{
	att_auto_buf att_buf v = { 0 };
	uint8_t bytes[17];

	memset(bytes, fill, sizeof(bytes));
	put_tlv(&v, p->tag_of == arc ? 0x03 : 0x04,
		att_bytes_of(bytes, len + (p->long_octets == arc && (arc != 2 || sub == 18))));
	if (p->after_value && arc == 1)
		att_put_mem(&v, "\x05\x00", 2);
	put_element(b, arc, sub, att_buf_bytes(&v), p->wrong_arc && arc == 4);
}

static void put_tcb(att_buf *b, const struct plan *p)
{
	att_auto_buf att_buf list = { 0 };
	att_auto_buf att_buf seq = { 0 };
	uint8_t count = p->components ? p->components : 16;

	for (uint8_t i = 1; i <= count; i++) {
		att_auto_buf att_buf v = { 0 };

		if (i == 3 && p->component)
			put_tlv(&v, 0x02, att_bytes_of(p->component, p->component_len));
		else
			put_tlv(&v, 0x02, att_bytes_of(&i, 1));
		put_element(&list, 2, i, att_buf_bytes(&v), false);
	}
	att_auto_buf att_buf v = { 0 };

	put_tlv(&v, 0x02,
		p->pce_svn ? att_bytes_of(p->pce_svn, p->pce_svn_len) : att_bytes_of("\x0d", 1));
	put_element(&list, 2, 17, att_buf_bytes(&v), false);
	put_octets(&list, p, 2, 18, 0xc5, 16);
	put_tlv(&seq, p->tag_of == 2 ? 0x31 : 0x30, att_buf_bytes(&list));
	put_element(b, 2, 0, att_buf_bytes(&seq), false);
}

static void put_configuration(att_buf *b, const struct plan *p)
{
	att_auto_buf att_buf list = { 0 };
	att_auto_buf att_buf seq = { 0 };
	const char *flags = p->flags ? p->flags : "\1\xff\2\1\3\xff";

	for (size_t i = 0; flags[i]; i += 2) {
		att_auto_buf att_buf v = { 0 };
		uint8_t value = flags[i + 1] == 1 ? 0 : (uint8_t)flags[i + 1];

		put_tlv(&v, 0x01, att_bytes_of(&value, 1));
		put_element(&list, 7, (uint8_t)flags[i], att_buf_bytes(&v), false);
	}
	put_tlv(&seq, 0x30, att_buf_bytes(&list));
	put_element(b, 7, 0, att_buf_bytes(&seq), false);
}

static void put_number(att_buf *b, const struct plan *p, uint8_t element)
{
	att_auto_buf att_buf v = { 0 };

	switch (element) {
	case 1:
		put_octets(b, p, 1, 0, 0x11, 16);
		break;
	case 2:
		put_tcb(b, p);
		break;
	case 3:
		put_octets(b, p, 3, 0, 0x33, 2);
		break;
	case 4:
		put_octets(b, p, 4, 0, 0x44, 6);
		break;
	case 5:
		put_tlv(&v, p->tag_of == 5 ? 0x02 : 0x0a, att_bytes_of(&p->sgx_type, 1));
		put_element(b, 5, 0, att_buf_bytes(&v), false);
		break;
	case 6:
		put_octets(b, p, 6, 0, 0x66, 16);
		break;
	default:
		put_configuration(b, p);
	}
}

static void put_extension(att_buf *b, const struct plan *p)
{
	att_auto_buf att_buf list = { 0 };
	uint8_t last = p->platform ? 7 : 5;

	for (uint8_t i = 1; i <= last; i++) {
		uint8_t element = i;

		if (p->swap_with == i)
			element = (uint8_t)(i + 1);
		else if (p->swap_with && p->swap_with + 1 == i)
			element = (uint8_t)(i - 1);
		if (p->without == element)
			continue;
		put_number(&list, p, element);
		if (p->twice == element)
			put_number(&list, p, element);
	}
	put_tlv(b, 0x30, att_buf_bytes(&list));
	assert_int_equal(att_buf_ok(b, NULL), ATT_OK);
}

static void assert_filled(const uint8_t *p, uint8_t fill, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(p[i], fill);
}

static void processor(void **state)
{
	(void)state;
	att_auto_buf att_buf b = { 0 };
	struct att_platform p;

	put_extension(&b, &(struct plan){ .sgx_type = 0 });
	memset(&p, 0xee, sizeof(p));
	assert_int_equal(att_pck_ext_parse(att_buf_bytes(&b), &p, NULL), ATT_OK);
	assert_true(p.present);
	assert_false(p.platform_ca);
	assert_filled(p.ppid, 0x11, 16);
	for (uint8_t i = 0; i < 16; i++)
		assert_int_equal(p.components[i], i + 1);
	assert_int_equal(p.pce_svn, 13);
	assert_filled(p.cpu_svn, 0xc5, 16);
	assert_filled(p.pce_id, 0x33, 2);
	assert_filled(p.fmspc, 0x44, 6);
	assert_int_equal(p.sgx_type, 0);
	assert_false(p.has_instance_id);
	assert_filled(p.instance_id, 0, 16);
	assert_int_equal(p.dynamic_platform, ATT_UNKNOWN);
	assert_int_equal(p.cached_keys, ATT_UNKNOWN);
	assert_int_equal(p.smt_enabled, ATT_UNKNOWN);
}

static void platform(void **state)
{
	(void)state;
	static const struct {
		const char *flags;
		int dynamic, cached, smt;
	} rows[] = {
		{ "\1\xff\2\1\3\xff", 1, 0, 1 }, { "\1\1\2\xff\3\1", 0, 1, 0 },
		{ "\1\xff", 1, -1, -1 },         { "\2\xff\3\1", -1, 1, 0 },
		{ "\3\xff", -1, -1, 1 },         { "", -1, -1, -1 },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_auto_buf att_buf b = { 0 };
		struct att_platform p;

		put_extension(
		    &b, &(struct plan){ .platform = true, .sgx_type = 2, .flags = rows[i].flags });
		assert_int_equal(att_pck_ext_parse(att_buf_bytes(&b), &p, NULL), ATT_OK);
		assert_true(p.has_instance_id);
		assert_filled(p.instance_id, 0x66, 16);
		assert_int_equal(p.sgx_type, 2);
		assert_int_equal(p.dynamic_platform, rows[i].dynamic);
		assert_int_equal(p.cached_keys, rows[i].cached);
		assert_int_equal(p.smt_enabled, rows[i].smt);
	}
}

static void numbers(void **state)
{
	(void)state;
	static const struct {
		struct plan plan;
		int component; /* -1: refused */
		int pce_svn;
	} rows[] = {
		{ { .component = "\x7f", .component_len = 1 }, 127, 13 },
		{ { .component = "\0\x80", .component_len = 2 }, 128, 13 },
		{ { .component = "\0\xff", .component_len = 2 }, 255, 13 },
		{ { .component = "\1\0", .component_len = 2 }, -1, 0 },
		{ { .component = "\x80", .component_len = 1 }, -1, 0 },
		{ { .component = "\0\x7f", .component_len = 2 }, -1, 0 },
		{ { .component = "", .component_len = 0 }, -1, 0 },
		{ { .component = "\1\0\0\0\0\0\0\0\0", .component_len = 9 }, -1, 0 },
		{ { .pce_svn = "\3\0", .pce_svn_len = 2 }, 3, 768 },
		{ { .pce_svn = "\0\xff\xff", .pce_svn_len = 3 }, 3, 65535 },
		{ { .pce_svn = "\1\0\0", .pce_svn_len = 3 }, -1, 0 },
		{ { .pce_svn = "\xff\xff", .pce_svn_len = 2 }, -1, 0 },
		{ { .sgx_type = 1 }, 3, 13 },
		{ { .sgx_type = 3 }, -1, 0 },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_auto_buf att_buf b = { 0 };
		struct att_platform p;
		att_err err = { 0 };

		put_extension(&b, &rows[i].plan);

		att_rc rc = att_pck_ext_parse(att_buf_bytes(&b), &p, &err);

		if (rows[i].component >= 0) {
			assert_int_equal(rc, ATT_OK);
			assert_int_equal(p.components[2], rows[i].component);
			assert_int_equal(p.pce_svn, rows[i].pce_svn);
		} else {
			assert_int_not_equal(rc, ATT_OK);
			assert_false(p.present);
			assert_says(&err, "sgx extension of the pck certificate: ");
		}
	}
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		struct plan plan;
		const char *says;
	} rows[] = {
		{ { .swap_with = 1 }, "ppid: expected an OID that ends in 1, seen 2" },
		{ { .swap_with = 3 }, "pceid: expected an OID that ends in 3, seen 4" },
		{ { .platform = true, .swap_with = 6 }, "platform instance id: expected" },
		{ { .without = 1 }, "ppid" },
		{ { .without = 2 }, "tcb" },
		{ { .without = 3 }, "pceid" },
		{ { .without = 4 }, "fmspc" },
		{ { .without = 5 }, "sgx type" },
		{ { .platform = true, .without = 6 }, "platform instance id" },
		{ { .platform = true, .without = 7 }, "configuration" },
		{ { .twice = 1 }, "tcb: expected an OID that ends in 2, seen 1" },
		{ { .twice = 5 }, "platform instance id: expected an OID that ends in 6, seen 5" },
		{ { .platform = true, .twice = 7 }, "after the end" },
		{ { .long_octets = 1 }, "ppid: expected 16 bytes, seen 17" },
		{ { .long_octets = 2 }, "cpusvn: expected 16 bytes, seen 17" },
		{ { .long_octets = 3 }, "pceid: expected 2 bytes, seen 3" },
		{ { .long_octets = 4 }, "fmspc: expected 6 bytes, seen 7" },
		{ { .platform = true, .long_octets = 6 }, "platform instance id: expected 16" },
		{ { .tag_of = 1 }, "ppid" },
		{ { .tag_of = 2 }, "tcb" },
		{ { .tag_of = 5 }, "sgx type" },
		{ { .components = 15 },
		  "tcb component svn: expected an OID that ends in 16, seen 17" },
		{ { .components = 17 }, "cpusvn: expected an OID that ends in 18, seen 17" },
		{ { .wrong_arc = true }, "fmspc: an OID that does not belong here" },
		{ { .after_value = true }, "after the end" },
		{ { .platform = true, .flags = "\2\xff\1\xff" }, "member 1 is unknown, repeated" },
		{ { .platform = true, .flags = "\1\xff\1\xff" }, "member 1 is unknown, repeated" },
		{ { .platform = true, .flags = "\4\xff" }, "member 4 is unknown, repeated" },
		{ { .platform = true, .flags = "\1\2" }, "configuration" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_auto_buf att_buf b = { 0 };
		struct att_platform p;
		att_err err = { 0 };

		put_extension(&b, &rows[i].plan);
		if (att_pck_ext_parse(att_buf_bytes(&b), &p, &err) == ATT_OK)
			fail_msg("row %zu was accepted", i);
		assert_says(&err, rows[i].says);
		assert_false(p.present);
		assert_int_equal(p.smt_enabled, ATT_UNKNOWN);
	}
}

static void every_truncation(void **state)
{
	(void)state;
	att_auto_buf att_buf b = { 0 };
	struct att_platform p;

	put_extension(&b, &(struct plan){ .platform = true });
	for (size_t len = 0; len < b.len; len++) {
		assert_int_not_equal(att_pck_ext_parse(att_bytes_of(b.ptr, len), &p, NULL), ATT_OK);
		assert_false(p.present);
	}
	att_put_u8(&b, 0);
	assert_int_equal(att_pck_ext_parse(att_buf_bytes(&b), &p, NULL), ATT_E_TRAILING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processor),        cmocka_unit_test(platform),
		cmocka_unit_test(numbers),          cmocka_unit_test(refused),
		cmocka_unit_test(every_truncation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
