/* SPDX-License-Identifier: Apache-2.0 */
/* What was fetched and found authentic, kept in a SQLite database of bounded size. A cache: losing
 * it costs requests, and nothing read from it is believed before it was authenticated again.
 *
 * One rule gives it a memory worth having: an older evaluation number, CRL number or date of issue
 * never takes the place of a newer one. */
#ifndef ATT_FETCH_STORE_H
#define ATT_FETCH_STORE_H

#include "base/buf.h"
#include "fetch/authentic.h"

#define ATT_STORE_MAX   ((int64_t)32 << 20) /* bytes of all entries, unless told otherwise */
#define ATT_STORE_ENTRY ((size_t)2 << 20)

typedef struct att_store att_store;

struct att_store_entry {
	struct att_authentic facts;
	int64_t stored; /* when it was fetched */
	att_buf chain;  /* value of the issuer chain header; may be empty */
	att_buf body;
};
void att_store_entry_free(struct att_store_entry *e);

/* Opens or makes the database (mode 0600; its directory must be there). `max` bytes, 0 for
 * ATT_STORE_MAX. Errors say the path, what is wrong and what to do: ATT_E_IO (can not be opened or
 * written, disk full), ATT_E_FORMAT (no database, damaged, of another version), ATT_E_UNAVAILABLE
 * (locked by another process), ATT_E_NOMEM. A database that can only be read opens, and
 * att_store_put fails. */
att_rc att_store_open(const char *path, int64_t max, att_store **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 3);
void att_store_close(att_store *s);

/* Thread-safe, as the next. ATT_E_MISSING when there is no such entry; as above. `now` marks it as
 * used. */
att_rc att_store_get(att_store *s, const char *key, int64_t now, struct att_store_entry *out,
		     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 4);

/* Keeps an authentic answer, in one transaction; the entries that were not used for longest make
 * room. ATT_E_MISMATCH: what is kept is newer, and stays. ATT_E_FORMAT: larger than
 * ATT_STORE_ENTRY, or than the whole. */
att_rc att_store_put(att_store *s, const char *key, const struct att_store_entry *e,
		     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 3);

/* Is `a` older than `b` in any way that counts? Says in which. */
bool att_authentic_older(const struct att_authentic *a, const struct att_authentic *b,
			 const char **in_what) ATT_NONNULL(1, 2, 3);

#endif
