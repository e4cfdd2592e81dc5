/* SPDX-License-Identifier: Apache-2.0 */
/* What is issued, read back by the strict readers of this layer, which are held against OpenSSL's
 * elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/issue.h"
#include "crypto/serials.h"
#include "crypto/x509.h"

#define NOW   INT64_C(1750000000)
#define AFTER INT64_C(2600000000) /* in 2052: another form of time */

/* A SEQUENCE of one INTEGER, for an SGX extension. */
static const uint8_t extension_value[] = { 0x30, 0x03, 0x02, 0x01, 0x2a };

struct world {
	att_p256 *tools;
	att_signer *root_key;
	att_signer *leaf_key;
	struct att_issue_party root;
	struct att_issue_party leaf;
};

static int setup(void **state)
{
	static struct world w;

	assert_int_equal(att_p256_new(&w.tools, NULL), ATT_OK);
	assert_int_equal(att_signer_derive(att_bytes_of("s", 1), "root", &w.root_key, NULL),
			 ATT_OK);
	assert_int_equal(att_signer_derive(att_bytes_of("s", 1), "leaf", &w.leaf_key, NULL),
			 ATT_OK);
	w.root = (struct att_issue_party){ .common_name = "the root", .key = w.root_key };
	w.leaf = (struct att_issue_party){ .common_name = "the leaf", .key = w.leaf_key };
	assert_int_equal(att_issue_key_id(w.root_key, true, w.root.key_id, NULL), ATT_OK);
	assert_int_equal(att_issue_key_id(w.leaf_key, false, w.leaf.key_id, NULL), ATT_OK);
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	att_p256_free(w->tools);
	att_signer_free(w->root_key);
	att_signer_free(w->leaf_key);
	return 0;
}

static struct att_issue_cert root_spec(const struct world *w)
{
	return (struct att_issue_cert){
		.subject = &w->root,
		.issuer = &w->root,
		.serial = 0x8000000000000001,
		.not_before = NOW,
		.not_after = AFTER,
		.ca = true,
		.path_len = 1,
		.crl_url = "https://sim.invalid/root.der",
		.sim_marker = true,
	};
}

static struct att_issue_cert leaf_spec(const struct world *w)
{
	return (struct att_issue_cert){
		.subject = &w->leaf,
		.issuer = &w->root,
		.serial = 7,
		.not_before = NOW,
		.not_after = AFTER,
		.crl_url = "https://sim.invalid/root.der",
		.sgx_extension = att_bytes_of(extension_value, sizeof(extension_value)),
	};
}

static void issue(const struct att_issue_cert *spec, att_buf *der, struct att_cert *out)
{
	assert_int_equal(att_issue_cert(spec, der, NULL), ATT_OK);
	att_err err = { 0 };

	if (att_cert_parse(att_buf_bytes(der), out, &err) != ATT_OK)
		fail_msg("%s", err.msg);
}

static bool is(att_bytes a, const char *text)
{
	return att_bytes_eq(a, att_bytes_of(text, strlen(text)));
}

static void a_root(void **state)
{
	struct world *w = *state;
	const struct att_issue_cert spec = root_spec(w);
	att_auto_buf att_buf der = { 0 };
	struct att_cert c;
	uint8_t point[ATT_P256_POINT];

	issue(&spec, &der, &c);
	att_signer_point(w->root_key, point);
	assert_true(is(c.subject_cn, "the root"));
	assert_true(att_bytes_eq(c.issuer, c.subject));
	assert_int_equal(c.serial.len, 9);
	assert_int_equal(c.not_before, NOW);
	assert_int_equal(c.not_after, AFTER);
	assert_memory_equal(c.point, point, sizeof(point));
	assert_true(c.is_ca && c.path_len == 1);
	assert_int_equal(c.key_usage, ATT_KU_KEY_CERT_SIGN | ATT_KU_CRL_SIGN);
	assert_true(c.sim_marker && att_cert_simulated(&c));
	assert_int_equal(c.unknown_critical.len, 0);
	assert_int_equal(c.sgx_extension.len, 0);
	assert_true(att_p256_verify(w->tools, point, c.tbs, c.signature));
}

static void a_leaf(void **state)
{
	struct world *w = *state;
	const struct att_issue_cert spec = leaf_spec(w);
	att_auto_buf att_buf der = { 0 };
	struct att_cert c;
	uint8_t point[ATT_P256_POINT];

	issue(&spec, &der, &c);
	att_signer_point(w->root_key, point);
	assert_true(is(c.subject_cn, "the leaf"));
	assert_true(is(c.issuer_cn, "the root"));
	assert_true(c.has_basic_constraints && !c.is_ca);
	assert_true(c.has_key_usage && (c.key_usage & ATT_KU_DIGITAL_SIGNATURE));
	assert_true(att_bytes_eq(c.skid, att_bytes_of(w->leaf.key_id, ATT_KEY_ID)));
	assert_true(att_bytes_eq(c.akid, att_bytes_of(w->root.key_id, ATT_KEY_ID)));
	assert_true(att_bytes_eq(c.sgx_extension, spec.sgx_extension));
	assert_false(att_cert_simulated(&c));
	assert_true(att_p256_verify(w->tools, point, c.tbs, c.signature));
	att_signer_point(w->leaf_key, point);
	assert_false(att_p256_verify(w->tools, point, c.tbs, c.signature));
}

/* The mark in the key id is enough for clients that can not bear the extension. */
static void the_key_id_marks_too(void **state)
{
	struct world *w = *state;
	struct att_issue_cert spec = root_spec(w);
	att_auto_buf att_buf der = { 0 };
	struct att_cert c;

	spec.sim_marker = false;
	issue(&spec, &der, &c);
	assert_false(c.sim_marker);
	assert_true(att_cert_simulated(&c));
	assert_memory_equal(c.skid.ptr, ATT_SIM_KEYID_PREFIX, strlen(ATT_SIM_KEYID_PREFIX));
}

static void appended_to_what_is_there(void **state)
{
	struct world *w = *state;
	const struct att_issue_cert spec = leaf_spec(w);
	att_auto_buf att_buf der = { 0 };

	att_put_str(&der, "before");
	assert_int_equal(att_issue_cert(&spec, &der, NULL), ATT_OK);
	assert_memory_equal(der.ptr, "before", 6);
	assert_int_equal(der.ptr[6], 0x30);
}

static void no_room(void **state)
{
	struct world *w = *state;
	const struct att_issue_cert spec = leaf_spec(w);
	const struct att_issue_crl crl = { .issuer = &w->root,
					   .this_update = NOW,
					   .next_update = AFTER };
	att_auto_buf att_buf der = { .max = 16 };

	assert_int_equal(att_issue_cert(&spec, &der, NULL), ATT_E_NOMEM);
	assert_int_equal(att_issue_crl(&crl, &der, NULL), ATT_E_NOMEM);
}

static void an_empty_crl(void **state)
{
	struct world *w = *state;
	const struct att_issue_crl spec = {
		.issuer = &w->root, .this_update = NOW, .next_update = AFTER, .number = 5
	};
	att_auto_buf att_buf der = { 0 };
	struct att_crl c;
	uint8_t point[ATT_P256_POINT];

	assert_int_equal(att_issue_crl(&spec, &der, NULL), ATT_OK);
	assert_int_equal(att_crl_parse(att_buf_bytes(&der), &c, NULL), ATT_OK);
	assert_true(is(c.issuer_cn, "the root"));
	assert_int_equal(c.this_update, NOW);
	assert_int_equal(c.next_update, AFTER);
	assert_true(c.has_number && c.number == 5);
	assert_true(att_bytes_eq(c.akid, att_bytes_of(w->root.key_id, ATT_KEY_ID)));
	assert_int_equal(c.revoked_count, 0);
	att_signer_point(w->root_key, point);
	assert_true(att_p256_verify(w->tools, point, c.tbs, c.signature));
}

static void a_crl_that_revokes(void **state)
{
	struct world *w = *state;
	const uint64_t revoked[] = { 9, 7, 0xffffffffffffffff };
	const struct att_issue_crl spec = { .issuer = &w->root,
					    .this_update = NOW,
					    .next_update = AFTER,
					    .revoked = revoked,
					    .revoked_count = ATT_COUNT(revoked) };
	const struct att_issue_cert leaf = leaf_spec(w), root = root_spec(w);
	att_auto_buf att_buf crl_der = { 0 };
	att_auto_buf att_buf leaf_der = { 0 };
	att_auto_buf att_buf root_der = { 0 };
	struct att_crl crl;
	struct att_serials listed;
	struct att_cert c;

	assert_int_equal(att_issue_crl(&spec, &crl_der, NULL), ATT_OK);
	assert_int_equal(att_crl_parse(att_buf_bytes(&crl_der), &crl, NULL), ATT_OK);
	assert_int_equal(crl.revoked_count, 3);
	issue(&leaf, &leaf_der, &c);
	assert_int_equal(att_serials_make(&crl, &listed, NULL), ATT_OK);
	assert_true(att_serials_has(&listed, c.serial));
	issue(&root, &root_der, &c);
	assert_false(att_serials_has(&listed, c.serial));
	att_serials_free(&listed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_root),
		cmocka_unit_test(a_leaf),
		cmocka_unit_test(the_key_id_marks_too),
		cmocka_unit_test(appended_to_what_is_there),
		cmocka_unit_test(no_room),
		cmocka_unit_test(an_empty_crl),
		cmocka_unit_test(a_crl_that_revokes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
