/* SPDX-License-Identifier: Apache-2.0 */
/* The SGX extension of PCK certificates, 1.2.840.113741.1.13.1 (Intel SGX PCK certificate and CRL
 * profile specification, section 1.3.5). */
#ifndef ATT_COLLATERAL_PCK_H
#define ATT_COLLATERAL_PCK_H

#include "attest/base.h"
#include "attest/verify.h"

/* Strict: elements in order of their OIDs, each once; exactly the Processor set (PPID, TCB, PCEID,
 * FMSPC, SGX type) or the Platform set (also platform instance id and configuration). Fills *out
 * (struct att_platform of attest/verify.h; platform_ca stays false: the issuer's name says that).
 * ATT_E_FORMAT, ATT_E_TRUNCATED, ATT_E_TRAILING; offsets are in `value`. */
att_rc att_pck_ext_parse(att_bytes value, struct att_platform *out, att_err *err) ATT_MUST_USE;

#endif
