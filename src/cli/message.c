/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/mem.h"

#define MESSAGE_MAX 1024

/* The library's own mark of an omission is the only character beyond ASCII it writes. */
static const char ellipsis[] = "\xe2\x80\xa6";

void cli_put_safe(att_buf *b, att_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t ch = text.ptr[i];
		if (text.len - i >= 3 && memcmp(text.ptr + i, ellipsis, 3) == 0) {
			att_put_str(b, "...");
			i += 2;
			continue;
		}
		if (ch >= 0x20 && ch < 0x7f && ch != '\\')
			att_put_u8(b, ch);
		else
			att_putf(b, "\\x%02x", ch);
	}
}

static void ATT_PRINTF(4, 0)
    say(struct cli *c, const char *colour, const char *kind, const char *fmt, va_list ap)
{
	att_auto_buf att_buf line = { 0 };
	char text[MESSAGE_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	att_putf(&line, "%s: ", c->program ? c->program : "attest");
	if (c->colour_err && colour)
		att_put_str(&line, colour);
	att_put_str(&line, kind);
	if (c->colour_err && colour)
		att_put_str(&line, "\033[0m");
	cli_put_safe(&line, att_bytes_of(text, strlen(text)));
	att_put_str(&line, "\n");
	if (att_buf_ok(&line, NULL) != ATT_OK) {
		fputs("attest: out of memory\n", c->err);
		return;
	}
	fwrite(line.ptr, 1, line.len, c->err);
}

void cli_error(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, "\033[31m", "error: ", fmt, ap);
	va_end(ap);
}

void cli_warning(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, "\033[33m", "warning: ", fmt, ap);
	va_end(ap);
}

void cli_note(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, NULL, "", fmt, ap);
	va_end(ap);
}

enum cli_exit cli_usage(struct cli *c, const struct cli_command *command, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, "\033[31m", "error: ", fmt, ap);
	va_end(ap);
	const char *program = c->program ? c->program : "attest";
	if (command)
		cli_note(c, "try '%s %s --help'", program, command->name);
	else
		cli_note(c, "try '%s --help'", program);
	return CLI_USAGE;
}

enum cli_exit cli_finish(struct cli *c, const att_buf *result, enum cli_exit code)
{
	if (att_buf_ok(result, NULL) != ATT_OK) {
		cli_error(c, "out of memory");
		return CLI_NO_ANSWER;
	}
	size_t done = result->len ? fwrite(result->ptr, 1, result->len, c->out) : 0;
	if (done != result->len || fflush(c->out) != 0) {
		cli_error(c, "standard output: %s", strerror(errno));
		return CLI_NO_ANSWER;
	}
	return code;
}
