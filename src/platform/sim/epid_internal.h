/* SPDX-License-Identifier: Apache-2.0 */
/* What EPID-shaped quotes and revocation lists share. */
#ifndef ATT_PLATFORM_SIM_EPID_INTERNAL_H
#define ATT_PLATFORM_SIM_EPID_INTERNAL_H

#include "base/reader.h"
#include "platform/sim/epid.h"
#include "platform/sim/world_internal.h"

#define ATT_EPID_HALF 64 /* of a pseudonym: B, and K */

/* Values of Intel's SGX_MODE=SIM, where the world has its profile. */
#define ATT_EPID_SIM_GROUP 0x0bu
#define ATT_EPID_SIM_SVN   0xefu
#define ATT_EPID_SIM_XEID  UINT32_C(0xefefefef)

static inline void epid_put_be32(att_buf *b, uint32_t v)
{
	att_put_be16(b, (uint16_t)(v >> 16));
	att_put_be16(b, (uint16_t)v);
}

static inline uint32_t epid_be32(att_reader *r, const char *field)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 8 | att_u8(r, field);
	return v;
}

/* `len` bytes, a multiple of 32, that follow from the secret, the label and the context.
 * ATT_E_UNAVAILABLE. */
att_rc att_sim_epid_expand(const att_sim_world *w, const char *label, att_bytes context,
			   uint8_t *out, size_t len, att_err *err) ATT_MUST_USE;

/* K of this platform for somebody's B. */
att_rc att_sim_epid_k(const att_sim_world *w, const uint8_t b[static ATT_EPID_HALF],
		      uint8_t k[static ATT_EPID_HALF], att_err *err) ATT_MUST_USE;

/* A SigRL, read; the entries lend. */
struct att_sim_sigrl {
	uint32_t version;
	uint32_t count;
	att_bytes entries; /* B, K each */
};

/* ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_FORMAT; ATT_E_MISMATCH: another group's, or not signed by
 * this world; ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_epid_sigrl_read(const att_sim_world *w, att_bytes sigrl, struct att_sim_sigrl *out,
			       att_err *err) ATT_MUST_USE;

/* Appends the proof that answers one entry: whether it is this platform's is in it. */
#define ATT_EPID_PROOF 160
att_rc att_sim_epid_put_proof(const att_sim_world *w, att_bytes entry, att_buf *out,
			      att_err *err) ATT_MUST_USE;

#endif
