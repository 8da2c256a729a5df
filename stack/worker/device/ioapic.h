// SPDX-License-Identifier: Apache-2.0
/*
 * An IO-APIC of 24 pins, version 0x20. Pure: register accesses, line levels and EOIs in, interrupts
 * to deliver out. Source: Intel's data sheet of the 82093AA; the EOI register is that of later
 * ones.
 */
#ifndef WORKER_DEVICE_IOAPIC_H
#define WORKER_DEVICE_IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

#define IOAPIC_PINS 24u
#define IOAPIC_SIZE 0x1000u /* bytes of its window */

struct ioapic {
	uint32_t select;
	uint32_t id; /* as its register has it: bits 27:24 */
	uint64_t entries[IOAPIC_PINS];
	uint32_t lines; /* levels, a bit a pin */
	uint32_t edges; /* edges that have not been delivered */
};

/* An interrupt on its way to a local APIC. */
struct ioapic_interrupt {
	uint8_t vector;
	uint8_t destination;   /* APIC id, or a logical one */
	uint8_t delivery_mode; /* 0 fixed, 1 lowest priority, ... as in the entry */
	bool logical;
	bool level;
};

/* All pins masked. */
void ioapic_reset(struct ioapic *ioapic);

/* The value of the 32-bit register at `offset` of the window. */
uint32_t ioapic_read(const struct ioapic *ioapic, uint32_t offset);

/* Write the 32-bit register at `offset` of the window. */
void ioapic_write(struct ioapic *ioapic, uint32_t offset, uint32_t value);

/* The line at `pin`, 0..23, is at `level` now. */
void ioapic_set_line(struct ioapic *ioapic, unsigned int pin, bool level);

/* A processor has acknowledged the level-triggered `vector`. */
void ioapic_eoi(struct ioapic *ioapic, uint8_t vector);

/*
 * Take the next interrupt that is to be delivered. Returns false if there is none. Each pin has at
 * most one.
 */
bool ioapic_take(struct ioapic *ioapic, struct ioapic_interrupt *interrupt);

#endif
