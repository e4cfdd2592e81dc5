/* SPDX-License-Identifier: Apache-2.0 */
/* Is an answer of the form that its request is answered in? What its status means in words; CRLs in
 * one encoding; documents about what was asked for. Nothing is authenticated here. */
#ifndef ATT_FETCH_ANSWER_H
#define ATT_FETCH_ANSWER_H

#include "collateral/pcs.h"

/* Judges an answer with any status and, with status 200, its headers and body: the chain header is
 * there, a CRL becomes DER, JSON reads and is about the FMSPC, TEE and evaluation number asked for.
 * Codes as att_pcs_client_get says. On failure the body is emptied, status and headers stay. */
att_rc att_answer_judge(const struct att_pcs_request *r, struct att_http_response *answer,
			att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* May the same request be answered better later, or elsewhere only? */
bool att_answer_may_improve(int status);

/* Seconds that Retry-After asks to wait (RFC 9110 section 10.2.3; a date is taken against the
 * answer's own Date); -1 when it does not. At most a week. */
int64_t att_answer_retry_after(const struct att_http_response *answer);

#endif
