/* SPDX-License-Identifier: Apache-2.0 */
/* What the processor says of trusted execution (CPUID). */
#ifndef ATT_PLATFORM_CPU_H
#define ATT_PLATFORM_CPU_H

#include "attest/base.h"

struct att_cpu {
	bool known; /* false: another architecture; all else is then zero */
	char vendor[13];
	bool hypervisor; /* this is a virtual machine */
	bool sgx;        /* the processor has SGX, and the firmware did not hide it */
	bool sgx1;       /* ... and it is enabled */
	bool sgx2;       /* memory can be added to a running enclave */
	bool flc;        /* any launch key may be set */
	bool kss;        /* key separation and sharing */
	bool tdx_guest;
	bool sev;
	bool sev_snp;
};

/* CPUID of leaf and sub-leaf: EAX, EBX, ECX, EDX; zeros where the processor has no such leaf. */
typedef void (*att_cpuid)(uint32_t leaf, uint32_t sub, uint32_t out[4]);

/* Intel SDM volume 2A, CPUID; TDX module ABI specification, leaf 0x21; AMD APM volume 3,
 * Fn8000_001F. */
void att_cpu_read(att_cpuid cpuid, struct att_cpu *out);

/* Of the processor that runs this. */
void att_cpu_look(struct att_cpu *out);

#endif
