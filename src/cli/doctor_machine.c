/* SPDX-License-Identifier: Apache-2.0 */
/* Processor, kernel, devices, and whether all that makes a quote. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/mem.h"
#include "cli/doctor.h"
#include "cli/file.h"
#include "platform/aesm/client.h"
#include "platform/attester.h"
#include "platform/cpu.h"
#include "platform/device.h"

#define CPUINFO_MAX ((size_t)8 << 20)
#define CONFIG_MAX  ((size_t)1 << 20)

static void add_word(char *to, size_t room, const char *word, bool is)
{
	size_t n = strlen(to);

	if (is)
		snprintf(to + n, room - n, "%s%s", n ? ", " : "", word);
}

/* Where one interface works, the others are not missed. */
static enum doctor_state absent(const struct doctor *d)
{
	return d->can_quote ? DOCTOR_ASIDE : DOCTOR_MISSING;
}

static void cpu_sgx(struct doctor *d, const struct att_cpu *cpu)
{
	char has[64] = "";

	add_word(has, sizeof(has), "SGX1", cpu->sgx1);
	add_word(has, sizeof(has), "SGX2", cpu->sgx2);
	add_word(has, sizeof(has), "FLC", cpu->flc);
	add_word(has, sizeof(has), "KSS", cpu->kss);
	if (!cpu->sgx)
		doctor_say(
		    d, "cpu.sgx", absent(d),
		    "only enclaves need it: use a server processor with SGX, or `attest sim`",
		    "no SGX%s", cpu->hypervisor ? ", or the hypervisor does not pass it on" : "");
	else if (!cpu->sgx1)
		doctor_say(d, "cpu.sgx", absent(d), "enable SGX in the firmware's set-up",
			   "SGX is there and disabled");
	else if (!cpu->flc)
		doctor_say(d, "cpu.sgx", DOCTOR_WARN,
			   "enable flexible launch control in the firmware; without it Linux's own "
			   "driver does not start",
			   "%s, but no FLC", has);
	else
		doctor_say(d, "cpu.sgx", DOCTOR_OK, NULL, "%s", has);
}

static void cpu_guest(struct doctor *d, const struct att_cpu *cpu)
{
	static const char *const remedy =
	    "only confidential VMs need it: start this machine as one, on a host that can";

	doctor_say(d, "cpu.tdx_guest", cpu->tdx_guest ? DOCTOR_OK : absent(d),
		   cpu->tdx_guest ? NULL : remedy, "%s",
		   cpu->tdx_guest ? "this is a TD" : "this is no TD");
	if (cpu->sev_snp && cpu->hypervisor)
		doctor_say(d, "cpu.snp_guest", DOCTOR_OK, NULL,
			   "a virtual machine whose processor has SEV-SNP");
	else
		doctor_say(d, "cpu.snp_guest", absent(d), remedy, "%s",
			   cpu->sev_snp ? "SEV-SNP, but this is no virtual machine" : "no SEV-SNP");
}

void doctor_cpu(struct doctor *d)
{
	struct att_cpu cpu;

	att_cpu_look(&cpu);
	if (!cpu.known) {
		doctor_say(d, "cpu", absent(d), "use an x86-64 machine, or `attest sim`",
			   "another architecture");
		return;
	}
	cpu_sgx(d, &cpu);
	cpu_guest(d, &cpu);
}

/* One word of the line "flags" of /proc/cpuinfo. */
static bool has_flag(const att_buf *cpuinfo, const char *flag)
{
	const char *text = (const char *)cpuinfo->ptr;
	const char *line = text ? strstr(text, "\nflags") : NULL;
	const char *end = line ? strchr(line + 1, '\n') : NULL;
	size_t n = strlen(flag);

	for (const char *p = line; end && (p = strstr(p, flag)) != NULL && p < end; p += n)
		if (p[-1] == ' ' && (p[n] == ' ' || p[n] == '\n'))
			return true;
	return false;
}

static void kernel_flags(struct doctor *d)
{
	att_auto_buf att_buf text = { 0 };
	char has[128] = "";
	static const char *const flags[] = { "sgx", "sgx_lc", "tdx_guest", "sev_snp" };

	if (cli_read("/proc/cpuinfo", CPUINFO_MAX, &text, NULL) != ATT_OK) {
		doctor_say(d, "kernel.cpuinfo", DOCTOR_WARN, "mount /proc",
			   "/proc/cpuinfo can not be read");
		return;
	}
	att_put_u8(&text, 0);
	for (size_t i = 0; i < ATT_COUNT(flags); i++)
		add_word(has, sizeof(has), flags[i], has_flag(&text, flags[i]));
	doctor_say(d, "kernel.cpuinfo", has[0] ? DOCTOR_OK : absent(d),
		   has[0] ? NULL
			  : "this kernel uses no trusted execution of the processor; see cpu lines",
		   "%s", has[0] ? has : "none of sgx, tdx_guest, sev_snp");
}

/* Is "NAME=y" or "NAME=m" a line of the configuration? */
static bool configured(const att_buf *text, const char *name)
{
	char line[64];

	snprintf(line, sizeof(line), "\n%s=", name);
	const char *p = strstr((const char *)text->ptr, line);
	return p && (p[strlen(line)] == 'y' || p[strlen(line)] == 'm');
}

void doctor_kernel(struct doctor *d)
{
	static const char *const options[] = { "CONFIG_X86_SGX", "CONFIG_TDX_GUEST_DRIVER",
					       "CONFIG_SEV_GUEST", "CONFIG_TSM_REPORTS" };
	att_auto_buf att_buf text = { 0 };
	struct utsname u;
	char path[160], has[160] = "";

	kernel_flags(d);
	if (uname(&u) != 0)
		return;
	snprintf(path, sizeof(path), "/boot/config-%s", u.release);
	if (cli_read(path, CONFIG_MAX, &text, NULL) != ATT_OK) {
		doctor_say(d, "kernel.config", d->can_quote ? DOCTOR_ASIDE : DOCTOR_WARN,
			   "harmless: the interfaces above tell what counts",
			   "Linux %s; %s can not be read", u.release, path);
		return;
	}
	att_put_u8(&text, 0);
	for (size_t i = 0; text.ptr && i < ATT_COUNT(options); i++)
		add_word(has, sizeof(has), options[i] + strlen("CONFIG_"),
			 configured(&text, options[i]));
	doctor_say(d, "kernel.config", has[0] ? DOCTOR_OK : absent(d),
		   has[0] ? NULL : "SGX needs Linux 5.11, TDX and SNP guests 6.7 with configfs-tsm",
		   "Linux %s: %s", u.release, has[0] ? has : "no support of trusted execution");
}

/* What makes evidence: tried for good, with report data of zeros. */
void doctor_quote(struct doctor *d)
{
	static const uint8_t zeros[ATT_REPORT_DATA];
	const char *name = cli_value(d->a, DOCTOR_OPT_ATTESTER);
	att_attester *attester = NULL;
	struct att_quoted q = { 0 };
	att_err err = { 0 };

	att_rc rc = att_attester_open(name ? name : "auto", &d->options, &attester, &err);
	bool none = rc == ATT_E_UNAVAILABLE && !name;
	if (rc == ATT_OK)
		rc = att_attester_quote(attester, zeros, &q, &err);
	att_attester_free(attester);
	if (rc != ATT_OK) {
		doctor_say(
		    d, "quote", DOCTOR_MISSING,
		    "mend one of the interfaces below, or simulate a platform: attest sim run",
		    "%s", none ? "no interface that makes evidence is here" : err.msg);
		return;
	}
	d->can_quote = true;
	snprintf(d->attester, sizeof(d->attester), "%s", q.attester);
	if (att_evidence_parse(att_bytes_of(q.evidence, q.evidence_len), &d->evidence, &err) !=
	    ATT_OK)
		d->evidence = NULL;
	doctor_say(d, "quote", DOCTOR_OK, NULL, "%s made %s of %zu bytes%s", q.attester,
		   d->evidence ? att_kind_name(att_evidence_kind(d->evidence)) : "evidence",
		   q.evidence_len, q.certificates ? ", with certificates" : "");
	att_quoted_clear(&q);
}

void doctor_interfaces(struct doctor *d)
{
	for (size_t i = 0; att_attesters[i]; i++) {
		const struct att_attester_ops *ops = att_attesters[i];
		char id[40];
		att_err err = { 0 };

		snprintf(id, sizeof(id), "interface.%s", ops->name);
		att_rc rc = ops->probe(&d->options, &err);
		if (rc == ATT_OK)
			doctor_say(d, id, DOCTOR_OK, NULL, "%s", ops->what);
		else
			doctor_say(d, id, absent(d), NULL, "%s", err.msg);
	}
}

static int try_open(const char *path)
{
	att_auto_fd int fd = -1;

	return att_sys_open(path, O_RDWR, &fd);
}

/* The names of Linux's own driver, and those of the one before. */
static void device(struct doctor *d, const char *id, const char *path, const char *older,
		   const char *group)
{
	char remedy[160];
	int e = try_open(path);

	if (e == ENOENT || e == ENOTDIR) {
		e = try_open(older);
		path = e == ENOENT || e == ENOTDIR ? path : older;
	}
	if (e == ENOENT || e == ENOTDIR) {
		doctor_say(
		    d, id, absent(d),
		    "for enclaves: Linux 5.11 or later on a machine with SGX and FLC enabled",
		    "%s is not there", path);
		return;
	}
	snprintf(remedy, sizeof(remedy),
		 "add this user to the group %s (or sgx): usermod -a -G %s USER", group, group);
	if (e == 0 || e == EBUSY)
		doctor_say(d, id, DOCTOR_OK, NULL, "%s", path);
	else
		doctor_say(d, id, DOCTOR_WARN, e == EACCES || e == EPERM ? remedy : NULL, "%s: %s",
			   path, strerror(e));
}

void doctor_devices(struct doctor *d)
{
	device(d, "device.sgx_enclave", "/dev/sgx_enclave", "/dev/sgx/enclave", "sgx");
	device(d, "device.sgx_provision", "/dev/sgx_provision", "/dev/sgx/provision", "sgx_prv");
}

void doctor_aesm(struct doctor *d)
{
	const struct att_aesm_client client = { .timeout_ms = 5000, .tries = 1 };
	att_err err = { 0 };
	uint32_t keys = 0;

	if (!att_sys_there(ATT_AESM_SOCKET, S_IFSOCK)) {
		doctor_say(d, "aesm", absent(d),
			   "for enclaves: install sgx-aesm-service and start aesmd",
			   ATT_AESM_SOCKET ": no socket there");
		return;
	}
	att_rc rc = att_aesm_key_count(&client, &keys, &err);
	if (rc == ATT_OK)
		doctor_say(d, "aesm", keys ? DOCTOR_OK : DOCTOR_WARN,
			   keys ? NULL
				: "install libsgx-aesm-ecdsa-plugin (and quote-ex-plugin), restart "
				  "aesmd",
			   "aesmd answers; %u attestation key%s", keys, keys == 1 ? "" : "s");
	else
		doctor_say(d, "aesm", DOCTOR_WARN, "look into its log: journalctl -u aesmd", "%s",
			   err.msg);
}
