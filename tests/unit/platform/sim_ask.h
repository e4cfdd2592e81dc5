/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a simulated provisioning service, for tests of its answers. Include after cmocka.h. */
#ifndef TESTS_SIM_ASK_H
#define TESTS_SIM_ASK_H

#include "attest/inspect.h"
#include "base/mem.h"
#include "base/text.h"
#include "platform/sim/world.h"

#define NOW   INT64_C(1750000000)
#define FMSPC "0053494d0000"
#define PEM   "application/x-pem-file"

static inline att_sim_world *world(void)
{
	const struct att_sim_world_options o = { .seed = "answers", .born = NOW };
	att_sim_world *w;

	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_OK);
	return w;
}

struct asking {
	att_sim_world *w;
	enum att_sim_flavour flavour;
	const char *method; /* NULL: GET */
	const char *header; /* one, and its value */
	const char *value;
	const char *body;
	int64_t now; /* 0: NOW */
};

static inline struct att_http_response ask(const struct asking *a, const char *target)
{
	struct att_http_request request = { 0 };
	struct att_http_response response = { 0 };
	att_err err = { 0 };

	assert_int_equal(
	    att_http_request_line(&request, a->method ? a->method : "GET", target, NULL), ATT_OK);
	if (a->header)
		assert_int_equal(att_http_request_header(&request, a->header, a->value, NULL),
				 ATT_OK);
	if (a->body)
		request.body = att_bytes_of(a->body, strlen(a->body));
	if (att_sim_world_answer(a->w, a->flavour, &request, a->now ? a->now : NOW, &response,
				 &err) != ATT_OK)
		fail_msg("%s: %s", target, err.msg);
	assert_non_null(att_http_response_header(&response, "Request-ID"));
	att_http_request_free(&request);
	return response;
}

static inline void check_status(const struct asking *a, const char *target, int status)
{
	struct att_http_response r = ask(a, target);

	if (r.status != status)
		fail_msg("%s: %d, expected %d", target, r.status, status);
	if (status >= 400 && a->flavour == ATT_SIM_PCS) {
		assert_non_null(att_http_response_header(&r, "Error-Code"));
		assert_non_null(att_http_response_header(&r, "Error-Message"));
	}
	if (status >= 400 && a->flavour == ATT_SIM_PCCS)
		assert_true(r.body.len > 0);
	att_http_response_free(&r);
}

/* The chain in the header: that many certificates, the first of that name. */
static inline void check_chain(const struct att_http_response *r, const char *header,
			       const char *name)
{
	const char *value = att_http_response_header(r, header);
	struct att_cert_facts facts[ATT_CERTS_MAX];
	att_auto_buf att_buf pem = { 0 };
	size_t count;

	assert_non_null(value);
	assert_null(strpbrk(value, "+ \n"));
	assert_int_equal(att_percent_decode(att_bytes_of(value, strlen(value)), &pem, NULL),
			 ATT_OK);
	assert_int_equal(att_certs_read(att_buf_bytes(&pem), facts, &count, NULL), ATT_OK);
	assert_int_equal(count, 2);
	assert_non_null(strstr(facts[0].subject, name));
	assert_non_null(strstr(facts[1].subject, "SGX Root CA"));
}

#endif
