/* SPDX-License-Identifier: Apache-2.0 */
/* One call: asked, answered, checked for shape, asked again while the daemon is busy. */
#include "platform/aesm/client.h"

#include <poll.h>

#include "base/error.h"
#include "platform/aesm/frame.h"
#include "platform/aesm/socket.h"

#define PAUSE_MAX_MS 3200u

static void pause_ms(const struct att_aesm_client *c, unsigned ms)
{
	if (c->pause)
		c->pause(c->ctx, ms);
	else
		poll(NULL, 0, (int)ms);
}

static att_rc ask(const struct att_aesm_client *c, const struct att_aesm_request *request,
		  att_bytes frame, struct att_aesm_response *out, att_err *err)
{
	att_auto_buf att_buf body = { .max = ATT_AESM_BODY_MAX };
	att_rc rc = att_aesm_exchange(c, frame, &body, err);

	if (rc == ATT_OK)
		rc = att_aesm_response_decode(att_buf_bytes(&body), out, err);
	if (rc != ATT_OK)
		return rc;
	if (out->call == ATT_AESM_UNSUPPORTED)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"this aesmd does not know the request; update it");
	if (out->call != request->call)
		return att_fail(err, ATT_E_FORMAT, "aesmd answers \"%s\"",
				att_aesm_call_name(out->call));
	return att_aesm_response_check(out, err);
}

att_rc att_aesm_call(const struct att_aesm_client *c, const struct att_aesm_request *request,
		     struct att_aesm_response *out, att_err *err)
{
	att_auto_buf att_buf frame = { 0 };
	unsigned tries = c->tries ? c->tries : ATT_AESM_TRIES;
	unsigned wait = ATT_AESM_PAUSE_MS;

	*out = (struct att_aesm_response){ 0 };
	att_rc rc = att_aesm_request_put(request, &frame, err);
	while (rc == ATT_OK) {
		rc = ask(c, request, att_buf_bytes(&frame), out, err);
		if (rc != ATT_OK || !att_aesm_is_busy(out->error) || --tries == 0)
			break;
		att_aesm_response_clear(out);
		pause_ms(c, wait);
		wait = wait < PAUSE_MAX_MS ? 2 * wait : PAUSE_MAX_MS;
	}
	if (rc != ATT_OK) {
		att_aesm_response_clear(out);
		return att_wrap(err, rc, "%s", att_aesm_call_name(request->call));
	}
	return ATT_OK;
}
