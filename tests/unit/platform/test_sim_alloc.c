/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th allocation fails: a session with the simulated processor says so, and leaks nothing. */
#include "../fail_alloc.h"

#include "enclaves.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu_quoter.h"

static uint8_t sigstruct[ATT_SIGSTRUCT_LEN];
static int fds[2];

static int sealed(const void *p, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, len), len);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK), 0);
	return fd;
}

static int setup(void **state)
{
	att_auto_buf att_buf image = { 0 };
	att_rsa_signer *key = author("alloc");
	struct att_sigstruct terms;

	(void)state;
	put_image(&image, 0x90);
	att_sigstruct_defaults(&terms);
	assert_int_equal(
	    att_sigstruct_sign_image(att_buf_bytes(&image), &terms, key, sigstruct, NULL), ATT_OK);
	att_rsa_signer_free(key);
	fds[0] = sealed(image.ptr, image.len);
	fds[1] = sealed(sigstruct, sizeof(sigstruct));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(fds[0]);
	close(fds[1]);
	return 0;
}

/* What the call said, or what the reply says. */
static att_rc say(att_sim_conn *conn, const struct att_sim_request *q, size_t fd_count)
{
	att_auto_buf att_buf message = { 0 };
	att_auto_buf att_buf reply = { 0 };
	struct att_sim_reply r;

	att_sim_request_write(q, &message);
	att_rc rc = att_buf_ok(&message, NULL);
	if (rc == ATT_OK)
		rc =
		    att_sim_conn_handle(conn, att_buf_bytes(&message), fds, fd_count, &reply, NULL);
	if (rc != ATT_OK)
		return rc;
	assert_int_equal(att_sim_reply_parse(att_buf_bytes(&reply), &r, NULL), ATT_OK);
	return r.rc;
}

static att_rc session(void)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_LAUNCH };
	const struct att_sim_cpu_options o = random_options();
	struct echo e = echo_make();
	const struct att_sim_quoter quoter = echo_quoter(&e);
	att_sim_conn *conn = NULL;
	att_sim_cpu *cpu = NULL;

	att_rc rc = att_sim_cpu_new(&o, &cpu, NULL);
	if (rc == ATT_OK)
		rc = att_sim_conn_new(cpu, &quoter, &conn, NULL);
	if (rc == ATT_OK)
		rc = say(conn, &q, 2);
	q.op = ATT_SIM_OP_EREPORT;
	if (rc == ATT_OK)
		rc = say(conn, &q, 0);
	q.op = ATT_SIM_OP_QUOTE;
	if (rc == ATT_OK)
		rc = say(conn, &q, 0);
	att_sim_conn_free(conn);
	att_sim_cpu_free(cpu);
	return rc;
}

static void every_allocation_may_fail(void **state)
{
	size_t k = 0, seen;

	(void)state;
	do {
		alloc_watch(++k);
		att_rc rc = session();
		seen = alloc_unwatch();
		assert_int_equal(rc, seen < k ? ATT_OK : ATT_E_NOMEM);
	} while (seen >= k);
	assert_true(k > 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_may_fail) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
