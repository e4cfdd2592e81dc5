/* SPDX-License-Identifier: Apache-2.0 */
/* The tamper matrix: every truncation, every single-bit flip and every deletion over one authentic
 * case, through the public API only. What still verifies must be one of the reasons below, and give
 * the same verdict.
 *
 * usage: tamper DIR COLLATERAL ROOT|intel TIME EVERY SEED
 *
 * DIR holds quote.dat. The quote is cut at every length; of all else one in EVERY is tried, chosen
 * by SEED (1: all of them). One JSON line per kind of mutation; exit status 1 when something
 * verifies without a reason, 2 when the case itself does not. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/attest.h"

#define FILE_MAX_LEN ((size_t)1 << 20)

/* Why a changed input may still verify: it says the same. */
enum reason {
	REASON_NONE,        /* refused */
	REASON_HEX_CASE,    /* bit 5 of a hexadecimal letter is its case */
	REASON_LINE_BREAK,  /* white space of PEM text, or the NUL behind it */
	REASON_BASE64_REST, /* bits of base64's last letter that stand for no byte */
	REASON_PADDING,     /* zero padding after the signature data is allowed in any length */
	REASON_CONTAINER,   /* the container changed, the items in it did not */
	REASON_OPTIONAL,    /* the item may be absent: the quote carries its own PCK chain */
	REASON_LOOKUP,      /* data of types 1 to 3 name the PCK certificate; nothing signs them */
	REASON_COUNT
};

static const char *const reason_names[REASON_COUNT] = {
	"",          "hex case",      "PEM line break",   "base64 rest", "zero padding",
	"container", "optional item", "PCK look-up data",
};

struct bytes {
	uint8_t *ptr;
	size_t len;
};

struct matrix {
	struct bytes quote;
	struct bytes container;
	att_collateral *collateral;
	att_roots *roots;
	int64_t now;
	enum att_tcb_status status; /* of the untouched case */
	size_t end;                 /* of the signature data in the quote */
	size_t cert_at;             /* certification data: offset, length, type */
	size_t cert_len;
	unsigned cert_type;
	uint64_t every;
	uint64_t seed;
	size_t unexplained;
};

struct tally {
	size_t tried;
	size_t refused;
	size_t accepted[REASON_COUNT];
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "tamper: %s: %s\n", what, why);
	exit(2);
}

static struct bytes read_file(const char *dir, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s%s%s", dir ? dir : "", dir ? "/" : "", name);
	FILE *f = fopen(path, "rb");

	if (!f)
		die(path, "can not be read");
	struct bytes b = { .ptr = malloc(FILE_MAX_LEN) };

	if (!b.ptr)
		die(path, "out of memory");
	b.len = fread(b.ptr, 1, FILE_MAX_LEN, f);
	fclose(f);
	return b;
}

static att_bytes view(struct bytes b)
{
	return att_bytes_of(b.ptr, b.len);
}

/* splitmix64: the same choice of flips for the same seed, everywhere. */
static bool chosen(const struct matrix *m, uint64_t i)
{
	uint64_t z = (i + m->seed) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % m->every == 0;
}

static att_rc verify(const struct matrix *m, att_bytes quote, const att_collateral *collateral,
		     enum att_tcb_status *status, att_err *err)
{
	att_evidence *evidence = NULL;
	att_verdict *verdict = NULL;
	att_rc rc = att_evidence_parse(quote, &evidence, err);

	*status = ATT_TCB_NONE;
	if (rc != ATT_OK)
		return rc;
	struct att_verify_in in = { .evidence = evidence,
				    .collateral = collateral,
				    .roots = m->roots,
				    .now = m->now,
				    .bound_data = ATT_UNBOUND };

	rc = att_verify(&in, NULL, &verdict, err);
	if ((rc == ATT_OK) != (verdict != NULL))
		die("att_verify", "a verdict and an error, or neither");
	if (verdict)
		*status = att_verdict_tcb(verdict)->status;
	att_verdict_free(verdict);
	att_evidence_free(evidence);
	return rc;
}

static void count(struct matrix *m, struct tally *t, const char *what, size_t at, att_rc rc,
		  enum att_tcb_status status, enum reason reason)
{
	t->tried++;
	if (rc != ATT_OK) {
		t->refused++;
	} else if (reason == REASON_NONE || status != m->status) {
		m->unexplained++;
		printf("{\"unexplained\":\"%s\",\"at\":%zu,\"reason\":\"%s\",\"status\":%d}\n",
		       what, at, reason_names[reason], (int)status);
	} else {
		t->accepted[reason]++;
	}
}

static void say(const char *what, const struct tally *t)
{
	printf("{\"mutation\":\"%s\",\"tried\":%zu,\"refused\":%zu,\"accepted\":{", what, t->tried,
	       t->refused);
	const char *comma = "";

	for (int i = 1; i < REASON_COUNT; i++) {
		if (t->accepted[i]) {
			printf("%s\"%s\":%zu", comma, reason_names[i], t->accepted[i]);
			comma = ",";
		}
	}
	puts("}}");
}

static bool is_hex_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_pem(att_bytes text)
{
	return text.len > 11 && memcmp(text.ptr, "-----BEGIN ", 11) == 0;
}

static bool is_hex_item(enum att_item item)
{
	return item == ATT_ITEM_ROOT_CA_CRL || item == ATT_ITEM_PCK_CRL ||
	       item == ATT_ITEM_TCB_INFO_SIGNATURE || item == ATT_ITEM_QE_IDENTITY_SIGNATURE;
}

/* Is the letter at `i` the last of a base64 text? Not all of its six bits stand for bytes then. */
static bool is_base64_rest(att_bytes text, size_t i)
{
	size_t j = i + 1;

	while (j < text.len && is_space(text.ptr[j]))
		j++;
	return j < text.len && text.ptr[j] == '=';
}

/* The reason for which PEM text with the byte at `i` changed to `now` may say the same. */
static enum reason pem_reason(att_bytes text, size_t i, uint8_t now)
{
	if ((is_space(text.ptr[i]) || text.ptr[i] == 0) && is_space(now))
		return REASON_LINE_BREAK;
	return is_base64_rest(text, i) ? REASON_BASE64_REST : REASON_NONE;
}

static enum reason item_reason(enum att_item item, att_bytes text, size_t i, uint8_t now)
{
	if (is_pem(text))
		return pem_reason(text, i, now);
	if (is_hex_item(item) && is_hex_letter(text.ptr[i]) && (text.ptr[i] ^ now) == 0x20)
		return REASON_HEX_CASE;
	return REASON_NONE;
}

/* The reason for which the quote with the byte at `i` changed to `now` may say the same. */
static enum reason quote_reason(const struct matrix *m, size_t i, uint8_t now)
{
	if (i < m->cert_at || i >= m->cert_at + m->cert_len)
		return REASON_NONE;
	if (m->cert_type <= 3)
		return REASON_LOOKUP;
	return pem_reason(att_bytes_of(m->quote.ptr + m->cert_at, m->cert_len), i - m->cert_at,
			  now);
}

static void truncate_quote(struct matrix *m)
{
	struct tally t = { 0 };

	for (size_t len = 0; len < m->quote.len; len++) {
		enum att_tcb_status status;
		att_rc rc =
		    verify(m, att_bytes_of(m->quote.ptr, len), m->collateral, &status, NULL);

		count(m, &t, "quote cut", len, rc, status,
		      len >= m->end ? REASON_PADDING : REASON_NONE);
	}
	say("quote cut", &t);
}

static void flip_quote(struct matrix *m)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < m->quote.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			if (!chosen(m, i * 8 + bit))
				continue;
			enum att_tcb_status status;
			uint8_t was = m->quote.ptr[i];
			uint8_t now = (uint8_t)(was ^ (1u << bit));

			m->quote.ptr[i] = now;
			att_rc rc = verify(m, view(m->quote), m->collateral, &status, NULL);

			m->quote.ptr[i] = was;
			enum reason reason = quote_reason(m, i, now);

			count(m, &t, "quote bit", i * 8 + bit, rc, status, reason);
		}
	}
	say("quote bit", &t);
}

static void set_item(att_collateral *c, enum att_item item, att_bytes value)
{
	if (att_collateral_set(c, item, value, NULL) != ATT_OK)
		die(att_item_name(item), "can not be set");
}

/* The item's bytes in memory of ours, which may be changed. */
static struct bytes copy_item(const struct matrix *m, enum att_item item)
{
	att_bytes from = att_collateral_get(m->collateral, item);
	struct bytes b = { .ptr = malloc(from.len + 1), .len = from.len };

	if (!b.ptr)
		die(att_item_name(item), "out of memory");
	if (from.len)
		memcpy(b.ptr, from.ptr, from.len);
	return b;
}

/* Does the quote carry its own PCK chain? Then the collateral's is optional. */
static bool has_own_chain(const struct matrix *m)
{
	return m->cert_type >= 4;
}

static void flip_item(struct matrix *m, enum att_item item)
{
	struct tally t = { 0 };
	struct bytes b = copy_item(m, item);
	char what[80];

	snprintf(what, sizeof(what), "%s bit", att_item_name(item));
	for (size_t i = 0; i < b.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			if (!chosen(m, i * 8 + bit))
				continue;
			enum att_tcb_status status;
			uint8_t was = b.ptr[i];
			uint8_t now = (uint8_t)(was ^ (1u << bit));

			b.ptr[i] = now;
			set_item(m->collateral, item, view(b));
			att_rc rc = verify(m, view(m->quote), m->collateral, &status, NULL);

			b.ptr[i] = was;
			count(m, &t, what, i * 8 + bit, rc, status,
			      item_reason(item, view(b), i, now));
		}
	}
	set_item(m->collateral, item, view(b));
	free(b.ptr);
	say(what, &t);
}

static void truncate_item(struct matrix *m, enum att_item item)
{
	struct tally t = { 0 };
	struct bytes b = copy_item(m, item);
	char what[80];

	snprintf(what, sizeof(what), "%s cut", att_item_name(item));
	for (size_t len = 0; len < b.len; len++) {
		if (!chosen(m, len) && len + 1 < b.len)
			continue;
		enum att_tcb_status status;
		enum reason reason = REASON_NONE;

		if (len == 0 && item == ATT_ITEM_PCK_CERTIFICATE_CHAIN && has_own_chain(m))
			reason = REASON_OPTIONAL;
		else if (is_pem(view(b)) && is_space(b.ptr[len]) && len + 1 == b.len)
			reason = REASON_LINE_BREAK;
		set_item(m->collateral, item, att_bytes_of(b.ptr, len));
		att_rc rc = verify(m, view(m->quote), m->collateral, &status, NULL);

		count(m, &t, what, len, rc, status, reason);
	}
	set_item(m->collateral, item, view(b));
	free(b.ptr);
	say(what, &t);
}

/* A deleted item must be missed by name. */
static void delete_item(struct matrix *m, enum att_item item, struct tally *t)
{
	struct bytes b = copy_item(m, item);
	att_err err = { 0 };
	enum att_tcb_status status;

	set_item(m->collateral, item, att_bytes_of(NULL, 0));
	att_rc rc = verify(m, view(m->quote), m->collateral, &status, &err);

	set_item(m->collateral, item, view(b));
	free(b.ptr);
	bool optional = item == ATT_ITEM_PCK_CERTIFICATE_CHAIN && has_own_chain(m);

	if (!optional && (rc != ATT_E_MISSING || !strstr(err.msg, att_item_name(item)))) {
		m->unexplained++;
		printf("{\"unexplained\":\"%s deleted\",\"code\":\"%s\",\"message\":\"%s\"}\n",
		       att_item_name(item), att_rc_name(rc), err.msg);
	}
	count(m, t, "deleted", (size_t)item, rc, status, optional ? REASON_OPTIONAL : REASON_NONE);
}

/* The reason for which changed collateral may say the same: its items are the old ones, or one of
 * them is but for a byte that has a reason of its own. */
static enum reason container_reason(const struct matrix *m, const att_collateral *changed)
{
	enum reason reason = REASON_CONTAINER;

	for (int item = 0; item < ATT_ITEM_COUNT; item++) {
		att_bytes old = att_collateral_get(m->collateral, (enum att_item)item);
		att_bytes now = att_collateral_get(changed, (enum att_item)item);

		if (now.len == 0 && old.len && item == ATT_ITEM_PCK_CERTIFICATE_CHAIN &&
		    has_own_chain(m)) {
			reason = REASON_OPTIONAL;
			continue;
		}
		if (now.len != old.len)
			return REASON_NONE;
		for (size_t i = 0; i < old.len; i++) {
			if (old.ptr[i] == now.ptr[i])
				continue;
			reason = item_reason((enum att_item)item, old, i, now.ptr[i]);
			if (reason == REASON_NONE)
				return REASON_NONE;
		}
	}
	return reason;
}

static void flip_container(struct matrix *m)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < m->container.len; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			if (!chosen(m, i * 8 + bit))
				continue;
			att_collateral *changed = NULL;
			enum att_tcb_status status = ATT_TCB_NONE;
			enum reason reason = REASON_NONE;

			m->container.ptr[i] ^= (uint8_t)(1u << bit);
			att_rc rc = att_collateral_parse(view(m->container), &changed, NULL);

			m->container.ptr[i] ^= (uint8_t)(1u << bit);
			if (rc == ATT_OK) {
				rc = verify(m, view(m->quote), changed, &status, NULL);
				reason = container_reason(m, changed);
			}
			att_collateral_free(changed);
			count(m, &t, "container bit", i * 8 + bit, rc, status, reason);
		}
	}
	say("container bit", &t);
}

static void truncate_container(struct matrix *m)
{
	struct tally t = { 0 };

	for (size_t len = 0; len < m->container.len; len++) {
		if (!chosen(m, len))
			continue;
		att_collateral *changed = NULL;
		enum att_tcb_status status = ATT_TCB_NONE;
		enum reason reason = REASON_NONE;
		att_rc rc =
		    att_collateral_parse(att_bytes_of(m->container.ptr, len), &changed, NULL);

		if (rc == ATT_OK) {
			rc = verify(m, view(m->quote), changed, &status, NULL);
			reason = container_reason(m, changed);
		}
		att_collateral_free(changed);
		count(m, &t, "container cut", len, rc, status, reason);
	}
	say("container cut", &t);
}

static void measure_quote(struct matrix *m)
{
	att_evidence *evidence = NULL;
	att_err err = { 0 };

	if (att_evidence_parse(view(m->quote), &evidence, &err) != ATT_OK)
		die("quote.dat", err.msg);
	const struct att_quote *q = att_evidence_quote(evidence);

	m->end = m->quote.len - q->padding;
	m->cert_at = q->cert_data_offset;
	m->cert_len = q->cert_data.len;
	m->cert_type = q->cert_type;
	att_evidence_free(evidence);
}

static void load(struct matrix *m, char **argv)
{
	att_err err = { 0 };

	m->quote = read_file(argv[1], "quote.dat");
	m->container = read_file(NULL, argv[2]);
	if (att_collateral_parse(view(m->container), &m->collateral, &err) != ATT_OK)
		die(argv[2], err.msg);
	if (strcmp(argv[3], "intel") == 0) {
		m->roots = att_roots_intel();
	} else {
		struct bytes root = read_file(NULL, argv[3]);

		m->roots = att_roots_new();
		if (!m->roots || att_roots_add(m->roots, view(root), "test", &err) != ATT_OK)
			die(argv[3], err.msg);
		free(root.ptr);
	}
	if (!m->roots)
		die("roots", "out of memory");
	m->now = (int64_t)strtoll(argv[4], NULL, 10);
	m->every = strtoull(argv[5], NULL, 10);
	m->seed = strtoull(argv[6], NULL, 10);
	if (m->every == 0)
		die("EVERY", "must be at least 1");
	if (verify(m, view(m->quote), m->collateral, &m->status, &err) != ATT_OK)
		die(argv[1], err.msg);
	measure_quote(m);
}

int main(int argc, char **argv)
{
	struct matrix m = { 0 };
	struct tally deleted = { 0 };

	if (argc != 7)
		die("usage", "tamper DIR COLLATERAL ROOT|intel TIME EVERY SEED");
	load(&m, argv);
	truncate_quote(&m);
	flip_quote(&m);
	for (int item = 0; item < ATT_ITEM_COUNT; item++) {
		if (att_collateral_get(m.collateral, (enum att_item)item).len == 0)
			continue;
		delete_item(&m, (enum att_item)item, &deleted);
		truncate_item(&m, (enum att_item)item);
		flip_item(&m, (enum att_item)item);
	}
	say("item deleted", &deleted);
	truncate_container(&m);
	flip_container(&m);
	printf("{\"unexplained_total\":%zu}\n", m.unexplained);
	att_collateral_free(m.collateral);
	att_roots_free(m.roots);
	free(m.quote.ptr);
	free(m.container.ptr);
	return m.unexplained ? 1 : 0;
}
