/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between an enclave and the simulated processor, as doc/sim-protocol.md has them: one
 * request and one reply at a time over a SOCK_SEQPACKET socket, images as descriptors beside the
 * request. */
#ifndef ATT_PLATFORM_SIM_WIRE_H
#define ATT_PLATFORM_SIM_WIRE_H

#include "base/buf.h"
#include "platform/sim/cpu.h"
#include "platform/sim/quote.h"

#define ATT_SIM_WIRE_VERSION 1
#define ATT_SIM_MESSAGE_MAX  ((size_t)64 << 10)
#define ATT_SIM_FDS_MAX      8u
#define ATT_SIM_IMAGE_MAX    ((size_t)64 << 20) /* all descriptors of one request */

enum att_sim_op {
	ATT_SIM_OP_LAUNCH = 1, /* fds: image, SIGSTRUCT */
	ATT_SIM_OP_EREPORT = 2,
	ATT_SIM_OP_EGETKEY = 3,
	ATT_SIM_OP_QE_TARGET = 4,
	ATT_SIM_OP_QUOTE = 5,     /* of the enclave or of the TD */
	ATT_SIM_OP_TD_LAUNCH = 6, /* fds: the TD's initial memory */
	ATT_SIM_OP_RTMR_EXTEND = 7,
	ATT_SIM_OP_TDREPORT = 8,
};

/* What one asks of a launch beyond image and SIGSTRUCT; all zero: as signed. */
struct att_sim_ask {
	bool attributes_given;
	uint64_t attributes;
	uint64_t xfrm;
	uint32_t misc_select;
	uint8_t config_id[64];
	uint16_t config_svn;
};

/* A TD to be built. Of its memory, part i begins at guest physical address gpa[i]. */
struct att_sim_td_ask {
	uint64_t attributes;
	uint64_t xfam;
	uint8_t mr_config_id[48];
	uint8_t mr_owner[48];
	uint8_t mr_owner_config[48];
	size_t parts;
	uint64_t gpa[ATT_SIM_FDS_MAX];
};

/* One request, by value; which fields count says `op`. */
struct att_sim_request {
	enum att_sim_op op;
	struct att_sim_ask launch;
	struct att_sim_td_ask td;
	uint8_t target[ATT_SGX_TARGETINFO_LEN];     /* EREPORT */
	uint8_t keyrequest[ATT_SGX_KEYREQUEST_LEN]; /* EGETKEY */
	enum att_sim_kind kind;                     /* QUOTE */
	uint8_t report_data[64];                    /* EREPORT, QUOTE, TDREPORT */
	unsigned rtmr;                              /* RTMR_EXTEND: 0 to 3 */
	uint8_t extend[48];
};

/* ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_FORMAT; ATT_E_UNSUPPORTED: another version, or no such
 * operation. */
att_rc att_sim_request_parse(att_bytes in, struct att_sim_request *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);
void att_sim_request_write(const struct att_sim_request *r, att_buf *out) ATT_NONNULL(1, 2);

/* A reply: rc, and the payload or the error's text. */
struct att_sim_reply {
	uint8_t op; /* of the request; 0 where it could not be read */
	att_rc rc;
	uint32_t sgx_code; /* EGETKEY */
	att_bytes body;    /* lent */
};
att_rc att_sim_reply_parse(att_bytes in, struct att_sim_reply *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);
void att_sim_reply_write(const struct att_sim_reply *r, att_buf *out) ATT_NONNULL(1, 2);

/* The payloads that are more than bytes. */
void att_sim_put_secs(att_buf *b, const struct att_secs *s) ATT_NONNULL(1, 2);
att_rc att_sim_secs_parse(att_bytes in, struct att_secs *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* What a TD was launched as. */
struct att_sim_td_identity {
	uint64_t attributes;
	uint64_t xfam;
	uint8_t mr_td[48];
};
void att_sim_put_td_identity(att_buf *b, const struct att_sim_td_identity *td) ATT_NONNULL(1, 2);
att_rc att_sim_td_identity_parse(att_bytes in, struct att_sim_td_identity *out,
				 att_err *err) ATT_MUST_USE ATT_NONNULL(2);

#endif
