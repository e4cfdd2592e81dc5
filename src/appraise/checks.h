/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of checks share. */
#ifndef ATT_APPRAISE_CHECKS_H
#define ATT_APPRAISE_CHECKS_H

#include "appraise/policy.h"

/* Fills one side of a reason; returns false, so that a check can end in it. */
bool att_expect(struct att_reason *why, const char *fmt, ...) ATT_PRINTF(2, 3);
bool att_seen(struct att_reason *why, const char *fmt, ...) ATT_PRINTF(2, 3);

/* Getters of values that are not in every verdict's claims. */
bool att_get_report_data(const struct att_subject *s, att_bytes *out, struct att_reason *why);
bool att_get_service_td(const struct att_subject *s, att_bytes *out, struct att_reason *why);
bool att_get_fmspc(const struct att_subject *s, att_bytes *out, struct att_reason *why);
bool att_get_instance_id(const struct att_subject *s, att_bytes *out, struct att_reason *why);
bool att_get_root(const struct att_subject *s, att_bytes *out, struct att_reason *why);
bool att_get_tcb_evaluation(const struct att_subject *s, int64_t *out, struct att_reason *why);
bool att_get_qe_evaluation(const struct att_subject *s, int64_t *out, struct att_reason *why);

#endif
