// SPDX-License-Identifier: Apache-2.0
/*
 * A pair of 8259A interrupt controllers with nothing connected: interrupts come through the
 * IO-APIC, but kernels look for the pair, initialize and mask it. Source: Intel's data sheet of the
 * 8259A.
 */
#ifndef WORKER_DEVICE_PIC_H
#define WORKER_DEVICE_PIC_H

#include <stdbool.h>
#include <stdint.h>

struct pic {
	uint8_t mask;
	uint8_t step; /* of the initialization: the next word is ICW `step`, 0: none */
	bool needs_icw4;
	uint8_t elcr;
};

void pic_reset(struct pic *pic);

/* `offset` 0 or 1 from the controller's first port. */
uint8_t pic_read(const struct pic *pic, unsigned int offset);
void pic_write(struct pic *pic, unsigned int offset, uint8_t value);

#endif
