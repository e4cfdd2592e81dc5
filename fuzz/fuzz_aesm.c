/* SPDX-License-Identifier: Apache-2.0 */
/* Both directions of AESM. The input is a frame: what a client may send our server, and what a
 * daemon may answer our client. What was decoded is encoded and decoded again, and must be the
 * same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "platform/aesm/frame.h"
#include "platform/aesm/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "aesm: %s\n", what);
	abort();
}

/* A platform that quotes everything. */
static uint32_t target(void *ctx, bool epid, uint8_t out[ATT_AESM_TARGET_INFO])
{
	(void)ctx;
	memset(out, epid, ATT_AESM_TARGET_INFO);
	return ATT_AESM_SUCCESS;
}

static uint32_t key_id(void *ctx, uint8_t id[32])
{
	(void)ctx;
	memset(id, 1, 32);
	return ATT_AESM_SUCCESS;
}

static uint32_t quote_size(void *ctx, uint32_t *size)
{
	(void)ctx;
	*size = 500;
	return ATT_AESM_SUCCESS;
}

static uint32_t quote(void *ctx, const uint8_t report[ATT_AESM_REPORT], att_buf *out)
{
	(void)ctx;
	att_put_mem(out, report, ATT_AESM_REPORT);
	att_put_zero(out, 500 - ATT_AESM_REPORT);
	return ATT_AESM_SUCCESS;
}

static uint32_t group(void *ctx, uint8_t gid[ATT_AESM_GID], uint32_t *extended)
{
	(void)ctx;
	memset(gid, 2, ATT_AESM_GID);
	*extended = 0;
	return ATT_AESM_SUCCESS;
}

static uint32_t epid_quote(void *ctx, const struct att_aesm_epid_ask *ask, att_buf *out)
{
	att_put_mem(out, ask->spid, ATT_AESM_SPID);
	att_put(out, ask->sig_rl);
	return quote(ctx, ask->report, out);
}

static uint32_t qe_report(void *ctx, bool epid, const uint8_t nonce[ATT_AESM_NONCE],
			  const uint8_t to[ATT_AESM_TARGET_INFO], att_bytes quoted,
			  uint8_t report[ATT_AESM_REPORT])
{
	(void)ctx;
	(void)epid;
	demand(quoted.len >= 500, "what is vouched for is no quote");
	memcpy(report, nonce, ATT_AESM_NONCE);
	memcpy(report + ATT_AESM_NONCE, to, ATT_AESM_REPORT - ATT_AESM_NONCE);
	return ATT_AESM_SUCCESS;
}

static const struct att_aesm_backend backend = {
	.target = target,
	.key_id = key_id,
	.quote_size = quote_size,
	.quote = quote,
	.group = group,
	.epid_quote = epid_quote,
	.qe_report = qe_report,
};

/* Whatever is answered, our own client can read. */
static void serve(att_bytes frame, bool initialised)
{
	struct att_aesm_server server = { .backend = &backend,
					  .preferred = ATT_AESM_ECDSA_P256,
					  .initialised = initialised };
	att_auto_aesm_response struct att_aesm_response a = { 0 };
	att_auto_buf att_buf out = { 0 };
	att_bytes body;

	if (att_aesm_answer(&server, frame, &out, NULL) != ATT_OK) {
		demand(out.len == 0, "an answer to what can not be read");
		return;
	}
	demand(att_aesm_frame_parse(att_buf_bytes(&out), &body, NULL) == ATT_OK, "no frame");
	demand(att_aesm_response_decode(body, &a, NULL) == ATT_OK, "no response");
	demand(att_aesm_response_check(&a, NULL) == ATT_OK, "a bad response");
}

static void as_request(att_bytes body)
{
	att_auto_aesm_request struct att_aesm_request q = { 0 }, back = { 0 };
	att_auto_buf att_buf once = { 0 }, twice = { 0 };

	if (att_aesm_request_decode(body, &q, NULL) != ATT_OK)
		return;
	if (att_aesm_request_check(&q, NULL) != ATT_OK)
		return;
	demand(att_aesm_request_put(&q, &once, NULL) == ATT_OK, "a request can not be encoded");
	demand(att_aesm_frame_parse(att_buf_bytes(&once), &body, NULL) == ATT_OK, "no frame");
	demand(att_aesm_request_decode(body, &back, NULL) == ATT_OK, "our request is none");
	demand(att_aesm_request_put(&back, &twice, NULL) == ATT_OK, "nor is it again");
	demand(att_bytes_eq(att_buf_bytes(&once), att_buf_bytes(&twice)), "requests differ");
}

static void as_response(att_bytes body)
{
	att_auto_aesm_response struct att_aesm_response a = { 0 }, back = { 0 };
	att_auto_buf att_buf once = { 0 }, twice = { 0 };

	if (att_aesm_response_decode(body, &a, NULL) != ATT_OK)
		return;
	if (att_aesm_response_check(&a, NULL) != ATT_OK)
		return;
	demand(att_aesm_response_put(&a, &once, NULL) == ATT_OK, "a response can not be encoded");
	demand(att_aesm_frame_parse(att_buf_bytes(&once), &body, NULL) == ATT_OK, "no frame");
	demand(att_aesm_response_decode(body, &back, NULL) == ATT_OK, "our response is none");
	demand(att_aesm_response_put(&back, &twice, NULL) == ATT_OK, "nor is it again");
	demand(att_bytes_eq(att_buf_bytes(&once), att_buf_bytes(&twice)), "responses differ");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_bytes body;

	serve(att_bytes_of(data, size), size % 2);
	if (att_aesm_frame_parse(att_bytes_of(data, size), &body, NULL) == ATT_OK) {
		as_request(body);
		as_response(body);
	}
	/* Lengths are seldom guessed: the whole input as a body as well. */
	if (size > 0) {
		as_request(att_bytes_of(data, size));
		as_response(att_bytes_of(data, size));
	}
	return 0;
}
