/* SPDX-License-Identifier: Apache-2.0 */
/* EINIT (Intel SDM volume 3D, "EINIT"): from what was measured and what was signed to an
 * identity. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/enclave/sigstruct.h"
#include "platform/sim/cpu_internal.h"

/* What this processor has: CPUID leaf 12H, subleaves 0 and 1. */
#define KNOWN_ATTRIBUTES                                                         \
	(ATT_SGX_ATTR_DEBUG | ATT_SGX_ATTR_MODE64 | ATT_SGX_ATTR_PROVISION_KEY | \
	 ATT_SGX_ATTR_EINITTOKEN | ATT_SGX_ATTR_KSS | ATT_SGX_ATTR_AEX_NOTIFY)
#define KNOWN_MISC  UINT32_C(0x1) /* EXINFO */
#define XFRM_AVX    UINT64_C(0x4)
#define XFRM_AVX512 UINT64_C(0xe0)
#define XFRM_PKRU   UINT64_C(0x200)
#define XFRM_AMX    UINT64_C(0x60000)
#define KNOWN_XFRM  (ATT_SGX_XFRM_LEGACY | XFRM_AVX | XFRM_AVX512 | XFRM_PKRU | XFRM_AMX)

/* What is wanted for SECS: what was asked for, or what was signed. */
static void wish(const att_sim_cpu *cpu, const struct att_sim_launch *l,
		 const struct att_sigstruct *s, struct att_secs *e)
{
	e->attributes = l->attributes_given ? l->attributes : s->attributes & ~ATT_SGX_ATTR_INIT;
	e->xfrm = l->attributes_given ? l->xfrm : s->xfrm;
	e->misc_select = l->attributes_given ? l->misc_select : s->misc_select;
	if (cpu->debug && !(s->attributes_mask & ATT_SGX_ATTR_DEBUG))
		e->attributes |= ATT_SGX_ATTR_DEBUG;
}

/* ECREATE: what the processor itself demands. */
static att_rc check_possible(const struct att_secs *e, att_err *err)
{
	uint64_t avx512 = e->xfrm & XFRM_AVX512, amx = e->xfrm & XFRM_AMX;

	if (e->attributes & ~KNOWN_ATTRIBUTES)
		return att_fail(err, ATT_E_ARG,
				"attributes 0x%llx: this processor has 0x%llx, and INIT is its own",
				(unsigned long long)e->attributes,
				(unsigned long long)KNOWN_ATTRIBUTES);
	if (!(e->attributes & ATT_SGX_ATTR_MODE64))
		return att_fail(err, ATT_E_ARG, "attributes without MODE64BIT (0x4)");
	if ((e->xfrm & ATT_SGX_XFRM_LEGACY) != ATT_SGX_XFRM_LEGACY || (e->xfrm & ~KNOWN_XFRM) ||
	    (avx512 && (avx512 != XFRM_AVX512 || !(e->xfrm & XFRM_AVX))) ||
	    (amx && amx != XFRM_AMX))
		return att_fail(err, ATT_E_ARG,
				"xfrm 0x%llx is no set of features of this processor (3 always; "
				"0x4, 0xe0 with it, 0x200, 0x60000)",
				(unsigned long long)e->xfrm);
	if (e->misc_select & ~KNOWN_MISC)
		return att_fail(err, ATT_E_ARG, "miscselect 0x%x: this processor has 0x%x",
				e->misc_select, KNOWN_MISC);
	return ATT_OK;
}

static att_rc check_signed(const struct att_secs *e, const struct att_sigstruct *s, att_err *err)
{
	if ((e->attributes ^ s->attributes) & s->attributes_mask & ~ATT_SGX_ATTR_INIT)
		return att_fail(err, ATT_E_DENIED,
				"attributes 0x%llx are not what was signed: 0x%llx under mask "
				"0x%llx",
				(unsigned long long)e->attributes,
				(unsigned long long)s->attributes,
				(unsigned long long)s->attributes_mask);
	if ((e->xfrm ^ s->xfrm) & s->xfrm_mask)
		return att_fail(err, ATT_E_DENIED,
				"xfrm 0x%llx is not what was signed: 0x%llx under mask 0x%llx",
				(unsigned long long)e->xfrm, (unsigned long long)s->xfrm,
				(unsigned long long)s->xfrm_mask);
	if ((e->misc_select ^ s->misc_select) & s->misc_mask)
		return att_fail(err, ATT_E_DENIED,
				"miscselect 0x%x is not what was signed: 0x%x under mask 0x%x",
				e->misc_select, s->misc_select, s->misc_mask);
	if (s->cet_attributes & s->cet_mask)
		return att_fail(err, ATT_E_DENIED,
				"SIGSTRUCT demands CET attributes 0x%x, which this processor has "
				"not",
				s->cet_attributes);
	return ATT_OK;
}

/* Key separation and sharing: without it, its fields are zero. */
static att_rc check_kss(const struct att_secs *e, const struct att_sigstruct *s, att_err *err)
{
	if (e->attributes & ATT_SGX_ATTR_KSS)
		return ATT_OK;
	if (e->config_svn || !att_all_zero(att_bytes_of(e->config_id, sizeof(e->config_id))))
		return att_fail(err, ATT_E_DENIED,
				"CONFIGID and CONFIGSVN are for enclaves with the attribute KSS");
	if (!att_all_zero(att_bytes_of(s->isv_family_id, sizeof(s->isv_family_id))) ||
	    !att_all_zero(att_bytes_of(s->isv_ext_prod_id, sizeof(s->isv_ext_prod_id))))
		return att_fail(err, ATT_E_DENIED,
				"ISVFAMILYID and ISVEXTPRODID are signed for an enclave with the "
				"attribute KSS");
	return ATT_OK;
}

/* Flexible launch control as Linux uses it: no EINITTOKEN. */
static att_rc check_launch(const att_sim_cpu *cpu, const struct att_secs *e, att_err *err)
{
	if (cpu->launch_pinned && memcmp(e->mr_signer, cpu->launch_key_hash, 32) != 0)
		return att_fail(err, ATT_E_DENIED,
				"launch control: MRSIGNER is not IA32_SGXLEPUBKEYHASH");
	return ATT_OK;
}

static att_rc init(const att_sim_cpu *cpu, const struct att_sim_launch *l, att_bytes sigstruct,
		   struct att_secs *e, att_err *err)
{
	struct att_sigstruct s;
	att_rc rc = att_sigstruct_verify(sigstruct, &s, err);

	if (rc != ATT_OK)
		return rc;
	if (memcmp(s.enclave_hash, l->mr_enclave, sizeof(s.enclave_hash)) != 0)
		return att_fail(err, ATT_E_MISMATCH,
				"ENCLAVEHASH of SIGSTRUCT is not the measurement of the image: it "
				"was signed for another one");
	e->size = l->size;
	e->ssa_frame_size = l->ssa_frame_size;
	memcpy(e->mr_enclave, l->mr_enclave, sizeof(e->mr_enclave));
	memcpy(e->config_id, l->config_id, sizeof(e->config_id));
	e->config_svn = l->config_svn;
	e->isv_prod_id = s.isv_prod_id;
	e->isv_svn = s.isv_svn;
	memcpy(e->isv_family_id, s.isv_family_id, sizeof(e->isv_family_id));
	memcpy(e->isv_ext_prod_id, s.isv_ext_prod_id, sizeof(e->isv_ext_prod_id));
	wish(cpu, l, &s, e);
	rc = att_sigstruct_mr_signer(s.modulus, e->mr_signer, err);
	if (rc == ATT_OK)
		rc = check_possible(e, err);
	if (rc == ATT_OK)
		rc = check_signed(e, &s, err);
	if (rc == ATT_OK)
		rc = check_kss(e, &s, err);
	if (rc == ATT_OK)
		rc = check_launch(cpu, e, err);
	e->attributes |= ATT_SGX_ATTR_INIT;
	return rc;
}

att_rc att_sim_einit(const att_sim_cpu *cpu, const struct att_sim_launch *launch,
		     att_bytes sigstruct, struct att_secs *out, att_err *err)
{
	*out = (struct att_secs){ 0 };
	att_rc rc = init(cpu, launch, sigstruct, out, err);

	if (rc == ATT_OK)
		return ATT_OK;
	*out = (struct att_secs){ 0 };
	return att_wrap(err, rc, "EINIT");
}
