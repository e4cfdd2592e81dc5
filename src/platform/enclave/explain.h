/* SPDX-License-Identifier: Apache-2.0 */
/* Why a measurement is what it is, and why two are not the same. */
#ifndef ATT_PLATFORM_ENCLAVE_EXPLAIN_H
#define ATT_PLATFORM_ENCLAVE_EXPLAIN_H

#include "platform/enclave/image.h"

/* A row of pages of one part of the image. */
struct att_image_region {
	const char *name; /* lent by the image */
	uint64_t offset;
	uint64_t pages;
	uint64_t pages_measured; /* of which at least one chunk is measured */
	uint64_t secinfo;        /* of its first page */
	bool one_secinfo;        /* all pages have it */
	uint8_t sha256[32];      /* over the region's records: EADD, EEXTEND, content */
};

/* Called once a region, in the order of loading. Another value than ATT_OK ends the walk with
 * it. */
typedef att_rc att_image_region_fn(void *ctx, const struct att_image_region *region);

/* The regions, and the measurement as att_image_measure() gives it. Its errors; what `each`
 * says. */
att_rc att_image_explain(const att_image *image, att_image_region_fn *each, void *ctx,
			 uint8_t mrenclave[static 32], att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 4);

enum att_image_difference {
	ATT_DIFF_NONE,
	ATT_DIFF_ONLY_FIRST,  /* the page is in the first image only */
	ATT_DIFF_ONLY_SECOND, /* in the second only */
	ATT_DIFF_FLAGS,       /* SECINFO */
	ATT_DIFF_MEASURED,    /* not the same chunks are measured */
	ATT_DIFF_CONTENT,     /* of a chunk that both measure */
};

/* Two images page by page, found by address. Content that neither measures is not compared. */
struct att_image_diff {
	bool size;             /* SECS.SIZE differs */
	bool ssa_frame_size;   /* SECS.SSAFRAMESIZE differs */
	bool order;            /* the same pages are added in another order */
	uint64_t order_offset; /* the first page of the first image that comes at another time */
	uint64_t pages;        /* differing in any way below */
	uint64_t only_first;
	uint64_t only_second;
	uint64_t flags;
	uint64_t measured;
	uint64_t content;
	/* Of the differing page with the lowest address */
	enum att_image_difference first;
	uint64_t offset;
	uint64_t byte;         /* of CONTENT: the first differing byte, from the enclave's start */
	const char *region[2]; /* which part the page is of; NULL where the image lacks it */
	att_bytes section[2];  /* the ELF section of `byte`, else of the page; lent by the file */
	uint64_t secinfo[2];
};

/* ATT_OK whether they differ or not; ATT_E_NOMEM. */
att_rc att_image_compare(const att_image *first, const att_image *second,
			 struct att_image_diff *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2, 3);

/* Do they have one measurement, by what was found? */
bool att_image_same(const struct att_image_diff *diff);

#endif
