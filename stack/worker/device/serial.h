// SPDX-License-Identifier: Apache-2.0
/*
 * A 16550A UART. Pure: registers in, bytes and an interrupt line out; whoever owns it carries the
 * bytes. Source: the data sheet of National Semiconductor's PC16550D.
 */
#ifndef WORKER_DEVICE_SERIAL_H
#define WORKER_DEVICE_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIAL_REGISTERS 8u
#define SERIAL_FIFO      16u

struct serial {
	uint8_t ier, lcr, mcr, scr;
	uint16_t divisor;
	bool fifo_enabled;
	bool overrun;
	bool thr_empty_pending; /* the transmitter has become empty and nobody has been told */
	bool transmitter_full;  /* the other side takes nothing at the moment */
	uint8_t rx[SERIAL_FIFO];
	uint8_t rx_first, rx_count;
};

/* The state after reset: an empty receiver, a transmitter that takes bytes. */
void serial_reset(struct serial *serial);

/* The value of register `reg`, 0..7. */
uint8_t serial_read(struct serial *serial, unsigned int reg);

/* Write register `reg`, 0..7. Returns true if a byte leaves; it is then at *out. */
bool serial_write(struct serial *serial, unsigned int reg, uint8_t value, uint8_t *out);

/* How many bytes serial_receive() takes now. */
size_t serial_room(const struct serial *serial);

/* Receive `count` bytes; those beyond serial_room() are lost and counted as an overrun. */
void serial_receive(struct serial *serial, const uint8_t *bytes, size_t count);

/* Say whether the other side takes bytes. The guest is to wait while it does not. */
void serial_set_ready(struct serial *serial, bool ready);

/* The level of the interrupt line. */
bool serial_line(const struct serial *serial);

#endif
