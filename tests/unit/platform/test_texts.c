/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attest/inspect.h"
#include "base/mem.h"
#include "codec/json.h"
#include "collateral/tcbinfo.h"
#include "platform/sim/levels.h"
#include "platform/sim/pki.h"
#include "platform/sim/quote.h"
#include "platform/sim/texts.h"

#define NOW INT64_C(1750000000)

static const struct att_platform platform = { .present = true,
					      .fmspc = { 1, 2, 3, 4, 5, 6 },
					      .pce_id = { 7, 8 } };
static const struct att_sim_issue issue = { NOW - 1, NOW + 1, 17 };

static void read_tcb_info(const struct att_sim_tcb_info *ask, struct att_tcbinfo *t)
{
	att_auto_buf att_buf b = { 0 };
	att_auto_json att_json_doc doc = { 0 };
	att_err err = { 0 };

	att_sim_put_tcb_info(&b, ask);
	assert_int_equal(att_json_parse(att_buf_bytes(&b), &doc, &err), ATT_OK);
	if (att_tcbinfo_parse(att_json_root(&doc), t, &err) != ATT_OK)
		fail_msg("%s", err.msg);
}

static void tcb_infos(void **state)
{
	(void)state;
	for (int tdx = 0; tdx < 2; tdx++) {
		struct att_sim_tcb_info ask = {
			.issue = issue, .platform = &platform, .version = 3, .tdx = tdx
		};
		struct att_tcbinfo t;

		att_sim_levels_usual(NOW, &ask.levels);
		ask.module_levels = ask.levels;
		read_tcb_info(&ask, &t);
		assert_int_equal(t.version, 3);
		assert_int_equal(t.tdx, tdx);
		assert_memory_equal(t.fmspc, platform.fmspc, sizeof(t.fmspc));
		assert_memory_equal(t.pce_id, platform.pce_id, sizeof(t.pce_id));
		assert_int_equal(t.issue_date, NOW - 1);
		assert_int_equal(t.next_update, NOW + 1);
		assert_int_equal(t.level_count, 2);
		assert_int_equal(t.levels[0].status, ATT_TCB_UP_TO_DATE);
		assert_int_equal(t.levels[0].sgx[15], ATT_SIM_COMPONENT_SVN);
		assert_int_equal(t.levels[0].pce_svn, ATT_SIM_PCE_SVN);
		assert_int_equal(t.levels[1].status, ATT_TCB_OUT_OF_DATE);
		assert_true(t.levels[1].date < t.levels[0].date && t.levels[0].date < NOW);
		assert_int_equal(t.levels[1].advisories.count, 1);
		assert_int_equal(t.module_count, tdx);
		if (tdx) {
			assert_int_equal(t.modules[0].version, ATT_SIM_MODULE_VERSION);
			assert_int_equal(t.modules[0].levels[0].isv_svn, ATT_SIM_MODULE_SVN);
			assert_int_equal(t.levels[0].tdx[2], ATT_SIM_SEAM_LOADER);
		}
		att_tcbinfo_free(&t);
	}
}

static void version_2(void **state)
{
	struct att_sim_tcb_info ask = { .issue = issue, .platform = &platform, .version = 2 };
	struct att_tcbinfo t;

	(void)state;
	att_sim_levels_usual(NOW, &ask.levels);
	read_tcb_info(&ask, &t);
	assert_int_equal(t.version, 2);
	assert_int_equal(t.level_count, 2);
	assert_int_equal(t.levels[0].sgx[0], ATT_SIM_COMPONENT_SVN);
	assert_int_equal(t.levels[1].sgx[15], ATT_SIM_COMPONENT_SVN - 1);
	assert_int_equal(t.levels[0].pce_svn, ATT_SIM_PCE_SVN);
	att_tcbinfo_free(&t);
}

static void levels_by_steps(void **state)
{
	struct att_sim_tcb_info ask = {
		.issue = issue,
		.platform = &platform,
		.version = 3,
		.tdx = true,
		.levels = { { { 1, ATT_TCB_UP_TO_DATE, 86400 }, { 0, ATT_TCB_REVOKED, 0 } }, 2 },
		.module_levels = { { { 0, ATT_TCB_UP_TO_DATE, 0 } }, 1 },
		.module_unknown = true,
		.module_other_signer = true,
	};
	struct att_tcbinfo t;

	(void)state;
	read_tcb_info(&ask, &t);
	assert_int_equal(t.levels[0].sgx[3], ATT_SIM_COMPONENT_SVN + 1);
	assert_int_equal(t.levels[0].date, 86400);
	assert_int_equal(t.levels[0].advisories.count, 0);
	assert_int_equal(t.levels[1].status, ATT_TCB_REVOKED);
	assert_int_equal(t.levels[1].advisories.count, 1);
	assert_int_equal(t.modules[0].version, ATT_SIM_MODULE_VERSION + 1);
	att_tcbinfo_free(&t);
}

static void identities(void **state)
{
	static const char *const ids[] = { "QE", "TD_QE", "QVE", "QAE" };

	(void)state;
	for (int e = ATT_SIM_ID_QE; e <= ATT_SIM_ID_QAE; e++) {
		struct att_sim_identity ask = { .issue = issue,
						.enclave = (enum att_sim_enclave)e };
		att_auto_buf att_buf b = { 0 };
		struct att_identity_facts t;
		struct att_sim_qe_facts qe;

		att_sim_levels_usual(NOW, &ask.levels);
		ask.other_signer = e == ATT_SIM_ID_QVE;
		att_sim_put_identity(&b, &ask);
		att_sim_qe_facts(e == ATT_SIM_ID_TD_QE, &qe);
		qe.mr_signer[0] ^= ask.other_signer ? 0xff : 0;
		if (e == ATT_SIM_ID_QAE) /* no verifier of ours reads one */
			continue;
		assert_int_equal(att_identity_read(att_buf_bytes(&b), &t, NULL), ATT_OK);
		assert_string_equal(t.id, ids[e]);
		assert_int_equal(t.issue_date, NOW - 1);
		assert_memory_equal(t.mr_signer, qe.mr_signer, sizeof(t.mr_signer));
		assert_int_equal(t.levels, 2);
		if (e != ATT_SIM_ID_QVE)
			assert_int_equal(t.isv_prod_id, qe.isv_prod_id);
	}
}

static void evaluation_numbers(void **state)
{
	static const struct att_sim_recovery recoveries[] = { { 18, 86400 }, { 17, 0 } };
	att_auto_buf att_buf b = { 0 };

	(void)state;
	att_sim_put_evaluation_numbers(&b, true, &(struct att_sim_issue){ 0, 86400, 18 },
				       recoveries, 2);
	att_put_u8(&b, 0);
	assert_string_equal((const char *)b.ptr,
			    "{\"id\":\"TDX\",\"version\":1,\"issueDate\":\"1970-01-01T00:00:00Z\","
			    "\"nextUpdate\":\"1970-01-02T00:00:00Z\",\"tcbEvalNumbers\":["
			    "{\"tcbEvaluationDataNumber\":18,"
			    "\"tcbRecoveryEventDate\":\"1970-01-02T00:00:00Z\","
			    "\"tcbDate\":\"1970-01-02T00:00:00Z\"},"
			    "{\"tcbEvaluationDataNumber\":17,"
			    "\"tcbRecoveryEventDate\":\"1970-01-01T00:00:00Z\","
			    "\"tcbDate\":\"1970-01-01T00:00:00Z\"}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcb_infos),          cmocka_unit_test(version_2),
		cmocka_unit_test(levels_by_steps),    cmocka_unit_test(identities),
		cmocka_unit_test(evaluation_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
