/* SPDX-License-Identifier: Apache-2.0 */
#include "service/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

#define BACKLOG 512

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un un;
};

void att_fd_cleanup(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int steal_fd(int *fd)
{
	int value = *fd;

	*fd = -1;
	return value;
}

static att_rc failed(att_err *err, const char *what, const char *where)
{
	att_rc rc = errno == EADDRINUSE || errno == EACCES || errno == EPERM ||
			    errno == EADDRNOTAVAIL || errno == ECONNREFUSED || errno == ENOENT
			? ATT_E_UNAVAILABLE
			: ATT_E_IO;

	return att_fail(err, rc, "can not %s %s: %s", what, where, strerror(errno));
}

/* A decimal number of at most 65535 and nothing else. */
static bool read_number(const char *text, unsigned *out)
{
	unsigned v = 0;
	size_t len = strlen(text);

	if (len == 0 || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		v = v * 10 + (unsigned)(text[i] - '0');
	}
	*out = v;
	return v <= 65535;
}

/* "127.0.0.1:80" or "[::1]:80". */
static bool read_tcp(const char *where, union address *a, socklen_t *len)
{
	char host[64] = { 0 };
	unsigned port;
	const char *colon = strrchr(where, ':');
	size_t n = colon ? (size_t)(colon - where) : 0;
	bool v6 = n > 2 && where[0] == '[' && where[n - 1] == ']';
	struct addrinfo want = { .ai_family = v6 ? AF_INET6 : AF_INET,
				 .ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found = NULL;

	if (!colon || n == 0 || n >= sizeof(host) || !read_number(colon + 1, &port))
		return false;
	memcpy(host, where + (v6 ? 1 : 0), v6 ? n - 2 : n);
	if (getaddrinfo(host, colon + 1, &want, &found) != 0)
		return false;
	*len = found->ai_addrlen;
	memcpy(a, found->ai_addr, *len);
	freeaddrinfo(found);
	return true;
}

static att_rc listen_at(const union address *a, socklen_t len, int type, const char *where,
			int *out, att_err *err)
{
	att_auto_fd int fd = socket(a->any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (fd < 0)
		return failed(err, "open a socket for", where);
	if (a->any.sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &a->any, len) != 0)
		return failed(err, "listen at", where);
	if (listen(fd, BACKLOG) != 0)
		return failed(err, "listen at", where);
	*out = steal_fd(&fd);
	return ATT_OK;
}

/* A socket that was handed to us has to be one that listens. */
static att_rc take_inherited(const char *number, int *out, att_err *err)
{
	unsigned fd;
	int listens = 0;
	socklen_t len = sizeof(listens);

	if (!read_number(number, &fd))
		return att_fail(err, ATT_E_ARG, "fd:%.16s is no number of a socket", number);
	if (getsockopt((int)fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) != 0 || !listens)
		return att_fail(err, ATT_E_ARG, "fd:%u is no socket that listens", fd);
	if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) != 0 ||
	    fcntl((int)fd, F_SETFL, fcntl((int)fd, F_GETFL) | O_NONBLOCK) != 0)
		return failed(err, "use", number);
	*out = (int)fd;
	return ATT_OK;
}

att_rc att_net_listen(const char *where, int *fd, att_err *err)
{
	union address a = { 0 };
	socklen_t len = 0;

	*fd = -1;
	if (strncmp(where, "unix:", 5) == 0)
		return att_net_listen_unix(where + 5, SOCK_STREAM, 0666, fd, err);
	if (strncmp(where, "fd:", 3) == 0)
		return take_inherited(where + 3, fd, err);
	if (!read_tcp(where, &a, &len))
		return att_fail(err, ATT_E_ARG,
				"'%.60s' is no place to listen at: want ADDRESS:PORT, "
				"[ADDRESS]:PORT, unix:PATH or fd:NUMBER",
				where);
	return listen_at(&a, len, SOCK_STREAM, where, fd, err);
}

static att_rc unix_address(const char *path, union address *a, att_err *err)
{
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(a->un.sun_path))
		return att_fail(err, ATT_E_ARG,
				"the socket's path has %zu bytes, 1 to %zu are possible: %.60s",
				len, sizeof(a->un.sun_path) - 1, path);
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path, path, len + 1);
	return ATT_OK;
}

att_rc att_net_connect_unix(const char *path, int type, int *out, att_err *err)
{
	union address a = { 0 };

	*out = -1;
	att_rc rc = unix_address(path, &a, err);
	if (rc != ATT_OK)
		return rc;
	att_auto_fd int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, &a.any, sizeof(a.un)) != 0)
		return failed(err, "connect to", path);
	*out = steal_fd(&fd);
	return ATT_OK;
}

/* Takes a socket file away that nobody listens at any more. */
static att_rc remove_stale(const char *path, int type, att_err *err)
{
	struct stat st;
	att_auto_fd int fd = -1;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? (att_rc)ATT_OK : failed(err, "listen at", path);
	if (!S_ISSOCK(st.st_mode))
		return att_fail(err, ATT_E_UNAVAILABLE, "%s is there already, and no socket", path);
	if (att_net_connect_unix(path, type, &fd, NULL) == ATT_OK || errno != ECONNREFUSED)
		return att_fail(err, ATT_E_UNAVAILABLE, "somebody listens at %s already", path);
	return unlink(path) == 0 ? (att_rc)ATT_OK : failed(err, "remove the stale", path);
}

att_rc att_net_listen_unix(const char *path, int type, unsigned mode, int *out, att_err *err)
{
	union address a = { 0 };
	att_auto_fd int fd = -1;

	*out = -1;
	att_rc rc = unix_address(path, &a, err);
	if (rc == ATT_OK)
		rc = remove_stale(path, type, err);
	if (rc == ATT_OK)
		rc = listen_at(&a, sizeof(a.un), type, path, &fd, err);
	if (rc != ATT_OK)
		return rc;
	if (chmod(path, (mode_t)mode) != 0)
		return failed(err, "set the mode of", path);
	*out = steal_fd(&fd);
	return ATT_OK;
}

att_rc att_net_listen_abstract(const char *name, int type, int *fd, att_err *err)
{
	union address a = { 0 };
	size_t len = strlen(name);

	*fd = -1;
	if (len == 0 || len >= sizeof(a.un.sun_path))
		return att_fail(err, ATT_E_ARG, "an abstract socket's name of %zu bytes", len);
	a.un.sun_family = AF_UNIX;
	memcpy(a.un.sun_path + 1, name, len);
	return listen_at(&a, sizeof(a.un), type, name, fd, err);
}

void att_net_name(int fd, char out[static ATT_NET_NAME])
{
	union address a = { 0 };
	socklen_t len = sizeof(a);
	char host[64] = "";
	char port[8] = "";

	snprintf(out, ATT_NET_NAME, "no address");
	if (getsockname(fd, &a.any, &len) != 0)
		return;
	if (a.any.sa_family == AF_UNIX)
		snprintf(out, ATT_NET_NAME, "unix:%.108s", a.un.sun_path);
	else if (getnameinfo(&a.any, len, host, sizeof(host), port, sizeof(port),
			     NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(out, ATT_NET_NAME, a.any.sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
			 port);
}

unsigned att_net_port(int fd)
{
	char name[ATT_NET_NAME];
	unsigned port = 0;

	att_net_name(fd, name);
	const char *colon = strrchr(name, ':');
	if (!colon || strncmp(name, "unix:", 5) == 0 || !read_number(colon + 1, &port))
		return 0;
	return port;
}
