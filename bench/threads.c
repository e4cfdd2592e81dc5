/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "verify.h"

#define OPERATIONS 4000
#define TRIES      3
#define BUSY       0.97

struct runner {
	struct bench_warm warm; /* the verifier is shared, the evidence is not */
	pthread_barrier_t *start;
	size_t cpu;
	bool right;
	double began, ended; /* on the wall */
	double cpu_spent;
};

static void *run(void *arg)
{
	struct runner *r = arg;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(r->cpu, &one);
	pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
	r->right = bench_warm_run(&r->warm, OPERATIONS / 16);
	pthread_barrier_wait(r->start);
	double cpu_began = bench_cpu_now();
	r->began = bench_wall_now();
	r->right = bench_warm_run(&r->warm, OPERATIONS) && r->right;
	r->ended = bench_wall_now();
	r->cpu_spent = bench_cpu_now() - cpu_began;
	return NULL;
}

/* Operations per second of `count` threads together; 0 when an answer was wrong. *share: the part
 * of its core that the thread with the least had. */
static double rate(const struct bench_warm *shared, const struct bench_case *c, int count,
		   double *share)
{
	struct runner runner[2];
	pthread_t thread[2];
	pthread_barrier_t start;
	double began = 0, ended = 0;
	bool right = true;
	int started = 0;

	if (pthread_barrier_init(&start, NULL, (unsigned)count) != 0)
		return 0;
	for (int i = 0; i < count; i++) {
		runner[i] = (struct runner){ .warm = *shared, .start = &start, .cpu = (size_t)i };
		runner[i].warm.evidence = NULL;
		right = right && att_evidence_parse(att_buf_bytes(&c->quote[0]),
						    &runner[i].warm.evidence, NULL) == ATT_OK;
	}
	/* Threads that are started wait for all of them. */
	for (; right && started < count; started++) {
		if (pthread_create(&thread[started], NULL, run, &runner[started]) != 0)
			_exit(3);
	}
	*share = 1;
	for (int i = 0; i < count; i++) {
		if (i < started)
			pthread_join(thread[i], NULL);
		right = right && runner[i].right;
		began = i == 0 || runner[i].began < began ? runner[i].began : began;
		ended = i == 0 || runner[i].ended > ended ? runner[i].ended : ended;
		double had = runner[i].cpu_spent / (runner[i].ended - runner[i].began);
		*share = had < *share ? had : *share;
		att_evidence_free(runner[i].warm.evidence);
	}
	pthread_barrier_destroy(&start);
	return right ? count * OPERATIONS / (ended - began) : 0;
}

double bench_two_threads(const struct bench_case *c)
{
	struct bench_warm shared;
	double best = 0, share_then = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || !bench_warm_open(&shared, c, NULL, false))
		return 0;
	for (int i = 0; i < TRIES; i++) {
		double share;
		double one = rate(&shared, c, 1, &share), two = rate(&shared, c, 2, &share);

		if (one <= 0 || two <= 0) {
			best = 0;
			break;
		}
		if (two / one > best) {
			best = two / one;
			share_then = share;
		}
	}
	if (best > 0 && share_then < BUSY)
		fprintf(stderr,
			"bench: a thread had %.0f %% of its core only: others are busy here\n",
			share_then * 100);
	bench_warm_close(&shared);
	return best;
}
