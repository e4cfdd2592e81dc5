/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "service/daemon.h"

static void test_listen_fds(void **state)
{
	char me[16];
	char other[16];

	(void)state;
	snprintf(me, sizeof(me), "%ld", (long)getpid());
	snprintf(other, sizeof(other), "%ld", (long)getpid() + 1);
	assert_int_equal(att_listen_fds(me, "2"), 2);
	assert_int_equal(att_listen_fds(me, "0"), 0);
	assert_int_equal(att_listen_fds(other, "2"), 0);
	assert_int_equal(att_listen_fds(NULL, "2"), 0);
	assert_int_equal(att_listen_fds(me, NULL), 0);
	assert_int_equal(att_listen_fds(me, ""), 0);
	assert_int_equal(att_listen_fds(me, "2x"), 0);
	assert_int_equal(att_listen_fds(me, "-1"), 0);
	assert_int_equal(att_listen_fds(me, "999"), 0);
	assert_int_equal(att_listen_fds(me, "99999999999999999999"), 0);
	assert_int_equal(att_listen_fds("x", "1"), 0);
}

static void test_notify(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char name[64];
	char text[64] = "";
	att_err err = { 0 };

	(void)state;
	snprintf(name, sizeof(name), "@att-notify-%ld", (long)getpid());
	memcpy(a.sun_path + 1, name + 1, strlen(name) - 1);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
			 0);
	assert_int_equal(att_notify(name, "READY=1\nSTATUS=up", NULL), ATT_OK);
	assert_int_equal(recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT), 17);
	assert_string_equal(text, "READY=1\nSTATUS=up");
	close(fd);
	assert_int_equal(att_notify(name, "READY=1", &err), ATT_E_IO);
	assert_non_null(strstr(err.msg, name));
	assert_int_equal(att_notify(NULL, "READY=1", NULL), ATT_OK);
	assert_int_equal(att_notify("", "READY=1", NULL), ATT_OK);
	assert_int_equal(att_notify("relative", "READY=1", NULL), ATT_E_ARG);
	memset(text, '/', sizeof(text) - 1);
	char far_too_long[200];
	memset(far_too_long, '/', sizeof(far_too_long));
	far_too_long[sizeof(far_too_long) - 1] = 0;
	assert_int_equal(att_notify(far_too_long, "READY=1", NULL), ATT_E_ARG);
}

static void test_sigpipe(void **state)
{
	int ends[2];

	(void)state;
	att_ignore_sigpipe();
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(write(ends[1], "x", 1), -1);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listen_fds),
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_sigpipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
