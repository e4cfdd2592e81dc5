/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/enclave/elf.h"

#include <string.h>

#include "base/error.h"
#include "base/reader.h"

#define SEGMENT_SIZE 56u
#define SECTION_SIZE 64u
#define EM_X86_64    62u

bool att_elf_is(att_bytes file)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };

	return file.len >= sizeof(magic) && memcmp(file.ptr, magic, sizeof(magic)) == 0;
}

/* The table of `count` entries of `size` bytes at `offset`, when it is inside of the file. */
static att_rc table(att_bytes file, uint64_t offset, size_t count, size_t size, const char *what,
		    att_bytes *out, att_err *err)
{
	if (offset > file.len || count > (file.len - (size_t)offset) / size)
		return att_fail_at(err, ATT_E_TRUNCATED, file.len,
				   "elf: %s: %zu entries at %llu are not inside of the file", what,
				   count, (unsigned long long)offset);
	*out = att_bytes_of(count ? file.ptr + offset : file.ptr, count * size);
	return ATT_OK;
}

static att_rc check_segments(const struct att_elf *elf, att_err *err)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		struct att_elf_segment s;

		att_elf_segment_at(elf, i, &s);
		if (s.offset > elf->file.len || s.filesz > elf->file.len - s.offset)
			return att_fail(
			    err, ATT_E_TRUNCATED,
			    "elf: segment %zu: its %llu bytes at %llu are not inside of "
			    "the file",
			    i, (unsigned long long)s.filesz, (unsigned long long)s.offset);
	}
	return ATT_OK;
}

/* Names are for people; where their table is broken, sections have none. */
static void find_names(struct att_elf *elf, size_t index)
{
	struct att_elf_section s;
	att_bytes names;

	if (index >= elf->section_count)
		return;
	att_elf_section_at(elf, index, &s);
	if (att_elf_section_bytes(elf, &s, &names))
		elf->names = names;
}

att_rc att_elf_read(att_bytes file, struct att_elf *out, att_err *err)
{
	att_reader r = att_reader_of(file);
	struct att_elf elf = { .file = file };

	*out = (struct att_elf){ 0 };
	if (!att_elf_is(file))
		return att_fail_at(err, ATT_E_FORMAT, 0, "elf: no ELF file");
	att_skip(&r, 4, "e_ident.magic");
	uint8_t class = att_u8(&r, "e_ident.class");
	uint8_t data = att_u8(&r, "e_ident.data");
	uint8_t version = att_u8(&r, "e_ident.version");
	att_skip(&r, 9, "e_ident");
	elf.type = att_le16(&r, "e_type");
	uint16_t machine = att_le16(&r, "e_machine");
	att_skip(&r, 4, "e_version");
	elf.entry = att_le64(&r, "e_entry");
	uint64_t phoff = att_le64(&r, "e_phoff");
	uint64_t shoff = att_le64(&r, "e_shoff");
	att_skip(&r, 4 + 2, "e_flags, e_ehsize");
	uint16_t phentsize = att_le16(&r, "e_phentsize");
	uint16_t phnum = att_le16(&r, "e_phnum");
	uint16_t shentsize = att_le16(&r, "e_shentsize");
	uint16_t shnum = att_le16(&r, "e_shnum");
	uint16_t shstrndx = att_le16(&r, "e_shstrndx");
	att_rc rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "elf header");
	if (class != 2 || data != 1 || version != 1 || machine != EM_X86_64)
		return att_fail(
		    err, ATT_E_UNSUPPORTED,
		    "elf: class %u, data %u, version %u, machine %u; only 64-bit little-endian "
		    "files of x86-64 (2, 1, 1, 62) are read",
		    class, data, version, machine);
	if (phnum && phentsize != SEGMENT_SIZE)
		return att_fail(err, ATT_E_FORMAT, "elf: e_phentsize is %u, expected %u", phentsize,
				SEGMENT_SIZE);
	if (shnum && shentsize != SECTION_SIZE)
		return att_fail(err, ATT_E_FORMAT, "elf: e_shentsize is %u, expected %u", shentsize,
				SECTION_SIZE);
	rc = table(file, phoff, phnum, SEGMENT_SIZE, "program headers", &elf.segments, err);
	if (rc != ATT_OK)
		return rc;
	rc = table(file, shoff, shnum, SECTION_SIZE, "section headers", &elf.sections, err);
	if (rc != ATT_OK)
		return rc;
	elf.segment_count = phnum;
	elf.section_count = shnum;
	rc = check_segments(&elf, err);
	if (rc != ATT_OK)
		return rc;
	find_names(&elf, shstrndx);
	*out = elf;
	return ATT_OK;
}

/* The tables were bounded by att_elf_read, so that reads below can not fail. */
static att_reader entry(att_bytes entries, size_t i, size_t size)
{
	return att_reader_of(att_bytes_of(entries.ptr + i * size, size));
}

void att_elf_segment_at(const struct att_elf *elf, size_t i, struct att_elf_segment *out)
{
	att_reader r = entry(elf->segments, i, SEGMENT_SIZE);

	out->type = att_le32(&r, "p_type");
	out->flags = att_le32(&r, "p_flags");
	out->offset = att_le64(&r, "p_offset");
	out->vaddr = att_le64(&r, "p_vaddr");
	att_skip(&r, 8, "p_paddr");
	out->filesz = att_le64(&r, "p_filesz");
	out->memsz = att_le64(&r, "p_memsz");
	out->align = att_le64(&r, "p_align");
}

static att_bytes name_at(att_bytes names, uint32_t at)
{
	if (at >= names.len)
		return att_bytes_of(NULL, 0);
	const uint8_t *end = memchr(names.ptr + at, 0, names.len - at);

	return att_bytes_of(names.ptr + at, end ? (size_t)(end - (names.ptr + at)) : 0);
}

void att_elf_section_at(const struct att_elf *elf, size_t i, struct att_elf_section *out)
{
	att_reader r = entry(elf->sections, i, SECTION_SIZE);

	out->name = name_at(elf->names, att_le32(&r, "sh_name"));
	out->type = att_le32(&r, "sh_type");
	out->flags = att_le64(&r, "sh_flags");
	out->addr = att_le64(&r, "sh_addr");
	out->offset = att_le64(&r, "sh_offset");
	out->size = att_le64(&r, "sh_size");
	att_skip(&r, 8, "sh_link, sh_info");
	out->addralign = att_le64(&r, "sh_addralign");
}

bool att_elf_section_named(const struct att_elf *elf, const char *name, struct att_elf_section *out)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < elf->section_count; i++) {
		att_elf_section_at(elf, i, out);
		if (out->name.len == len && memcmp(out->name.ptr, name, len) == 0)
			return true;
	}
	return false;
}

bool att_elf_section_addressed(const struct att_elf *elf, uint64_t addr,
			       struct att_elf_section *out)
{
	for (size_t i = 0; i < elf->section_count; i++) {
		att_elf_section_at(elf, i, out);
		if (out->addr == addr)
			return true;
	}
	return false;
}

bool att_elf_section_bytes(const struct att_elf *elf, const struct att_elf_section *section,
			   att_bytes *out)
{
	if (section->type == ATT_ELF_SHT_NOBITS || section->offset > elf->file.len ||
	    section->size > elf->file.len - section->offset)
		return false;
	*out = att_bytes_of(elf->file.ptr + section->offset, (size_t)section->size);
	return true;
}
