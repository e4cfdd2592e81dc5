/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info (versions 2 and 3) and enclave identities (version 2), compiled to byte arrays that
 * level matching can run over without touching JSON again. Input is text whose signature was good.
 * Statuses are Intel's for the place: all seven level statuses for a platform, UpToDate, OutOfDate
 * and Revoked for a TDX module, those and the two with ConfigurationNeeded for an enclave. */
#ifndef ATT_COLLATERAL_TCBINFO_H
#define ATT_COLLATERAL_TCBINFO_H

#include "attest/base.h"
#include "attest/verify.h"
#include "codec/json.h"

#define ATT_LEVELS_MAX       128u
#define ATT_MODULES_MAX      32u
#define ATT_ADVISORIES_MAX   64u /* of one level */
#define ATT_ADVISORY_LEN_MAX 64u

/* Advisory ids of one level: NUL-terminated, sorted, without repeats; owned by the document. */
struct att_advisories {
	const char *const *ids;
	size_t count;
};

struct att_level {
	uint8_t sgx[16];
	uint8_t tdx[16]; /* TDX only */
	uint16_t pce_svn;
	uint16_t isv_svn; /* module and enclave identity levels only */
	enum att_tcb_status status;
	int64_t date; /* tcbDate */
	struct att_advisories advisories;
};

/* tdxModule or one of tdxModuleIdentities. */
struct att_tdx_module {
	char id[8];      /* "TDX_01"; empty for tdxModule itself */
	uint8_t version; /* XX of TDX_XX */
	uint8_t mr_signer[48];
	uint8_t attributes[8];
	uint8_t attributes_mask[8];
	struct att_level *levels; /* in document order; none for tdxModule */
	size_t level_count;
};

/* What a component is for ("OS/VMM", "SEAMLDR ACM"), for remedies; empty strings when not said. */
struct att_component {
	char category[24];
	char type[48];
};

struct att_tcbinfo {
	int version; /* 2 or 3 */
	bool tdx;    /* id "TDX" */
	int64_t issue_date;
	int64_t next_update;
	uint8_t fmspc[6];
	uint8_t pce_id[2];            /* as the two bytes of the hex text */
	int64_t evaluation;           /* tcbEvaluationDataNumber */
	struct att_tdx_module module; /* TDX only */
	struct att_tdx_module *modules;
	size_t module_count;
	struct att_level *levels; /* sorted descending as Intel's library sorts */
	size_t level_count;
	struct att_component sgx_components[16];
	struct att_component tdx_components[16];
	void *arena; /* owns every array above */
};

/* `info` is the tcbInfo object inside a parsed document. Wrong types, out-of-range numbers, levels
 * or module identities that repeat, no levels at all, members that belong to another kind of TCB
 * info: ATT_E_FORMAT naming the member; unknown members are passed over. Components are arrays
 * of exactly 16. Values are refused when they are written with escapes. ATT_E_NOMEM.
 * Offsets are in the document's text. Free with att_tcbinfo_free. */
att_rc att_tcbinfo_parse(att_json info, struct att_tcbinfo *out, att_err *err) ATT_MUST_USE;
void att_tcbinfo_free(struct att_tcbinfo *t);

enum att_identity_id {
	ATT_IDENTITY_QE = 1,
	ATT_IDENTITY_QVE,
	ATT_IDENTITY_TD_QE,
	ATT_IDENTITY_QAE, /* quote appraisal enclave */
};

struct att_identity {
	enum att_identity_id id;
	int64_t issue_date;
	int64_t next_update;
	int64_t evaluation;
	uint8_t misc_select[4]; /* in the order of the text, which is the report's in memory */
	uint8_t misc_select_mask[4];
	uint8_t attributes[16];
	uint8_t attributes_mask[16];
	uint8_t mr_signer[32];
	uint16_t isv_prod_id;
	struct att_level *levels; /* document order; Intel does not sort them */
	size_t level_count;
	void *arena;
};

att_rc att_identity_parse(att_json identity, struct att_identity *out, att_err *err) ATT_MUST_USE;
void att_identity_free(struct att_identity *t);

const char *att_identity_id_name(enum att_identity_id id); /* "QE", "QVE", "TD_QE", "QAE" */

/* Splits a service answer {"NAME":{…},"signature":"…"} (`name`: "tcbInfo", "enclaveIdentity"): the
 * object, whose slice was signed, and the 64 signature bytes. *found is false, with ATT_OK, when
 * the document has no member `name` (it is the bare signed text). Other members are passed over.
 * ATT_E_FORMAT: NAME is no object, or there is no signature of 128 hex digits beside it. */
att_rc att_answer_split(const att_json_doc *doc, const char *name, bool *found, att_json *object,
			uint8_t signature[static 64], att_err *err) ATT_MUST_USE;

#endif
