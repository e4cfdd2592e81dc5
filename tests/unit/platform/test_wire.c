/* SPDX-License-Identifier: Apache-2.0 */
#include "enclaves.h"

#include "platform/sim/wire.h"

static struct att_sim_request request_of(enum att_sim_op op)
{
	struct att_sim_request q = { .op = op };

	switch (op) {
	case ATT_SIM_OP_LAUNCH:
		q.launch = (struct att_sim_ask){ .attributes_given = true,
						 .attributes = 6,
						 .xfrm = 7,
						 .misc_select = 1,
						 .config_svn = 9 };
		memset(q.launch.config_id, 0xcf, sizeof(q.launch.config_id));
		break;
	case ATT_SIM_OP_EGETKEY:
		memset(q.keyrequest, 0x4b, sizeof(q.keyrequest));
		break;
	case ATT_SIM_OP_QE_TARGET:
		break;
	case ATT_SIM_OP_TD_LAUNCH:
		q.td = (struct att_sim_td_ask){ .attributes = 1, .xfam = 3, .parts = 2 };
		memset(q.td.mr_config_id, 1, sizeof(q.td.mr_config_id));
		memset(q.td.mr_owner, 2, sizeof(q.td.mr_owner));
		memset(q.td.mr_owner_config, 3, sizeof(q.td.mr_owner_config));
		q.td.gpa[1] = UINT64_C(0xffffffff00000000);
		break;
	case ATT_SIM_OP_RTMR_EXTEND:
		q.rtmr = 3;
		memset(q.extend, 0xee, sizeof(q.extend));
		break;
	case ATT_SIM_OP_EREPORT:
		memset(q.target, 0x7a, sizeof(q.target));
		memset(q.report_data, 0xda, sizeof(q.report_data));
		break;
	case ATT_SIM_OP_QUOTE:
		q.kind = ATT_SIM_TDX15;
		memset(q.report_data, 0xda, sizeof(q.report_data));
		break;
	case ATT_SIM_OP_TDREPORT:
		memset(q.report_data, 0xda, sizeof(q.report_data));
		break;
	}
	return q;
}

#define FIRST ATT_SIM_OP_LAUNCH
#define LAST  ATT_SIM_OP_TDREPORT

/* doc/sim-protocol.md: four bytes of head, then the operation's own. */
static const size_t lengths[] = {
	[ATT_SIM_OP_LAUNCH] = 4 + 1 + 8 + 8 + 4 + 64 + 2,
	[ATT_SIM_OP_EREPORT] = 4 + 512 + 64,
	[ATT_SIM_OP_EGETKEY] = 4 + 512,
	[ATT_SIM_OP_QE_TARGET] = 4,
	[ATT_SIM_OP_QUOTE] = 4 + 1 + 64,
	[ATT_SIM_OP_TD_LAUNCH] = 4 + 8 + 8 + 3 * 48 + 1 + 2 * 8,
	[ATT_SIM_OP_RTMR_EXTEND] = 4 + 1 + 48,
	[ATT_SIM_OP_TDREPORT] = 4 + 64,
};

static void requests_come_back(void **state)
{
	(void)state;
	for (int op = FIRST; op <= LAST; op++) {
		const struct att_sim_request q = request_of((enum att_sim_op)op);
		att_auto_buf att_buf a = { 0 }, b = { 0 };
		struct att_sim_request seen;

		att_sim_request_write(&q, &a);
		assert_int_equal(a.len, lengths[op]);
		assert_int_equal(a.ptr[0], 1);
		assert_int_equal(a.ptr[1], op);
		assert_int_equal(att_sim_request_parse(att_buf_bytes(&a), &seen, NULL), ATT_OK);
		assert_int_equal(seen.op, op);
		att_sim_request_write(&seen, &b);
		assert_true(att_bytes_eq(att_buf_bytes(&a), att_buf_bytes(&b)));
	}
}

static void requests_have_one_length(void **state)
{
	(void)state;
	for (int op = FIRST; op <= LAST; op++) {
		const struct att_sim_request q = request_of((enum att_sim_op)op);
		att_auto_buf att_buf b = { 0 };
		struct att_sim_request seen;

		att_sim_request_write(&q, &b);
		for (size_t len = 0; len < b.len; len++) {
			assert_int_equal(
			    att_sim_request_parse(att_bytes_of(b.ptr, len), &seen, NULL),
			    ATT_E_TRUNCATED);
			assert_int_equal(seen.op, 0);
		}
		att_put_u8(&b, 0);
		assert_int_equal(att_sim_request_parse(att_buf_bytes(&b), &seen, NULL),
				 ATT_E_TRAILING);
	}
}

/* The request's bytes with one of them changed. */
static void refuse(enum att_sim_op op, size_t at, uint8_t v, att_rc rc, const char *words)
{
	const struct att_sim_request q = request_of(op);
	att_auto_buf att_buf b = { 0 };
	struct att_sim_request seen;
	att_err err = { 0 };

	att_sim_request_write(&q, &b);
	b.ptr[at] = v;
	assert_int_equal(att_sim_request_parse(att_buf_bytes(&b), &seen, &err), rc);
	assert_non_null(strstr(err.msg, words));
}

static void what_can_not_be_asked(void **state)
{
	(void)state;
	refuse(ATT_SIM_OP_EGETKEY, 0, 2, ATT_E_UNSUPPORTED, "version 2");
	refuse(ATT_SIM_OP_EGETKEY, 1, 0, ATT_E_UNSUPPORTED, "no operation 0");
	refuse(ATT_SIM_OP_EGETKEY, 1, 9, ATT_E_UNSUPPORTED, "no operation 9");
	refuse(ATT_SIM_OP_EGETKEY, 1, 255, ATT_E_UNSUPPORTED, "no operation 255");
	refuse(ATT_SIM_OP_EGETKEY, 2, 1, ATT_E_FORMAT, "reserved");
	refuse(ATT_SIM_OP_EGETKEY, 3, 1, ATT_E_FORMAT, "reserved");
	refuse(ATT_SIM_OP_LAUNCH, 4, 2, ATT_E_FORMAT, "attributes_given");
	refuse(ATT_SIM_OP_QUOTE, 4, ATT_SIM_KINDS, ATT_E_FORMAT, "kind");
	refuse(ATT_SIM_OP_RTMR_EXTEND, 4, 4, ATT_E_FORMAT, "index");
	refuse(ATT_SIM_OP_TD_LAUNCH, 164, 0, ATT_E_FORMAT, "parts");
	refuse(ATT_SIM_OP_TD_LAUNCH, 164, 9, ATT_E_FORMAT, "parts");
}

static void replies_come_back(void **state)
{
	static const att_rc codes[] = { ATT_OK, ATT_E_NOMEM, ATT_E_ARG, ATT_E_MISMATCH,
					ATT_E_DENIED };

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(codes); i++) {
		const struct att_sim_reply r = { .op = ATT_SIM_OP_EGETKEY,
						 .rc = codes[i],
						 .sgx_code = 0x3005,
						 .body = att_bytes_of("text", 4) };
		att_auto_buf att_buf b = { 0 };
		struct att_sim_reply seen;

		att_sim_reply_write(&r, &b);
		assert_int_equal(b.len, 12);
		assert_int_equal(att_sim_reply_parse(att_buf_bytes(&b), &seen, NULL), ATT_OK);
		assert_int_equal(seen.op, r.op);
		assert_int_equal(seen.rc, r.rc);
		assert_int_equal(seen.sgx_code, 0x3005);
		assert_true(att_bytes_eq(seen.body, r.body));
	}
}

static void what_is_no_reply(void **state)
{
	static const struct {
		size_t at;
		uint8_t v;
		const char *words;
	} cases[] = {
		{ 0, 3, "version" }, { 1, 3, "operation" }, { 2, 5, "code" }, { 3, 1, "code" }
	};
	const struct att_sim_reply r = { .op = 3, .rc = ATT_E_ARG };
	att_auto_buf att_buf b = { 0 };
	struct att_sim_reply seen;

	(void)state;
	att_sim_reply_write(&r, &b);
	for (size_t i = 0; i < ATT_COUNT(cases); i++) {
		att_err err = { 0 };
		uint8_t old = b.ptr[cases[i].at];

		b.ptr[cases[i].at] = cases[i].v;
		assert_int_equal(att_sim_reply_parse(att_buf_bytes(&b), &seen, &err), ATT_E_FORMAT);
		assert_non_null(strstr(err.msg, cases[i].words));
		b.ptr[cases[i].at] = old;
	}
	for (size_t len = 0; len < b.len; len++)
		assert_int_equal(att_sim_reply_parse(att_bytes_of(b.ptr, len), &seen, NULL),
				 ATT_E_TRUNCATED);
}

static void identities_come_back(void **state)
{
	const struct att_secs e = rich_enclave();
	const struct att_sim_td_identity td = { .attributes = 1, .xfam = 0xe7, .mr_td = { 5 } };
	att_auto_buf att_buf b = { 0 }, again = { 0 }, t = { 0 };
	struct att_sim_td_identity td_seen;
	struct att_secs seen;

	(void)state;
	att_sim_put_secs(&b, &e);
	assert_int_equal(b.len, 198);
	assert_int_equal(att_sim_secs_parse(att_buf_bytes(&b), &seen, NULL), ATT_OK);
	att_sim_put_secs(&again, &seen);
	assert_true(att_bytes_eq(att_buf_bytes(&b), att_buf_bytes(&again)));
	assert_int_equal(att_sim_secs_parse(att_bytes_of(b.ptr, 197), &seen, NULL),
			 ATT_E_TRUNCATED);
	att_put_u8(&b, 0);
	assert_int_equal(att_sim_secs_parse(att_buf_bytes(&b), &seen, NULL), ATT_E_TRAILING);
	att_sim_put_td_identity(&t, &td);
	assert_int_equal(t.len, 64);
	assert_int_equal(att_sim_td_identity_parse(att_buf_bytes(&t), &td_seen, NULL), ATT_OK);
	assert_int_equal(td_seen.xfam, 0xe7);
	assert_int_equal(td_seen.mr_td[0], 5);
	assert_int_equal(att_sim_td_identity_parse(att_bytes_of(t.ptr, 63), &td_seen, NULL),
			 ATT_E_TRUNCATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_come_back),    cmocka_unit_test(requests_have_one_length),
		cmocka_unit_test(what_can_not_be_asked), cmocka_unit_test(replies_come_back),
		cmocka_unit_test(what_is_no_reply),      cmocka_unit_test(identities_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
