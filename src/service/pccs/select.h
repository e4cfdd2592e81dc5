/* SPDX-License-Identifier: Apache-2.0 */
/* Which PCK certificate a platform is to use: the best one that is not above the platform's raw
 * TCB (Intel SGX PCK Certificate Selection Library: certificates in buckets of TCB levels). */
#ifndef ATT_SERVICE_PCCS_SELECT_H
#define ATT_SERVICE_PCCS_SELECT_H

#include "collateral/tcbinfo.h"

struct att_pccs_tcb {
	uint8_t components[16];
	uint16_t pce_svn;
};

/* The index of the certificate to use, SIZE_MAX when all are above `raw`, whose CPUSVN is read
 * component by component (TCB type 0). `info` NULL: no levels are known, the greatest wins. */
size_t att_pccs_select(const struct att_pccs_tcb *certificates, size_t count,
		       const struct att_pccs_tcb *raw, const struct att_tcbinfo *info)
    ATT_NONNULL(3);

#endif
