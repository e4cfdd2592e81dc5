/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/enclave/image.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/enclave/runs.h"

ATT_DEFINE_CLEANUP(image, att_image, att_image_free)
#define auto_image __attribute__((cleanup(image_cleanup)))

static att_rc check_length(att_bytes file, att_err *err)
{
	if (file.len > ATT_IMAGE_FILE_MAX)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"the image is %zu bytes, at most %zu are read", file.len,
				ATT_IMAGE_FILE_MAX);
	return ATT_OK;
}

static att_rc read_elf_kind(att_image *image, att_err *err)
{
	att_rc rc = att_elf_read(image->file, &image->elf, err);
	if (rc != ATT_OK)
		return rc;
	image->has_elf = true;
	image->kind = att_image_is_sdk(&image->elf) ? ATT_IMAGE_SDK : ATT_IMAGE_ELF;
	rc = image->kind == ATT_IMAGE_SDK ? att_image_read_sdk(image, err)
					  : att_image_read_elf(image, err);
	if (rc != ATT_OK)
		return rc;
	return att_image_check_runs(image, err);
}

att_rc att_image_parse(att_bytes file, att_image **out, att_err *err)
{
	*out = NULL;
	att_rc rc = check_length(file, err);
	if (rc != ATT_OK)
		return rc;
	auto_image att_image *image = calloc(1, sizeof(*image));
	if (!image)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	image->file = file;
	if (att_elf_is(file)) {
		rc = read_elf_kind(image, err);
	} else if (att_image_is_sgxs(file)) {
		image->kind = ATT_IMAGE_SGXS;
		rc = att_image_read_sgxs(image, err);
	} else {
		rc = att_fail_at(err, ATT_E_FORMAT, 0,
				 "no enclave image: expected an ELF file or an ECREATE record");
	}
	if (rc != ATT_OK)
		return rc;
	*out = ATT_STEAL(image);
	return ATT_OK;
}

/* The skeleton's two pages of XSAVE features are below 4 KiB with the GPRs and EXINFO, but for AMX:
 * TILEDATA ends at 2816 + 8192 (CPUID leaf 0xd). */
uint32_t att_image_raw_ssa(uint64_t xfrm)
{
	const uint32_t gprs = 184;
	const uint32_t exinfo = 16;
	const uint32_t tiledata_end = 2816 + 8192;

	if (!(xfrm >> 18 & 1))
		return 1;
	return (gprs + exinfo + tiledata_end + ATT_PAGE_SIZE - 1) / ATT_PAGE_SIZE;
}

/* The first page is the TCS; its OSSA is set to the end of the image, where the SSA is put. */
static att_rc add_raw_tcs(att_image *image, att_err *err)
{
	const struct att_run tcs = { .pages = 1,
				     .secinfo = ATT_SECINFO_TCS,
				     .measured = ATT_MEASURED_ALL,
				     .source = ATT_RUN_OWN };

	memcpy(image->own, image->file.ptr, ATT_PAGE_SIZE);
	for (size_t i = 0; i < 8; i++)
		image->own[16 + i] = (uint8_t)((uint64_t)image->file.len >> (8 * i));
	att_rc rc = att_image_region(image, "tcs", err);
	if (rc != ATT_OK)
		return rc;
	return att_image_run(image, &tcs, err);
}

/* Bounded by att_image_parse_raw: no sum below can overflow. */
static att_rc read_raw(att_image *image, uint64_t mapped, uint64_t ssa_pages, att_err *err)
{
	const uint64_t rwx = ATT_SECINFO_REG | ATT_SECINFO_R | ATT_SECINFO_W | ATT_SECINFO_X;
	const struct att_load rest = {
		.at = ATT_PAGE_SIZE,
		.filesz = image->file.len - ATT_PAGE_SIZE,
		.memsz = image->file.len - ATT_PAGE_SIZE,
		.offset = ATT_PAGE_SIZE,
		.secinfo = rwx,
	};
	struct att_run zero = { .offset = image->file.len,
				.pages = ssa_pages,
				.secinfo = rwx,
				.measured = ATT_MEASURED_ALL };
	uint64_t size = 2 * ATT_PAGE_SIZE;

	while (size < mapped)
		size *= 2;
	att_rc rc = att_image_set_size(image, size, err);
	if (rc == ATT_OK)
		rc = add_raw_tcs(image, err);
	if (rc == ATT_OK)
		rc = att_image_region(image, "image", err);
	if (rc == ATT_OK)
		rc = att_image_load(image, &rest, err);
	if (rc == ATT_OK)
		rc = att_image_region(image, "ssa", err);
	if (rc == ATT_OK)
		rc = att_image_run(image, &zero, err);
	if (rc == ATT_OK)
		rc = att_image_region(image, "padding", err);
	if (rc != ATT_OK)
		return rc;
	zero.offset += zero.pages * ATT_PAGE_SIZE;
	zero.pages = (mapped - zero.offset) / ATT_PAGE_SIZE;
	return att_image_run(image, &zero, err);
}

att_rc att_image_parse_raw(att_bytes file, const struct att_image_raw *how, att_image **out,
			   att_err *err)
{
	*out = NULL;
	if (how->ssa_frame_size < 1 || how->ssa_frame_size > 256)
		return att_fail(err, ATT_E_ARG, "an SSA frame of %u pages; expected 1 to 256",
				how->ssa_frame_size);
	if (how->mapped > ATT_ELRANGE_MAX)
		return att_fail(err, ATT_E_ARG, "%llu bytes mapped, at most %llu",
				(unsigned long long)how->mapped,
				(unsigned long long)ATT_ELRANGE_MAX);
	att_rc rc = check_length(file, err);
	if (rc != ATT_OK)
		return rc;
	if (file.len == 0 || file.len % ATT_PAGE_SIZE)
		return att_fail(err, ATT_E_FORMAT,
				"a raw image of %zu bytes: expected whole pages, at least one",
				file.len);
	uint64_t least = file.len + (uint64_t)how->ssa_frame_size * ATT_PAGE_SIZE;
	uint64_t mapped = (how->mapped + ATT_PAGE_SIZE - 1) / ATT_PAGE_SIZE * ATT_PAGE_SIZE;
	if (how->mapped && mapped < least)
		return att_fail(err, ATT_E_ARG, "%llu bytes mapped; image and SSA frame need %llu",
				(unsigned long long)how->mapped, (unsigned long long)least);
	auto_image att_image *image = calloc(1, sizeof(*image));
	if (!image)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	image->file = file;
	image->kind = ATT_IMAGE_RAW;
	image->ssa_frame_size = how->ssa_frame_size;
	rc = read_raw(image, how->mapped ? mapped : least, how->ssa_frame_size, err);
	if (rc != ATT_OK)
		return rc;
	*out = ATT_STEAL(image);
	return ATT_OK;
}

void att_image_free(att_image *image)
{
	if (!image)
		return;
	free(image->runs);
	free(image->regions);
	free(image->patches);
	free(image->relocated);
	free(image);
}

enum att_image_kind att_image_kind(const att_image *image)
{
	return image->kind;
}

const char *att_image_kind_name(enum att_image_kind kind)
{
	static const char *const names[] = { "Intel SDK enclave", "SGXS stream", "ELF layout",
					     "raw image" };

	return (size_t)kind < ATT_COUNT(names) ? names[kind] : "unknown";
}

uint64_t att_image_size(const att_image *image)
{
	return image->size;
}

uint32_t att_image_ssa_frame_size(const att_image *image)
{
	return image->ssa_frame_size;
}

uint64_t att_image_pages(const att_image *image)
{
	return image->pages;
}

uint64_t att_image_pages_measured(const att_image *image)
{
	return image->pages_measured;
}

att_bytes att_image_sigstruct(const att_image *image)
{
	return image->sigstruct;
}

att_bytes att_image_section_at(const att_image *image, uint64_t offset)
{
	const att_bytes none = { NULL, 0 };

	if (!image->has_elf || offset < image->image_at)
		return none;
	uint64_t addr = offset - image->image_at + image->vaddr;

	for (size_t i = 0; i < image->elf.section_count; i++) {
		struct att_elf_section s;

		att_elf_section_at(&image->elf, i, &s);
		if ((s.flags & ATT_ELF_SHF_ALLOC) && s.addr <= addr && addr - s.addr < s.size)
			return s.name;
	}
	return none;
}
