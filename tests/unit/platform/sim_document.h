/* SPDX-License-Identifier: Apache-2.0 */
/* Signed documents of a simulated world, as they are when a client has judged their form: what was
 * asked, and the answer. Include after cmocka.h. */
#ifndef TESTS_SIM_DOCUMENT_H
#define TESTS_SIM_DOCUMENT_H

#include "base/text.h"
#include "collateral/crlbytes.h"
#include "collateral/pcs.h"
#include "platform/sim/dial.h"
#include "sim_ask.h"

#define V4      "/sgx/certification/v4/"
#define TCB     V4 "tcb?fmspc=" FMSPC
#define TD_TCB  "/tdx/certification/v4/tcb?fmspc=" FMSPC
#define QE      V4 "qe/identity"
#define TD_QE   "/tdx/certification/v4/qe/identity"
#define QVE     V4 "qve/identity"
#define NUMBERS V4 "tcbevaluationdatanumbers"
#define PCK_CRL V4 "pckcrl?ca=platform"
#define ROOT    V4 "rootcacrl"

struct document {
	struct att_pcs_request r;
	struct att_http_response answer;
};

static inline struct document document_at(att_sim_world *w, const char *target, int64_t now)
{
	const struct asking a = { .w = w, .flavour = ATT_SIM_PCCS, .now = now };
	struct document d = { .answer = ask(&a, target) };
	struct att_http_request request = { 0 };

	assert_int_equal(d.answer.status, 200);
	assert_int_equal(att_http_request_line(&request, "GET", target, NULL), ATT_OK);
	assert_int_equal(att_pcs_read(&request, &d.r, NULL), ATT_OK);
	att_http_request_free(&request);
	if (d.r.what == ATT_PCS_PCKCRL || d.r.what == ATT_PCS_ROOT_CA_CRL) {
		att_buf der = { 0 };

		assert_int_equal(att_crl_to_der(att_buf_bytes(&d.answer.body), &der, NULL), ATT_OK);
		att_buf_free(&d.answer.body);
		d.answer.body = der;
	}
	return d;
}

static inline struct document document_of(att_sim_world *w, const char *target)
{
	return document_at(w, target, NOW);
}

static inline void document_free(struct document *d)
{
	att_http_response_free(&d->answer);
}

static inline void turn(att_sim_world *w, const char *setting, const char *value)
{
	att_sim_world_reset(w);
	if (setting)
		assert_int_equal(att_sim_world_set(w, setting, value, NULL), ATT_OK);
}

static inline att_roots *roots_of(const att_sim_world *w)
{
	att_roots *roots = att_roots_new();

	assert_int_equal(att_roots_add(roots, att_sim_world_root_pem(w), "sim", NULL), ATT_OK);
	return roots;
}

/* As world(), with other keys. */
static inline att_sim_world *other_world(void)
{
	const struct att_sim_world_options o = { .seed = "somebody else's", .born = NOW };
	att_sim_world *w;

	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_OK);
	return w;
}

/* The issuer chain in PEM. */
static inline void put_chain(const struct document *d, att_buf *pem)
{
	const char *name = att_pcs_chain_header(&d->r);
	const char *value = name ? att_http_response_header(&d->answer, name) : "";

	assert_non_null(value);
	assert_int_equal(att_percent_decode(att_bytes_of(value, strlen(value)), pem, NULL), ATT_OK);
}

/* The second certificate of `pem`, which has two. */
static inline att_bytes root_in(att_bytes pem)
{
	static const char begin[] = "-----BEGIN";
	const uint8_t *second = memmem(pem.ptr + 1, pem.len - 1, begin, sizeof(begin) - 1);

	assert_non_null(second);
	return att_bytes_of(second, pem.len - (size_t)(second - pem.ptr));
}

/* The chain with another last byte in its leaf's signature. */
static inline void put_forged_chain(const struct document *d, att_buf *pem)
{
	put_chain(d, pem);
	const att_bytes root = root_in(att_buf_bytes(pem));
	uint8_t *end = memmem(pem->ptr, pem->len - root.len, "-----END", 8);

	assert_non_null(end);
	while (*end != '=' && *end != '\n')
		end--;
	while (*end == '=' || *end == '\n')
		end--;
	/* Four characters are three bytes: the third from the end is in nothing but those. */
	end[-2] = end[-2] == 'A' ? 'B' : 'A';
}

#endif
