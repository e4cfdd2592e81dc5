/* SPDX-License-Identifier: Apache-2.0 */
/* The command as a whole process. */
#ifndef ATT_BENCH_PROCESS_H
#define ATT_BENCH_PROCESS_H

#include <stdbool.h>

struct bench_process {
	double median_ms; /* from start to end, on the wall */
	double rss_mib;   /* the most of any run */
};

/* Runs the command, its output thrown away, a number of times; false unless each run ended with the
 * exit code. Call it early: the memory of this process before exec counts for the child's too. */
bool bench_process_run(const char *const argv[], int exit_code, struct bench_process *out);

#endif
