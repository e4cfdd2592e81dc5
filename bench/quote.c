/* SPDX-License-Identifier: Apache-2.0 */
/* What a simulated quote costs, beside what it must cost: JSON lines {"name","value","unit"},
 * medians over many, in a world that is already running.
 *
 * usage: quote CPU-SOCKET SIGNER */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "attest/attester.h"
#include "crypto/sign.h"
#include "measure.h"
#include "platform/sim/cpu_client.h"

#define COUNT 2000

struct bench_quote {
	att_attester *enclave;
	att_sim_client *stranger;
	att_signer *key;
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static att_rc quote(struct bench_quote *b, att_err *err)
{
	static const uint8_t report_data[ATT_REPORT_DATA] = { 1 };
	struct att_quoted q = { 0 };

	att_rc rc = att_attester_quote(b->enclave, report_data, &q, err);
	att_quoted_clear(&q);
	return rc;
}

/* A question that costs the processor nothing. */
static att_rc round_trip(struct bench_quote *b, att_err *err)
{
	uint8_t target[512];

	return att_sim_client_qe_target(b->stranger, target, err);
}

static att_rc sign(struct bench_quote *b, att_err *err)
{
	uint8_t rs[64];

	return att_signer_sign(b->key, att_bytes_of("message", 7), rs, err);
}

/* The median in microseconds; negative when one failed. */
static double median(struct bench_quote *b, att_rc (*once)(struct bench_quote *, att_err *))
{
	static double us[COUNT];
	att_err err = { 0 };

	for (size_t i = 0; i < COUNT; i++) {
		double began = now_us();
		if (once(b, &err) != ATT_OK) {
			fprintf(stderr, "bench: quote: %s\n", err.msg);
			return -1;
		}
		us[i] = now_us() - began;
	}
	qsort(us, COUNT, sizeof(us[0]), ascending);
	return us[COUNT / 2];
}

static int measure(struct bench_quote *b)
{
	double whole = median(b, quote);
	double trip = median(b, round_trip);
	double signing = median(b, sign);

	if (whole < 0 || trip < 0 || signing < 0)
		return 1;
	bench_print("p256_sign_us", signing, "us");
	bench_print("socket_round_trip_us", trip, "us");
	bench_print("simulated_quote_us", whole, "us");
	bench_print("ratio_simulated_quote", whole / (3 * signing + trip), "1");
	return 0;
}

int main(int argc, char **argv)
{
	struct bench_quote b = { 0 };
	att_err err = { 0 };
	int code = 1;

	if (argc != 3) {
		fprintf(stderr, "usage: quote CPU-SOCKET SIGNER\n");
		return 1;
	}
	const struct att_attester_options o = { .sim_cpu = argv[1], .signer = argv[2] };
	if (att_attester_open("sim", &o, &b.enclave, &err) != ATT_OK ||
	    att_sim_client_connect(argv[1], 15000, &b.stranger, &err) != ATT_OK ||
	    att_signer_generate(&b.key, &err) != ATT_OK)
		fprintf(stderr, "bench: %s\n", err.msg);
	else
		code = measure(&b);
	att_signer_free(b.key);
	att_sim_client_free(b.stranger);
	att_attester_free(b.enclave);
	return code;
}
