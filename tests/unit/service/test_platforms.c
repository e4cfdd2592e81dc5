/* SPDX-License-Identifier: Apache-2.0 */
/* The routes about platforms: certificates, registrations, uploads, policies. */
#include "pccs_fixture.h"

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
	/* Who only looks at the head takes nothing out of the queue. */
	assert_int_equal(send_as("HEAD", V4 "platforms", TOKEN, NULL), 200);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
