/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/aesm/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "platform/aesm/frame.h"

/* An answer is read in pieces, so that memory is taken as bytes come, not as a header says. */
#define PIECE 4096u

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
#define auto_fd __attribute__((cleanup(close_fd)))

static unsigned limit_ms(const struct att_aesm_client *c)
{
	return c->timeout_ms ? c->timeout_ms : ATT_AESM_TIMEOUT_MS;
}

/* A name in the abstract namespace has a NUL before it, and its address is as long as can be. */
static att_rc address_of(const char *name, bool abstract, struct sockaddr_un *a, att_err *err)
{
	size_t len = strlen(name), lead = abstract ? 1 : 0;

	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len == 0 || len + lead >= sizeof(a->sun_path))
		return att_fail(err, ATT_E_ARG, "socket name of %zu bytes, expected 1 to %zu", len,
				sizeof(a->sun_path) - 1 - lead);
	memcpy(a->sun_path + lead, name, len);
	return ATT_OK;
}

/* A full queue of the listener makes connect() wait; not longer than this. */
static void limit_connect(int fd, unsigned ms)
{
	const struct timeval t = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

static att_rc connect_to(const struct att_aesm_client *c, const char *name, bool abstract, int *out,
			 att_err *err)
{
	struct sockaddr_un a;
	auto_fd int fd = -1;
	int done;
	att_rc rc = address_of(name, abstract, &a, err);

	if (rc != ATT_OK)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return att_fail(err, ATT_E_IO, "no socket: %s", strerror(errno));
	limit_connect(fd, limit_ms(c));
	do
		done = connect(fd, (const struct sockaddr *)&a, sizeof(a));
	while (done != 0 && errno == EINTR);
	if (done != 0 && errno == EAGAIN)
		return att_fail(err, ATT_E_UNAVAILABLE,
				"aesmd at %s takes no connection within %u ms; restart aesmd", name,
				limit_ms(c));
	if (done != 0)
		return att_fail(err, ATT_E_UNAVAILABLE,
				"no aesmd at %s%s: %s; start aesmd, or a simulated world with "
				"`attest sim run`",
				abstract ? "@" : "", name, strerror(errno));
	*out = fd;
	fd = -1;
	return ATT_OK;
}

static att_rc open_socket(const struct att_aesm_client *c, int *fd, att_err *err)
{
	*fd = -1;
	if (c->connect)
		return c->connect(c->ctx, fd, err);
	if (c->abstract && connect_to(c, c->abstract, true, fd, NULL) == ATT_OK)
		return ATT_OK;
	return connect_to(c, c->path ? c->path : ATT_AESM_SOCKET, false, fd, err);
}

/* The deadline of an exchange: a descriptor that becomes readable, so no clock is asked. */
static att_rc start_timer(unsigned ms, int *out, att_err *err)
{
	const struct itimerspec t = { .it_value = { .tv_sec = ms / 1000,
						    .tv_nsec = (ms % 1000) * 1000000L } };
	auto_fd int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &t, NULL) != 0)
		return att_fail(err, ATT_E_IO, "no timer: %s", strerror(errno));
	*out = fd;
	fd = -1;
	return ATT_OK;
}

struct exchange {
	int fd;
	int timer;
	unsigned ms;
};

/* Until the socket is ready; ATT_E_UNAVAILABLE when time is up. */
static att_rc await(const struct exchange *x, short events, att_err *err)
{
	struct pollfd p[2] = { { .fd = x->fd, .events = events },
			       { .fd = x->timer, .events = POLLIN } };

	while (poll(p, 2, -1) < 0)
		if (errno != EINTR)
			return att_fail(err, ATT_E_IO, "waiting for aesmd: %s", strerror(errno));
	if (p[1].revents)
		return att_fail(err, ATT_E_UNAVAILABLE,
				"aesmd gave no answer within %u ms; it may still be provisioning: "
				"try again",
				x->ms);
	return ATT_OK;
}

static att_rc send_all(const struct exchange *x, att_bytes frame, att_err *err)
{
	for (size_t done = 0; done < frame.len;) {
		att_rc rc = await(x, POLLOUT, err);
		if (rc != ATT_OK)
			return rc;
		ssize_t n = send(x->fd, frame.ptr + done, frame.len - done, MSG_NOSIGNAL);
		if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			/* An answer may already be there: what reading finds says more. */
			return ATT_OK;
		} else if (errno != EINTR && errno != EAGAIN) {
			return att_fail(err, ATT_E_IO, "sending to aesmd: %s", strerror(errno));
		}
	}
	return ATT_OK;
}

/* Exactly `want` bytes behind what `out` has; `seen` is how much of the answer there was before. */
static att_rc receive(const struct exchange *x, size_t want, size_t seen, att_buf *out,
		      att_err *err)
{
	uint8_t piece[PIECE];

	for (size_t done = 0; done < want;) {
		att_rc rc = await(x, POLLIN, err);
		if (rc != ATT_OK)
			return rc;
		size_t room = want - done < PIECE ? want - done : PIECE;
		ssize_t n = recv(x->fd, piece, room, 0);
		if (n == 0 || (n < 0 && errno == ECONNRESET)) {
			if (seen + done == 0)
				return att_fail(err, ATT_E_UNAVAILABLE,
						"aesmd closed the connection without an answer: it "
						"does not understand the request, or stops");
			return att_fail(err, ATT_E_TRUNCATED,
					"aesmd's answer ends after %zu bytes, expected %zu",
					seen + done, seen + want);
		}
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return att_fail(err, ATT_E_IO, "reading from aesmd: %s", strerror(errno));
		if (n < 0)
			continue;
		att_put_mem(out, piece, (size_t)n);
		rc = att_buf_ok(out, err);
		if (rc != ATT_OK)
			return rc;
		done += (size_t)n;
	}
	return ATT_OK;
}

static att_rc receive_frame(const struct exchange *x, att_buf *body, att_err *err)
{
	att_auto_buf att_buf header = { 0 };
	size_t len;
	att_rc rc = receive(x, ATT_AESM_HEADER, 0, &header, err);

	if (rc == ATT_OK)
		rc = att_aesm_header(header.ptr, &len, err);
	if (rc == ATT_OK)
		rc = receive(x, len, ATT_AESM_HEADER, body, err);
	return rc;
}

att_rc att_aesm_exchange(const struct att_aesm_client *c, att_bytes frame, att_buf *body,
			 att_err *err)
{
	auto_fd int fd = -1;
	auto_fd int timer = -1;
	att_rc rc = open_socket(c, &fd, err);

	if (rc == ATT_OK)
		rc = start_timer(limit_ms(c), &timer, err);
	if (rc != ATT_OK)
		return rc;
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
		return att_fail(err, ATT_E_IO, "aesmd's socket: %s", strerror(errno));
	const struct exchange x = { .fd = fd, .timer = timer, .ms = limit_ms(c) };
	rc = send_all(&x, frame, err);
	if (rc == ATT_OK)
		rc = receive_frame(&x, body, err);
	return rc;
}
