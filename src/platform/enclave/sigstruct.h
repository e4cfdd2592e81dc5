/* SPDX-License-Identifier: Apache-2.0 */
/* SIGSTRUCT: what an enclave's author signs (Intel SDM volume 3D, SIGSTRUCT). */
#ifndef ATT_PLATFORM_ENCLAVE_SIGSTRUCT_H
#define ATT_PLATFORM_ENCLAVE_SIGSTRUCT_H

#include "attest/base.h"
#include "crypto/rsa_sign.h"

#define ATT_SIGSTRUCT_LEN 1808

#define ATT_SGX_ATTR_INIT          UINT64_C(0x001)
#define ATT_SGX_ATTR_DEBUG         UINT64_C(0x002)
#define ATT_SGX_ATTR_MODE64        UINT64_C(0x004)
#define ATT_SGX_ATTR_PROVISION_KEY UINT64_C(0x010)
#define ATT_SGX_ATTR_EINITTOKEN    UINT64_C(0x020)
#define ATT_SGX_ATTR_CET           UINT64_C(0x040)
#define ATT_SGX_ATTR_KSS           UINT64_C(0x080)
#define ATT_SGX_ATTR_AEX_NOTIFY    UINT64_C(0x400)
#define ATT_SGX_XFRM_LEGACY        UINT64_C(0x003) /* x87 and SSE: every enclave has them */

/* Its fields, by value. Integers are host order, byte fields and big numbers as on the wire. */
struct att_sigstruct {
	uint32_t type;   /* bit 31: of a debug enclave */
	uint32_t vendor; /* 0, or 0x8086: Intel */
	uint32_t date;   /* BCD: 0x20261121 */
	uint32_t sw_defined;
	uint8_t modulus[ATT_RSA3072_LEN]; /* little endian, as the three other numbers */
	uint32_t exponent;                /* 3 */
	uint8_t signature[ATT_RSA3072_LEN];
	uint32_t misc_select;
	uint32_t misc_mask;
	uint8_t cet_attributes;
	uint8_t cet_mask;
	uint8_t isv_family_id[16];
	uint64_t attributes;
	uint64_t xfrm;
	uint64_t attributes_mask;
	uint64_t xfrm_mask;
	uint8_t enclave_hash[32];
	uint8_t isv_ext_prod_id[16];
	uint16_t isv_prod_id;
	uint16_t isv_svn;
	uint8_t q1[ATT_RSA3072_LEN];
	uint8_t q2[ATT_RSA3072_LEN];
};

/* Reads the 1808 bytes; both headers, the vendor, the exponent and all reserved bytes must be as
 * the SDM has them. The signature is not checked. ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_FORMAT. */
att_rc att_sigstruct_parse(att_bytes in, struct att_sigstruct *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* The same, and its signature holds under the modulus in it, and Q1 and Q2 are right. Whose modulus
 * it is is for the caller: att_sigstruct_mr_signer(). As above; ATT_E_SIGNATURE,
 * ATT_E_UNAVAILABLE. */
att_rc att_sigstruct_verify(att_bytes in, struct att_sigstruct *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* MRSIGNER: SHA-256 of the modulus as it stands on the wire. ATT_E_UNAVAILABLE. */
att_rc att_sigstruct_mr_signer(const uint8_t modulus[static ATT_RSA3072_LEN],
			       uint8_t mr_signer[static 32], att_err *err) ATT_MUST_USE;

/* Writes the SIGSTRUCT that says what `terms` says, signed; the numbers in `terms` (modulus,
 * exponent, signature, Q1, Q2) are not looked at. ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sigstruct_sign(const struct att_sigstruct *terms, const att_rsa_signer *signer,
			  uint8_t out[static ATT_SIGSTRUCT_LEN], att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

#endif
