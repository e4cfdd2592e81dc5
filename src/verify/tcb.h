/* SPDX-License-Identifier: Apache-2.0 */
/* Level matching and convergence: pure functions of compiled collateral and SVNs. */
#ifndef ATT_VERIFY_TCB_H
#define ATT_VERIFY_TCB_H

#include "attest/verify.h"
#include "collateral/tcbinfo.h"

#define ATT_NO_LEVEL SIZE_MAX

/* Does the PCK certificate reach the level's SGX components and PCESVN? */
bool att_level_reached_sgx(const struct att_level *l, const struct att_platform *p);

/* Does tee_tcb_svn reach the level's TDX components? Components 0 and 1 are the TDX module's; they
 * are judged by its own identity, and skipped here, when tee_tcb_svn[1] > 0 (Intel QVL; dcap.md
 * 3.6). */
bool att_level_reached_tdx(const struct att_level *l, const uint8_t svn[static 16]);

/* The first level, in order, whose isvsvn is not above `svn`; ATT_NO_LEVEL. */
size_t att_level_of_svn(const struct att_level *levels, size_t count, unsigned svn);

/* tcbDate of the oldest level that precedes `at` and is newer than it; 0 when `at` is the
 * newest. */
int64_t att_newer_date(const struct att_level *levels, size_t at);

/* The module identity "TDX_XX" for a version; NULL. */
const struct att_tdx_module *att_module_of(const struct att_tcbinfo *t, uint8_t version);

/* One status with the status of a part (TDX module or QE) taken into account. */
enum att_tcb_status att_converge(enum att_tcb_status status, enum att_tcb_status part);

bool att_status_needs_configuration(enum att_tcb_status s);

#endif
