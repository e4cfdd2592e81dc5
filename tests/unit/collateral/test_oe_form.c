/* SPDX-License-Identifier: Apache-2.0 */
#include "documents.h"

#include "attest/collateral.h"
#include "base/buf.h"

static const char *const texts[9] = {
	"\1\0\0\0", "tcb",      "tcb chain", "crl",      "root crl",
	"chain",    "identity", "id chain",  "created!",
};

static size_t text_len(size_t i)
{
	return i == 0 ? 4 : strlen(texts[i]) + 1;
}

/* Endorsements as Open Enclave writes them, every text with its NUL. */
static void put_oe(att_buf *b)
{
	size_t sum = 0;

	for (size_t i = 0; i < 9; i++)
		sum += text_len(i);
	att_put_le32(b, 1);
	att_put_le32(b, 2);
	att_put_le32(b, (uint32_t)(36 + sum));
	att_put_le32(b, 9);
	sum = 0;
	for (size_t i = 0; i < 9; i++) {
		att_put_le32(b, (uint32_t)sum);
		sum += text_len(i);
	}
	for (size_t i = 0; i < 9; i++)
		att_put_mem(b, texts[i], text_len(i));
}

static void assert_item(const att_collateral *c, enum att_item item, const char *text)
{
	att_bytes b = att_collateral_get(c, item);

	assert_int_equal(b.len, strlen(text));
	assert_memory_equal(b.ptr, text, b.len);
}

static void oe_items(void **state)
{
	(void)state;
	att_auto_buf att_buf b = { 0 };
	att_collateral *c = NULL;

	put_oe(&b);
	assert_int_equal(att_collateral_parse(att_buf_bytes(&b), &c, NULL), ATT_OK);
	assert_string_equal(att_collateral_form(c), "oe-endorsements");
	assert_item(c, ATT_ITEM_TCB_INFO, "tcb");
	assert_item(c, ATT_ITEM_TCB_INFO_ISSUER_CHAIN, "tcb chain");
	assert_item(c, ATT_ITEM_PCK_CRL, "crl");
	assert_item(c, ATT_ITEM_ROOT_CA_CRL, "root crl");
	assert_item(c, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, "chain");
	assert_item(c, ATT_ITEM_QE_IDENTITY, "identity");
	assert_item(c, ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, "id chain");
	assert_int_equal(att_collateral_get(c, ATT_ITEM_TCB_INFO_SIGNATURE).len, 0);
	assert_int_equal(att_collateral_get(c, ATT_ITEM_PCK_CERTIFICATE_CHAIN).len, 0);
	att_collateral_free(c);
}

/* Writes one little-endian word over the blob. */
static void patch(att_buf *b, size_t at, uint32_t v)
{
	for (size_t i = 0; i < 4; i++)
		b->ptr[at + i] = (uint8_t)(v >> (8 * i));
}

static void oe_refused(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		uint32_t value;
		att_rc rc;
		const char *says;
	} rows[] = {
		{ 4, 1, ATT_E_UNSUPPORTED, "seen 1 of 1" },
		{ 4, 3, ATT_E_UNSUPPORTED, "seen 1 of 3" },
		{ 8, 0, ATT_E_TRAILING, "bytes after the end" },
		{ 8, UINT32_MAX, ATT_E_TRUNCATED, "buffer_size is 4294967295 bytes" },
		{ 12, 8, ATT_E_FORMAT, "num_elements: expected 9, seen 8" },
		{ 12, 10, ATT_E_FORMAT, "num_elements: expected 9, seen 10" },
		{ 16, 1, ATT_E_FORMAT, "offsets: element 0" },
		{ 20, 0, ATT_E_FORMAT, "offsets: element 0" },
		{ 20, 1, ATT_E_UNSUPPORTED, "version element" },
		{ 24, 4, ATT_E_FORMAT, "offsets: element 1" },
		{ 24, UINT32_MAX, ATT_E_FORMAT, "offsets: element 2" },
		{ 48, 10000, ATT_E_FORMAT, "offsets: element 8" },
		{ 48, UINT32_MAX, ATT_E_FORMAT, "offsets: element 8" },
		{ 52, 2, ATT_E_UNSUPPORTED, "version element: expected 1" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_auto_buf att_buf b = { 0 };
		att_collateral *c = NULL;
		att_err err = { 0 };

		put_oe(&b);
		patch(&b, rows[i].at, rows[i].value);

		att_rc rc = att_collateral_parse(att_buf_bytes(&b), &c, &err);

		if (rc != rows[i].rc)
			fail_msg("row %zu: %s, %s", i, att_rc_name(rc), err.msg);
		assert_says(&err, rows[i].says);
		assert_null(c);
	}
}

static void put_flat(att_buf *b, uint32_t version, uint32_t tee)
{
	att_put_le32(b, version);
	att_put_le32(b, tee);
	for (size_t i = 1; i < 8; i++) {
		att_put_le64(b, 0x00007f0012345678);
		att_put_le32(b, (uint32_t)text_len(i));
		att_put_le32(b, 0xcccccccc);
	}
	for (size_t i = 1; i < 8; i++)
		att_put_mem(b, texts[i], text_len(i));
}

static void flat_items(void **state)
{
	(void)state;
	static const struct {
		uint32_t version;
		uint32_t tee;
	} rows[] = { { 3, 0x81 }, { 0x00010003, 0x81 }, { 4, 0x81 }, { 4, 0 } };

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_auto_buf att_buf b = { 0 };
		att_collateral *c = NULL;

		put_flat(&b, rows[i].version, rows[i].tee);
		assert_int_equal(att_collateral_parse(att_buf_bytes(&b), &c, NULL), ATT_OK);
		assert_string_equal(att_collateral_form(c), "qve-flat");
		assert_item(c, ATT_ITEM_PCK_CRL_ISSUER_CHAIN, "tcb");
		assert_item(c, ATT_ITEM_ROOT_CA_CRL, "tcb chain");
		assert_item(c, ATT_ITEM_PCK_CRL, "crl");
		assert_item(c, ATT_ITEM_TCB_INFO_ISSUER_CHAIN, "root crl");
		assert_item(c, ATT_ITEM_TCB_INFO, "chain");
		assert_item(c, ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, "identity");
		assert_item(c, ATT_ITEM_QE_IDENTITY, "id chain");
		att_collateral_free(c);
	}
}

static void flat_refused(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		uint32_t value;
		att_rc rc;
		const char *says;
	} rows[] = {
		{ 4, 1, ATT_E_UNSUPPORTED, "tee_type: expected 0 or 0x81, seen 0x1" },
		{ 16, 5, ATT_E_TRUNCATED, "qe_identity" },
		{ 16, 3, ATT_E_TRAILING, "1 byte after the end" },
		{ 16, UINT32_MAX, ATT_E_TRUNCATED, "pck_crl_issuer_chain" },
		{ 112, 0, ATT_E_TRAILING, "9 bytes after the end" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		att_auto_buf att_buf b = { 0 };
		att_collateral *c = NULL;
		att_err err = { 0 };

		put_flat(&b, 4, 0x81);
		patch(&b, rows[i].at, rows[i].value);

		att_rc rc = att_collateral_parse(att_buf_bytes(&b), &c, &err);

		if (rc != rows[i].rc)
			fail_msg("row %zu: %s, %s", i, att_rc_name(rc), err.msg);
		assert_says(&err, rows[i].says);
		assert_null(c);
	}
}

static void every_truncation(void **state)
{
	(void)state;
	for (int flat = 0; flat < 2; flat++) {
		att_auto_buf att_buf b = { 0 };

		if (flat)
			put_flat(&b, 3, 0x81);
		else
			put_oe(&b);
		for (size_t len = 0; len < b.len; len++) {
			att_collateral *c = NULL;

			assert_int_equal(att_collateral_parse(att_bytes_of(b.ptr, len), &c, NULL),
					 ATT_E_TRUNCATED);
			assert_null(c);
		}
		att_put_u8(&b, 0);

		att_collateral *c = NULL;

		assert_int_equal(att_collateral_parse(att_buf_bytes(&b), &c, NULL), ATT_E_TRAILING);
	}
}

static void oe_size_cap(void **state)
{
	(void)state;
	att_auto_buf att_buf b = { 0 };
	att_collateral *c = NULL;
	att_err err = { 0 };

	put_oe(&b);
	att_put_zero(&b, 200 * 1024 - b.len);
	patch(&b, 8, (uint32_t)(b.len - 16));
	assert_int_equal(att_collateral_parse(att_buf_bytes(&b), &c, &err), ATT_OK);
	att_collateral_free(c);
	att_put_u8(&b, 0);
	patch(&b, 8, (uint32_t)(b.len - 16));
	assert_int_equal(att_collateral_parse(att_buf_bytes(&b), &c, &err), ATT_E_FORMAT);
	assert_says(&err, "endorsements are 204801 bytes, at most 204800");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oe_items),         cmocka_unit_test(oe_refused),
		cmocka_unit_test(flat_items),       cmocka_unit_test(flat_refused),
		cmocka_unit_test(every_truncation), cmocka_unit_test(oe_size_cap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
