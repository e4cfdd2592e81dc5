/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of aesmd: one structure a call and direction, encoded to frames and decoded from
 * them. Names are the protocol's. Absent bytes are { NULL, 0 }; an absent number is not `given`.
 *
 * Decoding demands what the protocol requires and passes over fields it does not know. Whether what
 * is there has a length that can be is another question, asked by the _check functions, because
 * aesmd answers the one with silence and the other with PARAMETER_ERROR. */
#ifndef ATT_PLATFORM_AESM_MESSAGE_H
#define ATT_PLATFORM_AESM_MESSAGE_H

#include "base/buf.h"

/* The numbers are those of the protocol. */
enum att_aesm_call {
	ATT_AESM_INIT_QUOTE = 1,
	ATT_AESM_GET_QUOTE = 2,
	ATT_AESM_LAUNCH_TOKEN = 3,
	ATT_AESM_REPORT_ERROR = 4,
	ATT_AESM_WHITE_LIST_SIZE = 10,
	ATT_AESM_WHITE_LIST = 11,
	ATT_AESM_EXTENDED_GROUP = 12,
	ATT_AESM_SWITCH_GROUP = 13,
	ATT_AESM_REGISTER = 14,
	ATT_AESM_INIT_QUOTE_EX = 15,
	ATT_AESM_QUOTE_SIZE_EX = 16,
	ATT_AESM_GET_QUOTE_EX = 17,
	ATT_AESM_CHECK_UPDATE = 18,
	ATT_AESM_SELECT_KEY = 19,
	ATT_AESM_UNSUPPORTED = 20, /* a response only */
	ATT_AESM_KEY_COUNT = 21,
	ATT_AESM_KEY_IDS = 22,
};

#define ATT_AESM_REPORT          432u
#define ATT_AESM_TARGET_INFO     512u
#define ATT_AESM_KEY_ID          256u /* sgx_att_key_id_ext_t */
#define ATT_AESM_KEY_ID_BASE     158u /* sgx_ql_att_key_id_t: what is compared */
#define ATT_AESM_KEY_LIST_HEADER 8u
#define ATT_AESM_KEY_LIST_MAX    10u  /* ids in a list that is selected from */
#define ATT_AESM_QE_REPORT_INFO  960u /* nonce 16, target info 512, report 432 */
#define ATT_AESM_NONCE           16u
#define ATT_AESM_SPID            16u
#define ATT_AESM_GID             4u
#define ATT_AESM_PLATFORM_INFO   101u
#define ATT_AESM_UPDATE_INFO     12u
#define ATT_AESM_PUB_KEY_ID_MAX  256u

struct att_aesm_number {
	bool given;
	uint64_t value;
};

static inline struct att_aesm_number att_aesm_number(uint64_t value)
{
	return (struct att_aesm_number){ .given = true, .value = value };
}

struct att_aesm_request {
	enum att_aesm_call call;
	struct att_aesm_number timeout; /* milliseconds */
	union {
		struct {
			att_bytes report;
			struct att_aesm_number quote_type; /* 0 unlinkable, 1 linkable */
			att_bytes spid;
			att_bytes nonce;
			att_bytes sig_rl;
			struct att_aesm_number buf_size;
			struct att_aesm_number qe_report; /* 1: wanted */
		} get_quote;
		struct {
			att_bytes mr_enclave;
			att_bytes mr_signer; /* the modulus, 384 bytes */
			att_bytes se_attributes;
		} launch_token;
		struct {
			att_bytes platform_info;
			struct att_aesm_number attestation_error_code;
			struct att_aesm_number update_info_size;
		} report_error;
		struct {
			struct att_aesm_number white_list_size;
		} white_list;
		struct {
			struct att_aesm_number x_group_id;
		} switch_group;
		struct {
			att_bytes buf;
			struct att_aesm_number data_type;
		} registration;
		struct {
			att_bytes att_key_id;
			struct att_aesm_number b_pub_key_id; /* 1: the id itself, 0: its size */
			struct att_aesm_number buf_size;
		} init_quote_ex;
		struct {
			att_bytes att_key_id;
		} quote_size_ex;
		struct {
			att_bytes report;
			att_bytes att_key_id;
			att_bytes qe_report_info;
			struct att_aesm_number buf_size;
		} get_quote_ex;
		struct {
			att_bytes platform_info;
			struct att_aesm_number update_info_size;
			struct att_aesm_number config;
		} check_update;
		struct {
			att_bytes att_key_id_list;
		} select_key;
		struct {
			struct att_aesm_number buf_size;
		} key_ids;
	};
	void *owned; /* by a decoded one: what the views point into */
};

struct att_aesm_response {
	enum att_aesm_call call;
	uint32_t error; /* enum att_aesm_error, or one we do not know */
	union {
		struct {
			att_bytes target_info;
			att_bytes gid; /* little endian */
		} init_quote;
		struct {
			att_bytes quote;
			att_bytes qe_report;
		} get_quote;
		struct {
			att_bytes token;
		} launch_token;
		struct {
			att_bytes platform_update_info;
			struct att_aesm_number status; /* of check update */
		} update;                              /* report error, check update */
		struct {
			struct att_aesm_number white_list_size;
		} white_list_size;
		struct {
			att_bytes white_list;
		} white_list;
		struct {
			struct att_aesm_number x_group_id;
		} extended_group;
		struct {
			att_bytes target_info;
			struct att_aesm_number pub_key_id_size;
			att_bytes pub_key_id;
		} init_quote_ex;
		struct {
			struct att_aesm_number quote_size;
		} quote_size_ex;
		struct {
			att_bytes quote;
			att_bytes qe_report_info;
		} get_quote_ex;
		struct {
			att_bytes selected_att_key_id;
		} select_key;
		struct {
			struct att_aesm_number att_key_id_num;
		} key_count;
		struct {
			att_bytes att_key_ids;
		} key_ids;
	};
	void *owned;
};

/* "get quote" and so on, for messages; NULL for a number that is no call. Static. */
const char *att_aesm_call_name(uint32_t call);

/* Appends the frame. ATT_E_ARG: no such call, something required is absent, too long for a frame;
 * ATT_E_NOMEM. */
att_rc att_aesm_request_put(const struct att_aesm_request *r, att_buf *out,
			    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
att_rc att_aesm_response_put(const struct att_aesm_response *r, att_buf *out,
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* Decodes the body of a frame; *out owns what its views point into. ATT_E_FORMAT (no message, none
 * or more than one call in it, something required is absent), ATT_E_NOMEM. *out is zero after a
 * failure. */
att_rc att_aesm_request_decode(att_bytes body, struct att_aesm_request *out,
			       att_err *err) ATT_MUST_USE ATT_NONNULL(2);
att_rc att_aesm_response_decode(att_bytes body, struct att_aesm_response *out,
				att_err *err) ATT_MUST_USE ATT_NONNULL(2);

/* For what was decoded: frees what it owns and makes it zero. */
void att_aesm_request_clear(struct att_aesm_request *r);
void att_aesm_response_clear(struct att_aesm_response *r);
#define att_auto_aesm_request  __attribute__((cleanup(att_aesm_request_clear)))
#define att_auto_aesm_response __attribute__((cleanup(att_aesm_response_clear)))

/* Every field that is there has a length it can have. ATT_E_FORMAT names the first that has not. */
att_rc att_aesm_request_check(const struct att_aesm_request *r, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);
/* The same, and a successful answer has what makes it one. */
att_rc att_aesm_response_check(const struct att_aesm_response *r, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

#endif
