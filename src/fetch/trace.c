/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/trace.h"

#include <stdlib.h>

struct att_fetch_trace {
	struct att_fetch_step *steps;
	size_t count;
	size_t room;
	size_t dropped;
};

const char *att_fetch_source_name(enum att_fetch_source s)
{
	static const char *const names[] = { [ATT_FETCH_NETWORK] = "network",
					     [ATT_FETCH_CACHE] = "cache",
					     [ATT_FETCH_SHARED] = "shared" };

	return s >= ATT_FETCH_NETWORK && s <= ATT_FETCH_SHARED ? names[s] : "unknown";
}

att_fetch_trace *att_fetch_trace_new(void)
{
	return (att_fetch_trace *)calloc(1, sizeof(att_fetch_trace));
}

void att_fetch_trace_free(att_fetch_trace *t)
{
	if (!t)
		return;
	free(t->steps);
	free(t);
}

size_t att_fetch_trace_count(const att_fetch_trace *t)
{
	return t->count;
}

size_t att_fetch_trace_dropped(const att_fetch_trace *t)
{
	return t->dropped;
}

const struct att_fetch_step *att_fetch_trace_at(const att_fetch_trace *t, size_t i)
{
	return i < t->count ? &t->steps[i] : NULL;
}

void att_fetch_trace_add(att_fetch_trace *t, const struct att_fetch_step *step)
{
	if (!t)
		return;
	if (t->count == t->room && t->room < ATT_FETCH_STEPS_MAX) {
		size_t room = t->room ? 2 * t->room : 8;
		struct att_fetch_step *more =
		    (struct att_fetch_step *)realloc(t->steps, room * sizeof(*more));

		if (more) {
			t->steps = more;
			t->room = room;
		}
	}
	if (t->count == t->room) {
		t->dropped++;
		return;
	}
	t->steps[t->count++] = *step;
}
