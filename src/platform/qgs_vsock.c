/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/qgs_vsock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "base/error.h"
#include "base/mem.h"
#include "base/reader.h"
#include "platform/device.h"

#define CONF_MAX   ((size_t)16 << 10)
#define ANSWER_MAX ((size_t)64 << 10)
#define REMEDY     "is qgsd running on the host, at the port that " ATT_QGS_CONF " names?"

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static att_bytes skip_blanks(att_bytes line)
{
	while (line.len && blank(line.ptr[0])) {
		line.ptr++;
		line.len--;
	}
	return line;
}

/* "port", "=", digits, each with blanks around it, and nothing else. */
static uint32_t port_of_line(att_bytes line)
{
	uint64_t port = 0;
	size_t digits = 0;

	line = skip_blanks(line);
	if (line.len < 4 || memcmp(line.ptr, "port", 4) != 0)
		return 0;
	line = skip_blanks(att_bytes_of(line.ptr + 4, line.len - 4));
	if (line.len == 0 || line.ptr[0] != '=')
		return 0;
	line = skip_blanks(att_bytes_of(line.ptr + 1, line.len - 1));
	for (; digits < line.len && line.ptr[digits] >= '0' && line.ptr[digits] <= '9'; digits++)
		if (port <= UINT32_MAX)
			port = port * 10 + (uint64_t)(line.ptr[digits] - '0');
	line = skip_blanks(att_bytes_of(line.ptr + digits, line.len - digits));
	return line.len == 0 && port < UINT32_MAX ? (uint32_t)port : 0;
}

uint32_t att_qgs_port_of(att_bytes text)
{
	uint32_t port = 0;

	while (text.len && !port) {
		const uint8_t *end = memchr(text.ptr, '\n', text.len);
		size_t n = end ? (size_t)(end - text.ptr) : text.len;
		port = port_of_line(att_bytes_of(text.ptr, n));
		n += end != NULL;
		text = att_bytes_of(text.ptr + n, text.len - n);
	}
	return port;
}

static att_rc failed(att_err *err, int e, const char *what)
{
	char text[128];

	if (e == ENOMEM)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	return att_fail(err, ATT_E_UNAVAILABLE, "vsock: %s: %s; " REMEDY, what,
			e ? strerror_r(e, text, sizeof(text)) : "the host closed the connection");
}

static int dial(uint32_t port, unsigned timeout_ms, int *fd)
{
	const struct sockaddr_vm host = { .svm_family = AF_VSOCK,
					  .svm_cid = VMADDR_CID_HOST,
					  .svm_port = port };
	const struct timeval limit = { .tv_sec = timeout_ms / 1000,
				       .tv_usec = (suseconds_t)(timeout_ms % 1000) * 1000 };

	*fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return errno;
	/* Without limits a host could hold the caller for ever: no socket then. */
	if (setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
	    setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) != 0)
		return errno;
	return connect(*fd, (const struct sockaddr *)&host, sizeof(host)) == 0 ? 0 : errno;
}

static int send_all(int fd, att_bytes in)
{
	while (in.len) {
		ssize_t n = send(fd, in.ptr, in.len, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return errno;
		if (n > 0)
			in = att_bytes_of(in.ptr + n, in.len - (size_t)n);
	}
	return 0;
}

/* 0, an errno, or -1 at the end of the stream. */
static int receive(int fd, size_t len, att_buf *out)
{
	uint8_t chunk[4096];

	while (len) {
		ssize_t n = recv(fd, chunk, len < sizeof(chunk) ? len : sizeof(chunk), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? -1 : errno;
		att_put_mem(out, chunk, (size_t)n);
		len -= (size_t)n;
	}
	return 0;
}

static size_t frame_length(const att_buf *b)
{
	att_reader r = att_reader_of(att_buf_bytes(b));
	size_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v * 256 + att_u8(&r, "frame length");
	return v;
}

att_rc att_qgs_over_vsock(unsigned timeout_ms, att_bytes request, att_buf *answer, att_err *err)
{
	att_auto_buf att_buf conf = { 0 };
	att_auto_fd int fd = -1;

	int e = att_sys_read_file(ATT_QGS_CONF, CONF_MAX, &conf);
	if (e == ENOMEM)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	if (e) /* a file that is not there, or no configuration, names none */
		conf.len = 0;
	uint32_t port = att_qgs_port_of(att_buf_bytes(&conf));
	if (!port)
		return att_fail(err, ATT_E_MISSING, ATT_QGS_CONF ": names no port");
	e = dial(port, timeout_ms ? timeout_ms : 15000, &fd);
	if (e)
		return failed(err, e, "connecting");
	e = send_all(fd, request);
	if (e)
		return failed(err, e, "sending");
	e = receive(fd, 4, answer);
	if (e)
		return failed(err, e < 0 ? 0 : e, "receiving");
	size_t len = att_buf_ok(answer, NULL) == ATT_OK ? frame_length(answer) : 0;
	if (len > ANSWER_MAX)
		return att_fail(err, ATT_E_FORMAT, "vsock: an answer of %zu bytes, at most %zu",
				len, ANSWER_MAX);
	e = receive(fd, len, answer);
	return e ? failed(err, e < 0 ? 0 : e, "receiving") : att_buf_ok(answer, err);
}
