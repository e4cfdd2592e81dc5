/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sim/cpu_server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/mem.h"
#include "platform/enclave/measure.h"
#include "platform/enclave/sigstruct.h"
#include "platform/sim/tdx_measure.h"

/* Pages that are measured byte by byte. An image of a few bytes can ask for a million of zeros. */
#define PAGES_MAX (ATT_SIM_IMAGE_MAX / ATT_PAGE_SIZE)

/* Each may have cost as much as a launch that succeeds. */
#define FAILED_LAUNCHES_MAX 3u

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)

/* TD attributes and XFAM as the simulated module knows them (Intel TDX module base architecture
 * specification, "ATTRIBUTES"). */
#define KNOWN_TD_ATTRIBUTES (ATT_TD_DEBUG | ATT_TD_SEPT_VE_DISABLE | UINT64_C(0xc0000000))
#define XFAM_ALWAYS         UINT64_C(0x3)
#define KNOWN_XFAM          UINT64_C(0x61ae7)

enum what { NOBODY, ENCLAVE, TD };

struct att_sim_conn {
	att_sim_cpu *cpu;
	const struct att_sim_quoter *quoter;
	enum what what;
	unsigned failed; /* launches */
	struct att_secs enclave;
	struct att_td_body td;
};

ATT_DEFINE_CLEANUP(image, att_image, att_image_free)
ATT_DEFINE_CLEANUP(mrtd, att_mrtd, att_mrtd_free)

att_rc att_sim_conn_new(att_sim_cpu *cpu, const struct att_sim_quoter *quoter, att_sim_conn **out,
			att_err *err)
{
	att_sim_conn *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (!c)
		return att_fail(err, ATT_E_NOMEM, "out of memory for a connection");
	c->cpu = cpu;
	c->quoter = quoter;
	*out = c;
	return ATT_OK;
}

void att_sim_conn_free(att_sim_conn *c)
{
	free(c);
}

const char *att_sim_conn_is(const att_sim_conn *c)
{
	return c->what == ENCLAVE ? "enclave" : c->what == TD ? "td" : "";
}

bool att_sim_conn_spent(const att_sim_conn *c)
{
	return c->failed >= FAILED_LAUNCHES_MAX;
}

/* --- What a client passed --- */

struct mapping {
	void *at;
	size_t len;
};

static void unmap(struct mapping *m)
{
	if (m->at)
		munmap(m->at, m->len);
}
#define auto_mapping __attribute__((cleanup(unmap)))

static att_bytes bytes_of(const struct mapping *m)
{
	return att_bytes_of(m->at, m->len);
}

/* Sealed memory can neither change nor shrink while it is looked at. */
static att_rc map(int fd, const char *what, size_t room, struct mapping *out, att_err *err)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	*out = (struct mapping){ 0 };
	if (seals < 0 || (seals & SEALS) != SEALS)
		return att_fail(
		    err, ATT_E_DENIED,
		    "the %s is no sealed memory: pass a memfd with the seals WRITE, GROW "
		    "and SHRINK",
		    what);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return att_fail(err, ATT_E_IO, "the %s is no regular memory file", what);
	if (st.st_size <= 0 || (uintmax_t)st.st_size > room)
		return att_fail(err, ATT_E_FORMAT, "the %s has %lld bytes, 1 to %zu are possible",
				what, (long long)st.st_size, room);
	void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return att_fail(err, errno == ENOMEM ? ATT_E_NOMEM : ATT_E_IO,
				"the %s can not be mapped: errno %d", what, errno);
	*out = (struct mapping){ at, (size_t)st.st_size };
	return ATT_OK;
}

static att_rc want_fds(size_t seen, size_t expected, att_err *err)
{
	if (seen == expected)
		return ATT_OK;
	return att_fail(err, ATT_E_ARG, "the request came with %zu descriptors, not %zu", seen,
			expected);
}

static att_rc want(const att_sim_conn *c, enum what what, att_err *err)
{
	if (c->what == what)
		return ATT_OK;
	if (what == NOBODY)
		return att_fail(err, ATT_E_DENIED,
				"this connection is %s already: each has a connection of its own",
				c->what == TD ? "a TD" : "an enclave");
	return att_fail(err, ATT_E_DENIED, "this connection is no %s: launch one first",
			what == TD ? "TD" : "enclave");
}

/* --- Launching --- */

static att_rc measure(att_bytes file, struct att_sim_launch *l, att_err *err)
{
	__attribute__((cleanup(image_cleanup))) att_image *image = NULL;
	att_rc rc = att_image_parse(file, &image, err);

	if (rc == ATT_OK && att_image_pages_measured(image) > PAGES_MAX)
		rc = att_fail(err, ATT_E_UNSUPPORTED,
			      "%llu pages are to be measured, at most %zu can be",
			      (unsigned long long)att_image_pages_measured(image), PAGES_MAX);
	if (rc == ATT_OK)
		rc = att_image_measure(image, l->mr_enclave, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "image");
	l->size = att_image_size(image);
	l->ssa_frame_size = att_image_ssa_frame_size(image);
	return ATT_OK;
}

/* EINIT looks again; what it would refuse anyway is not worth measuring for. */
static att_rc check_signed(att_bytes sigstruct, att_err *err)
{
	struct att_sigstruct s;
	att_rc rc = att_sigstruct_verify(sigstruct, &s, err);

	return rc == ATT_OK ? ATT_OK : att_wrap(err, rc, "EINIT");
}

static att_rc launch(att_sim_conn *c, const struct att_sim_request *q, const int *fds, size_t count,
		     att_buf *body, att_err *err)
{
	struct att_sim_launch l = {
		.attributes_given = q->launch.attributes_given,
		.attributes = q->launch.attributes,
		.xfrm = q->launch.xfrm,
		.misc_select = q->launch.misc_select,
		.config_svn = q->launch.config_svn,
	};
	auto_mapping struct mapping image = { 0 };
	auto_mapping struct mapping sigstruct = { 0 };

	memcpy(l.config_id, q->launch.config_id, sizeof(l.config_id));
	att_rc rc = want(c, NOBODY, err);
	if (rc == ATT_OK)
		rc = want_fds(count, 2, err);
	if (rc == ATT_OK)
		rc = map(fds[0], "image", ATT_SIM_IMAGE_MAX, &image, err);
	if (rc == ATT_OK)
		rc = map(fds[1], "SIGSTRUCT", ATT_SIGSTRUCT_LEN, &sigstruct, err);
	if (rc == ATT_OK)
		rc = check_signed(bytes_of(&sigstruct), err);
	if (rc == ATT_OK)
		rc = measure(bytes_of(&image), &l, err);
	if (rc == ATT_OK)
		rc = att_sim_einit(c->cpu, &l, bytes_of(&sigstruct), &c->enclave, err);
	if (rc != ATT_OK)
		return rc;
	c->what = ENCLAVE;
	att_sim_put_secs(body, &c->enclave);
	return ATT_OK;
}

static att_rc check_td(const struct att_sim_td_ask *ask, att_err *err)
{
	if (ask->attributes & ~KNOWN_TD_ATTRIBUTES)
		return att_fail(
		    err, ATT_E_ARG, "TD attributes 0x%llx: the simulated module knows 0x%llx",
		    (unsigned long long)ask->attributes, (unsigned long long)KNOWN_TD_ATTRIBUTES);
	if ((ask->xfam & XFAM_ALWAYS) != XFAM_ALWAYS || (ask->xfam & ~KNOWN_XFAM))
		return att_fail(err, ATT_E_ARG,
				"XFAM 0x%llx: it has 3 always, and what the simulated module knows "
				"is 0x%llx",
				(unsigned long long)ask->xfam, (unsigned long long)KNOWN_XFAM);
	return ATT_OK;
}

struct memory {
	struct mapping part[ATT_SIM_FDS_MAX];
};

static void unmap_all(struct memory *m)
{
	for (size_t i = 0; i < ATT_SIM_FDS_MAX; i++)
		unmap(&m->part[i]);
}

/* Maps all parts and finds all that is wrong with them, before any is hashed. */
static att_rc map_td(const struct att_sim_td_ask *ask, const int *fds, struct memory *m,
		     att_err *err)
{
	size_t room = ATT_SIM_IMAGE_MAX;

	for (size_t i = 0; i < ask->parts; i++) {
		att_rc rc = map(fds[i], "TD's memory", room, &m->part[i], err);
		size_t len = m->part[i].len;

		if (rc == ATT_OK && ask->gpa[i] > UINT64_MAX - len)
			rc = att_fail(err, ATT_E_ARG, "the TD's memory is beyond its addresses");
		if (rc == ATT_OK && (len % ATT_TDX_PAGE || ask->gpa[i] % ATT_TDX_PAGE))
			rc = att_fail(err, ATT_E_ARG,
				      "%zu bytes at 0x%llx, expected whole pages of %u", len,
				      (unsigned long long)ask->gpa[i], ATT_TDX_PAGE);
		if (rc != ATT_OK)
			return att_wrap(err, rc, "part %zu", i + 1);
		room -= len;
	}
	return ATT_OK;
}

static att_rc measure_td(const struct att_sim_td_ask *ask, const int *fds, uint8_t mr_td[48],
			 att_err *err)
{
	__attribute__((cleanup(mrtd_cleanup))) att_mrtd *m = NULL;
	__attribute__((cleanup(unmap_all))) struct memory memory = { 0 };
	att_rc rc = map_td(ask, fds, &memory, err);

	if (rc == ATT_OK)
		rc = att_mrtd_new(&m, err);
	for (size_t i = 0; rc == ATT_OK && i < ask->parts; i++)
		rc = att_mrtd_image(m, ask->gpa[i], bytes_of(&memory.part[i]), err);
	return rc == ATT_OK ? att_mrtd_finish(m, mr_td, err) : rc;
}

static att_rc td_launch(att_sim_conn *c, const struct att_sim_request *q, const int *fds,
			size_t count, att_buf *body, att_err *err)
{
	const struct att_sim_td_ask *ask = &q->td;
	struct att_td_body td = {
		.td_attributes = ask->attributes | (att_sim_cpu_debug(c->cpu) ? ATT_TD_DEBUG : 0),
		.xfam = ask->xfam,
	};

	att_rc rc = want(c, NOBODY, err);
	if (rc == ATT_OK)
		rc = want_fds(count, ask->parts, err);
	if (rc == ATT_OK)
		rc = check_td(ask, err);
	if (rc == ATT_OK)
		rc = measure_td(ask, fds, td.mr_td, err);
	if (rc != ATT_OK)
		return att_wrap(err, rc, "TD");
	memcpy(td.mr_config_id, ask->mr_config_id, sizeof(td.mr_config_id));
	memcpy(td.mr_owner, ask->mr_owner, sizeof(td.mr_owner));
	memcpy(td.mr_owner_config, ask->mr_owner_config, sizeof(td.mr_owner_config));
	c->td = td;
	c->what = TD;
	struct att_sim_td_identity is = { .attributes = td.td_attributes, .xfam = td.xfam };
	memcpy(is.mr_td, td.mr_td, sizeof(is.mr_td));
	att_sim_put_td_identity(body, &is);
	return ATT_OK;
}

/* --- What an enclave or a TD asks --- */

static att_rc ereport(att_sim_conn *c, const struct att_sim_request *q, att_buf *body, att_err *err)
{
	uint8_t report[ATT_SGX_REPORT_LEN];
	att_rc rc = want(c, ENCLAVE, err);

	if (rc == ATT_OK)
		rc = att_sim_ereport(c->cpu, &c->enclave, q->target, q->report_data, report, err);
	if (rc == ATT_OK)
		att_put_mem(body, report, sizeof(report));
	return rc;
}

static att_rc egetkey(att_sim_conn *c, const struct att_sim_request *q, uint32_t *sgx_code,
		      att_buf *body, att_err *err)
{
	uint8_t key[16];
	att_rc rc = want(c, ENCLAVE, err);

	if (rc == ATT_OK)
		rc = att_sim_egetkey(c->cpu, &c->enclave, q->keyrequest, key, sgx_code, err);
	if (rc == ATT_OK)
		att_put_mem(body, key, sizeof(key));
	att_wipe(key, sizeof(key));
	return rc;
}

static att_rc qe_target(att_sim_conn *c, att_buf *body, att_err *err)
{
	uint8_t target[ATT_SGX_TARGETINFO_LEN];
	att_rc rc = c->quoter->qe_target(c->quoter->ctx, target, err);

	if (rc == ATT_OK)
		att_put_mem(body, target, sizeof(target));
	return rc;
}

static att_rc quote(att_sim_conn *c, const struct att_sim_request *q, att_buf *body, att_err *err)
{
	const struct att_sim_quoter *by = c->quoter;
	bool td = att_sim_kind_is_tdx(q->kind);
	uint8_t target[ATT_SGX_TARGETINFO_LEN], report[ATT_TDREPORT_LEN];
	att_rc rc = want(c, td ? TD : ENCLAVE, err);

	if (rc != ATT_OK)
		return att_wrap(err, rc, "quote of kind %s", att_sim_kind_name(q->kind));
	if (td) {
		rc = att_sim_tdreport(c->cpu, &c->td, q->report_data, report, err);
		return rc == ATT_OK ? by->td_quote(by->ctx, (int)q->kind, report, body, err) : rc;
	}
	rc = by->qe_target(by->ctx, target, err);
	if (rc == ATT_OK)
		rc = att_sim_ereport(c->cpu, &c->enclave, target, q->report_data, report, err);
	return rc == ATT_OK ? by->quote(by->ctx, (int)q->kind, report, body, err) : rc;
}

static att_rc rtmr_extend(att_sim_conn *c, const struct att_sim_request *q, att_err *err)
{
	att_rc rc = want(c, TD, err);

	return rc == ATT_OK ? att_rtmr_extend(c->td.rtmr[q->rtmr], q->extend, err) : rc;
}

static att_rc tdreport(att_sim_conn *c, const struct att_sim_request *q, att_buf *body,
		       att_err *err)
{
	uint8_t report[ATT_TDREPORT_LEN];
	att_rc rc = want(c, TD, err);

	if (rc == ATT_OK)
		rc = att_sim_tdreport(c->cpu, &c->td, q->report_data, report, err);
	if (rc == ATT_OK)
		att_put_mem(body, report, sizeof(report));
	return rc;
}

static att_rc answer(att_sim_conn *c, const struct att_sim_request *q, const int *fds, size_t count,
		     uint32_t *sgx_code, att_buf *body, att_err *err)
{
	att_rc rc;

	if (q->op == ATT_SIM_OP_LAUNCH || q->op == ATT_SIM_OP_TD_LAUNCH) {
		rc = q->op == ATT_SIM_OP_LAUNCH ? launch(c, q, fds, count, body, err)
						: td_launch(c, q, fds, count, body, err);
		c->failed += rc != ATT_OK;
		return rc;
	}
	rc = want_fds(count, 0, err);
	if (rc != ATT_OK)
		return rc;
	switch (q->op) {
	case ATT_SIM_OP_EREPORT:
		return ereport(c, q, body, err);
	case ATT_SIM_OP_EGETKEY:
		return egetkey(c, q, sgx_code, body, err);
	case ATT_SIM_OP_QE_TARGET:
		return qe_target(c, body, err);
	case ATT_SIM_OP_QUOTE:
		return quote(c, q, body, err);
	case ATT_SIM_OP_RTMR_EXTEND:
		return rtmr_extend(c, q, err);
	default:
		return tdreport(c, q, body, err);
	}
}

att_rc att_sim_conn_handle(att_sim_conn *c, att_bytes message, const int *fds, size_t fd_count,
			   att_buf *out, att_err *err)
{
	struct att_sim_request q;
	att_err why = { 0 };
	att_auto_buf att_buf body = { .max = ATT_SIM_MESSAGE_MAX / 2 };
	struct att_sim_reply reply = { 0 };

	reply.rc = att_sim_request_parse(message, &q, &why);
	if (reply.rc == ATT_OK) {
		reply.op = (uint8_t)q.op;
		reply.rc = answer(c, &q, fds, fd_count, &reply.sgx_code, &body, &why);
	}
	if (reply.rc == ATT_OK)
		reply.rc = att_buf_ok(&body, &why);
	reply.body =
	    reply.rc == ATT_OK ? att_buf_bytes(&body) : att_bytes_of(why.msg, strlen(why.msg));
	att_sim_reply_write(&reply, out);
	att_wipe(body.ptr, body.len);
	return att_buf_ok(out, err);
}
