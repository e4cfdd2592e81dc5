/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence: what a trusted execution environment says about itself. Parsed here, trusted nowhere:
 * pass it to att_verify(), or print it. */
#ifndef ATTEST_EVIDENCE_H
#define ATTEST_EVIDENCE_H

#include "attest/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Input beyond this is refused unread (bytes, in any encoding). */
#define ATT_EVIDENCE_MAX ((size_t)256 << 10)

enum att_kind {
	ATT_KIND_SGX_REPORT = 1, /* bare, 432 bytes: its MAC can be checked on its platform only */
	ATT_KIND_SGX_QUOTE,
	ATT_KIND_TDX_QUOTE,
	ATT_KIND_SNP_REPORT, /* read and printed; att_verify() can not judge it yet */
};

enum att_encoding {
	ATT_ENCODING_BINARY = 1,
	ATT_ENCODING_HEX,
	ATT_ENCODING_BASE64,
	ATT_ENCODING_PEM
};

/* SGX REPORT body (384 bytes; Intel SGX DCAP quote library API, "sgx_report_body_t"). Integers are
 * host order, byte fields are in memory order. */
struct att_sgx_body {
	uint8_t cpu_svn[16];
	uint32_t misc_select;
	uint8_t isv_ext_prod_id[16];
	uint64_t attributes; /* flags: bit 0 INIT, 1 DEBUG, 2 MODE64, 4 PROVISION_KEY, ... */
	uint64_t xfrm;
	uint8_t mr_enclave[32];
	uint8_t mr_signer[32];
	uint8_t config_id[64];
	uint16_t isv_prod_id;
	uint16_t isv_svn;
	uint16_t config_svn;
	uint8_t isv_family_id[16];
	uint8_t report_data[64];
	bool reserved_zero; /* every reserved byte is zero */
};

/* TD report body in quotes (584 bytes, or 648 with the TDX 1.5 fields). */
struct att_td_body {
	uint8_t tee_tcb_svn[16];
	uint8_t mr_seam[48];
	uint8_t mr_signer_seam[48];
	uint8_t seam_attributes[8];
	uint64_t td_attributes;
	uint64_t xfam;
	uint8_t mr_td[48];
	uint8_t mr_config_id[48];
	uint8_t mr_owner[48];
	uint8_t mr_owner_config[48];
	uint8_t rtmr[4][48];
	uint8_t report_data[64];
	bool has_15; /* the two fields below are present */
	uint8_t tee_tcb_svn2[16];
	uint8_t mr_service_td[48];
};

/* The security version numbers of an AMD platform's firmware (AMD SEV-SNP ABI specification, 56860,
 * "TCB_VERSION"). */
struct att_snp_tcb {
	uint8_t raw[8]; /* as in the report */
	bool has_fmc;   /* Turin and later */
	uint8_t fmc;
	uint8_t boot_loader;
	uint8_t tee;
	uint8_t snp;
	uint8_t microcode;
};
struct att_snp_firmware {
	uint8_t major;
	uint8_t minor;
	uint8_t build;
};

/* ATTESTATION_REPORT of an SEV-SNP guest (1184 bytes, versions 2, 3 and 5; 56860 revision 1.58,
 * section 7.3). */
struct att_snp_body {
	uint32_t version;
	uint32_t guest_svn;
	uint64_t
	    policy; /* bits: ATT_BITS_SNP_POLICY; 7:0 and 15:8 are the least ABI, minor, major */
	uint8_t family_id[16];
	uint8_t image_id[16];
	uint32_t vmpl;           /* privilege level that asked: 0 is the highest */
	uint32_t signature_algo; /* 1: ECDSA P-384 with SHA-384 */
	struct att_snp_tcb current_tcb;
	uint64_t platform_info; /* bits: ATT_BITS_SNP_PLATFORM */
	uint32_t key_info;      /* bit 0 AUTHOR_KEY_EN, 1 MASK_CHIP_KEY, 4:2 SIGNING_KEY */
	uint8_t report_data[64];
	uint8_t measurement[48];
	uint8_t host_data[32];
	uint8_t id_key_digest[48];
	uint8_t author_key_digest[48];
	uint8_t report_id[32];
	uint8_t report_id_ma[32];
	struct att_snp_tcb reported_tcb;
	bool has_cpuid; /* version 3 and later: the three below */
	uint8_t cpuid_family;
	uint8_t cpuid_model;
	uint8_t cpuid_stepping;
	uint8_t chip_id[64];
	struct att_snp_tcb committed_tcb;
	struct att_snp_firmware current;
	struct att_snp_firmware committed;
	struct att_snp_tcb launch_tcb;
	bool has_mitigations; /* version 5: the two below */
	uint64_t launch_mit_vector;
	uint64_t current_mit_vector;
	bool reserved_zero; /* every reserved byte before the signature is zero */
};

#define ATT_SNP_DEBUG (UINT64_C(1) << 19) /* of the policy */

/* One entry of the certificate table that a host gives with an SNP report (GHCB specification,
 * 56421, "SNP Extended Guest Request"). */
struct att_snp_cert {
	uint8_t guid[16]; /* RFC 4122 order */
	const char *name; /* "VCEK", "VLEK", "ASK", "ARK", "CRL"; NULL: unknown. Static. */
	size_t offset;    /* of the data in the table */
	att_bytes data;   /* lends from what was parsed */
};
#define ATT_SNP_CERTS_MAX 16
struct att_snp_certs {
	size_t count;
	size_t len; /* bytes of the table in use; what stands behind is no part of it */
	struct att_snp_cert cert[ATT_SNP_CERTS_MAX];
};

/* Reads the table; the certificates themselves are not looked into. ATT_E_TRUNCATED,
 * ATT_E_FORMAT. */
ATT_API att_rc att_snp_certs_parse(att_bytes in, struct att_snp_certs *out,
				   att_err *err) ATT_MUST_USE ATT_NONNULL(2);

#define ATT_SGX_DEBUG          (UINT64_C(1) << 1)
#define ATT_TD_DEBUG           (UINT64_C(1) << 0)
#define ATT_TD_SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define ATT_TD_MIGRATABLE      (UINT64_C(1) << 29)

/* The claims of one enclave or TD, by value. */
struct att_claims {
	enum att_kind kind;
	union {
		struct att_sgx_body sgx; /* ATT_KIND_SGX_* */
		struct att_td_body td;   /* ATT_KIND_TDX_QUOTE */
		struct att_snp_body snp; /* ATT_KIND_SNP_REPORT */
	};
};

/* A quote (Intel SGX DCAP / TDX DCAP quote formats, versions 3, 4 and 5). Views lend from the
 * evidence. */
struct att_quote {
	uint16_t version;
	uint16_t key_type; /* 2: ECDSA P-256 */
	uint32_t tee_type; /* 0 SGX, 0x81 TDX */
	uint16_t qe_svn;   /* v3 only */
	uint16_t pce_svn;  /* v3 only */
	uint8_t qe_vendor_id[16];
	uint8_t user_data[20];     /* the first 16 bytes are the QE's id */
	uint16_t body_type;        /* v5: as on the wire; v3 and v4: 1 or 2 by tee_type */
	att_bytes signed_part;     /* header and body: what the attestation key signed */
	att_bytes signature;       /* r, s */
	att_bytes attestation_key; /* x, y */
	att_bytes qe_report_raw;   /* 384 bytes */
	struct att_sgx_body qe_report;
	att_bytes qe_report_signature;
	att_bytes qe_auth_data;
	uint16_t outer_cert_type; /* v4 and v5: always 6; v3: 0 */
	uint16_t cert_type;       /* certification data, 1 to 7 */
	att_bytes cert_data;
	size_t cert_data_offset; /* of cert_data in the decoded bytes */
	/* Types 1, 2 and 3 name the PCK certificate instead of carrying it. */
	att_bytes ppid; /* 16 plain bytes, or 256 or 384 encrypted ones */
	uint8_t cert_cpu_svn[16];
	uint16_t cert_pce_svn;
	bool has_cert_pce_id; /* false: an early form of type 1, which ends before it */
	uint16_t cert_pce_id;
	size_t padding; /* zero bytes behind the signature data */
};

typedef struct att_evidence att_evidence;

/* Parse a REPORT (432 bytes), a quote (version 3, 4, 5) or an SEV-SNP report (1184 bytes, its
 * certificate table behind it or not) in binary, hex, base64 or PEM armour (any label); white space
 * around text forms is skipped.
 *
 * Copies `in`; `*out` owns the copy and every view taken from it; free with att_evidence_free().
 * Zero bytes behind the signature data are counted (att_quote.padding), any other byte there is an
 * error. Nothing is authenticated yet.
 *
 * ATT_E_TRUNCATED, ATT_E_TRAILING, ATT_E_FORMAT, ATT_E_UNSUPPORTED (err->offset is in the decoded
 * bytes, or in the text when decoding failed), ATT_E_NOMEM. */
ATT_API att_rc att_evidence_parse(att_bytes in, att_evidence **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);

/* As att_evidence_parse, into an object from an earlier call, whose memory is used again: nothing
 * is allocated when the new input is not larger. All views taken before are void; `in` must not be
 * one of them. After a failure the object holds nothing but can be used again or freed. */
ATT_API att_rc att_evidence_reparse(att_evidence *ev, att_bytes in, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

ATT_API void att_evidence_free(att_evidence *ev);

ATT_API enum att_kind att_evidence_kind(const att_evidence *ev) ATT_NONNULL(1);
ATT_API enum att_encoding att_evidence_encoding(const att_evidence *ev) ATT_NONNULL(1);
ATT_API att_bytes att_evidence_bytes(const att_evidence *ev) ATT_NONNULL(1); /* decoded */
ATT_API const struct att_quote *att_evidence_quote(const att_evidence *ev)
    ATT_NONNULL(1); /* NULL for a REPORT, and for SNP */
ATT_API const struct att_claims *att_evidence_claims(const att_evidence *ev) ATT_NONNULL(1);

/* A REPORT's parts outside its body: key id (32 bytes) and MAC (16 bytes). Empty views for a
 * quote. */
ATT_API att_bytes att_evidence_report_key_id(const att_evidence *ev) ATT_NONNULL(1);
ATT_API att_bytes att_evidence_report_mac(const att_evidence *ev) ATT_NONNULL(1);

/* An SNP report's signature: r and s, 72 bytes each, little-endian. Empty for other kinds. */
ATT_API att_bytes att_evidence_snp_signature(const att_evidence *ev) ATT_NONNULL(1);

/* The certificate table behind an SNP report; NULL when there is none. */
ATT_API const struct att_snp_certs *att_evidence_snp_certs(const att_evidence *ev) ATT_NONNULL(1);

/* "sgx-report", "sgx-quote", "tdx-quote", "snp-report". Static. */
ATT_API const char *att_kind_name(enum att_kind kind);
ATT_API const char *att_encoding_name(enum att_encoding e); /* "binary", "hex", "base64", "pem" */

/* Is the TEE under debug? Anyone with the host can then read and change its memory, or observe it.
 * For a TD that is any bit of the attribute group TUD (7:0), of which ATT_TD_DEBUG is one. */
ATT_API bool att_claims_debug(const struct att_claims *c) ATT_NONNULL(1);

/* One named bit or bit range of an attribute field. */
struct att_bit {
	uint8_t bit;
	const char *name;    /* "DEBUG" */
	const char *meaning; /* "memory can be read and changed from outside" */
};
enum att_bits {
	ATT_BITS_SGX_ATTRIBUTES,
	ATT_BITS_XFRM,
	ATT_BITS_MISC_SELECT,
	ATT_BITS_TD_ATTRIBUTES,
	ATT_BITS_XFAM,
	ATT_BITS_SNP_POLICY,
	ATT_BITS_SNP_PLATFORM
};

/* The known bits of a field, ascending; `*count` of them. Static. */
ATT_API const struct att_bit *att_bits_of(enum att_bits which, size_t *count) ATT_NONNULL(2);

/* --- TDX event logs (CCEL: TCG PC Client Platform Firmware Profile, crypto-agile form) --- */

#define ATT_EVENTLOG_MAX ((size_t)1 << 20)

struct att_event {
	uint32_t mr_index; /* as in the log: 1 to 4 */
	int rtmr;          /* 0 to 3: mr_index - 1; -1 when outside */
	uint32_t type;
	const char *type_name; /* "EV_EFI_VARIABLE_BOOT", or "unknown" */
	att_bytes digest;      /* SHA-384, 48 bytes; empty when the event has none */
	att_bytes data;
	size_t offset;
	bool extended; /* was extended into the register (EV_NO_ACTION is not) */
};

typedef struct att_eventlog att_eventlog;

/* Parse a CCEL (the log area, not the ACPI table that points at it). Copies `in`. Event 0 is the
 * one that names the digest algorithms ("Spec ID Event03", its digest empty). The log ends with
 * the input, or at the first event boundary behind which there are only bytes 0x00 and 0xff: the
 * unused rest of the area. ATT_E_TRUNCATED, ATT_E_FORMAT, ATT_E_UNSUPPORTED (not crypto-agile, no
 * SHA-384), ATT_E_NOMEM. */
ATT_API att_rc att_eventlog_parse(att_bytes in, att_eventlog **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);
ATT_API void att_eventlog_free(att_eventlog *log);
ATT_API size_t att_eventlog_count(const att_eventlog *log) ATT_NONNULL(1);

/* The i-th event; NULL beyond the last. */
ATT_API const struct att_event *att_eventlog_at(const att_eventlog *log, size_t i) ATT_NONNULL(1);

/* Replays the log: each register starts at zero and becomes SHA-384(register || digest).
 * ATT_E_UNAVAILABLE when libcrypto fails. */
ATT_API att_rc att_eventlog_replay(const att_eventlog *log, uint8_t rtmr[4][48],
				   att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2);

#ifdef __cplusplus
}
#endif
#endif
