/* SPDX-License-Identifier: Apache-2.0 */
/* `attest sim sign`: a SIGSTRUCT for an enclave's image. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/load.h"
#include "cli/tree.h"
#include "platform/enclave/image.h"
#include "platform/enclave/sign_image.h"

#define KEY_MAX 65536u

enum {
	OPT_KEY = 1,
	OPT_NEW_KEY,
	OPT_OUT,
	OPT_PROD_ID,
	OPT_SVN,
	OPT_ATTRIBUTE,
	OPT_DEBUG,
	OPT_FAMILY_ID,
	OPT_EXT_PROD_ID,
	OPT_DATE,
};

ATT_DEFINE_CLEANUP(signer, att_rsa_signer, att_rsa_signer_free)
#define auto_signer __attribute__((cleanup(signer_cleanup)))

/* --- The key --- */

static att_rc new_key(const char *path, att_rsa_signer **out, att_err *err)
{
	att_auto_buf att_buf pem = { 0 };
	att_rc rc = att_rsa_signer_generate(out, err);

	if (rc == ATT_OK)
		rc = att_rsa_signer_to_pem(*out, &pem, err);
	if (rc == ATT_OK)
		rc = cli_write_key(path, att_buf_bytes(&pem), err);
	att_wipe(pem.ptr, pem.cap);
	return rc;
}

static att_rc old_key(struct cli *c, const char *path, att_rsa_signer **out, att_err *err)
{
	att_auto_buf att_buf pem = { 0 };
	att_rc rc = cli_read(path, KEY_MAX, &pem, err);

	if (rc == ATT_OK && cli_open_to_others(path))
		cli_warning(c, "%s: others than its owner may read this private key", path);
	if (rc == ATT_OK)
		rc = att_rsa_signer_from_pem(att_buf_bytes(&pem), out, err);
	att_wipe(pem.ptr, pem.cap);
	return rc;
}

static enum cli_exit get_key(struct cli *c, const struct cli_args *a, att_rsa_signer **out)
{
	const char *old = cli_value(a, OPT_KEY), *fresh = cli_value(a, OPT_NEW_KEY);
	att_err err = { 0 };

	if (!old == !fresh)
		return cli_usage(c, a->command, "one of --key and --new-key is needed");
	att_rc rc = old ? old_key(c, old, out, &err) : new_key(fresh, out, &err);
	if (rc == ATT_OK)
		return CLI_ACCEPTED;
	if (rc == ATT_E_FORMAT || rc == ATT_E_UNSUPPORTED)
		return cli_usage(c, a->command, "--key: %s: %s", old ? old : fresh, err.msg);
	return cli_failed(c, old ? old : fresh, rc, &err);
}

/* --- What is signed --- */

static const struct {
	const char *word;
	uint64_t attributes;
	uint64_t xfrm;
	uint32_t misc;
} attribute_words[] = {
	{ "provision-key", ATT_SGX_ATTR_PROVISION_KEY, 0, 0 },
	{ "einittoken-key", ATT_SGX_ATTR_EINITTOKEN, 0, 0 },
	{ "kss", ATT_SGX_ATTR_KSS, 0, 0 },
	{ "aex-notify", ATT_SGX_ATTR_AEX_NOTIFY, 0, 0 },
	{ "avx", 0, 0x4, 0 },
	{ "avx512", 0, 0xe4, 0 },
	{ "pkru", 0, 0x200, 0 },
	{ "amx", 0, 0x60000, 0 },
	{ "exinfo", 0, 0, 0x1 },
};

static void take_attributes(const struct cli_args *a, struct att_sigstruct *s)
{
	const char *word;

	for (size_t n = 0; (word = cli_value_at(a, OPT_ATTRIBUTE, n)) != NULL; n++) {
		for (size_t i = 0; i < ATT_COUNT(attribute_words); i++) {
			if (strcmp(word, attribute_words[i].word) != 0)
				continue;
			s->attributes |= attribute_words[i].attributes;
			s->xfrm |= attribute_words[i].xfrm;
			s->misc_select |= attribute_words[i].misc;
		}
	}
	const char *debug = cli_value(a, OPT_DEBUG);
	if (!debug || strcmp(debug, "allowed") == 0)
		return;
	s->attributes_mask |= ATT_SGX_ATTR_DEBUG;
	if (strcmp(debug, "always") == 0)
		s->attributes |= ATT_SGX_ATTR_DEBUG;
}

/* Decimal, 0 to `max`. */
static bool number(const char *text, unsigned long max, unsigned long *out)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*out = strtoul(text, &end, 10);
	return errno == 0 && *end == 0 && *out <= max;
}

static enum cli_exit take_u16(struct cli *c, const struct cli_args *a, int id, const char *name,
			      uint16_t *out)
{
	const char *text = cli_value(a, id);
	unsigned long v = 0;

	if (text && !number(text, UINT16_MAX, &v))
		return cli_usage(c, a->command, "--%s: '%s' is no number from 0 to 65535", name,
				 text);
	*out = (uint16_t)v;
	return CLI_ACCEPTED;
}

static enum cli_exit take_id(struct cli *c, const struct cli_args *a, int id, const char *name,
			     uint64_t attributes, uint8_t out[16])
{
	const char *text = cli_value(a, id);
	att_err err = { 0 };

	if (!text)
		return CLI_ACCEPTED;
	if (!(attributes & ATT_SGX_ATTR_KSS))
		return cli_usage(c, a->command, "--%s needs --attribute=kss", name);
	if (att_hex_decode(att_bytes_of(text, strlen(text)), out, 16, &err) != ATT_OK)
		return cli_usage(c, a->command, "--%s: 32 hex digits are expected: %s", name,
				 err.msg);
	return CLI_ACCEPTED;
}

/* A date as SIGSTRUCT has it: its decimal digits, read as hexadecimal. */
static enum cli_exit take_date(struct cli *c, const struct cli_args *a, uint32_t *out)
{
	const char *text = cli_value(a, OPT_DATE);
	char now[ATT_TIME_TEXT], today[16];
	char *end;

	if (!text) {
		att_time_format(c->now, now);
		snprintf(today, sizeof(today), "%.4s%.2s%.2s", now, now + 5, now + 8);
		text = today;
	}
	if (strlen(text) != 8 || strspn(text, "0123456789") != 8)
		return cli_usage(c, a->command, "--date: '%s' is no date like 20261121", text);
	*out = (uint32_t)strtoul(text, &end, 16);
	return CLI_ACCEPTED;
}

static enum cli_exit take_terms(struct cli *c, const struct cli_args *a, struct att_sigstruct *s)
{
	att_sigstruct_defaults(s);
	take_attributes(a, s);
	enum cli_exit code = take_u16(c, a, OPT_PROD_ID, "prod-id", &s->isv_prod_id);
	if (code == CLI_ACCEPTED)
		code = take_u16(c, a, OPT_SVN, "svn", &s->isv_svn);
	if (code == CLI_ACCEPTED)
		code = take_id(c, a, OPT_FAMILY_ID, "family-id", s->attributes, s->isv_family_id);
	if (code == CLI_ACCEPTED)
		code = take_id(c, a, OPT_EXT_PROD_ID, "ext-prod-id", s->attributes,
			       s->isv_ext_prod_id);
	if (code == CLI_ACCEPTED)
		code = take_date(c, a, &s->date);
	return code;
}

/* --- The result --- */

static enum cli_exit show(struct cli *c, const struct cli_args *a, const char *out,
			  const struct att_sigstruct *s, const uint8_t mr_signer[32])
{
	att_auto_buf att_buf text = { 0 };
	struct cli_tree t;

	cli_tree_start(&t, &text, cli_output_is(a, "json"));
	cli_put_str(&t, "sigstruct", out);
	cli_put_hex(&t, "mr_enclave", att_bytes_of(s->enclave_hash, sizeof(s->enclave_hash)));
	cli_put_hex(&t, "mr_signer", att_bytes_of(mr_signer, 32));
	cli_put_int(&t, "isv_prod_id", s->isv_prod_id);
	cli_put_int(&t, "isv_svn", s->isv_svn);
	cli_tree_finish(&t);
	return cli_finish(c, &text, CLI_ACCEPTED);
}

static att_rc out_name(const struct cli_args *a, att_buf *name, att_err *err)
{
	const char *out = cli_value(a, OPT_OUT);

	att_put_str(name, out ? out : a->operands[0]);
	if (!out)
		att_put_str(name, ".sig");
	att_put_u8(name, 0);
	return att_buf_ok(name, err);
}

static enum cli_exit sign(struct cli *c, const struct cli_args *a, struct att_sigstruct *terms,
			  const att_rsa_signer *signer)
{
	const char *path = a->operands[0];
	uint8_t bytes[ATT_SIGSTRUCT_LEN], modulus[ATT_RSA3072_LEN], mr_signer[32];
	att_auto_buf att_buf image = { 0 };
	att_auto_buf att_buf name = { 0 };
	att_err err = { 0 };

	att_rc rc = cli_read(path, ATT_IMAGE_FILE_MAX, &image, &err);
	if (rc == ATT_OK)
		rc = att_sigstruct_sign_image(att_buf_bytes(&image), terms, signer, bytes, &err);
	att_rsa_signer_modulus(signer, modulus);
	if (rc == ATT_OK)
		rc = att_sigstruct_mr_signer(modulus, mr_signer, &err);
	if (rc == ATT_OK)
		rc = out_name(a, &name, &err);
	if (rc == ATT_OK)
		rc = cli_write_atomic((const char *)name.ptr, att_bytes_of(bytes, sizeof(bytes)),
				      &err);
	if (rc != ATT_OK)
		return cli_failed(c, path, rc, &err);
	return show(c, a, (const char *)name.ptr, terms, mr_signer);
}

static enum cli_exit run(struct cli *c, const struct cli_args *a)
{
	auto_signer att_rsa_signer *signer = NULL;
	struct att_sigstruct terms;

	enum cli_exit code = take_terms(c, a, &terms);
	if (code == CLI_ACCEPTED)
		code = get_key(c, a, &signer);
	return code == CLI_ACCEPTED ? sign(c, a, &terms, signer) : code;
}

static const struct cli_option options[] = {
	{ .id = OPT_KEY,
	  .letter = 'k',
	  .name = "key",
	  .value = "FILE",
	  .path = true,
	  .help = "sign with this RSA-3072 key with exponent 3 (PEM, unencrypted)" },
	{ .id = OPT_NEW_KEY,
	  .name = "new-key",
	  .value = "FILE",
	  .path = true,
	  .help = "make such a key, write it to FILE (mode 0600), and sign with it" },
	{ .id = OPT_OUT,
	  .name = "out",
	  .value = "FILE",
	  .path = true,
	  .help = "where the SIGSTRUCT goes; else IMAGE.sig" },
	{ .id = OPT_PROD_ID, .name = "prod-id", .value = "N", .help = "ISVPRODID; else 0" },
	{ .id = OPT_SVN, .name = "svn", .value = "N", .help = "ISVSVN; else 0" },
	{ .id = OPT_ATTRIBUTE,
	  .name = "attribute",
	  .value = "NAME",
	  .repeats = true,
	  .choices = "provision-key einittoken-key kss aex-notify avx avx512 pkru amx exinfo",
	  .help = "a right or feature of the enclave" },
	{ .id = OPT_DEBUG,
	  .name = "debug",
	  .value = "WORD",
	  .choices = "allowed never always",
	  .help = "may the enclave be launched for debugging?" },
	{ .id = OPT_FAMILY_ID,
	  .name = "family-id",
	  .value = "HEX",
	  .help = "ISVFAMILYID, 16 bytes (with kss)" },
	{ .id = OPT_EXT_PROD_ID,
	  .name = "ext-prod-id",
	  .value = "HEX",
	  .help = "ISVEXTPRODID, 16 bytes (with kss)" },
	{ .id = OPT_DATE, .name = "date", .value = "YYYYMMDD", .help = "date; else today" },
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_sim_sign = {
	.name = "sim sign",
	.page = "attest-sim",
	.operand = "IMAGE",
	.operand_min = 1,
	.operand_max = 1,
	.summary = "sign an enclave's image: write its SIGSTRUCT",
	.about = "The image is measured as `attest measure` does. Hardware takes the SIGSTRUCT as "
		 "well as the simulated processor; the key decides who the enclave's author is.",
	.options = options,
	.option_count = ATT_COUNT(options),
	.run = run,
};
