/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "attest/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct att_event *e, size_t size)
{
	if (!e || !e->type_name || e->offset >= size || e->rtmr < -1 || e->rtmr > 3)
		abort();
	if (e->digest.len != 0 && e->digest.len != 48)
		abort();
	if (e->extended && (e->rtmr < 0 || e->digest.len != 48))
		abort();
	if (e->data.len > size)
		abort();
	for (size_t i = 0; i < e->data.len; i += 64)
		(void)*(const volatile uint8_t *)&e->data.ptr[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	att_eventlog *log = NULL;
	att_err err;
	att_rc rc = att_eventlog_parse(att_bytes_of(data, size), &log, &err);

	if (rc != ATT_OK) {
		if (log || err.rc != rc)
			abort();
		return 0;
	}
	for (size_t i = 0; i < att_eventlog_count(log); i++)
		check(att_eventlog_at(log, i), size);
	uint8_t rtmr[4][48];
	if (att_eventlog_replay(log, rtmr, &err) != ATT_OK)
		abort();
	att_eventlog_free(log);
	return 0;
}
