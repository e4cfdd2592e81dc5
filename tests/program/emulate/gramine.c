/* SPDX-License-Identifier: Apache-2.0 */
/* Gramine's /dev/attestation. A write replaces the content, zero-padded, and cuts what is too long;
 * quote and report are made when the file is opened. */
#include "emulate.h"

#include <errno.h>
#include <string.h>

static uint8_t user_report_data[64];
static uint8_t target_info[512];

static const struct {
	const char *name;
	unsigned mode;
} files[] = {
	{ "attestation_type", 0444 }, { "user_report_data", 0666 }, { "target_info", 0666 },
	{ "my_target_info", 0444 },   { "report", 0444 },           { "quote", 0444 },
};

void emu_gramine_reset(void)
{
	memset(user_report_data, 0, sizeof(user_report_data));
	memset(target_info, 0, sizeof(target_info));
}

unsigned emu_gramine_file(const char *file)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (strcmp(files[i].name, file) != 0)
			continue;
		if (strcmp(file, "attestation_type") == 0 && emu_word("gramine.type", "absent"))
			return 0;
		if (strcmp(file, "quote") == 0 && emu_word("gramine.type", "none"))
			return 0;
		return files[i].mode;
	}
	return 0;
}

const char *emu_gramine_file_at(size_t i)
{
	return i < sizeof(files) / sizeof(files[0]) ? files[i].name : NULL;
}

static int sized(struct emu_blob *out, const char *fault)
{
	long size = emu_number(fault, (long)out->len);

	if ((size_t)size > out->len)
		memset(out->b + out->len, 0x5a, (size_t)size - out->len);
	out->len = (size_t)size;
	return 0;
}

int emu_gramine_get(const char *file, struct emu_blob *out)
{
	int e = 0;

	out->len = 0;
	if (strcmp(file, "attestation_type") == 0) {
		const char *type = emu_word("gramine.type", "none") ? "none" : "dcap";
		out->len = strlen(type);
		memcpy(out->b, type, out->len);
		return emu_fault("gramine.attestation_type");
	}
	if (strcmp(file, "quote") == 0) {
		e = emu_fault("gramine.quote");
		if (e || !emu_evidence(user_report_data, out))
			return e ? e : -EACCES;
		return sized(out, "gramine.quote_size");
	}
	if (strcmp(file, "report") == 0) {
		e = emu_fault("gramine.report");
		if (e || !emu_sgx_report(target_info, user_report_data, out->b))
			return e ? e : -EACCES;
		out->len = 432;
		return sized(out, "gramine.report_size");
	}
	if (strcmp(file, "my_target_info") == 0)
		out->len = 512;
	memset(out->b, 0, out->len);
	return 0;
}

int emu_gramine_put(const char *file, const struct emu_blob *in)
{
	bool data = strcmp(file, "user_report_data") == 0;
	uint8_t *to = data ? user_report_data : target_info;
	size_t room = data ? sizeof(user_report_data) : sizeof(target_info);

	if (!data && strcmp(file, "target_info") != 0)
		return -EACCES;
	int e = emu_fault(data ? "gramine.user_report_data" : "gramine.target_info");
	if (e)
		return e;
	memset(to, 0, room);
	memcpy(to, in->b, in->len < room ? in->len : room);
	return 0;
}
