/* SPDX-License-Identifier: Apache-2.0 */
/* The attester "aesm" between a daemon and a source of reports, both played here: connect() to the
 * daemon's path leads to our server, and the sources are the test's own. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "aesm_backend.h"
#include "base/error.h"
#include "platform/aesm/frame.h"
#include "platform/attester.h"
#include "platform/device.h"

static struct world {
	struct fake fake;
	struct att_aesm_backend backend;
	struct att_aesm_server server;
	bool listening;
	bool simulated; /* which sources are there */
	bool gramine;
	att_rc report_rc;
	uint8_t target[512];
	char image[32];
	pthread_t thread;
	bool running;
	int fd;
} the;

static void *serve(void *unused)
{
	att_auto_buf att_buf in = { 0 };
	att_auto_buf att_buf out = { 0 };
	uint8_t piece[2048];
	size_t len = 0;

	(void)unused;
	for (size_t want = ATT_AESM_HEADER; in.len < want;) {
		ssize_t n = recv(the.fd, piece, want - in.len, 0);
		assert_true(n > 0);
		att_put_mem(&in, piece, (size_t)n);
		if (in.len >= ATT_AESM_HEADER)
			assert_int_equal(att_aesm_header(in.ptr, &len, NULL), ATT_OK);
		want = ATT_AESM_HEADER + len;
	}
	assert_int_equal(att_aesm_answer(&the.server, att_buf_bytes(&in), &out, NULL), ATT_OK);
	for (size_t done = 0; done < out.len;)
		done += (size_t)send(the.fd, out.ptr + done, out.len - done, MSG_NOSIGNAL);
	close(the.fd);
	return NULL;
}

static void join(void)
{
	if (the.running)
		pthread_join(the.thread, NULL);
	the.running = false;
}

/* In place of the C library's. */
int connect(int fd, const struct sockaddr *address, socklen_t len)
{
	struct sockaddr_un a;
	int pair[2];

	memcpy(&a, address, len < sizeof(a) ? len : sizeof(a));
	assert_int_equal(a.sun_family, AF_UNIX);
	assert_string_equal(a.sun_path, "/var/run/aesmd/aesm.socket");
	join();
	if (!the.listening) {
		errno = ECONNREFUSED;
		return -1;
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(dup2(pair[0], fd), fd);
	close(pair[0]);
	the.fd = pair[1];
	assert_int_equal(pthread_create(&the.thread, NULL, serve, NULL), 0);
	the.running = true;
	return 0;
}

/* In place of platform/device.c's, and of the attesters'. */
bool att_sys_there(const char *path, unsigned type)
{
	assert_string_equal(path, "/var/run/aesmd/aesm.socket");
	assert_int_equal(type, S_IFSOCK);
	return the.listening;
}

static att_rc there(bool it_is, att_err *err)
{
	return it_is ? ATT_OK : att_fail(err, ATT_E_UNAVAILABLE, "not there");
}

static att_rc sim_probe(const struct att_attester_options *options, att_err *err)
{
	return there(the.simulated && options->sim_cpu, err);
}

static att_rc gramine_probe(const struct att_attester_options *options, att_err *err)
{
	(void)options;
	return there(the.gramine, err);
}

static att_rc nowhere(const struct att_attester_options *options, att_err *err)
{
	(void)options;
	return there(false, err);
}

static att_rc make_report(const struct att_attester_options *options, const uint8_t target[512],
			  const uint8_t report_data[ATT_REPORT_DATA], uint8_t report[432],
			  att_err *err)
{
	memcpy(the.target, target, 512);
	if (options->image)
		snprintf(the.image, sizeof(the.image), "%s", options->image);
	memset(report, 0, 432);
	memcpy(report + 320, report_data, ATT_REPORT_DATA);
	return the.report_rc == ATT_OK ? ATT_OK : att_fail(err, the.report_rc, "no enclave");
}

const struct att_report_source att_report_source_sim = { "sim", sim_probe, make_report };
const struct att_report_source att_report_source_occlum = { "occlum", nowhere, make_report };
const struct att_report_source att_report_source_gramine = { "gramine", gramine_probe,
							     make_report };

static int set_up(void **state)
{
	(void)state;
	the = (struct world){ .listening = true, .gramine = true };
	the.backend = fake_backend(&the.fake);
	the.server =
	    (struct att_aesm_server){ .backend = &the.backend, .preferred = ATT_AESM_ECDSA_P256 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	join();
	return 0;
}

static att_rc quote(const struct att_attester_options *o, struct att_quoted *out, att_err *err)
{
	uint8_t report_data[ATT_REPORT_DATA];
	void *attester = NULL;

	*out = (struct att_quoted){ 0 };
	memset(report_data, 0xd1, sizeof(report_data));
	att_rc rc = att_attester_aesm.open(o, &attester, err);
	if (rc != ATT_OK)
		return rc;
	rc = att_attester_aesm.quote(attester, report_data, out, err);
	att_attester_aesm.close(attester);
	return rc;
}

static void daemon_and_enclave_make_a_quote(void **state)
{
	const struct att_attester_options none = { 0 };
	struct att_quoted q;
	att_err err = { 0 };

	(void)state;
	assert_int_equal(att_attester_aesm.probe(&none, NULL), ATT_OK);
	if (quote(&none, &q, &err) != ATT_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(q.evidence_len, FAKE_QUOTE_LEN);
	assert_int_equal(q.evidence[320], 0xd1);
	assert_int_equal(q.evidence[383], 0xd1);
	assert_int_equal(the.target[0], 0xec); /* the ECDSA quoting enclave's */
	assert_int_equal(the.fake.vouched_len, FAKE_QUOTE_LEN);
	assert_false(att_all_zero(att_bytes_of(the.fake.nonce, ATT_AESM_NONCE)));
	free(q.evidence);
}

static void a_lost_key_and_a_busy_daemon(void **state)
{
	const struct att_attester_options none = { 0 };
	struct att_quoted q;

	(void)state;
	the.fake.forced = ATT_AESM_ATT_KEY_NOT_INITIALIZED;
	assert_int_equal(quote(&none, &q, NULL), ATT_OK);
	free(q.evidence);
	the.fake.forced = ATT_AESM_BUSY;
	the.fake.forced_for = 1;
	assert_int_equal(quote(&none, &q, NULL), ATT_OK);
	free(q.evidence);
}

/* The first source that is there; options are kept beyond opening. */
static void sources_are_tried_in_order(void **state)
{
	char cpu[] = "/run/cpu", image[] = "/bin/enclave";
	const struct att_attester_options o = { .sim_cpu = cpu, .image = image };
	uint8_t report_data[ATT_REPORT_DATA] = { 0 };
	struct att_quoted q = { 0 };
	void *attester;

	(void)state;
	the.simulated = true;
	assert_int_equal(att_attester_aesm.open(&o, &attester, NULL), ATT_OK);
	memset(image, 0, sizeof(image));
	assert_int_equal(att_attester_aesm.quote(attester, report_data, &q, NULL), ATT_OK);
	assert_string_equal(the.image, "/bin/enclave");
	att_attester_aesm.close(attester);
	free(q.evidence);
}

static void what_is_missing_is_said(void **state)
{
	const struct att_attester_options none = { 0 };
	struct att_quoted q;
	att_err err = { 0 };

	(void)state;
	the.gramine = false;
	assert_int_equal(att_attester_aesm.probe(&none, &err), ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "in no enclave"));
	assert_int_equal(quote(&none, &q, &err), ATT_E_UNAVAILABLE);
	the.gramine = true;
	the.listening = false;
	assert_int_equal(att_attester_aesm.probe(&none, &err), ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "start aesmd"));
	assert_int_equal(quote(&none, &q, &err), ATT_E_UNAVAILABLE);
	assert_non_null(strstr(err.msg, "Connection refused"));
	the.listening = true;
	the.report_rc = ATT_E_IO;
	assert_int_equal(quote(&none, &q, &err), ATT_E_IO);
	assert_non_null(strstr(err.msg, "report from gramine: no enclave"));
	assert_null(q.evidence);
}

/* The attester's contract knows neither ATT_E_ARG nor ATT_E_UNSUPPORTED. */
static void every_code_is_told(void **state)
{
	const struct att_attester_options none = { 0 };

	(void)state;
	for (uint32_t code = 1; code <= ATT_AESM_ERROR_LAST; code++) {
		const struct att_aesm_code *known = att_aesm_code(code);
		struct att_quoted q;
		att_err err = { 0 };

		if (!known || att_aesm_is_busy(code) || code == ATT_AESM_ATT_KEY_NOT_INITIALIZED)
			continue;
		the.fake.quote_error = code;
		assert_int_equal(quote(&none, &q, &err), ATT_E_UNAVAILABLE);
		assert_non_null(strstr(err.msg, known->name));
		assert_non_null(strstr(err.msg, known->cause));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(daemon_and_enclave_make_a_quote),
		TEST(a_lost_key_and_a_busy_daemon),
		TEST(sources_are_tried_in_order),
		TEST(what_is_missing_is_said),
		TEST(every_code_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
