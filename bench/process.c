/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

#define RUNS 101

/* fork(), not posix_spawn(): a child that shares our memory until exec would inherit its peak. */
static bool run_once(const char *const argv[], int exit_code, double *ms, double *mib)
{
	struct rusage usage;
	int status;
	double start = bench_wall_now();
	pid_t child = fork();

	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		if (null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2)
			execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child)
		return false;
	*ms = (bench_wall_now() - start) * 1e3;
	*mib = (double)usage.ru_maxrss / 1024;
	return WIFEXITED(status) && WEXITSTATUS(status) == exit_code;
}

bool bench_process_run(const char *const argv[], int exit_code, struct bench_process *out)
{
	double ms[RUNS];

	out->rss_mib = 0;
	for (int i = 0; i < RUNS; i++) {
		double mib;

		if (!run_once(argv, exit_code, &ms[i], &mib))
			return false;
		out->rss_mib = mib > out->rss_mib ? mib : out->rss_mib;
	}
	out->median_ms = bench_median(ms, RUNS);
	return true;
}
