/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "service/net.h"

static char folder[] = "/tmp/att-net-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/s", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void test_tcp(void **state)
{
	static const char *const places[] = { "127.0.0.1:0", "[::1]:0" };
	char name[ATT_NET_NAME];

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(places); i++) {
		att_auto_fd int fd = -1;
		att_auto_fd int other = -1;
		att_err err = { 0 };
		assert_int_equal(att_net_listen(places[i], &fd, NULL), ATT_OK);
		assert_true(att_net_port(fd) > 0);
		att_net_name(fd, name);
		assert_memory_equal(name, places[i], strlen(places[i]) - 1);
		/* The same place again is in use. */
		assert_int_equal(att_net_listen(name, &other, &err), ATT_E_UNAVAILABLE);
		assert_non_null(strstr(err.msg, name));
		assert_int_equal(other, -1);
	}
}

static void test_no_place(void **state)
{
	static const char *const bad[] = {
		"",
		"localhost:80",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"127.0.0.1:80x",
		":80",
		"[::1]",
		"::1:80",
		"[::1:80",
		"999.0.0.1:80",
		"fd:",
		"fd:x",
		"fd:0",
		"fd:999",
		"unix:",
		"127.0.0.1:-1",
		"1.2.3.4.5.6.7.8.9.1.2.3.4.5.6.7.8.9.1.2.3.4.5.6.7.8.9.1.2:80",
	};

	(void)state;
	for (size_t i = 0; i < ATT_COUNT(bad); i++) {
		int fd;
		att_err err = { 0 };
		assert_int_equal(att_net_listen(bad[i], &fd, &err), ATT_E_ARG);
		assert_int_equal(fd, -1);
		assert_true(err.msg[0]);
	}
}

static void test_inherited(void **state)
{
	int fd;
	int same = -1;
	char place[32];

	(void)state;
	assert_int_equal(att_net_listen("127.0.0.1:0", &fd, NULL), ATT_OK);
	snprintf(place, sizeof(place), "fd:%d", fd);
	assert_int_equal(att_net_listen(place, &same, NULL), ATT_OK);
	assert_int_equal(same, fd);
	close(fd);
}

static void test_unix(void **state)
{
	char place[80];
	char name[ATT_NET_NAME];
	struct stat st;
	int fd;
	int other;

	(void)state;
	snprintf(place, sizeof(place), "unix:%s", path);
	assert_int_equal(att_net_listen(place, &fd, NULL), ATT_OK);
	att_net_name(fd, name);
	assert_string_equal(name, place);
	assert_int_equal(att_net_port(fd), 0);
	/* Somebody listens. */
	assert_int_equal(att_net_listen(place, &other, NULL), ATT_E_UNAVAILABLE);
	assert_int_equal(att_net_connect_unix(path, SOCK_STREAM, &other, NULL), ATT_OK);
	close(other);
	close(fd);
	/* Nobody listens: a stale one is replaced. */
	assert_int_equal(att_net_connect_unix(path, SOCK_STREAM, &other, NULL), ATT_E_UNAVAILABLE);
	assert_int_equal(att_net_listen_unix(path, SOCK_SEQPACKET, 0600, &fd, NULL), ATT_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close(fd);
	unlink(path);
}

static void test_file_in_the_way(void **state)
{
	FILE *f = fopen(path, "w");
	att_err err = { 0 };
	int fd;

	(void)state;
	assert_non_null(f);
	fclose(f);
	assert_int_equal(att_net_listen_unix(path, SOCK_STREAM, 0666, &fd, &err),
			 ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "no socket"));
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
	assert_int_equal(att_net_connect_unix(path, SOCK_STREAM, &fd, NULL), ATT_E_UNAVAILABLE);
}

static void test_long_names(void **state)
{
	char name[200];
	int fd;

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = 0;
	assert_int_equal(att_net_listen_unix(name, SOCK_STREAM, 0666, &fd, NULL), ATT_E_ARG);
	assert_int_equal(att_net_connect_unix(name, SOCK_STREAM, &fd, NULL), ATT_E_ARG);
	assert_int_equal(att_net_listen_abstract(name, SOCK_STREAM, &fd, NULL), ATT_E_ARG);
	assert_int_equal(att_net_listen_abstract("", SOCK_STREAM, &fd, NULL), ATT_E_ARG);
}

static void test_abstract(void **state)
{
	char name[48];
	int fd;
	int other;

	(void)state;
	snprintf(name, sizeof(name), "att-test-%ld", (long)getpid());
	assert_int_equal(att_net_listen_abstract(name, SOCK_STREAM, &fd, NULL), ATT_OK);
	assert_int_equal(att_net_listen_abstract(name, SOCK_STREAM, &other, NULL),
			 ATT_E_UNAVAILABLE);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_no_place),
		cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_file_in_the_way),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_abstract),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
