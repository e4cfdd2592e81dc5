/* SPDX-License-Identifier: Apache-2.0 */
/* The set of root keys a caller trusts. */
#ifndef ATT_VERIFY_ROOTS_H
#define ATT_VERIFY_ROOTS_H

#include "attest/verify.h"
#include "crypto/x509.h"

#define ATT_ROOTS_MAX 16u

struct att_root {
	uint8_t point[ATT_P256_POINT];
	struct att_root_facts facts;
};

struct att_roots {
	att_p256 *tools; /* what verifications copy theirs from: every one has roots */
	size_t count;
	struct att_root root[ATT_ROOTS_MAX];
};

/* The root with this certificate's key; NULL when none has it. */
const struct att_root *att_roots_find(const struct att_roots *r, const struct att_cert *c);

#endif
