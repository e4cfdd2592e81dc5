/* SPDX-License-Identifier: Apache-2.0 */
/* Signed metadata of the Intel SDK; offsets are those of doc/enclave-measurement.md. */
#include "../fail_alloc.h"
#include "base/mem.h"
#include "images.h"

#define LAYOUT_ENTRIES 4

/* Where the parts of the file stand. */
#define TEXT      0x1000u /* one page and a bit, r-x */
#define RELA      0x1e00u /* one relocation, in a section that says this address: */
#define RELOCATED 0x77770u
#define NOTE      0x2100u
#define META      (NOTE + 25u)
#define CSS       (META + 64u)
#define DIRS      (META + 1872u)
#define TCS_AT    1888u /* from the metadata: a TCS template of 72 bytes */
#define SOURCE    1960u /* 8 bytes that are patched in */
#define PATCHES   1968u /* one entry */
#define LAYOUT    2000u
#define END       (LAYOUT + 32u * LAYOUT_ENTRIES)
#define SECTIONS  (META + 2 * END) /* room for a second metadata */

static void put_entry(att_buf *b, uint16_t id, uint16_t attributes, uint32_t pages, uint64_t rva,
		      uint32_t size, uint32_t at, uint64_t flags)
{
	att_put_le16(b, id);
	att_put_le16(b, attributes);
	att_put_le32(b, pages);
	att_put_le64(b, rva);
	att_put_le32(b, size);
	att_put_le32(b, at);
	att_put_le64(b, flags);
}

static void put_metadata(att_buf *b)
{
	size_t begin = b->len;

	att_put_le64(b, UINT64_C(0x86a80294635d0e4c));
	att_put_le32(b, 4); /* version 2.4 */
	att_put_le32(b, 2);
	att_put_le32(b, END);
	att_put_le32(b, 0);
	att_put_le32(b, 1); /* ssa_frame_size */
	att_put_zero(b, 12);
	att_put_le64(b, 0x100000);
	att_put_zero(b, 16);
	for (int i = 0; i < 1808; i++)
		att_put_u8(b, 0xcc);
	att_put_le32(b, PATCHES);
	att_put_le32(b, 32);
	att_put_le32(b, LAYOUT);
	att_put_le32(b, 32 * LAYOUT_ENTRIES);
	assert_int_equal(b->len - begin, TCS_AT);
	att_put_zero(b, 16);
	att_put_le64(b, 0x1000); /* OSSA, of the TCS's own address */
	att_put_zero(b, 4);
	att_put_le32(b, 2);
	att_put_le64(b, 0x1234);
	att_put_zero(b, 8);
	att_put_le64(b, 0x3000);
	att_put_le64(b, 0x3000);
	att_put_zero(b, 8);
	att_put_mem(b, "PATCHED!", 8);
	att_put_le64(b, TEXT + 0xff8); /* dst: across two pages of text */
	att_put_le32(b, SOURCE);
	att_put_le32(b, 8);
	att_put_zero(b, 16);
	put_entry(b, 1, 1, 2, 0x10000, 0, 0, 0x203);
	put_entry(b, 8, 3, 1, 0x20000, 0xcccccccc, 0, 0x203);
	put_entry(b, 4, 3, 1, 0x21000, 72, TCS_AT, 0x100);
	att_put_le16(b, 0x1009); /* the two before, once more */
	att_put_le16(b, 2);
	att_put_le32(b, 1);
	att_put_le64(b, 0x10000);
	att_put_zero(b, 16);
}

static void put_section(att_buf *b, uint32_t name, uint64_t addr, uint64_t at, uint64_t size)
{
	att_put_le32(b, name);
	att_put_le32(b, 7);
	att_put_le64(b, 0);
	att_put_le64(b, addr);
	att_put_le64(b, at);
	att_put_le64(b, size);
	att_put_zero(b, 24);
}

static void an_enclave(att_buf *b)
{
	const struct test_segment text = { 1, 5, TEXT, 0, 0x1020, 0x1020 };
	const struct test_segment none = { 0 };

	put_elf(b, 2, 3, 0);
	set_segment(b, 0, &text);
	set_segment(b, 1, &none);
	while (b->len < NOTE)
		att_put_u8(b, 0x5a);
	att_put_le32(b, 13);
	att_put_le32(b, SECTIONS - META);
	att_put_le32(b, 0);
	att_put_mem(b, "sgx_metadata", 13);
	assert_int_equal(b->len, META);
	put_metadata(b);
	att_put_zero(b, SECTIONS - b->len);
	put_section(b, 0, 0, 0, 0);
	put_section(b, 1, 0, NOTE, SECTIONS - NOTE);
	put_section(b, 0, RELOCATED, RELA, 24);
	put_section(b, 0, 0, SECTIONS + 4 * 64, 15);
	att_put_mem(b, "\0.note.sgxmeta", 15);
	put_at(b, 40, SECTIONS, 8);
	put_at(b, 60, 4, 2);
	put_at(b, 62, 3, 2);
}

static void check_page(struct att_image_cursor *c, struct att_image_page *p, uint64_t offset,
		       uint64_t secinfo, uint16_t measured, const char *region)
{
	assert_true(att_image_next(c, p));
	assert_int_equal(p->offset, offset);
	assert_int_equal(p->secinfo, secinfo);
	assert_int_equal(p->measured, measured);
	assert_string_equal(p->region, region);
}

static void pages(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct att_image_cursor c;
	struct att_image_page p;

	(void)state;
	an_enclave(&b);
	att_image *image = parse_ok(att_buf_bytes(&b));
	assert_int_equal(att_image_kind(image), ATT_IMAGE_SDK);
	assert_int_equal(att_image_size(image), 0x100000);
	assert_ptr_equal(att_image_sigstruct(image).ptr, b.ptr + CSS);
	assert_int_equal(att_image_sigstruct(image).len, 1808);
	att_image_start(image, &c);
	check_page(&c, &p, 0, 0x205, 0xffff, "segment 0");
	assert_memory_equal(p.chunk[15] + 0xf7, "\x5aPATCHED!", 9);
	check_page(&c, &p, 0x1000, 0x205, 0xffff, "segment 0");
	assert_int_equal(p.chunk[0][0], 0x5a);
	check_page(&c, &p, 0x10000, 0x203, 0, "heap");
	check_page(&c, &p, 0x11000, 0x203, 0, "heap");
	check_page(&c, &p, 0x20000, 0x203, 0xffff, "stack");
	assert_int_equal(p.chunk[7][7], 0xcc);
	check_page(&c, &p, 0x21000, 0x100, 0xffff, "tcs");
	assert_memory_equal(p.chunk[0] + 16, "\0\x20\2\0", 4);
	assert_memory_equal(p.chunk[0] + 48, "\0\x40\2\0\0\0\0\0\0\x40\2\0", 12);
	check_page(&c, &p, 0x30000, 0x203, 0xffff, "stack 2");
	check_page(&c, &p, 0x31000, 0x100, 0xffff, "tcs 2");
	assert_memory_equal(p.chunk[0] + 16, "\0\x20\3\0", 4);
	assert_false(att_image_next(&c, &p));
	att_image_free(image);
}

static void bad(size_t at, uint64_t value, size_t len, att_rc want, const char *part)
{
	att_auto_buf att_buf b = { 0 };

	an_enclave(&b);
	put_at(&b, at, value, len);
	parse_refused(att_buf_bytes(&b), want, part);
}

static void bad_note(void **state)
{
	(void)state;
	bad(16, 2, 2, ATT_E_FORMAT, "shared object");
	bad(NOTE, 12, 4, ATT_E_FORMAT, "not named");
	bad(NOTE + 12, 'x', 1, ATT_E_FORMAT, "not named");
	bad(NOTE + 4, UINT32_MAX, 4, ATT_E_TRUNCATED, ".note.sgxmeta");
	bad(META, 0, 8, ATT_E_UNSUPPORTED, "sgx_sign");
	bad(SECTIONS + 64 + 24, UINT64_MAX, 8, ATT_E_FORMAT, "no bytes in the file");
}

static void bad_metadata(void **state)
{
	(void)state;
	bad(META + 16, 1887, 4, ATT_E_FORMAT, "size is 1887");
	bad(META + 16, UINT32_MAX, 4, ATT_E_TRUNCATED, "size is");
	bad(META + 24, 0, 4, ATT_E_FORMAT, "SSA frame size 0");
	bad(META + 40, 0x12345, 8, ATT_E_FORMAT, "power of two");
	bad(META + 40, 0x4000, 8, ATT_E_FORMAT, "not inside of the enclave");
	bad(DIRS, 1880, 4, ATT_E_FORMAT, "patch or layout table");
	bad(DIRS + 4, END, 4, ATT_E_FORMAT, "patch or layout table");
	bad(DIRS + 4, 31, 4, ATT_E_FORMAT, "patch table is 31 bytes");
	bad(DIRS + 12, 33, 4, ATT_E_FORMAT, "layout table is 33 bytes");
	bad(META + 12, 12, 4, ATT_E_FORMAT, "ELRANGE"); /* zeros at the front of data */
	bad(META + PATCHES, UINT64_MAX, 8, ATT_E_FORMAT, "patch 0");
	bad(META + PATCHES + 8, 0, 4, ATT_E_FORMAT, "patch 0");
	bad(META + PATCHES + 12, UINT32_MAX, 4, ATT_E_FORMAT, "patch 0");
	bad(META + PATCHES, META - 1, 8, ATT_E_UNSUPPORTED, "changes the metadata");
}

static void bad_layout(void **state)
{
	const size_t heap = META + LAYOUT;
	const size_t tcs = heap + 64;
	const size_t group = heap + 96;

	(void)state;
	bad(heap + 4, UINT32_MAX, 4, ATT_E_FORMAT, "not inside of the enclave");
	bad(heap + 8, 0x10001, 8, ATT_E_FORMAT, "not inside of the enclave");
	bad(heap + 8, UINT64_MAX - 0xfff, 8, ATT_E_FORMAT, "not inside of the enclave");
	bad(heap + 8, 0x1000, 8, ATT_E_FORMAT, "added twice");
	bad(heap + 24, 0x202, 8, ATT_E_FORMAT, "SECINFO flags");
	bad(tcs + 16, 4097, 4, ATT_E_FORMAT, "content of layout entry");
	bad(tcs + 20, 8, 4, ATT_E_FORMAT, "content of layout entry");
	bad(group + 2, 4, 2, ATT_E_FORMAT, "3 stand before it");
	bad(group + 8, UINT64_MAX, 8, ATT_E_FORMAT, "leaves the enclave");
	bad(group + 4, UINT32_MAX, 4, ATT_E_FORMAT, "not inside of the enclave");
	bad(tcs, 0x00011000, 4, ATT_E_FORMAT, "group within a group");
	/* Four billion times two guards: bounded, although no page is added. */
	att_auto_buf att_buf b = { 0 };
	an_enclave(&b);
	put_at(&b, heap + 32 + 2, 0, 2);
	put_at(&b, tcs + 2, 0, 2);
	put_at(&b, group + 4, UINT32_MAX, 4);
	put_at(&b, group + 8, 0, 8);
	parse_refused(att_buf_bytes(&b), ATT_E_UNSUPPORTED, "more than 65536 parts");
}

static void bad_segments(void **state)
{
	(void)state;
	bad(ELF_SEGMENT(0) + 4, 0, 4, ATT_E_FORMAT, "no permissions");
	bad(ELF_SEGMENT(0) + 48, 16, 8, ATT_E_FORMAT, "aligned to 0x10");
	bad(ELF_SEGMENT(0) + 16, UINT64_MAX, 8, ATT_E_FORMAT, "not inside of the enclave");
	bad(ELF_SEGMENT(0) + 40, UINT64_MAX, 8, ATT_E_FORMAT, "not inside of the enclave");
}

/* Dynamic section in place of the second segment: DT_TEXTREL and relocations, found by the address
 * of a section. */
static void relocations(void **state)
{
	const struct test_segment dynamic = { 2, 4, 0x1f00, 0, 0x60, 0x60 };
	/* DT_TEXTREL, DT_RELA and its size, DT_JMPREL (of no section) and its size, the end; then
	 * one R_X86_64_RELATIVE across two pages. */
	static const uint64_t words[][2] = { { 22, 0 }, { 7, RELOCATED }, { 8, 24 },
					     { 23, 1 }, { 2, 24 },        { 0, 0 } };
	att_auto_buf att_buf b = { 0 };
	struct att_image_cursor c;
	struct att_image_page p;

	(void)state;
	an_enclave(&b);
	set_segment(&b, 1, &dynamic);
	for (size_t i = 0; i < ATT_COUNT(words); i++) {
		put_at(&b, 0x1f00 + 16 * i, words[i][0], 8);
		put_at(&b, 0x1f08 + 16 * i, words[i][1], 8);
	}
	put_at(&b, RELA, 0xffc, 8);
	put_at(&b, RELA + 8, 8, 8);
	att_image *image = parse_ok(att_buf_bytes(&b));
	att_image_start(image, &c);
	check_page(&c, &p, 0, 0x207, 0xffff, "segment 0");
	check_page(&c, &p, 0x1000, 0x207, 0xffff, "segment 0");
	check_page(&c, &p, 0x10000, 0x203, 0, "heap");
	att_image_free(image);

	put_at(&b, RELA + 8, 0, 8); /* R_X86_64_NONE */
	image = parse_ok(att_buf_bytes(&b));
	att_image_start(image, &c);
	check_page(&c, &p, 0, 0x205, 0xffff, "segment 0");
	att_image_free(image);

	put_at(&b, 0x1f28, UINT64_MAX, 8);
	parse_refused(att_buf_bytes(&b), ATT_E_TRUNCATED, "relocations");
}

static void out_of_memory(void **state)
{
	att_auto_buf att_buf b = { 0 };
	size_t k = 0;
	att_rc rc;

	(void)state;
	an_enclave(&b);
	do {
		att_image *image = NULL;

		alloc_watch(++k);
		rc = att_image_parse(att_buf_bytes(&b), &image, NULL);
		(void)alloc_unwatch();
		assert_true(rc == ATT_OK || rc == ATT_E_NOMEM);
		att_image_free(image);
	} while (rc != ATT_OK);
	assert_true(k > 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages),         cmocka_unit_test(bad_note),
		cmocka_unit_test(bad_metadata),  cmocka_unit_test(bad_layout),
		cmocka_unit_test(bad_segments),  cmocka_unit_test(relocations),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
