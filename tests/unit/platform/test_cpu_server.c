/* SPDX-License-Identifier: Apache-2.0 */
#include "enclaves.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpu_quoter.h"
#include "images.h"
#include "platform/sim/tdx_measure.h"

static uint8_t sigstruct[ATT_SIGSTRUCT_LEN];
static att_buf image;

struct one {
	struct echo echo;
	struct att_sim_quoter quoter;
	att_sim_cpu *cpu;
	att_sim_conn *conn;
	att_buf reply;
};

static int setup(void **state)
{
	att_rsa_signer *key = author("server");
	struct att_sigstruct terms;

	(void)state;
	put_image(&image, 0x90);
	att_sigstruct_defaults(&terms);
	terms.isv_svn = 2;
	assert_int_equal(
	    att_sigstruct_sign_image(att_buf_bytes(&image), &terms, key, sigstruct, NULL), ATT_OK);
	att_rsa_signer_free(key);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	att_buf_free(&image);
	return 0;
}

static void open_one(struct one *o)
{
	*o = (struct one){ .echo = echo_make(), .cpu = random_cpu() };
	o->quoter = echo_quoter(&o->echo);
	assert_int_equal(att_sim_conn_new(o->cpu, &o->quoter, &o->conn, NULL), ATT_OK);
	assert_string_equal(att_sim_conn_is(o->conn), "");
}

static void close_one(struct one *o)
{
	att_buf_free(&o->reply);
	att_sim_conn_free(o->conn);
	att_sim_cpu_free(o->cpu);
}

static int memory(att_bytes in, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, in.ptr, in.len), in.len);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

#define ALL_SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)

static struct att_sim_reply ask(struct one *o, const struct att_sim_request *q, const int *fds,
				size_t count)
{
	att_auto_buf att_buf message = { 0 };
	struct att_sim_reply r;

	att_buf_free(&o->reply);
	att_sim_request_write(q, &message);
	assert_int_equal(
	    att_sim_conn_handle(o->conn, att_buf_bytes(&message), fds, count, &o->reply, NULL),
	    ATT_OK);
	assert_int_equal(att_sim_reply_parse(att_buf_bytes(&o->reply), &r, NULL), ATT_OK);
	assert_int_equal(r.op, q->op);
	return r;
}

static void expect(const struct att_sim_reply *r, att_rc rc, const char *words)
{
	char text[256] = { 0 };

	assert_int_equal(r->rc, rc);
	assert_true(r->body.len < sizeof(text));
	memcpy(text, r->body.ptr, r->body.len);
	assert_non_null(strstr(text, words));
}

static struct att_sim_reply launch_with(struct one *o, int image_fd, int sig_fd)
{
	const struct att_sim_request q = { .op = ATT_SIM_OP_LAUNCH };
	const int fds[] = { image_fd, sig_fd };

	return ask(o, &q, fds, 2);
}

static void launch(struct one *o, struct att_secs *identity)
{
	int fds[] = { memory(att_buf_bytes(&image), ALL_SEALS),
		      memory(att_bytes_of(sigstruct, sizeof(sigstruct)), ALL_SEALS) };
	struct att_sim_reply r = launch_with(o, fds[0], fds[1]);

	assert_int_equal(r.rc, ATT_OK);
	assert_int_equal(att_sim_secs_parse(r.body, identity, NULL), ATT_OK);
	close(fds[0]);
	close(fds[1]);
}

static void an_enclave_is_what_was_measured(void **state)
{
	struct att_secs e;
	struct one o;

	(void)state;
	open_one(&o);
	launch(&o, &e);
	assert_string_equal(att_sim_conn_is(o.conn), "enclave");
	assert_memory_equal(e.mr_enclave, sigstruct + 960, 32);
	assert_int_equal(e.isv_svn, 2);
	assert_int_equal(e.size, 8192);
	close_one(&o);
}

static void it_reports_and_has_keys(void **state)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_EREPORT };
	struct att_sgx_keyrequest k = { .key_name = ATT_SGX_KEY_SEAL, .key_policy = 2 };
	uint8_t key[16];
	struct att_secs e;
	struct one o;
	uint32_t code;

	(void)state;
	open_one(&o);
	launch(&o, &e);
	att_secs_target(&e, q.target);
	memset(q.report_data, 0xda, sizeof(q.report_data));
	struct att_sim_reply r = ask(&o, &q, NULL, 0);
	assert_int_equal(r.rc, ATT_OK);
	assert_int_equal(r.body.len, ATT_SGX_REPORT_LEN);
	assert_int_equal(att_sim_report_verify(o.cpu, &e, r.body.ptr, NULL), ATT_OK);
	q.op = ATT_SIM_OP_EGETKEY;
	att_sgx_keyrequest_write(&k, q.keyrequest);
	r = ask(&o, &q, NULL, 0);
	assert_int_equal(r.rc, ATT_OK);
	assert_int_equal(att_sim_egetkey(o.cpu, &e, q.keyrequest, key, &code, NULL), ATT_OK);
	assert_true(att_bytes_eq(r.body, att_bytes_of(key, sizeof(key))));
	k.key_name = ATT_SGX_KEY_PROVISION;
	att_sgx_keyrequest_write(&k, q.keyrequest);
	r = ask(&o, &q, NULL, 0);
	expect(&r, ATT_E_DENIED, "PROVISIONKEY");
	assert_int_equal(r.sgx_code, ATT_SGX_INVALID_ATTRIBUTE);
	close_one(&o);
}

static void it_is_quoted_by_its_report(void **state)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_QUOTE, .kind = ATT_SIM_SGX5 };
	struct att_secs e;
	struct one o;

	(void)state;
	open_one(&o);
	launch(&o, &e);
	q.report_data[0] = 0xda;
	struct att_sim_reply r = ask(&o, &q, NULL, 0);
	assert_int_equal(r.rc, ATT_OK);
	assert_int_equal(r.body.len, 1 + ATT_SGX_REPORT_LEN);
	assert_int_equal(r.body.ptr[0], ATT_SIM_SGX5);
	assert_int_equal(r.body.ptr[1 + 320], 0xda);
	assert_int_equal(att_sim_report_verify(o.cpu, &o.echo.qe, r.body.ptr + 1, NULL), ATT_OK);
	q.kind = ATT_SIM_TDX4;
	r = ask(&o, &q, NULL, 0);
	expect(&r, ATT_E_DENIED, "tdx4");
	o.echo.broken = true;
	q.kind = ATT_SIM_SGX3;
	r = ask(&o, &q, NULL, 0);
	expect(&r, ATT_E_UNAVAILABLE, "broken");
	q.op = ATT_SIM_OP_QE_TARGET;
	r = ask(&o, &q, NULL, 0);
	expect(&r, ATT_E_UNAVAILABLE, "broken");
	o.echo.broken = false;
	r = ask(&o, &q, NULL, 0);
	assert_int_equal(r.rc, ATT_OK);
	assert_int_equal(r.body.len, ATT_SGX_TARGETINFO_LEN);
	close_one(&o);
}

/* Nothing but sealed memory is measured. */
static void what_can_change_is_not_measured(void **state)
{
	static const int seals[] = { 0, F_SEAL_WRITE, F_SEAL_WRITE | F_SEAL_GROW,
				     F_SEAL_GROW | F_SEAL_SHRINK, F_SEAL_WRITE | F_SEAL_SHRINK };
	int sig = memory(att_bytes_of(sigstruct, sizeof(sigstruct)), ALL_SEALS);
	int pipes[2];
	struct one o;

	(void)state;
	open_one(&o);
	for (size_t i = 0; i < ATT_COUNT(seals); i++) {
		int fd = memory(att_buf_bytes(&image), seals[i]);
		struct att_sim_reply r = launch_with(&o, fd, sig);

		expect(&r, ATT_E_DENIED, "image is no sealed memory");
		close(fd);
	}
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	FILE *f = tmpfile();
	assert_non_null(f);
	const int others[] = { pipes[0], fileno(f), -1, STDIN_FILENO };
	for (size_t i = 0; i < ATT_COUNT(others); i++) {
		struct att_sim_reply r = launch_with(&o, others[i], sig);

		expect(&r, ATT_E_DENIED, "image is no sealed memory");
	}
	int fd = memory(att_buf_bytes(&image), ALL_SEALS);
	struct att_sim_reply r = launch_with(&o, fd, pipes[0]);
	expect(&r, ATT_E_DENIED, "SIGSTRUCT is no sealed memory");
	assert_string_equal(att_sim_conn_is(o.conn), "");
	fclose(f);
	close(fd);
	close(pipes[0]);
	close(pipes[1]);
	close(sig);
	close_one(&o);
}

static void images_have_a_size(void **state)
{
	int sig = memory(att_bytes_of(sigstruct, sizeof(sigstruct)), ALL_SEALS);
	int empty = memory(att_bytes_of("", 0), ALL_SEALS);
	int large = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int text = memory(att_bytes_of("text", 4), ALL_SEALS);
	int fd = memory(att_buf_bytes(&image), ALL_SEALS);
	struct one o;

	(void)state;
	open_one(&o);
	assert_int_equal(ftruncate(large, (off_t)ATT_SIM_IMAGE_MAX + 1), 0);
	assert_int_equal(fcntl(large, F_ADD_SEALS, ALL_SEALS), 0);
	struct att_sim_reply r = launch_with(&o, empty, sig);
	expect(&r, ATT_E_FORMAT, "image has 0 bytes");
	r = launch_with(&o, large, sig);
	expect(&r, ATT_E_FORMAT, "image has 67108865 bytes");
	r = launch_with(&o, fd, fd);
	expect(&r, ATT_E_FORMAT, "SIGSTRUCT has");
	r = launch_with(&o, fd, text);
	expect(&r, ATT_E_TRUNCATED, "SIGSTRUCT");
	r = launch_with(&o, text, sig);
	assert_int_not_equal(r.rc, ATT_OK);
	r = launch_with(&o, text, text); /* the SIGSTRUCT is looked at first */
	expect(&r, ATT_E_TRUNCATED, "SIGSTRUCT");
	close(sig);
	close(empty);
	close(large);
	close(text);
	close(fd);
	close_one(&o);
}

/* A short file can ask for many pages of zeros; stack and thread control are three more. */
static void pages_are_counted_before_they_are_measured(void **state)
{
	int sig = memory(att_bytes_of(sigstruct, sizeof(sigstruct)), ALL_SEALS);
	struct test_segment s = { 1, 5, 0, 0x400000, 0x1000, 0 };
	struct one o;

	(void)state;
	open_one(&o);
	for (int i = 0; i < 2; i++) {
		att_auto_buf att_buf elf = { 0 };

		s.memsz = ATT_SIM_IMAGE_MAX - 3 * (size_t)ATT_PAGE_SIZE + (i ? 0 : 1);
		put_elf(&elf, 1, 2, 0x400000);
		set_segment(&elf, 0, &s);
		att_put_zero(&elf, 0x1000);
		int fd = memory(att_buf_bytes(&elf), ALL_SEALS);
		struct att_sim_reply r = launch_with(&o, fd, sig);
		if (i == 0)
			expect(&r, ATT_E_UNSUPPORTED,
			       "16385 pages are to be measured, at most "
			       "16384 can be");
		else
			expect(&r, ATT_E_MISMATCH, "ENCLAVEHASH");
		close(fd);
	}
	close(sig);
	close_one(&o);
}

static void another_image_is_not_what_was_signed(void **state)
{
	att_auto_buf att_buf other = { 0 };
	int sig = memory(att_bytes_of(sigstruct, sizeof(sigstruct)), ALL_SEALS);
	struct att_secs e;
	struct one o;

	(void)state;
	put_image(&other, 0x91);
	int fd = memory(att_buf_bytes(&other), ALL_SEALS);
	open_one(&o);
	struct att_sim_reply r = launch_with(&o, fd, sig);
	expect(&r, ATT_E_MISMATCH, "ENCLAVEHASH");
	assert_string_equal(att_sim_conn_is(o.conn), "");
	launch(&o, &e); /* a failed launch is no launch */
	close(fd);
	close(sig);
	close_one(&o);
}

static void one_connection_is_one_identity(void **state)
{
	int sig = memory(att_bytes_of(sigstruct, sizeof(sigstruct)), ALL_SEALS);
	int fd = memory(att_buf_bytes(&image), ALL_SEALS);
	const struct att_sim_request td = { .op = ATT_SIM_OP_TD_LAUNCH,
					    .td = { .xfam = 3, .parts = 1 } };
	struct att_secs e;
	struct one o;

	(void)state;
	open_one(&o);
	launch(&o, &e);
	struct att_sim_reply r = launch_with(&o, fd, sig);
	expect(&r, ATT_E_DENIED, "an enclave already");
	r = ask(&o, &td, &fd, 1);
	expect(&r, ATT_E_DENIED, "an enclave already");
	close(sig);
	close(fd);
	close_one(&o);
}

static void nobody_has_nothing(void **state)
{
	static const struct {
		enum att_sim_op op;
		enum att_sim_kind kind;
		const char *words;
	} cases[] = {
		{ ATT_SIM_OP_EREPORT, 0, "no enclave" },
		{ ATT_SIM_OP_EGETKEY, 0, "no enclave" },
		{ ATT_SIM_OP_QUOTE, ATT_SIM_SGX3, "no enclave" },
		{ ATT_SIM_OP_QUOTE, ATT_SIM_TDX4, "no TD" },
		{ ATT_SIM_OP_RTMR_EXTEND, 0, "no TD" },
		{ ATT_SIM_OP_TDREPORT, 0, "no TD" },
	};
	struct one o;

	(void)state;
	open_one(&o);
	for (size_t i = 0; i < ATT_COUNT(cases); i++) {
		const struct att_sim_request q = { .op = cases[i].op, .kind = cases[i].kind };
		struct att_sim_reply r = ask(&o, &q, NULL, 0);

		expect(&r, ATT_E_DENIED, cases[i].words);
	}
	close_one(&o);
}

static void descriptors_are_counted(void **state)
{
	int fds[] = { STDIN_FILENO, STDIN_FILENO, STDIN_FILENO };
	struct one o;

	(void)state;
	open_one(&o);
	for (int op = ATT_SIM_OP_LAUNCH; op <= ATT_SIM_OP_TDREPORT; op++) {
		const struct att_sim_request q = { .op = (enum att_sim_op)op,
						   .td = { .xfam = 3, .parts = 1 } };
		struct att_sim_reply r = ask(&o, &q, fds, 3);

		expect(&r, ATT_E_ARG, "3 descriptors");
	}
	close_one(&o);
}

static void nonsense_is_answered(void **state)
{
	static const uint8_t zeros[64];
	struct att_sim_reply r;
	struct one o;

	(void)state;
	open_one(&o);
	for (size_t len = 0; len <= sizeof(zeros); len++) {
		att_buf_free(&o.reply);
		assert_int_equal(
		    att_sim_conn_handle(o.conn, att_bytes_of(zeros, len), NULL, 0, &o.reply, NULL),
		    ATT_OK);
		assert_int_equal(att_sim_reply_parse(att_buf_bytes(&o.reply), &r, NULL), ATT_OK);
		assert_int_equal(r.op, 0);
		assert_int_equal(r.rc, len < 4 ? ATT_E_TRUNCATED : ATT_E_UNSUPPORTED);
	}
	close_one(&o);
}

/* --- TDs --- */

static void page(uint8_t fill, int *fd)
{
	uint8_t bytes[ATT_TDX_PAGE];

	memset(bytes, fill, sizeof(bytes));
	*fd = memory(att_bytes_of(bytes, sizeof(bytes)), ALL_SEALS);
}

static void a_td_is_measured_and_extended(void **state)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_TD_LAUNCH,
				     .td = { .attributes = ATT_TD_SEPT_VE_DISABLE,
					     .xfam = 0xe7,
					     .parts = 2,
					     .gpa = { 0, 0x100000 } } };
	uint8_t mr_td[48], rtmr[48] = { 0 };
	struct att_sim_td_identity is;
	struct att_td_body td;
	att_mrtd *m = NULL;
	struct one o;
	int fds[2];

	(void)state;
	open_one(&o);
	page(1, &fds[0]);
	page(2, &fds[1]);
	struct att_sim_reply r = ask(&o, &q, fds, 2);
	assert_int_equal(r.rc, ATT_OK);
	assert_string_equal(att_sim_conn_is(o.conn), "td");
	assert_int_equal(att_sim_td_identity_parse(r.body, &is, NULL), ATT_OK);
	assert_int_equal(att_mrtd_new(&m, NULL), ATT_OK);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t bytes[ATT_TDX_PAGE];

		memset(bytes, (int)(1 + i), sizeof(bytes));
		assert_int_equal(
		    att_mrtd_image(m, q.td.gpa[i], att_bytes_of(bytes, sizeof(bytes)), NULL),
		    ATT_OK);
		close(fds[i]);
	}
	assert_int_equal(att_mrtd_finish(m, mr_td, NULL), ATT_OK);
	att_mrtd_free(m);
	assert_memory_equal(is.mr_td, mr_td, 48);
	q.op = ATT_SIM_OP_RTMR_EXTEND;
	q.rtmr = 2;
	memset(q.extend, 0xee, sizeof(q.extend));
	assert_int_equal(ask(&o, &q, NULL, 0).rc, ATT_OK);
	assert_int_equal(att_rtmr_extend(rtmr, q.extend, NULL), ATT_OK);
	q.op = ATT_SIM_OP_TDREPORT;
	r = ask(&o, &q, NULL, 0);
	assert_int_equal(r.rc, ATT_OK);
	assert_int_equal(att_sim_tdreport_verify(o.cpu, r.body.ptr, &td, NULL), ATT_OK);
	assert_memory_equal(td.mr_td, mr_td, 48);
	assert_memory_equal(td.rtmr[2], rtmr, 48);
	assert_true(att_all_zero(att_bytes_of(td.rtmr[3], 48)));
	assert_int_equal(td.td_attributes, ATT_TD_SEPT_VE_DISABLE);
	q.op = ATT_SIM_OP_QUOTE;
	q.kind = ATT_SIM_TDX15;
	r = ask(&o, &q, NULL, 0);
	assert_int_equal(r.rc, ATT_OK);
	assert_int_equal(r.body.ptr[0], ATT_SIM_TDX15);
	assert_int_equal(att_sim_tdreport_verify(o.cpu, r.body.ptr + 1, &td, NULL), ATT_OK);
	close_one(&o);
}

static void tds_that_can_not_be(void **state)
{
	static const struct {
		struct att_sim_td_ask ask;
		att_rc rc;
		const char *words;
	} cases[] = {
		{ { .attributes = 2, .xfam = 3, .parts = 1 }, ATT_E_ARG, "attributes 0x2" },
		{ { .xfam = 1, .parts = 1 }, ATT_E_ARG, "XFAM 0x1" },
		{ { .xfam = 0x103, .parts = 1 }, ATT_E_ARG, "XFAM 0x103" },
		{ { .xfam = 3, .parts = 1, .gpa = { 1 } }, ATT_E_ARG, "" },
		{ { .xfam = 3, .parts = 1, .gpa = { UINT64_MAX } }, ATT_E_ARG, "addresses" },
	};
	struct one o;
	int fd;

	(void)state;
	open_one(&o);
	page(1, &fd);
	for (size_t i = 0; i < ATT_COUNT(cases); i++) {
		const struct att_sim_request q = { .op = ATT_SIM_OP_TD_LAUNCH, .td = cases[i].ask };
		struct att_sim_reply r = ask(&o, &q, &fd, 1);

		expect(&r, cases[i].rc, cases[i].words);
	}
	close(fd);
	fd = memory(att_bytes_of("text", 4), ALL_SEALS);
	const struct att_sim_request q = { .op = ATT_SIM_OP_TD_LAUNCH,
					   .td = { .xfam = 3, .parts = 1 } };
	assert_int_equal(ask(&o, &q, &fd, 1).rc, ATT_E_ARG);
	assert_string_equal(att_sim_conn_is(o.conn), "");
	close(fd);
	close_one(&o);
}

/* All parts are looked at before the first is hashed. */
static void all_of_a_td_is_looked_at_first(void **state)
{
	struct att_sim_request q = { .op = ATT_SIM_OP_TD_LAUNCH,
				     .td = { .xfam = 3, .parts = 2, .gpa = { 1, 0 } } };
	struct one o;
	int fds[2];

	(void)state;
	open_one(&o);
	page(1, &fds[0]);
	fds[1] = memory(att_bytes_of("text", 4), ALL_SEALS);
	struct att_sim_reply r = ask(&o, &q, fds, 2);
	expect(&r, ATT_E_ARG, "part 1: 4096 bytes at 0x1");
	q.td.gpa[0] = 0;
	r = ask(&o, &q, fds, 2);
	expect(&r, ATT_E_ARG, "part 2: 4 bytes at 0x0");
	close(fds[1]);
	/* What is left for the second part is what the first one left. */
	fds[1] = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(fds[1], (off_t)ATT_SIM_IMAGE_MAX), 0);
	assert_int_equal(fcntl(fds[1], F_ADD_SEALS, ALL_SEALS), 0);
	r = ask(&o, &q, fds, 2);
	expect(&r, ATT_E_FORMAT, "part 2: the TD's memory has 67108864 bytes, 1 to 67104768");
	close(fds[0]);
	close(fds[1]);
	close_one(&o);
}

static void three_failed_launches_are_enough(void **state)
{
	const struct att_sim_request report = { .op = ATT_SIM_OP_EREPORT };
	int text = memory(att_bytes_of("text", 4), ALL_SEALS);
	struct one o;

	(void)state;
	open_one(&o);
	for (int i = 0; i < 3; i++) {
		assert_false(att_sim_conn_spent(o.conn));
		assert_int_equal(ask(&o, &report, NULL, 0).rc, ATT_E_DENIED); /* no launch */
		assert_false(att_sim_conn_spent(o.conn));
		assert_int_equal(launch_with(&o, text, text).rc, ATT_E_TRUNCATED);
	}
	assert_true(att_sim_conn_spent(o.conn));
	close(text);
	close_one(&o);
}

static void the_dial_debugs_tds(void **state)
{
	const struct att_sim_request q = { .op = ATT_SIM_OP_TD_LAUNCH,
					   .td = { .xfam = 3, .parts = 1 } };
	struct att_sim_td_identity is;
	struct one o;
	int fd;

	(void)state;
	open_one(&o);
	page(1, &fd);
	att_sim_cpu_set_debug(o.cpu, true);
	struct att_sim_reply r = ask(&o, &q, &fd, 1);
	assert_int_equal(att_sim_td_identity_parse(r.body, &is, NULL), ATT_OK);
	assert_int_equal(is.attributes, ATT_TD_DEBUG);
	close(fd);
	close_one(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_enclave_is_what_was_measured),
		cmocka_unit_test(it_reports_and_has_keys),
		cmocka_unit_test(it_is_quoted_by_its_report),
		cmocka_unit_test(what_can_change_is_not_measured),
		cmocka_unit_test(images_have_a_size),
		cmocka_unit_test(pages_are_counted_before_they_are_measured),
		cmocka_unit_test(another_image_is_not_what_was_signed),
		cmocka_unit_test(one_connection_is_one_identity),
		cmocka_unit_test(nobody_has_nothing),
		cmocka_unit_test(descriptors_are_counted),
		cmocka_unit_test(nonsense_is_answered),
		cmocka_unit_test(a_td_is_measured_and_extended),
		cmocka_unit_test(tds_that_can_not_be),
		cmocka_unit_test(all_of_a_td_is_looked_at_first),
		cmocka_unit_test(three_failed_launches_are_enough),
		cmocka_unit_test(the_dial_debugs_tds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
