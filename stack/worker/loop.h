// SPDX-License-Identifier: Apache-2.0
/* The main thread of a worker: the console, the control socket, the timer, and signals. */
#ifndef WORKER_LOOP_H
#define WORKER_LOOP_H

#include "worker/console.h"
#include "worker/control.h"
#include "worker/machine.h"

struct loop {
	struct machine *machine;
	struct console *console;
	struct control *control;
	int signals; /* signalfd of those that end the machine */
	int timer;   /* timerfd of the interval timer's next tick */
	uint8_t input[256];
	size_t input_count;
	uint8_t output[4096];
	size_t output_count;
};

/*
 * Block the signals that end the machine, before any thread is started. Returns false with
 * *problem.
 */
bool loop_open(struct loop *loop, struct machine *machine, struct console *console,
	       struct control *control, struct problem *problem);

/* Go on until the machine has ended and all it wrote is out. */
void loop_run(struct loop *loop);

void loop_close(struct loop *loop);

#endif
