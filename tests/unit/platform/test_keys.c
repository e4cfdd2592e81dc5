/* SPDX-License-Identifier: Apache-2.0 */
/* What each key depends on, and what not: the table of the SDM's EGETKEY, cell by cell, in both
 * profiles. */
#include "enclaves.h"

#include "platform/sim/keys.h"

/* Everything that could be in a key. */
struct world {
	struct att_sim_cpu_options options;
	struct att_secs enclave;
	struct att_sgx_keyrequest request;
};

#define EINITTOKEN 0x01u
#define PROVISION  0x02u
#define PROV_SEAL  0x04u
#define REPORT     0x08u
#define SEAL       0x10u
#define ALL        0x1fu

static void flip(uint8_t *b)
{
	b[0] ^= 1;
}

/* Each changes one thing, to another that is allowed. */
static void secret(struct world *w)
{
	flip(w->options.secret);
}
static void boot(struct world *w)
{
	flip(w->options.boot_id);
}
static void epoch(struct world *w)
{
	flip(w->options.owner_epoch);
}
static void register_svn(struct world *w)
{
	w->options.cpu_svn[15]++;
}
static void request_svn(struct world *w)
{
	w->request.cpu_svn[0]--;
}
static void attribute_in_mask(struct world *w)
{
	w->enclave.attributes ^= ATT_SGX_ATTR_AEX_NOTIFY;
}
static void attribute_outside(struct world *w)
{
	w->enclave.attributes ^= UINT64_C(1) << 40;
}
static void debug(struct world *w)
{
	w->enclave.attributes ^= ATT_SGX_ATTR_DEBUG;
}
static void xfrm_in_mask(struct world *w)
{
	w->enclave.xfrm ^= 0x4;
}
static void xfrm_outside(struct world *w)
{
	w->enclave.xfrm ^= 0x200;
}
static void misc_in_mask(struct world *w)
{
	w->enclave.misc_select ^= 1;
}
static void misc_outside(struct world *w)
{
	w->enclave.misc_select ^= 2;
}
static void attributes_mask(struct world *w)
{
	w->request.attributes_mask ^= UINT64_C(1) << 50;
}
static void xfrm_mask(struct world *w)
{
	w->request.xfrm_mask ^= UINT64_C(1) << 50;
}
static void misc_mask(struct world *w)
{
	w->request.misc_mask ^= 1u << 20;
}
static void mr_enclave(struct world *w)
{
	flip(w->enclave.mr_enclave);
}
static void mr_signer(struct world *w)
{
	flip(w->enclave.mr_signer);
}
static void prod_id(struct world *w)
{
	w->enclave.isv_prod_id++;
}
static void own_svn(struct world *w)
{
	w->enclave.isv_svn++;
}
static void wanted_svn(struct world *w)
{
	w->request.isv_svn--;
}
static void config_id(struct world *w)
{
	flip(w->enclave.config_id);
}
static void own_config_svn(struct world *w)
{
	w->enclave.config_svn++;
}
static void wanted_config_svn(struct world *w)
{
	w->request.config_svn--;
}
static void family(struct world *w)
{
	flip(w->enclave.isv_family_id);
}
static void ext_prod(struct world *w)
{
	flip(w->enclave.isv_ext_prod_id);
}
static void key_id(struct world *w)
{
	flip(w->request.key_id);
}
static void size(struct world *w)
{
	w->enclave.size *= 2;
	w->enclave.ssa_frame_size++;
}

/* Which keys change with it, under a policy of no bits and one of all but NOISVPRODID. */
static const struct {
	const char *name;
	void (*change)(struct world *w);
	unsigned without;
	unsigned with;
} rows[] = {
	{ "secret", secret, ALL, ALL },
	{ "boot", boot, 0, 0 }, /* the key id of REPORTs changes, which is asked for here */
	{ "owner epoch", epoch, EINITTOKEN | REPORT | SEAL, EINITTOKEN | REPORT | SEAL },
	{ "CPUSVN register", register_svn, REPORT, REPORT },
	{ "CPUSVN asked for", request_svn, ALL & ~REPORT, ALL & ~REPORT },
	{ "attribute in the mask", attribute_in_mask, ALL, ALL },
	{ "attribute outside", attribute_outside, REPORT, REPORT },
	{ "DEBUG", debug, ALL, ALL },
	{ "xfrm in the mask", xfrm_in_mask, ALL, ALL },
	{ "xfrm outside", xfrm_outside, REPORT, REPORT },
	{ "misc in the mask", misc_in_mask, ALL, ALL },
	{ "misc outside", misc_outside, REPORT, REPORT },
	{ "attribute mask", attributes_mask, PROVISION | PROV_SEAL | SEAL,
	  PROVISION | PROV_SEAL | SEAL },
	{ "xfrm mask", xfrm_mask, PROVISION | PROV_SEAL | SEAL, PROVISION | PROV_SEAL | SEAL },
	{ "misc mask", misc_mask, PROVISION | PROV_SEAL | SEAL, PROVISION | PROV_SEAL | SEAL },
	{ "MRENCLAVE", mr_enclave, REPORT, REPORT | SEAL },
	{ "MRSIGNER", mr_signer, EINITTOKEN | PROVISION | PROV_SEAL, ALL & ~REPORT },
	{ "ISVPRODID", prod_id, ALL & ~REPORT, ALL & ~REPORT },
	{ "own ISVSVN", own_svn, 0, 0 },
	{ "ISVSVN asked for", wanted_svn, ALL & ~REPORT, ALL & ~REPORT },
	{ "CONFIGID", config_id, REPORT, REPORT | SEAL | PROV_SEAL },
	{ "own CONFIGSVN", own_config_svn, REPORT, REPORT },
	{ "CONFIGSVN asked for", wanted_config_svn, 0, SEAL | PROV_SEAL },
	{ "ISVFAMILYID", family, 0, SEAL | PROV_SEAL },
	{ "ISVEXTPRODID", ext_prod, 0, SEAL | PROV_SEAL },
	{ "key id", key_id, EINITTOKEN | REPORT | SEAL, EINITTOKEN | REPORT | SEAL },
	{ "size and SSA", size, 0, 0 },
};

static struct world usual(enum att_sim_profile profile, uint16_t name, uint16_t policy)
{
	struct world w = { .options = random_options(),
			   .enclave = rich_enclave(),
			   .request = { .key_name = name,
					.key_policy = policy,
					.isv_svn = 4,
					.attributes_mask =
					    ATT_SGX_ATTR_MODE64 | ATT_SGX_ATTR_AEX_NOTIFY,
					.xfrm_mask = 0x7,
					.misc_mask = 1,
					.config_svn = 5 } };

	w.options.profile = profile;
	memset(w.request.cpu_svn, 3, sizeof(w.request.cpu_svn));
	memset(w.request.key_id, 0x1d, sizeof(w.request.key_id));
	if (profile == ATT_SIM_PROFILE_INTEL) {
		memset(w.options.cpu_svn, 0, sizeof(w.options.cpu_svn));
		memset(w.request.cpu_svn, 0, sizeof(w.request.cpu_svn));
	}
	return w;
}

static void key_in(const struct world *w, uint8_t key[static 16])
{
	att_sim_cpu *cpu = cpu_of(&w->options);
	uint8_t request[ATT_SGX_KEYREQUEST_LEN];
	uint32_t code = 99;

	att_sgx_keyrequest_write(&w->request, request);
	assert_int_equal(att_sim_egetkey(cpu, &w->enclave, request, key, &code, NULL), ATT_OK);
	assert_int_equal(code, ATT_SGX_SUCCESS);
	att_sim_cpu_free(cpu);
}

/* Of Intel's simulation these are constants or the registers' three values. */
static bool fixed_there(const char *name)
{
	return strcmp(name, "secret") == 0 || strcmp(name, "owner epoch") == 0 ||
	       strncmp(name, "CPUSVN", 6) == 0;
}

static void check_table(enum att_sim_profile profile, uint16_t policy, bool with)
{
	uint8_t before[16], after[16];

	for (uint16_t name = 0; name <= ATT_SGX_KEY_SEAL; name++) {
		const struct world base = usual(profile, name, policy);

		key_in(&base, before);
		for (size_t i = 0; i < ATT_COUNT(rows); i++) {
			struct world w = base;
			bool expected = (with ? rows[i].with : rows[i].without) >> name & 1;

			if (profile == ATT_SIM_PROFILE_INTEL && fixed_there(rows[i].name))
				continue;
			rows[i].change(&w);
			key_in(&w, after);
			if ((memcmp(before, after, 16) != 0) != expected)
				fail_msg("key %u, policy 0x%x: %s %s it", name, policy,
					 rows[i].name, expected ? "does not change" : "changes");
		}
	}
}

static void of_a_root_secret(void **state)
{
	(void)state;
	check_table(ATT_SIM_PROFILE_RANDOM, 0, false);
	check_table(ATT_SIM_PROFILE_RANDOM, 0x3b, true);
}

static void of_intels_simulation(void **state)
{
	(void)state;
	check_table(ATT_SIM_PROFILE_INTEL, 0, false);
	check_table(ATT_SIM_PROFILE_INTEL, 0x3b, true);
}

static void without_the_product(void **state)
{
	uint8_t before[16], after[16];

	(void)state;
	for (int profile = 0; profile < 2; profile++) {
		for (uint16_t name = 0; name <= ATT_SGX_KEY_SEAL; name++) {
			struct world w =
			    usual((enum att_sim_profile)profile, name, ATT_SGX_POLICY_NOISVPRODID);
			bool bound =
			    name == ATT_SGX_KEY_EINITTOKEN || name == ATT_SGX_KEY_PROVISION;

			key_in(&w, before);
			prod_id(&w);
			key_in(&w, after);
			assert_int_equal(memcmp(before, after, 16) != 0, bound);
		}
	}
}

/* Bits of the policy are in keys that heed it, also where what they add is zero. */
static void policies_part_keys(void **state)
{
	uint8_t keys[64][16];

	(void)state;
	for (uint16_t policy = 0; policy < 64; policy++) {
		struct world w = usual(ATT_SIM_PROFILE_RANDOM, ATT_SGX_KEY_SEAL, policy);

		memset(w.enclave.isv_family_id, 0, 16);
		memset(w.enclave.isv_ext_prod_id, 0, 16);
		key_in(&w, keys[policy]);
		for (uint16_t other = 0; other < policy; other++)
			assert_memory_not_equal(keys[policy], keys[other], 16);
	}
}

static void names_part_keys(void **state)
{
	uint8_t keys[5][16];

	(void)state;
	for (uint16_t name = 0; name <= ATT_SGX_KEY_SEAL; name++) {
		const struct world w = usual(ATT_SIM_PROFILE_RANDOM, name, 3);

		key_in(&w, keys[name]);
		for (uint16_t other = 0; other < name; other++)
			assert_memory_not_equal(keys[name], keys[other], 16);
	}
}

/* The key id that REPORTs of a boot carry. */
static void boots_have_key_ids(void **state)
{
	struct att_sim_cpu_options o = random_options();
	struct att_sim_fuses a, b;

	(void)state;
	assert_true(att_sim_fuses_of(&o, &a));
	flip(o.boot_id);
	assert_true(att_sim_fuses_of(&o, &b));
	assert_memory_not_equal(a.report_key_id, b.report_key_id, 32);
	assert_memory_not_equal(a.tdreport, b.tdreport, 32);
	assert_memory_equal(a.seal, b.seal, 32);
	assert_memory_equal(a.provisioning, b.provisioning, 32);
	o.profile = ATT_SIM_PROFILE_INTEL;
	assert_true(att_sim_fuses_of(&o, &a));
	assert_int_equal(a.report_key_id[0], 0xff);
	assert_true(att_all_zero(att_bytes_of(a.report_key_id + 16, 16)));
	assert_memory_equal(a.owner_epoch, "THISISOWNEREPOCH", 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_root_secret),    cmocka_unit_test(of_intels_simulation),
		cmocka_unit_test(without_the_product), cmocka_unit_test(policies_part_keys),
		cmocka_unit_test(names_part_keys),     cmocka_unit_test(boots_have_key_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
