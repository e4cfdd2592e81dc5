/* SPDX-License-Identifier: Apache-2.0 */
/* pccs_store WHERE: what every store of the caching service has to do, on a SQLite file or a
 * postgresql:// URL, for tests/program/test_pccs_store.py. Prints "ok NAME" for each case.
 * pccs_store WHERE fill N: puts N records in transactions of three, printing each number that is
 * committed; what was printed has to be there afterwards, and a transaction whole or not at all.
 * pccs_store WHERE count: checks that, and prints the greatest number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "service/pccs/store.h"

static const char *doing = "";

static void check_at(bool good, const char *what, int line)
{
	if (good)
		return;
	fprintf(stderr, "%s: line %d: %s\n", doing, line, what);
	exit(1);
}
#define check(x) check_at((x), #x, __LINE__)

static att_pccs_store *open_store(const char *where)
{
	static char moved[4096];
	att_pccs_store *s = NULL;
	att_err err = { 0 };
	att_rc rc = strncmp(where, "postgresql://", 13) == 0
			? att_pccs_postgres_open(where, &s, &err)
			: att_pccs_sqlite_open(where, 1750000000, moved, &s, &err);

	if (rc != ATT_OK) {
		fprintf(stderr, "%s\n", err.msg);
		exit(2);
	}
	return s;
}

static struct att_pccs_record record(const char *kind, const char *key, int64_t number,
				     int64_t issued, const char *body)
{
	struct att_pccs_record r = {
		.number = number, .issued = issued, .expires = INT64_MAX, .fetched = 7
	};

	check(att_pccs_copy_text(r.kind, sizeof(r.kind), kind));
	check(att_pccs_copy_text(r.key, sizeof(r.key), key));
	check(att_pccs_copy_text(r.tag, sizeof(r.tag), "tag"));
	r.body = att_bytes_of((const uint8_t *)body, strlen(body));
	r.chain = att_bytes_of((const uint8_t *)"chain", 5);
	return r;
}

static bool put(att_pccs_store *s, struct att_pccs_record r)
{
	bool kept = false;

	check(s->ops->put(s, &r, 1, &kept, NULL) == ATT_OK);
	return kept;
}

static bool holds(att_pccs_store *s, const char *kind, const char *key, const char *body)
{
	att_auto_record struct att_pccs_record r = { 0 };
	att_rc rc = s->ops->get(s, kind, key, &r, NULL);

	if (!body)
		return rc == ATT_E_MISSING;
	return rc == ATT_OK && r.body.len == strlen(body) &&
	       memcmp(r.body.ptr, body, strlen(body)) == 0;
}

static void all_comes_back(att_pccs_store *s)
{
	static const uint8_t bytes[] = { 0, 1, 0xff, '\'', '\\', 0 };
	struct att_pccs_record r = record("document", "/a?b='c'", -5, 1750000000, "");
	att_auto_record struct att_pccs_record back = { 0 };

	r.expires = INT64_MIN;
	r.body = att_bytes_of(bytes, sizeof(bytes));
	r.chain = att_bytes_of(NULL, 0);
	check(put(s, r));
	check(s->ops->get(s, "document", "/a?b='c'", &back, NULL) == ATT_OK);
	check(strcmp(back.kind, r.kind) == 0 && strcmp(back.tag, r.tag) == 0);
	check(back.number == -5 && back.issued == 1750000000);
	check(back.expires == INT64_MIN && back.fetched == 7);
	check(att_bytes_eq(back.body, r.body) && back.chain.len == 0);
	check(holds(s, "document", "/a", NULL));
	check(holds(s, "platform", "/a?b='c'", NULL));
}

static void the_newer_stays(att_pccs_store *s)
{
	check(put(s, record("document", "n", 5, 100, "first")));
	check(!put(s, record("document", "n", 4, 900, "older number")));
	check(!put(s, record("document", "n", 5, 99, "older date")));
	check(holds(s, "document", "n", "first"));
	check(put(s, record("document", "n", 5, 100, "same")));
	check(put(s, record("document", "n", 5, 101, "newer date")));
	check(put(s, record("document", "n", 6, 1, "newer number")));
	check(holds(s, "document", "n", "newer number"));
}

static void many_at_once(att_pccs_store *s)
{
	struct att_pccs_record r[3] = { record("document", "m1", 1, 1, "a"),
					record("document", "n", 0, 0, "too old"),
					record("document", "m2", 1, 1, "b") };
	bool kept[3] = { false };

	check(s->ops->put(s, r, 3, kept, NULL) == ATT_OK);
	check(kept[0] && !kept[1] && kept[2]);
	check(holds(s, "document", "m1", "a") && holds(s, "document", "m2", "b"));
}

struct seen {
	char keys[256];
	size_t most;
};

static bool visit(void *ctx, const struct att_pccs_record *r)
{
	struct seen *seen = ctx;

	strcat(seen->keys, r->key);
	strcat(seen->keys, " ");
	return --seen->most > 0;
}

static void lists_are_sorted_and_end(att_pccs_store *s)
{
	struct seen all = { "", 100 }, two = { "", 2 };

	check(put(s, record("policy", "b", 0, 0, "")));
	check(put(s, record("policy", "a", 0, 0, "")));
	check(put(s, record("policy", "C", 0, 0, "")));
	check(s->ops->list(s, "policy", visit, &all, NULL) == ATT_OK);
	check(strcmp(all.keys, "C a b ") == 0);
	check(s->ops->list(s, "policy", visit, &two, NULL) == ATT_OK);
	check(strcmp(two.keys, "C a ") == 0);
	check(s->ops->remove(s, "policy", "a", NULL) == ATT_OK);
	check(s->ops->remove(s, "policy", "nothing", NULL) == ATT_OK);
	check(holds(s, "policy", "a", NULL));
}

static void the_newest_date_is_of_documents(att_pccs_store *s)
{
	int64_t newest = 0;

	check(put(s, record("document", "z", 0, 2000000000, "")));
	check(put(s, record("policy", "z", 0, 3000000000, "")));
	check(s->ops->newest(s, &newest, NULL) == ATT_OK);
	check(newest == 2000000000);
}

static void large_records(att_pccs_store *s)
{
	att_auto_record struct att_pccs_record back = { 0 };
	struct att_pccs_record r = record("document", "large", 0, 0, "");
	uint8_t *bytes = malloc(ATT_PCCS_BODY_MAX);

	check(bytes != NULL);
	for (size_t i = 0; i < ATT_PCCS_BODY_MAX; i++)
		bytes[i] = (uint8_t)(i * 31);
	r.body = att_bytes_of(bytes, ATT_PCCS_BODY_MAX);
	check(put(s, r));
	check(s->ops->get(s, "document", "large", &back, NULL) == ATT_OK);
	check(att_bytes_eq(back.body, r.body));
	free(bytes);
}

static void another_connection_sees_it(att_pccs_store *s, const char *where)
{
	att_pccs_store *other = open_store(where);

	check(put(s, record("document", "shared", 1, 1, "one")));
	check(holds(other, "document", "shared", "one"));
	check(put(other, record("document", "shared", 2, 1, "two")));
	check(!put(s, record("document", "shared", 1, 9, "one again")));
	check(holds(s, "document", "shared", "two"));
	att_pccs_store_close(other);
}

static void cases(const char *where)
{
	static const struct {
		const char *name;
		void (*run)(att_pccs_store *s);
	} list[] = {
		{ "all comes back", all_comes_back },
		{ "the newer stays", the_newer_stays },
		{ "many at once", many_at_once },
		{ "lists are sorted and end", lists_are_sorted_and_end },
		{ "the newest date is of documents", the_newest_date_is_of_documents },
		{ "large records", large_records },
	};
	att_pccs_store *s = open_store(where);
	int64_t newest = 0;

	doing = "empty";
	check(s->ops->newest(s, &newest, NULL) == ATT_OK && newest == INT64_MIN);
	for (size_t i = 0; i < ATT_COUNT(list); i++) {
		doing = list[i].name;
		list[i].run(s);
		printf("ok %s\n", doing);
	}
	doing = "another connection sees it";
	another_connection_sees_it(s, where);
	printf("ok %s\n", doing);
	att_pccs_store_close(s);
}

#define GROUP 3

static void name_of(char *out, size_t room, long n, int part)
{
	snprintf(out, room, "fill/%06ld/%d", n, part);
}

static void fill(const char *where, long count)
{
	att_pccs_store *s = open_store(where);

	for (long n = 1; n <= count; n++) {
		struct att_pccs_record r[GROUP];
		bool kept[GROUP];
		char key[64], body[64];
		snprintf(body, sizeof(body), "body of %ld", n);
		for (int part = 0; part < GROUP; part++) {
			name_of(key, sizeof(key), n, part);
			r[part] = record("document", key, n, n, body);
		}
		check(s->ops->put(s, r, GROUP, kept, NULL) == ATT_OK);
		printf("%ld\n", n);
		fflush(stdout);
	}
	att_pccs_store_close(s);
}

static void count(const char *where)
{
	att_pccs_store *s = open_store(where);
	char key[64], body[64];
	long n = 0;

	for (bool there = true; there;) {
		n++;
		snprintf(body, sizeof(body), "body of %ld", n);
		name_of(key, sizeof(key), n, 0);
		there = holds(s, "document", key, body);
		for (int part = 0; part < GROUP; part++) {
			name_of(key, sizeof(key), n, part);
			check(holds(s, "document", key, there ? body : NULL));
		}
	}
	printf("%ld\n", n - 1);
	att_pccs_store_close(s);
}

int main(int argc, char **argv)
{
	if (argc == 2)
		cases(argv[1]);
	else if (argc == 4 && strcmp(argv[2], "fill") == 0)
		fill(argv[1], atol(argv[3]));
	else if (argc == 3 && strcmp(argv[2], "count") == 0)
		count(argv[1]);
	else
		return 2;
	return fflush(stdout) == 0 ? 0 : 1;
}
