/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes in the shape of Intel EPID quotes (sgx_quote_t, version 2). They are no EPID signatures:
 * their layout, sizes, linkability and revocation are as a client sees them, but what is inside the
 * encrypted part is a scheme of this simulator, which only the world that made it can open.
 * Sources: Intel SGX SDK, "sgx_quote.h"; Intel attestation service API v4 and v5. */
#ifndef ATT_PLATFORM_SIM_EPID_H
#define ATT_PLATFORM_SIM_EPID_H

#include "platform/sim/world.h"

#define ATT_EPID_PSEUDONYM     128   /* B and K */
#define ATT_EPID_SIGRL_MAX     1024u /* entries */
#define ATT_EPID_PLATFORM_INFO 101

/* The group of this platform, in host order: GIDs are little endian in quotes and AESM answers, big
 * endian in revocation lists and addresses. */
uint32_t att_sim_epid_group(const att_sim_world *w) ATT_NONNULL(1);

struct att_sim_epid_request {
	const uint8_t *report; /* 432 bytes, for ATT_SIM_EPID_QE */
	bool linkable;
	uint8_t spid[16];
	att_bytes sigrl; /* empty: none */
};

/* Appends a quote of 1116 bytes, and 160 more for each entry of the SigRL. ATT_E_MISMATCH (report
 * not for the EPID QE; SigRL of another group or not of this world), ATT_E_FORMAT (SigRL),
 * ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_epid_quote(att_sim_world *w, const struct att_sim_epid_request *request,
			  att_buf *out, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* What the world's own attestation service sees in a quote. */
struct att_sim_epid_opened {
	bool linkable;
	uint32_t group;
	uint8_t basename[32];
	struct att_sgx_body body;
	uint8_t pseudonym[ATT_EPID_PSEUDONYM];
	uint32_t sigrl_version; /* of the SigRL that the quote answers; 0: none */
	uint32_t sigrl_count;
	bool revoked; /* one of that SigRL's entries is this platform's */
};

/* Opens a quote, which may have zeros behind its end. ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_FORMAT
 * (no EPID-shaped quote), ATT_E_SIGNATURE (altered, or another world's), ATT_E_UNAVAILABLE. */
att_rc att_sim_epid_open(const att_sim_world *w, att_bytes quote, struct att_sim_epid_opened *out,
			 att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3);

/* Appends the SigRL of the group: version `version`, with these pseudonyms. ATT_E_ARG (too many),
 * ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_epid_sigrl(const att_sim_world *w, uint32_t version,
			  const uint8_t (*pseudonyms)[ATT_EPID_PSEUDONYM], size_t count,
			  att_buf *out, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 5);

/* A platform info blob without its TLV header: what sgx_report_attestation_status() takes. Its
 * signature is this world's, not Intel's. */
struct att_sim_platform_info {
	uint8_t group_flags; /* 1 revoked, 2 performance rekey available, 4 out of date */
	uint16_t tcb_flags;  /* 1 CPUSVN, 2 QE ISVSVN, 4 PCE ISVSVN out of date, 8 configuration */
	uint16_t pse_flags;
};
att_rc att_sim_epid_platform_info(const att_sim_world *w, const struct att_sim_platform_info *info,
				  uint8_t blob[static ATT_EPID_PLATFORM_INFO],
				  att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
/* The public point of the key that signs platform info blobs, uncompressed. */
void att_sim_epid_platform_info_key(const att_sim_world *w, uint8_t point[static 65])
    ATT_NONNULL(1);

#endif
