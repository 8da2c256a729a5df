// SPDX-License-Identifier: Apache-2.0
#include "worker/device/ioapic.h"

#include <string.h>

#define OFFSET_SELECT 0x00u
#define OFFSET_DATA   0x10u
#define OFFSET_EOI    0x40u

#define REG_ID      0x00u
#define REG_VERSION 0x01u
#define REG_ARB     0x02u
#define REG_ENTRIES 0x10u

#define VERSION (0x20u | (IOAPIC_PINS - 1) << 16)
#define ID_MASK 0x0f000000u

#define ENTRY_VECTOR     UINT64_C(0xff)
#define ENTRY_LOGICAL    (UINT64_C(1) << 11)
#define ENTRY_STATUS     (UINT64_C(1) << 12)
#define ENTRY_REMOTE_IRR (UINT64_C(1) << 14)
#define ENTRY_LEVEL      (UINT64_C(1) << 15)
#define ENTRY_MASKED     (UINT64_C(1) << 16)
#define ENTRY_READ_ONLY  (ENTRY_STATUS | ENTRY_REMOTE_IRR)
#define ENTRY_DEFINED    (UINT64_C(0xff) << 56 | UINT64_C(0x1ffff))

void ioapic_reset(struct ioapic *ioapic)
{
	memset(ioapic, 0, sizeof(*ioapic));
	for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++)
		ioapic->entries[pin] = ENTRY_MASKED;
}

static uint32_t read_selected(const struct ioapic *ioapic)
{
	uint32_t index = ioapic->select - REG_ENTRIES;

	switch (ioapic->select) {
	case REG_ID:
	case REG_ARB:
		return ioapic->id;
	case REG_VERSION:
		return VERSION;
	default:
		if (ioapic->select < REG_ENTRIES || index / 2 >= IOAPIC_PINS)
			return 0;
		return (uint32_t)(ioapic->entries[index / 2] >> (index % 2 ? 32 : 0));
	}
}

uint32_t ioapic_read(const struct ioapic *ioapic, uint32_t offset)
{
	switch (offset) {
	case OFFSET_SELECT:
		return ioapic->select;
	case OFFSET_DATA:
		return read_selected(ioapic);
	default:
		return 0;
	}
}

static void write_entry(struct ioapic *ioapic, uint32_t index, uint32_t value)
{
	uint64_t *entry = &ioapic->entries[index / 2];
	uint64_t half = index % 2 ? UINT64_C(0xffffffff) << 32 : UINT64_C(0xffffffff);
	uint64_t wanted = (*entry & ~half) | ((uint64_t)value << (index % 2 ? 32 : 0));

	*entry = (wanted & ENTRY_DEFINED & ~ENTRY_READ_ONLY) | (*entry & ENTRY_READ_ONLY);
	/* an edge-triggered entry waits for no EOI: this is how old kernels clear the bit */
	if (!(*entry & ENTRY_LEVEL))
		*entry &= ~ENTRY_REMOTE_IRR;
}

static void write_selected(struct ioapic *ioapic, uint32_t value)
{
	uint32_t index = ioapic->select - REG_ENTRIES;

	if (ioapic->select == REG_ID)
		ioapic->id = value & ID_MASK;
	else if (ioapic->select >= REG_ENTRIES && index / 2 < IOAPIC_PINS)
		write_entry(ioapic, index, value);
}

void ioapic_write(struct ioapic *ioapic, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case OFFSET_SELECT:
		ioapic->select = value & 0xff;
		break;
	case OFFSET_DATA:
		write_selected(ioapic, value);
		break;
	case OFFSET_EOI:
		ioapic_eoi(ioapic, (uint8_t)value);
		break;
	default:
		break;
	}
}

void ioapic_set_line(struct ioapic *ioapic, unsigned int pin, bool level)
{
	uint32_t bit = UINT32_C(1) << pin;

	if (level && !(ioapic->lines & bit))
		ioapic->edges |= bit;
	if (level)
		ioapic->lines |= bit;
	else
		ioapic->lines &= ~bit;
}

void ioapic_eoi(struct ioapic *ioapic, uint8_t vector)
{
	for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++) {
		uint64_t entry = ioapic->entries[pin];

		if ((entry & ENTRY_LEVEL) && (entry & ENTRY_VECTOR) == vector)
			ioapic->entries[pin] &= ~ENTRY_REMOTE_IRR;
	}
}

static bool wants(const struct ioapic *ioapic, unsigned int pin)
{
	uint64_t entry = ioapic->entries[pin];
	uint32_t bit = UINT32_C(1) << pin;

	if (entry & ENTRY_MASKED)
		return false;
	if (entry & ENTRY_LEVEL)
		return (ioapic->lines & bit) && !(entry & ENTRY_REMOTE_IRR);
	return ioapic->edges & bit;
}

bool ioapic_take(struct ioapic *ioapic, struct ioapic_interrupt *interrupt)
{
	for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++) {
		uint64_t entry = ioapic->entries[pin];

		if (!wants(ioapic, pin))
			continue;
		ioapic->edges &= ~(UINT32_C(1) << pin);
		if (entry & ENTRY_LEVEL)
			ioapic->entries[pin] |= ENTRY_REMOTE_IRR;
		*interrupt = (struct ioapic_interrupt){
			.vector = (uint8_t)(entry & ENTRY_VECTOR),
			.destination = (uint8_t)(entry >> 56),
			.delivery_mode = (uint8_t)((entry >> 8) & 7),
			.logical = entry & ENTRY_LOGICAL,
			.level = entry & ENTRY_LEVEL,
		};
		return true;
	}
	return false;
}
