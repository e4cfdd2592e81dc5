/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/tdx_measure.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/sha384.h"

#define RECORD  128
#define ADDRESS 16 /* where it is in a record */

struct att_mrtd {
	att_sha384_stream *hash;
};

att_rc att_mrtd_new(att_mrtd **out, att_err *err)
{
	att_mrtd *m = calloc(1, sizeof(*m));

	*out = NULL;
	if (!m)
		return att_fail(err, ATT_E_NOMEM, "MRTD: out of memory");
	m->hash = att_sha384_stream_new();
	if (!m->hash) {
		free(m);
		return att_fail(err, ATT_E_UNAVAILABLE, "MRTD: libcrypto offers no SHA-384");
	}
	*out = m;
	return ATT_OK;
}

void att_mrtd_free(att_mrtd *m)
{
	if (!m)
		return;
	att_sha384_stream_free(m->hash);
	free(m);
}

/* One record of 128 bytes: name, address, zeros (doc/tdx-measurement.md). */
static att_rc put_record(att_mrtd *m, const char *name, uint64_t gpa, att_err *err)
{
	uint8_t record[RECORD] = { 0 };

	memcpy(record, name, strlen(name));
	for (size_t i = 0; i < 8; i++)
		record[ADDRESS + i] = (uint8_t)(gpa >> (8 * i));
	if (att_sha384_stream_put(m->hash, att_bytes_of(record, sizeof(record))))
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE, "MRTD: libcrypto can not hash");
}

att_rc att_mrtd_add(att_mrtd *m, uint64_t gpa, att_err *err)
{
	if (gpa % ATT_TDX_PAGE)
		return att_fail(err, ATT_E_ARG, "page at 0x%llx, expected a multiple of 4096",
				(unsigned long long)gpa);
	return put_record(m, "MEM.PAGE.ADD", gpa, err);
}

att_rc att_mrtd_extend(att_mrtd *m, uint64_t gpa, const uint8_t chunk[static ATT_TDX_CHUNK],
		       att_err *err)
{
	if (gpa % ATT_TDX_CHUNK)
		return att_fail(err, ATT_E_ARG, "chunk at 0x%llx, expected a multiple of 256",
				(unsigned long long)gpa);
	att_rc rc = put_record(m, "MR.EXTEND", gpa, err);
	if (rc != ATT_OK)
		return rc;
	if (att_sha384_stream_put(m->hash, att_bytes_of(chunk, ATT_TDX_CHUNK)))
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE, "MRTD: libcrypto can not hash");
}

att_rc att_mrtd_image(att_mrtd *m, uint64_t gpa, att_bytes image, att_err *err)
{
	if (image.len % ATT_TDX_PAGE)
		return att_fail(err, ATT_E_ARG, "image of %zu bytes, expected whole pages of 4096",
				image.len);
	for (size_t at = 0; at < image.len; at += ATT_TDX_CHUNK) {
		att_rc rc = at % ATT_TDX_PAGE ? ATT_OK : att_mrtd_add(m, gpa + at, err);

		if (rc == ATT_OK)
			rc = att_mrtd_extend(m, gpa + at, image.ptr + at, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

att_rc att_mrtd_finish(att_mrtd *m, uint8_t mrtd[static ATT_TDX_MR], att_err *err)
{
	if (att_sha384_stream_end(m->hash, mrtd))
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE, "MRTD: libcrypto can not hash");
}

att_rc att_rtmr_extend(uint8_t rtmr[static ATT_TDX_MR], const uint8_t data[static ATT_TDX_MR],
		       att_err *err)
{
	if (att_sha384(att_bytes_of(rtmr, ATT_TDX_MR), att_bytes_of(data, ATT_TDX_MR), rtmr))
		return ATT_OK;
	return att_fail(err, ATT_E_UNAVAILABLE, "RTMR: libcrypto can not hash");
}
