/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/http_internal.h"

att_rc att_http_answer_new(struct att_http_response *r, att_http_answer **out, att_err *err)
{
	*out = NULL;
	if (r->status < 200 || r->status > 599)
		return att_fail(err, ATT_E_ARG, "%d is no status to answer with", r->status);
	if (r->body.failed)
		return att_fail(err, ATT_E_NOMEM, "the answer was not made whole");
	att_http_answer *a = calloc(1, sizeof(*a));
	if (!a)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	a->status = r->status;
	a->delay_ms = r->delay_ms;
	a->cut_at = r->cut_at;
	a->blank = r->blank;
	atomic_init(&a->refs, 1);
	att_http_put_head(&a->head, r, r->body.len + r->blank);
	att_rc rc = att_buf_ok(&a->head, err);
	if (rc != ATT_OK) {
		att_http_answer_free(a);
		return rc;
	}
	a->body = r->body;
	r->body = (att_buf){ 0 };
	att_http_response_free(r);
	*out = a;
	return ATT_OK;
}

att_http_answer *att_http_answer_ref(att_http_answer *a)
{
	atomic_fetch_add_explicit(&a->refs, 1, memory_order_relaxed);
	return a;
}

void att_http_answer_free(att_http_answer *a)
{
	if (!a || atomic_fetch_sub_explicit(&a->refs, 1, memory_order_acq_rel) != 1)
		return;
	att_buf_free(&a->head);
	att_buf_free(&a->body);
	free(a);
}
