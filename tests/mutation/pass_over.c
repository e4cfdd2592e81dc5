/* SPDX-License-Identifier: Apache-2.0 */
/* The ids of the checks to pass over stand in ATTEST_PASS_OVER, with commas between: one mutated
 * command serves every check and every set of checks. */
#include <stdlib.h>
#include <string.h>

#include "attest/verify.h"
#include "pass_over.h"

int att_passed_over(int check)
{
	const char *at = getenv("ATTEST_PASS_OVER");
	struct att_check info;

	if (!at || !att_check_info((size_t)check, &info))
		return 0;
	size_t len = strlen(info.id);
	while (*at) {
		size_t n = strcspn(at, ",");

		if (n == len && memcmp(at, info.id, n) == 0)
			return check + 1;
		at += n + (at[n] == ',');
	}
	return 0;
}
