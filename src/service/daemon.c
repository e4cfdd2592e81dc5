/* SPDX-License-Identifier: Apache-2.0 */
#include "service/daemon.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "service/net.h"

#define LISTEN_MAX 16u

att_rc att_notify(const char *notify_socket, const char *state, att_err *err)
{
	union {
		struct sockaddr any;
		struct sockaddr_un un;
	} a = { .un.sun_family = AF_UNIX };
	size_t len = notify_socket ? strlen(notify_socket) : 0;

	if (len == 0)
		return ATT_OK;
	if (len >= sizeof(a.un.sun_path) || (*notify_socket != '/' && *notify_socket != '@'))
		return att_fail(err, ATT_E_ARG, "no address to notify: %.60s", notify_socket);
	memcpy(a.un.sun_path, notify_socket, len + 1);
	if (*notify_socket == '@')
		a.un.sun_path[0] = 0;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	att_auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    sendto(fd, state, strlen(state), MSG_NOSIGNAL, &a.any, size) != (ssize_t)strlen(state))
		return att_fail(err, ATT_E_IO, "can not notify %s: %s", notify_socket,
				strerror(errno));
	return ATT_OK;
}

static bool read_number(const char *text, unsigned max, unsigned *out)
{
	unsigned v = 0;

	if (!text || !*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || v > max / 10)
			return false;
		v = v * 10 + (unsigned)(*text - '0');
	}
	*out = v;
	return v <= max;
}

unsigned att_listen_fds(const char *listen_pid, const char *listen_fds)
{
	unsigned pid;
	unsigned count;

	if (!read_number(listen_pid, INT32_MAX, &pid) || pid != (unsigned)getpid() ||
	    !read_number(listen_fds, LISTEN_MAX, &count))
		return 0;
	return count;
}

void att_ignore_sigpipe(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGPIPE, &ignore, NULL);
}
