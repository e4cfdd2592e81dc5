/* SPDX-License-Identifier: Apache-2.0 */
/* Every request of the protocol, good and bad, as aesmd answers it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fail_alloc.h"
#include "aesm_backend.h"
#include "platform/aesm/frame.h"

struct world {
	struct fake fake;
	struct att_aesm_backend backend;
	struct att_aesm_server server;
	struct att_aesm_response answer; /* to the last request */
	struct att_aesm_key_id ecdsa;
	struct att_aesm_key_id linkable;
	uint8_t some[2048];
};

static int set_up(void **state)
{
	struct world *w = test_calloc(1, sizeof(*w));

	w->backend = fake_backend(&w->fake);
	w->server =
	    (struct att_aesm_server){ .backend = &w->backend, .preferred = ATT_AESM_ECDSA_P256 };
	for (size_t i = 0; i < sizeof(w->some); i++)
		w->some[i] = (uint8_t)(i * 7);
	assert_int_equal(att_aesm_key_id_make(ATT_AESM_ECDSA_P256, &w->ecdsa, NULL), ATT_OK);
	assert_int_equal(att_aesm_key_id_make(ATT_AESM_EPID_LINKABLE, &w->linkable, NULL), ATT_OK);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	att_aesm_response_clear(&w->answer);
	test_free(w);
	return 0;
}

/* The error code that the request is answered with; a success must have the right shape. */
static uint32_t ask(struct world *w, const struct att_aesm_request *q)
{
	att_auto_buf att_buf in = { 0 };
	att_auto_buf att_buf out = { 0 };
	att_bytes body;
	att_err err = { 0 };

	att_aesm_response_clear(&w->answer);
	assert_int_equal(att_aesm_request_put(q, &in, NULL), ATT_OK);
	if (att_aesm_answer(&w->server, att_buf_bytes(&in), &out, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(att_aesm_frame_parse(att_buf_bytes(&out), &body, NULL), ATT_OK);
	assert_int_equal(att_aesm_response_decode(body, &w->answer, NULL), ATT_OK);
	assert_int_equal(w->answer.call, q->call);
	if (att_aesm_response_check(&w->answer, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	return w->answer.error;
}

static att_bytes id_of(const struct att_aesm_key_id *key)
{
	return att_bytes_of(key->bytes, sizeof(key->bytes));
}

static uint32_t init_ex(struct world *w, const struct att_aesm_key_id *key, uint64_t size)
{
	struct att_aesm_request q = { .call = ATT_AESM_INIT_QUOTE_EX };

	q.init_quote_ex.att_key_id = id_of(key);
	q.init_quote_ex.b_pub_key_id = att_aesm_number(size != 0);
	if (size)
		q.init_quote_ex.buf_size = att_aesm_number(size);
	return ask(w, &q);
}

static struct att_aesm_request quote_ex(struct world *w, const struct att_aesm_key_id *key,
					uint64_t size)
{
	struct att_aesm_request q = { .call = ATT_AESM_GET_QUOTE_EX };

	q.get_quote_ex.report = att_bytes_of(w->some, ATT_AESM_REPORT);
	q.get_quote_ex.att_key_id = id_of(key);
	q.get_quote_ex.buf_size = att_aesm_number(size);
	return q;
}

static struct att_aesm_request get_quote(struct world *w, uint64_t size)
{
	struct att_aesm_request q = { .call = ATT_AESM_GET_QUOTE };

	q.get_quote.report = att_bytes_of(w->some, ATT_AESM_REPORT);
	q.get_quote.spid = att_bytes_of(w->some + 1000, ATT_AESM_SPID);
	q.get_quote.quote_type = att_aesm_number(1);
	q.get_quote.buf_size = att_aesm_number(size);
	return q;
}

/* --- EPID --- */

static void init_quote_gives_target_and_group(void **state)
{
	const struct att_aesm_request q = { .call = ATT_AESM_INIT_QUOTE };
	struct world *w = *state;

	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.init_quote.target_info.ptr[0], 0xe1);
	assert_memory_equal(w->answer.init_quote.gid.ptr, "\xc5\x0b\0\0", 4);
}

static void epid_quotes_are_padded(void **state)
{
	struct world *w = *state;
	struct att_aesm_request q = get_quote(w, 2048);

	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	const att_bytes quote = w->answer.get_quote.quote;
	assert_int_equal(quote.len, 2048);
	assert_int_equal(quote.ptr[1115], 0x52);
	assert_true(att_all_zero(att_bytes_of(quote.ptr + 1116, 2048 - 1116)));
	assert_null(w->answer.get_quote.qe_report.ptr);
	assert_true(w->fake.linkable);
	assert_memory_equal(w->fake.spid, w->some + 1000, 16);
	q = get_quote(w, 1116);
	q.get_quote.quote_type = att_aesm_number(0);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	assert_false(w->fake.linkable);
	q = get_quote(w, 1115);
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	q = get_quote(w, UINT32_MAX);
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
}

static void sigrls_make_quotes_longer(void **state)
{
	struct world *w = *state;
	struct att_aesm_request q = get_quote(w, 1116 + 2 * 160);

	q.get_quote.sig_rl = att_bytes_of(w->some, 80 + 2 * 128);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	assert_int_equal(w->fake.sig_rl_len, 80 + 2 * 128);
	q = get_quote(w, 1116);
	q.get_quote.sig_rl = att_bytes_of(w->some, 80 + 2 * 128);
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
}

/* TARGETINFO made of the report: MRENCLAVE 64 to 0, ATTRIBUTES 48 to 32, MISCSELECT 16 to 52. */
static void nonce_and_qe_report_go_together(void **state)
{
	struct world *w = *state;
	struct att_aesm_request q = get_quote(w, 2048);

	q.get_quote.nonce = att_bytes_of(w->some + 600, ATT_AESM_NONCE);
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	q.get_quote.qe_report = att_aesm_number(1);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.get_quote.qe_report.ptr[0], 0x71);
	assert_int_equal(w->fake.vouched_len, 1116);
	assert_memory_equal(w->fake.nonce, w->some + 600, 16);
	assert_memory_equal(w->fake.target, w->some + 64, 32);
	assert_memory_equal(w->fake.target + 32, w->some + 48, 16);
	assert_memory_equal(w->fake.target + 52, w->some + 16, 4);
	q.get_quote.nonce = (att_bytes){ 0 };
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
}

static void lengths_are_checked(void **state)
{
	struct world *w = *state;
	struct att_aesm_request q = get_quote(w, 2048);

	q.get_quote.report.len--;
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	q = get_quote(w, 2048);
	q.get_quote.spid.len++;
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	q = get_quote(w, 2048);
	q.get_quote.quote_type = att_aesm_number(2);
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	q = quote_ex(w, &w->ecdsa, 8192);
	q.get_quote_ex.qe_report_info = att_bytes_of(w->some, 959);
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	q = quote_ex(w, &w->ecdsa, 8192);
	q.get_quote_ex.att_key_id.len = 158;
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	assert_int_equal(w->fake.quotes, 0);
}

static void there_is_one_extended_group(void **state)
{
	struct world *w = *state;
	struct att_aesm_request q = { .call = ATT_AESM_EXTENDED_GROUP };

	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.extended_group.x_group_id.value, 3);
	q = (struct att_aesm_request){ .call = ATT_AESM_SWITCH_GROUP };
	q.switch_group.x_group_id = att_aesm_number(3);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	q.switch_group.x_group_id = att_aesm_number(4);
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
}

/* --- keys by id --- */

static void a_key_is_initialised_before_it_quotes(void **state)
{
	struct world *w = *state;
	struct att_aesm_request size = { .call = ATT_AESM_QUOTE_SIZE_EX };
	const struct att_aesm_request q = quote_ex(w, &w->ecdsa, 8192);

	size.quote_size_ex.att_key_id = id_of(&w->ecdsa);
	assert_int_equal(ask(w, &size), ATT_AESM_ATT_KEY_NOT_INITIALIZED);
	assert_int_equal(ask(w, &q), ATT_AESM_ATT_KEY_NOT_INITIALIZED);
	assert_int_equal(init_ex(w, &w->ecdsa, 0), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.init_quote_ex.pub_key_id_size.value, 32);
	assert_null(w->answer.init_quote_ex.pub_key_id.ptr);
	assert_int_equal(ask(w, &size), ATT_AESM_ATT_KEY_NOT_INITIALIZED);
	assert_int_equal(init_ex(w, &w->ecdsa, 31), ATT_AESM_PARAMETER);
	assert_int_equal(init_ex(w, &w->ecdsa, 32), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.init_quote_ex.target_info.ptr[0], 0xec);
	assert_int_equal(w->answer.init_quote_ex.pub_key_id.len, 32);
	assert_int_equal(w->answer.init_quote_ex.pub_key_id.ptr[31], 0x22);
	assert_int_equal(ask(w, &size), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.quote_size_ex.quote_size.value, FAKE_QUOTE_LEN);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.get_quote_ex.quote.len, 8192);
	assert_true(att_all_zero(att_bytes_of(w->answer.get_quote_ex.quote.ptr + FAKE_QUOTE_LEN,
					      8192 - FAKE_QUOTE_LEN)));
}

static void the_quoting_enclave_vouches(void **state)
{
	struct world *w = *state;
	struct att_aesm_request q = quote_ex(w, &w->ecdsa, FAKE_QUOTE_LEN);

	q.get_quote_ex.qe_report_info = att_bytes_of(w->some, ATT_AESM_QE_REPORT_INFO);
	assert_int_equal(init_ex(w, &w->ecdsa, 32), ATT_AESM_SUCCESS);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	const uint8_t *info = w->answer.get_quote_ex.qe_report_info.ptr;
	assert_memory_equal(info, w->some, 16 + 512);
	assert_int_equal(info[528], 0x7c);
	assert_int_equal(info[959], 0x7c);
	assert_memory_equal(w->fake.nonce, w->some, 16);
	assert_memory_equal(w->fake.target, w->some + 16, 512);
	assert_int_equal(w->fake.vouched_len, FAKE_QUOTE_LEN);
	q = quote_ex(w, &w->ecdsa, FAKE_QUOTE_LEN - 1);
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
}

/* EPID by key id: the SPID lies behind the id's base, the group is the public key's id. */
static void epid_keys_by_id(void **state)
{
	struct world *w = *state;
	struct att_aesm_request size = { .call = ATT_AESM_QUOTE_SIZE_EX };

	memset(w->linkable.bytes + 158, 0x5d, 16);
	size.quote_size_ex.att_key_id = id_of(&w->linkable);
	assert_int_equal(init_ex(w, &w->linkable, 4), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.init_quote_ex.target_info.ptr[0], 0xe1);
	assert_memory_equal(w->answer.init_quote_ex.pub_key_id.ptr, "\xc5\x0b\0\0", 4);
	assert_int_equal(ask(w, &size), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.quote_size_ex.quote_size.value, 1116);
	const struct att_aesm_request q = quote_ex(w, &w->linkable, 1116);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	assert_true(w->fake.linkable);
	assert_int_equal(w->fake.spid[15], 0x5d);
}

static void unknown_keys(void **state)
{
	struct world *w = *state;
	struct att_aesm_request q = { .call = ATT_AESM_QUOTE_SIZE_EX };
	struct att_aesm_key_id other = w->ecdsa;

	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	other.bytes[154] = ATT_AESM_ECDSA_P384;
	q.quote_size_ex.att_key_id = id_of(&other);
	assert_int_equal(ask(w, &q), ATT_AESM_UNSUPPORTED_ATT_KEY_ID);
	assert_int_equal(init_ex(w, &other, 32), ATT_AESM_UNSUPPORTED_ATT_KEY_ID);
	w->backend.epid_quote = NULL;
	assert_int_equal(init_ex(w, &w->linkable, 4), ATT_AESM_UNSUPPORTED_ATT_KEY_ID);
	const struct att_aesm_request old = get_quote(w, 1116);
	assert_int_equal(ask(w, &old), ATT_AESM_SERVICE_UNAVAILABLE);
}

static void keys_are_listed_in_order(void **state)
{
	struct world *w = *state;
	struct att_aesm_request n = { .call = ATT_AESM_KEY_COUNT };
	struct att_aesm_request q = { .call = ATT_AESM_KEY_IDS };

	assert_int_equal(ask(w, &n), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.key_count.att_key_id_num.value, 3);
	q.key_ids.buf_size = att_aesm_number(3 * 256 - 1);
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	q.key_ids.buf_size = att_aesm_number(3 * 256);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	const att_bytes ids = w->answer.key_ids.att_key_ids;
	assert_int_equal(ids.len, 3 * 256);
	for (uint8_t i = 0; i < 3; i++)
		assert_int_equal(ids.ptr[256 * i + 154], i);
	w->backend.group = NULL;
	assert_int_equal(ask(w, &n), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.key_count.att_key_id_num.value, 1);
}

static uint32_t select_of(struct world *w, uint32_t count, const struct att_aesm_key_id *ids,
			  size_t len)
{
	att_auto_buf att_buf b = { 0 };
	struct att_aesm_request q = { .call = ATT_AESM_SELECT_KEY };

	att_put_le32(&b, 0);
	att_put_le32(&b, count);
	att_put_mem(&b, ids, len);
	q.select_key.att_key_id_list = att_buf_bytes(&b);
	return ask(w, &q);
}

static void the_preferred_key_is_selected(void **state)
{
	struct world *w = *state;
	const struct att_aesm_request none = { .call = ATT_AESM_SELECT_KEY };
	struct att_aesm_key_id list[3] = { w->linkable, w->ecdsa, w->ecdsa };

	assert_int_equal(ask(w, &none), ATT_AESM_SUCCESS);
	assert_memory_equal(w->answer.select_key.selected_att_key_id.ptr, w->ecdsa.bytes, 256);
	assert_int_equal(select_of(w, 2, list, 512), ATT_AESM_SUCCESS);
	assert_memory_equal(w->answer.select_key.selected_att_key_id.ptr, w->ecdsa.bytes, 256);
	w->server.preferred = ATT_AESM_EPID_UNLINKABLE;
	list[0].bytes[160] = 0x77; /* part of the SPID: returned as it was given */
	assert_int_equal(select_of(w, 2, list, 512), ATT_AESM_SUCCESS);
	assert_memory_equal(w->answer.select_key.selected_att_key_id.ptr, list[0].bytes, 256);
	list[0].bytes[0] = 1;
	assert_int_equal(select_of(w, 1, list, 256), ATT_AESM_UNSUPPORTED_ATT_KEY_ID);
	assert_int_equal(select_of(w, 2, list, 256), ATT_AESM_PARAMETER);
	assert_int_equal(select_of(w, 1, list, 512), ATT_AESM_PARAMETER);
	assert_int_equal(select_of(w, 0x01000001, list, 256), ATT_AESM_PARAMETER);
	w->backend.quote = NULL;
	w->server.preferred = ATT_AESM_ECDSA_P256;
	assert_int_equal(ask(w, &none), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.select_key.selected_att_key_id.ptr[154], 0);
	w->backend.group = NULL;
	assert_int_equal(ask(w, &none), ATT_AESM_UNSUPPORTED_ATT_KEY_ID);
}

/* --- the rest --- */

static void services_without_their_plugin(void **state)
{
	struct world *w = *state;
	struct att_aesm_request q = { .call = ATT_AESM_LAUNCH_TOKEN };

	q.launch_token.mr_enclave = att_bytes_of(w->some, 32);
	q.launch_token.mr_signer = att_bytes_of(w->some, 384);
	q.launch_token.se_attributes = att_bytes_of(w->some, 16);
	assert_int_equal(ask(w, &q), ATT_AESM_SERVICE_UNAVAILABLE);
	q = (struct att_aesm_request){ .call = ATT_AESM_WHITE_LIST_SIZE };
	assert_int_equal(ask(w, &q), ATT_AESM_SERVICE_UNAVAILABLE);
	q = (struct att_aesm_request){ .call = ATT_AESM_WHITE_LIST };
	assert_int_equal(ask(w, &q), ATT_AESM_SERVICE_UNAVAILABLE);
	q = (struct att_aesm_request){ .call = ATT_AESM_REGISTER };
	q.registration.buf = att_bytes_of(w->some, 100);
	q.registration.data_type = att_aesm_number(0);
	assert_int_equal(ask(w, &q), ATT_AESM_SERVICE_UNAVAILABLE);
}

static void there_is_nothing_to_update(void **state)
{
	struct world *w = *state;
	struct att_aesm_request q = { .call = ATT_AESM_REPORT_ERROR };

	q.report_error.platform_info = att_bytes_of(w->some, 101);
	q.report_error.attestation_error_code = att_aesm_number(1);
	q.report_error.update_info_size = att_aesm_number(12);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	assert_true(att_all_zero(w->answer.update.platform_update_info));
	q.report_error.platform_info.len = 100;
	assert_int_equal(ask(w, &q), ATT_AESM_PARAMETER);
	q = (struct att_aesm_request){ .call = ATT_AESM_CHECK_UPDATE };
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	assert_true(w->answer.update.status.given);
}

static void every_code_can_be_forced(void **state)
{
	struct world *w = *state;
	const struct att_aesm_request q = { .call = ATT_AESM_INIT_QUOTE };

	for (uint32_t code = 1; code <= 60; code++) {
		if (code == ATT_AESM_ATT_KEY_NOT_INITIALIZED)
			continue;
		w->fake.forced = code;
		assert_int_equal(ask(w, &q), code);
		assert_null(w->answer.init_quote.target_info.ptr);
	}
}

static void a_lost_key_comes_back(void **state)
{
	struct world *w = *state;
	const struct att_aesm_request q = quote_ex(w, &w->ecdsa, 8192);

	assert_int_equal(init_ex(w, &w->ecdsa, 32), ATT_AESM_SUCCESS);
	w->fake.forced = ATT_AESM_ATT_KEY_NOT_INITIALIZED;
	assert_int_equal(ask(w, &q), ATT_AESM_ATT_KEY_NOT_INITIALIZED);
	assert_int_equal(ask(w, &q), ATT_AESM_ATT_KEY_NOT_INITIALIZED);
	assert_int_equal(init_ex(w, &w->ecdsa, 32), ATT_AESM_SUCCESS);
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	w->fake.forced = 0;
	assert_int_equal(ask(w, &q), ATT_AESM_SUCCESS);
	w->fake.forced = ATT_AESM_ATT_KEY_NOT_INITIALIZED;
	assert_int_equal(ask(w, &q), ATT_AESM_ATT_KEY_NOT_INITIALIZED);
}

static void an_error_of_the_platform_comes_alone(void **state)
{
	struct world *w = *state;
	const struct att_aesm_request q = quote_ex(w, &w->ecdsa, 8192);

	assert_int_equal(init_ex(w, &w->ecdsa, 32), ATT_AESM_SUCCESS);
	w->fake.quote_error = ATT_AESM_INVALID_REPORT;
	assert_int_equal(ask(w, &q), ATT_AESM_INVALID_REPORT);
	assert_null(w->answer.get_quote_ex.quote.ptr);
}

static void an_empty_platform_answers_too(void **state)
{
	struct world *w = *state;
	const struct att_aesm_request q = { .call = ATT_AESM_INIT_QUOTE };
	const struct att_aesm_request group = { .call = ATT_AESM_EXTENDED_GROUP };
	const struct att_aesm_request n = { .call = ATT_AESM_KEY_COUNT };

	w->backend = (struct att_aesm_backend){ 0 };
	assert_int_equal(ask(w, &q), ATT_AESM_INTERFACE_UNAVAILABLE);
	assert_int_equal(ask(w, &group), ATT_AESM_INTERFACE_UNAVAILABLE);
	assert_int_equal(ask(w, &n), ATT_AESM_SUCCESS);
	assert_int_equal(w->answer.key_count.att_key_id_num.value, 0);
	w->backend.quote = fake_quote;
	assert_int_equal(init_ex(w, &w->ecdsa, 32), ATT_AESM_INTERFACE_UNAVAILABLE);
}

static void what_can_not_be_read_is_not_answered(void **state)
{
	static const uint8_t no_call[] = { 3, 0, 0, 0, 0xf8, 1, 0 };
	static const uint8_t zero[] = { 0, 0, 0, 0 };
	static const uint8_t more[] = { 2, 0, 0, 0, 0x0a, 0, 0 };
	static const uint8_t less[] = { 3, 0, 0, 0, 0x0a, 0 };
	struct world *w = *state;
	att_auto_buf att_buf out = { 0 };

	assert_int_equal(att_aesm_answer(&w->server, att_bytes_of(no_call, 7), &out, NULL),
			 ATT_E_FORMAT);
	assert_int_equal(att_aesm_answer(&w->server, att_bytes_of(zero, 4), &out, NULL),
			 ATT_E_FORMAT);
	assert_int_equal(att_aesm_answer(&w->server, att_bytes_of(more, 7), &out, NULL),
			 ATT_E_TRAILING);
	assert_int_equal(att_aesm_answer(&w->server, att_bytes_of(less, 6), &out, NULL),
			 ATT_E_TRUNCATED);
	assert_int_equal(out.len, 0);
}

static void without_memory_nothing_is_claimed(void **state)
{
	struct world *w = *state;
	const struct att_aesm_request q = quote_ex(w, &w->ecdsa, 8192);
	att_auto_buf att_buf in = { 0 };
	size_t refused = 0;

	assert_int_equal(init_ex(w, &w->ecdsa, 32), ATT_AESM_SUCCESS);
	assert_int_equal(att_aesm_request_put(&q, &in, NULL), ATT_OK);
	for (size_t k = 1;; k++) {
		att_auto_aesm_response struct att_aesm_response a = { 0 };
		att_auto_buf att_buf out = { 0 };

		alloc_watch(k);
		att_rc rc = att_aesm_answer(&w->server, att_buf_bytes(&in), &out, NULL);
		bool failed = alloc_unwatch() >= k;
		if (rc == ATT_OK) {
			assert_int_equal(att_aesm_response_decode(
					     att_bytes_of(out.ptr + 4, out.len - 4), &a, NULL),
					 ATT_OK);
			assert_int_equal(a.error,
					 failed ? ATT_AESM_OUT_OF_MEMORY : ATT_AESM_SUCCESS);
		} else {
			assert_int_equal(rc, ATT_E_NOMEM);
		}
		refused += failed;
		if (!failed)
			break;
	}
	assert_true(refused > 5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(init_quote_gives_target_and_group),
		TEST(epid_quotes_are_padded),
		TEST(sigrls_make_quotes_longer),
		TEST(nonce_and_qe_report_go_together),
		TEST(lengths_are_checked),
		TEST(there_is_one_extended_group),
		TEST(a_key_is_initialised_before_it_quotes),
		TEST(the_quoting_enclave_vouches),
		TEST(epid_keys_by_id),
		TEST(unknown_keys),
		TEST(keys_are_listed_in_order),
		TEST(the_preferred_key_is_selected),
		TEST(services_without_their_plugin),
		TEST(there_is_nothing_to_update),
		TEST(every_code_can_be_forced),
		TEST(a_lost_key_comes_back),
		TEST(an_error_of_the_platform_comes_alone),
		TEST(an_empty_platform_answers_too),
		TEST(what_can_not_be_read_is_not_answered),
		TEST(without_memory_nothing_is_claimed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
