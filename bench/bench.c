/* SPDX-License-Identifier: Apache-2.0 */
/* Speed and size: JSON lines {"name","value","unit"} on standard output, the same with the goals
 * on standard error.
 *
 * usage: bench ATTEST STRIPPED-LIBRARY GENERATED-DIR
 *
 * Rates are operations per CPU second of one thread, medians of seven repeats; each repeat runs
 * between two runs of the reference (p256_verify_per_s) and is divided by their mean.
 *
 * Cold: everything from the bytes of the quote and of the collateral's JSON form. Warm:
 * collateral compiled, PCK chain known; known: the QE report too. A cycle takes turns between
 * the real quote, under Intel's root and its own collateral, and 64 generated ones by 16 PCKs
 * under a test root: two verifiers in one loop.
 *
 * Exit status 1 when a verification gave a wrong answer or something could not be measured;
 * goals that are missed are only said. The library is linked statically here, the code is that
 * of libattest.so. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "distinct.h"
#include "process.h"
#include "verify.h"

#define COLD_ROUNDS  150
#define WARM_ROUNDS  845 /* 13 times round the 65 quotes of a cycle */
#define KNOWN_ROUNDS 1690

struct bench {
	struct bench_reference *reference;
	const char *vectors;
	struct bench_case real[2], generated[2];
	bool have_real;
};

static bool fault(const char *what)
{
	fprintf(stderr, "bench: %s: a wrong answer, or it could not be measured\n", what);
	return false;
}

/* Prints prefix_PATH_per_s and ratio_PATH. */
static bool rate(struct bench *b, const char *path, bench_work *work, void *arg, size_t n,
		 double signatures)
{
	struct bench_rate r;
	char name[64];
	const char *known = strncmp(path, "known", 5) == 0 ? "known_qe" : NULL;

	if (!bench_measure(b->reference, work, arg, n, signatures, &r))
		return fault(path);
	snprintf(name, sizeof(name), "verify_%s%s_per_s", known ? known : path,
		 known ? path + 5 : "");
	bench_print(name, r.per_s, "1/s");
	snprintf(name, sizeof(name), "ratio_%s", path);
	bench_print(name, r.ratio, "1");
	if (strcmp(path, "cold") == 0) {
		bench_print("verify_cold_sgx_per_s", r.per_s, "1/s");
		bench_print("p256_verify_per_s", r.reference_per_s, "1/s");
	}
	return true;
}

static bool warm(struct bench *b, const char *path, const struct bench_case *first,
		 const struct bench_case *second, bool known)
{
	struct bench_warm w;

	if (!bench_warm_open(&w, first, second, known))
		return fault(path);
	bool ok =
	    rate(b, path, bench_warm_run, &w, known ? KNOWN_ROUNDS : WARM_ROUNDS, known ? 1 : 2);
	if (ok && strcmp(path, "warm") == 0) {
		double n = bench_allocations(&w);

		ok = n >= 0 || fault("warm_allocations");
		bench_print("warm_allocations", n, "1");
	}
	bench_warm_close(&w);
	return ok;
}

/* One TEE: cold, warm and known over one quote, then over the cycle of all. */
static bool rates_of(struct bench *b, bool tdx)
{
	struct bench_case *generated = &b->generated[tdx];
	struct bench_case *main_case = b->have_real ? &b->real[tdx] : generated;
	const struct bench_case *beside = b->have_real ? generated : NULL;
	struct bench_case one = *main_case; /* lends */

	one.count = 1;
	return rate(b, tdx ? "cold_tdx" : "cold", bench_cold, &one, COLD_ROUNDS, 10) &&
	       warm(b, tdx ? "warm_tdx" : "warm", &one, NULL, false) &&
	       warm(b, tdx ? "warm_cycle_tdx" : "warm_cycle", main_case, beside, false) &&
	       warm(b, tdx ? "known_tdx" : "known", &one, NULL, true) &&
	       warm(b, tdx ? "known_cycle_tdx" : "known_cycle", main_case, beside, true);
}

/* What the best known-QE verifier could reach over a cycle of quotes. */
static bool distinct(struct bench *b)
{
	struct bench_distinct d;
	struct bench_rate r;
	bool ok = bench_distinct_open(&d) &&
		  bench_measure(b->reference, bench_distinct_run, &d, KNOWN_ROUNDS, 1, &r);

	bench_distinct_close(&d);
	if (!ok)
		return fault("p256_distinct");
	bench_print("p256_verify_distinct_per_s", r.per_s, "1/s");
	bench_print("ratio_distinct", r.ratio, "1");
	return true;
}

static bool threads(struct bench *b)
{
	double ratio = bench_two_threads(b->have_real ? &b->real[0] : &b->generated[0]);

	if (ratio <= 0)
		return fault("ratio_threads");
	bench_print("ratio_threads", ratio, "1");
	return true;
}

static bool size(const char *library)
{
	struct stat st;

	if (stat(library, &st) != 0)
		return fault(library);
	bench_print("libattest_so_kib", (double)st.st_size / 1024, "KiB");
	return true;
}

/* The whole command: a real SGX quote at its time, or a generated one at present. */
static bool process(const char *attest, const char *vectors, const char *generated)
{
	char quote[4096], collateral[4096], root[4096];
	const char *const real[] = { attest,
				     "verify",
				     quote,
				     "--collateral",
				     collateral,
				     "--time",
				     "1752919277",
				     "--allow",
				     "ConfigurationAndSWHardeningNeeded",
				     NULL };
	const char *const made[] = { attest,     "verify", quote, "--collateral",
				     collateral, "--root", root,  "--allow-simulated",
				     NULL };
	struct bench_process p;

	snprintf(quote, sizeof(quote), "%s/dcap/cases/dcapqvl_sgx_v3/quote.dat",
		 vectors ? vectors : "");
	bool have_real = vectors && access(quote, R_OK) == 0;
	if (have_real) {
		snprintf(collateral, sizeof(collateral),
			 "%s/dcap/cases/dcapqvl_sgx_v3/collateral.json", vectors);
	} else {
		snprintf(quote, sizeof(quote), "%s/sgx/quote.dat", generated);
		snprintf(collateral, sizeof(collateral), "%s/sgx/collateral.json", generated);
		snprintf(root, sizeof(root), "%s/root.pem", generated);
	}
	if (!bench_process_run(have_real ? real : made, 0, &p))
		return fault("cli_verify_ms");
	bench_print("cli_verify_ms", p.median_ms, "ms");
	bench_print("rss_mib", p.rss_mib, "MiB");
	return true;
}

/* One core for all that is timed, the last one: interrupts like the first. */
static void pin(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET((size_t)sysconf(_SC_NPROCESSORS_ONLN) - 1, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static bool measure(struct bench *b)
{
	for (int tdx = 0; tdx < 2; tdx++) {
		if (!bench_case_generated(tdx, &b->generated[tdx]))
			return false;
	}
	b->have_real = bench_case_real(b->vectors, false, &b->real[0]) &&
		       bench_case_real(b->vectors, true, &b->real[1]);
	b->reference = bench_reference_new();
	if (!b->reference)
		return fault("reference");
	pin();
	return rates_of(b, false) && rates_of(b, true) && distinct(b) && threads(b);
}

int main(int argc, char **argv)
{
	struct bench b = { .vectors = getenv("ATTEST_VECTORS") };

	if (argc != 4) {
		fputs("usage: bench ATTEST STRIPPED-LIBRARY GENERATED-DIR\n", stderr);
		return 1;
	}
	bool ok = process(argv[1], b.vectors, argv[3]) && size(argv[2]) && measure(&b);
	for (int tdx = 0; tdx < 2; tdx++) {
		bench_case_free(&b.real[tdx]);
		bench_case_free(&b.generated[tdx]);
	}
	bench_reference_free(b.reference);
	return ok ? 0 : 1;
}
