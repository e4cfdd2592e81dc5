/* SPDX-License-Identifier: Apache-2.0 */
/* What the fetching client takes for authentic (fetch/authentic.c): documents that a simulated
 * world signed, and its faults. The world is above that layer, so the test is here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim_document.h"

#include "fetch/authentic.h"

static const struct {
	const char *target;
	bool numbered; /* by a CRL's number, else by an evaluation number */
	bool ordered;  /* at all */
} documents[] = {
	{ TCB, false, true },    { TD_TCB, false, true },
	{ QE, false, true },     { TD_QE, false, true },
	{ QVE, false, true },    { NUMBERS, false, false },
	{ PCK_CRL, true, true }, { V4 "pckcrl?ca=processor", true, true },
	{ ROOT, true, true }, /* the last: it has no chain */
};

static void what_a_world_signed(void **state)
{
	att_sim_world *w = world();
	att_roots *roots = roots_of(w);

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(documents); i++) {
		struct document d = document_of(w, documents[i].target);
		struct att_authentic is;
		att_err err = { 0 };

		if (att_authenticate(roots, &d.r, &d.answer, &is, &err) != ATT_OK)
			fail_msg("%s: %s", documents[i].target, err.msg);
		assert_true(is.issued <= NOW && is.expires > NOW);
		assert_int_equal(is.number >= 0, documents[i].numbered);
		assert_int_equal(is.evaluation,
				 documents[i].ordered && !documents[i].numbered ? 17 : -1);
		document_free(&d);
	}
	att_roots_free(roots);
	att_sim_world_free(w);
}

static void faults(void **state)
{
	static const struct {
		const char *setting;
		const char *value;
		const char *target;
		att_rc rc;
	} rows[] = {
		{ "tcb-info", "bad-signature", TCB, ATT_E_SIGNATURE },
		{ "tcb-info", "other-fmspc", TCB, ATT_E_MISMATCH },
		{ "tcb-info", "other-tee", TCB, ATT_E_MISMATCH },
		{ "tcb-signer", "swapped", TCB, ATT_E_CHAIN },
		{ "tcb-signer", "swapped", QE, ATT_E_CHAIN },
		{ "qe-identity", "bad-signature", QE, ATT_E_SIGNATURE },
		{ "qe-identity", "other-tee", QE, ATT_E_MISMATCH },
		{ "pck-crl", "bad-signature", PCK_CRL, ATT_E_SIGNATURE },
		{ "root-crl", "bad-signature", ROOT, ATT_E_SIGNATURE },
		/* Of dates and revocation verification judges, at its own time. */
		{ "tcb-info", "expired", TCB, ATT_OK },
		{ "tcb-signer", "revoked", TCB, ATT_OK },
	};
	att_sim_world *w = world();
	att_roots *roots = roots_of(w);

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct att_authentic is;
		att_err err = { 0 };

		turn(w, rows[i].setting, rows[i].value);
		struct document d = document_of(w, rows[i].target);
		att_rc rc = att_authenticate(roots, &d.r, &d.answer, &is, &err);
		if (rc != rows[i].rc)
			fail_msg("%s %s: %s: %s", rows[i].setting, rows[i].value, att_rc_name(rc),
				 err.msg);
		document_free(&d);
	}
	att_roots_free(roots);
	att_sim_world_free(w);
}

/* Genuine all of them, and about something else. */
static void not_what_was_asked(void **state)
{
	static const struct {
		const char *asked;
		const char *given;
	} rows[] = {
		{ TCB, TD_TCB },
		{ TD_TCB, TCB },
		{ QE, TD_QE },
		{ TD_QE, QE },
		{ QE, QVE },
		{ QVE, QE },
		{ V4 "tcb?fmspc=00906ed50000", TCB },
		{ V4 "pckcrl?ca=processor", PCK_CRL },
	};
	att_sim_world *w = world();
	att_roots *roots = roots_of(w);

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct document d = document_of(w, rows[i].given);
		struct att_http_request request = { 0 };
		struct att_authentic is;

		assert_int_equal(att_http_request_line(&request, "GET", rows[i].asked, NULL),
				 ATT_OK);
		assert_int_equal(att_pcs_read(&request, &d.r, NULL), ATT_OK);
		assert_int_equal(att_authenticate(roots, &d.r, &d.answer, &is, NULL),
				 ATT_E_MISMATCH);
		att_http_request_free(&request);
		document_free(&d);
	}
	att_roots_free(roots);
	att_sim_world_free(w);
}

static void under_other_roots(void **state)
{
	att_sim_world *w = world();
	att_sim_world *other = other_world();
	att_roots *roots = roots_of(other);

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(documents); i++) {
		struct document d = document_of(w, documents[i].target);
		struct att_authentic is;

		assert_int_equal(att_authenticate(roots, &d.r, &d.answer, &is, NULL),
				 d.r.what == ATT_PCS_ROOT_CA_CRL ? ATT_E_SIGNATURE : ATT_E_CHAIN);
		document_free(&d);
	}
	att_roots_free(roots);
	att_sim_world_free(w);
	att_sim_world_free(other);
}

/* Every name and key id fits, and the issuer did not sign it. */
static void forged(void **state)
{
	att_sim_world *w = world();
	att_roots *roots = roots_of(w);

	(void)state;
	for (size_t i = 0; i + 1 < ATT_COUNT(documents); i++) {
		struct document d = document_of(w, documents[i].target);
		struct att_http_response answer = { .status = 200 };
		att_auto_buf att_buf pem = { 0 };
		att_auto_buf att_buf header = { 0 };
		struct att_authentic is;

		put_forged_chain(&d, &pem);
		att_http_put_percent(&header, att_buf_bytes(&pem));
		att_put_u8(&header, 0);
		att_http_put_header(&answer, att_pcs_chain_header(&d.r), (const char *)header.ptr);
		att_put(&answer.body, att_buf_bytes(&d.answer.body));
		assert_int_equal(att_authenticate(roots, &d.r, &answer, &is, NULL), ATT_E_CHAIN);
		att_http_response_free(&answer);
		document_free(&d);
	}
	att_roots_free(roots);
	att_sim_world_free(w);
}

/* One digit of the signed text. */
static void altered(void **state)
{
	static const char *const targets[] = { TCB, QE, NUMBERS };
	att_sim_world *w = world();
	att_roots *roots = roots_of(w);

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(targets); i++) {
		struct document d = document_of(w, targets[i]);
		struct att_authentic is;
		uint8_t *date =
		    memmem(d.answer.body.ptr, d.answer.body.len, "nextUpdate\":\"2", 14);

		assert_non_null(date);
		date[16]++; /* the year */
		assert_int_equal(att_authenticate(roots, &d.r, &d.answer, &is, NULL),
				 ATT_E_SIGNATURE);
		document_free(&d);
	}
	att_roots_free(roots);
	att_sim_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_world_signed),
		cmocka_unit_test(faults),
		cmocka_unit_test(not_what_was_asked),
		cmocka_unit_test(under_other_roots),
		cmocka_unit_test(forged),
		cmocka_unit_test(altered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
