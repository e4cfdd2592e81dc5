/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/qgs.h"

#include "base/error.h"
#include "base/reader.h"

/* Intel DCAP, QuoteGeneration/quote_wrapper/qgs_msg_lib: qgs_msg_header_t, get_quote_req,
 * get_quote_resp. */
#define HEADER_LEN     16
#define VERSION_MAJOR  1
#define VERSION_MINOR  0
#define GET_QUOTE_REQ  0
#define GET_QUOTE_RESP 1

static void put_be32(att_buf *b, uint32_t v)
{
	att_put_be16(b, (uint16_t)(v >> 16));
	att_put_be16(b, (uint16_t)(v & 0xffff));
}

static uint32_t be32(att_reader *r, const char *field)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 8 | att_u8(r, field);
	return v;
}

void att_qgs_put_request(att_buf *b, const uint8_t tdreport[static ATT_TDREPORT_LEN])
{
	const uint32_t size = HEADER_LEN + 8 + ATT_TDREPORT_LEN;

	put_be32(b, size);
	att_put_le16(b, VERSION_MAJOR);
	att_put_le16(b, VERSION_MINOR);
	att_put_le32(b, GET_QUOTE_REQ);
	att_put_le32(b, size);
	att_put_le32(b, 0); /* error_code */
	att_put_le32(b, ATT_TDREPORT_LEN);
	att_put_le32(b, 0); /* id_list_size: any attestation key */
	att_put_mem(b, tdreport, ATT_TDREPORT_LEN);
}

/* qgs_msg_lib.h, qgs_msg_error_t, and the quoting enclave's own beyond. */
static att_rc refused(uint32_t code, att_err *err)
{
	return att_fail(err, ATT_E_UNAVAILABLE,
			"the quote generation service answers with error 0x%x; the log of qgsd on "
			"the host says why",
			code);
}

att_rc att_qgs_response(att_bytes in, att_bytes *quote, att_err *err)
{
	att_reader r = att_reader_of(in);

	*quote = att_bytes_of(NULL, 0);
	size_t framed = be32(&r, "frame length");
	att_reader m = att_sub(&r, framed, "message");
	uint16_t major = att_le16(&m, "major_version");
	att_skip(&m, 2, "minor_version");
	uint32_t type = att_le32(&m, "type");
	uint32_t size = att_le32(&m, "size");
	uint32_t code = att_le32(&m, "error_code");
	att_rc rc = att_reader_ok(&m, err);
	if (rc != ATT_OK)
		return rc;
	if (major != VERSION_MAJOR || type != GET_QUOTE_RESP || size != framed)
		return att_fail(err, ATT_E_FORMAT,
				"message of version %u, type %u, size %u; 1, 1, %zu expected",
				major, type, size, framed);
	if (code != 0)
		return refused(code, err);
	size_t id_size = att_le32(&m, "selected_id_size");
	size_t quote_size = att_le32(&m, "quote_size");
	att_skip(&m, id_size, "selected_id");
	att_bytes got = att_view(&m, quote_size, "quote");
	rc = att_reader_end(&m, err);
	if (rc == ATT_OK)
		rc = att_reader_end(&r, err);
	if (rc != ATT_OK)
		return rc;
	if (got.len == 0)
		return att_fail(err, ATT_E_FORMAT, "quote of 0 bytes");
	*quote = got;
	return ATT_OK;
}
