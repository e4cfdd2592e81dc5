/* SPDX-License-Identifier: Apache-2.0 */
/* Where the caching service keeps what it has verified: one table of records behind an ops table,
 * in a SQLite file of its own or in a PostgreSQL database that several replicas share. Nothing is
 * put here that was not authenticated before (service/pccs/accept.h). */
#ifndef ATT_SERVICE_PCCS_STORE_H
#define ATT_SERVICE_PCCS_STORE_H

#include "attest/base.h"

#define ATT_PCCS_KEY_MAX  511u
#define ATT_PCCS_TAG_MAX  31u
#define ATT_PCCS_BODY_MAX ((size_t)2 << 20)

/* Kinds of records. */
#define ATT_PCCS_DOCUMENT   "document"   /* TCB info, identities, CRLs, lists */
#define ATT_PCCS_PLATFORM   "platform"   /* a platform and its PCK certificates; tag: FMSPC */
#define ATT_PCCS_REGISTERED "registered" /* a platform that waits for its certificates */
#define ATT_PCCS_POLICY     "policy"     /* an appraisal policy; tag: FMSPC */

/* One record. What a store fills in lends from `owned`; free with att_pccs_record_free(). */
struct att_pccs_record {
	char kind[16];
	char key[ATT_PCCS_KEY_MAX + 1];
	char tag[ATT_PCCS_TAG_MAX + 1];
	/* Which of two records of one key is the newer: by number, then by date of issue. */
	int64_t number;
	int64_t issued;
	int64_t expires; /* INT64_MAX: never */
	int64_t fetched;
	att_bytes body;
	att_bytes chain; /* issuer chain, PEM */
	uint8_t *owned;
};
void att_pccs_record_free(struct att_pccs_record *r);
#define att_auto_record __attribute__((cleanup(att_pccs_record_free)))

/* For each record of a listing; lent until it returns. false ends the listing. It must not call the
 * store. */
typedef bool att_pccs_visit(void *ctx, const struct att_pccs_record *r);

typedef struct att_pccs_store att_pccs_store;

/* Every call may come from any thread. Errors of all: ATT_E_UNAVAILABLE (locked, no connection, try
 * again), ATT_E_IO (disk full, I/O error), ATT_E_FORMAT (the database is damaged), ATT_E_NOMEM. */
struct att_pccs_store_ops {
	const char *name;
	/* ATT_E_MISSING when there is none. */
	att_rc (*get)(att_pccs_store *s, const char *kind, const char *key,
		      struct att_pccs_record *out, att_err *err);
	/* Puts all records or, after an error, none. kept[i] tells whether record i is in the store
	 * now: false where a newer one stood there, which stays. */
	att_rc (*put)(att_pccs_store *s, const struct att_pccs_record *r, size_t count, bool *kept,
		      att_err *err);
	att_rc (*remove)(att_pccs_store *s, const char *kind, const char *key, att_err *err);
	/* In the order of their keys. */
	att_rc (*list)(att_pccs_store *s, const char *kind, att_pccs_visit *visit, void *ctx,
		       att_err *err);
	/* The newest date of issue among the documents; INT64_MIN when there are none. */
	att_rc (*newest)(att_pccs_store *s, int64_t *issued, att_err *err);
	void (*close)(att_pccs_store *s);
};

struct att_pccs_store {
	const struct att_pccs_store_ops *ops;
};

#define ATT_PCCS_SCHEMA_VERSION 1

/* Opens or creates a SQLite file (mode 0600, write-ahead log). A file that is damaged is moved
 * aside, `moved` (at least 4096 bytes) gets its new name ("" otherwise), and an empty one takes its
 * place: what it held is fetched again. `now` makes the name. A file of a newer schema is
 * ATT_E_UNSUPPORTED, one that is no store of this program ATT_E_FORMAT; both stay as they are. */
att_rc att_pccs_sqlite_open(const char *path, int64_t now, char *moved, att_pccs_store **out,
			    att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3, 4);

/* Connects by a postgresql:// URL and makes the table where there is none. The URL's password is
 * never part of a message. */
att_rc att_pccs_postgres_open(const char *url, att_pccs_store **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(1, 2);

void att_pccs_store_close(att_pccs_store *s);

/* Fills `out` with copies of body and chain; used by the stores. ATT_E_NOMEM. */
att_rc att_pccs_record_own(struct att_pccs_record *out, att_bytes body, att_bytes chain,
			   att_err *err) ATT_MUST_USE ATT_NONNULL(1);
/* Copies a text into one of a record's arrays; false when it is too long. */
bool att_pccs_copy_text(char *out, size_t room, const char *text) ATT_MUST_USE ATT_NONNULL(1, 3);

#endif
