/* SPDX-License-Identifier: Apache-2.0 */
/* All twelve requests, against a device written from their description. */
#include "emulated.h"
#include "platform/device.h"
#include "platform/occlum.h"

static att_err err;

static int device(const char *faults)
{
	int fd = -1;

	machine("occlum", SGX, faults);
	err = (att_err){ 0 };
	assert_int_equal(att_occlum_open(&fd, &err), ATT_OK);
	return fd;
}

static void reports_are_made_and_checked(void **state)
{
	(void)state;
	att_auto_fd int fd = device("");
	uint8_t target[512], report[432];

	assert_int_equal(att_occlum_self_target(fd, target, &err), ATT_OK);
	assert_int_equal(target[511], 0xa5);
	assert_int_equal(att_occlum_report(fd, target, given.report_data, report, &err), ATT_OK);
	assert_memory_equal(report + 320, given.report_data, 64);
	assert_int_equal(att_occlum_verify_report(fd, report, &err), ATT_OK);
	report[416] ^= 1;
	assert_int_equal(att_occlum_verify_report(fd, report, &err), ATT_E_SIGNATURE);
	/* Without a target the report is for nobody. */
	assert_int_equal(att_occlum_report(fd, NULL, NULL, report, &err), ATT_OK);
	assert_true(att_all_zero(att_bytes_of(report + 320, 64)));
	assert_int_equal(att_occlum_verify_report(fd, report, &err), ATT_E_SIGNATURE);
}

static void keys(void **state)
{
	(void)state;
	att_auto_fd int fd = device("occlum.11=EINVAL:1");
	uint8_t request[512] = { 4, 0, 1 }, key[16];

	memset(key, 7, sizeof(key));
	assert_int_equal(att_occlum_key(fd, request, key, &err), ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "may not have"));
	assert_true(att_all_zero(att_bytes_of(key, 16)));
	assert_int_equal(att_occlum_key(fd, request, key, &err), ATT_OK);
	assert_int_equal(key[15], 4);
	assert_int_equal(key[13], 1);
}

static void facts(void **state)
{
	(void)state;
	att_auto_fd int fd = device("");
	bool edmm = false, dcap = false;
	uint32_t size;
	uint8_t gid[4];

	assert_int_equal(att_occlum_edmm(fd, &edmm, &err), ATT_OK);
	assert_int_equal(att_occlum_dcap_driver(fd, &dcap, &err), ATT_OK);
	assert_true(edmm && dcap);
	assert_int_equal(att_occlum_quote_size(fd, &size, &err), ATT_OK);
	assert_int_equal(size, given.bytes[SGX].len);
	assert_int_equal(att_occlum_supplemental_size(fd, &size, &err), ATT_OK);
	assert_int_equal(size, 64);
	assert_int_equal(att_occlum_epid_group(fd, gid, &err), ATT_OK);
	assert_int_equal(gid[0], 0x0b);
}

static void facts_that_are_not_known(void **state)
{
	(void)state;
	att_auto_fd int fd =
	    device("occlum.0=EINVAL occlum.6=EINVAL occlum.9=EINVAL occlum.1=EINVAL");
	bool yes = true;
	uint32_t size = 5;
	uint8_t gid[4];

	assert_int_equal(att_occlum_edmm(fd, &yes, &err), ATT_E_UNAVAILABLE);
	assert_false(yes);
	assert_int_equal(att_occlum_dcap_driver(fd, &yes, &err), ATT_E_UNAVAILABLE);
	assert_int_equal(att_occlum_supplemental_size(fd, &size, &err), ATT_E_UNAVAILABLE);
	assert_int_equal(size, 0);
	assert_int_equal(att_occlum_epid_group(fd, gid, &err), ATT_E_UNAVAILABLE);
}

static void quotes_are_made_and_judged(void **state)
{
	(void)state;
	att_auto_fd int fd = device("");
	uint8_t quote[8192], supplemental[64];
	struct att_occlum_verified v;
	att_auto_buf att_buf whole = { 0 };
	uint8_t own[64];

	assert_true(emu_has("occlum"));
	FILE *f = fopen(given.path[SGX], "rb");
	assert_non_null(f);
	att_put_zero(&whole, given.bytes[SGX].len);
	assert_int_equal(fread(whole.ptr, 1, whole.len, f), whole.len);
	fclose(f);
	memcpy(own, whole.ptr + 368, 64);
	assert_int_equal(att_occlum_quote(fd, own, quote, (uint32_t)whole.len, &err), ATT_OK);
	assert_memory_equal(quote, whole.ptr, whole.len);
	att_bytes q = att_bytes_of(quote, whole.len);
	assert_int_equal(att_occlum_verify_quote(fd, q, &v, supplemental, 64, &err), ATT_OK);
	assert_int_equal(v.result, 0);
	assert_int_equal(supplemental[63], 0x77);
	quote[100] ^= 1;
	assert_int_equal(att_occlum_verify_quote(fd, q, &v, NULL, 0, &err), ATT_OK);
	assert_int_equal(v.result, 0xa001);
	assert_int_equal(att_occlum_quote(fd, own, quote, 100, &err), ATT_E_UNAVAILABLE);
	assert_int_equal(att_occlum_verify_quote(fd, att_bytes_of(NULL, 0), &v, NULL, 0, &err),
			 ATT_E_ARG);
	assert_int_equal(att_occlum_verify_quote(fd, q, &v, supplemental, 63, &err),
			 ATT_E_UNAVAILABLE);
}

static void epid_quotes(void **state)
{
	(void)state;
	att_auto_fd int fd = device("");
	uint8_t spid[16], nonce[16], sigrl[5] = { 1, 2, 3, 4, 5 }, quote[256];
	struct att_occlum_epid in = { .report_data = given.report_data,
				      .linkable = true,
				      .spid = spid,
				      .nonce = nonce,
				      .sigrl = att_bytes_of(sigrl, sizeof(sigrl)) };

	memset(spid, 0x11, sizeof(spid));
	memset(nonce, 0x22, sizeof(nonce));
	assert_int_equal(att_occlum_epid_quote(fd, &in, quote, sizeof(quote), &err), ATT_OK);
	assert_memory_equal(quote, given.report_data, 64);
	assert_int_equal(quote[64], 1);
	assert_memory_equal(quote + 68, spid, 16);
	assert_memory_equal(quote + 84, nonce, 16);
	assert_memory_equal(quote + 100, sigrl, 5);
	assert_int_equal(att_occlum_epid_quote(fd, &in, quote, 60, &err), ATT_E_UNAVAILABLE);
	in.sigrl.len = ATT_OCCLUM_QUOTE_MAX + 1;
	assert_int_equal(att_occlum_epid_quote(fd, &in, quote, sizeof(quote), &err), ATT_E_ARG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_are_made_and_checked),
		cmocka_unit_test(keys),
		cmocka_unit_test(facts),
		cmocka_unit_test(facts_that_are_not_known),
		cmocka_unit_test(quotes_are_made_and_judged),
		cmocka_unit_test(epid_quotes),
	};
	return RUN_EMULATED(tests);
}
