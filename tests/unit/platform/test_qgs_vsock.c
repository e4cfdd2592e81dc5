/* SPDX-License-Identifier: Apache-2.0 */
/* The port in the configuration; the way itself is in test_attest_tdx_guest.c. */
#include "platform/qgs_vsock.h"

#include "emulated.h"

static void ports(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint32_t port;
	} all[] = {
		{ "port=4050", 4050 },
		{ "port = 4050\n", 4050 },
		{ " \tport\t=\t1 \r\n", 1 },
		{ "# port=1\n#port=2\nport=3\nport=4\n", 3 },
		{ "port=x\nport=5\n", 5 },
		{ "port=4294967294", 4294967294u },
		{ "port=4294967295", 0 }, /* VMADDR_PORT_ANY */
		{ "port=99999999999999999999999999", 0 },
		{ "port=", 0 },
		{ "port 4050", 0 },
		{ "port=4050 tcp", 0 },
		{ "report=4050", 0 },
		{ "por", 0 },
		{ "", 0 },
		{ "\n\n", 0 },
	};

	for (size_t i = 0; i < ATT_COUNT(all); i++)
		assert_int_equal(att_qgs_port_of(att_bytes_of(all[i].text, strlen(all[i].text))),
				 all[i].port);
}

static void without_a_port_nobody_is_asked(void **state)
{
	(void)state;
	att_auto_buf att_buf answer = { 0 };

	machine("", TDX, "");
	assert_int_equal(att_qgs_over_vsock(30, att_bytes_of("x", 1), &answer, NULL),
			 ATT_E_MISSING);
	assert_int_equal(answer.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports),
		cmocka_unit_test(without_a_port_nobody_is_asked),
	};
	return RUN_EMULATED(tests);
}
