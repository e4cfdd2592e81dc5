/* SPDX-License-Identifier: Apache-2.0 */
/* Policies as text: the canonical form, and the template that pins what was seen. */
#include <string.h>

#include "appraise/policy.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"

static att_rc finish(att_buf *b, char **out, att_err *err)
{
	att_put_u8(b, '\n');
	att_rc rc = att_buf_ok(b, err);
	if (rc != ATT_OK)
		return rc;
	*out = att_buf_steal_str(b);
	return *out ? ATT_OK : att_fail(err, ATT_E_NOMEM, "out of memory");
}

static void open_policy(att_jsonw *w)
{
	att_jw_object(w);
	att_jw_name(w, "version");
	att_jw_int(w, 1);
	att_jw_name(w, "any_of");
	att_jw_array(w);
}

static void close_policy(att_jsonw *w)
{
	att_jw_end_array(w);
	att_jw_end_object(w);
}

/* Defaults are written where they are demands on the evidence this alternative can accept. */
static bool is_written(const struct att_alternative *a, size_t i)
{
	const struct att_member *m = &att_members[i];

	if (i == ATT_M_KIND)
		return a->kind != ATT_SCOPE_ANY;
	if (a->term[i].set)
		return true;
	return m->always &&
	       (m->scope == ATT_SCOPE_ANY || a->kind == ATT_SCOPE_ANY || m->scope == a->kind);
}

att_rc att_policy_to_json(const att_policy *p, char **out, att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	att_jsonw w = att_jsonw_to(&b, 2);

	*out = NULL;
	open_policy(&w);
	for (size_t i = 0; i < p->count; i++) {
		att_jw_object(&w);
		for (size_t k = 0; k < ATT_M_COUNT; k++) {
			if (!is_written(&p->alt[i], k))
				continue;
			struct att_term t = att_term_of(p, &p->alt[i], k);
			att_jw_name(&w, att_members[k].name);
			att_members[k].write(&att_members[k], &t, &w);
		}
		att_jw_end_object(&w);
	}
	close_policy(&w);
	return finish(&b, out, err);
}

static void pin(att_jsonw *w, enum att_member_no no, const void *p)
{
	att_jw_name(w, att_members[no].name);
	att_jw_hex(w, att_bytes_of(p, att_members[no].width));
}

/* Ids that nobody set are zero; pinning zeros would only be noise. */
static void pin_if_set(att_jsonw *w, enum att_member_no no, const void *p)
{
	if (!att_all_zero(att_bytes_of(p, att_members[no].width)))
		pin(w, no, p);
}

static void number(att_jsonw *w, enum att_member_no no, int64_t n)
{
	att_jw_name(w, att_members[no].name);
	att_jw_int(w, n);
}

static void template_sgx(att_jsonw *w, const struct att_sgx_body *s)
{
	att_jw_name(w, "kind");
	att_jw_str(w, "sgx");
	pin(w, ATT_M_MR_ENCLAVE, s->mr_enclave);
	pin(w, ATT_M_MR_SIGNER, s->mr_signer);
	number(w, ATT_M_ISV_PROD_ID, s->isv_prod_id);
	number(w, ATT_M_MIN_ISV_SVN, s->isv_svn);
	pin_if_set(w, ATT_M_ISV_EXT_PROD_ID, s->isv_ext_prod_id);
	pin_if_set(w, ATT_M_ISV_FAMILY_ID, s->isv_family_id);
	pin_if_set(w, ATT_M_CONFIG_ID, s->config_id);
	if (s->config_svn)
		number(w, ATT_M_MIN_CONFIG_SVN, s->config_svn);
}

/* RTMR3 is left out: guests extend it at run time, it need not be the same twice. So is MRSEAM:
 * it changes with every update of the TDX module, which verification judges by its TCB level. */
static void template_tdx(att_jsonw *w, const struct att_td_body *t)
{
	att_jw_name(w, "kind");
	att_jw_str(w, "tdx");
	pin(w, ATT_M_MR_TD, t->mr_td);
	pin(w, ATT_M_RTMR0, t->rtmr[0]);
	pin(w, ATT_M_RTMR1, t->rtmr[1]);
	pin(w, ATT_M_RTMR2, t->rtmr[2]);
	pin_if_set(w, ATT_M_MR_CONFIG_ID, t->mr_config_id);
	pin_if_set(w, ATT_M_MR_OWNER, t->mr_owner);
	pin_if_set(w, ATT_M_MR_OWNER_CONFIG, t->mr_owner_config);
	if (t->has_15)
		pin_if_set(w, ATT_M_MR_SERVICE_TD, t->mr_service_td);
	if (t->td_attributes & ATT_TD_SEPT_VE_DISABLE) {
		att_jw_name(w, att_members[ATT_M_REQUIRE_SEPT_VE_DISABLE].name);
		att_jw_bool(w, true);
	}
}

att_rc att_policy_template(const struct att_claims *claims, char **out, att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	att_jsonw w = att_jsonw_to(&b, 2);

	*out = NULL;
	open_policy(&w);
	att_jw_object(&w);
	switch (claims->kind) {
	case ATT_KIND_SGX_REPORT:
	case ATT_KIND_SGX_QUOTE:
		template_sgx(&w, &claims->sgx);
		break;
	case ATT_KIND_TDX_QUOTE:
		template_tdx(&w, &claims->td);
		break;
	case ATT_KIND_SNP_REPORT:
		return att_fail(
		    err, ATT_E_UNSUPPORTED,
		    "policies are for SGX and TDX; these are claims of an SEV-SNP guest");
	default:
		return att_fail(err, ATT_E_ARG, "claims of kind %d", (int)claims->kind);
	}
	att_jw_end_object(&w);
	close_policy(&w);
	return finish(&b, out, err);
}
