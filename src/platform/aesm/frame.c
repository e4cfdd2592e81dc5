/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/aesm/frame.h"

#include "base/error.h"
#include "base/reader.h"

static att_rc check_length(size_t body, att_err *err)
{
	if (body > 0 && body <= ATT_AESM_BODY_MAX)
		return ATT_OK;
	return att_fail_at(err, ATT_E_FORMAT, 0, "AESM frame of %zu bytes, expected 1 to %u", body,
			   ATT_AESM_BODY_MAX);
}

att_rc att_aesm_header(const uint8_t header[static ATT_AESM_HEADER], size_t *body, att_err *err)
{
	att_reader r = att_reader_of(att_bytes_of(header, ATT_AESM_HEADER));

	*body = att_le32(&r, "length");
	return check_length(*body, err);
}

att_rc att_aesm_frame_parse(att_bytes frame, att_bytes *body, att_err *err)
{
	att_reader r = att_reader_of(frame);

	*body = (att_bytes){ 0 };
	size_t len = att_le32(&r, "length");
	att_rc rc = att_reader_ok(&r, err);
	if (rc == ATT_OK)
		rc = check_length(len, err);
	if (rc != ATT_OK)
		return rc;
	att_bytes view = att_view(&r, len, "message");
	rc = att_reader_end(&r, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "AESM frame");
	*body = view;
	return ATT_OK;
}

att_rc att_aesm_frame_put(att_buf *out, att_bytes body, att_err *err)
{
	if (body.len == 0 || body.len > ATT_AESM_BODY_MAX)
		return att_fail(err, ATT_E_ARG,
				"a message of %zu bytes does not fit an AESM frame, 1 to %u do",
				body.len, ATT_AESM_BODY_MAX);
	att_put_le32(out, (uint32_t)body.len);
	att_put(out, body);
	return att_buf_ok(out, err);
}
