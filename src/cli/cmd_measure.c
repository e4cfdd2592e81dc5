/* SPDX-License-Identifier: Apache-2.0 */
/* `attest measure`: MRENCLAVE of an enclave's file, whether its SIGSTRUCT signs it, and where two
 * files part. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "cli/file.h"
#include "cli/load.h"
#include "cli/measure.h"
#include "platform/enclave/measure.h"

enum {
	OPT_EXPLAIN = 1,
	OPT_SIGSTRUCT,
	OPT_RAW,
	OPT_SSA_FRAME_SIZE,
	OPT_MAPPED_SIZE,
};

static void measured_cleanup(struct cli_measured *m)
{
	att_image_free(m->image);
	att_buf_free(&m->file);
}
#define auto_measured __attribute__((cleanup(measured_cleanup)))

static att_rc read_sigstruct(att_bytes in, const char *path, struct cli_measured *m, att_err *err)
{
	struct cli_signed *by = &m->by[m->by_count];

	by->path = path;
	att_rc rc = att_sigstruct_verify(in, &by->sigstruct, err);
	by->signature_ok = rc == ATT_OK;
	if (rc == ATT_E_SIGNATURE)
		rc = att_sigstruct_parse(in, &by->sigstruct, err);
	if (rc == ATT_OK)
		rc = att_sigstruct_mr_signer(by->sigstruct.modulus, by->mr_signer, err);
	if (rc == ATT_OK)
		m->by_count++;
	return rc;
}

static att_rc load_sigstruct_file(const char *path, struct cli_measured *m, att_err *err)
{
	att_auto_buf att_buf b = { 0 };

	att_rc rc = cli_read(path, ATT_SIGSTRUCT_LEN, &b, err);
	if (rc != ATT_OK)
		return rc;
	rc = read_sigstruct(att_buf_bytes(&b), path, m, err);
	return rc == ATT_OK ? rc : att_wrap(err, rc, "%s", path);
}

/* A number of at most `max`, decimal or 0x hexadecimal. */
static bool number(const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	unsigned long long v = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (errno || *end || v > max)
		return false;
	*out = v;
	return true;
}

/* How a raw image is laid out: by the options, else by the feature mask of its SIGSTRUCT. */
static enum cli_exit raw_layout(struct cli *c, const struct cli_args *a,
				const struct cli_measured *m, struct att_image_raw *how)
{
	const char *frame = cli_value(a, OPT_SSA_FRAME_SIZE);
	const char *mapped = cli_value(a, OPT_MAPPED_SIZE);
	uint64_t pages = 1;

	*how = (struct att_image_raw){ 0 };
	if (frame && !number(frame, 256, &pages))
		return cli_usage(c, a->command, "--ssa-frame-size: '%s' is no number up to 256",
				 frame);
	if (mapped && !number(mapped, ATT_ELRANGE_MAX, &how->mapped))
		return cli_usage(c, a->command,
				 "--mapped-size: '%s' is no number of bytes up to 2^40", mapped);
	if (!frame && m->by_count == 0)
		return cli_usage(
		    c, a->command,
		    "--raw needs --sigstruct, whose feature mask says how large the SSA is, or "
		    "--ssa-frame-size");
	how->ssa_frame_size = frame ? (uint32_t)pages : att_image_raw_ssa(m->by[0].sigstruct.xfrm);
	return CLI_ACCEPTED;
}

static enum cli_exit parse_image(struct cli *c, const struct cli_args *a, struct cli_measured *m)
{
	att_bytes file = att_buf_bytes(&m->file);
	att_err err;
	att_rc rc;

	if (cli_given(a, OPT_RAW)) {
		struct att_image_raw how;
		enum cli_exit code = raw_layout(c, a, m, &how);

		if (code != CLI_ACCEPTED)
			return code;
		rc = att_image_parse_raw(file, &how, &m->image, &err);
	} else {
		rc = att_image_parse(file, &m->image, &err);
	}
	if (rc == ATT_E_ARG)
		return cli_usage(c, a->command, "%s: %s", m->path, err.msg);
	if (rc == ATT_OK && att_image_sigstruct(m->image).len)
		rc = read_sigstruct(att_image_sigstruct(m->image), NULL, m, &err);
	if (rc == ATT_OK)
		rc = att_image_measure(m->image, m->mr_enclave, &err);
	return rc == ATT_OK ? CLI_ACCEPTED : cli_failed(c, m->path, rc, &err);
}

/* Everything about the `n`th operand. */
static enum cli_exit measure(struct cli *c, const struct cli_args *a, size_t n,
			     struct cli_measured *m)
{
	const char *sigstruct = cli_value_at(a, OPT_SIGSTRUCT, n);
	att_err err;

	m->path = a->operands[n];
	att_rc rc = cli_read(m->path, ATT_IMAGE_FILE_MAX, &m->file, &err);
	if (rc == ATT_OK && sigstruct)
		rc = load_sigstruct_file(sigstruct, m, &err);
	if (rc != ATT_OK)
		return cli_failed(c, m->path, rc, &err);
	enum cli_exit code = parse_image(c, a, m);
	if (code != CLI_ACCEPTED)
		return code;
	for (size_t i = 0; i < m->by_count; i++)
		m->by[i].matches = memcmp(m->by[i].sigstruct.enclave_hash, m->mr_enclave, 32) == 0;
	return CLI_ACCEPTED;
}

/* Says what is wrong with the image's SIGSTRUCTs; CLI_ACCEPTED when nothing is. */
static enum cli_exit judge(struct cli *c, const struct cli_measured *m)
{
	enum cli_exit code = CLI_ACCEPTED;

	for (size_t i = 0; i < m->by_count; i++) {
		const char *where = m->by[i].path ? m->by[i].path : "the image itself";

		if (!m->by[i].matches) {
			cli_error(
			    c,
			    "%s: the SIGSTRUCT in %s signs another measurement: the image was "
			    "changed after it was signed, or it is of another image",
			    m->path, where);
			code = CLI_REFUSED;
		}
		if (!m->by[i].signature_ok) {
			cli_error(
			    c,
			    "%s: the signature of the SIGSTRUCT in %s does not hold: no processor "
			    "would start this enclave",
			    m->path, where);
			code = CLI_REFUSED;
		}
	}
	return code;
}

static enum cli_exit show_one(struct cli *c, const struct cli_args *a, const struct cli_measured *m)
{
	att_auto_buf att_buf b = { .max = 256u << 20 };
	struct cli_tree t;
	att_err err;

	cli_tree_start(&t, &b, cli_output_is(a, "json"));
	att_rc rc = cli_show_measured(&t, m, cli_given(a, OPT_EXPLAIN), &err);
	cli_tree_finish(&t);
	if (rc != ATT_OK)
		return cli_failed(c, m->path, rc, &err);
	return cli_finish(c, &b, judge(c, m));
}

static enum cli_exit show_two(struct cli *c, const struct cli_args *a,
			      const struct cli_measured *first, const struct cli_measured *second)
{
	att_auto_buf att_buf b = { .max = 256u << 20 };
	bool equal = memcmp(first->mr_enclave, second->mr_enclave, 32) == 0;
	bool explain = cli_given(a, OPT_EXPLAIN);
	struct att_image_diff diff = { 0 };
	struct cli_tree t;
	att_err err;

	att_rc rc = att_image_compare(first->image, second->image, &diff, &err);
	if (rc != ATT_OK)
		return cli_failed(c, first->path, rc, &err);
	cli_tree_start(&t, &b, cli_output_is(a, "json"));
	cli_put_bool(&t, "equal", equal);
	cli_object(&t, "difference");
	cli_show_difference(&t, &diff);
	cli_end(&t);
	cli_object(&t, "first");
	rc = cli_show_measured(&t, first, explain, &err);
	cli_end(&t);
	if (rc != ATT_OK)
		return cli_failed(c, first->path, rc, &err);
	cli_object(&t, "second");
	rc = cli_show_measured(&t, second, explain, &err);
	cli_end(&t);
	if (rc != ATT_OK)
		return cli_failed(c, second->path, rc, &err);
	cli_tree_finish(&t);
	enum cli_exit one = judge(c, first);
	enum cli_exit two = judge(c, second);
	bool good = equal && one == CLI_ACCEPTED && two == CLI_ACCEPTED;

	return cli_finish(c, &b, good ? CLI_ACCEPTED : CLI_REFUSED);
}

static enum cli_exit run_measure(struct cli *c, const struct cli_args *a)
{
	auto_measured struct cli_measured first = { 0 };
	auto_measured struct cli_measured second = { 0 };

	if (cli_value_at(a, OPT_SIGSTRUCT, (size_t)a->operand_count))
		return cli_usage(c, a->command, "--sigstruct is given more often than images are");
	if (!cli_given(a, OPT_RAW) &&
	    (cli_given(a, OPT_SSA_FRAME_SIZE) || cli_given(a, OPT_MAPPED_SIZE)))
		return cli_usage(
		    c, a->command,
		    "--ssa-frame-size and --mapped-size are for --raw: other images say it "
		    "themselves");
	enum cli_exit code = measure(c, a, 0, &first);
	if (code != CLI_ACCEPTED)
		return code;
	if (a->operand_count == 1)
		return show_one(c, a, &first);
	code = measure(c, a, 1, &second);
	if (code != CLI_ACCEPTED)
		return code;
	return show_two(c, a, &first, &second);
}

static const struct cli_option measure_options[] = {
	{ .id = OPT_EXPLAIN,
	  .name = "explain",
	  .help = "list the parts of the image with the hash of each" },
	{ .id = OPT_SIGSTRUCT,
	  .name = "sigstruct",
	  .value = "FILE",
	  .help = "SIGSTRUCT (1808 bytes) of the image; a second time for the second image",
	  .path = true,
	  .repeats = true },
	{ .id = OPT_RAW,
	  .name = "raw",
	  .help = "the image is added as it stands, its first page a TCS (rune's encl.bin)" },
	{ .id = OPT_SSA_FRAME_SIZE,
	  .name = "ssa-frame-size",
	  .value = "PAGES",
	  .help = "pages of an SSA frame behind a raw image" },
	{ .id = OPT_MAPPED_SIZE,
	  .name = "mapped-size",
	  .value = "BYTES",
	  .help = "size that a raw image is padded to with its SSA" },
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_measure = {
	.name = "measure",
	.page = "attest-measure",
	.operand = "FILE",
	.operand_min = 1,
	.operand_max = 2,
	.summary = "compute the measurement (MRENCLAVE) of an enclave's file, or compare two",
	.about =
	    "FILE is a signed enclave of the Intel SDK, an SGXS stream, a raw image (--raw), or "
	    "any "
	    "ELF program, which is measured in our own layout. Where it carries a SIGSTRUCT, or "
	    "one is "
	    "given, that must sign this measurement. With two files it is told where they part.",
	.options = measure_options,
	.option_count = ATT_COUNT(measure_options),
	.run = run_measure,
};
