/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of the client: what goes in, what must come out. */
#include "platform/aesm/client.h"

#include <string.h>

#include "base/error.h"
#include "base/reader.h"
#include "platform/aesm/frame.h"

/* In EPID quotes ("sgx_quote.h" of Intel's SDK) and in SGX ECDSA quotes ("sgx_quote_3.h") alike,
 * the length of the signature stands here. */
#define SIG_LEN_AT     432u
#define EPID_QUOTE     1116u
#define EPID_PER_ENTRY 160u
#define SIGRL_HEAD     80u /* header and signature */
#define SIGRL_ENTRY    128u

static att_bytes of(const uint8_t *p, size_t len)
{
	return att_bytes_of(p, p ? len : 0);
}

/* A call that must succeed: any error code of the daemon is a failure. */
static att_rc demand(const struct att_aesm_client *c, const struct att_aesm_request *q,
		     struct att_aesm_response *a, att_err *err)
{
	att_rc rc = att_aesm_call(c, q, a, err);

	if (rc != ATT_OK || a->error == ATT_AESM_SUCCESS)
		return rc;
	return att_aesm_fail(err, a->error, att_aesm_call_name(q->call));
}

static struct att_aesm_request request_of(const struct att_aesm_client *c, enum att_aesm_call call)
{
	return (struct att_aesm_request){
		.call = call,
		.timeout = att_aesm_number(c->timeout_ms ? c->timeout_ms : ATT_AESM_TIMEOUT_MS),
	};
}

/* How long the quote inside a padded buffer is: behind its fixed part, and a length there. */
static att_rc put_quote(att_bytes padded, att_buf *quote, att_err *err)
{
	att_reader r = att_reader_of(padded);

	att_skip(&r, SIG_LEN_AT, "body");
	size_t signature = att_le32(&r, "signature_len");
	att_skip(&r, signature, "signature");
	att_bytes padding = att_peek_rest(&r);
	att_rc rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, ATT_E_FORMAT, "aesmd's quote of %zu bytes", padded.len);
	att_put(quote, att_bytes_of(padded.ptr, padded.len - padding.len));
	return att_buf_ok(quote, err);
}

static att_rc copy_number(struct att_aesm_number n, uint32_t *out, const char *what, att_err *err)
{
	if (n.value > UINT32_MAX)
		return att_fail(err, ATT_E_FORMAT, "aesmd: %s does not fit 32 bits", what);
	*out = (uint32_t)n.value;
	return ATT_OK;
}

/* --- EPID --- */

att_rc att_aesm_init_quote(const struct att_aesm_client *c,
			   uint8_t target_info[static ATT_AESM_TARGET_INFO],
			   uint8_t gid[static ATT_AESM_GID], att_err *err)
{
	const struct att_aesm_request q = request_of(c, ATT_AESM_INIT_QUOTE);
	att_auto_aesm_response struct att_aesm_response a = { 0 };
	att_rc rc = demand(c, &q, &a, err);

	if (rc != ATT_OK)
		return rc;
	memcpy(target_info, a.init_quote.target_info.ptr, ATT_AESM_TARGET_INFO);
	memcpy(gid, a.init_quote.gid.ptr, ATT_AESM_GID);
	return ATT_OK;
}

/* Intel SGX SDK, sgx_calc_quote_size(). */
static size_t epid_quote_len(att_bytes sig_rl)
{
	size_t entries = sig_rl.len > SIGRL_HEAD ? (sig_rl.len - SIGRL_HEAD) / SIGRL_ENTRY : 0;

	return EPID_QUOTE + EPID_PER_ENTRY * entries;
}

att_rc att_aesm_get_quote(const struct att_aesm_client *c, const struct att_aesm_epid *in,
			  att_buf *quote, uint8_t qe_report[ATT_AESM_REPORT], att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_GET_QUOTE);
	att_auto_aesm_response struct att_aesm_response a = { 0 };

	q.get_quote.report = of(in->report, ATT_AESM_REPORT);
	q.get_quote.quote_type = att_aesm_number(in->linkable);
	q.get_quote.spid = of(in->spid, ATT_AESM_SPID);
	q.get_quote.nonce = of(in->nonce, ATT_AESM_NONCE);
	if (in->sig_rl.len)
		q.get_quote.sig_rl = in->sig_rl;
	q.get_quote.buf_size =
	    att_aesm_number(in->quote_len ? in->quote_len : epid_quote_len(in->sig_rl));
	if (in->nonce)
		q.get_quote.qe_report = att_aesm_number(1);
	att_rc rc = demand(c, &q, &a, err);
	if (rc != ATT_OK)
		return rc;
	if (in->nonce && qe_report) {
		if (!a.get_quote.qe_report.ptr)
			return att_fail(err, ATT_E_FORMAT, "aesmd: the QE report is missing");
		memcpy(qe_report, a.get_quote.qe_report.ptr, ATT_AESM_REPORT);
	}
	return put_quote(a.get_quote.quote, quote, err);
}

/* --- keys by id --- */

static att_rc init_ex(const struct att_aesm_client *c, const struct att_aesm_key_id *key,
		      struct att_aesm_number size, struct att_aesm_response *a, att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_INIT_QUOTE_EX);

	q.init_quote_ex.att_key_id = of(key->bytes, sizeof(key->bytes));
	q.init_quote_ex.b_pub_key_id = att_aesm_number(size.given);
	q.init_quote_ex.buf_size = size;
	return demand(c, &q, a, err);
}

att_rc att_aesm_init_quote_ex(const struct att_aesm_client *c, const struct att_aesm_key_id *key,
			      uint8_t target_info[static ATT_AESM_TARGET_INFO],
			      uint8_t pub_key_id[ATT_AESM_PUB_KEY_ID_MAX], size_t *pub_key_id_len,
			      att_err *err)
{
	att_auto_aesm_response struct att_aesm_response probe = { 0 };
	att_auto_aesm_response struct att_aesm_response a = { 0 };
	size_t room = *pub_key_id_len;

	*pub_key_id_len = 0;
	att_rc rc = init_ex(c, key, (struct att_aesm_number){ 0 }, &probe, err);
	if (rc != ATT_OK)
		return rc;
	const struct att_aesm_number size = probe.init_quote_ex.pub_key_id_size;
	if (size.value == 0 || size.value > room)
		return att_fail(err, ATT_E_FORMAT,
				"aesmd: public key id of %llu bytes, expected 1 to %zu",
				(unsigned long long)size.value, room);
	rc = init_ex(c, key, size, &a, err);
	if (rc != ATT_OK)
		return rc;
	const att_bytes id = a.init_quote_ex.pub_key_id;
	if (!a.init_quote_ex.target_info.ptr || id.len == 0 || id.len > room)
		return att_fail(err, ATT_E_FORMAT,
				"aesmd: no target info, or a public key id of %zu bytes", id.len);
	memcpy(target_info, a.init_quote_ex.target_info.ptr, ATT_AESM_TARGET_INFO);
	memcpy(pub_key_id, id.ptr, id.len);
	*pub_key_id_len = id.len;
	return ATT_OK;
}

/* A call that wants the key initialised: when it is not, that is done, once. Whoever holds a report
 * for the old target info finds out by error 47. */
static att_rc demand_key(const struct att_aesm_client *c, const struct att_aesm_key_id *key,
			 const struct att_aesm_request *q, struct att_aesm_response *a,
			 att_err *err)
{
	uint8_t target_info[ATT_AESM_TARGET_INFO];
	uint8_t pub_key_id[ATT_AESM_PUB_KEY_ID_MAX];
	size_t len = sizeof(pub_key_id);
	att_rc rc = att_aesm_call(c, q, a, err);

	if (rc != ATT_OK || a->error == ATT_AESM_SUCCESS)
		return rc;
	if (a->error != ATT_AESM_ATT_KEY_NOT_INITIALIZED)
		return att_aesm_fail(err, a->error, att_aesm_call_name(q->call));
	att_aesm_response_clear(a);
	rc = att_aesm_init_quote_ex(c, key, target_info, pub_key_id, &len, err);
	return rc == ATT_OK ? demand(c, q, a, err) : rc;
}

att_rc att_aesm_get_quote_size_ex(const struct att_aesm_client *c,
				  const struct att_aesm_key_id *key, uint32_t *size, att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_QUOTE_SIZE_EX);
	att_auto_aesm_response struct att_aesm_response a = { 0 };

	*size = 0;
	q.quote_size_ex.att_key_id = of(key->bytes, sizeof(key->bytes));
	att_rc rc = demand_key(c, key, &q, &a, err);
	return rc == ATT_OK ? copy_number(a.quote_size_ex.quote_size, size, "quote size", err) : rc;
}

att_rc att_aesm_get_quote_ex(const struct att_aesm_client *c, const struct att_aesm_key_id *key,
			     const uint8_t report[static ATT_AESM_REPORT], uint32_t size,
			     uint8_t qe_report_info[ATT_AESM_QE_REPORT_INFO], att_buf *quote,
			     att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_GET_QUOTE_EX);
	att_auto_aesm_response struct att_aesm_response a = { 0 };

	q.get_quote_ex.report = of(report, ATT_AESM_REPORT);
	q.get_quote_ex.att_key_id = of(key->bytes, sizeof(key->bytes));
	q.get_quote_ex.qe_report_info = of(qe_report_info, ATT_AESM_QE_REPORT_INFO);
	q.get_quote_ex.buf_size = att_aesm_number(size);
	att_rc rc = demand_key(c, key, &q, &a, err);
	if (rc != ATT_OK)
		return rc;
	if (qe_report_info) {
		if (!a.get_quote_ex.qe_report_info.ptr)
			return att_fail(err, ATT_E_FORMAT, "aesmd: the QE report info is missing");
		memcpy(qe_report_info, a.get_quote_ex.qe_report_info.ptr, ATT_AESM_QE_REPORT_INFO);
	}
	return put_quote(a.get_quote_ex.quote, quote, err);
}

att_rc att_aesm_select_key(const struct att_aesm_client *c, const struct att_aesm_key_id *list,
			   size_t count, struct att_aesm_key_id *out, att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_SELECT_KEY);
	att_auto_aesm_response struct att_aesm_response a = { 0 };
	att_auto_buf att_buf b = { 0 };
	att_rc rc;

	*out = (struct att_aesm_key_id){ 0 };
	if (count > ATT_AESM_KEY_LIST_MAX)
		return att_fail(err, ATT_E_ARG, "%zu key ids to select from, at most %u", count,
				ATT_AESM_KEY_LIST_MAX);
	if (count) {
		att_put_le32(&b, 0); /* id and version */
		att_put_le32(&b, (uint32_t)count);
		att_put_mem(&b, list, count * sizeof(*list));
		rc = att_buf_ok(&b, err);
		if (rc != ATT_OK)
			return rc;
		q.select_key.att_key_id_list = att_buf_bytes(&b);
	}
	rc = demand(c, &q, &a, err);
	if (rc == ATT_OK)
		memcpy(out->bytes, a.select_key.selected_att_key_id.ptr, sizeof(out->bytes));
	return rc;
}

att_rc att_aesm_key_count(const struct att_aesm_client *c, uint32_t *count, att_err *err)
{
	const struct att_aesm_request q = request_of(c, ATT_AESM_KEY_COUNT);
	att_auto_aesm_response struct att_aesm_response a = { 0 };
	att_rc rc = demand(c, &q, &a, err);

	*count = 0;
	return rc == ATT_OK ? copy_number(a.key_count.att_key_id_num, count, "key count", err) : rc;
}

att_rc att_aesm_key_ids(const struct att_aesm_client *c, struct att_aesm_key_id *out, size_t *count,
			att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_KEY_IDS);
	att_auto_aesm_response struct att_aesm_response a = { 0 };
	size_t room = *count;

	*count = 0;
	if (room == 0 || room > ATT_AESM_BODY_MAX / sizeof(*out))
		return att_fail(err, ATT_E_ARG, "room for %zu key ids, expected 1 to %zu", room,
				ATT_AESM_BODY_MAX / sizeof(*out));
	q.key_ids.buf_size = att_aesm_number(room * sizeof(*out));
	att_rc rc = demand(c, &q, &a, err);
	if (rc != ATT_OK)
		return rc;
	const att_bytes ids = a.key_ids.att_key_ids;
	if (ids.len % sizeof(*out) != 0 || ids.len / sizeof(*out) > room)
		return att_fail(err, ATT_E_FORMAT, "aesmd: %zu bytes of key ids, expected %zu each",
				ids.len, sizeof(*out));
	memcpy(out, ids.ptr, ids.len);
	*count = ids.len / sizeof(*out);
	return ATT_OK;
}

/* --- beside quotes --- */

/* With an error code beside it nobody has looked at the length yet. */
static att_rc copy_update(const struct att_aesm_response *a,
			  uint8_t update_info[static ATT_AESM_UPDATE_INFO], att_err *err)
{
	const att_bytes info = a->update.platform_update_info;

	memset(update_info, 0, ATT_AESM_UPDATE_INFO);
	if (info.len == 0)
		return ATT_OK;
	if (info.len != ATT_AESM_UPDATE_INFO)
		return att_fail(err, ATT_E_FORMAT, "aesmd: update info of %zu bytes, expected %u",
				info.len, ATT_AESM_UPDATE_INFO);
	memcpy(update_info, info.ptr, ATT_AESM_UPDATE_INFO);
	return ATT_OK;
}

att_rc att_aesm_report_error(const struct att_aesm_client *c,
			     const uint8_t platform_info[static ATT_AESM_PLATFORM_INFO],
			     uint32_t attestation_error,
			     uint8_t update_info[static ATT_AESM_UPDATE_INFO], att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_REPORT_ERROR);
	att_auto_aesm_response struct att_aesm_response a = { 0 };

	q.report_error.platform_info = of(platform_info, ATT_AESM_PLATFORM_INFO);
	q.report_error.attestation_error_code = att_aesm_number(attestation_error);
	q.report_error.update_info_size = att_aesm_number(ATT_AESM_UPDATE_INFO);
	att_rc rc = att_aesm_call(c, &q, &a, err);
	if (rc != ATT_OK)
		return rc;
	/* That an update is there is the answer, not a failure. */
	if (a.error != ATT_AESM_SUCCESS && a.error != ATT_AESM_UPDATE_AVAILABLE)
		return att_aesm_fail(err, a.error, att_aesm_call_name(q.call));
	return copy_update(&a, update_info, err);
}

att_rc att_aesm_check_update(const struct att_aesm_client *c,
			     const uint8_t platform_info[static ATT_AESM_PLATFORM_INFO],
			     uint32_t config, uint8_t update_info[static ATT_AESM_UPDATE_INFO],
			     uint32_t *status, att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_CHECK_UPDATE);
	att_auto_aesm_response struct att_aesm_response a = { 0 };

	*status = 0;
	q.check_update.platform_info = of(platform_info, ATT_AESM_PLATFORM_INFO);
	q.check_update.update_info_size = att_aesm_number(ATT_AESM_UPDATE_INFO);
	q.check_update.config = att_aesm_number(config);
	att_rc rc = demand(c, &q, &a, err);
	if (rc == ATT_OK)
		rc = copy_update(&a, update_info, err);
	if (rc != ATT_OK)
		return rc;
	return copy_number(a.update.status, status, "update status", err);
}

att_rc att_aesm_launch_token(const struct att_aesm_client *c, const uint8_t mr_enclave[static 32],
			     const uint8_t modulus[static 384], const uint8_t attributes[static 16],
			     att_buf *token, att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_LAUNCH_TOKEN);
	att_auto_aesm_response struct att_aesm_response a = { 0 };

	q.launch_token.mr_enclave = of(mr_enclave, 32);
	q.launch_token.mr_signer = of(modulus, 384);
	q.launch_token.se_attributes = of(attributes, 16);
	att_rc rc = demand(c, &q, &a, err);
	if (rc != ATT_OK)
		return rc;
	att_put(token, a.launch_token.token);
	return att_buf_ok(token, err);
}

att_rc att_aesm_white_list(const struct att_aesm_client *c, att_buf *list, att_err *err)
{
	const struct att_aesm_request ask = request_of(c, ATT_AESM_WHITE_LIST_SIZE);
	struct att_aesm_request q = request_of(c, ATT_AESM_WHITE_LIST);
	att_auto_aesm_response struct att_aesm_response size = { 0 };
	att_auto_aesm_response struct att_aesm_response a = { 0 };
	att_rc rc = demand(c, &ask, &size, err);

	if (rc != ATT_OK)
		return rc;
	q.white_list.white_list_size = size.white_list_size.white_list_size;
	rc = demand(c, &q, &a, err);
	if (rc != ATT_OK)
		return rc;
	att_put(list, a.white_list.white_list);
	return att_buf_ok(list, err);
}

att_rc att_aesm_extended_group(const struct att_aesm_client *c, uint32_t *x_group_id, att_err *err)
{
	const struct att_aesm_request q = request_of(c, ATT_AESM_EXTENDED_GROUP);
	att_auto_aesm_response struct att_aesm_response a = { 0 };
	att_rc rc = demand(c, &q, &a, err);

	*x_group_id = 0;
	return rc == ATT_OK ? copy_number(a.extended_group.x_group_id, x_group_id, "group", err)
			    : rc;
}

att_rc att_aesm_switch_group(const struct att_aesm_client *c, uint32_t x_group_id, att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_SWITCH_GROUP);
	att_auto_aesm_response struct att_aesm_response a = { 0 };

	q.switch_group.x_group_id = att_aesm_number(x_group_id);
	return demand(c, &q, &a, err);
}

att_rc att_aesm_register(const struct att_aesm_client *c, att_bytes data, uint32_t data_type,
			 att_err *err)
{
	struct att_aesm_request q = request_of(c, ATT_AESM_REGISTER);
	att_auto_aesm_response struct att_aesm_response a = { 0 };

	q.registration.buf = data;
	q.registration.data_type = att_aesm_number(data_type);
	return demand(c, &q, &a, err);
}
