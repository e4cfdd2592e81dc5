/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "crypto/digest.h"
#include "evidence/eventtype.h"

#define EVENTS_MAX     16384u
#define ALGORITHMS_MAX 16u

#define ALG_SHA384   0x000c
#define EV_NO_ACTION 3u

struct algorithm {
	uint16_t id;
	uint16_t size;
};

struct att_eventlog {
	uint8_t *buf;
	struct att_event *event;
	size_t count;
	struct algorithm alg[ALGORITHMS_MAX];
	size_t alg_count;
	size_t filler; /* offset from which on there are only 0x00 and 0xff bytes */
};

ATT_DEFINE_CLEANUP(eventlog, att_eventlog, att_eventlog_free)
#define auto_eventlog __attribute__((cleanup(eventlog_cleanup))) att_eventlog

static const struct algorithm *algorithm_find(const struct att_eventlog *log, uint16_t id)
{
	for (size_t i = 0; i < log->alg_count; i++) {
		if (log->alg[i].id == id)
			return &log->alg[i];
	}
	return NULL;
}

static att_rc algorithms_read(att_reader *r, struct att_eventlog *log, att_err *err)
{
	size_t at = att_tell(r);
	uint32_t count = att_le32(r, "number_of_algorithms");
	if (count > ALGORITHMS_MAX)
		return att_fail_at(err, ATT_E_FORMAT, at,
				   "%" PRIu32 " digest algorithms, at most %u are read", count,
				   ALGORITHMS_MAX);
	for (uint32_t i = 0; i < count; i++) {
		at = att_tell(r);
		uint16_t id = att_le16(r, "algorithm_id");
		uint16_t size = att_le16(r, "digest_size");
		att_rc rc = att_reader_ok(r, err);
		if (rc != ATT_OK)
			return rc;
		if (algorithm_find(log, id))
			return att_fail_at(err, ATT_E_FORMAT, at,
					   "digest algorithm 0x%04x stands twice", id);
		if (id == ALG_SHA384 && size != ATT_SHA384_LEN)
			return att_fail_at(err, ATT_E_FORMAT, at,
					   "sha-384 digests are %u bytes, must be %d", size,
					   ATT_SHA384_LEN);
		log->alg[log->alg_count++] = (struct algorithm){ id, size };
	}
	return ATT_OK;
}

/* TCG PC Client Platform Firmware Profile 1.06, 10.4.5.1 "Specification ID Version Event". */
static att_rc spec_id_read(att_bytes in, size_t offset, struct att_eventlog *log, att_err *err)
{
	static const char magic[16] = "Spec ID Event03";
	att_reader r = att_reader_at(in, offset);

	att_bytes signature = att_view(&r, sizeof(magic), "signature");
	att_skip(&r, 4, "platform_class");
	att_skip(&r, 1, "spec_version_minor");
	att_skip(&r, 1, "spec_version_major");
	att_skip(&r, 1, "spec_errata");
	att_skip(&r, 1, "uintn_size");
	att_rc rc = att_reader_ok(&r, err);
	if (rc != ATT_OK)
		return rc;
	if (!att_bytes_eq(signature, att_bytes_of(magic, sizeof(magic))))
		return att_fail_at(err, ATT_E_UNSUPPORTED, offset,
				   "no \"Spec ID Event03\": not the crypto-agile log form");
	rc = algorithms_read(&r, log, err);
	if (rc != ATT_OK)
		return rc;
	size_t vendor_len = att_u8(&r, "vendor_info_size");
	att_skip(&r, vendor_len, "vendor_info");
	rc = att_reader_end(&r, err);
	if (rc != ATT_OK)
		return rc;
	if (!algorithm_find(log, ALG_SHA384))
		return att_fail_at(err, ATT_E_UNSUPPORTED, offset,
				   "the log has no sha-384 digests");
	return ATT_OK;
}

/* The first event alone has the form of TPM 1.2 logs (section 10.2.1, TCG_PCClientPCREvent). */
static att_rc first_event_read(att_reader *r, struct att_eventlog *log, struct att_event *ev,
			       att_err *err)
{
	*ev = (struct att_event){ .rtmr = -1, .offset = att_tell(r) };
	ev->mr_index = att_le32(r, "mr_index");
	ev->type = att_le32(r, "event_type");
	att_bytes sha1 = att_view(r, 20, "digest");
	size_t size = att_le32(r, "event_size");
	size_t data_at = att_tell(r);
	ev->data = att_view(r, size, "event");
	ev->type_name = att_event_type_name(ev->type);

	att_rc rc = att_reader_ok(r, err);
	if (rc != ATT_OK)
		return rc;
	if (ev->type != EV_NO_ACTION)
		return att_fail_at(err, ATT_E_FORMAT, ev->offset + 4,
				   "event type is 0x%" PRIx32 ", must be 0x3 (EV_NO_ACTION)",
				   ev->type);
	if (!att_all_zero(sha1))
		return att_fail_at(err, ATT_E_FORMAT, ev->offset + 8, "digest is not zero");
	return spec_id_read(ev->data, data_at, log, err);
}

static att_rc digests_read(att_reader *r, const struct att_eventlog *log, struct att_event *ev,
			   att_err *err)
{
	size_t at = att_tell(r);
	uint32_t count = att_le32(r, "digest_count");
	if (count > log->alg_count)
		return att_fail_at(err, ATT_E_FORMAT, at,
				   "%" PRIu32 " digests, the log has %zu kinds", count,
				   log->alg_count);
	for (uint32_t i = 0; i < count; i++) {
		at = att_tell(r);
		uint16_t id = att_le16(r, "algorithm_id");
		att_rc rc = att_reader_ok(r, err);
		if (rc != ATT_OK)
			return rc;
		const struct algorithm *alg = algorithm_find(log, id);
		if (!alg)
			return att_fail_at(err, ATT_E_FORMAT, at,
					   "digest algorithm 0x%04x is not among the log's", id);
		att_bytes digest = att_view(r, alg->size, "digest");
		if (id != ALG_SHA384)
			continue;
		if (ev->digest.len != 0)
			return att_fail_at(err, ATT_E_FORMAT, at, "second sha-384 digest");
		ev->digest = digest;
	}
	return ATT_OK;
}

/* Section 10.2.2, TCG_PCR_EVENT2. UEFI specification 2.10, 38.4.1, "Intel Trust Domain Extension":
 * index 0 is MRTD, 1 to 4 are RTMR0 to RTMR3. */
static att_rc event_read(att_reader *r, const struct att_eventlog *log, struct att_event *ev,
			 att_err *err)
{
	*ev = (struct att_event){ .rtmr = -1, .offset = att_tell(r) };
	ev->mr_index = att_le32(r, "mr_index");
	ev->type = att_le32(r, "event_type");
	att_rc rc = digests_read(r, log, ev, err);
	if (rc != ATT_OK)
		return rc;
	size_t size = att_le32(r, "event_size");
	ev->data = att_view(r, size, "event");
	ev->type_name = att_event_type_name(ev->type);
	rc = att_reader_ok(r, err);
	if (rc != ATT_OK)
		return rc;

	if (ev->mr_index >= 1 && ev->mr_index <= 4)
		ev->rtmr = (int)ev->mr_index - 1;
	if (ev->rtmr < 0 || ev->type == EV_NO_ACTION)
		return ATT_OK;
	if (ev->digest.len == 0)
		return att_fail_at(err, ATT_E_FORMAT, ev->offset,
				   "event for rtmr%d has no sha-384 digest", ev->rtmr);
	ev->extended = true;
	return ATT_OK;
}

/* The ACPI area is larger than the log: firmware fills it with 0xff or zeros. No event of a
 * register can consist of those bytes alone, as its index is 1 to 4. */
static size_t filler_start(att_bytes in)
{
	size_t n = in.len;

	while (n > 0 && (in.ptr[n - 1] == 0x00 || in.ptr[n - 1] == 0xff))
		n--;
	return n;
}

/* Walks all events: counts them first, and fills log->event once there is one of that length. */
static att_rc walk(att_bytes in, struct att_eventlog *log, att_err *err)
{
	att_reader r = att_reader_of(in);
	struct att_event ev;
	size_t n = 0;

	log->alg_count = 0;
	att_rc rc = first_event_read(&r, log, &ev, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "first event");
	for (;;) {
		if (log->event)
			log->event[n] = ev;
		n++;
		if (att_left(&r) == 0 || att_tell(&r) >= log->filler)
			break;
		if (n == EVENTS_MAX)
			return att_fail_at(err, ATT_E_FORMAT, att_tell(&r), "more than %u events",
					   EVENTS_MAX);
		rc = event_read(&r, log, &ev, err);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "event %zu", n);
	}
	log->count = n;
	return ATT_OK;
}

static att_rc refuse_table(att_bytes in, att_err *err)
{
	if (in.len >= 4 && memcmp(in.ptr, "CCEL", 4) == 0)
		return att_fail_at(err, ATT_E_UNSUPPORTED, 0,
				   "this is the ACPI table CCEL, the log is the area it points at "
				   "(acpi/tables/data/CCEL)");
	return ATT_OK;
}

att_rc att_eventlog_parse(att_bytes in, att_eventlog **out, att_err *err)
{
	auto_eventlog *log = NULL;

	*out = NULL;
	if (in.len > ATT_EVENTLOG_MAX)
		return att_fail(err, ATT_E_FORMAT, "event log is %zu bytes, at most %zu are read",
				in.len, ATT_EVENTLOG_MAX);
	att_rc rc = refuse_table(in, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "event log");
	log = calloc(1, sizeof(*log));
	if (!log)
		return att_fail(err, ATT_E_NOMEM, "no memory for an event log");
	log->buf = att_bytes_dup(in);
	if (!log->buf)
		return att_fail(err, ATT_E_NOMEM, "no memory for %zu bytes of event log", in.len);

	att_bytes own = att_bytes_of(log->buf, in.len);
	log->filler = filler_start(own);
	rc = walk(own, log, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "event log");
	log->event = calloc(log->count, sizeof(*log->event));
	if (!log->event)
		return att_fail(err, ATT_E_NOMEM, "no memory for %zu events", log->count);
	rc = walk(own, log, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "event log");
	*out = ATT_STEAL(log);
	return ATT_OK;
}

void att_eventlog_free(att_eventlog *log)
{
	if (!log)
		return;
	free(log->event);
	free(log->buf);
	free(log);
}

size_t att_eventlog_count(const att_eventlog *log)
{
	return log->count;
}

const struct att_event *att_eventlog_at(const att_eventlog *log, size_t i)
{
	return i < log->count ? &log->event[i] : NULL;
}

att_rc att_eventlog_replay(const att_eventlog *log, uint8_t rtmr[4][48], att_err *err)
{
	for (int i = 0; i < 4; i++)
		memset(rtmr[i], 0, ATT_SHA384_LEN);
	for (size_t i = 0; i < log->count; i++) {
		const struct att_event *ev = &log->event[i];
		if (!ev->extended)
			continue;
		uint8_t *mr = rtmr[ev->rtmr];
		if (!att_sha384(att_bytes_of(mr, ATT_SHA384_LEN), ev->digest, mr))
			return att_fail(err, ATT_E_UNAVAILABLE, "libcrypto can not do sha-384");
	}
	return ATT_OK;
}
