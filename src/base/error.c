/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a prefix may take of the message when the inner text would not fit beside it. */
#define PREFIX_MIN 100

const char *att_rc_name(att_rc rc)
{
	switch (rc) {
	case ATT_OK:
		return "ATT_OK";
	case ATT_E_NOMEM:
		return "ATT_E_NOMEM";
	case ATT_E_ARG:
		return "ATT_E_ARG";
	case ATT_E_IO:
		return "ATT_E_IO";
	case ATT_E_UNAVAILABLE:
		return "ATT_E_UNAVAILABLE";
	case ATT_E_TRUNCATED:
		return "ATT_E_TRUNCATED";
	case ATT_E_TRAILING:
		return "ATT_E_TRAILING";
	case ATT_E_FORMAT:
		return "ATT_E_FORMAT";
	case ATT_E_UNSUPPORTED:
		return "ATT_E_UNSUPPORTED";
	case ATT_E_SIGNATURE:
		return "ATT_E_SIGNATURE";
	case ATT_E_CHAIN:
		return "ATT_E_CHAIN";
	case ATT_E_REVOKED:
		return "ATT_E_REVOKED";
	case ATT_E_EXPIRED:
		return "ATT_E_EXPIRED";
	case ATT_E_MISMATCH:
		return "ATT_E_MISMATCH";
	case ATT_E_MISSING:
		return "ATT_E_MISSING";
	case ATT_E_DENIED:
		return "ATT_E_DENIED";
	}
	return "ATT_E_UNKNOWN";
}

const char *att_version(void)
{
	return ATT_VERSION;
}

static att_rc never_ok(att_rc rc)
{
	return rc == ATT_OK ? ATT_E_ARG : rc;
}

/* Messages may quote input; one line on a terminal is what they must stay. */
static void one_line(char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
	}
}

static void ATT_PRINTF(2, 0) set_text(att_err *err, const char *fmt, va_list ap)
{
	if (vsnprintf(err->msg, sizeof(err->msg), fmt, ap) < 0)
		err->msg[0] = '\0';
	one_line(err->msg);
}

att_rc att_fail(att_err *err, att_rc rc, const char *fmt, ...)
{
	rc = never_ok(rc);
	if (!err)
		return rc;
	va_list ap;
	va_start(ap, fmt);
	set_text(err, fmt, ap);
	va_end(ap);
	err->rc = rc;
	err->offset = ATT_NO_OFFSET;
	return rc;
}

att_rc att_fail_at(att_err *err, att_rc rc, size_t offset, const char *fmt, ...)
{
	rc = never_ok(rc);
	if (!err)
		return rc;
	va_list ap;
	va_start(ap, fmt);
	set_text(err, fmt, ap);
	va_end(ap);
	err->rc = rc;
	err->offset = offset;
	if (offset != ATT_NO_OFFSET) {
		char where[24];
		int n = snprintf(where, sizeof(where), " @%zu", offset);
		size_t len = strlen(err->msg);
		size_t keep = sizeof(err->msg) - 1 - (size_t)n;
		memcpy(err->msg + (len < keep ? len : keep), where, (size_t)n + 1);
	}
	return rc;
}

att_rc att_wrap(att_err *err, att_rc rc, const char *fmt, ...)
{
	rc = never_ok(rc);
	if (!err)
		return rc;

	att_err outer;
	va_list ap;
	va_start(ap, fmt);
	set_text(&outer, fmt, ap);
	va_end(ap);

	size_t outer_len = strlen(outer.msg);
	size_t inner_len = strnlen(err->msg, sizeof(err->msg) - 1);
	size_t room = sizeof(err->msg) - 1 - 2;
	size_t outer_room = inner_len < room - PREFIX_MIN ? room - inner_len : PREFIX_MIN;
	if (outer_len > outer_room)
		outer_len = outer_room;
	if (inner_len > room - outer_len)
		inner_len = room - outer_len;

	memmove(err->msg + outer_len + 2, err->msg, inner_len);
	memcpy(err->msg, outer.msg, outer_len);
	memcpy(err->msg + outer_len, ": ", 2);
	err->msg[outer_len + 2 + inner_len] = '\0';
	err->rc = rc;
	return rc;
}
