/* SPDX-License-Identifier: Apache-2.0 */
/* The SGX extension of a PCK certificate, written. */
#ifndef ATT_PLATFORM_SIM_SGXEXT_H
#define ATT_PLATFORM_SIM_SGXEXT_H

#include "attest/verify.h"
#include "base/buf.h"

/* Appends the DER of the extension's value: five elements, or all seven when the platform has an
 * instance id (Intel SGX PCK certificate and CRL profile specification, 1.3.5). */
void att_sim_put_sgx_extension(att_buf *b, const struct att_platform *p);

#endif
