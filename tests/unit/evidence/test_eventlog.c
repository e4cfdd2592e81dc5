/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/crypto.h>

#include "../fail_alloc.h"
#include "attest/evidence.h"
#include "base/mem.h"

#define SHA256       0x000b
#define SHA384       0x000c
#define EV_NO_ACTION 3
#define EV_SEPARATOR 4

/* A log byte by byte from the tables of the TCG PC Client Platform Firmware Profile. */
static uint8_t *log_bytes;
static size_t log_len;
static att_err err;

static void put(const void *p, size_t n)
{
	memcpy(log_bytes + log_len, p, n);
	log_len += n;
}

static void put_le(uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		log_bytes[log_len++] = (uint8_t)(v >> (8 * i));
}

static void set_le(size_t at, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		log_bytes[at + i] = (uint8_t)(v >> (8 * i));
}

static void put_fill(uint8_t v, size_t n)
{
	memset(log_bytes + log_len, v, n);
	log_len += n;
}

struct alg {
	unsigned id, size;
};

/* TCG_PCClientPCREvent with the Spec ID event: 32 bytes, then 28 and 4 per algorithm. */
static void start_log(const struct alg *algs, size_t count)
{
	log_len = 0;
	put_le(0, 4);
	put_le(EV_NO_ACTION, 4);
	put_fill(0, 20);
	put_le(16 + 4 + 4 + 4 + 4 * count + 1, 4);
	put("Spec ID Event03", 16);
	put_le(0, 4);
	put("\x00\x02\x69\x02", 4);
	put_le(count, 4);
	for (size_t i = 0; i < count; i++) {
		put_le(algs[i].id, 2);
		put_le(algs[i].size, 2);
	}
	put_le(0, 1);
}

static void start_sha384(void)
{
	start_log((const struct alg[]){ { SHA384, 48 } }, 1);
}

/* TCG_PCR_EVENT2 with one SHA-384 digest. */
static void put_event(uint32_t index, uint32_t type, const uint8_t *digest, const char *data)
{
	put_le(index, 4);
	put_le(type, 4);
	put_le(1, 4);
	put_le(SHA384, 2);
	put(digest, 48);
	put_le(strlen(data), 4);
	put(data, strlen(data));
}

static const uint8_t d11[48] = "\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11"
			       "\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11"
			       "\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11\x11";

/* Parses from a heap copy of exactly the log's length. */
static att_rc parse_len(size_t len, att_eventlog **log)
{
	static uint8_t *copy;

	free(copy);
	copy = malloc(len ? len : 1);
	assert_non_null(copy);
	memcpy(copy, log_bytes, len);
	memset(&err, 0, sizeof(err));
	*log = (att_eventlog *)&err;
	att_rc rc = att_eventlog_parse(att_bytes_of(copy, len), log, &err);
	if (rc == ATT_OK)
		return rc;
	assert_null(*log);
	assert_int_equal(err.rc, rc);
	return rc;
}

static void assert_refused(att_rc rc, const char *msg)
{
	att_eventlog *log;

	assert_int_equal(parse_len(log_len, &log), rc);
	assert_string_equal(err.msg, msg);
}

static void assert_count(size_t n)
{
	att_eventlog *log;

	assert_int_equal(parse_len(log_len, &log), ATT_OK);
	assert_int_equal(att_eventlog_count(log), n);
	att_eventlog_free(log);
}

static void events_give_their_parts(void **state)
{
	(void)state;
	start_sha384();
	size_t first = log_len;
	put_event(1, 0x80000002, d11, "boot order");
	put_event(4, 0x1234, d11, "");
	put_event(0, EV_SEPARATOR, d11, "mrtd");
	put_event(5, EV_SEPARATOR, d11, "outside");
	put_event(2, EV_NO_ACTION, d11, "nothing");

	att_eventlog *log;
	assert_int_equal(parse_len(log_len, &log), ATT_OK);
	assert_int_equal(att_eventlog_count(log), 6);
	const struct att_event *e = att_eventlog_at(log, 0);
	assert_int_equal(e->type, EV_NO_ACTION);
	assert_int_equal(e->digest.len, 0);
	assert_int_equal(e->data.len, 33);
	assert_memory_equal(e->data.ptr, "Spec ID Event03", 16);
	assert_int_equal(e->offset, 0);
	assert_int_equal(e->rtmr, -1);
	assert_false(e->extended);

	e = att_eventlog_at(log, 1);
	assert_int_equal(e->mr_index, 1);
	assert_int_equal(e->rtmr, 0);
	assert_int_equal(e->type, 0x80000002);
	assert_string_equal(e->type_name, "EV_EFI_VARIABLE_BOOT");
	assert_int_equal(e->digest.len, 48);
	assert_memory_equal(e->digest.ptr, d11, 48);
	assert_int_equal(e->data.len, 10);
	assert_memory_equal(e->data.ptr, "boot order", 10);
	assert_int_equal(e->offset, first);
	assert_true(e->extended);

	e = att_eventlog_at(log, 2);
	assert_int_equal(e->rtmr, 3);
	assert_string_equal(e->type_name, "unknown");
	assert_int_equal(e->data.len, 0);
	assert_int_equal(e->offset, first + 76);
	assert_true(e->extended);
	assert_int_equal(att_eventlog_at(log, 3)->rtmr, -1);
	assert_false(att_eventlog_at(log, 3)->extended);
	assert_int_equal(att_eventlog_at(log, 4)->rtmr, -1);
	assert_int_equal(att_eventlog_at(log, 4)->mr_index, 5);
	assert_false(att_eventlog_at(log, 4)->extended);
	assert_int_equal(att_eventlog_at(log, 5)->rtmr, 1);
	assert_false(att_eventlog_at(log, 5)->extended);
	assert_null(att_eventlog_at(log, 6));
	assert_null(att_eventlog_at(log, SIZE_MAX));
	att_eventlog_free(log);
}

/* Python: ext = lambda m, d: hashlib.sha384(m + d).digest(), from 48 zero bytes. */
static const uint8_t replayed[4][48] = {
	{ 0x3b, 0x0a, 0xa7, 0x0f, 0x13, 0xee, 0x0d, 0x6d, 0x1e, 0x00, 0x4b, 0xc3,
	  0x92, 0x5d, 0xa1, 0xd6, 0x9f, 0xa9, 0x63, 0x8c, 0x77, 0x92, 0x36, 0x63,
	  0xdd, 0x22, 0x60, 0x28, 0x62, 0x39, 0x32, 0xc6, 0x11, 0x39, 0xaa, 0xcb,
	  0x36, 0x96, 0xbd, 0x7a, 0x45, 0x99, 0x0d, 0x5e, 0xb4, 0xca, 0x28, 0x68 },
	{ 0xfe, 0x83, 0xf7, 0x42, 0xd1, 0xca, 0xb5, 0xc7, 0x09, 0xa0, 0xc4, 0x24,
	  0x72, 0x98, 0x31, 0xfb, 0xff, 0x9b, 0x5b, 0xb9, 0x74, 0x8a, 0x61, 0x8f,
	  0x0b, 0x6e, 0xa0, 0x4f, 0xe1, 0xfd, 0xe4, 0xd5, 0x46, 0xf4, 0x04, 0x0e,
	  0x7f, 0xc9, 0x58, 0x7b, 0x2e, 0x6b, 0xad, 0xad, 0xa6, 0xc9, 0x41, 0xb0 },
	{ 0 },
	{ 0x7d, 0x4f, 0xd8, 0x0e, 0xc2, 0x88, 0x7e, 0x82, 0xb1, 0xa4, 0x53, 0x74,
	  0x5c, 0x5c, 0xbd, 0x24, 0xe2, 0xbe, 0x56, 0x27, 0x3d, 0x31, 0x1f, 0xd7,
	  0xab, 0x56, 0x7c, 0x50, 0xc7, 0xa3, 0xa3, 0x70, 0x65, 0xb7, 0x32, 0x83,
	  0x75, 0xdc, 0x90, 0x45, 0xfb, 0x0f, 0xe0, 0x2e, 0x12, 0xd3, 0x4d, 0x75 },
};

static void replay_gives_the_registers(void **state)
{
	(void)state;
	uint8_t d22[48], dcount[48], dff[48], rtmr[4][48];
	memset(d22, 0x22, 48);
	memset(dff, 0xff, 48);
	for (size_t i = 0; i < 48; i++)
		dcount[i] = (uint8_t)i;

	start_sha384();
	put_event(1, 1, d11, "first of rtmr0");
	put_event(2, 1, dcount, "rtmr1");
	put_event(1, EV_NO_ACTION, dff, "not extended");
	put_event(0, 1, dff, "mrtd, not replayed");
	put_event(1, 1, d22, "second of rtmr0");
	put_event(4, 1, dff, "rtmr3");
	put_event(9, 1, dff, "no register");
	att_eventlog *log;
	assert_int_equal(parse_len(log_len, &log), ATT_OK);
	memset(rtmr, 0x5a, sizeof(rtmr));
	assert_int_equal(att_eventlog_replay(log, rtmr, &err), ATT_OK);
	assert_memory_equal(rtmr, replayed, sizeof(replayed));
	att_eventlog_free(log);
}

static void sha384_is_picked_among_others(void **state)
{
	(void)state;
	start_log((const struct alg[]){ { SHA256, 32 }, { SHA384, 48 }, { 0x7777, 5 } }, 3);
	put_le(3, 4);
	put_le(1, 4);
	put_le(3, 4);
	put_le(0x7777, 2);
	put_fill(0x77, 5);
	put_le(SHA384, 2);
	put(d11, 48);
	put_le(SHA256, 2);
	put_fill(0x25, 32);
	put_le(2, 4);
	put("ab", 2);

	att_eventlog *log;
	assert_int_equal(parse_len(log_len, &log), ATT_OK);
	const struct att_event *e = att_eventlog_at(log, 1);
	assert_memory_equal(e->digest.ptr, d11, 48);
	assert_memory_equal(e->data.ptr, "ab", 2);
	att_eventlog_free(log);
}

static void the_area_behind_is_filler(void **state)
{
	(void)state;
	for (size_t pad = 0; pad < 70; pad++) {
		start_sha384();
		put_event(1, EV_SEPARATOR, d11, "ok");
		put_fill(0xff, pad);
		assert_count(2);
		log_len -= pad;
		put_fill(0, pad);
		assert_count(2);
		put_fill(0xff, pad);
		assert_count(2);
	}
	start_sha384();
	assert_count(1);
	put_fill(0xff, 4096);
	assert_count(1);
}

/* The last event's own zeros are its data, not filler. */
static void events_may_end_in_zeros(void **state)
{
	(void)state;
	start_sha384();
	put_event(1, EV_SEPARATOR, d11, "");
	set_le(log_len - 4, 8, 4);
	put_fill(0, 8);
	put_fill(0, 100);

	att_eventlog *log;
	assert_int_equal(parse_len(log_len, &log), ATT_OK);
	assert_int_equal(att_eventlog_count(log), 2);
	assert_int_equal(att_eventlog_at(log, 1)->data.len, 8);
	att_eventlog_free(log);
}

static void filler_with_more_behind_is_refused(void **state)
{
	(void)state;
	start_sha384();
	size_t at = log_len;
	put_fill(0xff, 40);
	put_event(1, EV_SEPARATOR, d11, "hidden");
	att_eventlog *log;
	assert_int_equal(parse_len(log_len, &log), ATT_E_FORMAT);
	assert_int_equal(err.offset, at + 8);
	assert_string_equal(err.msg,
			    "event log: event 1: 4294967295 digests, the log has 1 kinds @73");
}

static void every_truncation_is_seen(void **state)
{
	(void)state;
	start_sha384();
	size_t boundary[3] = { log_len };
	put_event(1, 0x80000001, d11, "a variable");
	boundary[1] = log_len;
	put_event(2, 0x80000007, d11, "an action");
	boundary[2] = log_len;

	for (size_t len = 0; len <= log_len; len++) {
		att_eventlog *log;
		att_rc rc = parse_len(len, &log);
		bool whole = len == boundary[0] || len == boundary[1] || len == boundary[2];
		/* behind a boundary the index's own zeros and the type's first bytes may look like
		 * filler */
		if (rc == ATT_OK) {
			size_t n = att_eventlog_count(log);
			assert_true(n >= 1 && n <= 3 && (whole || len > boundary[n - 1]));
			for (size_t i = boundary[n - 1]; i < len; i++)
				assert_true(log_bytes[i] == 0 || log_bytes[i] == 0xff);
			att_eventlog_free(log);
		} else {
			assert_false(whole);
			assert_int_equal(rc, ATT_E_TRUNCATED);
		}
	}
}

static void the_first_event_is_the_spec_id(void **state)
{
	(void)state;
	start_sha384();
	log_bytes[4] = 4;
	assert_refused(ATT_E_FORMAT, "event log: first event: event type is 0x4, must be 0x3 "
				     "(EV_NO_ACTION) @4");
	start_sha384();
	log_bytes[27] = 1;
	assert_refused(ATT_E_FORMAT, "event log: first event: digest is not zero @8");
	start_sha384();
	log_bytes[32 + 14] = '2';
	assert_refused(ATT_E_UNSUPPORTED, "event log: first event: no \"Spec ID Event03\": not the "
					  "crypto-agile log form @32");
	start_sha384();
	set_le(28, 15, 4);
	assert_refused(ATT_E_TRUNCATED, "event log: first event: truncated in signature @32");
	start_sha384();
	set_le(28, 32, 4);
	assert_refused(ATT_E_TRUNCATED,
		       "event log: first event: truncated in vendor_info_size @64");
	start_sha384();
	set_le(28, 34, 4);
	put_le(0, 1);
	assert_refused(ATT_E_TRAILING, "event log: first event: 1 byte after the end @65");
	start_sha384();
	log_bytes[log_len - 1] = 3;
	set_le(28, 36, 4);
	put("abc", 3);
	assert_count(1);
}

static void algorithms_are_checked(void **state)
{
	(void)state;
	start_log((const struct alg[]){ { SHA256, 32 } }, 1);
	assert_refused(ATT_E_UNSUPPORTED,
		       "event log: first event: the log has no sha-384 digests @32");
	start_log(NULL, 0);
	assert_refused(ATT_E_UNSUPPORTED,
		       "event log: first event: the log has no sha-384 digests @32");
	start_log((const struct alg[]){ { SHA384, 32 } }, 1);
	assert_refused(ATT_E_FORMAT,
		       "event log: first event: sha-384 digests are 32 bytes, must be 48 "
		       "@60");
	start_log((const struct alg[]){ { SHA384, 48 }, { SHA384, 48 } }, 2);
	assert_refused(ATT_E_FORMAT,
		       "event log: first event: digest algorithm 0x000c stands twice @64");
	struct alg many[17];
	for (unsigned i = 0; i < 17; i++)
		many[i] = (struct alg){ SHA384 + i, 48 };
	start_log(many, 16);
	assert_count(1);
	start_log(many, 17);
	assert_refused(ATT_E_FORMAT, "event log: first event: 17 digest algorithms, at most 16 are "
				     "read @56");
	start_sha384();
	set_le(56, UINT32_MAX, 4);
	assert_refused(ATT_E_FORMAT,
		       "event log: first event: 4294967295 digest algorithms, at most 16 "
		       "are read @56");
	start_sha384();
	set_le(56, 2, 4);
	assert_refused(ATT_E_TRUNCATED, "event log: first event: truncated in algorithm_id @64");
}

static void digests_are_checked(void **state)
{
	(void)state;
	start_sha384();
	put_event(1, 1, d11, "x");
	set_le(65 + 8, 2, 4);
	assert_refused(ATT_E_FORMAT, "event log: event 1: 2 digests, the log has 1 kinds @73");
	set_le(65 + 8, 0, 4);
	assert_refused(ATT_E_TRUNCATED, "event log: event 1: truncated in event @81");
	set_le(65 + 8, 1, 4);
	set_le(65 + 12, SHA256, 2);
	assert_refused(ATT_E_FORMAT,
		       "event log: event 1: digest algorithm 0x000b is not among the log's @77");

	start_log((const struct alg[]){ { SHA384, 48 }, { SHA256, 32 } }, 2);
	put_le(1, 4);
	put_le(1, 4);
	put_le(2, 4);
	put_le(SHA384, 2);
	put(d11, 48);
	put_le(SHA384, 2);
	put(d11, 48);
	put_le(0, 4);
	assert_refused(ATT_E_FORMAT, "event log: event 1: second sha-384 digest @131");

	start_sha384();
	put_le(2, 4);
	put_le(EV_NO_ACTION, 4);
	put_le(0, 4);
	put_le(0, 4);
	put_event(2, 1, d11, "x");
	assert_count(3);
	set_le(65 + 4, EV_SEPARATOR, 4);
	assert_refused(ATT_E_FORMAT,
		       "event log: event 1: event for rtmr1 has no sha-384 digest @65");
}

static void event_sizes_are_checked(void **state)
{
	(void)state;
	start_sha384();
	put_event(1, 1, d11, "xyz");
	set_le(65 + 62, 4, 4);
	assert_refused(ATT_E_TRUNCATED, "event log: event 1: truncated in event @131");
	set_le(65 + 62, UINT32_MAX, 4);
	assert_refused(ATT_E_TRUNCATED, "event log: event 1: truncated in event @131");
	set_le(65 + 62, 2, 4);
	assert_refused(ATT_E_TRUNCATED, "event log: event 2: truncated in mr_index @133");
}

static void events_are_capped(void **state)
{
	(void)state;
	start_sha384();
	for (size_t i = 0; i < 16383; i++) {
		put_le(1, 4);
		put_le(EV_NO_ACTION, 4);
		put_fill(0, 8);
	}
	assert_count(16384);
	put_event(1, 1, d11, "one more");
	assert_refused(ATT_E_FORMAT, "event log: more than 16384 events @262193");
}

static void size_is_capped(void **state)
{
	(void)state;
	start_sha384();
	put_fill(0, ATT_EVENTLOG_MAX - log_len);
	assert_count(1);
	put_fill(0, 1);
	alloc_watch(0);
	att_eventlog *log;
	assert_int_equal(att_eventlog_parse(att_bytes_of(log_bytes, log_len), &log, &err),
			 ATT_E_FORMAT);
	assert_int_equal(alloc_unwatch(), 0);
	assert_null(log);
	assert_string_equal(err.msg, "event log is 1048577 bytes, at most 1048576 are read");
}

static void the_acpi_table_is_no_log(void **state)
{
	(void)state;
	log_len = 0;
	put("CCEL\x38\0\0\0\x01", 9);
	put_fill(0, 47);
	assert_refused(ATT_E_UNSUPPORTED,
		       "event log: this is the ACPI table CCEL, the log is the area it "
		       "points at (acpi/tables/data/CCEL) @0");
}

static void every_failing_allocation_is_said(void **state)
{
	(void)state;
	start_sha384();
	put_event(1, 1, d11, "x");
	att_bytes in = att_bytes_of(log_bytes, log_len);
	att_eventlog *log;
	alloc_watch(0);
	assert_int_equal(att_eventlog_parse(in, &log, &err), ATT_OK);
	size_t calls = alloc_unwatch();
	att_eventlog_free(log);
	assert_int_equal(calls, 3);
	for (size_t k = 1; k <= calls; k++) {
		alloc_watch(k);
		att_rc rc = att_eventlog_parse(in, &log, &err);
		alloc_unwatch();
		assert_int_equal(rc, ATT_E_NOMEM);
		assert_null(log);
		assert_non_null(strstr(err.msg, "no memory for "));
	}
}

/* libcrypto's first allocation fails: the answer is an error, not a register. */
static void a_failing_digest_is_said(void **state)
{
	(void)state;
	uint8_t rtmr[4][48];
	start_sha384();
	put_event(1, 1, d11, "x");
	att_eventlog *log;
	assert_int_equal(parse_len(log_len, &log), ATT_OK);
	assert_int_equal(att_eventlog_replay(log, rtmr, &err), ATT_OK);
	alloc_watch(1);
	att_rc rc = att_eventlog_replay(log, rtmr, &err);
	alloc_unwatch();
	assert_int_equal(rc, ATT_E_UNAVAILABLE);
	att_eventlog_free(log);
	att_eventlog_free(NULL);
}

static void *crypto_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(n);
}

static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return realloc(p, n);
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

static int make_room(void **state)
{
	(void)state;
	if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1)
		return -1;
	log_bytes = malloc(ATT_EVENTLOG_MAX + 4096);
	return log_bytes ? 0 : -1;
}

static int free_room(void **state)
{
	(void)state;
	free(log_bytes);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_give_their_parts),
		cmocka_unit_test(replay_gives_the_registers),
		cmocka_unit_test(sha384_is_picked_among_others),
		cmocka_unit_test(the_area_behind_is_filler),
		cmocka_unit_test(events_may_end_in_zeros),
		cmocka_unit_test(filler_with_more_behind_is_refused),
		cmocka_unit_test(every_truncation_is_seen),
		cmocka_unit_test(the_first_event_is_the_spec_id),
		cmocka_unit_test(algorithms_are_checked),
		cmocka_unit_test(digests_are_checked),
		cmocka_unit_test(event_sizes_are_checked),
		cmocka_unit_test(events_are_capped),
		cmocka_unit_test(size_is_capped),
		cmocka_unit_test(the_acpi_table_is_no_log),
		cmocka_unit_test(every_failing_allocation_is_said),
		cmocka_unit_test(a_failing_digest_is_said),
	};
	return cmocka_run_group_tests(tests, make_room, free_room);
}
