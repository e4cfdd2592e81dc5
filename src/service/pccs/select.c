/* SPDX-License-Identifier: Apache-2.0 */
#include "service/pccs/select.h"

static bool reaches(const struct att_pccs_tcb *tcb, const uint8_t components[static 16],
		    uint16_t pce_svn)
{
	for (size_t i = 0; i < 16; i++)
		if (tcb->components[i] < components[i])
			return false;
	return tcb->pce_svn >= pce_svn;
}

/* The first level that the certificate reaches; the number of levels when it reaches none. */
static size_t bucket(const struct att_pccs_tcb *tcb, const struct att_tcbinfo *info)
{
	size_t i = 0;

	while (info && i < info->level_count &&
	       !reaches(tcb, info->levels[i].sgx, info->levels[i].pce_svn))
		i++;
	return i;
}

size_t att_pccs_select(const struct att_pccs_tcb *certificates, size_t count,
		       const struct att_pccs_tcb *raw, const struct att_tcbinfo *info)
{
	size_t best = SIZE_MAX, best_bucket = 0;

	for (size_t i = 0; i < count; i++) {
		const struct att_pccs_tcb *c = &certificates[i];
		if (!reaches(raw, c->components, c->pce_svn))
			continue;
		size_t b = bucket(c, info);
		/* Of one bucket the greater; of two that can not be compared the earlier one. */
		if (best == SIZE_MAX || b < best_bucket ||
		    (b == best_bucket &&
		     reaches(c, certificates[best].components, certificates[best].pce_svn))) {
			best = i;
			best_bucket = b;
		}
	}
	return best;
}
