/* SPDX-License-Identifier: Apache-2.0 */
/* The serial numbers of a CRL, sorted once, so that looking one up reads no DER. */
#ifndef ATT_CRYPTO_SERIALS_H
#define ATT_CRYPTO_SERIALS_H

#include "crypto/x509.h"

struct att_serials {
	att_bytes *list; /* lend from the CRL */
	size_t count;
};

/* `crl` is one that att_crl_parse accepted: ATT_E_FORMAT and its like when its entries do not read.
 * ATT_E_NOMEM. */
att_rc att_serials_make(const struct att_crl *crl, struct att_serials *out,
			att_err *err) ATT_MUST_USE;
void att_serials_free(struct att_serials *s);

/* Is the serial (INTEGER contents) among them? */
bool att_serials_has(const struct att_serials *s, att_bytes serial);

#endif
