/* SPDX-License-Identifier: Apache-2.0 */
/* What the provisioning service of a world issues, with the faults of its dial. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "platform/sim/world_internal.h"

#define VALID       (30 * ATT_SIM_DAY)
#define EXPIRED_AGO (30 * ATT_SIM_DAY)
#define FUTURE_IN   (2 * ATT_SIM_DAY)
#define REVOKED_MAX 2

/* When the TCB recoveries happened, in days before the world was born; oldest first. */
static const struct {
	uint32_t evaluation;
	int days;
} recoveries[] = {
	{ ATT_SIM_EVALUATION_OLDER, 540 },
	{ ATT_SIM_EVALUATION_STANDARD, 180 },
	{ ATT_SIM_EVALUATION_EARLY, 30 },
};

enum age { FRESH, EXPIRED, FUTURE };

static enum age age_of(const att_sim_world *w, bool expired, bool future)
{
	unsigned all = w->dial[DIAL_COLLATERAL].at;

	if (expired || all == CO_EXPIRED)
		return EXPIRED;
	return future || all == CO_FUTURE ? FUTURE : FRESH;
}

/* Everything is issued anew at midnight, dated a day back for clocks that are behind. */
static void dates(int64_t now, enum age age, struct att_sim_issue *issue)
{
	int64_t day = now - (now % ATT_SIM_DAY + ATT_SIM_DAY) % ATT_SIM_DAY;

	issue->issued = age == EXPIRED  ? day - EXPIRED_AGO - VALID
			: age == FUTURE ? day + FUTURE_IN
					: day - ATT_SIM_DAY;
	issue->next_update = issue->issued + VALID;
}

static int64_t recovery_date(const att_sim_world *w, uint32_t evaluation)
{
	int64_t date = w->options.born;

	for (size_t i = 0; i < ATT_COUNT(recoveries); i++) {
		if (recoveries[i].evaluation == evaluation)
			date = w->options.born - recoveries[i].days * ATT_SIM_DAY;
	}
	return date - (date % ATT_SIM_DAY + ATT_SIM_DAY) % ATT_SIM_DAY;
}

uint32_t att_sim_edition(const att_sim_world *w, bool early)
{
	switch (w->dial[DIAL_EVALUATION].at) {
	case EVAL_EARLY:
		return ATT_SIM_EVALUATION_EARLY;
	case EVAL_OLDER:
		return ATT_SIM_EVALUATION_OLDER;
	default:
		return early ? ATT_SIM_EVALUATION_EARLY : ATT_SIM_EVALUATION_STANDARD;
	}
}

/* --- TCB levels --- */

static void add_level(struct att_sim_levels *l, int above, enum att_tcb_status status, int64_t date)
{
	l->at[l->count++] = (struct att_sim_level){ above, status, date };
}

/* Levels in which the platform's own has that status: below a newer one where it is behind. */
static void levels_with(enum att_tcb_status own, int64_t date, int64_t before,
			struct att_sim_levels *out)
{
	bool behind = own >= ATT_TCB_OUT_OF_DATE;

	*out = (struct att_sim_levels){ 0 };
	if (behind)
		add_level(out, 1, ATT_TCB_UP_TO_DATE, date);
	if (own == ATT_TCB_NOT_SUPPORTED)
		return;
	add_level(out, 0, own, behind ? before : date);
	add_level(out, -1, own == ATT_TCB_REVOKED ? ATT_TCB_REVOKED : ATT_TCB_OUT_OF_DATE,
		  before - ATT_SIM_DAY);
}

static enum att_tcb_status platform_status(const att_sim_world *w, uint32_t evaluation)
{
	static const enum att_tcb_status by_dial[][2] = {
		/* standard, early */
		[TCB_CURRENT] = { ATT_TCB_UP_TO_DATE, ATT_TCB_OUT_OF_DATE },
		[TCB_OUTDATED] = { ATT_TCB_OUT_OF_DATE, ATT_TCB_OUT_OF_DATE },
		[TCB_CONFIGURATION] = { ATT_TCB_CONFIGURATION_NEEDED,
					ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED },
		[TCB_SW_HARDENING] = { ATT_TCB_SW_HARDENING_NEEDED, ATT_TCB_OUT_OF_DATE },
		[TCB_CONFIGURATION_SW] = { ATT_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
					   ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED },
		[TCB_OUTDATED_CONFIGURATION] = { ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
						 ATT_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED },
		[TCB_REVOKED] = { ATT_TCB_REVOKED, ATT_TCB_REVOKED },
		[TCB_UNSUPPORTED] = { ATT_TCB_NOT_SUPPORTED, ATT_TCB_NOT_SUPPORTED },
	};

	return by_dial[w->dial[DIAL_TCB].at][evaluation == ATT_SIM_EVALUATION_EARLY];
}

static void platform_levels(const att_sim_world *w, uint32_t evaluation, struct att_sim_levels *out)
{
	int64_t date = recovery_date(w, evaluation);

	if (evaluation == ATT_SIM_EVALUATION_OLDER) {
		*out = (struct att_sim_levels){ 0 };
		add_level(out, -1, ATT_TCB_UP_TO_DATE, date);
		add_level(out, -2, ATT_TCB_OUT_OF_DATE, date - ATT_SIM_DAY);
		return;
	}
	levels_with(platform_status(w, evaluation), date, recovery_date(w, evaluation - 1), out);
}

static void isv_levels(const att_sim_world *w, enum att_tcb_status status, uint32_t evaluation,
		       struct att_sim_levels *out)
{
	int64_t date = recovery_date(w, evaluation);

	levels_with(status, date, date - ATT_SIM_DAY, out);
}

static enum att_tcb_status module_status(const att_sim_world *w)
{
	switch (w->dial[DIAL_TDX_MODULE].at) {
	case TM_OUTDATED:
		return ATT_TCB_OUT_OF_DATE;
	case TM_REVOKED:
		return ATT_TCB_REVOKED;
	case TM_UNSUPPORTED:
		return ATT_TCB_NOT_SUPPORTED;
	default:
		return ATT_TCB_UP_TO_DATE;
	}
}

static enum att_tcb_status qe_status(const att_sim_world *w)
{
	switch (w->dial[DIAL_QE_IDENTITY].at) {
	case QI_OUTDATED:
		return ATT_TCB_OUT_OF_DATE;
	case QI_REVOKED:
		return ATT_TCB_REVOKED;
	case QI_UNSUPPORTED:
		return ATT_TCB_NOT_SUPPORTED;
	default:
		return ATT_TCB_UP_TO_DATE;
	}
}

/* --- What was signed before --- */

static struct att_sim_memo *recall(att_sim_world *w, const uint8_t key[static 32])
{
	for (size_t i = 0; i < ATT_SIM_MEMO; i++) {
		if (w->memo[i].bytes.len > 0 && memcmp(w->memo[i].key, key, 32) == 0)
			return &w->memo[i];
	}
	return NULL;
}

/* Takes the bytes. */
static const att_buf *remember(att_sim_world *w, const uint8_t key[static 32], att_buf *bytes)
{
	struct att_sim_memo *m = &w->memo[w->memo_next++ % ATT_SIM_MEMO];

	att_buf_free(&m->bytes);
	memcpy(m->key, key, sizeof(m->key));
	m->bytes = *bytes;
	*bytes = (att_buf){ 0 };
	return &m->bytes;
}

static att_rc no_hash(att_err *err)
{
	return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto offers no SHA-256");
}

/* Appends {"NAME":text,"signature":"hex"}, signed by the TCB signer; `spoil` breaks the
 * signature. */
static att_rc put_signed(att_sim_world *w, const char *name, const att_buf *text, bool spoil,
			 att_buf *out, att_err *err)
{
	uint8_t key[32], rs[64];
	att_auto_buf att_buf whole = { 0 };
	att_rc rc = att_buf_ok(text, err);

	if (rc != ATT_OK)
		return rc;
	if (!att_sha256_once(att_buf_bytes(text), key))
		return no_hash(err);
	key[0] ^= spoil;
	const struct att_sim_memo *known = recall(w, key);
	if (known) {
		att_put(out, att_buf_bytes(&known->bytes));
		return att_buf_ok(out, err);
	}
	rc = att_sim_pki_sign_json(w->pki, att_buf_bytes(text), rs, err);
	if (rc != ATT_OK)
		return rc;
	rs[63] ^= spoil;
	att_putf(&whole, "{\"%s\":", name);
	att_put(&whole, att_buf_bytes(text));
	att_put_str(&whole, ",\"signature\":\"");
	att_put_hex(&whole, att_bytes_of(rs, sizeof(rs)));
	att_put_str(&whole, "\"}");
	rc = att_buf_ok(&whole, err);
	if (rc != ATT_OK)
		return rc;
	att_put(out, att_buf_bytes(remember(w, key, &whole)));
	return att_buf_ok(out, err);
}

/* --- Texts --- */

att_rc att_sim_issue_tcb_info(att_sim_world *w, bool tdx, unsigned version, uint32_t evaluation,
			      int64_t now, att_buf *out, att_err *err)
{
	unsigned fault = w->dial[DIAL_TCB_INFO].at;
	struct att_platform platform = w->platform;
	struct att_sim_tcb_info t = {
		.issue.evaluation = evaluation,
		.platform = &platform,
		.version = version,
		.tdx = tdx != (fault == TI_OTHER_TEE && version > 2),
		.module_unknown = w->dial[DIAL_TDX_MODULE].at == TM_UNKNOWN,
		.module_other_signer = w->dial[DIAL_TDX_MODULE].at == TM_OTHER_SIGNER,
	};
	att_auto_buf att_buf text = { 0 };

	platform.fmspc[5] ^= fault == TI_OTHER_FMSPC;
	platform.pce_id[0] ^= fault == TI_OTHER_PCE;
	dates(now, age_of(w, fault == TI_EXPIRED, fault == TI_FUTURE), &t.issue);
	platform_levels(w, evaluation, &t.levels);
	isv_levels(w, module_status(w), evaluation, &t.module_levels);
	att_sim_put_tcb_info(&text, &t);
	return put_signed(w, "tcbInfo", &text, fault == TI_BAD_SIGNATURE, out, err);
}

att_rc att_sim_issue_identity(att_sim_world *w, enum att_sim_enclave enclave, uint32_t evaluation,
			      int64_t now, att_buf *out, att_err *err)
{
	bool quoting = enclave == ATT_SIM_ID_QE || enclave == ATT_SIM_ID_TD_QE;
	unsigned fault = quoting ? w->dial[DIAL_QE_IDENTITY].at : QI_GOOD;
	struct att_sim_identity t = {
		.issue.evaluation = evaluation,
		.enclave = enclave,
		.other_signer = fault == QI_WRONG,
	};
	att_auto_buf att_buf text = { 0 };

	if (fault == QI_OTHER_TEE)
		t.enclave = enclave == ATT_SIM_ID_QE ? ATT_SIM_ID_TD_QE : ATT_SIM_ID_QE;
	dates(now, age_of(w, fault == QI_EXPIRED, fault == QI_FUTURE), &t.issue);
	isv_levels(w, quoting ? qe_status(w) : ATT_TCB_UP_TO_DATE, evaluation, &t.levels);
	att_sim_put_identity(&text, &t);
	return put_signed(w, "enclaveIdentity", &text, fault == QI_BAD_SIGNATURE, out, err);
}

att_rc att_sim_issue_numbers(att_sim_world *w, bool tdx, int64_t now, att_buf *out, att_err *err)
{
	struct att_sim_recovery list[ATT_COUNT(recoveries)];
	struct att_sim_issue issue = { 0 };
	att_auto_buf att_buf text = { 0 };

	for (size_t i = 0; i < ATT_COUNT(list); i++) {
		uint32_t number = recoveries[ATT_COUNT(list) - 1 - i].evaluation;

		list[i] = (struct att_sim_recovery){ number, recovery_date(w, number) };
	}
	dates(now, age_of(w, false, false), &issue);
	att_sim_put_evaluation_numbers(&text, tdx, &issue, list, ATT_COUNT(list));
	return put_signed(w, "tcbEvaluationDataNumbers", &text, false, out, err);
}

/* --- CRLs --- */

static size_t revoked_by(const att_sim_world *w, enum att_sim_authority who,
			 uint64_t serials[static REVOKED_MAX])
{
	size_t n = 0;

	if (who == ATT_SIM_ROOT && w->dial[DIAL_INTERMEDIATE].at == CERT_REVOKED)
		serials[n++] = att_sim_pki_serial(w->pki, att_sim_world_ca(w));
	if (who == ATT_SIM_ROOT && w->dial[DIAL_TCB_SIGNER].at == SIGNER_REVOKED)
		serials[n++] = att_sim_pki_serial(w->pki, ATT_SIM_TCB_SIGNER);
	if (who == att_sim_world_ca(w) && w->dial[DIAL_PCK].at == CERT_REVOKED)
		serials[n++] = w->pck.serial;
	return n;
}

/* Who issues what is given for the CRL of `who`. */
static enum att_sim_authority crl_issuer(enum att_sim_authority who, bool wrong)
{
	if (!wrong)
		return who;
	return who == ATT_SIM_PLATFORM_CA ? ATT_SIM_PROCESSOR_CA : ATT_SIM_PLATFORM_CA;
}

static att_rc make_crl(const att_sim_world *w, enum att_sim_authority who, unsigned fault,
		       const struct att_sim_issue *issue, att_buf *der, att_err *err)
{
	uint64_t serials[REVOKED_MAX];
	const struct att_issue_crl terms = {
		.this_update = issue->issued,
		.next_update = issue->next_update,
		.number = (uint64_t)(issue->issued / ATT_SIM_DAY),
		.revoked = serials,
		.revoked_count = revoked_by(w, who, serials),
	};
	att_rc rc =
	    att_sim_pki_crl_of(w->pki, crl_issuer(who, fault == CRL_WRONG), &terms, der, err);

	if (rc == ATT_OK && fault == CRL_BAD_SIGNATURE)
		der->ptr[der->len - 1] ^= 1;
	return rc;
}

att_rc att_sim_issue_crl(att_sim_world *w, enum att_sim_authority who, int64_t now, att_buf *der,
			 att_err *err)
{
	unsigned fault = w->dial[who == ATT_SIM_ROOT ? DIAL_ROOT_CRL : DIAL_PCK_CRL].at;
	struct att_sim_issue issue = { 0 };
	uint64_t serials[REVOKED_MAX];
	att_auto_buf att_buf made = { 0 };
	uint8_t key[32];
	char text[96];

	if (fault == CRL_GARBAGE) {
		att_put_str(der, "no CRL at all");
		return att_buf_ok(der, err);
	}
	dates(now, age_of(w, fault == CRL_EXPIRED, fault == CRL_FUTURE), &issue);
	size_t count = revoked_by(w, who, serials);
	int len =
	    snprintf(text, sizeof(text), "CRL %d %u %lld", who, fault, (long long)issue.issued);
	for (size_t i = 0; i < count; i++)
		len += snprintf(text + len, sizeof(text) - (size_t)len, " %llx",
				(unsigned long long)serials[i]);
	if (!att_sha256_once(att_bytes_of(text, (size_t)len), key))
		return no_hash(err);
	const struct att_sim_memo *known = recall(w, key);
	if (!known) {
		att_rc rc = make_crl(w, who, fault, &issue, &made, err);
		if (rc != ATT_OK)
			return rc;
	}
	att_put(der, att_buf_bytes(known ? &known->bytes : remember(w, key, &made)));
	return att_buf_ok(der, err);
}

/* --- Chains --- */

void att_sim_put_signer_chain(const att_sim_world *w, att_buf *pem)
{
	bool swapped = w->dial[DIAL_TCB_SIGNER].at == SIGNER_SWAPPED;

	att_sim_pki_put_chain(w->pki, swapped ? att_sim_world_ca(w) : ATT_SIM_TCB_SIGNER, pem);
}

void att_sim_put_crl_chain(const att_sim_world *w, enum att_sim_authority ca, att_buf *pem)
{
	bool swapped = w->dial[DIAL_CRL_CHAIN].at == CHAIN_SWAPPED;

	att_sim_pki_put_chain(w->pki, crl_issuer(ca, swapped), pem);
}
