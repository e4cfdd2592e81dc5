/* SPDX-License-Identifier: Apache-2.0 */
#include "emulated.h"
#include "platform/tsm.h"

static void quotes_of_both_kinds(void **state)
{
	(void)state;
	machine("tsm:tdx_guest", TDX, "");
	assert_quotes("tsm", TDX);
	assert_null(emu_tsm_entry_at(0));
	machine("tsm:sev_guest", SNP, "");
	assert_quotes("tsm", SNP);
	assert_null(emu_tsm_entry_at(0));
}

static void certificates_come_along(void **state)
{
	(void)state;
	struct att_quoted q;

	machine("tsm:sev_guest", SNP, "");
	assert_int_equal(quote_by("tsm", &q, NULL), ATT_OK);
	assert_int_equal(q.certificates_len, given.bytes[CERTS].len);
	assert_memory_equal(q.certificates, given.bytes[CERTS].ptr, q.certificates_len);
	att_quoted_clear(&q);
	unsetenv("EMULATE_CERTS");
	assert_int_equal(quote_by("tsm", &q, NULL), ATT_OK);
	assert_null(q.certificates);
	att_quoted_clear(&q);
	setenv("EMULATE_CERTS", given.path[CERTS], 1);
}

static void passing_trouble_is_waited_out(void **state)
{
	(void)state;
	static const char *const faults[] = {
		"short=7",
		"signal.open=EINTR:2 signal.read=EINTR:3 signal.write=EINTR:1 signal.mkdir=EINTR:1 "
		"signal.rmdir=EINTR:1",
		"tsm.mkdir=EEXIST:3",
		"tsm.inblob=EBUSY:2",
		"tsm.outblob=EBUSY:2",
		"tsm.outblob=ETIMEDOUT:1",
		"tsm.generation=EAGAIN:1",
		"tsm.lost=1:2", /* what was written is not taken, and nobody is told */
		"tsm.race=1:2",
		"tsm.rmdir=EBUSY:2",
	};

	for (size_t i = 0; i < ATT_COUNT(faults); i++) {
		machine("tsm:tdx_guest", TDX, faults[i]);
		assert_quotes("tsm", TDX);
		assert_null(emu_tsm_entry_at(0));
	}
}

/* Under an SVSM the floor is not 0, and asking at 0 is refused. */
static void asks_at_the_level_of_the_guest(void **state)
{
	(void)state;
	machine("tsm:sev_guest", SNP, "tsm.floor=2");
	assert_quotes("tsm", SNP);
}

static void what_can_not_be_is_said(void **state)
{
	(void)state;
	static const struct bad bad[] = {
		{ "", "", ATT_E_UNAVAILABLE, "no configfs" },
		{ "configfs", "", ATT_E_UNAVAILABLE, "Linux 6.7" },
		{ "tsm:tdx_guest", "tsm.mkdir=ENXIO", ATT_E_UNAVAILABLE, "no provider" },
		{ "tsm:tdx_guest", "tsm.mkdir=EACCES", ATT_E_IO, "needs root" },
		{ "tsm:tdx_guest", "tsm.mkdir=EEXIST", ATT_E_IO, "File exists" },
		{ "tsm:tdx_guest", "tsm.mkdir=ENOMEM", ATT_E_NOMEM, "" },
		{ "tsm:tdx_guest", "tsm.name=arm_cca_guest", ATT_E_UNAVAILABLE, "arm_cca_guest" },
		{ "tsm:tdx_guest", "tsm.provider=ENOENT", ATT_E_UNAVAILABLE, "vanished" },
		{ "tsm:tdx_guest", "tsm.outblob=ENXIO", ATT_E_UNAVAILABLE, "vanished" },
		{ "tsm:tdx_guest", "tsm.outblob=ENOTTY", ATT_E_UNAVAILABLE, "vanished" },
		{ "tsm:tdx_guest", "tsm.outblob=EIO", ATT_E_IO, "outblob: Input/output error" },
		{ "tsm:tdx_guest", "tsm.outblob=EBUSY", ATT_E_UNAVAILABLE, "busy" },
		{ "tsm:tdx_guest", "tsm.inblob=EINVAL", ATT_E_IO, "inblob: Invalid argument" },
		{ "tsm:tdx_guest", "short_write=5", ATT_E_IO, "inblob" },
		{ "tsm:tdx_guest", "tsm.lost=1", ATT_E_UNAVAILABLE, "did not move by one" },
		{ "tsm:tdx_guest", "tsm.race=1", ATT_E_UNAVAILABLE, "did not move by one" },
		{ "tsm:tdx_guest", "tsm.words=1", ATT_E_FORMAT, "no number" },
		{ "tsm:tdx_guest", "tsm.size=0", ATT_E_FORMAT, "empty" },
		{ "tsm:tdx_guest", "tsm.size=700", ATT_E_FORMAT, "no evidence" },
		{ "tsm:tdx_guest", "tsm.size=32769", ATT_E_FORMAT, "more than 32768" },
		{ "tsm:sev_guest", "tsm.size=1183", ATT_E_FORMAT, "no evidence" },
		{ "tsm:sev_guest", "tsm.auxblob=EIO", ATT_E_IO, "auxblob" },
		{ "tsm:sev_guest", "tsm.privlevel_floor=EIO", ATT_E_IO, "privlevel_floor" },
	};

	for (size_t i = 0; i < ATT_COUNT(bad); i++)
		assert_bad("tsm", TDX, &bad[i]);
}

static void another_provider_is_not_taken(void **state)
{
	(void)state;
	struct att_quoted q = { 0 };
	att_err err = { 0 };

	machine("tsm:sev_guest", SNP, "");
	assert_int_equal(att_tsm_quote("tdx_guest", 30, given.report_data, &q, &err),
			 ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "its provider is sev_guest, not tdx_guest"));
	assert_null(emu_tsm_entry_at(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_of_both_kinds),
		cmocka_unit_test(certificates_come_along),
		cmocka_unit_test(passing_trouble_is_waited_out),
		cmocka_unit_test(asks_at_the_level_of_the_guest),
		cmocka_unit_test(what_can_not_be_is_said),
		cmocka_unit_test(another_provider_is_not_taken),
	};
	return RUN_EMULATED(tests);
}
