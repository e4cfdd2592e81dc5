/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated provisioning service: whatever is asked, there is an answer with a status it may
 * have, and with headers that can be sent. First byte: flavour, and a fault of the dial; then
 * "METHOD TARGET\n", header lines "NAME:VALUE\n", an empty line, the body. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "platform/sim/dial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1750000000)

static void demand(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "sim_answers: %s\n", what);
	abort();
}

static att_sim_world *the_world(void)
{
	static const struct att_sim_world_options o = { .seed = "fuzz", .born = NOW };
	static att_sim_world *w; /* of the process: what a world costs is not what is looked for */

	if (!w)
		demand(att_sim_world_new(&o, &w, NULL) == ATT_OK, "no world");
	return w;
}

/* The next line of *rest as a string in `line`, cut to its room. */
static void take_line(att_bytes *rest, char *line, size_t room)
{
	const uint8_t *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
	size_t len = end ? (size_t)(end - rest->ptr) : rest->len;
	size_t kept = len < room ? len : room - 1;

	memcpy(line, rest->ptr ? rest->ptr : (const uint8_t *)"", kept);
	line[kept] = 0;
	*rest = att_bytes_of(rest->ptr + len + (end != NULL), rest->len - len - (end != NULL));
}

static bool read_request(att_bytes in, struct att_http_request *r)
{
	static char line[8192];

	take_line(&in, line, sizeof(line));
	char *target = strchr(line, ' ');
	if (!target)
		return false;
	*target++ = 0;
	if (att_http_request_line(r, line, target, NULL) != ATT_OK)
		return false;
	while (in.len > 0) {
		take_line(&in, line, sizeof(line));
		char *value = strchr(line, ':');
		if (!value)
			break;
		*value++ = 0;
		if (att_http_request_header(r, line, value, NULL) != ATT_OK)
			return false;
	}
	r->body = in;
	return true;
}

static void look_at(const struct att_http_response *r)
{
	static const int statuses[] = { 200, 201, 400, 401, 404, 405, 410,
					415, 429, 461, 462, 500, 503 };
	bool known = false;

	for (size_t i = 0; i < ATT_COUNT(statuses); i++)
		known = known || statuses[i] == r->status;
	demand(known, "a status it does not have");
	demand(!r->body.failed, "an answer that was not written to its end");
	demand(att_http_response_header(r, "Request-ID") != NULL, "no Request-ID");
	for (size_t i = 0; i < r->header_count; i++) {
		for (const char *c = r->headers[i].value; *c; c++)
			demand(*c >= 0x20 && *c < 0x7f, "a header that can not be sent");
	}
	demand(r->cut_at <= r->body.len, "cut behind its end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const faults[] = {
		"ok", "404", "429", "slow", "half", "garbage", "503:9"
	};
	struct att_http_request request = { 0 };
	struct att_http_response response = { 0 };
	att_sim_world *w = the_world();

	if (size == 0)
		return 0;
	demand(att_sim_world_set(w, "upstream", faults[(data[0] >> 1) % ATT_COUNT(faults)], NULL) ==
		   ATT_OK,
	       "a fault that can not be set");
	if (read_request(att_bytes_of(data + 1, size - 1), &request)) {
		demand(att_sim_world_answer(w, data[0] & 1 ? ATT_SIM_PCCS : ATT_SIM_PCS, &request,
					    NOW, &response, NULL) == ATT_OK,
		       "no answer");
		look_at(&response);
	}
	att_http_response_free(&response);
	att_http_request_free(&request);
	return 0;
}
