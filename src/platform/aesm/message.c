/* SPDX-License-Identifier: Apache-2.0 */
/* One row a field below, and one walk over the generated descriptors in each direction: what a
 * field is (its type, whether it is required) stands in aesm.proto alone. */
#include "platform/aesm/message.h"

#include <codec/aesm.pb-c.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/aesm/frame.h"

struct field {
	enum att_aesm_call call;
	unsigned id;  /* its number in the call's message */
	size_t where; /* in struct att_aesm_request or att_aesm_response */
	size_t min;   /* bytes it can have */
	size_t max;
	bool wanted; /* a response that says success must have it */
};

#define REQ(member) offsetof(struct att_aesm_request, member)
#define RES(member) offsetof(struct att_aesm_response, member)
#define ANY         0, ATT_AESM_BODY_MAX
#define EXACT(n)    (n), (n)

static const struct field request_fields[] = {
	{ ATT_AESM_GET_QUOTE, 1, REQ(get_quote.report), EXACT(ATT_AESM_REPORT), false },
	{ ATT_AESM_GET_QUOTE, 2, REQ(get_quote.quote_type), ANY, false },
	{ ATT_AESM_GET_QUOTE, 3, REQ(get_quote.spid), EXACT(ATT_AESM_SPID), false },
	{ ATT_AESM_GET_QUOTE, 4, REQ(get_quote.nonce), EXACT(ATT_AESM_NONCE), false },
	{ ATT_AESM_GET_QUOTE, 5, REQ(get_quote.sig_rl), ANY, false },
	{ ATT_AESM_GET_QUOTE, 6, REQ(get_quote.buf_size), ANY, false },
	{ ATT_AESM_GET_QUOTE, 7, REQ(get_quote.qe_report), ANY, false },
	{ ATT_AESM_LAUNCH_TOKEN, 1, REQ(launch_token.mr_enclave), EXACT(32), false },
	{ ATT_AESM_LAUNCH_TOKEN, 2, REQ(launch_token.mr_signer), EXACT(384), false },
	{ ATT_AESM_LAUNCH_TOKEN, 3, REQ(launch_token.se_attributes), EXACT(16), false },
	{ ATT_AESM_REPORT_ERROR, 1, REQ(report_error.platform_info), EXACT(ATT_AESM_PLATFORM_INFO),
	  false },
	{ ATT_AESM_REPORT_ERROR, 2, REQ(report_error.attestation_error_code), ANY, false },
	{ ATT_AESM_REPORT_ERROR, 3, REQ(report_error.update_info_size), ANY, false },
	{ ATT_AESM_WHITE_LIST, 1, REQ(white_list.white_list_size), ANY, false },
	{ ATT_AESM_SWITCH_GROUP, 1, REQ(switch_group.x_group_id), ANY, false },
	{ ATT_AESM_REGISTER, 1, REQ(registration.buf), ANY, false },
	{ ATT_AESM_REGISTER, 2, REQ(registration.data_type), ANY, false },
	{ ATT_AESM_INIT_QUOTE_EX, 1, REQ(init_quote_ex.att_key_id), EXACT(ATT_AESM_KEY_ID), false },
	{ ATT_AESM_INIT_QUOTE_EX, 3, REQ(init_quote_ex.b_pub_key_id), ANY, false },
	{ ATT_AESM_INIT_QUOTE_EX, 4, REQ(init_quote_ex.buf_size), ANY, false },
	{ ATT_AESM_QUOTE_SIZE_EX, 1, REQ(quote_size_ex.att_key_id), EXACT(ATT_AESM_KEY_ID), false },
	{ ATT_AESM_GET_QUOTE_EX, 1, REQ(get_quote_ex.report), EXACT(ATT_AESM_REPORT), false },
	{ ATT_AESM_GET_QUOTE_EX, 2, REQ(get_quote_ex.att_key_id), EXACT(ATT_AESM_KEY_ID), false },
	{ ATT_AESM_GET_QUOTE_EX, 3, REQ(get_quote_ex.qe_report_info),
	  EXACT(ATT_AESM_QE_REPORT_INFO), false },
	{ ATT_AESM_GET_QUOTE_EX, 4, REQ(get_quote_ex.buf_size), ANY, false },
	{ ATT_AESM_CHECK_UPDATE, 1, REQ(check_update.platform_info), EXACT(ATT_AESM_PLATFORM_INFO),
	  false },
	{ ATT_AESM_CHECK_UPDATE, 2, REQ(check_update.update_info_size), ANY, false },
	{ ATT_AESM_CHECK_UPDATE, 3, REQ(check_update.config), ANY, false },
	{ ATT_AESM_SELECT_KEY, 1, REQ(select_key.att_key_id_list),
	  ATT_AESM_KEY_LIST_HEADER + ATT_AESM_KEY_ID,
	  ATT_AESM_KEY_LIST_HEADER + ATT_AESM_KEY_LIST_MAX *ATT_AESM_KEY_ID, false },
	{ ATT_AESM_KEY_IDS, 1, REQ(key_ids.buf_size), ANY, false },
};

static const struct field response_fields[] = {
	{ ATT_AESM_INIT_QUOTE, 2, RES(init_quote.target_info), EXACT(ATT_AESM_TARGET_INFO), true },
	{ ATT_AESM_INIT_QUOTE, 3, RES(init_quote.gid), EXACT(ATT_AESM_GID), true },
	{ ATT_AESM_GET_QUOTE, 2, RES(get_quote.quote), 1, ATT_AESM_BODY_MAX, true },
	{ ATT_AESM_GET_QUOTE, 3, RES(get_quote.qe_report), EXACT(ATT_AESM_REPORT), false },
	{ ATT_AESM_LAUNCH_TOKEN, 2, RES(launch_token.token), 1, 1024, true },
	{ ATT_AESM_REPORT_ERROR, 2, RES(update.platform_update_info), EXACT(ATT_AESM_UPDATE_INFO),
	  false },
	{ ATT_AESM_WHITE_LIST_SIZE, 2, RES(white_list_size.white_list_size), ANY, true },
	{ ATT_AESM_WHITE_LIST, 2, RES(white_list.white_list), ANY, true },
	{ ATT_AESM_EXTENDED_GROUP, 2, RES(extended_group.x_group_id), ANY, true },
	{ ATT_AESM_INIT_QUOTE_EX, 2, RES(init_quote_ex.target_info), EXACT(ATT_AESM_TARGET_INFO),
	  false },
	{ ATT_AESM_INIT_QUOTE_EX, 3, RES(init_quote_ex.pub_key_id_size), ANY, true },
	{ ATT_AESM_INIT_QUOTE_EX, 4, RES(init_quote_ex.pub_key_id), 1, ATT_AESM_PUB_KEY_ID_MAX,
	  false },
	{ ATT_AESM_QUOTE_SIZE_EX, 2, RES(quote_size_ex.quote_size), ANY, true },
	{ ATT_AESM_GET_QUOTE_EX, 2, RES(get_quote_ex.quote), 1, ATT_AESM_BODY_MAX, true },
	{ ATT_AESM_GET_QUOTE_EX, 3, RES(get_quote_ex.qe_report_info),
	  EXACT(ATT_AESM_QE_REPORT_INFO), false },
	{ ATT_AESM_CHECK_UPDATE, 2, RES(update.platform_update_info), EXACT(ATT_AESM_UPDATE_INFO),
	  false },
	{ ATT_AESM_CHECK_UPDATE, 3, RES(update.status), ANY, false },
	{ ATT_AESM_SELECT_KEY, 2, RES(select_key.selected_att_key_id), EXACT(ATT_AESM_KEY_ID),
	  true },
	{ ATT_AESM_KEY_COUNT, 2, RES(key_count.att_key_id_num), ANY, true },
	{ ATT_AESM_KEY_IDS, 2, RES(key_ids.att_key_ids), 1, ATT_AESM_BODY_MAX, true },
};

static const char *const names[] = {
	[ATT_AESM_INIT_QUOTE] = "init quote",
	[ATT_AESM_GET_QUOTE] = "get quote",
	[ATT_AESM_LAUNCH_TOKEN] = "get launch token",
	[ATT_AESM_REPORT_ERROR] = "report attestation error",
	[ATT_AESM_WHITE_LIST_SIZE] = "get white list size",
	[ATT_AESM_WHITE_LIST] = "get white list",
	[ATT_AESM_EXTENDED_GROUP] = "get extended EPID group id",
	[ATT_AESM_SWITCH_GROUP] = "switch extended EPID group",
	[ATT_AESM_REGISTER] = "register",
	[ATT_AESM_INIT_QUOTE_EX] = "init quote ex",
	[ATT_AESM_QUOTE_SIZE_EX] = "get quote size ex",
	[ATT_AESM_GET_QUOTE_EX] = "get quote ex",
	[ATT_AESM_CHECK_UPDATE] = "check update status",
	[ATT_AESM_SELECT_KEY] = "select attestation key id",
	[ATT_AESM_UNSUPPORTED] = "unsupported request",
	[ATT_AESM_KEY_COUNT] = "get number of attestation key ids",
	[ATT_AESM_KEY_IDS] = "get attestation key ids",
};

/* One direction: what it is made of, and where its structure keeps what every call has. */
struct direction {
	const ProtobufCMessageDescriptor *outer;
	const struct field *fields;
	size_t count;
	const char *word;
};

static const struct direction requests = { &aesm__request__descriptor, request_fields,
					   ATT_COUNT(request_fields), "request" };
static const struct direction responses = { &aesm__response__descriptor, response_fields,
					    ATT_COUNT(response_fields), "response" };

const char *att_aesm_call_name(uint32_t call)
{
	return call < ATT_COUNT(names) ? names[call] : NULL;
}

static void *member(void *base, size_t offset)
{
	return (uint8_t *)base + offset;
}

static const void *member_of(const void *base, size_t offset)
{
	return (const uint8_t *)base + offset;
}

/* protobuf-c has no const views; it only reads what it packs. */
static uint8_t *lent(const uint8_t *p)
{
	union {
		const uint8_t *in;
		uint8_t *out;
	} u = { p };

	return u.out;
}

/* What tells "no memory" from "no message": protobuf-c does not. */
static void *take(void *refused, size_t size)
{
	void *p = malloc(size);
	bool *flag = refused;

	if (!p && flag)
		*flag = true;
	return p;
}

static void give_back(void *refused, void *p)
{
	(void)refused;
	free(p);
}

static const ProtobufCFieldDescriptor *described(const struct direction *d, const struct field *f)
{
	const ProtobufCFieldDescriptor *call =
	    protobuf_c_message_descriptor_get_field(d->outer, f->call);

	return protobuf_c_message_descriptor_get_field(call->descriptor, f->id);
}

/* --- encoding --- */

static void mark(void *message, const ProtobufCFieldDescriptor *f)
{
	if (f->label != PROTOBUF_C_LABEL_OPTIONAL)
		return;
	protobuf_c_boolean *has = member(message, f->quantifier_offset);
	*has = 1;
}

/* True when the number is in the field's range. */
static bool set_number(void *message, const ProtobufCFieldDescriptor *f, uint64_t value)
{
	void *to = member(message, f->offset);

	mark(message, f);
	if (f->type == PROTOBUF_C_TYPE_UINT64) {
		uint64_t *n = to;
		*n = value;
		return true;
	}
	if (f->type == PROTOBUF_C_TYPE_BOOL) {
		protobuf_c_boolean *flag = to;
		*flag = value != 0;
		return value <= 1;
	}
	uint32_t *n = to;
	*n = (uint32_t)value;
	return value <= UINT32_MAX;
}

/* What ours says of the field; false when the field is required and it says nothing, or can not be
 * said. */
static bool set_field(void *message, const ProtobufCFieldDescriptor *f, const void *ours)
{
	if (f->type == PROTOBUF_C_TYPE_BYTES) {
		const att_bytes *b = ours;
		if (!b->ptr)
			return f->label != PROTOBUF_C_LABEL_REQUIRED;
		ProtobufCBinaryData *data = member(message, f->offset);
		*data = (ProtobufCBinaryData){ .len = b->len, .data = lent(b->ptr) };
		mark(message, f);
		return true;
	}
	const struct att_aesm_number *n = ours;
	if (!n->given)
		return f->label != PROTOBUF_C_LABEL_REQUIRED;
	return set_number(message, f, n->value);
}

static att_rc fill(const struct direction *d, const void *ours, uint32_t call, void *message,
		   att_err *err)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct field *row = &d->fields[i];
		if (row->call != call)
			continue;
		const ProtobufCFieldDescriptor *f = described(d, row);
		if (!set_field(message, f, member_of(ours, row->where)))
			return att_fail(err, ATT_E_ARG, "AESM %s \"%s\": no %s, or out of range",
					d->word, names[call], f->name);
	}
	return ATT_OK;
}

static att_rc pack(const ProtobufCMessage *message, att_buf *out, att_err *err)
{
	att_auto_buf att_buf body = { 0 };
	size_t len = protobuf_c_message_get_packed_size(message);

	if (len > ATT_AESM_BODY_MAX)
		return att_fail(err, ATT_E_ARG,
				"a message of %zu bytes does not fit an AESM frame, %u do", len,
				ATT_AESM_BODY_MAX);
	att_put_zero(&body, len);
	att_rc rc = att_buf_ok(&body, err);
	if (rc != ATT_OK)
		return rc;
	protobuf_c_message_pack(message, body.ptr);
	return att_aesm_frame_put(out, att_buf_bytes(&body), err);
}

/* Room for any one message inside Request and Response, and for these themselves. */
union message {
	ProtobufCMessage base;
	Aesm__Request request;
	Aesm__Response response;
	Aesm__GetQuoteReq get_quote_req;
	Aesm__InitQuoteExRes init_quote_ex_res;
};

static att_rc put(const struct direction *d, const void *ours, uint32_t call,
		  const struct att_aesm_number *common, const char *common_name, att_buf *out,
		  att_err *err)
{
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(d->outer, call);
	const ProtobufCMessageDescriptor *kind = f ? f->descriptor : NULL;
	union message outer, inner;

	if (!kind || kind->sizeof_message > sizeof(inner))
		return att_fail(err, ATT_E_ARG, "%u is no AESM %s", call, d->word);
	protobuf_c_message_init(d->outer, &outer);
	protobuf_c_message_init(kind, &inner);
	const ProtobufCFieldDescriptor *both =
	    protobuf_c_message_descriptor_get_field_by_name(kind, common_name);
	if (!set_field(&inner, both, common))
		return att_fail(err, ATT_E_ARG, "AESM %s \"%s\": %s is out of range", d->word,
				names[call], common_name);
	att_rc rc = fill(d, ours, call, &inner, err);
	if (rc != ATT_OK)
		return rc;
	void **sub = member(&outer, f->offset);
	*sub = &inner;
	return pack(&outer.base, out, err);
}

att_rc att_aesm_request_put(const struct att_aesm_request *r, att_buf *out, att_err *err)
{
	return put(&requests, r, r->call, &r->timeout, "timeout", out, err);
}

att_rc att_aesm_response_put(const struct att_aesm_response *r, att_buf *out, att_err *err)
{
	struct att_aesm_number error = att_aesm_number(r->error);

	return put(&responses, r, r->call, &error, "error_code", out, err);
}

/* --- decoding --- */

static bool is_marked(const void *message, const ProtobufCFieldDescriptor *f)
{
	if (f->label != PROTOBUF_C_LABEL_OPTIONAL)
		return true;
	const protobuf_c_boolean *has = member_of(message, f->quantifier_offset);
	return *has != 0;
}

static uint64_t number_at(const void *from, ProtobufCType type)
{
	if (type == PROTOBUF_C_TYPE_UINT64) {
		const uint64_t *n = from;
		return *n;
	}
	if (type == PROTOBUF_C_TYPE_BOOL) {
		const protobuf_c_boolean *flag = from;
		return *flag != 0;
	}
	const uint32_t *n = from;
	return *n;
}

static void get_field(const void *message, const ProtobufCFieldDescriptor *f, void *ours)
{
	static const uint8_t nothing;

	if (!is_marked(message, f))
		return;
	if (f->type == PROTOBUF_C_TYPE_BYTES) {
		const ProtobufCBinaryData *data = member_of(message, f->offset);
		att_bytes *b = ours;
		*b = data->len ? att_bytes_of(data->data, data->len) : att_bytes_of(&nothing, 0);
		return;
	}
	struct att_aesm_number *n = ours;
	*n = att_aesm_number(number_at(member_of(message, f->offset), f->type));
}

/* The one message inside; NULL when there is none or more than one. */
static const ProtobufCMessage *only(const ProtobufCMessage *outer, unsigned *call)
{
	const ProtobufCMessage *found = NULL;

	for (unsigned i = 0; i < outer->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &outer->descriptor->fields[i];
		ProtobufCMessage *const *sub = member_of(outer, f->offset);
		if (!*sub)
			continue;
		if (found)
			return NULL;
		found = *sub;
		*call = f->id;
	}
	return found;
}

static void release(void *owned)
{
	ProtobufCAllocator allocator = { take, give_back, NULL };

	if (owned)
		protobuf_c_message_free_unpacked(owned, &allocator);
}

/* The decoded message, owned by the caller, and the one inside it. */
static att_rc open_body(const struct direction *d, att_bytes body, ProtobufCMessage **outer,
			const ProtobufCMessage **inner, unsigned *call, att_err *err)
{
	bool refused = false;
	ProtobufCAllocator allocator = { take, give_back, &refused };

	*outer = NULL;
	if (body.len == 0 || body.len > ATT_AESM_BODY_MAX)
		return att_fail(err, ATT_E_FORMAT, "AESM %s of %zu bytes, expected 1 to %u",
				d->word, body.len, ATT_AESM_BODY_MAX);
	ProtobufCMessage *m = protobuf_c_message_unpack(d->outer, &allocator, body.len, body.ptr);
	if (refused) {
		release(m);
		return att_fail(err, ATT_E_NOMEM, "AESM %s: out of memory", d->word);
	}
	if (!m)
		return att_fail(err, ATT_E_FORMAT,
				"AESM %s: not in protocol buffers, or something required is "
				"missing",
				d->word);
	*inner = only(m, call);
	if (!*inner) {
		release(m);
		return att_fail(err, ATT_E_FORMAT, "AESM %s: not exactly one call in it", d->word);
	}
	*outer = m;
	return ATT_OK;
}

static att_rc decode(const struct direction *d, att_bytes body, void *ours, unsigned *call,
		     struct att_aesm_number *common, const char *common_name, void **owned,
		     att_err *err)
{
	ProtobufCMessage *outer;
	const ProtobufCMessage *inner;
	att_rc rc = open_body(d, body, &outer, &inner, call, err);

	if (rc != ATT_OK)
		return rc;
	get_field(inner,
		  protobuf_c_message_descriptor_get_field_by_name(inner->descriptor, common_name),
		  common);
	for (size_t i = 0; i < d->count; i++) {
		const struct field *row = &d->fields[i];
		if (row->call == *call)
			get_field(inner, described(d, row), member(ours, row->where));
	}
	*owned = outer;
	return ATT_OK;
}

att_rc att_aesm_request_decode(att_bytes body, struct att_aesm_request *out, att_err *err)
{
	unsigned call = 0;

	*out = (struct att_aesm_request){ 0 };
	att_rc rc = decode(&requests, body, out, &call, &out->timeout, "timeout", &out->owned, err);
	if (rc == ATT_OK)
		out->call = (enum att_aesm_call)call;
	return rc;
}

att_rc att_aesm_response_decode(att_bytes body, struct att_aesm_response *out, att_err *err)
{
	struct att_aesm_number error = { 0 };
	unsigned call = 0;

	*out = (struct att_aesm_response){ 0 };
	att_rc rc = decode(&responses, body, out, &call, &error, "error_code", &out->owned, err);
	if (rc != ATT_OK)
		return rc;
	out->call = (enum att_aesm_call)call;
	out->error = (uint32_t)error.value;
	return ATT_OK;
}

void att_aesm_request_clear(struct att_aesm_request *r)
{
	release(r->owned);
	*r = (struct att_aesm_request){ 0 };
}

void att_aesm_response_clear(struct att_aesm_response *r)
{
	release(r->owned);
	*r = (struct att_aesm_response){ 0 };
}

/* --- lengths --- */

static att_rc check_field(const struct direction *d, const struct field *row, const void *ours,
			  att_err *err)
{
	const ProtobufCFieldDescriptor *f = described(d, row);
	const char *call = names[row->call];

	if (f->type != PROTOBUF_C_TYPE_BYTES) {
		const struct att_aesm_number *n = ours;
		if (row->wanted && !n->given)
			return att_fail(err, ATT_E_FORMAT, "AESM %s \"%s\": no %s", d->word, call,
					f->name);
		return ATT_OK;
	}
	const att_bytes *b = ours;
	if (!b->ptr && !row->wanted)
		return ATT_OK;
	if (!b->ptr)
		return att_fail(err, ATT_E_FORMAT, "AESM %s \"%s\": no %s", d->word, call, f->name);
	if (b->len >= row->min && b->len <= row->max)
		return ATT_OK;
	return att_fail(err, ATT_E_FORMAT, "AESM %s \"%s\": %s is %zu bytes, expected %zu to %zu",
			d->word, call, f->name, b->len, row->min, row->max);
}

static att_rc check(const struct direction *d, uint32_t call, const void *ours, att_err *err)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct field *row = &d->fields[i];
		if (row->call != call)
			continue;
		att_rc rc = check_field(d, row, member_of(ours, row->where), err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

att_rc att_aesm_request_check(const struct att_aesm_request *r, att_err *err)
{
	return check(&requests, r->call, r, err);
}

att_rc att_aesm_response_check(const struct att_aesm_response *r, att_err *err)
{
	return r->error == 0 ? check(&responses, r->call, r, err) : ATT_OK;
}
