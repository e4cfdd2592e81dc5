/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on one screen: outcome first, then what it rests on, then what is wrong and what to
 * do. */
#include "cli/verify.h"

#include <string.h>

#include "base/civil.h"
#include "cli/show.h"

struct page {
	att_buf *b;
	bool colour;
	bool verbose;
};

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define BOLD   "\033[1m"

static void put_coloured(struct page *p, const char *colour, const char *text)
{
	if (p->colour)
		att_put_str(p->b, colour);
	att_put_str(p->b, text);
	if (p->colour)
		att_put_str(p->b, "\033[0m");
}

static void put_safe(struct page *p, const char *text)
{
	cli_put_safe(p->b, att_bytes_of(text, strlen(text)));
}

static void put_time(struct page *p, int64_t t)
{
	char text[ATT_TIME_TEXT];

	att_time_format(t, text);
	att_put_str(p->b, t ? text : "unknown");
}

static void put_day(struct page *p, int64_t t)
{
	char text[ATT_TIME_TEXT];

	att_time_format(t, text);
	att_putf(p->b, "%.10s", t ? text : "-");
}

static void put_headline(struct page *p, const struct cli_case *k, const struct cli_outcome *o)
{
	if (o->accepted)
		put_coloured(p, BOLD GREEN, "ACCEPTED");
	else if (o->authentic)
		put_coloured(p, BOLD YELLOW, "DENIED BY POLICY");
	else
		put_coloured(p, BOLD RED, o->exit == CLI_NO_ANSWER ? "NO ANSWER" : "NOT AUTHENTIC");
	att_putf(p->b, "  %s",
		 o->evidence ? att_kind_name(att_evidence_kind(o->evidence)) : "no quote");
	att_put_str(p->b, o->authentic ? ", authentic, at " : ", at ");
	put_time(p, k->time);
	if (att_report_simulated(o->report))
		put_coloured(p, YELLOW, "  SIMULATED PLATFORM");
	att_put_str(p->b, "\n");
}

static void put_why(struct page *p, const struct cli_outcome *o)
{
	if (o->accepted && !att_appraisal_pinned(o->appraisal))
		att_put_str(p->b,
			    "  nothing was pinned: any measurement would have been accepted\n");
	if (o->accepted)
		return;
	for (size_t i = 0; o->appraisal && i < att_appraisal_count(o->appraisal); i++) {
		att_put_str(p->b, "  ");
		put_safe(p, att_appraisal_reason(o->appraisal, i));
		att_put_str(p->b, "\n");
	}
	if (!o->appraisal) {
		att_put_str(p->b, "  ");
		put_safe(p, o->why.msg);
		att_put_str(p->b, "\n");
	}
}

static void put_saved(struct page *p, const struct cli_outcome *o)
{
	if (o->saved == CLI_SAVED_EQUAL)
		att_put_str(
		    p->b,
		    "  judged by what the file itself states; equal to the verdict saved in it\n");
	if (o->saved == CLI_SAVED_NOT_COMPARED)
		att_put_str(p->b, "  options override what the file states: its saved verdict was "
				  "not compared\n");
	if (o->saved == CLI_SAVED_DIFFERS) {
		att_put_str(p->b, "  ");
		put_coloured(p, RED, "DIFFERS from the verdict saved in the file");
		att_put_str(p->b, ": ");
		put_safe(p, o->difference);
		att_put_str(p->b, "\n");
	}
}

static void put_advisories(struct page *p, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		att_put_str(p->b, i ? ", " : "");
		put_safe(p, list[i]);
	}
}

static void put_part(struct page *p, const char *name, const struct att_tcb_part *part)
{
	if (part->status == ATT_TCB_NONE)
		return;
	att_putf(p->b, "  %-10s%s  ", name, att_tcb_status_name(part->status));
	put_day(p, part->date);
	if (part->newer_date) {
		att_put_str(p->b, ", newer since ");
		put_day(p, part->newer_date);
	}
	if (part->advisory_count) {
		att_put_str(p->b, "  ");
		put_advisories(p, part->advisories, part->advisory_count);
	}
	att_put_str(p->b, "\n");
}

static void put_tcb(struct page *p, const struct cli_outcome *o)
{
	const struct att_tcb *tcb = att_report_tcb(o->report);
	const char *name = att_tcb_status_name(tcb->status);

	att_putf(p->b, "\nTCB         %s\n", name ? name : "not judged");
	put_part(p, "platform", &tcb->platform);
	put_part(p, "module", &tcb->module);
	put_part(p, "QE", &tcb->qe);
	if (name) {
		att_put_str(p->b, "Advisories  ");
		put_advisories(p, tcb->advisories, tcb->advisory_count);
		att_put_str(p->b, tcb->advisory_count ? "\n" : "none\n");
	}
}

static void put_hex_line(struct page *p, const char *name, const uint8_t *bytes, size_t len)
{
	att_putf(p->b, "  %-13s ", name);
	if (att_all_zero(att_bytes_of(bytes, len)))
		att_put_str(p->b, "(zero)");
	else
		att_put_hex(p->b, att_bytes_of(bytes, len));
	att_put_str(p->b, "\n");
}

#define HEX(p, name, field) put_hex_line(p, name, (field), sizeof(field))

static void put_sgx(struct page *p, const struct att_sgx_body *b)
{
	HEX(p, "mr_enclave", b->mr_enclave);
	HEX(p, "mr_signer", b->mr_signer);
	att_putf(p->b, "  %-13s product %u, version %u\n", "isv", b->isv_prod_id, b->isv_svn);
	if (!att_all_zero(att_bytes_of(b->config_id, sizeof(b->config_id))))
		HEX(p, "config_id", b->config_id);
	HEX(p, "report_data", b->report_data);
}

static void put_td(struct page *p, const struct att_td_body *b)
{
	HEX(p, "mr_td", b->mr_td);
	HEX(p, "rtmr0", b->rtmr[0]);
	HEX(p, "rtmr1", b->rtmr[1]);
	HEX(p, "rtmr2", b->rtmr[2]);
	HEX(p, "rtmr3", b->rtmr[3]);
	HEX(p, "mr_config_id", b->mr_config_id);
	HEX(p, "mr_owner", b->mr_owner);
	HEX(p, "mr_seam", b->mr_seam);
	if (b->has_15)
		HEX(p, "mr_service_td", b->mr_service_td);
	HEX(p, "report_data", b->report_data);
}

static void put_identity(struct page *p, const struct cli_outcome *o)
{
	if (!o->authentic) {
		att_put_str(
		    p->b,
		    "\nIdentity    not shown: not authentic (`attest inspect` prints what the "
		    "evidence says)\n");
		return;
	}
	const struct att_claims *claims = att_verdict_claims(o->verdict);
	att_put_str(p->b, "\nIdentity    debug ");
	put_coloured(p, att_claims_debug(claims) ? RED : "",
		     att_claims_debug(claims) ? "ON" : "off");
	att_putf(p->b, ", report data %s\n",
		 att_report_bound(o->report) ? "as expected" : "not compared");
	if (claims->kind == ATT_KIND_TDX_QUOTE)
		put_td(p, &claims->td);
	else
		put_sgx(p, &claims->sgx);
}

static void put_platform(struct page *p, const struct cli_outcome *o)
{
	const struct att_platform *f = att_report_platform(o->report);
	const struct att_root_facts *root = att_report_root(o->report);

	if (f->present) {
		att_put_str(p->b, "\nPlatform    FMSPC ");
		att_put_hex(p->b, att_bytes_of(f->fmspc, sizeof(f->fmspc)));
		att_putf(p->b, ", PCE ");
		att_put_hex(p->b, att_bytes_of(f->pce_id, sizeof(f->pce_id)));
		att_putf(p->b, " version %u, %s, %s CA\n", f->pce_svn, cli_sgx_type(f->sgx_type),
			 f->platform_ca ? "Platform" : "Processor");
	}
	if (root->present) {
		att_put_str(p->b, f->present ? "Root        " : "\nRoot        ");
		put_safe(p, root->label);
		att_put_str(p->b, ", key SHA-256 ");
		att_put_hex(p->b, att_bytes_of(root->key_sha256, sizeof(root->key_sha256)));
		att_put_str(p->b, "\n");
	}
}

static void put_number(struct page *p, int64_t n)
{
	if (n < 0)
		att_put_str(p->b, "unknown");
	else
		att_putf(p->b, "%lld", (long long)n);
}

static void put_collateral(struct page *p, const struct cli_outcome *o)
{
	const struct att_collateral_facts *f = att_report_collateral(o->report);

	att_put_str(p->b, "Collateral  issued ");
	put_day(p, f->earliest_issue);
	att_put_str(p->b, " to ");
	put_day(p, f->latest_issue);
	att_put_str(p->b, ", good until ");
	put_time(p, f->earliest_expiration);
	att_put_str(p->b, "\n            evaluation number: TCB info ");
	put_number(p, f->tcb_evaluation);
	att_put_str(p->b, ", QE identity ");
	put_number(p, f->qe_evaluation);
	att_put_str(p->b, "\n");
}

static void put_defaults(struct page *p, const struct cli *c, const struct cli_case *k)
{
	const char *const words[CLI_DEFAULT_COUNT] = {
		c->sim_root ? "Intel's root and ATTEST_SIM_ROOT" : "Intel's root",
		"the present time", "report data not compared", "the built-in policy"
	};
	size_t n = 0;

	att_put_str(p->b, "Defaults    ");
	for (unsigned bit = 0; bit < CLI_DEFAULT_COUNT; bit++) {
		if (k->defaults & (1u << bit))
			att_putf(p->b, "%s%s", n++ ? ", " : "", words[bit]);
	}
	att_put_str(p->b, n ? "\n" : "none: all was given\n");
}

static void put_check(struct page *p, const struct att_check *check)
{
	static const char *const colour[] = {
		[ATT_PASS] = GREEN, [ATT_FAIL] = RED, [ATT_WARN] = YELLOW, [ATT_NOT_RUN] = ""
	};

	att_put_str(p->b, "  ");
	put_coloured(p, colour[check->outcome], att_outcome_name(check->outcome));
	att_putf(p->b, "%*s%s  (%s)\n", check->outcome == ATT_NOT_RUN ? 1 : 4, "", check->title,
		 check->id);
	if (check->outcome == ATT_NOT_RUN) {
		if (check->waits_for)
			att_putf(p->b, "          waits for %s\n", check->waits_for);
		return;
	}
	const struct {
		const char *name;
		const char *text;
	} lines[] = { { "expected", check->expected },
		      { "seen", check->seen },
		      { "remedy", check->remedy },
		      { "clause", p->verbose && check->clause ? check->clause : "" } };
	for (size_t i = 0; i < ATT_COUNT(lines); i++) {
		if (!lines[i].text[0])
			continue;
		att_putf(p->b, "          %-9s ", lines[i].name);
		put_safe(p, lines[i].text);
		att_put_str(p->b, "\n");
	}
}

static void put_checks(struct page *p, const struct cli_outcome *o)
{
	size_t count[ATT_NOT_RUN + 1] = { 0 };
	struct att_check check;

	for (size_t i = 0; cli_outcome_check(o, i, &check); i++)
		count[check.outcome]++;
	att_putf(p->b, "\nChecks      %zu passed, %zu failed, %zu warned, %zu not run\n",
		 count[ATT_PASS], count[ATT_FAIL], count[ATT_WARN], count[ATT_NOT_RUN]);
	for (size_t i = 0; cli_outcome_check(o, i, &check); i++) {
		if (p->verbose || check.outcome == ATT_FAIL || check.outcome == ATT_WARN)
			put_check(p, &check);
	}
}

void cli_verdict_text(const struct cli *c, const struct cli_case *k, const struct cli_outcome *o,
		      bool verbose, att_buf *b)
{
	struct page p = { .b = b, .colour = c->colour_out, .verbose = verbose };

	put_headline(&p, k, o);
	put_why(&p, o);
	put_saved(&p, o);
	put_tcb(&p, o);
	put_identity(&p, o);
	put_platform(&p, o);
	put_collateral(&p, o);
	cli_fetched_text(&k->fetched, b);
	put_defaults(&p, c, k);
	put_checks(&p, o);
	cli_log_text(&o->log, b);
}
