/* SPDX-License-Identifier: Apache-2.0 */
#include "emulated.h"

static void quotes(void **state)
{
	(void)state;
	static const char *const faults[] = {
		"tdx.driver=older",
		"tdx.driver=v3",
		"tdx.driver=older tdx.status=0xffffffffffffffff:2",
		"tdx.driver=v3 tdx.quote=EBUSY:2 tdx.report=EBUSY:1",
		"tdx.driver=v3 signal.ioctl=EINTR:2 signal.open=EINTR:1",
	};

	for (size_t i = 0; i < ATT_COUNT(faults); i++) {
		machine("tdx-guest", TDX, faults[i]);
		assert_quotes("tdx-guest", TDX);
	}
}

/* Where a port is configured, the service on the host is asked, as Intel's library does. */
static void quotes_over_vsock(void **state)
{
	(void)state;
	static const char *const faults[] = {
		"",
		"short=100 short_write=100 signal.read=EINTR:3 signal.write=EINTR:2",
		"tdx.driver=v3 vsock.connect=ENODEV",
		"tdx.driver=v3 vsock.port=none",
		"tdx.driver=older vsock.close=1",
	};

	for (size_t i = 0; i < ATT_COUNT(faults); i++) {
		machine("tdx-guest vsock", TDX, faults[i]);
		assert_quotes("tdx-guest", TDX);
	}
}

static void configfs_is_taken_where_it_is(void **state)
{
	(void)state;
	machine("tdx-guest tsm:tdx_guest", TDX, "tdx.report=EIO tsm.race=1:1");
	assert_quotes("tdx-guest", TDX);
	assert_null(emu_tsm_entry_at(0));
}

static void what_can_not_be_is_said(void **state)
{
	(void)state;
	static const struct bad bad[] = {
		{ "", "", ATT_E_UNAVAILABLE, "not there" },
		{ "tdx-guest", "", ATT_E_UNAVAILABLE, "one alone is no quote" },
		{ "tdx-guest", "open.tdx_guest=EACCES", ATT_E_IO, "udev" },
		{ "tdx-guest", "open.tdx_guest=ENXIO", ATT_E_UNAVAILABLE, "No such device" },
		{ "tdx-guest", "tdx.report=ENOTTY", ATT_E_UNAVAILABLE, "is this the TDX" },
		{ "tdx-guest", "tdx.report=EIO", ATT_E_IO, "TDREPORT: Input/output error" },
		{ "tdx-guest", "tdx.report=EBUSY", ATT_E_UNAVAILABLE, "busy" },
		{ "tdx-guest", "tdx.driver=v3 tdx.quote=EIO", ATT_E_IO, "GET_QUOTE" },
		{ "tdx-guest", "tdx.driver=v3 tdx.quote=EBUSY", ATT_E_UNAVAILABLE, "GET_QUOTE" },
		{ "tdx-guest", "tdx.driver=v3 tdx.status=0xffffffffffffffff", ATT_E_UNAVAILABLE,
		  "in flight" },
		{ "tdx-guest", "tdx.driver=v3 tdx.status=0x8000000000000000", ATT_E_UNAVAILABLE,
		  "the host failed" },
		{ "tdx-guest", "tdx.driver=v3 tdx.status=0x8000000000000001", ATT_E_UNAVAILABLE,
		  "no quoting service" },
		{ "tdx-guest", "tdx.driver=v3 qgs.error=0x12003", ATT_E_UNAVAILABLE, "0x12003" },
		{ "tdx-guest", "tdx.driver=v3 tdx.length=1", ATT_E_FORMAT, "truncated" },
		{ "tdx-guest vsock", "vsock.port=none", ATT_E_UNAVAILABLE,
		  "one alone is no quote" },
		{ "tdx-guest vsock", "vsock.connect=ENODEV", ATT_E_UNAVAILABLE,
		  "vsock: connecting" },
		{ "tdx-guest vsock", "vsock.close=1", ATT_E_UNAVAILABLE, "closed the connection" },
		{ "tdx-guest vsock", "vsock.length=1", ATT_E_FORMAT, "vsock: an answer of" },
		{ "tdx-guest vsock", "qgs.error=0x12001", ATT_E_UNAVAILABLE, "0x12001" },
		{ "tdx-guest tsm:sev_guest", "", ATT_E_UNAVAILABLE, "provider is sev_guest" },
	};

	for (size_t i = 0; i < ATT_COUNT(bad); i++)
		assert_bad("tdx-guest", TDX, &bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(quotes_over_vsock),
		cmocka_unit_test(configfs_is_taken_where_it_is),
		cmocka_unit_test(what_can_not_be_is_said),
	};
	return RUN_EMULATED(tests);
}
