/* SPDX-License-Identifier: Apache-2.0 */
/* The store in one SQLite file. Write-ahead log with synchronous=FULL: a transaction that was
 * committed is there after a crash, one that was not is not (SQLite, "Atomic Commit"). */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"
#include "service/pccs/store.h"

#define BUSY_MS        5000
#define PATH_ROOM      4096
#define APPLICATION_ID 0x61747043 /* "atpC": whose file it is (SQLite, PRAGMA application_id) */

enum { GET, PUT, REMOVE, LIST, NEWEST, BEGIN, COMMIT, ROLLBACK, STATEMENTS };

static const char *const texts[STATEMENTS] = {
	[GET] = "SELECT kind, key, tag, number, issued, expires, fetched, body, chain FROM record "
		"WHERE kind = ?1 AND key = ?2",
	[PUT] =
	    "INSERT INTO record (kind, key, tag, number, issued, expires, fetched, body, chain) "
	    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (kind, key) DO UPDATE SET "
	    "tag = excluded.tag, number = excluded.number, issued = excluded.issued, "
	    "expires = excluded.expires, fetched = excluded.fetched, body = excluded.body, "
	    "chain = excluded.chain "
	    "WHERE (excluded.number, excluded.issued) >= (record.number, record.issued)",
	[REMOVE] = "DELETE FROM record WHERE kind = ?1 AND key = ?2",
	[LIST] = "SELECT kind, key, tag, number, issued, expires, fetched, body, chain FROM record "
		 "WHERE kind = ?1 ORDER BY key",
	[NEWEST] = "SELECT max(issued) FROM record WHERE kind = 'document'",
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
};

struct sqlite_store {
	att_pccs_store base;
	pthread_mutex_t lock;
	sqlite3 *db;
	sqlite3_stmt *statement[STATEMENTS];
};

static struct sqlite_store *of(att_pccs_store *s)
{
	return (struct sqlite_store *)s;
}

static att_rc rc_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ATT_E_UNAVAILABLE;
	case SQLITE_NOMEM:
		return ATT_E_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ATT_E_FORMAT;
	default:
		return ATT_E_IO;
	}
}

static att_rc failed(sqlite3 *db, const char *doing, att_err *err)
{
	int code = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return att_fail(err, ATT_E_UNAVAILABLE,
				"store: %s: another process holds the database's lock", doing);
	case SQLITE_FULL:
		return att_fail(err, ATT_E_IO, "store: %s: the disk is full", doing);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return att_fail(err, ATT_E_FORMAT,
				"store: %s: the database is damaged; a restart "
				"moves it aside and starts anew",
				doing);
	default:
		return att_fail(err, rc_of(code), "store: %s: %s", doing,
				db ? sqlite3_errmsg(db) : "out of memory");
	}
}

static void bind_text(sqlite3_stmt *st, int at, const char *text)
{
	/* A failed binding leaves NULL, which the column's NOT NULL refuses. */
	(void)sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC);
}

static void bind_blob(sqlite3_stmt *st, int at, att_bytes b)
{
	(void)sqlite3_bind_blob64(st, at, b.len ? (const void *)b.ptr : "", b.len, SQLITE_STATIC);
}

static bool column_text(sqlite3_stmt *st, int at, char *out, size_t room)
{
	const char *text = (const char *)sqlite3_column_text(st, at);

	return text && att_pccs_copy_text(out, room, text);
}

static att_bytes column_blob(sqlite3_stmt *st, int at)
{
	const uint8_t *p = sqlite3_column_blob(st, at);

	return att_bytes_of(p, p ? (size_t)sqlite3_column_bytes(st, at) : 0);
}

/* Body and chain are lent by the statement. */
static att_rc read_row(sqlite3_stmt *st, struct att_pccs_record *r, att_err *err)
{
	if (!column_text(st, 0, r->kind, sizeof(r->kind)) ||
	    !column_text(st, 1, r->key, sizeof(r->key)) ||
	    !column_text(st, 2, r->tag, sizeof(r->tag)))
		return att_fail(err, ATT_E_FORMAT, "store: a record's name is too long");
	r->number = sqlite3_column_int64(st, 3);
	r->issued = sqlite3_column_int64(st, 4);
	r->expires = sqlite3_column_int64(st, 5);
	r->fetched = sqlite3_column_int64(st, 6);
	r->body = column_blob(st, 7);
	r->chain = column_blob(st, 8);
	return ATT_OK;
}

static att_rc get_locked(struct sqlite_store *s, struct att_pccs_record *out, att_err *err)
{
	sqlite3_stmt *st = s->statement[GET];
	struct att_pccs_record row = { 0 };
	int step = sqlite3_step(st);

	if (step == SQLITE_DONE)
		return att_fail(err, ATT_E_MISSING, "store: no such record");
	if (step != SQLITE_ROW)
		return failed(s->db, "reading", err);
	att_rc rc = read_row(st, &row, err);
	if (rc == ATT_OK)
		rc = att_pccs_record_own(&row, row.body, row.chain, err);
	if (rc == ATT_OK)
		*out = row;
	return rc;
}

static att_rc sqlite_get(att_pccs_store *base, const char *kind, const char *key,
			 struct att_pccs_record *out, att_err *err)
{
	struct sqlite_store *s = of(base);

	*out = (struct att_pccs_record){ 0 };
	pthread_mutex_lock(&s->lock);
	bind_text(s->statement[GET], 1, kind);
	bind_text(s->statement[GET], 2, key);
	att_rc rc = get_locked(s, out, err);
	sqlite3_reset(s->statement[GET]);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static bool run(struct sqlite_store *s, int which)
{
	bool ok = sqlite3_step(s->statement[which]) == SQLITE_DONE;

	sqlite3_reset(s->statement[which]);
	return ok;
}

static bool put_one(struct sqlite_store *s, const struct att_pccs_record *r, bool *kept)
{
	sqlite3_stmt *st = s->statement[PUT];

	bind_text(st, 1, r->kind);
	bind_text(st, 2, r->key);
	bind_text(st, 3, r->tag);
	sqlite3_bind_int64(st, 4, r->number);
	sqlite3_bind_int64(st, 5, r->issued);
	sqlite3_bind_int64(st, 6, r->expires);
	sqlite3_bind_int64(st, 7, r->fetched);
	bind_blob(st, 8, r->body);
	bind_blob(st, 9, r->chain);
	bool ok = run(s, PUT);
	*kept = ok && sqlite3_changes(s->db) == 1;
	return ok;
}

static att_rc put_locked(struct sqlite_store *s, const struct att_pccs_record *r, size_t count,
			 bool *kept, att_err *err)
{
	if (!run(s, BEGIN))
		return failed(s->db, "beginning to write", err);
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++)
		ok = put_one(s, &r[i], &kept[i]);
	ok = ok && run(s, COMMIT);
	if (ok)
		return ATT_OK;
	att_rc rc = failed(s->db, "writing", err);
	if (!sqlite3_get_autocommit(s->db))
		(void)run(s, ROLLBACK);
	memset(kept, 0, count * sizeof(*kept));
	return rc;
}

static att_rc sqlite_put(att_pccs_store *base, const struct att_pccs_record *r, size_t count,
			 bool *kept, att_err *err)
{
	struct sqlite_store *s = of(base);

	pthread_mutex_lock(&s->lock);
	att_rc rc = put_locked(s, r, count, kept, err);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static att_rc sqlite_remove(att_pccs_store *base, const char *kind, const char *key, att_err *err)
{
	struct sqlite_store *s = of(base);

	pthread_mutex_lock(&s->lock);
	bind_text(s->statement[REMOVE], 1, kind);
	bind_text(s->statement[REMOVE], 2, key);
	att_rc rc = run(s, REMOVE) ? ATT_OK : failed(s->db, "removing", err);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static att_rc sqlite_list(att_pccs_store *base, const char *kind, att_pccs_visit *visit, void *ctx,
			  att_err *err)
{
	struct sqlite_store *s = of(base);
	sqlite3_stmt *st = s->statement[LIST];
	att_rc rc = ATT_OK;
	bool more = true;
	int step = SQLITE_DONE;

	pthread_mutex_lock(&s->lock);
	bind_text(st, 1, kind);
	while (rc == ATT_OK && more && (step = sqlite3_step(st)) == SQLITE_ROW) {
		struct att_pccs_record row = { 0 };
		rc = read_row(st, &row, err);
		if (rc == ATT_OK)
			more = visit(ctx, &row);
	}
	if (rc == ATT_OK && more && step != SQLITE_DONE)
		rc = failed(s->db, "listing", err);
	sqlite3_reset(st);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static att_rc sqlite_newest(att_pccs_store *base, int64_t *issued, att_err *err)
{
	struct sqlite_store *s = of(base);
	sqlite3_stmt *st = s->statement[NEWEST];
	att_rc rc = ATT_OK;

	pthread_mutex_lock(&s->lock);
	if (sqlite3_step(st) != SQLITE_ROW)
		rc = failed(s->db, "reading", err);
	else
		*issued = sqlite3_column_type(st, 0) == SQLITE_NULL ? INT64_MIN
								    : sqlite3_column_int64(st, 0);
	sqlite3_reset(st);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static void sqlite_close(att_pccs_store *base)
{
	struct sqlite_store *s = of(base);

	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(s->statement[i]);
	sqlite3_close(s->db);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static const struct att_pccs_store_ops ops = {
	.name = "sqlite",
	.get = sqlite_get,
	.put = sqlite_put,
	.remove = sqlite_remove,
	.list = sqlite_list,
	.newest = sqlite_newest,
	.close = sqlite_close,
};

/* --- Opening --- */

static att_rc pragma(sqlite3 *db, const char *name, int64_t *out, att_err *err)
{
	char text[64];
	sqlite3_stmt *st = NULL;

	snprintf(text, sizeof(text), "PRAGMA %s", name);
	if (sqlite3_prepare_v2(db, text, -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW) {
		att_rc rc = failed(db, "opening", err);
		sqlite3_finalize(st);
		return rc;
	}
	*out = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return ATT_OK;
}

static att_rc quick_check(sqlite3 *db, att_err *err)
{
	sqlite3_stmt *st = NULL;
	att_rc rc = ATT_OK;

	if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW) {
		rc = failed(db, "checking", err);
	} else {
		const char *said = (const char *)sqlite3_column_text(st, 0);
		if (!said || strcmp(said, "ok") != 0)
			rc = att_fail(err, ATT_E_FORMAT, "store: the database is damaged: %s",
				      said ? said : "nothing said");
	}
	sqlite3_finalize(st);
	return rc;
}

static att_rc check_owner(sqlite3 *db, bool *empty, att_err *err)
{
	int64_t application = 0, version = 0, schema = 0;
	att_rc rc = pragma(db, "application_id", &application, err);

	if (rc == ATT_OK)
		rc = pragma(db, "user_version", &version, err);
	if (rc == ATT_OK)
		rc = pragma(db, "schema_version", &schema, err);
	if (rc != ATT_OK)
		return rc;
	*empty = schema == 0;
	if (*empty)
		return ATT_OK;
	if (application != APPLICATION_ID)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"store: the file is another program's database; name another file");
	if (version != ATT_PCCS_SCHEMA_VERSION)
		return att_fail(err, ATT_E_UNSUPPORTED,
				"store: schema version %lld, this program knows %d",
				(long long)version, ATT_PCCS_SCHEMA_VERSION);
	return quick_check(db, err);
}

static att_rc make_schema(sqlite3 *db, att_err *err)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "BEGIN IMMEDIATE;"
		 "CREATE TABLE IF NOT EXISTS record (kind TEXT NOT NULL, key TEXT NOT NULL, "
		 "tag TEXT NOT NULL, number INTEGER NOT NULL, issued INTEGER NOT NULL, "
		 "expires INTEGER NOT NULL, fetched INTEGER NOT NULL, body BLOB NOT NULL, "
		 "chain BLOB NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;"
		 "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
		 APPLICATION_ID, ATT_PCCS_SCHEMA_VERSION);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		return failed(db, "creating", err);
	return ATT_OK;
}

/* Made first, so that it never was readable to others. */
static att_rc make_file(const char *path, att_err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return att_fail(err, ATT_E_IO, "store: %s: %s", path, strerror(errno));
	close(fd);
	return ATT_OK;
}

static att_rc prepare(struct sqlite_store *s, att_err *err)
{
	for (int i = 0; i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &s->statement[i], NULL) != SQLITE_OK)
			return failed(s->db, "preparing", err);
	return ATT_OK;
}

static att_rc open_into(struct sqlite_store *s, const char *path, att_err *err)
{
	bool empty = false;
	att_rc rc = make_file(path, err);

	if (rc != ATT_OK)
		return rc;
	if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL) !=
	    SQLITE_OK)
		return failed(s->db, "opening", err);
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, 2 * (int)ATT_PCCS_BODY_MAX);
	rc = check_owner(s->db, &empty, err);
	if (rc != ATT_OK)
		return rc;
	if (sqlite3_exec(s->db,
			 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
			 "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -2048",
			 NULL, NULL, NULL) != SQLITE_OK)
		return failed(s->db, "opening", err);
	if (empty)
		rc = make_schema(s->db, err);
	return rc == ATT_OK ? prepare(s, err) : rc;
}

static att_rc open_once(const char *path, att_pccs_store **out, att_err *err)
{
	struct sqlite_store *s = calloc(1, sizeof(*s));

	if (!s)
		return att_fail(err, ATT_E_NOMEM, "store: out of memory");
	s->base.ops = &ops;
	pthread_mutex_init(&s->lock, NULL);
	att_rc rc = open_into(s, path, err);
	if (rc != ATT_OK) {
		sqlite_close(&s->base);
		return rc;
	}
	*out = &s->base;
	return ATT_OK;
}

static bool join(char *out, const char *a, const char *b, const char *c)
{
	int n = snprintf(out, PATH_ROOM, "%s%s%s", a, b, c);

	return n > 0 && n < PATH_ROOM;
}

/* The log and the shared memory belong to the damaged file: they must not meet the new one. */
static att_rc move_aside(const char *path, int64_t now, char *moved, att_err *err)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char from[PATH_ROOM], to[PATH_ROOM];
	char stamp[ATT_TIME_TEXT];

	att_time_format(now, stamp);
	bool fits = join(moved, path, ".damaged-", stamp);
	for (size_t i = 0; i < ATT_COUNT(ends); i++) {
		fits = fits && join(from, path, ends[i], "") && join(to, moved, ends[i], "");
		if (!fits)
			return att_fail(err, ATT_E_ARG, "store: the path is too long");
		if (rename(from, to) != 0 && (i == 0 || errno != ENOENT))
			return att_fail(err, ATT_E_IO, "store: moving %s aside: %s", from,
					strerror(errno));
	}
	return ATT_OK;
}

att_rc att_pccs_sqlite_open(const char *path, int64_t now, char *moved, att_pccs_store **out,
			    att_err *err)
{
	*out = NULL;
	*moved = '\0';
	att_rc rc = open_once(path, out, err);
	if (rc != ATT_E_FORMAT)
		return rc;
	rc = move_aside(path, now, moved, err);
	return rc == ATT_OK ? open_once(path, out, err) : rc;
}
