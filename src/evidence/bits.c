/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"

#include "base/mem.h"

/* Intel SDM volume 3D, "ATTRIBUTES". */
static const struct att_bit sgx_attributes[] = {
	{ 0, "INIT", "the enclave is initialised; set in every real report" },
	{ 1, "DEBUG", "the host can read and change the enclave's memory" },
	{ 2, "MODE64BIT", "the enclave runs in 64-bit mode" },
	{ 4, "PROVISION_KEY", "may derive the provisioning key, which names the platform" },
	{ 5, "EINITTOKEN_KEY", "may derive the key that authorises launches" },
	{ 6, "CET", "control-flow enforcement is on inside the enclave" },
	{ 7, "KSS",
	  "key separation and sharing: config id, family id and extended product id count" },
	{ 10, "AEXNOTIFY", "the enclave is told when it was interrupted" },
};

/* Intel SDM volume 1, chapter 13: the state components of XCR0 and IA32_XSS. An enclave may have
 * those of XCR0 only; the others matter for TDs. */
#define XSAVE_BITS                                                                                 \
	{ 0, "X87", "x87 floating point" }, { 1, "SSE", "128-bit vectors" },                       \
	    { 2, "AVX", "256-bit vectors" },                                                       \
	    { 3, "BNDREGS", "memory protection extensions, bound registers" },                     \
	    { 4, "BNDCSR", "memory protection extensions, configuration" },                        \
	    { 5, "OPMASK", "avx-512 mask registers" },                                             \
	    { 6, "ZMM_HI256", "avx-512, upper halves of the first 16 registers" },                 \
	    { 7, "HI16_ZMM", "avx-512, the second 16 registers" }, { 8, "PT", "processor trace" }, \
	    { 9, "PKRU", "user-mode memory protection keys" },                                     \
	    { 10, "PASID", "process address space id" },                                           \
	    { 11, "CET_U", "control-flow enforcement, user mode" },                                \
	    { 12, "CET_S", "control-flow enforcement, supervisor mode" },                          \
	    { 13, "HDC", "hardware duty cycling" }, { 14, "UINTR", "user interrupts" },            \
	    { 15, "LBR", "last branch records" }, { 16, "HWP", "hardware power states" },          \
	    { 17, "TILECFG", "matrix tiles, configuration" },                                      \
	    { 18, "TILEDATA", "matrix tiles, data" }, { 19, "APX", "16 more general registers" },

static const struct att_bit xfrm[] = { XSAVE_BITS };
static const struct att_bit xfam[] = { XSAVE_BITS };

/* Intel SDM volume 3D, "MISCSELECT". */
static const struct att_bit misc_select[] = {
	{ 0, "EXINFO", "page and protection faults are reported inside the enclave" },
	{ 1, "CPINFO", "control-protection faults are reported inside the enclave" },
};

/* TDX module ABI specification (348551-008), "ATTRIBUTES". Which of them a TD can have depends on
 * the module: TDX 1.0 knows 0, 28, 30, 31 and 63; "tdx 1.5" marks what came with TDX 1.5 and its
 * updates. Bits 7:0 make a TD untrusted; bits 22:18 are reserved, and harmless when set. */
static const struct att_bit td_attributes[] = {
	{ 0, "DEBUG", "the host can read and change the TD's memory and registers" },
	{ 1, "TUD_RESERVED", "reserved, in the group that makes a TD untrusted" },
	{ 2, "TUD_RESERVED", "reserved, in the group that makes a TD untrusted" },
	{ 3, "TUD_RESERVED", "reserved, in the group that makes a TD untrusted" },
	{ 4, "HGS_PLUS_PROF", "the host's hardware-guided scheduling observes the TD (tdx 1.5)" },
	{ 5, "PERF_PROF", "the host profiles the TD with performance counters (tdx 1.5)" },
	{ 6, "PMT_PROF", "the host profiles the TD with out-of-band telemetry (tdx 1.5)" },
	{ 7, "TUD_RESERVED", "reserved, in the group that makes a TD untrusted" },
	{ 16, "ICSSD", "the module defends the TD against single-stepping (tdx 1.5)" },
	{ 17, "SERVTD_EXT", "the report covers extended facts of service TDs (tdx 1.5)" },
	{ 27, "LASS", "the TD may use linear address space separation (tdx 1.5)" },
	{ 28, "SEPT_VE_DISABLE", "a page taken away stops the TD, no exception is raised in it" },
	{ 29, "MIGRATABLE", "a migration TD may move it to another host (tdx 1.5)" },
	{ 30, "PKS", "the TD may use supervisor protection keys" },
	{ 31, "KL", "the TD may use key locker" },
	{ 62, "TPA", "the TD is the platform's TDX Connect provisioning agent (tdx 1.5)" },
	{ 63, "PERFMON", "the TD may use performance monitoring" },
};

/* AMD 56860 revision 1.58, "Guest Policy". Bits 7:0 and 15:8 are numbers: the least ABI version
 * that the guest may be run with. */
static const struct att_bit snp_policy[] = {
	{ 16, "SMT", "the guest may run where hyperthreading is on" },
	{ 17, "RESERVED", "always one" },
	{ 18, "MIGRATE_MA", "a migration agent may be given to the guest" },
	{ 19, "DEBUG", "the host can read and change the guest's memory" },
	{ 20, "SINGLE_SOCKET", "the guest may run on one socket only" },
	{ 21, "CXL_ALLOW", "the guest may run with memory behind CXL" },
	{ 22, "MEM_AES_256_XTS", "memory must be encrypted with AES-256 in XTS mode" },
	{ 23, "RAPL_DIS", "power must not be measurable (RAPL off)" },
	{ 24, "CIPHERTEXT_HIDING", "ciphertext of the guest's memory must be hidden" },
	{ 25, "PAGE_SWAP_DISABLE", "the host must not move or swap the guest's pages" },
};

/* The same, "PLATFORM_INFO". */
static const struct att_bit snp_platform[] = {
	{ 0, "SMT_EN", "hyperthreading is on" },
	{ 1, "TSME_EN", "all memory is encrypted transparently" },
	{ 2, "ECC_EN", "memory has error correction" },
	{ 3, "RAPL_DIS", "power can not be measured (RAPL off)" },
	{ 4, "CIPHERTEXT_HIDING", "ciphertext of guest memory is hidden" },
	{ 5, "ALIAS_CHECK", "memory was searched for aliases since the last start" },
	{ 6, "IOMMU_WRITE_SAFE", "writes of the IOMMU can not undo the guest's integrity" },
	{ 7, "TIO_EN", "trusted I/O (SEV-TIO) is on" },
};

const struct att_bit *att_bits_of(enum att_bits which, size_t *count)
{
	switch (which) {
	case ATT_BITS_SGX_ATTRIBUTES:
		*count = ATT_COUNT(sgx_attributes);
		return sgx_attributes;
	case ATT_BITS_XFRM:
		*count = ATT_COUNT(xfrm);
		return xfrm;
	case ATT_BITS_MISC_SELECT:
		*count = ATT_COUNT(misc_select);
		return misc_select;
	case ATT_BITS_TD_ATTRIBUTES:
		*count = ATT_COUNT(td_attributes);
		return td_attributes;
	case ATT_BITS_XFAM:
		*count = ATT_COUNT(xfam);
		return xfam;
	case ATT_BITS_SNP_POLICY:
		*count = ATT_COUNT(snp_policy);
		return snp_policy;
	case ATT_BITS_SNP_PLATFORM:
		*count = ATT_COUNT(snp_platform);
		return snp_platform;
	}
	*count = 0;
	return NULL;
}
