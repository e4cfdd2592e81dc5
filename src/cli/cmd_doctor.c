/* SPDX-License-Identifier: Apache-2.0 */
/* `attest doctor`: what this machine can do, and what is missing. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/doctor.h"
#include "cli/tree.h"

void doctor_say(struct doctor *d, const char *id, enum doctor_state state, const char *remedy,
		const char *fmt, ...)
{
	va_list ap;

	if (d->count == DOCTOR_LINES_MAX)
		return;
	struct doctor_line *l = &d->lines[d->count++];
	l->state = state;
	snprintf(l->id, sizeof(l->id), "%s", id);
	snprintf(l->remedy, sizeof(l->remedy), "%s", remedy ? remedy : "");
	va_start(ap, fmt);
	vsnprintf(l->said, sizeof(l->said), fmt, ap);
	va_end(ap);
}

/* In this order: later checks use what earlier ones found. */
static const struct {
	const char *title;
	void (*run)(struct doctor *d);
} checks[] = {
	{ "Quoting", doctor_quote },
	{ NULL, doctor_interfaces },
	{ "Processor and kernel", doctor_cpu },
	{ NULL, doctor_kernel },
	{ "Devices and daemons", doctor_devices },
	{ NULL, doctor_aesm },
	{ "Collateral", doctor_services },
	{ NULL, doctor_collateral },
	{ NULL, doctor_clock },
};

static const char *state_name(enum doctor_state s)
{
	static const char *const names[] = { [DOCTOR_OK] = "ok",
					     [DOCTOR_WARN] = "warn",
					     [DOCTOR_MISSING] = "missing",
					     [DOCTOR_ASIDE] = "aside" };

	return names[s];
}

static bool has_remedy(const struct doctor_line *l)
{
	return l->remedy[0] && (l->state == DOCTOR_WARN || l->state == DOCTOR_MISSING);
}

static void put_line(struct doctor *d, att_buf *b, const struct doctor_line *l)
{
	static const char *const colours[] = { [DOCTOR_OK] = "\033[32m",
					       [DOCTOR_WARN] = "\033[33m",
					       [DOCTOR_MISSING] = "\033[31m",
					       [DOCTOR_ASIDE] = "" };
	bool colour = d->c->colour_out && colours[l->state][0];

	att_putf(b, "  %s%-8s%s%-22s ", colour ? colours[l->state] : "",
		 l->state == DOCTOR_ASIDE ? "-" : state_name(l->state), colour ? "\033[0m" : "",
		 l->id);
	cli_put_safe(b, att_bytes_of(l->said, strlen(l->said)));
	att_put_str(b, "\n");
	if (has_remedy(l))
		att_putf(b, "%34s%s\n", "> ", l->remedy);
}

/* `ends[i]` is the number of lines after check i. */
static void put_text(struct doctor *d, att_buf *b, const size_t *ends)
{
	size_t n = 0;

	for (size_t i = 0; i < ATT_COUNT(checks); i++) {
		if (checks[i].title)
			att_putf(b, "%s%s\n", i ? "\n" : "", checks[i].title);
		for (; n < ends[i]; n++)
			put_line(d, b, &d->lines[n]);
	}
	att_putf(b, "\nThis machine can%s make evidence%s%s.\n", d->can_quote ? "" : " not",
		 d->can_quote ? ", by the attester " : "", d->attester);
}

static void put_json(struct doctor *d, att_buf *b)
{
	struct cli_tree t;

	cli_tree_start(&t, b, true);
	cli_put_bool(&t, "can_quote", d->can_quote);
	cli_put_str(&t, "attester", d->can_quote ? d->attester : NULL);
	cli_list(&t, "checks");
	for (size_t i = 0; i < d->count; i++) {
		const struct doctor_line *l = &d->lines[i];
		cli_object(&t, NULL);
		cli_put_str(&t, "id", l->id);
		cli_put_str(&t, "state", state_name(l->state));
		cli_put_str(&t, "said", l->said);
		cli_put_str(&t, "remedy", has_remedy(l) ? l->remedy : NULL);
		cli_end(&t);
	}
	cli_end(&t);
	cli_tree_finish(&t);
}

static void doctor_free(struct doctor *d)
{
	att_fetcher_free(d->fetcher);
	att_roots_free(d->roots);
	att_collateral_free(d->collateral);
	att_evidence_free(d->evidence);
}

static enum cli_exit run_doctor(struct cli *c, const struct cli_args *a)
{
	__attribute__((cleanup(doctor_free))) struct doctor d = { .c = c, .a = a };
	size_t ends[ATT_COUNT(checks)];
	att_auto_buf att_buf b = { 0 };

	d.options = (struct att_attester_options){
		.sim_cpu = c->env("ATTEST_SIM_CPU"),
		.signer = c->env("ATTEST_SIM_SIGNER"),
	};
	if (cli_given(a, DOCTOR_OPT_OFFLINE) && cli_given(a, DOCTOR_OPT_PCCS))
		return cli_usage(c, a->command, "--offline and --pccs exclude each other");
	for (size_t i = 0; i < ATT_COUNT(checks); i++) {
		checks[i].run(&d);
		ends[i] = d.count;
	}
	if (cli_output_is(a, "json"))
		put_json(&d, &b);
	else
		put_text(&d, &b, ends);
	return cli_finish(c, &b, d.can_quote ? CLI_ACCEPTED : CLI_NO_ANSWER);
}

static const struct cli_option doctor_options[] = {
	{ .id = DOCTOR_OPT_ATTESTER,
	  .letter = 'a',
	  .name = "attester",
	  .value = "NAME",
	  .choices = "auto sim aesm occlum gramine tsm tdx-guest sev-guest",
	  .help = "try this one, not the first that is there" },
	{ .id = DOCTOR_OPT_PCCS,
	  .name = "pccs",
	  .value = "URL",
	  .help = "look at this service, not at PCCS_URL or the configured one" },
	{ .id = DOCTOR_OPT_PCCS_CA,
	  .name = "pccs-ca",
	  .value = "FILE",
	  .path = true,
	  .help = "trust this CA for the service's TLS (PEM), and the system's no more" },
	{ .id = DOCTOR_OPT_OFFLINE, .name = "offline", .help = "never touch the network" },
	CLI_OPTION_OUTPUT("text json"),
	CLI_OPTION_HELP,
};

const struct cli_command cli_doctor = {
	.name = "doctor",
	.page = "attest-doctor",
	.summary = "say what this machine can do, what is missing, and what to do about it",
	.about =
	    "Looks at processor, kernel, devices, daemons, configuration, the service that has "
	    "the collateral, and the clock, and tries to make a quote. Changes nothing. The exit "
	    "code is 0 when this machine can make evidence, else 3.",
	.options = doctor_options,
	.option_count = ATT_COUNT(doctor_options),
	.run = run_doctor,
};
