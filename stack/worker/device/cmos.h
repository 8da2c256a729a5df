// SPDX-License-Identifier: Apache-2.0
/*
 * The clock and memory of an MC146818, without its alarms: a guest reads the time from it once,
 * when it boots. Pure: the time is told. Source: Motorola's data sheet.
 */
#ifndef WORKER_DEVICE_CMOS_H
#define WORKER_DEVICE_CMOS_H

#include <stdint.h>

#define CMOS_SIZE 128u

struct cmos {
	uint8_t index;
	uint8_t bytes[CMOS_SIZE];
};

void cmos_reset(struct cmos *cmos);

/* Port 0x70: select a byte. */
void cmos_select(struct cmos *cmos, uint8_t value);

/* Port 0x71: read the selected byte at `seconds` since 1970, UTC. */
uint8_t cmos_read(const struct cmos *cmos, int64_t seconds);

/* Port 0x71: write the selected byte. The clock itself is the host's and stays as it is. */
void cmos_write(struct cmos *cmos, uint8_t value);

#endif
