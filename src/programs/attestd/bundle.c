/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/mem.h"
#include "collateral/items.h"
#include "programs/attestd/setup.h"
#include "service/files.h"
#include "service/loop.h"

#define FILE_MAX ((size_t)8 << 20)

static int64_t now(void)
{
	return att_clock_system.now(att_clock_system.ctx);
}

static void say(const char *what, int status, const att_err *err)
{
	char text[512];

	snprintf(text, sizeof(text), "bundle: %.200s: %s", what,
		 status == 200 ? "taken" : err->msg);
	for (char *p = text; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
	attestd_log("pccs", status == 200 ? ATT_PCCS_LOG_INFO : ATT_PCCS_LOG_ERROR, text);
}

static bool is_upload(const char *name)
{
	size_t len = strlen(name);
	enum att_item item;

	return len > 5 && strcmp(name + len - 5, ".json") == 0 && !att_item_of_file(name, &item);
}

static void import_upload(const char *path, att_pccs *p)
{
	att_auto_buf att_buf text = { .max = FILE_MAX };
	att_err err = { 0 };
	int status = 0;

	if (att_file_read(path, FILE_MAX, &text, &err) == ATT_OK)
		status = att_pccs_import(p, att_buf_bytes(&text), now(), &err);
	say(path, status, &err);
}

/* One platform's directory: each file that is an item by its name. */
static void import_platform(const char *dir, att_pccs *p)
{
	att_auto_collateral att_collateral *c = att_collateral_new();
	DIR *d = opendir(dir);
	att_err err = { 0 };
	size_t items = 0;

	for (struct dirent *e = d ? readdir(d) : NULL; c && e; e = readdir(d)) {
		att_auto_buf att_buf text = { .max = FILE_MAX };
		char path[ATT_PATH_ROOM];
		enum att_item item;
		if (att_item_of_file(e->d_name, &item) && att_path_join(path, dir, e->d_name) &&
		    att_file_read(path, FILE_MAX, &text, &err) == ATT_OK &&
		    att_collateral_set(c, item, att_buf_bytes(&text), &err) == ATT_OK)
			items++;
	}
	if (d)
		closedir(d);
	if (c && items > 0)
		say(dir, att_pccs_import_items(p, c, now(), &err), &err);
}

att_rc bundle_import(const char *dir, att_pccs *p, att_err *err)
{
	struct dirent **list = NULL;

	if (!dir[0])
		return ATT_OK;
	int n = scandir(dir, &list, NULL, alphasort);
	if (n < 0)
		return att_fail(err, ATT_E_IO, "--offline-bundle: %s: %s", dir, strerror(errno));
	import_platform(dir, p);
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		char path[ATT_PATH_ROOM];
		bool named = name[0] != '.' && att_path_join(path, dir, name);
		if (named && list[i]->d_type == DT_DIR)
			import_platform(path, p);
		else if (named && is_upload(name))
			import_upload(path, p);
		free(list[i]);
	}
	free(list);
	return ATT_OK;
}
