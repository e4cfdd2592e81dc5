/* SPDX-License-Identifier: Apache-2.0 */
/* Another certificate for a server that is listening. */
#ifndef ATT_SERVICE_PCCS_RENEW_H
#define ATT_SERVICE_PCCS_RENEW_H

#include "service/tls.h"

/* New connections of `tls` get the certificate, chain and key of `fresh` (which stays the
 * caller's); those that are open keep theirs. ATT_E_UNAVAILABLE: `tls` is as before. */
att_rc att_tls_renew(struct ssl_ctx_st *tls, struct ssl_ctx_st *fresh, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

#endif
