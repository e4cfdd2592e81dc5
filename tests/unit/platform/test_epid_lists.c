/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/sim/epid_internal.h"

static att_sim_world *world(const char *seed)
{
	const struct att_sim_world_options o = { .seed = seed, .born = 1750000000 };
	att_sim_world *w;

	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_OK);
	return w;
}

static void a_list(void **state)
{
	static const uint8_t pseudonyms[2][ATT_EPID_PSEUDONYM] = { { 1, 2, 3 }, { 4, 5, 6 } };
	att_sim_world *w = world("list");
	uint32_t group = att_sim_epid_group(w);
	struct att_sim_sigrl rl;
	att_auto_buf att_buf b = { 0 };

	(void)state;
	assert_int_equal(att_sim_epid_sigrl(w, 0x01020304, pseudonyms, 2, &b, NULL), ATT_OK);
	assert_int_equal(b.len, 80 + 2 * 128);
	const uint8_t head[16] = { 0,
				   2,
				   0,
				   0x0e,
				   (uint8_t)(group >> 24),
				   (uint8_t)(group >> 16),
				   (uint8_t)(group >> 8),
				   (uint8_t)group,
				   1,
				   2,
				   3,
				   4,
				   0,
				   0,
				   0,
				   2 };
	assert_memory_equal(b.ptr, head, sizeof(head));
	assert_memory_equal(b.ptr + 16, pseudonyms, sizeof(pseudonyms));
	assert_int_equal(att_sim_epid_sigrl_read(w, att_buf_bytes(&b), &rl, NULL), ATT_OK);
	assert_int_equal(rl.version, 0x01020304);
	assert_int_equal(rl.count, 2);
	assert_ptr_equal(rl.entries.ptr, b.ptr + 16);
	att_sim_world_free(w);
}

static void check_read(const att_sim_world *w, att_bytes text, att_rc expected)
{
	struct att_sim_sigrl rl;

	assert_int_equal(att_sim_epid_sigrl_read(w, text, &rl, NULL), expected);
}

static void what_is_no_list(void **state)
{
	static const uint8_t pseudonyms[1][ATT_EPID_PSEUDONYM] = { { 1 } };
	att_sim_world *w = world("no list"), *other = world("another");
	att_auto_buf att_buf b = { 0 };
	att_auto_buf att_buf theirs = { 0 };

	(void)state;
	assert_int_equal(att_sim_epid_sigrl(w, 1, pseudonyms, 1, &b, NULL), ATT_OK);
	for (size_t len = 0; len < b.len; len++)
		check_read(w, att_bytes_of(b.ptr, len), ATT_E_TRUNCATED);
	b.ptr[3] ^= 1;
	check_read(w, att_buf_bytes(&b), ATT_E_FORMAT);
	b.ptr[3] ^= 1;
	b.ptr[7] ^= 1;
	check_read(w, att_buf_bytes(&b), ATT_E_MISMATCH);
	b.ptr[7] ^= 1;
	b.ptr[12] = 0xff; /* four thousand million entries */
	check_read(w, att_buf_bytes(&b), ATT_E_FORMAT);
	b.ptr[12] = 0;
	b.ptr[20] ^= 1;
	check_read(w, att_buf_bytes(&b), ATT_E_MISMATCH);
	b.ptr[20] ^= 1;
	check_read(w, att_buf_bytes(&b), ATT_OK);
	att_put_u8(&b, 0);
	check_read(w, att_buf_bytes(&b), ATT_E_TRAILING);
	assert_int_equal(att_sim_epid_sigrl(other, 1, pseudonyms, 1, &theirs, NULL), ATT_OK);
	check_read(w, att_buf_bytes(&theirs), ATT_E_MISMATCH);
	assert_int_equal(
	    att_sim_epid_sigrl(w, 1, pseudonyms, ATT_EPID_SIGRL_MAX + 1, &theirs, NULL), ATT_E_ARG);
	att_sim_world_free(w);
	att_sim_world_free(other);
}

static void platform_info(void **state)
{
	static const struct att_sim_platform_info info = { 4, 0x0102, 0x0810 };
	att_sim_world *w = world("blob");
	const struct att_platform *p = att_sim_world_platform(w);
	uint8_t blob[ATT_EPID_PLATFORM_INFO], point[65];
	att_p256 *tools;

	(void)state;
	assert_int_equal(att_sim_epid_platform_info(w, &info, blob, NULL), ATT_OK);
	assert_memory_equal(blob, "\x04\x01\x02\x08\x10", 5);
	assert_memory_equal(blob + 5, p->cpu_svn, 16);
	assert_int_equal(blob[21] | blob[22] << 8, p->pce_svn);
	assert_int_equal(blob[36], att_sim_epid_group(w) & 0xff); /* big endian */
	att_sim_epid_platform_info_key(w, point);
	assert_int_equal(att_p256_new(&tools, NULL), ATT_OK);
	assert_true(att_p256_verify_raw(tools, point, att_bytes_of(blob, 37), blob + 37));
	att_p256_free(tools);
	att_sim_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list),
		cmocka_unit_test(what_is_no_list),
		cmocka_unit_test(platform_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
