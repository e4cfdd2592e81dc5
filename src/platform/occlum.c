/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/occlum.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/device.h"

#define DEVICE "/dev/sgx"

/* Arguments as the library OS defines them (occlum, src/libos/src/fs/dev_fs/dev_sgx). */
struct arg_report {
	const void *target;
	const void *report_data;
	void *report;
};
struct arg_quote {
	const void *report_data;
	uint32_t *size;
	void *quote;
};
struct arg_verify {
	const void *quote;
	uint32_t size;
	uint32_t *expired;
	uint32_t *result;
	uint32_t supplemental_size;
	void *supplemental;
};
struct arg_key {
	const void *request;
	void *key;
};
struct arg_epid {
	uint8_t report_data[64];
	uint32_t type; /* 0 unlinkable, 1 linkable */
	uint8_t spid[16];
	uint8_t nonce[16];
	const void *sigrl;
	uint32_t sigrl_len;
	uint32_t size;
	void *quote;
};

/* The device compares the whole number, sizes and direction included. */
#define IS_EDMM_SUPPORTED     _IOR('s', 0, int32_t)
#define GET_EPID_GROUP_ID     _IOR('s', 1, uint8_t[4])
#define GEN_EPID_QUOTE        _IOWR('s', 2, struct arg_epid)
#define SELF_TARGET           _IOR('s', 3, uint8_t[512])
#define CREATE_REPORT         _IOWR('s', 4, struct arg_report)
#define VERIFY_REPORT         _IOW('s', 5, uint8_t[432])
#define DETECT_DCAP_DRIVER    _IOR('s', 6, int32_t)
#define GET_DCAP_QUOTE_SIZE   _IOR('s', 7, uint32_t)
#define GEN_DCAP_QUOTE        _IOWR('s', 8, struct arg_quote)
#define GET_SUPPLEMENTAL_SIZE _IOR('s', 9, uint32_t)
#define VER_DCAP_QUOTE        _IOWR('s', 10, struct arg_verify)
#define GET_KEY               _IOWR('s', 11, struct arg_key)

static_assert(GEN_EPID_QUOTE == 0xC0807302u && SELF_TARGET == 0x82007303u &&
		  CREATE_REPORT == 0xC0187304u && VERIFY_REPORT == 0x41B07305u &&
		  GEN_DCAP_QUOTE == 0xC0187308u && VER_DCAP_QUOTE == 0xC030730Au &&
		  GET_KEY == 0xC010730Bu,
	      "arguments have the sizes of the 64-bit interface");

/* Versions that do not hide it say EBUSY while the quoting enclave is occupied. */
static int request_patiently(int fd, unsigned long request, void *arg)
{
	struct att_pause p = att_pause_within(0);
	int e;

	do {
		e = att_sys_ioctl(fd, request, arg);
	} while (e == EBUSY && att_pause(&p));
	return e;
}

static att_rc failed(att_err *err, int e, const char *request, const char *causes)
{
	(void)att_sys_fail(err, e, request, causes);
	if (err)
		err->rc = e == EINVAL ? ATT_E_UNAVAILABLE : err->rc;
	return att_wrap(err, err ? err->rc : ATT_E_UNAVAILABLE, DEVICE);
}

att_rc att_occlum_self_target(int fd, uint8_t target[static 512], att_err *err)
{
	int e = att_sys_ioctl(fd, SELF_TARGET, target);

	return e ? failed(err, e, "SELF_TARGET", "is this Occlum's device?") : ATT_OK;
}

/* Out-of-tree SGX drivers have called a device or a folder of the host /dev/sgx too: only Occlum's
 * answers this. */
att_rc att_occlum_open(int *fd, att_err *err)
{
	att_auto_fd int device = -1;
	uint8_t target[512];

	*fd = -1;
	if (att_sys_there(DEVICE, S_IFDIR))
		return att_fail(err, ATT_E_UNAVAILABLE,
				DEVICE ": a folder of the host's SGX driver; Occlum's is a device");
	int e = att_sys_open(DEVICE, O_RDONLY, &device);
	if (e)
		return att_sys_fail(err, e, DEVICE, "it is there for processes inside Occlum only");
	att_rc rc = att_occlum_self_target(device, target, err);
	if (rc != ATT_OK)
		return rc;
	*fd = device;
	device = -1;
	return ATT_OK;
}

att_rc att_occlum_report(int fd, const uint8_t *target, const uint8_t *report_data,
			 uint8_t report[static 432], att_err *err)
{
	struct arg_report arg = { target, report_data, report };

	memset(report, 0, 432);
	int e = att_sys_ioctl(fd, CREATE_REPORT, &arg);
	return e ? failed(err, e, "CREATE_REPORT", "the enclave could make no report") : ATT_OK;
}

att_rc att_occlum_verify_report(int fd, const uint8_t report[static 432], att_err *err)
{
	uint8_t arg[432];

	memcpy(arg, report, sizeof(arg));
	int e = att_sys_ioctl(fd, VERIFY_REPORT, arg);
	if (e == EINVAL)
		return att_fail(err, ATT_E_SIGNATURE,
				DEVICE ": VERIFY_REPORT: not a report made on this platform for "
				       "this enclave");
	return e ? failed(err, e, "VERIFY_REPORT", NULL) : ATT_OK;
}

att_rc att_occlum_key(int fd, const uint8_t request[static 512], uint8_t key[static 16],
		      att_err *err)
{
	struct arg_key arg = { request, key };

	memset(key, 0, 16);
	int e = att_sys_ioctl(fd, GET_KEY, &arg);
	if (!e)
		return ATT_OK;
	att_wipe(key, 16);
	return failed(err, e, "GET_KEY", "the key request asks for what this enclave may not have");
}

static att_rc yes_or_no(int fd, unsigned long request, const char *name, bool *out, att_err *err)
{
	int32_t value = 0;

	*out = false;
	int e = att_sys_ioctl(fd, request, &value);
	if (e)
		return failed(err, e, name, "this Occlum does not know the request");
	*out = value != 0;
	return ATT_OK;
}

att_rc att_occlum_edmm(int fd, bool *out, att_err *err)
{
	return yes_or_no(fd, IS_EDMM_SUPPORTED, "IS_EDMM_SUPPORTED", out, err);
}

att_rc att_occlum_dcap_driver(int fd, bool *out, att_err *err)
{
	return yes_or_no(fd, DETECT_DCAP_DRIVER, "DETECT_DCAP_DRIVER", out, err);
}

static att_rc size_of(int fd, unsigned long request, const char *name, size_t max, uint32_t *size,
		      att_err *err)
{
	uint32_t value = 0;

	*size = 0;
	int e = request_patiently(fd, request, &value);
	if (e)
		return failed(err, e, name,
			      "Occlum was built without DCAP, or the host lacks its libraries "
			      "(libsgx-dcap-ql, libsgx-dcap-quote-verify)");
	if (value == 0 || value > max)
		return att_fail(err, ATT_E_FORMAT, DEVICE ": %s says %u bytes, 1 to %zu expected",
				name, value, max);
	*size = value;
	return ATT_OK;
}

att_rc att_occlum_quote_size(int fd, uint32_t *size, att_err *err)
{
	return size_of(fd, GET_DCAP_QUOTE_SIZE, "GET_DCAP_QUOTE_SIZE", ATT_OCCLUM_QUOTE_MAX, size,
		       err);
}

att_rc att_occlum_supplemental_size(int fd, uint32_t *size, att_err *err)
{
	return size_of(fd, GET_SUPPLEMENTAL_SIZE, "GET_DCAP_SUPPLEMENTAL_SIZE",
		       ATT_OCCLUM_SUPPLEMENTAL_MAX, size, err);
}

att_rc att_occlum_quote(int fd, const uint8_t report_data[static 64], uint8_t *quote, uint32_t size,
			att_err *err)
{
	struct arg_quote arg = { report_data, &size, quote };

	memset(quote, 0, size);
	int e = request_patiently(fd, GEN_DCAP_QUOTE, &arg);
	return e ? failed(err, e, "GEN_DCAP_QUOTE",
			  "the host's quoting enclave could not sign: is AESM running, and has "
			  "its PCCS the certificate of this platform?")
		 : ATT_OK;
}

att_rc att_occlum_verify_quote(int fd, att_bytes quote, struct att_occlum_verified *out,
			       uint8_t *supplemental, uint32_t supplemental_size, att_err *err)
{
	*out = (struct att_occlum_verified){ 0 };
	if (quote.len == 0 || quote.len > ATT_OCCLUM_QUOTE_MAX)
		return att_fail(err, ATT_E_ARG, "quote of %zu bytes, 1 to %zu expected", quote.len,
				ATT_OCCLUM_QUOTE_MAX);
	struct arg_verify arg = {
		.quote = quote.ptr,
		.size = (uint32_t)quote.len,
		.expired = &out->collateral_expired,
		.result = &out->result,
		.supplemental_size = supplemental_size,
		.supplemental = supplemental,
	};
	int e = request_patiently(fd, VER_DCAP_QUOTE, &arg);
	return e ? failed(err, e, "VER_DCAP_QUOTE",
			  "the host could not verify: libraries, collateral or the QvE are missing")
		 : ATT_OK;
}

att_rc att_occlum_epid_group(int fd, uint8_t gid[static 4], att_err *err)
{
	memset(gid, 0, 4);
	int e = request_patiently(fd, GET_EPID_GROUP_ID, gid);
	return e ? failed(err, e, "GET_EPID_GROUP_ID",
			  "EPID needs AESM on the host and a CPU provisioned for it")
		 : ATT_OK;
}

att_rc att_occlum_epid_quote(int fd, const struct att_occlum_epid *in, uint8_t *quote,
			     uint32_t size, att_err *err)
{
	struct arg_epid arg = {
		.type = in->linkable ? 1 : 0,
		.sigrl = in->sigrl.len ? in->sigrl.ptr : NULL,
		.sigrl_len = (uint32_t)in->sigrl.len,
		.size = size,
		.quote = quote,
	};

	if (in->sigrl.len > ATT_OCCLUM_QUOTE_MAX)
		return att_fail(err, ATT_E_ARG, "revocation list of %zu bytes, at most %zu",
				in->sigrl.len, ATT_OCCLUM_QUOTE_MAX);
	memcpy(arg.report_data, in->report_data, sizeof(arg.report_data));
	memcpy(arg.spid, in->spid, sizeof(arg.spid));
	memcpy(arg.nonce, in->nonce, sizeof(arg.nonce));
	memset(quote, 0, size);
	int e = request_patiently(fd, GEN_EPID_QUOTE, &arg);
	return e ? failed(err, e, "GEN_EPID_QUOTE",
			  "EPID needs AESM on the host, a right SPID and a buffer large enough")
		 : ATT_OK;
}
