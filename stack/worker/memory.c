// SPDX-License-Identifier: Apache-2.0
#include "worker/memory.h"

#include <string.h>

#include "worker/layout.h"

void memory_arrange(struct guest_memory *memory, uint64_t size)
{
	uint64_t low = size < LOW_RAM_END ? size : LOW_RAM_END;

	memset(memory, 0, sizeof(*memory));
	memory->regions[0].size = low;
	memory->count = 1;
	if (size > low) {
		memory->regions[1].gpa = HIGH_RAM_START;
		memory->regions[1].size = size - low;
		memory->count = 2;
	}
}

uint64_t memory_end(const struct guest_memory *memory)
{
	const struct memory_region *last = &memory->regions[memory->count - 1];

	return last->gpa + last->size;
}

uint8_t *memory_at(const struct guest_memory *memory, uint64_t gpa, uint64_t length)
{
	for (unsigned int i = 0; i < memory->count; i++) {
		const struct memory_region *region = &memory->regions[i];
		uint64_t offset = gpa - region->gpa;

		if (gpa >= region->gpa && offset < region->size && length <= region->size - offset)
			return region->host + offset;
	}
	return NULL;
}

bool memory_read(const struct guest_memory *memory, uint64_t gpa, void *to, size_t length)
{
	const uint8_t *from = memory_at(memory, gpa, length);

	if (!from)
		return false;
	memcpy(to, from, length);
	return true;
}

bool memory_write(const struct guest_memory *memory, uint64_t gpa, const void *from, size_t length)
{
	uint8_t *to = memory_at(memory, gpa, length);

	if (!to)
		return false;
	memcpy(to, from, length);
	return true;
}

unsigned int memory_map(const struct guest_memory *memory, struct e820_entry map[E820_ENTRIES])
{
	unsigned int count = 0;

	map[count++] = (struct e820_entry){0, CONVENTIONAL_END, E820_RAM};
	map[count++] = (struct e820_entry){CONVENTIONAL_END, 0xa0000 - CONVENTIONAL_END,
					   E820_RESERVED};
	map[count++] = (struct e820_entry){ACPI_ADDRESS, HIGH_MEMORY - ACPI_ADDRESS, E820_RESERVED};
	map[count++] = (struct e820_entry){HIGH_MEMORY, memory->regions[0].size - HIGH_MEMORY,
					   E820_RAM};
	if (memory->count > 1)
		map[count++] = (struct e820_entry){HIGH_RAM_START, memory->regions[1].size,
						   E820_RAM};
	return count;
}
