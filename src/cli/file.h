/* SPDX-License-Identifier: Apache-2.0 */
/* Files in and out, with caps. The only I/O of the command beside its streams. */
#ifndef ATT_CLI_FILE_H
#define ATT_CLI_FILE_H

#include "attest/base.h"
#include "attest/collateral.h"
#include "base/buf.h"

/* Appends the whole file ("-": standard input) to `out`, which must be empty. ATT_E_IO;
 * ATT_E_FORMAT when it holds more than `max` bytes; ATT_E_NOMEM. */
att_rc cli_read(const char *path, size_t max, att_buf *out, att_err *err) ATT_MUST_USE;

/* Writes the file whole or not at all: a temporary file beside it, flushed to the disk, then
 * renamed; mode 0644. */
att_rc cli_write_atomic(const char *path, att_bytes text, att_err *err) ATT_MUST_USE;

/* Writes a new file of its owner's alone, and never in place of one that is there: that could be a
 * key. */
att_rc cli_write_key(const char *path, att_bytes pem, att_err *err) ATT_MUST_USE;

/* Collateral from one file or from a directory of service answers. ATT_E_ARG when two files of the
 * directory hold the same item; what att_collateral_parse says; ATT_E_IO, ATT_E_NOMEM. */
att_rc cli_read_collateral(const char *path, att_collateral **out, att_err *err) ATT_MUST_USE;

/* The path of a directory inside `parent`, by its name, or by the end of its name when that begins
 * with '-'; with a NUL behind it. False when there is none. */
bool cli_find_folder(const char *parent, const char *name, att_buf *out);

/* True when others than its owner may read the file. */
bool cli_open_to_others(const char *path);

/* RFC 3339, or seconds since 1970. ATT_E_FORMAT. */
att_rc cli_time(const char *text, int64_t *out, att_err *err) ATT_MUST_USE;

#endif
