// SPDX-License-Identifier: Apache-2.0
/*
 * The fixed hardware of ACPI: event and control registers, the power button, the PM timer, and the
 * reset register. Pure. Source: ACPI 6.5, chapter 4.
 */
#ifndef WORKER_DEVICE_POWER_H
#define WORKER_DEVICE_POWER_H

#include <stdbool.h>
#include <stdint.h>

#define POWER_PM1_EVENT   0u /* offsets from the first port; status, enable */
#define POWER_PM1_CONTROL 4u
#define POWER_TIMER       8u
#define POWER_RESET       12u
#define POWER_SIZE        16u

#define POWER_RESET_VALUE 0x01u
#define POWER_SLEEP_TYPE  5u /* of S5, as the DSDT says */
#define POWER_TIMER_HZ    3579545u

enum power_request {
	POWER_NOTHING,
	POWER_OFF,
	POWER_RESTART,
};

struct power {
	uint16_t status;
	uint16_t enable;
	uint16_t control;
};

void power_reset(struct power *power);

/* One byte at `offset`, 0..15, at `now_ns` of any clock that does not go back. */
uint8_t power_read(const struct power *power, unsigned int offset, uint64_t now_ns);

/* Write a byte. Returns what the guest asks for by it. */
enum power_request power_write(struct power *power, unsigned int offset, uint8_t value);

/* The power button is pressed. */
void power_press_button(struct power *power);

/* The level of the interrupt line (SCI). */
bool power_line(const struct power *power);

#endif
