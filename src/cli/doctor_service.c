/* SPDX-License-Identifier: Apache-2.0 */
/* Where collateral comes from, whether it is fresh, and the clock it is judged by. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attest/attest.h"
#include "base/civil.h"
#include "base/mem.h"
#include "cli/doctor.h"
#include "cli/fetch.h"
#include "cli/file.h"
#include "fetch/fetcher.h"
#include "fetch/qcnl.h"

#define DEADLINE_MS 20000u
#define CLOCK_OFF   300 /* seconds that two clocks may differ */
#define DAY         86400

ATT_DEFINE_CLEANUP(verdict, att_verdict, att_verdict_free)
#define auto_verdict __attribute__((cleanup(verdict_cleanup)))

/* --- Configuration --- */

static const char *given_url(const struct doctor *d)
{
	const char *url = cli_value(d->a, DOCTOR_OPT_PCCS);

	return url ? url : d->c->env("PCCS_URL");
}

static const char *qcnl_url(const struct att_qcnl *q)
{
	if (q->collateral_service)
		return q->collateral_service;
	return q->pccs_url ? q->pccs_url : ATT_QCNL_DEFAULT_URL;
}

static bool read_qcnl(struct doctor *d, struct att_qcnl *q)
{
	const char *named = d->c->env("QCNL_CONF_PATH");
	const char *path = named ? named : CLI_QCNL_PATH;
	att_auto_buf att_buf text = { 0 };
	att_err err = { 0 };

	if (!named && access(path, F_OK) != 0) {
		doctor_say(
		    d, "qcnl", given_url(d) ? DOCTOR_ASIDE : DOCTOR_MISSING,
		    "write {\"pccs_url\": \"https://HOST:8081/sgx/certification/v4/\"} into it, "
		    "or set PCCS_URL",
		    "%s is not there", path);
		return false;
	}
	att_rc rc = cli_read(path, ATT_QCNL_MAX, &text, &err);
	if (rc == ATT_OK)
		rc = att_qcnl_parse(att_buf_bytes(&text), q, &err);
	if (rc != ATT_OK) {
		doctor_say(d, "qcnl", DOCTOR_MISSING, "mend the file", "%s%s%s",
			   rc == ATT_E_IO ? "" : path, rc == ATT_E_IO ? "" : ": ", err.msg);
		return false;
	}
	/* Without TLS there is no certificate to look at, and only the loopback is asked so. */
	bool checked = q->use_secure_cert || strncmp(qcnl_url(q), "https:", 6) != 0;
	doctor_say(d, "qcnl", checked && !q->unknown[0] ? DOCTOR_OK : DOCTOR_WARN,
		   !checked ? "install the service's CA and set use_secure_cert to true"
			    : "look for a misspelt key",
		   "%s (%s): %s%s%s%s", path, q->form == ATT_QCNL_JSON ? "JSON" : "KEY=VALUE",
		   qcnl_url(q), checked ? "" : "; certificates are not checked",
		   q->unknown[0] ? "; unknown key " : "", q->unknown);
	return true;
}

/* --- The service --- */

static bool make_roots(struct doctor *d, att_err *err)
{
	att_auto_buf att_buf text = { 0 };

	d->roots = att_roots_intel();
	if (!d->roots)
		return false;
	if (!d->c->sim_root)
		return true;
	att_rc rc = cli_read(d->c->sim_root, 65536, &text, err);
	if (rc == ATT_OK)
		rc = att_roots_add(d->roots, att_buf_bytes(&text), "ATTEST_SIM_ROOT", err);
	return rc == ATT_OK;
}

static bool make_fetcher(struct doctor *d, const char *url, bool insecure, att_err *err)
{
	const struct att_fetch_endpoint endpoint = { .url = url, .insecure = insecure };
	const char *proxy = d->c->env("https_proxy");
	const char *no_proxy = d->c->env("no_proxy");

	if (!make_roots(d, err))
		return false;
	const struct att_fetch_options o = {
		.endpoints = &endpoint,
		.endpoint_count = 1,
		.clock = cli_fetch_clock,
		.roots = d->roots,
		.ca_file = cli_value(d->a, DOCTOR_OPT_PCCS_CA),
		.api_key = d->c->env("PCS_API_KEY"),
		.proxy = proxy ? proxy : d->c->env("HTTPS_PROXY"),
		.no_proxy = no_proxy ? no_proxy : d->c->env("NO_PROXY"),
		.deadline_ms = DEADLINE_MS,
	};

	return att_fetcher_new(&o, &d->fetcher, err) == ATT_OK;
}

static const char *remedy_of(att_rc rc)
{
	switch (rc) {
	case ATT_E_CHAIN:
	case ATT_E_SIGNATURE:
		return "the service serves what its signers did not make, or another world's; "
		       "for a simulated one set ATTEST_SIM_ROOT";
	case ATT_E_MISSING:
		return "the service runs and lacks this: let it fetch it (attestd pccs, LAZY), or "
		       "register the platform";
	case ATT_E_DENIED:
		return "the service wants a token or a key (PCS_API_KEY)";
	case ATT_E_UNAVAILABLE:
		return "the service is overloaded or slow, or its own source is: try again later, "
		       "or name another (--pccs)";
	default:
		return "is the service running, is its address right, is its TLS certificate of "
		       "a CA that is trusted here (--pccs-ca)?";
	}
}

/* Both the service and its data are looked at by one request that every service answers. */
static void ask(struct doctor *d, const char *url, bool insecure)
{
	const struct att_pcs_request r = { .what = ATT_PCS_QE_IDENTITY, .version = 4 };
	struct att_http_response answer = { 0 };
	struct att_identity_facts facts;
	char next[ATT_TIME_TEXT];
	att_err err = { 0 };

	att_rc rc = att_pcs_client_get(d->fetcher->client, &r, &answer, NULL, &err);
	const char *date = att_http_response_header(&answer, "Date");
	snprintf(d->date, sizeof(d->date), "%s", date ? date : "");
	if (rc != ATT_OK) /* the message names the address */
		doctor_say(d, "pccs", DOCTOR_MISSING, remedy_of(rc), "%s", err.msg);
	else
		doctor_say(d, "pccs", insecure ? DOCTOR_WARN : DOCTOR_OK,
			   "let its certificate be checked (use_secure_cert)", "%s answers%s", url,
			   insecure                         ? "; nobody checks its certificate"
			   : strncmp(url, "https:", 6) == 0 ? ", its certificate is trusted"
							    : ", without TLS");
	if (rc == ATT_OK &&
	    att_identity_read(att_buf_bytes(&answer.body), &facts, &err) == ATT_OK) {
		int64_t days = (facts.next_update - d->c->now) / DAY;
		att_time_format(facts.next_update, next);
		doctor_say(d, "collateral.dates",
			   days >= 0 && facts.next_update > d->c->now ? DOCTOR_OK : DOCTOR_WARN,
			   "let the service refresh what it holds (PCCS: GET /refresh)",
			   "the identity of the QE is to be renewed by %s", next);
	}
	att_http_response_free(&answer);
}

void doctor_services(struct doctor *d)
{
	struct att_qcnl q = { .use_secure_cert = true };
	const char *given = given_url(d);
	att_err err = { 0 };

	bool read = read_qcnl(d, &q);
	const char *url = given ? given : read ? qcnl_url(&q) : NULL;
	bool insecure = !given && !q.use_secure_cert && url && strncmp(url, "https:", 6) == 0;
	if (cli_given(d->a, DOCTOR_OPT_OFFLINE))
		doctor_say(d, "pccs", DOCTOR_ASIDE, NULL, "not asked (--offline)");
	else if (!url)
		doctor_say(d, "pccs", DOCTOR_MISSING,
			   "name one: --pccs URL, PCCS_URL or " CLI_QCNL_PATH
			   "; run one: attestd pccs",
			   "no service is known");
	else if (make_fetcher(d, url, insecure, &err))
		ask(d, url, insecure);
	else
		doctor_say(d, "pccs", DOCTOR_MISSING, "mend the address, or the file", "%s: %s",
			   url, err.msg[0] ? err.msg : "out of memory");
	if (read)
		att_qcnl_free(&q);
}

/* --- This platform's own --- */

static void judge(struct doctor *d)
{
	auto_verdict att_verdict *v = NULL;
	att_err err = { 0 };
	const struct att_verify_in in = {
		.evidence = d->evidence,
		.collateral = d->collateral,
		.roots = d->roots,
		.now = d->c->now,
		.bound_data = ATT_UNBOUND,
	};

	if (att_verify(&in, NULL, &v, &err) != ATT_OK) {
		doctor_say(d, "platform.tcb", DOCTOR_WARN, "attest verify says more", "%s",
			   err.msg);
		return;
	}
	const struct att_tcb *tcb = att_verdict_tcb(v);
	bool best = tcb->status == ATT_TCB_UP_TO_DATE;
	doctor_say(d, "platform.tcb", best ? DOCTOR_OK : DOCTOR_WARN,
		   "update firmware, microcode and TDX module of this machine", "%s%s",
		   att_tcb_status_name(tcb->status),
		   att_verdict_simulated(v) ? ", simulated: proves nothing about hardware" : "");
}

void doctor_collateral(struct doctor *d)
{
	const struct att_fetch_set set = { 0 };
	att_err err = { 0 };

	if (!d->fetcher || !d->date[0])
		return;
	if (!d->evidence || !att_evidence_quote(d->evidence)) {
		doctor_say(d, "platform.collateral", DOCTOR_ASIDE, NULL,
			   "no quote says which platform this is");
		return;
	}
	att_rc rc = att_fetch_collateral(d->fetcher, d->evidence, &set, d->c->now, &d->collateral,
					 NULL, &err);
	if (rc != ATT_OK) {
		doctor_say(d, "platform.collateral", DOCTOR_MISSING, remedy_of(rc), "%s", err.msg);
		return;
	}
	doctor_say(d, "platform.collateral", DOCTOR_OK, NULL,
		   "the service has all that verifying this machine's quotes needs");
	judge(d);
}

/* --- The clock --- */

static int two_digits(const char *p)
{
	bool digits = p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9';

	return digits ? (p[0] - '0') * 10 + p[1] - '0' : -1;
}

/* RFC 9110 section 5.6.7, IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT". */
static bool read_date(const char *s, int64_t *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char name[4] = "";

	if (strlen(s) != 29)
		return false;
	memcpy(name, s + 8, 3);
	const char *m = strstr(months, name);
	int century = two_digits(s + 12), year = two_digits(s + 14);
	if (!m || (m - months) % 3 != 0 || century < 0 || year < 0)
		return false;
	return att_civil_to_time(100 * century + year, (int)(m - months) / 3 + 1, two_digits(s + 5),
				 two_digits(s + 17), two_digits(s + 20), two_digits(s + 23), out);
}

static void against_service(struct doctor *d)
{
	int64_t there;

	if (!read_date(d->date, &there))
		return;
	int64_t off = d->c->now - there;
	bool good = off <= CLOCK_OFF && off >= -CLOCK_OFF;
	if (good)
		doctor_say(d, "clock.service", DOCTOR_OK, NULL, "agrees with the service's");
	else
		doctor_say(
		    d, "clock.service", DOCTOR_WARN,
		    "set it (timedatectl set-ntp true); dates of collateral are judged by it",
		    "%lld seconds %s the service's", (long long)(off < 0 ? -off : off),
		    off < 0 ? "behind" : "before");
}

/* A clock outside the dates of the machine's own certificate is wrong, or the certificate over. */
static void against_certificate(struct doctor *d)
{
	const struct att_quote *q = d->evidence ? att_evidence_quote(d->evidence) : NULL;
	struct att_cert_facts certs[ATT_CERTS_MAX];
	size_t n = 0;

	if (!q || q->cert_type != 5 || att_certs_read(q->cert_data, certs, &n, NULL) != ATT_OK ||
	    !n)
		return;
	bool inside = certs[0].not_before <= d->c->now && d->c->now <= certs[0].not_after;
	doctor_say(d, "clock.certificate", inside ? DOCTOR_OK : DOCTOR_WARN,
		   "set the clock, or renew the PCK certificate",
		   "%s the dates of the PCK certificate", inside ? "inside" : "outside");
}

void doctor_clock(struct doctor *d)
{
	size_t before = d->count;

	against_service(d);
	against_certificate(d);
	if (d->count == before)
		doctor_say(d, "clock", DOCTOR_ASIDE, NULL,
			   "nothing to compare it with: no service answered, and no certificate");
}
