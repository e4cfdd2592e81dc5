/* SPDX-License-Identifier: Apache-2.0 */
#include "../fail_alloc.h"
#include "emulated.h"

static const char *chosen(const char *words, enum evidence which)
{
	static char name[32];
	att_attester *a = NULL;
	att_err err = { 0 };

	machine(words, which, "");
	if (att_attester_open("auto", NULL, &a, &err) != ATT_OK)
		return "none";
	snprintf(name, sizeof(name), "%s", att_attester_name(a));
	att_attester_free(a);
	return name;
}

static void auto_takes_what_is_there(void **state)
{
	(void)state;
	assert_string_equal(chosen("", SGX), "none");
	assert_string_equal(chosen("occlum", SGX), "occlum");
	assert_string_equal(chosen("gramine", SGX), "gramine");
	assert_string_equal(chosen("tsm:tdx_guest", TDX), "tsm");
	assert_string_equal(chosen("tsm:sev_guest", SNP), "tsm");
	assert_string_equal(chosen("tdx-guest", TDX), "tdx-guest");
	assert_string_equal(chosen("sev-guest", SNP), "sev-guest");
}

static void the_nearer_interface_comes_first(void **state)
{
	(void)state;
	assert_string_equal(chosen("occlum gramine tsm:tdx_guest tdx-guest", SGX), "occlum");
	assert_string_equal(chosen("gramine tsm:tdx_guest", SGX), "gramine");
	assert_string_equal(chosen("tdx-guest tsm:tdx_guest", TDX), "tsm");
	assert_string_equal(chosen("sev-guest tsm:sev_guest", SNP), "tsm");
	/* The host's own driver is no Occlum. */
	assert_string_equal(chosen("sgx/enclave sev-guest", SNP), "sev-guest");
}

static void auto_says_what_it_tried(void **state)
{
	(void)state;
	att_attester *a = NULL;
	att_err err = { 0 };

	machine("", SGX, "");
	assert_int_equal(att_attester_open("auto", NULL, &a, &err), ATT_E_UNAVAILABLE);
	assert_null(a);
	assert_non_null(strstr(err.msg, "occlum"));
	assert_non_null(strstr(err.msg, "sev-guest"));
	assert_null(strstr(err.msg, "(tried sim"));
	assert_non_null(strstr(err.msg, "attest doctor"));
}

/* What is there and forbidden is the better hint. */
static void auto_says_what_it_may_not(void **state)
{
	(void)state;
	att_attester *a = NULL;
	att_err err = { 0 };

	machine("tdx-guest", TDX, "open.tdx_guest=EACCES");
	assert_int_equal(att_attester_open("auto", NULL, &a, &err), ATT_E_IO);
	assert_non_null(strstr(err.msg, "attester tdx-guest: /dev/tdx_guest: Permission denied"));
	machine("gramine", SGX, "gramine.type=none");
	assert_int_equal(att_attester_open("auto", NULL, &a, &err), ATT_E_IO);
	assert_non_null(strstr(err.msg, "remote_attestation"));
	/* And no reason to give up while something else works. */
	machine("gramine sev-guest", SNP, "gramine.type=none");
	assert_int_equal(att_attester_open("auto", NULL, &a, &err), ATT_OK);
	assert_string_equal(att_attester_name(a), "sev-guest");
	att_attester_free(a);
}

/* A simulated world is tried when it is announced, and never else. */
static void a_world_must_be_announced(void **state)
{
	(void)state;
	const struct att_attester_options announced = { .sim_cpu = "/nonexistent/cpu.socket" };
	att_attester *a = NULL;
	att_err err = { 0 };

	machine("", SGX, "");
	assert_int_not_equal(att_attester_open("auto", &announced, &a, &err), ATT_OK);
	assert_non_null(strstr(err.msg, "sim"));
	assert_int_equal(att_attester_open("sim", NULL, &a, &err), ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "ATTEST_SIM_CPU"));
	assert_null(a);
	/* One that is announced and gone does not hide what this machine has. */
	machine("gramine", SGX, "");
	assert_int_equal(att_attester_open("auto", &announced, &a, &err), ATT_OK);
	assert_string_equal(att_attester_name(a), "gramine");
	att_attester_free(a);
}

static void the_table_names_each_once(void **state)
{
	(void)state;
	static const char *const names[] = { "sim", "occlum",    "gramine",  "aesm",
					     "tsm", "tdx-guest", "sev-guest" };
	size_t n = 0;

	for (; att_attesters[n]; n++) {
		assert_true(n < ATT_COUNT(names));
		assert_string_equal(att_attesters[n]->name, names[n]);
		assert_non_null(att_attesters[n]->what);
	}
	assert_int_equal(n, ATT_COUNT(names));
}

static void unknown_names(void **state)
{
	(void)state;
	att_attester *a = NULL;
	att_err err = { 0 };

	assert_int_equal(att_attester_open("tpm", NULL, &a, &err), ATT_E_ARG);
	assert_null(a);
	assert_non_null(strstr(err.msg, "no attester 'tpm'"));
	att_attester_free(NULL);
}

/* Evidence with somebody else's report data is not handed out. */
static void other_report_data_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *attester;
		const char *words;
		enum evidence which;
	} all[] = { { "gramine", "gramine", SGX },
		    { "tsm", "tsm:tdx_guest", TDX },
		    { "tsm", "tsm:sev_guest", SNP } };

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		struct att_quoted q;
		att_attester *a = NULL;
		att_err err = { 0 };
		uint8_t other[64] = { 1 };
		machine(all[i].words, all[i].which, "short_write=64");
		assert_int_equal(att_attester_open(all[i].attester, NULL, &a, &err), ATT_OK);
		setenv("EMULATE_SAME", "1", 1);
		assert_int_equal(att_attester_quote(a, other, &q, &err), ATT_E_FORMAT);
		unsetenv("EMULATE_SAME");
		assert_non_null(strstr(err.msg, "other report data"));
		assert_null(q.evidence);
		att_attester_free(a);
	}
}

/* Whatever the platform: without memory there is no evidence, and nothing stays behind. */
static void every_allocation_may_fail(void **state)
{
	(void)state;
	static const struct {
		const char *attester;
		const char *words;
		const char *faults;
		enum evidence which;
	} all[] = { { "occlum", "occlum", "", SGX },
		    { "gramine", "gramine", "", SGX },
		    { "tsm", "tsm:tdx_guest", "", TDX },
		    { "tsm", "tsm:sev_guest", "", SNP },
		    { "tdx-guest", "tdx-guest", "tdx.driver=v3", TDX },
		    { "tdx-guest", "tdx-guest vsock", "", TDX },
		    { "sev-guest", "sev-guest", "", SNP } };

	for (size_t i = 0; i < ATT_COUNT(all); i++) {
		att_rc rc = ATT_E_NOMEM;
		size_t k = 0;
		while (rc != ATT_OK) {
			struct att_quoted q;
			att_err err = { 0 };
			machine(all[i].words, all[i].which, all[i].faults);
			alloc_watch(++k);
			rc = quote_by(all[i].attester, &q, &err);
			alloc_unwatch();
			if (rc != ATT_OK && rc != ATT_E_NOMEM)
				fail_msg("%s, allocation %zu: %s", all[i].attester, k, err.msg);
			assert_true(rc == ATT_OK || !q.evidence);
			assert_null(emu_tsm_entry_at(0));
			att_quoted_clear(&q);
		}
		assert_true(k > 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(auto_takes_what_is_there),
		cmocka_unit_test(the_nearer_interface_comes_first),
		cmocka_unit_test(auto_says_what_it_tried),
		cmocka_unit_test(auto_says_what_it_may_not),
		cmocka_unit_test(a_world_must_be_announced),
		cmocka_unit_test(the_table_names_each_once),
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(other_report_data_are_refused),
		cmocka_unit_test(every_allocation_may_fail),
	};
	return RUN_EMULATED(tests);
}
