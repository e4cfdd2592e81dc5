/* SPDX-License-Identifier: Apache-2.0 */
/* Saved worlds: what is taken is saved again and taken again, as the same world. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "platform/sim/dial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "sim_world: %s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_sim_world *w, *again;
	att_auto_buf att_buf saved = { 0 };
	att_err err = { 0 };

	if (att_sim_world_load(att_bytes_of(data, size), &w, &err) != ATT_OK) {
		demand(!w && err.msg[0], "refused in silence");
		return 0;
	}
	att_sim_world_save(w, &saved);
	demand(att_sim_world_load(att_buf_bytes(&saved), &again, &err) == ATT_OK,
	       "what it saved is no world");
	demand(memcmp(att_sim_world_platform(w), att_sim_world_platform(again),
		      sizeof(struct att_platform)) == 0,
	       "another platform");
	for (size_t i = 0; att_sim_setting(i); i++) {
		char one[ATT_SIM_VALUE_TEXT], other[ATT_SIM_VALUE_TEXT];

		att_sim_world_get(w, i, one);
		att_sim_world_get(again, i, other);
		demand(strcmp(one, other) == 0, "another dial");
	}
	att_sim_world_free(w);
	att_sim_world_free(again);
	return 0;
}
