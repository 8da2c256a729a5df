// SPDX-License-Identifier: Apache-2.0
/*
 * All devices of a machine behind its ports and its memory-mapped registers. Pure: whoever owns
 * them tells the time, serializes the calls, and carries out what they ask for.
 */
#ifndef WORKER_DEVICES_H
#define WORKER_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/device/cmos.h"
#include "worker/device/ioapic.h"
#include "worker/device/pic.h"
#include "worker/device/pit.h"
#include "worker/device/power.h"
#include "worker/device/serial.h"

#define DEVICES_OUTPUT 16384u /* bytes of the console on their way out */

enum devices_request {
	DEVICES_NOTHING,
	DEVICES_POWER_OFF,
	DEVICES_RESET,
	DEVICES_EXIT, /* the debug exit port; the code is in exit_code */
};

struct devices {
	struct serial serial;
	struct ioapic ioapic;
	struct cmos cmos;
	struct pit pit;
	struct pic pics[2];
	struct power power;
	uint32_t pci_address;

	/* set by the owner before each call */
	uint64_t now_ns; /* a clock that does not go back */
	int64_t wall_s;  /* since 1970, UTC */

	/* taken by the owner after each call */
	uint8_t output[DEVICES_OUTPUT];
	size_t output_count;
	enum devices_request request; /* the first one stays */
	uint32_t exit_code;
};

/* All devices as after power-on. */
void devices_reset(struct devices *devices);

/* IN of 1, 2 or 4 bytes: the value; ports without a device read as ones. */
uint32_t devices_port_read(struct devices *devices, uint16_t port, unsigned int size);

/* OUT of 1, 2 or 4 bytes. */
void devices_port_write(struct devices *devices, uint16_t port, unsigned int size, uint32_t value);

/* A read of 1, 2, 4 or 8 bytes at a guest physical address outside RAM. */
uint64_t devices_memory_read(const struct devices *devices, uint64_t gpa, unsigned int size);

/* A write of 1, 2, 4 or 8 bytes at a guest physical address outside RAM. */
void devices_memory_write(struct devices *devices, uint64_t gpa, unsigned int size, uint64_t value);

/* Bytes typed at the console; returns how many were taken. */
size_t devices_receive(struct devices *devices, const uint8_t *bytes, size_t count);

/* Forget the first `count` bytes of the output: they are out. */
void devices_output_done(struct devices *devices, size_t count);

/* Channel 0 of the timer ticks. */
void devices_tick(struct devices *devices);

/* The power button is pressed. */
void devices_press_power_button(struct devices *devices);

/* Take the next interrupt to be delivered; false if there is none. */
bool devices_take_interrupt(struct devices *devices, struct ioapic_interrupt *interrupt);

#endif
