/* SPDX-License-Identifier: Apache-2.0 */
/* The signed metadata of Intel SDK enclaves, as bytes and numbers. Facts and their source:
 * doc/enclave-measurement.md. */
#ifndef ATT_PLATFORM_ENCLAVE_SDK_H
#define ATT_PLATFORM_ENCLAVE_SDK_H

#include "platform/enclave/runs.h"

#define ATT_SDK_METADATA_HEADER 1888u
#define ATT_SDK_LAYOUT_ENTRY    32u
#define ATT_SDK_PATCH_ENTRY     32u

struct att_sdk_metadata {
	size_t at; /* its first byte in the file */
	uint32_t major;
	uint32_t minor;
	uint32_t size;
	uint32_t ssa_frame_size;
	uint64_t enclave_size;
	att_bytes sigstruct;
	uint32_t patch_offset; /* from the metadata's first byte */
	uint32_t patch_size;
	uint32_t layout_offset;
	uint32_t layout_size;
	/* An address range that is larger than the image and begins before it; size 0: none. */
	uint64_t image_address;
	uint64_t range_address;
	uint64_t range_size;
};

/* The metadata of a signed enclave: the first of the file, which is what present loaders use; the
 * others must carry the same SIGSTRUCT. ATT_E_UNSUPPORTED when the enclave was never signed. */
att_rc att_sdk_metadata_find(const struct att_elf *elf, struct att_sdk_metadata *out,
			     att_err *err) ATT_MUST_USE;

/* Are `size` bytes at `offset` inside of the metadata, behind its header? */
bool att_sdk_metadata_holds(const struct att_sdk_metadata *m, uint64_t offset, uint64_t size);

/* Adds the pages that the layout table asks for. */
att_rc att_sdk_add_layout(att_image *image, const struct att_sdk_metadata *m,
			  att_err *err) ATT_MUST_USE;

/* Finds the pages that relocations of read-only segments make writable (DT_TEXTREL). */
att_rc att_sdk_find_relocated(att_image *image, att_err *err) ATT_MUST_USE;

#endif
