/* SPDX-License-Identifier: Apache-2.0 */
/* What is verified: a real quote of each kind where the vectors are, and generated ones. */
#ifndef ATT_BENCH_CASES_H
#define ATT_BENCH_CASES_H

#include "attest/attest.h"
#include "base/buf.h"

#define BENCH_GENERATED 64 /* distinct quotes of each kind */
#define BENCH_PCKS      16 /* distinct PCK chains among them */

/* Quotes that one set of collateral judges. */
struct bench_case {
	bool tdx;
	size_t count;
	att_buf quote[BENCH_GENERATED];
	att_buf tampered[BENCH_GENERATED]; /* the same with a bit of the signed part changed */
	att_buf collateral;                /* JSON form */
	att_roots *roots;
	int64_t now;
	enum att_tcb_status status; /* of every quote */
};

/* The real quote and its collateral under VECTORS/dcap/cases; false, and says so, when they are not
 * there. */
bool bench_case_real(const char *vectors, bool tdx, struct bench_case *out);

/* Generated ones, under a root of their own; false, and says so, when that fails. */
bool bench_case_generated(bool tdx, struct bench_case *out);

void bench_case_free(struct bench_case *c);

#endif
