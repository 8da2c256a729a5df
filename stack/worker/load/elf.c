// SPDX-License-Identifier: Apache-2.0
#include "worker/load/elf.h"

#include <string.h>

#include "worker/layout.h"

#define IDENT_CLASS   4u
#define IDENT_DATA    5u
#define CLASS_32      1u
#define CLASS_64      2u
#define LITTLE_ENDIAN 1u
#define TYPE          16u
#define MACHINE       18u
#define TYPE_EXEC     2u
#define TYPE_DYN      3u
#define MACHINE_386   3u
#define MACHINE_AMD64 62u

#define HEADER_64_SIZE  64u
#define SEGMENT_32_SIZE 32u
#define SEGMENT_64_SIZE 56u
#define SEGMENTS_MAX    64u

bool elf_open(struct elf *elf, const struct load_file *file)
{
	const uint8_t *bytes = file->bytes;
	uint16_t machine, type;

	if (file->size < HEADER_64_SIZE || memcmp(bytes, "\177ELF", 4) != 0 ||
	    bytes[IDENT_DATA] != LITTLE_ENDIAN)
		return false;
	type = load_u16(bytes + TYPE);
	machine = load_u16(bytes + MACHINE);
	if ((type != TYPE_EXEC && type != TYPE_DYN) ||
	    (machine != MACHINE_386 && machine != MACHINE_AMD64))
		return false;
	*elf = (struct elf){.file = file, .is_64bit = bytes[IDENT_CLASS] == CLASS_64};
	if (elf->is_64bit) {
		elf->entry = load_u64(bytes + 24);
		elf->headers = load_u64(bytes + 32);
		elf->entry_size = load_u16(bytes + 54);
		elf->count = load_u16(bytes + 56);
	} else if (bytes[IDENT_CLASS] == CLASS_32) {
		elf->entry = load_u32(bytes + 24);
		elf->headers = load_u32(bytes + 28);
		elf->entry_size = load_u16(bytes + 42);
		elf->count = load_u16(bytes + 44);
	} else {
		return false;
	}
	return elf->count > 0 && elf->count <= SEGMENTS_MAX &&
	       elf->entry_size >= (elf->is_64bit ? SEGMENT_64_SIZE : SEGMENT_32_SIZE) &&
	       elf->headers <= file->size &&
	       (uint64_t)elf->count * elf->entry_size <= file->size - elf->headers;
}

bool elf_segment(const struct elf *elf, unsigned int index, struct elf_segment *segment)
{
	const uint8_t *header = elf->file->bytes + elf->headers + (uint64_t)index * elf->entry_size;
	uint64_t offset;

	segment->type = load_u32(header);
	if (elf->is_64bit) {
		offset = load_u64(header + 8);
		segment->physical = load_u64(header + 24);
		segment->file_size = load_u64(header + 32);
		segment->memory_size = load_u64(header + 40);
	} else {
		offset = load_u32(header + 4);
		segment->physical = load_u32(header + 12);
		segment->file_size = load_u32(header + 16);
		segment->memory_size = load_u32(header + 20);
	}
	if (offset > elf->file->size || segment->file_size > elf->file->size - offset)
		return false;
	segment->bytes = elf->file->bytes + offset;
	return true;
}

const char *elf_load(const struct elf *elf, const struct guest_memory *memory, uint64_t *end)
{
	struct elf_segment segment;
	uint8_t *to;

	*end = 0;
	for (unsigned int i = 0; i < elf->count; i++) {
		if (!elf_segment(elf, i, &segment))
			return "the file ends before a segment does";
		if (segment.type != ELF_SEGMENT_LOAD || segment.memory_size == 0)
			continue;
		if (segment.file_size > segment.memory_size)
			return "a segment has more bytes in the file than in memory";
		if (segment.physical < HIGH_MEMORY)
			return "a segment belongs below 1 MiB, where the machine's own tables are";
		to = memory_at(memory, segment.physical, segment.memory_size);
		if (!to)
			return "it does not fit into the machine's memory: give more --memory";
		memcpy(to, segment.bytes, segment.file_size);
		memset(to + segment.file_size, 0, segment.memory_size - segment.file_size);
		if (segment.physical + segment.memory_size > *end)
			*end = segment.physical + segment.memory_size;
	}
	return *end ? NULL : "it has nothing to load";
}
