/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/aesm/keyid.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"

#define MRSIGNER_LEN 32
#define PROD_ID      1 /* of both quoting enclaves */

/* Who signs Intel's quoting enclaves. */
static const uint8_t epid_signer[MRSIGNER_LEN] = {
	0xec, 0x15, 0xb1, 0x07, 0x87, 0xd2, 0xf8, 0x46, 0x67, 0xce, 0xb0,
	0xb5, 0x98, 0xff, 0xc4, 0x4a, 0x1f, 0x1c, 0xb8, 0x0f, 0x67, 0x0a,
	0xae, 0x5d, 0xf9, 0xe8, 0xfa, 0x9f, 0x63, 0x76, 0xe1, 0xf8,
};
static const uint8_t ecdsa_signer[MRSIGNER_LEN] = {
	0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f,
	0x77, 0xc6, 0x8a, 0x82, 0x9a, 0x00, 0x56, 0xac, 0x8d, 0xed, 0x70,
	0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90, 0xc5, 0x7b, 0xff,
};

static void put_fields(att_buf *b, const struct att_aesm_key_fields *f)
{
	att_put_le16(b, 0); /* id */
	att_put_le16(b, 0); /* version */
	att_put_le16(b, f->mrsigner_length);
	att_put_mem(b, f->mrsigner, sizeof(f->mrsigner));
	att_put_le32(b, f->prod_id);
	att_put_zero(b, 16 + 64 + 16); /* extended prod id, config id, family id */
	att_put_le32(b, f->algorithm_id);
	att_put_mem(b, f->spid, sizeof(f->spid));
	att_put_le16(b, f->att_key_type);
	att_put_zero(b, 80);
}

att_rc att_aesm_key_id_make(enum att_aesm_algorithm algorithm, struct att_aesm_key_id *out,
			    att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	struct att_aesm_key_fields f = { .mrsigner_length = MRSIGNER_LEN,
					 .prod_id = PROD_ID,
					 .algorithm_id = algorithm };

	*out = (struct att_aesm_key_id){ 0 };
	if (algorithm > ATT_AESM_ECDSA_P256)
		return att_fail(err, ATT_E_ARG, "aesmd has no key of algorithm %d", algorithm);
	/* aesmd tells its two EPID keys apart by both fields. */
	f.att_key_type = algorithm == ATT_AESM_EPID_LINKABLE;
	memcpy(f.mrsigner, algorithm == ATT_AESM_ECDSA_P256 ? ecdsa_signer : epid_signer,
	       MRSIGNER_LEN);
	put_fields(&b, &f);
	att_rc rc = att_buf_ok(&b, err);
	if (rc != ATT_OK)
		return rc;
	memcpy(out->bytes, b.ptr, sizeof(out->bytes));
	return ATT_OK;
}

void att_aesm_key_id_read(const struct att_aesm_key_id *id, struct att_aesm_key_fields *out)
{
	att_reader r = att_reader_of(att_bytes_of(id->bytes, sizeof(id->bytes)));

	*out = (struct att_aesm_key_fields){ 0 };
	att_skip(&r, 2, "id");
	att_skip(&r, 2, "version");
	out->mrsigner_length = att_le16(&r, "mrsigner_length");
	att_copy(&r, out->mrsigner, sizeof(out->mrsigner), "mrsigner");
	out->prod_id = att_le32(&r, "prod_id");
	att_skip(&r, 16, "extended_prod_id");
	att_skip(&r, 64, "config_id");
	att_skip(&r, 16, "family_id");
	out->algorithm_id = att_le32(&r, "algorithm_id");
	att_copy(&r, out->spid, sizeof(out->spid), "spid");
	out->att_key_type = att_le16(&r, "att_key_type");
}

bool att_aesm_key_id_same(const uint8_t a[static ATT_AESM_KEY_ID_BASE],
			  const uint8_t b[static ATT_AESM_KEY_ID_BASE])
{
	return memcmp(a, b, ATT_AESM_KEY_ID_BASE) == 0;
}
