/* SPDX-License-Identifier: Apache-2.0 */
/* What was asked, where, and what came back: for a person to read. One trace belongs to one call at
 * a time. Nothing secret gets in: no keys, no bodies. */
#ifndef ATT_FETCH_TRACE_H
#define ATT_FETCH_TRACE_H

#include "attest/fetch.h"

/* Appends a copy; what would not fit (ATT_FETCH_STEPS_MAX) or memory lacks for is counted as
 * dropped. NULL-safe in `t`. */
void att_fetch_trace_add(att_fetch_trace *t, const struct att_fetch_step *step) ATT_NONNULL(2);

#endif
