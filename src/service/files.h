/* SPDX-License-Identifier: Apache-2.0 */
/* Files of services: read whole, within a limit; written whole or not at all. */
#ifndef ATT_SERVICE_FILES_H
#define ATT_SERVICE_FILES_H

#include "attest/base.h"
#include "base/buf.h"

/* Appends what is in the file. ATT_E_MISSING (there is none), ATT_E_FORMAT (longer than `max`, or
 * no regular file), ATT_E_IO, ATT_E_NOMEM. */
att_rc att_file_read(const char *path, size_t max, att_buf *out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 3);

/* Writes beside it, to disk, and renames: readers and a crash find the old file or the new one.
 * ATT_E_IO. */
att_rc att_file_write(const char *path, att_bytes content, unsigned mode, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1);

/* Makes the directory where there is none; one that is there must be the caller's own. Sets its
 * mode. ATT_E_IO, ATT_E_UNAVAILABLE. */
att_rc att_dir_make(const char *path, unsigned mode, att_err *err) ATT_MUST_USE ATT_NONNULL(1);

/* Removes a directory and what is in it; never follows a link. What can not be removed stays. */
void att_dir_remove(const char *path) ATT_NONNULL(1);

/* "DIR/NAME" in `out`; false when there is no room. */
#define ATT_PATH_ROOM 512u
bool att_path_join(char out[static ATT_PATH_ROOM], const char *dir, const char *name) ATT_MUST_USE
    ATT_NONNULL(2, 3);

#endif
