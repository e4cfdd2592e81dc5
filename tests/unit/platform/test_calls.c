/* SPDX-License-Identifier: Apache-2.0 */
/* Every call of the client against our server, over a platform that signs nothing. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "aesm_backend.h"
#include "platform/aesm/frame.h"

struct world {
	struct fake fake;
	struct att_aesm_backend backend;
	struct att_aesm_server server;
	struct att_aesm_client client;
	struct att_aesm_key_id ecdsa;
	uint8_t report[ATT_AESM_REPORT];
	pthread_t thread;
	bool running;
	int fd;
	const struct att_aesm_response *lies; /* what is answered instead, one at every request */
};

static void *serve(void *arg)
{
	struct world *w = arg;
	att_auto_buf att_buf in = { 0 };
	att_auto_buf att_buf out = { 0 };
	uint8_t header[ATT_AESM_HEADER];
	static uint8_t body[ATT_AESM_BODY_MAX];
	size_t len;

	assert_int_equal(recv(w->fd, header, sizeof(header), MSG_WAITALL), sizeof(header));
	assert_int_equal(att_aesm_header(header, &len, NULL), ATT_OK);
	assert_int_equal(recv(w->fd, body, len, MSG_WAITALL), len);
	att_put_mem(&in, header, sizeof(header));
	att_put_mem(&in, body, len);
	if (w->lies)
		assert_int_equal(att_aesm_response_put(w->lies++, &out, NULL), ATT_OK);
	else
		assert_int_equal(att_aesm_answer(&w->server, att_buf_bytes(&in), &out, NULL),
				 ATT_OK);
	for (size_t done = 0; done < out.len;)
		done += (size_t)send(w->fd, out.ptr + done, out.len - done, MSG_NOSIGNAL);
	close(w->fd);
	return NULL;
}

static void join(struct world *w)
{
	if (w->running)
		pthread_join(w->thread, NULL);
	w->running = false;
}

static att_rc connect_server(void *ctx, int *fd, att_err *err)
{
	struct world *w = ctx;
	int pair[2];

	(void)err;
	join(w);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	w->fd = pair[1];
	*fd = pair[0];
	assert_int_equal(pthread_create(&w->thread, NULL, serve, w), 0);
	w->running = true;
	return ATT_OK;
}

static int set_up(void **state)
{
	struct world *w = test_calloc(1, sizeof(*w));

	w->backend = fake_backend(&w->fake);
	w->server =
	    (struct att_aesm_server){ .backend = &w->backend, .preferred = ATT_AESM_ECDSA_P256 };
	w->client = (struct att_aesm_client){ .ctx = w, .connect = connect_server, .tries = 1 };
	memset(w->report, 0x3e, sizeof(w->report));
	assert_int_equal(att_aesm_key_id_make(ATT_AESM_ECDSA_P256, &w->ecdsa, NULL), ATT_OK);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	join(w);
	test_free(w);
	return 0;
}

static void epid(void **state)
{
	struct world *w = *state;
	static const uint8_t sig_rl[80 + 3 * 128];
	uint8_t target[ATT_AESM_TARGET_INFO], gid[ATT_AESM_GID], qe_report[ATT_AESM_REPORT];
	uint8_t nonce[ATT_AESM_NONCE] = { 9 };
	struct att_aesm_epid in = { .report = w->report, .linkable = true, .spid = { 7 } };
	att_auto_buf att_buf quote = { 0 };

	assert_int_equal(att_aesm_init_quote(&w->client, target, gid, NULL), ATT_OK);
	assert_int_equal(target[511], 0xe1);
	assert_memory_equal(gid, "\xc5\x0b\0\0", 4);
	in.quote_len = 2048;
	assert_int_equal(att_aesm_get_quote(&w->client, &in, &quote, NULL, NULL), ATT_OK);
	assert_int_equal(quote.len, 1116); /* without the padding */
	assert_int_equal(w->fake.spid[0], 7);
	in = (struct att_aesm_epid){ .report = w->report,
				     .nonce = nonce,
				     .sig_rl = att_bytes_of(sig_rl, sizeof(sig_rl)) };
	att_buf_free(&quote);
	assert_int_equal(att_aesm_get_quote(&w->client, &in, &quote, qe_report, NULL), ATT_OK);
	assert_int_equal(quote.len, 1116 + 3 * 160);
	assert_int_equal(qe_report[0], 0x71);
	assert_int_equal(w->fake.nonce[0], 9);
	assert_false(w->fake.linkable);
}

static void ecdsa(void **state)
{
	struct world *w = *state;
	uint8_t target[ATT_AESM_TARGET_INFO], id[ATT_AESM_PUB_KEY_ID_MAX];
	uint8_t info[ATT_AESM_QE_REPORT_INFO] = { 5 };
	size_t len = sizeof(id);
	uint32_t size;
	att_auto_buf att_buf quote = { 0 };

	assert_int_equal(att_aesm_init_quote_ex(&w->client, &w->ecdsa, target, id, &len, NULL),
			 ATT_OK);
	assert_int_equal(len, 32);
	assert_int_equal(target[0], 0xec);
	assert_int_equal(att_aesm_get_quote_size_ex(&w->client, &w->ecdsa, &size, NULL), ATT_OK);
	assert_int_equal(size, FAKE_QUOTE_LEN);
	assert_int_equal(
	    att_aesm_get_quote_ex(&w->client, &w->ecdsa, w->report, size, info, &quote, NULL),
	    ATT_OK);
	assert_int_equal(quote.len, size);
	assert_int_equal(info[0], 5);
	assert_int_equal(info[528], 0x7c);
	att_buf_free(&quote);
	assert_int_equal(
	    att_aesm_get_quote_ex(&w->client, &w->ecdsa, w->report, 8192, NULL, &quote, NULL),
	    ATT_OK);
	assert_int_equal(quote.len, size);
}

/* The key is lost between its initialisation and the quote: both calls find their own way. */
static void a_lost_key_is_found_again(void **state)
{
	struct world *w = *state;
	att_auto_buf att_buf quote = { 0 };
	uint32_t size;

	w->fake.forced = ATT_AESM_ATT_KEY_NOT_INITIALIZED;
	assert_int_equal(att_aesm_get_quote_size_ex(&w->client, &w->ecdsa, &size, NULL), ATT_OK);
	w->server.initialised = false;
	assert_int_equal(
	    att_aesm_get_quote_ex(&w->client, &w->ecdsa, w->report, size, NULL, &quote, NULL),
	    ATT_OK);
	assert_int_equal(quote.len, FAKE_QUOTE_LEN);
}

static void room_for_the_key_id_is_kept(void **state)
{
	struct world *w = *state;
	uint8_t target[ATT_AESM_TARGET_INFO], id[ATT_AESM_PUB_KEY_ID_MAX];
	size_t len = 31;

	assert_int_equal(att_aesm_init_quote_ex(&w->client, &w->ecdsa, target, id, &len, NULL),
			 ATT_E_FORMAT);
	assert_int_equal(len, 0);
}

static void key_ids(void **state)
{
	struct world *w = *state;
	struct att_aesm_key_id ids[4], one;
	size_t count = 4;
	uint32_t n;

	assert_int_equal(att_aesm_key_count(&w->client, &n, NULL), ATT_OK);
	assert_int_equal(n, 3);
	assert_int_equal(att_aesm_key_ids(&w->client, ids, &count, NULL), ATT_OK);
	assert_int_equal(count, 3);
	assert_memory_equal(ids[2].bytes, w->ecdsa.bytes, 256);
	assert_int_equal(att_aesm_select_key(&w->client, ids, 3, &one, NULL), ATT_OK);
	assert_memory_equal(one.bytes, w->ecdsa.bytes, 256);
	assert_int_equal(att_aesm_select_key(&w->client, ids, 1, &one, NULL), ATT_OK);
	assert_memory_equal(one.bytes, ids[0].bytes, 256);
	assert_int_equal(att_aesm_select_key(&w->client, NULL, 0, &one, NULL), ATT_OK);
	assert_int_equal(att_aesm_select_key(&w->client, ids, 11, &one, NULL), ATT_E_ARG);
	count = 2;
	assert_int_equal(att_aesm_key_ids(&w->client, ids, &count, NULL), ATT_E_ARG);
	count = 0;
	assert_int_equal(att_aesm_key_ids(&w->client, ids, &count, NULL), ATT_E_ARG);
}

static void services(void **state)
{
	struct world *w = *state;
	static const uint8_t zero[384];
	uint8_t info[ATT_AESM_UPDATE_INFO];
	uint32_t status, group;
	att_auto_buf att_buf b = { 0 };

	assert_int_equal(att_aesm_report_error(&w->client, zero, 1, info, NULL), ATT_OK);
	w->fake.forced = ATT_AESM_UPDATE_AVAILABLE;
	assert_int_equal(att_aesm_report_error(&w->client, zero, 1, info, NULL), ATT_OK);
	w->fake.forced = 26;
	assert_int_equal(att_aesm_report_error(&w->client, zero, 1, info, NULL), ATT_E_UNAVAILABLE);
	w->fake.forced = 0;
	assert_int_equal(att_aesm_check_update(&w->client, zero, 0, info, &status, NULL), ATT_OK);
	assert_int_equal(status, 0);
	assert_int_equal(att_aesm_launch_token(&w->client, zero, zero, zero, &b, NULL),
			 ATT_E_UNAVAILABLE);
	assert_int_equal(att_aesm_white_list(&w->client, &b, NULL), ATT_E_UNAVAILABLE);
	assert_int_equal(att_aesm_register(&w->client, att_bytes_of(zero, 8), 0, NULL),
			 ATT_E_UNAVAILABLE);
	assert_int_equal(att_aesm_extended_group(&w->client, &group, NULL), ATT_OK);
	assert_int_equal(group, 3);
	assert_int_equal(att_aesm_switch_group(&w->client, 3, NULL), ATT_OK);
	assert_int_equal(att_aesm_switch_group(&w->client, 4, NULL), ATT_E_ARG);
}

/* Every error of the daemon reaches the caller of a quote in words. */
static void every_code_is_told(void **state)
{
	struct world *w = *state;

	for (uint32_t code = 1; code <= ATT_AESM_ERROR_LAST; code++) {
		const struct att_aesm_code *known = att_aesm_code(code);
		uint32_t size;
		att_err err = { 0 };

		if (code == ATT_AESM_ATT_KEY_NOT_INITIALIZED)
			continue;
		w->fake.forced = code;
		assert_int_not_equal(att_aesm_get_quote_size_ex(&w->client, &w->ecdsa, &size, &err),
				     ATT_OK);
		assert_int_equal(size, 0);
		if (known)
			assert_non_null(strstr(err.msg, known->remedy));
	}
}

/* --- A daemon that answers with what fits no caller --- */

static const uint8_t much[16 * ATT_AESM_KEY_ID];

static void more_ids_than_there_is_room_for(void **state)
{
	struct world *w = *state;
	struct att_aesm_key_id ids[4];
	size_t lengths[] = { 5 * sizeof(*ids), 3 * sizeof(*ids) - 1 };

	for (size_t i = 0; i < ATT_COUNT(lengths); i++) {
		struct att_aesm_response lie = { .call = ATT_AESM_KEY_IDS };
		size_t count = 4;

		lie.key_ids.att_key_ids = att_bytes_of(much, lengths[i]);
		w->lies = &lie;
		assert_int_equal(att_aesm_key_ids(&w->client, ids, &count, NULL), ATT_E_FORMAT);
		assert_int_equal(count, 0);
	}
}

/* The id's length is asked first: none, more than there is room for, and another then. */
static void ids_of_another_length(void **state)
{
	struct world *w = *state;
	uint8_t target[ATT_AESM_TARGET_INFO], id[ATT_AESM_PUB_KEY_ID_MAX];
	const struct {
		size_t said;
		size_t sent;
	} rows[] = { { 0, 32 }, { 33, 32 }, { UINT32_MAX, 32 }, { 32, 33 }, { 32, 0 } };

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		struct att_aesm_response lies[2] = { { .call = ATT_AESM_INIT_QUOTE_EX } };
		size_t len = 32;

		lies[0].init_quote_ex.target_info = att_bytes_of(much, ATT_AESM_TARGET_INFO);
		lies[0].init_quote_ex.pub_key_id_size = att_aesm_number(rows[i].said);
		lies[1] = lies[0];
		if (rows[i].sent)
			lies[1].init_quote_ex.pub_key_id = att_bytes_of(much, rows[i].sent);
		w->lies = lies;
		assert_int_equal(
		    att_aesm_init_quote_ex(&w->client, &w->ecdsa, target, id, &len, NULL),
		    ATT_E_FORMAT);
		assert_int_equal(len, 0);
		/* Refused at once, not after another question. */
		assert_ptr_equal(w->lies, lies + (rows[i].said == 32 ? 2 : 1));
	}
}

static void reports_that_are_missing(void **state)
{
	struct world *w = *state;
	uint8_t nonce[ATT_AESM_NONCE] = { 9 }, report[ATT_AESM_REPORT];
	uint8_t info[ATT_AESM_QE_REPORT_INFO] = { 5 };
	const struct att_aesm_epid in = { .report = w->report, .nonce = nonce };
	struct att_aesm_response lie = { .call = ATT_AESM_GET_QUOTE };
	att_auto_buf att_buf quote = { 0 };

	lie.get_quote.quote = att_bytes_of(much, 1116);
	w->lies = &lie;
	assert_int_equal(att_aesm_get_quote(&w->client, &in, &quote, report, NULL), ATT_E_FORMAT);
	lie = (struct att_aesm_response){ .call = ATT_AESM_GET_QUOTE_EX };
	lie.get_quote_ex.quote = att_bytes_of(much, 1116);
	w->lies = &lie;
	assert_int_equal(
	    att_aesm_get_quote_ex(&w->client, &w->ecdsa, w->report, 2048, info, &quote, NULL),
	    ATT_E_FORMAT);
	assert_int_equal(quote.len, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(epid),
		TEST(ecdsa),
		TEST(a_lost_key_is_found_again),
		TEST(room_for_the_key_id_is_kept),
		TEST(key_ids),
		TEST(services),
		TEST(every_code_is_told),
		TEST(more_ids_than_there_is_room_for),
		TEST(ids_of_another_length),
		TEST(reports_that_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
