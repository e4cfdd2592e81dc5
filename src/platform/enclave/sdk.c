/* SPDX-License-Identifier: Apache-2.0 */
/* Enclaves of the Intel SDK, measured as its signer and loader do. Facts and their source:
 * doc/enclave-measurement.md. */
#include "platform/enclave/sdk.h"

#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"

static uint64_t page_up(uint64_t v)
{
	return (v + ATT_PAGE_SIZE - 1) / ATT_PAGE_SIZE * ATT_PAGE_SIZE;
}

static att_rc read_patches(att_image *image, const struct att_sdk_metadata *m, att_err *err)
{
	size_t count = m->patch_size / ATT_SDK_PATCH_ENTRY;
	att_reader r =
	    att_reader_of(att_bytes_of(image->file.ptr + m->at + m->patch_offset, m->patch_size));

	if (count > ATT_IMAGE_PATCHES_MAX || m->patch_size % ATT_SDK_PATCH_ENTRY)
		return att_fail(
		    err, ATT_E_FORMAT,
		    "metadata: the patch table is %u bytes, expected at most %u entries of %u",
		    m->patch_size, ATT_IMAGE_PATCHES_MAX, ATT_SDK_PATCH_ENTRY);
	image->patches = calloc(count ? count : 1, sizeof(*image->patches));
	if (!image->patches)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		uint64_t dst = att_le64(&r, "dst");
		uint32_t src = att_le32(&r, "src");
		uint32_t size = att_le32(&r, "size");
		att_skip(&r, 16, "reserved");

		if (!att_sdk_metadata_holds(m, src, size) || dst > image->file.len ||
		    size > image->file.len - dst)
			return att_fail(
			    err, ATT_E_FORMAT,
			    "metadata: patch %zu (%u bytes to 0x%llx) is not inside of metadata "
			    "and file",
			    i, size, (unsigned long long)dst);
		/* The loader reads the layout after patching: a patch of it would be two truths. */
		if (dst < m->at + m->size && m->at < dst + size)
			return att_fail(err, ATT_E_UNSUPPORTED,
					"metadata: patch %zu changes the metadata", i);
		image->patches[i] =
		    (struct att_patch){ .dst = (size_t)dst, .src = m->at + src, .len = size };
	}
	image->patch_count = count;
	return ATT_OK;
}

/* The 1.5 loader gave a segment one page more where its size, rounded before its address was added,
 * reached one further and the next segment left room; metadata 1.3 was measured so. */
static att_rc add_page_of_1_5(att_image *image, const struct att_elf_segment *last,
			      const struct att_elf_segment *next, att_err *err)
{
	uint64_t end = page_up(last->vaddr + last->memsz);

	if (end >= page_up(page_up(last->memsz) + last->vaddr))
		return ATT_OK;
	if (next && end >= next->vaddr / ATT_PAGE_SIZE * ATT_PAGE_SIZE)
		return ATT_OK;
	const struct att_run run = {
		.offset = image->image_at + end,
		.pages = 1,
		.secinfo = att_image_segment_secinfo(last->flags),
		.measured = ATT_MEASURED_ALL,
	};
	return att_image_run(image, &run, err);
}

static att_rc check_segment(const struct att_image *image, const struct att_elf_segment *s,
			    size_t i, att_err *err)
{
	if (!(s->flags & (ATT_ELF_PF_R | ATT_ELF_PF_W | ATT_ELF_PF_X)))
		return att_fail(err, ATT_E_FORMAT, "elf: segment %zu has no permissions", i);
	if (s->align % ATT_PAGE_SIZE)
		return att_fail(err, ATT_E_FORMAT,
				"elf: segment %zu is aligned to 0x%llx, expected whole pages", i,
				(unsigned long long)s->align);
	if (s->vaddr > image->size || s->memsz > image->size)
		return att_fail(err, ATT_E_FORMAT, "elf: segment %zu is not inside of the enclave",
				i);
	return ATT_OK;
}

static att_rc add_segments(att_image *image, const struct att_sdk_metadata *m, att_err *err)
{
	bool of_1_5 = m->major == 1 && m->minor == 3;
	struct att_elf_segment last = { 0 };
	bool any = false;
	att_rc rc = ATT_OK;

	for (size_t i = 0; i < image->elf.segment_count && rc == ATT_OK; i++) {
		struct att_elf_segment s;
		char name[ATT_IMAGE_NAME];

		att_elf_segment_at(&image->elf, i, &s);
		if (s.type != ATT_ELF_PT_LOAD)
			continue;
		rc = check_segment(image, &s, i, err);
		if (rc == ATT_OK && of_1_5 && any)
			rc = add_page_of_1_5(image, &last, &s, err);
		if (rc != ATT_OK)
			return rc;
		if (s.vaddr > last.vaddr) { /* as the loader, which begins at 0 */
			last = s;
			any = true;
		}
		snprintf(name, sizeof(name), "segment %zu", i);
		rc = att_image_region(image, name, err);
		if (rc != ATT_OK)
			return rc;
		const struct att_load load = {
			.at = (size_t)s.offset,
			.filesz = (size_t)s.filesz,
			.memsz = s.memsz,
			.offset = image->image_at + s.vaddr,
			.secinfo = att_image_segment_secinfo(s.flags),
		};
		rc = att_image_load(image, &load, err);
	}
	if (rc == ATT_OK && of_1_5 && any)
		rc = add_page_of_1_5(image, &last, NULL, err);
	return rc;
}

att_rc att_image_read_sdk(att_image *image, att_err *err)
{
	struct att_sdk_metadata m;

	att_rc rc = att_sdk_metadata_find(&image->elf, &m, err);
	if (rc != ATT_OK)
		return rc;
	if (image->elf.type != ATT_ELF_DYN)
		return att_fail(err, ATT_E_FORMAT, "elf: type %u, expected a shared object (%u)",
				image->elf.type, ATT_ELF_DYN);
	image->ssa_frame_size = m.ssa_frame_size;
	image->image_at = m.image_address - m.range_address;
	rc = att_image_set_size(image, m.enclave_size, err);
	if (rc == ATT_OK && m.range_size)
		rc = att_image_set_size(image, m.range_size, err);
	if (rc == ATT_OK)
		rc = att_sdk_find_relocated(image, err);
	if (rc == ATT_OK)
		rc = read_patches(image, &m, err);
	if (rc == ATT_OK)
		rc = add_segments(image, &m, err);
	if (rc == ATT_OK)
		rc = att_sdk_add_layout(image, &m, err);
	if (rc != ATT_OK)
		return rc;
	if (!att_all_zero(m.sigstruct))
		image->sigstruct = m.sigstruct;
	return ATT_OK;
}
