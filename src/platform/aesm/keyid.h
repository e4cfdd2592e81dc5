/* SPDX-License-Identifier: Apache-2.0 */
/* Ids of attestation keys: sgx_att_key_id_ext_t, 256 bytes, of which the first 158
 * (sgx_ql_att_key_id_t) say which key it is. Source: Intel SGX DCAP, "sgx_ql_lib_common.h". */
#ifndef ATT_PLATFORM_AESM_KEYID_H
#define ATT_PLATFORM_AESM_KEYID_H

#include "platform/aesm/client.h"

enum att_aesm_algorithm {
	ATT_AESM_EPID_UNLINKABLE = 0,
	ATT_AESM_EPID_LINKABLE = 1,
	ATT_AESM_ECDSA_P256 = 2,
	ATT_AESM_ECDSA_P384 = 3,
};

/* The fields that say something; all others are zero in the ids of aesmd. */
struct att_aesm_key_fields {
	uint16_t mrsigner_length;
	uint8_t mrsigner[48];
	uint32_t prod_id;
	uint32_t algorithm_id;
	uint8_t spid[ATT_AESM_SPID]; /* EPID, from the caller */
	uint16_t att_key_type;
};

/* The id that aesmd has for the algorithm: EPID unlinkable and linkable, ECDSA on P-256. ATT_E_ARG:
 * it has none. */
att_rc att_aesm_key_id_make(enum att_aesm_algorithm algorithm, struct att_aesm_key_id *out,
			    att_err *err) ATT_MUST_USE ATT_NONNULL(2);

void att_aesm_key_id_read(const struct att_aesm_key_id *id, struct att_aesm_key_fields *out)
    ATT_NONNULL(1, 2);

/* Whether both name the same key: only the first 158 bytes are compared. */
bool att_aesm_key_id_same(const uint8_t a[static ATT_AESM_KEY_ID_BASE],
			  const uint8_t b[static ATT_AESM_KEY_ID_BASE]);

#endif
