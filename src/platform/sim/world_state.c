/* SPDX-License-Identifier: Apache-2.0 */
/* A world on disk: its secret, when it was born, its dial, its counters. */
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/json.h"
#include "platform/sim/world_internal.h"

#define FORMAT      "attest-sim-world/1"
#define COUNTER_MAX INT64_MAX
#define BORN_MIN    INT64_C(315532800)  /* 1980: its certificates begin a year earlier */
#define BORN_MAX    INT64_C(7258118400) /* 2200 */

void att_sim_world_save(const att_sim_world *w, att_buf *out)
{
	att_jsonw j = att_jsonw_to(out, 2);
	char value[ATT_SIM_VALUE_TEXT];

	att_jw_object(&j);
	att_jw_name(&j, "format");
	att_jw_str(&j, FORMAT);
	att_jw_name(&j, "secret");
	att_jw_hex(&j, att_bytes_of(w->options.secret, ATT_SIM_SECRET));
	att_jw_name(&j, "born");
	att_jw_int(&j, w->options.born);
	att_jw_name(&j, "intel_sim");
	att_jw_bool(&j, w->options.intel_sim);
	att_jw_name(&j, "processor_ca");
	att_jw_bool(&j, w->options.processor_ca);
	att_jw_name(&j, "boots");
	att_jw_int(&j, (int64_t)w->boots);
	att_jw_name(&j, "answers");
	att_jw_int(&j, (int64_t)w->answers);
	att_jw_name(&j, "epid_quotes");
	att_jw_int(&j, (int64_t)w->epid_count);
	att_jw_name(&j, "dial");
	att_jw_object(&j);
	for (size_t i = 0; i < DIAL_COUNT; i++) {
		att_sim_world_get(w, i, value);
		att_jw_name(&j, att_sim_setting(i)->name);
		att_jw_str(&j, value);
	}
	att_jw_end_object(&j);
	att_jw_end_object(&j);
	att_put_str(out, "\n");
}

struct saved {
	struct att_sim_world_options options;
	int64_t boots;
	int64_t answers;
	int64_t epid_quotes;
};

static att_rc read_members(att_json root, struct saved *s, att_err *err)
{
	struct att_sim_world_options *o = &s->options;

	if (!att_json_is(att_json_get(root, "format"), FORMAT))
		return att_fail(err, ATT_E_FORMAT, "format: expected \"" FORMAT "\"");
	if (!att_json_hex(att_json_get(root, "secret"), o->secret, ATT_SIM_SECRET) ||
	    att_all_zero(att_bytes_of(o->secret, ATT_SIM_SECRET)))
		return att_fail(err, ATT_E_FORMAT, "secret: expected 32 bytes in hex, not all 0");
	if (!att_json_int(att_json_get(root, "born"), BORN_MIN, BORN_MAX, &o->born))
		return att_fail(err, ATT_E_FORMAT, "born: expected seconds since 1970");
	if (!att_json_bool(att_json_get(root, "intel_sim"), &o->intel_sim) ||
	    !att_json_bool(att_json_get(root, "processor_ca"), &o->processor_ca))
		return att_fail(err, ATT_E_FORMAT,
				"intel_sim, processor_ca: expected true or false");
	if (!att_json_int(att_json_get(root, "boots"), 0, COUNTER_MAX - 1, &s->boots) ||
	    !att_json_int(att_json_get(root, "answers"), 0, COUNTER_MAX, &s->answers) ||
	    !att_json_int(att_json_get(root, "epid_quotes"), 0, COUNTER_MAX, &s->epid_quotes))
		return att_fail(err, ATT_E_FORMAT,
				"boots, answers, epid_quotes: expected counters");
	return ATT_OK;
}

static att_rc read_dial(att_json dial, att_sim_world *w, att_err *err)
{
	if (att_json_type_of(dial) != ATT_JSON_OBJECT)
		return att_fail(err, ATT_E_FORMAT, "dial: expected an object");
	for (att_json v = att_json_first(dial); v.doc; v = att_json_next(dial, v)) {
		att_auto_mem char *name = NULL, *value = NULL;
		att_rc rc = att_json_string(att_json_name(v), &name, NULL, err);

		if (rc == ATT_OK)
			rc = att_json_string(v, &value, NULL, err);
		if (rc != ATT_OK)
			return rc;
		rc = att_sim_world_set(w, name, value, err);
		if (rc != ATT_OK)
			return att_wrap(err, ATT_E_FORMAT, "dial");
	}
	return ATT_OK;
}

static att_rc load(const att_json_doc *doc, att_sim_world **out, att_err *err)
{
	struct saved s = { 0 };
	att_sim_world *w;
	att_rc rc = read_members(att_json_root(doc), &s, err);

	if (rc == ATT_OK)
		rc = att_sim_world_make(&s.options, (uint64_t)s.boots + 1, &w, err);
	att_wipe(&s.options, sizeof(s.options));
	if (rc != ATT_OK)
		return rc;
	w->answers = (uint64_t)s.answers;
	w->epid_count = (uint64_t)s.epid_quotes;
	rc = read_dial(att_json_get(att_json_root(doc), "dial"), w, err);
	if (rc != ATT_OK) {
		att_sim_world_free(w);
		return rc;
	}
	*out = w;
	return ATT_OK;
}

att_rc att_sim_world_load(att_bytes saved, att_sim_world **out, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };

	*out = NULL;
	att_rc rc = att_json_parse(saved, &doc, err);
	if (rc == ATT_OK)
		rc = load(&doc, out, err);
	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "saved world");
}
