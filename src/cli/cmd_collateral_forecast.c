/* SPDX-License-Identifier: Apache-2.0 */
/* `attest collateral forecast`: whose TCB status will change under the set that comes next? */
#include <stdio.h>
#include <string.h>

#include "attest/inspect.h"
#include "base/error.h"
#include "base/mem.h"
#include "cli/collateral_job.h"
#include "cli/file.h"
#include "cli/outlook.h"
#include "cli/tree.h"

#define CERTIFICATES_MAX 65536u

ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)
#define auto_collateral __attribute__((cleanup(collateral_cleanup)))

struct forecast {
	struct cli_tree t;
	struct cli_collateral_job j;
	struct att_fetch_set next;
	struct att_fetch_number numbers[2][ATT_FETCH_NUMBERS_MAX]; /* by TEE: SGX, TDX */
	size_t number_count[2];
	bool asked_numbers[2];
	bool worse;
	bool unknown;
};

/* A quote, or the PCK certificate of a platform. */
struct target {
	struct cli_subject subject;
	const struct att_platform *pck; /* NULL: a quote */
};

static att_rc look(struct forecast *f, struct target *of, const struct att_fetch_set *set,
		   struct cli_outlook *out, att_err *err)
{
	auto_collateral att_collateral *col = NULL;
	struct cli_subject *s = &of->subject;

	att_rc rc = cli_subject_fetch(&f->j, s, set, &col, err);
	if (rc != ATT_OK)
		return rc;
	return of->pck ? cli_outlook_of_platform(of->pck, col, f->j.k.time, out, err)
		       : cli_outlook_of_quote(s->evidence, col, f->j.roots, f->j.k.time, out, err);
}

static void put_outlook(struct cli_tree *t, const char *name, const struct cli_outlook *o)
{
	cli_object(t, name);
	cli_put_str(t, "tcb_status", att_tcb_status_name(o->status));
	if (o->evaluation >= 0)
		cli_put_int(t, "evaluation_number", o->evaluation);
	else
		cli_put_null(t, "evaluation_number");
	cli_put_time(t, "newer_level_since", o->newer_date);
	cli_put_str(t, "advisories", o->advisories[0] ? o->advisories : NULL);
	cli_end(t);
}

/* The date of a set's TCB recovery, where a service knows it (a PCCS does not). */
static int64_t recovery_date(struct forecast *f, bool tdx, int64_t evaluation)
{
	if (!f->asked_numbers[tdx]) {
		f->asked_numbers[tdx] = true;
		if (att_fetch_numbers(f->j.fetcher, tdx, f->j.k.time, f->numbers[tdx],
				      &f->number_count[tdx], f->j.trace, NULL) != ATT_OK)
			f->number_count[tdx] = 0;
	}
	for (size_t i = 0; i < f->number_count[tdx]; i++) {
		if (f->numbers[tdx][i].number == evaluation)
			return f->numbers[tdx][i].recovery_event;
	}
	return 0;
}

/* As text, a row a platform; the columns of this table are made for it. */
static void show_row(struct cli_tree *t, const struct cli_outlook *now,
		     const struct cli_outlook *then, bool worse, int64_t recovery)
{
	cli_put_str(t, "now", att_tcb_status_name(now->status));
	cli_put_int(t, "set", now->evaluation);
	cli_put_str(t, "then", att_tcb_status_name(then->status));
	cli_put_int(t, "next_set", then->evaluation);
	cli_put_str(t, "worse", worse ? "worse" : NULL);
	cli_put_time(t, "newer_level_since", then->newer_date);
	cli_put_time(t, "tcb_recovery_event", recovery);
	cli_put_str(t, "advisories", then->advisories[0] ? then->advisories : NULL);
}

static void show(struct forecast *f, bool tdx, const struct cli_outlook *now,
		 const struct cli_outlook *then)
{
	bool changes =
	    now->status != then->status || strcmp(now->advisories, then->advisories) != 0;
	bool worse = then->status > now->status;
	int64_t recovery = changes ? recovery_date(f, tdx, then->evaluation) : 0;

	f->worse = f->worse || worse;
	if (!f->t.json) {
		show_row(&f->t, now, then, worse, recovery);
		return;
	}
	put_outlook(&f->t, "now", now);
	put_outlook(&f->t, "then", then);
	cli_put_bool(&f->t, "changes", changes);
	cli_put_bool(&f->t, "worse", worse);
	cli_put_time(&f->t, "tcb_recovery_event", recovery);
}

static void forecast_one(struct cli *c, struct forecast *f, struct target *of)
{
	const struct cli_subject *s = &of->subject;
	struct cli_outlook now = { .evaluation = -1 };
	struct cli_outlook then = { .evaluation = -1 };
	struct att_fetch_set standard = { .update = ATT_FETCH_UPDATE_STANDARD };
	char name[CLI_SUBJECT_NAME];
	att_err err = { 0 };

	att_rc rc = look(f, of, &standard, &now, &err);
	if (rc == ATT_OK)
		rc = look(f, of, &f->next, &then, &err);
	cli_object(&f->t, NULL);
	cli_put_str(&f->t, "of", s->name);
	cli_subject_bundle_name(s, name);
	cli_put_str(&f->t, "platform", name);
	cli_put_str(&f->t, "error", rc == ATT_OK ? NULL : err.msg);
	if (rc == ATT_OK)
		show(f, s->platform.tdx, &now, &then);
	cli_end(&f->t);
	if (rc == ATT_OK)
		return;
	f->unknown = true;
	cli_error(c, "%s: %s", s->name, err.msg);
}

static void target_free(struct target *of)
{
	cli_subject_free(&of->subject);
}

static void forecast_quotes(struct cli *c, const struct cli_args *a, struct forecast *f)
{
	enum cli_exit code;

	for (size_t n = 0;; n++) {
		__attribute__((cleanup(target_free))) struct target of = { .pck = NULL };

		if (!cli_subject_at(c, a, n, &of.subject, &code))
			return;
		if (code == CLI_ACCEPTED)
			forecast_one(c, f, &of);
		else
			f->unknown = true;
	}
}

static att_rc read_pck(const char *path, struct att_platform *out, struct cli_subject *s,
		       att_err *err)
{
	struct att_cert_facts cert[ATT_CERTS_MAX];
	att_auto_buf att_buf text = { 0 };
	size_t count;

	att_rc rc = cli_read(path, CERTIFICATES_MAX, &text, err);
	if (rc != ATT_OK)
		return rc;
	rc = att_certs_read(att_buf_bytes(&text), cert, &count, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "%s", path);
	if (!cert[0].has_platform)
		return att_fail(err, ATT_E_FORMAT,
				"%s: the first certificate is no PCK certificate: it has no SGX "
				"extension",
				path);
	*out = cert[0].platform;
	memcpy(s->platform.fmspc, out->fmspc, sizeof(out->fmspc));
	s->platform.platform_ca = strstr(cert[0].issuer, "Platform") != NULL;
	s->known = true;
	return ATT_OK;
}

static void forecast_platforms(struct cli *c, const struct cli_args *a, struct forecast *f)
{
	const char *path;

	for (size_t n = 0; (path = cli_value_at(a, OPT_PCK, n)) != NULL; n++) {
		struct att_platform pck;
		struct target of = { .subject = { .name = path }, .pck = &pck };
		att_err err = { 0 };

		if (read_pck(path, &pck, &of.subject, &err) == ATT_OK) {
			forecast_one(c, f, &of);
			continue;
		}
		f->unknown = true;
		cli_error(c, "%s", err.msg);
	}
}

static void forecast_free(struct forecast *f)
{
	cli_collateral_job_free(&f->j);
}

static enum cli_exit run_forecast(struct cli *c, const struct cli_args *a)
{
	__attribute__((cleanup(forecast_free))) struct forecast f = { 0 };
	att_auto_buf att_buf b = { 0 };

	if (a->operand_count == 0 && !cli_given(a, OPT_PCK))
		return cli_usage(c, a->command, "whose status? name quotes, or --pck FILE");
	enum cli_exit code = cli_collateral_begin(c, a, &f.j);
	if (code != CLI_ACCEPTED)
		return code;
	f.next = cli_fetch_set(a);
	if (!f.next.evaluation_number && f.next.update == ATT_FETCH_UPDATE_DEFAULT)
		f.next.update = ATT_FETCH_UPDATE_EARLY;
	cli_tree_start(&f.t, &b, cli_output_is(a, "json"));
	cli_put_time(&f.t, "time", f.j.k.time);
	if (f.next.evaluation_number)
		cli_put_int(&f.t, "against", f.next.evaluation_number);
	else
		cli_put_str(&f.t, "against",
			    f.next.update == ATT_FETCH_UPDATE_EARLY ? "early" : "standard");
	cli_table(&f.t, "platforms");
	forecast_quotes(c, a, &f);
	forecast_platforms(c, a, &f);
	cli_end(&f.t);
	cli_put_bool(&f.t, "worse", f.worse);
	cli_put_bool(&f.t, "complete", !f.unknown);
	cli_tree_finish(&f.t);
	cli_fetcher_warn(c, f.j.fetcher);
	return cli_finish(c, &b, f.unknown ? CLI_NO_ANSWER : f.worse ? CLI_DENIED : CLI_ACCEPTED);
}

static const struct cli_option forecast_options[] = {
	{ .id = OPT_PCK,
	  .name = "pck",
	  .value = "FILE",
	  .path = true,
	  .repeats = true,
	  .help = "also of the platform with this PCK certificate (PEM or DER), for SGX" },
	CLI_OPTIONS_SET,
	CLI_OPTIONS_SERVICE,
	CLI_OPTIONS_JUDGE,
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_collateral_forecast = {
	.name = "collateral forecast",
	.page = "attest-collateral",
	.operand = "QUOTE",
	.operand_min = 0,
	.operand_max = 4096,
	.summary = "say whose TCB status will change under the next TCB data set",
	.about =
	    "Each quote, or platform by its PCK certificate, is judged by the set in force and "
	    "by the one to come: the early one, or the one with --evaluation-number. When Intel "
	    "enforces it is Intel's to say; the "
	    "dates of the TCB recovery and of the level that is lacking are given where they "
	    "are known.\n"
	    "Exit code 0 when no status gets worse, 4 when one does, 3 when one could not be "
	    "told.",
	.options = forecast_options,
	.option_count = ATT_COUNT(forecast_options),
	.run = run_forecast,
};
