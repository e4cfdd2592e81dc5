/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop of a service: descriptors, timers, signals and work handed over by threads, over
 * libevent. One thread runs it; of everything below only att_loop_post() and att_loop_stop() may be
 * called from another. Time comes from a clock that the caller gives. */
#ifndef ATT_SERVICE_LOOP_H
#define ATT_SERVICE_LOOP_H

#include "attest/base.h"

typedef struct att_loop att_loop;

struct att_clock {
	int64_t (*now)(void *ctx);     /* seconds since 1970 */
	int64_t (*mono_ms)(void *ctx); /* milliseconds that never go back */
	void *ctx;
};

/* The machine's clocks. */
extern const struct att_clock att_clock_system;

/* `clock` is copied; NULL is the machine's. ATT_E_NOMEM, ATT_E_UNAVAILABLE. */
att_rc att_loop_new(const struct att_clock *clock, att_loop **out, att_err *err) ATT_MUST_USE
    ATT_NONNULL(2);
/* Watches, timers and signal handlers must have been freed before. */
void att_loop_free(att_loop *l);

/* Runs until att_loop_stop(). ATT_E_IO. */
att_rc att_loop_run(att_loop *l, att_err *err) ATT_MUST_USE ATT_NONNULL(1);
/* Runs what is ready and what is due by the loop's clock, and returns. What tests with a clock of
 * their own turn the loop with. */
void att_loop_turn(att_loop *l) ATT_NONNULL(1);
/* Ends att_loop_run() after the present turn. From any thread. */
void att_loop_stop(att_loop *l) ATT_NONNULL(1);

int64_t att_loop_now(const att_loop *l) ATT_NONNULL(1); /* seconds since 1970 */
int64_t att_loop_ms(const att_loop *l) ATT_NONNULL(1);  /* of the monotonic clock */

/* --- Descriptors --- */

#define ATT_WATCH_READ  1u
#define ATT_WATCH_WRITE 2u

typedef struct att_watch att_watch;

/* Calls `ready` with what became possible, again and again while it is possible. The descriptor
 * stays the caller's. Nothing is watched until att_watch_for(). ATT_E_NOMEM. */
att_rc att_watch_new(att_loop *l, int fd, void (*ready)(void *ctx, unsigned what), void *ctx,
		     att_watch **out, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3, 5);
/* Watches for `what` from now on (0: nothing). False: the kernel refused. */
bool att_watch_for(att_watch *w, unsigned what) ATT_MUST_USE ATT_NONNULL(1);
void att_watch_free(att_watch *w);

/* --- Timers --- */

typedef struct att_timer att_timer;

/* ATT_E_NOMEM. */
att_rc att_timer_new(att_loop *l, void (*fire)(void *ctx), void *ctx, att_timer **out,
		     att_err *err) ATT_MUST_USE ATT_NONNULL(1, 2, 4);
/* Fires once, in `ms` milliseconds; an earlier setting is forgotten. */
void att_timer_set(att_timer *t, int64_t ms) ATT_NONNULL(1);
void att_timer_cancel(att_timer *t) ATT_NONNULL(1);
void att_timer_free(att_timer *t);

/* --- Signals, and work from other threads --- */

typedef struct att_signal att_signal;

/* ATT_E_NOMEM. */
att_rc att_signal_new(att_loop *l, int signo, void (*caught)(void *ctx, int signo), void *ctx,
		      att_signal **out, att_err *err) ATT_MUST_USE ATT_NONNULL(1, 3, 5);
void att_signal_free(att_signal *s);

/* Lies in what it belongs to; the caller's until `run` is called. */
struct att_task {
	void (*run)(struct att_task *t);
	struct att_task *next;
};

/* Has t->run(t) called in the loop's thread. From any thread; can not fail. */
void att_loop_post(att_loop *l, struct att_task *t) ATT_NONNULL(1, 2);

#endif
