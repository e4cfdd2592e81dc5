/* SPDX-License-Identifier: Apache-2.0 */
/* EPID-shaped quotes and revocation lists, of whoever made them: nothing that this world did not
 * make is opened. First byte even: the rest is a quote and a list as it is; odd: changes of a
 * genuine quote, three bytes each (offset in little endian, what is flipped). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/sim/cpu.h"
#include "platform/sim/epid_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "sim_epid: %s\n", what);
	abort();
}

static att_sim_world *world;
static att_buf genuine;

static void set_up(void)
{
	static const struct att_sim_world_options o = { .seed = "fuzz", .born = 1750000000 };
	const struct att_secs enclave = { .attributes = 5, .xfrm = 3 };
	static const uint8_t report_data[64];
	uint8_t target[ATT_SIM_TARGET], report[ATT_SIM_REPORT];
	const struct att_sim_epid_request request = { .report = report, .linkable = true };

	if (world)
		return;
	demand(att_sim_world_new(&o, &world, NULL) == ATT_OK, "no world");
	att_sim_world_target(world, ATT_SIM_EPID_QE, target);
	demand(att_sim_ereport(att_sim_world_cpu(world), &enclave, target, report_data, report,
			       NULL) == ATT_OK,
	       "no report");
	demand(att_sim_epid_quote(world, &request, &genuine, NULL) == ATT_OK, "no quote");
}

/* Opens the genuine quote with the changes: only without one may that work. */
static void changed(const uint8_t *data, size_t size)
{
	struct att_sim_epid_opened o;
	static uint8_t quote[2048];
	size_t len = genuine.len;

	memcpy(quote, genuine.ptr, len);
	for (; size >= 3; data += 3, size -= 3)
		quote[(data[0] | (size_t)data[1] << 8) % len] ^= data[2];
	bool same = memcmp(quote, genuine.ptr, len) == 0;
	demand((att_sim_epid_open(world, att_bytes_of(quote, len), &o, NULL) == ATT_OK) == same,
	       "opened though changed, or not though not");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct att_sim_epid_opened o;
	struct att_sim_sigrl rl;

	set_up();
	if (size == 0)
		return 0;
	if (data[0] & 1) {
		changed(data + 1, size - 1);
		return 0;
	}
	const att_bytes in = att_bytes_of(data + 1, size - 1);
	if (att_sim_epid_open(world, in, &o, NULL) == ATT_OK)
		demand(in.len >= genuine.len && memcmp(in.ptr, genuine.ptr, genuine.len) == 0,
		       "opened what it did not make");
	if (att_sim_epid_sigrl_read(world, in, &rl, NULL) == ATT_OK)
		demand(rl.entries.len == (size_t)rl.count * ATT_EPID_PSEUDONYM, "a bad count");
	return 0;
}
