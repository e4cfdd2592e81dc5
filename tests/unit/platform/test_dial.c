/* SPDX-License-Identifier: Apache-2.0 */
/* The dial: every value of every setting can be set, is told again, and nothing else can. What the
 * faults do is tests/program/test_faults.py's and test_answers.c's affair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform/sim/cpu.h"
#include "platform/sim/dial.h"

static att_sim_world *world(void)
{
	const struct att_sim_world_options o = { .seed = "dial", .born = 1750000000 };
	att_sim_world *w;

	assert_int_equal(att_sim_world_new(&o, &w, NULL), ATT_OK);
	return w;
}

static void check_value(att_sim_world *w, size_t i, const char *value)
{
	char seen[ATT_SIM_VALUE_TEXT];
	att_err err = { 0 };

	if (att_sim_world_set(w, att_sim_setting(i)->name, value, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	att_sim_world_get(w, i, seen);
	assert_string_equal(seen, value);
}

static void every_value(void **state)
{
	att_sim_world *w = world();

	(void)state;
	for (size_t i = 0; att_sim_setting(i); i++) {
		const struct att_sim_setting *s = att_sim_setting(i);

		assert_true(strlen(s->help) > 0 && strlen(s->expected) > 0);
		for (const char *at = s->values; *at; at += at[strcspn(at, "|")] == '|') {
			size_t len = strcspn(at, "|"), name = strcspn(at, "[|");
			char value[ATT_SIM_VALUE_TEXT];

			snprintf(value, sizeof(value), "%.*s", (int)name, at);
			if (strcmp(value, "CODE") != 0)
				check_value(w, i, value);
			if (name < len) {
				snprintf(value, sizeof(value), "%.*s:42", (int)name, at);
				check_value(w, i, value);
			}
			at += len;
		}
	}
	att_sim_world_reset(w);
	for (size_t i = 0; att_sim_setting(i); i++) {
		char seen[ATT_SIM_VALUE_TEXT];

		att_sim_world_get(w, i, seen);
		assert_memory_equal(seen, att_sim_setting(i)->values, strlen(seen));
	}
	att_sim_world_free(w);
}

static void what_can_not_be_set(void **state)
{
	static const char *const bad[][2] = {
		{ "tcb", "" },
		{ "tcb", "Current" },
		{ "tcb", "current:1" },
		{ "tcb", "curren" },
		{ "tcb", "currents" },
		{ "tcb", "current|outdated" },
		{ "upstream", "429:" },
		{ "upstream", "429:x" },
		{ "upstream", "429:1000001" },
		{ "upstream", "429 1" },
		{ "upstream", "slow:-1" },
		{ "upstream", "half:1" },
		{ "aesm", "0" },
		{ "aesm", "52" },
		{ "aesm", "01" },
		{ "aesm", "00000000001" },
		{ "upstream", "429:00" },
		{ "upstream", "429:07" },
		{ "aesm", "CODE" },
		{ "aesm", "1x" },
		{ "upstream", "429:99999999999999999999" },
		{ "nothing", "ok" },
		{ "", "ok" },
	};
	att_sim_world *w = world();
	char seen[ATT_SIM_VALUE_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		att_err err = { 0 };

		if (att_sim_world_set(w, bad[i][0], bad[i][1], &err) != ATT_E_ARG)
			fail_msg("%s=%s was taken", bad[i][0], bad[i][1]);
		assert_non_null(strstr(err.msg, "expected"));
	}
	for (size_t i = 0; att_sim_setting(i); i++) {
		att_sim_world_get(w, i, seen);
		assert_memory_equal(seen, att_sim_setting(i)->values, strlen(seen));
	}
	att_sim_world_free(w);
}

static void aesm_codes(void **state)
{
	att_sim_world *w = world();

	(void)state;
	assert_int_equal(att_sim_world_aesm_error(w), 0);
	assert_int_equal(att_sim_world_set(w, "aesm", "busy", NULL), ATT_OK);
	assert_int_equal(att_sim_world_aesm_error(w), 18);
	for (unsigned code = 1; code <= 51; code++) {
		char text[8], seen[ATT_SIM_VALUE_TEXT];

		snprintf(text, sizeof(text), "%u", code);
		assert_int_equal(att_sim_world_set(w, "aesm", text, NULL), ATT_OK);
		assert_int_equal(att_sim_world_aesm_error(w), code);
		for (size_t i = 0; att_sim_setting(i); i++) {
			if (strcmp(att_sim_setting(i)->name, "aesm") != 0)
				continue;
			att_sim_world_get(w, i, seen);
			assert_string_equal(seen, text);
		}
	}
	att_sim_world_free(w);
}

static void debug_is_the_processors(void **state)
{
	att_sim_world *w = world();

	(void)state;
	assert_false(att_sim_cpu_debug(att_sim_world_cpu(w)));
	assert_int_equal(att_sim_world_set(w, "enclave", "debug", NULL), ATT_OK);
	assert_true(att_sim_cpu_debug(att_sim_world_cpu(w)));
	att_sim_world_reset(w);
	assert_false(att_sim_cpu_debug(att_sim_world_cpu(w)));
	att_sim_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value),
		cmocka_unit_test(what_can_not_be_set),
		cmocka_unit_test(aesm_codes),
		cmocka_unit_test(debug_is_the_processors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
