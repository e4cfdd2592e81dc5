/* SPDX-License-Identifier: Apache-2.0 */
/* Inside Occlum: quotes and reports by ioctl on /dev/sgx. */
#include "base/error.h"
#include "base/mem.h"
#include "platform/attester.h"
#include "platform/device.h"
#include "platform/occlum.h"

static att_rc occlum_probe(const struct att_attester_options *options, att_err *err)
{
	att_auto_fd int fd = -1;

	(void)options;
	return att_occlum_open(&fd, err);
}

static att_rc occlum_open(const struct att_attester_options *options, void **state, att_err *err)
{
	(void)options;
	(void)err;
	*state = NULL;
	return ATT_OK;
}

static att_rc occlum_quote(void *state, const uint8_t report_data[ATT_REPORT_DATA],
			   struct att_quoted *out, att_err *err)
{
	att_auto_fd int fd = -1;
	att_auto_mem uint8_t *quote = NULL;
	uint32_t size;

	(void)state;
	att_rc rc = att_occlum_open(&fd, err);
	if (rc == ATT_OK)
		rc = att_occlum_quote_size(fd, &size, err);
	if (rc != ATT_OK)
		return rc;
	quote = calloc(1, size);
	if (!quote)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	rc = att_occlum_quote(fd, report_data, quote, size, err);
	if (rc != ATT_OK)
		return rc;
	out->evidence = ATT_STEAL(quote);
	out->evidence_len = size;
	return ATT_OK;
}

const struct att_attester_ops att_attester_occlum = {
	.name = "occlum",
	.what = "an enclave under Occlum (/dev/sgx)",
	.probe = occlum_probe,
	.open = occlum_open,
	.quote = occlum_quote,
};

static att_rc occlum_report(const struct att_attester_options *options, const uint8_t target[512],
			    const uint8_t report_data[ATT_REPORT_DATA], uint8_t report[432],
			    att_err *err)
{
	att_auto_fd int fd = -1;

	(void)options;
	att_rc rc = att_occlum_open(&fd, err);
	return rc == ATT_OK ? att_occlum_report(fd, target, report_data, report, err) : rc;
}

const struct att_report_source att_report_source_occlum = {
	.name = "occlum",
	.probe = occlum_probe,
	.report = occlum_report,
};
