/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated processor that answers over real sockets, from a thread. Include once, behind
 * enclaves.h and cpu_quoter.h. */
#ifndef ATT_TESTS_PLATFORM_CPU_THREAD_H
#define ATT_TESTS_PLATFORM_CPU_THREAD_H

#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct cpu_thread {
	struct echo echo;
	struct att_sim_quoter quoter;
	att_sim_cpu *cpu;
	int listener; /* -1: `fd` is the one connection */
	int fd;
	pthread_t thread;
	char folder[32];
	char path[64];
};

static ssize_t cpu_thread_receive(int fd, uint8_t *message, size_t room, int *fds, size_t *count)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(ATT_SIM_FDS_MAX * sizeof(int))];
	struct iovec part = { .iov_base = message, .iov_len = room };
	struct msghdr m = { .msg_iov = &part,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	*count = 0;
	if (head) {
		*count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(head), *count * sizeof(int));
	}
	return n;
}

static void cpu_thread_serve(struct cpu_thread *t, int fd)
{
	static uint8_t message[ATT_SIM_MESSAGE_MAX];
	att_sim_conn *conn = NULL;
	int fds[ATT_SIM_FDS_MAX];
	size_t count;
	ssize_t n;

	if (att_sim_conn_new(t->cpu, &t->quoter, &conn, NULL) != ATT_OK)
		return;
	while ((n = cpu_thread_receive(fd, message, sizeof(message), fds, &count)) > 0) {
		att_auto_buf att_buf reply = { 0 };
		att_rc rc = att_sim_conn_handle(conn, att_bytes_of(message, (size_t)n), fds, count,
						&reply, NULL);

		for (size_t i = 0; i < count; i++)
			close(fds[i]);
		if (rc != ATT_OK || send(fd, reply.ptr, reply.len, MSG_NOSIGNAL) < 0)
			break;
	}
	att_sim_conn_free(conn);
}

static void *cpu_thread_run(void *arg)
{
	struct cpu_thread *t = arg;
	int fd;

	if (t->listener < 0) {
		cpu_thread_serve(t, t->fd);
		close(t->fd);
		return NULL;
	}
	while ((fd = accept(t->listener, NULL, NULL)) >= 0) {
		cpu_thread_serve(t, fd);
		close(fd);
	}
	return NULL;
}

static inline void cpu_thread_start(struct cpu_thread *t)
{
	t->echo = echo_make();
	t->quoter = echo_quoter(&t->echo);
	t->cpu = random_cpu();
	assert_int_equal(pthread_create(&t->thread, NULL, cpu_thread_run, t), 0);
}

/* One connection, whose other end this returns. */
static inline int cpu_thread_pair(struct cpu_thread *t)
{
	int pair[2];

	*t = (struct cpu_thread){ .listener = -1 };
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	t->fd = pair[1];
	cpu_thread_start(t);
	return pair[0];
}

/* A socket at t->path, in a folder of its own. */
static inline void cpu_thread_listen(struct cpu_thread *t)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	*t = (struct cpu_thread){ .folder = "/tmp/attest-cpu-XXXXXX" };
	assert_non_null(mkdtemp(t->folder));
	snprintf(t->path, sizeof(t->path), "%s/cpu", t->folder);
	memcpy(a.sun_path, t->path, strlen(t->path));
	t->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(t->listener, (const struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(t->listener, 4), 0);
	cpu_thread_start(t);
}

/* Behind the end of every client. */
static inline void cpu_thread_end(struct cpu_thread *t)
{
	if (t->listener >= 0)
		shutdown(t->listener, SHUT_RDWR);
	assert_int_equal(pthread_join(t->thread, NULL), 0);
	if (t->listener >= 0)
		close(t->listener);
	if (t->path[0]) {
		unlink(t->path);
		rmdir(t->folder);
	}
	att_sim_cpu_free(t->cpu);
}

#endif
