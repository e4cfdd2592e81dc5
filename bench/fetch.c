/* SPDX-License-Identifier: Apache-2.0 */
/* How long a client takes to fetch the whole collateral of a quote from a service that has it: one
 * JSON line {"name","value","unit"}, the median of many fetches without a cache.
 *
 * usage: fetch URL CA|- QUOTE ROOT TIME [COUNT] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attest/fetch.h"
#include "base/buf.h"
#include "measure.h"

#define COUNT 200

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now_ms(void *arg)
{
	(void)arg;
	return now_ns() / 1000000;
}

static void no_sleep(void *arg, unsigned ms)
{
	(void)arg;
	(void)ms;
}

static att_bytes read_file(const char *path, att_buf *b)
{
	uint8_t chunk[65536];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(chunk, 1, sizeof(chunk), f) : 0;

	if (f)
		fclose(f);
	att_put_mem(b, chunk, n);
	return att_buf_bytes(b);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int fail(const char *what, const att_err *err)
{
	fprintf(stderr, "bench: %s: %s\n", what, err->msg);
	return 1;
}

static int measure(att_fetcher *f, const att_evidence *quote, int64_t now, size_t count)
{
	const struct att_fetch_set set = { 0 };
	double *ms = (double *)calloc(count, sizeof(*ms));
	att_err err = { 0 };

	for (size_t i = 0; ms && i < count; i++) {
		att_collateral *c = NULL;
		int64_t began = now_ns();
		if (att_fetch_collateral(f, quote, &set, now, &c, NULL, &err) != ATT_OK) {
			free(ms);
			return fail("fetch", &err);
		}
		ms[i] = (double)(now_ns() - began) / 1e6;
		att_collateral_free(c);
	}
	if (!ms)
		return 1;
	bench_print("fetch_first_ms", ms[0], "ms");
	qsort(ms, count, sizeof(*ms), ascending);
	bench_print("fetch_collateral_ms", ms[count / 2], "ms");
	free(ms);
	return 0;
}

int main(int argc, char **argv)
{
	att_auto_buf att_buf quote = { 0 };
	att_auto_buf att_buf root = { 0 };
	att_roots *roots = att_roots_new();
	att_evidence *evidence = NULL;
	att_fetcher *f = NULL;
	att_err err = { 0 };
	int code = 1;

	if (argc < 6) {
		fprintf(stderr, "usage: fetch URL CA|- QUOTE ROOT TIME [COUNT]\n");
		return 1;
	}
	struct att_fetch_endpoint e = { .url = argv[1] };
	struct att_fetch_options o = { .endpoints = &e,
				       .endpoint_count = 1,
				       .clock = { now_ms, no_sleep, NULL },
				       .roots = roots,
				       .ca_file = strcmp(argv[2], "-") == 0 ? NULL : argv[2] };
	size_t count = argc > 6 ? strtoul(argv[6], NULL, 10) : COUNT;
	if (!roots || att_roots_add(roots, read_file(argv[4], &root), "root", &err) != ATT_OK ||
	    att_evidence_parse(read_file(argv[3], &quote), &evidence, &err) != ATT_OK ||
	    att_fetcher_new(&o, &f, &err) != ATT_OK)
		(void)fail("setup", &err);
	else
		code = measure(f, evidence, strtoll(argv[5], NULL, 10), count ? count : 1);
	att_fetcher_free(f);
	att_evidence_free(evidence);
	att_roots_free(roots);
	return code;
}
