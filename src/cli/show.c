/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"

/* Bit fields are numbers, written as policies write them. */
static void put_number(struct cli_tree *t, const char *name, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, v);
	cli_put_str(t, name, text);
}

static void bit_json(att_jsonw *w, unsigned bit, const char *name, bool set, const char *meaning)
{
	att_jw_object(w);
	att_jw_name(w, "bit");
	att_jw_int(w, bit);
	att_jw_name(w, "name");
	att_jw_str(w, name);
	att_jw_name(w, "set");
	att_jw_bool(w, set);
	att_jw_name(w, "meaning");
	att_jw_str(w, meaning);
	att_jw_end_object(w);
}

static void bit_line(struct cli_tree *t, unsigned bit, const char *name, bool set,
		     const char *meaning)
{
	if (t->json)
		bit_json(&t->w, bit, name, set, meaning);
	else
		att_putf(t->out, "%*s[%c] %2u %-16s %s\n", (int)(2 * (t->depth - 1)), "",
			 set ? 'x' : ' ', bit, name ? name : "(unknown)",
			 meaning ? meaning : "no meaning known");
}

void cli_show_bits(struct cli_tree *t, const char *name, enum att_bits which, uint64_t v,
		   size_t len, bool bits)
{
	size_t count;
	size_t next = 0;

	if (!bits) {
		put_number(t, name, v);
		return;
	}
	const struct att_bit *known = att_bits_of(which, &count);
	/* The low half of an SNP policy holds two numbers. */
	unsigned first = which == ATT_BITS_SNP_POLICY ? known[0].bit : 0;
	cli_object(t, name);
	put_number(t, "value", v);
	cli_list(t, "bits");
	for (unsigned bit = first; bit < 8 * len; bit++) {
		bool set = (v >> bit) & 1;
		if (next < count && known[next].bit == bit) {
			bit_line(t, bit, known[next].name, set, known[next].meaning);
			next++;
		} else if (set) {
			bit_line(t, bit, NULL, true, NULL);
		}
	}
	cli_end(t);
	cli_end(t);
}

#define HEX(t, name, field) cli_put_hex(t, name, att_bytes_of((field), sizeof(field)))

void cli_show_sgx(struct cli_tree *t, const struct att_sgx_body *b, bool bits)
{
	HEX(t, "mr_enclave", b->mr_enclave);
	HEX(t, "mr_signer", b->mr_signer);
	cli_put_int(t, "isv_prod_id", b->isv_prod_id);
	cli_put_int(t, "isv_svn", b->isv_svn);
	cli_put_bool(t, "debug", (b->attributes & ATT_SGX_DEBUG) != 0);
	cli_show_bits(t, "attributes", ATT_BITS_SGX_ATTRIBUTES, b->attributes, 8, bits);
	cli_show_bits(t, "xfrm", ATT_BITS_XFRM, b->xfrm, 8, bits);
	cli_show_bits(t, "misc_select", ATT_BITS_MISC_SELECT, b->misc_select, 4, bits);
	HEX(t, "cpu_svn", b->cpu_svn);
	HEX(t, "config_id", b->config_id);
	cli_put_int(t, "config_svn", b->config_svn);
	HEX(t, "isv_ext_prod_id", b->isv_ext_prod_id);
	HEX(t, "isv_family_id", b->isv_family_id);
	HEX(t, "report_data", b->report_data);
	cli_put_bool(t, "reserved_zero", b->reserved_zero);
}

static void show_td(struct cli_tree *t, const struct att_claims *claims, bool bits)
{
	const struct att_td_body *b = &claims->td;

	HEX(t, "mr_td", b->mr_td);
	HEX(t, "rtmr0", b->rtmr[0]);
	HEX(t, "rtmr1", b->rtmr[1]);
	HEX(t, "rtmr2", b->rtmr[2]);
	HEX(t, "rtmr3", b->rtmr[3]);
	HEX(t, "mr_config_id", b->mr_config_id);
	HEX(t, "mr_owner", b->mr_owner);
	HEX(t, "mr_owner_config", b->mr_owner_config);
	HEX(t, "mr_seam", b->mr_seam);
	HEX(t, "mr_signer_seam", b->mr_signer_seam);
	HEX(t, "seam_attributes", b->seam_attributes);
	HEX(t, "tee_tcb_svn", b->tee_tcb_svn);
	cli_put_bool(t, "debug", att_claims_debug(claims));
	cli_show_bits(t, "td_attributes", ATT_BITS_TD_ATTRIBUTES, b->td_attributes, 8, bits);
	cli_show_bits(t, "xfam", ATT_BITS_XFAM, b->xfam, 8, bits);
	if (b->has_15) {
		HEX(t, "tee_tcb_svn2", b->tee_tcb_svn2);
		HEX(t, "mr_service_td", b->mr_service_td);
	} else {
		cli_put_null(t, "tee_tcb_svn2");
		cli_put_null(t, "mr_service_td");
	}
	HEX(t, "report_data", b->report_data);
}

static void show_tcb(struct cli_tree *t, const char *name, const struct att_snp_tcb *tcb)
{
	cli_object(t, name);
	HEX(t, "value", tcb->raw);
	if (tcb->has_fmc)
		cli_put_int(t, "fmc", tcb->fmc);
	else
		cli_put_null(t, "fmc");
	cli_put_int(t, "boot_loader", tcb->boot_loader);
	cli_put_int(t, "tee", tcb->tee);
	cli_put_int(t, "snp", tcb->snp);
	cli_put_int(t, "microcode", tcb->microcode);
	cli_end(t);
}

static void put_firmware(struct cli_tree *t, const char *name, const struct att_snp_firmware *f)
{
	char text[16];

	snprintf(text, sizeof(text), "%u.%u.%u", f->major, f->minor, f->build);
	cli_put_str(t, name, text);
}

static const char *signing_key_name(uint32_t key_info)
{
	switch (key_info >> 2 & 7) {
	case 0:
		return "VCEK";
	case 1:
		return "VLEK";
	case 7:
		return "none";
	default:
		return "unknown";
	}
}

static void show_snp_platform(struct cli_tree *t, const struct att_snp_body *b, bool bits)
{
	cli_show_bits(t, "platform_info", ATT_BITS_SNP_PLATFORM, b->platform_info, 8, bits);
	cli_put_str(t, "signing_key", signing_key_name(b->key_info));
	cli_put_bool(t, "chip_key_masked", (b->key_info >> 1 & 1) != 0);
	cli_put_bool(t, "author_key_used", (b->key_info & 1) != 0);
	HEX(t, "chip_id", b->chip_id);
	if (b->has_cpuid) {
		cli_put_int(t, "cpuid_family", b->cpuid_family);
		cli_put_int(t, "cpuid_model", b->cpuid_model);
		cli_put_int(t, "cpuid_stepping", b->cpuid_stepping);
	} else {
		cli_put_null(t, "cpuid_family");
		cli_put_null(t, "cpuid_model");
		cli_put_null(t, "cpuid_stepping");
	}
	show_tcb(t, "reported_tcb", &b->reported_tcb);
	show_tcb(t, "current_tcb", &b->current_tcb);
	show_tcb(t, "committed_tcb", &b->committed_tcb);
	show_tcb(t, "launch_tcb", &b->launch_tcb);
	put_firmware(t, "current_firmware", &b->current);
	put_firmware(t, "committed_firmware", &b->committed);
	if (b->has_mitigations) {
		put_number(t, "launch_mitigations", b->launch_mit_vector);
		put_number(t, "current_mitigations", b->current_mit_vector);
	} else {
		cli_put_null(t, "launch_mitigations");
		cli_put_null(t, "current_mitigations");
	}
}

static void show_snp(struct cli_tree *t, const struct att_snp_body *b, bool bits)
{
	cli_put_int(t, "version", b->version);
	HEX(t, "measurement", b->measurement);
	HEX(t, "host_data", b->host_data);
	cli_put_int(t, "guest_svn", b->guest_svn);
	cli_put_bool(t, "debug", (b->policy & ATT_SNP_DEBUG) != 0);
	cli_put_int(t, "policy_abi_major", b->policy >> 8 & 0xff);
	cli_put_int(t, "policy_abi_minor", b->policy & 0xff);
	cli_show_bits(t, "policy", ATT_BITS_SNP_POLICY, b->policy, 8, bits);
	cli_put_int(t, "vmpl", b->vmpl);
	HEX(t, "family_id", b->family_id);
	HEX(t, "image_id", b->image_id);
	HEX(t, "id_key_digest", b->id_key_digest);
	HEX(t, "author_key_digest", b->author_key_digest);
	HEX(t, "report_id", b->report_id);
	HEX(t, "report_id_ma", b->report_id_ma);
	show_snp_platform(t, b, bits);
	HEX(t, "report_data", b->report_data);
	cli_put_bool(t, "reserved_zero", b->reserved_zero);
}

void cli_show_claims(struct cli_tree *t, const struct att_claims *claims, bool bits)
{
	if (claims->kind == ATT_KIND_TDX_QUOTE)
		show_td(t, claims, bits);
	else if (claims->kind == ATT_KIND_SNP_REPORT)
		show_snp(t, &claims->snp, bits);
	else
		cli_show_sgx(t, &claims->sgx, bits);
}

const char *cli_sgx_type(uint8_t type)
{
	static const char *const names[] = { "Standard", "Scalable", "ScalableWithIntegrity" };

	return type < ATT_COUNT(names) ? names[type] : "unknown";
}

void cli_show_platform(struct cli_tree *t, const struct att_platform *p)
{
	cli_put_str(t, "ca", p->platform_ca ? "platform" : "processor");
	HEX(t, "fmspc", p->fmspc);
	HEX(t, "pce_id", p->pce_id);
	cli_put_int(t, "pce_svn", p->pce_svn);
	HEX(t, "cpu_svn", p->cpu_svn);
	HEX(t, "components", p->components);
	HEX(t, "ppid", p->ppid);
	cli_put_str(t, "sgx_type", cli_sgx_type(p->sgx_type));
	if (p->has_instance_id)
		HEX(t, "instance_id", p->instance_id);
	else
		cli_put_null(t, "instance_id");
	cli_put_tri(t, "dynamic_platform", p->dynamic_platform);
	cli_put_tri(t, "cached_keys", p->cached_keys);
	cli_put_tri(t, "smt_enabled", p->smt_enabled);
}
