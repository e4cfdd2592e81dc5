/* SPDX-License-Identifier: Apache-2.0 */
#include "service/world_control.h"

#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/json.h"

static const char *const words[] = {
	[ATT_CONTROL_STATUS] = "status",
	[ATT_CONTROL_FAULT] = "fault",
	[ATT_CONTROL_STOP] = "stop",
};

void att_control_free(struct att_control *c)
{
	for (size_t i = 0; i < c->set_count; i++) {
		free(c->set[i].name);
		free(c->set[i].value);
	}
	*c = (struct att_control){ 0 };
}

/* --- Requests --- */

static att_rc read_set(att_json set, struct att_control *c, att_err *err)
{
	if (att_json_type_of(set) != ATT_JSON_OBJECT)
		return att_fail(err, ATT_E_FORMAT, "set: expected an object");
	for (att_json v = att_json_first(set); v.doc; v = att_json_next(set, v)) {
		if (c->set_count == ATT_CONTROL_SET_MAX)
			return att_fail(err, ATT_E_FORMAT, "set: more than %u settings",
					ATT_CONTROL_SET_MAX);
		size_t i = c->set_count++;
		att_rc rc = att_json_string(att_json_name(v), &c->set[i].name, NULL, err);
		if (rc == ATT_OK)
			rc = att_json_string(v, &c->set[i].value, NULL, err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "set");
	}
	return ATT_OK;
}

static att_rc read_do(att_json v, struct att_control *c, att_err *err)
{
	for (size_t i = 0; i < ATT_COUNT(words); i++) {
		if (att_json_is(v, words[i])) {
			c->what = (enum att_control_do)i;
			return ATT_OK;
		}
	}
	return att_fail(err, ATT_E_FORMAT, "do: expected status, fault or stop");
}

static att_rc read_member(att_json name, att_json v, struct att_control *c, att_err *err)
{
	if (att_json_is(name, "do"))
		return read_do(v, c, err);
	if (att_json_is(name, "set"))
		return read_set(v, c, err);
	if (!att_json_is(name, "reset"))
		return att_fail(err, ATT_E_FORMAT, "expected do, set and reset only");
	if (!att_json_bool(v, &c->reset))
		return att_fail(err, ATT_E_FORMAT, "reset: expected true or false");
	return ATT_OK;
}

static att_rc read_root(att_json root, struct att_control *c, att_err *err)
{
	if (att_json_type_of(root) != ATT_JSON_OBJECT || !att_json_get(root, "do").doc)
		return att_fail(err, ATT_E_FORMAT, "expected an object that says what to do");
	for (att_json v = att_json_first(root); v.doc; v = att_json_next(root, v)) {
		att_rc rc = read_member(att_json_name(v), v, c, err);
		if (rc != ATT_OK)
			return rc;
	}
	if (c->what != ATT_CONTROL_FAULT && (c->reset || c->set_count))
		return att_fail(err, ATT_E_FORMAT, "only a fault has settings");
	return ATT_OK;
}

att_rc att_control_parse(att_bytes line, struct att_control *c, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };

	if (line.len > ATT_CONTROL_LINE_MAX)
		return att_fail(err, ATT_E_FORMAT, "a line of %zu bytes, at most %zu", line.len,
				ATT_CONTROL_LINE_MAX);
	att_rc rc = att_json_parse(line, &doc, err);
	if (rc == ATT_OK)
		rc = read_root(att_json_root(&doc), c, err);
	if (rc != ATT_OK)
		att_control_free(c);
	return rc == ATT_OK || rc == ATT_E_NOMEM ? rc : (att_rc)ATT_E_FORMAT;
}

void att_control_write(const struct att_control *c, att_buf *line)
{
	att_jsonw w = att_jsonw_to(line, 0);

	att_jw_object(&w);
	att_jw_name(&w, "do");
	att_jw_str(&w, words[c->what]);
	if (c->reset) {
		att_jw_name(&w, "reset");
		att_jw_bool(&w, true);
	}
	if (c->set_count) {
		att_jw_name(&w, "set");
		att_jw_object(&w);
		for (size_t i = 0; i < c->set_count; i++) {
			att_jw_name(&w, c->set[i].name);
			att_jw_str(&w, c->set[i].value);
		}
		att_jw_end_object(&w);
	}
	att_jw_end_object(&w);
	att_put_str(line, "\n");
}

/* --- Answers --- */

static void put_dial(att_jsonw *w, const att_sim_world *world)
{
	char value[ATT_SIM_VALUE_TEXT];

	att_jw_name(w, "dial");
	att_jw_object(w);
	for (size_t i = 0; att_sim_setting(i); i++) {
		att_sim_world_get(world, i, value);
		att_jw_name(w, att_sim_setting(i)->name);
		att_jw_str(w, value);
	}
	att_jw_end_object(w);
}

static void put_text(att_jsonw *w, const char *name, const char *value)
{
	att_jw_name(w, name);
	att_jw_str(w, value);
}

static void put_status(att_jsonw *w, const struct att_world_status *s)
{
	const struct att_world_place *p = s->place;

	att_jw_name(w, "world");
	att_jw_object(w);
	put_text(w, "dir", p->dir);
	att_jw_name(w, "kept");
	att_jw_bool(w, p->kept);
	att_jw_name(w, "pid");
	att_jw_int(w, p->pid);
	put_text(w, "profile", s->intel_sim ? "intel" : "random");
	att_jw_name(w, "time");
	att_jw_time(w, s->now);
	put_text(w, "trouble", s->trouble);
	put_text(w, "pccs_url", p->pccs_url);
	put_text(w, "pccs_tls_url", p->pccs_tls_url);
	put_text(w, "pcs_url", p->pcs_url);
	put_text(w, "pcs_tls_url", p->pcs_tls_url);
	att_jw_name(w, "api_requests");
	att_jw_int(w, (int64_t)s->api_requests);
	att_jw_name(w, "aesm_requests");
	att_jw_int(w, (int64_t)s->aesm_requests);
	att_jw_name(w, "cpu_connections");
	att_jw_int(w, s->cpu_connections);
	att_jw_end_object(w);
}

static void put_error(att_buf *b, att_rc rc, const char *text)
{
	att_jsonw w = att_jsonw_to(b, 0);

	att_jw_object(&w);
	att_jw_name(&w, "ok");
	att_jw_bool(&w, false);
	put_text(&w, "rc", att_rc_name(rc));
	put_text(&w, "error", text);
	att_jw_end_object(&w);
	att_put_str(b, "\n");
}

static att_rc set_all(att_sim_world *w, const struct att_control *c, att_err *err)
{
	att_rc rc = ATT_OK;

	for (size_t i = 0; rc == ATT_OK && i < c->set_count; i++)
		rc = att_sim_world_set(w, c->set[i].name, c->set[i].value, err);
	return rc;
}

/* All settings or none: what was there is put back after a failure. */
static att_rc turn(att_sim_world *w, const struct att_control *c, bool *turned, att_err *err)
{
	char before[ATT_CONTROL_SET_MAX][ATT_SIM_VALUE_TEXT];
	size_t count = 0;

	for (; count < ATT_CONTROL_SET_MAX && att_sim_setting(count); count++)
		att_sim_world_get(w, count, before[count]);
	if (c->reset)
		att_sim_world_reset(w);
	att_rc rc = set_all(w, c, err);
	*turned = rc == ATT_OK && (c->reset || c->set_count);
	for (size_t i = 0; rc != ATT_OK && i < count; i++) {
		if (att_sim_world_set(w, att_sim_setting(i)->name, before[i], NULL) != ATT_OK)
			return att_fail(err, ATT_E_UNAVAILABLE, "the dial can not be put back");
	}
	return rc;
}

att_rc att_control_answer(att_bytes line, att_sim_world *w, const struct att_world_status *status,
			  att_buf *answer, bool *turned, bool *stop, att_err *err)
{
	__attribute__((cleanup(att_control_free))) struct att_control c = { 0 };
	att_err why = { 0 };

	*turned = false;
	*stop = false;
	att_rc rc = att_control_parse(line, &c, &why);
	if (rc == ATT_OK && c.what == ATT_CONTROL_FAULT)
		rc = turn(w, &c, turned, &why);
	if (rc != ATT_OK) {
		put_error(answer, rc, why.msg);
		return att_buf_ok(answer, err);
	}
	*stop = c.what == ATT_CONTROL_STOP;
	att_jsonw j = att_jsonw_to(answer, 0);
	att_jw_object(&j);
	att_jw_name(&j, "ok");
	att_jw_bool(&j, true);
	if (c.what == ATT_CONTROL_STATUS)
		put_status(&j, status);
	put_dial(&j, w);
	att_jw_end_object(&j);
	att_put_str(answer, "\n");
	return att_buf_ok(answer, err);
}
