/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/case.h"

#include <stdio.h>
#include <string.h>

#include "attest/inspect.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/file.h"

ATT_DEFINE_CLEANUP(evidence, att_evidence, att_evidence_free)
#define auto_evidence __attribute__((cleanup(evidence_cleanup)))

/* Options that change what is judged, or by what: with one of them a saved file is not merely
 * replayed. */
static const int judging[] = {
	OPT_COLLATERAL,         OPT_TIME,     OPT_POLICY,          OPT_REPORT_DATA,
	OPT_REPORT_DATA_SHA256, OPT_ALLOW,    OPT_ALLOW_SIMULATED, OPT_ROOT,
	OPT_EVENTLOG,           CLI_OPT_PCCS, CLI_OPT_UPDATE,      CLI_OPT_EVALUATION
};

static bool judges(const struct cli_args *a)
{
	bool any = false;

	for (size_t i = 0; i < ATT_COUNT(judging); i++)
		any = any || cli_given(a, judging[i]);
	return any;
}

static enum cli_exit file_error(struct cli *c, const att_err *err)
{
	cli_error(c, "%s", err->msg);
	return CLI_NO_ANSWER;
}

static size_t uses_stdin(const struct cli_args *a)
{
	size_t n = strcmp(a->operands[0], "-") == 0;

	for (size_t i = 0; i < a->count; i++)
		n += a->set[i].option->path && strcmp(a->set[i].value, "-") == 0;
	return n;
}

/* Standard input can be read once. */
static enum cli_exit check_stdin(struct cli *c, const struct cli_args *a)
{
	if (uses_stdin(a) > 1)
		return cli_usage(c, a->command, "'-' (standard input) can be given once");
	return CLI_ACCEPTED;
}

enum cli_exit cli_gather_time(struct cli *c, const struct cli_args *a, struct cli_case *k)
{
	const char *text = cli_value(a, OPT_TIME);
	att_err err = { 0 };

	if (!text)
		return CLI_ACCEPTED;
	k->defaults &= ~(unsigned)CLI_DEFAULT_TIME;
	if (strcmp(text, "now") == 0)
		k->time = c->now;
	else if (cli_time(text, &k->time, &err) != ATT_OK)
		return cli_usage(c, a->command, "--time '%s': %s", text, err.msg);
	return CLI_ACCEPTED;
}

static enum cli_exit gather_report_data(struct cli *c, const struct cli_args *a, struct cli_case *k)
{
	const char *hex = cli_value(a, OPT_REPORT_DATA);
	const char *path = cli_value(a, OPT_REPORT_DATA_SHA256);
	att_auto_buf att_buf file = { 0 };
	att_err err = { 0 };

	if (hex && path)
		return cli_usage(c, a->command,
				 "--report-data and --report-data-sha256 exclude each other");
	if (hex) {
		size_t len = strlen(hex);
		if (len == 0 || len > 2 * sizeof(k->report_data) || len % 2)
			return cli_usage(c, a->command,
					 "--report-data is 2 to 128 hex digits, not %zu", len);
		if (att_hex_decode(att_bytes_of(hex, len), k->report_data, len / 2, &err) != ATT_OK)
			return cli_usage(c, a->command, "--report-data: %s", err.msg);
		k->report_data_len = len / 2;
	}
	if (path) {
		att_rc rc = cli_read(path, CLI_BOUND_MAX, &file, &err);
		if (rc == ATT_OK)
			rc = att_hash_sha256(att_buf_bytes(&file), k->report_data, &err);
		if (rc != ATT_OK)
			return file_error(c, &err);
		k->report_data_len = 32;
	}
	if (k->report_data_len)
		k->defaults &= ~(unsigned)CLI_DEFAULT_UNBOUND;
	return CLI_ACCEPTED;
}

static enum cli_exit gather_policy(struct cli *c, const struct cli_args *a, struct cli_case *k)
{
	const char *path = cli_value(a, OPT_POLICY);
	att_err err = { 0 };

	if (path) {
		att_buf_free(&k->policy);
		k->policy = (att_buf){ 0 };
		k->has_policy = true;
		k->policy_path = path;
		k->allow_count = 0;
		k->allow_simulated = false;
		k->defaults &= ~(unsigned)CLI_DEFAULT_POLICY;
		if (cli_read(path, CLI_POLICY_MAX, &k->policy, &err) != ATT_OK)
			return file_error(c, &err);
	}
	for (size_t i = 0;; i++) {
		const char *name = cli_value_at(a, OPT_ALLOW, i);
		if (!name)
			break;
		if (k->allow_count == CLI_ALLOW_MAX)
			return cli_usage(c, a->command, "more than %d statuses allowed",
					 CLI_ALLOW_MAX);
		k->allow[k->allow_count++] = att_tcb_status_of(name, strlen(name));
	}
	k->allow_simulated |= cli_given(a, OPT_ALLOW_SIMULATED);
	return CLI_ACCEPTED;
}

static enum cli_exit add_root(struct cli *c, const char *path, const char *label,
			      struct cli_case *k)
{
	att_err err = { 0 };

	if (k->root_count == CLI_ROOTS_MAX) {
		cli_error(c, "more than %d roots", CLI_ROOTS_MAX);
		return CLI_USAGE;
	}
	struct cli_root *r = &k->root[k->root_count++];
	const char *slash = strrchr(label, '/');
	const char *base = slash ? slash + 1 : label;
	size_t n = strnlen(base, sizeof(r->label) - 1);
	memcpy(r->label, base, n);
	r->label[n] = 0;
	if (cli_read(path, CLI_KEY_MAX, &r->certificate, &err) != ATT_OK)
		return file_error(c, &err);
	return CLI_ACCEPTED;
}

/* The environment may add a simulated platform's root, and no other. */
static enum cli_exit add_simulated_root(struct cli *c, struct cli_case *k)
{
	struct att_cert_facts cert[ATT_CERTS_MAX];
	att_err err = { 0 };
	size_t count;

	if (!c->sim_root)
		return CLI_ACCEPTED;
	enum cli_exit rc = add_root(c, c->sim_root, "ATTEST_SIM_ROOT", k);
	if (rc != CLI_ACCEPTED)
		return rc;
	att_bytes text = att_buf_bytes(&k->root[k->root_count - 1].certificate);
	if (att_certs_read(text, cert, &count, &err) != ATT_OK) {
		cli_error(c, "ATTEST_SIM_ROOT: %s: %s", c->sim_root, err.msg);
		return CLI_USAGE;
	}
	if (count != 1 || !cert[0].simulated) {
		cli_error(
		    c,
		    "ATTEST_SIM_ROOT: %s is not one simulated root; name other roots with --root",
		    c->sim_root);
		return CLI_USAGE;
	}
	return CLI_ACCEPTED;
}

enum cli_exit cli_gather_roots(struct cli *c, const struct cli_args *a, struct cli_case *k)
{
	k->intel_root = !cli_given(a, OPT_ROOT);
	if (k->intel_root)
		k->defaults |= CLI_DEFAULT_ROOT;
	for (size_t i = 0;; i++) {
		const char *path = cli_value_at(a, OPT_ROOT, i);
		if (!path)
			break;
		enum cli_exit rc = add_root(c, path, path, k);
		if (rc != CLI_ACCEPTED)
			return rc;
	}
	return add_simulated_root(c, k);
}

/* "sgx-00906ed50000-processor", as `attest collateral export` names a platform's directory
 * (doc/collateral.md); a quote without its PCK certificate is found by its QE's id. False when the
 * evidence has no platform. */
static bool platform_folder(const struct cli_case *k, char out[static 64])
{
	auto_evidence att_evidence *ev = NULL;
	struct att_cert_facts cert[ATT_CERTS_MAX];
	char hex[33];
	size_t count;

	if (att_evidence_parse(att_buf_bytes(&k->evidence), &ev, NULL) != ATT_OK ||
	    !att_evidence_quote(ev))
		return false;
	const struct att_quote *q = att_evidence_quote(ev);
	if (q->cert_type < 4) {
		att_hex_encode(att_bytes_of(q->user_data, 16), hex);
		snprintf(out, 64, "-%s", hex);
		return true;
	}
	if (att_certs_read(q->cert_data, cert, &count, NULL) != ATT_OK || !cert[0].has_platform)
		return false;
	att_hex_encode(att_bytes_of(cert[0].platform.fmspc, 6), hex);
	snprintf(out, 64, "%s-%s-%s", q->tee_type ? "tdx" : "sgx", hex,
		 strstr(cert[0].issuer, "Platform") ? "platform" : "processor");
	return true;
}

static void gather_collateral(const char *path, struct cli_case *k)
{
	att_auto_buf att_buf inner = { 0 };
	char folder[64];

	att_collateral_free(k->collateral);
	k->collateral = NULL;
	k->collateral_err = (att_err){ 0 };
	if (platform_folder(k, folder) && cli_find_folder(path, folder, &inner))
		path = (const char *)inner.ptr;
	if (cli_read_collateral(path, &k->collateral, &k->collateral_err) != ATT_OK)
		k->collateral = NULL;
}

static enum cli_exit gather_files(struct cli *c, const struct cli_args *a, struct cli_case *k)
{
	const char *collateral = cli_value(a, OPT_COLLATERAL);
	const char *log = cli_value(a, OPT_EVENTLOG);

	if (log) {
		att_buf_free(&k->eventlog);
		k->eventlog = (att_buf){ 0 };
		k->has_eventlog = true;
		k->eventlog_err = (att_err){ 0 };
		(void)!cli_read(log, ATT_EVENTLOG_MAX, &k->eventlog, &k->eventlog_err);
	}
	if (!collateral)
		return CLI_ACCEPTED;
	gather_collateral(collateral, k);
	if (k->collateral_err.rc == ATT_E_ARG)
		return cli_usage(c, a->command, "%s", k->collateral_err.msg);
	return k->collateral_err.rc == ATT_E_NOMEM ? file_error(c, &k->collateral_err)
						   : CLI_ACCEPTED;
}

/* Collateral is the command line's own: a file, or services that are named on it. */
static bool own_collateral(const struct cli_args *a)
{
	return cli_given(a, OPT_COLLATERAL) || cli_fetch_asked(a);
}

/* Is there something to ask for, and somebody to ask? */
static bool must_fetch(struct cli *c, const struct cli_args *a, const struct cli_case *k)
{
	if (cli_given(a, CLI_OPT_OFFLINE) || !cli_fetch_configured(c, a))
		return false;
	if (cli_given(a, OPT_COLLATERAL))
		return cli_fetch_asked(a) && k->collateral;
	return !k->collateral && k->collateral_err.rc == ATT_OK && k->evidence_err.rc == ATT_OK;
}

static enum cli_exit gather_fetched(struct cli *c, const struct cli_args *a, struct cli_case *k)
{
	if (!must_fetch(c, a, k))
		return CLI_ACCEPTED;
	return cli_fetch ? cli_fetch(c, a, k) : CLI_ELSEWHERE;
}

/* Of a saved file, what the command line leaves standing. With --collateral only its evidence is
 * used, as if that alone had been given. Roots that it brings itself are used when the caller says
 * so, and no sooner: nobody's file names whom to trust. */
static void take_record(const struct cli_args *a, struct cli_case *k, struct cli_record *record)
{
	record->roots_left = k->root_count > 0 && !cli_given(a, OPT_OWN_ROOTS);
	record->replay = !record->roots_left && !judges(a);
	if (record->replay)
		return;
	for (size_t i = 0; i < k->root_count; i++)
		att_buf_free(&k->root[i].certificate);
	memset(k->root, 0, sizeof(k->root));
	k->root_count = 0;
	k->defaults &= ~(unsigned)(CLI_DEFAULT_ROOT | CLI_DEFAULT_TIME);
}

static void move_buf(att_buf *to, att_buf *from)
{
	*to = *from;
	*from = (att_buf){ 0 };
}

static void move_case(struct cli_case *to, struct cli_case *from)
{
	*to = *from;
	*from = (struct cli_case){ 0 };
}

static enum cli_exit gather_evidence(struct cli *c, const struct cli_args *a, struct cli_case *k,
				     struct cli_record *record)
{
	att_auto_buf att_buf text = { 0 };
	struct cli_case saved = { 0 };
	att_err err = { 0 };

	att_rc rc = cli_read(a->operands[0], ATT_JSON_TEXT_MAX, &text, &err);
	if (rc == ATT_OK && cli_bundle_looks(att_buf_bytes(&text))) {
		move_buf(&record->text, &text);
		record->present = true;
		rc = cli_bundle_read(att_buf_bytes(&record->text), &saved, &record->verdict,
				     record->made_by, &err);
		if (rc != ATT_OK)
			(void)att_wrap(&err, rc, "saved file");
		else if (own_collateral(a))
			move_buf(&k->evidence, &saved.evidence);
		else
			move_case(k, &saved);
	} else if (rc == ATT_OK) {
		move_buf(&k->evidence, &text);
	}
	cli_case_free(&saved);
	if (rc == ATT_E_NOMEM)
		return file_error(c, &err);
	k->evidence_err = err;
	bool fetched = cli_fetch_configured(c, a) && !cli_given(a, CLI_OPT_OFFLINE);
	if (!record->present && !cli_given(a, OPT_COLLATERAL) && !fetched && rc != ATT_E_IO)
		return cli_usage(
		    c, a->command,
		    "--collateral is missing: %s is no file that --save made; to fetch "
		    "it, name a service (--pccs URL, PCCS_URL, or " CLI_QCNL_PATH ")",
		    a->operands[0]);
	if (!record->present || rc != ATT_OK || own_collateral(a))
		return CLI_ACCEPTED;
	/* A token is the signer's own word: what another chose to be judged by is not. */
	if (cli_output_is(a, "ear") && !(cli_given(a, OPT_TIME) && cli_given(a, OPT_POLICY)))
		return cli_usage(c, a->command,
				 "-o ear of a saved file needs --time and --policy, or "
				 "--collateral: those it states are its maker's");
	take_record(a, k, record);
	return CLI_ACCEPTED;
}

enum cli_exit cli_case_gather(struct cli *c, const struct cli_args *a, struct cli_case *k,
			      struct cli_record *record)
{
	static enum cli_exit (*const steps[])(struct cli *, const struct cli_args *,
					      struct cli_case *) = {
		cli_gather_time,  gather_report_data, gather_policy,
		cli_gather_roots, gather_files,       gather_fetched,
	};

	enum cli_exit rc = check_stdin(c, a);
	if (rc == CLI_ACCEPTED)
		rc = cli_fetch_check(c, a);
	if (rc != CLI_ACCEPTED)
		return rc;
	/* Who may have to hand over must not have read what can be read once. */
	if (!cli_fetch && uses_stdin(a) && !cli_given(a, CLI_OPT_OFFLINE) &&
	    cli_fetch_configured(c, a))
		return CLI_ELSEWHERE;
	if (cli_given(a, OPT_OWN_ROOTS) && judges(a))
		return cli_usage(c, a->command,
				 "--own-roots replays a saved file as it is: no "
				 "option may say otherwise");
	*k = (struct cli_case){ .time = c->now,
				.defaults =
				    CLI_DEFAULT_TIME | CLI_DEFAULT_UNBOUND | CLI_DEFAULT_POLICY };
	rc = gather_evidence(c, a, k, record);
	if (rc != CLI_ACCEPTED || record->replay)
		return rc;
	for (size_t i = 0; i < ATT_COUNT(steps); i++) {
		rc = steps[i](c, a, k);
		if (rc != CLI_ACCEPTED)
			return rc;
	}
	return CLI_ACCEPTED;
}
