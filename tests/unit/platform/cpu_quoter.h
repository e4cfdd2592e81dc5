/* SPDX-License-Identifier: Apache-2.0 */
/* A quoting enclave that gives back what it was given: the kind, and the report. Include once,
 * behind enclaves.h. */
#ifndef ATT_TESTS_PLATFORM_CPU_QUOTER_H
#define ATT_TESTS_PLATFORM_CPU_QUOTER_H

#include "base/error.h"
#include "platform/sim/cpu_server.h"

struct echo {
	struct att_secs qe;
	bool broken;
};

static att_rc echo_target(void *ctx, uint8_t target[ATT_SGX_TARGETINFO_LEN], att_err *err)
{
	const struct echo *e = ctx;

	if (e->broken)
		return att_fail(err, ATT_E_UNAVAILABLE, "the quoting enclave is broken");
	att_secs_target(&e->qe, target);
	return ATT_OK;
}

static att_rc echo_quote(void *ctx, int kind, const uint8_t report[ATT_SGX_REPORT_LEN],
			 att_buf *out, att_err *err)
{
	(void)ctx;
	att_put_u8(out, (uint8_t)kind);
	att_put_mem(out, report, ATT_SGX_REPORT_LEN);
	return att_buf_ok(out, err);
}

static att_rc echo_td_quote(void *ctx, int kind, const uint8_t report[ATT_TDREPORT_LEN],
			    att_buf *out, att_err *err)
{
	(void)ctx;
	att_put_u8(out, (uint8_t)kind);
	att_put_mem(out, report, ATT_TDREPORT_LEN);
	return att_buf_ok(out, err);
}

static inline struct echo echo_make(void)
{
	struct echo e = { .qe = { .attributes = 5, .xfrm = 3 } };

	memset(e.qe.mr_enclave, 0x9e, sizeof(e.qe.mr_enclave));
	return e;
}

static inline struct att_sim_quoter echo_quoter(struct echo *e)
{
	return (struct att_sim_quoter){
		.ctx = e, .qe_target = echo_target, .quote = echo_quote, .td_quote = echo_td_quote
	};
}

#endif
