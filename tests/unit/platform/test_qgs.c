/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/qgs.h"

#include "emulated.h"

static void the_request_is_framed(void **state)
{
	(void)state;
	static const uint8_t head[28] = { 0, 0, 4, 0x18, 1, 0, 0, 0, 0, 0, 0, 0, 0x18, 4,
					  0, 0, 0, 0,    0, 0, 0, 4, 0, 0, 0, 0, 0,    0 };
	uint8_t report[ATT_TDREPORT_LEN];
	att_auto_buf att_buf b = { 0 };

	memset(report, 0x81, sizeof(report));
	att_qgs_put_request(&b, report);
	assert_int_equal(b.len, 4 + 16 + 8 + 1024);
	assert_memory_equal(b.ptr, head, sizeof(head));
	assert_memory_equal(b.ptr + sizeof(head), report, sizeof(report));
}

/* frame length, version, type, size, error, id size, quote size, id, quote */
static const uint8_t good[] = { 0, 0, 0, 29, 1, 0, 0, 0, 1, 0, 0, 0, 29, 0,   0,   0,  0,
				0, 0, 0, 2,  0, 0, 0, 3, 0, 0, 0, 7, 7,  'q', 'u', 'o' };

static void the_quote_is_found(void **state)
{
	(void)state;
	att_bytes q;

	assert_int_equal(att_qgs_response(att_bytes_of(good, sizeof(good)), &q, NULL), ATT_OK);
	assert_true(att_bytes_eq(q, att_bytes_of("quo", 3)));
}

static void what_is_no_answer(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		uint8_t value;
		att_rc rc;
	} all[] = {
		{ 3, 28, ATT_E_FORMAT },    { 3, 30, ATT_E_TRUNCATED },
		{ 4, 2, ATT_E_FORMAT },     { 8, 0, ATT_E_FORMAT },
		{ 12, 30, ATT_E_FORMAT },   { 17, 1, ATT_E_UNAVAILABLE },
		{ 20, 3, ATT_E_TRUNCATED }, { 20, 1, ATT_E_TRAILING },
		{ 24, 2, ATT_E_TRAILING },  { 27, 0x80, ATT_E_TRUNCATED },
	};
	uint8_t bytes[sizeof(good)];
	att_bytes q;

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		memcpy(bytes, good, sizeof(good));
		bytes[all[i].at] = all[i].value;
		assert_int_equal(att_qgs_response(att_bytes_of(bytes, sizeof(bytes)), &q, NULL),
				 all[i].rc);
		assert_int_equal(q.len, 0);
	}
	for (size_t n = 0; n < sizeof(good); n++)
		assert_int_equal(att_qgs_response(att_bytes_of(good, n), &q, NULL),
				 ATT_E_TRUNCATED);
	memcpy(bytes, good, sizeof(good));
	bytes[20] = 5;
	bytes[24] = 0;
	assert_int_equal(att_qgs_response(att_bytes_of(bytes, sizeof(bytes)), &q, NULL),
			 ATT_E_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_request_is_framed),
		cmocka_unit_test(the_quote_is_found),
		cmocka_unit_test(what_is_no_answer),
	};
	return RUN_EMULATED(tests);
}
