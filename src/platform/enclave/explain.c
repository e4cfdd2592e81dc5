/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/enclave/explain.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/enclave/records.h"
#include "platform/enclave/runs.h"

ATT_DEFINE_CLEANUP(stream, att_sha256_stream, att_sha256_stream_free)
#define auto_stream __attribute__((cleanup(stream_cleanup)))

struct explanation {
	att_sha256_stream *all;
	att_sha256_stream *part;
	struct att_image_region region;
	size_t index;
	bool open;
};

static att_rc close_region(struct explanation *e, att_image_region_fn *each, void *ctx,
			   att_err *err)
{
	if (!e->open)
		return ATT_OK;
	e->open = false;
	if (!att_sha256_stream_end(e->part, e->region.sha256))
		return att_record_failed(err);
	return each(ctx, &e->region);
}

static void put_page(struct explanation *e, const struct att_image_page *page)
{
	if (!e->open) {
		e->open = true;
		e->index = page->region_index;
		e->region = (struct att_image_region){ .name = page->region,
						       .offset = page->offset,
						       .secinfo = page->secinfo,
						       .one_secinfo = true };
	}
	e->region.pages++;
	e->region.pages_measured += page->measured != 0;
	if (page->secinfo != e->region.secinfo)
		e->region.one_secinfo = false;
	att_record_page(e->all, page);
	att_record_page(e->part, page);
}

att_rc att_image_explain(const att_image *image, att_image_region_fn *each, void *ctx,
			 uint8_t mrenclave[static 32], att_err *err)
{
	auto_stream att_sha256_stream *all = att_sha256_stream_new();
	auto_stream att_sha256_stream *part = att_sha256_stream_new();
	struct explanation e = { .all = all, .part = part };
	struct att_image_cursor cursor;
	struct att_image_page page;

	if (!all || !part)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_record_ecreate(all, image);
	att_image_start(image, &cursor);
	while (att_image_next(&cursor, &page)) {
		if (e.open && page.region_index != e.index) {
			att_rc rc = close_region(&e, each, ctx, err);
			if (rc != ATT_OK)
				return rc;
		}
		put_page(&e, &page);
	}
	att_rc rc = close_region(&e, each, ctx, err);
	if (rc != ATT_OK)
		return rc;
	return att_sha256_stream_end(all, mrenclave) ? ATT_OK : att_record_failed(err);
}
