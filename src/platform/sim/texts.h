/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulated provisioning service signs: TCB info, enclave identities, the list of TCB
 * evaluation numbers. Forms: Intel SGX and TDX provisioning certification service API, versions 3
 * and 4. */
#ifndef ATT_PLATFORM_SIM_TEXTS_H
#define ATT_PLATFORM_SIM_TEXTS_H

#include "attest/verify.h"
#include "base/buf.h"

/* One TCB level, as steps above (below: negative) the simulated platform's own (levels.h). */
struct att_sim_level {
	int above;
	enum att_tcb_status status; /* other than UpToDate: with an advisory */
	int64_t date;
};

#define ATT_SIM_LEVELS_MAX 3
struct att_sim_levels {
	struct att_sim_level at[ATT_SIM_LEVELS_MAX]; /* highest first */
	size_t count;
};

/* The newest level is the simulated platform's own and UpToDate; the one below is OutOfDate. */
void att_sim_levels_usual(int64_t now, struct att_sim_levels *out);

/* What every signed text begins with. */
struct att_sim_issue {
	int64_t issued;
	int64_t next_update;
	uint32_t evaluation; /* tcbEvaluationDataNumber */
};

struct att_sim_tcb_info {
	struct att_sim_issue issue;
	const struct att_platform *platform; /* FMSPC, PCE id */
	unsigned version;                    /* 2 (API version 3, SGX only) or 3 */
	bool tdx;
	struct att_sim_levels levels;
	/* TDX: the module of ATT_SIM_MODULE_VERSION, or of one the platform does not run. */
	struct att_sim_levels module_levels;
	bool module_unknown;
	bool module_other_signer;
};
void att_sim_put_tcb_info(att_buf *b, const struct att_sim_tcb_info *t);

enum att_sim_enclave { ATT_SIM_ID_QE, ATT_SIM_ID_TD_QE, ATT_SIM_ID_QVE, ATT_SIM_ID_QAE };

struct att_sim_identity {
	struct att_sim_issue issue;
	enum att_sim_enclave enclave;
	bool other_signer; /* MRSIGNER of somebody else */
	struct att_sim_levels levels;
};
void att_sim_put_identity(att_buf *b, const struct att_sim_identity *t);

/* A TCB recovery: its number and when it happened. */
struct att_sim_recovery {
	uint32_t evaluation;
	int64_t date;
};
void att_sim_put_evaluation_numbers(att_buf *b, bool tdx, const struct att_sim_issue *issue,
				    const struct att_sim_recovery *recoveries, size_t count);

#endif
