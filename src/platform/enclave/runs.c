/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/enclave/runs.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

att_rc att_image_set_size(att_image *image, uint64_t size, att_err *err)
{
	if (size < 2 * ATT_PAGE_SIZE || (size & (size - 1)))
		return att_fail(err, ATT_E_FORMAT,
				"enclave size 0x%llx: expected a power of two, at least 0x2000",
				(unsigned long long)size);
	if (size > ATT_ELRANGE_MAX)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"enclave size 0x%llx: at most 0x%llx is read",
				(unsigned long long)size, (unsigned long long)ATT_ELRANGE_MAX);
	image->size = size;
	return ATT_OK;
}

/* Intel SDM volume 3D, EADD: type TCS or REG, W only with R, reserved bits zero. It clears R, W and
 * X of a TCS before it measures them, so that a record with them can not be what is measured. */
att_rc att_image_secinfo_ok(uint64_t secinfo, att_err *err)
{
	uint64_t access = secinfo & (ATT_SECINFO_R | ATT_SECINFO_W | ATT_SECINFO_X);
	uint64_t type = secinfo & ATT_SECINFO_TYPE;
	bool ok = (secinfo & ~(access | type)) == 0;

	if (type == ATT_SECINFO_TCS)
		ok = ok && access == 0;
	else
		ok = ok && type == ATT_SECINFO_REG &&
		     (!(access & ATT_SECINFO_W) || (access & ATT_SECINFO_R));
	if (!ok)
		return att_fail(
		    err, ATT_E_FORMAT,
		    "no page can be added with SECINFO flags 0x%llx: expected type TCS (0x100) "
		    "without access bits, or REG (0x200), writable only if readable",
		    (unsigned long long)secinfo);
	return ATT_OK;
}

uint64_t att_image_segment_secinfo(uint32_t flags)
{
	return ATT_SECINFO_REG | (flags & ATT_ELF_PF_R ? ATT_SECINFO_R : 0) |
	       (flags & ATT_ELF_PF_W ? ATT_SECINFO_W : 0) |
	       (flags & ATT_ELF_PF_X ? ATT_SECINFO_X : 0);
}

/* Room for one more of `size` bytes behind `count`. */
static att_rc grow(void **items, size_t count, size_t *cap, size_t size, att_err *err)
{
	if (count < *cap)
		return ATT_OK;
	if (count >= ATT_IMAGE_RUNS_MAX)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"the enclave has more than %u regions, at most so many are read",
				ATT_IMAGE_RUNS_MAX);
	size_t more = *cap ? *cap * 2 : 16;
	void *grown = realloc(*items, more * size);
	if (!grown)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	*items = grown;
	*cap = more;
	return ATT_OK;
}

att_rc att_image_region(att_image *image, const char *name, att_err *err)
{
	void *regions = image->regions;
	att_rc rc = grow(&regions, image->region_count, &image->region_cap, ATT_IMAGE_NAME, err);

	image->regions = regions;
	if (rc != ATT_OK)
		return rc;
	snprintf(image->regions[image->region_count++], ATT_IMAGE_NAME, "%s", name);
	return ATT_OK;
}

static att_rc count_pages(att_image *image, const struct att_run *run, att_err *err)
{
	uint64_t measured = run->measured ? run->pages : 0;

	if (run->pages > ATT_IMAGE_PAGES_MAX - image->pages ||
	    (run->measured && measured > ATT_IMAGE_MEASURED_MAX - image->pages_measured))
		return att_fail(
		    err, ATT_E_UNSUPPORTED,
		    "the enclave adds more pages than are read: at most %llu, at most %llu of "
		    "them with content that is measured",
		    (unsigned long long)ATT_IMAGE_PAGES_MAX,
		    (unsigned long long)ATT_IMAGE_MEASURED_MAX);
	image->pages += run->pages;
	image->pages_measured += measured;
	return ATT_OK;
}

att_rc att_image_run(att_image *image, const struct att_run *run, att_err *err)
{
	if (run->pages == 0)
		return ATT_OK;
	att_rc rc = att_image_secinfo_ok(run->secinfo, err);
	if (rc != ATT_OK)
		return rc;
	if (run->offset % ATT_PAGE_SIZE || run->offset > image->size ||
	    run->pages > (image->size - run->offset) / ATT_PAGE_SIZE)
		return att_fail(
		    err, ATT_E_FORMAT,
		    "%llu pages at 0x%llx are not inside of the enclave of 0x%llx bytes",
		    (unsigned long long)run->pages, (unsigned long long)run->offset,
		    (unsigned long long)image->size);
	rc = count_pages(image, run, err);
	if (rc != ATT_OK)
		return rc;
	void *runs = image->runs;
	rc = grow(&runs, image->run_count, &image->run_cap, sizeof(*image->runs), err);
	image->runs = runs;
	if (rc != ATT_OK)
		return rc;
	struct att_run *added = &image->runs[image->run_count++];
	*added = *run;
	added->region = image->region_count - 1;
	return ATT_OK;
}

/* Pages up to the end of `len` bytes that begin `skip` bytes into a page. */
static uint64_t pages_of(uint64_t skip, uint64_t len)
{
	return len ? (len - 1) / ATT_PAGE_SIZE + 1 +
			 ((len - 1) % ATT_PAGE_SIZE + skip) / ATT_PAGE_SIZE
		   : 0;
}

/* intel/linux-sgx psw/urts/loader.cpp, build_mem_region: every page with bytes of the file, then
 * pages of zeros until the size in memory; all of them are measured. */
att_rc att_image_load(att_image *image, const struct att_load *load, att_err *err)
{
	uint64_t skip = load->offset % ATT_PAGE_SIZE;
	uint64_t with_data = pages_of(skip, load->filesz);
	uint64_t all = pages_of(skip, load->memsz);
	struct att_run run = {
		.offset = load->offset - skip,
		.pages = with_data,
		.secinfo = load->secinfo,
		.measured = ATT_MEASURED_ALL,
		.source = ATT_RUN_FILE,
		.at = load->at,
		.len = load->filesz,
		.skip = (size_t)skip,
	};

	att_rc rc = att_image_run(image, &run, err);
	if (rc != ATT_OK || all <= with_data)
		return rc;
	run.offset += with_data * ATT_PAGE_SIZE;
	run.pages = all - with_data;
	run.source = ATT_RUN_ZERO;
	return att_image_run(image, &run, err);
}

struct extent {
	uint64_t first;
	uint64_t end;
};

static int by_first(const void *a, const void *b)
{
	const struct extent *x = a;
	const struct extent *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

att_rc att_image_check_runs(const att_image *image, att_err *err)
{
	if (image->run_count == 0)
		return att_fail(err, ATT_E_FORMAT, "the enclave has no pages");
	att_auto_mem struct extent *e = calloc(image->run_count, sizeof(*e));
	if (!e)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	for (size_t i = 0; i < image->run_count; i++) {
		e[i].first = image->runs[i].offset;
		e[i].end = e[i].first + image->runs[i].pages * ATT_PAGE_SIZE;
	}
	qsort(e, image->run_count, sizeof(*e), by_first);
	for (size_t i = 1; i < image->run_count; i++) {
		if (e[i].first < e[i - 1].end)
			return att_fail(
			    err, ATT_E_FORMAT,
			    "the page at 0x%llx would be added twice, which EADD refuses",
			    (unsigned long long)e[i].first);
	}
	return ATT_OK;
}
