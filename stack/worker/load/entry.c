// SPDX-License-Identifier: Apache-2.0
#include "worker/load/entry.h"

#include "worker/layout.h"

#define DESCRIPTOR_CODE32 UINT64_C(0x00cf9b000000ffff)
#define DESCRIPTOR_CODE64 UINT64_C(0x00af9b000000ffff)
#define DESCRIPTOR_DATA   UINT64_C(0x00cf93000000ffff)
#define DESCRIPTOR_TASK   UINT64_C(0x00008b0000000067)

#define ENTRY_TABLE UINT64_C(0x03) /* present, writable */
#define ENTRY_LARGE UINT64_C(0x83)
#define ENTRIES     512u
#define DIRECTORIES 4u /* a GiB each */

static void write_page_tables(const struct guest_memory *memory)
{
	uint64_t pointers = PAGE_TABLES_ADDRESS + PAGE_SIZE_4K;
	uint64_t directories = pointers + PAGE_SIZE_4K;
	uint64_t entry = pointers | ENTRY_TABLE;

	memory_write(memory, PAGE_TABLES_ADDRESS, &entry, sizeof(entry));
	for (unsigned int i = 0; i < DIRECTORIES; i++) {
		entry = (directories + i * PAGE_SIZE_4K) | ENTRY_TABLE;
		memory_write(memory, pointers + i * sizeof(entry), &entry, sizeof(entry));
	}
	for (unsigned int i = 0; i < DIRECTORIES * ENTRIES; i++) {
		entry = i * PAGE_SIZE_2M | ENTRY_LARGE;
		memory_write(memory, directories + i * sizeof(entry), &entry, sizeof(entry));
	}
}

void entry_write_tables(const struct guest_memory *memory, const struct load_entry *entry)
{
	const uint64_t descriptors[] = {
		0,
		0,
		entry->long_mode ? DESCRIPTOR_CODE64 : DESCRIPTOR_CODE32,
		DESCRIPTOR_DATA,
		DESCRIPTOR_TASK,
	};

	memory_write(memory, GDT_ADDRESS, descriptors, sizeof(descriptors));
	if (entry->long_mode)
		write_page_tables(memory);
}
