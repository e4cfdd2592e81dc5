/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/sha384.h"

/* FIPS 180-4's example of "abc". */
static void abc_in_pieces(void **state)
{
	static const char expected[] =
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	    "8086072ba1e7cc2358baeca134c825a7";
	att_sha384_stream *s = att_sha384_stream_new();
	uint8_t md[48];
	char hex[97];

	(void)state;
	assert_non_null(s);
	assert_true(att_sha384_stream_put(s, att_bytes_of("a", 1)));
	assert_true(att_sha384_stream_put(s, att_bytes_of(NULL, 0)));
	assert_true(att_sha384_stream_put(s, att_bytes_of("bc", 2)));
	assert_true(att_sha384_stream_end(s, md));
	att_hex_encode(att_bytes_of(md, sizeof(md)), hex);
	assert_string_equal(hex, expected);
	att_sha384_stream_free(s);
	att_sha384_stream_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(abc_in_pieces) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
