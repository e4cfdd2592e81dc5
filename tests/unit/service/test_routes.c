/* SPDX-License-Identifier: Apache-2.0 */
/* Every route over a store in a file and a simulated provisioning service in this process, with a
 * clock of the test's and faults of its dial. */
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
#define V4    "/sgx/certification/v4/"
#define TDX   "/tdx/certification/v4/"

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

static void put_request(att_buf *target, const struct att_pcs_request *r)
{
	if (r->what == ATT_PCS_ROOT_CA_CRL)
		att_put_str(target, "/IntelSGXRootCA.der");
	else
		att_pcs_put_target(target, r);
	att_put_u8(target, 0);
}

static void tamper(struct att_http_response *out)
{
	uint8_t *at = f->replace
			  ? memmem(out->body.ptr, out->body.len, f->replace, strlen(f->replace))
			  : NULL;

	if (at)
		memcpy(at, f->with, strlen(f->with));
}

static att_rc ask(void *ctx, const struct att_pcs_request *r, att_bytes body,
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

static void note(void *ctx, enum att_pccs_level level, const char *text)
{
	assert_ptr_equal(ctx, f);
	(void)level;
	strncat(f->words, text, sizeof(f->words) - strlen(f->words) - 2);
	strcat(f->words, "\n");
}

/* --- Requests --- */

static int send_as(const char *method, const char *target, const char *token, const char *body)
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

static int get(const char *target)
{
	return send_as("GET", target, NULL, NULL);
}

static const char *header(const char *name)
{
	return att_http_response_header(&f->r, name);
}

static bool body_has(const char *text)
{
	return memmem(f->r.body.ptr, f->r.body.len, text, strlen(text)) != NULL;
}

/* "qeid=...&pceid=0000&cpusvn=...&pcesvn=...&encrypted_ppid=..." of the world's platform. */
static char *platform_query(const char *prefix, bool with_ppid)
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

static char *platform_json(void)
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

static char *fmspc_query(const char *prefix)
{
	const struct att_platform *is = att_sim_world_platform(f->world);
	att_auto_buf att_buf b = { 0 };

	att_put_str(&b, prefix);
	att_put_hex(&b, att_bytes_of(is->fmspc, sizeof(is->fmspc)));
	return att_buf_steal_str(&b);
}

static int get_of(char *target)
{
	int status = get(target);

	free(target);
	return status;
}

/* --- Life --- */

static void start(enum att_pccs_mode mode)
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

static void set_dial(const char *name, const char *value)
{
	att_err err = { 0 };

	if (att_sim_world_set(f->world, name, value, &err) != ATT_OK)
		fail_msg("%s", err.msg);
}

static void no_note(void *ctx, const char *text)
{
	(void)ctx;
	fail_msg("%s", text);
}

static int set_up(void **state)
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

static int tear_down(void **state)
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

/* --- Documents --- */

static void every_document_comes_once_and_stays(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		bool fmspc;
		const char *chain;
		const char *type;
	} rows[] = {
		{ V4 "tcb?fmspc=", true, "TCB-Info-Issuer-Chain", "application/json" },
		{ V4 "tcb?update=early&fmspc=", true, "TCB-Info-Issuer-Chain", "application/json" },
		{ TDX "tcb?fmspc=", true, "TCB-Info-Issuer-Chain", "application/json" },
		{ "/sgx/certification/v3/tcb?fmspc=", true, "SGX-TCB-Info-Issuer-Chain",
		  "application/json" },
		{ V4 "qe/identity", false, "SGX-Enclave-Identity-Issuer-Chain",
		  "application/json" },
		{ V4 "qve/identity", false, "SGX-Enclave-Identity-Issuer-Chain",
		  "application/json" },
		{ TDX "qe/identity", false, "SGX-Enclave-Identity-Issuer-Chain",
		  "application/json" },
		{ V4 "pckcrl?ca=processor", false, "SGX-PCK-CRL-Issuer-Chain",
		  "application/x-pem-file" },
		{ V4 "pckcrl?ca=platform&encoding=der", false, "SGX-PCK-CRL-Issuer-Chain",
		  "application/pkix-crl" },
		{ V4 "rootcacrl", false, NULL, "application/pkix-crl" },
		{ V4 "fmspcs", false, NULL, "application/json" },
		{ V4 "tcbevaluationdatanumbers", false, "TCB-Evaluation-Data-Numbers-Issuer-Chain",
		  "application/json" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		char *target = rows[i].fmspc ? fmspc_query(rows[i].target) : strdup(rows[i].target);
		if (get(target) != 200)
			fail_msg("%s: %d %.*s\n%s", target, f->r.status, (int)f->r.body.len,
				 (char *)f->r.body.ptr, f->words);
		assert_true(f->until > f->now);
		assert_string_equal(header("Content-Type"), rows[i].type);
		if (rows[i].chain)
			assert_non_null(strstr(header(rows[i].chain), "-----BEGIN%20CERT"));
		unsigned asked = f->asked;
		f->dead = true;
		assert_int_equal(get(target), 200);
		f->dead = false;
		assert_int_equal(f->asked, asked);
		free(target);
	}
}

static void revocation_lists_in_every_encoding(void **state)
{
	(void)state;
	att_auto_buf att_buf der = { 0 };

	assert_int_equal(get(V4 "pckcrl?ca=processor&encoding=der"), 200);
	att_put(&der, att_buf_bytes(&f->r.body));
	assert_int_equal(der.ptr[0], 0x30);
	assert_int_equal(get(V4 "pckcrl?ca=processor"), 200);
	assert_int_equal(f->r.body.len, 2 * der.len);
	att_auto_buf att_buf hex = { 0 };
	att_put_hex(&hex, att_buf_bytes(&der));
	assert_memory_equal(f->r.body.ptr, hex.ptr, hex.len);
	assert_int_equal(get(V4 "pckcrl?ca=processor&encoding=pem"), 200);
	assert_true(body_has("-----BEGIN X509 CRL-----"));
	assert_int_equal(
	    get(V4 "crl?uri=https%3A%2F%2Fapi.trustedservices.intel.com%2Fsgx%2Fcertification%2F"
		   "v4%2Fpckcrl%3Fca%3Dprocessor%26encoding%3Dder"),
	    200);
	assert_int_equal(f->r.body.len, der.len);
	assert_int_equal(get(V4 "crl?uri=https%3A%2F%2Fcertificates.trustedservices.intel.com%2F"
				"IntelSGXRootCA.der"),
			 200);
	assert_int_equal(f->r.body.ptr[0], 0x30);
	assert_int_equal(get(V4 "crl?uri=https%3A%2F%2Fevil.example%2Fcrl"), 400);
}

static void what_is_asked_wrongly(void **state)
{
	(void)state;
	static const struct {
		const char *method;
		const char *target;
		int status;
	} rows[] = {
		{ "GET", "/", 404 },
		{ "GET", "/sgx/certification/v2/tcb?fmspc=000000000000", 404 },
		{ "GET", V4 "nothing", 404 },
		{ "POST", V4 "tcb", 405 },
		{ "DELETE", V4 "platforms", 405 },
		{ "POST", V4 "pckcert", 405 },
		{ "GET", V4 "pckcerts?encrypted_ppid=00&pceid=0000", 400 },
		{ "GET", V4 "tcb", 400 },
		{ "GET", V4 "tcb?fmspc=00", 400 },
		{ "GET", V4 "tcb?fmspc=000000000000&update=late", 400 },
		{ "GET", V4 "pckcrl?ca=root", 400 },
		{ "GET", V4 "pckcert?cpusvn=00", 400 },
		{ "GET", V4 "tcb?fmspc=0123456789ab", 404 },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		if (send_as(rows[i].method, rows[i].target, NULL, NULL) != rows[i].status)
			fail_msg("%s %s: %d", rows[i].method, rows[i].target, f->r.status);
		assert_int_equal(f->until, 0);
	}
}

static void only_who_has_the_token(void **state)
{
	(void)state;
	static const struct {
		const char *method;
		const char *target;
	} rows[] = {
		{ "GET", V4 "platforms" },          { "POST", V4 "platforms" },
		{ "PUT", V4 "platformcollateral" }, { "GET", V4 "refresh" },
		{ "POST", V4 "refresh" },           { "PUT", V4 "appraisalpolicy" },
	};
	const struct att_pccs_token none = { 0 };

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		assert_int_equal(send_as(rows[i].method, rows[i].target, NULL, "{}"), 401);
		assert_int_equal(send_as(rows[i].method, rows[i].target, "wrong", "{}"), 401);
		assert_int_not_equal(send_as(rows[i].method, rows[i].target, TOKEN, "{}"), 401);
	}
	att_pccs_set_tokens(f->p, &none, &none);
	assert_int_equal(send_as("GET", V4 "platforms", TOKEN, NULL), 401);
	assert_int_equal(send_as("GET", V4 "platforms", "", NULL), 401);
}

/* --- Time and faults --- */

static void an_upstream_that_fails_is_not_seen_while_the_cache_is_valid(void **state)
{
	(void)state;
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	f->dead = true;
	f->now += 20 * DAY;
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	assert_null(header("Warning"));
	f->now += 20 * DAY;
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	assert_non_null(strstr(header("Warning"), "110"));
	assert_int_equal(f->until, 0);
	assert_int_equal(get(V4 "qe/identity"), 502);
	f->dead = false;
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	assert_null(header("Warning"));
}

static void refreshed_before_it_is_over(void **state)
{
	(void)state;
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	unsigned asked = f->asked;
	assert_int_equal(att_pccs_refresh(f->p, f->now + DAY, false), 0);
	assert_int_equal(f->asked, asked);
	f->now += 25 * DAY;
	assert_int_equal(att_pccs_refresh(f->p, f->now, false), 0);
	assert_int_equal(f->asked, asked + 1);
	f->dead = true;
	assert_int_equal(att_pccs_refresh(f->p, f->now, true), 1);
	f->now += 10 * DAY;
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	assert_null(header("Warning"));
	f->dead = false;
	assert_int_equal(send_as("GET", V4 "refresh", TOKEN, NULL), 200);
	assert_int_equal(send_as("POST", V4 "refresh?type=certs&fmspc=all", TOKEN, NULL), 200);
	assert_int_equal(send_as("POST", V4 "refresh?type=all", TOKEN, NULL), 400);
	f->dead = true;
	assert_int_equal(send_as("GET", V4 "refresh", TOKEN, NULL), 503);
}

static void nothing_forged_enters(void **state)
{
	(void)state;
	static const struct {
		const char *replace;
		const char *with;
		const char *target;
	} rows[] = {
		{ "UpToDate", "UpToDatf", V4 "tcb?fmspc=" },
		{ "\"tcbEvaluationDataNumber\":1", "\"tcbEvaluationDataNumber\":9",
		  V4 "tcb?fmspc=" },
		{ "\"signature\":\"", "\"signature\":\"zz", V4 "tcb?fmspc=" },
		{ "{\"tcbInfo\"", "{\"tcbinfo\"", V4 "tcb?fmspc=" },
	};

	for (size_t i = 0; i < ATT_COUNT(rows); i++) {
		f->replace = rows[i].replace;
		f->with = rows[i].with;
		if (get_of(fmspc_query(rows[i].target)) != 460)
			fail_msg("row %zu: %d", i, f->r.status);
		assert_non_null(strstr(f->words, "refused: "));
		f->replace = NULL;
		f->dead = true;
		assert_int_equal(get_of(fmspc_query(rows[i].target)), 502);
		f->dead = false;
	}
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
}

static void another_root_is_not_believed(void **state)
{
	(void)state;
	att_roots *ours = f->roots;

	f->roots = att_roots_intel();
	start(ATT_PCCS_LAZY);
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 460);
	assert_int_equal(get(V4 "qe/identity"), 460);
	assert_int_equal(get(V4 "rootcacrl"), 460);
	assert_int_equal(get(V4 "pckcrl?ca=processor"), 460);
	assert_int_equal(get_of(platform_query(V4 "pckcert?", true)), 460);
	att_roots_free(f->roots);
	f->roots = ours;
}

/* An answer from before is authentic too: it never replaces a newer one. */
static void nothing_older_replaces_anything(void **state)
{
	(void)state;
	f->now += 3 * DAY;
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	att_auto_buf att_buf newer = { 0 };
	att_put(&newer, att_buf_bytes(&f->r.body));
	/* The upstream falls back by a day; our clock is where it was. */
	att_sim_world *world = f->world;
	const struct att_sim_world_options o = { .born = BORN, .seed = "pccs" };
	assert_int_equal(att_sim_world_new(&o, &f->world, NULL), ATT_OK);
	f->now -= DAY;
	assert_int_equal(att_pccs_refresh(f->p, f->now, true), 1);
	f->now += DAY;
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	assert_int_equal(f->r.body.len, newer.len);
	assert_memory_equal(f->r.body.ptr, newer.ptr, newer.len);
	att_sim_world_free(world);
}

static void a_clock_that_is_behind_takes_nothing(void **state)
{
	(void)state;
	char why[200];

	f->now += 3 * DAY;
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	assert_true(att_pccs_ready(f->p, f->now, why, sizeof(why)));
	f->now -= 2 * DAY;
	assert_false(att_pccs_ready(f->p, f->now, why, sizeof(why)));
	assert_non_null(strstr(why, "clock"));
	assert_int_equal(get(V4 "qe/identity"), 503);
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	start(ATT_PCCS_LAZY); /* it is known again from the store */
	assert_non_null(strstr(f->words, "the clock is behind"));
	assert_int_equal(get(V4 "qe/identity"), 503);
	f->now += 2 * DAY;
	assert_int_equal(get(V4 "qe/identity"), 200);
}

static void left_alone_for_as_long_as_it_wants(void **state)
{
	(void)state;
	set_dial("upstream", "429");
	assert_int_equal(get(V4 "qe/identity"), 503);
	assert_non_null(header("Retry-After"));
	int64_t wait = atoll(header("Retry-After"));
	assert_true(wait > 0);
	unsigned asked = f->asked;
	assert_int_equal(get(V4 "qe/identity"), 503);
	assert_int_equal(f->asked, asked);
	att_sim_world_reset(f->world);
	f->now += wait;
	assert_int_equal(get(V4 "qe/identity"), 200);
}

/* --- Platforms --- */

static void a_platform_gets_its_certificate(void **state)
{
	(void)state;
	const struct att_platform *is = att_sim_world_platform(f->world);
	char tcbm[40], fmspc[13];

	if (get_of(platform_query(V4 "pckcert?", true)) != 200)
		fail_msg("%d %s", f->r.status, f->words);
	att_hex_encode(att_bytes_of(is->cpu_svn, sizeof(is->cpu_svn)), tcbm);
	snprintf(tcbm + 32, 8, "%02x%02x", is->pce_svn & 0xff, is->pce_svn >> 8);
	att_hex_encode(att_bytes_of(is->fmspc, sizeof(is->fmspc)), fmspc);
	assert_string_equal(header("SGX-TCBm"), tcbm);
	assert_string_equal(header("SGX-FMSPC"), fmspc);
	assert_string_equal(header("SGX-PCK-Certificate-CA-Type"),
			    is->platform_ca ? "platform" : "processor");
	assert_non_null(strstr(header("SGX-PCK-Certificate-Issuer-Chain"), "BEGIN"));
	assert_true(body_has("-----BEGIN CERTIFICATE-----"));
	f->dead = true;
	assert_int_equal(get_of(platform_query(V4 "pckcert?", false)), 200);
	assert_int_equal(get_of(platform_query("/sgx/certification/v3/pckcert?", false)), 200);
}

static void an_unknown_platform(void **state)
{
	(void)state;
	assert_int_equal(get_of(platform_query(V4 "pckcert?", false)), 461);
	start(ATT_PCCS_REQ);
	assert_int_equal(get_of(platform_query(V4 "pckcert?", true)), 461);
	start(ATT_PCCS_OFFLINE);
	assert_int_equal(get_of(platform_query(V4 "pckcert?", true)), 461);
	assert_int_equal(f->asked, 0);
}

static void a_tcb_below_every_certificate(void **state)
{
	(void)state;
	assert_int_equal(get_of(platform_query(V4 "pckcert?", true)), 200);
	char *target = platform_query(V4 "pckcert?", false);
	memcpy(strstr(target, "cpusvn=") + 7, "00000000000000000000000000000000", 32);
	assert_int_equal(get_of(target), 404);
	/* A greater one than before makes us look again, once a minute at most. */
	target = platform_query(V4 "pckcert?", false);
	memcpy(strstr(target, "cpusvn=") + 7, "ffffffffffffffffffffffffffffffff", 32);
	unsigned asked = f->asked;
	assert_int_equal(get(target), 200);
	assert_int_equal(f->asked, asked);
	f->now += 61;
	assert_int_equal(get(target), 200);
	assert_true(f->asked > asked);
	asked = f->asked;
	f->now += 61;
	assert_int_equal(get(target), 200);
	assert_int_equal(f->asked, asked);
	free(target);
}

static void registering_in_req_mode_fills_the_cache(void **state)
{
	(void)state;
	char *json = platform_json();

	start(ATT_PCCS_REQ);
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 404);
	if (send_as("POST", V4 "platforms", TOKEN, json) != 200)
		fail_msg("%d %s", f->r.status, f->words);
	f->dead = true;
	assert_int_equal(get_of(platform_query(V4 "pckcert?", false)), 200);
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	assert_int_equal(get_of(fmspc_query(TDX "tcb?fmspc=")), 200);
	assert_int_equal(get(V4 "qe/identity"), 200);
	assert_int_equal(get(V4 "rootcacrl"), 200);
	assert_int_equal(get(V4 "pckcrl?ca=platform"), 200);
	assert_int_equal(send_as("GET", V4 "platforms?source=reg", TOKEN, NULL), 200);
	assert_string_equal(header("platform-count"), "0");
	assert_int_equal(send_as("GET", V4 "platforms?source=%5B%5D", TOKEN, NULL), 200);
	assert_string_equal(header("platform-count"), "1");
	assert_true(body_has("\"enc_ppid\""));
	assert_int_equal(send_as("GET", V4 "platforms?source=%5B000000000001%5D", TOKEN, NULL),
			 200);
	assert_string_equal(header("platform-count"), "0");
	assert_int_equal(send_as("GET", V4 "platforms?source=x", TOKEN, NULL), 400);
	free(json);
}

static void registering_offline_waits_for_an_administrator(void **state)
{
	(void)state;
	char *json = platform_json();

	start(ATT_PCCS_OFFLINE);
	assert_int_equal(send_as("POST", V4 "platforms", TOKEN, json), 200);
	assert_int_equal(f->asked, 0);
	assert_int_equal(send_as("GET", V4 "platforms", TOKEN, NULL), 200);
	assert_string_equal(header("platform-count"), "1");
	assert_true(body_has("\"qe_id\""));
	assert_int_equal(send_as("GET", V4 "platforms?source=reg", TOKEN, NULL), 200);
	assert_string_equal(header("platform-count"), "0");
	assert_int_equal(send_as("GET", V4 "refresh", TOKEN, NULL), 503);
	free(json);
}

static void what_is_no_platform(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"qe_id\":\"00\",\"pce_id\":\"00\"}",
		"{\"qe_id\":\"0g\",\"pce_id\":\"0000\"}",
		"{\"qe_id\":\"00\",\"pce_id\":\"0000\",\"cpu_svn\":\"00\"}",
		"{\"qe_id\":5,\"pce_id\":\"0000\"}",
	};

	for (size_t i = 0; i < ATT_COUNT(bad); i++)
		assert_int_equal(send_as("POST", V4 "platforms", TOKEN, bad[i]), 400);
	assert_int_equal(f->asked, 0);
}

/* --- Uploads --- */

static void put_escaped(att_buf *b, att_bytes text)
{
	att_jsonw w = att_jsonw_to(b, 0);

	att_jw_strn(&w, text);
}

/* What PCCS's administration tool would make of what the service answers. */
static char *upload(int64_t at)
{
	att_auto_buf att_buf b = { 0 };
	char *json = platform_json();

	att_putf(&b, "{\"platforms\": [%s],\n \"collaterals\": {\"pck_certs\": [], \"tcbinfos\": [",
		 json);
	free(json);
	att_collateral *c = NULL;
	for (int tdx = 0; tdx < 2; tdx++) {
		assert_int_equal(att_sim_world_collateral(f->world, tdx, at, &c, NULL), ATT_OK);
		att_bytes text = att_collateral_get(c, ATT_ITEM_TCB_INFO);
		att_bytes rs = att_collateral_get(c, ATT_ITEM_TCB_INFO_SIGNATURE);
		char *fmspc = fmspc_query("");
		att_putf(&b, "%s{\"fmspc\": \"%s\", \"%s\": ", tdx ? ", " : "", fmspc,
			 tdx ? "tdx_tcbinfo" : "sgx_tcbinfo");
		free(fmspc);
		if (rs.len == 0) {
			att_put(&b, text);
		} else {
			att_put_str(&b, "{ \"tcbInfo\" :\n");
			att_put(&b, text);
			att_put_str(&b, ", \"signature\": ");
			put_escaped(&b, rs);
			att_put_str(&b, "}");
		}
		att_put_str(&b, "}");
		if (tdx == 0) {
			att_collateral_free(c);
			c = NULL;
		}
	}
	att_put_str(&b, "], \"certificates\": {\"TCB-Info-Issuer-Chain\": ");
	put_escaped(&b, att_collateral_get(c, ATT_ITEM_TCB_INFO_ISSUER_CHAIN));
	att_put_str(&b, "}, \"rootcacrl\": \"");
	att_auto_buf att_buf der = { 0 };
	assert_int_equal(att_crl_to_der(att_collateral_get(c, ATT_ITEM_ROOT_CA_CRL), &der, NULL),
			 ATT_OK);
	att_put_hex(&b, att_buf_bytes(&der));
	att_put_str(&b, "\"}}");
	att_collateral_free(c);
	return att_buf_steal_str(&b);
}

static void an_upload_serves_without_any_upstream(void **state)
{
	(void)state;
	char *json = upload(f->now);

	start(ATT_PCCS_OFFLINE);
	if (send_as("PUT", V4 "platformcollateral", TOKEN, json) != 200)
		fail_msg("%d %.*s", f->r.status, (int)f->r.body.len, (char *)f->r.body.ptr);
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 200);
	assert_int_equal(get_of(fmspc_query(TDX "tcb?fmspc=")), 200);
	assert_int_equal(get(V4 "rootcacrl"), 200);
	assert_int_equal(get(V4 "qe/identity"), 404);
	assert_int_equal(f->asked, 0);
	free(json);
}

static void a_forged_upload_leaves_nothing(void **state)
{
	(void)state;
	char *json = upload(f->now);

	start(ATT_PCCS_OFFLINE);
	char *at = strstr(strstr(json, "tdx_tcbinfo"), "UpToDate");
	assert_non_null(at);
	at[0] = 'u';
	assert_int_equal(send_as("PUT", V4 "platformcollateral", TOKEN, json), 460);
	assert_int_equal(get_of(fmspc_query(V4 "tcb?fmspc=")), 404);
	assert_int_equal(get(V4 "rootcacrl"), 404);
	free(json);
}

static void an_upload_does_not_turn_back(void **state)
{
	(void)state;
	char *old = upload(f->now);
	f->now += 2 * DAY;
	char *new = upload(f->now);

	assert_int_equal(send_as("PUT", V4 "platformcollateral", TOKEN, new), 200);
	assert_int_equal(send_as("PUT", V4 "platformcollateral", TOKEN, old), 460);
	free(old);
	free(new);
}

static void what_is_no_upload(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"platforms\":[],\"collaterals\":{}}",
		"{\"platforms\":[],\"collaterals\":{\"certificates\":{}}}",
		"{\"platforms\":[],\"collaterals\":{\"certificates\":{},\"tcbinfos\":[]}}",
		"{\"platforms\":[],\"collaterals\":{\"certificates\":{},\"tcbinfos\":[{}],"
		"\"pck_certs\":[]}}",
		"{\"platforms\":[],\"collaterals\":{\"certificates\":{},\"tcbinfos\":[],"
		"\"pck_certs\":[{}]}}",
		"{\"platforms\":[],\"collaterals\":{\"certificates\":{},\"tcbinfos\":[],"
		"\"pck_certs\":[],\"rootcacrl\":\"0\"}}",
	};

	for (size_t i = 0; i < ATT_COUNT(bad); i++)
		if (send_as("PUT", V4 "platformcollateral", TOKEN, bad[i]) != 400)
			fail_msg("%zu: %d", i, f->r.status);
}

/* --- Policies --- */

static void policies(void **state)
{
	(void)state;
	att_auto_buf att_buf payload = { 0 };
	att_auto_buf att_buf body = { 0 };
	static const char inner[] =
	    "{\"policy_payload\":\"{\\\"policy_array\\\":[{\\\"environment\\\":{\\\"class_id\\\":"
	    "\\\"3123EC35-8d38-4ea5-87a5-d6c48b567570\\\"}}]}\"}";

	att_put_base64url(&payload, att_bytes_of(inner, sizeof(inner) - 1));
	att_put_u8(&payload, 0);
	att_putf(&body,
		 "{\"policy\":\"e30.%s.c2ln\",\"is_default\":true,\"fmspc\":\"00906ED50000\"}",
		 (char *)payload.ptr);
	att_put_u8(&body, 0);
	assert_int_equal(get(V4 "appraisalpolicy?fmspc=00906ed50000"), 404);
	assert_int_equal(send_as("PUT", V4 "appraisalpolicy", TOKEN, (char *)body.ptr), 200);
	assert_int_equal(f->r.body.len, 96); /* SHA-384 */
	assert_int_equal(get(V4 "appraisalpolicy?fmspc=00906ed50000"), 200);
	assert_true(body_has("e30."));
	assert_int_equal(get(V4 "appraisalpolicy?fmspc=00906ed50001"), 404);
	assert_int_equal(send_as("PUT", V4 "appraisalpolicy", TOKEN, "{}"), 400);
	assert_int_equal(send_as("PUT", V4 "appraisalpolicy", TOKEN,
				 "{\"policy\":\"a.b.c\",\"is_default\":true,"
				 "\"fmspc\":\"00906ED50000\"}"),
			 400);
}

static void metrics(void **state)
{
	(void)state;
	att_auto_buf att_buf b = { 0 };

	assert_int_equal(get(V4 "qe/identity"), 200);
	assert_int_equal(get("/etc/passwd"), 404);
	att_pccs_count_kept(f->p, ATT_PCS_TCB);
	att_pccs_put_metrics(f->p, f->now, &b);
	att_put_u8(&b, 0);
	const char *text = (const char *)b.ptr;
	assert_non_null(strstr(text, "attest_pccs_upstream_requests_total 1\n"));
	assert_non_null(
	    strstr(text, "attest_pccs_answers_total{route=\"qe/identity\",class=\"2xx\"} 1\n"));
	assert_non_null(strstr(text, "{route=\"none\",class=\"4xx\"} 1\n"));
	assert_non_null(strstr(text, "attest_pccs_memory_answers_total 1\n"));
	assert_non_null(strstr(text, "attest_pccs_clock_behind 0\n"));
	assert_null(strstr(text, "passwd"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_document_comes_once_and_stays),
		TEST(revocation_lists_in_every_encoding),
		TEST(what_is_asked_wrongly),
		TEST(only_who_has_the_token),
		TEST(an_upstream_that_fails_is_not_seen_while_the_cache_is_valid),
		TEST(refreshed_before_it_is_over),
		TEST(nothing_forged_enters),
		TEST(another_root_is_not_believed),
		TEST(nothing_older_replaces_anything),
		TEST(a_clock_that_is_behind_takes_nothing),
		TEST(left_alone_for_as_long_as_it_wants),
		TEST(a_platform_gets_its_certificate),
		TEST(an_unknown_platform),
		TEST(a_tcb_below_every_certificate),
		TEST(registering_in_req_mode_fills_the_cache),
		TEST(registering_offline_waits_for_an_administrator),
		TEST(what_is_no_platform),
		TEST(an_upload_serves_without_any_upstream),
		TEST(a_forged_upload_leaves_nothing),
		TEST(an_upload_does_not_turn_back),
		TEST(what_is_no_upload),
		TEST(policies),
		TEST(metrics),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
