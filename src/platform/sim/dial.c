/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/dial.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "platform/sim/world_internal.h"

#define NUMBER_MAX     1000000u
#define AESM_CODE_MAX  51u
#define AESM_CODE_BUSY 18u

/* "|current|outdated" without its first bar. */
#define TEXT(sym, text) "|" text
#define VALUES(list)    (&("" list(TEXT))[1])

static const struct att_sim_setting settings[DIAL_COUNT] = {
	[DIAL_TCB] = { "tcb", VALUES(ATT_DIAL_TCB),
		       "the status of this platform's level in the TCB info",
		       "denied by policy; revoked, unsupported: tcb.status" },
	[DIAL_EVALUATION] = { "evaluation", VALUES(ATT_DIAL_EVALUATION),
			      "the TCB evaluation number that an ordinary update gets",
			      "early: denied by policy (OutOfDate)" },
	[DIAL_PCK] = { "pck", VALUES(ATT_DIAL_CERT), "the PCK certificate", "pck.revocation" },
	[DIAL_INTERMEDIATE] = { "intermediate", VALUES(ATT_DIAL_CERT), "the PCK CA's certificate",
				"pck.intermediate_revocation" },
	[DIAL_TCB_SIGNER] = { "tcb-signer", VALUES(ATT_DIAL_TCB_SIGNER),
			      "the certificate that signs TCB info and identities, or another one "
			      "in its place",
			      "tcb_signer.*, qe_signer.*" },
	[DIAL_TCB_INFO] = { "tcb-info", VALUES(ATT_DIAL_TCB_INFO), "the TCB info", "tcb_info.*" },
	[DIAL_QE_IDENTITY] = { "qe-identity", VALUES(ATT_DIAL_QE_IDENTITY),
			       "the identity of the quoting enclave, or that enclave's level in it",
			       "qe_identity.*, qe.*; outdated: denied by policy" },
	[DIAL_TDX_MODULE] = { "tdx-module", VALUES(ATT_DIAL_TDX_MODULE),
			      "the TDX module in the TCB info",
			      "tdx_module.*; outdated: denied by policy" },
	[DIAL_ROOT_CRL] = { "root-crl", VALUES(ATT_DIAL_CRL), "the root CA's CRL", "root_crl.*" },
	[DIAL_PCK_CRL] = { "pck-crl", VALUES(ATT_DIAL_CRL), "the PCK CA's CRL", "pck_crl.*" },
	[DIAL_CRL_CHAIN] = { "crl-chain", VALUES(ATT_DIAL_CRL_CHAIN),
			     "the chain that comes with the PCK CA's CRL, or the other CA's",
			     "pck_crl_issuer.intermediate, pck_crl.issuer" },
	[DIAL_COLLATERAL] = { "collateral", VALUES(ATT_DIAL_COLLATERAL),
			      "the dates of everything the service signs",
			      "*.dates of CRLs, TCB info and identity" },
	[DIAL_ENCLAVE] = { "enclave", VALUES(ATT_DIAL_ENCLAVE),
			   "how enclaves and TDs are launched from now on",
			   "debug: denied by policy" },
	[DIAL_QUOTE] = { "quote", VALUES(ATT_DIAL_QUOTE), "the signatures in quotes",
			 "quote.signature, qe_report.*" },
	[DIAL_CERTIFICATION] = { "certification", VALUES(ATT_DIAL_CERTIFICATION),
				 "how quotes name their PCK certificate",
				 "ppid: collateral.complete, unless a PCK chain is fetched" },
	[DIAL_UPSTREAM] = { "upstream", VALUES(ATT_DIAL_UPSTREAM),
			    "how the provisioning service answers", "a failing fetch" },
	[DIAL_AESM] = { "aesm", VALUES(ATT_DIAL_AESM),
			"the error AESM answers with: CODE is 1 to 51", "no quote" },
};

const struct att_sim_setting *att_sim_setting(size_t i)
{
	return i < DIAL_COUNT ? &settings[i] : NULL;
}

/* Decimal digits up to the end of text, as a number is written; false when there are none, or other
 * things, or too many. */
static bool read_number(const char *text, uint32_t max, uint32_t *out)
{
	uint32_t n = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (uint32_t)(*text - '0');
		if (n > max)
			return false;
	}
	*out = n;
	return true;
}

/* Does `value` spell the form of `len` characters: "name", "name[:NUMBER]", "CODE"? */
static bool spells(const char *form, size_t len, const char *value, uint32_t *number)
{
	const char *optional = memchr(form, '[', len);
	size_t name = optional ? (size_t)(optional - form) : len;

	*number = 0;
	if (len == 4 && memcmp(form, "CODE", 4) == 0)
		return read_number(value, AESM_CODE_MAX, number) && *number > 0;
	if (strncmp(value, form, name) != 0)
		return false;
	if (value[name] == '\0')
		return true;
	return optional && value[name] == ':' && read_number(value + name + 1, NUMBER_MAX, number);
}

/* The place of the value among the setting's; false when it is none of them. */
static bool find_value(const char *values, const char *value, struct att_dial_value *out)
{
	const char *at = values;

	for (uint8_t i = 0;; i++) {
		size_t len = strcspn(at, "|");

		if (spells(at, len, value, &out->number)) {
			out->at = i;
			return true;
		}
		if (!at[len])
			return false;
		at += len + 1;
	}
}

static att_rc no_setting(const char *name, att_err *err)
{
	char list[200] = "";
	size_t len = 0;

	for (size_t i = 0; i < DIAL_COUNT && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
					settings[i].name);
	return att_fail(err, ATT_E_ARG, "no setting '%.32s': expected one of %s", name, list);
}

static void applied(att_sim_world *w)
{
	att_sim_cpu_set_debug(w->cpu, w->dial[DIAL_ENCLAVE].at == ENCLAVE_DEBUG);
}

att_rc att_sim_world_set(att_sim_world *w, const char *name, const char *value, att_err *err)
{
	for (size_t i = 0; i < DIAL_COUNT; i++) {
		struct att_dial_value v = { 0 };

		if (strcmp(settings[i].name, name) != 0)
			continue;
		if (!find_value(settings[i].values, value, &v))
			return att_fail(err, ATT_E_ARG, "%s: expected %s, seen '%.32s'", name,
					settings[i].values, value);
		w->dial[i] = v;
		applied(w);
		return ATT_OK;
	}
	return no_setting(name, err);
}

void att_sim_world_reset(att_sim_world *w)
{
	memset(w->dial, 0, sizeof(w->dial));
	applied(w);
}

void att_sim_world_get(const att_sim_world *w, size_t i, char value[static ATT_SIM_VALUE_TEXT])
{
	const struct att_dial_value *v = &w->dial[i];
	const char *at = settings[i].values;

	for (unsigned skip = v->at; skip > 0; skip--)
		at += strcspn(at, "|") + 1;
	int len = (int)strcspn(at, "|[");
	if (strncmp(at, "CODE", 4) == 0)
		snprintf(value, ATT_SIM_VALUE_TEXT, "%u", v->number);
	else if (v->number)
		snprintf(value, ATT_SIM_VALUE_TEXT, "%.*s:%u", len, at, v->number);
	else
		snprintf(value, ATT_SIM_VALUE_TEXT, "%.*s", len, at);
}

unsigned att_sim_world_aesm_error(const att_sim_world *w)
{
	switch (w->dial[DIAL_AESM].at) {
	case AESM_BUSY:
		return AESM_CODE_BUSY;
	case AESM_CODE:
		return w->dial[DIAL_AESM].number;
	default:
		return 0;
	}
}
