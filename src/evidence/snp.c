/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"

#define ECDSA_P384_SHA384 1
#define POLICY_ALWAYS_ONE (UINT64_C(1) << 17)
#define TURIN_FAMILY      0x1a
#define ENTRY_LEN         24

/* AMD 56860, "TCB_VERSION": Turin moved every byte, for its new first component. */
static void tcb_read(att_reader *r, bool turin, struct att_snp_tcb *t, const char *field)
{
	*t = (struct att_snp_tcb){ .has_fmc = turin };
	att_copy(r, t->raw, sizeof(t->raw), field);
	t->fmc = turin ? t->raw[0] : 0;
	t->boot_loader = t->raw[turin ? 1 : 0];
	t->tee = t->raw[turin ? 2 : 1];
	t->snp = t->raw[turin ? 3 : 6];
	t->microcode = t->raw[7];
}

static void firmware_read(att_reader *r, struct att_snp_firmware *f, const char *field)
{
	f->build = att_u8(r, field);
	f->minor = att_u8(r, field);
	f->major = att_u8(r, field);
	att_skip(r, 1, field);
}

/* The product decides the layout of TCB versions that stand before it in the report. Version 2 does
 * not name it, and was given out by Milan and Genoa only. */
static bool is_turin(att_bytes in)
{
	att_reader r = att_reader_of(in);

	uint32_t version = att_le32(&r, "version");
	att_skip(&r, 0x184, "");
	uint8_t family = att_u8(&r, "cpuid_fam_id");
	return version >= 3 && family >= TURIN_FAMILY;
}

bool att_snp_looks(att_bytes in)
{
	att_reader r = att_reader_of(in);

	uint32_t version = att_le32(&r, "version");
	att_skip(&r, 4, "guest_svn");
	uint64_t policy = att_le64(&r, "policy");
	att_skip(&r, 32, "family_id, image_id");
	att_skip(&r, 4, "vmpl");
	uint32_t algorithm = att_le32(&r, "signature_algo");
	return att_reader_ok(&r, NULL) == ATT_OK && version >= 1 && version <= 15 &&
	       (policy & POLICY_ALWAYS_ONE) && algorithm == ECDSA_P384_SHA384;
}

/* AMD 56860 revision 1.58, section 7.3, "ATTESTATION_REPORT Structure", up to the TCB as
 * reported. */
static void first_half(att_reader *r, bool turin, struct att_snp_body *b, bool *zero)
{
	b->version = att_le32(r, "version");
	b->guest_svn = att_le32(r, "guest_svn");
	b->policy = att_le64(r, "policy");
	att_copy(r, b->family_id, sizeof(b->family_id), "family_id");
	att_copy(r, b->image_id, sizeof(b->image_id), "image_id");
	b->vmpl = att_le32(r, "vmpl");
	b->signature_algo = att_le32(r, "signature_algo");
	tcb_read(r, turin, &b->current_tcb, "current_tcb");
	b->platform_info = att_le64(r, "platform_info");
	b->key_info = att_le32(r, "key_info");
	att_bytes reserved = att_view(r, 4, "reserved");
	att_copy(r, b->report_data, sizeof(b->report_data), "report_data");
	att_copy(r, b->measurement, sizeof(b->measurement), "measurement");
	att_copy(r, b->host_data, sizeof(b->host_data), "host_data");
	att_copy(r, b->id_key_digest, sizeof(b->id_key_digest), "id_key_digest");
	att_copy(r, b->author_key_digest, sizeof(b->author_key_digest), "author_key_digest");
	att_copy(r, b->report_id, sizeof(b->report_id), "report_id");
	att_copy(r, b->report_id_ma, sizeof(b->report_id_ma), "report_id_ma");
	tcb_read(r, turin, &b->reported_tcb, "reported_tcb");
	*zero = att_all_zero(reserved);
}

/* The rest; versions 3 and 5 took fields out of what was reserved. */
static void second_half(att_reader *r, bool turin, struct att_snp_body *b, bool *zero)
{
	b->has_cpuid = b->version >= 3;
	b->has_mitigations = b->version >= 5;
	if (b->has_cpuid) {
		b->cpuid_family = att_u8(r, "cpuid_fam_id");
		b->cpuid_model = att_u8(r, "cpuid_mod_id");
		b->cpuid_stepping = att_u8(r, "cpuid_step");
	}
	att_bytes reserved1 = att_view(r, b->has_cpuid ? 21 : 24, "reserved");
	att_copy(r, b->chip_id, sizeof(b->chip_id), "chip_id");
	tcb_read(r, turin, &b->committed_tcb, "committed_tcb");
	firmware_read(r, &b->current, "current_version");
	firmware_read(r, &b->committed, "committed_version");
	tcb_read(r, turin, &b->launch_tcb, "launch_tcb");
	if (b->has_mitigations) {
		b->launch_mit_vector = att_le64(r, "launch_mit_vector");
		b->current_mit_vector = att_le64(r, "current_mit_vector");
	}
	att_bytes reserved2 = att_view(r, b->has_mitigations ? 152 : 168, "reserved");
	*zero = *zero && att_all_zero(reserved1) && att_all_zero(reserved2);
}

att_rc att_snp_parse(att_bytes in, struct att_snp_body *body, att_bytes *signature, att_err *err)
{
	att_reader r = att_reader_of(in);
	bool turin = is_turin(in);

	*body = (struct att_snp_body){ 0 };
	*signature = att_bytes_of(NULL, 0);
	first_half(&r, turin, body, &body->reserved_zero);
	second_half(&r, turin, body, &body->reserved_zero);
	att_bytes rs = att_view(&r, 144, "signature");
	att_skip(&r, 368, "signature.reserved");
	att_rc rc = att_reader_end(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "SEV-SNP report");
	if (body->version != 2 && body->version != 3 && body->version != 5)
		return att_fail_at(err, ATT_E_UNSUPPORTED, 0,
				   "SEV-SNP report of version %u; 2, 3 and 5 are known",
				   body->version);
	*signature = rs;
	return ATT_OK;
}

/* GHCB specification (56421), "SNP Extended Guest Request"; the names as AMD's tools use them. */
static const struct {
	const char *name;
	uint8_t guid[16]; /* RFC 4122, as written */
} names[] = {
	{ "VCEK",
	  { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8,
	    0xac, 0xcd } },
	{ "VLEK",
	  { 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0,
	    0xb8, 0xa1 } },
	{ "ASK",
	  { 0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27,
	    0xc7, 0x82 } },
	{ "ARK",
	  { 0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c,
	    0xd0, 0xae } },
	{ "CRL",
	  { 0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d, 0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc,
	    0x67, 0xea } },
};

/* Hosts write GUIDs in both byte orders that are in use: as text reads, and with the first three
 * fields little-endian. */
static void swap_fields(const uint8_t in[static 16], uint8_t out[static 16])
{
	static const uint8_t from[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (size_t i = 0; i < 16; i++)
		out[i] = in[from[i]];
}

static void name_entry(struct att_snp_cert *c)
{
	uint8_t swapped[16];

	swap_fields(c->guid, swapped);
	for (size_t i = 0; i < ATT_COUNT(names); i++) {
		bool mixed = memcmp(names[i].guid, swapped, 16) == 0;
		if (!mixed && memcmp(names[i].guid, c->guid, 16) != 0)
			continue;
		c->name = names[i].name;
		if (mixed)
			memcpy(c->guid, swapped, 16);
	}
}

static att_rc take_entry(att_bytes in, size_t entries_end, struct att_snp_cert *c, size_t offset,
			 size_t len, att_err *err)
{
	if (offset < entries_end || offset > in.len || len > in.len - offset)
		return att_fail(err, ATT_E_FORMAT,
				"certificate table: entry of %zu bytes at %zu, outside its %zu "
				"bytes or over its entries",
				len, offset, in.len);
	c->data = att_bytes_of(in.ptr + offset, len);
	c->offset = offset;
	name_entry(c);
	return ATT_OK;
}

att_rc att_snp_certs_parse(att_bytes in, struct att_snp_certs *out, att_err *err)
{
	size_t offset[ATT_SNP_CERTS_MAX], len[ATT_SNP_CERTS_MAX];
	att_reader r = att_reader_of(in);

	*out = (struct att_snp_certs){ 0 };
	for (;;) {
		uint8_t guid[16];
		att_copy(&r, guid, sizeof(guid), "certificate table entry");
		size_t at = att_le32(&r, "certificate table entry");
		size_t n = att_le32(&r, "certificate table entry");
		att_rc rc = att_reader_ok(&r, err);
		if (rc != ATT_OK)
			return rc;
		if (att_all_zero(att_bytes_of(guid, sizeof(guid))))
			break;
		if (out->count == ATT_SNP_CERTS_MAX)
			return att_fail(err, ATT_E_FORMAT,
					"certificate table: more than %d entries",
					ATT_SNP_CERTS_MAX);
		memcpy(out->cert[out->count].guid, guid, sizeof(guid));
		offset[out->count] = at;
		len[out->count++] = n;
	}
	size_t entries_end = att_tell(&r);
	out->len = entries_end;
	for (size_t i = 0; i < out->count; i++) {
		att_rc rc = take_entry(in, entries_end, &out->cert[i], offset[i], len[i], err);
		if (rc != ATT_OK)
			return rc;
		if (offset[i] + len[i] > out->len)
			out->len = offset[i] + len[i];
	}
	return ATT_OK;
}
