/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/device.h"

#include <errno.h>
#include <fcntl.h>

#include "emulated.h"

static void files_are_read_to_their_end(void **state)
{
	(void)state;
	att_auto_buf att_buf b = { 0 };

	machine("gramine", SGX, "short=100 signal.read=EINTR:4");
	assert_int_equal(att_sys_read_file("/dev/attestation/quote", 8192, &b), 0);
	assert_int_equal(b.len, given.bytes[SGX].len);
	b.len = 0;
	assert_int_equal(att_sys_read_file("/dev/attestation/quote", b.cap < 1 ? 1 : 1000, &b),
			 EFBIG);
	assert_int_equal(att_sys_read_file("/dev/attestation/none", 10, &b), ENOENT);
}

static void writes_are_whole_or_fail(void **state)
{
	(void)state;
	machine("gramine", SGX, "short_write=63:1");
	att_bytes in = att_bytes_of(given.report_data, 64);
	assert_int_equal(att_sys_write_file("/dev/attestation/user_report_data", in), EIO);
	assert_int_equal(att_sys_write_file("/dev/attestation/user_report_data", in), 0);
	assert_int_equal(att_sys_write_file("/dev/attestation/none", in), ENOENT);
}

static void what_is_there(void **state)
{
	(void)state;
	machine("gramine occlum", SGX, "");
	assert_true(att_sys_there("/dev/attestation", S_IFDIR));
	assert_false(att_sys_there("/dev/attestation", S_IFCHR));
	assert_true(att_sys_there("/dev/sgx", S_IFCHR));
	assert_true(att_sys_there("/dev/sgx", 0));
	assert_false(att_sys_there("/dev/tdx_guest", 0));
}

static void errors_have_their_codes(void **state)
{
	(void)state;
	static const struct {
		int error;
		att_rc rc;
	} all[] = { { ENOENT, ATT_E_UNAVAILABLE }, { ENXIO, ATT_E_UNAVAILABLE },
		    { ENOTTY, ATT_E_UNAVAILABLE }, { EBUSY, ATT_E_UNAVAILABLE },
		    { ENOMEM, ATT_E_NOMEM },       { EFBIG, ATT_E_FORMAT },
		    { EACCES, ATT_E_IO },          { EIO, ATT_E_IO } };
	att_err err = { 0 };

	for (size_t i = 0; i < ATT_COUNT(all); i++)
		assert_int_equal(att_sys_fail(NULL, all[i].error, "x", NULL), all[i].rc);
	assert_int_equal(att_sys_fail(&err, EACCES, "/dev/x", "ask"), ATT_E_IO);
	assert_string_equal(err.msg, "/dev/x: Permission denied; ask");
	assert_int_equal(att_sys_fail(&err, EIO, "/dev/x", NULL), ATT_E_IO);
	assert_string_equal(err.msg, "/dev/x: Input/output error");
}

static void pauses_end(void **state)
{
	(void)state;
	struct att_pause p = att_pause_within(10);
	int n = 0;

	while (att_pause(&p))
		n++;
	assert_int_equal(p.spent_ms, 10);
	assert_int_equal(n, 4); /* 1, 2, 4, and the 3 that are left */
	assert_int_equal(att_pause_within(0).limit_ms, 15000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read_to_their_end),
		cmocka_unit_test(writes_are_whole_or_fail),
		cmocka_unit_test(what_is_there),
		cmocka_unit_test(errors_have_their_codes),
		cmocka_unit_test(pauses_end),
	};
	return RUN_EMULATED(tests);
}
