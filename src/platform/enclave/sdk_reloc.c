/* SPDX-License-Identifier: Apache-2.0 */
/* Relocations of read-only pages: with DT_TEXTREL the SDK's loader adds those pages writable, and
 * so the signer measures them. Facts: doc/enclave-measurement.md (intel/linux-sgx
 * psw/urts/parser/elfparser.cpp, get_reloc_bitmap). */
#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "platform/enclave/sdk.h"

#define DT_NULL     0u
#define DT_PLTRELSZ 2u
#define DT_RELA     7u
#define DT_RELASZ   8u
#define DT_TEXTREL  22u
#define DT_JMPREL   23u

#define RELA_SIZE 24u
#define PAGES_MAX (1u << 20)

struct dynamic {
	bool textrel;
	bool has_rela;
	bool has_jmprel;
	uint64_t rela;
	uint64_t rela_size;
	uint64_t jmprel;
	uint64_t jmprel_size;
};

static bool find_dynamic(const struct att_elf *elf, struct att_elf_segment *out)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		att_elf_segment_at(elf, i, out);
		if (out->type == ATT_ELF_PT_DYNAMIC)
			return true;
	}
	return false;
}

static struct dynamic read_dynamic(const struct att_elf *elf)
{
	struct dynamic d = { 0 };
	struct att_elf_segment s;

	if (!find_dynamic(elf, &s))
		return d;
	att_reader r =
	    att_reader_of(att_bytes_of(elf->file.ptr + s.offset, elf->file.len - (size_t)s.offset));
	while (att_left(&r) >= 16) {
		uint64_t tag = att_le64(&r, "d_tag");
		uint64_t value = att_le64(&r, "d_val");

		if (tag == DT_NULL)
			break;
		if (tag == DT_TEXTREL)
			d.textrel = true;
		if (tag == DT_RELA)
			d.has_rela = true, d.rela = value;
		if (tag == DT_RELASZ)
			d.rela_size = value;
		if (tag == DT_JMPREL)
			d.has_jmprel = true, d.jmprel = value;
		if (tag == DT_PLTRELSZ)
			d.jmprel_size = value;
	}
	return d;
}

/* As the loader: the image ends where its highest segment does. */
static uint64_t image_end(const struct att_elf *elf)
{
	uint64_t highest = 0;
	uint64_t end = 0;

	for (size_t i = 0; i < elf->segment_count; i++) {
		struct att_elf_segment s;

		att_elf_segment_at(elf, i, &s);
		if (s.type != ATT_ELF_PT_LOAD || s.vaddr < highest)
			continue;
		highest = s.vaddr;
		end = s.vaddr + s.memsz;
	}
	return end;
}

static void mark(att_image *image, uint64_t page)
{
	if (page < image->relocated_pages)
		image->relocated[page / 8] |= (uint8_t)(1u << (page % 8));
}

static att_rc mark_all(att_image *image, uint64_t addr, uint64_t size, att_err *err)
{
	const struct att_elf *elf = &image->elf;
	struct att_elf_section s;

	if (!att_elf_section_addressed(elf, addr, &s))
		return ATT_OK;
	if (s.offset > elf->file.len || size > elf->file.len - s.offset)
		return att_fail(err, ATT_E_TRUNCATED, "relocations are not inside of the file");
	att_reader r = att_reader_of(att_bytes_of(elf->file.ptr + s.offset, (size_t)size));
	while (att_left(&r) >= RELA_SIZE) {
		uint64_t at = att_le64(&r, "r_offset");
		uint64_t info = att_le64(&r, "r_info");
		att_skip(&r, 8, "r_addend");

		if ((info & 0xffffffffu) == 0) /* R_X86_64_NONE */
			continue;
		mark(image, at / ATT_PAGE_SIZE);
		if (at % ATT_PAGE_SIZE > ATT_PAGE_SIZE - 8)
			mark(image, at / ATT_PAGE_SIZE + 1);
	}
	return ATT_OK;
}

att_rc att_sdk_find_relocated(att_image *image, att_err *err)
{
	struct dynamic d = read_dynamic(&image->elf);
	uint64_t pages = (image_end(&image->elf) + ATT_PAGE_SIZE - 1) / ATT_PAGE_SIZE;
	att_rc rc = ATT_OK;

	if (!d.textrel)
		return ATT_OK;
	if (pages > PAGES_MAX)
		return att_fail(
		    err, ATT_E_UNSUPPORTED,
		    "relocations of read-only pages in an image of %llu pages, at most %u are "
		    "read",
		    (unsigned long long)pages, PAGES_MAX);
	image->relocated = calloc(1, (size_t)pages / 8 + 1);
	if (!image->relocated)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	image->relocated_pages = (size_t)pages;
	if (d.has_jmprel)
		rc = mark_all(image, d.jmprel, d.jmprel_size, err);
	if (rc == ATT_OK && d.has_rela)
		rc = mark_all(image, d.rela, d.rela_size, err);
	return rc;
}
