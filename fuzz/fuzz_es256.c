/* SPDX-License-Identifier: Apache-2.0 */
/* Key texts of any kind: a point that is handed out is on the curve and was not of an error, a
 * signature made is none of zeros, and zeros are no signature. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/es256.h"
#include "crypto/p256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool on_curve(const uint8_t point[static ATT_P256_POINT])
{
	att_p256 *tools = NULL;

	if (att_p256_new(&tools, NULL) != ATT_OK)
		return false;
	bool yes = att_p256_on_curve(tools, point);
	att_p256_free(tools);
	return yes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t point[ATT_P256_POINT], rs[64];
	att_bytes key = att_bytes_of(data, size), msg = att_bytes_of("m", 1);

	bool found = att_es256_point(key, point, NULL) == ATT_OK;
	if (found ? !on_curve(point) : !att_all_zero(att_bytes_of(point, sizeof(point))))
		abort();
	bool made = att_es256_sign(key, msg, rs, NULL) == ATT_OK;
	if (made == att_all_zero(att_bytes_of(rs, sizeof(rs))))
		abort();
	/* A text that signs is private, and none to check with. */
	if (made && att_es256_verify(key, msg, rs, NULL) == ATT_OK)
		abort();
	memset(rs, 0, sizeof(rs));
	if (att_es256_verify(key, msg, rs, NULL) == ATT_OK)
		abort();
	return 0;
}
