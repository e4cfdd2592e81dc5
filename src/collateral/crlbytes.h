/* SPDX-License-Identifier: Apache-2.0 */
/* A CRL in whichever encoding a service or a structure carried it. */
#ifndef ATT_COLLATERAL_CRLBYTES_H
#define ATT_COLLATERAL_CRLBYTES_H

#include "attest/base.h"
#include "base/buf.h"

/* Appends the DER of one CRL to `der`. `in` is DER (first byte 0x30; a NUL behind it is tolerated,
 * as Open Enclave writes it), one PEM block "X509 CRL", or hex digits with white space around them
 * and at most one NUL at the end. Only the outermost SEQUENCE is looked at: it must be all of it.
 * ATT_E_FORMAT, ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_NOMEM; `der` is as before then. */
att_rc att_crl_to_der(att_bytes in, att_buf *der, att_err *err) ATT_MUST_USE;

#endif
