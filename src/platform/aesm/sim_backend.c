/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/aesm/sim_backend.h"

#include <string.h>

#include "base/mem.h"
#include "platform/sim/dial.h"
#include "platform/sim/epid.h"

/* What aesmd would say of how quoting went; the EPID quoting enclave has one word for a report it
 * does not like and for a bad SigRL. */
static uint32_t code_of(att_rc rc, bool epid)
{
	switch (rc) {
	case ATT_OK:
		return ATT_AESM_SUCCESS;
	case ATT_E_MISMATCH:
		return epid ? ATT_AESM_PARAMETER : ATT_AESM_INVALID_REPORT;
	case ATT_E_ARG:
	case ATT_E_FORMAT:
	case ATT_E_TRUNCATED:
	case ATT_E_TRAILING:
		return ATT_AESM_PARAMETER;
	case ATT_E_NOMEM:
		return ATT_AESM_OUT_OF_MEMORY;
	default:
		return ATT_AESM_UNEXPECTED;
	}
}

static uint32_t sim_forced(void *ctx, enum att_aesm_call call)
{
	(void)call;
	return att_sim_world_aesm_error(ctx);
}

static enum att_sim_quoting enclave(bool epid)
{
	return epid ? ATT_SIM_EPID_QE : ATT_SIM_QE;
}

static uint32_t sim_target(void *ctx, bool epid, uint8_t target[ATT_AESM_TARGET_INFO])
{
	att_sim_world_target(ctx, enclave(epid), target);
	return ATT_AESM_SUCCESS;
}

static uint32_t sim_key_id(void *ctx, uint8_t id[32])
{
	att_sim_world_key_id(ctx, ATT_SIM_QE, id);
	return ATT_AESM_SUCCESS;
}

static uint32_t sim_quote_size(void *ctx, uint32_t *size)
{
	*size = (uint32_t)att_sim_world_quote_len(ctx, ATT_SIM_SGX3);
	return ATT_AESM_SUCCESS;
}

static uint32_t sim_quote(void *ctx, const uint8_t report[ATT_AESM_REPORT], att_buf *out)
{
	return code_of(att_sim_world_quote(ctx, ATT_SIM_SGX3, report, out, NULL), false);
}

/* The group in little endian, as AESM and quotes have it. */
static uint32_t sim_group(void *ctx, uint8_t gid[ATT_AESM_GID], uint32_t *extended)
{
	att_auto_buf att_buf b = { 0 };

	att_put_le32(&b, att_sim_epid_group(ctx));
	if (b.failed)
		return ATT_AESM_OUT_OF_MEMORY;
	memcpy(gid, b.ptr, ATT_AESM_GID);
	*extended = 0; /* Intel's own */
	return ATT_AESM_SUCCESS;
}

static uint32_t sim_epid_quote(void *ctx, const struct att_aesm_epid_ask *ask, att_buf *out)
{
	struct att_sim_epid_request request = { .report = ask->report,
						.linkable = ask->linkable,
						.sigrl = ask->sig_rl };

	memcpy(request.spid, ask->spid, sizeof(request.spid));
	return code_of(att_sim_epid_quote(ctx, &request, out, NULL), true);
}

static uint32_t sim_qe_report(void *ctx, bool epid, const uint8_t nonce[ATT_AESM_NONCE],
			      const uint8_t target[ATT_AESM_TARGET_INFO], att_bytes quote,
			      uint8_t report[ATT_AESM_REPORT])
{
	return code_of(
	    att_sim_world_qe_report(ctx, enclave(epid), nonce, target, quote, report, NULL), epid);
}

void att_aesm_sim_backend(att_sim_world *world, struct att_aesm_backend *out)
{
	*out = (struct att_aesm_backend){
		.ctx = world,
		.forced = sim_forced,
		.target = sim_target,
		.key_id = sim_key_id,
		.quote_size = sim_quote_size,
		.quote = sim_quote,
		.group = sim_group,
		.epid_quote = sim_epid_quote,
		.qe_report = sim_qe_report,
	};
}
