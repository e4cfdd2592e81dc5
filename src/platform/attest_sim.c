/* SPDX-License-Identifier: Apache-2.0 */
/* Inside a simulated world: this process becomes the enclave (or TD) that its image is, and the
 * simulated processor vouches for it. It proves nothing about hardware, nor that the process runs
 * what it passed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/attester.h"
#include "platform/device.h"
#include "platform/enclave/image.h"
#include "platform/enclave/sign_image.h"
#include "platform/sim/cpu_client.h"

#define SELF     "/proc/self/exe"
#define PATH_LEN 4096u
#define KEY_MAX  65536u

/* A TD's image begins at guest physical address 0; what Linux asks of every TD. */
#define TD_XFAM UINT64_C(0xe7)

ATT_DEFINE_CLEANUP(client, att_sim_client, att_sim_client_free)
#define auto_client __attribute__((cleanup(client_cleanup)))
ATT_DEFINE_CLEANUP(signer, att_rsa_signer, att_rsa_signer_free)
#define auto_signer __attribute__((cleanup(signer_cleanup)))
ATT_DEFINE_CLEANUP(image, att_image, att_image_free)
#define auto_image __attribute__((cleanup(image_cleanup)))

struct sim {
	att_sim_client *client;
	enum att_sim_kind kind;
};

static att_rc sim_probe(const struct att_attester_options *o, att_err *err)
{
	if (!o->sim_cpu)
		return att_fail(err, ATT_E_UNAVAILABLE,
				"no simulated world is announced (ATTEST_SIM_CPU); `attest sim run "
				"-- COMMAND` runs a command in one");
	if (!att_sys_there(o->sim_cpu, 0))
		return att_fail(err, ATT_E_UNAVAILABLE,
				"%s: no simulated processor is there; is its world up (`attest sim "
				"up`)?",
				o->sim_cpu);
	return ATT_OK;
}

static att_rc read_file(const char *path, size_t max, att_buf *out, att_err *err)
{
	out->max = max;
	int e = att_sys_read_file(path, max, out);

	return e ? att_sys_fail(err, e, path, NULL) : ATT_OK;
}

/* --- Its SIGSTRUCT --- */

static att_rc key_for(const struct att_attester_options *o, att_rsa_signer **out, att_err *err)
{
	static const char everybody[] = "the key of nobody and everybody";
	att_auto_buf att_buf pem = { 0 };

	if (!o->signer)
		return att_rsa_signer_derive(att_bytes_of(everybody, sizeof(everybody)),
					     "unsigned enclaves", out, err);
	att_rc rc = read_file(o->signer, KEY_MAX, &pem, err);
	if (rc == ATT_OK) {
		rc = att_rsa_signer_from_pem(att_buf_bytes(&pem), out, err);
		if (rc != ATT_OK)
			rc = att_wrap(err, rc, "%s", o->signer);
	}
	att_wipe(pem.ptr, pem.cap);
	return rc;
}

/* Signed on the spot. Without a key of the caller's, with one that everybody has: then MRSIGNER
 * says nothing, not even in this world. */
static att_rc sign(const struct att_attester_options *o, att_bytes image, att_buf *out,
		   att_err *err)
{
	auto_signer att_rsa_signer *signer = NULL;
	uint8_t bytes[ATT_SIGSTRUCT_LEN];
	struct att_sigstruct terms;

	att_sigstruct_defaults(&terms);
	terms.isv_prod_id = 1;
	terms.isv_svn = 1;
	att_rc rc = key_for(o, &signer, err);
	if (rc == ATT_OK)
		rc = att_sigstruct_sign_image(image, &terms, signer, bytes, err);
	if (rc != ATT_OK)
		return rc;
	att_put_mem(out, bytes, sizeof(bytes));
	return att_buf_ok(out, err);
}

/* FILE.sig, where there is one; for this process itself, beside the file it was started from. */
static att_rc beside(const char *path, att_buf *out, att_err *err)
{
	char target[PATH_LEN];
	att_auto_buf att_buf name = { 0 };
	ssize_t n = strcmp(path, SELF) == 0 ? readlink(path, target, sizeof(target)) : 0;

	if (n > 0)
		att_put_mem(&name, target, (size_t)n);
	else
		att_put_str(&name, path);
	att_put_str(&name, ".sig");
	att_put_u8(&name, 0);
	att_rc rc = att_buf_ok(&name, err);
	if (rc != ATT_OK || !att_sys_there((const char *)name.ptr, 0))
		return rc;
	return read_file((const char *)name.ptr, ATT_SIGSTRUCT_LEN, out, err);
}

static att_rc inside(att_bytes file, att_buf *out, att_err *err)
{
	auto_image att_image *image = NULL;
	att_rc rc = att_image_parse(file, &image, err);

	if (rc != ATT_OK)
		return rc;
	att_put(out, att_image_sigstruct(image));
	return att_buf_ok(out, err);
}

static att_rc find_sigstruct(const struct att_attester_options *o, const char *path,
			     att_bytes image, att_buf *out, att_err *err)
{
	if (o->sigstruct)
		return read_file(o->sigstruct, ATT_SIGSTRUCT_LEN, out, err);
	att_rc rc = beside(path, out, err);
	if (rc == ATT_OK && out->len == 0)
		rc = inside(image, out, err);
	if (rc == ATT_OK && out->len == 0)
		rc = sign(o, image, out, err);
	return rc;
}

/* --- Becoming what the image is --- */

static att_rc read_kind(const char *format, enum att_sim_kind *out, att_err *err)
{
	*out = ATT_SIM_SGX3;
	if (!format)
		return ATT_OK;
	for (int k = 0; k < ATT_SIM_KINDS; k++) {
		*out = (enum att_sim_kind)k;
		if (strcmp(format, att_sim_kind_name(*out)) == 0)
			return ATT_OK;
	}
	return att_fail(err, ATT_E_ARG,
			"there is no format '%s': sgx3, sgx4, sgx5, tdx4, tdx5 and tdx15 are",
			format);
}

static att_rc become(const struct att_attester_options *o, att_sim_client *client, bool td,
		     att_err *err)
{
	const char *path = o->image ? o->image : SELF;
	const struct att_sim_td_ask ask = { .attributes = ATT_TD_SEPT_VE_DISABLE,
					    .xfam = TD_XFAM,
					    .parts = 1 };
	att_auto_buf att_buf image = { 0 };
	att_auto_buf att_buf sigstruct = { 0 };

	att_rc rc = read_file(path, ATT_SIM_IMAGE_MAX, &image, err);
	if (rc != ATT_OK)
		return rc;
	const att_bytes bytes = att_buf_bytes(&image);
	if (td)
		return att_sim_client_td_launch(client, &ask, &bytes, NULL, err);
	rc = find_sigstruct(o, path, bytes, &sigstruct, err);
	if (rc == ATT_OK)
		rc = att_sim_client_launch(client, bytes, att_buf_bytes(&sigstruct), NULL, NULL,
					   err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", path);
}

static att_rc enter(const struct att_attester_options *o, bool td, att_sim_client **out,
		    att_err *err)
{
	auto_client att_sim_client *client = NULL;
	att_rc rc = att_sim_client_connect(o->sim_cpu, o->timeout_ms, &client, err);

	if (rc == ATT_OK)
		rc = become(o, client, td, err);
	if (rc == ATT_OK)
		*out = ATT_STEAL(client);
	return rc;
}

static void sim_close(void *state)
{
	struct sim *s = state;

	if (!s)
		return;
	att_sim_client_free(s->client);
	free(s);
}

static att_rc sim_open(const struct att_attester_options *o, void **state, att_err *err)
{
	enum att_sim_kind kind;
	att_rc rc = read_kind(o->format, &kind, err);

	*state = NULL;
	if (rc != ATT_OK)
		return rc;
	struct sim *s = calloc(1, sizeof(*s));
	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	s->kind = kind;
	rc = enter(o, att_sim_kind_is_tdx(kind), &s->client, err);
	if (rc == ATT_OK)
		*state = s;
	else
		sim_close(s);
	return rc;
}

static att_rc sim_quote(void *state, const uint8_t report_data[ATT_REPORT_DATA],
			struct att_quoted *out, att_err *err)
{
	struct sim *s = state;
	att_auto_buf att_buf quote = { 0 };
	att_rc rc = att_sim_client_quote(s->client, s->kind, report_data, &quote, err);

	if (rc != ATT_OK)
		return rc;
	out->evidence_len = quote.len;
	out->evidence = ATT_STEAL(quote.ptr);
	return ATT_OK;
}

const struct att_attester_ops att_attester_sim = {
	.name = "sim",
	.what = "a simulated world (ATTEST_SIM_CPU)",
	.probe = sim_probe,
	.open = sim_open,
	.quote = sim_quote,
	.close = sim_close,
};

static att_rc sim_report(const struct att_attester_options *o, const uint8_t target[512],
			 const uint8_t report_data[ATT_REPORT_DATA], uint8_t report[432],
			 att_err *err)
{
	auto_client att_sim_client *client = NULL;
	att_rc rc = enter(o, false, &client, err);

	return rc == ATT_OK ? att_sim_client_ereport(client, target, report_data, report, err) : rc;
}

const struct att_report_source att_report_source_sim = {
	.name = "sim",
	.probe = sim_probe,
	.report = sim_report,
};
