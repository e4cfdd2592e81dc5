/* SPDX-License-Identifier: Apache-2.0 */
/* Inside Gramine: files of /dev/attestation (Gramine documentation, "Attestation and Secret
 * Provisioning"). They belong to the whole process: two threads that attest at once disturb each
 * other. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/attester.h"
#include "platform/device.h"

#define DIR         "/dev/attestation"
#define QUOTE_MAX   8192
#define REPORT_LEN  432
#define TARGET_LEN  512
#define WRITE_TRIES 3

/* The PAL tells no reasons: whatever the enclave's side fails of is EACCES. */
static att_rc failed(att_err *err, int e, const char *path, const char *causes)
{
	return att_sys_fail(err, e, path, e == EACCES ? causes : NULL);
}

static att_rc gramine_report_probe(const struct att_attester_options *options, att_err *err)
{
	(void)options;
	if (att_sys_there(DIR "/user_report_data", 0))
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE,
			DIR
			"/user_report_data: not there; it is for processes inside Gramine on SGX");
}

/* "none" means that the manifest asks for no remote attestation: no quote file then. */
static att_rc gramine_probe(const struct att_attester_options *options, att_err *err)
{
	att_auto_buf att_buf type = { 0 };

	att_rc rc = gramine_report_probe(options, err);
	if (rc != ATT_OK)
		return rc;
	int e = att_sys_read_file(DIR "/attestation_type", 64, &type);
	if (e == ENOENT) /* older Gramine: the file came with the second kind of attestation */
		return ATT_OK;
	if (e)
		return failed(err, e, DIR "/attestation_type", NULL);
	if (!att_bytes_eq(att_buf_bytes(&type), att_bytes_of("none", 4)))
		return ATT_OK;
	return att_fail(err, ATT_E_IO,
			DIR "/attestation_type: none; set sgx.remote_attestation = \"dcap\" in the "
			    "manifest");
}

static att_rc gramine_open(const struct att_attester_options *options, void **state, att_err *err)
{
	(void)options;
	(void)err;
	*state = NULL;
	return ATT_OK;
}

/* A write replaces the content, zero-padded: the rest of a short write can not be written after
 * it, only all of it again. */
static att_rc put(const char *path, att_bytes value, att_err *err)
{
	int e = EIO;

	for (int i = 0; i < WRITE_TRIES && e == EIO; i++)
		e = att_sys_write_file(path, value);
	if (e)
		return failed(err, e, path, "Gramine refused the value");
	return ATT_OK;
}

static att_rc get(const char *path, size_t max, att_buf *out, const char *causes, att_err *err)
{
	int e = att_sys_read_file(path, max, out);

	if (e)
		return failed(err, e, path, causes);
	return out->len ? ATT_OK : att_fail(err, ATT_E_FORMAT, "%s: empty", path);
}

static att_rc gramine_quote(void *state, const uint8_t report_data[ATT_REPORT_DATA],
			    struct att_quoted *out, att_err *err)
{
	att_auto_buf att_buf quote = { 0 };

	(void)state;
	att_rc rc = put(DIR "/user_report_data", att_bytes_of(report_data, ATT_REPORT_DATA), err);
	if (rc == ATT_OK)
		rc = get(DIR "/quote", QUOTE_MAX, &quote,
			 "the quoting enclave could not sign: is AESM running on the host, and has "
			 "its PCCS the certificate of this platform?",
			 err);
	if (rc != ATT_OK)
		return rc;
	out->evidence_len = quote.len;
	out->evidence = ATT_STEAL(quote.ptr);
	return ATT_OK;
}

const struct att_attester_ops att_attester_gramine = {
	.name = "gramine",
	.what = "an enclave under Gramine (/dev/attestation)",
	.probe = gramine_probe,
	.open = gramine_open,
	.quote = gramine_quote,
};

static att_rc gramine_report(const struct att_attester_options *options, const uint8_t target[512],
			     const uint8_t report_data[ATT_REPORT_DATA], uint8_t report[432],
			     att_err *err)
{
	att_auto_buf att_buf got = { 0 };

	(void)options;
	att_rc rc = put(DIR "/target_info", att_bytes_of(target, TARGET_LEN), err);
	if (rc == ATT_OK)
		rc = put(DIR "/user_report_data", att_bytes_of(report_data, ATT_REPORT_DATA), err);
	if (rc == ATT_OK)
		rc = get(DIR "/report", REPORT_LEN, &got, "the enclave could make no report", err);
	if (rc != ATT_OK)
		return rc;
	if (got.len != REPORT_LEN)
		return att_fail(err, ATT_E_FORMAT, DIR "/report: %zu bytes, %d expected", got.len,
				REPORT_LEN);
	memcpy(report, got.ptr, REPORT_LEN);
	return ATT_OK;
}

const struct att_report_source att_report_source_gramine = {
	.name = "gramine",
	.probe = gramine_report_probe,
	.report = gramine_report,
};
