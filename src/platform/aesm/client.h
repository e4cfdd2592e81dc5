/* SPDX-License-Identifier: Apache-2.0 */
/* The client of aesmd: one connection a call, as the daemon has it. Errors of the daemon come back
 * in words (platform/aesm/codes.h); what it answers is checked for shape only: that a quote is
 * genuine, and of which platform, only verifying it tells. */
#ifndef ATT_PLATFORM_AESM_CLIENT_H
#define ATT_PLATFORM_AESM_CLIENT_H

#include "platform/aesm/codes.h"
#include "platform/aesm/message.h"

#define ATT_AESM_SOCKET     "/var/run/aesmd/aesm.socket"
#define ATT_AESM_ABSTRACT   "sgx_aesm_socket_base" /* behind a NUL; tried by Gramine first */
#define ATT_AESM_TIMEOUT_MS 15000u
#define ATT_AESM_TRIES      5u
#define ATT_AESM_PAUSE_MS   200u /* after "busy"; doubled each time */

struct att_aesm_client {
	const char *path;     /* NULL: ATT_AESM_SOCKET */
	const char *abstract; /* an abstract name to try before the path; NULL: none */
	unsigned timeout_ms;  /* of one whole exchange; 0: ATT_AESM_TIMEOUT_MS */
	unsigned tries;       /* of a call that is answered "busy"; 0: ATT_AESM_TRIES */
	void *ctx;            /* of the two below */
	/* Waits; NULL: the calling thread sleeps. */
	void (*pause)(void *ctx, unsigned ms);
	/* A connected stream socket, closed by the client; NULL: connects to the names above. */
	att_rc (*connect)(void *ctx, int *fd, att_err *err);
};

/* One request and its answer, asked again while the answer is "busy". The error code is left to the
 * caller, the shape is checked. `out` is zero after a failure; else
 * att_aesm_response_clear(). Sends no timeout of its own when request->timeout is not given.
 * ATT_E_UNAVAILABLE (nobody there, closed without answer, time is up), ATT_E_IO, ATT_E_FORMAT,
 * ATT_E_TRUNCATED, ATT_E_ARG, ATT_E_UNSUPPORTED (the daemon does not know the call),
 * ATT_E_NOMEM. */
att_rc att_aesm_call(const struct att_aesm_client *c, const struct att_aesm_request *request,
		     struct att_aesm_response *out, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* --- The calls. Errors: as above, and the daemon's (att_aesm_fail()). --- */

/* EPID: the quoting enclave's target info and the platform's group, little endian. */
att_rc att_aesm_init_quote(const struct att_aesm_client *c,
			   uint8_t target_info[static ATT_AESM_TARGET_INFO],
			   uint8_t gid[static ATT_AESM_GID], att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

struct att_aesm_epid {
	const uint8_t *report; /* 432 bytes, for the target info of att_aesm_init_quote() */
	bool linkable;
	uint8_t spid[ATT_AESM_SPID];
	const uint8_t *nonce; /* 16 bytes: also asks for the QE report; NULL: neither */
	att_bytes sig_rl;     /* as the attestation service gave it, decoded; empty: none */
	size_t quote_len;     /* 0: as long as the SigRL makes it */
};

/* Appends an EPID quote without the padding behind it. `qe_report` may be NULL when there is no
 * nonce. */
att_rc att_aesm_get_quote(const struct att_aesm_client *c, const struct att_aesm_epid *in,
			  att_buf *quote, uint8_t qe_report[ATT_AESM_REPORT],
			  att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* The attestation key's id: 256 bytes (sgx_att_key_id_ext_t). */
struct att_aesm_key_id {
	uint8_t bytes[ATT_AESM_KEY_ID];
};

/* Initialises the key of that id; asks for the size of its public key's id and then for both.
 * `pub_key_id_len` holds the room at `pub_key_id` before and the length after. */
att_rc att_aesm_init_quote_ex(const struct att_aesm_client *c, const struct att_aesm_key_id *key,
			      uint8_t target_info[static ATT_AESM_TARGET_INFO],
			      uint8_t pub_key_id[ATT_AESM_PUB_KEY_ID_MAX], size_t *pub_key_id_len,
			      att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 4, 5);

/* Bytes of a quote by that key. A key that is not initialised is, and asked for again. */
att_rc att_aesm_get_quote_size_ex(const struct att_aesm_client *c,
				  const struct att_aesm_key_id *key, uint32_t *size,
				  att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* Appends a quote of the report, without padding; `size` is what the call above said. A key that is
 * not initialised is, once, and the quote is asked for again. With `qe_report_info` (nonce, target
 * info of who will check it, room for the report) the quoting enclave vouches for the quote. */
att_rc att_aesm_get_quote_ex(const struct att_aesm_client *c, const struct att_aesm_key_id *key,
			     const uint8_t report[static ATT_AESM_REPORT], uint32_t size,
			     uint8_t qe_report_info[ATT_AESM_QE_REPORT_INFO], att_buf *quote,
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 6);

/* The daemon's choice among `count` ids; among all it has when count is 0. */
att_rc att_aesm_select_key(const struct att_aesm_client *c, const struct att_aesm_key_id *list,
			   size_t count, struct att_aesm_key_id *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 4);

att_rc att_aesm_key_count(const struct att_aesm_client *c, uint32_t *count,
			  att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

/* `count` holds the room at `out` before and how many there are after. */
att_rc att_aesm_key_ids(const struct att_aesm_client *c, struct att_aesm_key_id *out, size_t *count,
			att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* --- What SDK programs ask beside quotes --- */

/* What to update, after an attestation report spoke of it: 12 bytes (three integers: microcode,
 * CSME firmware, PSW). `attestation_error` is 0 when the report was good. */
att_rc att_aesm_report_error(const struct att_aesm_client *c,
			     const uint8_t platform_info[static ATT_AESM_PLATFORM_INFO],
			     uint32_t attestation_error,
			     uint8_t update_info[static ATT_AESM_UPDATE_INFO],
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1);
/* The same without an attestation; *status says whether there is something to do. */
att_rc att_aesm_check_update(const struct att_aesm_client *c,
			     const uint8_t platform_info[static ATT_AESM_PLATFORM_INFO],
			     uint32_t config, uint8_t update_info[static ATT_AESM_UPDATE_INFO],
			     uint32_t *status, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 5);
/* Appends the launch token (EINITTOKEN) for an enclave: `modulus` is its signer's, 384 bytes. */
att_rc att_aesm_launch_token(const struct att_aesm_client *c, const uint8_t mr_enclave[static 32],
			     const uint8_t modulus[static 384], const uint8_t attributes[static 16],
			     att_buf *token, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 5);
/* Appends the white list of enclave signers. */
att_rc att_aesm_white_list(const struct att_aesm_client *c, att_buf *list,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
att_rc att_aesm_extended_group(const struct att_aesm_client *c, uint32_t *x_group_id,
			       att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
att_rc att_aesm_switch_group(const struct att_aesm_client *c, uint32_t x_group_id,
			     att_err *err) ATT_MUST_USE ATT_NONNULL(1);
att_rc att_aesm_register(const struct att_aesm_client *c, att_bytes data, uint32_t data_type,
			 att_err *err) ATT_MUST_USE ATT_NONNULL(1);

#endif
