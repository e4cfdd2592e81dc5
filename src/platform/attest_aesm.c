/* SPDX-License-Identifier: Apache-2.0 */
/* Intel's daemon aesmd, or a simulated one: it has the quoting enclave, somebody else has to make
 * the REPORT that is quoted. ECDSA quotes only; for EPID see platform/aesm/client.h. */
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/aesm/keyid.h"
#include "platform/attester.h"
#include "platform/device.h"
#include "platform/sim/secs.h"

/* ECDSA quotes with a certificate chain have 4 to 5 KiB. */
#define QUOTE_MAX 65536u

static const struct att_report_source *const sources[] = {
	&att_report_source_sim,
	&att_report_source_occlum,
	&att_report_source_gramine,
};

/* The caller's options are only lent while we are opened. */
enum { FORMAT, SIM_CPU, IMAGE, SIGSTRUCT, SIGNER, TEXTS };

struct aesm {
	struct att_aesm_client client;
	const struct att_report_source *source;
	struct att_attester_options options;
	char *texts[TEXTS];
};

static const struct att_report_source *find_source(const struct att_attester_options *options)
{
	for (size_t i = 0; i < ATT_COUNT(sources); i++)
		if (sources[i]->probe(options, NULL) == ATT_OK)
			return sources[i];
	return NULL;
}

static att_rc no_source(att_err *err)
{
	return att_fail(err, ATT_E_UNAVAILABLE,
			"aesmd is there, but nothing to make a report for it: this process is in "
			"no enclave (looked for a simulated CPU, Occlum's /dev/sgx, Gramine's "
			"/dev/attestation)");
}

static att_rc aesm_probe(const struct att_attester_options *options, att_err *err)
{
	if (!att_sys_there(ATT_AESM_SOCKET, S_IFSOCK))
		return att_fail(err, ATT_E_UNAVAILABLE,
				ATT_AESM_SOCKET ": no socket there; start aesmd (package "
						"sgx-aesm-service), or a world with `attest sim "
						"run`");
	return find_source(options) ? ATT_OK : no_source(err);
}

static void aesm_close(void *state)
{
	struct aesm *a = state;

	for (size_t i = 0; i < TEXTS; i++)
		free(a->texts[i]);
	free(a);
}

static bool copy_text(struct aesm *a, size_t i, const char *from, const char **to)
{
	if (!from)
		return true;
	a->texts[i] = strdup(from);
	*to = a->texts[i];
	return a->texts[i] != NULL;
}

static bool copy_options(struct aesm *a, const struct att_attester_options *o)
{
	a->options.timeout_ms = o->timeout_ms;
	return copy_text(a, FORMAT, o->format, &a->options.format) &&
	       copy_text(a, SIM_CPU, o->sim_cpu, &a->options.sim_cpu) &&
	       copy_text(a, IMAGE, o->image, &a->options.image) &&
	       copy_text(a, SIGSTRUCT, o->sigstruct, &a->options.sigstruct) &&
	       copy_text(a, SIGNER, o->signer, &a->options.signer);
}

static att_rc aesm_open(const struct att_attester_options *options, void **state, att_err *err)
{
	*state = NULL;
	struct aesm *a = calloc(1, sizeof(*a));
	if (!a || !copy_options(a, options)) {
		if (a)
			aesm_close(a);
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	}
	a->client.timeout_ms = options->timeout_ms;
	a->source = find_source(options);
	if (!a->source) {
		aesm_close(a);
		return no_source(err);
	}
	*state = a;
	return ATT_OK;
}

/* Nonce, and the enclave itself as whom the quoting enclave's own report is for. */
static att_rc ask_to_vouch(const uint8_t report[static ATT_AESM_REPORT],
			   uint8_t info[static ATT_AESM_QE_REPORT_INFO], att_err *err)
{
	memset(info, 0, ATT_AESM_QE_REPORT_INFO);
	if (getrandom(info, ATT_AESM_NONCE, 0) != (ssize_t)ATT_AESM_NONCE)
		return att_fail(err, ATT_E_IO, "getrandom gave no bytes");
	att_sgx_report_target(report, info + ATT_AESM_NONCE);
	return ATT_OK;
}

static att_rc get_report(const struct aesm *a, const struct att_aesm_key_id *key,
			 const uint8_t report_data[ATT_REPORT_DATA],
			 uint8_t report[static ATT_AESM_REPORT], att_err *err)
{
	uint8_t target[ATT_AESM_TARGET_INFO];
	uint8_t pub_key_id[ATT_AESM_PUB_KEY_ID_MAX];
	size_t len = sizeof(pub_key_id);
	att_rc rc = att_aesm_init_quote_ex(&a->client, key, target, pub_key_id, &len, err);

	if (rc != ATT_OK)
		return rc;
	rc = a->source->report(&a->options, target, report_data, report, err);
	return rc == ATT_OK ? rc : att_wrap(err, rc, "report from %s", a->source->name);
}

static att_rc aesm_quote(void *state, const uint8_t report_data[ATT_REPORT_DATA],
			 struct att_quoted *out, att_err *err)
{
	const struct aesm *a = state;
	att_auto_buf att_buf quote = { .max = QUOTE_MAX };
	struct att_aesm_key_id key;
	uint8_t report[ATT_AESM_REPORT];
	uint8_t info[ATT_AESM_QE_REPORT_INFO];
	uint32_t size = 0;

	att_rc rc = att_aesm_key_id_make(ATT_AESM_ECDSA_P256, &key, err);
	if (rc == ATT_OK)
		rc = get_report(a, &key, report_data, report, err);
	if (rc == ATT_OK)
		rc = att_aesm_get_quote_size_ex(&a->client, &key, &size, err);
	if (rc == ATT_OK && (size == 0 || size > QUOTE_MAX))
		rc = att_fail(err, ATT_E_FORMAT, "aesmd: a quote of %u bytes, expected 1 to %u",
			      size, QUOTE_MAX);
	if (rc == ATT_OK)
		rc = ask_to_vouch(report, info, err);
	if (rc == ATT_OK)
		rc = att_aesm_get_quote_ex(&a->client, &key, report, size, info, &quote, err);
	if (rc != ATT_OK)
		return rc == ATT_E_ARG || rc == ATT_E_UNSUPPORTED
			   ? att_wrap(err, ATT_E_UNAVAILABLE, "this platform can not quote")
			   : rc;
	out->evidence_len = quote.len;
	out->evidence = ATT_STEAL(quote.ptr);
	return ATT_OK;
}

const struct att_attester_ops att_attester_aesm = {
	.name = "aesm",
	.what = "Intel's daemon aesmd (" ATT_AESM_SOCKET ") beside an enclave",
	.probe = aesm_probe,
	.open = aesm_open,
	.quote = aesm_quote,
	.close = aesm_close,
};
