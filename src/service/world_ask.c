/* SPDX-License-Identifier: Apache-2.0 */
/* The side that asks a running world. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/error.h"
#include "base/mem.h"
#include "codec/json.h"
#include "service/net.h"
#include "service/world_control.h"

#define ANSWER_MAX ((size_t)64 << 10)
#define PATIENCE_S 15

static att_rc exchange(int fd, const att_buf *line, att_buf *answer, att_err *err)
{
	const struct timeval patience = { PATIENCE_S, 0 };
	uint8_t chunk[4096];
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (send(fd, line->ptr, line->len, MSG_NOSIGNAL) != (ssize_t)line->len)
		return att_fail(err, ATT_E_IO, "can not ask the world: %s", strerror(errno));
	answer->max = ANSWER_MAX;
	while ((n = recv(fd, chunk, sizeof(chunk), 0)) > 0) {
		att_put_mem(answer, chunk, (size_t)n);
		if (chunk[n - 1] == '\n')
			return att_buf_ok(answer, err);
	}
	return att_fail(err, ATT_E_IO, "the world gave no answer%s%s", n < 0 ? ": " : "",
			n < 0 ? strerror(errno) : "");
}

/* The world's own words for what it refused. */
static att_rc read_answer(const att_buf *answer, att_json_doc *doc, att_err *err)
{
	att_auto_mem char *text = NULL;
	bool ok = false;

	if (att_json_parse(att_buf_bytes(answer), doc, NULL) != ATT_OK ||
	    !att_json_bool(att_json_get(att_json_root(doc), "ok"), &ok))
		return att_fail(err, ATT_E_FORMAT, "the world's answer can not be understood");
	if (ok)
		return ATT_OK;
	if (att_json_string(att_json_get(att_json_root(doc), "error"), &text, NULL, NULL) != ATT_OK)
		return att_fail(err, ATT_E_FORMAT, "the world refused without saying why");
	return att_fail(err, ATT_E_ARG, "%s", text);
}

static att_rc ask(const char *dir, const struct att_control *c, att_buf *answer, att_json_doc *doc,
		  att_err *err)
{
	att_auto_buf att_buf line = { 0 };
	char path[ATT_PATH_ROOM];
	att_auto_fd int fd = -1;

	att_control_write(c, &line);
	att_rc rc = att_buf_ok(&line, err);
	if (rc == ATT_OK && !att_path_join(path, dir, ATT_WORLD_CONTROL))
		rc = att_fail(err, ATT_E_ARG, "the directory's name is too long");
	if (rc != ATT_OK)
		return rc;
	if (att_net_connect_unix(path, SOCK_STREAM, &fd, err) != ATT_OK)
		return att_wrap(err, ATT_E_UNAVAILABLE,
				"no world is running in %.80s (`attest sim up` starts one)", dir);
	rc = exchange(fd, &line, answer, err);
	return rc == ATT_OK ? read_answer(answer, doc, err) : rc;
}

att_rc att_world_ask(const char *dir, const struct att_control *c, att_buf *answer, att_err *err)
{
	att_auto_json att_json_doc doc = { 0 };

	return ask(dir, c, answer, &doc, err);
}

static bool copy_text(att_json world, const char *name, char *out, size_t room)
{
	att_auto_mem char *text = NULL;
	size_t len = 0;

	if (att_json_string(att_json_get(world, name), &text, &len, NULL) != ATT_OK || len >= room)
		return false;
	memcpy(out, text, len + 1);
	return true;
}

att_rc att_world_find(const char *dir, struct att_world_place *out, att_err *err)
{
	const struct att_control c = { .what = ATT_CONTROL_STATUS };
	att_auto_json att_json_doc doc = { 0 };
	att_auto_buf att_buf answer = { 0 };
	int64_t pid = 0;

	*out = (struct att_world_place){ 0 };
	att_rc rc = ask(dir, &c, &answer, &doc, err);
	if (rc != ATT_OK)
		return rc;
	att_json w = att_json_get(att_json_root(&doc), "world");
	if (!copy_text(w, "dir", out->dir, sizeof(out->dir)) ||
	    !copy_text(w, "pccs_url", out->pccs_url, sizeof(out->pccs_url)) ||
	    !copy_text(w, "pccs_tls_url", out->pccs_tls_url, sizeof(out->pccs_tls_url)) ||
	    !copy_text(w, "pcs_url", out->pcs_url, sizeof(out->pcs_url)) ||
	    !copy_text(w, "pcs_tls_url", out->pcs_tls_url, sizeof(out->pcs_tls_url)) ||
	    !att_json_bool(att_json_get(w, "kept"), &out->kept) ||
	    !att_json_int(att_json_get(w, "pid"), 1, INT32_MAX, &pid))
		return att_fail(err, ATT_E_FORMAT, "the world's answer can not be understood");
	out->pid = (int)pid;
	return ATT_OK;
}
