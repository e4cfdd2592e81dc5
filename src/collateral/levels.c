/* SPDX-License-Identifier: Apache-2.0 */
#include "collateral/levels.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"

att_rc att_room_add_levels(struct att_room *room, att_json levels, att_err *err)
{
	size_t n = att_json_count(levels);

	if (att_json_type_of(levels) != ATT_JSON_ARRAY)
		return ATT_OK;
	if (n > ATT_LEVELS_MAX)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(levels),
				   "tcbLevels: %zu levels, at most %u", n, ATT_LEVELS_MAX);
	room->levels += n;

	for (att_json level = att_json_first(levels); level.doc;
	     level = att_json_next(levels, level)) {
		att_json ids = att_json_get(level, "advisoryIDs");

		if (att_json_count(ids) > ATT_ADVISORIES_MAX)
			return att_fail_at(err, ATT_E_FORMAT, att_json_offset(ids),
					   "advisoryIDs: %zu ids, at most %u", att_json_count(ids),
					   ATT_ADVISORIES_MAX);
		if (att_json_type_of(ids) != ATT_JSON_ARRAY)
			continue;
		room->ids += att_json_count(ids);
		/* A string's slice has two quotes: room for its text and a NUL */
		room->bytes += att_json_slice(ids).len;
	}
	return ATT_OK;
}

att_rc att_room_make(const struct att_room *room, struct att_cut *cut, att_err *err)
{
	/* All four counts are bounded by the tokens and the bytes of one document (codec/json.h),
	 * so that the sum can not wrap. Parts are in order of their alignment. */
	size_t modules = room->modules * sizeof(struct att_tdx_module);
	size_t levels = room->levels * sizeof(struct att_level);
	size_t ids = room->ids * sizeof(const char *);

	_Static_assert(sizeof(struct att_tdx_module) % _Alignof(struct att_level) == 0,
		       "alignment");
	_Static_assert(sizeof(struct att_level) % _Alignof(const char *) == 0, "alignment");

	char *block = calloc(1, modules + levels + ids + room->bytes + 1);

	if (!block)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	*cut = (struct att_cut){
		.block = block,
		.modules = (void *)block,
		.levels = (void *)(block + modules),
		.ids = (void *)(block + modules + levels),
		.bytes = block + modules + levels + ids,
	};
	return ATT_OK;
}

/* Printable ASCII without spaces: ids are shown, joined and compared with a policy's. */
static bool advisory_ok(att_json v, att_bytes *id)
{
	if (!att_json_plain(v, id) || id->len == 0 || id->len > ATT_ADVISORY_LEN_MAX)
		return false;
	for (size_t i = 0; i < id->len; i++) {
		if (id->ptr[i] <= 0x20 || id->ptr[i] >= 0x7f)
			return false;
	}
	return true;
}

static int compare_id(const char *a, att_bytes b)
{
	int d = strncmp(a, (const char *)b.ptr, b.len);

	return d != 0 ? d : a[b.len] != '\0';
}

static att_rc read_advisories(att_json array, struct att_cut *cut, struct att_advisories *out,
			      att_err *err)
{
	const char **ids = cut->ids;
	size_t count = 0;

	if (att_json_type_of(array) != ATT_JSON_ARRAY)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(array),
				   "advisoryIDs: expected an array");
	for (att_json v = att_json_first(array); v.doc; v = att_json_next(array, v)) {
		att_bytes id;

		if (!advisory_ok(v, &id))
			return att_fail_at(
			    err, ATT_E_FORMAT, att_json_offset(v),
			    "advisoryIDs: expected strings of 1 to %u visible ASCII characters",
			    ATT_ADVISORY_LEN_MAX);

		size_t at = count;
		int order = -1;

		while (at > 0 && (order = compare_id(ids[at - 1], id)) > 0)
			at--;
		if (order == 0)
			continue;
		memmove(ids + at + 1, ids + at, (count - at) * sizeof(*ids));
		memcpy(cut->bytes, id.ptr, id.len);
		cut->bytes[id.len] = '\0';
		ids[at] = cut->bytes;
		cut->bytes += id.len + 1;
		count++;
	}
	*out = (struct att_advisories){ .ids = ids, .count = count };
	cut->ids += count;
	return ATT_OK;
}

att_rc att_level_read(att_json level, uint32_t allowed, struct att_cut *cut, struct att_level *out,
		      att_json *tcb, att_err *err)
{
	enum { TCB, DATE, STATUS, ADVISORIES, COUNT };
	static const struct att_field_name names[COUNT] = {
		ATT_FIELD("tcb"),
		ATT_FIELD("tcbDate"),
		ATT_FIELD("tcbStatus"),
		ATT_FIELD("advisoryIDs"),
	};
	struct att_fields f;

	att_fields_open(&f, level, names, COUNT, err);
	*tcb = att_field_object(&f, TCB);
	out->date = att_field_time(&f, DATE);
	out->status = att_field_status(&f, STATUS, allowed);

	att_rc rc = att_fields_ok(&f);

	if (rc != ATT_OK || !att_field_has(&f, ADVISORIES))
		return rc;
	return read_advisories(f.value[ADVISORIES], cut, &out->advisories, err);
}

static att_rc isv_level_read(att_json v, uint32_t allowed, struct att_cut *cut,
			     struct att_level *out, att_err *err)
{
	static const struct att_field_name names[] = { ATT_FIELD("isvsvn") };
	att_json tcb;
	att_rc rc = att_level_read(v, allowed, cut, out, &tcb, err);

	if (rc != ATT_OK)
		return rc;

	struct att_fields f;

	att_fields_open(&f, tcb, names, ATT_COUNT(names), err);
	out->isv_svn = (uint16_t)att_field_int(&f, 0, 0, UINT16_MAX);
	rc = att_fields_ok(&f);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "tcb");
}

att_rc att_isv_levels_read(att_json levels, uint32_t allowed, struct att_cut *cut,
			   struct att_level **out, size_t *count, att_err *err)
{
	struct att_level *list = cut->levels;
	size_t n = 0;

	for (att_json v = att_json_first(levels); v.doc; v = att_json_next(levels, v)) {
		att_rc rc = isv_level_read(v, allowed, cut, &list[n], err);

		if (rc != ATT_OK)
			return att_wrap(err, rc, "tcbLevels[%zu]", n);
		for (size_t i = 0; i < n; i++) {
			if (list[i].isv_svn == list[n].isv_svn)
				return att_fail_at(
				    err, ATT_E_FORMAT, att_json_offset(v),
				    "tcbLevels[%zu] repeats isvsvn %d of tcbLevels[%zu]", n,
				    list[n].isv_svn, i);
		}
		n++;
	}
	if (n == 0)
		return att_fail_at(err, ATT_E_FORMAT, att_json_offset(levels),
				   "tcbLevels is empty");
	cut->levels += n;
	*out = list;
	*count = n;
	return ATT_OK;
}
