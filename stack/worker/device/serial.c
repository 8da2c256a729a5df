// SPDX-License-Identifier: Apache-2.0
#include "worker/device/serial.h"

#include <string.h>

enum {
	REG_DATA, /* RBR, THR, DLL */
	REG_IER,  /* or DLM */
	REG_IIR,  /* FCR when written */
	REG_LCR,
	REG_MCR,
	REG_LSR,
	REG_MSR,
	REG_SCR,
};

#define IER_RX_DATA   0x01u
#define IER_THR_EMPTY 0x02u
#define IER_LINE      0x04u
#define IER_MASK      0x0fu

#define IIR_NONE      0x01u
#define IIR_THR_EMPTY 0x02u
#define IIR_RX_DATA   0x04u
#define IIR_LINE      0x06u
#define IIR_FIFO      0xc0u

#define FCR_ENABLE   0x01u
#define FCR_CLEAR_RX 0x02u

#define LCR_DLAB 0x80u

#define MCR_OUT2 0x08u
#define MCR_LOOP 0x10u
#define MCR_MASK 0x1fu

#define LSR_DATA_READY 0x01u
#define LSR_OVERRUN    0x02u
#define LSR_EMPTY      0x60u /* holding register and transmitter */

#define MSR_CONNECTED 0xb0u /* CTS, DSR, DCD */

void serial_reset(struct serial *serial)
{
	memset(serial, 0, sizeof(*serial));
	serial->divisor = 12; /* 9600 baud */
}

/* Why the UART would interrupt, in the order of priority. */
static uint8_t cause(const struct serial *serial)
{
	if ((serial->ier & IER_LINE) && serial->overrun)
		return IIR_LINE;
	if ((serial->ier & IER_RX_DATA) && serial->rx_count > 0)
		return IIR_RX_DATA;
	if ((serial->ier & IER_THR_EMPTY) && serial->thr_empty_pending)
		return IIR_THR_EMPTY;
	return IIR_NONE;
}

bool serial_line(const struct serial *serial)
{
	return (serial->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2 && cause(serial) != IIR_NONE;
}

static uint8_t take_received(struct serial *serial)
{
	uint8_t value;

	if (serial->rx_count == 0)
		return 0;
	value = serial->rx[serial->rx_first];
	serial->rx_first = (uint8_t)((serial->rx_first + 1) % SERIAL_FIFO);
	serial->rx_count--;
	return value;
}

static uint8_t identify(struct serial *serial)
{
	uint8_t value = cause(serial);

	if (value == IIR_THR_EMPTY)
		serial->thr_empty_pending = false;
	return (uint8_t)(value | (serial->fifo_enabled ? IIR_FIFO : 0));
}

static uint8_t line_status(struct serial *serial)
{
	uint8_t value = 0;

	if (!serial->transmitter_full)
		value |= LSR_EMPTY;
	if (serial->rx_count > 0)
		value |= LSR_DATA_READY;
	if (serial->overrun)
		value |= LSR_OVERRUN;
	serial->overrun = false;
	return value;
}

/* In loopback the modem's inputs are its outputs. */
static uint8_t modem_status(const struct serial *serial)
{
	if (!(serial->mcr & MCR_LOOP))
		return MSR_CONNECTED;
	return (uint8_t)((serial->mcr & 0x02u) << 3 | (serial->mcr & 0x01u) << 5 |
			 (serial->mcr & 0x0cu) << 4);
}

uint8_t serial_read(struct serial *serial, unsigned int reg)
{
	switch (reg) {
	case REG_DATA:
		if (serial->lcr & LCR_DLAB)
			return (uint8_t)(serial->divisor & 0xff);
		return take_received(serial);
	case REG_IER:
		if (serial->lcr & LCR_DLAB)
			return (uint8_t)(serial->divisor >> 8);
		return serial->ier;
	case REG_IIR:
		return identify(serial);
	case REG_LCR:
		return serial->lcr;
	case REG_MCR:
		return serial->mcr;
	case REG_LSR:
		return line_status(serial);
	case REG_MSR:
		return modem_status(serial);
	case REG_SCR:
	default:
		return serial->scr;
	}
}

static bool transmit(struct serial *serial, uint8_t value, uint8_t *out)
{
	serial->thr_empty_pending = !serial->transmitter_full;
	if (serial->mcr & MCR_LOOP) {
		serial_receive(serial, &value, 1);
		return false;
	}
	*out = value;
	return true;
}

static void write_fifo_control(struct serial *serial, uint8_t value)
{
	bool enable = value & FCR_ENABLE;

	if (enable != serial->fifo_enabled || (enable && (value & FCR_CLEAR_RX)))
		serial->rx_count = 0;
	serial->fifo_enabled = enable;
}

static void write_interrupt_enable(struct serial *serial, uint8_t value)
{
	/* enabling the interrupt of an empty transmitter raises it */
	if ((value & ~serial->ier & IER_THR_EMPTY) && !serial->transmitter_full)
		serial->thr_empty_pending = true;
	serial->ier = value & IER_MASK;
}

bool serial_write(struct serial *serial, unsigned int reg, uint8_t value, uint8_t *out)
{
	switch (reg) {
	case REG_DATA:
		if (!(serial->lcr & LCR_DLAB))
			return transmit(serial, value, out);
		serial->divisor = (uint16_t)((serial->divisor & 0xff00) | value);
		break;
	case REG_IER:
		if (serial->lcr & LCR_DLAB)
			serial->divisor = (uint16_t)((serial->divisor & 0xff) | value << 8);
		else
			write_interrupt_enable(serial, value);
		break;
	case REG_IIR:
		write_fifo_control(serial, value);
		break;
	case REG_LCR:
		serial->lcr = value;
		break;
	case REG_MCR:
		serial->mcr = value & MCR_MASK;
		break;
	case REG_SCR:
		serial->scr = value;
		break;
	default: /* LSR and MSR are read-only */
		break;
	}
	return false;
}

size_t serial_room(const struct serial *serial)
{
	size_t capacity = serial->fifo_enabled ? SERIAL_FIFO : 1;

	return serial->rx_count < capacity ? capacity - serial->rx_count : 0;
}

void serial_receive(struct serial *serial, const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (serial_room(serial) == 0) {
			serial->overrun = true;
			return;
		}
		serial->rx[(serial->rx_first + serial->rx_count) % SERIAL_FIFO] = bytes[i];
		serial->rx_count++;
	}
}

void serial_set_ready(struct serial *serial, bool ready)
{
	if (ready && serial->transmitter_full)
		serial->thr_empty_pending = true;
	serial->transmitter_full = !ready;
}
