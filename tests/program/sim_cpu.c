/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated processor at the end of a pipe: for tests that know better what it should answer.
 *
 * One command a line, hexadecimal words ("-": no bytes); one answer a line: the code, and bytes
 * where there are some. What "identity" is has platform/sim/wire.h.
 *
 *   cpu random|intel SECRET BOOT-ID OWNER-EPOCH CPUSVN   becomes that processor
 *   ereport IDENTITY TARGETINFO REPORT-DATA
 *   egetkey IDENTITY KEYREQUEST                          the code is sgx_status_t
 *   verify IDENTITY REPORT
 *   sign SEED SIGSTRUCT                                  signs it with the seed's key
 *   sigstruct SIGSTRUCT                                  gives its MRSIGNER
 *   einit IDENTITY SIGSTRUCT                             of IDENTITY what ECREATE is told
 *   tdreport TD-BODY REPORT-DATA                         of the body what TDINFO has
 *   tdverify TDREPORT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "evidence/body.h"
#include "platform/enclave/sigstruct.h"
#include "platform/sim/body.h"
#include "platform/sim/cpu.h"
#include "platform/sim/wire.h"

#define WORDS 8

struct word {
	uint8_t *bytes;
	size_t len;
};

static att_sim_cpu *cpu;

static void want(const struct word *w, size_t len)
{
	if (w->len == len)
		return;
	fprintf(stderr, "a word of %zu bytes, expected %zu\n", w->len, len);
	exit(2);
}

static void copy(void *out, const struct word *w, size_t len)
{
	want(w, len);
	if (len)
		memcpy(out, w->bytes, len);
}

static struct att_secs identity(const struct word *w)
{
	struct att_secs e;

	if (att_sim_secs_parse(att_bytes_of(w->bytes, w->len), &e, NULL) != ATT_OK)
		exit(2);
	return e;
}

static void say(int code, const void *bytes, size_t len)
{
	char *hex = malloc(2 * len + 1);

	if (!hex)
		exit(2);
	att_hex_encode(att_bytes_of(bytes, len), hex);
	printf("%d%s%s\n", code, len ? " " : "", hex);
	free(hex);
}

static void become(const char *profile, const struct word *w)
{
	struct att_sim_cpu_options o = { .profile = ATT_SIM_PROFILE_RANDOM };

	if (strcmp(profile, "intel") == 0)
		o.profile = ATT_SIM_PROFILE_INTEL;
	copy(o.secret, &w[0], sizeof(o.secret));
	copy(o.boot_id, &w[1], sizeof(o.boot_id));
	copy(o.owner_epoch, &w[2], sizeof(o.owner_epoch));
	copy(o.cpu_svn, &w[3], sizeof(o.cpu_svn));
	att_sim_cpu_free(cpu);
	say(att_sim_cpu_new(&o, &cpu, NULL), NULL, 0);
}

static void ereport(const struct word *w)
{
	uint8_t report[ATT_SGX_REPORT_LEN];
	struct att_secs e = identity(&w[0]);

	want(&w[1], ATT_SGX_TARGETINFO_LEN);
	want(&w[2], 64);
	att_rc rc = att_sim_ereport(cpu, &e, w[1].bytes, w[2].bytes, report, NULL);
	say(rc, report, rc == ATT_OK ? sizeof(report) : 0);
}

static void egetkey(const struct word *w)
{
	uint8_t key[16];
	uint32_t code;
	struct att_secs e = identity(&w[0]);

	want(&w[1], ATT_SGX_KEYREQUEST_LEN);
	att_rc rc = att_sim_egetkey(cpu, &e, w[1].bytes, key, &code, NULL);
	if ((rc == ATT_OK) != (code == ATT_SGX_SUCCESS))
		exit(2);
	say((int)code, key, rc == ATT_OK ? sizeof(key) : 0);
}

static void verify(const struct word *w)
{
	struct att_secs e = identity(&w[0]);

	want(&w[1], ATT_SGX_REPORT_LEN);
	say(att_sim_report_verify(cpu, &e, w[1].bytes, NULL), NULL, 0);
}

static void sign(const struct word *w)
{
	uint8_t out[ATT_SIGSTRUCT_LEN];
	struct att_sigstruct terms;
	att_rsa_signer *signer;

	att_rc rc = att_sigstruct_parse(att_bytes_of(w[1].bytes, w[1].len), &terms, NULL);
	if (rc == ATT_OK)
		rc = att_rsa_signer_derive(att_bytes_of(w[0].bytes, w[0].len), "test", &signer,
					   NULL);
	if (rc == ATT_OK) {
		rc = att_sigstruct_sign(&terms, signer, out, NULL);
		att_rsa_signer_free(signer);
	}
	say(rc, out, rc == ATT_OK ? sizeof(out) : 0);
}

static void sigstruct(const struct word *w)
{
	struct att_sigstruct s;
	uint8_t mr_signer[32];

	att_rc rc = att_sigstruct_verify(att_bytes_of(w[0].bytes, w[0].len), &s, NULL);
	if (rc == ATT_OK)
		rc = att_sigstruct_mr_signer(s.modulus, mr_signer, NULL);
	say(rc, mr_signer, rc == ATT_OK ? sizeof(mr_signer) : 0);
}

static void einit(const struct word *w)
{
	att_auto_buf att_buf b = { 0 };
	struct att_secs e = identity(&w[0]), made;
	struct att_sim_launch l = {
		.size = e.size,
		.ssa_frame_size = e.ssa_frame_size,
		.attributes_given = true,
		.attributes = e.attributes,
		.xfrm = e.xfrm,
		.misc_select = e.misc_select,
		.config_svn = e.config_svn,
	};

	memcpy(l.mr_enclave, e.mr_enclave, sizeof(l.mr_enclave));
	memcpy(l.config_id, e.config_id, sizeof(l.config_id));
	att_rc rc = att_sim_einit(cpu, &l, att_bytes_of(w[1].bytes, w[1].len), &made, NULL);
	if (rc == ATT_OK)
		att_sim_put_secs(&b, &made);
	say(rc, b.ptr, b.len);
}

static void tdreport(const struct word *w)
{
	uint8_t report[ATT_TDREPORT_LEN];
	struct att_td_body td;
	att_reader r = att_reader_of(att_bytes_of(w[0].bytes, w[0].len));

	want(&w[0], ATT_TD_BODY_10_LEN);
	want(&w[1], 64);
	att_td_body_read(&r, false, &td);
	att_rc rc = att_sim_tdreport(cpu, &td, w[1].bytes, report, NULL);
	say(rc, report, rc == ATT_OK ? sizeof(report) : 0);
}

static void tdverify(const struct word *w)
{
	att_auto_buf att_buf b = { 0 };
	struct att_td_body td;

	want(&w[0], ATT_TDREPORT_LEN);
	att_rc rc = att_sim_tdreport_verify(cpu, w[0].bytes, &td, NULL);
	if (rc == ATT_OK)
		att_sim_put_td_body(&b, &td);
	say(rc, b.ptr, b.len);
}

static const struct {
	const char *name;
	void (*run)(const struct word *w);
	size_t words;
} commands[] = {
	{ "ereport", ereport, 3 },   { "egetkey", egetkey, 2 },     { "verify", verify, 2 },
	{ "sign", sign, 2 },         { "sigstruct", sigstruct, 1 }, { "einit", einit, 2 },
	{ "tdreport", tdreport, 2 }, { "tdverify", tdverify, 1 },
};

static struct word decode(const char *hex)
{
	struct word w = { .len = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2 };

	w.bytes = malloc(w.len ? w.len : 1);
	if (!w.bytes || (w.len && att_hex_decode(att_bytes_of(hex, strlen(hex)), w.bytes, w.len,
						 NULL) != ATT_OK))
		exit(2);
	return w;
}

static void run(const char *name, const char *first, const struct word *w, size_t count)
{
	if (strcmp(name, "cpu") == 0 && count == 4) {
		become(first, w);
		return;
	}
	for (size_t i = 0; i < ATT_COUNT(commands); i++) {
		if (strcmp(name, commands[i].name) == 0 && count == commands[i].words && cpu) {
			commands[i].run(w);
			return;
		}
	}
	fprintf(stderr, "no command '%s' with %zu words\n", name, count);
	exit(2);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		struct word w[WORDS] = { 0 };
		char *rest = NULL, *name = strtok_r(line, " \n", &rest), *first = NULL;
		size_t count = 0;

		if (!name)
			continue;
		if (strcmp(name, "cpu") == 0)
			first = strtok_r(NULL, " \n", &rest);
		for (char *t; count < WORDS && (t = strtok_r(NULL, " \n", &rest)) != NULL;)
			w[count++] = decode(t);
		run(name, first ? first : "", w, count);
		fflush(stdout);
		for (size_t i = 0; i < count; i++)
			free(w[i].bytes);
	}
	free(line);
	att_sim_cpu_free(cpu);
	return 0;
}
