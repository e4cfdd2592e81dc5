/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/aesm/server.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "platform/aesm/frame.h"
#include "platform/sim/secs.h"

#define EPID_QUOTE     1116u /* without SigRL: what the size of an EPID key's quote is */
#define ECDSA_KEY_ID   32u
#define TARGET_IN_INFO ATT_AESM_NONCE
#define REPORT_IN_INFO (ATT_AESM_NONCE + ATT_AESM_TARGET_INFO)
#define ALGORITHMS     3u

/* What is beside the quote in an answer's frame fits into the rest. */
#define QUOTE_MAX (ATT_AESM_BODY_MAX - 4096u)

/* One request on its way to an answer. `made` is what the answer's views may point into. */
struct work {
	struct att_aesm_server *s;
	const struct att_aesm_backend *b;
	const struct att_aesm_request *q;
	struct att_aesm_response *a;
	att_buf made;
	uint8_t target[ATT_AESM_TARGET_INFO];
	uint8_t report[ATT_AESM_REPORT];
	uint8_t info[ATT_AESM_QE_REPORT_INFO];
	uint8_t id[ECDSA_KEY_ID];
	struct att_aesm_key_id key;
};

static bool has_epid(const struct work *w)
{
	return w->b->group && w->b->epid_quote;
}

/* In the order of aesmd: both EPID keys, then ECDSA. False: this one is not here. */
static bool key_at(const struct work *w, unsigned algorithm, struct att_aesm_key_id *out)
{
	if (algorithm != ATT_AESM_ECDSA_P256 && !has_epid(w))
		return false;
	if (algorithm == ATT_AESM_ECDSA_P256 && !w->b->quote)
		return false;
	return att_aesm_key_id_make((enum att_aesm_algorithm)algorithm, out, NULL) == ATT_OK;
}

static bool find_key(const struct work *w, const uint8_t *id, enum att_aesm_algorithm *out)
{
	struct att_aesm_key_id key;

	for (unsigned i = 0; i < ALGORITHMS; i++)
		if (key_at(w, i, &key) && att_aesm_key_id_same(key.bytes, id)) {
			*out = (enum att_aesm_algorithm)i;
			return true;
		}
	return false;
}

/* The key that a request names. Without an id, aesmd refuses. */
static uint32_t named_key(const struct work *w, att_bytes id, enum att_aesm_algorithm *out)
{
	if (!id.ptr)
		return ATT_AESM_PARAMETER;
	return find_key(w, id.ptr, out) ? ATT_AESM_SUCCESS : ATT_AESM_UNSUPPORTED_ATT_KEY_ID;
}

static uint32_t get_target(struct work *w, bool epid)
{
	return w->b->target ? w->b->target(w->b->ctx, epid, w->target)
			    : (uint32_t)ATT_AESM_INTERFACE_UNAVAILABLE;
}

static uint32_t get_group(struct work *w, uint32_t *extended)
{
	*extended = 0;
	return w->b->group ? w->b->group(w->b->ctx, w->id, extended)
			   : (uint32_t)ATT_AESM_INTERFACE_UNAVAILABLE;
}

static uint32_t quote_size(struct work *w, uint32_t *size)
{
	return w->b->quote_size ? w->b->quote_size(w->b->ctx, size)
				: (uint32_t)ATT_AESM_INTERFACE_UNAVAILABLE;
}

/* The quoting enclave's report over the quote in `made`, which has no padding yet: it hashes what
 * it wrote. */
static uint32_t vouch(struct work *w, bool epid, const uint8_t *nonce, const uint8_t *target)
{
	return w->b->qe_report ? w->b->qe_report(w->b->ctx, epid, nonce, target,
						 att_buf_bytes(&w->made), w->report)
			       : (uint32_t)ATT_AESM_INTERFACE_UNAVAILABLE;
}

/* aesmd returns as many bytes as were asked for, zeros behind the quote. */
static uint32_t pad(struct work *w, uint64_t buf_size, att_bytes *quote)
{
	if (buf_size < w->made.len || buf_size > QUOTE_MAX)
		return ATT_AESM_PARAMETER;
	att_put_zero(&w->made, (size_t)buf_size - w->made.len);
	if (w->made.failed)
		return ATT_AESM_OUT_OF_MEMORY;
	*quote = att_buf_bytes(&w->made);
	return ATT_AESM_SUCCESS;
}

/* --- EPID, the old way --- */

static uint32_t do_init_quote(struct work *w)
{
	uint32_t extended;
	uint32_t e = get_group(w, &extended);

	if (e == ATT_AESM_SUCCESS)
		e = get_target(w, true);
	w->a->init_quote.target_info = att_bytes_of(w->target, sizeof(w->target));
	w->a->init_quote.gid = att_bytes_of(w->id, ATT_AESM_GID);
	return e;
}

static uint32_t do_get_quote(struct work *w)
{
	const struct att_aesm_epid_ask ask = {
		.report = w->q->get_quote.report.ptr,
		.linkable = w->q->get_quote.quote_type.value == 1,
		.spid = w->q->get_quote.spid.ptr,
		.sig_rl = w->q->get_quote.sig_rl,
	};
	const uint8_t *nonce = w->q->get_quote.nonce.ptr;
	bool vouched = w->q->get_quote.qe_report.value == 1;

	if (!has_epid(w))
		return ATT_AESM_SERVICE_UNAVAILABLE;
	/* The quoting enclave takes nonce and room for its report together or not at all. */
	if (w->q->get_quote.quote_type.value > 1 || vouched != (nonce != NULL))
		return ATT_AESM_PARAMETER;
	uint32_t e = w->b->epid_quote(w->b->ctx, &ask, &w->made);
	if (e == ATT_AESM_SUCCESS && vouched) {
		att_sgx_report_target(ask.report, w->target);
		e = vouch(w, true, nonce, w->target);
		w->a->get_quote.qe_report = att_bytes_of(w->report, sizeof(w->report));
	}
	if (e != ATT_AESM_SUCCESS)
		return e;
	return pad(w, w->q->get_quote.buf_size.value, &w->a->get_quote.quote);
}

static uint32_t do_extended_group(struct work *w)
{
	uint32_t extended;
	uint32_t e = get_group(w, &extended);

	w->a->extended_group.x_group_id = att_aesm_number(extended);
	return e;
}

/* There is only the group the platform is in. */
static uint32_t do_switch_group(struct work *w)
{
	uint32_t extended;
	uint32_t e = get_group(w, &extended);

	if (e != ATT_AESM_SUCCESS)
		return e;
	return w->q->switch_group.x_group_id.value == extended ? ATT_AESM_SUCCESS
							       : ATT_AESM_PARAMETER;
}

/* --- keys by id --- */

static uint32_t do_init_quote_ex(struct work *w)
{
	enum att_aesm_algorithm algorithm;
	uint32_t extended, e = named_key(w, w->q->init_quote_ex.att_key_id, &algorithm);

	if (e != ATT_AESM_SUCCESS)
		return e;
	bool ecdsa = algorithm == ATT_AESM_ECDSA_P256;
	size_t size = ecdsa ? ECDSA_KEY_ID : ATT_AESM_GID;
	bool probe = w->q->init_quote_ex.b_pub_key_id.value == 0;
	e = get_target(w, !ecdsa);
	w->a->init_quote_ex.target_info = att_bytes_of(w->target, sizeof(w->target));
	w->a->init_quote_ex.pub_key_id_size = att_aesm_number(size);
	if (e != ATT_AESM_SUCCESS || probe)
		return e;
	if (w->q->init_quote_ex.buf_size.value != size)
		return ATT_AESM_PARAMETER;
	if (!ecdsa)
		e = get_group(w, &extended);
	else
		e = w->b->key_id ? w->b->key_id(w->b->ctx, w->id)
				 : (uint32_t)ATT_AESM_INTERFACE_UNAVAILABLE;
	w->a->init_quote_ex.pub_key_id = att_bytes_of(w->id, size);
	if (ecdsa && e == ATT_AESM_SUCCESS)
		w->s->initialised = true;
	return e;
}

static uint32_t do_quote_size_ex(struct work *w)
{
	enum att_aesm_algorithm algorithm;
	uint32_t size = EPID_QUOTE, e = named_key(w, w->q->quote_size_ex.att_key_id, &algorithm);

	if (e != ATT_AESM_SUCCESS)
		return e;
	if (algorithm == ATT_AESM_ECDSA_P256)
		e = w->s->initialised ? quote_size(w, &size)
				      : (uint32_t)ATT_AESM_ATT_KEY_NOT_INITIALIZED;
	w->a->quote_size_ex.quote_size = att_aesm_number(size);
	return e;
}

static uint32_t quote_by(struct work *w, enum att_aesm_algorithm algorithm)
{
	const uint8_t *report = w->q->get_quote_ex.report.ptr;
	struct att_aesm_key_fields key;

	if (algorithm == ATT_AESM_ECDSA_P256)
		return w->s->initialised ? w->b->quote(w->b->ctx, report, &w->made)
					 : (uint32_t)ATT_AESM_ATT_KEY_NOT_INITIALIZED;
	memcpy(w->key.bytes, w->q->get_quote_ex.att_key_id.ptr, sizeof(w->key.bytes));
	att_aesm_key_id_read(&w->key, &key);
	const struct att_aesm_epid_ask ask = { .report = report,
					       .linkable = algorithm == ATT_AESM_EPID_LINKABLE,
					       .spid = key.spid };
	return w->b->epid_quote(w->b->ctx, &ask, &w->made);
}

static uint32_t do_get_quote_ex(struct work *w)
{
	const att_bytes info = w->q->get_quote_ex.qe_report_info;
	enum att_aesm_algorithm algorithm;
	uint32_t e = named_key(w, w->q->get_quote_ex.att_key_id, &algorithm);

	if (e == ATT_AESM_SUCCESS)
		e = quote_by(w, algorithm);
	if (e == ATT_AESM_SUCCESS && info.ptr) {
		e = vouch(w, algorithm != ATT_AESM_ECDSA_P256, info.ptr, info.ptr + TARGET_IN_INFO);
		memcpy(w->info, info.ptr, REPORT_IN_INFO);
		memcpy(w->info + REPORT_IN_INFO, w->report, sizeof(w->report));
		w->a->get_quote_ex.qe_report_info = att_bytes_of(w->info, sizeof(w->info));
	}
	if (e != ATT_AESM_SUCCESS)
		return e;
	return pad(w, w->q->get_quote_ex.buf_size.value, &w->a->get_quote_ex.quote);
}

static uint32_t do_key_count(struct work *w)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < ALGORITHMS; i++)
		n += key_at(w, i, &w->key);
	w->a->key_count.att_key_id_num = att_aesm_number(n);
	return ATT_AESM_SUCCESS;
}

static uint32_t do_key_ids(struct work *w)
{
	for (unsigned i = 0; i < ALGORITHMS; i++)
		if (key_at(w, i, &w->key))
			att_put_mem(&w->made, w->key.bytes, sizeof(w->key.bytes));
	if (w->made.failed)
		return ATT_AESM_OUT_OF_MEMORY;
	w->a->key_ids.att_key_ids = att_buf_bytes(&w->made);
	return w->q->key_ids.buf_size.value >= w->made.len ? ATT_AESM_SUCCESS : ATT_AESM_PARAMETER;
}

/* Of the ids in the list that are here, the one of the configured kind; else the first. */
static uint32_t select_from(struct work *w, att_bytes list)
{
	att_reader r = att_reader_of(list);
	uint32_t id_and_version = att_le32(&r, "id, version");
	uint32_t count = att_le32(&r, "num_att_ids");
	att_bytes chosen = { 0 };

	if (id_and_version != 0 || att_left(&r) != (uint64_t)count * ATT_AESM_KEY_ID)
		return ATT_AESM_PARAMETER;
	for (uint32_t i = 0; i < count; i++) {
		enum att_aesm_algorithm algorithm;
		att_bytes id = att_view(&r, ATT_AESM_KEY_ID, "ext_id_list");
		if (!find_key(w, id.ptr, &algorithm))
			continue;
		if (!chosen.ptr || algorithm == w->s->preferred)
			chosen = id;
		if (algorithm == w->s->preferred)
			break;
	}
	w->a->select_key.selected_att_key_id = chosen;
	return chosen.ptr ? ATT_AESM_SUCCESS : ATT_AESM_UNSUPPORTED_ATT_KEY_ID;
}

static uint32_t do_select_key(struct work *w)
{
	bool found;

	if (w->q->select_key.att_key_id_list.ptr)
		return select_from(w, w->q->select_key.att_key_id_list);
	found = key_at(w, w->s->preferred, &w->key);
	for (unsigned i = 0; i < ALGORITHMS && !found; i++)
		found = key_at(w, i, &w->key);
	w->a->select_key.selected_att_key_id = att_bytes_of(w->key.bytes, sizeof(w->key.bytes));
	return found ? ATT_AESM_SUCCESS : ATT_AESM_UNSUPPORTED_ATT_KEY_ID;
}

/* --- the rest --- */

/* A simulated platform has neither microcode nor firmware to update. */
static uint32_t do_update(struct work *w)
{
	static const uint8_t nothing[ATT_AESM_UPDATE_INFO];

	w->a->update.platform_update_info = att_bytes_of(nothing, sizeof(nothing));
	w->a->update.status = att_aesm_number(0);
	return ATT_AESM_SUCCESS;
}

/* As a daemon without the launch plugin, which processors with flexible launch control do not
 * need. */
static uint32_t do_launch(struct work *w)
{
	(void)w;
	return ATT_AESM_SERVICE_UNAVAILABLE;
}

static uint32_t (*const calls[])(struct work *) = {
	[ATT_AESM_INIT_QUOTE] = do_init_quote,
	[ATT_AESM_GET_QUOTE] = do_get_quote,
	[ATT_AESM_LAUNCH_TOKEN] = do_launch,
	[ATT_AESM_REPORT_ERROR] = do_update,
	[ATT_AESM_WHITE_LIST_SIZE] = do_launch,
	[ATT_AESM_WHITE_LIST] = do_launch,
	[ATT_AESM_EXTENDED_GROUP] = do_extended_group,
	[ATT_AESM_SWITCH_GROUP] = do_switch_group,
	[ATT_AESM_REGISTER] = do_launch,
	[ATT_AESM_INIT_QUOTE_EX] = do_init_quote_ex,
	[ATT_AESM_QUOTE_SIZE_EX] = do_quote_size_ex,
	[ATT_AESM_GET_QUOTE_EX] = do_get_quote_ex,
	[ATT_AESM_CHECK_UPDATE] = do_update,
	[ATT_AESM_SELECT_KEY] = do_select_key,
	[ATT_AESM_KEY_COUNT] = do_key_count,
	[ATT_AESM_KEY_IDS] = do_key_ids,
};

/* A key that is lost comes back by initialising it, so the error is forced no further than that. */
static uint32_t forced(struct work *w)
{
	uint32_t e = w->b->forced ? w->b->forced(w->b->ctx, w->q->call) : 0;

	if (e != ATT_AESM_ATT_KEY_NOT_INITIALIZED) {
		w->s->lost = false;
		return e;
	}
	if (!w->s->lost)
		w->s->initialised = false;
	w->s->lost = true;
	return ATT_AESM_SUCCESS;
}

static uint32_t run(struct work *w)
{
	uint32_t e = forced(w);

	if (e != ATT_AESM_SUCCESS)
		return e;
	if (att_aesm_request_check(w->q, NULL) != ATT_OK)
		return ATT_AESM_PARAMETER;
	return calls[w->q->call](w);
}

att_rc att_aesm_answer(struct att_aesm_server *s, att_bytes frame, att_buf *out, att_err *err)
{
	att_auto_aesm_request struct att_aesm_request q = { 0 };
	struct att_aesm_response a = { 0 };
	struct work w = { .s = s, .b = s->backend, .q = &q, .a = &a };
	att_bytes body;
	att_rc rc = att_aesm_frame_parse(frame, &body, err);

	if (rc == ATT_OK)
		rc = att_aesm_request_decode(body, &q, err);
	if (rc != ATT_OK)
		return rc;
	a.call = q.call;
	a.error = run(&w);
	/* With an error goes nothing else. */
	if (a.error != ATT_AESM_SUCCESS)
		a = (struct att_aesm_response){ .call = a.call, .error = a.error };
	rc = att_aesm_response_put(&a, out, err);
	att_buf_free(&w.made);
	return rc;
}
