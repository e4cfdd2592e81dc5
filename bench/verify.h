/* SPDX-License-Identifier: Apache-2.0 */
/* The operations that are measured. */
#ifndef ATT_BENCH_VERIFY_H
#define ATT_BENCH_VERIFY_H

#include "cases.h"
#include "measure.h"

/* Every WRONG_EVERY-th operation of a warm run is a quote with a wrong signature. */
#define WRONG_EVERY 64

/* bench_work over a struct bench_case: the first quote, everything from bytes, ten signatures. */
bench_work bench_cold;

/* A case that a long-lived verifier of its own judges. */
struct bench_lane {
	const struct bench_case *c;
	att_verifier *verifier;
};

/* Takes turns between the quotes of one or two cases (the second may be absent). */
struct bench_warm {
	struct bench_lane lane[2];
	att_evidence *evidence; /* its memory is used again */
	size_t turn;
};

/* known_qe: QE reports are remembered too. False when that fails. */
bool bench_warm_open(struct bench_warm *w, const struct bench_case *first,
		     const struct bench_case *second, bool known_qe);
void bench_warm_close(struct bench_warm *w);

/* bench_work over a struct bench_warm: parse, verify, give the memory back. */
bench_work bench_warm_run;

/* How many times two threads on one verifier, each with a core, get as much done as one: the
 * best of three. 0 when an answer was wrong or there is one core only. */
double bench_two_threads(const struct bench_case *c);

/* The library's own heap allocations (libcrypto's not counted) per operation; negative when an
 * answer was wrong. */
double bench_allocations(struct bench_warm *w);

#endif
