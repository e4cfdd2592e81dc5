/* SPDX-License-Identifier: Apache-2.0 */
/* The layout table: heap, stacks, TCSs, SSAs and thread data, and groups of them. Facts:
 * doc/enclave-measurement.md (intel/linux-sgx psw/urts/loader.cpp, build_contexts). */
#include <stdio.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "platform/enclave/sdk.h"

#define GROUP         (1u << 12)
#define ADD           1u /* PAGE_ATTR_EADD */
#define ADD_EXTEND    3u /* PAGE_ATTR_EADD | PAGE_ATTR_EEXTEND */
#define NAMES_OLD_MAX 8u

struct entry {
	uint16_t id;
	uint16_t attributes;
	uint32_t page_count;
	uint64_t rva;
	uint32_t content_size;
	uint32_t content_offset;
	uint64_t flags;
	/* The same bytes of a group */
	uint16_t entry_count;
	uint32_t load_times;
	uint64_t load_step;
};

/* Of metadata 1.3, then of all later ones. */
static const char *const names_old[] = { "layout", "heap",  "tcs",    "td",
					 "ssa",    "stack", "layout", "guard" };
static const char *const names[] = {
	"layout",    "heap",      "heap init", "heap max",      "tcs",          "td",
	"ssa",       "stack max", "stack",     "layout",        "guard",        "heap dyn",
	"heap dyn",  "heap dyn",  "tcs dyn",   "td dyn",        "ssa dyn",      "stack dyn max",
	"stack dyn", "layout",    "reserved",  "reserved init", "reserved max", "user region",
};

struct walk {
	att_image *image;
	const struct att_sdk_metadata *m;
	unsigned steps; /* entries done; bounds what groups of few bytes can cost */
	unsigned seen[ATT_COUNT(names)];
};

static struct entry entry_at(const struct walk *w, size_t i)
{
	const uint8_t *p = w->image->file.ptr + w->m->at + w->m->layout_offset;
	att_bytes bytes = att_bytes_of(p + i * ATT_SDK_LAYOUT_ENTRY, ATT_SDK_LAYOUT_ENTRY);
	att_reader r = att_reader_of(bytes);
	att_reader g = att_reader_of(bytes);
	struct entry e;

	e.id = att_le16(&r, "id");
	e.attributes = att_le16(&r, "attributes");
	e.page_count = att_le32(&r, "page_count");
	e.rva = att_le64(&r, "rva");
	e.content_size = att_le32(&r, "content_size");
	e.content_offset = att_le32(&r, "content_offset");
	e.flags = att_le64(&r, "si_flags");
	att_skip(&g, 2, "id");
	e.entry_count = att_le16(&g, "entry_count");
	e.load_times = att_le32(&g, "load_times");
	e.load_step = att_le64(&g, "load_step");
	return e;
}

static att_rc open_region(struct walk *w, const struct entry *e, att_err *err)
{
	bool old = w->m->major == 1 && w->m->minor == 3;
	size_t known = old ? NAMES_OLD_MAX : ATT_COUNT(names);
	size_t id = e->id < known ? e->id : 0;
	const char *name = old ? names_old[id] : names[id];
	char text[ATT_IMAGE_NAME];

	if (++w->seen[id] == 1)
		snprintf(text, sizeof(text), "%s", name);
	else
		snprintf(text, sizeof(text), "%s %u", name, w->seen[id]);
	return att_image_region(w->image, text, err);
}

/* Content from the metadata: a TCS template, the same in every page, or bytes from the first page
 * on, which are always measured. */
static att_rc add_content(struct walk *w, const struct entry *e, uint64_t rva, uint64_t offset,
			  att_err *err)
{
	size_t at = w->m->at + e->content_offset;

	if (e->flags == ATT_SECINFO_TCS) {
		const struct att_run run = {
			.offset = offset,
			.pages = e->page_count,
			.secinfo = e->flags,
			.measured =
			    (e->attributes & ADD_EXTEND) == ADD_EXTEND ? ATT_MEASURED_ALL : 0,
			.source = ATT_RUN_TCS,
			.value = rva,
			.at = at,
			.len = e->content_size,
		};

		if (e->content_size > ATT_PAGE_SIZE)
			return att_fail_at(err, ATT_E_FORMAT, at,
					   "metadata: a TCS template of %u bytes, at most %u",
					   e->content_size, ATT_PAGE_SIZE);
		return att_image_run(w->image, &run, err);
	}
	const struct att_load load = {
		.at = at,
		.filesz = e->content_size,
		.memsz = (uint64_t)e->page_count * ATT_PAGE_SIZE,
		.offset = offset,
		.secinfo = e->flags,
	};
	return att_image_load(w->image, &load, err);
}

static att_rc add_entry(struct walk *w, const struct entry *e, uint64_t delta, att_err *err)
{
	uint64_t rva = e->rva + delta;

	if (++w->steps > ATT_IMAGE_RUNS_MAX)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"metadata: more than %u parts in the layout", ATT_IMAGE_RUNS_MAX);
	if (rva < delta || rva % ATT_PAGE_SIZE || rva > w->m->enclave_size ||
	    e->page_count > (w->m->enclave_size - rva) / ATT_PAGE_SIZE)
		return att_fail(
		    err, ATT_E_FORMAT,
		    "metadata: layout entry %u: %u pages at 0x%llx are not inside of the "
		    "enclave",
		    e->id, e->page_count, (unsigned long long)rva);
	if (e->content_offset && !att_sdk_metadata_holds(w->m, e->content_offset, e->content_size))
		return att_fail(
		    err, ATT_E_FORMAT,
		    "metadata: the content of layout entry %u is not inside of the metadata",
		    e->id);
	if (!(e->attributes & ADD) || e->flags == 0 || e->page_count == 0)
		return ATT_OK;
	att_rc rc = open_region(w, e, err);
	if (rc != ATT_OK)
		return rc;
	uint64_t offset = rva + w->image->image_at;
	if (e->content_offset)
		return add_content(w, e, rva, offset, err);
	const struct att_run run = {
		.offset = offset,
		.pages = e->page_count,
		.secinfo = e->flags,
		.measured = (e->attributes & ADD_EXTEND) == ADD_EXTEND ? ATT_MEASURED_ALL : 0,
		.source = e->content_size ? ATT_RUN_FILL : ATT_RUN_ZERO,
		.value = e->content_size,
	};
	return att_image_run(w->image, &run, err);
}

/* The entries before the group once more, load_times over. */
static att_rc add_group(struct walk *w, size_t i, const struct entry *group, att_err *err)
{
	if (group->entry_count > i)
		return att_fail(err, ATT_E_FORMAT,
				"metadata: a layout group of %u entries, %zu stand before it",
				group->entry_count, i);
	if (group->entry_count == 0)
		return ATT_OK;
	for (uint64_t j = 1; j <= group->load_times; j++) {
		uint64_t delta;

		if (__builtin_mul_overflow(group->load_step, j, &delta) ||
		    delta > w->m->enclave_size)
			return att_fail(err, ATT_E_FORMAT,
					"metadata: a layout group leaves the enclave");
		for (size_t k = i - group->entry_count; k < i; k++) {
			const struct entry e = entry_at(w, k);

			if (e.id & GROUP)
				return att_fail(err, ATT_E_FORMAT,
						"metadata: a layout group within a group");
			att_rc rc = add_entry(w, &e, delta, err);
			if (rc != ATT_OK)
				return rc;
		}
	}
	return ATT_OK;
}

att_rc att_sdk_add_layout(att_image *image, const struct att_sdk_metadata *m, att_err *err)
{
	struct walk w = { .image = image, .m = m };

	if (m->layout_size % ATT_SDK_LAYOUT_ENTRY)
		return att_fail(err, ATT_E_FORMAT,
				"metadata: the layout table is %u bytes, expected entries of %u",
				m->layout_size, ATT_SDK_LAYOUT_ENTRY);
	for (size_t i = 0; i < m->layout_size / ATT_SDK_LAYOUT_ENTRY; i++) {
		const struct entry e = entry_at(&w, i);
		att_rc rc = e.id & GROUP ? add_group(&w, i, &e, err) : add_entry(&w, &e, 0, err);

		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}
