/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "clock.h"

struct log {
	att_loop *loop;
	att_timer *timer;
	int fired;
	int order[8];
};

static struct log *the_log;

static void fire(void *ctx)
{
	int *id = ctx;

	the_log->order[the_log->fired++] = *id;
}

static void test_timers_fire_in_order(void **state)
{
	struct test_time t = { .ms = 1000 };
	struct att_clock clock = test_clock(&t);
	struct log log = { 0 };
	att_timer *timer[3];
	int ids[] = { 0, 1, 2 };

	(void)state;
	the_log = &log;
	assert_int_equal(att_loop_new(&clock, &log.loop, NULL), ATT_OK);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(att_timer_new(log.loop, fire, &ids[i], &timer[i], NULL), ATT_OK);
	att_timer_set(timer[0], 300);
	att_timer_set(timer[1], 100);
	att_timer_set(timer[2], 200);
	att_loop_turn(log.loop);
	assert_int_equal(log.fired, 0);
	t.ms += 100;
	att_loop_turn(log.loop);
	assert_int_equal(log.fired, 1);
	att_timer_cancel(timer[2]);
	att_timer_set(timer[1], 150); /* once more, before the first */
	t.ms += 1000;
	att_loop_turn(log.loop);
	assert_int_equal(log.fired, 3);
	assert_int_equal(log.order[0], 1);
	assert_int_equal(log.order[1], 1);
	assert_int_equal(log.order[2], 0);
	att_timer_set(timer[0], 5);
	for (size_t i = 0; i < 3; i++)
		att_timer_free(timer[i]);
	t.ms += 1000;
	att_loop_turn(log.loop);
	assert_int_equal(log.fired, 3);
	att_timer_free(NULL);
	att_loop_free(log.loop);
	att_loop_free(NULL);
}

static void again(void *ctx)
{
	struct log *log = ctx;

	log->fired++;
	att_timer_set(log->timer, 0);
}

/* A timer that sets itself anew at once holds up nothing. */
static void test_timer_of_no_time(void **state)
{
	struct test_time t = { .ms = 1000, .now = 77 };
	struct att_clock clock = test_clock(&t);
	struct log log = { 0 };

	(void)state;
	assert_int_equal(att_loop_new(&clock, &log.loop, NULL), ATT_OK);
	assert_int_equal(att_loop_now(log.loop), 77);
	assert_int_equal(att_timer_new(log.loop, again, &log, &log.timer, NULL), ATT_OK);
	att_timer_set(log.timer, 0);
	for (int i = 1; i < 5; i++) {
		t.ms++;
		att_loop_turn(log.loop);
		assert_int_equal(log.fired, i);
	}
	att_timer_free(log.timer);
	att_loop_free(log.loop);
}

static void ready(void *ctx, unsigned what)
{
	*(unsigned *)ctx = what;
}

static void test_watches(void **state)
{
	att_loop *l;
	att_watch *w;
	unsigned what = 0;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(att_loop_new(NULL, &l, NULL), ATT_OK);
	assert_int_equal(att_watch_new(l, ends[0], ready, &what, &w, NULL), ATT_OK);
	assert_int_equal(write(ends[1], "x", 1), 1);
	att_loop_turn(l);
	assert_int_equal(what, 0); /* not asked for yet */
	assert_true(att_watch_for(w, ATT_WATCH_READ));
	att_loop_turn(l);
	assert_int_equal(what, ATT_WATCH_READ);
	what = 0;
	att_loop_turn(l); /* as long as it is possible */
	assert_int_equal(what, ATT_WATCH_READ);
	assert_true(att_watch_for(w, 0));
	what = 0;
	att_loop_turn(l);
	assert_int_equal(what, 0);
	att_watch_free(w);
	assert_int_equal(att_watch_new(l, ends[1], ready, &what, &w, NULL), ATT_OK);
	assert_true(att_watch_for(w, ATT_WATCH_READ | ATT_WATCH_WRITE));
	att_loop_turn(l);
	assert_int_equal(what, ATT_WATCH_WRITE);
	att_watch_free(w);
	att_watch_free(NULL);
	att_loop_free(l);
	close(ends[0]);
	close(ends[1]);
}

static void caught(void *ctx, int signo)
{
	*(int *)ctx = signo;
}

static void test_signals(void **state)
{
	att_loop *l;
	att_signal *s;
	int got = 0;

	(void)state;
	assert_int_equal(att_loop_new(NULL, &l, NULL), ATT_OK);
	assert_int_equal(att_signal_new(l, SIGUSR1, caught, &got, &s, NULL), ATT_OK);
	assert_int_equal(raise(SIGUSR1), 0);
	att_loop_turn(l);
	assert_int_equal(got, SIGUSR1);
	att_signal_free(s);
	att_signal_free(NULL);
	att_loop_free(l);
}

#define TASKS 1000

struct job {
	struct att_task task;
	att_loop *loop;
	int *count;
};

static void do_job(struct att_task *t)
{
	struct job *j = (struct job *)t;

	if (++*j->count == 2 * TASKS)
		att_loop_stop(j->loop);
}

static void *post_all(void *arg)
{
	struct job *jobs = arg;

	for (int i = 0; i < TASKS; i++)
		att_loop_post(jobs[i].loop, &jobs[i].task);
	return NULL;
}

/* Tasks of two threads all run, in the loop's one thread; then the loop is stopped from within. */
static void test_tasks_from_threads(void **state)
{
	static struct job jobs[2][TASKS];
	pthread_t threads[2];
	att_loop *l;
	int count = 0;

	(void)state;
	assert_int_equal(att_loop_new(NULL, &l, NULL), ATT_OK);
	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < TASKS; k++)
			jobs[i][k] = (struct job){ { .run = do_job }, l, &count };
		assert_int_equal(pthread_create(&threads[i], NULL, post_all, jobs[i]), 0);
	}
	assert_int_equal(att_loop_run(l, NULL), ATT_OK);
	assert_int_equal(count, 2 * TASKS);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	att_loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timers_fire_in_order),
		cmocka_unit_test(test_timer_of_no_time),
		cmocka_unit_test(test_watches),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_tasks_from_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
