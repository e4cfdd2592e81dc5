/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/wire.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"

#define REPLY_OF 0x80u /* what a reply's operation has above its request's */

/* --- Requests --- */

static bool read_flag(att_reader *r, const char *field)
{
	uint8_t v = att_u8(r, field);

	if (v > 1)
		att_reader_mark(r, field);
	return v == 1;
}

static void read_launch(att_reader *r, struct att_sim_request *q)
{
	q->launch.attributes_given = read_flag(r, "attributes_given");
	q->launch.attributes = att_le64(r, "attributes");
	q->launch.xfrm = att_le64(r, "xfrm");
	q->launch.misc_select = att_le32(r, "misc_select");
	att_copy(r, q->launch.config_id, sizeof(q->launch.config_id), "config_id");
	q->launch.config_svn = att_le16(r, "config_svn");
}

static void read_ereport(att_reader *r, struct att_sim_request *q)
{
	att_copy(r, q->target, sizeof(q->target), "target");
	att_copy(r, q->report_data, sizeof(q->report_data), "report_data");
}

static void read_egetkey(att_reader *r, struct att_sim_request *q)
{
	att_copy(r, q->keyrequest, sizeof(q->keyrequest), "keyrequest");
}

static void read_nothing(att_reader *r, struct att_sim_request *q)
{
	(void)r;
	(void)q;
}

static void read_quote(att_reader *r, struct att_sim_request *q)
{
	uint8_t kind = att_u8(r, "kind");

	if (kind >= ATT_SIM_KINDS)
		att_reader_mark(r, "kind");
	else
		q->kind = (enum att_sim_kind)kind;
	att_copy(r, q->report_data, sizeof(q->report_data), "report_data");
}

static void read_td_launch(att_reader *r, struct att_sim_request *q)
{
	struct att_sim_td_ask *td = &q->td;

	td->attributes = att_le64(r, "attributes");
	td->xfam = att_le64(r, "xfam");
	att_copy(r, td->mr_config_id, sizeof(td->mr_config_id), "mr_config_id");
	att_copy(r, td->mr_owner, sizeof(td->mr_owner), "mr_owner");
	att_copy(r, td->mr_owner_config, sizeof(td->mr_owner_config), "mr_owner_config");
	td->parts = att_u8(r, "parts");
	if (td->parts == 0 || td->parts > ATT_SIM_FDS_MAX) {
		att_reader_mark(r, "parts");
		td->parts = 0;
	}
	for (size_t i = 0; i < td->parts; i++)
		td->gpa[i] = att_le64(r, "gpa");
}

static void read_rtmr_extend(att_reader *r, struct att_sim_request *q)
{
	q->rtmr = att_u8(r, "index");
	if (q->rtmr > 3)
		att_reader_mark(r, "index");
	att_copy(r, q->extend, sizeof(q->extend), "data");
}

static void read_tdreport(att_reader *r, struct att_sim_request *q)
{
	att_copy(r, q->report_data, sizeof(q->report_data), "report_data");
}

static void put_launch(att_buf *b, const struct att_sim_request *q)
{
	att_put_u8(b, q->launch.attributes_given);
	att_put_le64(b, q->launch.attributes);
	att_put_le64(b, q->launch.xfrm);
	att_put_le32(b, q->launch.misc_select);
	att_put_mem(b, q->launch.config_id, sizeof(q->launch.config_id));
	att_put_le16(b, q->launch.config_svn);
}

static void put_ereport(att_buf *b, const struct att_sim_request *q)
{
	att_put_mem(b, q->target, sizeof(q->target));
	att_put_mem(b, q->report_data, sizeof(q->report_data));
}

static void put_egetkey(att_buf *b, const struct att_sim_request *q)
{
	att_put_mem(b, q->keyrequest, sizeof(q->keyrequest));
}

static void put_nothing(att_buf *b, const struct att_sim_request *q)
{
	(void)b;
	(void)q;
}

static void put_quote(att_buf *b, const struct att_sim_request *q)
{
	att_put_u8(b, (uint8_t)q->kind);
	att_put_mem(b, q->report_data, sizeof(q->report_data));
}

static void put_td_launch(att_buf *b, const struct att_sim_request *q)
{
	const struct att_sim_td_ask *td = &q->td;

	att_put_le64(b, td->attributes);
	att_put_le64(b, td->xfam);
	att_put_mem(b, td->mr_config_id, sizeof(td->mr_config_id));
	att_put_mem(b, td->mr_owner, sizeof(td->mr_owner));
	att_put_mem(b, td->mr_owner_config, sizeof(td->mr_owner_config));
	att_put_u8(b, (uint8_t)td->parts);
	for (size_t i = 0; i < td->parts; i++)
		att_put_le64(b, td->gpa[i]);
}

static void put_rtmr_extend(att_buf *b, const struct att_sim_request *q)
{
	att_put_u8(b, (uint8_t)q->rtmr);
	att_put_mem(b, q->extend, sizeof(q->extend));
}

static void put_tdreport(att_buf *b, const struct att_sim_request *q)
{
	att_put_mem(b, q->report_data, sizeof(q->report_data));
}

static const struct {
	void (*read)(att_reader *r, struct att_sim_request *q);
	void (*put)(att_buf *b, const struct att_sim_request *q);
} ops[] = {
	[ATT_SIM_OP_LAUNCH] = { read_launch, put_launch },
	[ATT_SIM_OP_EREPORT] = { read_ereport, put_ereport },
	[ATT_SIM_OP_EGETKEY] = { read_egetkey, put_egetkey },
	[ATT_SIM_OP_QE_TARGET] = { read_nothing, put_nothing },
	[ATT_SIM_OP_QUOTE] = { read_quote, put_quote },
	[ATT_SIM_OP_TD_LAUNCH] = { read_td_launch, put_td_launch },
	[ATT_SIM_OP_RTMR_EXTEND] = { read_rtmr_extend, put_rtmr_extend },
	[ATT_SIM_OP_TDREPORT] = { read_tdreport, put_tdreport },
};

att_rc att_sim_request_parse(att_bytes in, struct att_sim_request *out, att_err *err)
{
	att_reader r = att_reader_of(in);

	*out = (struct att_sim_request){ 0 };
	uint8_t version = att_u8(&r, "version");
	uint8_t op = att_u8(&r, "operation");
	if (att_le16(&r, "reserved") != 0)
		att_reader_mark(&r, "reserved");
	att_rc rc = att_reader_ok(&r, err);
	if (rc == ATT_OK && version != ATT_SIM_WIRE_VERSION)
		rc = att_fail(err, ATT_E_UNSUPPORTED, "version %u: this processor speaks %d",
			      version, ATT_SIM_WIRE_VERSION);
	if (rc == ATT_OK && (op >= ATT_COUNT(ops) || !ops[op].read))
		rc = att_fail(err, ATT_E_UNSUPPORTED, "there is no operation %u", op);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "request to the simulated processor");
	out->op = (enum att_sim_op)op;
	ops[op].read(&r, out);
	rc = att_reader_end(&r, err);
	if (rc == ATT_OK)
		return ATT_OK;
	*out = (struct att_sim_request){ 0 };
	return att_wrap(err, rc, "request to the simulated processor");
}

void att_sim_request_write(const struct att_sim_request *q, att_buf *out)
{
	att_put_u8(out, ATT_SIM_WIRE_VERSION);
	att_put_u8(out, (uint8_t)q->op);
	att_put_le16(out, 0);
	ops[q->op].put(out, q);
}

/* --- Replies --- */

/* Codes of base.h, as they are on the wire; whatever else came is no reply. */
static bool known(att_rc rc)
{
	static const att_rc codes[] = {
		ATT_OK,          ATT_E_NOMEM,       ATT_E_ARG,
		ATT_E_IO,        ATT_E_UNAVAILABLE, ATT_E_TRUNCATED,
		ATT_E_TRAILING,  ATT_E_FORMAT,      ATT_E_UNSUPPORTED,
		ATT_E_SIGNATURE, ATT_E_CHAIN,       ATT_E_REVOKED,
		ATT_E_EXPIRED,   ATT_E_MISMATCH,    ATT_E_MISSING,
		ATT_E_DENIED,
	};

	for (size_t i = 0; i < ATT_COUNT(codes); i++)
		if (rc == codes[i])
			return true;
	return false;
}

att_rc att_sim_reply_parse(att_bytes in, struct att_sim_reply *out, att_err *err)
{
	att_reader r = att_reader_of(in);

	*out = (struct att_sim_reply){ 0 };
	if (att_u8(&r, "version") != ATT_SIM_WIRE_VERSION)
		att_reader_mark(&r, "version");
	uint8_t op = att_u8(&r, "operation");
	if (!(op & REPLY_OF))
		att_reader_mark(&r, "operation");
	/* The code's magnitude: codes are zero or below. */
	int magnitude = att_le16(&r, "code");
	if (!known((att_rc)-magnitude))
		att_reader_mark(&r, "code");
	uint32_t sgx_code = att_le32(&r, "sgx_code");
	att_bytes body = att_peek_rest(&r);
	att_rc rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "reply of the simulated processor");
	*out = (struct att_sim_reply){ .op = (uint8_t)(op & ~REPLY_OF),
				       .rc = (att_rc)-magnitude,
				       .sgx_code = sgx_code,
				       .body = body };
	return ATT_OK;
}

void att_sim_reply_write(const struct att_sim_reply *r, att_buf *out)
{
	att_put_u8(out, ATT_SIM_WIRE_VERSION);
	att_put_u8(out, (uint8_t)(r->op | REPLY_OF));
	att_put_le16(out, (uint16_t)-r->rc);
	att_put_le32(out, r->sgx_code);
	att_put(out, r->body);
}

/* --- Identities --- */

void att_sim_put_secs(att_buf *b, const struct att_secs *s)
{
	att_put_le64(b, s->size);
	att_put_le32(b, s->ssa_frame_size);
	att_put_le32(b, s->misc_select);
	att_put_le64(b, s->attributes);
	att_put_le64(b, s->xfrm);
	att_put_mem(b, s->mr_enclave, sizeof(s->mr_enclave));
	att_put_mem(b, s->mr_signer, sizeof(s->mr_signer));
	att_put_mem(b, s->config_id, sizeof(s->config_id));
	att_put_le16(b, s->isv_prod_id);
	att_put_le16(b, s->isv_svn);
	att_put_le16(b, s->config_svn);
	att_put_mem(b, s->isv_family_id, sizeof(s->isv_family_id));
	att_put_mem(b, s->isv_ext_prod_id, sizeof(s->isv_ext_prod_id));
}

att_rc att_sim_secs_parse(att_bytes in, struct att_secs *out, att_err *err)
{
	att_reader r = att_reader_of(in);

	*out = (struct att_secs){ 0 };
	out->size = att_le64(&r, "size");
	out->ssa_frame_size = att_le32(&r, "ssa_frame_size");
	out->misc_select = att_le32(&r, "misc_select");
	out->attributes = att_le64(&r, "attributes");
	out->xfrm = att_le64(&r, "xfrm");
	att_copy(&r, out->mr_enclave, sizeof(out->mr_enclave), "mr_enclave");
	att_copy(&r, out->mr_signer, sizeof(out->mr_signer), "mr_signer");
	att_copy(&r, out->config_id, sizeof(out->config_id), "config_id");
	out->isv_prod_id = att_le16(&r, "isv_prod_id");
	out->isv_svn = att_le16(&r, "isv_svn");
	out->config_svn = att_le16(&r, "config_svn");
	att_copy(&r, out->isv_family_id, sizeof(out->isv_family_id), "isv_family_id");
	att_copy(&r, out->isv_ext_prod_id, sizeof(out->isv_ext_prod_id), "isv_ext_prod_id");
	att_rc rc = att_reader_end(&r, err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "identity of an enclave");
}

void att_sim_put_td_identity(att_buf *b, const struct att_sim_td_identity *td)
{
	att_put_le64(b, td->attributes);
	att_put_le64(b, td->xfam);
	att_put_mem(b, td->mr_td, sizeof(td->mr_td));
}

att_rc att_sim_td_identity_parse(att_bytes in, struct att_sim_td_identity *out, att_err *err)
{
	att_reader r = att_reader_of(in);

	*out = (struct att_sim_td_identity){ 0 };
	out->attributes = att_le64(&r, "attributes");
	out->xfam = att_le64(&r, "xfam");
	att_copy(&r, out->mr_td, sizeof(out->mr_td), "mr_td");
	att_rc rc = att_reader_end(&r, err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "identity of a TD");
}
