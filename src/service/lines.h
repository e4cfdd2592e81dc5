/* SPDX-License-Identifier: Apache-2.0 */
/* A Unix socket where clients send lines and get a line back, each in turn. */
#ifndef ATT_SERVICE_LINES_H
#define ATT_SERVICE_LINES_H

#include "base/buf.h"
#include "service/loop.h"

typedef struct att_lines att_lines;

/* Answers a line (without its end) by appending to `answer`; false: hang up. */
typedef bool (*att_line_handler)(void *ctx, att_bytes line, att_buf *answer);

/* Serves the listening socket, which it owns, also after a failure. A client that sends more than
 * `max` bytes without a line's end, or no line within ten seconds, or does not take its answer, is
 * hung up on; of more than 16 at once the newest are. ATT_E_NOMEM, ATT_E_IO. */
att_rc att_lines_new(att_loop *l, int fd, size_t max, att_line_handler handler, void *ctx,
		     att_lines **out, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 4, 6);
void att_lines_free(att_lines *s);

#endif
