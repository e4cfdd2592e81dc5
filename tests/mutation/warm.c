/* SPDX-License-Identifier: Apache-2.0 */
/* Cases under one verifier with caches, in the order given: what it remembers of one must not help
 * another. Prints for each whether it is authentic. */
#include <stdio.h>
#include <stdlib.h>

#include "attest/collateral.h"
#include "attest/evidence.h"
#include "attest/verify.h"
#include "base/mem.h"

#define FILE_MAX ((size_t)1 << 20)

static int failed(const char *what, const char *why)
{
	fprintf(stderr, "warm: %s: %s\n", what, why);
	return 1;
}

static att_bytes read_file(const char *name)
{
	FILE *f = fopen(name, "rb");
	uint8_t *p = malloc(FILE_MAX);
	size_t len = f && p ? fread(p, 1, FILE_MAX, f) : 0;

	if (f)
		fclose(f);
	return att_bytes_of(p, len);
}

static void free_bytes(att_bytes *b)
{
	free((void *)(uintptr_t)b->ptr);
}
#define auto_bytes __attribute__((cleanup(free_bytes))) att_bytes

static int verify(att_verifier *v, const att_roots *roots, char **argv)
{
	auto_bytes quote = read_file(argv[1]);
	auto_bytes items = read_file(argv[2]);
	att_evidence *evidence = NULL;
	att_collateral *collateral = NULL;
	att_verdict *verdict = NULL;
	att_err err = { 0 };

	att_rc rc = att_evidence_parse(quote, &evidence, &err);
	if (rc == ATT_OK)
		rc = att_collateral_parse(items, &collateral, &err);
	if (rc != ATT_OK)
		return failed(argv[1], err.msg);
	struct att_verify_in in = { .evidence = evidence,
				    .collateral = collateral,
				    .roots = roots,
				    .now = strtoll(argv[0], NULL, 10),
				    .bound_data = ATT_UNBOUND };
	rc = att_verifier_run(v, &in, NULL, &verdict, &err);
	puts(rc == ATT_OK && verdict ? "authentic" : "refused");
	att_verdict_free(verdict);
	att_collateral_free(collateral);
	att_evidence_free(evidence);
	return 0;
}

int main(int argc, char **argv)
{
	att_roots *roots = att_roots_new();
	att_verifier *v = NULL;
	att_err err = { 0 };

	if (argc < 5 || (argc - 2) % 3 != 0)
		return failed("usage", "warm ROOT {TIME QUOTE COLLATERAL}...");
	auto_bytes root = read_file(argv[1]);
	if (!roots || att_roots_add(roots, root, "test", &err) != ATT_OK ||
	    att_verifier_new(ATT_VERIFIER_DEFAULTS, &v, &err) != ATT_OK)
		return failed(argv[1], err.msg);
	int bad = 0;
	for (int i = 2; i < argc && !bad; i += 3)
		bad = verify(v, roots, argv + i);
	att_verifier_free(v);
	att_roots_free(roots);
	return bad;
}
