/* SPDX-License-Identifier: Apache-2.0 */
/* `attest token`: check a result token with the verifier's public key, print what it says. */
#include <string.h>

#include "attest/attest.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/file.h"
#include "cli/tree.h"

#define TOKEN_MAX ((size_t)1 << 20)
#define KEY_MAX   ((size_t)16 << 10)

enum { OPT_KEY = 1, OPT_TIME, OPT_NONCE, OPT_NO_EXP };

ATT_DEFINE_CLEANUP(ear, att_ear, att_ear_free)
#define auto_ear __attribute__((cleanup(ear_cleanup)))

/* Claims as pure ASCII: what is beyond it can only stand inside strings, where \u says the same. */
static void put_ascii(att_buf *b, att_bytes json)
{
	for (size_t i = 0; i < json.len;) {
		size_t n = json.ptr[i] < 0x80 ? 1 : att_utf8_step(json.ptr + i, json.len - i);
		uint32_t cp = json.ptr[i];
		if (n > 1)
			cp &= 0x7fu >> n;
		for (size_t k = 1; k < n; k++)
			cp = cp << 6 | (json.ptr[i + k] & 0x3fu);
		if (n == 0)
			cp = 0xfffd;
		if (cp < 0x7f)
			att_put_u8(b, (uint8_t)cp);
		else if (cp < 0x10000)
			att_putf(b, "\\u%04x", cp);
		else
			att_putf(b, "\\u%04x\\u%04x", 0xd7c0 + (cp >> 10), 0xdc00 + (cp & 0x3ff));
		i += n ? n : 1;
	}
}

static void new_line(att_buf *b, unsigned depth)
{
	att_putf(b, "\n%*s", (int)(2 * depth), "");
}

/* Copies the string that begins at `i`; returns the index behind it. */
static size_t put_string(att_buf *b, att_bytes json, size_t i)
{
	size_t end = i + 1;

	while (end < json.len && json.ptr[end] != '"')
		end += json.ptr[end] == '\\' ? 2 : 1;
	end = end < json.len ? end + 1 : json.len;
	att_put(b, att_bytes_of(json.ptr + i, end - i));
	return end;
}

/* Lays valid JSON out, one member a line; white space of its own is dropped. */
static void put_indented(att_buf *b, att_bytes json)
{
	unsigned depth = 0;
	bool opened = false; /* nothing stands behind the last bracket yet */

	for (size_t i = 0; i < json.len;) {
		uint8_t ch = json.ptr[i++];
		bool closes = ch == '}' || ch == ']';
		if (ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n')
			continue;
		depth -= closes && depth;
		if (opened != closes)
			new_line(b, depth);
		opened = ch == '{' || ch == '[';
		depth += opened;
		if (ch == '"')
			i = put_string(b, json, i - 1);
		else
			att_put_u8(b, ch);
		if (ch == ',')
			new_line(b, depth);
		if (ch == ':')
			att_put_u8(b, ' ');
	}
}

static const char *profile_name(const att_ear *e)
{
	return att_ear_profile_of(e) == ATT_EAR_04 ? "04" : "veraison";
}

static void show_json(const att_ear *e, att_bytes claims, att_buf *b)
{
	att_jsonw w = att_jsonw_to(b, 2);

	att_jw_object(&w);
	att_jw_name(&w, "status");
	att_jw_str(&w, att_ear_status(e));
	att_jw_name(&w, "profile");
	att_jw_str(&w, profile_name(e));
	att_jw_name(&w, "issued_at");
	cli_jw_time(&w, att_ear_issued_at(e));
	att_jw_name(&w, "expires_at");
	cli_jw_time(&w, att_ear_expires_at(e));
	att_jw_name(&w, "claims");
	att_jw_raw(&w, claims);
	att_jw_end_object(&w);
	att_put_str(b, "\n");
}

static void show_text(const att_ear *e, att_bytes claims, att_buf *b)
{
	struct cli_tree t;

	cli_tree_start(&t, b, false);
	cli_put_str(&t, "status", att_ear_status(e));
	cli_put_str(&t, "profile", profile_name(e));
	cli_put_time(&t, "issued_at", att_ear_issued_at(e));
	cli_put_time(&t, "expires_at", att_ear_expires_at(e));
	cli_tree_finish(&t);
	att_put_str(b, "claims\n");
	put_indented(b, claims);
	att_put_str(b, "\n");
}

/* The nonce the caller asked with; `*len` 0 when it gave none. */
static enum cli_exit read_nonce(struct cli *c, const struct cli_args *a, uint8_t out[static 64],
				size_t *len)
{
	const char *hex = cli_value(a, OPT_NONCE);
	att_err err = { 0 };

	*len = hex ? strlen(hex) / 2 : 0;
	if (!hex)
		return CLI_ACCEPTED;
	if (*len < 8 || *len > 64)
		return cli_usage(c, a->command, "--nonce is 8 to 64 bytes, not %zu", *len);
	if (att_hex_decode(att_bytes_of(hex, strlen(hex)), out, *len, &err) != ATT_OK)
		return cli_usage(c, a->command, "--nonce: %s", err.msg);
	return CLI_ACCEPTED;
}

static enum cli_exit check_token(struct cli *c, const struct cli_args *a, int64_t now,
				 att_ear **out)
{
	att_auto_buf att_buf token = { 0 };
	att_auto_buf att_buf key = { 0 };
	att_err err = { 0 };

	att_rc rc = cli_read(cli_value(a, OPT_KEY), KEY_MAX, &key, &err);
	if (rc == ATT_OK)
		rc = cli_read(a->operands[0], TOKEN_MAX, &token, &err);
	if (rc == ATT_E_IO || rc == ATT_E_NOMEM) {
		cli_error(c, "%s", err.msg);
		return CLI_NO_ANSWER;
	}
	if (rc == ATT_OK)
		rc = att_ear_parse(att_buf_bytes(&token), att_buf_bytes(&key), now,
				   cli_given(a, OPT_NO_EXP), out, &err);
	if (rc == ATT_OK)
		return CLI_ACCEPTED;
	if (rc == ATT_E_ARG) {
		cli_usage(c, a->command, "--key %s: %s", cli_value(a, OPT_KEY), err.msg);
		return CLI_USAGE;
	}
	cli_error(c, "%s: %s", a->operands[0], err.msg);
	return rc == ATT_E_NOMEM || rc == ATT_E_UNAVAILABLE ? CLI_NO_ANSWER : CLI_REFUSED;
}

static enum cli_exit run_token(struct cli *c, const struct cli_args *a)
{
	const char *time = cli_value(a, OPT_TIME);
	auto_ear att_ear *e = NULL;
	att_auto_buf att_buf claims = { 0 };
	att_auto_buf att_buf b = { 0 };
	uint8_t nonce[64];
	size_t nonce_len;
	int64_t now = c->now;
	att_err err = { 0 };

	if (strcmp(a->operands[0], "-") == 0 && strcmp(cli_value(a, OPT_KEY), "-") == 0)
		return cli_usage(c, a->command, "'-' (standard input) can be given once");
	if (time && cli_time(time, &now, &err) != ATT_OK)
		return cli_usage(c, a->command, "--time '%s': %s", time, err.msg);
	enum cli_exit rc = read_nonce(c, a, nonce, &nonce_len);
	if (rc == CLI_ACCEPTED)
		rc = check_token(c, a, now, &e);
	if (rc != CLI_ACCEPTED)
		return rc;
	if (nonce_len && !att_ear_answers(e, att_bytes_of(nonce, nonce_len))) {
		cli_error(c, "%s: made for another nonce", a->operands[0]);
		return CLI_REFUSED;
	}
	put_ascii(&claims, att_ear_claims(e));
	b.failed |= claims.failed;
	if (cli_output_is(a, "json"))
		show_json(e, att_buf_bytes(&claims), &b);
	else
		show_text(e, att_buf_bytes(&claims), &b);
	bool affirming = strcmp(att_ear_status(e), "affirming") == 0;
	return cli_finish(c, &b, affirming ? CLI_ACCEPTED : CLI_DENIED);
}

static const struct cli_option token_options[] = {
	{ .id = OPT_KEY,
	  .letter = 'k',
	  .name = "key",
	  .required = true,
	  .value = "FILE",
	  .path = true,
	  .help = "the verifier's public key: PEM, or a JWK" },
	{ .id = OPT_TIME,
	  .letter = 't',
	  .name = "time",
	  .value = "TIME",
	  .help = "judge its dates at this time (RFC 3339 or seconds since 1970), not at present" },
	{ .id = OPT_NONCE,
	  .name = "nonce",
	  .value = "HEX",
	  .help = "refuse a token that was not made for this nonce" },
	{ .id = OPT_NO_EXP, .name = "allow-no-expiry", .help = "read a token that never expires" },
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_token = {
	.name = "token",
	.page = "attest-token",
	.operand = "FILE",
	.operand_min = 1,
	.operand_max = 1,
	.summary = "check a result token (EAR, either profile) and print what it says",
	.about =
	    "Exit code 0 for the status affirming, 4 for any other, 2 for a token that is not this "
	    "key's, is malformed, or is out of date.",
	.options = token_options,
	.option_count = ATT_COUNT(token_options),
	.run = run_token,
};
