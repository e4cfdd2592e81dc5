/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a simulated world share: world.c (making and keeping it), dial.c, provision.c
 * (what its service issues), answers.c (how it is asked), world_quote.c, epid*.c. */
#ifndef ATT_PLATFORM_SIM_WORLD_INTERNAL_H
#define ATT_PLATFORM_SIM_WORLD_INTERNAL_H

#include "platform/sim/cpu.h"
#include "platform/sim/dial.h"
#include "platform/sim/texts.h"
#include "platform/sim/world.h"

/* --- The dial: X(enumerator, value); the first is how a world starts --- */

#define ATT_DIAL_TCB(X)                                  \
	X(TCB_CURRENT, "current")                        \
	X(TCB_OUTDATED, "outdated")                      \
	X(TCB_CONFIGURATION, "configuration")            \
	X(TCB_SW_HARDENING, "sw-hardening")              \
	X(TCB_CONFIGURATION_SW, "configuration-sw")      \
	X(TCB_OUTDATED_CONFIGURATION, "outdated-config") \
	X(TCB_REVOKED, "revoked")                        \
	X(TCB_UNSUPPORTED, "unsupported")
#define ATT_DIAL_EVALUATION(X)       \
	X(EVAL_STANDARD, "standard") \
	X(EVAL_EARLY, "early")       \
	X(EVAL_OLDER, "older")
#define ATT_DIAL_CERT(X)     \
	X(CERT_GOOD, "good") \
	X(CERT_REVOKED, "revoked")
#define ATT_DIAL_TCB_SIGNER(X)       \
	X(SIGNER_GOOD, "good")       \
	X(SIGNER_REVOKED, "revoked") \
	X(SIGNER_SWAPPED, "swapped")
#define ATT_DIAL_TCB_INFO(X)                 \
	X(TI_GOOD, "good")                   \
	X(TI_BAD_SIGNATURE, "bad-signature") \
	X(TI_OTHER_FMSPC, "other-fmspc")     \
	X(TI_OTHER_PCE, "other-pce")         \
	X(TI_OTHER_TEE, "other-tee")         \
	X(TI_EXPIRED, "expired")             \
	X(TI_FUTURE, "future")
#define ATT_DIAL_QE_IDENTITY(X)              \
	X(QI_GOOD, "good")                   \
	X(QI_WRONG, "wrong")                 \
	X(QI_OUTDATED, "outdated")           \
	X(QI_REVOKED, "revoked")             \
	X(QI_UNSUPPORTED, "unsupported")     \
	X(QI_BAD_SIGNATURE, "bad-signature") \
	X(QI_OTHER_TEE, "other-tee")         \
	X(QI_EXPIRED, "expired")             \
	X(QI_FUTURE, "future")
#define ATT_DIAL_TDX_MODULE(X)           \
	X(TM_CURRENT, "current")         \
	X(TM_OUTDATED, "outdated")       \
	X(TM_REVOKED, "revoked")         \
	X(TM_UNSUPPORTED, "unsupported") \
	X(TM_UNKNOWN, "unknown")         \
	X(TM_OTHER_SIGNER, "other-signer")
#define ATT_DIAL_CRL(X)                       \
	X(CRL_GOOD, "good")                   \
	X(CRL_WRONG, "wrong")                 \
	X(CRL_BAD_SIGNATURE, "bad-signature") \
	X(CRL_EXPIRED, "expired")             \
	X(CRL_FUTURE, "future")               \
	X(CRL_GARBAGE, "garbage")
#define ATT_DIAL_CRL_CHAIN(X) \
	X(CHAIN_GOOD, "good") \
	X(CHAIN_SWAPPED, "swapped")
#define ATT_DIAL_COLLATERAL(X)   \
	X(CO_FRESH, "fresh")     \
	X(CO_EXPIRED, "expired") \
	X(CO_FUTURE, "future")
#define ATT_DIAL_ENCLAVE(X)       \
	X(ENCLAVE_PLAIN, "plain") \
	X(ENCLAVE_DEBUG, "debug")
#define ATT_DIAL_QUOTE(X)                             \
	X(QUOTE_GOOD, "good")                         \
	X(QUOTE_BAD_SIGNATURE, "bad-signature")       \
	X(QUOTE_BAD_QE_SIGNATURE, "bad-qe-signature") \
	X(QUOTE_BAD_BINDING, "bad-binding")
#define ATT_DIAL_CERTIFICATION(X)       \
	X(CD_CHAIN, "chain")            \
	X(CD_PPID, "ppid")              \
	X(CD_PPID_2048, "ppid-rsa2048") \
	X(CD_PPID_3072, "ppid-rsa3072") \
	X(CD_LEAF, "leaf")
#define ATT_DIAL_UPSTREAM(X)       \
	X(UP_OK, "ok")             \
	X(UP_404, "404")           \
	X(UP_429, "429[:SECONDS]") \
	X(UP_500, "500")           \
	X(UP_503, "503[:SECONDS]") \
	X(UP_SLOW, "slow[:MS]")    \
	X(UP_HALF, "half")         \
	X(UP_GARBAGE, "garbage")   \
	X(UP_OVERSIZED, "oversized")
#define ATT_DIAL_AESM(X)     \
	X(AESM_OK, "ok")     \
	X(AESM_BUSY, "busy") \
	X(AESM_CODE, "CODE")

#define ATT_DIAL_SYMBOL(sym, text) sym,
enum { ATT_DIAL_TCB(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_EVALUATION(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_CERT(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_TCB_SIGNER(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_TCB_INFO(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_QE_IDENTITY(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_TDX_MODULE(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_CRL(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_CRL_CHAIN(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_COLLATERAL(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_ENCLAVE(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_QUOTE(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_CERTIFICATION(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_UPSTREAM(ATT_DIAL_SYMBOL) };
enum { ATT_DIAL_AESM(ATT_DIAL_SYMBOL) };

enum att_dial {
	DIAL_TCB,
	DIAL_EVALUATION,
	DIAL_PCK,
	DIAL_INTERMEDIATE,
	DIAL_TCB_SIGNER,
	DIAL_TCB_INFO,
	DIAL_QE_IDENTITY,
	DIAL_TDX_MODULE,
	DIAL_ROOT_CRL,
	DIAL_PCK_CRL,
	DIAL_CRL_CHAIN,
	DIAL_COLLATERAL,
	DIAL_ENCLAVE,
	DIAL_QUOTE,
	DIAL_CERTIFICATION,
	DIAL_UPSTREAM,
	DIAL_AESM,
	DIAL_COUNT
};

struct att_dial_value {
	uint8_t at;      /* which value */
	uint32_t number; /* behind its colon, or CODE; 0: not given */
};

/* --- The world --- */

#define ATT_SIM_MEMO 32

/* Something signed, kept so that it stays the same bytes: ECDSA signs no text twice alike. */
struct att_sim_memo {
	uint8_t key[32]; /* SHA-256 of what was asked for */
	att_buf bytes;
};

struct att_sim_world {
	struct att_sim_world_options options; /* seed: NULL */
	att_sim_pki *pki;
	struct att_platform platform;
	struct att_sim_pck pck;
	att_sim_cpu *cpu;
	uint8_t qe_id[16];
	struct att_secs enclaves[ATT_SIM_QUOTING_ENCLAVES];
	struct att_sim_qe qe[ATT_SIM_EPID_QE]; /* QE, TD QE */
	uint8_t key_id[ATT_SIM_QUOTING_ENCLAVES][32];
	uint32_t epid_group;
	att_signer *epid_member; /* signs EPID-shaped quotes */
	att_signer *epid_issuer; /* signs SigRLs and platform info blobs */
	struct att_dial_value dial[DIAL_COUNT];
	struct att_sim_memo memo[ATT_SIM_MEMO];
	unsigned memo_next;
	uint64_t boots;      /* how often it was loaded */
	uint64_t answers;    /* requests answered */
	uint64_t epid_count; /* EPID-shaped quotes made */
};

/* att_sim_world_new() for a world that was loaded `boots` times. */
att_rc att_sim_world_make(const struct att_sim_world_options *options, uint64_t boots,
			  att_sim_world **out, att_err *err) ATT_MUST_USE;

/* 32 bytes that follow from the secret, the label and the context. ATT_E_UNAVAILABLE. */
att_rc att_sim_world_derive(const att_sim_world *w, const char *label, att_bytes context,
			    uint8_t out[static 32], att_err *err) ATT_MUST_USE;

/* Was the REPORT made for that quoting enclave on this platform? ATT_E_MISMATCH when not. */
att_rc att_sim_world_check_report(const att_sim_world *w, enum att_sim_quoting qe,
				  const uint8_t report[static ATT_SIM_REPORT],
				  att_err *err) ATT_MUST_USE;

/* --- What the service issues (provision.c) --- */

/* Editions of the collateral, one a TCB recovery. */
#define ATT_SIM_EVALUATION_OLDER    16u
#define ATT_SIM_EVALUATION_STANDARD 17u
#define ATT_SIM_EVALUATION_EARLY    18u

/* The edition for a kind of update, as the dial has it. */
uint32_t att_sim_edition(const att_sim_world *w, bool early);

/* Each appends its answer as of `now`, with its faults. Texts are whole answers:
 * {"tcbInfo":…,"signature":"…"}. As long as the day and the dial are the same, so are the bytes.
 * ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_sim_issue_tcb_info(att_sim_world *w, bool tdx, unsigned version, uint32_t evaluation,
			      int64_t now, att_buf *out, att_err *err) ATT_MUST_USE;
att_rc att_sim_issue_identity(att_sim_world *w, enum att_sim_enclave enclave, uint32_t evaluation,
			      int64_t now, att_buf *out, att_err *err) ATT_MUST_USE;
att_rc att_sim_issue_numbers(att_sim_world *w, bool tdx, int64_t now, att_buf *out,
			     att_err *err) ATT_MUST_USE;
/* The CRL that stands for the root CA's or a PCK CA's, in DER. */
att_rc att_sim_issue_crl(att_sim_world *w, enum att_sim_authority who, int64_t now, att_buf *der,
			 att_err *err) ATT_MUST_USE;
/* The issuer chain in PEM that comes with a text, with a CRL of that CA. */
void att_sim_put_signer_chain(const att_sim_world *w, att_buf *pem);
void att_sim_put_crl_chain(const att_sim_world *w, enum att_sim_authority ca, att_buf *pem);

/* This platform's PCK CA. */
enum att_sim_authority att_sim_world_ca(const att_sim_world *w);

#endif
