// SPDX-License-Identifier: Apache-2.0
/*
 * ELF kernels with a PVH entry, as Linux's vmlinux is one. Source: Xen's "x86/HVM direct boot ABI"
 * and its header start_info.h.
 */
#include <stddef.h>
#include <string.h>

#include "worker/layout.h"
#include "worker/load/elf.h"

#define NOTE_PHYS32_ENTRY 18u
#define NOTE_HEADER       12u
#define START_MAGIC       UINT32_C(0x336ec578)

struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t modules;
	uint64_t module_list;
	uint64_t command_line;
	uint64_t rsdp;
	uint64_t memory_map;
	uint32_t memory_map_entries;
	uint32_t reserved;
};

_Static_assert(sizeof(struct start_info) == 56, "start_info");

struct module {
	uint64_t address;
	uint64_t size;
	uint64_t command_line;
	uint64_t reserved;
};

struct map_entry {
	uint64_t address;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

/* All of it in one piece at BOOT_PARAMS_ADDRESS. */
struct start {
	struct start_info info;
	struct module module;
	struct map_entry map[E820_ENTRIES];
};

static uint64_t padded(uint32_t size)
{
	return ((uint64_t)size + 3) & ~UINT64_C(3);
}

/* The entry in the notes of a segment, or 0. */
static uint32_t entry_of_notes(const struct elf_segment *segment)
{
	const uint8_t *at = segment->bytes;
	uint64_t left = segment->file_size;

	while (left >= NOTE_HEADER) {
		uint32_t name_size = load_u32(at), size = load_u32(at + 4);
		uint64_t whole = NOTE_HEADER + padded(name_size) + padded(size);

		if (whole > left)
			return 0;
		if (load_u32(at + 8) == NOTE_PHYS32_ENTRY && name_size == 4 && size >= 4 &&
		    memcmp(at + NOTE_HEADER, "Xen", 4) == 0)
			return load_u32(at + NOTE_HEADER + padded(name_size));
		at += whole;
		left -= whole;
	}
	return 0;
}

static uint32_t find_entry(const struct elf *elf)
{
	struct elf_segment segment;

	for (unsigned int i = 0; i < elf->count; i++) {
		uint32_t entry;

		if (!elf_segment(elf, i, &segment) || segment.type != ELF_SEGMENT_NOTE)
			continue;
		entry = entry_of_notes(&segment);
		if (entry)
			return entry;
	}
	return 0;
}

bool pvh_matches(const struct load_file *kernel)
{
	struct elf elf;

	return elf_open(&elf, kernel) && find_entry(&elf);
}

static void fill_start(struct start *start, const struct guest_memory *memory,
		       const struct load_request *request, uint64_t initrd)
{
	struct e820_entry map[E820_ENTRIES];
	unsigned int count = memory_map(memory, map);

	memset(start, 0, sizeof(*start));
	start->info = (struct start_info){
		.magic = START_MAGIC,
		.version = 1,
		.modules = initrd ? 1 : 0,
		.module_list = BOOT_PARAMS_ADDRESS + offsetof(struct start, module),
		.command_line = COMMAND_LINE,
		.rsdp = request->rsdp,
		.memory_map = BOOT_PARAMS_ADDRESS + offsetof(struct start, map),
		.memory_map_entries = count,
	};
	start->module = (struct module){.address = initrd, .size = request->initrd.size};
	for (unsigned int i = 0; i < count; i++)
		start->map[i] = (struct map_entry){map[i].address, map[i].size, map[i].type, 0};
}

const char *pvh_load(const struct guest_memory *memory, const struct load_request *request,
		     struct load_entry *entry)
{
	struct elf elf;
	struct start start;
	uint64_t end = 0, initrd = 0;
	const char *problem;

	if (!elf_open(&elf, &request->kernel))
		return "it is no ELF file that can be loaded";
	problem = elf_load(&elf, memory, &end);
	if (!problem)
		problem = load_initrd(memory, &request->initrd, end, LOW_RAM_END, &initrd);
	if (!problem)
		problem = load_command_line(memory, "", request->command_line,
					    COMMAND_LINE_SIZE - 1);
	if (problem)
		return problem;
	fill_start(&start, memory, request, initrd);
	memory_write(memory, BOOT_PARAMS_ADDRESS, &start, sizeof(start));
	entry->rip = find_entry(&elf);
	entry->rbx = BOOT_PARAMS_ADDRESS;
	return NULL;
}
