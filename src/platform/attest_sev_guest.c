/* SPDX-License-Identifier: Apache-2.0 */
/* SEV-SNP guests by /dev/sev-guest (kernel documentation, virt/coco/sev-guest): the report, and the
 * certificates that the host gave with it (GHCB specification 56421, "SNP Extended Guest
 * Request"). */
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/sev-guest.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "evidence/snp.h"
#include "platform/attester.h"
#include "platform/device.h"

#define DEVICE     "/dev/sev-guest"
#define REPORT_LEN 1184
#define PAGE       4096
#define CERTS_ROOM ((size_t)16 << 10) /* what most drivers take at most */
#define CERTS_MAX  ((size_t)128 << 10)
#define CERT_TRIES 3

struct sev_state {
	unsigned timeout_ms;
};

/* One request with its buffers; the driver's argument points into it. */
struct exchange {
	struct snp_ext_report_req req;
	struct snp_report_resp resp;
	struct snp_guest_request_ioctl arg;
	uint8_t *certs; /* page-aligned */
	size_t room;    /* of certs */
	struct att_pause pause;
};

static void exchange_end(struct exchange *x)
{
	free(x->certs);
}

static att_rc sev_probe(const struct att_attester_options *options, att_err *err)
{
	(void)options;
	if (att_sys_there(DEVICE, 0))
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE,
			DEVICE ": not there; in an SEV-SNP guest, modprobe sev-guest makes it");
}

static att_rc sev_open(const struct att_attester_options *options, void **state, att_err *err)
{
	att_auto_fd int fd = -1;
	att_auto_mem struct sev_state *s = calloc(1, sizeof(*s));

	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	int e = att_sys_open(DEVICE, O_RDWR, &fd);
	if (e)
		return att_sys_fail(err, e, DEVICE,
				    e == EACCES || e == EPERM ? "it needs root, or a rule of udev "
								"that lets your group in"
							      : NULL);
	s->timeout_ms = options->timeout_ms;
	*state = ATT_STEAL(s);
	return ATT_OK;
}

/* Sends the request; a hypervisor that throttles is asked again (GHCB: SNP_GUEST_REQ_ERR_BUSY). */
static int send_request(struct exchange *x, int fd, unsigned long request, const void *req)
{
	int e;

	do {
		x->arg = (struct snp_guest_request_ioctl){ .msg_version = 1 };
		x->arg.req_data = (uintptr_t)req;
		x->arg.resp_data = (uintptr_t)&x->resp;
		memset(&x->resp, 0, sizeof(x->resp));
		e = att_sys_ioctl(fd, request, &x->arg);
	} while (e && (e == EBUSY || e == EAGAIN || x->arg.vmm_error == SNP_GUEST_VMM_ERR_BUSY) &&
		 att_pause(&x->pause));
	return e;
}

static bool make_room(struct exchange *x, size_t room)
{
	free(x->certs);
	x->room = room;
	x->certs = aligned_alloc(PAGE, room);
	if (!x->certs)
		return false;
	memset(x->certs, 0, room);
	x->req.certs_address = (uintptr_t)x->certs;
	x->req.certs_len = (uint32_t)room;
	return true;
}

/* 0, or the errno of the last try. */
static int extended(struct exchange *x, int fd)
{
	size_t room = CERTS_ROOM;

	for (int i = 0; i < CERT_TRIES; i++) {
		if (!make_room(x, room))
			return ENOMEM;
		int e = send_request(x, fd, SNP_GET_EXT_REPORT, &x->req);
		if (!e || x->arg.vmm_error != SNP_GUEST_VMM_ERR_INVALID_LEN)
			return e;
		/* The driver puts what the host wants into certs_len. */
		size_t need = ((size_t)x->req.certs_len + PAGE - 1) / PAGE * PAGE;
		if (need <= room || need > CERTS_MAX)
			return EFBIG;
		room = need;
	}
	return EFBIG;
}

/* AMD 56860, "Attestation", MSG_REPORT_RSP. */
static att_rc take_report(const struct exchange *x, struct att_quoted *out, att_err *err)
{
	att_reader r = att_reader_of(att_bytes_of(x->resp.data, sizeof(x->resp.data)));

	uint32_t status = att_le32(&r, "status");
	uint32_t size = att_le32(&r, "report_size");
	att_skip(&r, 24, "reserved");
	att_bytes report = att_view(&r, REPORT_LEN, "report");
	att_rc rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return rc;
	if (status != 0)
		return att_fail(err, ATT_E_UNAVAILABLE,
				DEVICE ": the firmware refused the report, status 0x%x", status);
	if (size != REPORT_LEN)
		return att_fail(err, ATT_E_FORMAT, DEVICE ": a report of %u bytes, %d expected",
				size, REPORT_LEN);
	out->evidence = att_bytes_dup(report);
	if (!out->evidence)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	out->evidence_len = REPORT_LEN;
	return ATT_OK;
}

/* The driver fills the buffer and does not say how far: the table itself does. Whatever it did say
 * of a length, no more than the buffer is read. A table that can not
 * be read is handed on whole, for it is the host's, and says nothing of the report. */
static void take_certificates(struct exchange *x, struct att_quoted *out)
{
	struct att_snp_certs table;
	att_bytes all = att_bytes_of(x->certs, x->room);

	if (att_all_zero(all))
		return;
	bool read = att_snp_certs_parse(all, &table, NULL) == ATT_OK;
	out->certificates_len = read ? table.len : all.len;
	out->certificates = ATT_STEAL(x->certs);
}

static att_rc failed(const struct exchange *x, int e, att_err *err)
{
	if (x->arg.vmm_error == SNP_GUEST_VMM_ERR_BUSY)
		return att_fail(err, ATT_E_UNAVAILABLE,
				DEVICE ": the hypervisor throttles requests; try again later");
	if (e == ENOTTY)
		return att_fail(err, ATT_E_UNAVAILABLE,
				DEVICE ": the guest's message key (VMPCK) is wiped, or the driver "
				       "has no such request; restart the VM");
	if (e == EIO && (x->arg.fw_error || x->arg.vmm_error))
		return att_fail(err, ATT_E_UNAVAILABLE,
				DEVICE ": firmware error 0x%x, hypervisor error 0x%x; under an "
				       "SVSM, use the attester tsm",
				x->arg.fw_error, x->arg.vmm_error);
	return att_sys_fail(err, e, DEVICE, NULL);
}

/* Drivers and hosts that can not give certificates still give the report. */
static bool plain_may_do(const struct exchange *x, int e)
{
	return (e == EINVAL || e == ENOTTY || e == EFBIG) &&
	       x->arg.vmm_error != SNP_GUEST_VMM_ERR_BUSY;
}

static att_rc sev_quote(void *state, const uint8_t report_data[ATT_REPORT_DATA],
			struct att_quoted *out, att_err *err)
{
	const struct sev_state *s = state;
	__attribute__((cleanup(exchange_end))) struct exchange x = { 0 };
	att_auto_fd int fd = -1;

	x.pause = att_pause_within(s->timeout_ms);
	memcpy(x.req.data.user_data, report_data, ATT_REPORT_DATA);
	int e = att_sys_open(DEVICE, O_RDWR, &fd);
	if (e)
		return att_sys_fail(err, e, DEVICE, NULL);
	e = extended(&x, fd);
	bool certified = e == 0;
	if (plain_may_do(&x, e))
		e = send_request(&x, fd, SNP_GET_REPORT, &x.req.data);
	if (e)
		return failed(&x, e, err);
	att_rc rc = take_report(&x, out, err);
	if (rc == ATT_OK && certified)
		take_certificates(&x, out);
	return rc;
}

const struct att_attester_ops att_attester_sev_guest = {
	.name = "sev-guest",
	.what = "an SEV-SNP guest (" DEVICE ")",
	.probe = sev_probe,
	.open = sev_open,
	.quote = sev_quote,
	.close = free,
};
