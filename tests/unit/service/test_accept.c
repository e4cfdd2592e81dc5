/* SPDX-License-Identifier: Apache-2.0 */
/* What may enter the caching service's store: documents that a simulated world signed, and every
 * reason to refuse one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../platform/sim_document.h"

#include "service/pccs/accept.h"

#define DAY INT64_C(86400)

struct fixture {
	att_sim_world *world;
	att_sim_world *other;
	att_roots *roots;
	struct att_pccs_trust trust;
	struct att_pccs_dates dates;
	att_err err;
};

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	f->world = world();
	f->other = other_world();
	f->roots = roots_of(f->world);
	f->trust = (struct att_pccs_trust){ .roots = f->roots, .now = NOW };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	att_roots_free(f->roots);
	att_sim_world_free(f->world);
	att_sim_world_free(f->other);
	test_free(f);
	return 0;
}

static att_rc accept(struct fixture *f, const struct document *d, att_bytes chain)
{
	const att_bytes body = att_buf_bytes(&d->answer.body);

	f->err = (att_err){ 0 };
	if (d->r.what == ATT_PCS_PCKCRL)
		return att_pccs_accept_pck_crl(&f->trust, d->r.ca, body, chain, &f->dates, &f->err);
	if (d->r.what == ATT_PCS_ROOT_CA_CRL)
		return att_pccs_accept_root_crl(&f->trust, body, &f->dates, &f->err);
	return att_pccs_accept_json(&f->trust, &d->r, body, chain, &f->dates, &f->err);
}

static att_rc accept_own(struct fixture *f, const struct document *d)
{
	att_auto_buf att_buf chain = { 0 };

	put_chain(d, &chain);
	return accept(f, d, att_buf_bytes(&chain));
}

static const char *const documents[] = {
	TCB, TD_TCB, QE, TD_QE, QVE, NUMBERS, PCK_CRL, ROOT
}; /* the last has no chain */

static void what_is_good(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ATT_COUNT(documents); i++) {
		struct document d = document_of(f->world, documents[i]);

		if (accept_own(f, &d) != ATT_OK)
			fail_msg("%s: %s", documents[i], f->err.msg);
		assert_true(f->dates.issued <= NOW && f->dates.expires > NOW);
		document_free(&d);
	}
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
		{ "tcb-info", "expired", TCB, ATT_E_EXPIRED },
		{ "tcb-info", "future", TCB, ATT_E_UNAVAILABLE },
		{ "tcb-signer", "swapped", TCB, ATT_E_CHAIN },
		{ "qe-identity", "bad-signature", QE, ATT_E_SIGNATURE },
		{ "qe-identity", "other-tee", QE, ATT_E_MISMATCH },
		{ "qe-identity", "expired", QE, ATT_E_EXPIRED },
		{ "collateral", "expired", NUMBERS, ATT_E_EXPIRED },
		{ "collateral", "future", NUMBERS, ATT_E_UNAVAILABLE },
		{ "pck-crl", "bad-signature", PCK_CRL, ATT_E_SIGNATURE },
		{ "pck-crl", "expired", PCK_CRL, ATT_E_EXPIRED },
		{ "pck-crl", "future", PCK_CRL, ATT_E_UNAVAILABLE },
		{ "crl-chain", "swapped", PCK_CRL, ATT_E_MISMATCH },
		{ "root-crl", "bad-signature", ROOT, ATT_E_SIGNATURE },
		{ "root-crl", "wrong", ROOT, ATT_E_MISMATCH },
		{ "root-crl", "expired", ROOT, ATT_E_EXPIRED },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		turn(f->world, rows[i].setting, rows[i].value);
		struct document d = document_of(f->world, rows[i].target);
		att_rc rc = accept_own(f, &d);
		if (rc != rows[i].rc)
			fail_msg("%s %s: %s: %s", rows[i].setting, rows[i].value, att_rc_name(rc),
				 f->err.msg);
		document_free(&d);
	}
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
		{ V4 "tcb?fmspc=00906ed50000", TCB },
		{ "/sgx/certification/v3/tcb?fmspc=" FMSPC, TCB },
		{ TCB, "/sgx/certification/v3/tcb?fmspc=" FMSPC },
		{ QE, TD_QE },
		{ QE, QVE },
		{ NUMBERS, "/tdx/certification/v4/tcbevaluationdatanumbers" },
		{ V4 "pckcrl?ca=processor", PCK_CRL },
		{ PCK_CRL, V4 "pckcrl?ca=processor" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct document asked = document_of(f->world, i == 2 ? TCB : rows[i].asked);
		struct document given = document_of(f->world, rows[i].given);
		att_auto_buf att_buf chain = { 0 };

		put_chain(&given, &chain);
		if (i == 2)
			memcpy(asked.r.fmspc, "00906ed50000", sizeof(asked.r.fmspc));
		given.r = asked.r;
		assert_int_equal(accept(f, &given, att_buf_bytes(&chain)), ATT_E_MISMATCH);
		document_free(&asked);
		document_free(&given);
	}
}

/* The CRL of the root under the PCK CA's chain: neither its issuer nor its key. */
static void another_authoritys_crl(void **state)
{
	struct fixture *f = *state;
	struct document d = document_of(f->world, PCK_CRL);
	struct document root = document_of(f->world, ROOT);
	att_auto_buf att_buf chain = { 0 };

	put_chain(&d, &chain);
	assert_int_equal(att_pccs_accept_pck_crl(&f->trust, "platform",
						 att_buf_bytes(&root.answer.body),
						 att_buf_bytes(&chain), &f->dates, NULL),
			 ATT_E_MISMATCH);
	document_free(&d);
	document_free(&root);
}

static void chains(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i + 1 < ATT_COUNT(documents); i++) {
		struct document good = document_of(f->world, documents[i]);
		struct document bad = document_of(f->other, documents[i]);
		att_auto_buf att_buf chain = { 0 };
		att_auto_buf att_buf forged = { 0 };

		/* another root's; one that the root did not sign; the leaf and the root alone */
		assert_int_equal(accept_own(f, &bad), ATT_E_CHAIN);
		put_forged_chain(&good, &forged);
		assert_int_equal(accept(f, &good, att_buf_bytes(&forged)), ATT_E_SIGNATURE);
		put_chain(&good, &chain);
		const att_bytes root = root_in(att_buf_bytes(&chain));
		assert_int_equal(accept(f, &good, att_bytes_of(chain.ptr, chain.len - root.len)),
				 ATT_E_CHAIN);
		assert_int_equal(accept(f, &good, root), ATT_E_CHAIN);
		document_free(&good);
		document_free(&bad);
	}
}

/* What the root's CRL lists, once that is known. */
static void revoked_below_the_root(void **state)
{
	static const struct {
		const char *setting;
		const char *target;
	} rows[] = { { "tcb-signer", TCB }, { "tcb-signer", QE }, { "intermediate", PCK_CRL } };
	struct fixture *f = *state;

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		turn(f->world, rows[i].setting, "revoked");
		struct document root = document_of(f->world, ROOT);
		struct document d = document_of(f->world, rows[i].target);

		f->trust.root_crl = att_bytes_of(NULL, 0);
		assert_int_equal(accept_own(f, &d), ATT_OK);
		f->trust.root_crl = att_buf_bytes(&root.answer.body);
		assert_int_equal(accept_own(f, &d), ATT_E_REVOKED);
		document_free(&d);
		document_free(&root);
	}
}

/* --- PCK certificates --- */

static void put_pck(att_sim_world *w, att_buf *pem, att_buf *chain)
{
	uint8_t ppid[ATT_SIM_ENCRYPTED_PPID];
	att_auto_buf att_buf target = { 0 };
	const struct asking a = { .w = w,
				  .header = "Ocp-Apim-Subscription-Key",
				  .value = "0123456789abcdef" };

	assert_int_equal(att_sim_world_encrypted_ppid(w, ppid, NULL), ATT_OK);
	att_put_str(&target, V4 "pckcert?pceid=0000&pcesvn=0d00&"
				"cpusvn=05050505050505050505050505050505&encrypted_ppid=");
	att_put_hex(&target, att_bytes_of(ppid, sizeof(ppid)));
	att_put_u8(&target, 0);
	struct document d = { .r = { .what = ATT_PCS_PCKCERT, .version = 4 },
			      .answer = ask(&a, (const char *)target.ptr) };
	assert_int_equal(d.answer.status, 200);
	att_put(pem, att_buf_bytes(&d.answer.body));
	put_chain(&d, chain);
	document_free(&d);
}

static void pck_certificates(void **state)
{
	static const uint8_t pce_id[2] = { 0, 0 }, other[2] = { 1, 0 };
	struct fixture *f = *state;
	struct att_platform p;
	att_auto_buf att_buf pem = { 0 };
	att_auto_buf att_buf chain = { 0 };

	turn(f->world, "pck", "revoked");
	struct document crl = document_of(f->world, PCK_CRL);
	const att_bytes list = att_buf_bytes(&crl.answer.body), none = att_bytes_of(NULL, 0);
	put_pck(f->world, &pem, &chain);
	const att_bytes leaf = att_buf_bytes(&pem), issuers = att_buf_bytes(&chain);
	assert_int_equal(
	    att_pccs_accept_pck(&f->trust, leaf, issuers, none, pce_id, &p, &f->dates, NULL),
	    ATT_OK);
	assert_true(p.platform_ca);
	assert_int_equal(
	    att_pccs_accept_pck(&f->trust, leaf, issuers, list, pce_id, &p, &f->dates, NULL),
	    ATT_E_REVOKED);
	assert_int_equal(
	    att_pccs_accept_pck(&f->trust, leaf, issuers, none, other, &p, &f->dates, NULL),
	    ATT_E_MISMATCH);
	f->trust.now = NOW + 100 * 365 * DAY;
	assert_int_equal(
	    att_pccs_accept_pck(&f->trust, leaf, issuers, none, pce_id, &p, &f->dates, NULL),
	    ATT_E_EXPIRED);
	f->trust.now = NOW - 100 * 365 * DAY;
	assert_int_equal(
	    att_pccs_accept_pck(&f->trust, leaf, issuers, none, pce_id, &p, &f->dates, NULL),
	    ATT_E_UNAVAILABLE);
	document_free(&crl);
}

static void lists_of_fmspcs(void **state)
{
	static const struct {
		const char *text;
		att_rc rc;
	} rows[] = {
		{ "[{\"fmspc\":\"00906ED50000\",\"platform\":\"E3\"}]", ATT_OK },
		{ "[{\"fmspc\":\"00906ED500\",\"platform\":\"E3\"}]", ATT_E_FORMAT },
		{ "[{}]", ATT_E_FORMAT },
		{ "{}", ATT_E_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(rows); i++)
		assert_int_equal(
		    att_pccs_accept_fmspcs(att_bytes_of(rows[i].text, strlen(rows[i].text)), NULL),
		    rows[i].rc);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_good),           TEST(faults),          TEST(not_what_was_asked),
		TEST(another_authoritys_crl), TEST(chains),          TEST(revoked_below_the_root),
		TEST(pck_certificates),       TEST(lists_of_fmspcs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
