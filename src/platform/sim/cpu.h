/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated processor: EINIT, EREPORT, EGETKEY and TDREPORT, with keys of its own. Pure: what it
 * is follows from its options. doc/sim-protocol.md has the key derivations.
 *
 * What it says proves nothing about hardware. One processor must not be used by two threads at
 * once. */
#ifndef ATT_PLATFORM_SIM_CPU_H
#define ATT_PLATFORM_SIM_CPU_H

#include "platform/sim/secs.h"

#define ATT_SIM_CPU_SECRET 32
#define ATT_TDREPORT_LEN   1024

enum att_sim_profile {
	ATT_SIM_PROFILE_RANDOM, /* keys from the root secret */
	ATT_SIM_PROFILE_INTEL,  /* SGX_MODE=SIM of Intel's SDK: keys that everybody knows */
};

/* The TDX module that TDREPORTs speak of. */
struct att_sim_tdx_module {
	uint8_t tee_tcb_svn[16];
	uint8_t mr_seam[48];
	uint8_t mr_signer_seam[48];
	uint8_t seam_attributes[8];
};

struct att_sim_cpu_options {
	enum att_sim_profile profile;
	uint8_t secret[ATT_SIM_CPU_SECRET]; /* RANDOM: stands for the fuses */
	uint8_t boot_id[32];                /* RANDOM: of this boot; REPORT keys change with it */
	uint8_t owner_epoch[16];            /* RANDOM */
	/* RANDOM: sixteen component SVNs, and an older CPUSVN has none that is higher. INTEL: one
	 * of the three the SDK knows; all zero means its default. */
	uint8_t cpu_svn[16];
	/* IA32_SGXLEPUBKEYHASH where it is pinned; else it follows every enclave's signer, as Linux
	 * sets it. */
	bool launch_pinned;
	uint8_t launch_key_hash[32];
	struct att_sim_tdx_module tdx;
};

typedef struct att_sim_cpu att_sim_cpu;

/* ATT_E_ARG (INTEL: a CPUSVN it does not know; RANDOM: a secret of zeros), ATT_E_NOMEM,
 * ATT_E_UNAVAILABLE (libcrypto). */
att_rc att_sim_cpu_new(const struct att_sim_cpu_options *options, att_sim_cpu **out,
		       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
void att_sim_cpu_free(att_sim_cpu *cpu); /* wipes its secrets */

/* The CPUSVN register. Lent, 16 bytes. */
const uint8_t *att_sim_cpu_svn(const att_sim_cpu *cpu) ATT_NONNULL(1);

/* A fault: from now on enclaves are launched with DEBUG wherever their SIGSTRUCT leaves it open,
 * and TDs with it always. */
void att_sim_cpu_set_debug(att_sim_cpu *cpu, bool debug) ATT_NONNULL(1);
bool att_sim_cpu_debug(const att_sim_cpu *cpu) ATT_NONNULL(1);

/* What ECREATE was told and what was measured since. */
struct att_sim_launch {
	uint64_t size;
	uint32_t ssa_frame_size;
	uint8_t mr_enclave[32];
	bool attributes_given; /* else all three are those of the SIGSTRUCT */
	uint64_t attributes;   /* without INIT */
	uint64_t xfrm;
	uint32_t misc_select;
	uint8_t config_id[64];
	uint16_t config_svn;
};

/* EINIT (Intel SDM volume 3D). What att_sigstruct_verify() says; ATT_E_MISMATCH: ENCLAVEHASH is not
 * the measurement; ATT_E_DENIED: attributes, MISCSELECT, KSS fields or launch control refuse it;
 * ATT_E_ARG: attributes this processor has not; ATT_E_UNAVAILABLE. */
att_rc att_sim_einit(const att_sim_cpu *cpu, const struct att_sim_launch *launch,
		     att_bytes sigstruct, struct att_secs *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 4);

/* EREPORT by the enclave. ATT_E_UNAVAILABLE, ATT_E_NOMEM. */
att_rc att_sim_ereport(const att_sim_cpu *cpu, const struct att_secs *enclave,
		       const uint8_t target[static ATT_SGX_TARGETINFO_LEN],
		       const uint8_t report_data[static 64],
		       uint8_t report[static ATT_SGX_REPORT_LEN], att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

/* sgx_status_t of Intel's SDK, for what EGETKEY refuses. */
#define ATT_SGX_SUCCESS           0x0000u
#define ATT_SGX_UNEXPECTED        0x0001u
#define ATT_SGX_INVALID_PARAMETER 0x0002u
#define ATT_SGX_INVALID_ATTRIBUTE 0x3002u
#define ATT_SGX_INVALID_CPUSVN    0x3003u
#define ATT_SGX_INVALID_ISVSVN    0x3004u
#define ATT_SGX_INVALID_KEYNAME   0x3005u

/* EGETKEY by the enclave. ATT_E_DENIED: refused, and `*sgx_code` says what sgx_get_key() would;
 * ATT_E_NOMEM, ATT_E_UNAVAILABLE: `*sgx_code` is ATT_SGX_UNEXPECTED. `key` is zero after a
 * failure. */
att_rc att_sim_egetkey(const att_sim_cpu *cpu, const struct att_secs *enclave,
		       const uint8_t keyrequest[static ATT_SGX_KEYREQUEST_LEN],
		       uint8_t key[static 16], uint32_t *sgx_code, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 5);

/* Was this REPORT made for that enclave, on this processor and in this boot? ATT_E_MISMATCH: it was
 * not; ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_report_verify(const att_sim_cpu *cpu, const struct att_secs *target,
			     const uint8_t report[static ATT_SGX_REPORT_LEN],
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* TDG.MR.REPORT of a TD: REPORTMACSTRUCT, TEE_TCB_INFO and TDINFO, with the module's own part from
 * the processor's options. Of `td` these are read: td_attributes, xfam, mr_td, mr_config_id,
 * mr_owner, mr_owner_config, rtmr. ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_tdreport(const att_sim_cpu *cpu, const struct att_td_body *td,
			const uint8_t report_data[static 64], uint8_t out[static ATT_TDREPORT_LEN],
			att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* EVERIFYREPORT2 and the two hashes: was this TDREPORT made on this processor in this boot? What it
 * says goes to `*td`, report data included. ATT_E_MISMATCH; ATT_E_FORMAT: no TDREPORT;
 * ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_tdreport_verify(const att_sim_cpu *cpu,
			       const uint8_t report[static ATT_TDREPORT_LEN],
			       struct att_td_body *td, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);

#endif
