// SPDX-License-Identifier: Apache-2.0
#include "worker/devices.h"

#include <string.h>

#include "worker/layout.h"

#define KEYBOARD_RESET 0xfeu /* to the command port of an i8042 */
#define FAST_RESET     0x01u /* to port 0x92 */
#define RESET_CONTROL  0x04u /* to port 0xcf9 */

/*
 * The one PCI function there is, a host bridge without resources: kernels that find no
 * configuration space complain.
 */
#define PCI_ENABLE      UINT32_C(0x80000000)
#define PCI_VENDOR      UINT32_C(0x00011414) /* device, vendor */
#define PCI_CLASS       UINT32_C(0x06000000) /* host bridge */
#define PCI_ADDRESS_ALL UINT32_C(0x80fffffc)

void devices_reset(struct devices *devices)
{
	memset(devices, 0, sizeof(*devices));
	serial_reset(&devices->serial);
	ioapic_reset(&devices->ioapic);
	cmos_reset(&devices->cmos);
	pit_reset(&devices->pit);
	pic_reset(&devices->pics[0]);
	pic_reset(&devices->pics[1]);
	power_reset(&devices->power);
}

static void ask(struct devices *devices, enum devices_request request)
{
	if (devices->request == DEVICES_NOTHING)
		devices->request = request;
}

static void update_lines(struct devices *devices)
{
	ioapic_set_line(&devices->ioapic, PIN_SERIAL, serial_line(&devices->serial));
	ioapic_set_line(&devices->ioapic, PIN_SCI, power_line(&devices->power));
}

static uint8_t read_pci(const struct devices *devices, unsigned int byte)
{
	uint32_t value = UINT32_MAX;

	switch (devices->pci_address) {
	case PCI_ENABLE:
		value = PCI_VENDOR;
		break;
	case PCI_ENABLE | 0x08:
		value = PCI_CLASS;
		break;
	default:
		/* the rest of function 0 of device 0 is zero, all else is not there */
		if ((devices->pci_address & ~UINT32_C(0xfc)) == PCI_ENABLE)
			value = 0;
		break;
	}
	return (uint8_t)(value >> (8 * byte));
}

static uint8_t read_byte(struct devices *devices, uint16_t port)
{
	switch (port) {
	case PORT_PIC1:
	case PORT_PIC1 + 1:
		return pic_read(&devices->pics[0], port - PORT_PIC1);
	case PORT_PIC2:
	case PORT_PIC2 + 1:
		return pic_read(&devices->pics[1], port - PORT_PIC2);
	case PORT_ELCR:
	case PORT_ELCR + 1:
		return devices->pics[port - PORT_ELCR].elcr;
	case PORT_PIT:
	case PORT_PIT + 1:
	case PORT_PIT + 2:
	case PORT_PIT + 3:
		return pit_read(&devices->pit, port - PORT_PIT, devices->now_ns);
	case PORT_SYSTEM:
		return pit_read_gate(&devices->pit, devices->now_ns);
	case PORT_KEYBOARD:
	case PORT_COMMAND:
	case PORT_FAST_A20:
		return 0;
	case PORT_CMOS + 1:
		return cmos_read(&devices->cmos, devices->wall_s);
	default:
		break;
	}
	if (port >= PORT_SERIAL && port < PORT_SERIAL + SERIAL_REGISTERS)
		return serial_read(&devices->serial, port - PORT_SERIAL);
	if (port >= PORT_POWER && port < PORT_POWER + POWER_SIZE)
		return power_read(&devices->power, port - PORT_POWER, devices->now_ns);
	if (port >= PORT_PCI_ADDRESS && port < PORT_PCI_ADDRESS + 4)
		return (uint8_t)(devices->pci_address >> (8 * (port - PORT_PCI_ADDRESS)));
	if (port >= PORT_PCI_ADDRESS + 4 && port < PORT_PCI_ADDRESS + 8)
		return read_pci(devices, port - PORT_PCI_ADDRESS - 4);
	return 0xff;
}

static void write_serial(struct devices *devices, unsigned int reg, uint8_t value)
{
	uint8_t byte;

	if (!serial_write(&devices->serial, reg, value, &byte))
		return;
	/* a guest that does not wait for the transmitter loses bytes */
	if (devices->output_count < sizeof(devices->output))
		devices->output[devices->output_count++] = byte;
	if (devices->output_count == sizeof(devices->output))
		serial_set_ready(&devices->serial, false);
}

static void write_power(struct devices *devices, unsigned int offset, uint8_t value)
{
	switch (power_write(&devices->power, offset, value)) {
	case POWER_OFF:
		ask(devices, DEVICES_POWER_OFF);
		break;
	case POWER_RESTART:
		ask(devices, DEVICES_RESET);
		break;
	case POWER_NOTHING:
	default:
		break;
	}
}

static void write_byte(struct devices *devices, uint16_t port, uint8_t value)
{
	switch (port) {
	case PORT_PIC1:
	case PORT_PIC1 + 1:
		pic_write(&devices->pics[0], port - PORT_PIC1, value);
		return;
	case PORT_PIC2:
	case PORT_PIC2 + 1:
		pic_write(&devices->pics[1], port - PORT_PIC2, value);
		return;
	case PORT_ELCR:
	case PORT_ELCR + 1:
		devices->pics[port - PORT_ELCR].elcr = value;
		return;
	case PORT_PIT:
	case PORT_PIT + 1:
	case PORT_PIT + 2:
	case PORT_PIT + 3:
		pit_write(&devices->pit, port - PORT_PIT, value, devices->now_ns);
		return;
	case PORT_SYSTEM:
		pit_write_gate(&devices->pit, value, devices->now_ns);
		return;
	case PORT_COMMAND:
		if (value == KEYBOARD_RESET)
			ask(devices, DEVICES_RESET);
		return;
	case PORT_FAST_A20:
		if (value & FAST_RESET)
			ask(devices, DEVICES_RESET);
		return;
	case PORT_CMOS:
		cmos_select(&devices->cmos, value);
		return;
	case PORT_CMOS + 1:
		cmos_write(&devices->cmos, value);
		return;
	case PORT_RESET:
		if (value & RESET_CONTROL)
			ask(devices, DEVICES_RESET);
		return;
	default:
		break;
	}
	if (port >= PORT_SERIAL && port < PORT_SERIAL + SERIAL_REGISTERS)
		write_serial(devices, port - PORT_SERIAL, value);
	else if (port >= PORT_POWER && port < PORT_POWER + POWER_SIZE)
		write_power(devices, port - PORT_POWER, value);
}

uint32_t devices_port_read(struct devices *devices, uint16_t port, unsigned int size)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < size && i < 4; i++)
		value |= (uint32_t)read_byte(devices, (uint16_t)(port + i)) << (8 * i);
	update_lines(devices);
	return value;
}

void devices_port_write(struct devices *devices, uint16_t port, unsigned int size, uint32_t value)
{
	if (port == PORT_DEBUG_EXIT) {
		if (devices->request == DEVICES_NOTHING)
			devices->exit_code = value;
		ask(devices, DEVICES_EXIT);
		return;
	}
	if (port == PORT_PCI_ADDRESS && size == 4) {
		devices->pci_address = value & PCI_ADDRESS_ALL;
		return;
	}
	for (unsigned int i = 0; i < size && i < 4; i++)
		write_byte(devices, (uint16_t)(port + i), (uint8_t)(value >> (8 * i)));
	update_lines(devices);
}

static bool is_ioapic(uint64_t gpa)
{
	return gpa >= IOAPIC_BASE && gpa < IOAPIC_BASE + IOAPIC_SIZE;
}

uint64_t devices_memory_read(const struct devices *devices, uint64_t gpa, unsigned int size)
{
	if (is_ioapic(gpa) && size == 4)
		return ioapic_read(&devices->ioapic, (uint32_t)(gpa - IOAPIC_BASE));
	return size >= 8 ? UINT64_MAX : (UINT64_C(1) << (8 * size)) - 1;
}

void devices_memory_write(struct devices *devices, uint64_t gpa, unsigned int size, uint64_t value)
{
	if (is_ioapic(gpa) && size == 4)
		ioapic_write(&devices->ioapic, (uint32_t)(gpa - IOAPIC_BASE), (uint32_t)value);
}

size_t devices_receive(struct devices *devices, const uint8_t *bytes, size_t count)
{
	size_t room = serial_room(&devices->serial);

	if (count > room)
		count = room;
	serial_receive(&devices->serial, bytes, count);
	update_lines(devices);
	return count;
}

void devices_output_done(struct devices *devices, size_t count)
{
	if (count > devices->output_count)
		count = devices->output_count;
	memmove(devices->output, devices->output + count, devices->output_count - count);
	devices->output_count -= count;
	serial_set_ready(&devices->serial, devices->output_count < sizeof(devices->output));
	update_lines(devices);
}

void devices_tick(struct devices *devices)
{
	ioapic_set_line(&devices->ioapic, PIN_TIMER, true);
	ioapic_set_line(&devices->ioapic, PIN_TIMER, false);
}

void devices_press_power_button(struct devices *devices)
{
	power_press_button(&devices->power);
	update_lines(devices);
}

bool devices_take_interrupt(struct devices *devices, struct ioapic_interrupt *interrupt)
{
	return ioapic_take(&devices->ioapic, interrupt);
}
