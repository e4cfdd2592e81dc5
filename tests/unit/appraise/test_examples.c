/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"

/* The example policies, and what each stands for with every default written out: reviewed as
 * text. EXAMPLES and CANONICAL are directories, given by the build. */

static char *read_file(const char *dir, const char *name)
{
	char path[1024];

	assert_true(snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path));
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("no %s", path);
	char *text = calloc(1, 65536);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

static void holds(const char *name, size_t warnings)
{
	char *text = read_file(EXAMPLES, name);
	char *want = read_file(CANONICAL, name);
	char *seen;
	att_policy *p;
	att_err err = { 0 };

	if (att_policy_parse(TEXT(text), &p, &err) != ATT_OK)
		fail_msg("%s: %s", name, err.msg);
	assert_true(att_policy_pins(p));
	assert_int_equal(att_policy_to_json(p, &seen, NULL), ATT_OK);
	if (strcmp(seen, want) != 0)
		fail_msg("%s: canonical form changed:\n%s", name, seen);
	if (att_policy_warning(p, warnings))
		fail_msg("%s: %s", name, att_policy_warning(p, warnings));
	att_policy_free(p);

	/* the canonical form is a policy, and its own canonical form */
	free(seen);
	assert_int_equal(att_policy_parse(TEXT(want), &p, NULL), ATT_OK);
	assert_int_equal(att_policy_to_json(p, &seen, NULL), ATT_OK);
	assert_string_equal(seen, want);
	att_policy_free(p);
	free(seen);
	free(want);
	free(text);
}

static void pin_enclave(void **state)
{
	(void)state;
	holds("pin-enclave.json", 0);
}

static void pin_signer(void **state)
{
	(void)state;
	holds("pin-signer.json", 0);
}

static void tdx_measured_boot(void **state)
{
	(void)state;
	holds("tdx-measured-boot.json", 0);
}

static void fleet_with_grace(void **state)
{
	(void)state;
	holds("fleet-with-grace.json", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pin_enclave),
		cmocka_unit_test(pin_signer),
		cmocka_unit_test(tdx_measured_boot),
		cmocka_unit_test(fleet_with_grace),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
