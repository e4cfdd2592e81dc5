/* SPDX-License-Identifier: Apache-2.0 */
/* EPID-shaped quotes: their layout, what their own world sees in them, and that nobody else
 * does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim_enclave.h"

#include "base/mem.h"
#include "platform/sim/epid.h"

static const uint8_t report_data[64] = { 9, 8, 7 };

static att_sim_world *world(const char *seed, bool intel_sim)
{
	const struct att_sim_world_options o = { .seed = seed,
						 .born = 1750000000,
						 .intel_sim = intel_sim };
	att_sim_world *w;

	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_OK);
	return w;
}

static void make(att_sim_world *w, bool linkable, att_bytes sigrl, att_buf *out)
{
	uint8_t report[ATT_SIM_REPORT];
	struct att_sim_epid_request q = { .report = report, .linkable = linkable, .sigrl = sigrl };
	att_err err = { 0 };

	memset(q.spid, 0xab, sizeof(q.spid));
	assert_int_equal(sim_report(w, ATT_SIM_EPID_QE, report_data, report), ATT_OK);
	if (att_sim_epid_quote(w, &q, out, &err) != ATT_OK)
		fail_msg("%s", err.msg);
}

static struct att_sim_epid_opened opened(const att_sim_world *w, const att_buf *quote)
{
	struct att_sim_epid_opened o;
	att_err err = { 0 };

	if (att_sim_epid_open(w, att_buf_bytes(quote), &o, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	return o;
}

/* Intel SGX SDK: version 2, type, GID, SVNs, xeid, basename, body, signature length. */
static void layout(void **state)
{
	(void)state;
	for (int linkable = 0; linkable < 2; linkable++) {
		att_sim_world *w = world("layout", true);
		att_auto_buf att_buf q = { 0 };

		make(w, linkable, att_bytes_of(NULL, 0), &q);
		assert_int_equal(q.len, 1116);
		const uint8_t head[] = { 2,    0,    (uint8_t)linkable,
					 0,    0x0b, 0,
					 0,    0,    0xef,
					 0,    0xef, 0,
					 0xef, 0xef, 0xef,
					 0xef };
		assert_memory_equal(q.ptr, head, sizeof(head));
		assert_int_equal(q.ptr[16], 0xab);
		assert_int_equal(q.ptr[31], 0xab);
		assert_int_equal(att_all_zero(att_bytes_of(q.ptr + 32, 16)), linkable);
		assert_int_equal(q.ptr[48 + 64], 0x11); /* MRENCLAVE */
		assert_memory_equal(q.ptr + 48 + 320, report_data, 64);
		assert_memory_equal(q.ptr + 432, "\xa8\x02\x00\x00", 4);       /* 680 */
		assert_memory_equal(q.ptr + 436 + 300, "\x68\x01\x00\x00", 4); /* 360 */
		att_sim_world_free(w);
	}
}

static void opened_by_its_world(void **state)
{
	att_sim_world *w = world("opened", false);
	att_buf quotes[4] = { 0 };
	struct att_sim_epid_opened o[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		make(w, i < 2, att_bytes_of(NULL, 0), &quotes[i]);
		o[i] = opened(w, &quotes[i]);
		assert_int_equal(o[i].linkable, i < 2);
		assert_int_equal(o[i].group, att_sim_epid_group(w));
		assert_int_equal(o[i].body.isv_prod_id, 7);
		assert_memory_equal(o[i].body.report_data, report_data, 64);
		assert_false(o[i].revoked);
		assert_int_equal(o[i].sigrl_count, 0);
	}
	/* One SPID, one pseudonym where it is linkable; else none twice. */
	assert_memory_equal(o[0].pseudonym, o[1].pseudonym, ATT_EPID_PSEUDONYM);
	assert_memory_not_equal(o[2].pseudonym, o[3].pseudonym, ATT_EPID_PSEUDONYM);
	assert_memory_not_equal(o[0].pseudonym, o[2].pseudonym, ATT_EPID_PSEUDONYM);
	assert_memory_not_equal(quotes[0].ptr + 436, quotes[2].ptr + 436, 256);
	/* AESM fills the buffer it was given with zeros. */
	att_put_zero(&quotes[0], 900);
	(void)opened(w, &quotes[0]);
	for (int i = 0; i < 4; i++)
		att_buf_free(&quotes[i]);
	att_sim_world_free(w);
}

static void altered_or_anothers(void **state)
{
	att_sim_world *w = world("altered", false), *other = world("other", false);
	att_auto_buf att_buf q = { 0 };
	struct att_sim_epid_opened o;

	(void)state;
	make(w, true, att_bytes_of(NULL, 0), &q);
	assert_int_equal(att_sim_epid_open(other, att_buf_bytes(&q), &o, NULL), ATT_E_SIGNATURE);
	for (size_t i = 0; i < q.len; i++) {
		q.ptr[i] ^= 4;
		if (att_sim_epid_open(w, att_buf_bytes(&q), &o, NULL) == ATT_OK)
			fail_msg("byte %zu can be changed", i);
		assert_false(o.linkable);
		q.ptr[i] ^= 4;
	}
	for (size_t len = 0; len < q.len; len++)
		assert_int_not_equal(att_sim_epid_open(w, att_bytes_of(q.ptr, len), &o, NULL),
				     ATT_OK);
	att_put_u8(&q, 1);
	assert_int_equal(att_sim_epid_open(w, att_buf_bytes(&q), &o, NULL), ATT_E_TRAILING);
	att_sim_world_free(w);
	att_sim_world_free(other);
}

static void against_a_revocation_list(void **state)
{
	att_sim_world *w = world("revoked", false);
	uint8_t pseudonyms[3][ATT_EPID_PSEUDONYM] = { { 1 }, { 2 }, { 3 } };
	att_auto_buf att_buf q = { 0 };
	att_auto_buf att_buf rl = { 0 };
	att_auto_buf att_buf with_own = { 0 };
	att_auto_buf att_buf second = { 0 };
	att_auto_buf att_buf third = { 0 };

	(void)state;
	make(w, true, att_bytes_of(NULL, 0), &q);
	assert_int_equal(att_sim_epid_sigrl(w, 5, pseudonyms, 3, &rl, NULL), ATT_OK);
	make(w, true, att_buf_bytes(&rl), &second);
	assert_int_equal(second.len, 1116 + 3 * 160);
	struct att_sim_epid_opened o = opened(w, &second);
	assert_int_equal(o.sigrl_version, 5);
	assert_int_equal(o.sigrl_count, 3);
	assert_false(o.revoked);
	/* The first quote's pseudonym is revoked: every later quote of this platform shows it. */
	o = opened(w, &q);
	memcpy(pseudonyms[1], o.pseudonym, sizeof(pseudonyms[1]));
	assert_int_equal(att_sim_epid_sigrl(w, 6, pseudonyms, 3, &with_own, NULL), ATT_OK);
	make(w, false, att_buf_bytes(&with_own), &third);
	o = opened(w, &third);
	assert_int_equal(o.sigrl_version, 6);
	assert_true(o.revoked);
	att_sim_world_free(w);
}

static void bad_requests(void **state)
{
	att_sim_world *w = world("bad", false), *other = world("worse", false);
	uint8_t report[ATT_SIM_REPORT];
	struct att_sim_epid_request q = { .report = report };
	att_auto_buf att_buf rl = { 0 };
	att_auto_buf att_buf out = { 0 };

	(void)state;
	assert_int_equal(sim_report(w, ATT_SIM_QE, report_data, report), ATT_OK);
	assert_int_equal(att_sim_epid_quote(w, &q, &out, NULL), ATT_E_MISMATCH);
	assert_int_equal(sim_report(w, ATT_SIM_EPID_QE, report_data, report), ATT_OK);
	assert_int_equal(att_sim_epid_sigrl(other, 1, NULL, 0, &rl, NULL), ATT_OK);
	q.sigrl = att_buf_bytes(&rl);
	assert_int_equal(att_sim_epid_quote(w, &q, &out, NULL), ATT_E_MISMATCH);
	assert_int_equal(out.len, 0);
	att_sim_world_free(w);
	att_sim_world_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout),
		cmocka_unit_test(opened_by_its_world),
		cmocka_unit_test(altered_or_anothers),
		cmocka_unit_test(against_a_revocation_list),
		cmocka_unit_test(bad_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
