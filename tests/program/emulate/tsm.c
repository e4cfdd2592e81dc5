/* SPDX-License-Identifier: Apache-2.0 */
/* configfs-tsm (kernel documentation, ABI/testing/configfs-tsm). What is written to a binary
 * attribute is taken when the file is closed, and configfs drops what its owner says to it: a
 * refused inblob shows in the generation only. */
#include "emulate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES 4

static struct {
	char name[64];
	unsigned generation;
	unsigned read_generation;
	bool asked;
	long privilege;
	uint8_t in[64];
} entries[ENTRIES];

static const struct {
	const char *name;
	unsigned mode;
} attributes[] = {
	{ "inblob", 0200 },          { "outblob", 0400 },    { "auxblob", 0400 },
	{ "provider", 0400 },        { "generation", 0400 }, { "privlevel", 0200 },
	{ "privlevel_floor", 0400 },
};

void emu_tsm_reset(void)
{
	memset(entries, 0, sizeof(entries));
}

static bool is_snp(void)
{
	return emu_has("tsm:sev_guest");
}

static int find(const char *entry)
{
	for (int i = 0; i < ENTRIES; i++)
		if (entries[i].name[0] && strcmp(entries[i].name, entry) == 0)
			return i;
	return -1;
}

bool emu_tsm_entry(const char *entry)
{
	return find(entry) >= 0;
}

const char *emu_tsm_entry_at(size_t i)
{
	for (size_t k = 0; k < ENTRIES; k++)
		if (entries[k].name[0] && i-- == 0)
			return entries[k].name;
	return NULL;
}

unsigned emu_tsm_attribute(const char *attribute)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(attributes[i].name, attribute) != 0)
			continue;
		/* Only an SNP provider has these. */
		bool snp_only =
		    strncmp(attribute, "priv", 4) == 0 || strcmp(attribute, "auxblob") == 0;
		return snp_only && !is_snp() ? 0 : attributes[i].mode;
	}
	return 0;
}

const char *emu_tsm_attribute_at(size_t i)
{
	return i < sizeof(attributes) / sizeof(attributes[0]) ? attributes[i].name : NULL;
}

int emu_tsm_mkdir(const char *entry)
{
	int e = emu_fault("tsm.mkdir");

	if (e)
		return e;
	if (find(entry) >= 0)
		return -EEXIST;
	for (int i = 0; i < ENTRIES; i++) {
		if (entries[i].name[0])
			continue;
		memset(&entries[i], 0, sizeof(entries[i]));
		snprintf(entries[i].name, sizeof(entries[i].name), "%s", entry);
		return 0;
	}
	return -ENOMEM;
}

int emu_tsm_rmdir(const char *entry)
{
	int i = find(entry);
	int e = emu_fault("tsm.rmdir");

	if (e)
		return e;
	if (i < 0)
		return -ENOENT;
	entries[i].name[0] = 0;
	return 0;
}

static int text(struct emu_blob *out, const char *s)
{
	out->len = strlen(s);
	memcpy(out->b, s, out->len);
	return 0;
}

static int outblob(int i, struct emu_blob *out)
{
	long floor = emu_number("tsm.floor", 0);

	if (!entries[i].asked || entries[i].privilege < floor)
		return -EINVAL;
	if (!(is_snp() ? emu_snp_report(entries[i].in, out) : emu_evidence(entries[i].in, out)))
		return -EIO;
	long size = emu_number("tsm.size", (long)out->len);
	if ((size_t)size > out->len)
		memset(out->b + out->len, 0x5a, (size_t)size - out->len);
	out->len = (size_t)size;
	if (emu_number("tsm.race", 0)) /* somebody else writes between this and the next look */
		entries[i].generation++;
	return 0;
}

int emu_tsm_get(const char *entry, const char *attribute, struct emu_blob *out)
{
	char name[64], line[64];
	int i = find(entry);

	snprintf(name, sizeof(name), "tsm.%s", attribute);
	int e = emu_fault(name);
	if (e)
		return e;
	if (i < 0)
		return -ENOENT;
	out->len = 0;
	if (strcmp(attribute, "outblob") == 0)
		return outblob(i, out);
	if (strcmp(attribute, "auxblob") == 0) {
		emu_load("EMULATE_CERTS", out);
		return 0;
	}
	if (strcmp(attribute, "provider") == 0 && emu_word("tsm.name", "arm_cca_guest"))
		return text(out, "arm_cca_guest\n");
	if (strcmp(attribute, "provider") == 0)
		return text(out, is_snp() ? "sev_guest\n" : "tdx_guest\n");
	if (strcmp(attribute, "generation") == 0) {
		if (emu_number("tsm.words", 0))
			return text(out, "many\n");
		snprintf(line, sizeof(line), "%u\n", entries[i].generation);
		return text(out, line);
	}
	if (strcmp(attribute, "privlevel_floor") == 0) {
		snprintf(line, sizeof(line), "%ld\n", emu_number("tsm.floor", 0));
		return text(out, line);
	}
	return -EACCES;
}

int emu_tsm_put(const char *entry, const char *attribute, const struct emu_blob *in)
{
	int i = find(entry);

	if (i < 0)
		return -ENOENT;
	if (strcmp(attribute, "privlevel") == 0) {
		if (in->len != 1 || in->b[0] < '0' || in->b[0] > '3')
			return -EINVAL;
		entries[i].privilege = in->b[0] - '0';
		entries[i].generation++;
		return 0;
	}
	if (strcmp(attribute, "inblob") != 0)
		return -EACCES;
	if (emu_number("tsm.lost", 0) || in->len == 0 || in->len > sizeof(entries[i].in))
		return 0;
	memset(entries[i].in, 0, sizeof(entries[i].in));
	memcpy(entries[i].in, in->b, in->len);
	entries[i].asked = true;
	entries[i].generation++;
	return 0;
}
