/* SPDX-License-Identifier: Apache-2.0 */
/* Our own layout: an enclave of any ELF program, for the simulated platform. Written down in
 * doc/enclave-measurement.md; a change of what is added here changes every measurement of it. */
#include <stdio.h>

#include "base/buf.h"
#include "base/error.h"
#include "platform/enclave/runs.h"

#define SSA_FRAMES     2u
#define SSA_FRAME_SIZE 1u

/* The next segment with pages from number `*i` on, which then is the one behind it. */
static bool next_load(const struct att_elf *elf, size_t *i, struct att_elf_segment *out)
{
	while (*i < elf->segment_count) {
		att_elf_segment_at(elf, (*i)++, out);
		if (out->type == ATT_ELF_PT_LOAD && out->memsz)
			return true;
	}
	return false;
}

struct bounds {
	uint64_t base;
	uint64_t end; /* of the last page */
	bool entry_ok;
};

/* Segments ascend (gABI 4.1, chapter 5, PT_LOAD), so that the last one ends highest. */
static att_rc find_bounds(const struct att_elf *elf, struct bounds *b, att_err *err)
{
	struct att_elf_segment s;
	uint64_t before = 0;
	bool any = false;

	*b = (struct bounds){ 0 };
	for (size_t i = 0; next_load(elf, &i, &s);) {
		if (s.vaddr < before || s.memsz > ATT_ELRANGE_MAX || s.filesz > s.memsz ||
		    s.vaddr > UINT64_MAX - 2 * ATT_ELRANGE_MAX)
			return att_fail(
			    err, ATT_E_FORMAT,
			    "elf: segment at 0x%llx: expected ascending segments, in memory no "
			    "smaller than in the file",
			    (unsigned long long)s.vaddr);
		if (!any)
			b->base = s.vaddr / ATT_PAGE_SIZE * ATT_PAGE_SIZE;
		any = true;
		before = s.vaddr + s.memsz;
		b->end = (before + ATT_PAGE_SIZE - 1) / ATT_PAGE_SIZE * ATT_PAGE_SIZE - b->base;
		if ((s.flags & ATT_ELF_PF_X) && elf->entry >= s.vaddr &&
		    elf->entry - s.vaddr < s.memsz)
			b->entry_ok = true;
	}
	if (!any)
		return att_fail(err, ATT_E_FORMAT, "elf: no segment is loaded");
	if (!b->entry_ok)
		return att_fail(
		    err, ATT_E_FORMAT,
		    "elf: the entry point 0x%llx is in no executable segment; expected a "
		    "program, no library",
		    (unsigned long long)elf->entry);
	return ATT_OK;
}

/* Intel SDM volume 3D, TCS: STATE, FLAGS, OSSA, CSSA, NSSA, OENTRY, AEP, OFSBASE, OGSBASE, FSLIMIT,
 * GSLIMIT. */
static att_rc make_tcs(att_image *image, uint64_t ssa, uint64_t entry, att_err *err)
{
	att_auto_buf att_buf b = { 0 };

	att_put_le64(&b, 0);
	att_put_le64(&b, 0);
	att_put_le64(&b, ssa);
	att_put_le32(&b, 0);
	att_put_le32(&b, SSA_FRAMES);
	att_put_le64(&b, entry);
	att_put_zero(&b, 8 + 8 + 8);
	att_put_le32(&b, UINT32_MAX);
	att_put_le32(&b, UINT32_MAX);
	att_rc rc = att_buf_ok(&b, err);
	if (rc != ATT_OK)
		return rc;
	for (size_t i = 0; i < b.len; i++)
		image->own[i] = b.ptr[i];
	return ATT_OK;
}

static att_rc add_segments(att_image *image, att_err *err)
{
	struct att_elf_segment s;

	for (size_t i = 0; next_load(&image->elf, &i, &s);) {
		char name[ATT_IMAGE_NAME];

		snprintf(name, sizeof(name), "segment %zu", i - 1);
		att_rc rc = att_image_region(image, name, err);
		if (rc != ATT_OK)
			return rc;
		const struct att_load load = {
			.at = (size_t)s.offset,
			.filesz = (size_t)s.filesz,
			.memsz = s.memsz,
			.offset = s.vaddr - image->vaddr,
			.secinfo = att_image_segment_secinfo(s.flags),
		};
		rc = att_image_load(image, &load, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

static att_rc add_thread(att_image *image, uint64_t ssa, uint64_t tcs, att_err *err)
{
	const struct att_run frames = {
		.offset = ssa,
		.pages = SSA_FRAMES * SSA_FRAME_SIZE,
		.secinfo = ATT_SECINFO_REG | ATT_SECINFO_R | ATT_SECINFO_W,
		.measured = ATT_MEASURED_ALL,
	};
	const struct att_run thread = {
		.offset = tcs,
		.pages = 1,
		.secinfo = ATT_SECINFO_TCS,
		.measured = ATT_MEASURED_ALL,
		.source = ATT_RUN_OWN,
	};

	att_rc rc = att_image_region(image, "ssa", err);
	if (rc == ATT_OK)
		rc = att_image_run(image, &frames, err);
	if (rc == ATT_OK)
		rc = att_image_region(image, "tcs", err);
	if (rc == ATT_OK)
		rc = att_image_run(image, &thread, err);
	return rc;
}

att_rc att_image_read_elf(att_image *image, att_err *err)
{
	struct bounds b;

	att_rc rc = find_bounds(&image->elf, &b, err);
	if (rc != ATT_OK)
		return rc;
	uint64_t ssa = b.end + ATT_PAGE_SIZE; /* one page of nothing stands before it */
	uint64_t tcs = ssa + SSA_FRAMES * SSA_FRAME_SIZE * ATT_PAGE_SIZE;
	uint64_t size = 2 * ATT_PAGE_SIZE;

	while (size < tcs + ATT_PAGE_SIZE && size <= ATT_ELRANGE_MAX)
		size *= 2;
	image->vaddr = b.base;
	image->ssa_frame_size = SSA_FRAME_SIZE;
	rc = att_image_set_size(image, size, err);
	if (rc == ATT_OK)
		rc = add_segments(image, err);
	if (rc == ATT_OK)
		rc = make_tcs(image, ssa, image->elf.entry - b.base, err);
	if (rc == ATT_OK)
		rc = add_thread(image, ssa, tcs, err);
	return rc;
}
