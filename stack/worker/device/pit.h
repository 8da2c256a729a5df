// SPDX-License-Identifier: Apache-2.0
/*
 * An 8254 interval timer: channel 0 ticks, channel 2 is the speaker's, by which old kernels measure
 * time. Pure: the time is told. Source: Intel's data sheet of the 8254.
 */
#ifndef WORKER_DEVICE_PIT_H
#define WORKER_DEVICE_PIT_H

#include <stdbool.h>
#include <stdint.h>

#define PIT_HZ       1193182u
#define PIT_CHANNELS 3u
#define PIT_NEVER    UINT64_MAX

struct pit_channel {
	uint16_t reload; /* 0 counts as 65,536 */
	uint16_t latch;
	uint8_t mode;   /* 0..5 */
	uint8_t access; /* 1 low byte, 2 high byte, 3 low then high */
	uint8_t low;    /* the low byte of a count whose high byte is to come */
	bool latched;
	bool read_high, write_high; /* the next access is to the high byte */
	bool running;
	uint64_t start_ns; /* when the count was loaded */
};

struct pit {
	struct pit_channel channels[PIT_CHANNELS];
	uint8_t gate; /* port 0x61, bits 1:0: gate of channel 2, speaker */
};

void pit_reset(struct pit *pit);

/* Ports 0x40..0x43 as `offset` 0..3; `now_ns` is any clock that does not go back. */
uint8_t pit_read(struct pit *pit, unsigned int offset, uint64_t now_ns);
void pit_write(struct pit *pit, unsigned int offset, uint8_t value, uint64_t now_ns);

/* Port 0x61: gate and output of channel 2. */
uint8_t pit_read_gate(const struct pit *pit, uint64_t now_ns);
void pit_write_gate(struct pit *pit, uint8_t value, uint64_t now_ns);

/* The first time after `after_ns` at which channel 0 interrupts, or PIT_NEVER. */
uint64_t pit_next_tick(const struct pit *pit, uint64_t after_ns);

#endif
