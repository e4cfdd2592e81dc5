/* SPDX-License-Identifier: Apache-2.0 */
/* Ways through the library from bytes to a result, one step after the other, for tests in which
 * steps fail. */
#ifndef ATT_TESTS_JOURNEY_H
#define ATT_TESTS_JOURNEY_H

#include "attest/attest.h"
#include "base/buf.h"

/* What a journey starts from. */
struct journey {
	att_buf quote;
	att_buf collateral; /* JSON form */
	att_buf root;       /* PEM */
	int64_t now;
};

/* Each step must give its object exactly when it says ATT_OK; `broken` names the first that did
 * not. */
struct outcome {
	att_rc rc;
	bool accepted;
	enum att_tcb_status status;
	const char *broken;
};

/* Parse, verify once, appraise. */
void journey_once(const struct journey *j, struct outcome *out);

/* The same through a long-lived verifier, twice: the second run finds what the first remembered. */
void journey_verifier(const struct journey *j, struct outcome *out);

#endif
