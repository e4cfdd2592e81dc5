/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Leaves of one processor: leaf, sub-leaf, registers. */
struct leaf {
	uint32_t leaf, sub, r[4];
};
static const struct leaf *leaves;

static void played(uint32_t leaf, uint32_t sub, uint32_t out[4])
{
	memset(out, 0, 4 * sizeof(out[0]));
	for (const struct leaf *l = leaves; l->leaf != UINT32_MAX; l++)
		if (l->leaf == leaf && l->sub == sub)
			memcpy(out, l->r, sizeof(l->r));
}

/* "GenuineIntel", as EBX, EDX, ECX spell it. */
static const struct leaf ice_lake[] = {
	{ 0, 0, { 0x1b, 0x756e6547, 0x6c65746e, 0x49656e69 } },
	{ 7, 0, { 0, 1u << 2, 1u << 30, 0 } },
	{ 0x12, 0, { 3, 0, 0, 0 } },
	{ 0x12, 1, { 0xb6, 0, 0, 0 } },
	{ UINT32_MAX, 0, { 0 } },
};
/* SGX in the processor, switched off by the firmware. */
static const struct leaf switched_off[] = {
	{ 0, 0, { 0x16, 0x756e6547, 0x6c65746e, 0x49656e69 } },
	{ 7, 0, { 0, 1u << 2, 0, 0 } },
	{ UINT32_MAX, 0, { 0 } },
};
static const struct leaf td[] = {
	{ 0, 0, { 0x21, 0x756e6547, 0x6c65746e, 0x49656e69 } },
	{ 1, 0, { 0, 0, 1u << 31, 0 } },
	{ 0x21, 0, { 0, 0x65746e49, 0x20202020, 0x5844546c } },
	{ UINT32_MAX, 0, { 0 } },
};
static const struct leaf milan_guest[] = {
	{ 0, 0, { 0x10, 0x68747541, 0x444d4163, 0x69746e65 } },
	{ 1, 0, { 0, 0, 1u << 31, 0 } },
	{ 0x80000000, 0, { 0x80000023, 0, 0, 0 } },
	{ 0x8000001f, 0, { 1u << 1 | 1u << 4, 0, 0, 0 } },
	{ UINT32_MAX, 0, { 0 } },
};

static struct att_cpu read_cpu(const struct leaf *of)
{
	struct att_cpu c;

	leaves = of;
	att_cpu_read(played, &c);
	assert_true(c.known);
	return c;
}

static void sgx(void **state)
{
	(void)state;
	struct att_cpu c = read_cpu(ice_lake);

	assert_string_equal(c.vendor, "GenuineIntel");
	assert_true(c.sgx && c.sgx1 && c.sgx2 && c.flc && c.kss);
	assert_false(c.hypervisor || c.tdx_guest || c.sev || c.sev_snp);
	c = read_cpu(switched_off);
	assert_true(c.sgx);
	assert_false(c.sgx1 || c.sgx2 || c.flc || c.kss);
}

static void guests(void **state)
{
	(void)state;
	struct att_cpu c = read_cpu(td);

	assert_true(c.hypervisor && c.tdx_guest);
	assert_false(c.sgx || c.sev_snp);
	c = read_cpu(milan_guest);
	assert_string_equal(c.vendor, "AuthenticAMD");
	assert_true(c.hypervisor && c.sev && c.sev_snp);
	assert_false(c.sgx || c.tdx_guest);
}

static void this_one(void **state)
{
	(void)state;
	struct att_cpu c;

	att_cpu_look(&c);
	assert_true(!c.known || strlen(c.vendor) == 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sgx),
		cmocka_unit_test(guests),
		cmocka_unit_test(this_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
