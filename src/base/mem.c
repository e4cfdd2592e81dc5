/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <string.h>

void att_wipe(void *p, size_t len)
{
	if (len)
		explicit_bzero(p, len);
}

bool att_bytes_eq(att_bytes a, att_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool att_all_zero(att_bytes b)
{
	/* The first byte is, and each is like the one before it. */
	return b.len == 0 || (b.ptr[0] == 0 && memcmp(b.ptr, b.ptr + 1, b.len - 1) == 0);
}

uint8_t *att_bytes_dup(att_bytes b)
{
	if (b.len == SIZE_MAX)
		return NULL;
	uint8_t *copy = malloc(b.len + 1);
	if (!copy)
		return NULL;
	if (b.len)
		memcpy(copy, b.ptr, b.len);
	copy[b.len] = 0;
	return copy;
}
