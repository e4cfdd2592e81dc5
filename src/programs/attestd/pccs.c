/* SPDX-License-Identifier: Apache-2.0 */
/* attestd pccs: from options to a running service, and its end. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "programs/attestd/setup.h"
#include "service/daemon.h"
#include "service/files.h"
#include "service/http_server.h"
#include "service/net.h"
#include "service/pccs/carrier.h"
#include "service/pccs/renew.h"
#include "service/pccs/upstream.h"
#include "service/sandbox.h"
#include "service/tls.h"

#define STOP_MS    5000
#define LISTEN_MAX 4u
#define FILES_MAX  4096u
#define PATH_ROOM  4096

struct daemon {
	struct setup setup;
	att_roots *roots;
	att_pccs_store *store;
	att_pccs_link *link;
	att_pccs *pccs;
	att_loop *loop;
	att_http_server *server;
	att_pccs_carrier *carrier;
	struct ssl_ctx_st *tls;
	att_signal *on_term;
	att_signal *on_int;
	att_signal *on_hup;
	int listening[LISTEN_MAX];
	size_t listening_count;
	bool stopping;
	enum att_pccs_level level;
};

static void say(void *ctx, enum att_pccs_level level, const char *text)
{
	const struct daemon *d = ctx;

	/* SIGHUP may change it while threads have something to say. */
	if (level <= __atomic_load_n(&d->level, __ATOMIC_RELAXED))
		attestd_log("pccs", level, text);
}

static void ATT_PRINTF(3, 4) sayf(struct daemon *d, enum att_pccs_level level, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	say(d, level, text);
}

static void notify(struct daemon *d, const char *state)
{
	att_err err = { 0 };

	if (att_notify(d->setup.cli->env("NOTIFY_SOCKET"), state, &err) != ATT_OK)
		sayf(d, ATT_PCCS_LOG_WARN, "%s", err.msg);
}

/* --- Listening --- */

static att_rc listen_at(struct daemon *d, const char *where, att_err *err)
{
	if (d->listening_count == LISTEN_MAX)
		return att_fail(err, ATT_E_ARG, "more than %u addresses to listen at", LISTEN_MAX);
	att_rc rc = att_net_listen(where, &d->listening[d->listening_count], err);
	if (rc == ATT_OK)
		d->listening_count++;
	return rc;
}

static att_rc listen_all(struct daemon *d, att_err *err)
{
	const struct att_pccs_config *c = &d->setup.config;
	struct cli *cli = d->setup.cli;
	unsigned inherited = att_listen_fds(cli->env("LISTEN_PID"), cli->env("LISTEN_FDS"));
	char where[300];
	att_rc rc = ATT_OK;

	for (unsigned i = 0; rc == ATT_OK && i < inherited; i++) {
		snprintf(where, sizeof(where), "fd:%u", ATT_LISTEN_FIRST + i);
		rc = listen_at(d, where, err);
	}
	for (size_t i = 0; rc == ATT_OK && cli_value_at(d->setup.args, OPT_LISTEN, i); i++)
		rc = listen_at(d, cli_value_at(d->setup.args, OPT_LISTEN, i), err);
	if (rc == ATT_OK && d->listening_count == 0) {
		const char *host = strcmp(c->hosts, "localhost") == 0 ? "127.0.0.1" : c->hosts;
		snprintf(where, sizeof(where), strchr(host, ':') ? "[%s]:%lld" : "%s:%lld", host,
			 (long long)c->port);
		rc = listen_at(d, where, err);
	}
	return rc;
}

/* --- TLS --- */

static att_rc open_tls(struct daemon *d, struct ssl_ctx_st **out, att_err *err)
{
	const struct att_pccs_config *c = &d->setup.config;
	char ca[ATT_PCCS_PATH_MAX + 8];

	snprintf(ca, sizeof(ca), "%s.ca", c->tls_certificate);
	return att_tls_from_files(c->tls_certificate, c->tls_key, ca, "localhost 127.0.0.1 ::1",
				  att_clock_system.now(att_clock_system.ctx), out, err);
}

/* New connections get the new certificate; those that are open keep theirs. */
static att_rc renew_tls(struct daemon *d, att_err *err)
{
	struct ssl_ctx_st *fresh = NULL;
	att_rc rc = open_tls(d, &fresh, err);

	if (rc == ATT_OK)
		rc = att_tls_renew(d->tls, fresh, err);
	att_tls_free(fresh);
	return rc;
}

/* --- The store, the upstream --- */

static att_rc open_store(struct daemon *d, att_err *err)
{
	const char *where = d->setup.config.store;
	char moved[PATH_ROOM];

	if (setup_is_url(where))
		return att_pccs_postgres_open(where, &d->store, err);
	att_rc rc = att_pccs_sqlite_open(where, att_clock_system.now(att_clock_system.ctx), moved,
					 &d->store, err);
	if (moved[0])
		sayf(d, ATT_PCCS_LOG_ERROR,
		     "the database was damaged: it was moved to %s, and an empty one made", moved);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "%s", where);
}

static att_rc open_upstream(struct daemon *d, att_err *err)
{
	const struct att_pccs_config *c = &d->setup.config;
	const struct att_pccs_link_options o = { .url = c->uri,
						 .api_key = c->api_key,
						 .proxy = c->proxy,
						 .ca_file = c->upstream_ca,
						 .clock = att_clock_system };

	return c->mode == ATT_PCCS_OFFLINE ? ATT_OK : att_pccs_link_new(&o, &d->link, err);
}

static att_rc make_pccs(struct daemon *d, att_err *err)
{
	const struct att_pccs_config *c = &d->setup.config;
	struct att_pccs_options o = {
		.mode = c->mode,
		.user = c->user,
		.admin = c->admin,
		.refresh_before = c->refresh_before,
		.store = d->store,
		.roots = d->roots,
		.clock = att_clock_system.now,
		.clock_ctx = att_clock_system.ctx,
		.log = say,
		.log_ctx = d,
	};

	if (d->link)
		o.upstream = att_pccs_link_upstream(d->link);
	return att_pccs_new(&o, att_clock_system.now(att_clock_system.ctx), &d->pccs, err);
}

/* --- Signals --- */

static void stopped(void *ctx)
{
	struct daemon *d = ctx;

	att_loop_stop(d->loop);
}

static void stop(void *ctx, int signo)
{
	struct daemon *d = ctx;

	if (d->stopping)
		return;
	d->stopping = true;
	sayf(d, ATT_PCCS_LOG_INFO, "stopping: signal %d", signo);
	notify(d, "STOPPING=1");
	att_pccs_stop(d->pccs);
	att_http_server_stop(d->server, STOP_MS, stopped, d);
}

/* Tokens, log level and the certificate; the rest stays until a restart. */
static void reload(void *ctx, int signo)
{
	struct daemon *d = ctx;
	struct setup again = { .cli = d->setup.cli, .args = d->setup.args };
	att_err err = { 0 };

	(void)signo;
	notify(d, "RELOADING=1");
	att_rc rc = setup_read(&again, &err);
	if (rc == ATT_OK) {
		att_pccs_set_tokens(d->pccs, &again.config.user, &again.config.admin);
		__atomic_store_n(&d->level, again.config.level, __ATOMIC_RELAXED);
		if (d->tls)
			rc = renew_tls(d, &err);
	}
	if (rc == ATT_OK)
		say(d, ATT_PCCS_LOG_INFO, "configuration read again");
	else
		sayf(d, ATT_PCCS_LOG_ERROR, "configuration not taken over: %s", err.msg);
	att_wipe(&again.config, sizeof(again.config));
	notify(d, "READY=1");
}

/* --- Life --- */

static att_rc confine(struct daemon *d, att_err *err)
{
	const struct att_sandbox box = {
		.user = cli_value(d->setup.args, OPT_USER),
		.files = FILES_MAX,
		.may = ATT_SANDBOX_FILES | ATT_SANDBOX_CONNECT | ATT_SANDBOX_THREADS,
		.no_call_filter = cli_given(d->setup.args, OPT_NO_SANDBOX),
	};

	return att_sandbox_enter(&box, err);
}

static att_rc make_server(struct daemon *d, att_err *err)
{
	const struct att_pccs_config *c = &d->setup.config;
	const struct att_http_limits limits = {
		.body_max = (size_t)c->body_max,
		.head_ms = (unsigned)c->headers_seconds * 1000,
		.body_ms = (unsigned)c->request_seconds * 1000,
		.idle_ms = (unsigned)c->keep_alive_seconds * 1000,
		.connections = (unsigned)c->connections,
		.requests_per_s = (unsigned)c->rate,
	};
	const struct att_pccs_carrier_options o = {
		.pccs = d->pccs,
		.loop = d->loop,
		.clock = att_clock_system,
		.workers = (unsigned)d->setup.workers,
		.schedule = c->has_schedule ? &c->schedule : NULL,
	};

	att_rc rc = att_pccs_carrier_new(&o, &d->carrier, err);
	if (rc == ATT_OK)
		rc = att_http_server_new(d->loop, &limits, att_pccs_carrier_handle, d->carrier,
					 &d->server, err);
	if (rc == ATT_OK)
		att_pccs_carrier_show(d->carrier, d->server);
	while (rc == ATT_OK && d->listening_count > 0) {
		int fd = d->listening[--d->listening_count];
		char name[ATT_NET_NAME];
		att_net_name(fd, name);
		rc = att_http_server_listen(d->server, fd, d->tls, err);
		if (rc == ATT_OK)
			sayf(d, ATT_PCCS_LOG_INFO, "listening at %s%s",
			     strncmp(name, "unix:", 5) == 0 ? ""
			     : d->tls                       ? "https://"
							    : "http://",
			     name);
	}
	return rc;
}

/* Everything that needs rights or files comes before the sandbox, threads after it. */
static att_rc start(struct daemon *d, att_err *err)
{
	att_rc rc = setup_read(&d->setup, err);

	d->level = d->setup.config.level;
	if (rc == ATT_OK)
		rc = setup_roots(&d->setup, &d->roots, err);
	if (rc == ATT_OK)
		rc = listen_all(d, err);
	if (rc == ATT_OK)
		rc = confine(d, err);
	if (rc == ATT_OK && !d->setup.http)
		rc = open_tls(d, &d->tls, err);
	if (rc == ATT_OK)
		rc = open_store(d, err);
	if (rc == ATT_OK)
		rc = open_upstream(d, err);
	if (rc == ATT_OK)
		rc = make_pccs(d, err);
	if (rc == ATT_OK)
		rc = bundle_import(d->setup.config.bundle, d->pccs, err);
	if (rc == ATT_OK)
		rc = att_loop_new(&att_clock_system, &d->loop, err);
	if (rc == ATT_OK)
		rc = att_signal_new(d->loop, SIGTERM, stop, d, &d->on_term, err);
	if (rc == ATT_OK)
		rc = att_signal_new(d->loop, SIGINT, stop, d, &d->on_int, err);
	if (rc == ATT_OK)
		rc = att_signal_new(d->loop, SIGHUP, reload, d, &d->on_hup, err);
	return rc == ATT_OK ? make_server(d, err) : rc;
}

static void end(struct daemon *d)
{
	att_pccs_carrier_free(d->carrier);
	att_http_server_free(d->server);
	att_signal_free(d->on_term);
	att_signal_free(d->on_int);
	att_signal_free(d->on_hup);
	while (d->listening_count > 0)
		att_fd_cleanup(&d->listening[--d->listening_count]);
	att_loop_free(d->loop);
	att_pccs_free(d->pccs);
	att_pccs_link_free(d->link);
	att_pccs_store_close(d->store);
	att_tls_free(d->tls);
	att_roots_free(d->roots);
	att_wipe(&d->setup.config, sizeof(d->setup.config));
}

static enum cli_exit run(struct cli *c, const struct cli_args *a)
{
	struct daemon d = { .setup = { .cli = c, .args = a } };
	att_err err = { 0 };

	/* A limit of file sizes is an error of one write, as a full disk is. */
	signal(SIGXFSZ, SIG_IGN);
	att_ignore_sigpipe();
	att_rc rc = start(&d, &err);
	if (rc == ATT_OK) {
		if (d.setup.config.mode == ATT_PCCS_LAZY && !d.setup.config.user.set)
			say(&d, ATT_PCCS_LOG_WARN,
			    "no UserTokenHash: nobody can register a platform");
		notify(&d, "READY=1");
		rc = att_loop_run(d.loop, &err);
	}
	end(&d);
	if (rc == ATT_OK) {
		say(&d, ATT_PCCS_LOG_INFO, "stopped");
		return CLI_ACCEPTED;
	}
	cli_error(c, "%s", err.msg);
	return rc == ATT_E_ARG || rc == ATT_E_FORMAT ? CLI_USAGE : CLI_NO_ANSWER;
}

static const struct cli_option options[] = {
	{ .id = OPT_CONFIG,
	  .letter = 'c',
	  .name = "config",
	  .value = "FILE",
	  .path = true,
	  .help = "configuration; a default.json of Intel's PCCS is read as it is" },
	{ .id = OPT_LISTEN,
	  .letter = 'l',
	  .name = "listen",
	  .value = "WHERE",
	  .repeats = true,
	  .help = "ADDRESS:PORT, unix:PATH or fd:N, in place of the configuration's hosts and "
		  "HTTPS_PORT" },
	{ .id = OPT_STORE,
	  .name = "store",
	  .value = "WHERE",
	  .help = "a SQLite file, or a postgresql:// URL that replicas share" },
	{ .id = OPT_UPSTREAM,
	  .name = "upstream",
	  .value = "URL",
	  .help = "the provisioning service, in place of the configuration's uri" },
	{ .id = OPT_UPSTREAM_CA,
	  .name = "upstream-ca",
	  .value = "FILE",
	  .path = true,
	  .help = "certificates that vouch for its TLS, and the system's no more" },
	{ .id = OPT_ROOT,
	  .name = "root",
	  .value = "FILE",
	  .path = true,
	  .repeats = true,
	  .help = "root certificate of the collateral, in place of Intel's" },
	{ .id = OPT_FILL_MODE,
	  .name = "fill-mode",
	  .value = "MODE",
	  .choices = "LAZY REQ OFFLINE",
	  .help = "when the provisioning service is asked" },
	{ .id = OPT_TLS_CERT,
	  .name = "tls-cert",
	  .value = "FILE",
	  .path = true,
	  .help = "certificate chain; made with its key where both files are absent" },
	{ .id = OPT_TLS_KEY,
	  .name = "tls-key",
	  .value = "FILE",
	  .path = true,
	  .help = "its private key" },
	{ .id = OPT_HTTP, .name = "http", .help = "serve without TLS (behind a proxy)" },
	{ .id = OPT_BUNDLE,
	  .name = "offline-bundle",
	  .value = "DIR",
	  .path = true,
	  .help = "take the collateral in this directory at the start" },
	{ .id = OPT_USER,
	  .name = "user",
	  .value = "NAME",
	  .help = "become this user once the sockets are open" },
	{ .id = OPT_WORKERS,
	  .name = "workers",
	  .value = "N",
	  .help = "threads that wait for store and upstream (8)" },
	{ .id = OPT_LOG_LEVEL,
	  .name = "log-level",
	  .value = "LEVEL",
	  .choices = "error warn info debug",
	  .help = "how much is logged on standard error" },
	{ .id = OPT_NO_SANDBOX,
	  .name = "no-sandbox",
	  .help = "leave all system calls open (for debugging)" },
	CLI_OPTION_HELP,
};

const struct cli_command attestd_pccs = {
	.name = "pccs",
	.program = "attestd",
	.page = "attestd-pccs",
	.summary = "cache of provisioning collateral: a drop-in for Intel's PCCS",
	.about = "Serves PCK certificates, TCB info, enclave identities and CRLs to the quote "
		 "provider library and to verifiers. What comes from the provisioning service is "
		 "authenticated before it is kept.\n"
		 "SIGTERM ends it gracefully, SIGHUP reads tokens and certificate again.",
	.options = options,
	.option_count = ATT_COUNT(options),
	.run = run,
};
