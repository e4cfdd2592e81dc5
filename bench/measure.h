/* SPDX-License-Identifier: Apache-2.0 */
/* Rates against a reference of the same minute: the machine may be slow or busy, the ratio
 * tells. */
#ifndef ATT_BENCH_MEASURE_H
#define ATT_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

/* CPU seconds of this thread; seconds on the wall. */
double bench_cpu_now(void);
double bench_wall_now(void);

double bench_median(double *values, size_t count);

/* The reference: EVP_PKEY_verify in a loop on one prepared context, one digest, one signature. */
struct bench_reference;
struct bench_reference *bench_reference_new(void); /* NULL when libcrypto fails */
void bench_reference_free(struct bench_reference *r);

/* Does n operations; false when one of them gave a wrong answer. */
typedef bool bench_work(void *arg, size_t n);

struct bench_rate {
	double per_s; /* operations per CPU second */
	double ratio; /* of what `signatures` reference verifications each would give */
	double reference_per_s;
};

/* Medians of repeats, each of them n operations between two runs of the reference. False when a
 * repeat gave a wrong answer. */
bool bench_measure(struct bench_reference *r, bench_work *work, void *arg, size_t n,
		   double signatures, struct bench_rate *out);

/* One JSON line on standard output and, where there is a goal for the name, one for people on
 * standard error. */
void bench_print(const char *name, double value, const char *unit);

#endif
