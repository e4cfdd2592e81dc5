/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of a service: the first byte says to which request, the second which status; up to the
 * first newline the issuer chain's header, behind it the body. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fetch/answer.h"
#include "fetch/authentic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int statuses[] = { 200, 404, 410, 429, 503, 302, 460, 999 };

static void fill(const uint8_t *data, size_t size, const struct att_pcs_request *r,
		 struct att_http_response *answer)
{
	const uint8_t *end = (const uint8_t *)memchr(data, '\n', size);
	size_t line = end ? (size_t)(end - data) : 0;
	const char *name = att_pcs_chain_header(r);
	att_auto_mem char *chain = (char *)att_bytes_dup(att_bytes_of(data, line));

	if (name && chain)
		att_http_put_header(answer, name, chain);
	if (answer->status != 200 && chain)
		att_http_put_header(answer, "Retry-After", chain);
	answer->body.failed = false; /* a header that can not be is not sent */
	att_put_mem(&answer->body, end ? end + 1 : data, end ? size - line - 1 : size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct att_pcs_request r = { .version = 4, .fmspc = "00906ed50000", .ca = "processor" };
	struct att_http_response answer = { 0 };
	struct att_authentic facts;

	if (size < 2)
		return 0;
	r.what = (enum att_pcs_what)(data[0] % ATT_PCS_COUNT);
	r.tdx = data[0] >= 128;
	answer.status = statuses[data[1] % ATT_COUNT(statuses)];
	fill(data + 2, size - 2, &r, &answer);
	int64_t wait = att_answer_retry_after(&answer);
	if (wait < -1 || wait > 604800)
		abort();
	att_rc rc = att_answer_judge(&r, &answer, NULL);
	if (rc == ATT_OK) {
		att_roots *roots = att_roots_intel();
		/* A fuzzer signs nothing: no answer of its own is authentic. */
		if (roots && att_authenticate(roots, &r, &answer, &facts, NULL) == ATT_OK &&
		    facts.issued >= facts.expires)
			abort();
		att_roots_free(roots);
	}
	if ((rc == ATT_OK) != (answer.status == 200 && answer.body.len > 0))
		abort();
	att_http_response_free(&answer);
	return 0;
}
