/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/attester.h"

#include <stdio.h>
#include <string.h>

#include "attest/evidence.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/mem.h"

ATT_DEFINE_CLEANUP(attester, att_attester, att_attester_free)
#define auto_attester __attribute__((cleanup(attester_cleanup)))
ATT_DEFINE_CLEANUP(evidence, att_evidence, att_evidence_free)
#define auto_evidence __attribute__((cleanup(evidence_cleanup)))

struct att_attester {
	const struct att_attester_ops *ops;
	void *state;
};

/* "sim" comes first, for it is tried only where a world was announced on purpose: inside `attest
 * sim run` the world is what is wanted, whatever the machine below has. Then what an enclave sees
 * of itself, the daemon beside it, and what a confidential VM sees; configfs-tsm before the older
 * devices, since it checks for races. */
const struct att_attester_ops *const att_attesters[] = {
	&att_attester_sim, &att_attester_occlum,    &att_attester_gramine,   &att_attester_aesm,
	&att_attester_tsm, &att_attester_tdx_guest, &att_attester_sev_guest, NULL,
};

static bool is_sim(const struct att_attester_ops *ops)
{
	return strcmp(ops->name, "sim") == 0;
}

static att_rc open_one(const struct att_attester_ops *ops,
		       const struct att_attester_options *options, att_attester **out, att_err *err)
{
	auto_attester att_attester *a = NULL;

	att_rc rc = ops->probe(options, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "attester %s", ops->name);
	a = calloc(1, sizeof(*a));
	if (!a)
		return att_fail(err, ATT_E_NOMEM, "attester %s: out of memory", ops->name);
	rc = ops->open(options, &a->state, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "attester %s", ops->name);
	a->ops = ops;
	*out = ATT_STEAL(a);
	return ATT_OK;
}

static att_rc nothing_here(const struct att_attester_options *options, att_err *err)
{
	att_auto_buf att_buf names = { 0 };

	for (size_t i = 0; att_attesters[i]; i++)
		if (!is_sim(att_attesters[i]) || options->sim_cpu)
			att_putf(&names, "%s%s", names.len ? ", " : "", att_attesters[i]->name);
	att_put_u8(&names, 0);
	if (att_buf_ok(&names, NULL) != ATT_OK)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	return att_fail(err, ATT_E_UNAVAILABLE,
			"this machine has no interface that makes evidence (tried %s); `attest "
			"doctor` says what is missing, `attest sim` simulates a platform",
			(const char *)names.ptr);
}

/* An interface that is there and can not be used is worth more words than those that are not. */
static att_rc open_auto(const struct att_attester_options *options, att_attester **out,
			att_err *err)
{
	att_err worst = { 0 };

	for (size_t i = 0; att_attesters[i]; i++) {
		att_err why = { 0 };
		if (is_sim(att_attesters[i]) && !options->sim_cpu)
			continue;
		att_rc rc = open_one(att_attesters[i], options, out, &why);
		if (rc == ATT_OK)
			return rc;
		if (rc != ATT_E_UNAVAILABLE && worst.rc == ATT_OK)
			worst = why;
	}
	if (worst.rc == ATT_OK)
		return nothing_here(options, err);
	if (err)
		*err = worst;
	return worst.rc;
}

att_rc att_attester_open(const char *name, const struct att_attester_options *options,
			 att_attester **out, att_err *err)
{
	static const struct att_attester_options none = { 0 };

	*out = NULL;
	if (!options)
		options = &none;
	if (strcmp(name, "auto") == 0)
		return open_auto(options, out, err);
	for (size_t i = 0; att_attesters[i]; i++)
		if (strcmp(name, att_attesters[i]->name) == 0)
			return open_one(att_attesters[i], options, out, err);
	return att_fail(err, ATT_E_ARG, "there is no attester '%s'", name);
}

void att_attester_free(att_attester *a)
{
	if (!a)
		return;
	if (a->ops && a->ops->close)
		a->ops->close(a->state);
	free(a);
}

const char *att_attester_name(const att_attester *a)
{
	return a->ops->name;
}

/* Where the caller's report data lie in evidence of that kind. */
static const uint8_t *report_data_of(const struct att_claims *c)
{
	switch (c->kind) {
	case ATT_KIND_TDX_QUOTE:
		return c->td.report_data;
	case ATT_KIND_SNP_REPORT:
		return c->snp.report_data;
	case ATT_KIND_SGX_REPORT:
	case ATT_KIND_SGX_QUOTE:
		break;
	}
	return c->sgx.report_data;
}

/* What a platform hands out must be evidence, and ours: another process may have asked it something
 * else in between. Forms that are not parsed here (EPID) can not be looked into. */
static att_rc check(const struct att_quoted *q, const uint8_t report_data[ATT_REPORT_DATA],
		    att_err *err)
{
	auto_evidence att_evidence *ev = NULL;

	att_rc rc = att_evidence_parse(att_bytes_of(q->evidence, q->evidence_len), &ev, err);
	if (rc == ATT_E_UNSUPPORTED && q->evidence_len)
		return ATT_OK;
	if (rc == ATT_E_NOMEM)
		return rc;
	if (rc != ATT_OK)
		return att_wrap(err, ATT_E_FORMAT, "the platform's %zu bytes are no evidence",
				q->evidence_len);
	if (memcmp(report_data_of(att_evidence_claims(ev)), report_data, ATT_REPORT_DATA) == 0)
		return ATT_OK;
	return att_fail(err, ATT_E_FORMAT,
			"the platform's evidence holds other report data than what was asked for");
}

att_rc att_attester_quote(att_attester *a, const uint8_t report_data[ATT_REPORT_DATA],
			  struct att_quoted *out, att_err *err)
{
	*out = (struct att_quoted){ 0 };
	att_rc rc = a->ops->quote(a->state, report_data, out, err);
	if (rc == ATT_OK)
		rc = check(out, report_data, err);
	if (rc != ATT_OK) {
		att_quoted_clear(out);
		return att_wrap(err, rc, "attester %s", a->ops->name);
	}
	snprintf(out->attester, sizeof(out->attester), "%s", a->ops->name);
	return ATT_OK;
}

void att_quoted_clear(struct att_quoted *q)
{
	free(q->evidence);
	free(q->certificates);
	*q = (struct att_quoted){ 0 };
}
