/* SPDX-License-Identifier: Apache-2.0 */
/* How a running world is asked and turned: one JSON object a line in, one out, over a Unix socket.
 *
 *   {"do":"status"}
 *   {"do":"fault","reset":true,"set":{"tcb":"outdated"}}
 *   {"do":"stop"}
 *
 * Every answer has "ok"; with false "rc" and "error", with true "world" (of a status) or "dial". */
#ifndef ATT_SERVICE_WORLD_CONTROL_H
#define ATT_SERVICE_WORLD_CONTROL_H

#include "platform/sim/dial.h"
#include "service/world_place.h"

#define ATT_CONTROL_LINE_MAX ((size_t)16 << 10)
#define ATT_CONTROL_SET_MAX  32u

enum att_control_do { ATT_CONTROL_STATUS, ATT_CONTROL_FAULT, ATT_CONTROL_STOP };

/* A request, owning its texts: att_control_free(). */
struct att_control {
	enum att_control_do what;
	bool reset;
	struct {
		char *name;
		char *value;
	} set[ATT_CONTROL_SET_MAX];
	size_t set_count;
};
void att_control_free(struct att_control *c);

/* Reads one line (without its end) into a zero `c`. Unknown members are refused. ATT_E_FORMAT,
 * ATT_E_NOMEM. */
att_rc att_control_parse(att_bytes line, struct att_control *c, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);
/* Appends the request as a line. */
void att_control_write(const struct att_control *c, att_buf *line) ATT_NONNULL(1, 2);

/* What a status tells beyond the dial. */
struct att_world_status {
	const struct att_world_place *place;
	bool intel_sim;
	const char *trouble; /* why the state can not be saved; NULL: it can */
	int64_t now;         /* the world's time */
	uint64_t api_requests;
	uint64_t aesm_requests;
	unsigned cpu_connections;
};

/* Does what a line asks of the world, all of a fault's settings or none, and appends the answer's
 * line. `*stop` is set for a stop, `*turned` where the dial was. ATT_E_NOMEM: hang up. */
att_rc att_control_answer(att_bytes line, att_sim_world *w, const struct att_world_status *status,
			  att_buf *answer, bool *turned, bool *stop, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2, 3, 4, 5, 6);

/* --- The asking side --- */

/* Asks the world in `dir` and appends its answer, a JSON text. ATT_E_UNAVAILABLE: no world is
 * running there; ATT_E_IO; else the error that the world answered with. */
att_rc att_world_ask(const char *dir, const struct att_control *c, att_buf *answer,
		     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* The place of the world that runs in `dir`: a status, read. Errors as above, ATT_E_FORMAT. */
att_rc att_world_find(const char *dir, struct att_world_place *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

#endif
