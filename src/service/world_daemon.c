/* SPDX-License-Identifier: Apache-2.0 */
#include "service/world_daemon.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/aesm/client.h"
#include "platform/aesm/sim_backend.h"
#include "service/aesm_server.h"
#include "service/cpu_service.h"
#include "service/http_server.h"
#include "service/lines.h"
#include "service/net.h"
#include "service/sandbox.h"
#include "service/tls.h"
#include "service/world_control.h"
#include "service/world_internal.h"

#define STOP_MS 2000
#define SAVE_MS 2000

/* The world's time: the machine's, moved, or standing still. */
struct world_clock {
	bool still;
	int64_t at;     /* while it stands */
	int64_t offset; /* else, to the machine's time */
};

/* One API, with and without TLS. */
struct api {
	struct att_world_daemon *daemon;
	enum att_sim_flavour flavour;
	att_http_server *server;
};

struct att_world_daemon {
	att_loop *loop;
	struct world_clock clock;
	struct att_world_place place;
	att_err trouble; /* of the last attempt to save */
	int lock;
	struct att_world_state state;
	att_sim_world *world;
	struct ssl_ctx_st *tls;
	struct api pccs;
	struct api pcs;
	struct att_aesm_backend aesm_backend;
	struct att_aesm_server aesm_server;
	att_aesm_service *aesm;
	att_cpu_service *cpu;
	att_lines *control;
	att_timer *save;
	att_timer *stop_soon;
	att_signal *signals[2];
	unsigned stopping; /* servers that are still busy, and one */
};

static int64_t world_now(const struct att_world_daemon *d)
{
	return d->clock.still ? d->clock.at : att_loop_now(d->loop) + d->clock.offset;
}

/* --- The end --- */

static void on_stopped(void *ctx)
{
	struct att_world_daemon *d = ctx;

	if (--d->stopping == 0)
		att_loop_stop(d->loop);
}

static void stop(struct att_world_daemon *d)
{
	if (d->stopping)
		return;
	d->stopping = 2;
	att_http_server_stop(d->pccs.server, STOP_MS, on_stopped, d);
	att_http_server_stop(d->pcs.server, STOP_MS, on_stopped, d);
}

static void on_signal(void *ctx, int signo)
{
	(void)signo;
	stop(ctx);
}

static void on_stop_soon(void *ctx)
{
	stop(ctx);
}

/* --- State --- */

/* The counters go on all the time; they are written when they have moved for a while, the dial at
 * once. What fails is tried again, and a status tells of it. */
static void on_save(void *ctx)
{
	struct att_world_daemon *d = ctx;

	d->trouble.rc = att_world_state_save(&d->state, d->world, &d->trouble);
	att_timer_set(d->save, SAVE_MS);
}

/* --- The services --- */

static void on_request(void *ctx, const struct att_http_request *request, att_http_reply *reply)
{
	struct api *api = ctx;
	struct att_world_daemon *d = api->daemon;
	struct att_http_response response = { 0 };

	if (att_sim_world_answer(d->world, api->flavour, request, world_now(d), &response, NULL) !=
	    ATT_OK) {
		att_http_response_free(&response);
		response.status = 500;
	}
	att_http_reply_send(reply, &response);
}

static uint64_t aesm_requests(const struct att_world_daemon *d)
{
	uint64_t answered;
	uint64_t dropped;

	att_aesm_service_counts(d->aesm, &answered, &dropped);
	return answered;
}

static bool on_line(void *ctx, att_bytes line, att_buf *answer)
{
	struct att_world_daemon *d = ctx;
	bool turned;
	bool ends;
	const struct att_world_status status = {
		.place = &d->place,
		.intel_sim = d->state.intel_sim,
		.trouble = d->trouble.rc == ATT_OK ? NULL : d->trouble.msg,
		.now = world_now(d),
		.api_requests = att_http_server_counts(d->pccs.server).requests +
				att_http_server_counts(d->pcs.server).requests,
		.aesm_requests = aesm_requests(d),
		.cpu_connections = att_cpu_service_connections(d->cpu),
	};

	if (att_control_answer(line, d->world, &status, answer, &turned, &ends, NULL) != ATT_OK)
		return false;
	if (turned) {
		on_save(d);
		if (att_world_empty_cache(&d->place, &d->trouble) != ATT_OK)
			return false;
	}
	/* The answer goes out first. */
	if (ends)
		att_timer_set(d->stop_soon, 1);
	return true;
}

static att_rc qe_target(void *ctx, uint8_t target[ATT_SGX_TARGETINFO_LEN], att_err *err)
{
	(void)err;
	att_sim_world_target(ctx, ATT_SIM_QE, target);
	return ATT_OK;
}

static att_rc quote(void *ctx, int kind, const uint8_t report[ATT_SGX_REPORT_LEN], att_buf *out,
		    att_err *err)
{
	return att_sim_world_quote(ctx, (enum att_sim_kind)kind, report, out, err);
}

static att_rc td_quote(void *ctx, int kind, const uint8_t report[ATT_TDREPORT_LEN], att_buf *out,
		       att_err *err)
{
	return att_sim_world_td_quote(ctx, (enum att_sim_kind)kind, report, out, err);
}

/* --- Starting --- */

static void url(char out[static ATT_WORLD_URL], const char *scheme, int fd)
{
	snprintf(out, ATT_WORLD_URL, "%s://127.0.0.1:%u/sgx/certification/v4/", scheme,
		 att_net_port(fd));
}

static att_rc open_api(struct att_world_daemon *d, struct api *api, enum att_sim_flavour flavour,
		       char *plain, char *tls, att_err *err)
{
	/* A whole test suite is one peer here. With those of the other services, connections stay
	 * below the 1024 descriptors that every system gives. */
	const struct att_http_limits limits = { .connections = 256, .connections_per_peer = 256 };
	att_auto_fd int fd = -1;

	*api = (struct api){ .daemon = d, .flavour = flavour };
	att_rc rc = att_http_server_new(d->loop, &limits, on_request, api, &api->server, err);
	for (int i = 0; rc == ATT_OK && i < 2; i++) {
		rc = att_net_listen("127.0.0.1:0", &fd, err);
		if (rc != ATT_OK)
			break;
		url(i ? tls : plain, i ? "https" : "http", fd);
		rc = att_http_server_listen(api->server, fd, i ? d->tls : NULL, err);
		fd = -1;
	}
	return rc;
}

/* The API's certificate is no part of the simulated world: its dates are the machine's. */
static att_rc open_tls(struct att_world_daemon *d, att_err *err)
{
	static const char names[] = "localhost 127.0.0.1";
	int64_t now = att_loop_now(d->loop);
	char private[ATT_PATH_ROOM], chain_path[ATT_PATH_ROOM], key_path[ATT_PATH_ROOM];
	char ca_path[ATT_PATH_ROOM];
	att_auto_buf att_buf chain = { 0 }, key = { 0 }, ca = { 0 };

	att_world_path(&d->place, ATT_WORLD_CA, ca_path);
	att_world_path(&d->place, ATT_WORLD_PRIVATE, private);
	if (d->place.kept && att_path_join(chain_path, private, "tls.pem") &&
	    att_path_join(key_path, private, "tls.key"))
		return att_tls_from_files(chain_path, key_path, ca_path, names, now, &d->tls, err);
	att_rc rc = att_tls_make(names, now, 825, &chain, &key, &ca, err);
	if (rc == ATT_OK)
		rc = att_file_write(ca_path, att_buf_bytes(&ca), 0644, err);
	if (rc == ATT_OK)
		rc = att_tls_new(att_buf_bytes(&chain), att_buf_bytes(&key), &d->tls, err);
	if (key.ptr)
		att_wipe(key.ptr, key.cap);
	return rc;
}

static att_rc open_cpu(struct att_world_daemon *d, att_err *err)
{
	const struct att_sim_quoter quoter = {
		.ctx = d->world, .qe_target = qe_target, .quote = quote, .td_quote = td_quote
	};
	char path[ATT_PATH_ROOM];
	int fd = -1;

	att_world_path(&d->place, ATT_WORLD_CPU, path);
	att_rc rc = att_net_listen_unix(path, SOCK_SEQPACKET, 0666, &fd, err);
	if (rc == ATT_OK)
		rc = att_cpu_service_new(d->loop, fd, att_sim_world_cpu(d->world), &quoter, NULL,
					 &d->cpu, err);
	return rc;
}

static att_rc open_aesm(struct att_world_daemon *d, bool abstract, att_err *err)
{
	char path[ATT_PATH_ROOM];
	const struct att_aesm_listen listen = { .path = path,
						.abstract = abstract ? ATT_AESM_ABSTRACT : NULL };

	att_world_path(&d->place, ATT_WORLD_AESM, path);
	att_aesm_sim_backend(d->world, &d->aesm_backend);
	d->aesm_server = (struct att_aesm_server){ .backend = &d->aesm_backend,
						   .preferred = ATT_AESM_ECDSA_P256 };
	return att_aesm_service_new(d->loop, &d->aesm_server, &listen, &d->aesm, err);
}

static att_rc open_control(struct att_world_daemon *d, att_err *err)
{
	char path[ATT_PATH_ROOM];
	int fd = -1;

	att_world_path(&d->place, ATT_WORLD_CONTROL, path);
	att_rc rc = att_net_listen_unix(path, SOCK_STREAM, 0600, &fd, err);
	if (rc == ATT_OK)
		rc = att_lines_new(d->loop, fd, ATT_CONTROL_LINE_MAX, on_line, d, &d->control, err);
	return rc;
}

static att_rc open_loop(struct att_world_daemon *d, att_err *err)
{
	static const int ends[] = { SIGTERM, SIGINT };

	att_rc rc = att_loop_new(NULL, &d->loop, err);
	for (size_t i = 0; rc == ATT_OK && i < ATT_COUNT(ends); i++)
		rc = att_signal_new(d->loop, ends[i], on_signal, d, &d->signals[i], err);
	if (rc == ATT_OK)
		rc = att_timer_new(d->loop, on_save, d, &d->save, err);
	if (rc == ATT_OK)
		rc = att_timer_new(d->loop, on_stop_soon, d, &d->stop_soon, err);
	return rc;
}

static att_rc open_services(struct att_world_daemon *d, bool abstract, att_err *err)
{
	struct att_world_place *p = &d->place;

	att_rc rc = open_tls(d, err);
	if (rc == ATT_OK)
		rc = open_api(d, &d->pccs, ATT_SIM_PCCS, p->pccs_url, p->pccs_tls_url, err);
	if (rc == ATT_OK)
		rc = open_api(d, &d->pcs, ATT_SIM_PCS, p->pcs_url, p->pcs_tls_url, err);
	if (rc == ATT_OK)
		rc = open_cpu(d, err);
	if (rc == ATT_OK)
		rc = open_aesm(d, abstract, err);
	return rc == ATT_OK ? open_control(d, err) : rc;
}

static void set_clock(struct att_world_daemon *d, const struct att_world_options *o)
{
	int64_t now = att_loop_now(d->loop);

	d->clock.still = o->timed && !o->runs;
	d->clock.at = o->time;
	d->clock.offset = o->timed ? o->time - now : 0;
}

att_rc att_world_daemon_open(const struct att_world_options *o, struct att_world_daemon **out,
			     att_err *err)
{
	const struct att_sandbox sandbox = { .may = ATT_SANDBOX_FILES, .files = 1024 };

	*out = NULL;
	struct att_world_daemon *d = calloc(1, sizeof(*d));
	if (!d)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	d->lock = -1;
	/* Nobody looks into this process from before there is a secret in it. */
	att_rc rc = att_sandbox_hide(err);
	if (rc == ATT_OK)
		rc = open_loop(d, err);
	if (rc == ATT_OK)
		rc = att_world_place_make(o->dir, o->tmp, &d->place, &d->lock, err);
	if (rc == ATT_OK) {
		set_clock(d, o);
		rc = att_world_open(o, &d->place, world_now(d), &d->state, &d->world, err);
	}
	if (rc == ATT_OK)
		rc = open_services(d, o->abstract, err);
	if (rc == ATT_OK)
		rc = att_world_put_files(&d->place, d->world, o->seed, err);
	if (rc == ATT_OK)
		rc = att_sandbox_enter(&sandbox, err);
	if (rc != ATT_OK) {
		att_world_daemon_close(d);
		return rc;
	}
	att_timer_set(d->save, SAVE_MS);
	*out = d;
	return ATT_OK;
}

const struct att_world_place *att_world_daemon_place(const struct att_world_daemon *d)
{
	return &d->place;
}

att_rc att_world_daemon_run(struct att_world_daemon *d, att_err *err)
{
	att_rc rc = att_loop_run(d->loop, err);

	return rc == ATT_OK ? att_world_state_save(&d->state, d->world, err) : rc;
}

void att_world_daemon_close(struct att_world_daemon *d)
{
	if (!d)
		return;
	att_lines_free(d->control);
	att_aesm_service_free(d->aesm);
	att_cpu_service_free(d->cpu);
	att_http_server_free(d->pccs.server);
	att_http_server_free(d->pcs.server);
	att_tls_free(d->tls);
	att_timer_free(d->save);
	att_timer_free(d->stop_soon);
	for (size_t i = 0; i < ATT_COUNT(d->signals); i++)
		att_signal_free(d->signals[i]);
	att_loop_free(d->loop);
	att_sim_world_free(d->world);
	att_world_state_free(&d->state);
	if (d->lock >= 0)
		att_world_place_leave(&d->place);
	att_fd_cleanup(&d->lock);
	free(d);
}
