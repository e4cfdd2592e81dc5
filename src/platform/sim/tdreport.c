/* SPDX-License-Identifier: Apache-2.0 */
/* TDREPORT (Intel TDX module base architecture specification, "TDREPORT_STRUCT"; Intel SDM volume
 * 3D, "REPORTMACSTRUCT"). */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "crypto/digest.h"
#include "crypto/mac.h"
#include "platform/sim/body.h"
#include "platform/sim/cpu_internal.h"
#include "platform/sim/fixed.h"

#define TYPE_TDX      0x81
#define MAC_STRUCT    256u
#define MAC_AT        224u
#define TCB_INFO_AT   256u
#define TCB_INFO_LEN  239u
#define TCB_INFO_ROOM 256u
#define TD_INFO_AT    512u
#define TD_INFO_LEN   512u
/* TEE_TCB_INFO.VALID: which of its fields count. */
#define TCB_INFO_VALID UINT64_C(0x301ff)

static void put_tcb_info(att_buf *b, const struct att_sim_tdx_module *m)
{
	att_put_le64(b, TCB_INFO_VALID);
	att_put_mem(b, m->tee_tcb_svn, sizeof(m->tee_tcb_svn));
	att_put_mem(b, m->mr_seam, sizeof(m->mr_seam));
	att_put_mem(b, m->mr_signer_seam, sizeof(m->mr_signer_seam));
	att_put_mem(b, m->seam_attributes, sizeof(m->seam_attributes));
	/* TEE_TCB_SVN2: of the module that runs, which was never updated while it ran. */
	att_put_mem(b, m->tee_tcb_svn, sizeof(m->tee_tcb_svn));
	att_put_zero(b, 95);
}

static void put_td_info(att_buf *b, const struct att_td_body *td)
{
	att_sim_put_td_measured(b, td);
	att_put_zero(b, 112); /* SERVTD_HASH: no service TD is bound; reserved */
}

static bool hashes(const uint8_t *report, uint8_t tcb[static 48], uint8_t td[static 48])
{
	const att_bytes none = att_bytes_of(NULL, 0);

	return att_sha384(att_bytes_of(report + TCB_INFO_AT, TCB_INFO_LEN), none, tcb) &&
	       att_sha384(att_bytes_of(report + TD_INFO_AT, TD_INFO_LEN), none, td);
}

static bool mac_of(const att_sim_cpu *cpu, const uint8_t *report, uint8_t mac[static 32])
{
	const att_bytes covered = att_bytes_of(report, MAC_AT);

	return att_hmac_sha256(att_bytes_of(cpu->fuses.tdreport, sizeof(cpu->fuses.tdreport)),
			       &covered, 1, mac);
}

att_rc att_sim_tdreport(const att_sim_cpu *cpu, const struct att_td_body *td,
			const uint8_t report_data[static 64], uint8_t out[static ATT_TDREPORT_LEN],
			att_err *err)
{
	uint8_t bytes[ATT_TDREPORT_LEN], tcb_hash[48], td_hash[48], mac[32];
	att_buf b = att_sim_fixed(bytes, sizeof(bytes));

	/* The two infos first: their hashes are in what stands before them. */
	b.len = TCB_INFO_AT;
	put_tcb_info(&b, &cpu->tdx);
	b.len = TD_INFO_AT;
	put_td_info(&b, td);
	if (!hashes(bytes, tcb_hash, td_hash))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-384");
	b.len = 0;
	att_put_u8(&b, TYPE_TDX);
	att_put_zero(&b, 15); /* subtype and version 0, reserved */
	att_put_mem(&b, cpu->cpu_svn, sizeof(cpu->cpu_svn));
	att_put_mem(&b, tcb_hash, sizeof(tcb_hash));
	att_put_mem(&b, td_hash, sizeof(td_hash));
	att_put_mem(&b, report_data, 64);
	att_put_zero(&b, 32);
	if (!mac_of(cpu, bytes, mac))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not make an HMAC");
	att_put_mem(&b, mac, sizeof(mac));
	memcpy(out, bytes, sizeof(bytes));
	return ATT_OK;
}

static att_rc authenticate(const att_sim_cpu *cpu, const uint8_t *report, att_err *err)
{
	uint8_t tcb_hash[48], td_hash[48], mac[32];

	if (!mac_of(cpu, report, mac) || !hashes(report, tcb_hash, td_hash))
		return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not check a TDREPORT");
	bool genuine = att_mac_equal(mac, report + MAC_AT, sizeof(mac));
	att_wipe(mac, sizeof(mac));
	if (!genuine)
		return att_fail(err, ATT_E_MISMATCH,
				"the TDREPORT's MAC does not verify: it was made on another "
				"processor or in another boot, or it was altered");
	const uint8_t *hash = report + 32;
	if (memcmp(hash, tcb_hash, sizeof(tcb_hash)) != 0)
		return att_fail(err, ATT_E_MISMATCH, "TEE_TCB_INFO of the TDREPORT was altered");
	if (memcmp(hash + sizeof(tcb_hash), td_hash, sizeof(td_hash)) != 0)
		return att_fail(err, ATT_E_MISMATCH, "TDINFO of the TDREPORT was altered");
	return ATT_OK;
}

static void read_tcb_info(att_reader *r, struct att_td_body *td)
{
	att_skip(r, 8, "valid");
	att_copy(r, td->tee_tcb_svn, sizeof(td->tee_tcb_svn), "tee_tcb_svn");
	att_copy(r, td->mr_seam, sizeof(td->mr_seam), "mr_seam");
	att_copy(r, td->mr_signer_seam, sizeof(td->mr_signer_seam), "mr_signer_seam");
	att_copy(r, td->seam_attributes, sizeof(td->seam_attributes), "attributes");
	att_copy(r, td->tee_tcb_svn2, sizeof(td->tee_tcb_svn2), "tee_tcb_svn2");
	att_skip(r, TCB_INFO_ROOM - 144, "reserved");
}

static void read_td_info(att_reader *r, struct att_td_body *td)
{
	td->td_attributes = att_le64(r, "attributes");
	td->xfam = att_le64(r, "xfam");
	att_copy(r, td->mr_td, sizeof(td->mr_td), "mr_td");
	att_copy(r, td->mr_config_id, sizeof(td->mr_config_id), "mr_config_id");
	att_copy(r, td->mr_owner, sizeof(td->mr_owner), "mr_owner");
	att_copy(r, td->mr_owner_config, sizeof(td->mr_owner_config), "mr_owner_config");
	for (int i = 0; i < 4; i++)
		att_copy(r, td->rtmr[i], sizeof(td->rtmr[i]), "rtmr");
	att_copy(r, td->mr_service_td, sizeof(td->mr_service_td), "servtd_hash");
	att_skip(r, 64, "reserved");
}

att_rc att_sim_tdreport_verify(const att_sim_cpu *cpu,
			       const uint8_t report[static ATT_TDREPORT_LEN],
			       struct att_td_body *td, att_err *err)
{
	att_reader r = att_reader_of(att_bytes_of(report, ATT_TDREPORT_LEN));

	*td = (struct att_td_body){ 0 };
	if (att_u8(&r, "type") != TYPE_TDX)
		return att_fail_at(err, ATT_E_FORMAT, 0, "no TDREPORT: its type is not 0x81");
	att_rc rc = authenticate(cpu, report, err);
	if (rc != ATT_OK)
		return rc;
	att_skip(&r, 127, "reportmacstruct");
	att_copy(&r, td->report_data, sizeof(td->report_data), "report_data");
	att_skip(&r, MAC_STRUCT - 192, "mac");
	read_tcb_info(&r, td);
	read_td_info(&r, td);
	td->has_15 = true;
	return att_reader_end(&r, err);
}
