/* SPDX-License-Identifier: Apache-2.0 */
/* Occlum's /dev/sgx, as a process inside the library OS sees it: all twelve requests. Occlum turns
 * every error into EINVAL, so messages say what each request can fail of. */
#ifndef ATT_PLATFORM_OCCLUM_H
#define ATT_PLATFORM_OCCLUM_H

#include "attest/base.h"

#define ATT_OCCLUM_QUOTE_MAX        ((size_t)64 << 10)
#define ATT_OCCLUM_SUPPLEMENTAL_MAX ((size_t)64 << 10)

/* Opens the device; the caller closes *fd. ATT_E_UNAVAILABLE when it is not there, or is another
 * driver's /dev/sgx; ATT_E_IO. */
att_rc att_occlum_open(int *fd, att_err *err) ATT_MUST_USE;

/* SELF_TARGET: the calling enclave's TARGETINFO. */
att_rc att_occlum_self_target(int fd, uint8_t target[static 512], att_err *err) ATT_MUST_USE;

/* CREATE_REPORT. NULL target or report data stand for zeros. */
att_rc att_occlum_report(int fd, const uint8_t *target, const uint8_t *report_data,
			 uint8_t report[static 432], att_err *err) ATT_MUST_USE;

/* VERIFY_REPORT: was the report made on this platform for this enclave? ATT_E_SIGNATURE. */
att_rc att_occlum_verify_report(int fd, const uint8_t report[static 432],
				att_err *err) ATT_MUST_USE;

/* GET_KEY: EGETKEY with this KEYREQUEST. The caller wipes the key. */
att_rc att_occlum_key(int fd, const uint8_t request[static 512], uint8_t key[static 16],
		      att_err *err) ATT_MUST_USE;

/* IS_EDMM_SUPPORTED, DETECT_DCAP_DRIVER. */
att_rc att_occlum_edmm(int fd, bool *out, att_err *err) ATT_MUST_USE;
att_rc att_occlum_dcap_driver(int fd, bool *out, att_err *err) ATT_MUST_USE;

/* GET_DCAP_QUOTE_SIZE, GET_DCAP_SUPPLEMENTAL_SIZE; a size of 0 or beyond the caps above is
 * ATT_E_FORMAT. */
att_rc att_occlum_quote_size(int fd, uint32_t *size, att_err *err) ATT_MUST_USE;
att_rc att_occlum_supplemental_size(int fd, uint32_t *size, att_err *err) ATT_MUST_USE;

/* GEN_DCAP_QUOTE into `size` bytes at `quote`. */
att_rc att_occlum_quote(int fd, const uint8_t report_data[static 64], uint8_t *quote, uint32_t size,
			att_err *err) ATT_MUST_USE;

/* VER_DCAP_QUOTE: what the host's verification says; the host fetched the collateral and told the
 * time. `supplemental` may be NULL, with size 0. */
struct att_occlum_verified {
	uint32_t collateral_expired; /* not zero: outside its dates */
	uint32_t result;             /* sgx_ql_qv_result_t */
};
att_rc att_occlum_verify_quote(int fd, att_bytes quote, struct att_occlum_verified *out,
			       uint8_t *supplemental, uint32_t supplemental_size,
			       att_err *err) ATT_MUST_USE;

/* GET_EPID_GROUP_ID (little-endian, as AESM gives it) and GEN_EPID_QUOTE. */
att_rc att_occlum_epid_group(int fd, uint8_t gid[static 4], att_err *err) ATT_MUST_USE;

struct att_occlum_epid {
	const uint8_t *report_data; /* 64 bytes */
	bool linkable;
	const uint8_t *spid;  /* 16 bytes */
	const uint8_t *nonce; /* 16 bytes */
	att_bytes sigrl;      /* may be empty */
};
att_rc att_occlum_epid_quote(int fd, const struct att_occlum_epid *in, uint8_t *quote,
			     uint32_t size, att_err *err) ATT_MUST_USE;

#endif
