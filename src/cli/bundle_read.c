/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a file that --save made. Strict: unknown or ill-typed members are errors, for whoever
 * changed the file meant something by them. */
#include "cli/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/bundle.h"

static att_rc bad(att_err *err, att_json v, const char *name, const char *want)
{
	if (!v.doc)
		return att_fail(err, ATT_E_FORMAT, "member %s is missing", name);
	return att_fail_at(err, ATT_E_FORMAT, att_json_offset(v), "member %s is not %s", name,
			   want);
}

bool cli_bundle_looks(att_bytes text)
{
	static const char mark[] = "\"" CLI_BUNDLE_FORMAT "\"";
	size_t i = 0;

	while (i < text.len && strchr(" \t\r\n", text.ptr[i]) && text.ptr[i])
		i++;
	return i < text.len && text.ptr[i] == '{' &&
	       memmem(text.ptr, text.len, mark, sizeof(mark) - 1) != NULL;
}

static att_rc read_base64(att_json obj, const char *name, size_t max, att_buf *out, att_err *err)
{
	att_json v = att_json_get(obj, name);
	att_bytes text;

	if (!att_json_plain(v, &text))
		return bad(err, v, name, "base64");
	size_t room = 3 * (text.len / 4) + 3;
	if (room > max + 3)
		return bad(err, v, name, "of a size that is read");
	att_auto_mem uint8_t *bytes = malloc(room);
	if (!bytes)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	if (att_base64_decode(text, false, bytes, &room, NULL) != ATT_OK)
		return bad(err, v, name, "base64");
	att_put_mem(out, bytes, room);
	return att_buf_ok(out, err);
}

static att_rc read_header(att_json root, struct cli_case *k, char made_by[static 32], att_err *err)
{
	int64_t version;
	att_bytes text;

	att_json v = att_json_get(root, "format");
	if (!att_json_is(v, CLI_BUNDLE_FORMAT))
		return bad(err, v, "format", "\"" CLI_BUNDLE_FORMAT "\"");
	v = att_json_get(root, "version");
	if (!att_json_int(v, 0, INT32_MAX, &version))
		return bad(err, v, "version", "a number");
	if (version != CLI_BUNDLE_VERSION)
		return att_fail_at(err, ATT_E_UNSUPPORTED, att_json_offset(v),
				   "version is %lld, expected %d", (long long)version,
				   CLI_BUNDLE_VERSION);
	v = att_json_get(root, "made_by");
	if (!att_json_plain(v, &text) || text.len >= 32)
		return bad(err, v, "made_by", "a version");
	snprintf(made_by, 32, "%.*s", (int)text.len, (const char *)text.ptr);
	v = att_json_get(root, "time");
	if (!att_json_plain(v, &text) || att_time_parse(text, true, &k->time, NULL) != ATT_OK)
		return bad(err, v, "time", "a time like 2025-07-19T10:16:03Z");
	return ATT_OK;
}

static att_rc read_root(att_json v, struct cli_case *k, att_err *err)
{
	att_auto_mem char *label = NULL;
	size_t len;

	if (k->root_count == CLI_ROOTS_MAX)
		return bad(err, v, "certificates", "a list of at most 16");
	if (att_json_count(v) != 2)
		return bad(err, v, "certificates", "a list of {label, certificate}");
	att_rc rc = att_json_string(att_json_get(v, "label"), &label, &len, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "member label");
	struct cli_root *r = &k->root[k->root_count++];
	if (len >= sizeof(r->label))
		return bad(err, v, "label", "at most 63 bytes long");
	if (strcmp(label, "intel") == 0)
		return bad(err, v, "label", "another name than that of Intel's root");
	memcpy(r->label, label, len + 1);
	return read_base64(v, "certificate", CLI_KEY_MAX, &r->certificate, err);
}

static att_rc read_roots(att_json root, struct cli_case *k, att_err *err)
{
	att_json v = att_json_get(root, "roots");
	att_json list = att_json_get(v, "certificates");

	if (att_json_type_of(v) != ATT_JSON_OBJECT || att_json_count(v) != 2)
		return bad(err, v, "roots", "{intel, certificates}");
	if (!att_json_bool(att_json_get(v, "intel"), &k->intel_root))
		return bad(err, att_json_get(v, "intel"), "roots.intel", "true or false");
	if (att_json_type_of(list) != ATT_JSON_ARRAY)
		return bad(err, list, "roots.certificates", "a list");
	for (att_json item = att_json_first(list); item.doc; item = att_json_next(list, item)) {
		att_rc rc = read_root(item, k, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

static att_rc read_policy(att_json root, struct cli_case *k, att_err *err)
{
	att_json v = att_json_get(root, "policy");
	att_json list = att_json_get(v, "allow");

	if (att_json_type_of(v) != ATT_JSON_OBJECT || att_json_count(v) != 3)
		return bad(err, v, "policy", "{text, allow, allow_simulated}");
	if (!att_json_bool(att_json_get(v, "allow_simulated"), &k->allow_simulated))
		return bad(err, att_json_get(v, "allow_simulated"), "policy.allow_simulated",
			   "true or false");
	if (att_json_type_of(list) != ATT_JSON_ARRAY || att_json_count(list) > CLI_ALLOW_MAX)
		return bad(err, list, "policy.allow", "a short list");
	for (att_json item = att_json_first(list); item.doc; item = att_json_next(list, item)) {
		att_bytes name;
		if (!att_json_plain(item, &name))
			return bad(err, item, "policy.allow", "a list of TCB statuses");
		enum att_tcb_status s = att_tcb_status_of((const char *)name.ptr, name.len);
		if (s == ATT_TCB_NONE)
			return bad(err, item, "policy.allow", "a list of TCB statuses");
		k->allow[k->allow_count++] = s;
	}
	k->has_policy = att_json_type_of(att_json_get(v, "text")) != ATT_JSON_NULL;
	return k->has_policy ? read_base64(v, "text", CLI_POLICY_MAX, &k->policy, err) : ATT_OK;
}

static att_rc read_optional(att_json root, struct cli_case *k, att_err *err)
{
	att_json v = att_json_get(root, "report_data");
	att_bytes text;

	if (att_json_type_of(v) != ATT_JSON_NULL) {
		if (!att_json_plain(v, &text) || text.len == 0 || text.len > 128 || text.len % 2 ||
		    !att_json_hex(v, k->report_data, text.len / 2))
			return bad(err, v, "report_data", "1 to 64 bytes in hex, or null");
		k->report_data_len = text.len / 2;
	}
	v = att_json_get(root, "defaults_used");
	if (att_json_type_of(v) != ATT_JSON_ARRAY)
		return bad(err, v, "defaults_used", "a list");
	for (att_json item = att_json_first(v); item.doc; item = att_json_next(v, item)) {
		unsigned bit = 0;
		while (bit < CLI_DEFAULT_COUNT && !att_json_is(item, cli_default_name(bit)))
			bit++;
		if (bit == CLI_DEFAULT_COUNT)
			return bad(err, item, "defaults_used", "a list of known defaults");
		k->defaults |= 1u << bit;
	}
	k->has_eventlog = att_json_type_of(att_json_get(root, "eventlog")) != ATT_JSON_NULL;
	return k->has_eventlog ? read_base64(root, "eventlog", ATT_EVENTLOG_MAX, &k->eventlog, err)
			       : ATT_OK;
}

/* A default that the rest of the file contradicts would be shown as if it had held. */
static att_rc check_defaults(att_json root, const struct cli_case *k, att_err *err)
{
	const struct {
		unsigned bit;
		bool left;
	} unsaid[] = {
		{ CLI_DEFAULT_ROOT, k->intel_root },
		{ CLI_DEFAULT_UNBOUND, k->report_data_len == 0 },
		{ CLI_DEFAULT_POLICY, !k->has_policy },
	};

	for (size_t i = 0; i < ATT_COUNT(unsaid); i++) {
		if (unsaid[i].left == ((k->defaults & unsaid[i].bit) != 0))
			continue;
		return bad(err, att_json_get(root, "defaults_used"), "defaults_used",
			   "what the other members say");
	}
	return ATT_OK;
}

static att_rc read_verdict(att_json root, att_bytes *verdict, att_err *err)
{
	static const char known[] = "format version made_by time evidence collateral roots policy "
				    "report_data eventlog defaults_used verdict";
	att_json v = att_json_get(root, "verdict");

	if (att_json_type_of(v) != ATT_JSON_OBJECT)
		return bad(err, v, "verdict", "an object");
	*verdict = att_json_slice(v);
	for (att_json m = att_json_first(root); m.doc; m = att_json_next(root, m)) {
		att_bytes name;
		if (!att_json_plain(att_json_name(m), &name) ||
		    !cli_word_in((const char *)name.ptr, name.len, known))
			return att_fail_at(err, ATT_E_FORMAT, att_json_offset(att_json_name(m)),
					   "unknown member");
	}
	return ATT_OK;
}

static att_rc read_members(att_json root, struct cli_case *k, att_bytes *verdict,
			   char made_by[static 32], att_err *err)
{
	att_rc rc = read_header(root, k, made_by, err);

	if (rc == ATT_OK)
		rc = read_base64(root, "evidence", ATT_EVIDENCE_MAX, &k->evidence, err);
	if (rc == ATT_OK)
		rc = read_roots(root, k, err);
	if (rc == ATT_OK)
		rc = read_policy(root, k, err);
	if (rc == ATT_OK)
		rc = read_optional(root, k, err);
	if (rc == ATT_OK)
		rc = check_defaults(root, k, err);
	if (rc == ATT_OK)
		rc = read_verdict(root, verdict, err);
	if (rc != ATT_OK)
		return rc;
	att_json c = att_json_get(root, "collateral");
	if (att_json_type_of(c) != ATT_JSON_OBJECT)
		return bad(err, c, "collateral", "an object");
	rc = att_collateral_parse(att_json_slice(c), &k->collateral, &k->collateral_err);
	if (rc == ATT_E_NOMEM)
		return att_fail(err, rc, "out of memory");
	return ATT_OK;
}

att_rc cli_bundle_read(att_bytes text, struct cli_case *k, att_bytes *verdict,
		       char made_by[static 32], att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };

	att_rc rc = att_json_parse(text, &doc, err);
	if (rc != ATT_OK)
		return rc;
	return read_members(att_json_root(&doc), k, verdict, made_by, err);
}
