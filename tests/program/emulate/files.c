/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and open files over the parts. */
#include "emulate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONFIGFS "/sys/kernel/config"
#define TSM      CONFIGFS "/tsm/report"
#define GRAMINE  "/dev/attestation"

enum {
	NOTHING,
	FOLDER,
	TSM_FILE,
	GRAMINE_FILE,
	CONF_FILE,
	DEVICE_OCCLUM,
	DEVICE_TDX,
	DEVICE_SEV,
	DEVICE_EMPTY,
	VSOCK
};

static const struct {
	const char *path;
	const char *word;
	int kind;
} devices[] = {
	{ "/dev/sgx", "occlum", DEVICE_OCCLUM },
	{ "/dev/tdx_guest", "tdx-guest", DEVICE_TDX },
	{ "/dev/sev-guest", "sev-guest", DEVICE_SEV },
	{ "/etc/tdx-attest.conf", "vsock", CONF_FILE },
	{ EMU_VSOCK, "vsock", VSOCK },
	{ "/dev/sgx_enclave", "sgx_enclave", DEVICE_EMPTY },
	{ "/dev/sgx_provision", "sgx_provision", DEVICE_EMPTY },
	{ "/dev/sgx/enclave", "sgx/enclave", DEVICE_EMPTY },
	{ "/dev/sgx/provision", "sgx/provision", DEVICE_EMPTY },
};

static bool below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && (path[n] == 0 || path[n] == '/');
}

bool emu_claims(const char *path)
{
	return path && (below(path, CONFIGFS) || below(path, GRAMINE) || below(path, "/dev/sgx") ||
			below(path, "/dev/sgx_enclave") || below(path, "/dev/sgx_provision") ||
			below(path, "/dev/tdx_guest") || below(path, "/dev/sev-guest") ||
			below(path, "/var/run/aesmd") || below(path, "/etc/tdx-attest.conf") ||
			below(path, "/etc/sgx_default_qcnl.conf"));
}

static bool has_tsm(void)
{
	return emu_has("tsm:tdx_guest") || emu_has("tsm:sev_guest");
}

/* ENTRY/ATTRIBUTE of a path below TSM; attribute is "" for the entry itself. */
static void split(const char *path, char entry[static 64], char attribute[static 64])
{
	const char *rest = path + strlen(TSM) + 1;
	size_t n = strcspn(rest, "/");

	snprintf(entry, 64, "%.*s", (int)n, rest);
	snprintf(attribute, 64, "%s", rest[n] ? rest + n + 1 : "");
}

static int look_tsm(const char *path, unsigned *mode)
{
	char entry[64], attribute[64];

	if (strcmp(path, CONFIGFS) == 0)
		return has_tsm() || emu_has("configfs") ? FOLDER : NOTHING;
	if (!has_tsm())
		return NOTHING;
	if (strcmp(path, CONFIGFS "/tsm") == 0 || strcmp(path, TSM) == 0)
		return FOLDER;
	if (!below(path, TSM))
		return NOTHING;
	split(path, entry, attribute);
	if (!emu_tsm_entry(entry))
		return NOTHING;
	if (!attribute[0])
		return FOLDER;
	*mode = emu_tsm_attribute(attribute);
	return *mode ? TSM_FILE : NOTHING;
}

static int look(const char *path, unsigned *mode)
{
	*mode = 0600;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (strcmp(path, devices[i].path) == 0 && emu_has(devices[i].word))
			return devices[i].kind;
	if (strcmp(path, "/dev/sgx") == 0)
		return emu_has("sgx/enclave") ? FOLDER : NOTHING;
	if (below(path, GRAMINE)) {
		if (!emu_has("gramine"))
			return NOTHING;
		if (strcmp(path, GRAMINE) == 0)
			return FOLDER;
		*mode = emu_gramine_file(path + strlen(GRAMINE) + 1);
		return *mode ? GRAMINE_FILE : NOTHING;
	}
	return look_tsm(path, mode);
}

int emu_stat(const char *path, struct stat *st)
{
	unsigned mode;
	int kind = look(path, &mode);

	if (kind == NOTHING)
		return -ENOENT;
	memset(st, 0, sizeof(*st));
	st->st_nlink = 1;
	if (kind == FOLDER)
		st->st_mode = S_IFDIR | 0755;
	else
		st->st_mode = (kind >= DEVICE_OCCLUM ? S_IFCHR : S_IFREG) | mode;
	return 0;
}

static int fill(struct emu_file *f)
{
	char entry[64], attribute[64];

	if (f->kind == CONF_FILE) {
		const char *text = emu_word("vsock.port", "none") ? "#port=1\nport = x\n"
								  : "# of the host\nport = 4050\n";
		f->content->len = strlen(text);
		memcpy(f->content->b, text, f->content->len);
		return 0;
	}
	if (f->kind == GRAMINE_FILE)
		return emu_gramine_get(f->path + strlen(GRAMINE) + 1, f->content);
	split(f->path, entry, attribute);
	return emu_tsm_get(entry, attribute, f->content);
}

int emu_open(const char *path, int flags, struct emu_file **out)
{
	char denied[64];
	unsigned mode;
	int kind = look(path, &mode);

	snprintf(denied, sizeof(denied), "open.%s", strrchr(path, '/') + 1);
	int e = emu_fault(denied);
	if (e)
		return e;
	if (kind == NOTHING || kind == FOLDER)
		return kind == FOLDER ? -EISDIR : -ENOENT;
	struct emu_file *f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->kind = kind;
	snprintf(f->path, sizeof(f->path), "%s", path);
	if (kind == VSOCK) {
		f->written = calloc(1, sizeof(*f->written));
		e = f->written ? 0 : -ENOMEM;
	}
	if (kind == TSM_FILE || kind == GRAMINE_FILE || kind == CONF_FILE) {
		bool writes = (flags & O_ACCMODE) != O_RDONLY;
		struct emu_blob **b = writes ? &f->written : &f->content;
		*b = calloc(1, sizeof(**b));
		e = !*b ? -ENOMEM : 0;
		/* Gramine makes the content when the file is opened, configfs at the first
		 * reading. */
		if (e == 0 && !writes && kind != TSM_FILE)
			e = fill(f);
	}
	if (e) {
		emu_close(f);
		return e;
	}
	*out = f;
	return 0;
}

ssize_t emu_read(struct emu_file *f, void *buf, size_t n, size_t offset)
{
	if (f->kind == VSOCK && !f->content) {
		f->content = f->written;
		f->written = NULL;
		f->content->len = emu_number("vsock.close", 0) ? 0 : emu_qgs(f->content->b);
		if (emu_number("vsock.length", 0))
			f->content->b[1] = 0x7f;
	}
	if (!f->content)
		return f->kind >= DEVICE_OCCLUM ? -EPERM : -EBADF;
	if (f->kind == TSM_FILE && offset == 0) {
		int e = fill(f);
		if (e)
			return e;
	}
	size_t most = (size_t)emu_number("short", EMU_BLOB_MAX);
	size_t left = offset < f->content->len ? f->content->len - offset : 0;
	n = n < left ? n : left;
	n = n < most ? n : most;
	memcpy(buf, f->content->b + offset, n);
	return (ssize_t)n;
}

ssize_t emu_write(struct emu_file *f, const void *buf, size_t n)
{
	if (!f->written)
		return f->kind >= DEVICE_OCCLUM ? -EPERM : -EBADF;
	if (n > sizeof(f->written->b) - f->written->len)
		return -EFBIG;
	size_t most = (size_t)emu_number("short_write", EMU_BLOB_MAX);
	n = n < most ? n : most;
	memcpy(f->written->b + f->written->len, buf, n);
	f->written->len += n;
	if (f->kind == VSOCK)
		return (ssize_t)n;
	if (f->kind == GRAMINE_FILE) {
		int e = emu_gramine_put(f->path + strlen(GRAMINE) + 1, f->written);
		f->written->len = 0;
		return e ? e : (ssize_t)n;
	}
	char entry[64], attribute[64];
	split(f->path, entry, attribute);
	snprintf(entry, sizeof(entry), "tsm.%.40s", attribute);
	int e = emu_fault(entry);
	return e ? e : (ssize_t)n;
}

int emu_flush(struct emu_file *f)
{
	char entry[64], attribute[64];

	if (f->kind != TSM_FILE || !f->written || !f->written->len)
		return 0;
	split(f->path, entry, attribute);
	int e = emu_tsm_put(entry, attribute, f->written);
	f->written->len = 0;
	return e;
}

void emu_close(struct emu_file *f)
{
	free(f->content);
	free(f->written);
	free(f);
}

int emu_ioctl(struct emu_file *f, unsigned long request, void *arg)
{
	switch (f->kind) {
	case DEVICE_OCCLUM:
		return emu_occlum_ioctl(request, arg);
	case DEVICE_TDX:
		return emu_tdx_ioctl(request, arg);
	case DEVICE_SEV:
		return emu_sev_ioctl(request, arg);
	default:
		return -ENOTTY;
	}
}

/* Entries are made in the folder of reports, nowhere else. */
static const char *entry_name(const char *path)
{
	return has_tsm() && below(path, TSM) && path[strlen(TSM)] == '/' &&
		       !strchr(path + strlen(TSM) + 1, '/')
		   ? path + strlen(TSM) + 1
		   : NULL;
}

int emu_mkdir(const char *path)
{
	const char *name = entry_name(path);

	return name ? emu_tsm_mkdir(name) : -EPERM;
}

int emu_rmdir(const char *path)
{
	const char *name = entry_name(path);

	return name ? emu_tsm_rmdir(name) : -EPERM;
}

const char *emu_list(const char *path, size_t i)
{
	if (strcmp(path, GRAMINE) == 0)
		return emu_gramine_file_at(i);
	if (strcmp(path, CONFIGFS) == 0)
		return i == 0 ? "tsm" : NULL;
	if (strcmp(path, CONFIGFS "/tsm") == 0)
		return i == 0 ? "report" : NULL;
	if (strcmp(path, TSM) == 0)
		return emu_tsm_entry_at(i);
	return emu_tsm_attribute_at(i);
}
