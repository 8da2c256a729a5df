// SPDX-License-Identifier: Apache-2.0
#include "worker/load/load.h"

#include <string.h>

#include "worker/layout.h"

uint16_t load_u16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

uint32_t load_u32(const uint8_t *bytes)
{
	return (uint32_t)load_u16(bytes) | (uint32_t)load_u16(bytes + 2) << 16;
}

uint64_t load_u64(const uint8_t *bytes)
{
	return (uint64_t)load_u32(bytes) | (uint64_t)load_u32(bytes + 4) << 32;
}

const char *load_initrd(const struct guest_memory *memory, const struct load_file *initrd,
			uint64_t floor, uint64_t ceiling, uint64_t *address)
{
	uint64_t at;

	*address = 0;
	if (initrd->size == 0)
		return NULL;
	if (ceiling > memory->regions[0].size)
		ceiling = memory->regions[0].size;
	if (floor > ceiling || initrd->size > ceiling - floor)
		return "the initial RAM disk does not fit beside the kernel: give more --memory";
	at = (ceiling - initrd->size) & ~(PAGE_SIZE_4K - 1);
	if (at < floor || !memory_write(memory, at, initrd->bytes, initrd->size))
		return "the initial RAM disk does not fit beside the kernel: give more --memory";
	*address = at;
	return NULL;
}

const char *load_command_line(const struct guest_memory *memory, const char *prefix,
			      const char *command_line, size_t limit)
{
	size_t before = strlen(prefix), length = strlen(command_line);

	if (limit > COMMAND_LINE_SIZE - 1)
		limit = COMMAND_LINE_SIZE - 1;
	if (length > limit || before > limit - length)
		return "the command line (--append) is longer than the kernel takes";
	memory_write(memory, COMMAND_LINE, prefix, before);
	memory_write(memory, COMMAND_LINE + before, command_line, length + 1);
	return NULL;
}

const char *load_kernel(const struct guest_memory *memory, const struct load_request *request,
			struct load_entry *entry)
{
	memset(entry, 0, sizeof(*entry));
	if (bzimage_matches(&request->kernel))
		return bzimage_load(memory, request, entry);
	if (pvh_matches(&request->kernel))
		return pvh_load(memory, request, entry);
	if (multiboot_matches(&request->kernel))
		return multiboot_load(memory, request, entry);
	return "it is neither a bzImage, nor an ELF file with a PVH entry, nor a Multiboot image";
}
