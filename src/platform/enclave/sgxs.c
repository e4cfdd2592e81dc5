/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of measurement records (.sgxs): what is hashed for MRENCLAVE, as a file. The UNMEASRD
 * record, of pages' content that is loaded but not measured, is Fortanix's extension; so are the
 * rules of a canonical stream, which their loader demands as this reader does. Facts:
 * doc/enclave-measurement.md. */
#include <string.h>

#include "base/error.h"
#include "base/reader.h"
#include "platform/enclave/runs.h"

#define RECORD       64u
#define TAG_ECREATE  UINT64_C(0x0045544145524345) /* "ECREATE\0", little-endian */
#define TAG_EADD     UINT64_C(0x0000000044444145)
#define TAG_EEXTEND  UINT64_C(0x00444e4554584545)
#define TAG_UNMEASRD UINT64_C(0x44525341454d4e55)
#define TAG_UNSIZED  UINT64_C(0x0044455a49534e55)

/* Content of chunks that the stream says nothing of. */
static const uint8_t zero_chunk[ATT_CHUNK_SIZE];

static uint64_t tag_at(att_bytes file, size_t at)
{
	att_reader r = att_reader_of(att_bytes_of(file.ptr + at, file.len - at));

	return att_le64(&r, "tag");
}

bool att_image_is_sgxs(att_bytes file)
{
	if (file.len < 8)
		return false;
	uint64_t tag = tag_at(file, 0);

	return tag == TAG_ECREATE || tag == TAG_UNSIZED;
}

static att_rc read_ecreate(att_image *image, att_reader *r, att_err *err)
{
	uint64_t tag = att_le64(r, "ecreate.tag");
	image->ssa_frame_size = att_le32(r, "ecreate.ssaframesize");
	uint64_t size = att_le64(r, "ecreate.size");
	att_bytes rest = att_view(r, RECORD - 20, "ecreate.reserved");
	att_rc rc = att_reader_ok(r, err);

	if (rc != ATT_OK)
		return att_wrap(err, rc, "sgxs");
	if (tag == TAG_UNSIZED)
		return att_fail_at(
		    err, ATT_E_UNSUPPORTED, 0,
		    "sgxs: the stream leaves the enclave's size open; expected ECREATE with a "
		    "size, which the signing tool writes");
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i])
			return att_fail_at(err, ATT_E_FORMAT, 20 + i,
					   "sgxs: reserved bytes of ECREATE are not zero");
	}
	if (image->ssa_frame_size == 0)
		return att_fail_at(err, ATT_E_FORMAT, 8,
				   "sgxs: SSA frame size 0, expected at least 1");
	rc = att_image_set_size(image, size, err);
	return rc == ATT_OK ? rc : att_wrap(err, rc, "sgxs: ECREATE");
}

/* What was read of the page that is open. */
struct open_page {
	bool any;
	uint64_t offset;
	uint64_t next; /* the lowest chunk that may come now */
	bool measured;
};

static att_rc read_eadd(att_image *image, att_reader *r, size_t at, struct open_page *p,
			att_err *err)
{
	uint64_t offset = att_le64(r, "eadd.offset");
	uint64_t secinfo = att_le64(r, "eadd.secinfo.flags");
	att_bytes rest = att_view(r, RECORD - 24, "eadd.secinfo.reserved");
	att_rc rc = att_reader_ok(r, err);

	if (rc != ATT_OK)
		return att_wrap(err, rc, "sgxs");
	rc = att_image_secinfo_ok(secinfo, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "sgxs: EADD at %zu", at);
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i])
			return att_fail_at(err, ATT_E_FORMAT, at + 24 + i,
					   "sgxs: reserved bytes of SECINFO are not zero");
	}
	if (offset % ATT_PAGE_SIZE || offset >= image->size)
		return att_fail_at(err, ATT_E_FORMAT, at + 8,
				   "sgxs: EADD of 0x%llx: no page of the enclave of 0x%llx bytes",
				   (unsigned long long)offset, (unsigned long long)image->size);
	if (p->any && offset <= p->offset)
		return att_fail_at(
		    err, ATT_E_UNSUPPORTED, at + 8,
		    "sgxs: EADD of 0x%llx behind 0x%llx: only streams with ascending pages "
		    "(canonical ones) are read",
		    (unsigned long long)offset, (unsigned long long)p->offset);
	*p = (struct open_page){ .any = true, .offset = offset };
	image->pages++;
	return ATT_OK;
}

static att_rc read_chunk(att_image *image, att_reader *r, size_t at, bool measured,
			 struct open_page *p, att_err *err)
{
	uint64_t offset = att_le64(r, "eextend.offset");
	att_bytes rest = att_view(r, RECORD - 16, "eextend.reserved");
	att_skip(r, ATT_CHUNK_SIZE, "eextend.data");
	att_rc rc = att_reader_ok(r, err);

	if (rc != ATT_OK)
		return att_wrap(err, rc, "sgxs");
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.ptr[i])
			return att_fail_at(err, ATT_E_FORMAT, at + 16 + i,
					   "sgxs: reserved bytes of a chunk are not zero");
	}
	if (!p->any || offset % ATT_CHUNK_SIZE || offset < p->offset ||
	    offset - p->offset >= ATT_PAGE_SIZE)
		return att_fail_at(err, ATT_E_FORMAT, at + 8,
				   "sgxs: chunk 0x%llx is not of the page added before it",
				   (unsigned long long)offset);
	uint64_t chunk = (offset - p->offset) / ATT_CHUNK_SIZE;
	if (chunk < p->next)
		return att_fail_at(
		    err, ATT_E_UNSUPPORTED, at + 8,
		    "sgxs: chunk 0x%llx twice or behind a later one: only streams with "
		    "ascending chunks (canonical ones) are read",
		    (unsigned long long)offset);
	p->next = chunk + 1;
	if (measured && !p->measured) {
		p->measured = true;
		image->pages_measured++;
	}
	return ATT_OK;
}

att_rc att_image_read_sgxs(att_image *image, att_err *err)
{
	att_reader r = att_reader_of(image->file);
	struct open_page page = { 0 };

	att_rc rc = read_ecreate(image, &r, err);
	while (rc == ATT_OK && att_left(&r)) {
		size_t at = att_tell(&r);
		uint64_t tag = att_le64(&r, "tag");

		if (tag == TAG_EADD)
			rc = read_eadd(image, &r, at, &page, err);
		else if (tag == TAG_EEXTEND || tag == TAG_UNMEASRD)
			rc = read_chunk(image, &r, at, tag == TAG_EEXTEND, &page, err);
		else if (att_reader_ok(&r, err) != ATT_OK)
			rc = att_wrap(err, ATT_E_TRUNCATED, "sgxs");
		else
			rc = att_fail_at(
			    err, ATT_E_FORMAT, at,
			    "sgxs: a record of kind 0x%016llx; expected EADD, EEXTEND or "
			    "UNMEASRD",
			    (unsigned long long)tag);
	}
	if (rc == ATT_OK && !page.any)
		rc = att_fail(err, ATT_E_FORMAT, "sgxs: the enclave has no pages");
	return rc;
}

/* A region is a row of pages with the same flags; its name is their access. */
static const char *region_name(uint64_t secinfo)
{
	static const char *const names[8] = {
		"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx"
	};

	return (secinfo & ATT_SECINFO_TYPE) == ATT_SECINFO_TCS ? "tcs" : names[secinfo & 7];
}

/* The stream was read once, whole: nothing below can fail. */
bool att_image_next_record(struct att_image_cursor *c, struct att_image_page *page)
{
	att_bytes file = c->image->file;
	bool first = c->at == 0;

	if (first)
		c->at = RECORD;
	if (c->at == file.len)
		return false;
	att_reader r = att_reader_of(att_bytes_of(file.ptr + c->at, RECORD));
	att_skip(&r, 8, "tag");
	page->offset = att_le64(&r, "offset");
	page->secinfo = att_le64(&r, "flags");
	page->measured = 0;
	for (size_t i = 0; i < ATT_PAGE_CHUNKS; i++)
		page->chunk[i] = zero_chunk;
	c->at += RECORD;
	while (c->at < file.len) {
		uint64_t tag = tag_at(file, c->at);
		if (tag == TAG_EADD)
			break;
		att_reader chunk = att_reader_of(att_bytes_of(file.ptr + c->at + 8, 8));
		size_t n = (size_t)((att_le64(&chunk, "offset") - page->offset) / ATT_CHUNK_SIZE);

		page->chunk[n] = file.ptr + c->at + RECORD;
		if (tag == TAG_EEXTEND)
			page->measured |= (uint16_t)(1u << n);
		c->at += RECORD + ATT_CHUNK_SIZE;
	}
	if (!first && (page->offset != c->expected || page->secinfo != c->secinfo ||
		       page->measured != c->measured))
		c->region++;
	c->expected = page->offset + ATT_PAGE_SIZE;
	c->secinfo = page->secinfo;
	c->measured = page->measured;
	page->region = region_name(page->secinfo);
	page->region_index = c->region;
	return true;
}
