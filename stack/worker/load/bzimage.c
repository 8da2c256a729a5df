// SPDX-License-Identifier: Apache-2.0
/* Linux's bzImage. Source: the kernel's document of the x86 boot protocol, version 2.15. */
#include "worker/load/load.h"

#include <string.h>

#include "worker/layout.h"

/* Offsets in the setup header, which has the same place in the file and in boot_params. */
#define SETUP_SECTS     0x1f1u
#define BOOT_FLAG       0x1feu
#define JUMP_LENGTH     0x201u /* the header ends that many bytes behind 0x202 */
#define MAGIC           0x202u
#define VERSION         0x206u
#define LOADER_TYPE     0x210u
#define LOAD_FLAGS      0x211u
#define CODE32_START    0x214u
#define RAMDISK_IMAGE   0x218u
#define RAMDISK_SIZE    0x21cu
#define CMD_LINE_PTR    0x228u
#define INITRD_ADDR_MAX 0x22cu
#define XLOADFLAGS      0x236u
#define CMDLINE_SIZE    0x238u
#define PREF_ADDRESS    0x258u
#define INIT_SIZE       0x260u
#define HEADER_MIN      0x264u /* version 2.10 ends here */
#define HEADER_MAX      0x290u

/* Offsets in boot_params that the header has not. */
#define PARAMS_RSDP       0x070u
#define PARAMS_E820_COUNT 0x1e8u
#define PARAMS_E820       0x2d0u
#define PARAMS_SIZE       0x1000u

#define BOOT_FLAG_VALUE  0xaa55u
#define VERSION_MIN      0x020au
#define VERSION_64       0x020cu
#define LOADED_HIGH      0x01u
#define XLF_KERNEL_64    0x0001u
#define LOADER_UNDEFINED 0xffu
#define SECTOR           512u
#define SETUP_SECTS_OLD  4u
#define ENTRY_64         0x200u

struct header {
	uint64_t setup_size; /* bytes of the file before the kernel proper */
	uint64_t load_address;
	uint64_t kernel_end; /* the memory it takes until it has started */
	uint16_t version;
};

bool bzimage_matches(const struct load_file *kernel)
{
	return kernel->size >= HEADER_MAX &&
	       load_u16(kernel->bytes + BOOT_FLAG) == BOOT_FLAG_VALUE &&
	       memcmp(kernel->bytes + MAGIC, "HdrS", 4) == 0;
}

static const char *parse(const struct load_file *kernel, struct header *header)
{
	const uint8_t *bytes = kernel->bytes;
	uint64_t sectors = bytes[SETUP_SECTS] ? bytes[SETUP_SECTS] : SETUP_SECTS_OLD;
	uint64_t size, need;

	header->version = load_u16(bytes + VERSION);
	if (header->version < VERSION_MIN || !(bytes[LOAD_FLAGS] & LOADED_HIGH))
		return "it is too old: the boot protocol must be 2.10 (Linux 2.6.31) or newer";
	if (MAGIC + bytes[JUMP_LENGTH] < HEADER_MIN)
		return "its setup header is too short for its version";
	header->setup_size = (sectors + 1) * SECTOR;
	if (kernel->size <= header->setup_size)
		return "the file ends before the kernel begins";
	size = kernel->size - header->setup_size;
	header->load_address = load_u64(bytes + PREF_ADDRESS);
	need = load_u32(bytes + INIT_SIZE);
	if (need < size)
		need = size;
	if (header->load_address < HIGH_MEMORY || header->load_address > LOW_RAM_END)
		return "it wants to be loaded where no memory is";
	header->kernel_end = header->load_address + need;
	return NULL;
}

static void put32(uint8_t *params, unsigned int offset, uint64_t value)
{
	uint32_t word = (uint32_t)value;

	memcpy(params + offset, &word, sizeof(word));
}

static void fill_params(uint8_t params[PARAMS_SIZE], const struct guest_memory *memory,
			const struct load_request *request, const struct header *header,
			uint64_t initrd)
{
	const uint8_t *file = request->kernel.bytes;
	size_t end = MAGIC + file[JUMP_LENGTH];
	struct e820_entry map[E820_ENTRIES];
	unsigned int count = memory_map(memory, map);

	memset(params, 0, PARAMS_SIZE);
	if (end > HEADER_MAX)
		end = HEADER_MAX;
	memcpy(params + SETUP_SECTS, file + SETUP_SECTS, end - SETUP_SECTS);
	params[LOADER_TYPE] = LOADER_UNDEFINED;
	put32(params, CODE32_START, header->load_address);
	put32(params, CMD_LINE_PTR, COMMAND_LINE);
	put32(params, RAMDISK_IMAGE, initrd);
	put32(params, RAMDISK_SIZE, initrd ? request->initrd.size : 0);
	memcpy(params + PARAMS_RSDP, &request->rsdp, sizeof(request->rsdp));
	params[PARAMS_E820_COUNT] = (uint8_t)count;
	memcpy(params + PARAMS_E820, map, count * sizeof(map[0]));
}

const char *bzimage_load(const struct guest_memory *memory, const struct load_request *request,
			 struct load_entry *entry)
{
	const struct load_file *kernel = &request->kernel;
	uint8_t params[PARAMS_SIZE];
	struct header header;
	uint64_t initrd;
	const char *problem = parse(kernel, &header);

	if (problem)
		return problem;
	if (header.kernel_end > memory->regions[0].size ||
	    !memory_write(memory, header.load_address, kernel->bytes + header.setup_size,
			  kernel->size - header.setup_size))
		return "it does not fit into the machine's memory: give more --memory";
	problem = load_initrd(memory, &request->initrd, header.kernel_end,
			      (uint64_t)load_u32(kernel->bytes + INITRD_ADDR_MAX) + 1, &initrd);
	if (problem)
		return problem;
	problem = load_command_line(memory, "", request->command_line,
				    load_u32(kernel->bytes + CMDLINE_SIZE));
	if (problem)
		return problem;
	fill_params(params, memory, request, &header, initrd);
	memory_write(memory, BOOT_PARAMS_ADDRESS, params, sizeof(params));
	entry->rsi = BOOT_PARAMS_ADDRESS;
	entry->rip = header.load_address;
	if (header.version >= VERSION_64 &&
	    (load_u16(kernel->bytes + XLOADFLAGS) & XLF_KERNEL_64)) {
		entry->long_mode = true;
		entry->rip += ENTRY_64;
	}
	return NULL;
}
