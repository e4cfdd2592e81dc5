/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/store.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

#define VERSION  1
#define BUSY_MS  250 /* as long as another process is waited for */
#define OVERHEAD 512 /* bytes of an entry beside its texts */

struct att_store {
	sqlite3 *db;
	char *path;
	int64_t max;
	pthread_mutex_t lock;
};

void att_store_entry_free(struct att_store_entry *e)
{
	att_buf_free(&e->chain);
	att_buf_free(&e->body);
	*e = (struct att_store_entry){ 0 };
}

static void finalize(sqlite3_stmt **s)
{
	sqlite3_finalize(*s);
}
#define auto_stmt __attribute__((cleanup(finalize)))

/* What SQLite says, in words that say what to do. */
static att_rc say(const char *path, sqlite3 *db, int code, att_err *err)
{
	const char *words = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);

	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return att_fail(err, ATT_E_UNAVAILABLE,
				"cache %.120s: another process holds it locked", path);
	case SQLITE_FULL:
		return att_fail(err, ATT_E_IO, "cache %.120s: no room is left on the disk", path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return att_fail(err, ATT_E_IO, "cache %.120s: it can not be written", path);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
	case SQLITE_SCHEMA:
	case SQLITE_ERROR:
		return att_fail(err, ATT_E_FORMAT,
				"cache %.120s: it is damaged or no cache of ours (%.60s): remove "
				"it, and it is made anew",
				path, words);
	default:
		return att_fail(err, ATT_E_IO, "cache %.120s: %.100s", path, words);
	}
}

static att_rc run(att_store *s, const char *sql, att_err *err)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? ATT_OK : say(s->path, s->db, code, err);
}

static att_rc prepare(att_store *s, const char *sql, sqlite3_stmt **out, att_err *err)
{
	int code = sqlite3_prepare_v2(s->db, sql, -1, out, NULL);

	return code == SQLITE_OK ? ATT_OK : say(s->path, s->db, code, err);
}

static att_rc finish(att_store *s, sqlite3_stmt *st, att_err *err)
{
	int code = sqlite3_step(st);

	return code == SQLITE_DONE || code == SQLITE_ROW ? ATT_OK : say(s->path, s->db, code, err);
}

/* --- Opening --- */

static att_rc read_version(att_store *s, int *version, att_err *err)
{
	auto_stmt sqlite3_stmt *st = NULL;

	att_rc rc = prepare(s, "PRAGMA user_version", &st, err);
	if (rc != ATT_OK)
		return rc;
	int code = sqlite3_step(st);
	if (code != SQLITE_ROW)
		return say(s->path, s->db, code, err);
	*version = sqlite3_column_int(st, 0);
	return ATT_OK;
}

/* Issue dates, evaluation and CRL numbers beside the bytes: the rule against going back needs no
 * parsing. */
static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS entry("
    "key TEXT PRIMARY KEY NOT NULL, issued INTEGER NOT NULL, expires INTEGER NOT NULL,"
    "evaluation INTEGER NOT NULL, number INTEGER NOT NULL, stored INTEGER NOT NULL,"
    "used INTEGER NOT NULL, chain BLOB NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version=1;"
    "COMMIT";

static att_rc make_tables(att_store *s, att_err *err)
{
	int version = 0;

	att_rc rc = read_version(s, &version, err);
	if (rc != ATT_OK || version == VERSION)
		return rc;
	if (version != 0)
		return att_fail(err, ATT_E_FORMAT,
				"cache %.120s: version %d, this program writes version %d: remove "
				"it, or name another",
				s->path, version, VERSION);
	rc = run(s, schema, err);
	if (rc != ATT_OK)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* Nothing in the file is code: no triggers, no functions, no extensions. WAL, so that readers and
 * a writer do not wait for each other. */
static att_rc set_up(att_store *s, att_err *err)
{
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_extended_result_codes(s->db, 0);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, (int)(2 * ATT_STORE_ENTRY));
	if (!sqlite3_db_readonly(s->db, "main")) {
		att_rc rc = run(s, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL", err);
		if (rc != ATT_OK)
			return rc;
	}
	return make_tables(s, err);
}

/* SQLite makes files by the umask; what was asked for is nobody else's affair. */
static void make_private(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0)
		close(fd);
}

att_rc att_store_open(const char *path, int64_t max, att_store **out, att_err *err)
{
	*out = NULL;
	att_store *s = (att_store *)calloc(1, sizeof(*s));
	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	pthread_mutex_init(&s->lock, NULL);
	s->max = max ? max : ATT_STORE_MAX;
	s->path = strdup(path);
	att_rc rc = s->path ? ATT_OK : att_fail(err, ATT_E_NOMEM, "out of memory");
	if (rc == ATT_OK) {
		make_private(path);
		int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX;
		int code = sqlite3_open_v2(path, &s->db, flags, NULL);
		rc = code == SQLITE_OK ? set_up(s, err) : say(path, s->db, code, err);
	}
	if (rc != ATT_OK) {
		att_store_close(s);
		return rc;
	}
	*out = s;
	return ATT_OK;
}

void att_store_close(att_store *s)
{
	if (!s)
		return;
	(void)sqlite3_close(s->db);
	free(s->path);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* --- Reading --- */

static void read_facts(sqlite3_stmt *st, struct att_store_entry *e)
{
	e->facts.issued = sqlite3_column_int64(st, 0);
	e->facts.expires = sqlite3_column_int64(st, 1);
	e->facts.evaluation = sqlite3_column_int64(st, 2);
	e->facts.number = sqlite3_column_int64(st, 3);
	e->stored = sqlite3_column_int64(st, 4);
}

static att_rc read_row(att_store *s, const char *key, struct att_store_entry *out, att_err *err)
{
	auto_stmt sqlite3_stmt *st = NULL;

	att_rc rc = prepare(s,
			    "SELECT issued, expires, evaluation, number, stored, chain, body "
			    "FROM entry WHERE key = ?1",
			    &st, err);
	if (rc != ATT_OK)
		return rc;
	int code = sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(st);
	if (code == SQLITE_DONE)
		return att_fail(err, ATT_E_MISSING, "the cache has no such entry");
	if (code != SQLITE_ROW)
		return say(s->path, s->db, code, err);
	read_facts(st, out);
	att_put_mem(&out->chain, sqlite3_column_blob(st, 5), (size_t)sqlite3_column_bytes(st, 5));
	att_put_mem(&out->body, sqlite3_column_blob(st, 6), (size_t)sqlite3_column_bytes(st, 6));
	if (att_buf_ok(&out->chain, NULL) != ATT_OK)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	return att_buf_ok(&out->body, err);
}

/* That an entry was used matters little: a database that can not be written is no error here. */
static void mark_used(att_store *s, const char *key, int64_t now)
{
	auto_stmt sqlite3_stmt *st = NULL;

	if (sqlite3_db_readonly(s->db, "main") ||
	    prepare(s, "UPDATE entry SET used = ?2 WHERE key = ?1 AND used < ?2 - 3600", &st,
		    NULL) != ATT_OK)
		return;
	if (sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_bind_int64(st, 2, now) == SQLITE_OK)
		(void)sqlite3_step(st);
}

att_rc att_store_get(att_store *s, const char *key, int64_t now, struct att_store_entry *out,
		     att_err *err)
{
	*out = (struct att_store_entry){ 0 };
	pthread_mutex_lock(&s->lock);
	att_rc rc = read_row(s, key, out, err);
	if (rc == ATT_OK)
		mark_used(s, key, now);
	pthread_mutex_unlock(&s->lock);
	if (rc != ATT_OK)
		att_store_entry_free(out);
	return rc;
}

/* --- Writing --- */

bool att_authentic_older(const struct att_authentic *a, const struct att_authentic *b,
			 const char **in_what)
{
	if (a->unordered) {
		*in_what = NULL;
		return false;
	}
	*in_what = a->evaluation < b->evaluation ? "evaluation number"
		   : a->number < b->number       ? "CRL number"
		   : a->issued < b->issued       ? "date of issue"
						 : NULL;
	return *in_what != NULL;
}

static att_rc refuse_older(att_store *s, const char *key, const struct att_store_entry *e,
			   att_err *err)
{
	struct att_store_entry kept = { 0 };
	const char *in_what;

	att_rc rc = read_row(s, key, &kept, err);
	bool older = rc == ATT_OK && att_authentic_older(&e->facts, &kept.facts, &in_what);
	att_store_entry_free(&kept);
	if (older)
		return att_fail(err, ATT_E_MISMATCH,
				"an older %s than was seen before: what is newer is kept", in_what);
	return rc == ATT_E_MISSING ? ATT_OK : rc;
}

static int bind_entry(sqlite3_stmt *st, const char *key, const struct att_store_entry *e)
{
	const int64_t number[] = { e->facts.issued, e->facts.expires, e->facts.evaluation,
				   e->facts.number, e->stored };
	int code = sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);

	for (size_t i = 0; code == SQLITE_OK && i < ATT_COUNT(number); i++)
		code = sqlite3_bind_int64(st, (int)i + 2, number[i]);
	if (code == SQLITE_OK)
		code = sqlite3_bind_blob(st, 7, e->chain.len ? (const void *)e->chain.ptr : "",
					 (int)e->chain.len, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_bind_blob(st, 8, e->body.len ? (const void *)e->body.ptr : "",
					 (int)e->body.len, SQLITE_STATIC);
	return code;
}

static att_rc write_row(att_store *s, const char *key, const struct att_store_entry *e,
			att_err *err)
{
	auto_stmt sqlite3_stmt *st = NULL;

	att_rc rc = prepare(s,
			    "INSERT OR REPLACE INTO entry(key, issued, expires, evaluation, "
			    "number, stored, used, chain, body) "
			    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)",
			    &st, err);
	if (rc != ATT_OK)
		return rc;
	int code = bind_entry(st, key, e);
	return code == SQLITE_OK ? finish(s, st, err) : say(s->path, s->db, code, err);
}

/* Entries go, the longest unused first, until the rest is within the bound. */
static att_rc make_room(att_store *s, const char *key, att_err *err)
{
	auto_stmt sqlite3_stmt *st = NULL;

	att_rc rc = prepare(
	    s,
	    "DELETE FROM entry WHERE key IN (SELECT key FROM (SELECT key, "
	    "sum(length(body) + length(chain) + ?2) OVER (ORDER BY key = ?1 DESC, used DESC, key) "
	    "AS total FROM entry) WHERE total > ?3)",
	    &st, err);
	if (rc != ATT_OK)
		return rc;
	int code = sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(st, 2, OVERHEAD);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(st, 3, s->max);
	return code == SQLITE_OK ? finish(s, st, err) : say(s->path, s->db, code, err);
}

static att_rc put(att_store *s, const char *key, const struct att_store_entry *e, att_err *err)
{
	att_rc rc = run(s, "BEGIN IMMEDIATE", err);

	if (rc != ATT_OK)
		return rc;
	rc = refuse_older(s, key, e, err);
	if (rc == ATT_OK)
		rc = write_row(s, key, e, err);
	if (rc == ATT_OK)
		rc = make_room(s, key, err);
	if (rc == ATT_OK)
		rc = run(s, "COMMIT", err);
	if (rc != ATT_OK)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

att_rc att_store_put(att_store *s, const char *key, const struct att_store_entry *e, att_err *err)
{
	int64_t size = (int64_t)(e->chain.len + e->body.len) + OVERHEAD;

	if (e->chain.len + e->body.len > ATT_STORE_ENTRY || size > s->max)
		return att_fail(err, ATT_E_FORMAT,
				"%zu bytes are too many for one entry of the "
				"cache",
				e->chain.len + e->body.len);
	pthread_mutex_lock(&s->lock);
	att_rc rc = put(s, key, e, err);
	pthread_mutex_unlock(&s->lock);
	return rc;
}
