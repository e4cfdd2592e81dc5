/* SPDX-License-Identifier: Apache-2.0 */
/* `attest collateral check`: what services answer, request by request and item by item: missing,
 * expired, expiring soon, of another platform. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/inspect.h"
#include "base/civil.h"
#include "base/mem.h"
#include "cli/collateral_job.h"
#include "cli/file.h"
#include "cli/tree.h"

ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)
#define auto_collateral __attribute__((cleanup(collateral_cleanup)))

#define SOON_DAYS 7
#define DAY       INT64_C(86400)

enum state { OK, SOON, NOT_YET, EXPIRED, MISMATCH, UNREADABLE, MISSING };
static const char *const state_names[] = { "ok",       "expires-soon", "not-yet-valid", "expired",
					   "mismatch", "unreadable",   "missing" };

struct finding {
	enum state state;
	int64_t from; /* 0: unknown */
	int64_t until;
	int64_t evaluation; /* -1: it has none */
	char words[244];
};

struct check {
	struct cli_tree t;
	const struct cli_subject *subject;
	int64_t now;
	int64_t soon;
	int64_t evaluation; /* of the TCB info; -1 unknown */
	bool bad;
	bool soon_seen;
};

/* --- What an item says of itself --- */

static att_rc look_chain(att_bytes text, const struct check *k, struct finding *f, att_err *err)
{
	struct att_cert_facts cert[ATT_CERTS_MAX];
	size_t count;

	(void)k;
	att_rc rc = att_certs_read(text, cert, &count, err);
	for (size_t i = 0; rc == ATT_OK && i < count; i++) {
		if (i == 0 || cert[i].not_before > f->from)
			f->from = cert[i].not_before;
		if (i == 0 || cert[i].not_after < f->until)
			f->until = cert[i].not_after;
	}
	return rc;
}

static att_rc look_crl(att_bytes text, const struct check *k, struct finding *f, att_err *err)
{
	struct att_crl_facts crl;

	(void)k;
	att_rc rc = att_crl_read(text, &crl, err);
	if (rc == ATT_OK) {
		f->from = crl.this_update;
		f->until = crl.next_update;
	}
	return rc;
}

static att_rc look_tcb_info(att_bytes text, const struct check *k, struct finding *f, att_err *err)
{
	struct att_tcb_info_facts info;

	att_rc rc = att_tcb_info_read(text, &info, err);
	if (rc != ATT_OK)
		return rc;
	f->from = info.issue_date;
	f->until = info.next_update;
	f->evaluation = info.evaluation;
	if (k->subject->known && (memcmp(info.fmspc, k->subject->platform.fmspc, 6) != 0 ||
				  info.tdx != k->subject->platform.tdx)) {
		f->state = MISMATCH;
		snprintf(f->words, sizeof(f->words),
			 "it is for another platform: FMSPC or TEE differ from %s's",
			 k->subject->name);
	}
	return ATT_OK;
}

static att_rc look_identity(att_bytes text, const struct check *k, struct finding *f, att_err *err)
{
	struct att_identity_facts id;

	att_rc rc = att_identity_read(text, &id, err);
	if (rc != ATT_OK)
		return rc;
	f->from = id.issue_date;
	f->until = id.next_update;
	f->evaluation = id.evaluation;
	if (k->subject->known && strcmp(id.id, k->subject->platform.tdx ? "TD_QE" : "QE") != 0) {
		f->state = MISMATCH;
		snprintf(f->words, sizeof(f->words), "it is the identity of %s", id.id);
	} else if (k->evaluation >= 0 && id.evaluation != k->evaluation) {
		f->state = MISMATCH;
		snprintf(
		    f->words, sizeof(f->words),
		    "its evaluation number is %lld, the TCB info's is %lld: two different sets",
		    (long long)id.evaluation, (long long)k->evaluation);
	}
	return ATT_OK;
}

static const struct {
	enum att_item item;
	att_rc (*look)(att_bytes text, const struct check *k, struct finding *f, att_err *err);
} items[] = {
	{ ATT_ITEM_PCK_CRL_ISSUER_CHAIN, look_chain },
	{ ATT_ITEM_ROOT_CA_CRL, look_crl },
	{ ATT_ITEM_PCK_CRL, look_crl },
	{ ATT_ITEM_TCB_INFO_ISSUER_CHAIN, look_chain },
	{ ATT_ITEM_TCB_INFO, look_tcb_info },
	{ ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN, look_chain },
	{ ATT_ITEM_QE_IDENTITY, look_identity },
};

/* --- Judged --- */

static void judge_dates(const struct check *k, struct finding *f)
{
	char when[ATT_TIME_TEXT];

	if (f->state != OK)
		return;
	if (k->now < f->from) {
		f->state = NOT_YET;
		att_time_format(f->from, when);
		snprintf(f->words, sizeof(f->words), "it holds from %s on: is the clock right?",
			 when);
	} else if (k->now > f->until) {
		f->state = EXPIRED;
		att_time_format(f->until, when);
		snprintf(f->words, sizeof(f->words), "it ended at %s: fetch it anew", when);
	} else if (f->until - k->now < k->soon) {
		f->state = SOON;
		snprintf(f->words, sizeof(f->words), "it ends in %lld hours",
			 (long long)((f->until - k->now) / 3600));
	}
}

static void check_item(struct check *k, const att_collateral *col, size_t i)
{
	struct finding f = { .state = OK, .evaluation = -1 };
	att_bytes text = att_collateral_get(col, items[i].item);
	att_err err = { 0 };

	if (text.len == 0) {
		f.state = MISSING;
	} else if (items[i].look(text, k, &f, &err) != ATT_OK) {
		f.state = UNREADABLE;
		snprintf(f.words, sizeof(f.words), "%s", err.msg);
	}
	if (items[i].item == ATT_ITEM_TCB_INFO)
		k->evaluation = f.evaluation;
	judge_dates(k, &f);
	k->bad = k->bad || f.state > SOON;
	k->soon_seen = k->soon_seen || f.state == SOON;
	cli_object(&k->t, NULL);
	cli_put_str(&k->t, "item", att_item_name(items[i].item));
	cli_put_str(&k->t, "state", state_names[f.state]);
	cli_put_time(&k->t, "from", f.from);
	cli_put_time(&k->t, "until", f.until);
	if (f.evaluation >= 0)
		cli_put_int(&k->t, "evaluation_number", f.evaluation);
	else
		cli_put_null(&k->t, "evaluation_number");
	cli_put_str(&k->t, "words", f.words[0] ? f.words : NULL);
	cli_end(&k->t);
}

static void put_requests(struct check *k, const att_fetch_trace *trace, size_t from)
{
	const struct att_fetch_step *s;

	cli_table(&k->t, "requests");
	for (size_t i = from; (s = att_fetch_trace_at(trace, i)) != NULL; i++) {
		cli_object(&k->t, NULL);
		cli_put_str(&k->t, "what", s->what);
		cli_put_str(&k->t, "url", s->url);
		cli_put_str(&k->t, "source", att_fetch_source_name(s->source));
		cli_put_int(&k->t, "status", s->status);
		cli_put_bool(&k->t, "taken", s->rc == ATT_OK);
		cli_put_int(&k->t, "took_ms", s->took_ms);
		cli_put_str(&k->t, "words", s->words);
		cli_put_str(&k->t, "request_id", s->request_id[0] ? s->request_id : NULL);
		cli_put_str(&k->t, "error_code", s->error_code[0] ? s->error_code : NULL);
		cli_put_str(&k->t, "warning", s->warning[0] ? s->warning : NULL);
		cli_end(&k->t);
	}
	cli_end(&k->t);
}

/* The collateral of the subject, as much of it as there is. */
static att_rc get(struct cli_collateral_job *j, struct cli_subject *s, att_collateral **out,
		  att_err *err)
{
	att_rc rc = cli_subject_platform(j, s, err);

	if (rc != ATT_OK)
		return rc;
	s->known = true;
	return att_fetch_some(j->fetcher, &s->platform, &j->set, j->k.time, out, j->trace, err);
}

static void check_subject(struct cli *c, struct check *k, struct cli_collateral_job *j,
			  struct cli_subject *s)
{
	auto_collateral att_collateral *col = NULL;
	size_t from = att_fetch_trace_count(j->trace);
	char name[CLI_SUBJECT_NAME];
	att_err err = { 0 };

	k->subject = s;
	k->evaluation = -1;
	att_rc rc = get(j, s, &col, &err);
	cli_subject_bundle_name(s, name);
	cli_object(&k->t, NULL);
	cli_put_str(&k->t, "of", s->name);
	cli_put_str(&k->t, "platform", s->known ? name : NULL);
	cli_put_str(&k->t, "error", rc == ATT_OK ? NULL : err.msg);
	put_requests(k, j->trace, from);
	cli_table(&k->t, "items");
	for (size_t i = 0; col && i < ATT_COUNT(items); i++)
		check_item(k, col, i);
	cli_end(&k->t);
	cli_end(&k->t);
	if (rc == ATT_OK)
		return;
	k->bad = true;
	cli_error(c, "%s: %s", s->name, err.msg);
}

static enum cli_exit check_all(struct cli *c, const struct cli_args *a, struct check *k,
			       struct cli_collateral_job *j)
{
	enum cli_exit worst = CLI_ACCEPTED;
	enum cli_exit code;

	for (size_t n = 0;; n++) {
		__attribute__((cleanup(cli_subject_free))) struct cli_subject s = { 0 };

		if (!cli_subject_at(c, a, n, &s, &code))
			return worst;
		if (code == CLI_USAGE)
			return code;
		if (code == CLI_ACCEPTED)
			check_subject(c, k, j, &s);
		else if (worst != CLI_NO_ANSWER)
			worst = code;
	}
}

static enum cli_exit read_soon(struct cli *c, const struct cli_args *a, struct check *k)
{
	const char *text = cli_value(a, OPT_SOON);
	char *end = NULL;
	long days = text ? strtol(text, &end, 10) : SOON_DAYS;

	if (days < 0 || days > 3650 || (text && (*end || end == text)))
		return cli_usage(c, a->command, "--soon '%s': expected days", text);
	k->soon = days * DAY;
	return CLI_ACCEPTED;
}

static enum cli_exit run_check(struct cli *c, const struct cli_args *a)
{
	__attribute__((cleanup(cli_collateral_job_free))) struct cli_collateral_job j = { 0 };
	att_auto_buf att_buf b = { 0 };
	struct check k = { 0 };

	enum cli_exit code = read_soon(c, a, &k);
	if (code == CLI_ACCEPTED)
		code = cli_collateral_begin(c, a, &j);
	if (code != CLI_ACCEPTED)
		return code;
	k.now = j.k.time;
	cli_tree_start(&k.t, &b, cli_output_is(a, "json"));
	cli_put_time(&k.t, "time", k.now);
	cli_list(&k.t, "platforms");
	code = check_all(c, a, &k, &j);
	cli_end(&k.t);
	cli_put_bool(&k.t, "good", !k.bad && code == CLI_ACCEPTED);
	cli_put_bool(&k.t, "expires_soon", k.soon_seen);
	cli_tree_finish(&k.t);
	cli_fetcher_warn(c, j.fetcher);
	if (code == CLI_ACCEPTED)
		code = k.bad ? CLI_NO_ANSWER : k.soon_seen ? CLI_DENIED : CLI_ACCEPTED;
	return code == CLI_USAGE ? code : cli_finish(c, &b, code);
}

static const struct cli_option check_options[] = {
	CLI_OPTIONS_PLATFORM,
	{ .id = OPT_SOON,
	  .name = "soon",
	  .value = "DAYS",
	  .help = "warn of what ends within so many days, 7 unless told" },
	CLI_OPTIONS_SET,
	CLI_OPTIONS_SERVICE,
	CLI_OPTIONS_JUDGE,
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_collateral_check = {
	.name = "collateral check",
	.page = "attest-collateral",
	.operand = "QUOTE",
	.operand_min = 0,
	.operand_max = 4096,
	.summary = "ask for collateral and say what each answer is worth",
	.about = "Every request and every answer in words, then every item: what is missing, "
		 "expired, of another platform, or ends soon. Items were authenticated under the "
		 "roots.\n"
		 "Exit code 0 when all is there and in date, 4 when something ends soon, 3 when "
		 "something is missing, expired or wrong, 2 when a quote is malformed.",
	.options = check_options,
	.option_count = ATT_COUNT(check_options),
	.run = run_check,
};
