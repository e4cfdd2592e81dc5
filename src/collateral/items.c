/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral/items.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/reader.h"
#include "base/text.h"

static const char *const item_names[ATT_ITEM_COUNT] = {
	[ATT_ITEM_PCK_CRL_ISSUER_CHAIN] = "pck_crl_issuer_chain",
	[ATT_ITEM_ROOT_CA_CRL] = "root_ca_crl",
	[ATT_ITEM_PCK_CRL] = "pck_crl",
	[ATT_ITEM_TCB_INFO_ISSUER_CHAIN] = "tcb_info_issuer_chain",
	[ATT_ITEM_TCB_INFO] = "tcb_info",
	[ATT_ITEM_TCB_INFO_SIGNATURE] = "tcb_info_signature",
	[ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN] = "qe_identity_issuer_chain",
	[ATT_ITEM_QE_IDENTITY] = "qe_identity",
	[ATT_ITEM_QE_IDENTITY_SIGNATURE] = "qe_identity_signature",
	[ATT_ITEM_PCK_CERTIFICATE_CHAIN] = "pck_certificate_chain",
};

att_collateral *att_collateral_new(void)
{
	att_collateral *c = calloc(1, sizeof(*c));

	if (c)
		c->form = "items";
	return c;
}

void att_collateral_free(att_collateral *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < ATT_ITEM_COUNT; i++)
		free(c->items[i].ptr);
	free(c);
}

const char *att_item_name(enum att_item item)
{
	return (size_t)item < ATT_ITEM_COUNT ? item_names[item] : NULL;
}

static bool is_crl(enum att_item item)
{
	return item == ATT_ITEM_ROOT_CA_CRL || item == ATT_ITEM_PCK_CRL;
}

static bool is_signature(enum att_item item)
{
	return item == ATT_ITEM_TCB_INFO_SIGNATURE || item == ATT_ITEM_QE_IDENTITY_SIGNATURE;
}

static bool is_chain(enum att_item item)
{
	return item == ATT_ITEM_PCK_CRL_ISSUER_CHAIN || item == ATT_ITEM_TCB_INFO_ISSUER_CHAIN ||
	       item == ATT_ITEM_QE_IDENTITY_ISSUER_CHAIN || item == ATT_ITEM_PCK_CERTIFICATE_CHAIN;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static att_bytes drop_end_space(att_bytes in)
{
	while (in.len > 0 && is_space(in.ptr[in.len - 1]))
		in.len--;
	return in;
}

/* A DER CRL may well end in a zero byte of its own; its length says where it ends. */
static bool is_der(enum att_item item, att_bytes in)
{
	return is_crl(item) && in.ptr[0] == 0x30;
}

/* PCS sends issuer chains as the percent-encoded value of a header (PCS API, response headers). */
static bool is_percent_encoded(enum att_item item, att_bytes in)
{
	static const char head[] = "-----BEGIN%20";

	return is_chain(item) && in.len >= sizeof(head) - 1 &&
	       memcmp(in.ptr, head, sizeof(head) - 1) == 0;
}

static att_rc store(att_collateral *c, enum att_item item, att_bytes bytes, att_err *err)
{
	uint8_t *copy = NULL;
	size_t others = 0;

	for (int i = 0; i < ATT_ITEM_COUNT; i++)
		others += i == (int)item ? 0 : c->items[i].len;
	if (bytes.len > ATT_COLLATERAL_MAX - others)
		return att_fail(err, ATT_E_FORMAT,
				"%s is %zu bytes beside %zu of other items, at most %zu in all",
				item_names[item], bytes.len, others, ATT_COLLATERAL_MAX);
	if (bytes.len > 0) {
		copy = att_bytes_dup(bytes);
		if (!copy)
			return att_fail(err, ATT_E_NOMEM, "out of memory");
	}
	free(c->items[item].ptr);
	c->items[item].ptr = copy;
	c->items[item].len = bytes.len;
	return ATT_OK;
}

att_rc att_collateral_set(att_collateral *c, enum att_item item, att_bytes bytes, att_err *err)
{
	if ((size_t)item >= ATT_ITEM_COUNT)
		return att_fail(err, ATT_E_ARG, "there is no collateral item %d", (int)item);
	if (bytes.len > ATT_COLLATERAL_MAX)
		return att_fail(err, ATT_E_FORMAT, "%s is %zu bytes, at most %zu", item_names[item],
				bytes.len, ATT_COLLATERAL_MAX);
	if (bytes.len == 0)
		return store(c, item, bytes, err);
	if (!is_der(item, bytes) && bytes.ptr[bytes.len - 1] == '\0')
		bytes.len--;
	if (is_signature(item))
		bytes = drop_end_space(bytes);
	if (!is_percent_encoded(item, bytes))
		return store(c, item, bytes, err);

	att_auto_buf att_buf text = { 0 };
	att_rc rc = att_percent_decode(drop_end_space(bytes), &text, err);

	if (rc == ATT_OK)
		rc = att_buf_ok(&text, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "%s", item_names[item]);
	return store(c, item, att_buf_bytes(&text), err);
}

att_bytes att_collateral_get(const att_collateral *c, enum att_item item)
{
	if ((size_t)item >= ATT_ITEM_COUNT)
		return (att_bytes){ 0 };
	return att_bytes_of(c->items[item].ptr, c->items[item].len);
}

const char *att_collateral_form(const att_collateral *c)
{
	return c->form;
}

#define OE_VERSION 1
#define QVE_3_0    3
#define QVE_3_1    0x00010003
#define QVE_4_0    4

/* Which of the three forms a blob is; tells by its first byte or its version word. */
static att_rc read_form(att_bytes in, att_collateral *c, att_err *err)
{
	size_t i = 0;

	while (i < in.len && is_space(in.ptr[i]))
		i++;
	if (i < in.len && in.ptr[i] == '{')
		return att_json_form_read(in, c, err);

	att_reader r = att_reader_of(in);
	uint32_t version = att_le32(&r, "version");
	att_rc rc = att_reader_ok(&r, err);

	if (rc != ATT_OK)
		return rc;
	if (version == OE_VERSION)
		return att_oe_endorsements_read(in, c, err);
	if (version == QVE_3_0 || version == QVE_3_1 || version == QVE_4_0)
		return att_qve_flat_read(in, c, err);
	return att_fail_at(err, ATT_E_FORMAT, 0,
			   "neither a JSON object nor a known version of a binary form");
}

att_rc att_collateral_parse(att_bytes in, att_collateral **out, att_err *err)
{
	*out = NULL;
	if (in.len > ATT_COLLATERAL_MAX)
		return att_fail(err, ATT_E_FORMAT, "collateral is %zu bytes, at most %zu", in.len,
				ATT_COLLATERAL_MAX);

	att_auto_collateral att_collateral *c = att_collateral_new();

	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory");

	att_rc rc = read_form(in, c, err);

	if (rc != ATT_OK)
		return att_wrap(err, rc, "collateral");
	*out = ATT_STEAL(c);
	return ATT_OK;
}
