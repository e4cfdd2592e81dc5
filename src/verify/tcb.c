/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/tcb.h"

bool att_level_reached_sgx(const struct att_level *l, const struct att_platform *p)
{
	for (int i = 0; i < 16; i++)
		if (p->components[i] < l->sgx[i])
			return false;
	return p->pce_svn >= l->pce_svn;
}

bool att_level_reached_tdx(const struct att_level *l, const uint8_t svn[static 16])
{
	for (int i = svn[1] > 0 ? 2 : 0; i < 16; i++)
		if (svn[i] < l->tdx[i])
			return false;
	return true;
}

size_t att_level_of_svn(const struct att_level *levels, size_t count, unsigned svn)
{
	for (size_t i = 0; i < count; i++)
		if (levels[i].isv_svn <= svn)
			return i;
	return ATT_NO_LEVEL;
}

int64_t att_newer_date(const struct att_level *levels, size_t at)
{
	int64_t first = 0;

	for (size_t i = 0; i < at; i++)
		if (levels[i].date > levels[at].date && (first == 0 || levels[i].date < first))
			first = levels[i].date;
	return first;
}

const struct att_tdx_module *att_module_of(const struct att_tcbinfo *t, uint8_t version)
{
	for (size_t i = 0; i < t->module_count; i++)
		if (t->modules[i].version == version)
			return &t->modules[i];
	return NULL;
}

bool att_status_needs_configuration(enum att_tcb_status s)
{
	return s == ATT_TCB_CONFIGURATION_NEEDED ||
	       s == ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
	       s == ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

/* Intel QVL, convergeTcbStatusWithTdxModuleStatus and convergeTcbStatusWithQeTcbStatus (dcap.md
 * 3.6, table): a part that is neither up to date nor revoked counts as out of date. */
enum att_tcb_status att_converge(enum att_tcb_status status, enum att_tcb_status part)
{
	if (status == ATT_TCB_NOT_SUPPORTED || part == ATT_TCB_NOT_SUPPORTED)
		return ATT_TCB_NOT_SUPPORTED;
	if (status == ATT_TCB_REVOKED || part == ATT_TCB_REVOKED)
		return ATT_TCB_REVOKED;
	if (part == ATT_TCB_UP_TO_DATE)
		return status;
	if (status == ATT_TCB_UP_TO_DATE || status == ATT_TCB_SW_HARDENING_NEEDED)
		return ATT_TCB_OUT_OF_DATE;
	if (status == ATT_TCB_CONFIGURATION_NEEDED ||
	    status == ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED)
		return ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
	return status;
}
