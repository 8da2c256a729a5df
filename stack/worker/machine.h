// SPDX-License-Identifier: Apache-2.0
/*
 * A running machine: its partition, memory, devices, and the threads that carry its processors. The
 * main thread is the loop's; it alone does input and output.
 */
#ifndef WORKER_MACHINE_H
#define WORKER_MACHINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "worker/config.h"
#include "worker/devices.h"
#include "worker/memory.h"
#include "worker/partition.h"
#include "worker/problem.h"

/* Why RUN_VP came back, in the order of machine_intercept_names. */
enum intercept {
	INTERCEPT_IO_PORT,
	INTERCEPT_MEMORY,
	INTERCEPT_APIC_EOI,
	INTERCEPT_HALT,
	INTERCEPT_UNRECOVERABLE_EXCEPTION,
	INTERCEPT_SIGNAL, /* the thread was interrupted, not the VP */
	INTERCEPT_OTHER,
	INTERCEPT_COUNT,
};

extern const char *const machine_intercept_names[INTERCEPT_COUNT];

struct machine;

struct vp_thread {
	struct machine *machine;
	struct vp vp;
	pthread_t thread;
	bool started;
	_Atomic uint64_t counts[INTERCEPT_COUNT]; /* written by the thread, read by the loop */
	struct hv_message last;                   /* the last message; the thread's own */
};

struct machine {
	struct worker_config config;
	struct guest_memory memory;
	int memory_fd;
	struct partition partition;
	struct vp_thread *vps; /* config.cpus of them */

	pthread_mutex_t lock; /* everything down to the blank line */
	struct devices devices;
	bool input_waits;          /* the loop has bytes that the UART had no room for */
	bool output_known;         /* the loop knows that there is output */
	atomic_bool timer_changed; /* the interval timer may tick at another time */
	atomic_bool ended;         /* also read without the lock */
	enum worker_exit end;
	struct problem why; /* of an end that is not the guest's own power-off */

	atomic_bool stopping; /* VP threads are to end */
	int wake;             /* eventfd: the loop is to look at what a VP has changed */
};

/* Build the machine up to where its processors could run. Returns false with *problem. */
bool machine_create(struct machine *machine, const struct worker_config *config,
		    struct problem *problem);

/* Start the threads of all processors. */
bool machine_start(struct machine *machine, struct problem *problem);

/* Stop all threads; returns when none runs any more. */
void machine_stop(struct machine *machine);

/* Give everything back. No thread may run. */
void machine_destroy(struct machine *machine);

/*
 * The machine ends: the first call decides how. fmt NULL: there is nothing to explain. Any thread,
 * lock not held.
 */
void machine_end(struct machine *machine, enum worker_exit end, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Lock, with the devices' clocks set. */
void machine_lock(struct machine *machine);

/* Deliver what the devices want to interrupt, carry out what they ask for, and unlock. */
void machine_unlock(struct machine *machine);

/* The same, and wake the loop if it has work now that it had not before: for VP threads. */
void machine_unlock_wake(struct machine *machine);

/* Make the loop look. */
void machine_wake(const struct machine *machine);

#endif
