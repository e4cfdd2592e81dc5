/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/aesm/keyid.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"

/* Who signs Intel's quoting enclaves. */
#define EPID_SIGNER                                                                               \
	0xec, 0x15, 0xb1, 0x07, 0x87, 0xd2, 0xf8, 0x46, 0x67, 0xce, 0xb0, 0xb5, 0x98, 0xff, 0xc4, \
	    0x4a, 0x1f, 0x1c, 0xb8, 0x0f, 0x67, 0x0a, 0xae, 0x5d, 0xf9, 0xe8, 0xfa, 0x9f, 0x63,   \
	    0x76, 0xe1, 0xf8
#define ECDSA_SIGNER                                                                              \
	0x8c, 0x4f, 0x57, 0x75, 0xd7, 0x96, 0x50, 0x3e, 0x96, 0x13, 0x7f, 0x77, 0xc6, 0x8a, 0x82, \
	    0x9a, 0x00, 0x56, 0xac, 0x8d, 0xed, 0x70, 0x14, 0x0b, 0x08, 0x1b, 0x09, 0x44, 0x90,   \
	    0xc5, 0x7b, 0xff

/* Offsets; numbers are little endian, and none is above 255. */
enum { MRSIGNER_LENGTH = 4, MRSIGNER = 6, PROD_ID = 54, ALGORITHM_ID = 154, ATT_KEY_TYPE = 174 };

/* aesmd tells its two EPID keys apart by algorithm and by type. */
static const struct att_aesm_key_id ids[] = {
	[ATT_AESM_EPID_UNLINKABLE] = { { [MRSIGNER_LENGTH] = 32,
					 [MRSIGNER] = EPID_SIGNER,
					 [PROD_ID] = 1 } },
	[ATT_AESM_EPID_LINKABLE] = { { [MRSIGNER_LENGTH] = 32,
				       [MRSIGNER] = EPID_SIGNER,
				       [PROD_ID] = 1,
				       [ALGORITHM_ID] = ATT_AESM_EPID_LINKABLE,
				       [ATT_KEY_TYPE] = 1 } },
	[ATT_AESM_ECDSA_P256] = { { [MRSIGNER_LENGTH] = 32,
				    [MRSIGNER] = ECDSA_SIGNER,
				    [PROD_ID] = 1,
				    [ALGORITHM_ID] = ATT_AESM_ECDSA_P256 } },
};

att_rc att_aesm_key_id_make(enum att_aesm_algorithm algorithm, struct att_aesm_key_id *out,
			    att_err *err)
{
	*out = (struct att_aesm_key_id){ 0 };
	if (algorithm >= ATT_COUNT(ids))
		return att_fail(err, ATT_E_ARG, "aesmd has no key of algorithm %d", (int)algorithm);
	*out = ids[algorithm];
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
