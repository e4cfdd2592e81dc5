/* SPDX-License-Identifier: Apache-2.0 */
/* Filling the error context. Messages: lower case, no full stop, what was expected and what was
 * seen, units with numbers; never a secret, never a whole blob. */
#ifndef ATT_BASE_ERROR_H
#define ATT_BASE_ERROR_H

#include "attest/base.h"

#define ATT_NO_OFFSET SIZE_MAX

/* Sets *err (when not NULL) to rc and the formatted text, without an offset. Returns rc, so that a
 * failing function can end in `return att_fail(...)`. rc must not be ATT_OK: it then becomes
 * ATT_E_ARG, so that no error path can ever say success. */
att_rc att_fail(att_err *err, att_rc rc, const char *fmt, ...) ATT_PRINTF(3, 4);

/* The same with the absolute offset of the byte to blame; " @OFFSET" is put behind the text. */
att_rc att_fail_at(att_err *err, att_rc rc, size_t offset, const char *fmt, ...) ATT_PRINTF(4, 5);

/* Puts "outer: " before the message that *err holds; keeps its offset. Returns rc as att_fail
 * does. */
att_rc att_wrap(att_err *err, att_rc rc, const char *fmt, ...) ATT_PRINTF(3, 4);

#endif
