/* SPDX-License-Identifier: Apache-2.0 */
#include "images.h"
#include "platform/enclave/elf.h"

static void an_elf(att_buf *b)
{
	const struct test_segment load = { .type = 1, .flags = 5, .vaddr = 0x1000, .filesz = 64 };

	put_elf(b, 2, 2, 0x1234);
	set_segment(b, 1, &load);
}

/* Two sections behind the headers: the null one, and ".x" of 3 bytes at 16. */
static void add_sections(att_buf *b)
{
	size_t at = b->len;

	att_put_zero(b, 64);
	att_put_le32(b, 1); /* sh_name */
	att_put_le32(b, 1);
	att_put_le64(b, 2);
	att_put_le64(b, 0x1010);
	att_put_le64(b, at + 192);
	att_put_le64(b, 3);
	att_put_zero(b, 24);
	att_put_zero(b, 24);
	att_put_le64(b, at + 192);
	att_put_le64(b, 4);
	att_put_zero(b, 24);
	att_put_mem(b, "\0.x", 4);
	put_at(b, 40, at, 8);
	put_at(b, 60, 3, 2);
	put_at(b, 62, 2, 2);
}

static void header_and_segments(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct att_elf_segment s;
	struct att_elf elf;

	(void)state;
	an_elf(&b);
	assert_int_equal(att_elf_read(att_buf_bytes(&b), &elf, NULL), ATT_OK);
	assert_int_equal(elf.type, ATT_ELF_EXEC);
	assert_int_equal(elf.entry, 0x1234);
	assert_int_equal(elf.segment_count, 2);
	assert_int_equal(elf.section_count, 0);
	att_elf_segment_at(&elf, 0, &s);
	assert_int_equal(s.type, 0);
	att_elf_segment_at(&elf, 1, &s);
	assert_int_equal(s.type, ATT_ELF_PT_LOAD);
	assert_int_equal(s.flags, ATT_ELF_PF_R | ATT_ELF_PF_X);
	assert_int_equal(s.vaddr, 0x1000);
	assert_int_equal(s.filesz, 64);
	assert_int_equal(s.align, 4096);
}

static void sections(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct att_elf_section s;
	struct att_elf elf;
	att_bytes bytes;

	(void)state;
	an_elf(&b);
	add_sections(&b);
	assert_int_equal(att_elf_read(att_buf_bytes(&b), &elf, NULL), ATT_OK);
	assert_true(att_elf_section_named(&elf, ".x", &s));
	assert_int_equal(s.addr, 0x1010);
	assert_true(att_elf_section_bytes(&elf, &s, &bytes));
	assert_memory_equal(bytes.ptr, "\0.x", 3);
	assert_true(att_elf_section_addressed(&elf, 0x1010, &s));
	assert_false(att_elf_section_named(&elf, ".", &s));
	assert_false(att_elf_section_named(&elf, ".xy", &s));
	assert_false(att_elf_section_addressed(&elf, 0x1011, &s));
	s.size = b.len + 1;
	assert_false(att_elf_section_bytes(&elf, &s, &bytes));
	s.size = 3;
	s.offset = UINT64_MAX;
	assert_false(att_elf_section_bytes(&elf, &s, &bytes));
	s.offset = 0;
	s.type = ATT_ELF_SHT_NOBITS;
	assert_false(att_elf_section_bytes(&elf, &s, &bytes));
}

/* Without a good table of names, sections have none; a name's end must be in the table. */
static void names_are_optional(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct att_elf_section s;
	struct att_elf elf;

	(void)state;
	an_elf(&b);
	add_sections(&b);
	put_at(&b, 62, 9, 2); /* e_shstrndx */
	assert_int_equal(att_elf_read(att_buf_bytes(&b), &elf, NULL), ATT_OK);
	att_elf_section_at(&elf, 1, &s);
	assert_int_equal(s.name.len, 0);
	put_at(&b, 62, 2, 2);
	b.ptr[b.len - 1] = 'x';
	assert_int_equal(att_elf_read(att_buf_bytes(&b), &elf, NULL), ATT_OK);
	att_elf_section_at(&elf, 1, &s);
	assert_int_equal(s.name.len, 0);
}

static void bad(size_t at, uint64_t value, size_t len, att_rc want, const char *part)
{
	att_auto_buf att_buf b = { 0 };
	struct att_elf elf;
	att_err err;

	an_elf(&b);
	add_sections(&b);
	put_at(&b, at, value, len);
	assert_int_equal(att_elf_read(att_buf_bytes(&b), &elf, &err), want);
	assert_non_null(strstr(err.msg, part));
	assert_null(elf.file.ptr);
}

static void malformed(void **state)
{
	(void)state;
	bad(0, 0, 1, ATT_E_FORMAT, "no ELF file");
	bad(4, 1, 1, ATT_E_UNSUPPORTED, "class 1");
	bad(5, 2, 1, ATT_E_UNSUPPORTED, "data 2");
	bad(6, 0, 1, ATT_E_UNSUPPORTED, "version 0");
	bad(18, 3, 2, ATT_E_UNSUPPORTED, "machine 3");
	bad(54, 32, 2, ATT_E_FORMAT, "e_phentsize is 32");
	bad(58, 40, 2, ATT_E_FORMAT, "e_shentsize is 40");
	bad(32, UINT64_MAX, 8, ATT_E_TRUNCATED, "program headers");
	bad(56, 0xffff, 2, ATT_E_TRUNCATED, "program headers");
	bad(40, 0x10000, 8, ATT_E_TRUNCATED, "section headers");
	bad(60, 0xffff, 2, ATT_E_TRUNCATED, "section headers");
	bad(ELF_SEGMENT(1) + 8, UINT64_MAX, 8, ATT_E_TRUNCATED, "segment 1");
	bad(ELF_SEGMENT(1) + 32, UINT64_MAX, 8, ATT_E_TRUNCATED, "segment 1");
}

static void cut(void **state)
{
	att_auto_buf att_buf b = { 0 };
	struct att_elf elf;

	(void)state;
	an_elf(&b);
	for (size_t len = 0; len < b.len; len++)
		assert_true(att_elf_read(att_bytes_of(b.ptr, len), &elf, NULL) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_and_segments),
		cmocka_unit_test(sections),
		cmocka_unit_test(names_are_optional),
		cmocka_unit_test(malformed),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
