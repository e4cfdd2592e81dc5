/* SPDX-License-Identifier: Apache-2.0 */
/* A client of the simulated processor that says anything, and passes any memory. Every message is
 * answered; an identity, once there, stays, and was measured.
 *
 * Input: messages, each a byte (descriptors, 0 to 3), its length (two bytes, little endian) and its
 * bytes, then as many memories, each with a length like that. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/reader.h"
#include "platform/sim/cpu_server.h"

#define MESSAGES_MAX 16
#define FDS_MAX      3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static att_rc target(void *ctx, uint8_t out[ATT_SGX_TARGETINFO_LEN], att_err *err)
{
	(void)ctx;
	(void)err;
	memset(out, 0, ATT_SGX_TARGETINFO_LEN);
	return ATT_OK;
}

static att_rc quote(void *ctx, int kind, const uint8_t report[ATT_SGX_REPORT_LEN], att_buf *out,
		    att_err *err)
{
	if (att_sim_kind_is_tdx((enum att_sim_kind)kind))
		abort();
	(void)ctx;
	att_put_mem(out, report, ATT_SGX_REPORT_LEN);
	return att_buf_ok(out, err);
}

static att_rc td_quote(void *ctx, int kind, const uint8_t report[ATT_TDREPORT_LEN], att_buf *out,
		       att_err *err)
{
	struct att_td_body td;

	if (!att_sim_kind_is_tdx((enum att_sim_kind)kind) ||
	    att_sim_tdreport_verify(ctx, report, &td, NULL) != ATT_OK)
		abort();
	att_put_mem(out, report, ATT_TDREPORT_LEN);
	return att_buf_ok(out, err);
}

static int memory(att_bytes in)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, in.ptr, in.len) != (ssize_t)in.len ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK) != 0)
		abort();
	return fd;
}

static void check_identity(const struct att_sim_reply *r)
{
	struct att_sim_td_identity td;
	struct att_secs e;

	att_rc rc = r->op == ATT_SIM_OP_LAUNCH ? att_sim_secs_parse(r->body, &e, NULL)
					       : att_sim_td_identity_parse(r->body, &td, NULL);
	if (rc != ATT_OK)
		abort();
}

static void say(att_sim_conn *conn, att_bytes message, const int *fds, size_t count)
{
	char before[16];
	att_buf reply = { 0 };
	struct att_sim_reply r;

	strncpy(before, att_sim_conn_is(conn), sizeof(before) - 1);
	before[sizeof(before) - 1] = 0;
	if (att_sim_conn_handle(conn, message, fds, count, &reply, NULL) != ATT_OK ||
	    reply.len > ATT_SIM_MESSAGE_MAX ||
	    att_sim_reply_parse(att_buf_bytes(&reply), &r, NULL) != ATT_OK)
		abort();
	if (r.rc != ATT_OK && r.body.len == 0)
		abort();
	bool launch = r.op == ATT_SIM_OP_LAUNCH || r.op == ATT_SIM_OP_TD_LAUNCH;
	bool changed = strcmp(before, att_sim_conn_is(conn)) != 0;
	if (changed != (launch && r.rc == ATT_OK) || (changed && before[0]))
		abort();
	if (launch && r.rc == ATT_OK)
		check_identity(&r);
	att_buf_free(&reply);
}

static bool step(att_sim_conn *conn, att_reader *r)
{
	int fds[FDS_MAX];
	size_t count = att_u8(r, "descriptors") % (FDS_MAX + 1);
	size_t len = att_le16(r, "length");
	att_bytes message = att_view(r, len, "message");
	size_t made = 0;

	while (made < count) {
		len = att_le16(r, "length");
		att_bytes in = att_view(r, len, "memory");
		if (r->bad_field)
			break;
		fds[made++] = memory(in);
	}
	bool whole = !r->bad_field;
	if (whole)
		say(conn, message, fds, count);
	for (size_t i = 0; i < made; i++)
		close(fds[i]);
	return whole;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct att_sim_cpu_options o = { .profile = ATT_SIM_PROFILE_RANDOM, .secret = { 1 } };
	struct att_sim_quoter quoter = { .qe_target = target,
					 .quote = quote,
					 .td_quote = td_quote };
	att_reader r = att_reader_of(att_bytes_of(data, size));
	att_sim_conn *conn = NULL;
	att_sim_cpu *cpu = NULL;

	if (att_sim_cpu_new(&o, &cpu, NULL) != ATT_OK)
		abort();
	quoter.ctx = cpu;
	if (att_sim_conn_new(cpu, &quoter, &conn, NULL) != ATT_OK)
		abort();
	for (int i = 0; i < MESSAGES_MAX && att_left(&r) && step(conn, &r); i++)
		continue;
	att_sim_conn_free(conn);
	att_sim_cpu_free(cpu);
	return 0;
}
