/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "evidence/eventtype.h"

static void known_types_have_their_names(void **state)
{
	(void)state;
	assert_string_equal(att_event_type_name(0x3), "EV_NO_ACTION");
	assert_string_equal(att_event_type_name(0x4), "EV_SEPARATOR");
	assert_string_equal(att_event_type_name(0x6), "EV_EVENT_TAG");
	assert_string_equal(att_event_type_name(0xd), "EV_IPL");
	assert_string_equal(att_event_type_name(0x80000001), "EV_EFI_VARIABLE_DRIVER_CONFIG");
	assert_string_equal(att_event_type_name(0x80000002), "EV_EFI_VARIABLE_BOOT");
	assert_string_equal(att_event_type_name(0x80000003), "EV_EFI_BOOT_SERVICES_APPLICATION");
	assert_string_equal(att_event_type_name(0x8000000b), "EV_EFI_HANDOFF_TABLES2");
	assert_string_equal(att_event_type_name(0x800000e0), "EV_EFI_VARIABLE_AUTHORITY");
}

static void other_types_are_unknown(void **state)
{
	(void)state;
	assert_string_equal(att_event_type_name(0x14), "unknown");
	assert_string_equal(att_event_type_name(0x80000000), "unknown");
	assert_string_equal(att_event_type_name(0x8000000e), "unknown");
	assert_string_equal(att_event_type_name(UINT32_MAX), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_types_have_their_names),
		cmocka_unit_test(other_types_are_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
