/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "platform/aesm/keyid.h"

static struct att_aesm_key_id made(enum att_aesm_algorithm algorithm)
{
	struct att_aesm_key_id id;

	assert_int_equal(att_aesm_key_id_make(algorithm, &id, NULL), ATT_OK);
	return id;
}

/* sgx_ql_att_key_id_t: mrsigner_length at 4, mrsigner at 6, prod_id at 54, algorithm_id at 154. */
static void fields_are_where_intel_has_them(void **state)
{
	const struct att_aesm_key_id id = made(ATT_AESM_ECDSA_P256);
	static const uint8_t head[] = { 0, 0, 0, 0, 32, 0, 0x8c, 0x4f, 0x57, 0x75 };

	(void)state;
	assert_memory_equal(id.bytes, head, sizeof(head));
	assert_memory_equal(id.bytes + 36, "\x7b\xff", 2);
	assert_memory_equal(id.bytes + 54, "\x01\0\0\0", 4);
	assert_memory_equal(id.bytes + 154, "\x02\0\0\0", 4);
	assert_true(att_all_zero(att_bytes_of(id.bytes + 158, 98)));
	assert_true(att_all_zero(att_bytes_of(id.bytes + 38, 16)));
}

static void what_was_made_is_read(void **state)
{
	static const enum att_aesm_algorithm algorithms[] = { ATT_AESM_EPID_UNLINKABLE,
							      ATT_AESM_EPID_LINKABLE,
							      ATT_AESM_ECDSA_P256 };

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(algorithms); i++) {
		struct att_aesm_key_id id = made(algorithms[i]);
		struct att_aesm_key_fields f;

		memset(id.bytes + 158, 0xa5, 16);
		att_aesm_key_id_read(&id, &f);
		assert_int_equal(f.algorithm_id, algorithms[i]);
		assert_int_equal(f.att_key_type, algorithms[i] == ATT_AESM_EPID_LINKABLE);
		assert_int_equal(f.mrsigner_length, 32);
		assert_int_equal(f.prod_id, 1);
		assert_int_equal(f.mrsigner[0], algorithms[i] == ATT_AESM_ECDSA_P256 ? 0x8c : 0xec);
		assert_int_equal(f.spid[15], 0xa5);
	}
}

static void only_the_base_is_compared(void **state)
{
	const struct att_aesm_key_id a = made(ATT_AESM_EPID_LINKABLE);
	struct att_aesm_key_id b = a;

	(void)state;
	b.bytes[158] ^= 1;
	b.bytes[255] ^= 1;
	assert_true(att_aesm_key_id_same(a.bytes, b.bytes));
	b.bytes[157] ^= 1;
	assert_false(att_aesm_key_id_same(a.bytes, b.bytes));
	b = made(ATT_AESM_EPID_UNLINKABLE);
	assert_false(att_aesm_key_id_same(a.bytes, b.bytes));
}

static void aesmd_has_no_other_key(void **state)
{
	struct att_aesm_key_id id;

	(void)state;
	assert_int_equal(att_aesm_key_id_make(ATT_AESM_ECDSA_P384, &id, NULL), ATT_E_ARG);
	assert_true(att_all_zero(att_bytes_of(id.bytes, sizeof(id.bytes))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_where_intel_has_them),
		cmocka_unit_test(what_was_made_is_read),
		cmocka_unit_test(only_the_base_is_compared),
		cmocka_unit_test(aesmd_has_no_other_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
