/* SPDX-License-Identifier: Apache-2.0 */
/* An enclave's identity as the processor keeps it (Intel SDM volume 3D, SECS), and the structures
 * in which enclaves speak of identities. */
#ifndef ATT_PLATFORM_SIM_SECS_H
#define ATT_PLATFORM_SIM_SECS_H

#include "attest/evidence.h"

#define ATT_SGX_REPORT_LEN     432
#define ATT_SGX_TARGETINFO_LEN 512
#define ATT_SGX_KEYREQUEST_LEN 512

struct att_secs {
	uint64_t size;           /* of the enclave's address range, in bytes; 0: not known */
	uint32_t ssa_frame_size; /* pages */
	uint32_t misc_select;
	uint64_t attributes;
	uint64_t xfrm;
	uint8_t mr_enclave[32];
	uint8_t mr_signer[32];
	uint8_t config_id[64];
	uint16_t isv_prod_id;
	uint16_t isv_svn;
	uint16_t config_svn;
	uint8_t isv_family_id[16];
	uint8_t isv_ext_prod_id[16];
};

/* TARGETINFO (512 bytes): for whom a REPORT is made. */
struct att_sgx_target {
	uint8_t mr_enclave[32];
	uint64_t attributes;
	uint64_t xfrm;
	uint16_t config_svn;
	uint32_t misc_select;
	uint8_t config_id[64];
};

enum att_sgx_key_name {
	ATT_SGX_KEY_EINITTOKEN,
	ATT_SGX_KEY_PROVISION,
	ATT_SGX_KEY_PROVISION_SEAL,
	ATT_SGX_KEY_REPORT,
	ATT_SGX_KEY_SEAL
};

#define ATT_SGX_POLICY_MRENCLAVE    0x01u
#define ATT_SGX_POLICY_MRSIGNER     0x02u
#define ATT_SGX_POLICY_NOISVPRODID  0x04u /* this and those below: enclaves with KSS only */
#define ATT_SGX_POLICY_CONFIGID     0x08u
#define ATT_SGX_POLICY_ISVFAMILYID  0x10u
#define ATT_SGX_POLICY_ISVEXTPRODID 0x20u
#define ATT_SGX_POLICY_KSS          0x3cu
#define ATT_SGX_POLICY_ALL          0x3fu

/* KEYREQUEST (512 bytes). */
struct att_sgx_keyrequest {
	uint16_t key_name;
	uint16_t key_policy;
	uint16_t isv_svn;
	uint8_t cpu_svn[16];
	uint64_t attributes_mask;
	uint64_t xfrm_mask;
	uint8_t key_id[32];
	uint32_t misc_mask;
	uint16_t config_svn;
	bool reserved_zero; /* every reserved byte is zero */
};

/* Fixed lengths: nothing can fail but reserved bytes, which parsers above look at. */
void att_sgx_target_read(const uint8_t in[static ATT_SGX_TARGETINFO_LEN],
			 struct att_sgx_target *out);
void att_sgx_keyrequest_read(const uint8_t in[static ATT_SGX_KEYREQUEST_LEN],
			     struct att_sgx_keyrequest *out);
void att_sgx_keyrequest_write(const struct att_sgx_keyrequest *r,
			      uint8_t out[static ATT_SGX_KEYREQUEST_LEN]);

/* TARGETINFO of an enclave, and of the enclave that a REPORT speaks of. */
void att_secs_target(const struct att_secs *s, uint8_t out[static ATT_SGX_TARGETINFO_LEN]);
void att_sgx_report_target(const uint8_t report[static ATT_SGX_REPORT_LEN],
			   uint8_t out[static ATT_SGX_TARGETINFO_LEN]);

/* The body of a REPORT, with that CPUSVN and report data. */
void att_secs_body(const struct att_secs *s, const uint8_t cpu_svn[static 16],
		   const uint8_t report_data[static 64], struct att_sgx_body *out);

/* The MAC of a REPORT under its target's REPORT key: of its body, for the key id behind it is in
 * the key. ATT_E_UNAVAILABLE. */
att_rc att_sgx_report_mac(const uint8_t report_key[static 16], const uint8_t *report,
			  uint8_t mac[static 16], att_err *err) ATT_MUST_USE;

/* Was this REPORT made for the enclave whose REPORT key (EGETKEY with the report's key id) this is?
 * ATT_E_MISMATCH: it was not; ATT_E_UNAVAILABLE. */
att_rc att_sgx_report_check(const uint8_t report_key[static 16],
			    const uint8_t report[static ATT_SGX_REPORT_LEN],
			    att_err *err) ATT_MUST_USE;

#endif
