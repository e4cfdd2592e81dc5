/* SPDX-License-Identifier: Apache-2.0 */
/* Emulated machines with evidence of the generator's (SGX, TDX) and made by hand (SNP), and what
 * attesters do on them. */
#ifndef EMULATED_H
#define EMULATED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "emulate.h"
#include "platform/attester.h"
#include "platform/sim/machine.h"

enum evidence { SGX, TDX, SNP, CERTS, EVIDENCE_COUNT };

static struct {
	char dir[64];
	char path[EVIDENCE_COUNT][96];
	att_buf bytes[EVIDENCE_COUNT];
	uint8_t report_data[64];
} given;

static inline size_t report_data_at(enum evidence which)
{
	return which == SGX ? 368 : which == TDX ? 568 : 0x50;
}

/* AMD 56860, ATTESTATION_REPORT, version 3; the signature is none. */
static inline void make_snp(att_buf *b)
{
	att_put_le32(b, 3);
	att_put_le32(b, 7);
	att_put_le64(b, 0x3001f);
	att_put_zero(b, 32 + 4);
	att_put_le32(b, 1);
	att_put_zero(b, 0x188 - b->len);
	att_put_u8(b, 0x19);
	att_put_u8(b, 1);
	att_put_u8(b, 1);
	att_put_zero(b, 1184 - b->len);
}

/* One entry, the VCEK, of 300 bytes that end in zeros. */
static inline void make_certs(att_buf *b)
{
	static const uint8_t vcek[16] = { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
					  0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd };

	att_put_mem(b, vcek, sizeof(vcek));
	att_put_le32(b, 48);
	att_put_le32(b, 300);
	att_put_zero(b, 24);
	for (int i = 0; i < 290; i++)
		att_put_u8(b, (uint8_t)(i + 1));
	att_put_zero(b, 10);
}

static inline int make_evidence(void **state)
{
	static const char *const names[] = { "sgx", "tdx", "snp", "certs" };
	const struct att_sim_options o = { .now = 1750000000, .cpus = 1, .seed = { "attesters" } };
	att_sim_machine *m = NULL;

	(void)state;
	snprintf(given.dir, sizeof(given.dir), "/tmp/emulated-XXXXXX");
	if (!mkdtemp(given.dir) || att_sim_machine_new(&o, &m, NULL) != ATT_OK ||
	    att_sim_machine_quote(m, ATT_SIM_SGX3, 0, &given.bytes[SGX], NULL) != ATT_OK ||
	    att_sim_machine_quote(m, ATT_SIM_TDX4, 0, &given.bytes[TDX], NULL) != ATT_OK)
		return -1;
	att_sim_machine_free(m);
	make_snp(&given.bytes[SNP]);
	make_certs(&given.bytes[CERTS]);
	for (size_t i = 0; i < sizeof(given.report_data); i++)
		given.report_data[i] = (uint8_t)(0xc0 + i);
	for (int i = 0; i < EVIDENCE_COUNT; i++) {
		snprintf(given.path[i], sizeof(given.path[i]), "%s/%s", given.dir, names[i]);
		FILE *f = fopen(given.path[i], "wb");
		if (!f ||
		    fwrite(given.bytes[i].ptr, 1, given.bytes[i].len, f) != given.bytes[i].len)
			return -1;
		fclose(f);
		if (i < CERTS) /* what is expected back */
			memcpy(given.bytes[i].ptr + report_data_at((enum evidence)i),
			       given.report_data, 64);
	}
	setenv("EMULATE_REPORT", given.path[SNP], 1);
	setenv("EMULATE_CERTS", given.path[CERTS], 1);
	return 0;
}

static inline int drop_evidence(void **state)
{
	(void)state;
	for (int i = 0; i < EVIDENCE_COUNT; i++) {
		unlink(given.path[i]);
		att_buf_free(&given.bytes[i]);
	}
	return rmdir(given.dir);
}

static inline void machine(const char *words, enum evidence which, const char *faults)
{
	setenv("EMULATE", words, 1);
	setenv("EMULATE_FAULTS", faults, 1);
	setenv("EMULATE_QUOTE", given.path[which == TDX ? TDX : SGX], 1);
	emu_reset();
}

static inline att_rc quote_by(const char *attester, struct att_quoted *q, att_err *err)
{
	const struct att_attester_options options = { .timeout_ms = 30 };
	att_attester *a = NULL;

	memset(q, 0, sizeof(*q));
	att_rc rc = att_attester_open(attester, &options, &a, err);
	if (rc == ATT_OK)
		rc = att_attester_quote(a, given.report_data, q, err);
	att_attester_free(a);
	return rc;
}

static inline void assert_quotes(const char *attester, enum evidence which)
{
	struct att_quoted q;
	att_err err = { 0 };

	if (quote_by(attester, &q, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	assert_string_equal(q.attester, attester);
	assert_int_equal(q.evidence_len, given.bytes[which].len);
	assert_memory_equal(q.evidence, given.bytes[which].ptr, q.evidence_len);
	if (which != SNP)
		assert_null(q.certificates);
	att_quoted_clear(&q);
	assert_null(q.evidence);
}

struct bad {
	const char *words;
	const char *faults;
	att_rc rc;
	const char *says;
};

static inline void assert_bad(const char *attester, enum evidence which, const struct bad *b)
{
	struct att_quoted q;
	att_err err = { 0 };

	machine(b->words, which, b->faults);
	att_rc rc = quote_by(attester, &q, &err);
	if (rc != b->rc || !strstr(err.msg, b->says))
		fail_msg("%s (%s): %s: %s", b->words, b->faults, att_rc_name(rc), err.msg);
	assert_int_equal(err.rc, rc);
	assert_null(q.evidence);
	assert_null(q.certificates);
	/* Nothing stays behind in configfs. */
	assert_true(strstr(b->faults, "tsm.rmdir") || !emu_tsm_entry_at(0));
}

#define RUN_EMULATED(tests) cmocka_run_group_tests(tests, make_evidence, drop_evidence)

#endif
