/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

#define H32 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define H48 H32 "00112233445566778899aabbccddeeff"
#define ANY "\"any_measurement\":true"
#define MRE "\"mr_enclave\":\"" H32 "\""
#define ACCEPTS_ANY \
	"alternative 1: accepts any measurement: it does not matter what runs in the TEE"
#define NOTHING                                                                              \
	"alternative 1: pins no measurement and does not say \"any_measurement\": true: it " \
	"accepts nothing"

static void warned(void **state)
{
	(void)state;
	static const struct {
		const char *members;
		const char *want[3];
	} rows[] = {
		{ MRE, { NULL } },
		{ MRE ",\"mr_signer\":\"" H32 "\"", { NULL } },
		{ MRE ",\"any_measurement\":true", { NULL } },
		{ "\"mr_signer\":\"" H32 "\",\"isv_prod_id\":1,\"min_isv_svn\":2", { NULL } },
		{ "\"mr_td\":\"" H48 "\",\"rtmr1\":\"" H48 "\",\"rtmr2\":\"" H48 "\"", { NULL } },
		{ "", { NOTHING } },
		{ ANY, { ACCEPTS_ANY } },
		{ "\"mr_signer\":\"" H32 "\"",
		  { NOTHING, "alternative 1: mr_signer without isv_prod_id stands for all that "
			     "this signer ever signs: it is no pin" } },
		{ "\"mr_signer\":\"" H32 "\",\"isv_prod_id\":1",
		  { "alternative 1: mr_signer and isv_prod_id without min_isv_svn accept every "
		    "version, faulty ones too" } },
		{ "\"rtmr3\":\"" H48 "\"",
		  { NOTHING, "alternative 1: RTMRs without mr_td: firmware that is not pinned can "
			     "put any value there; it is no pin" } },
		{ "\"mr_td\":\"" H48 "\"",
		  { "alternative 1: mr_td without rtmr1 and rtmr2 pins the firmware, not what it "
		    "boots" } },
		{ MRE ",\"allow_debug\":true",
		  { "alternative 1: allow_debug: the host can read and change the memory of what "
		    "is accepted" } },
		{ MRE ",\"allow_simulated\":true",
		  { "alternative 1: allow_simulated: a simulated platform protects nothing" } },
		{ ANY ",\"allow_service_td\":true",
		  { ACCEPTS_ANY, "alternative 1: allow_service_td without mr_service_td: any "
				 "service TD may act on the TD" } },
		{ MRE ",\"tcb_status\":[\"OutOfDate\"]",
		  { "alternative 1: accepts OutOfDate without an end; grace would give it one" } },
		{ MRE ",\"tcb_status\":\"OutOfDateConfigurationNeeded\"",
		  { "alternative 1: accepts OutOfDate without an end; grace would give it one" } },
		{ MRE ",\"grace\":{\"tcb_status\":\"OutOfDate\",\"for\":\"1d\"}", { NULL } },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		att_policy *p = fixture_policy(rows[i].members);
		size_t n = 0;
		for (; rows[i].want[n]; n++) {
			assert_non_null(att_policy_warning(p, n));
			assert_string_equal(att_policy_warning(p, n), rows[i].want[n]);
		}
		if (att_policy_warning(p, n))
			fail_msg("%s: also warns: %s", rows[i].members, att_policy_warning(p, n));
		att_policy_free(p);
	}
}

static void each_alternative_by_number(void **state)
{
	(void)state;
	static const char text[] = "{\"version\":1,\"any_of\":[{" MRE "},{},{" ANY "}]}";
	att_policy *p;

	assert_int_equal(att_policy_parse(TEXT(text), &p, NULL), ATT_OK);
	assert_memory_equal(att_policy_warning(p, 0), "alternative 2: pins no", 22);
	assert_memory_equal(att_policy_warning(p, 1), "alternative 3: accepts any", 26);
	assert_null(att_policy_warning(p, 2));
	att_policy_free(p);
}

static void empty(void **state)
{
	(void)state;
	static const char text[] = "{\"version\":1,\"any_of\":[]}";
	att_policy *p;

	assert_int_equal(att_policy_parse(TEXT(text), &p, NULL), ATT_OK);
	assert_string_equal(att_policy_warning(p, 0),
			    "any_of is empty: the policy accepts nothing");
	assert_null(att_policy_warning(p, 1));
	att_policy_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warned),
		cmocka_unit_test(each_alternative_by_number),
		cmocka_unit_test(empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
