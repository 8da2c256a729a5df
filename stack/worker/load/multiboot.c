// SPDX-License-Identifier: Apache-2.0
/* Multiboot images, which tests and small kernels are. Source: the Multiboot specification, 0.6.96.
 */
#include <stddef.h>
#include <string.h>

#include "worker/layout.h"
#include "worker/load/elf.h"

#define HEADER_MAGIC   UINT32_C(0x1badb002)
#define BOOT_MAGIC     UINT32_C(0x2badb002)
#define SEARCH_SIZE    8192u
#define HEADER_SIZE    12u
#define ADDRESSES_SIZE 32u
#define FLAG_ADDRESSES (UINT32_C(1) << 16)
#define FLAGS_KNOWN    (UINT32_C(0x3) | FLAG_ADDRESSES) /* aligned modules, memory map */
#define FLAGS_MUST     UINT32_C(0xffff)

#define INFO_MEMORY       (UINT32_C(1) << 0)
#define INFO_COMMAND_LINE (UINT32_C(1) << 2)
#define INFO_MODULES      (UINT32_C(1) << 3)
#define INFO_MEMORY_MAP   (UINT32_C(1) << 6)
#define INFO_LOADER_NAME  (UINT32_C(1) << 9)

struct info {
	uint32_t flags;
	uint32_t memory_lower, memory_upper; /* KiB */
	uint32_t boot_device;
	uint32_t command_line;
	uint32_t modules, module_list;
	uint32_t symbols[4];
	uint32_t map_size, map;
	uint32_t drives_size, drives;
	uint32_t configuration;
	uint32_t loader_name;
};

_Static_assert(sizeof(struct info) == 68, "info");

struct module {
	uint32_t start, end;
	uint32_t string;
	uint32_t reserved;
};

struct map_entry {
	uint32_t size; /* of what follows */
	uint64_t address;
	uint64_t length;
	uint32_t type;
} __attribute__((packed));

_Static_assert(sizeof(struct map_entry) == 24, "map_entry");

/* All of it in one piece at BOOT_PARAMS_ADDRESS. */
struct start {
	struct info info;
	struct module module;
	struct map_entry map[E820_ENTRIES];
	char loader_name[16];
};

/* The offset of the header, or the file's size if there is none. */
static size_t find_header(const struct load_file *kernel)
{
	for (size_t at = 0; at + HEADER_SIZE <= kernel->size && at < SEARCH_SIZE; at += 4) {
		const uint8_t *header = kernel->bytes + at;

		if (load_u32(header) == HEADER_MAGIC &&
		    load_u32(header) + load_u32(header + 4) + load_u32(header + 8) == 0)
			return at;
	}
	return kernel->size;
}

bool multiboot_matches(const struct load_file *kernel)
{
	return find_header(kernel) < kernel->size;
}

/* Load by the addresses that the header itself gives. */
static const char *load_flat(const struct load_file *kernel, size_t at,
			     const struct guest_memory *memory, uint64_t *entry, uint64_t *end)
{
	const uint8_t *header = kernel->bytes + at;
	uint64_t header_address, start, load_end, bss_end, offset, size;
	uint8_t *to;

	if (kernel->size - at < ADDRESSES_SIZE)
		return "the file ends within its Multiboot header";
	header_address = load_u32(header + 12);
	start = load_u32(header + 16);
	load_end = load_u32(header + 20);
	bss_end = load_u32(header + 24);
	*entry = load_u32(header + 28);
	if (start > header_address || header_address - start > at)
		return "its Multiboot header contradicts itself";
	offset = at - (header_address - start);
	size = kernel->size - offset;
	if (load_end) {
		if (load_end < start || load_end - start > size)
			return "the file ends before what it wants to load";
		size = load_end - start;
	}
	*end = start + size;
	if (bss_end > *end)
		*end = bss_end;
	if (start < HIGH_MEMORY)
		return "it belongs below 1 MiB, where the machine's own tables are";
	to = memory_at(memory, start, *end - start);
	if (!to)
		return "it does not fit into the machine's memory: give more --memory";
	memcpy(to, kernel->bytes + offset, size);
	memset(to + size, 0, *end - start - size);
	return NULL;
}

static void fill_start(struct start *start, const struct guest_memory *memory,
		       const struct load_request *request, uint64_t initrd)
{
	struct e820_entry map[E820_ENTRIES];
	unsigned int count = memory_map(memory, map);

	memset(start, 0, sizeof(*start));
	start->info = (struct info){
		.flags = INFO_MEMORY | INFO_COMMAND_LINE | INFO_MEMORY_MAP | INFO_LOADER_NAME |
			 (initrd ? INFO_MODULES : 0),
		.memory_lower = (uint32_t)(CONVENTIONAL_END >> 10),
		.memory_upper = (uint32_t)((memory->regions[0].size - HIGH_MEMORY) >> 10),
		.command_line = (uint32_t)COMMAND_LINE,
		.modules = initrd ? 1 : 0,
		.module_list = (uint32_t)(BOOT_PARAMS_ADDRESS + offsetof(struct start, module)),
		.map_size = (uint32_t)(count * sizeof(struct map_entry)),
		.map = (uint32_t)(BOOT_PARAMS_ADDRESS + offsetof(struct start, map)),
		.loader_name = (uint32_t)(BOOT_PARAMS_ADDRESS +
					  offsetof(struct start, loader_name)),
	};
	start->module = (struct module){
		.start = (uint32_t)initrd,
		.end = (uint32_t)(initrd + request->initrd.size),
		.string = (uint32_t)(BOOT_PARAMS_ADDRESS + offsetof(struct start, loader_name)),
	};
	for (unsigned int i = 0; i < count; i++)
		start->map[i] = (struct map_entry){sizeof(struct map_entry) - 4, map[i].address,
						   map[i].size, map[i].type};
	memcpy(start->loader_name, "bulkhead", sizeof("bulkhead"));
}

const char *multiboot_load(const struct guest_memory *memory, const struct load_request *request,
			   struct load_entry *entry)
{
	const struct load_file *kernel = &request->kernel;
	size_t at = find_header(kernel);
	uint64_t end = 0, initrd = 0;
	struct start start;
	struct elf elf;
	const char *problem;
	uint32_t flags;

	if (at >= kernel->size)
		return "it has no Multiboot header";
	flags = load_u32(kernel->bytes + at + 4);
	if (flags & FLAGS_MUST & ~FLAGS_KNOWN)
		return "its Multiboot header asks for what this machine has not";
	if (flags & FLAG_ADDRESSES) {
		problem = load_flat(kernel, at, memory, &entry->rip, &end);
	} else if (elf_open(&elf, kernel)) {
		entry->rip = elf.entry;
		problem = elf_load(&elf, memory, &end);
	} else {
		problem = "it is no ELF file, and its Multiboot header has no addresses";
	}
	if (!problem)
		problem = load_initrd(memory, &request->initrd, end, LOW_RAM_END, &initrd);
	/* the first word is the image's name */
	if (!problem)
		problem = load_command_line(memory, "kernel ", request->command_line,
					    COMMAND_LINE_SIZE - 1);
	if (problem)
		return problem;
	fill_start(&start, memory, request, initrd);
	memory_write(memory, BOOT_PARAMS_ADDRESS, &start, sizeof(start));
	entry->rax = BOOT_MAGIC;
	entry->rbx = BOOT_PARAMS_ADDRESS;
	return NULL;
}
