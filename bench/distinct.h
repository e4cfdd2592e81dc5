/* SPDX-License-Identifier: Apache-2.0 */
/* The floor under a cycle of quotes: bare signatures of as many keys, nothing around them. */
#ifndef ATT_BENCH_DISTINCT_H
#define ATT_BENCH_DISTINCT_H

#include "crypto/p256.h"
#include "measure.h"

#define BENCH_KEYS 64

struct bench_distinct {
	att_p256 *tools;
	size_t turn;
	struct {
		uint8_t point[ATT_P256_POINT];
		uint8_t digest[ATT_SHA256_LEN];
		uint8_t der[72];
		size_t der_len;
	} key[BENCH_KEYS];
};

/* False when libcrypto fails. */
bool bench_distinct_open(struct bench_distinct *d);
void bench_distinct_close(struct bench_distinct *d);

/* bench_work over a struct bench_distinct: key after key is moved into the living one and its
 * signature verified. The reference keeps one key and one signature, which the processor
 * predicts better. */
bench_work bench_distinct_run;

#endif
