/* SPDX-License-Identifier: Apache-2.0 */
/* What the environment asks for: which machine, which evidence, which faults. */
#include "emulate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_MAX 16

struct fault {
	char name[32];
	char value[32];
	long count; /* how often still; negative: always */
};

static struct fault faults[FAULTS_MAX];
static size_t fault_count;
static char words[256];

static const struct {
	const char *name;
	int value;
} errnos[] = {
	{ "EACCES", EACCES }, { "EBUSY", EBUSY },
	{ "EINTR", EINTR },   { "EINVAL", EINVAL },
	{ "EIO", EIO },       { "ENODEV", ENODEV },
	{ "ENOENT", ENOENT }, { "ENOMEM", ENOMEM },
	{ "ENOTTY", ENOTTY }, { "ENXIO", ENXIO },
	{ "EPERM", EPERM },   { "EEXIST", EEXIST },
	{ "EFAULT", EFAULT }, { "ETIMEDOUT", ETIMEDOUT },
	{ "EAGAIN", EAGAIN },
};

static void read_faults(const char *text)
{
	char copy[512], *save = NULL;

	fault_count = 0;
	snprintf(copy, sizeof(copy), "%s", text ? text : "");
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		char *value = strchr(w, '=');
		if (!value || fault_count == FAULTS_MAX)
			abort();
		*value++ = 0;
		char *count = strchr(value, ':');
		if (count)
			*count++ = 0;
		struct fault *f = &faults[fault_count++];
		snprintf(f->name, sizeof(f->name), "%s", w);
		snprintf(f->value, sizeof(f->value), "%s", value);
		f->count = count ? strtol(count, NULL, 10) : -1;
	}
}

void emu_reset(void)
{
	const char *machine = getenv("EMULATE");

	snprintf(words, sizeof(words), " %s ", machine ? machine : "");
	read_faults(getenv("EMULATE_FAULTS"));
	emu_tsm_reset();
	emu_gramine_reset();
}

bool emu_has(const char *word)
{
	char padded[64];

	snprintf(padded, sizeof(padded), " %s ", word);
	return strstr(words, padded) != NULL;
}

static struct fault *take(const char *name)
{
	for (size_t i = 0; i < fault_count; i++) {
		if (strcmp(faults[i].name, name) != 0 || faults[i].count == 0)
			continue;
		if (faults[i].count > 0)
			faults[i].count--;
		return &faults[i];
	}
	return NULL;
}

int emu_fault(const char *name)
{
	const struct fault *f = take(name);

	for (size_t i = 0; f && i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (strcmp(errnos[i].name, f->value) == 0)
			return -errnos[i].value;
	return 0;
}

long emu_number(const char *name, long otherwise)
{
	const struct fault *f = take(name);

	return f ? (long)strtoull(f->value, NULL, 0) : otherwise;
}

bool emu_word(const char *name, const char *word)
{
	for (size_t i = 0; i < fault_count; i++)
		if (strcmp(faults[i].name, name) == 0 && strcmp(faults[i].value, word) == 0)
			return true;
	return false;
}

bool emu_load(const char *variable, struct emu_blob *out)
{
	const char *path = getenv(variable);

	out->len = 0;
	FILE *f = path ? fopen(path, "rbe") : NULL;
	if (!f)
		return false;
	out->len = fread(out->b, 1, sizeof(out->b), f);
	fclose(f);
	return true;
}

/* Intel DCAP quote formats: version at 0, TEE type at 4, body at 48 (version 5: at 54, its type at
 * 48). */
static size_t report_data_at(const struct emu_blob *q)
{
	size_t body = q->b[0] == 5 ? 54 : 48;
	bool td = q->b[0] == 5 ? q->b[48] != 1 : q->b[4] == 0x81;

	return body + (td ? 520 : 320);
}

bool emu_evidence(const uint8_t report_data[64], struct emu_blob *out)
{
	if (!emu_load("EMULATE_QUOTE", out))
		return false;
	if (!getenv("EMULATE_SAME"))
		memcpy(out->b + report_data_at(out), report_data, 64);
	return true;
}

bool emu_snp_report(const uint8_t report_data[64], struct emu_blob *out)
{
	if (!emu_load("EMULATE_REPORT", out))
		return false;
	if (!getenv("EMULATE_SAME"))
		memcpy(out->b + 0x50, report_data, 64);
	return true;
}

bool emu_sgx_report(const uint8_t target[512], const uint8_t report_data[64], uint8_t report[432])
{
	static struct emu_blob quote;

	if (!emu_load("EMULATE_QUOTE", &quote))
		return false;
	memset(report, 0, 432);
	memcpy(report, quote.b + (quote.b[0] == 5 ? 54 : 48), 384);
	memcpy(report + 320, report_data, 64);
	memcpy(report + 416, target, 16);
	return true;
}
