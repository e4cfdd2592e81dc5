/* SPDX-License-Identifier: Apache-2.0 */
#include "emulated.h"

static void reports(void **state)
{
	(void)state;
	static const char *const faults[] = {
		"",
		"sev.busy=1:3",
		"sev.ext=EBUSY:1",
		"sev.need=32768:1",
		"signal.ioctl=EINTR:2 signal.open=EINTR:1",
		"sev.ext=ENOTTY",   /* a driver without the request */
		"sev.ext=EINVAL",   /* one that takes less room for certificates */
		"sev.need=1048576", /* more certificates than anybody has */
	};

	for (size_t i = 0; i < ATT_COUNT(faults); i++) {
		machine("sev-guest", SNP, faults[i]);
		assert_quotes("sev-guest", SNP);
	}
}

static void certificates_of(const char *faults, const uint8_t *expected, size_t len)
{
	struct att_quoted q;

	machine("sev-guest", SNP, faults);
	assert_int_equal(quote_by("sev-guest", &q, NULL), ATT_OK);
	assert_int_equal(q.certificates_len, len);
	if (len)
		assert_memory_equal(q.certificates, expected, len);
	else
		assert_null(q.certificates);
	att_quoted_clear(&q);
}

/* As long as the table says, zeros at its end included, whatever room there was. */
static void certificates_come_along(void **state)
{
	(void)state;
	const uint8_t *table = given.bytes[CERTS].ptr;
	size_t len = given.bytes[CERTS].len;

	certificates_of("", table, len);
	certificates_of("sev.need=20480:1", table, len);
	certificates_of("sev.ext=ENOTTY", NULL, 0);
	unsetenv("EMULATE_CERTS");
	certificates_of("", NULL, 0);
	setenv("EMULATE_CERTS", given.path[CERTS], 1);
}

/* A table that can not be read is the host's fault, and no reason to lose the report. */
static void a_broken_table_is_handed_on(void **state)
{
	(void)state;
	struct att_quoted q;
	uint8_t certs[24];
	char path[128];

	memset(certs, 0xff, sizeof(certs));
	snprintf(path, sizeof(path), "%s/broken", given.dir);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(certs, 1, sizeof(certs), f), sizeof(certs));
	fclose(f);
	setenv("EMULATE_CERTS", path, 1);
	machine("sev-guest", SNP, "");
	assert_int_equal(quote_by("sev-guest", &q, NULL), ATT_OK);
	assert_int_equal(q.certificates_len, 16384);
	assert_memory_equal(q.certificates, certs, sizeof(certs));
	att_quoted_clear(&q);
	setenv("EMULATE_CERTS", given.path[CERTS], 1);
	unlink(path);
}

static void what_can_not_be_is_said(void **state)
{
	(void)state;
	static const struct bad bad[] = {
		{ "", "", ATT_E_UNAVAILABLE, "not there" },
		{ "sev-guest", "open.sev-guest=EACCES", ATT_E_IO, "udev" },
		{ "sev-guest", "open.sev-guest=ENODEV", ATT_E_UNAVAILABLE, "No such device" },
		{ "sev-guest", "sev.busy=1", ATT_E_UNAVAILABLE, "throttles" },
		{ "sev-guest", "sev.firmware=0x16", ATT_E_UNAVAILABLE, "firmware error 0x16" },
		{ "sev-guest", "sev.ext=EIO", ATT_E_IO, "Input/output error" },
		{ "sev-guest", "sev.ext=EBUSY", ATT_E_UNAVAILABLE, "busy" },
		{ "sev-guest", "sev.ext=ENOTTY sev.report=ENOTTY", ATT_E_UNAVAILABLE, "wiped" },
		{ "sev-guest", "sev.ext=EINVAL sev.report=EFAULT", ATT_E_IO, "Bad address" },
		{ "sev-guest", "sev.status=0x16", ATT_E_UNAVAILABLE, "status 0x16" },
		{ "sev-guest", "sev.size=1183", ATT_E_FORMAT, "1183 bytes, 1184 expected" },
	};

	for (size_t i = 0; i < ATT_COUNT(bad); i++)
		assert_bad("sev-guest", SNP, &bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports),
		cmocka_unit_test(certificates_come_along),
		cmocka_unit_test(a_broken_table_is_handed_on),
		cmocka_unit_test(what_can_not_be_is_said),
	};
	return RUN_EMULATED(tests);
}
