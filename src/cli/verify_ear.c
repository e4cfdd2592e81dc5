/* SPDX-License-Identifier: Apache-2.0 */
/* The outcome as a signed result token. */
#include "cli/case.h"

#include <string.h>

#include "base/text.h"
#include "cli/file.h"

#define LIFETIME_DEFAULT 300
#define LIFETIME_MAX     31536000 /* a year */
#define NONCE_MIN        8

static void wipe_buf(att_buf *b)
{
	if (b->ptr)
		att_wipe(b->ptr, b->len);
	att_buf_free(b);
}

static bool lifetime(const char *text, int64_t *out)
{
	int64_t v = 0;

	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || v > LIFETIME_MAX)
			return false;
		v = v * 10 + (*p - '0');
	}
	*out = v;
	return v >= 1 && v <= LIFETIME_MAX;
}

static enum cli_exit without_token(struct cli *c, const struct cli_args *a)
{
	static const struct {
		int id;
		const char *name;
	} of_tokens[] = { { OPT_SIGN_KEY, "sign-key" },
			  { OPT_EAR_PROFILE, "ear-profile" },
			  { OPT_NONCE, "nonce" },
			  { OPT_EAR_LIFETIME, "ear-lifetime" } };

	for (size_t i = 0; i < ATT_COUNT(of_tokens); i++) {
		if (cli_given(a, of_tokens[i].id))
			return cli_usage(c, a->command, "--%s goes with -o ear", of_tokens[i].name);
	}
	return CLI_ACCEPTED;
}

enum cli_exit cli_ear_options(struct cli *c, const struct cli_args *a, struct cli_ear *out)
{
	const char *nonce = cli_value(a, OPT_NONCE);
	const char *profile = cli_value(a, OPT_EAR_PROFILE);
	const char *life = cli_value(a, OPT_EAR_LIFETIME);
	att_err err = { 0 };

	*out = (struct cli_ear){ .profile = ATT_EAR_04, .lifetime = LIFETIME_DEFAULT };
	if (!cli_output_is(a, "ear"))
		return without_token(c, a);
	out->key_path = cli_value(a, OPT_SIGN_KEY);
	if (!out->key_path)
		return cli_usage(c, a->command, "-o ear needs --sign-key");
	if (!nonce)
		return cli_usage(c, a->command, "-o ear needs --nonce");
	out->nonce_len = strlen(nonce) / 2;
	if (out->nonce_len < NONCE_MIN || out->nonce_len > sizeof(out->nonce))
		return cli_usage(c, a->command, "--nonce is %d to %zu bytes, not %zu", NONCE_MIN,
				 sizeof(out->nonce), out->nonce_len);
	if (att_hex_decode(att_bytes_of(nonce, strlen(nonce)), out->nonce, out->nonce_len, &err) !=
	    ATT_OK)
		return cli_usage(c, a->command, "--nonce: %s", err.msg);
	if (life && !lifetime(life, &out->lifetime))
		return cli_usage(c, a->command, "--ear-lifetime is 1 to %d seconds, not '%s'",
				 LIFETIME_MAX, life);
	if (profile && strcmp(profile, "veraison") == 0)
		out->profile = ATT_EAR_VERAISON;
	return CLI_ACCEPTED;
}

enum cli_exit cli_ear_print(struct cli *c, const struct cli_ear *e, const struct cli_outcome *o,
			    att_buf *b)
{
	__attribute__((cleanup(wipe_buf))) att_buf key = { 0 };
	att_auto_mem char *token = NULL;
	att_err err = { 0 };

	if (cli_open_to_others(e->key_path))
		cli_warning(c, "%s: others than its owner can read this private key", e->key_path);
	att_rc rc = cli_read(e->key_path, CLI_KEY_MAX, &key, &err);
	if (rc != ATT_OK) {
		cli_error(c, "%s", err.msg);
		return CLI_NO_ANSWER;
	}
	struct att_ear_in in = {
		.profile = e->profile,
		.report = o->report,
		.verdict = o->authentic ? o->verdict : NULL,
		.appraisal = o->authentic ? o->appraisal : NULL,
		.policy = o->policy,
		.nonce = att_bytes_of(e->nonce, e->nonce_len),
		.issued_at = c->now,
		.expires_at = c->now + e->lifetime,
		.sign_key = att_buf_bytes(&key),
	};
	rc = att_ear_sign(&in, &token, &err);
	if (rc != ATT_OK) {
		cli_error(c, "%s: %s", e->key_path, err.msg);
		return rc == ATT_E_FORMAT || rc == ATT_E_UNSUPPORTED ? CLI_USAGE : CLI_NO_ANSWER;
	}
	att_putf(b, "%s\n", token);
	return o->exit;
}
