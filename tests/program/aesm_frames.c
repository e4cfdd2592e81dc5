/* SPDX-License-Identifier: Apache-2.0 */
/* For tests/vectors/test_aesm_frames.py.
 *
 *   aesm_frames make NAME             writes the frame of that name, made by our encoder
 *   aesm_frames again request|response  reads a frame, decodes it, writes it encoded again
 *   aesm_frames key                   writes the id of the ECDSA key */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "platform/aesm/frame.h"
#include "platform/aesm/keyid.h"

#define TIMEOUT 15000

static uint8_t report[ATT_AESM_REPORT];
static uint8_t nonce[ATT_AESM_NONCE];
static uint8_t target[ATT_AESM_TARGET_INFO];
static uint8_t pub_key_id[32];
static uint8_t spid[ATT_AESM_SPID] = "Service X";
static struct att_aesm_key_id key;

static void fill(void)
{
	for (size_t i = 0; i < sizeof(report); i++)
		report[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)i;
	memset(target, 0x11, sizeof(target));
	memset(pub_key_id, 0x22, sizeof(pub_key_id));
}

static att_bytes key_bytes(void)
{
	return att_bytes_of(key.bytes, sizeof(key.bytes));
}

static void get_quote(struct att_aesm_request *q)
{
	q->get_quote.report = att_bytes_of(report, sizeof(report));
	q->get_quote.quote_type = att_aesm_number(1);
	q->get_quote.spid = att_bytes_of(spid, sizeof(spid));
	q->get_quote.nonce = att_bytes_of(nonce, sizeof(nonce));
	q->get_quote.buf_size = att_aesm_number(1116);
	q->get_quote.qe_report = att_aesm_number(1);
}

static void get_quote_ex(struct att_aesm_request *q)
{
	q->get_quote_ex.report = att_bytes_of(report, sizeof(report));
	q->get_quote_ex.att_key_id = key_bytes();
	q->get_quote_ex.buf_size = att_aesm_number(8192);
}

static void size_ex(struct att_aesm_request *q)
{
	q->quote_size_ex.att_key_id = key_bytes();
}

static void init_ex(struct att_aesm_request *q)
{
	q->init_quote_ex.att_key_id = key_bytes();
	q->init_quote_ex.b_pub_key_id = att_aesm_number(1);
	q->init_quote_ex.buf_size = att_aesm_number(32);
}

static void init_ex_probe(struct att_aesm_request *q)
{
	q->init_quote_ex.att_key_id = key_bytes();
	q->init_quote_ex.b_pub_key_id = att_aesm_number(0);
}

static void ids(struct att_aesm_request *q)
{
	q->key_ids.buf_size = att_aesm_number(256);
}

static const struct {
	const char *name;
	enum att_aesm_call call;
	bool timeout; /* Gramine sends none */
	void (*fill)(struct att_aesm_request *q);
} requests[] = {
	{ "req_get_ext_epid_gid", ATT_AESM_EXTENDED_GROUP, true, NULL },
	{ "req_get_quote_epid_linkable", ATT_AESM_GET_QUOTE, true, get_quote },
	{ "req_get_quote_ex_gramine_ecdsa", ATT_AESM_GET_QUOTE_EX, false, get_quote_ex },
	{ "req_get_quote_size_ex", ATT_AESM_QUOTE_SIZE_EX, true, size_ex },
	{ "req_get_supported_ids_1", ATT_AESM_KEY_IDS, true, ids },
	{ "req_get_supported_num", ATT_AESM_KEY_COUNT, true, NULL },
	{ "req_init_quote", ATT_AESM_INIT_QUOTE, true, NULL },
	{ "req_init_quote_ex_gramine_ecdsa", ATT_AESM_INIT_QUOTE_EX, false, init_ex },
	{ "req_init_quote_ex_size_probe", ATT_AESM_INIT_QUOTE_EX, true, init_ex_probe },
	{ "req_select_att_key_id_no_list", ATT_AESM_SELECT_KEY, true, NULL },
};

static void group(struct att_aesm_response *a)
{
	a->extended_group.x_group_id = att_aesm_number(0);
}

static void not_initialised(struct att_aesm_response *a)
{
	a->error = ATT_AESM_ATT_KEY_NOT_INITIALIZED;
}

static void init(struct att_aesm_response *a)
{
	a->init_quote.target_info = att_bytes_of(target, sizeof(target));
	a->init_quote.gid = att_bytes_of("\xc5\x0b\0\0", 4);
}

static void init_ex_ecdsa(struct att_aesm_response *a)
{
	a->init_quote_ex.target_info = att_bytes_of(target, sizeof(target));
	a->init_quote_ex.pub_key_id_size = att_aesm_number(32);
	a->init_quote_ex.pub_key_id = att_bytes_of(pub_key_id, sizeof(pub_key_id));
}

static const struct {
	const char *name;
	enum att_aesm_call call;
	void (*fill)(struct att_aesm_response *a);
} responses[] = {
	{ "res_get_ext_epid_gid_0", ATT_AESM_EXTENDED_GROUP, group },
	{ "res_get_quote_ex_err42", ATT_AESM_GET_QUOTE_EX, not_initialised },
	{ "res_init_quote", ATT_AESM_INIT_QUOTE, init },
	{ "res_init_quote_ex_ecdsa", ATT_AESM_INIT_QUOTE_EX, init_ex_ecdsa },
};

static att_rc make(const char *name, att_buf *out)
{
	for (size_t i = 0; i < ATT_COUNT(requests); i++)
		if (strcmp(name, requests[i].name) == 0) {
			struct att_aesm_request q = { .call = requests[i].call };
			if (requests[i].timeout)
				q.timeout = att_aesm_number(TIMEOUT);
			if (requests[i].fill)
				requests[i].fill(&q);
			return att_aesm_request_put(&q, out, NULL);
		}
	for (size_t i = 0; i < ATT_COUNT(responses); i++)
		if (strcmp(name, responses[i].name) == 0) {
			struct att_aesm_response a = { .call = responses[i].call };
			responses[i].fill(&a);
			return att_aesm_response_put(&a, out, NULL);
		}
	return ATT_E_ARG;
}

static att_rc again(const char *kind, att_buf *out)
{
	static uint8_t in[ATT_AESM_HEADER + ATT_AESM_BODY_MAX + 1];
	size_t len = fread(in, 1, sizeof(in), stdin);
	att_bytes body;

	att_rc rc = att_aesm_frame_parse(att_bytes_of(in, len), &body, NULL);
	if (rc != ATT_OK)
		return rc;
	if (strcmp(kind, "request") == 0) {
		att_auto_aesm_request struct att_aesm_request q = { 0 };
		rc = att_aesm_request_decode(body, &q, NULL);
		if (rc == ATT_OK)
			rc = att_aesm_request_check(&q, NULL);
		return rc == ATT_OK ? att_aesm_request_put(&q, out, NULL) : rc;
	}
	att_auto_aesm_response struct att_aesm_response a = { 0 };
	rc = att_aesm_response_decode(body, &a, NULL);
	if (rc == ATT_OK)
		rc = att_aesm_response_check(&a, NULL);
	return rc == ATT_OK ? att_aesm_response_put(&a, out, NULL) : rc;
}

int main(int argc, char **argv)
{
	att_auto_buf att_buf out = { 0 };
	att_rc rc = att_aesm_key_id_make(ATT_AESM_ECDSA_P256, &key, NULL);

	fill();
	if (rc == ATT_OK && argc == 3 && strcmp(argv[1], "make") == 0)
		rc = make(argv[2], &out);
	else if (rc == ATT_OK && argc == 3 && strcmp(argv[1], "again") == 0)
		rc = again(argv[2], &out);
	else if (rc == ATT_OK && argc == 2 && strcmp(argv[1], "key") == 0)
		att_put(&out, key_bytes());
	else
		rc = ATT_E_ARG;
	if (rc != ATT_OK) {
		fprintf(stderr, "%s\n", att_rc_name(rc));
		return 1;
	}
	return fwrite(out.ptr, 1, out.len, stdout) == out.len ? 0 : 1;
}
