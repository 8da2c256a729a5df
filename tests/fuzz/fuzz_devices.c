// SPDX-License-Identifier: Apache-2.0
/*
 * A machine's devices under libFuzzer: an input is a sequence of accesses of nine bytes, an
 * operation and two operands. Whatever the guest does, what it can make the worker hold is bounded,
 * and no more interrupts come at once than there are pins.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker/devices.h"
#include "worker/layout.h"

#define OPERATION_SIZE 9u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void operate(struct devices *devices, uint8_t operation, uint32_t where, uint32_t value)
{
	unsigned int width = 1u << (operation >> 6);

	switch (operation & 7) {
	case 0:
		devices_port_write(devices, (uint16_t)where, width, value);
		break;
	case 1:
		(void)devices_port_read(devices, (uint16_t)where, width);
		break;
	case 2:
		devices_memory_write(devices, IOAPIC_BASE + where % IOAPIC_SIZE, width, value);
		break;
	case 3:
		(void)devices_memory_read(devices, where, width);
		break;
	case 4:
		(void)devices_receive(devices, (const uint8_t *)&value, sizeof(value));
		break;
	case 5:
		devices_output_done(devices, where);
		break;
	case 6:
		ioapic_eoi(&devices->ioapic, (uint8_t)value);
		devices_tick(devices);
		break;
	default:
		devices->now_ns += value;
		devices->wall_s = (int64_t)((uint64_t)where << 32 | value);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct devices devices;

	devices_reset(&devices);
	for (; size >= OPERATION_SIZE; data += OPERATION_SIZE, size -= OPERATION_SIZE) {
		struct ioapic_interrupt interrupt;
		unsigned int interrupts = 0;
		uint32_t where, value;
		uint64_t tick;

		memcpy(&where, data + 1, sizeof(where));
		memcpy(&value, data + 5, sizeof(value));
		operate(&devices, data[0], where, value);
		require(devices.output_count <= DEVICES_OUTPUT,
			"more output than there is room for");
		while (devices_take_interrupt(&devices, &interrupt))
			require(++interrupts <= IOAPIC_PINS, "interrupts without end");
		tick = pit_next_tick(&devices.pit, devices.now_ns);
		require(tick > devices.now_ns, "a tick in the past");
	}
	return 0;
}
