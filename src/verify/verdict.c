/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "verify/report.h"

void att_verdict_free(att_verdict *v)
{
	if (!v)
		return;
	att_facts_release(&v->facts);
	free(v);
}

const struct att_claims *att_verdict_claims(const att_verdict *v)
{
	return &v->claims;
}

const struct att_tcb *att_verdict_tcb(const att_verdict *v)
{
	return &v->facts.tcb;
}

const struct att_collateral_facts *att_verdict_collateral(const att_verdict *v)
{
	return &v->facts.collateral;
}

const struct att_platform *att_verdict_platform(const att_verdict *v)
{
	return &v->facts.platform;
}

const struct att_root_facts *att_verdict_root(const att_verdict *v)
{
	return &v->facts.root;
}

int64_t att_verdict_time(const att_verdict *v)
{
	return v->facts.time;
}

bool att_verdict_bound(const att_verdict *v)
{
	return v->facts.bound;
}

bool att_verdict_simulated(const att_verdict *v)
{
	return v->facts.root.simulated;
}
