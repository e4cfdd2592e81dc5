/* SPDX-License-Identifier: Apache-2.0 */
/* What a loader puts into an SGX enclave before EINIT, read from a file: the pages in the order in
 * which they are added, with what is measured of each. doc/enclave-measurement.md has the formats.
 *
 * Nothing here is trusted or secret: an image is input, and its measurement is computed from it
 * (measure.h). */
#ifndef ATT_PLATFORM_ENCLAVE_IMAGE_H
#define ATT_PLATFORM_ENCLAVE_IMAGE_H

#include "attest/base.h"

#define ATT_PAGE_SIZE      4096u
#define ATT_CHUNK_SIZE     256u /* what one EEXTEND measures */
#define ATT_PAGE_CHUNKS    16u
#define ATT_IMAGE_FILE_MAX ((size_t)256 << 20)
#define ATT_ELRANGE_MAX    (UINT64_C(1) << 40)
/* Pages added, and pages of which something is measured: 64 GiB and 512 MiB of enclave. What an
 * image of few bytes can cost is bounded by them. */
#define ATT_IMAGE_PAGES_MAX    (UINT64_C(1) << 24)
#define ATT_IMAGE_MEASURED_MAX (UINT64_C(1) << 17)

/* SECINFO.FLAGS (Intel SDM volume 3D, SECINFO) */
#define ATT_SECINFO_R    UINT64_C(0x1)
#define ATT_SECINFO_W    UINT64_C(0x2)
#define ATT_SECINFO_X    UINT64_C(0x4)
#define ATT_SECINFO_TCS  UINT64_C(0x100)
#define ATT_SECINFO_REG  UINT64_C(0x200)
#define ATT_SECINFO_TYPE UINT64_C(0xff00)

enum att_image_kind {
	ATT_IMAGE_SDK,  /* ELF with the Intel SDK's signed metadata in .note.sgxmeta */
	ATT_IMAGE_SGXS, /* a stream of ECREATE, EADD and EEXTEND records */
	ATT_IMAGE_ELF,  /* any other ELF file, in our own layout */
	ATT_IMAGE_RAW,  /* bytes added as they are, first page a TCS (rune's skeleton) */
};

typedef struct att_image att_image;

struct att_image_page {
	uint64_t offset;   /* from the enclave's first byte */
	uint64_t secinfo;  /* SECINFO.FLAGS; the rest of SECINFO is zero */
	uint16_t measured; /* bit n: chunk n is measured by EEXTEND, after the page's EADD */
	/* The page's content: 256 bytes each, never NULL. In the file where they stand there whole,
	 * else lent by the cursor until its next step. */
	const uint8_t *chunk[ATT_PAGE_CHUNKS];
	const char *region;  /* what the page is of (".text", "heap"); lent by the image */
	size_t region_index; /* regions are numbered from 0 in the order of their first page */
};

/* Finds out what `file` is and reads its structure; when this says ATT_OK, every page can be walked
 * and none lies on another. `file` is only lent, and must live and stay unchanged as long as the
 * image. A file without any known mark is an error: RAW is never guessed.
 *
 * ATT_E_TRUNCATED, ATT_E_FORMAT (err->offset says where), ATT_E_UNSUPPORTED, ATT_E_NOMEM. */
att_rc att_image_parse(att_bytes file, att_image **out, att_err *err) ATT_MUST_USE ATT_NONNULL(2);

/* What a raw image does not say about itself. */
struct att_image_raw {
	uint32_t ssa_frame_size; /* pages of one SSA frame, which is put behind the image */
	uint64_t mapped;         /* bytes of image, SSA and padding together; 0: no padding */
};

/* `file` as a raw image, whatever it is otherwise. As att_image_parse; ATT_E_ARG for `how`. */
att_rc att_image_parse_raw(att_bytes file, const struct att_image_raw *how, att_image **out,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(2, 3);

/* Pages of one SSA frame as rune's skeleton takes it from SIGSTRUCT: GPRs, EXINFO and the XSAVE
 * areas of the feature mask. */
uint32_t att_image_raw_ssa(uint64_t xfrm);

void att_image_free(att_image *image);

enum att_image_kind att_image_kind(const att_image *image);
const char *att_image_kind_name(enum att_image_kind kind); /* "Intel SDK enclave"; static */

/* SECS.SIZE: the bytes of the enclave's address range, a power of two. */
uint64_t att_image_size(const att_image *image);
/* SECS.SSAFRAMESIZE, in pages. */
uint32_t att_image_ssa_frame_size(const att_image *image);
/* Pages added, and those of which at least one chunk is measured. */
uint64_t att_image_pages(const att_image *image);
uint64_t att_image_pages_measured(const att_image *image);
/* The 1808 bytes of SIGSTRUCT that stand in the image, lent by `file`; empty where there is none
 * (an SDK image that was never signed has zeros there, which count as none). */
att_bytes att_image_sigstruct(const att_image *image);

/* --- The walk over the pages --- */

struct att_image_cursor {
	const att_image *image;
	size_t run; /* of an image in runs: which, and which page of it */
	uint64_t page_in_run;
	size_t at;         /* of a stream: the next record's offset in the file */
	uint64_t expected; /* of a stream: where the open region goes on, its flags, its number */
	uint64_t secinfo;
	uint16_t measured;
	size_t region;
	uint8_t page[ATT_PAGE_SIZE]; /* a page that does not stand whole in the file */
};

/* A cursor before the image's first page. Several may walk one image at a time. */
void att_image_start(const att_image *image, struct att_image_cursor *cursor);

/* The next page, in the order in which a loader adds them; false behind the last. */
bool att_image_next(struct att_image_cursor *cursor, struct att_image_page *page);

/* The ELF section that holds the byte at `offset` of the enclave; empty where there is none, or no
 * ELF file. Lent by `file`, and as hostile as that. */
att_bytes att_image_section_at(const att_image *image, uint64_t offset);

#endif
