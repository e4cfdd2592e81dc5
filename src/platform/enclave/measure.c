/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/enclave/measure.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/sha256.h"
#include "platform/enclave/records.h"

ATT_DEFINE_CLEANUP(stream, att_sha256_stream, att_sha256_stream_free)
#define auto_stream __attribute__((cleanup(stream_cleanup)))

static void put_le(uint8_t *to, uint64_t v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

void att_record_ecreate(att_sha256_stream *s, const att_image *image)
{
	uint8_t record[64] = "ECREATE";

	put_le(record + 8, att_image_ssa_frame_size(image), 4);
	put_le(record + 12, att_image_size(image), 8);
	att_sha256_stream_put(s, att_bytes_of(record, sizeof(record)));
}

void att_record_page(att_sha256_stream *s, const struct att_image_page *page)
{
	uint8_t record[64] = "EADD";

	put_le(record + 8, page->offset, 8);
	put_le(record + 16, page->secinfo, 8);
	att_sha256_stream_put(s, att_bytes_of(record, sizeof(record)));
	if (!page->measured)
		return;
	memset(record, 0, sizeof(record));
	memcpy(record, "EEXTEND", 7);
	for (size_t i = 0; i < ATT_PAGE_CHUNKS; i++) {
		if (!(page->measured >> i & 1))
			continue;
		put_le(record + 8, page->offset + i * ATT_CHUNK_SIZE, 8);
		att_sha256_stream_put(s, att_bytes_of(record, sizeof(record)));
		att_sha256_stream_put(s, att_bytes_of(page->chunk[i], ATT_CHUNK_SIZE));
	}
}

att_rc att_record_failed(att_err *err)
{
	return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not compute SHA-256");
}

att_rc att_image_measure(const att_image *image, uint8_t mrenclave[static 32], att_err *err)
{
	auto_stream att_sha256_stream *s = att_sha256_stream_new();
	struct att_image_cursor cursor;
	struct att_image_page page;

	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	att_record_ecreate(s, image);
	att_image_start(image, &cursor);
	while (att_image_next(&cursor, &page))
		att_record_page(s, &page);
	return att_sha256_stream_end(s, mrenclave) ? ATT_OK : att_record_failed(err);
}
