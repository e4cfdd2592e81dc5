/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, tokens, time and faults: the routes that are the same for everybody. */
#include "pccs_fixture.h"

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
	/* Who may register platforms is no administrator, nor the other way round. */
	att_pccs_set_tokens(f->p, &f->token, &none);
	for (size_t i = 0; i < ATT_COUNT(rows); i++)
		assert_int_equal(send_as(rows[i].method, rows[i].target, TOKEN, "{}") == 401,
				 i != 1);
	att_pccs_set_tokens(f->p, &none, &f->token);
	for (size_t i = 0; i < ATT_COUNT(rows); i++)
		assert_int_equal(send_as(rows[i].method, rows[i].target, TOKEN, "{}") == 401,
				 i == 1);
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

/* An answer kept in memory ends with its document. */
static void kept_no_longer_than_valid(void **state)
{
	(void)state;
	assert_int_equal(get(V4 "qe/identity"), 200);
	assert_int_equal(f->until, f->now + 60);
	f->dead = true;
	f->now += 20 * DAY;
	while (get(V4 "qe/identity") == 200 && !header("Warning") && f->until == f->now + 60)
		f->now += 59;
	assert_null(header("Warning"));
	assert_in_range(f->until, f->now, f->now + 59);
	f->now = f->until;
	assert_int_equal(get(V4 "qe/identity"), 200);
	assert_non_null(strstr(header("Warning"), "110"));
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
	/* ... and not for days: it might be one that only says so once. */
	set_dial("upstream", "429:999999");
	assert_int_equal(get(V4 "qve/identity"), 503);
	assert_int_equal(atoll(header("Retry-After")), 3600);
	att_sim_world_reset(f->world);
	f->now += 3600;
	assert_int_equal(get(V4 "qve/identity"), 200);
}

static bool waits(const char *method, const char *target)
{
	struct att_http_request request = { 0 };

	assert_int_equal(att_http_request_line(&request, method, target, NULL), ATT_OK);
	unsigned asked = f->asked;
	bool is = att_pccs_waits(f->p, &request, f->now);
	assert_int_equal(f->asked, asked);
	att_http_request_free(&request);
	return is;
}

static void who_waits_for_the_upstream_is_known_before(void **state)
{
	(void)state;
	char *pckcert = platform_query(V4 "pckcert?", true);
	char *unknown = platform_query(V4 "pckcert?", false);
	static const char crl[] =
	    V4 "crl?uri=https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

	assert_true(waits("GET", V4 "qe/identity"));
	assert_true(waits("GET", crl));
	assert_true(waits("GET", pckcert));
	assert_false(waits("GET", unknown));
	assert_int_equal(get(V4 "qe/identity"), 200);
	assert_int_equal(get(V4 "rootcacrl"), 200);
	assert_int_equal(get(pckcert), 200);
	assert_false(waits("GET", V4 "qe/identity"));
	assert_false(waits("HEAD", V4 "qe/identity?update=standard"));
	assert_false(waits("GET", crl));
	assert_false(waits("GET", pckcert));
	assert_false(waits("GET", unknown));
	assert_true(waits("GET", V4 "refresh"));
	assert_true(waits("POST", V4 "platforms"));
	assert_false(waits("GET", V4 "platforms"));
	assert_false(waits("PUT", V4 "platformcollateral"));
	assert_false(waits("GET", V4 "crl?uri=https://elsewhere"));
	assert_false(waits("GET", "/nowhere"));
	set_dial("upstream", "429");
	assert_int_equal(get(V4 "qve/identity"), 503);
	assert_false(waits("GET", V4 "qve/identity")); /* it wants to be left alone */
	f->now += 400 * DAY;
	assert_true(waits("GET", V4 "qe/identity"));
	start(ATT_PCCS_REQ);
	assert_false(waits("GET", V4 "qe/identity"));
	assert_true(waits("POST", V4 "platforms"));
	start(ATT_PCCS_OFFLINE);
	assert_false(waits("POST", V4 "platforms"));
	free(pckcert);
	free(unknown);
}

static void a_service_that_ends_asks_nobody(void **state)
{
	(void)state;
	assert_int_equal(get(V4 "qe/identity"), 200);
	unsigned asked = f->asked;
	att_pccs_stop(f->p);
	assert_false(waits("GET", V4 "qve/identity"));
	assert_int_equal(get(V4 "qve/identity"), 503);
	assert_int_equal(get(V4 "qe/identity"), 200);
	assert_int_equal(att_pccs_refresh(f->p, f->now, true), 0);
	assert_int_equal(f->asked, asked);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_document_comes_once_and_stays),
		TEST(revocation_lists_in_every_encoding),
		TEST(what_is_asked_wrongly),
		TEST(only_who_has_the_token),
		TEST(an_upstream_that_fails_is_not_seen_while_the_cache_is_valid),
		TEST(refreshed_before_it_is_over),
		TEST(kept_no_longer_than_valid),
		TEST(nothing_forged_enters),
		TEST(another_root_is_not_believed),
		TEST(nothing_older_replaces_anything),
		TEST(a_clock_that_is_behind_takes_nothing),
		TEST(left_alone_for_as_long_as_it_wants),
		TEST(who_waits_for_the_upstream_is_known_before),
		TEST(a_service_that_ends_asks_nobody),
		TEST(metrics),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
