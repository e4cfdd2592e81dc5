/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "clock.h"
#include "service/lines.h"
#include "service/net.h"

struct fixture {
	struct test_time time;
	att_loop *loop;
	att_lines *lines;
	char name[48];
	unsigned count;
};

/* Says the line backwards; hangs up on "bye". */
static bool handler(void *ctx, att_bytes line, att_buf *answer)
{
	struct fixture *f = ctx;

	f->count++;
	for (size_t i = line.len; i > 0; i--)
		att_put_u8(answer, line.ptr[i - 1]);
	att_put_str(answer, "\n");
	return line.len != 3 || memcmp(line.ptr, "bye", 3) != 0;
}

static struct fixture start(void)
{
	return (struct fixture){ 0 };
}

static void listen_as(struct fixture *f)
{
	const struct att_clock clock = test_clock(&f->time);
	int fd;

	snprintf(f->name, sizeof(f->name), "att-lines-%ld", (long)getpid());
	assert_int_equal(att_loop_new(&clock, &f->loop, NULL), ATT_OK);
	assert_int_equal(att_net_listen_abstract(f->name, SOCK_STREAM, &fd, NULL), ATT_OK);
	assert_int_equal(att_lines_new(f->loop, fd, 100, handler, f, &f->lines, NULL), ATT_OK);
}

static int dial(const struct fixture *f)
{
	union {
		struct sockaddr any;
		struct sockaddr_storage room;
	} a;
	socklen_t len = sizeof(a);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(&a, 0, sizeof(a));
	a.any.sa_family = AF_UNIX;
	memcpy((char *)&a + sizeof(sa_family_t) + 1, f->name, strlen(f->name));
	len = sizeof(sa_family_t) + 108;
	assert_int_equal(connect(fd, &a.any, len), 0);
	return fd;
}

/* What came after some turns; "-" after a hang-up. */
static const char *exchange(struct fixture *f, int fd, const char *text)
{
	static char got[256];
	size_t len = strlen(text);

	memset(got, 0, sizeof(got));
	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), (ssize_t)len);
	for (int i = 0; i < 20; i++)
		att_loop_turn(f->loop);
	ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);
	return n == 0 ? "-" : got;
}

static void test_lines(void **state)
{
	struct fixture f = start();

	(void)state;
	listen_as(&f);
	att_auto_fd int one = dial(&f);
	att_auto_fd int two = dial(&f);
	assert_string_equal(exchange(&f, one, "abc\n"), "cba\n");
	assert_string_equal(exchange(&f, one, "half"), "");
	assert_string_equal(exchange(&f, two, "1\n22\n\n"), "1\n22\n\n");
	assert_string_equal(exchange(&f, one, " a line\n"), "enil a flah\n");
	assert_string_equal(exchange(&f, one, "bye\n"), "-");
	assert_string_equal(exchange(&f, two, "still\n"), "llits\n");
	assert_int_equal(f.count, 7);
	att_lines_free(f.lines);
	att_lines_free(NULL);
	att_loop_free(f.loop);
}

static void test_long_lines(void **state)
{
	struct fixture f = start();
	char text[101];

	(void)state;
	listen_as(&f);
	att_auto_fd int fd = dial(&f);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_string_equal(exchange(&f, fd, text), "-");
	assert_int_equal(f.count, 0);
	att_lines_free(f.lines);
	att_loop_free(f.loop);
}

static void test_crowd(void **state)
{
	struct fixture f = start();
	int fd[20];

	(void)state;
	listen_as(&f);
	for (int i = 0; i < 20; i++)
		fd[i] = dial(&f);
	for (int i = 0; i < 50; i++)
		att_loop_turn(f.loop);
	assert_string_equal(exchange(&f, fd[0], "x\n"), "x\n");
	char byte;
	assert_int_equal(recv(fd[19], &byte, 1, MSG_DONTWAIT), 0);
	/* One leaves, another may come. */
	close(fd[0]);
	for (int i = 0; i < 10; i++)
		att_loop_turn(f.loop);
	att_auto_fd int late = dial(&f);
	assert_string_equal(exchange(&f, late, "y\n"), "y\n");
	for (int i = 1; i < 20; i++)
		close(fd[i]);
	att_lines_free(f.lines);
	att_loop_free(f.loop);
}

static bool gone(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* Sixteen who say nothing make room in the end; half a line is nothing. */
static void test_silence(void **state)
{
	struct fixture f = start();
	int fd[16];

	(void)state;
	listen_as(&f);
	for (int i = 0; i < 16; i++)
		fd[i] = dial(&f);
	assert_string_equal(exchange(&f, fd[0], "x\n"), "x\n");
	f.time.ms = 9000;
	assert_string_equal(exchange(&f, fd[0], "y\n"), "y\n");
	assert_string_equal(exchange(&f, fd[1], "half"), "");
	f.time.ms = 10000;
	assert_string_equal(exchange(&f, fd[0], "z\n"), "z\n");
	for (int i = 1; i < 16; i++)
		assert_true(gone(fd[i]));
	assert_false(gone(fd[0]));
	att_auto_fd int late = dial(&f);
	assert_string_equal(exchange(&f, late, "late\n"), "etal\n");
	for (int i = 0; i < 16; i++)
		close(fd[i]);
	att_lines_free(f.lines);
	att_loop_free(f.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
