/* SPDX-License-Identifier: Apache-2.0 */
/* Parts that several sub-commands show in the same words. */
#ifndef ATT_CLI_SHOW_H
#define ATT_CLI_SHOW_H

#include "attest/evidence.h"
#include "attest/verify.h"
#include "cli/tree.h"

/* The members of one enclave's or TD's claims, into the open object. With `bits`, attribute
 * fields are objects that give the meaning of every bit; else plain numbers. */
void cli_show_claims(struct cli_tree *t, const struct att_claims *claims, bool bits);
void cli_show_sgx(struct cli_tree *t, const struct att_sgx_body *b, bool bits);

/* One field of `len` bytes: every known bit, set or not, and every other bit that is set; without
 * `bits`, the number. */
void cli_show_bits(struct cli_tree *t, const char *name, enum att_bits which, uint64_t v,
		   size_t len, bool bits);

/* The members of a PCK certificate's SGX extension. */
void cli_show_platform(struct cli_tree *t, const struct att_platform *p);

/* The name of the platform's SGX type ("Scalable"). Static. */
const char *cli_sgx_type(uint8_t type);

#endif
