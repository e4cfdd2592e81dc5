/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#define REPEATS          7
#define REFERENCE_ROUNDS 1000
#define DIGEST           32

struct bench_reference {
	EVP_PKEY *key;
	EVP_PKEY_CTX *ctx;
	uint8_t digest[DIGEST];
	uint8_t signature[80];
	size_t signature_len;
};

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double bench_cpu_now(void)
{
	return seconds(CLOCK_THREAD_CPUTIME_ID);
}

double bench_wall_now(void)
{
	return seconds(CLOCK_MONOTONIC);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static bool sign_digest(struct bench_reference *r)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, r->key, NULL);

	r->signature_len = sizeof(r->signature);
	bool ok = ctx && EVP_PKEY_sign_init(ctx) == 1 &&
		  EVP_PKEY_sign(ctx, r->signature, &r->signature_len, r->digest, DIGEST) == 1;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

struct bench_reference *bench_reference_new(void)
{
	struct bench_reference *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	for (size_t i = 0; i < DIGEST; i++)
		r->digest[i] = (uint8_t)(i * 7 + 1);
	r->key = EVP_EC_gen("P-256");
	r->ctx = r->key ? EVP_PKEY_CTX_new_from_pkey(NULL, r->key, NULL) : NULL;
	if (r->ctx && sign_digest(r) && EVP_PKEY_verify_init(r->ctx) == 1)
		return r;
	bench_reference_free(r);
	return NULL;
}

void bench_reference_free(struct bench_reference *r)
{
	if (!r)
		return;
	EVP_PKEY_CTX_free(r->ctx);
	EVP_PKEY_free(r->key);
	free(r);
}

/* Verifications per CPU second; 0 when one failed. */
static double reference_rate(struct bench_reference *r)
{
	double start = bench_cpu_now();

	for (int i = 0; i < REFERENCE_ROUNDS; i++) {
		if (EVP_PKEY_verify(r->ctx, r->signature, r->signature_len, r->digest, DIGEST) != 1)
			return 0;
	}
	return REFERENCE_ROUNDS / (bench_cpu_now() - start);
}

bool bench_measure(struct bench_reference *r, bench_work *work, void *arg, size_t n,
		   double signatures, struct bench_rate *out)
{
	double rates[REPEATS], ratios[REPEATS], references[REPEATS];

	if (!work(arg, n / 4 + 1)) /* caches of the processor and of the verifier fill */
		return false;
	for (size_t i = 0; i < REPEATS; i++) {
		double before = reference_rate(r);
		double start = bench_cpu_now();
		bool right = work(arg, n);
		double spent = bench_cpu_now() - start;
		double after = reference_rate(r);

		if (!right || before <= 0 || after <= 0)
			return false;
		rates[i] = (double)n / spent;
		references[i] = (before + after) / 2;
		ratios[i] = rates[i] * signatures / references[i];
	}
	out->per_s = bench_median(rates, REPEATS);
	out->ratio = bench_median(ratios, REPEATS);
	out->reference_per_s = bench_median(references, REPEATS);
	return true;
}
