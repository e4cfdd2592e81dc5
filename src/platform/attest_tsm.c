/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/text.h"
#include "platform/device.h"
#include "platform/tsm.h"

#define BLOB_MAX   ((size_t)32 << 10) /* TSM_REPORT_OUTBLOB_MAX */
#define NAME_TRIES 8
#define PATH_ROOM  128

/* One entry: a folder of ours under ATT_TSM_DIR. */
struct entry {
	char path[PATH_ROOM];
	struct att_pause pause;
};

static void path_of(const struct entry *t, const char *attribute, char out[static PATH_ROOM + 32])
{
	snprintf(out, PATH_ROOM + 32, "%s/%s", t->path, attribute);
}

att_rc att_tsm_probe(att_err *err)
{
	if (att_sys_there(ATT_TSM_DIR, S_IFDIR))
		return ATT_OK;
	if (att_sys_there("/sys/kernel/config", S_IFDIR))
		return att_fail(err, ATT_E_UNAVAILABLE,
				ATT_TSM_DIR ": not there; it comes with Linux 6.7 and modprobe "
					    "tdx_guest or sev-guest, once configfs is mounted "
					    "(mount -t configfs none /sys/kernel/config)");
	return att_fail(err, ATT_E_UNAVAILABLE,
			ATT_TSM_DIR ": not there, nor is /sys/kernel/config; this kernel has no "
				    "configfs, or it is not mounted");
}

static att_rc gone(att_err *err, int e, const char *path)
{
	if (e == ENOENT || e == ENODEV || e == ENXIO || e == ENOTTY)
		return att_fail(err, ATT_E_UNAVAILABLE,
				"%s: the provider vanished while in use (was its module unloaded?)",
				path);
	return att_sys_fail(err, e, path, e == EBUSY ? "others keep it busy; try again" : NULL);
}

static bool passing(int e)
{
	return e == EBUSY || e == EAGAIN || e == ETIMEDOUT;
}

static att_rc entry_make(struct entry *t, att_err *err)
{
	uint8_t salt[8];
	char text[2 * sizeof(salt) + 1];
	int e = EEXIST;

	for (int i = 0; i < NAME_TRIES && e == EEXIST; i++) {
		if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
			return att_fail(err, ATT_E_IO, "getrandom gave no bytes");
		att_hex_encode(att_bytes_of(salt, sizeof(salt)), text);
		snprintf(t->path, sizeof(t->path), ATT_TSM_DIR "/attest-%s", text);
		e = att_sys_mkdir(t->path);
	}
	if (!e)
		return ATT_OK;
	t->path[0] = 0;
	if (e == ENXIO || e == ENODEV)
		return att_fail(err, ATT_E_UNAVAILABLE,
				ATT_TSM_DIR ": no provider is registered; modprobe tdx_guest or "
					    "sev-guest, in a confidential VM");
	return att_sys_fail(err, e, ATT_TSM_DIR,
			    e == EACCES || e == EPERM ? "making an entry needs root" : NULL);
}

/* An entry left behind would hold kernel memory until the next start. */
static void entry_remove(struct entry *t)
{
	while (t->path[0] && att_sys_rmdir(t->path) == EBUSY && att_pause(&t->pause))
		;
}

static att_rc put(struct entry *t, const char *attribute, att_bytes value, att_err *err)
{
	char path[PATH_ROOM + 32];
	int e;

	path_of(t, attribute, path);
	do {
		e = att_sys_write_file(path, value);
	} while (passing(e) && att_pause(&t->pause));
	return e ? gone(err, e, path) : ATT_OK;
}

static att_rc get(struct entry *t, const char *attribute, size_t max, att_buf *out, att_err *err)
{
	char path[PATH_ROOM + 32];
	int e;

	path_of(t, attribute, path);
	do {
		out->len = 0;
		e = att_sys_read_file(path, max, out);
	} while (passing(e) && att_pause(&t->pause));
	if (e == EFBIG)
		return att_fail(err, ATT_E_FORMAT, "%s: more than %zu bytes", path, max);
	return e ? gone(err, e, path) : ATT_OK;
}

static bool entry_has(const struct entry *t, const char *attribute)
{
	char path[PATH_ROOM + 32];

	path_of(t, attribute, path);
	return att_sys_there(path, 0);
}

/* A decimal number and its line end. */
static att_rc get_number(struct entry *t, const char *attribute, uint64_t *out, att_err *err)
{
	att_auto_buf att_buf text = { 0 };
	uint64_t v = 0;
	size_t i = 0;

	att_rc rc = get(t, attribute, 32, &text, err);
	if (rc != ATT_OK)
		return rc;
	for (; i < text.len && i < 19 && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(text.ptr[i] - '0');
	if (i == 0 || (i < text.len && text.ptr[i] != '\n'))
		return att_fail(err, ATT_E_FORMAT, "%s/%s: no number", t->path, attribute);
	*out = v;
	return ATT_OK;
}

static const char *const known_providers[] = { "tdx_guest", "sev_guest" };

static att_rc check_provider(struct entry *t, const char *wanted, const char **name, att_err *err)
{
	att_auto_buf att_buf text = { 0 };

	att_rc rc = get(t, "provider", 64, &text, err);
	if (rc != ATT_OK)
		return rc;
	while (text.len && text.ptr[text.len - 1] == '\n')
		text.len--;
	*name = NULL;
	for (size_t i = 0; i < ATT_COUNT(known_providers); i++)
		if (att_bytes_eq(att_buf_bytes(&text),
				 att_bytes_of(known_providers[i], strlen(known_providers[i]))))
			*name = known_providers[i];
	if (*name && (!wanted || strcmp(*name, wanted) == 0))
		return ATT_OK;
	att_put_u8(&text, 0);
	return att_fail(err, ATT_E_UNAVAILABLE, ATT_TSM_DIR ": its provider is %.32s, not %s",
			text.ptr ? (const char *)text.ptr : "", wanted ? wanted : "one known here");
}

/* Under an SVSM the guest does not run at the most privileged level, and may not ask for it. */
static att_rc set_privilege(struct entry *t, att_err *err)
{
	uint64_t floor = 0;
	char text[24];

	if (!entry_has(t, "privlevel_floor"))
		return ATT_OK;
	att_rc rc = get_number(t, "privlevel_floor", &floor, err);
	if (rc != ATT_OK || floor == 0)
		return rc;
	int n = snprintf(text, sizeof(text), "%u", (unsigned)floor);
	return put(t, "privlevel", att_bytes_of(text, (size_t)n), err);
}

/* One round: nobody else may have written to the entry between the first look at its generation
 * and the last. */
static att_rc round_trip(struct entry *t, const uint8_t report_data[ATT_REPORT_DATA], att_buf *out,
			 att_buf *aux, bool *raced, att_err *err)
{
	uint64_t before, written, after;

	*raced = false;
	aux->len = 0;
	att_rc rc = get_number(t, "generation", &before, err);
	if (rc == ATT_OK)
		rc = put(t, "inblob", att_bytes_of(report_data, ATT_REPORT_DATA), err);
	if (rc == ATT_OK)
		rc = get_number(t, "generation", &written, err);
	/* What a writer is told is lost in configfs: that it was refused shows here only. */
	*raced = rc == ATT_OK && written != before + 1;
	if (rc != ATT_OK || *raced)
		return rc;
	rc = get(t, "outblob", BLOB_MAX, out, err);
	if (rc == ATT_OK && entry_has(t, "auxblob"))
		rc = get(t, "auxblob", BLOB_MAX, aux, err);
	if (rc == ATT_OK)
		rc = get_number(t, "generation", &after, err);
	*raced = rc == ATT_OK && after != written;
	return rc;
}

static att_rc quote_in(struct entry *t, const char *provider,
		       const uint8_t report_data[ATT_REPORT_DATA], struct att_quoted *out,
		       att_err *err)
{
	att_auto_buf att_buf blob = { 0 };
	att_auto_buf att_buf aux = { 0 };
	const char *name;
	bool raced = true;

	att_rc rc = check_provider(t, provider, &name, err);
	if (rc == ATT_OK)
		rc = set_privilege(t, err);
	while (rc == ATT_OK && raced) {
		rc = round_trip(t, report_data, &blob, &aux, &raced, err);
		if (rc == ATT_OK && raced && !att_pause(&t->pause))
			return att_fail(err, ATT_E_UNAVAILABLE,
					"%s: the report data is not taken, or others keep writing "
					"to it: its generation did not move by one at any try",
					t->path);
	}
	if (rc != ATT_OK)
		return rc;
	if (blob.len == 0)
		return att_fail(err, ATT_E_FORMAT, "%s/outblob: empty", t->path);
	out->evidence_len = blob.len;
	out->evidence = ATT_STEAL(blob.ptr);
	if (strcmp(name, "sev_guest") == 0 && aux.len) {
		out->certificates_len = aux.len;
		out->certificates = ATT_STEAL(aux.ptr);
	}
	return ATT_OK;
}

att_rc att_tsm_quote(const char *provider, unsigned timeout_ms,
		     const uint8_t report_data[ATT_REPORT_DATA], struct att_quoted *out,
		     att_err *err)
{
	__attribute__((cleanup(entry_remove))) struct entry t = { 0 };

	t.pause = att_pause_within(timeout_ms);
	att_rc rc = entry_make(&t, err);
	return rc == ATT_OK ? quote_in(&t, provider, report_data, out, err) : rc;
}

static att_rc tsm_probe(const struct att_attester_options *options, att_err *err)
{
	(void)options;
	return att_tsm_probe(err);
}

struct tsm_state {
	unsigned timeout_ms;
};

static att_rc tsm_open(const struct att_attester_options *options, void **state, att_err *err)
{
	struct tsm_state *s = calloc(1, sizeof(*s));

	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	s->timeout_ms = options->timeout_ms;
	*state = s;
	return ATT_OK;
}

static att_rc tsm_quote(void *state, const uint8_t report_data[ATT_REPORT_DATA],
			struct att_quoted *out, att_err *err)
{
	const struct tsm_state *s = state;

	return att_tsm_quote(NULL, s->timeout_ms, report_data, out, err);
}

const struct att_attester_ops att_attester_tsm = {
	.name = "tsm",
	.what = "a TDX or SEV-SNP guest, by configfs (" ATT_TSM_DIR ")",
	.probe = tsm_probe,
	.open = tsm_open,
	.quote = tsm_quote,
	.close = free,
};
