// SPDX-License-Identifier: Apache-2.0
/* ELF files of both classes, as far as loading a kernel needs them. Source: the System V ABI. */
#ifndef WORKER_LOAD_ELF_H
#define WORKER_LOAD_ELF_H

#include "worker/load/load.h"

#define ELF_SEGMENT_LOAD 1u
#define ELF_SEGMENT_NOTE 4u

struct elf {
	const struct load_file *file;
	bool is_64bit;
	uint64_t entry;
	uint64_t headers; /* offset of the program headers, which are all inside the file */
	unsigned int count, entry_size;
};

/* A program header whose bytes are inside the file. */
struct elf_segment {
	uint32_t type;
	uint64_t physical;
	const uint8_t *bytes;
	uint64_t file_size, memory_size;
};

/* Returns false if this is no little-endian executable of x86 with program headers. */
bool elf_open(struct elf *elf, const struct load_file *file);

/* Program header `index`, 0..count - 1. Returns false if its contents are not inside the file. */
bool elf_segment(const struct elf *elf, unsigned int index, struct elf_segment *segment);

/*
 * Copy all segments to their physical addresses and clear what the file has not. Returns NULL and
 * the *end of the highest one, or why not.
 */
const char *elf_load(const struct elf *elf, const struct guest_memory *memory, uint64_t *end);

#endif
