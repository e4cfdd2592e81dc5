/* SPDX-License-Identifier: Apache-2.0 */
/* The part that one-shot and long-lived verification share. */
#ifndef ATT_VERIFY_VERIFIER_H
#define ATT_VERIFY_VERIFIER_H

#include "verify/run.h"

/* Runs with reset objects `r` and `v` (v: NULL when no verdict is wanted) and says the outcome.
 * *authentic tells whether v was filled. */
att_rc att_run_into(struct att_run *run, struct att_verdict *v, bool *authentic,
		    att_err *err) ATT_MUST_USE;

#endif
