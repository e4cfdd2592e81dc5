/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "service/pccs/config.h"

/* SHA-512("abc"), FIPS 180-4 example value. */
#define ABC_HASH                                                                                   \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23" \
	"a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static char notes[1024];

static void note(void *ctx, const char *text)
{
	assert_ptr_equal(ctx, notes);
	strncat(notes, text, sizeof(notes) - strlen(notes) - 2);
	strcat(notes, ";");
}

static att_rc read_text(const char *text, struct att_pccs_config *c, att_err *err)
{
	notes[0] = 0;
	att_pccs_config_default(c);
	return att_pccs_config_read(att_bytes_of(text, strlen(text)), c, note, notes, err);
}

/* The members of the file that Intel's service is installed with, comments included. */
static void a_file_of_intels_service(void **state)
{
	(void)state;
	struct att_pccs_config c;
	static const char text[] =
	    "{\n \"HTTPS_PORT\" : 9081, // the port\n \"hosts\" : \"0.0.0.0\",\n"
	    " \"uri\": \"https://api.trustedservices.intel.com/sgx/certification/v3/\",\n"
	    " \"ApiKey\": \"0123\", \"proxy\" : \"http://proxy:3128\",\n"
	    " \"RefreshSchedule\": \"0 0 1 * * *\",\n"
	    " \"UserTokenHash\" : \"" ABC_HASH "\",\n \"AdminTokenHash\" : \"\",\n"
	    " \"MaxRequestBodySize\": 4096, \"HeadersTimeoutSeconds\": 7,\n"
	    " \"RequestTimeoutSeconds\": 8, \"KeepAliveTimeoutSeconds\": 9,\n"
	    " \"CachingFillMode\" : \"REQ\", \"OPENSSL_FIPS_MODE\" : false,\n"
	    " \"LogLevel\" : \"verbose\", \"DB_CONFIG\" : \"sqlite\", /* not ours:\n */\n"
	    " \"sqlite\" : { \"options\": { \"storage\": \"pckcache.db // no comment\" } },\n"
	    " \"Colour\": 1,\n"
	    " //\"mysql\" : {\n }";

	assert_int_equal(read_text(text, &c, NULL), ATT_OK);
	assert_int_equal(c.port, 9081);
	assert_string_equal(c.hosts, "0.0.0.0");
	assert_string_equal(c.uri, "https://api.trustedservices.intel.com/sgx/certification/v3/");
	assert_string_equal(c.api_key, "0123");
	assert_string_equal(c.proxy, "http://proxy:3128");
	assert_true(c.has_schedule);
	assert_int_equal(c.schedule.hours, 2);
	assert_true(c.user.set);
	assert_false(c.admin.set);
	assert_int_equal(c.body_max, 4096);
	assert_int_equal(c.headers_seconds, 7);
	assert_int_equal(c.request_seconds, 8);
	assert_int_equal(c.keep_alive_seconds, 9);
	assert_int_equal(c.mode, ATT_PCCS_REQ);
	assert_int_equal(c.level, ATT_PCCS_LOG_DEBUG);
	assert_non_null(strstr(notes, "DB_CONFIG has no meaning here"));
	assert_non_null(strstr(notes, "sqlite has no meaning here"));
	assert_non_null(strstr(notes, "unknown member \"Colour\""));
}

static void our_members(void **state)
{
	(void)state;
	struct att_pccs_config c;

	assert_int_equal(read_text("{\"Store\":\"/x.db\",\"TlsCertificate\":\"c\",\"TlsKey\":\"k\","
				   "\"Root\":\"r\",\"UpstreamCa\":\"u\",\"OfflineBundle\":\"b\","
				   "\"ApiKeyFile\":\"f\",\"RequestsPerSecond\":5,\"Connections\":6,"
				   "\"RefreshBeforeSeconds\":7}",
				   &c, NULL),
			 ATT_OK);
	assert_string_equal(c.store, "/x.db");
	assert_string_equal(c.tls_certificate, "c");
	assert_string_equal(c.tls_key, "k");
	assert_string_equal(c.root, "r");
	assert_string_equal(c.upstream_ca, "u");
	assert_string_equal(c.bundle, "b");
	assert_string_equal(c.api_key_file, "f");
	assert_int_equal(c.rate, 5);
	assert_int_equal(c.connections, 6);
	assert_int_equal(c.refresh_before, 7);
	assert_string_equal(notes, "");
}

static void what_a_member_can_not_be(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *words;
	} bad[] = {
		{ "[]", "expected a JSON object" },
		{ "{", "configuration: " },
		{ "{\"HTTPS_PORT\":65536}", "HTTPS_PORT: expected a number from 0 to 65535" },
		{ "{\"HTTPS_PORT\":\"8081\"}", "HTTPS_PORT: expected a number" },
		{ "{\"hosts\":1}", "hosts: expected a text" },
		{ "{\"hosts\":\"a\\u0000b\"}", "NUL" },
		{ "{\"UserTokenHash\":\"abc\"}", "UserTokenHash: expected the SHA-512" },
		{ "{\"CachingFillMode\":\"EAGER\"}", "expected LAZY, REQ or OFFLINE" },
		{ "{\"LogLevel\":\"loud\"}", "LogLevel: expected error, warn, info or debug" },
		{ "{\"RefreshSchedule\":\"always\"}", "RefreshSchedule: schedule: " },
		{ "{\"RefreshSchedule\":5}", "RefreshSchedule: expected a schedule" },
		{ "{\"hosts\":\"a\",\"hosts\":\"b\"}", "configuration: " },
		{ "{} /* open", NULL },
	};

	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		struct att_pccs_config c;
		att_err err = { 0 };
		att_rc rc = read_text(bad[i].text, &c, &err);
		if (!bad[i].words) {
			assert_int_equal(rc, ATT_OK);
			continue;
		}
		assert_int_not_equal(rc, ATT_OK);
		if (!strstr(err.msg, bad[i].words))
			fail_msg("%s: %s", bad[i].text, err.msg);
	}
}

static void a_secret_is_in_no_message(void **state)
{
	(void)state;
	char text[400];
	struct att_pccs_config c;
	att_err err = { 0 };

	memset(text, 'x', sizeof(text));
	memcpy(text, "{\"ApiKey\":\"", 11);
	memcpy(text + 380, "\"}", 3);
	assert_int_equal(read_text(text, &c, &err), ATT_E_FORMAT);
	assert_null(strstr(err.msg, "xxx"));
	assert_non_null(strstr(err.msg, "ApiKey"));
}

static void tokens(void **state)
{
	(void)state;
	struct att_pccs_config c;

	assert_int_equal(read_text("{\"UserTokenHash\":\"" ABC_HASH "\"}", &c, NULL), ATT_OK);
	assert_true(att_pccs_token_is(&c.user, "abc"));
	assert_false(att_pccs_token_is(&c.user, "abd"));
	assert_false(att_pccs_token_is(&c.user, ""));
	assert_false(att_pccs_token_is(&c.user, NULL));
	assert_false(att_pccs_token_is(&c.admin, ""));
	assert_false(att_pccs_token_is(&c.admin, NULL));
}

static void modes(void **state)
{
	(void)state;
	enum att_pccs_mode mode;

	assert_true(att_pccs_mode_of("lazy", &mode));
	assert_int_equal(mode, ATT_PCCS_LAZY);
	assert_true(att_pccs_mode_of("OFFLINE", &mode));
	assert_string_equal(att_pccs_mode_name(mode), "OFFLINE");
	assert_false(att_pccs_mode_of("", &mode));
}

static void too_large(void **state)
{
	(void)state;
	struct att_pccs_config c;
	uint8_t *text = calloc(1, ATT_PCCS_CONFIG_MAX + 1);

	att_pccs_config_default(&c);
	assert_int_equal(att_pccs_config_read(att_bytes_of(text, ATT_PCCS_CONFIG_MAX + 1), &c, note,
					      notes, NULL),
			 ATT_E_FORMAT);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_intels_service),
		cmocka_unit_test(our_members),
		cmocka_unit_test(what_a_member_can_not_be),
		cmocka_unit_test(a_secret_is_in_no_message),
		cmocka_unit_test(tokens),
		cmocka_unit_test(modes),
		cmocka_unit_test(too_large),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
