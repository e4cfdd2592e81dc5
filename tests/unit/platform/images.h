/* SPDX-License-Identifier: Apache-2.0 */
/* Enclave files for tests, put together byte by byte: offsets are from the formats' tables
 * (gABI 4.1; doc/enclave-measurement.md), written out. Include once. */
#ifndef ATT_TESTS_PLATFORM_IMAGES_H
#define ATT_TESTS_PLATFORM_IMAGES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "platform/enclave/image.h"

static void put_at(att_buf *b, size_t at, uint64_t v, size_t len)
{
	assert_true(at + len <= b->len);
	for (size_t i = 0; i < len; i++)
		b->ptr[at + i] = (uint8_t)(v >> (8 * i));
}

/* --- Streams --- */

static inline void put_ecreate(att_buf *b, uint32_t ssa, uint64_t size)
{
	att_put_mem(b, "ECREATE", 8);
	att_put_le32(b, ssa);
	att_put_le64(b, size);
	att_put_zero(b, 44);
}

static inline void put_eadd(att_buf *b, uint64_t offset, uint64_t flags)
{
	att_put_mem(b, "EADD\0\0\0", 8);
	att_put_le64(b, offset);
	att_put_le64(b, flags);
	att_put_zero(b, 40);
}

static inline void put_chunk(att_buf *b, const char *tag, uint64_t offset, uint8_t fill)
{
	att_put_mem(b, tag, 8);
	att_put_le64(b, offset);
	att_put_zero(b, 48);
	for (size_t i = 0; i < 256; i++)
		att_put_u8(b, fill);
}

/* --- ELF: one header, `segments` program headers, then bytes --- */

#define ELF_SEGMENT(i) (64 + 56 * (size_t)(i))

static inline void put_elf(att_buf *b, unsigned segments, uint16_t type, uint64_t entry)
{
	att_put_mem(b,
		    "\x7f"
		    "ELF\2\1\1",
		    7);
	att_put_zero(b, 9);
	att_put_le16(b, type);
	att_put_le16(b, 62);
	att_put_le32(b, 1);
	att_put_le64(b, entry);
	att_put_le64(b, 64); /* e_phoff */
	att_put_zero(b, 8 + 4);
	att_put_le16(b, 64);
	att_put_le16(b, 56);
	att_put_le16(b, (uint16_t)segments);
	att_put_le16(b, 64);
	att_put_zero(b, 4);
	att_put_zero(b, 56 * (size_t)segments);
}

struct test_segment {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t filesz;
	uint64_t memsz;
};

static inline void set_segment(att_buf *b, unsigned i, const struct test_segment *s)
{
	put_at(b, ELF_SEGMENT(i), s->type, 4);
	put_at(b, ELF_SEGMENT(i) + 4, s->flags, 4);
	put_at(b, ELF_SEGMENT(i) + 8, s->offset, 8);
	put_at(b, ELF_SEGMENT(i) + 16, s->vaddr, 8);
	put_at(b, ELF_SEGMENT(i) + 32, s->filesz, 8);
	put_at(b, ELF_SEGMENT(i) + 40, s->memsz, 8);
	put_at(b, ELF_SEGMENT(i) + 48, 4096, 8);
}

/* --- What parsing says --- */

static inline void refused(att_rc rc, att_rc want, const att_image *image, const att_err *err,
			   const char *part)
{
	assert_int_equal(rc, want);
	assert_int_equal(err->rc, want);
	assert_null(image);
	if (!strstr(err->msg, part))
		fail_msg("'%s' lacks '%s'", err->msg, part);
}

static inline void parse_refused(att_bytes file, att_rc want, const char *part)
{
	att_image *image = (att_image *)&image;
	att_err err;

	att_rc rc = att_image_parse(file, &image, &err);
	refused(rc, want, image, &err, part);
}

static inline att_image *parse_ok(att_bytes file)
{
	att_image *image;
	att_err err;

	if (att_image_parse(file, &image, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	return image;
}

#endif
