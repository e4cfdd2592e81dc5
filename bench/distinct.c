/* SPDX-License-Identifier: Apache-2.0 */
#include "distinct.h"

#include "crypto/sign.h"

static bool make_key(struct bench_distinct *d, size_t i)
{
	const uint8_t text = (uint8_t)i;
	uint8_t rs[64];
	att_signer *s = NULL;

	if (att_signer_generate(&s, NULL) != ATT_OK)
		return false;
	att_signer_point(s, d->key[i].point);
	bool ok = att_signer_sign(s, att_bytes_of(&text, 1), rs, NULL) == ATT_OK &&
		  att_sha256(d->tools, att_bytes_of(&text, 1), d->key[i].digest);
	att_signer_free(s);
	d->key[i].der_len = ok ? att_p256_rs_to_der(rs, d->key[i].der) : 0;
	return ok;
}

bool bench_distinct_open(struct bench_distinct *d)
{
	*d = (struct bench_distinct){ 0 };
	bool ok = att_p256_new(&d->tools, NULL) == ATT_OK;

	for (size_t i = 0; ok && i < BENCH_KEYS; i++)
		ok = make_key(d, i);
	return ok;
}

void bench_distinct_close(struct bench_distinct *d)
{
	att_p256_free(d->tools);
	d->tools = NULL;
}

bool bench_distinct_run(void *arg, size_t n)
{
	struct bench_distinct *d = arg;

	for (size_t i = 0; i < n; i++, d->turn++) {
		size_t k = d->turn % BENCH_KEYS;

		if (!att_p256_verify_digest(d->tools, d->key[k].point, d->key[k].digest,
					    att_bytes_of(d->key[k].der, d->key[k].der_len)))
			return false;
	}
	return true;
}
