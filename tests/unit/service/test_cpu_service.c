/* SPDX-License-Identifier: Apache-2.0 */
/* Who may be connected to the processor, and for how long; what it answers is
 * platform/test_cpu_server.c. */
#include "../platform/enclaves.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../platform/cpu_quoter.h"
#include "clock.h"
#include "platform/sim/tdx_measure.h"
#include "service/cpu_service.h"
#include "service/net.h"

struct fixture {
	struct test_time time;
	struct echo echo;
	att_sim_cpu *cpu;
	att_loop *loop;
	att_cpu_service *service;
	char name[48];
};

static void start(struct fixture *f, const struct att_cpu_limits *limits)
{
	const struct att_clock clock = test_clock(&f->time);
	int fd;

	*f = (struct fixture){ .echo = echo_make(), .cpu = random_cpu() };
	const struct att_sim_quoter quoter = echo_quoter(&f->echo);
	snprintf(f->name, sizeof(f->name), "att-cpu-%ld", (long)getpid());
	assert_int_equal(att_loop_new(&clock, &f->loop, NULL), ATT_OK);
	assert_int_equal(att_net_listen_abstract(f->name, SOCK_SEQPACKET, &fd, NULL), ATT_OK);
	assert_int_equal(
	    att_cpu_service_new(f->loop, fd, f->cpu, &quoter, limits, &f->service, NULL), ATT_OK);
}

static void end(struct fixture *f)
{
	att_cpu_service_free(f->service);
	att_loop_free(f->loop);
	att_sim_cpu_free(f->cpu);
}

static void turn(const struct fixture *f)
{
	for (int i = 0; i < 10; i++)
		att_loop_turn(f->loop);
}

static int dial(const struct fixture *f)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path + 1, f->name, strlen(f->name));
	assert_int_equal(connect(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	turn(f);
	return fd;
}

static bool gone(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

/* Sends a request with a descriptor, or with none (-1), and takes the reply's code. */
static att_rc ask(const struct fixture *f, int fd, const struct att_sim_request *q, int with)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	att_auto_buf att_buf message = { 0 };
	uint8_t room[4096];
	struct att_sim_reply r;

	att_sim_request_write(q, &message);
	struct iovec part = { .iov_base = message.ptr, .iov_len = message.len };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	if (with >= 0) {
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		struct cmsghdr *head = CMSG_FIRSTHDR(&m);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &with, sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &m, MSG_NOSIGNAL), message.len);
	turn(f);
	ssize_t n = recv(fd, room, sizeof(room), MSG_DONTWAIT);
	assert_true(n > 0);
	assert_int_equal(att_sim_reply_parse(att_bytes_of(room, (size_t)n), &r, NULL), ATT_OK);
	return r.rc;
}

static att_rc launch(const struct fixture *f, int fd, size_t len)
{
	const struct att_sim_request q = { .op = ATT_SIM_OP_TD_LAUNCH,
					   .td = { .xfam = 3, .parts = 1 } };
	att_auto_fd int memory = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(memory, (off_t)len), 0);
	assert_int_equal(fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK), 0);
	return ask(f, fd, &q, memory);
}

static void who_launches_nothing_is_hung_up_on(void **state)
{
	const struct att_sim_request target = { .op = ATT_SIM_OP_QE_TARGET };
	struct fixture f;

	(void)state;
	start(&f, NULL);
	att_auto_fd int td = dial(&f);
	att_auto_fd int silent = dial(&f);
	att_auto_fd int talks = dial(&f);
	assert_int_equal(launch(&f, td, ATT_TDX_PAGE), ATT_OK);
	f.time.ms = 29000;
	assert_int_equal(ask(&f, talks, &target, -1), ATT_OK);
	assert_int_equal(att_cpu_service_connections(f.service), 3);
	f.time.ms = 30000;
	turn(&f);
	assert_true(gone(silent));
	assert_true(gone(talks));
	f.time.ms = 3600000;
	turn(&f);
	assert_false(gone(td));
	assert_int_equal(att_cpu_service_connections(f.service), 1);
	end(&f);
}

/* With limits that leave room for two. */
static void a_crowd(const struct att_cpu_limits *limits)
{
	const struct att_sim_request target = { .op = ATT_SIM_OP_QE_TARGET };
	struct fixture f;

	start(&f, limits);
	att_auto_fd int first = dial(&f);
	f.time.ms = 1;
	att_auto_fd int second = dial(&f);
	f.time.ms = 2;
	assert_int_equal(ask(&f, first, &target, -1), ATT_OK);
	/* The second has been silent for longest. */
	att_auto_fd int third = dial(&f);
	assert_false(gone(first));
	assert_true(gone(second));
	assert_int_equal(launch(&f, third, ATT_TDX_PAGE), ATT_OK);
	f.time.ms = 3;
	assert_int_equal(launch(&f, first, ATT_TDX_PAGE), ATT_OK);
	/* Nobody makes room who is something. */
	att_auto_fd int fourth = dial(&f);
	assert_true(gone(fourth));
	assert_false(gone(first));
	assert_false(gone(third));
	assert_int_equal(att_cpu_service_connections(f.service), 2);
	end(&f);
}

static void a_user_has_a_share(void **state)
{
	const struct att_cpu_limits limits = { .per_user = 2 };

	(void)state;
	a_crowd(&limits);
}

static void all_have_a_limit(void **state)
{
	const struct att_cpu_limits limits = { .connections = 2 };

	(void)state;
	a_crowd(&limits);
}

static void failing_to_launch_ends(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, NULL);
	att_auto_fd int fd = dial(&f);
	for (int i = 0; i < 3; i++) {
		assert_false(gone(fd));
		assert_int_equal(launch(&f, fd, 1), ATT_E_ARG);
	}
	assert_true(gone(fd));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_launches_nothing_is_hung_up_on),
		cmocka_unit_test(a_user_has_a_share),
		cmocka_unit_test(all_have_a_limit),
		cmocka_unit_test(failing_to_launch_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
