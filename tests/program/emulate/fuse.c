/* SPDX-License-Identifier: Apache-2.0 */
/* The emulation as a file system: trees of Gramine and configfs behind a real kernel.
 *
 * usage: emulate-fuse PREFIX MOUNTPOINT: what is at PREFIX in the emulation stands at MOUNTPOINT */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emulate.h"

static const char *prefix;

static const char *full(const char *path, char out[static 300])
{
	snprintf(out, 300, "%s%s", prefix, strcmp(path, "/") == 0 ? "" : path);
	return out;
}

static struct emu_file *file_of(struct fuse_file_info *fi)
{
	return (struct emu_file *)(uintptr_t)fi->fh;
}

static int on_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	char name[300];

	(void)fi;
	return emu_stat(full(path, name), st);
}

static int on_readdir(const char *path, void *buf, fuse_fill_dir_t fill, off_t offset,
		      struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	char name[300], entry[400];
	struct stat st;

	(void)offset;
	(void)fi;
	(void)flags;
	full(path, name);
	for (size_t i = 0; emu_list(name, i); i++) {
		snprintf(entry, sizeof(entry), "%s/%s", name, emu_list(name, i));
		if (emu_stat(entry, &st) == 0)
			fill(buf, emu_list(name, i), NULL, 0, 0);
	}
	return 0;
}

/* Sizes are not known before reading, and every reading must come here. */
static int on_open(const char *path, struct fuse_file_info *fi)
{
	struct emu_file *f = NULL;
	char name[300];

	int e = emu_open(full(path, name), fi->flags, &f);
	fi->fh = (uintptr_t)f;
	fi->direct_io = 1;
	return e;
}

static int on_read(const char *path, char *buf, size_t n, off_t offset, struct fuse_file_info *fi)
{
	(void)path;
	return (int)emu_read(file_of(fi), buf, n, (size_t)offset);
}

static int on_write(const char *path, const char *buf, size_t n, off_t offset,
		    struct fuse_file_info *fi)
{
	(void)path;
	(void)offset;
	return (int)emu_write(file_of(fi), buf, n);
}

static int on_flush(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	return emu_flush(file_of(fi));
}

static int on_release(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	emu_close(file_of(fi));
	return 0;
}

static int on_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	(void)path;
	(void)size;
	(void)fi;
	return 0;
}

static int on_mkdir(const char *path, mode_t mode)
{
	char name[300];

	(void)mode;
	return emu_mkdir(full(path, name));
}

static int on_rmdir(const char *path)
{
	char name[300];

	return emu_rmdir(full(path, name));
}

int main(int argc, char **argv)
{
	static const struct fuse_operations ops = {
		.getattr = on_getattr,
		.readdir = on_readdir,
		.open = on_open,
		.read = on_read,
		.write = on_write,
		.flush = on_flush,
		.release = on_release,
		.truncate = on_truncate,
		.mkdir = on_mkdir,
		.rmdir = on_rmdir,
	};
	static char alone[] = "-s", option[] = "-o", no_cache[] = "attr_timeout=0,entry_timeout=0";

	if (argc != 3) {
		fprintf(stderr, "usage: %s PREFIX MOUNTPOINT\n", argv[0]);
		return 1;
	}
	prefix = argv[1];
	emu_reset();
	char *args[] = { argv[0], argv[2], alone, option, no_cache, NULL };
	return fuse_main(5, args, &ops, NULL);
}
