/* SPDX-License-Identifier: Apache-2.0 */
/* A TDX event log against the registers of an authenticated quote. What each event ought to have
 * been nobody has said, so a difference can be pinned to a register and to the events that went
 * into it, not to one event: the last of them is named. */
#include "cli/verify.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define PREVIEW 64
#define CLAUSE \
	"TCG PC Client Platform Firmware Profile 1.06, 10.2.2; UEFI specification 2.10, 38.4.1"

static const char *const format_id = "eventlog.format";
static const char *const register_id[4] = { "eventlog.rtmr0", "eventlog.rtmr1", "eventlog.rtmr2",
					    "eventlog.rtmr3" };
static const char *const register_title[4] = {
	"the event log replays to RTMR0 (firmware and its configuration)",
	"the event log replays to RTMR1 (boot loader and kernel)",
	"the event log replays to RTMR2 (kernel command line and initial file system)",
	"the event log replays to RTMR3 (run time; reported only)",
};

static void judge_register(struct cli_log *l, int i)
{
	struct cli_register *r = &l->reg[i];

	if (memcmp(r->replayed, r->quoted, sizeof(r->quoted)) == 0) {
		r->outcome = ATT_PASS;
		return;
	}
	/* RTMR3 belongs to the running system, whose events need not be in the firmware's log. */
	r->outcome = i == 3 ? ATT_WARN : ATT_FAIL;
	if (i == 3)
		return;
	l->refused = true;
	if (l->first_mismatch < 0)
		l->first_mismatch = i;
}

att_rc cli_log_judge(struct cli_log *l, const att_err *unread, att_bytes text,
		     const struct att_claims *claims, att_err *err)
{
	uint8_t rtmr[4][48];

	l->given = true;
	l->first_mismatch = -1;
	l->err = *unread;
	att_rc rc = unread->rc == ATT_OK ? att_eventlog_parse(text, &l->log, &l->err) : unread->rc;
	if (rc == ATT_E_NOMEM)
		return att_fail(err, rc, "out of memory");
	if (rc != ATT_OK) {
		l->refused = true;
		return ATT_OK;
	}
	rc = att_eventlog_replay(l->log, rtmr, err);
	if (rc != ATT_OK)
		return rc;
	for (int i = 0; i < 4; i++) {
		memcpy(l->reg[i].replayed, rtmr[i], sizeof(rtmr[i]));
		l->reg[i].outcome = ATT_NOT_RUN;
		l->reg[i].last_event = SIZE_MAX;
	}
	for (size_t i = 0; i < att_eventlog_count(l->log); i++) {
		const struct att_event *e = att_eventlog_at(l->log, i);
		if (e->extended && e->rtmr >= 0 && e->rtmr < 4)
			l->reg[e->rtmr].last_event = i;
	}
	for (int i = 0; claims && i < 4; i++) {
		memcpy(l->reg[i].quoted, claims->td.rtmr[i], sizeof(l->reg[i].quoted));
		judge_register(l, i);
	}
	return ATT_OK;
}

static void check_format(const struct cli_log *l, struct att_check *out)
{
	*out = (struct att_check){ .id = format_id,
				   .title = "the event log can be read",
				   .clause = CLAUSE,
				   .outcome = l->log ? ATT_PASS : ATT_FAIL };
	snprintf(out->expected, sizeof(out->expected),
		 "a crypto-agile event log with SHA-384 digests");
	if (l->log) {
		snprintf(out->seen, sizeof(out->seen), "%zu events", att_eventlog_count(l->log));
		return;
	}
	out->rc = l->err.rc;
	snprintf(out->seen, sizeof(out->seen), "%.*s", (int)sizeof(out->seen) - 1, l->err.msg);
	snprintf(out->remedy, sizeof(out->remedy),
		 "give the TD's log as it is in /sys/firmware/acpi/tables/data/CCEL");
}

static void check_register(const struct cli_log *l, int i, struct att_check *out)
{
	const struct cli_register *r = &l->reg[i];

	*out = (struct att_check){ .id = register_id[i],
				   .title = register_title[i],
				   .clause = CLAUSE,
				   .outcome = l->log ? r->outcome : ATT_NOT_RUN };
	if (!l->log) {
		out->waits_for = format_id;
		return;
	}
	att_hex_encode(att_bytes_of(r->replayed, 48), out->seen);
	if (r->outcome == ATT_NOT_RUN) {
		out->waits_for = l->waits_for;
		return;
	}
	att_hex_encode(att_bytes_of(r->quoted, 48), out->expected);
	if (r->outcome == ATT_PASS)
		return;
	out->rc = ATT_E_MISMATCH;
	if (r->last_event == SIZE_MAX)
		snprintf(out->remedy, sizeof(out->remedy),
			 "the log has no event for RTMR%d: it is not this TD's, or cut off", i);
	else
		snprintf(
		    out->remedy, sizeof(out->remedy),
		    "an event of RTMR%d up to event %zu is missing, added or changed: take log "
		    "and quote from the same boot of the same TD",
		    i, r->last_event);
}

bool cli_log_check(const struct cli_log *l, size_t i, struct att_check *out)
{
	if (!l->given || i > 4)
		return false;
	if (i == 0)
		check_format(l, out);
	else
		check_register(l, (int)i - 1, out);
	return true;
}

static att_bytes preview(const struct att_event *e)
{
	return att_bytes_of(e->data.ptr, e->data.len < PREVIEW ? e->data.len : PREVIEW);
}

static size_t shown(const struct cli_log *l)
{
	size_t n = att_eventlog_count(l->log);

	return n < CLI_EVENTS_SHOWN ? n : CLI_EVENTS_SHOWN;
}

static void event_json(const struct att_event *e, size_t i, att_jsonw *w)
{
	att_jw_object(w);
	att_jw_name(w, "index");
	att_jw_int(w, (int64_t)i);
	att_jw_name(w, "rtmr");
	if (e->rtmr >= 0)
		att_jw_int(w, e->rtmr);
	else
		att_jw_null(w);
	att_jw_name(w, "mr_index");
	att_jw_int(w, e->mr_index);
	att_jw_name(w, "type");
	att_jw_int(w, e->type);
	att_jw_name(w, "type_name");
	att_jw_str(w, e->type_name);
	att_jw_name(w, "extended");
	att_jw_bool(w, e->extended);
	att_jw_name(w, "digest");
	att_jw_hex(w, e->digest);
	att_jw_name(w, "offset");
	att_jw_int(w, (int64_t)e->offset);
	att_jw_name(w, "data_size");
	att_jw_int(w, (int64_t)e->data.len);
	att_jw_name(w, "data");
	att_jw_hex(w, preview(e));
	att_jw_end_object(w);
}

static void register_json(const struct cli_log *l, int i, att_jsonw *w)
{
	const struct cli_register *r = &l->reg[i];

	att_jw_object(w);
	att_jw_name(w, "index");
	att_jw_int(w, i);
	att_jw_name(w, "replayed");
	att_jw_hex(w, att_bytes_of(r->replayed, 48));
	att_jw_name(w, "quoted");
	if (r->outcome == ATT_NOT_RUN)
		att_jw_null(w);
	else
		att_jw_hex(w, att_bytes_of(r->quoted, 48));
	att_jw_name(w, "result");
	att_jw_str(w, att_outcome_name(r->outcome));
	att_jw_name(w, "last_event");
	if (r->last_event == SIZE_MAX)
		att_jw_null(w);
	else
		att_jw_int(w, (int64_t)r->last_event);
	att_jw_end_object(w);
}

void cli_log_json(const struct cli_log *l, att_jsonw *w)
{
	if (!l->given) {
		att_jw_null(w);
		return;
	}
	att_jw_object(w);
	att_jw_name(w, "event_count");
	att_jw_int(w, l->log ? (int64_t)att_eventlog_count(l->log) : 0);
	att_jw_name(w, "events");
	att_jw_array(w);
	for (size_t i = 0; l->log && i < shown(l); i++)
		event_json(att_eventlog_at(l->log, i), i, w);
	att_jw_end_array(w);
	att_jw_name(w, "rtmr");
	att_jw_array(w);
	for (int i = 0; l->log && i < 4; i++)
		register_json(l, i, w);
	att_jw_end_array(w);
	att_jw_name(w, "first_mismatch");
	if (l->first_mismatch >= 0)
		register_json(l, l->first_mismatch, w);
	else
		att_jw_null(w);
	att_jw_end_object(w);
}

/* What an event's data says to a reader: its printable bytes, a UTF-16 text's too. */
static void put_words(att_buf *b, att_bytes data)
{
	for (size_t i = 0; i < data.len; i++) {
		uint8_t ch = data.ptr[i];
		if (ch >= 0x20 && ch < 0x7f)
			att_put_u8(b, ch);
		else if (ch != 0)
			att_put_u8(b, '.');
	}
}

void cli_log_text(const struct cli_log *l, att_buf *b)
{
	if (!l->given || !l->log)
		return;
	att_putf(b, "\nEvent log   %zu events\n", att_eventlog_count(l->log));
	att_put_str(b, "  event rtmr  type                             digest            data\n");
	for (size_t i = 0; i < shown(l); i++) {
		const struct att_event *e = att_eventlog_at(l->log, i);
		char rtmr = e->extended && e->rtmr >= 0 ? (char)('0' + e->rtmr) : '-';
		att_putf(b, "  %5zu %c     %-32s ", i, rtmr, e->type_name);
		att_put_hex(b, att_bytes_of(e->digest.ptr, e->digest.len < 8 ? e->digest.len : 8));
		att_put_str(b, e->digest.len ? "  " : "                  ");
		put_words(b, att_bytes_of(e->data.ptr, e->data.len < 48 ? e->data.len : 48));
		att_put_str(b, "\n");
	}
	if (shown(l) < att_eventlog_count(l->log))
		att_putf(b, "  ... %zu more\n", att_eventlog_count(l->log) - shown(l));
	for (int i = 0; i < 4; i++) {
		const struct cli_register *r = &l->reg[i];
		att_putf(b, "  RTMR%d  %s", i, att_outcome_name(r->outcome));
		if (i == l->first_mismatch && r->last_event != SIZE_MAX)
			att_putf(b, "  <- first mismatch, after its last event %zu", r->last_event);
		else if (i == l->first_mismatch)
			att_put_str(b, "  <- first mismatch, the log has no event for it");
		att_put_str(b, "\n");
	}
}
