/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/machine.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "platform/sim/levels.h"

static const uint8_t own_fmspc[6] = { 0x00, 0x53, 0x49, 0x4d, 0x00, 0x00 };

struct att_sim_machine {
	struct att_sim_options options;
	att_sim_pki *pki;
	struct att_sim_pck cpu[ATT_SIM_CPUS_MAX];
};

static void describe(const struct att_sim_options *o, unsigned cpu, struct att_platform *p)
{
	*p = (struct att_platform){
		.present = true,
		.platform_ca = o->platform_ca,
		.pce_svn = ATT_SIM_PCE_SVN,
		.sgx_type = o->platform_ca ? 1 : 0,
		.has_instance_id = o->platform_ca,
		.dynamic_platform = o->platform_ca ? ATT_FALSE : ATT_UNKNOWN,
		.cached_keys = o->platform_ca ? ATT_FALSE : ATT_UNKNOWN,
		.smt_enabled = o->platform_ca ? ATT_TRUE : ATT_UNKNOWN,
	};
	memset(p->components, ATT_SIM_COMPONENT_SVN, sizeof(p->components));
	memset(p->cpu_svn, ATT_SIM_COMPONENT_SVN, sizeof(p->cpu_svn));
	memcpy(p->fmspc, o->fmspc, sizeof(p->fmspc));
	/* One platform instance for all processors, a PPID for each. */
	memset(p->instance_id, 0xa5, o->platform_ca ? sizeof(p->instance_id) : 0);
	memcpy(p->ppid, "simulated PPID ", sizeof(p->ppid) - 1);
	p->ppid[sizeof(p->ppid) - 1] = (uint8_t)cpu;
}

static att_rc make_cpus(att_sim_machine *m, att_err *err)
{
	for (unsigned i = 0; i < m->options.cpus; i++) {
		struct att_platform p;
		char name[32];

		describe(&m->options, i, &p);
		snprintf(name, sizeof(name), "PCK %u", i);
		att_rc rc = att_sim_pck_make(m->pki, &p, name, &m->cpu[i], err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

att_rc att_sim_machine_new(const struct att_sim_options *options, att_sim_machine **out,
			   att_err *err)
{
	*out = NULL;
	if (options->cpus < 1 || options->cpus > ATT_SIM_CPUS_MAX)
		return att_fail(err, ATT_E_ARG, "%u processors, expected 1 to %u", options->cpus,
				ATT_SIM_CPUS_MAX);
	att_sim_machine *m = calloc(1, sizeof(*m));
	if (!m)
		return att_fail(err, ATT_E_NOMEM, "simulated machine: out of memory");
	m->options = *options;
	if (att_all_zero(att_bytes_of(options->fmspc, sizeof(options->fmspc))))
		memcpy(m->options.fmspc, own_fmspc, sizeof(own_fmspc));
	att_rc rc = att_sim_pki_new(&options->seed, options->now, &m->pki, err);
	if (rc == ATT_OK)
		rc = make_cpus(m, err);
	if (rc != ATT_OK) {
		att_sim_machine_free(m);
		return rc;
	}
	*out = m;
	return ATT_OK;
}

void att_sim_machine_free(att_sim_machine *m)
{
	if (!m)
		return;
	for (unsigned i = 0; i < ATT_SIM_CPUS_MAX; i++)
		att_sim_pck_free(&m->cpu[i]);
	att_sim_pki_free(m->pki);
	free(m);
}

const att_sim_pki *att_sim_machine_pki(const att_sim_machine *m)
{
	return m->pki;
}

const struct att_sim_pck *att_sim_machine_pck(const att_sim_machine *m, unsigned cpu)
{
	return &m->cpu[cpu % m->options.cpus];
}

/* Recognisable and its own for each quote: a hash in the first half, zeros behind it. */
static bool make_report_data(enum att_sim_kind kind, unsigned n, uint8_t out[static 64])
{
	char text[64];
	int len =
	    snprintf(text, sizeof(text), "simulated report data %s %u", att_sim_kind_name(kind), n);

	memset(out, 0, 64);
	return att_sha256_once(att_bytes_of(text, (size_t)len), out);
}

att_rc att_sim_machine_quote(const att_sim_machine *m, enum att_sim_kind kind, unsigned n,
			     att_buf *out, att_err *err)
{
	const struct att_sim_pck *pck = att_sim_machine_pck(m, n);
	struct att_sim_qe qe;
	struct att_claims claims;
	uint8_t report_data[64];
	char name[64];

	snprintf(name, sizeof(name), "attestation %s %u", att_sim_kind_name(kind), n);
	if (!make_report_data(kind, n, report_data))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-256");
	att_rc rc = att_sim_qe_make(m->pki, pck, att_sim_kind_is_tdx(kind), name, &qe, err);
	if (rc != ATT_OK)
		return rc;
	att_sim_claims(kind, &pck->platform, report_data, &claims);
	rc = att_sim_quote_make(&qe, kind, &claims, out, err);
	att_sim_qe_free(&qe);
	return rc;
}

att_rc att_sim_machine_collateral(const att_sim_machine *m, bool tdx, att_collateral **out,
				  att_err *err)
{
	const struct att_sim_collateral_of of = {
		.platform = &m->cpu[0].platform,
		.tdx = tdx,
		.now = m->options.now,
	};

	return att_sim_collateral_make(m->pki, &of, out, err);
}
