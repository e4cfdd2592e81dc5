/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/http_internal.h"

/* What SSL_read() and its like did: only these two are no end. */
static enum att_io tls_wants(struct att_conn *c, int rc)
{
	int what = SSL_get_error(c->ssl, rc);

	ERR_clear_error();
	if (what == SSL_ERROR_WANT_READ)
		return ATT_IO_READ;
	return what == SSL_ERROR_WANT_WRITE ? ATT_IO_WRITE : ATT_IO_END;
}

static enum att_io wants(enum att_io again)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? again : ATT_IO_END;
}

enum att_io att_io_handshake(struct att_conn *c)
{
	int rc = SSL_accept(c->ssl);

	return rc == 1 ? ATT_IO_DONE : tls_wants(c, rc);
}

enum att_io att_io_read(struct att_conn *c)
{
	uint8_t *room = c->server->scratch;
	size_t got = 0;

	if (c->ssl) {
		int rc = SSL_read_ex(c->ssl, room, ATT_HTTP_SCRATCH, &got);
		if (rc != 1)
			return tls_wants(c, rc);
	} else {
		ssize_t n = recv(c->fd, room, ATT_HTTP_SCRATCH, 0);
		if (n <= 0)
			return n == 0 ? ATT_IO_END : wants(ATT_IO_READ);
		got = (size_t)n;
	}
	att_put_mem(&c->in, room, got);
	return c->in.failed ? ATT_IO_END : ATT_IO_DONE;
}

bool att_io_pending(const struct att_conn *c)
{
	return c->ssl && SSL_has_pending(c->ssl);
}

/* What is left of the pieces after `skip` bytes, in one place: one record, one write. */
static size_t gather(const struct iovec *v, int count, size_t skip, uint8_t *out, size_t room)
{
	size_t n = 0;

	for (int i = 0; i < count && n < room; i++) {
		size_t off = skip < v[i].iov_len ? skip : v[i].iov_len;
		size_t part = v[i].iov_len - off < room - n ? v[i].iov_len - off : room - n;
		skip -= off;
		if (part)
			memcpy(out + n, (const uint8_t *)v[i].iov_base + off, part);
		n += part;
	}
	return n;
}

static enum att_io send_tls(struct att_conn *c, const struct iovec *v, int count)
{
	size_t done = 0;
	size_t n = gather(v, count, c->sent, c->server->scratch, ATT_HTTP_SCRATCH);
	int rc = SSL_write_ex(c->ssl, c->server->scratch, n, &done);

	if (rc != 1)
		return tls_wants(c, rc);
	c->sent += done;
	return ATT_IO_DONE;
}

static enum att_io send_plain(struct att_conn *c, const struct iovec *v, int count)
{
	struct iovec left[4];
	size_t skip = c->sent;
	struct msghdr m = { .msg_iov = left };

	for (int i = 0; i < count && i < 4; i++) {
		size_t off = skip < v[i].iov_len ? skip : v[i].iov_len;
		skip -= off;
		if (off == v[i].iov_len)
			continue;
		left[m.msg_iovlen++] =
		    (struct iovec){ (uint8_t *)v[i].iov_base + off, v[i].iov_len - off };
	}
	ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL);
	if (n < 0)
		return wants(ATT_IO_WRITE);
	c->sent += (size_t)n;
	return ATT_IO_DONE;
}

enum att_io att_io_send(struct att_conn *c, const struct iovec *v, int count, size_t total)
{
	enum att_io io = ATT_IO_DONE;

	while (io == ATT_IO_DONE && c->sent < total)
		io = c->ssl ? send_tls(c, v, count) : send_plain(c, v, count);
	return io;
}

void att_io_finish(struct att_conn *c)
{
	if (c->ssl) {
		SSL_shutdown(c->ssl);
		ERR_clear_error();
	}
	shutdown(c->fd, SHUT_WR);
}
