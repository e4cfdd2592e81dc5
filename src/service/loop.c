/* SPDX-License-Identifier: Apache-2.0 */
#include "service/loop.h"

#include <event2/event.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/mem.h"

struct att_loop {
	struct event_base *base;
	struct att_clock clock;
	struct event *due;  /* the machine's timer for the earliest of ours */
	struct event *wake; /* on `wake_fd`: tasks were posted */
	int wake_fd;
	struct att_timer *timers; /* the earliest first */
	pthread_mutex_t lock;     /* of what stands below */
	struct att_task *tasks;
	struct att_task **tasks_end;
	bool stopping;
};

static int64_t system_now(void *ctx)
{
	struct timespec t = { 0 };

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

static int64_t system_ms(void *ctx)
{
	struct timespec t = { 0 };

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const struct att_clock att_clock_system = { system_now, system_ms, NULL };

int64_t att_loop_now(const att_loop *l)
{
	return l->clock.now(l->clock.ctx);
}

int64_t att_loop_ms(const att_loop *l)
{
	return l->clock.mono_ms(l->clock.ctx);
}

static att_rc no_memory(att_err *err)
{
	return att_fail(err, ATT_E_NOMEM, "out of memory");
}

/* --- Descriptors --- */

struct att_watch {
	struct event *event;
	unsigned what;
	int fd;
	att_loop *loop;
	void (*ready)(void *ctx, unsigned what);
	void *ctx;
};

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct att_watch *w = arg;

	(void)fd;
	w->ready(w->ctx,
		 (what & EV_READ ? ATT_WATCH_READ : 0) | (what & EV_WRITE ? ATT_WATCH_WRITE : 0));
}

att_rc att_watch_new(att_loop *l, int fd, void (*ready)(void *ctx, unsigned what), void *ctx,
		     att_watch **out, att_err *err)
{
	*out = NULL;
	struct att_watch *w = calloc(1, sizeof(*w));
	if (!w)
		return no_memory(err);
	*w = (struct att_watch){ .fd = fd, .loop = l, .ready = ready, .ctx = ctx };
	w->event = event_new(l->base, fd, EV_READ | EV_PERSIST, on_ready, w);
	if (!w->event) {
		free(w);
		return no_memory(err);
	}
	*out = w;
	return ATT_OK;
}

bool att_watch_for(att_watch *w, unsigned what)
{
	short flags = EV_PERSIST;

	if (what == w->what)
		return true;
	if (w->what)
		event_del(w->event);
	w->what = 0;
	if (!what)
		return true;
	flags |= what & ATT_WATCH_READ ? EV_READ : 0;
	flags |= what & ATT_WATCH_WRITE ? EV_WRITE : 0;
	if (event_assign(w->event, w->loop->base, w->fd, flags, on_ready, w) != 0 ||
	    event_add(w->event, NULL) != 0)
		return false;
	w->what = what;
	return true;
}

void att_watch_free(att_watch *w)
{
	if (!w)
		return;
	event_free(w->event);
	free(w);
}

/* --- Timers --- */

struct att_timer {
	att_loop *loop;
	struct att_timer *next;
	int64_t at;
	bool set;
	void (*fire)(void *ctx);
	void *ctx;
};

/* Lets the machine wake us for the earliest timer. Under a clock of the caller's this may be early
 * or late: he turns the loop himself. */
static void arm(att_loop *l)
{
	if (!l->timers) {
		event_del(l->due);
		return;
	}
	int64_t ms = l->timers->at - att_loop_ms(l);
	ms = ms < 0 ? 0 : ms;
	struct timeval in = { ms / 1000, ms % 1000 * 1000 };
	event_add(l->due, &in);
}

static void unlink_timer(att_timer *t)
{
	struct att_timer **p = &t->loop->timers;

	while (*p && *p != t)
		p = &(*p)->next;
	if (*p)
		*p = t->next;
	t->set = false;
	t->next = NULL;
}

static void fire_due(att_loop *l)
{
	int64_t now = att_loop_ms(l);

	while (l->timers && l->timers->at <= now) {
		struct att_timer *t = l->timers;
		unlink_timer(t);
		t->fire(t->ctx);
	}
	arm(l);
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fire_due(arg);
}

att_rc att_timer_new(att_loop *l, void (*fire)(void *ctx), void *ctx, att_timer **out, att_err *err)
{
	struct att_timer *t = calloc(1, sizeof(*t));

	*out = t;
	if (!t)
		return no_memory(err);
	*t = (struct att_timer){ .loop = l, .fire = fire, .ctx = ctx };
	return ATT_OK;
}

void att_timer_set(att_timer *t, int64_t ms)
{
	struct att_timer **p = &t->loop->timers;

	att_timer_cancel(t);
	/* At least 1: a timer that sets itself anew does not hold up a turn. */
	t->at = att_loop_ms(t->loop) + (ms < 1 ? 1 : ms);
	while (*p && (*p)->at <= t->at)
		p = &(*p)->next;
	t->next = *p;
	t->set = true;
	*p = t;
	if (t->loop->timers == t)
		arm(t->loop);
}

void att_timer_cancel(att_timer *t)
{
	if (t->set)
		unlink_timer(t);
}

void att_timer_free(att_timer *t)
{
	if (!t)
		return;
	att_timer_cancel(t);
	free(t);
}

/* --- Signals --- */

struct att_signal {
	struct event *event;
	int signo;
	void (*caught)(void *ctx, int signo);
	void *ctx;
};

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
	struct att_signal *s = arg;

	(void)fd;
	(void)what;
	s->caught(s->ctx, s->signo);
}

att_rc att_signal_new(att_loop *l, int signo, void (*caught)(void *ctx, int signo), void *ctx,
		      att_signal **out, att_err *err)
{
	*out = NULL;
	struct att_signal *s = calloc(1, sizeof(*s));
	if (!s)
		return no_memory(err);
	*s = (struct att_signal){ .signo = signo, .caught = caught, .ctx = ctx };
	s->event = evsignal_new(l->base, signo, on_signal, s);
	if (!s->event || event_add(s->event, NULL) != 0) {
		att_signal_free(s);
		return no_memory(err);
	}
	*out = s;
	return ATT_OK;
}

void att_signal_free(att_signal *s)
{
	if (!s)
		return;
	if (s->event)
		event_free(s->event);
	free(s);
}

/* --- Work from other threads --- */

static void wake(att_loop *l)
{
	uint64_t one = 1;
	ssize_t n = write(l->wake_fd, &one, sizeof(one));

	(void)n; /* a full counter wakes as well */
}

void att_loop_post(att_loop *l, struct att_task *t)
{
	t->next = NULL;
	pthread_mutex_lock(&l->lock);
	bool first = !l->tasks;
	*l->tasks_end = t;
	l->tasks_end = &t->next;
	/* Under the lock: once it is free the task may be done, and the loop with it. */
	if (first)
		wake(l);
	pthread_mutex_unlock(&l->lock);
}

void att_loop_stop(att_loop *l)
{
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	wake(l);
	pthread_mutex_unlock(&l->lock);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	att_loop *l = arg;
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n;
	(void)what;
	pthread_mutex_lock(&l->lock);
	struct att_task *t = l->tasks;
	bool stop = l->stopping;
	l->tasks = NULL;
	l->tasks_end = &l->tasks;
	pthread_mutex_unlock(&l->lock);
	while (t) {
		struct att_task *next = t->next;
		t->run(t);
		t = next;
	}
	if (stop)
		event_base_loopbreak(l->base);
}

/* --- The loop --- */

att_rc att_loop_new(const struct att_clock *clock, att_loop **out, att_err *err)
{
	*out = NULL;
	att_loop *l = calloc(1, sizeof(*l));
	if (!l)
		return no_memory(err);
	l->clock = clock ? *clock : att_clock_system;
	l->tasks_end = &l->tasks;
	pthread_mutex_init(&l->lock, NULL);
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->base = event_base_new();
	if (l->base && l->wake_fd >= 0) {
		l->due = evtimer_new(l->base, on_due, l);
		l->wake = event_new(l->base, l->wake_fd, EV_READ | EV_PERSIST, on_wake, l);
	}
	if (!l->due || !l->wake || event_add(l->wake, NULL) != 0) {
		att_loop_free(l);
		return att_fail(err, ATT_E_UNAVAILABLE, "no event loop can be made here");
	}
	*out = l;
	return ATT_OK;
}

void att_loop_free(att_loop *l)
{
	if (!l)
		return;
	if (l->due)
		event_free(l->due);
	if (l->wake)
		event_free(l->wake);
	if (l->base)
		event_base_free(l->base);
	if (l->wake_fd >= 0)
		close(l->wake_fd);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

att_rc att_loop_run(att_loop *l, att_err *err)
{
	int rc = event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);

	return rc < 0 ? att_fail(err, ATT_E_IO, "the event loop failed") : (att_rc)ATT_OK;
}

void att_loop_turn(att_loop *l)
{
	event_base_loop(l->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	fire_due(l);
}
