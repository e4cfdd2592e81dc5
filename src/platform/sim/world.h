/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated world: one platform with its processor, its quoting enclaves, its provisioning
 * service and a dial of faults. Pure: no socket, no file, no clock; the time is an argument. All of
 * it (keys, serial numbers, identifiers) follows from a secret and the time it was born, so what
 * has to be kept is little (att_sim_world_save()).
 *
 * A world's evidence proves nothing about hardware: whoever holds the secret can make any. One
 * world must not be used by two threads at once. */
#ifndef ATT_PLATFORM_SIM_WORLD_H
#define ATT_PLATFORM_SIM_WORLD_H

#include "attest/collateral.h"
#include "codec/http.h"
#include "platform/sim/machine.h"

#define ATT_SIM_SECRET   32
#define ATT_SIM_REPORT   432
#define ATT_SIM_TARGET   512
#define ATT_SIM_TDREPORT 1024

typedef struct att_sim_cpu att_sim_cpu;
typedef struct att_sim_world att_sim_world;

struct att_sim_world_options {
	bool intel_sim;    /* keys of Intel's SGX_MODE=SIM, which everybody knows; else own ones */
	bool processor_ca; /* a single-socket platform, certified by the Processor CA */
	int64_t born;      /* certificates begin a year before; seconds since 1970 */
	const char *seed;  /* not NULL: the secret is a hash of this text, and worth nothing */
	uint8_t secret[ATT_SIM_SECRET]; /* else these random bytes; all zero is ATT_E_ARG */
};

/* ATT_E_ARG, ATT_E_NOMEM, ATT_E_UNAVAILABLE (libcrypto). */
att_rc att_sim_world_new(const struct att_sim_world_options *options, att_sim_world **out,
			 att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);
void att_sim_world_free(att_sim_world *w);

/* Appends what att_sim_world_load() needs to make this very world again, dial and counters
 * included, as JSON. It holds the secret: keep it in a file of mode 0600, and wipe the buffer. */
void att_sim_world_save(const att_sim_world *w, att_buf *out) ATT_NONNULL(1, 2);
/* ATT_E_FORMAT (no world, or of another version), and as att_sim_world_new(). */
att_rc att_sim_world_load(att_bytes saved, att_sim_world **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* The processor, lent by the world: EREPORT, EGETKEY and TDREPORT are its affair
 * (platform/sim/cpu.h). */
att_sim_cpu *att_sim_world_cpu(att_sim_world *w) ATT_NONNULL(1);

/* What the PCK certificate says, as the dial has it now. Lent. */
const struct att_platform *att_sim_world_platform(const att_sim_world *w) ATT_NONNULL(1);

/* The PPID as this platform encrypts it for the provisioning service, 384 bytes: the encrypted_ppid
 * of its requests. ATT_E_UNAVAILABLE. */
att_rc att_sim_world_encrypted_ppid(const att_sim_world *w,
				    uint8_t out[static ATT_SIM_ENCRYPTED_PPID],
				    att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* The root certificate in PEM: what a verifier of this world's evidence must be told to trust.
 * Lent. */
att_bytes att_sim_world_root_pem(const att_sim_world *w) ATT_NONNULL(1);

/* --- Quoting --- */

enum att_sim_quoting { ATT_SIM_QE, ATT_SIM_TD_QE, ATT_SIM_EPID_QE, ATT_SIM_QUOTING_ENCLAVES };

/* TARGETINFO of a quoting enclave: whom a REPORT must be made for. */
void att_sim_world_target(const att_sim_world *w, enum att_sim_quoting qe,
			  uint8_t target[static ATT_SIM_TARGET]) ATT_NONNULL(1);

/* The id of the quoting enclave's attestation key: SHA-256 of its point (x, y). */
void att_sim_world_key_id(const att_sim_world *w, enum att_sim_quoting qe, uint8_t id[static 32])
    ATT_NONNULL(1);

/* The QE id (16 bytes): the header's user data, and the qeid of provisioning requests. Lent. */
att_bytes att_sim_world_qe_id(const att_sim_world *w) ATT_NONNULL(1);

/* The length of every quote of that kind, in bytes. */
size_t att_sim_world_quote_len(const att_sim_world *w, enum att_sim_kind kind) ATT_NONNULL(1);

/* Appends a quote (sgx3, sgx4, sgx5) of an enclave's REPORT, which must be for the QE and of this
 * platform. ATT_E_ARG (kind), ATT_E_MISMATCH (its MAC is not of this platform for this target),
 * ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_world_quote(att_sim_world *w, enum att_sim_kind kind,
			   const uint8_t report[static ATT_SIM_REPORT], att_buf *out,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 4);

/* The same of a TD's TDREPORT (tdx4, tdx5, tdx15), which any TD of this platform may have made. */
att_rc att_sim_world_td_quote(att_sim_world *w, enum att_sim_kind kind,
			      const uint8_t report[static ATT_SIM_TDREPORT], att_buf *out,
			      att_err *err) ATT_MUST_USE ATT_NONNULL(1, 4);

/* The quoting enclave's own REPORT for `target`, with SHA-256(nonce || quote) as report data: what
 * AESM calls qe_report. */
att_rc att_sim_world_qe_report(att_sim_world *w, enum att_sim_quoting qe,
			       const uint8_t nonce[static 16],
			       const uint8_t target[static ATT_SIM_TARGET], att_bytes quote,
			       uint8_t report[static ATT_SIM_REPORT], att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

/* --- Provisioning service --- */

enum att_sim_flavour {
	ATT_SIM_PCS,  /* Intel's service: CRLs in PEM or DER, the root CA's under its own path */
	ATT_SIM_PCCS, /* the caching service: CRLs in hexadecimal DER, rootcacrl, crl?uri= */
};

/* The answer to one request, as of `now`; an upstream fault of the dial is in it (status, body,
 * delay_ms, cut_at, blank). `response` must be zero and is the caller's to free, also after a
 * failure. ATT_E_NOMEM, ATT_E_UNAVAILABLE; a bad request is an answer, not a failure. */
att_rc att_sim_world_answer(att_sim_world *w, enum att_sim_flavour flavour,
			    const struct att_http_request *request, int64_t now,
			    struct att_http_response *response, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 3, 5);

/* The whole collateral of this platform as of `now`, as the standard update gives it; no PCK chain,
 * which the quotes carry. */
att_rc att_sim_world_collateral(att_sim_world *w, bool tdx, int64_t now, att_collateral **out,
				att_err *err) ATT_MUST_USE ATT_NONNULL(1, 4);

#endif
