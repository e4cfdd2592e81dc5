/* SPDX-License-Identifier: Apache-2.0 */
/* ELF files of x86-64 as far as enclaves need them: the tables are found and bounded once, then
 * read entry by entry. Facts: System V ABI (gABI 4.1, chapters 4 and 5), AMD64 supplement. */
#ifndef ATT_PLATFORM_ENCLAVE_ELF_H
#define ATT_PLATFORM_ENCLAVE_ELF_H

#include "attest/base.h"

#define ATT_ELF_EXEC 2u
#define ATT_ELF_DYN  3u

#define ATT_ELF_PT_LOAD    1u
#define ATT_ELF_PT_DYNAMIC 2u
#define ATT_ELF_PT_TLS     7u

#define ATT_ELF_PF_X 1u
#define ATT_ELF_PF_W 2u
#define ATT_ELF_PF_R 4u

#define ATT_ELF_SHT_NOBITS 8u
#define ATT_ELF_SHF_ALLOC  2u

struct att_elf {
	att_bytes file;
	uint16_t type;
	uint64_t entry;
	att_bytes segments; /* program headers */
	size_t segment_count;
	att_bytes sections; /* section headers */
	size_t section_count;
	att_bytes names; /* of sections */
};

struct att_elf_segment {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

struct att_elf_section {
	att_bytes name;
	uint32_t type;
	uint64_t flags;
	uint64_t addr;
	uint64_t offset;
	uint64_t size;
	uint64_t addralign;
};

/* Does the file begin as every ELF file does? */
bool att_elf_is(att_bytes file);

/* Reads the header; both tables, and the file bytes of every segment, are inside of the file
 * afterwards. Views into `file`. ATT_E_TRUNCATED, ATT_E_FORMAT, ATT_E_UNSUPPORTED (not x86-64). */
att_rc att_elf_read(att_bytes file, struct att_elf *out, att_err *err) ATT_MUST_USE ATT_NONNULL(2);

/* Entry `i`, below the count. */
void att_elf_segment_at(const struct att_elf *elf, size_t i, struct att_elf_segment *out);
void att_elf_section_at(const struct att_elf *elf, size_t i, struct att_elf_section *out);

/* The first section of that name, of that address. False when there is none. */
bool att_elf_section_named(const struct att_elf *elf, const char *name,
			   struct att_elf_section *out);
bool att_elf_section_addressed(const struct att_elf *elf, uint64_t addr,
			       struct att_elf_section *out);

/* The file's bytes of a section; false when they are not inside of the file. */
bool att_elf_section_bytes(const struct att_elf *elf, const struct att_elf_section *section,
			   att_bytes *out);

#endif
