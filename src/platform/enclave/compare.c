/* SPDX-License-Identifier: Apache-2.0 */
/* Two images, page by page. Pages are paired by address, so that one page more does not make every
 * later one differ. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/enclave/explain.h"
#include "platform/enclave/runs.h"

/* One side: the image with its pages in the order of their addresses. */
struct side {
	const att_image *image;
	struct att_image sorted;
	struct att_image_cursor cursor;
	struct att_image_page page;
	bool more;
};

static int by_offset(const void *a, const void *b)
{
	const struct att_run *x = a;
	const struct att_run *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Streams ascend already; runs are sorted in a copy, `*runs`, which the caller frees. */
static att_rc open_side(const att_image *image, struct side *s, struct att_run **runs, att_err *err)
{
	s->image = image;
	s->sorted = *image;
	if (image->run_count) {
		*runs = calloc(image->run_count, sizeof(**runs));
		if (!*runs)
			return att_fail(err, ATT_E_NOMEM, "out of memory");
		memcpy(*runs, image->runs, image->run_count * sizeof(**runs));
		qsort(*runs, image->run_count, sizeof(**runs), by_offset);
		s->sorted.runs = *runs;
	}
	att_image_start(&s->sorted, &s->cursor);
	s->more = att_image_next(&s->cursor, &s->page);
	return ATT_OK;
}

static void advance(struct side *s)
{
	s->more = att_image_next(&s->cursor, &s->page);
}

/* The first byte in which two chunks differ that both sides measure; ATT_PAGE_SIZE: none. */
static size_t differing_byte(const struct att_image_page *a, const struct att_image_page *b)
{
	for (size_t i = 0; i < ATT_PAGE_CHUNKS; i++) {
		if (!(a->measured & b->measured & (1u << i)) || a->chunk[i] == b->chunk[i] ||
		    memcmp(a->chunk[i], b->chunk[i], ATT_CHUNK_SIZE) == 0)
			continue;
		size_t k = 0;
		while (a->chunk[i][k] == b->chunk[i][k])
			k++;
		return i * ATT_CHUNK_SIZE + k;
	}
	return ATT_PAGE_SIZE;
}

static void note(struct att_image_diff *d, enum att_image_difference what, const struct side *a,
		 const struct side *b, size_t byte)
{
	const struct side *sides[2] = { what == ATT_DIFF_ONLY_SECOND ? NULL : a,
					what == ATT_DIFF_ONLY_FIRST ? NULL : b };

	d->pages++;
	if (d->first != ATT_DIFF_NONE)
		return;
	d->first = what;
	for (size_t i = 0; i < 2; i++) {
		if (!sides[i])
			continue;
		d->offset = sides[i]->page.offset;
		d->byte = d->offset + byte;
		d->region[i] = sides[i]->page.region;
		d->secinfo[i] = sides[i]->page.secinfo;
		d->section[i] = att_image_section_at(sides[i]->image, d->byte);
	}
}

static void compare_pages(struct att_image_diff *d, const struct side *a, const struct side *b)
{
	size_t byte = differing_byte(&a->page, &b->page);
	bool flags = a->page.secinfo != b->page.secinfo;
	bool measured = a->page.measured != b->page.measured;
	bool content = byte < ATT_PAGE_SIZE;

	d->flags += flags;
	d->measured += measured;
	d->content += content;
	if (flags)
		note(d, ATT_DIFF_FLAGS, a, b, 0);
	else if (measured)
		note(d, ATT_DIFF_MEASURED, a, b, 0);
	else if (content)
		note(d, ATT_DIFF_CONTENT, a, b, byte);
}

static void compare_sides(struct att_image_diff *d, struct side *a, struct side *b)
{
	while (a->more || b->more) {
		if (!b->more || (a->more && a->page.offset < b->page.offset)) {
			d->only_first++;
			note(d, ATT_DIFF_ONLY_FIRST, a, b, 0);
			advance(a);
		} else if (!a->more || b->page.offset < a->page.offset) {
			d->only_second++;
			note(d, ATT_DIFF_ONLY_SECOND, a, b, 0);
			advance(b);
		} else {
			compare_pages(d, a, b);
			advance(a);
			advance(b);
		}
	}
}

/* Of images with the same pages: are they added in the same order? */
static void compare_order(struct att_image_diff *d, struct side *a, struct side *b)
{
	att_image_start(a->image, &a->cursor);
	att_image_start(b->image, &b->cursor);
	while (!d->order && att_image_next(&a->cursor, &a->page) &&
	       att_image_next(&b->cursor, &b->page)) {
		d->order = a->page.offset != b->page.offset;
		d->order_offset = a->page.offset;
	}
	if (!d->order)
		d->order_offset = 0;
}

att_rc att_image_compare(const att_image *first, const att_image *second,
			 struct att_image_diff *out, att_err *err)
{
	att_auto_mem struct side *sides = calloc(2, sizeof(*sides));
	att_auto_mem struct att_run *runs_first = NULL;
	att_auto_mem struct att_run *runs_second = NULL;

	*out = (struct att_image_diff){ 0 };
	if (!sides)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_rc rc = open_side(first, &sides[0], &runs_first, err);
	if (rc == ATT_OK)
		rc = open_side(second, &sides[1], &runs_second, err);
	if (rc != ATT_OK)
		return rc;
	out->size = first->size != second->size;
	out->ssa_frame_size = first->ssa_frame_size != second->ssa_frame_size;
	compare_sides(out, &sides[0], &sides[1]);
	if (out->only_first == 0 && out->only_second == 0)
		compare_order(out, &sides[0], &sides[1]);
	return ATT_OK;
}

bool att_image_same(const struct att_image_diff *diff)
{
	return !diff->size && !diff->ssa_frame_size && !diff->order && diff->pages == 0;
}
