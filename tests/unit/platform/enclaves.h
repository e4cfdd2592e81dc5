/* SPDX-License-Identifier: Apache-2.0 */
/* A small enclave, its author's key and its SIGSTRUCT. Include once. */
#ifndef ATT_TESTS_PLATFORM_ENCLAVES_H
#define ATT_TESTS_PLATFORM_ENCLAVES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "platform/enclave/sign_image.h"
#include "platform/sim/cpu.h"

/* A stream of records: 8 KiB, one measured page. */
static inline void put_image(att_buf *b, uint8_t fill)
{
	att_put_mem(b, "ECREATE", 8);
	att_put_le32(b, 1);
	att_put_le64(b, 8192);
	att_put_zero(b, 44);
	att_put_mem(b, "EADD\0\0\0", 8);
	att_put_le64(b, 0);
	att_put_le64(b, 0x203);
	att_put_zero(b, 40);
	for (unsigned i = 0; i < 16; i++) {
		att_put_mem(b, "EEXTEND", 8);
		att_put_le64(b, 256 * (uint64_t)i);
		att_put_zero(b, 48);
		for (unsigned k = 0; k < 256; k++)
			att_put_u8(b, fill);
	}
	assert_false(b->failed);
}

static inline att_rsa_signer *author(const char *name)
{
	att_rsa_signer *s = NULL;

	assert_int_equal(att_rsa_signer_derive(att_bytes_of("unit", 4), name, &s, NULL), ATT_OK);
	return s;
}

/* Terms that are signed for an enclave of measurement 0x11... */
static inline struct att_sigstruct terms_of_11(void)
{
	struct att_sigstruct s;

	att_sigstruct_defaults(&s);
	memset(s.enclave_hash, 0x11, sizeof(s.enclave_hash));
	s.isv_prod_id = 7;
	s.isv_svn = 3;
	return s;
}

static inline void sign_terms(const struct att_sigstruct *s, const char *name,
			      uint8_t out[static ATT_SIGSTRUCT_LEN])
{
	att_rsa_signer *key = author(name);

	assert_int_equal(att_sigstruct_sign(s, key, out, NULL), ATT_OK);
	att_rsa_signer_free(key);
}

static inline struct att_sim_cpu_options random_options(void)
{
	struct att_sim_cpu_options o = { .profile = ATT_SIM_PROFILE_RANDOM };

	memset(o.secret, 0x5e, sizeof(o.secret));
	memset(o.boot_id, 0xb0, sizeof(o.boot_id));
	memset(o.owner_epoch, 0x0e, sizeof(o.owner_epoch));
	memset(o.cpu_svn, 4, sizeof(o.cpu_svn));
	memset(o.tdx.tee_tcb_svn, 3, sizeof(o.tdx.tee_tcb_svn));
	memset(o.tdx.mr_seam, 0x5a, sizeof(o.tdx.mr_seam));
	return o;
}

static inline att_sim_cpu *cpu_of(const struct att_sim_cpu_options *o)
{
	att_sim_cpu *cpu = NULL;

	assert_int_equal(att_sim_cpu_new(o, &cpu, NULL), ATT_OK);
	return cpu;
}

static inline att_sim_cpu *random_cpu(void)
{
	const struct att_sim_cpu_options o = random_options();

	return cpu_of(&o);
}

static inline att_sim_cpu *intel_cpu(void)
{
	const struct att_sim_cpu_options o = { .profile = ATT_SIM_PROFILE_INTEL };

	return cpu_of(&o);
}

/* An enclave that may ask for every key, with every field set. */
static inline struct att_secs rich_enclave(void)
{
	struct att_secs e = { .size = 8192,
			      .ssa_frame_size = 1,
			      .misc_select = 1,
			      .attributes = ATT_SGX_ATTR_INIT | ATT_SGX_ATTR_MODE64 |
					    ATT_SGX_ATTR_PROVISION_KEY | ATT_SGX_ATTR_EINITTOKEN |
					    ATT_SGX_ATTR_KSS,
			      .xfrm = 0xe7,
			      .isv_prod_id = 7,
			      .isv_svn = 5,
			      .config_svn = 6 };

	memset(e.mr_enclave, 0x11, sizeof(e.mr_enclave));
	memset(e.mr_signer, 0x22, sizeof(e.mr_signer));
	memset(e.config_id, 0x33, sizeof(e.config_id));
	memset(e.isv_family_id, 0x44, sizeof(e.isv_family_id));
	memset(e.isv_ext_prod_id, 0x55, sizeof(e.isv_ext_prod_id));
	return e;
}

#endif
