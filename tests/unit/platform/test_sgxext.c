/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "collateral/pck.h"
#include "platform/sim/sgxext.h"

static struct att_platform a_platform(void)
{
	struct att_platform p = {
		.present = true,
		.pce_svn = 0xabcd,
		.pce_id = { 0x12, 0x34 },
		.fmspc = { 1, 2, 3, 4, 5, 6 },
		.sgx_type = 2,
		.dynamic_platform = ATT_UNKNOWN,
		.cached_keys = ATT_UNKNOWN,
		.smt_enabled = ATT_UNKNOWN,
	};

	/* Both sides of the byte that DER wants in front of a set top bit. */
	for (size_t i = 0; i < sizeof(p.components); i++)
		p.components[i] = (uint8_t)(i * 17);
	memset(p.ppid, 0xa1, sizeof(p.ppid));
	memset(p.cpu_svn, 0xa2, sizeof(p.cpu_svn));
	memset(p.instance_id, 0, sizeof(p.instance_id));
	return p;
}

static void check_read_back(const struct att_platform *p)
{
	att_auto_buf att_buf b = { 0 };
	struct att_platform seen;
	att_err err = { 0 };

	att_sim_put_sgx_extension(&b, p);
	assert_int_equal(att_buf_ok(&b, NULL), ATT_OK);
	if (att_pck_ext_parse(att_buf_bytes(&b), &seen, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	assert_memory_equal(seen.ppid, p->ppid, sizeof(p->ppid));
	assert_memory_equal(seen.components, p->components, sizeof(p->components));
	assert_int_equal(seen.pce_svn, p->pce_svn);
	assert_memory_equal(seen.cpu_svn, p->cpu_svn, sizeof(p->cpu_svn));
	assert_memory_equal(seen.pce_id, p->pce_id, sizeof(p->pce_id));
	assert_memory_equal(seen.fmspc, p->fmspc, sizeof(p->fmspc));
	assert_int_equal(seen.sgx_type, p->sgx_type);
	assert_int_equal(seen.has_instance_id, p->has_instance_id);
	assert_memory_equal(seen.instance_id, p->instance_id, sizeof(p->instance_id));
	assert_int_equal(seen.dynamic_platform, p->dynamic_platform);
	assert_int_equal(seen.cached_keys, p->cached_keys);
	assert_int_equal(seen.smt_enabled, p->smt_enabled);
}

static void of_the_processor_ca(void **state)
{
	struct att_platform p = a_platform();

	(void)state;
	check_read_back(&p);
}

static void of_the_platform_ca(void **state)
{
	static const enum att_tri flags[] = { ATT_UNKNOWN, ATT_FALSE, ATT_TRUE };
	struct att_platform p = a_platform();

	(void)state;
	p.has_instance_id = true;
	memset(p.instance_id, 0xa3, sizeof(p.instance_id));
	for (size_t i = 0; i < 27; i++) {
		p.dynamic_platform = flags[i % 3];
		p.cached_keys = flags[i / 3 % 3];
		p.smt_enabled = flags[i / 9];
		check_read_back(&p);
	}
}

static void numbers_of_every_width(void **state)
{
	static const uint16_t svns[] = { 0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff };
	struct att_platform p = a_platform();

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(svns); i++) {
		p.pce_svn = svns[i];
		check_read_back(&p);
	}
}

/* The first element byte by byte (PCK profile 1.3.5): 1.2.840.113741.1.13.1.1, the PPID. */
static void byte_by_byte(void **state)
{
	static const uint8_t head[] = { 0x30, 0x1e, 0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf8,
					0x4d, 0x01, 0x0d, 0x01, 0x01, 0x04, 0x10, 0xa1 };
	struct att_platform p = a_platform();
	att_auto_buf att_buf b = { 0 };

	(void)state;
	att_sim_put_sgx_extension(&b, &p);
	assert_int_equal(b.ptr[0], 0x30);
	assert_int_equal(b.ptr[1], 0x82);
	assert_int_equal(b.ptr[2] * 256 + b.ptr[3], b.len - 4);
	assert_memory_equal(b.ptr + 4, head, sizeof(head));
}

static void no_room(void **state)
{
	struct att_platform p = a_platform();
	att_auto_buf att_buf b = { .max = 100 };

	(void)state;
	att_sim_put_sgx_extension(&b, &p);
	assert_int_equal(att_buf_ok(&b, NULL), ATT_E_NOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_processor_ca),
		cmocka_unit_test(of_the_platform_ca),
		cmocka_unit_test(numbers_of_every_width),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
