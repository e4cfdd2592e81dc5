/* SPDX-License-Identifier: Apache-2.0 */
/* attest-simgen: quotes of a simulated machine, with the collateral and the root to verify them
 * by. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/civil.h"
#include "base/error.h"
#include "base/mem.h"
#include "platform/sim/machine.h"

#define COUNT_MAX 100000
#define PATH_ROOM 4096

/* Certificates begin a year before and end twenty years after; nothing before 1980 or after
 * 2200. */
#define TIME_MIN INT64_C(315532800)
#define TIME_MAX INT64_C(7258118400)

static const char help[] =
    "usage: attest-simgen [--seed TEXT] [--time TIME] [--kind KIND] [--count N] DIR\n"
    "\n"
    "Makes quotes of a simulated SGX or TDX machine, its collateral and its root certificate.\n"
    "DIR is made when it is not there; files in it are overwritten.\n"
    "\n"
    "Without --kind:  DIR/sgx and DIR/tdx with quote.dat and collateral.json each,\n"
    "                 DIR/root.pem, DIR/time\n"
    "With --kind:     DIR/quote.dat, DIR/collateral.json, DIR/root.pem, DIR/time\n"
    "With --count:    quote-000.dat and so on in place of quote.dat\n"
    "\n"
    "  --kind KIND   sgx3, sgx4, sgx5 (SGX quotes of version 3, 4, 5), tdx4, tdx5 (TDX quotes of\n"
    "                version 4, 5), tdx15 (version 5 with the TDX 1.5 body)\n"
    "  --count N     N quotes, each with an attestation key and a QE report of its own\n"
    "  --time TIME   collateral is fresh at this time (RFC 3339 or seconds since 1970), not at\n"
    "                present; the file `time` holds it in seconds\n"
    "  --seed TEXT   keys follow from TEXT (at most 64 bytes) and are known to all who know it;\n"
    "                without it keys are random and forgotten\n"
    "  --help        this text\n"
    "\n"
    "Nothing made here is accepted under a real root. To verify it:\n"
    "  attest verify DIR/quote.dat --collateral DIR/collateral.json --root DIR/root.pem \\\n"
    "      --allow-simulated --time $(cat DIR/time)\n";

struct job {
	struct att_sim_options options;
	enum att_sim_kind kind; /* ATT_SIM_KINDS: none given */
	unsigned count;         /* 0: not given */
	const char *dir;
};

ATT_DEFINE_CLEANUP(machine, att_sim_machine, att_sim_machine_free)
ATT_DEFINE_CLEANUP(collateral, att_collateral, att_collateral_free)

static bool read_kind(const char *text, enum att_sim_kind *out)
{
	for (int k = 0; k < ATT_SIM_KINDS; k++) {
		*out = (enum att_sim_kind)k;
		if (strcmp(att_sim_kind_name(*out), text) == 0)
			return true;
	}
	return false;
}

static bool read_number(const char *text, int64_t min, int64_t max, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	return end != text && *end == '\0' && errno == 0 && *out >= min && *out <= max;
}

static bool read_time(const char *text, int64_t *out)
{
	if (read_number(text, TIME_MIN, TIME_MAX, out))
		return true;
	return att_time_parse(att_bytes_of(text, strlen(text)), false, out, NULL) == ATT_OK &&
	       *out >= TIME_MIN && *out <= TIME_MAX;
}

/* Returns false, and says why, when the option's value can not be. */
static bool take(struct job *j, int option, const char *value)
{
	int64_t number;

	switch (option) {
	case 's':
		if (strlen(value) > 0 && strlen(value) <= ATT_SIM_SEED_MAX) {
			memcpy(j->options.seed.text, value, strlen(value));
			return true;
		}
		fputs("attest-simgen: --seed wants 1 to 64 bytes\n", stderr);
		return false;
	case 't':
		if (read_time(value, &j->options.now))
			return true;
		fprintf(stderr, "attest-simgen: --time '%s' is no time from 1980 to 2199\n", value);
		return false;
	case 'k':
		if (read_kind(value, &j->kind))
			return true;
		fprintf(
		    stderr,
		    "attest-simgen: --kind is sgx3, sgx4, sgx5, tdx4, tdx5 or tdx15; not '%s'\n",
		    value);
		return false;
	case 'n':
		if (read_number(value, 1, COUNT_MAX, &number)) {
			j->count = (unsigned)number;
			return true;
		}
		fprintf(stderr, "attest-simgen: --count wants 1 to %d, not '%s'\n", COUNT_MAX,
			value);
		return false;
	default:
		return false;
	}
}

static bool read_arguments(int argc, char **argv, struct job *j)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' }, { "time", required_argument, NULL, 't' },
		{ "kind", required_argument, NULL, 'k' }, { "count", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },       { NULL, 0, NULL, 0 },
	};

	for (int o; (o = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
		if (o == 'h') {
			fputs(help, stdout);
			exit(fflush(stdout) == 0 ? 0 : 3);
		}
		if (o == '?' || !take(j, o, optarg))
			return false;
	}
	if (optind != argc - 1) {
		fputs("attest-simgen: expected one directory; --help tells more\n", stderr);
		return false;
	}
	j->dir = argv[optind];
	return true;
}

static att_rc make_directory(const char *path, att_err *err)
{
	if (mkdir(path, 0777) == 0 || errno == EEXIST)
		return ATT_OK;
	return att_fail(err, ATT_E_IO, "%s: %s", path, strerror(errno));
}

static att_rc write_file(const char *dir, const char *name, att_bytes bytes, att_err *err)
{
	char path[PATH_ROOM];
	int len = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (len < 0 || (size_t)len >= sizeof(path))
		return att_fail(err, ATT_E_IO, "path of more than %d bytes", PATH_ROOM - 1);
	FILE *f = fopen(path, "wb");
	if (!f)
		return att_fail(err, ATT_E_IO, "%s: %s", path, strerror(errno));
	bool ok = fwrite(bytes.ptr, 1, bytes.len, f) == bytes.len;
	ok = fclose(f) == 0 && ok;
	return ok ? ATT_OK : att_fail(err, ATT_E_IO, "%s: %s", path, strerror(errno));
}

static att_rc write_quote(const struct job *j, const att_sim_machine *m, enum att_sim_kind kind,
			  unsigned n, const char *dir, att_err *err)
{
	att_auto_buf att_buf quote = { 0 };
	char name[32] = "quote.dat";
	att_rc rc = att_sim_machine_quote(m, kind, n, &quote, err);

	if (rc != ATT_OK)
		return rc;
	if (j->count)
		snprintf(name, sizeof(name), "quote-%03u.dat", n);
	return write_file(dir, name, att_buf_bytes(&quote), err);
}

static att_rc write_case(const struct job *j, const att_sim_machine *m, enum att_sim_kind kind,
			 const char *dir, att_err *err)
{
	__attribute__((cleanup(collateral_cleanup))) att_collateral *c = NULL;
	att_auto_mem char *json = NULL;
	att_rc rc = make_directory(dir, err);

	for (unsigned n = 0; rc == ATT_OK && n < (j->count ? j->count : 1); n++)
		rc = write_quote(j, m, kind, n, dir, err);
	if (rc == ATT_OK)
		rc = att_sim_machine_collateral(m, att_sim_kind_is_tdx(kind), &c, err);
	if (rc == ATT_OK)
		rc = att_collateral_to_json(c, &json, err);
	if (rc != ATT_OK)
		return rc;
	return write_file(dir, "collateral.json", att_bytes_of(json, strlen(json)), err);
}

static att_rc write_both(const struct job *j, const att_sim_machine *m, att_err *err)
{
	static const struct {
		const char *name;
		enum att_sim_kind kind;
	} folders[] = { { "sgx", ATT_SIM_SGX3 }, { "tdx", ATT_SIM_TDX4 } };

	for (size_t i = 0; i < ATT_COUNT(folders); i++) {
		char path[PATH_ROOM];
		int len = snprintf(path, sizeof(path), "%s/%s", j->dir, folders[i].name);

		if (len < 0 || (size_t)len >= sizeof(path))
			return att_fail(err, ATT_E_IO, "path of more than %d bytes", PATH_ROOM - 1);
		att_rc rc = write_case(j, m, folders[i].kind, path, err);
		if (rc != ATT_OK)
			return rc;
	}
	return ATT_OK;
}

static att_rc run(const struct job *j, att_err *err)
{
	__attribute__((cleanup(machine_cleanup))) att_sim_machine *m = NULL;
	char seconds[32];
	int len = snprintf(seconds, sizeof(seconds), "%lld\n", (long long)j->options.now);
	att_rc rc = att_sim_machine_new(&j->options, &m, err);

	if (rc == ATT_OK)
		rc = make_directory(j->dir, err);
	if (rc == ATT_OK)
		rc = j->kind == ATT_SIM_KINDS ? write_both(j, m, err)
					      : write_case(j, m, j->kind, j->dir, err);
	if (rc == ATT_OK)
		rc = write_file(j->dir, "root.pem",
				att_sim_pki_pem(att_sim_machine_pki(m), ATT_SIM_ROOT), err);
	if (rc == ATT_OK)
		rc = write_file(j->dir, "time", att_bytes_of(seconds, (size_t)len), err);
	return rc;
}

int main(int argc, char **argv)
{
	struct job j = { .options = { .now = (int64_t)time(NULL), .cpus = 1 },
			 .kind = ATT_SIM_KINDS };
	att_err err = { 0 };

	if (!read_arguments(argc, argv, &j))
		return 1;
	if (run(&j, &err) == ATT_OK)
		return 0;
	fprintf(stderr, "attest-simgen: %s\n", err.msg);
	return 3;
}
