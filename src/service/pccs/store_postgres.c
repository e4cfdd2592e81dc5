/* SPDX-License-Identifier: Apache-2.0 */
/* The store in a PostgreSQL database, for replicas that share it. One connection, made anew when it
 * breaks; numbers travel as text, bodies as binary parameters. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/pccs/store.h"

#define COLUMNS     "kind, key, tag, number, issued, expires, fetched, body, chain"
#define NUMBER_ROOM 24

/* The lock's number is arbitrary; it keeps two replicas from creating the table at once. */
#define SCHEMA                                                                         \
	"BEGIN; SELECT pg_advisory_xact_lock(7012337615);"                             \
	"CREATE TABLE IF NOT EXISTS attest_pccs_schema (version integer NOT NULL);"    \
	"INSERT INTO attest_pccs_schema SELECT 1 WHERE NOT EXISTS "                    \
	"(SELECT 1 FROM attest_pccs_schema);"                                          \
	"CREATE TABLE IF NOT EXISTS attest_pccs_record (kind text NOT NULL, "          \
	"key text COLLATE \"C\" NOT NULL, tag text NOT NULL, number bigint NOT NULL, " \
	"issued bigint NOT NULL, expires bigint NOT NULL, fetched bigint NOT NULL, "   \
	"body bytea NOT NULL, chain bytea NOT NULL, PRIMARY KEY (kind, key)); COMMIT"

struct postgres_store {
	att_pccs_store base;
	pthread_mutex_t lock;
	PGconn *db;
};

static struct postgres_store *of(att_pccs_store *s)
{
	return (struct postgres_store *)s;
}

/* The database's own words, first line only, without the URL it was reached by. */
static att_rc failed(const char *doing, att_rc rc, const char *said, att_err *err)
{
	int n = said ? (int)strcspn(said, "\n") : 0;

	return att_fail(err, rc, "store: %s: %.*s", doing, n, said ? said : "");
}

static att_rc rc_of(const PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	if (!state)
		return ATT_E_UNAVAILABLE;
	if (strncmp(state, "XX", 2) == 0)
		return ATT_E_FORMAT;
	/* 40: serialization, 53: resources, 55: locked, 57: operator's intervention, 08:
	 * connection (PostgreSQL documentation, appendix A). */
	if (strncmp(state, "53100", 5) == 0)
		return ATT_E_IO;
	static const char *const again[] = { "08", "40", "53", "55", "57" };
	for (size_t i = 0; i < ATT_COUNT(again); i++)
		if (strncmp(state, again[i], 2) == 0)
			return ATT_E_UNAVAILABLE;
	return ATT_E_IO;
}

static att_rc connected(struct postgres_store *s, att_err *err)
{
	if (PQstatus(s->db) == CONNECTION_OK)
		return ATT_OK;
	PQreset(s->db);
	if (PQstatus(s->db) == CONNECTION_OK)
		return ATT_OK;
	return failed("connecting", ATT_E_UNAVAILABLE, PQerrorMessage(s->db), err);
}

struct params {
	const char *value[9];
	int length[9];
	int binary[9];
	int count;
};

static void add_text(struct params *p, const char *text)
{
	p->value[p->count++] = text;
}

static void add_blob(struct params *p, att_bytes b)
{
	p->length[p->count] = (int)b.len;
	p->binary[p->count] = 1;
	p->value[p->count++] = b.len ? (const char *)b.ptr : "";
}

/* The result is the caller's to clear. A connection that broke is made anew once, where nothing was
 * begun on it. */
static att_rc ask(struct postgres_store *s, const char *sql, const struct params *p, bool retry,
		  const char *doing, PGresult **out, att_err *err)
{
	*out = NULL;
	att_rc rc = connected(s, err);
	if (rc != ATT_OK)
		return rc;
	for (int tries = retry ? 2 : 1; tries > 0; tries--) {
		PGresult *res =
		    PQexecParams(s->db, sql, p->count, NULL, p->value, p->length, p->binary, 1);
		ExecStatusType status = PQresultStatus(res);
		if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
			*out = res;
			return ATT_OK;
		}
		rc = failed(doing, rc_of(res), PQresultErrorMessage(res), err);
		PQclear(res);
		if (PQstatus(s->db) == CONNECTION_OK)
			return rc;
		if (tries > 1)
			PQreset(s->db);
	}
	return rc;
}

static bool result_text(const PGresult *res, int row, int at, char *out, size_t room)
{
	return att_pccs_copy_text(out, room, PQgetvalue(res, row, at));
}

static int64_t result_int(const PGresult *res, int row, int at)
{
	const char *p = PQgetvalue(res, row, at);
	uint64_t v = 0;

	for (int i = 0; i < PQgetlength(res, row, at); i++)
		v = v << 8 | (uint8_t)p[i];
	return (int64_t)v;
}

static att_bytes result_blob(const PGresult *res, int row, int at)
{
	return att_bytes_of((const uint8_t *)PQgetvalue(res, row, at),
			    (size_t)PQgetlength(res, row, at));
}

static att_rc read_row(const PGresult *res, int row, struct att_pccs_record *r, att_err *err)
{
	if (!result_text(res, row, 0, r->kind, sizeof(r->kind)) ||
	    !result_text(res, row, 1, r->key, sizeof(r->key)) ||
	    !result_text(res, row, 2, r->tag, sizeof(r->tag)))
		return att_fail(err, ATT_E_FORMAT, "store: a record's name is too long");
	r->number = result_int(res, row, 3);
	r->issued = result_int(res, row, 4);
	r->expires = result_int(res, row, 5);
	r->fetched = result_int(res, row, 6);
	r->body = result_blob(res, row, 7);
	r->chain = result_blob(res, row, 8);
	return ATT_OK;
}

static att_rc postgres_get(att_pccs_store *base, const char *kind, const char *key,
			   struct att_pccs_record *out, att_err *err)
{
	struct postgres_store *s = of(base);
	struct att_pccs_record row = { 0 };
	struct params p = { 0 };
	PGresult *res;

	*out = row;
	add_text(&p, kind);
	add_text(&p, key);
	pthread_mutex_lock(&s->lock);
	att_rc rc = ask(s,
			"SELECT " COLUMNS " FROM attest_pccs_record WHERE kind = $1::text AND "
			"key = $2::text",
			&p, true, "reading", &res, err);
	pthread_mutex_unlock(&s->lock);
	if (rc != ATT_OK)
		return rc;
	if (PQntuples(res) == 0)
		rc = att_fail(err, ATT_E_MISSING, "store: no such record");
	if (rc == ATT_OK)
		rc = read_row(res, 0, &row, err);
	if (rc == ATT_OK)
		rc = att_pccs_record_own(&row, row.body, row.chain, err);
	if (rc == ATT_OK)
		*out = row;
	PQclear(res);
	return rc;
}

static att_rc simple(struct postgres_store *s, const char *sql, bool retry, const char *doing,
		     att_err *err)
{
	const struct params none = { 0 };
	PGresult *res;
	att_rc rc = ask(s, sql, &none, retry, doing, &res, err);

	PQclear(res);
	return rc;
}

static att_rc put_one(struct postgres_store *s, const struct att_pccs_record *r, bool *kept,
		      att_err *err)
{
	static const char sql[] =
	    "INSERT INTO attest_pccs_record AS old (" COLUMNS ") VALUES ($1::text, $2::text, "
	    "$3::text, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bytea, $9::bytea) "
	    "ON CONFLICT (kind, key) DO UPDATE SET tag = excluded.tag, number = excluded.number, "
	    "issued = excluded.issued, expires = excluded.expires, fetched = excluded.fetched, "
	    "body = excluded.body, chain = excluded.chain "
	    "WHERE (excluded.number, excluded.issued) >= (old.number, old.issued)";
	const int64_t numbers[] = { r->number, r->issued, r->expires, r->fetched };
	char text[ATT_COUNT(numbers)][NUMBER_ROOM];
	struct params p = { 0 };
	PGresult *res;

	add_text(&p, r->kind);
	add_text(&p, r->key);
	add_text(&p, r->tag);
	for (size_t i = 0; i < ATT_COUNT(numbers); i++) {
		snprintf(text[i], sizeof(text[i]), "%" PRId64, numbers[i]);
		add_text(&p, text[i]);
	}
	add_blob(&p, r->body);
	add_blob(&p, r->chain);
	att_rc rc = ask(s, sql, &p, false, "writing", &res, err);
	*kept = rc == ATT_OK && strcmp(PQcmdTuples(res), "1") == 0;
	PQclear(res);
	return rc;
}

static att_rc postgres_put(att_pccs_store *base, const struct att_pccs_record *r, size_t count,
			   bool *kept, att_err *err)
{
	struct postgres_store *s = of(base);

	pthread_mutex_lock(&s->lock);
	att_rc rc = simple(s, "BEGIN", true, "beginning to write", err);
	for (size_t i = 0; rc == ATT_OK && i < count; i++)
		rc = put_one(s, &r[i], &kept[i], err);
	if (rc == ATT_OK)
		rc = simple(s, "COMMIT", false, "committing", err);
	if (rc != ATT_OK) {
		memset(kept, 0, count * sizeof(*kept));
		if (PQtransactionStatus(s->db) != PQTRANS_IDLE)
			(void)simple(s, "ROLLBACK", false, "rolling back", NULL);
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static att_rc postgres_remove(att_pccs_store *base, const char *kind, const char *key, att_err *err)
{
	struct postgres_store *s = of(base);
	struct params p = { 0 };
	PGresult *res;

	add_text(&p, kind);
	add_text(&p, key);
	pthread_mutex_lock(&s->lock);
	att_rc rc =
	    ask(s, "DELETE FROM attest_pccs_record WHERE kind = $1::text AND key = $2::text", &p,
		true, "removing", &res, err);
	pthread_mutex_unlock(&s->lock);
	PQclear(res);
	return rc;
}

static att_rc postgres_list(att_pccs_store *base, const char *kind, att_pccs_visit *visit,
			    void *ctx, att_err *err)
{
	struct postgres_store *s = of(base);
	struct params p = { 0 };
	PGresult *res;

	add_text(&p, kind);
	pthread_mutex_lock(&s->lock);
	att_rc rc = ask(s,
			"SELECT " COLUMNS " FROM attest_pccs_record WHERE kind = $1::text "
			"ORDER BY key",
			&p, true, "listing", &res, err);
	pthread_mutex_unlock(&s->lock);
	bool more = true;
	for (int i = 0; rc == ATT_OK && more && i < PQntuples(res); i++) {
		struct att_pccs_record row = { 0 };
		rc = read_row(res, i, &row, err);
		if (rc == ATT_OK)
			more = visit(ctx, &row);
	}
	PQclear(res);
	return rc;
}

static att_rc postgres_newest(att_pccs_store *base, int64_t *issued, att_err *err)
{
	struct postgres_store *s = of(base);
	const struct params none = { 0 };
	PGresult *res;

	pthread_mutex_lock(&s->lock);
	att_rc rc = ask(s, "SELECT max(issued) FROM attest_pccs_record WHERE kind = 'document'",
			&none, true, "reading", &res, err);
	pthread_mutex_unlock(&s->lock);
	if (rc == ATT_OK)
		*issued = PQgetisnull(res, 0, 0) ? INT64_MIN : result_int(res, 0, 0);
	PQclear(res);
	return rc;
}

static void postgres_close(att_pccs_store *base)
{
	struct postgres_store *s = of(base);

	PQfinish(s->db);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

static const struct att_pccs_store_ops ops = {
	.name = "postgresql",
	.get = postgres_get,
	.put = postgres_put,
	.remove = postgres_remove,
	.list = postgres_list,
	.newest = postgres_newest,
	.close = postgres_close,
};

/* Notices ("relation exists, skipping") are not for standard error. */
static void no_notice(void *ctx, const PGresult *res)
{
	(void)ctx;
	(void)res;
}

static att_rc check_schema(struct postgres_store *s, att_err *err)
{
	const struct params none = { 0 };
	PGresult *res = PQexec(s->db, SCHEMA);
	att_rc rc = ATT_OK;

	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		rc = failed("creating the tables", rc_of(res), PQresultErrorMessage(res), err);
	PQclear(res);
	if (rc != ATT_OK)
		return rc;
	rc = ask(s, "SELECT max(version)::bigint FROM attest_pccs_schema", &none, true, "reading",
		 &res, err);
	if (rc == ATT_OK && result_int(res, 0, 0) != ATT_PCCS_SCHEMA_VERSION)
		rc = att_fail(err, ATT_E_UNSUPPORTED,
			      "store: schema version %" PRId64 ", this program knows %d",
			      result_int(res, 0, 0), ATT_PCCS_SCHEMA_VERSION);
	PQclear(res);
	return rc;
}

/* Nobody may wait for ever for a server that does not answer; what the URL says goes before. */
static PGconn *connect_to(const char *url)
{
	static const char *const names[] = { "connect_timeout", "tcp_user_timeout", "dbname",
					     NULL };
	const char *const values[] = { "5", "15000", url, NULL };

	return PQconnectdbParams(names, values, 1);
}

att_rc att_pccs_postgres_open(const char *url, att_pccs_store **out, att_err *err)
{
	*out = NULL;
	struct postgres_store *s = calloc(1, sizeof(*s));
	if (!s)
		return att_fail(err, ATT_E_NOMEM, "store: out of memory");
	s->base.ops = &ops;
	pthread_mutex_init(&s->lock, NULL);
	s->db = connect_to(url);
	att_rc rc = s->db ? ATT_OK : att_fail(err, ATT_E_NOMEM, "store: out of memory");
	if (rc == ATT_OK && PQstatus(s->db) != CONNECTION_OK)
		rc = failed("connecting", ATT_E_UNAVAILABLE, PQerrorMessage(s->db), err);
	if (rc == ATT_OK) {
		PQsetNoticeReceiver(s->db, no_notice, NULL);
		rc = check_schema(s, err);
	}
	if (rc != ATT_OK) {
		postgres_close(&s->base);
		return rc;
	}
	*out = &s->base;
	return ATT_OK;
}
