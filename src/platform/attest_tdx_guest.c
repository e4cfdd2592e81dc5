/* SPDX-License-Identifier: Apache-2.0 */
/* TDX guests by /dev/tdx_guest. The kernel's own driver gives a TDREPORT only, which nobody outside
 * the machine can check: the quote comes from configfs-tsm where that is there, else over vsock
 * from the host's quote generation service where its port is configured, else from the request
 * GET_QUOTE, which older drivers outside the kernel tree have. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "platform/attester.h"
#include "platform/device.h"
#include "platform/qgs.h"
#include "platform/qgs_vsock.h"
#include "platform/tsm.h"

#define DEVICE     "/dev/tdx_guest"
#define BUFFER_LEN ((size_t)16 << 10) /* four pages, as Intel's library asks with */
#define HEADER_LEN 24

struct report_req {
	uint8_t report_data[64];
	uint8_t tdreport[ATT_TDREPORT_LEN];
};
struct quote_req {
	uint64_t buffer;
	uint64_t len;
};
#define TDX_GET_REPORT0   _IOWR('T', 1, struct report_req)
#define TDX_GET_QUOTE     _IOR('T', 4, struct quote_req)
#define TDX_GET_QUOTE_V3  _IOWR('T', 4, struct quote_req) /* the third form of the driver */
#define TDX_IN_FLIGHT     UINT64_MAX
#define TDX_NO_SERVICE    UINT64_C(0x8000000000000001)
#define NO_SERVICE_REMEDY "is qgsd running on the host, and the VM given its port?"

static_assert(TDX_GET_REPORT0 == 0xC4405401u, "linux/tdx-guest.h, TDX_CMD_GET_REPORT0");

struct tdx_state {
	unsigned timeout_ms;
};

static att_rc tdx_probe(const struct att_attester_options *options, att_err *err)
{
	(void)options;
	if (att_sys_there(DEVICE, 0))
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE,
			DEVICE ": not there; in a TDX guest, modprobe tdx_guest makes it");
}

static att_rc device_open(int *fd, att_err *err)
{
	int e = att_sys_open(DEVICE, O_RDWR | O_SYNC, fd);

	if (!e)
		return ATT_OK;
	return att_sys_fail(err, e, DEVICE,
			    e == EACCES || e == EPERM
				? "it needs root, or a rule of udev that lets your group in"
				: NULL);
}

static att_rc tdx_open(const struct att_attester_options *options, void **state, att_err *err)
{
	att_auto_fd int fd = -1;

	att_rc rc = device_open(&fd, err);
	if (rc != ATT_OK)
		return rc;
	struct tdx_state *s = calloc(1, sizeof(*s));
	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	s->timeout_ms = options->timeout_ms;
	*state = s;
	return ATT_OK;
}

static att_rc get_report(int fd, struct report_req *req, struct att_pause *pause, att_err *err)
{
	int e;

	do {
		e = att_sys_ioctl(fd, TDX_GET_REPORT0, req);
	} while (e == EBUSY && att_pause(pause));
	return e ? att_sys_fail(err, e, DEVICE ": TDREPORT",
				e == ENOTTY ? "is this the TDX guest driver?" : NULL)
		 : ATT_OK;
}

/* struct tdx_quote_hdr: version, status, in_len, out_len, then the data. */
static att_rc put_request(att_bytes message, att_buf *b, att_err *err)
{
	b->len = 0;
	att_put_le64(b, 1);
	att_put_le64(b, 0);
	att_put_le32(b, (uint32_t)message.len);
	att_put_le32(b, 0);
	att_put(b, message);
	att_put_zero(b, BUFFER_LEN - b->len);
	return att_buf_ok(b, err);
}

/* Two forms of the number are in use for the same request. */
static int ask_for_quote(int fd, struct quote_req *arg)
{
	int e = att_sys_ioctl(fd, TDX_GET_QUOTE, arg);

	return e == ENOTTY || e == EINVAL ? att_sys_ioctl(fd, TDX_GET_QUOTE_V3, arg) : e;
}

static att_rc failed(int e, att_err *err)
{
	if (e == ENOTTY || e == EINVAL)
		return att_fail(err, ATT_E_UNAVAILABLE,
				DEVICE " gives TDREPORTs, and one alone is no quote: only this "
				       "machine could check it; use Linux 6.7 or later with "
				       "configfs mounted (mount -t configfs none "
				       "/sys/kernel/config)");
	return att_sys_fail(err, e, DEVICE ": GET_QUOTE", NULL);
}

static att_rc take_answer(att_bytes framed, const char *from, struct att_quoted *out, att_err *err)
{
	att_bytes quote;

	att_rc rc = att_qgs_response(framed, &quote, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc == ATT_E_UNAVAILABLE ? rc : ATT_E_FORMAT, "%s", from);
	out->evidence = att_bytes_dup(quote);
	if (!out->evidence)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	out->evidence_len = quote.len;
	return ATT_OK;
}

static att_rc take_quote(att_bytes answer, struct att_quoted *out, bool *again, att_err *err)
{
	att_reader r = att_reader_of(answer);

	*again = false;
	att_skip(&r, 8, "version");
	uint64_t status = att_le64(&r, "status");
	att_skip(&r, 4, "in_len");
	size_t out_len = att_le32(&r, "out_len");
	att_bytes data = att_view(&r, status == 0 ? out_len : 0, "out_len");
	att_rc rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, ATT_E_FORMAT, DEVICE ": GET_QUOTE");
	*again = status == TDX_IN_FLIGHT;
	if (*again)
		return att_fail(err, ATT_E_UNAVAILABLE,
				DEVICE ": GET_QUOTE: still in flight; " NO_SERVICE_REMEDY);
	if (status != 0)
		return att_fail(err, ATT_E_UNAVAILABLE,
				DEVICE ": GET_QUOTE: %s (status 0x%llx); " NO_SERVICE_REMEDY,
				status == TDX_NO_SERVICE ? "no quoting service on the host"
							 : "the host failed",
				(unsigned long long)status);
	return take_answer(data, DEVICE ": GET_QUOTE", out, err);
}

static att_rc quote_by_request(int fd, att_bytes message, struct att_pause *pause,
			       struct att_quoted *out, att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	att_rc rc = ATT_OK;
	bool again = true;

	while (rc == ATT_OK && again) {
		rc = put_request(message, &b, err);
		if (rc != ATT_OK)
			return rc;
		struct quote_req arg = { .buffer = (uintptr_t)b.ptr, .len = b.len };
		int e = ask_for_quote(fd, &arg);
		again = e == EBUSY;
		rc = e ? failed(e, err) : take_quote(att_buf_bytes(&b), out, &again, err);
		if (again && att_pause(pause))
			rc = ATT_OK;
		else
			again = false;
	}
	return rc;
}

/* As Intel's library does: over vsock where a port is configured, else by the driver. */
static att_rc quote_by_device(unsigned timeout_ms, const uint8_t report_data[ATT_REPORT_DATA],
			      struct att_quoted *out, att_err *err)
{
	struct att_pause pause = att_pause_within(timeout_ms);
	struct report_req req = { 0 };
	att_auto_buf att_buf message = { 0 };
	att_auto_buf att_buf answer = { 0 };
	att_auto_fd int fd = -1;
	att_err vsock = { 0 };

	memcpy(req.report_data, report_data, ATT_REPORT_DATA);
	att_rc rc = device_open(&fd, err);
	if (rc == ATT_OK)
		rc = get_report(fd, &req, &pause, err);
	if (rc != ATT_OK)
		return rc;
	att_qgs_put_request(&message, req.tdreport);
	rc = att_buf_ok(&message, err);
	if (rc != ATT_OK)
		return rc;
	rc = att_qgs_over_vsock(timeout_ms, att_buf_bytes(&message), &answer, &vsock);
	if (rc == ATT_OK)
		return take_answer(att_buf_bytes(&answer), "vsock", out, err);
	if (rc == ATT_E_NOMEM)
		return att_fail(err, rc, "out of memory");
	rc = quote_by_request(fd, att_buf_bytes(&message), &pause, out, err);
	if (rc != ATT_OK && rc != ATT_E_NOMEM && vsock.rc != ATT_E_MISSING && err)
		*err = vsock; /* what was configured is what is to be mended */
	return rc == ATT_OK || rc == ATT_E_NOMEM || vsock.rc == ATT_E_MISSING ? rc : vsock.rc;
}

static att_rc tdx_quote(void *state, const uint8_t report_data[ATT_REPORT_DATA],
			struct att_quoted *out, att_err *err)
{
	const struct tdx_state *s = state;

	if (att_tsm_probe(NULL) == ATT_OK)
		return att_tsm_quote("tdx_guest", s->timeout_ms, report_data, out, err);
	return quote_by_device(s->timeout_ms, report_data, out, err);
}

const struct att_attester_ops att_attester_tdx_guest = {
	.name = "tdx-guest",
	.what = "a TDX guest (" DEVICE ")",
	.probe = tdx_probe,
	.open = tdx_open,
	.quote = tdx_quote,
	.close = free,
};
