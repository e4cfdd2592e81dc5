/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "platform/enclave/sdk.h"

#define METADATA_SECTION ".note.sgxmeta"
#define METADATA_NAME    "sgx_metadata"
#define METADATA_MAGIC   UINT64_C(0x86a80294635d0e4c)
#define ELRANGE_GAP      10u /* major versions above it have an ELRANGE entry */

bool att_image_is_sdk(const struct att_elf *elf)
{
	struct att_elf_section section;

	return att_elf_section_named(elf, METADATA_SECTION, &section);
}

bool att_sdk_metadata_holds(const struct att_sdk_metadata *m, uint64_t offset, uint64_t size)
{
	return offset >= ATT_SDK_METADATA_HEADER && offset < m->size && size <= m->size - offset;
}

/* The note's content. Its name is not padded, unlike in other notes. */
static att_rc find_note(const struct att_elf *elf, att_bytes *out, att_err *err)
{
	struct att_elf_section section;
	att_bytes bytes;

	if (!att_elf_section_named(elf, METADATA_SECTION, &section) ||
	    !att_elf_section_bytes(elf, &section, &bytes))
		return att_fail(err, ATT_E_FORMAT, "section %s has no bytes in the file",
				METADATA_SECTION);
	att_reader r = att_reader_at(bytes, (size_t)section.offset);
	uint32_t name_size = att_le32(&r, "namesz");
	uint32_t content_size = att_le32(&r, "descsz");
	att_skip(&r, 4, "type");
	att_bytes name = att_view(&r, sizeof(METADATA_NAME), "name");
	att_bytes content = att_view(&r, content_size, "metadata");
	att_rc rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "%s", METADATA_SECTION);
	if (name_size != sizeof(METADATA_NAME) ||
	    memcmp(name.ptr, METADATA_NAME, sizeof(METADATA_NAME)) != 0)
		return att_fail_at(err, ATT_E_FORMAT, (size_t)section.offset,
				   "%s: the note is not named %s", METADATA_SECTION, METADATA_NAME);
	*out = content;
	return ATT_OK;
}

static att_rc read_elrange(att_bytes bytes, struct att_sdk_metadata *m, att_err *err)
{
	att_reader d = att_reader_of(
	    att_bytes_of(bytes.ptr + ATT_SDK_METADATA_HEADER, m->size - ATT_SDK_METADATA_HEADER));
	uint32_t offset = att_le32(&d, "elrange.offset");
	att_rc rc = att_reader_ok(&d, err);

	if (rc != ATT_OK)
		return att_wrap(err, rc, "metadata");
	if (!att_sdk_metadata_holds(m, offset, 24))
		return att_fail_at(err, ATT_E_FORMAT, m->at + ATT_SDK_METADATA_HEADER,
				   "metadata: the ELRANGE entry is not inside of the metadata");
	att_reader r = att_reader_of(att_bytes_of(bytes.ptr + offset, 24));
	m->image_address = att_le64(&r, "enclave_image_address");
	m->range_address = att_le64(&r, "elrange_start_address");
	m->range_size = att_le64(&r, "elrange_size");
	if (m->range_size == 0 || m->range_size % ATT_PAGE_SIZE ||
	    m->range_address % ATT_PAGE_SIZE || m->image_address % ATT_PAGE_SIZE ||
	    m->range_address > m->image_address ||
	    m->image_address - m->range_address > m->range_size ||
	    m->enclave_size > m->range_size - (m->image_address - m->range_address))
		return att_fail_at(
		    err, ATT_E_FORMAT, m->at + offset,
		    "metadata: the image (0x%llx bytes at 0x%llx) is not inside of ELRANGE "
		    "(0x%llx bytes at 0x%llx)",
		    (unsigned long long)m->enclave_size, (unsigned long long)m->image_address,
		    (unsigned long long)m->range_size, (unsigned long long)m->range_address);
	return ATT_OK;
}

static att_rc check(const struct att_sdk_metadata *m, att_err *err)
{
	if (m->size < ATT_SDK_METADATA_HEADER)
		return att_fail_at(err, ATT_E_FORMAT, m->at + 16,
				   "metadata: size is %u, expected at least %u", m->size,
				   ATT_SDK_METADATA_HEADER);
	if (m->ssa_frame_size == 0)
		return att_fail_at(err, ATT_E_FORMAT, m->at + 24,
				   "metadata: SSA frame size 0, expected at least 1");
	if (!att_sdk_metadata_holds(m, m->patch_offset, m->patch_size) ||
	    !att_sdk_metadata_holds(m, m->layout_offset, m->layout_size))
		return att_fail_at(err, ATT_E_FORMAT, m->at + 1872,
				   "metadata: patch or layout table is not inside of the metadata");
	return ATT_OK;
}

/* One metadata at the front of `bytes`, which begins at `at` in the file. `*found` is false when
 * there is none. */
static att_rc read_one(att_bytes bytes, size_t at, struct att_sdk_metadata *m, bool *found,
		       att_err *err)
{
	att_reader r = att_reader_at(bytes, at);

	*m = (struct att_sdk_metadata){ .at = at };
	*found = bytes.len >= 8 && att_le64(&r, "magic_num") == METADATA_MAGIC;
	if (!*found)
		return ATT_OK;
	m->minor = att_le32(&r, "version.minor");
	m->major = att_le32(&r, "version.major");
	m->size = att_le32(&r, "size");
	att_skip(&r, 4, "tcs_policy");
	m->ssa_frame_size = att_le32(&r, "ssa_frame_size");
	att_skip(&r, 4 + 4 + 4, "max_save_buffer_size, desired_misc_select, tcs_min_pool");
	m->enclave_size = att_le64(&r, "enclave_size");
	att_skip(&r, 16, "attributes");
	m->sigstruct = att_view(&r, 1808, "enclave_css");
	m->patch_offset = att_le32(&r, "patch.offset");
	m->patch_size = att_le32(&r, "patch.size");
	m->layout_offset = att_le32(&r, "layout.offset");
	m->layout_size = att_le32(&r, "layout.size");
	att_rc rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "metadata");
	if (m->size > bytes.len)
		return att_fail_at(err, ATT_E_TRUNCATED, at + 16,
				   "metadata: size is %u, the note holds %zu more bytes", m->size,
				   bytes.len);
	rc = check(m, err);
	if (rc == ATT_OK && m->major > ELRANGE_GAP)
		rc = read_elrange(bytes, m, err);
	return rc;
}

att_rc att_sdk_metadata_find(const struct att_elf *elf, struct att_sdk_metadata *out, att_err *err)
{
	att_bytes note;
	bool found;

	att_rc rc = find_note(elf, &note, err);
	if (rc != ATT_OK)
		return rc;
	size_t at = (size_t)(note.ptr - elf->file.ptr);
	rc = read_one(note, at, out, &found, err);
	if (rc != ATT_OK)
		return rc;
	if (!found)
		return att_fail_at(
		    err, ATT_E_UNSUPPORTED, at,
		    "an Intel SDK enclave without metadata: its layout is decided when it is "
		    "signed; sign it with sgx_sign first");
	size_t used = out->size;
	while (used < note.len) {
		struct att_sdk_metadata next;
		att_bytes rest = att_bytes_of(note.ptr + used, note.len - used);

		rc = read_one(rest, at + used, &next, &found, err);
		if (rc != ATT_OK)
			return rc;
		if (!found)
			break;
		if (!att_bytes_eq(next.sigstruct, out->sigstruct))
			return att_fail_at(
			    err, ATT_E_UNSUPPORTED, next.at,
			    "metadata: the file holds enclaves with two signatures (metadata "
			    "versions %u.%u and %u.%u)",
			    out->major, out->minor, next.major, next.minor);
		used += next.size;
	}
	return ATT_OK;
}
