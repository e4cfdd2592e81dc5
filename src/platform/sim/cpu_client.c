/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/cpu_client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/device.h"
#include "platform/sim/tdx_measure.h"

#define TIMEOUT_MS 15000u

struct att_sim_client {
	int fd;
	bool broken; /* an exchange failed: replies can no longer be told apart */
	unsigned timeout_ms;
};

/* --- Connections --- */

static bool limit(int fd, unsigned ms)
{
	const struct timeval t = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) == 0 &&
	       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) == 0;
}

att_rc att_sim_client_over(int fd, unsigned timeout_ms, att_sim_client **out, att_err *err)
{
	*out = NULL;
	att_sim_client *c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return att_fail(err, ATT_E_NOMEM, "out of memory for a connection");
	}
	c->fd = fd;
	c->timeout_ms = timeout_ms ? timeout_ms : TIMEOUT_MS;
	if (!limit(fd, c->timeout_ms)) {
		att_sim_client_free(c);
		return att_fail(err, ATT_E_IO, "the socket takes no timeout: %s", strerror(errno));
	}
	*out = c;
	return ATT_OK;
}

att_rc att_sim_client_connect(const char *path, unsigned timeout_ms, att_sim_client **out,
			      att_err *err)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	att_auto_fd int fd = -1;
	size_t len = strlen(path);
	int done;

	*out = NULL;
	if (len == 0 || len >= sizeof(a.sun_path))
		return att_fail(
		    err, ATT_E_ARG,
		    "the simulated processor's socket has a path of %zu bytes, expected "
		    "1 to %zu",
		    len, sizeof(a.sun_path) - 1);
	memcpy(a.sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || !limit(fd, timeout_ms ? timeout_ms : TIMEOUT_MS))
		return att_fail(err, ATT_E_IO, "no socket: %s", strerror(errno));
	do
		done = connect(fd, (const struct sockaddr *)&a, sizeof(a));
	while (done != 0 && errno == EINTR);
	if (done != 0)
		return att_fail(
		    err, ATT_E_UNAVAILABLE,
		    "no simulated processor answers at %s: %s; is its world up (`attest "
		    "sim up`)?",
		    path, strerror(errno));
	int connected = fd;
	fd = -1;
	return att_sim_client_over(connected, timeout_ms, out, err);
}

void att_sim_client_free(att_sim_client *c)
{
	if (!c)
		return;
	close(c->fd);
	free(c);
}

/* --- One exchange --- */

static att_rc broke(att_sim_client *c, const char *what, att_err *err)
{
	int error = errno;

	c->broken = true;
	if (error == EAGAIN || error == EWOULDBLOCK)
		return att_fail(err, ATT_E_IO, "the simulated processor did not %s within %u ms",
				what, c->timeout_ms);
	return att_fail(err, ATT_E_IO, "the simulated processor: %s", strerror(error));
}

static void put_fds(struct cmsghdr *head, const int *fds, size_t count)
{
	if (!head) /* never: there is room for one header */
		return;
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(head), fds, count * sizeof(int));
}

static att_rc send_request(att_sim_client *c, const struct att_sim_request *q, const int *fds,
			   size_t count, att_err *err)
{
	att_auto_buf att_buf b = { .max = ATT_SIM_MESSAGE_MAX };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(ATT_SIM_FDS_MAX * sizeof(int))] = { 0 };

	att_sim_request_write(q, &b);
	att_rc rc = att_buf_ok(&b, err);
	if (rc != ATT_OK)
		return rc;
	struct iovec part = { .iov_base = b.ptr, .iov_len = b.len };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	if (count) {
		m.msg_control = control;
		m.msg_controllen = CMSG_SPACE(count * sizeof(int));
		put_fds(CMSG_FIRSTHDR(&m), fds, count);
	}
	ssize_t sent;
	do
		sent = sendmsg(c->fd, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)b.len ? ATT_OK : broke(c, "take a request", err);
}

/* Into `message`, which owns what the reply lends. */
static att_rc receive(att_sim_client *c, enum att_sim_op op, att_buf *message,
		      struct att_sim_reply *reply, att_err *err)
{
	ssize_t n;

	att_put_zero(message, ATT_SIM_MESSAGE_MAX);
	att_rc rc = att_buf_ok(message, err);
	if (rc != ATT_OK) {
		c->broken = true;
		return rc;
	}
	do
		n = recv(c->fd, message->ptr, message->len, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return broke(c, "answer", err);
	c->broken = true;
	if (n == 0)
		return att_fail(err, ATT_E_IO, "the simulated processor hung up");
	if ((size_t)n > message->len)
		return att_fail(err, ATT_E_FORMAT, "a reply of %zd bytes, at most %zu are possible",
				n, ATT_SIM_MESSAGE_MAX);
	rc = att_sim_reply_parse(att_bytes_of(message->ptr, (size_t)n), reply, err);
	if (rc != ATT_OK)
		return rc;
	/* Operation 0: the request could not be read, which is a refusal of this one. */
	if (reply->op != op && (reply->op != 0 || reply->rc == ATT_OK))
		return att_fail(err, ATT_E_FORMAT, "a reply to operation %u, expected %d",
				reply->op, (int)op);
	c->broken = false;
	return ATT_OK;
}

static void discard(att_buf *message)
{
	att_wipe(message->ptr, message->cap);
	att_buf_free(message);
}

/* The payload of `len` bytes goes to `out`, or, when `out` is NULL, all of it to `more`. */
static att_rc exchange(att_sim_client *c, const struct att_sim_request *q, const int *fds,
		       size_t fd_count, uint8_t *out, size_t len, att_buf *more, uint32_t *sgx_code,
		       att_err *err)
{
	__attribute__((cleanup(discard))) att_buf message = { .max = ATT_SIM_MESSAGE_MAX };
	struct att_sim_reply reply = { 0 };

	if (c->broken)
		return att_fail(err, ATT_E_IO,
				"the connection to the simulated processor failed before");
	att_rc rc = send_request(c, q, fds, fd_count, err);
	if (rc == ATT_OK)
		rc = receive(c, q->op, &message, &reply, err);
	if (rc != ATT_OK)
		return rc;
	if (sgx_code)
		*sgx_code = reply.sgx_code;
	if (reply.rc != ATT_OK)
		return att_fail(err, reply.rc, "%.*s", (int)reply.body.len,
				(const char *)reply.body.ptr);
	if (!out && more) {
		att_put(more, reply.body);
		return att_buf_ok(more, err);
	}
	if (reply.body.len != len)
		return att_fail(err, ATT_E_FORMAT, "a reply with %zu bytes, expected %zu",
				reply.body.len, len);
	if (len)
		memcpy(out, reply.body.ptr, len);
	return ATT_OK;
}

/* --- Launching --- */

static att_rc seal(int fd, att_bytes in, size_t len, att_err *err)
{
	size_t done = 0;

	while (done < in.len) {
		ssize_t n = write(fd, in.ptr + done, in.len - done);

		if (n < 0 && errno != EINTR)
			return att_fail(err, ATT_E_IO, "writing to memory: %s", strerror(errno));
		if (n > 0)
			done += (size_t)n;
	}
	if (ftruncate(fd, (off_t)len) != 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
		return att_fail(err, ATT_E_IO, "sealing memory: %s", strerror(errno));
	return ATT_OK;
}

/* A sealed copy of `len` bytes, those behind `in` zero. */
static att_rc sealed(att_bytes in, size_t len, int *out, att_err *err)
{
	int fd = memfd_create("attest", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	*out = -1;
	if (fd < 0)
		return att_fail(err, ATT_E_IO, "no memory file: %s", strerror(errno));
	att_rc rc = seal(fd, in, len, err);
	if (rc != ATT_OK)
		close(fd);
	else
		*out = fd;
	return rc;
}

static void close_all(int (*fds)[ATT_SIM_FDS_MAX])
{
	for (size_t i = 0; i < ATT_SIM_FDS_MAX; i++)
		if ((*fds)[i] >= 0)
			close((*fds)[i]);
}
#define auto_fds __attribute__((cleanup(close_all)))
#define NO_FDS                                 \
	{                                      \
		-1, -1, -1, -1, -1, -1, -1, -1 \
	}

static att_rc too_large(size_t len, att_err *err)
{
	return att_fail(err, ATT_E_FORMAT, "an image of %zu bytes, 1 to %zu are possible", len,
			ATT_SIM_IMAGE_MAX);
}

att_rc att_sim_client_launch(att_sim_client *c, att_bytes image, att_bytes sigstruct,
			     const struct att_sim_ask *ask, struct att_secs *identity, att_err *err)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_LAUNCH };
	auto_fds int fds[ATT_SIM_FDS_MAX] = NO_FDS;
	att_auto_buf att_buf body = { .max = ATT_SIM_MESSAGE_MAX };
	struct att_secs is;

	if (image.len == 0 || image.len > ATT_SIM_IMAGE_MAX)
		return too_large(image.len, err);
	if (ask)
		q.launch = *ask;
	att_rc rc = sealed(image, image.len, &fds[0], err);
	if (rc == ATT_OK)
		rc = sealed(sigstruct, sigstruct.len, &fds[1], err);
	if (rc == ATT_OK)
		rc = exchange(c, &q, fds, 2, NULL, 0, &body, NULL, err);
	if (rc == ATT_OK)
		rc = att_sim_secs_parse(att_buf_bytes(&body), &is, err);
	if (rc == ATT_OK && identity)
		*identity = is;
	return rc;
}

att_rc att_sim_client_td_launch(att_sim_client *c, const struct att_sim_td_ask *ask,
				const att_bytes *parts, struct att_sim_td_identity *identity,
				att_err *err)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_TD_LAUNCH, .td = *ask };
	auto_fds int fds[ATT_SIM_FDS_MAX] = NO_FDS;
	att_auto_buf att_buf body = { .max = ATT_SIM_MESSAGE_MAX };
	struct att_sim_td_identity is;

	if (ask->parts == 0 || ask->parts > ATT_SIM_FDS_MAX)
		return att_fail(err, ATT_E_ARG, "a TD of %zu parts, 1 to %u are possible",
				ask->parts, ATT_SIM_FDS_MAX);
	for (size_t i = 0; i < ask->parts; i++) {
		if (parts[i].len == 0 || parts[i].len > ATT_SIM_IMAGE_MAX)
			return too_large(parts[i].len, err);
		size_t pages = (parts[i].len + ATT_TDX_PAGE - 1) / ATT_TDX_PAGE;
		att_rc rc = sealed(parts[i], pages * ATT_TDX_PAGE, &fds[i], err);
		if (rc != ATT_OK)
			return rc;
	}
	att_rc rc = exchange(c, &q, fds, ask->parts, NULL, 0, &body, NULL, err);
	if (rc == ATT_OK)
		rc = att_sim_td_identity_parse(att_buf_bytes(&body), &is, err);
	if (rc == ATT_OK && identity)
		*identity = is;
	return rc;
}

/* --- What an enclave or a TD asks --- */

att_rc att_sim_client_ereport(att_sim_client *c,
			      const uint8_t target[static ATT_SGX_TARGETINFO_LEN],
			      const uint8_t report_data[static 64],
			      uint8_t report[static ATT_SGX_REPORT_LEN], att_err *err)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_EREPORT };

	memcpy(q.target, target, sizeof(q.target));
	memcpy(q.report_data, report_data, sizeof(q.report_data));
	return exchange(c, &q, NULL, 0, report, ATT_SGX_REPORT_LEN, NULL, NULL, err);
}

att_rc att_sim_client_egetkey(att_sim_client *c,
			      const uint8_t keyrequest[static ATT_SGX_KEYREQUEST_LEN],
			      uint8_t key[static 16], uint32_t *sgx_code, att_err *err)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_EGETKEY };

	if (sgx_code)
		*sgx_code = ATT_SGX_UNEXPECTED;
	memcpy(q.keyrequest, keyrequest, sizeof(q.keyrequest));
	return exchange(c, &q, NULL, 0, key, 16, NULL, sgx_code, err);
}

att_rc att_sim_client_verify_report(att_sim_client *c,
				    const uint8_t report[static ATT_SGX_REPORT_LEN], att_err *err)
{
	struct att_sgx_keyrequest r = { .key_name = ATT_SGX_KEY_REPORT };
	uint8_t request[ATT_SGX_KEYREQUEST_LEN], key[16] = { 0 };

	memcpy(r.key_id, report + 384, sizeof(r.key_id));
	att_sgx_keyrequest_write(&r, request);
	att_rc rc = att_sim_client_egetkey(c, request, key, NULL, err);
	if (rc == ATT_OK)
		rc = att_sgx_report_check(key, report, err);
	att_wipe(key, sizeof(key));
	return rc;
}

att_rc att_sim_client_qe_target(att_sim_client *c, uint8_t target[static ATT_SGX_TARGETINFO_LEN],
				att_err *err)
{
	const struct att_sim_request q = { .op = ATT_SIM_OP_QE_TARGET };

	return exchange(c, &q, NULL, 0, target, ATT_SGX_TARGETINFO_LEN, NULL, NULL, err);
}

att_rc att_sim_client_quote(att_sim_client *c, enum att_sim_kind kind,
			    const uint8_t report_data[static 64], att_buf *out, att_err *err)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_QUOTE, .kind = kind };

	memcpy(q.report_data, report_data, sizeof(q.report_data));
	return exchange(c, &q, NULL, 0, NULL, 0, out, NULL, err);
}

att_rc att_sim_client_rtmr_extend(att_sim_client *c, unsigned index, const uint8_t data[static 48],
				  att_err *err)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_RTMR_EXTEND, .rtmr = index };

	if (index > 3)
		return att_fail(err, ATT_E_ARG, "there is no RTMR %u: they are 0 to 3", index);
	memcpy(q.extend, data, sizeof(q.extend));
	return exchange(c, &q, NULL, 0, NULL, 0, NULL, NULL, err);
}

att_rc att_sim_client_tdreport(att_sim_client *c, const uint8_t report_data[static 64],
			       uint8_t report[static ATT_TDREPORT_LEN], att_err *err)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_TDREPORT };

	memcpy(q.report_data, report_data, sizeof(q.report_data));
	return exchange(c, &q, NULL, 0, report, ATT_TDREPORT_LEN, NULL, NULL, err);
}
