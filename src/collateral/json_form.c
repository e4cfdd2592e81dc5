/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form (doc/collateral.md, section "One JSON file"). */
#include "base/buf.h"
#include "base/error.h"
#include "base/text.h"
#include "codec/json.h"
#include "collateral/crlbytes.h"
#include "collateral/items.h"

static att_rc read_items(att_json object, att_collateral *c, att_err *err)
{
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		const char *name = att_item_name((enum att_item)i);
		att_json v = att_json_get(object, name);
		att_auto_mem char *text = NULL;
		size_t len = 0;

		if (!v.doc)
			continue;
		if (att_json_type_of(v) != ATT_JSON_STRING)
			return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v),
					   "%s: expected a string", name);

		att_rc rc = att_json_string(v, &text, &len, err);

		if (rc == ATT_OK)
			rc = att_collateral_set(c, (enum att_item)i, att_bytes_of(text, len), err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

att_rc att_json_form_read(att_bytes in, att_collateral *c, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };
	att_rc rc = att_json_parse(in, &doc, err);

	if (rc != ATT_OK)
		return rc;
	c->form = "json";

	att_json object = att_json_root(&doc);
	/* A file of `attest verify --save` is a whole verification, the collateral a part of it */
	att_json inner = att_json_get(object, "collateral");

	if (inner.doc && att_json_type_of(inner) != ATT_JSON_OBJECT)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(inner),
				   "collateral: expected an object");
	return read_items(inner.doc ? inner : object, c, err);
}

static bool is_text(att_bytes b)
{
	for (size_t i = 0; i < b.len; i++) {
		if (b.ptr[i] == '\0')
			return false;
	}
	return att_utf8_valid(b);
}

/* A CRL in hex of its DER; one that can not be read goes out as it is, to be refused again. */
static att_rc write_crl(att_jsonw *w, att_bytes crl, att_err *err)
{
	att_auto_buf att_buf der = { 0 };
	att_rc rc = att_crl_to_der(crl, &der, err);

	if (rc == ATT_E_NOMEM)
		return rc;
	if (rc == ATT_OK)
		att_jw_hex(w, att_buf_bytes(&der));
	else if (is_text(crl))
		att_jw_strn(w, crl);
	else
		att_jw_hex(w, crl);
	return ATT_OK;
}

static att_rc write_item(att_jsonw *w, enum att_item item, att_bytes bytes, att_err *err)
{
	att_jw_name(w, att_item_name(item));
	if (item == ATT_ITEM_ROOT_CA_CRL || item == ATT_ITEM_PCK_CRL)
		return write_crl(w, bytes, err);
	if (!is_text(bytes))
		return att_fail(err, ATT_E_FORMAT, "%s is no UTF-8 text and has no place in JSON",
				att_item_name(item));
	att_jw_strn(w, bytes);
	return ATT_OK;
}

att_rc att_collateral_to_json(const att_collateral *c, char **out, att_err *err)
{
	att_auto_buf att_buf b = { 0 };
	att_jsonw w = att_jsonw_to(&b, 1);

	*out = NULL;
	att_jw_object(&w);
	for (int i = 0; i < ATT_ITEM_COUNT; i++) {
		att_bytes bytes = att_collateral_get(c, (enum att_item)i);
		att_rc rc = bytes.len > 0 ? write_item(&w, (enum att_item)i, bytes, err) : ATT_OK;

		if (rc != ATT_OK)
			return rc;
	}
	att_jw_end_object(&w);

	att_rc rc = att_buf_ok(&b, err);

	if (rc != ATT_OK)
		return rc;
	if (b.len > ATT_JSON_TEXT_MAX)
		return att_fail(err, ATT_E_FORMAT, "the JSON form is %zu bytes, at most %zu", b.len,
				ATT_JSON_TEXT_MAX);
	*out = att_buf_steal_str(&b);
	return *out ? ATT_OK : att_fail(err, ATT_E_NOMEM, "out of memory");
}
