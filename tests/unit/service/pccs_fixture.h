/* SPDX-License-Identifier: Apache-2.0 */
/* The caching service over a store in a file and a simulated provisioning service in this process,
 * with a clock of the test's and faults of the service's dial. Include once. */
#ifndef ATT_TESTS_PCCS_FIXTURE_H
#define ATT_TESTS_PCCS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "codec/json.h"
#include "collateral/crlbytes.h"
#include "platform/sim/dial.h"
#include "platform/sim/world.h"
#include "service/pccs/pccs.h"

#define BORN  INT64_C(1750000000)
#define DAY   INT64_C(86400)
#define TOKEN "secret"

/* What a test does around the upstream's work. */
#ifndef PCCS_BEFORE_ASK
#define PCCS_BEFORE_ASK ((void)0)
#define PCCS_AFTER_ASK  ((void)0)
#endif

#define V4  "/sgx/certification/v4/"
#define TDX "/tdx/certification/v4/"

struct fixture {
	char path[128];
	att_sim_world *world;
	att_roots *roots;
	att_pccs_store *store;
	att_pccs *p;
	struct att_pccs_token token;
	int64_t now;
	unsigned asked;
	bool dead;           /* the upstream does not answer */
	const char *replace; /* ... or what it answers has this in place of that */
	const char *with;
	char words[4096]; /* of the log */
	struct att_http_response r;
	int64_t until;
};

static struct fixture *f;

/* --- The upstream --- */

static inline void put_request(att_buf *target, const struct att_pcs_request *r)
{
	if (r->what == ATT_PCS_ROOT_CA_CRL)
		att_put_str(target, "/IntelSGXRootCA.der");
	else
		att_pcs_put_target(target, r);
	att_put_u8(target, 0);
}

static inline void tamper(struct att_http_response *out)
{
	uint8_t *at = f->replace
			  ? memmem(out->body.ptr, out->body.len, f->replace, strlen(f->replace))
			  : NULL;

	if (at)
		memcpy(at, f->with, strlen(f->with));
}

static inline att_rc answer_request(void *ctx, const struct att_pcs_request *r, att_bytes body,
				    struct att_http_response *out, att_err *err)
{
	struct att_http_request request = { 0 };
	att_auto_buf att_buf target = { 0 };

	assert_ptr_equal(ctx, f);
	f->asked++;
	if (f->dead)
		return att_fail(err, ATT_E_IO, "no answer");
	put_request(&target, r);
	assert_int_equal(
	    att_http_request_line(&request, body.len ? "POST" : "GET", (char *)target.ptr, NULL),
	    ATT_OK);
	assert_int_equal(att_http_request_header(&request, "Ocp-Apim-Subscription-Key",
						 "0123456789abcdef0123456789abcdef", NULL),
			 ATT_OK);
	request.body = body;
	att_rc rc = att_sim_world_answer(f->world, ATT_SIM_PCS, &request, f->now, out, err);
	att_http_request_free(&request);
	if (rc == ATT_OK && out->status != 200)
		rc = att_fail(err, ATT_E_UNAVAILABLE, "status %d", out->status);
	if (rc == ATT_OK)
		tamper(out);
	return rc;
}

/* The simulated service is not what is tested: its allocations do not fail. */
static inline att_rc ask(void *ctx, const struct att_pcs_request *r, att_bytes body,
			 struct att_http_response *out, att_err *err)
{
	PCCS_BEFORE_ASK;
	att_rc rc = answer_request(ctx, r, body, out, err);
	PCCS_AFTER_ASK;
	return rc;
}

static inline void note(void *ctx, enum att_pccs_level level, const char *text)
{
	assert_ptr_equal(ctx, f);
	(void)level;
	strncat(f->words, text, sizeof(f->words) - strlen(f->words) - 2);
	strcat(f->words, "\n");
}

/* --- Requests --- */

static inline int send_as(const char *method, const char *target, const char *token,
			  const char *body)
{
	struct att_http_request request = { 0 };

	att_http_response_free(&f->r);
	f->r = (struct att_http_response){ 0 };
	assert_int_equal(att_http_request_line(&request, method, target, NULL), ATT_OK);
	if (token) {
		assert_int_equal(att_http_request_header(&request, "Admin-Token", token, NULL),
				 ATT_OK);
		assert_int_equal(att_http_request_header(&request, "user-token", token, NULL),
				 ATT_OK);
	}
	request.body = att_bytes_of(body, body ? strlen(body) : 0);
	att_pccs_answer(f->p, &request, f->now, &f->r, &f->until);
	att_http_request_free(&request);
	return f->r.status;
}

static inline int get(const char *target)
{
	return send_as("GET", target, NULL, NULL);
}

static inline const char *header(const char *name)
{
	return att_http_response_header(&f->r, name);
}

static inline bool body_has(const char *text)
{
	return memmem(f->r.body.ptr, f->r.body.len, text, strlen(text)) != NULL;
}

/* "qeid=...&pceid=0000&cpusvn=...&pcesvn=...&encrypted_ppid=..." of the world's platform. */
static inline char *platform_query(const char *prefix, bool with_ppid)
{
	const struct att_platform *is = att_sim_world_platform(f->world);
	uint8_t ppid[ATT_SIM_ENCRYPTED_PPID];
	att_auto_buf att_buf b = { 0 };

	att_put_str(&b, prefix);
	att_put_str(&b, "qeid=");
	att_put_hex(&b, att_sim_world_qe_id(f->world));
	att_put_str(&b, "&pceid=");
	att_put_hex(&b, att_bytes_of(is->pce_id, sizeof(is->pce_id)));
	att_put_str(&b, "&cpusvn=");
	att_put_hex(&b, att_bytes_of(is->cpu_svn, sizeof(is->cpu_svn)));
	att_putf(&b, "&pcesvn=%02x%02x", is->pce_svn & 0xff, is->pce_svn >> 8);
	if (with_ppid) {
		assert_int_equal(att_sim_world_encrypted_ppid(f->world, ppid, NULL), ATT_OK);
		att_put_str(&b, "&encrypted_ppid=");
		att_put_hex(&b, att_bytes_of(ppid, sizeof(ppid)));
	}
	return att_buf_steal_str(&b);
}

static inline char *platform_json(void)
{
	const struct att_platform *is = att_sim_world_platform(f->world);
	uint8_t ppid[ATT_SIM_ENCRYPTED_PPID];
	att_auto_buf att_buf b = { 0 };

	assert_int_equal(att_sim_world_encrypted_ppid(f->world, ppid, NULL), ATT_OK);
	att_put_str(&b, "{\"qe_id\":\"");
	att_put_hex(&b, att_sim_world_qe_id(f->world));
	att_put_str(&b, "\",\"pce_id\":\"");
	att_put_hex(&b, att_bytes_of(is->pce_id, sizeof(is->pce_id)));
	att_put_str(&b, "\",\"cpu_svn\":\"");
	att_put_hex(&b, att_bytes_of(is->cpu_svn, sizeof(is->cpu_svn)));
	att_putf(&b, "\",\"pce_svn\":\"%02x%02x\",\"enc_ppid\":\"", is->pce_svn & 0xff,
		 is->pce_svn >> 8);
	att_put_hex(&b, att_bytes_of(ppid, sizeof(ppid)));
	att_put_str(&b, "\",\"platform_manifest\":\"\"}");
	return att_buf_steal_str(&b);
}

static inline char *fmspc_query(const char *prefix)
{
	const struct att_platform *is = att_sim_world_platform(f->world);
	att_auto_buf att_buf b = { 0 };

	att_put_str(&b, prefix);
	att_put_hex(&b, att_bytes_of(is->fmspc, sizeof(is->fmspc)));
	return att_buf_steal_str(&b);
}

static inline int get_of(char *target)
{
	int status = get(target);

	free(target);
	return status;
}

/* --- Life --- */

static inline void start(enum att_pccs_mode mode)
{
	const struct att_pccs_options o = {
		.mode = mode,
		.user = f->token,
		.admin = f->token,
		.refresh_before = 7 * DAY,
		.store = f->store,
		.roots = f->roots,
		.upstream = { ask, f },
		.log = note,
		.log_ctx = f,
	};

	att_pccs_free(f->p);
	assert_int_equal(att_pccs_new(&o, f->now, &f->p, NULL), ATT_OK);
}

static inline void set_dial(const char *name, const char *value)
{
	att_err err = { 0 };

	if (att_sim_world_set(f->world, name, value, &err) != ATT_OK)
		fail_msg("%s", err.msg);
}

static inline void no_note(void *ctx, const char *text)
{
	(void)ctx;
	fail_msg("%s", text);
}

static inline int set_up(void **state)
{
	const struct att_sim_world_options o = { .born = BORN, .seed = "pccs" };
	struct att_pccs_config c;
	char moved[4096];
	static const char config[] =
	    "{\"UserTokenHash\":\"bd2b1aaf7ef4f09be9f52ce2d8d599674d81aa9d6a4421696dc4d93dd0619d682"
	    "ce56b4d64a9ef097761ced99e0f67265b5f76085e5b0ee7ca4696b2ad6fe2b2\"}";

	(void)state;
	f = calloc(1, sizeof(*f));
	f->now = BORN;
	snprintf(f->path, sizeof(f->path), "/tmp/attest-routes-%d.db", (int)getpid());
	assert_int_equal(att_sim_world_new(&o, &f->world, NULL), ATT_OK);
	f->roots = att_roots_new();
	assert_int_equal(att_roots_add(f->roots, att_sim_world_root_pem(f->world), "sim", NULL),
			 ATT_OK);
	assert_int_equal(att_pccs_sqlite_open(f->path, f->now, moved, &f->store, NULL), ATT_OK);
	att_pccs_config_default(&c);
	assert_int_equal(
	    att_pccs_config_read(att_bytes_of(config, sizeof(config) - 1), &c, no_note, NULL, NULL),
	    ATT_OK);
	f->token = c.user;
	start(ATT_PCCS_LAZY);
	return 0;
}

static inline int tear_down(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[160];

	(void)state;
	att_http_response_free(&f->r);
	att_pccs_free(f->p);
	att_pccs_store_close(f->store);
	att_roots_free(f->roots);
	att_sim_world_free(f->world);
	for (size_t i = 0; i < ATT_COUNT(ends); i++) {
		snprintf(path, sizeof(path), "%s%s", f->path, ends[i]);
		unlink(path);
	}
	free(f);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
