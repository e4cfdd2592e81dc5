/* SPDX-License-Identifier: Apache-2.0 */
/* The walk over an image's pages. What stands whole in the file is lent from there. */
#include <string.h>

#include "base/buf.h"
#include "base/reader.h"
#include "platform/enclave/runs.h"

/* Zeros for every page that has no content of its own. */
static const uint8_t zero_chunk[ATT_CHUNK_SIZE];

static void lend(struct att_image_page *page, const uint8_t *at)
{
	for (size_t i = 0; i < ATT_PAGE_CHUNKS; i++)
		page->chunk[i] = at + i * ATT_CHUNK_SIZE;
}

/* Puts what the signer patched of the file's bytes [at, at + len) over `to`. */
static void patch(const att_image *image, size_t at, size_t len, uint8_t *to)
{
	for (size_t i = 0; i < image->patch_count; i++) {
		const struct att_patch *p = &image->patches[i];
		size_t from = p->dst > at ? p->dst : at;
		size_t end = p->dst + p->len < at + len ? p->dst + p->len : at + len;

		if (from < end)
			memcpy(to + (from - at), image->file.ptr + p->src + (from - p->dst),
			       end - from);
	}
}

static bool is_patched(const att_image *image, size_t at, size_t len)
{
	for (size_t i = 0; i < image->patch_count; i++) {
		const struct att_patch *p = &image->patches[i];

		if (p->dst < at + len && at < p->dst + p->len)
			return true;
	}
	return false;
}

static void page_of_file(struct att_image_cursor *c, const struct att_run *run,
			 struct att_image_page *page)
{
	size_t begin = c->page_in_run ? 0 : run->skip;
	size_t past = c->page_in_run ? (size_t)c->page_in_run * ATT_PAGE_SIZE - run->skip : 0;
	size_t left = run->len - past;
	size_t len = left < ATT_PAGE_SIZE - begin ? left : ATT_PAGE_SIZE - begin;
	size_t at = run->at + past;

	if (len == ATT_PAGE_SIZE && !is_patched(c->image, at, len)) {
		lend(page, c->image->file.ptr + at);
		return;
	}
	memset(c->page, 0, ATT_PAGE_SIZE);
	memcpy(c->page + begin, c->image->file.ptr + at, len);
	patch(c->image, at, len, c->page + begin);
	lend(page, c->page);
}

/* Bytes into a page, with its sticky failure never set: what is put fits. */
static void put_le(uint8_t *to, uint64_t v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

static void page_filled(struct att_image_cursor *c, const struct att_run *run,
			struct att_image_page *page)
{
	for (size_t i = 0; i < ATT_PAGE_SIZE; i += 4)
		put_le(c->page + i, run->value, 4);
	lend(page, c->page);
}

/* The three offsets of a TCS that count from the enclave's start: OSSA, OFSBASE, OGSBASE (Intel SDM
 * volume 3D, TCS; intel/linux-sgx psw/urts/loader.cpp, build_context). */
static void page_of_tcs(struct att_image_cursor *c, const struct att_run *run,
			struct att_image_page *page)
{
	static const size_t fields[3] = { 16, 48, 56 };

	memset(c->page, 0, ATT_PAGE_SIZE);
	memcpy(c->page, c->image->file.ptr + run->at, run->len);
	for (size_t i = 0; i < 3; i++) {
		att_reader r = att_reader_of(att_bytes_of(c->page + fields[i], 8));

		put_le(c->page + fields[i], att_le64(&r, "tcs") + run->value, 8);
	}
	lend(page, c->page);
}

static void fill_page(struct att_image_cursor *c, const struct att_run *run,
		      struct att_image_page *page)
{
	switch (run->source) {
	case ATT_RUN_FILE:
		page_of_file(c, run, page);
		break;
	case ATT_RUN_FILL:
		page_filled(c, run, page);
		break;
	case ATT_RUN_TCS:
		page_of_tcs(c, run, page);
		break;
	case ATT_RUN_OWN:
		lend(page, c->image->own);
		break;
	case ATT_RUN_ZERO:
		for (size_t i = 0; i < ATT_PAGE_CHUNKS; i++)
			page->chunk[i] = zero_chunk;
		break;
	}
}

/* Was this page of the file's image made writable for relocations of its text? */
static bool is_relocated(const att_image *image, uint64_t offset)
{
	uint64_t page = (offset - image->image_at) / ATT_PAGE_SIZE;

	return image->relocated && offset >= image->image_at && page < image->relocated_pages &&
	       (image->relocated[page / 8] >> (page % 8) & 1);
}

void att_image_start(const att_image *image, struct att_image_cursor *cursor)
{
	cursor->image = image;
	cursor->run = 0;
	cursor->page_in_run = 0;
	cursor->at = 0;
	cursor->expected = 0;
	cursor->secinfo = 0;
	cursor->measured = 0;
	cursor->region = 0;
}

bool att_image_next(struct att_image_cursor *c, struct att_image_page *page)
{
	const att_image *image = c->image;

	if (image->kind == ATT_IMAGE_SGXS)
		return att_image_next_record(c, page);
	if (c->run == image->run_count)
		return false;
	const struct att_run *run = &image->runs[c->run];

	page->offset = run->offset + c->page_in_run * ATT_PAGE_SIZE;
	page->secinfo = run->secinfo;
	page->measured = run->measured;
	page->region = image->regions[run->region];
	page->region_index = run->region;
	if (run->source == ATT_RUN_FILE && is_relocated(image, page->offset))
		page->secinfo |= ATT_SECINFO_W;
	fill_page(c, run, page);
	if (++c->page_in_run == run->pages) {
		c->page_in_run = 0;
		c->run++;
	}
	return true;
}
