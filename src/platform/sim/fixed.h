/* SPDX-License-Identifier: Apache-2.0 */
/* Structures of a fixed length, written into memory that is there already. */
#ifndef ATT_PLATFORM_SIM_FIXED_H
#define ATT_PLATFORM_SIM_FIXED_H

#include <string.h>

#include "base/buf.h"

/* A buffer over zeroed memory, which never grows: a write beyond its end fails, and none else. Not
 * to be freed. */
static inline att_buf att_sim_fixed(uint8_t *out, size_t len)
{
	memset(out, 0, len);
	return (att_buf){ .ptr = out, .cap = len, .max = len };
}

#endif
