/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/cpu.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/enclave/sigstruct.h"
#include "platform/sim/body.h"
#include "platform/sim/cpu_internal.h"
#include "platform/sim/fixed.h"

#define KEY_ID_AT 384u
#define MAC_AT    416u

/* The CPUSVNs of Intel's simulation, lowest first (linux-sgx, "DOWNGRADED_CPUSVN" and so on). */
static const uint8_t intel_svns[][16] = {
	{ 0x64, 0xea, 0x4f, 0x3f, 0xa0, 0x03, 0x0c, 0x36, 0x38, 0x3c, 0x32, 0x2d, 0x4f, 0x3a, 0x8d,
	  0x4f },
	{ 0x48, 0x20, 0xf3, 0x37, 0x6a, 0xe6, 0xb2, 0xf2, 0x03, 0x4d, 0x3b, 0x7a, 0x4b, 0x48, 0xa7,
	  0x78 },
	{ 0x53, 0x39, 0xae, 0x8c, 0x93, 0xae, 0x8f, 0x3c, 0xe4, 0x32, 0xdb, 0x92, 0x4d, 0x0f, 0x07,
	  0x33 },
};
#define INTEL_DEFAULT_SVN 1

/* Its place in the order; the number of them all when it is none. */
static size_t intel_rank(const uint8_t svn[16])
{
	size_t i = 0;

	while (i < ATT_COUNT(intel_svns) && memcmp(svn, intel_svns[i], 16) != 0)
		i++;
	return i;
}

static att_rc choose_svn(const struct att_sim_cpu_options *o, uint8_t svn[16], att_err *err)
{
	bool zero = att_all_zero(att_bytes_of(o->cpu_svn, sizeof(o->cpu_svn)));

	memcpy(svn, o->cpu_svn, sizeof(o->cpu_svn));
	if (o->profile == ATT_SIM_PROFILE_RANDOM)
		return ATT_OK;
	if (zero)
		memcpy(svn, intel_svns[INTEL_DEFAULT_SVN], sizeof(o->cpu_svn));
	else if (intel_rank(svn) == ATT_COUNT(intel_svns))
		return att_fail(err, ATT_E_ARG,
				"the CPUSVN is none of the three of Intel's simulation");
	return ATT_OK;
}

att_rc att_sim_cpu_new(const struct att_sim_cpu_options *o, att_sim_cpu **out, att_err *err)
{
	*out = NULL;
	if (o->profile == ATT_SIM_PROFILE_RANDOM &&
	    att_all_zero(att_bytes_of(o->secret, sizeof(o->secret))))
		return att_fail(err, ATT_E_ARG, "the processor's secret is all zeros");
	att_sim_cpu *cpu = calloc(1, sizeof(*cpu));
	if (!cpu)
		return att_fail(err, ATT_E_NOMEM, "out of memory for a processor");
	att_rc rc = choose_svn(o, cpu->cpu_svn, err);
	if (rc == ATT_OK && !att_sim_fuses_of(o, &cpu->fuses))
		rc = att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not make a processor's keys");
	if (rc != ATT_OK) {
		att_sim_cpu_free(cpu);
		return rc;
	}
	cpu->launch_pinned = o->launch_pinned;
	memcpy(cpu->launch_key_hash, o->launch_key_hash, sizeof(cpu->launch_key_hash));
	cpu->tdx = o->tdx;
	*out = cpu;
	return ATT_OK;
}

void att_sim_cpu_free(att_sim_cpu *cpu)
{
	if (!cpu)
		return;
	att_wipe(cpu, sizeof(*cpu));
	free(cpu);
}

const uint8_t *att_sim_cpu_svn(const att_sim_cpu *cpu)
{
	return cpu->cpu_svn;
}

void att_sim_cpu_set_debug(att_sim_cpu *cpu, bool debug)
{
	cpu->debug = debug;
}

bool att_sim_cpu_debug(const att_sim_cpu *cpu)
{
	return cpu->debug;
}

/* --- EREPORT --- */

static att_rc report_key(const att_sim_cpu *cpu, const struct att_sgx_target *target,
			 const uint8_t key_id[32], uint8_t key[static 16], att_err *err)
{
	struct att_sim_key_input in;

	att_sim_key_of_target(&cpu->fuses, target, key_id, cpu->cpu_svn, &in);
	if (!att_sim_key_derive(&cpu->fuses, &in, key))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not derive a REPORT key");
	return ATT_OK;
}

att_rc att_sim_ereport(const att_sim_cpu *cpu, const struct att_secs *enclave,
		       const uint8_t target[static ATT_SGX_TARGETINFO_LEN],
		       const uint8_t report_data[static 64],
		       uint8_t report[static ATT_SGX_REPORT_LEN], att_err *err)
{
	struct att_sgx_target to;
	struct att_sgx_body body;
	uint8_t bytes[ATT_SGX_REPORT_LEN], key[16];
	att_buf b = att_sim_fixed(bytes, sizeof(bytes));

	att_sgx_target_read(target, &to);
	att_secs_body(enclave, cpu->cpu_svn, report_data, &body);
	att_sim_put_sgx_body(&b, &body);
	att_put_mem(&b, cpu->fuses.report_key_id, sizeof(cpu->fuses.report_key_id));
	att_rc rc = report_key(cpu, &to, cpu->fuses.report_key_id, key, err);
	if (rc == ATT_OK)
		rc = att_sgx_report_mac(key, bytes, bytes + MAC_AT, err);
	att_wipe(key, sizeof(key));
	if (rc == ATT_OK)
		memcpy(report, bytes, sizeof(bytes));
	return rc;
}

att_rc att_sim_report_verify(const att_sim_cpu *cpu, const struct att_secs *target,
			     const uint8_t report[static ATT_SGX_REPORT_LEN], att_err *err)
{
	uint8_t bytes[ATT_SGX_TARGETINFO_LEN], key[16];
	struct att_sgx_target self;

	if (memcmp(report + KEY_ID_AT, cpu->fuses.report_key_id, 32) != 0)
		return att_fail(err, ATT_E_MISMATCH,
				"the REPORT's key id is not of this processor's present boot");
	att_secs_target(target, bytes);
	att_sgx_target_read(bytes, &self);
	att_rc rc = report_key(cpu, &self, report + KEY_ID_AT, key, err);
	if (rc == ATT_OK)
		rc = att_sgx_report_check(key, report, err);
	att_wipe(key, sizeof(key));
	return rc;
}

/* --- EGETKEY --- */

/* A refusal of EGETKEY: what sgx_get_key() answers, and why. */
static att_rc refuse(uint32_t code, uint32_t *sgx_code, att_err *err, const char *why)
{
	*sgx_code = code;
	return att_fail(err, ATT_E_DENIED, "EGETKEY: %s (sgx_status_t 0x%04x)", why, code);
}

/* What is a general protection fault of the instruction, and a bad parameter to sgx_get_key(). */
static att_rc check_form(const struct att_secs *e, const struct att_sgx_keyrequest *r,
			 uint32_t *sgx_code, att_err *err)
{
	bool kss = (e->attributes & ATT_SGX_ATTR_KSS) != 0;

	if (!r->reserved_zero)
		return refuse(ATT_SGX_INVALID_PARAMETER, sgx_code, err,
			      "reserved bytes of KEYREQUEST are not zero");
	if (r->key_policy & ~ATT_SGX_POLICY_ALL)
		return refuse(ATT_SGX_INVALID_PARAMETER, sgx_code, err,
			      "reserved bits of KEYPOLICY are not zero");
	if (!kss && (r->key_policy & ATT_SGX_POLICY_KSS))
		return refuse(ATT_SGX_INVALID_PARAMETER, sgx_code, err,
			      "KEYPOLICY has bits for enclaves with KSS, which this one is not");
	if (!kss && r->config_svn)
		return refuse(ATT_SGX_INVALID_PARAMETER, sgx_code, err,
			      "CONFIGSVN is for enclaves with KSS, which this one is not");
	return ATT_OK;
}

/* CPUSVNs of the past are for sealed data of the past; none of the future is known. */
static bool svn_reached(const att_sim_cpu *cpu, const uint8_t svn[16])
{
	if (cpu->fuses.profile == ATT_SIM_PROFILE_INTEL)
		return intel_rank(svn) <= intel_rank(cpu->cpu_svn);
	for (size_t i = 0; i < sizeof(cpu->cpu_svn); i++)
		if (svn[i] > cpu->cpu_svn[i])
			return false;
	return true;
}

static att_rc check_right(const att_sim_cpu *cpu, const struct att_secs *e,
			  const struct att_sgx_keyrequest *r, uint32_t *sgx_code, att_err *err)
{
	bool provision =
	    r->key_name == ATT_SGX_KEY_PROVISION || r->key_name == ATT_SGX_KEY_PROVISION_SEAL;

	if (r->key_name > ATT_SGX_KEY_SEAL)
		return refuse(ATT_SGX_INVALID_KEYNAME, sgx_code, err, "no such key name");
	if (r->key_name == ATT_SGX_KEY_REPORT)
		return ATT_OK;
	if (provision && !(e->attributes & ATT_SGX_ATTR_PROVISION_KEY))
		return refuse(ATT_SGX_INVALID_ATTRIBUTE, sgx_code, err,
			      "the enclave has no attribute PROVISIONKEY");
	if (r->key_name == ATT_SGX_KEY_EINITTOKEN && !(e->attributes & ATT_SGX_ATTR_EINITTOKEN))
		return refuse(ATT_SGX_INVALID_ATTRIBUTE, sgx_code, err,
			      "the enclave has no attribute EINITTOKEN_KEY");
	if (r->isv_svn > e->isv_svn)
		return refuse(ATT_SGX_INVALID_ISVSVN, sgx_code, err,
			      "ISVSVN is above the enclave's own");
	if (r->config_svn > e->config_svn)
		return refuse(ATT_SGX_INVALID_ISVSVN, sgx_code, err,
			      "CONFIGSVN is above the enclave's own");
	if (!svn_reached(cpu, r->cpu_svn))
		return refuse(ATT_SGX_INVALID_CPUSVN, sgx_code, err,
			      "CPUSVN is none that this processor has reached");
	return ATT_OK;
}

att_rc att_sim_egetkey(const att_sim_cpu *cpu, const struct att_secs *enclave,
		       const uint8_t keyrequest[static ATT_SGX_KEYREQUEST_LEN],
		       uint8_t key[static 16], uint32_t *sgx_code, att_err *err)
{
	struct att_sgx_keyrequest r;
	struct att_sim_key_input in;

	memset(key, 0, 16);
	*sgx_code = ATT_SGX_UNEXPECTED;
	att_sgx_keyrequest_read(keyrequest, &r);
	if (cpu->fuses.profile == ATT_SIM_PROFILE_INTEL &&
	    att_all_zero(att_bytes_of(r.cpu_svn, sizeof(r.cpu_svn))))
		memcpy(r.cpu_svn, intel_svns[INTEL_DEFAULT_SVN], sizeof(r.cpu_svn));
	att_rc rc = check_form(enclave, &r, sgx_code, err);
	if (rc == ATT_OK)
		rc = check_right(cpu, enclave, &r, sgx_code, err);
	if (rc != ATT_OK)
		return rc;
	att_sim_key_of_request(&cpu->fuses, enclave, &r, cpu->cpu_svn, &in);
	if (!att_sim_key_derive(&cpu->fuses, &in, key))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not derive a key");
	*sgx_code = ATT_SGX_SUCCESS;
	return ATT_OK;
}
