/* SPDX-License-Identifier: Apache-2.0 */
/* Enclave images of every kind: every page that the walk gives must be readable, inside of the
 * enclave, and as many as the image says; an image is the same as itself. */
#include <stdlib.h>
#include <string.h>

#include "platform/enclave/explain.h"
#include "platform/enclave/measure.h"

/* A few bytes may ask for much: what is walked here is bounded, the rest is the unit tests'. */
#define PAGES_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const att_image *image)
{
	struct att_image_cursor cursor;
	struct att_image_page page;
	uint64_t pages = 0;
	uint64_t measured = 0;
	uint8_t sum = 0;

	att_image_start(image, &cursor);
	while (att_image_next(&cursor, &page)) {
		if (page.offset % ATT_PAGE_SIZE || page.offset >= att_image_size(image) ||
		    !page.region)
			abort();
		for (size_t i = 0; i < ATT_PAGE_CHUNKS; i++)
			sum ^= (uint8_t)(page.chunk[i][0] ^ page.chunk[i][ATT_CHUNK_SIZE - 1]);
		(void)att_image_section_at(image, page.offset);
		pages++;
		measured += page.measured != 0;
	}
	if (pages != att_image_pages(image) || measured != att_image_pages_measured(image))
		abort();
	*(volatile uint8_t *)&sum = sum;
}

static att_rc count(void *ctx, const struct att_image_region *region)
{
	*(uint64_t *)ctx += region->pages;
	return ATT_OK;
}

static void check(const att_image *image)
{
	struct att_image_diff diff;
	uint8_t measured[32];
	uint8_t explained[32];
	uint64_t pages = 0;

	if (att_image_pages(image) > PAGES_MAX)
		return;
	walk(image);
	if (att_image_measure(image, measured, NULL) != ATT_OK ||
	    att_image_explain(image, count, &pages, explained, NULL) != ATT_OK ||
	    memcmp(measured, explained, 32) != 0 || pages != att_image_pages(image))
		abort();
	if (att_image_compare(image, image, &diff, NULL) != ATT_OK || !att_image_same(&diff))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct att_image_raw how = { .ssa_frame_size = 1 };
	att_image *image = NULL;
	att_err err;
	att_rc rc = att_image_parse(att_bytes_of(data, size), &image, &err);

	if (rc == ATT_OK)
		check(image);
	else if (image || err.rc != rc)
		abort();
	att_image_free(image);
	image = NULL;
	if (att_image_parse_raw(att_bytes_of(data, size), &how, &image, &err) == ATT_OK)
		check(image);
	att_image_free(image);
	return 0;
}
