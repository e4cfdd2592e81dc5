/* SPDX-License-Identifier: Apache-2.0 */
/* What may surprise the author of a policy that is well-formed. */
#include <stdlib.h>

#include "appraise/policy.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"

struct warning {
	bool (*applies)(const struct att_alternative *a);
	const char *text;
};

static bool is_set(const struct att_alternative *a, enum att_member_no no)
{
	return a->term[no].set;
}

static bool accepts_nothing(const struct att_alternative *a)
{
	return !att_alternative_pins(a) && !a->term[ATT_M_ANY_MEASUREMENT].num;
}

static bool any_measurement(const struct att_alternative *a)
{
	return !att_alternative_pins(a) && a->term[ATT_M_ANY_MEASUREMENT].num;
}

static bool signer_only(const struct att_alternative *a)
{
	return is_set(a, ATT_M_MR_SIGNER) && !is_set(a, ATT_M_MR_ENCLAVE) &&
	       !is_set(a, ATT_M_ISV_PROD_ID);
}

static bool any_version(const struct att_alternative *a)
{
	return is_set(a, ATT_M_MR_SIGNER) && is_set(a, ATT_M_ISV_PROD_ID) &&
	       !is_set(a, ATT_M_MR_ENCLAVE) && !is_set(a, ATT_M_MIN_ISV_SVN);
}

static bool rtmr_only(const struct att_alternative *a)
{
	return !is_set(a, ATT_M_MR_TD) && (is_set(a, ATT_M_RTMR0) || is_set(a, ATT_M_RTMR1) ||
					   is_set(a, ATT_M_RTMR2) || is_set(a, ATT_M_RTMR3));
}

static bool firmware_only(const struct att_alternative *a)
{
	return is_set(a, ATT_M_MR_TD) && !is_set(a, ATT_M_RTMR1) && !is_set(a, ATT_M_RTMR2);
}

static bool debug(const struct att_alternative *a)
{
	return a->term[ATT_M_ALLOW_DEBUG].num != 0;
}

static bool simulated(const struct att_alternative *a)
{
	return a->term[ATT_M_ALLOW_SIMULATED].num != 0;
}

static bool service_td(const struct att_alternative *a)
{
	return a->term[ATT_M_ALLOW_SERVICE_TD].num && !is_set(a, ATT_M_MR_SERVICE_TD);
}

static bool outdated(const struct att_alternative *a)
{
	return a->term[ATT_M_TCB_STATUS].bits &
	       (att_status_bit(ATT_TCB_OUT_OF_DATE) |
		att_status_bit(ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED));
}

static const struct warning warnings[] = {
	{ accepts_nothing,
	  "pins no measurement and does not say \"any_measurement\": true: it accepts nothing" },
	{ any_measurement, "accepts any measurement: it does not matter what runs in the TEE" },
	{ signer_only, "mr_signer without isv_prod_id stands for all that this signer ever signs: "
		       "it is no pin" },
	{ any_version,
	  "mr_signer and isv_prod_id without min_isv_svn accept every version, faulty ones too" },
	{ rtmr_only, "RTMRs without mr_td: firmware that is not pinned can put any value there; it "
		     "is no pin" },
	{ firmware_only, "mr_td without rtmr1 and rtmr2 pins the firmware, not what it boots" },
	{ debug, "allow_debug: the host can read and change the memory of what is accepted" },
	{ simulated, "allow_simulated: a simulated platform protects nothing" },
	{ service_td, "allow_service_td without mr_service_td: any service TD may act on the TD" },
	{ outdated, "accepts OutOfDate without an end; grace would give it one" },
};

static att_rc add(att_policy *p, char *text, att_err *err)
{
	char **list = text ? realloc(p->warning, (p->warning_count + 1) * sizeof(*list)) : NULL;

	if (!list) {
		free(text);
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	}
	p->warning = list;
	p->warning[p->warning_count++] = text;
	return ATT_OK;
}

static att_rc warn_of(att_policy *p, size_t i, att_err *err)
{
	for (size_t k = 0; k < ATT_COUNT(warnings); k++) {
		att_auto_buf att_buf b = { 0 };
		if (!warnings[k].applies(&p->alt[i]))
			continue;
		att_putf(&b, "alternative %zu: %s", i + 1, warnings[k].text);
		att_rc rc = add(p, att_buf_steal_str(&b), err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

att_rc att_policy_warn(att_policy *p, att_err *err)
{
	if (p->count == 0) {
		att_auto_buf att_buf b = { 0 };
		att_put_str(&b, "any_of is empty: the policy accepts nothing");
		return add(p, att_buf_steal_str(&b), err);
	}
	for (size_t i = 0; i < p->count; i++) {
		att_rc rc = warn_of(p, i, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}
