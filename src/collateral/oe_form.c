/* SPDX-License-Identifier: Apache-2.0 */
/* Open Enclave's binary forms: SGX endorsements (include/openenclave/bits/attestation.h and
 * common/sgx/endorsements.h: oe_endorsements_t) and the flat form of Intel's structure for TDX. */

#include "base/error.h"
#include "base/reader.h"
#include "collateral/items.h"

#define OE_MAX        ((size_t)200 * 1024)
#define OE_VERSION    1
#define OE_TYPE_SGX   2
#define OE_ELEMENTS   9
#define OE_EL_VERSION 0
#define OE_EL_CREATED 8

/* Element by element; the version and the time of creation, which nobody signed, are no items. */
static const enum att_item oe_items[OE_ELEMENTS] = {
	ATT_ITEM_COUNT,
	ATT_ITEM_TCB_INFO,
	ATT_ITEM_TCB_INFO_ISSUER_CHAIN,
	ATT_ITEM_PCK_CRL,
	ATT_ITEM_ROOT_CA_CRL,
	ATT_ITEM_PCK_CRL_ISSUER_CHAIN,
	ATT_ITEM_QE_IDENTITY,
	ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN,
	ATT_ITEM_COUNT,
};

static att_rc oe_header(att_reader *r, att_err *err)
{
	uint32_t version = att_le32(r, "version");
	uint32_t enclave_type = att_le32(r, "enclave_type");
	uint32_t buffer_size = att_le32(r, "buffer_size");
	size_t size = att_left(r);
	uint32_t elements = att_le32(r, "num_elements");
	att_rc rc = att_reader_ok(r, err);

	if (rc != ATT_OK)
		return rc;
	if (version != OE_VERSION || enclave_type != OE_TYPE_SGX)
		return att_fail_at(err, ATT_E_UNSUPPORTED, 0,
				   "expected version %d of enclave type %d (SGX), seen %u of %u",
				   OE_VERSION, OE_TYPE_SGX, version, enclave_type);
	if (elements != OE_ELEMENTS)
		return att_fail_at(err, ATT_E_FORMAT, 12, "num_elements: expected %d, seen %u",
				   OE_ELEMENTS, elements);
	/* buffer_size counts everything behind the header of 16 bytes */
	size -= sizeof(elements);
	if (buffer_size > size)
		return att_fail_at(err, ATT_E_TRUNCATED, 8,
				   "buffer_size is %u bytes, %zu are there", buffer_size, size);
	if (buffer_size < size)
		return att_fail_at(err, ATT_E_TRAILING, 16 + (size_t)buffer_size,
				   "%zu bytes after the end", size - buffer_size);
	return ATT_OK;
}

static att_rc oe_element(att_collateral *c, size_t i, att_reader *r, size_t len, att_err *err)
{
	if (i == OE_EL_VERSION) {
		size_t at = att_tell(r);
		uint32_t version = att_le32(r, "version element");

		if (len != sizeof(version) || version != OE_VERSION)
			return att_fail_at(err, ATT_E_UNSUPPORTED, at,
					   "version element: expected %d", OE_VERSION);
		return att_reader_ok(r, err);
	}

	att_bytes bytes = att_view(r, len, "element");
	att_rc rc = att_reader_ok(r, err);

	if (rc != ATT_OK || i == OE_EL_CREATED)
		return rc;
	return att_collateral_set(c, oe_items[i], bytes, err);
}

att_rc att_oe_endorsements_read(att_bytes in, att_collateral *c, att_err *err)
{
	att_reader r = att_reader_of(in);
	uint32_t offset[OE_ELEMENTS + 1];

	if (in.len > OE_MAX)
		return att_fail(err, ATT_E_FORMAT, "endorsements are %zu bytes, at most %zu",
				in.len, OE_MAX);

	att_rc rc = oe_header(&r, err);

	if (rc != ATT_OK)
		return rc;
	for (size_t i = 0; i < OE_ELEMENTS; i++)
		offset[i] = att_le32(&r, "offsets");
	rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return rc;
	offset[OE_ELEMENTS] = (uint32_t)att_left(&r);
	for (size_t i = 0; i < OE_ELEMENTS; i++) {
		if ((i == 0 && offset[0] != 0) || offset[i + 1] <= offset[i])
			return att_fail_at(err, ATT_E_FORMAT, 16 + 4 * i,
					   "offsets: element %zu is from %u to %u of %u bytes", i,
					   offset[i], offset[i + 1], offset[OE_ELEMENTS]);
	}
	c->form = "oe-endorsements";
	for (size_t i = 0; i < OE_ELEMENTS; i++) {
		rc = oe_element(c, i, &r, offset[i + 1] - offset[i], err);
		if (rc != ATT_OK)
			return rc;
	}
	return att_reader_end(&r, err);
}

/* The structure as it lay in its maker's memory: seven pointers, which mean nothing here, each with
 * a size and padding; then the seven texts. */
att_rc att_qve_flat_read(att_bytes in, att_collateral *c, att_err *err)
{
	att_reader r = att_reader_of(in);
	uint32_t size[ATT_QVE_ITEMS];

	att_skip(&r, 4, "version");

	uint32_t tee_type = att_le32(&r, "tee_type");

	for (size_t i = 0; i < ATT_QVE_ITEMS; i++) {
		att_skip(&r, 8, "pointer");
		size[i] = att_le32(&r, "size");
		att_skip(&r, 4, "padding");
	}
	att_rc rc = att_reader_ok(&r, err);

	if (rc != ATT_OK)
		return rc;
	if (!att_qve_tee_ok(tee_type))
		return att_fail_at(err, ATT_E_UNSUPPORTED, 4,
				   "tee_type: expected 0 or 0x81, seen 0x%x", tee_type);
	c->form = "qve-flat";
	for (size_t i = 0; i < ATT_QVE_ITEMS; i++) {
		att_bytes bytes = att_view(&r, size[i], att_item_name(att_qve_items[i]));

		rc = att_reader_ok(&r, err);
		if (rc == ATT_OK)
			rc = att_collateral_set(c, att_qve_items[i], bytes, err);
		if (rc != ATT_OK)
			return rc;
	}
	return att_reader_end(&r, err);
}
