/* SPDX-License-Identifier: Apache-2.0 */
#include "service/cpu_service.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"
#include "service/net.h"

#define CONNECTIONS 256u
#define PER_USER    192u
#define LAUNCH_MS   30000u
#define SWEEP_MS    1000

struct enclave {
	att_cpu_service *service;
	struct enclave *next;
	struct enclave **link; /* what points here */
	att_watch *watch;
	int fd;
	uid_t user;
	int64_t heard; /* milliseconds: of the last message, or when it came */
	int64_t until; /* it has to be launched */
	att_sim_conn *conn;
};

struct att_cpu_service {
	att_loop *loop;
	int fd;
	att_watch *watch;
	att_sim_cpu *cpu;
	struct att_sim_quoter quoter;
	struct att_cpu_limits limits;
	att_timer *sweep;
	struct enclave *enclaves;
	unsigned count;
	uint8_t message[ATT_SIM_MESSAGE_MAX + 1];
};

static void hang_up(struct enclave *e)
{
	*e->link = e->next;
	if (e->next)
		e->next->link = e->link;
	e->service->count--;
	att_watch_free(e->watch);
	att_sim_conn_free(e->conn);
	close(e->fd);
	free(e);
}

static bool launched(const struct enclave *e)
{
	return *att_sim_conn_is(e->conn) != '\0';
}

/* --- Messages --- */

struct message {
	ssize_t len;
	bool whole;
	int fds[ATT_SIM_FDS_MAX];
	size_t fd_count;
};

/* Takes the descriptors of one control message; those beyond the limit are closed. */
static void take_fds(const struct cmsghdr *c, struct message *m)
{
	size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < count; i++) {
		int fd;
		memcpy((void *)&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		if (m->fd_count < ATT_SIM_FDS_MAX) {
			m->fds[m->fd_count++] = fd;
		} else {
			close(fd);
			m->whole = false;
		}
	}
}

static struct message receive(struct enclave *e)
{
	union {
		struct cmsghdr align;
		uint8_t room[CMSG_SPACE(sizeof(int) * (ATT_SIM_FDS_MAX + 8))];
	} control = { .room = { 0 } };
	struct iovec v = { e->service->message, sizeof(e->service->message) };
	struct msghdr h = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control.room,
			    .msg_controllen = sizeof(control.room) };
	struct message m = { .len = recvmsg(e->fd, &h, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) };

	m.whole = m.len >= 0 && !(h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
		  (size_t)m.len <= ATT_SIM_MESSAGE_MAX;
	if (m.len < 0)
		return m;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			take_fds(c, &m);
	}
	return m;
}

/* False: hang up. */
static bool answer(struct enclave *e, const struct message *m)
{
	att_auto_buf att_buf reply = { 0 };
	att_bytes message = att_bytes_of(e->service->message, (size_t)m->len);

	return att_sim_conn_handle(e->conn, message, m->fds, m->fd_count, &reply, NULL) == ATT_OK &&
	       !reply.failed &&
	       send(e->fd, reply.ptr, reply.len, MSG_NOSIGNAL | MSG_DONTWAIT) ==
		   (ssize_t)reply.len &&
	       !att_sim_conn_spent(e->conn);
}

static void on_ready(void *ctx, unsigned what)
{
	struct enclave *e = ctx;
	struct message m = receive(e);

	(void)what;
	if (m.len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	e->heard = att_loop_ms(e->service->loop);
	bool goes_on = m.len > 0 && m.whole && answer(e, &m);
	for (size_t i = 0; i < m.fd_count; i++)
		close(m.fds[i]);
	if (!goes_on)
		hang_up(e);
}

/* --- Connections --- */

static unsigned connections_of(const att_cpu_service *s, uid_t user)
{
	unsigned n = 0;

	for (const struct enclave *e = s->enclaves; e; e = e->next)
		n += e->user == user;
	return n;
}

/* Hangs up on who has been silent for longest without being anything; of this user alone, or of
 * all. */
static bool evict(att_cpu_service *s, const uid_t *user)
{
	struct enclave *oldest = NULL;

	for (struct enclave *e = s->enclaves; e; e = e->next) {
		if (!launched(e) && (!user || e->user == *user) &&
		    (!oldest || e->heard <= oldest->heard))
			oldest = e;
	}
	if (oldest)
		hang_up(oldest);
	return oldest != NULL;
}

/* One user does not keep out the others, nor do those who never launch anything. */
static bool make_room(att_cpu_service *s, uid_t user)
{
	if (connections_of(s, user) >= s->limits.per_user)
		return evict(s, &user);
	return s->count < s->limits.connections || evict(s, NULL);
}

static void on_sweep(void *ctx)
{
	att_cpu_service *s = ctx;
	int64_t now = att_loop_ms(s->loop);
	struct enclave *next = NULL;

	for (struct enclave *e = s->enclaves; e; e = next) {
		next = e->next;
		if (now >= e->until && !launched(e))
			hang_up(e);
	}
	att_timer_set(s->sweep, SWEEP_MS);
}

static void on_accept(void *ctx, unsigned what)
{
	att_cpu_service *s = ctx;
	int64_t now = att_loop_ms(s->loop);
	struct ucred peer;
	socklen_t len = sizeof(peer);
	att_auto_fd int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
	    !make_room(s, peer.uid))
		return;
	struct enclave *e = calloc(1, sizeof(*e));
	if (!e)
		return;
	*e = (struct enclave){ .service = s,
			       .next = s->enclaves,
			       .link = &s->enclaves,
			       .fd = fd,
			       .user = peer.uid,
			       .heard = now,
			       .until = now + s->limits.launch_ms };
	fd = -1;
	if (e->next)
		e->next->link = &e->next;
	s->enclaves = e;
	s->count++;
	if (att_sim_conn_new(s->cpu, &s->quoter, &e->conn, NULL) != ATT_OK ||
	    att_watch_new(s->loop, e->fd, on_ready, e, &e->watch, NULL) != ATT_OK ||
	    !att_watch_for(e->watch, ATT_WATCH_READ))
		hang_up(e);
}

/* --- The service --- */

static void set_limits(att_cpu_service *s, const struct att_cpu_limits *limits)
{
	if (limits)
		s->limits = *limits;
	if (!s->limits.connections)
		s->limits.connections = CONNECTIONS;
	if (!s->limits.per_user)
		s->limits.per_user = PER_USER;
	if (!s->limits.launch_ms)
		s->limits.launch_ms = LAUNCH_MS;
}

att_rc att_cpu_service_new(att_loop *l, int fd, att_sim_cpu *cpu,
			   const struct att_sim_quoter *quoter, const struct att_cpu_limits *limits,
			   att_cpu_service **out, att_err *err)
{
	att_auto_fd int owned = fd;

	*out = NULL;
	att_cpu_service *s = calloc(1, sizeof(*s));
	if (!s)
		return att_fail(err, ATT_E_NOMEM, "out of memory");
	s->loop = l;
	s->fd = fd;
	s->cpu = cpu;
	s->quoter = *quoter;
	set_limits(s, limits);
	owned = -1;
	att_rc rc = att_watch_new(l, fd, on_accept, s, &s->watch, err);
	if (rc == ATT_OK && !att_watch_for(s->watch, ATT_WATCH_READ))
		rc = att_fail(err, ATT_E_IO, "the socket can not be watched");
	if (rc == ATT_OK)
		rc = att_timer_new(l, on_sweep, s, &s->sweep, err);
	if (rc != ATT_OK) {
		att_cpu_service_free(s);
		return rc;
	}
	att_timer_set(s->sweep, SWEEP_MS);
	*out = s;
	return ATT_OK;
}

void att_cpu_service_free(att_cpu_service *s)
{
	if (!s)
		return;
	while (s->enclaves)
		hang_up(s->enclaves);
	att_timer_free(s->sweep);
	att_watch_free(s->watch);
	close(s->fd);
	free(s);
}

unsigned att_cpu_service_connections(const att_cpu_service *s)
{
	return s->count;
}
