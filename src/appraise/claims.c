/* SPDX-License-Identifier: Apache-2.0 */
#include "appraise/claims.h"

#include <inttypes.h>
#include <stdio.h>

static void put_hex(att_jsonw *w, const char *name, const uint8_t *p, size_t len)
{
	att_jw_name(w, name);
	att_jw_hex(w, att_bytes_of(p, len));
}

#define HEX(w, body, field) put_hex(w, #field, (body)->field, sizeof((body)->field))

static void put_uint(att_jsonw *w, const char *name, int64_t n)
{
	att_jw_name(w, name);
	att_jw_int(w, n);
}

static void put_bits(att_jsonw *w, const char *name, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, n);
	att_jw_name(w, name);
	att_jw_str(w, text);
}

static void put_sgx(att_jsonw *w, const struct att_sgx_body *s)
{
	HEX(w, s, mr_enclave);
	HEX(w, s, mr_signer);
	put_uint(w, "isv_prod_id", s->isv_prod_id);
	put_uint(w, "isv_svn", s->isv_svn);
	HEX(w, s, isv_ext_prod_id);
	HEX(w, s, isv_family_id);
	HEX(w, s, config_id);
	put_uint(w, "config_svn", s->config_svn);
	put_bits(w, "attributes", s->attributes);
	put_bits(w, "xfrm", s->xfrm);
	put_bits(w, "misc_select", s->misc_select);
	HEX(w, s, cpu_svn);
	HEX(w, s, report_data);
}

static void put_td(att_jsonw *w, const struct att_td_body *t)
{
	static const char *const rtmr[] = { "rtmr0", "rtmr1", "rtmr2", "rtmr3" };

	HEX(w, t, mr_td);
	for (size_t i = 0; i < 4; i++)
		put_hex(w, rtmr[i], t->rtmr[i], sizeof(t->rtmr[i]));
	HEX(w, t, mr_config_id);
	HEX(w, t, mr_owner);
	HEX(w, t, mr_owner_config);
	HEX(w, t, mr_seam);
	HEX(w, t, mr_signer_seam);
	HEX(w, t, seam_attributes);
	put_bits(w, "td_attributes", t->td_attributes);
	put_bits(w, "xfam", t->xfam);
	HEX(w, t, tee_tcb_svn);
	if (t->has_15) {
		HEX(w, t, tee_tcb_svn2);
		HEX(w, t, mr_service_td);
	}
	HEX(w, t, report_data);
}

void att_jw_claims(att_jsonw *w, const struct att_claims *c)
{
	att_jw_object(w);
	if (c->kind == ATT_KIND_TDX_QUOTE)
		put_td(w, &c->td);
	else
		put_sgx(w, &c->sgx);
	att_jw_name(w, "debug");
	att_jw_bool(w, att_claims_debug(c));
	att_jw_end_object(w);
}
