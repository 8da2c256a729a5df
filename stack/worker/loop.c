// SPDX-License-Identifier: Apache-2.0
#include "worker/loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000u
#define GATHER_MS     4       /* output that trickles in is written together after that time */
#define TICK_MIN_NS   200000u /* a guest cannot make the loop run more often than that */

enum {
	FD_WAKE,
	FD_SIGNALS,
	FD_TIMER,
	FD_IN,
	FD_OUT,
	FD_CONTROL,
	FD_COUNT = FD_CONTROL + CONTROL_FDS,
};

bool loop_open(struct loop *loop, struct machine *machine, struct console *console,
	       struct control *control, struct problem *problem)
{
	sigset_t set;

	*loop = (struct loop){.machine = machine, .console = console, .control = control};
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop->signals < 0 || loop->timer < 0)
		return problem_set(problem, "the kernel has no more files: %s", strerror(errno));
	return true;
}

void loop_close(struct loop *loop)
{
	close(loop->signals);
	close(loop->timer);
}

/* Set the timer for the next tick of the guest's interval timer. */
static void set_timer(struct loop *loop)
{
	struct itimerspec when = {0};
	uint64_t at;

	machine_lock(loop->machine);
	atomic_store(&loop->machine->timer_changed, false);
	at = pit_next_tick(&loop->machine->devices.pit, loop->machine->devices.now_ns);
	if (at != PIT_NEVER && at < loop->machine->devices.now_ns + TICK_MIN_NS)
		at = loop->machine->devices.now_ns + TICK_MIN_NS;
	machine_unlock(loop->machine);
	if (at != PIT_NEVER) {
		when.it_value.tv_sec = (time_t)(at / NS_PER_SECOND);
		when.it_value.tv_nsec = (long)(at % NS_PER_SECOND);
	}
	timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void tick(struct loop *loop)
{
	uint64_t expirations;

	if (read(loop->timer, &expirations, sizeof(expirations)) != sizeof(expirations))
		return;
	machine_lock(loop->machine);
	devices_tick(&loop->machine->devices);
	machine_unlock(loop->machine);
	set_timer(loop);
}

static void take_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	if (read(loop->signals, &info, sizeof(info)) == sizeof(info))
		machine_end(loop->machine, WORKER_EXIT_FORCED, "it was stopped by the signal %s",
			    sigabbrev_np((int)info.ssi_signo));
}

/* Move what the guest wrote out of the devices, so that it can go on writing. */
static void take_output(struct loop *loop)
{
	struct devices *devices = &loop->machine->devices;
	size_t room = sizeof(loop->output) - loop->output_count;

	machine_lock(loop->machine);
	if (room > devices->output_count)
		room = devices->output_count;
	memcpy(loop->output + loop->output_count, devices->output, room);
	if (room > 0)
		devices_output_done(devices, room);
	loop->machine->output_known = devices->output_count > 0;
	machine_unlock(loop->machine);
	loop->output_count += room;
}

static void write_output(struct loop *loop)
{
	size_t done = console_write(loop->console, loop->output, loop->output_count);

	loop->output_count -= done;
	memmove(loop->output, loop->output + done, loop->output_count);
}

static void give_input(struct loop *loop)
{
	size_t taken;

	machine_lock(loop->machine);
	taken = devices_receive(&loop->machine->devices, loop->input, loop->input_count);
	loop->input_count -= taken;
	memmove(loop->input, loop->input + taken, loop->input_count);
	loop->machine->input_waits = loop->input_count > 0;
	machine_unlock(loop->machine);
}

static void read_input(struct loop *loop)
{
	const uint8_t *escape = NULL;

	loop->input_count = console_read(loop->console, loop->input, sizeof(loop->input));
	if (loop->console->terminal)
		escape = memchr(loop->input, CONSOLE_ESCAPE, loop->input_count);
	if (!escape)
		return;
	loop->input_count = (size_t)(escape - loop->input);
	machine_end(loop->machine, WORKER_EXIT_FORCED, "it was stopped with Ctrl-]");
}

static unsigned int prepare(struct loop *loop, struct pollfd fds[FD_COUNT])
{
	fds[FD_WAKE] = (struct pollfd){.fd = loop->machine->wake, .events = POLLIN};
	fds[FD_SIGNALS] = (struct pollfd){.fd = loop->signals, .events = POLLIN};
	fds[FD_TIMER] = (struct pollfd){.fd = loop->timer, .events = POLLIN};
	fds[FD_IN] = (struct pollfd){.fd = loop->input_count ? -1 : loop->console->in,
				     .events = POLLIN};
	fds[FD_OUT] = (struct pollfd){.fd = loop->output_count ? loop->console->out : -1,
				      .events = POLLOUT};
	return FD_CONTROL + control_poll(loop->control, fds + FD_CONTROL);
}

static void serve(struct loop *loop, const struct pollfd *fds, unsigned int count)
{
	eventfd_t value;

	if (fds[FD_WAKE].revents) {
		(void)!eventfd_read(loop->machine->wake, &value);
		if (atomic_load(&loop->machine->timer_changed))
			set_timer(loop);
	}
	if (fds[FD_SIGNALS].revents)
		take_signal(loop);
	if (fds[FD_TIMER].revents)
		tick(loop);
	if (fds[FD_IN].revents)
		read_input(loop);
	if (loop->input_count)
		give_input(loop);
	if (fds[FD_OUT].revents || (loop->console->lossy && loop->output_count))
		write_output(loop);
	control_serve(loop->control, fds + FD_CONTROL, count - FD_CONTROL);
}

/* The guest writes no more: get rid of what is left, unless nobody takes it. */
static void drain(struct loop *loop)
{
	do {
		struct pollfd out = {.fd = loop->console->out, .events = POLLOUT};

		take_output(loop);
		if (loop->output_count == 0 || poll(&out, 1, 1000) <= 0)
			return;
		write_output(loop);
	} while (true);
}

/* Wait for something to do. Returns how many entries there are, or 0 after an error. */
static unsigned int wait_for_work(struct loop *loop, struct pollfd fds[FD_COUNT], int ms)
{
	unsigned int count = prepare(loop, fds);

	if (poll(fds, count, ms) >= 0)
		return count;
	if (errno != EINTR)
		machine_end(loop->machine, WORKER_EXIT_ERROR, "the worker cannot wait: %s",
			    strerror(errno));
	return 0;
}

void loop_run(struct loop *loop)
{
	struct pollfd fds[FD_COUNT];
	unsigned int count;

	while (!atomic_load(&loop->machine->ended)) {
		take_output(loop);
		count = wait_for_work(loop, fds, -1);
		if (count)
			serve(loop, fds, count);
		/* the guest writes byte by byte, and each would wake this thread */
		if (count && fds[FD_WAKE].revents && !atomic_load(&loop->machine->ended)) {
			count = wait_for_work(loop, fds, GATHER_MS);
			if (count)
				serve(loop, fds, count);
		}
	}
	machine_stop(loop->machine);
	drain(loop);
}
