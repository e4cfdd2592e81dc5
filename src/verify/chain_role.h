/* SPDX-License-Identifier: Apache-2.0 */
/* The roles chains play, and the faults that can be found without a key, a root or a time. */
#ifndef ATT_VERIFY_CHAIN_ROLE_H
#define ATT_VERIFY_CHAIN_ROLE_H

#include "verify/compiled.h"

/* Does the text contain the part? An empty text contains none. */
bool att_text_has(att_bytes text, const char *part);

/* Notes the first broken link and the first misuse of a chain that has as many certificates as the
 * role wants. */
void att_chain_judge(struct att_chain *c, const struct att_chain_role *role);

#endif
