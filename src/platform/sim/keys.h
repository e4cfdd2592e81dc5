/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated processor's secrets and how keys follow from them (doc/sim-protocol.md,
 * "Keys"). */
#ifndef ATT_PLATFORM_SIM_KEYS_H
#define ATT_PLATFORM_SIM_KEYS_H

#include "platform/sim/cpu.h"

/* What a processor has burnt in, and what its boot drew. */
struct att_sim_fuses {
	enum att_sim_profile profile;
	uint8_t seal[32];
	uint8_t provisioning[32];
	uint8_t tdreport[32];
	uint8_t report_key_id[32]; /* CR_REPORT_KEYID */
	uint8_t owner_epoch[16];
};

/* False when libcrypto fails. */
bool att_sim_fuses_of(const struct att_sim_cpu_options *options,
		      struct att_sim_fuses *out) ATT_MUST_USE ATT_NONNULL(1, 2);

/* All that a key depends on (Intel SDM volume 3D, EGETKEY, "Key Dependencies"); zero where the
 * key's row of that table has nothing. */
struct att_sim_key_input {
	enum att_sgx_key_name name;
	uint16_t policy;
	uint64_t attributes;
	uint64_t xfrm;
	uint64_t attributes_mask;
	uint64_t xfrm_mask;
	uint32_t misc_select;
	uint32_t misc_mask_inverse;
	uint8_t owner_epoch[16];
	uint8_t cpu_svn[16];
	uint16_t isv_svn;
	uint16_t isv_prod_id;
	uint16_t config_svn;
	uint8_t config_id[64];
	uint8_t isv_family_id[16];
	uint8_t isv_ext_prod_id[16];
	uint8_t mr_enclave[32];
	uint8_t mr_signer[32];
	uint8_t key_id[32];
};

/* What EGETKEY's key depends on, for a request that was found to be allowed. `current_svn` is the
 * CPUSVN register, `request->cpu_svn` the CPUSVN that counts. */
void att_sim_key_of_request(const struct att_sim_fuses *f, const struct att_secs *enclave,
			    const struct att_sgx_keyrequest *request, const uint8_t current_svn[16],
			    struct att_sim_key_input *out) ATT_NONNULL(1, 2, 3, 4, 5);

/* What the REPORT key of a target depends on. */
void att_sim_key_of_target(const struct att_sim_fuses *f, const struct att_sgx_target *target,
			   const uint8_t key_id[32], const uint8_t current_svn[16],
			   struct att_sim_key_input *out) ATT_NONNULL(1, 2, 3, 4, 5);

/* False when libcrypto fails; then the key is zero. */
bool att_sim_key_derive(const struct att_sim_fuses *f, const struct att_sim_key_input *in,
			uint8_t key[static 16]) ATT_MUST_USE ATT_NONNULL(1, 2);

#endif
