/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of images: how one is put together, for the files that read its kinds. */
#ifndef ATT_PLATFORM_ENCLAVE_RUNS_H
#define ATT_PLATFORM_ENCLAVE_RUNS_H

#include "platform/enclave/elf.h"
#include "platform/enclave/image.h"

/* Runs, and so regions, of one image: 8,000 threads of the SDK. */
#define ATT_IMAGE_RUNS_MAX    65536u
#define ATT_IMAGE_PATCHES_MAX 1024u
#define ATT_IMAGE_NAME        40u

#define ATT_MEASURED_ALL 0xffffu

enum att_run_source {
	ATT_RUN_ZERO,
	ATT_RUN_FILE, /* `len` bytes of the file from `at` on, `skip` zeros before, zeros behind */
	ATT_RUN_FILL, /* the 32-bit word `value` over and over */
	ATT_RUN_TCS,  /* the file's bytes as a TCS template, `value` added to its three offsets */
	ATT_RUN_OWN,  /* the image's own TCS page */
};

/* Pages that stand one behind another and come from one source. */
struct att_run {
	uint64_t offset;
	uint64_t pages;
	uint64_t secinfo;
	uint16_t measured;
	enum att_run_source source;
	uint64_t value;
	size_t at;
	size_t len;
	size_t skip;
	size_t region;
};

/* Bytes that the signer puts over the file before it measures. */
struct att_patch {
	size_t dst; /* offsets in the file */
	size_t src;
	size_t len;
};

struct att_image {
	enum att_image_kind kind;
	att_bytes file;
	uint64_t size;
	uint32_t ssa_frame_size;
	att_bytes sigstruct;
	uint64_t pages;
	uint64_t pages_measured;
	struct att_run *runs;
	size_t run_count;
	size_t run_cap;
	char (*regions)[ATT_IMAGE_NAME];
	size_t region_count;
	size_t region_cap;
	struct att_patch *patches;
	size_t patch_count;
	uint8_t *relocated; /* bit n: page n of the file's image is made writable; NULL: none is */
	size_t relocated_pages;
	bool has_elf;
	struct att_elf elf;
	uint64_t vaddr;    /* the virtual address that stands at enclave offset ... */
	uint64_t image_at; /* ... this: where the file's image begins in the enclave */
	uint8_t own[ATT_PAGE_SIZE];
};

/* SECS.SIZE: a power of two, at least two pages (Intel SDM volume 3D, ECREATE). */
att_rc att_image_set_size(att_image *image, uint64_t size, att_err *err) ATT_MUST_USE;

/* May a page be added with these flags (EADD)? */
att_rc att_image_secinfo_ok(uint64_t secinfo, att_err *err) ATT_MUST_USE;

/* Opens a region; runs added from now on are of it. The name is copied, cut where too long. */
att_rc att_image_region(att_image *image, const char *name, att_err *err) ATT_MUST_USE;

/* Adds a run to the open region; one of no pages is left out. */
att_rc att_image_run(att_image *image, const struct att_run *run, att_err *err) ATT_MUST_USE;

/* Adds the pages of a segment, as the SDK's loader makes them: the file's bytes in their pages,
 * zeros around and behind them up to `memsz`. */
struct att_load {
	size_t at;
	size_t filesz;
	uint64_t memsz;
	uint64_t offset; /* of the first byte, in the enclave */
	uint64_t secinfo;
};
att_rc att_image_load(att_image *image, const struct att_load *load, att_err *err) ATT_MUST_USE;

/* SECINFO.FLAGS of a regular page with a segment's permissions. */
uint64_t att_image_segment_secinfo(uint32_t flags);

/* The last word on an image in runs: no page on another, all inside of the enclave. */
att_rc att_image_check_runs(const att_image *image, att_err *err) ATT_MUST_USE;

/* The kinds: fill an image of which kind and file are set. */
att_rc att_image_read_sdk(att_image *image, att_err *err) ATT_MUST_USE;
att_rc att_image_read_elf(att_image *image, att_err *err) ATT_MUST_USE;
att_rc att_image_read_sgxs(att_image *image, att_err *err) ATT_MUST_USE;

bool att_image_is_sgxs(att_bytes file);
/* The section that makes an ELF file an SDK enclave. */
bool att_image_is_sdk(const struct att_elf *elf);

/* The next page of a stream. */
bool att_image_next_record(struct att_image_cursor *cursor, struct att_image_page *page);

#endif
